"""Plain values of every kind that pickles know differently."""
import collections
import enum
import functools

import torch

Point = collections.namedtuple("Point", ["x", "y"])


class Color(enum.Enum):
    RED = 1
    BLUE = "b"


class Level(enum.IntEnum):
    LOW = 1


class Slotted:
    __slots__ = ("a", "b")

    def __init__(self, a, b):
        self.a = a
        self.b = b


class Reduced:
    def __init__(self, text):
        self.text = text
        self.extra = None

    def __reduce__(self):
        return Reduced, (self.text,), {"extra": "kept"}


class Stateful:
    def __getstate__(self):
        return {"half": self.value / 2}

    def __setstate__(self, state):
        self.value = state["half"] * 2


class Arguments(tuple):
    def __new__(cls, a, b):
        return tuple.__new__(cls, (a, b))

    def __getnewargs__(self):
        return self[0], self[1]


class Words(list):
    pass


class Table(dict):
    pass


class Failure(Exception):
    pass


def twice(x):
    return x * 2


def make():
    stateful = Stateful()
    stateful.value = 6
    words = Words(["a", "b"])
    words.note = "n"
    table = Table(k=1)
    shared = torch.arange(12, dtype=torch.float32)
    values = {
        "ints": [0, 1, -1, 255, 256, 65535, 65536, -129, 2147483647, -2147483648, 2147483648, 1 << 40, -(1 << 62),
                 9223372036854775807, -9223372036854775807 - 1],
        "floats": [0.0, -0.5, 1e300, float("inf")],
        "texts": ["", "a", "h\u00e9llo \u4e16\u754c", "x" * 300],
        "bytes": [b"", b"\x00\xff", b"y" * 300],
        "tuples": [(), (1,), (1, 2), (1, 2, 3), (1, 2, 3, 4)],
        "containers": [[], [1], {}, {"a": 1}, set(), {1, 2}, frozenset({3}), list(range(2100)), {i: -i for i in range(1500)}],
        "none": [None, True, False, ..., NotImplemented],
        "slices": [slice(1, 2), slice(None, None, 2), range(4), range(9, 1, -2)],
        "ordered": collections.OrderedDict([("b", 1), ("a", 2)]),
        "default": collections.defaultdict(list, {"k": [1]}),
        "deque": collections.deque([1, 2, 3], maxlen=5),
        "counter": collections.Counter("aab"),
        "point": Point(1, (2, 3)),
        "enums": [Color.RED, Color.BLUE, Level.LOW],
        "partial": functools.partial(twice, 4),
        "functions": [twice, len, torch.nn.functional.relu],
        "classes": [int, Point, torch.nn.Linear, type(None), Color],
        "torch": [torch.float16, torch.int64, torch.device("cpu"), torch.device("cuda", 1), torch.Size([2, 3])],
        "slotted": Slotted(1, [2]),
        "reduced": Reduced("r"),
        "stateful": stateful,
        "arguments": Arguments(1, 2),
        "words": words,
        "table": table,
        "failure": Failure("why", 3),
        "tensors": [shared, shared[2:8].reshape(2, 3).t(), shared.view(3, 4)[1], torch.tensor(True), torch.zeros(0, 2),
                    torch.ones(2, dtype=torch.bfloat16), torch.ones(2, dtype=torch.float64), torch.tensor([1, 2], dtype=torch.uint8)],
        "parameter": torch.nn.Parameter(torch.full((2,), 3.0), requires_grad=False),
        "method": words.append,
    }
    values["again"] = [values["ordered"], words, values]
    values["tensors"].append(values["tensors"][0])
    return values


def check(values):
    """Asserts that these are make()'s values, sharing included."""
    expected = make()
    for name in ["ints", "floats", "texts", "bytes", "tuples", "containers", "none", "ordered", "default", "deque", "counter",
                 "functions", "torch"]:
        assert values[name] == expected[name], (name, values[name])
    assert [str(s) for s in values["slices"]] == [str(s) for s in expected["slices"]]
    assert type(values["ordered"]) is collections.OrderedDict and list(values["ordered"]) == ["b", "a"]
    assert values["default"]["new"] == [] and values["deque"].maxlen == 5
    assert values["point"].x == 1 and values["point"].y == (2, 3) and type(values["point"]).__name__ == "Point"
    assert [e.name for e in values["enums"]] == ["RED", "BLUE", "LOW"] and values["enums"][0] is type(values["enums"][0]).RED
    assert values["partial"]() == 8 and values["functions"][0](3) == 6
    assert values["classes"][0] is int and values["classes"][2] is torch.nn.Linear and values["classes"][3] is type(None)
    assert values["slotted"].a == 1 and values["slotted"].b == [2]
    assert values["reduced"].text == "r" and values["reduced"].extra == "kept"
    assert values["stateful"].value == 6
    assert values["arguments"] == (1, 2) and type(values["arguments"]).__name__ == "Arguments"
    assert values["words"] == ["a", "b"] and values["words"].note == "n"
    assert values["table"] == {"k": 1} and type(values["table"]).__name__ == "Table"
    assert values["failure"].args == ("why", 3)
    for found, wanted in zip(values["tensors"], expected["tensors"]):
        assert found.dtype == wanted.dtype and found.stride() == wanted.stride() and torch.equal(found, wanted), (found, wanted)
    parameter = values["parameter"]
    assert type(parameter) is torch.nn.Parameter and not parameter.requires_grad and parameter.tolist() == [3.0, 3.0]
    assert values["again"][0] is values["ordered"] and values["again"][1] is values["words"] and values["again"][2] is values
    assert values["tensors"][-1] is values["tensors"][0]
    values["tensors"][0][4] = 100.0  # seen through the views that share its storage
    assert values["tensors"][1][2, 0] == 100.0 and values["tensors"][2][0] == 100.0
    values["method"]("c")
    assert values["words"] == ["a", "b", "c"]
