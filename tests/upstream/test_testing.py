"""torch.testing.assert_close and PyTorch's TestCase.assertEqual: what is equal, and what is said when it is not.

Ports, in our own words, of tests of PyTorch's test/test_testing.py; each names its origin. Messages are PyTorch's.
"""
import unittest

import torch
from torch.testing import assert_close
from torch.testing._internal.common_utils import TestCase, instantiate_parametrized_tests, parametrize, subtest


class Messages(unittest.TestCase):
    maxDiff = None

    def said(self, check, kind=AssertionError):
        with self.assertRaises(kind) as caught:
            check()
        return str(caught.exception).split("\nTo execute this test")[0]

    def close(self, actual, expected, **options):
        return self.said(lambda: assert_close(actual, expected, **options))

    def equal(self, actual, expected, **options):
        return self.said(lambda: TestCase().assertEqual(actual, expected, **options))

    # TestAssertClose.test_mismatching_shape
    def test_shape(self):
        self.assertEqual(self.close(torch.ones(2), torch.ones(3)),
                         "The values for attribute 'shape' do not match: torch.Size([2]) != torch.Size([3]).")

    # TestAssertClose.test_mismatching_dtype
    def test_dtype(self):
        self.assertEqual(self.close(torch.ones(2), torch.ones(2, dtype=torch.float64)),
                         "The values for attribute 'dtype' do not match: torch.float32 != torch.float64.")
        assert_close(torch.ones(2), torch.ones(2, dtype=torch.float64), check_dtype=False)

    # TestAssertClose.test_mismatching_stride_check
    def test_stride(self):
        one = torch.ones(2, 3)
        other = torch.ones(3, 2).t()
        assert_close(one, other)
        self.assertEqual(self.close(one, other, check_stride=True),
                         "The values for attribute 'stride()' do not match: (3, 1) != (1, 2).")

    # TestAssertCloseErrorMessage.test_mismatched_elements, test_abs_diff, test_rel_diff
    def test_values(self):
        self.assertEqual(self.close(torch.tensor([1.0, 2.0, 3.0]), torch.tensor([1.0, 2.0, 3.5])),
                         "Tensor-likes are not close!\n\nMismatched elements: 1 / 3 (33.3%)\n"
                         "Greatest absolute difference: 0.5 at index (2,) (up to 1e-05 allowed)\n"
                         "Greatest relative difference: 0.1428571492433548 at index (2,) (up to 1.3e-06 allowed)")

    # TestAssertCloseErrorMessage.test_identifier_tensor_likes, test_small_float_dtype
    def test_integers(self):
        self.assertEqual(self.close(torch.tensor([[1, 2], [3, 4]]), torch.tensor([[1, 2], [3, 9]])),
                         "Tensor-likes are not equal!\n\nMismatched elements: 1 / 4 (25.0%)\n"
                         "Greatest absolute difference: 5 at index (1, 1)\n"
                         "Greatest relative difference: 0.5555555820465088 at index (1, 1)")

    # TestAssertCloseErrorMessage.test_abs_diff_scalar, test_rel_diff_scalar, test_identifier_scalars
    def test_scalars(self):
        self.assertEqual(self.close(3, 5), "Scalars are not equal!\n\nExpected 5 but got 3.\n"
                                           "Absolute difference: 2\nRelative difference: 0.4")
        self.assertEqual(self.close(1.0, 1.5), "Scalars are not close!\n\nExpected 1.5 but got 1.0.\n"
                                               "Absolute difference: 0.5 (up to 1e-07 allowed)\n"
                                               "Relative difference: 0.3333333333333333 (up to 1e-07 allowed)")

    # TestAssertClose.test_scalar, test_mismatching_types
    def test_kinds(self):
        self.assertEqual(self.close(1, 1.0), "The (d)types do not match: <class 'int'> != <class 'float'>.")
        said = self.said(lambda: assert_close(torch.ones(1), [1.0]), TypeError)
        self.assertEqual(said, "No comparison pair was able to handle inputs of type <class 'torch.Tensor'> and "
                               "<class 'list'>.")

    # TestAssertClose.test_only_rtol, test_only_atol
    def test_half_a_tolerance(self):
        said = self.said(lambda: assert_close(torch.ones(1), torch.ones(1), rtol=0.1), ValueError)
        self.assertEqual(said, "Both 'rtol' and 'atol' must be either specified or omitted, but got no atol.")
        said = self.said(lambda: assert_close(torch.ones(1), torch.ones(1), atol=0.1), ValueError)
        self.assertEqual(said, "Both 'rtol' and 'atol' must be either specified or omitted, but got no rtol.")

    # TestAssertClose.test_none_mismatch, test_bool
    def test_none_and_booleans(self):
        assert_close(None, None)
        self.assertEqual(self.close(None, 1), "None mismatch: None is not 1")
        self.assertEqual(self.close(True, False), "Booleans mismatch: True is not False")

    # TestAssertCloseContainer.test_sequence_mismatching_len, test_sequence_mismatching_values_msg
    def test_sequences(self):
        self.assertEqual(self.close([1], [1, 2]), "The length of the sequences mismatch: 1 != 2")
        said = self.close([torch.ones(1), (torch.zeros(2), torch.zeros(1))], [torch.ones(1), [torch.zeros(2), torch.ones(1)]])
        self.assertTrue(said.endswith("\n\nThe failure occurred for item [1][1]"), said)

    # TestAssertCloseContainer.test_mapping_mismatching_keys, test_mapping_mismatching_values_msg
    def test_mappings(self):
        self.assertEqual(self.close({"a": 1, "c": 2}, {"b": 1, "c": 2}),
                         "The keys of the mappings do not match:\nMissing keys in the actual mapping: ['b']\n"
                         "Additional keys in the actual mapping: ['a']")
        said = self.close({"a": [1]}, {"a": [2]})
        self.assertTrue(said.endswith("\n\nThe failure occurred for item ['a'][0]"), said)

    # TestAssertCloseErrorMessage.test_msg_str, test_msg_callable
    def test_own_message(self):
        self.assertEqual(self.close(1, 2, msg="mine"), "mine")
        self.assertTrue(self.close(1, 2, msg=lambda text: "before\n" + text).startswith("before\nScalars"))

    # TestAssertsEqual / assertEqual's relaxed manner in common_utils
    def test_assert_equal(self):
        case = TestCase()
        case.assertEqual(1, 1.0)
        case.assertEqual(True, 1)
        case.assertEqual(torch.tensor(2.0), 2)
        case.assertEqual([1, 2], torch.tensor([1, 2]))
        case.assertEqual([torch.ones(2)], (torch.ones(2),))
        case.assertEqual({"a": [torch.ones(2)]}, {"a": (torch.ones(2),)})
        case.assertEqual(float("nan"), float("nan"))
        case.assertEqual(torch.ones(3), torch.ones(3) + 1e-5)
        case.assertNotEqual(torch.ones(2), torch.zeros(2))
        self.assertEqual(self.equal(True, 0), "Booleans mismatch: True is not False")
        self.assertEqual(self.equal(torch.tensor([1.0, float("nan")]), torch.tensor([1.0, 2.0])).split("\n")[0],
                         "Tensor-likes are not close!")
        self.assertEqual(self.equal("abc", "abd", msg="spelling"),
                         "String comparison failed: 'abc' != 'abd'\n- abc\n?   ^\n+ abd\n?   ^\n\nspelling")
        self.assertEqual(self.equal(object, int),
                         "Type comparison failed: <class 'object'> != <class 'int'>")


class Parametrized(TestCase):
    seen = []

    # TestTestParametrization.test_default_names, test_name_fn, test_subtest_names
    @parametrize("x,y", [(1, 2), subtest((2, "z"), name="named")])
    def test_pairs(self, x, y):
        self.seen.append((self._testMethodName, x, y))

    @parametrize("flag", [True, False])
    @parametrize("n", [3])
    def test_product(self, flag, n):
        self.seen.append((self._testMethodName, flag, n))

    @classmethod
    def tearDownClass(cls):
        names = sorted(cls.seen)
        expected = [("test_pairs_named", 2, "z"), ("test_pairs_x_1_y_2", 1, 2),
                    ("test_product_flag_False_n_3", False, 3), ("test_product_flag_True_n_3", True, 3)]
        if names != expected:
            raise AssertionError(names)
        super().tearDownClass()


instantiate_parametrized_tests(Parametrized)


class Seeded(TestCase):
    # TestTestingUtils: each test starts from the same seed (common_utils.set_rng_seed in setUp)
    def test_first(self):
        self.assertEqual(torch.rand(3), torch.tensor([0.028979241847991943, 0.4018985629081726, 0.25984418392181396]))

    def test_second(self):
        self.assertEqual(torch.rand(1), torch.tensor([0.028979241847991943]))


if __name__ == "__main__":
    unittest.main()
