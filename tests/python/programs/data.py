# Numbers, text and containers.
print(7 // 2, -7 // 2, 7 % -3, -7 % 3, 7 / 2, 2**10, 2**-1, 7.5 // 2, -7.5 % 2, divmod(-7, 2), divmod(7.5, 2))
print(1e16, 1e15, 123456789.123, 1e-5, 0.0001, 1e100, -0.0, 5.0, 1.5e300 * 1e10, float("inf"), float("nan"), -float("inf"))
print(0.1 + 0.2, 1 / 3, 2 / 3, 100.0, 1e22, 1e21, 123456789012345680.0, 3.0e-10)
print(round(2.5), round(3.5), round(2.675, 2), round(1234, -2), round(-2.5), round(1e20, 2), round(0.5), round(1.25, 1))
print(int("42"), int(" -7 "), int("ff", 16), int("0x1f", 0), int("1_000"), int(3.9), int(-3.9), float("1e3"), float(" 2.5 "), int(True))
for bad in (lambda: int("x"), lambda: float("1.2.3"), lambda: 1 // 0, lambda: 1 % 0, lambda: 1.0 / 0, lambda: int("")):
    try:
        bad()
    except (ValueError, ZeroDivisionError) as e:
        print(type(e).__name__, e)
print(hex(255), bin(10), oct(8), hex(-1), (10).bit_length(), 5 & 3, 5 | 3, 5 ^ 3, ~5, 1 << 10, -8 >> 1, True + True, True & False)
print(3 == 3.0, hash(3) == hash(3.0), 1 < 1.5, 2**53 == 2.0**53, 2**53 + 1 == 2.0**53, (0.5).is_integer(), (2.0).is_integer())
print(f"{42:5d}|{42:<5}|{42:^5}|{42:05}|{42:+}|{42:x}|{42:#x}|{42:b}|{42:o}|{1234567:,}|{1234567:_}|{-42:06d}|{255:X}")
print(f"{3.14159:.2f}|{3.14159:10.3f}|{3.14159:<10.3f}|{3.14159:e}|{3.14159:g}|{1e10:g}|{0.5:%}|{1234.5:,.1f}|{3.0:.0f}|{-1.5:+.1f}|{1e-7:g}")
print(f"{3.14159:.3}|{1234567.0:.3}|{10.0:.5}|{0.00001:.2}|{1.0:5}|{float('nan'):5}|{float('inf'):05}|{2.5:08.2f}")
print(f"{'abc':>6}|{'abc':<6}|{'abc':^6}|{'abc':*^7}|{'abc':.2}|{'abc':5.1}|{None!s:>5}|{[1]!r}|{'x'!r:>5}|{True}|{True:d}")
w, p = 8, 3
print(f"{3.14159:{w}.{p}f}|{'q':{'>'}{w}}|{w=}|{w + 1 = }|{'a' 'b'}|{{}}|{w!r:>4}")
print("%d %s %r %5.2f %-5s| %05d %x %e %g %% %c %+d" % (1, "a", "b", 3.14159, "l", 42, 255, 1234.5, 0.0001, "z", 5))
print("%(a)s-%(b)03d" % {"a": 1, "b": 2}, "%s" % [1], "%s" % (1,), "%.3s" % "abcdef", "%*d" % (5, 3), "%i" % 3.9)
for bad in (lambda: "%d" % "x", lambda: "%s %s" % (1,), lambda: "%s" % (1, 2), lambda: "{} {}".format(1), lambda: "{x}".format(), lambda: f"{'a':d}"):
    try:
        bad()
    except (TypeError, IndexError, KeyError, ValueError) as e:
        print(type(e).__name__, e)
print("{} {}".format(1, 2), "{1} {0}".format(1, 2), "{a:>5}{b!r}".format(a=1, b="x"), "{0[1]} {0[k]}".format({1: "one", "k": "kay"}), "{0.real}".format(5), "{:{}}".format("x", 5), "{{}}".format())
s = "Hello, World"
print(s.upper(), s.lower(), s.swapcase(), s.title(), s.capitalize(), s.find("o"), s.rfind("o"), s.find("z"), s.index("W"), s.count("l"))
print(s.replace("l", "L"), s.replace("l", "L", 1), s.split(", "), "a b  c".split(), "a,b,,c".split(","), "a b c".split(" ", 1), "a b c".rsplit(" ", 1), "x".join("abc"))
print("  x ".strip() + "|", "xxabxx".strip("x"), "xxab".lstrip("x"), "abxx".rstrip("x"), s.startswith("He"), s.endswith(("x", "ld")), s[1:4], s[-3:], s[::-1], s[::2], s[5:2])
print("abc".center(9, "*"), "abc".ljust(5) + "|", "abc".rjust(5), "42".zfill(5), "-42".zfill(5), "a-b-c".partition("-"), "a-b-c".rpartition("-"), "abc".partition("x"))
print("abc".isalpha(), "123".isdigit(), "a1".isalnum(), " ".isspace(), "Ab".islower(), "AB".isupper(), "ab_1".isidentifier(), "prefix_x".removeprefix("prefix_"), "x.py".removesuffix(".py"))
print("a\nb\r\nc".splitlines(), "a\tb".expandtabs(4), "ab" * 3, "a" < "b", "a" in "cat", "" in "x", ord("a"), chr(97), "é".upper(), len("héllo"), "héllo"[1], "日本"[::-1])
print(repr("it's"), repr('say "hi"'), repr("both ' and \""), repr("tab\t nl\n back\\ nul\0 é \x7f"), "raw" r"\n", "a" "b", b"bytes\x00", repr(b"it's"))
l = [3, 1, 2]
l.append(4)
l.extend((5, 6))
l.insert(0, 0)
l.insert(-1, 99)
print(l, l.pop(), l.pop(0), l.index(2), l.count(1), len(l))
l.remove(99)
l.sort()
print(l, l[::-1], l[1:3], l[-2:], l[10:], l[:-1])
l.reverse()
l[1:3] = ["a", "b", "c"]
print(l)
l[::2] = [0] * len(l[::2])
del l[0]
del l[1:3]
print(l, l + [1], l * 2, [1, 2] < [1, 3], [1] < [1, 0], [1, 2] == [1, 2], [] == (), l.copy() is l)
l.clear()
print(l, [1, [2, [3]]], [0] * 3, [[]] * 2)
for bad in (lambda: [][0], lambda: [1].remove(2), lambda: [].pop(), lambda: (1,)[5], lambda: "a"[3], lambda: {}["k"], lambda: [1].index(9), lambda: {1}.remove(2), lambda: [1]["a"], lambda: {[]: 1}, lambda: "a" + 1, lambda: 1 + "a", lambda: [1] + (2,), lambda: "a" in 5, lambda: len(5), lambda: None + 1, lambda: 1 < "a", lambda: -"a", lambda: 5[0], lambda: next([]), lambda: iter(5)):
    try:
        bad()
        print("no error")
    except Exception as e:
        print(type(e).__name__ + ":", e)
a = [1, 2, 3]
a[:] = [4]
a += (5,)
a *= 2
print(a, (1, 2) + (3,), (1,) * 3, (1, 2) < (1, 2, 3), (), (1,), tuple("ab"), tuple([1, 2]).index(2), (1, 1).count(1))
d = {"a": 1, "b": 2}
d["c"] = 3
d.update({"d": 4}, e=5)
d.update([("f", 6)])
print(d, d.get("a"), d.get("z"), d.get("z", 0), d.pop("a"), d.pop("zz", None), d.setdefault("g", 7), d.setdefault("b", 0), len(d), "b" in d)
print(list(d), list(d.keys()), list(d.values()), list(d.items()), d.popitem(), d == dict(d), {**d, "b": 9}, d | {"x": 1}, list(reversed(d)))
del d["b"]
print(d, dict(a=1), dict([(1, 2)]), dict.fromkeys("ab", 0), {1: 1, 1.0: 2, True: 3}, {(1, 2): "t"}[(1, 2)], {}.get("x") is None)
print(d.keys() & {"c", "zz"}, sorted(d.keys() | {"y"}), d.keys() == {"c", "d", "e", "f"}, d.items() >= {("c", 3)}, ("c", 3) in d.items(), 3 in d.values())
try:
    for k in d:
        d[k + "x"] = 1
except RuntimeError as e:
    print(e)
s1, s2 = {1, 2, 3}, {2, 3, 4}
print(s1 & s2, s1 | s2, s1 - s2, s1 ^ s2 == {1, 4}, s1 <= s2, {2} < s1, s1.issubset([1, 2, 3, 4]), s1.isdisjoint({9}), s1.union([7]), s1.intersection([1, 9]), s1.difference([1]))
s1.add(9)
s1.discard(1)
s1.discard(100)
s1.update([5])
s1 -= {5}
s1 |= {6}
print(sorted(s1), frozenset([1, 2]) == {1, 2}, frozenset([1]) | {2}, {frozenset([1]): "f"}[frozenset([1])], set(), repr(frozenset()), {3}.pop(), len(set("hello")))
print(range(5), list(range(2, 10, 3)), list(range(5, 0, -2)), 3 in range(5), 7 in range(0, 10, 2), len(range(0, 10, 3)), range(10)[2:5], range(10)[-1], range(3) == range(0, 3), list(reversed(range(3))), range(1, 10, 2).index(5))
print(slice(1, 2), slice(None), slice(1, 5, 2).indices(4), [1, 2, 3, 4][slice(1, 3)], ..., NotImplemented, print.__name__, None)
nested = {"k": [1, (2, {"x": {3}})]}
print(nested, str(nested) == repr(nested))
r = [1]
r.append(r)
q = {}
q["q"] = q
print(r, q)
print(sum([0.1] * 3), sum(range(10), 5), min(1, 2.0), max("a", "b"), abs(-3), abs(-2.5), pow(2, 3), pow(2, 5, 7), bool([]), bool([0]), str(1.0), str(None), str(b"x"))
print(isinstance(1, int), type("") is str, id(None) == id(None), hash("a") == hash("a"), hash((1, "a")) == hash((1, "a")), [1, 2, 3].__len__(), (5).__add__(3), "a".__add__("b"), [1].__contains__(1), {}.__len__())
print(list("abc"), list({1: 2}), set([1, 1]), dict(zip("ab", [1, 2])), list(zip(*[[1, 2], [3, 4]])), "abc"[-1], "a,b".split(",")[1])
print("x" if [] else "y", [] or {} or "z", [i for i in "ab" if i != "a"], "%s" % None, "a%sb" % 1, "{:>{w}}".format(1, w=4))
import_me = [(1, "b"), (1, "a"), (0, "c")]
print(sorted(import_me), sorted(import_me, key=lambda t: t[0]), max(import_me), sorted({"b": 1, "a": 2}), sorted(["B", "a"], key=str.lower))
print(1_000_000, 0xFF, 0o17, 0b11, 1e3, .5, 5., 1E-3, "\u00e9\x41\101\u2022", '''multi
line''')
print(float("1e400"), 1e308 * 10, int(1e18), 9007199254740993, 2**62, -(2**62) * 2, 10**18, 123456789 * 987654321)
print((1).__class__.__name__, 1 .real, (2.5).real, "a" "b".join(["1", "2"]), *"xy", 5 .bit_length())
print(b"abc"[0], b"abc"[1:], b"a" + b"b", len(b"abc"), list(b"ab"), b"abc".decode(), "abc".encode(), b"\xff".hex(), bytes([65, 66]))
print("a" * 0, "a" * -1, [1] * 0, () * 5, "abc"[1:1] == "", "tEST".title(), "they're".title(), "x=%r" % "y", "%5s|%-5s|" % ("a", "b"))
print([*{}], {*()}, [*()], (*[1], 2), {**{}}, [1, 2, 3][::-1], [1, 2, 3, 4, 5][1:-1:2], [1, 2, 3][-100:100], "abc".find("c", 1), "abcabc".find("a", 1), "abc".count(""))
