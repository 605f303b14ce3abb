"""What ends a test from outside: a limit, a construct that the evaluator has not; the tests after it go on."""
import unittest


class Limits(unittest.TestCase):
    def test_1_endless(self):
        while True:
            pass

    def test_2_outside(self):
        eval("1")

    def test_3_endless_in_setup_of_inner(self):
        try:
            while True:
                pass
        except BaseException:
            self.fail("nothing can catch a limit")

    def test_4_fine(self):
        total = 0
        for i in range(1000):
            total += i
        self.assertEqual(total, 499500)

    def test_5_reads_nothing_else(self):
        with self.assertRaises(FileNotFoundError):
            open("/etc/passwd")
        with self.assertRaises(FileNotFoundError):
            open(__file__ + "/../../../../../../../../../../etc/passwd")

    def test_6_writes_nothing(self):
        with open(__file__, "w") as f:
            f.write("gone")
        with open(__file__) as f:
            self.assertEqual(f.read(), "gone")


unittest.main()
