"""torch.package.GlobGroup. Ports, in our own words, of PyTorch's test/package/test_glob_group.py."""
import unittest

from torch.package import GlobGroup


class Globs(unittest.TestCase):
    def check(self, group, yes, no):
        for name in yes:
            self.assertTrue(group.matches(name), name)
        for name in no:
            self.assertFalse(group.matches(name), name)

    # TestGlobGroup.test_one_star
    def test_star_is_one_segment(self):
        self.check(GlobGroup("nets.*"), ["nets.a", "nets.conv"], ["net.a", "nets.a.b", "nets", "nets."[:4]])

    # TestGlobGroup.test_one_star_middle
    def test_star_between(self):
        self.check(GlobGroup("a.*.z"), ["a.b.z", "a.a.z"], ["a.z", "a.a", "x.a.b.z", "a.b.z.more", "a.b.c.z"])

    # TestGlobGroup.test_one_star_partial
    def test_star_inside_a_segment(self):
        self.check(GlobGroup("ne*.z"), ["ne.z", "net.z", "network.z"], ["n.z", "one.z", "net"])

    # TestGlobGroup.test_one_star_multiple_in_component
    def test_stars_in_one_segment(self):
        self.check(GlobGroup("d/a*.tx*", separator="/"), ["d/a.txt", "d/a.tx", "d/abc.txml"], ["d/b.txt"])

    # TestGlobGroup.test_one_star_partial_extension
    def test_extension(self):
        self.check(GlobGroup("d/*.py", separator="/"), ["d/a.py", "d/.py"], ["d/e/a.py", "e/d/a.py"])

    # TestGlobGroup.test_two_star
    def test_two_stars_end(self):
        self.check(GlobGroup("nets.**"), ["nets", "nets.a", "nets.a.b"], ["my.nets", "netsmore"])

    # TestGlobGroup.test_two_star_end
    def test_two_stars_begin(self):
        self.check(GlobGroup("**.nets"), ["nets", "my.nets", "a.b.nets"], ["mynets", "nets.a"])

    # TestGlobGroup.test_two_star_middle
    def test_two_stars_between(self):
        self.check(GlobGroup("a.**.z"), ["a.z", "a.b.z", "a.b.c.z"], ["az", "a.b.z.y"])

    # TestGlobGroup.test_two_star_multiple
    def test_two_stars_twice(self):
        self.check(GlobGroup("**/lib/**/*.py", separator="/"), ["lib/a.py", "x/lib/a.py", "lib/y/z/a.py"], ["a.py", "x/a.py"])

    # TestGlobGroup.test_raw_two_star
    def test_everything(self):
        self.check(GlobGroup("**"), ["a", "a.b", "a.b.c.d"], [""])

    # TestGlobGroup.test_invalid_raw
    def test_two_stars_are_a_whole_segment(self):
        for wrong in ("a.**b", "a**", "**.b**"):
            with self.assertRaises(ValueError):
                GlobGroup(wrong)

    # TestGlobGroup.test_exclude
    def test_exclude(self):
        self.check(GlobGroup("nets.**", exclude=["nets.**.old"]), ["nets", "nets.new", "nets.older"],
                   ["nets.old", "nets.v1.old"])

    # TestGlobGroup.test_exclude_from_all
    def test_exclude_from_everything(self):
        self.check(GlobGroup("**", exclude=["a.**", "b.**"]), ["c", "c.a.b"], ["a.c", "b", "b.c.d"])

    # TestGlobGroup.test_list_include_exclude
    def test_lists(self):
        self.check(GlobGroup(["a", "b.**"], exclude=["b.c", "b.d"]), ["a", "b.e", "b.cc", "b.c.x"], ["b.c", "b.d", "a.x"])


if __name__ == "__main__":
    unittest.main()
