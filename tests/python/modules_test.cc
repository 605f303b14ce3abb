// Modules whose statements run when something needs them: the rule of module.h, point by point.
#include <map>
#include <string>

#include "gtest/gtest.h"
#include "tracer/python/callables.h"
#include "tracer/python/interpreter.h"

namespace fusepack::py {
namespace {

class Modules : public testing::Test {
 protected:
  Modules() {
    in.set_print([this](std::string_view s) { printed += s; });
  }
  void Source(const std::string& name, const std::string& text, bool is_package = false) {
    std::string path = name;
    for (char& c : path) c = c == '.' ? '/' : c;
    in.RegisterSourceModule(name, text, path + (is_package ? "/__init__.py" : ".py"), is_package);
  }
  // repr of module.name, or the error's text.
  std::string Read(const std::string& module, const std::string& name) {
    auto r = in.Try([&] { return Value(in.NewStr(in.Repr(in.GetAttr(in.Import(module), name)))); });
    return r.ok() ? r->As<Str>()->text() : r.error().found;
  }
  std::string TakePrinted() { return std::exchange(printed, ""); }

  std::string printed;
  Interpreter in;
};

TEST_F(Modules, ImportNobodyNeedsNeverFails) {
  Source("m", R"(
import sys, numpy as np
from PIL import Image
from other import there, not_there
import torch.utils.data
print("never")
x = 3
def f(): return np.zeros(x)
def g(): return x + 1
)");
  Source("other", "there = 1");
  EXPECT_EQ(Read("m", "there"), "1");
  EXPECT_EQ(Read("m", "not_there"), "ImportError: cannot import name 'not_there' from 'other' (other.py)");
  EXPECT_EQ(Read("m", "x"), "3");
  auto g = in.Try([&] { return in.Call(in.GetAttr(in.Import("m"), "g")); });
  ASSERT_TRUE(g.ok());
  EXPECT_EQ(g->integer(), 4);
  auto f = in.Try([&] { return in.Call(in.GetAttr(in.Import("m"), "f")); });
  ASSERT_FALSE(f.ok());
  EXPECT_EQ(f.error().found, "ModuleNotFoundError: No module named 'numpy'");
  EXPECT_EQ(TakePrinted(), "");
}

TEST_F(Modules, RunsInSourceOrderWhatMakesAName) {
  Source("m", R"(
print("a runs") if False else None
x = 1
y = x + 1
x = 5
z = x + 1
def late(): return x
w = late()
x = 7
)");
  EXPECT_EQ(Read("m", "y"), "2");
  EXPECT_EQ(Read("m", "x"), "7");
  Source("n", R"(
x = 1
y = x + 1
x = 5
)");
  EXPECT_EQ(Read("n", "x"), "5");  // the later binding first: y has still seen the first
  EXPECT_EQ(Read("n", "y"), "2");
}

TEST_F(Modules, StatementsThatChangeAnObject) {
  Source("m", R"(
table = {}
names = []
for i in range(3):
    table[i] = i * i
names.append("a")
names += ["b"]
def register(fn):
    table[fn.__name__] = fn
    return fn
@register
def model(): return 1
table["last"] = len(table)
unrelated = undefined_name
class K: pass
K.__annotations__ = {"x": 1}
)");
  EXPECT_EQ(Read("m", "names"), "['a', 'b']");
  auto r = in.Try([&] { return in.Call(in.GetAttr(in.GetAttr(in.Import("m"), "table"), "keys")); });
  ASSERT_TRUE(r.ok()) << r.status().ToString();
  EXPECT_EQ(in.Repr(*r), "dict_keys([0, 1, 2, 'model', 'last'])");
  EXPECT_EQ(Read("m", "unrelated"), "NameError: name 'undefined_name' is not defined");
  auto k = in.Try([&] { return in.GetAttr(in.GetAttr(in.Import("m"), "K"), "__annotations__"); });
  ASSERT_TRUE(k.ok());
  EXPECT_EQ(in.Repr(*k), "{'x': 1}");
}

TEST_F(Modules, CircularImports) {
  Source("p", "", true);
  Source("p.a", "from .b import B\nclass A:\n    def make(self): return B()\nbase = 10\n");
  Source("p.b", "from . import a\nfrom .a import base\nclass B:\n    x = base\n    def up(self): return a.A()\n");
  auto r = in.Try([&] {
    Value made = in.CallMethod(in.Call(in.GetAttr(in.Import("p.a"), "A")), "make");
    return in.CallMethod(in.CallMethod(in.CallMethod(made, "up"), "make"), "up");
  });
  ASSERT_TRUE(r.ok()) << r.status().ToString();
  EXPECT_EQ(in.TypeName(*r), "A");
}

TEST_F(Modules, TryImport) {
  Source("m", R"(
try:
    import numpy
    HAS = True
except ImportError:
    numpy = None
    HAS = False
try:
    from helper import thing, missing
except ImportError as e:
    thing = str(e)
if HAS:
    v = 1
elif TYPE_CHECKING:
    v = 2
else:
    v = 3
)");
  Source("helper", "thing = 1\nTYPE_CHECKING = False\n");
  EXPECT_EQ(Read("m", "HAS"), "False");
  EXPECT_EQ(Read("m", "thing"), "\"cannot import name 'missing' from 'helper' (helper.py)\"");
  EXPECT_EQ(Read("m", "v"), "NameError: name 'TYPE_CHECKING' is not defined");
}

TEST_F(Modules, StarImportsAndAll) {
  Source("p", "from .a import *\nfrom .b import *\n__all__ = ['x']\nown = 1\n", true);
  Source("p.a", "x = 1\n_hidden = 2\ny = undefined\n");
  Source("p.b", "__all__ = ['w']\nw = 3\nv = 4\n");
  Source("user", "from p import *\nr = x\n");
  EXPECT_EQ(Read("p", "x"), "1");
  EXPECT_EQ(Read("p", "w"), "3");
  EXPECT_EQ(Read("p", "v"), "AttributeError: module 'p' has no attribute 'v'");
  EXPECT_EQ(Read("p", "_hidden"), "AttributeError: module 'p' has no attribute '_hidden'");
  EXPECT_EQ(Read("p", "b"), "<module 'p.b' from 'p/b.py'>");
  EXPECT_EQ(Read("user", "r"), "1");
  EXPECT_EQ(Read("user", "own"), "AttributeError: module 'user' has no attribute 'own'");
}

TEST_F(Modules, WrapRunsAtFirstTouch) {
  in.RegisterNativeModule("torch.fx", [this](Interpreter& in, Module& m) {
    m.SetNow(in.Intern("wrap"), in.NewFunction("wrap", "name", [this](Interpreter& in, BoundArgs& a) {
      printed += "wrap " + in.CurrentModule()->name() + " " + a.Text(0) + "\n";
      return a[0];
    }));
  });
  Source("m", "import torch\nimport torch.fx\nx = 1\ntorch.fx.wrap('f')\ndef f(): pass\n");
  Source("n", "from torch import fx\nfx.wrap('g')\nx = 1\n");
  in.Import("m");
  EXPECT_EQ(TakePrinted(), "");
  EXPECT_EQ(Read("m", "x"), "1");
  EXPECT_EQ(TakePrinted(), "wrap m f\n");
  EXPECT_EQ(Read("m", "x"), "1");
  EXPECT_EQ(TakePrinted(), "");
  EXPECT_EQ(Read("n", "x"), "1");
  EXPECT_EQ(TakePrinted(), "wrap n g\n");
}

TEST_F(Modules, NativeAndSourceShareAName) {
  in.RegisterNativeModule("lib", [](Interpreter& in, Module& m) {
    m.SetNow(in.Intern("native"), Value::Int(1));
    m.set_fallback([](Interpreter& in, Module&, Str* name) {
      return name->text() == "late" ? Value(in.NewStr("from C++")) : Value();
    });
  });
  Source("lib", "from_source = native + 1\ndef f(): return late\n");
  EXPECT_EQ(Read("lib", "from_source"), "2");
  EXPECT_EQ(Read("lib", "late"), "'from C++'");
  auto f = in.Try([&] { return in.Call(in.GetAttr(in.Import("lib"), "f")); });
  ASSERT_TRUE(f.ok()) << f.status().ToString();
  EXPECT_EQ(in.ToStr(*f), "from C++");
}

TEST_F(Modules, OwnImporterThenExterns) {
  struct Package : Importer {
    std::map<std::string, Ref<Module>> made;
    Module* Import(Interpreter& in, const std::string& name) override {
      if (name != "pkg" && name != "pkg.a") return in.importer().Import(in, name);
      auto& m = made[name];
      if (!m) {
        m = name == "pkg" ? in.NewEmptyModule(name, true, this)
                          : in.NewSourceModule(name, "<package>.pkg.a", "import ext, pkg.a\nv = ext.x\nme = pkg.a.v\nn = __name__\n", false, this);
      }
      return m.get();
    }
  };
  Source("ext", "x = 42\n");
  Package package;
  auto r = in.Try([&] { return in.GetAttr(in.Import(package, "pkg.a"), "me"); });
  ASSERT_TRUE(r.ok()) << r.status().ToString();
  EXPECT_EQ(r->integer(), 42);
  EXPECT_FALSE(in.Try([&] { return in.Import("pkg.a"); }).ok());
}

TEST_F(Modules, StoresFromOutsideStay) {
  Source("m", "x = 1\ndef f(): return x\ndef g():\n    global counter\n    counter += 1\n    return counter\ncounter = 0\n");
  auto r = in.Try([&] {
    Value m = in.Import("m");
    in.SetAttr(m, "x", Value::Int(9));
    in.Call(in.GetAttr(m, "g"));
    in.Call(in.GetAttr(m, "g"));
    return Value(in.NewTuple({in.Call(in.GetAttr(m, "f")), in.GetAttr(m, "counter")}));
  });
  ASSERT_TRUE(r.ok()) << r.status().ToString();
  EXPECT_EQ(in.Repr(*r), "(9, 2)");
}

TEST_F(Modules, ModuleGetattrAndDict) {
  Source("m", "def __getattr__(name):\n    if name == 'magic': return 7\n    raise AttributeError(name)\nx = 1\n");
  EXPECT_EQ(Read("m", "magic"), "7");
  EXPECT_EQ(Read("m", "other"), "AttributeError: module 'm' has no attribute 'other'");
  auto r = in.Try([&] { return in.GetItem(in.GetAttr(in.Import("m"), "__dict__"), Value(in.NewStr("x"))); });
  ASSERT_TRUE(r.ok());
  EXPECT_EQ(r->integer(), 1);
}

TEST_F(Modules, SyntaxErrorNamesItsPlace) {
  Source("bad", "x = 1\ny = = 2\n");
  auto r = in.Try([&] { return in.GetAttr(in.Import("bad"), "x"); });
  ASSERT_FALSE(r.ok());
  EXPECT_EQ(r.error().file, "bad.py");
  EXPECT_EQ(r.error().where, "2:5");
}

TEST_F(Modules, PositionsAndTraceback) {
  Position seen;
  std::vector<Position> stack;
  in.SetBuiltin("here", in.NewFunction("here", "", [&](Interpreter& in, BoundArgs&) {
    seen = in.CurrentPosition();
    stack = in.Stack();
    return Value::None();
  }));
  Source("m", "class A:\n    def f(self):\n        return (1,\n                here())\ndef g():\n    return A().f()\n");
  ASSERT_TRUE(in.Try([&] { return in.Call(in.GetAttr(in.Import("m"), "g")); }).ok());
  EXPECT_EQ(seen.file, "m.py");
  EXPECT_EQ(seen.line, 4);
  EXPECT_EQ(seen.column, 17);
  EXPECT_EQ(seen.function, "A.f");
  ASSERT_EQ(stack.size(), 2u);
  EXPECT_EQ(stack[1].function, "g");
  Source("e", "def a():\n    b()\ndef b():\n    raise ValueError('x')\n");
  auto r = in.Try([&] { return in.Call(in.GetAttr(in.Import("e"), "a")); });
  ASSERT_FALSE(r.ok());
  EXPECT_EQ(r.error().ToString(), "e.py:4:5: ValueError: x");
  EXPECT_EQ(r.error().traceback, "  e.py:2:5, in a\n  e.py:4:5, in b\n");
}

TEST_F(Modules, NativeClassesAndTheirPythonSubclasses) {
  struct Box : Object {
    int64_t value = 0;
    Value Binary(Interpreter& in, BinOp op, const Value& other, bool) override {
      int64_t n;
      return op == BinOp::kAdd && in.FindIndex(other, &n) ? Value::Int(value + n) : Value();
    }
    int64_t Len(Interpreter&) override { return value; }
    std::string Repr(Interpreter&) override { return "Box(" + std::to_string(value) + ")"; }
  };
  Type* box = in.DefineType({.name = "Box",
                             .module = "lib",
                             .construct = [](Interpreter& in, Type* cls, const Args&) { return Value(in.New<Box>(cls)); },
                             .dunders = "__len__ __add__ __repr__",
                             .methods = {{"__init__", "self, value=0",
                                          [](Interpreter&, BoundArgs& a) {
                                            a[0].As<Box>()->value = a.Int(1);
                                            return Value::None();
                                          }},
                                         {"twice", "self", [](Interpreter&, BoundArgs& a) {
                                            return Value::Int(2 * a[0].As<Box>()->value);
                                          }}}});
  in.RegisterNativeModule("lib", [box](Interpreter& in, Module& m) { m.SetNow(in.Intern("Box"), Value(box)); });
  Source("m", R"(
from lib import Box
class My(Box):
    def __init__(self, a, b):
        super().__init__(a * b)
        self.a = a
    def __len__(self):
        return super().__len__() + 100
    def twice(self):
        return ("my", super().twice())
m = My(2, 3)
r = [len(m), m + 1, m.twice(), m.a, isinstance(m, Box), repr(m), Box(4), len(Box(4)), Box.twice(m), bool(m)]
)");
  EXPECT_EQ(Read("m", "r"), "[106, 7, ('my', 12), 2, True, 'Box(6)', Box(4), 4, 12, True]");
}

}  // namespace
}  // namespace fusepack::py
