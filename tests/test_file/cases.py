"""Every way in which a test can end, for the report; run by CPython too (make_expected.py)."""
import io
import os
import tempfile
import unittest
import warnings


class Ends(unittest.TestCase):
    def test_passes(self):
        """A first line of documentation.

        And more, which no report shows.
        """
        self.assertEqual(1 + 1, 2)

    def test_fails(self):
        "Fails on purpose."
        self.assertEqual(1 + 1, 3)

    def test_fails_with_message(self):
        self.assertEqual("left", "right", "sides")

    def test_raises(self):
        def inner(mapping):
            return mapping["absent"]

        inner({})

    def test_raises_in_handler(self):
        try:
            raise ValueError("first")
        except ValueError:
            raise TypeError("second")

    def test_raises_from(self):
        try:
            [][1]
        except IndexError as e:
            raise RuntimeError("no such row") from e

    def test_skips(self):
        self.skipTest("not today")

    @unittest.skip("by decorator")
    def test_skipped(self):
        self.fail()

    @unittest.skipIf(True, "if")
    def test_skipped_if(self):
        self.fail()

    @unittest.skipUnless(True, "unless")
    def test_not_skipped(self):
        pass

    @unittest.expectedFailure
    def test_fails_as_expected(self):
        self.assertTrue(False)

    @unittest.expectedFailure
    def test_unexpectedly_passes(self):
        pass

    def test_subtests(self):
        for i in range(5):
            with self.subTest("part", i=i):
                if i == 1:
                    self.assertEqual(i, 0)
                if i == 3:
                    raise KeyError(i)

    def test_subtest_skips(self):
        with self.subTest(i=1):
            self.skipTest("one part")
        with self.subTest(i=2):
            pass


class Fixtures(unittest.TestCase):
    log = []

    @classmethod
    def setUpClass(cls):
        cls.log.append("class")

    @classmethod
    def tearDownClass(cls):
        print(cls.log)

    def setUp(self):
        self.log.append("up")
        self.addCleanup(self.log.append, "cleanup 1")
        self.addCleanup(self.log.append, "cleanup 2")

    def tearDown(self):
        self.log.append("down")

    def test_one(self):
        self.log.append("one")

    def test_two(self):
        self.log.append("two")
        self.fail("after two")


class SetUpFails(unittest.TestCase):
    def setUp(self):
        self.addCleanup(print, "cleanup runs")
        raise OSError("no room")

    def tearDown(self):
        print("never")

    def test_it(self):
        print("never")


class TearDownFails(unittest.TestCase):
    def tearDown(self):
        raise OSError("still no room")

    def test_both(self):
        self.fail("first this")


class ClassSetUpFails(unittest.TestCase):
    @classmethod
    def setUpClass(cls):
        raise RuntimeError("no class today")

    def test_never(self):
        print("never")


@unittest.skip("whole class")
class Skipped(unittest.TestCase):
    def test_a(self):
        print("never")


class Messages(unittest.TestCase):
    maxDiff = None

    def test_list(self):
        self.assertEqual([1, 2, 3], [1, 5, 3])

    def test_list_length(self):
        self.assertEqual([1, 2, 3], [1, 2])

    def test_dict(self):
        self.assertEqual({"a": 1, "b": 2}, {"a": 1, "b": 3})

    def test_set(self):
        self.assertEqual({1, 2}, {2, 3})

    def test_text(self):
        self.assertEqual("one\ntwo\nthree\n", "one\ntwice\nthree\n")

    def test_long(self):
        self.assertEqual(("x" * 100, 1), ("x" * 100, 2))

    def test_in(self):
        self.assertIn(4, [1, 2])

    def test_is(self):
        self.assertIs(None, 0)

    def test_is_not(self):
        self.assertIsNot(None, None)

    def test_is_none(self):
        self.assertIsNone(0)

    def test_is_not_none(self):
        self.assertIsNotNone(None)

    def test_instance(self):
        self.assertIsInstance(1, str)

    def test_less(self):
        self.assertLess(2, 1, "order")

    def test_almost(self):
        self.assertAlmostEqual(1.0, 1.1)

    def test_almost_delta(self):
        self.assertAlmostEqual(1.0, 1.5, delta=0.25)

    def test_not_raised(self):
        with self.assertRaises(KeyError):
            pass

    def test_not_raised_by(self):
        self.assertRaises((KeyError, IndexError), len, [])

    def test_raised_other_text(self):
        with self.assertRaisesRegex(ValueError, "wanted.*"):
            raise ValueError("found")

    def test_count(self):
        self.assertCountEqual([1, 2, 2], [2, 1, 1])

    def test_regex(self):
        self.assertRegex("abc", "^b")

    def test_not_regex(self):
        self.assertNotRegex("abc", "b.")

    def test_warns_nothing(self):
        with self.assertWarns(UserWarning):
            pass


class Holds(unittest.TestCase):
    def test_assertions(self):
        self.assertTrue([0])
        self.assertFalse([])
        self.assertNotEqual(1, 2)
        self.assertNotIn(1, [])
        self.assertNotIsInstance(1, str)
        self.assertLessEqual(1, 1)
        self.assertGreater(2, 1)
        self.assertGreaterEqual(2, 2)
        self.assertNotAlmostEqual(1, 2)
        self.assertAlmostEqual(1.0, 1.0 + 1e-9)
        self.assertCountEqual([[1], [2]], ([2], [1]))
        self.assertListEqual([1], [1])
        self.assertTupleEqual((1,), (1,))
        self.assertDictEqual({1: 2}, {1: 2})
        self.assertSetEqual({1}, frozenset({1}))
        self.assertMultiLineEqual("a\n", "a\n")
        self.assertSequenceEqual([1], (1,))

    def test_contexts(self):
        with self.assertRaises(ValueError) as caught:
            int("x")
        self.assertIn("invalid literal", str(caught.exception))
        with self.assertRaisesRegex(KeyError, "k.y"):
            {}["key"]
        with self.assertWarns(DeprecationWarning) as warned:
            warnings.warn("old", DeprecationWarning)
        self.assertEqual(str(warned.warning), "old")
        with self.assertWarnsRegex(UserWarning, "^n"):
            warnings.warn("new")
        self.assertRaises(ZeroDivisionError, lambda x: 1 // x, 0)

    def test_wrong_use(self):
        with self.assertRaises(TypeError):
            self.assertRaises(3)
        with self.assertRaises(TypeError):
            self.assertAlmostEqual(1.0, 1.5, places=1, delta=1)

    def test_inner_run(self):
        class Inner(unittest.TestCase):
            def test_ok(self):
                pass

            def test_bad(self):
                self.fail("inner")

        out = io.StringIO()
        suite = unittest.TestLoader().loadTestsFromTestCase(Inner)
        result = unittest.TextTestRunner(stream=out, verbosity=2).run(suite)
        self.assertEqual(result.testsRun, 2)
        self.assertEqual(len(result.failures), 1)
        self.assertFalse(result.wasSuccessful())
        self.assertIn("test_ok", out.getvalue())
        self.assertIn("FAILED (failures=1)", out.getvalue())

    def test_files(self):
        with tempfile.TemporaryDirectory() as folder:
            path = os.path.join(folder, "a.txt")
            with open(path, "w") as f:
                f.write("one\ntwo\n")
            self.assertEqual(os.listdir(folder), ["a.txt"])
            with open(path) as f:
                self.assertEqual([line.strip() for line in f], ["one", "two"])
        self.assertFalse(os.path.exists(folder))
        with self.assertRaises(FileNotFoundError):
            open(path)


if __name__ == "__main__":
    unittest.main()
