// What the standard library does with hostile input, and where it asks the interpreter. What its functions answer is
// in programs/lib_*.py, compared with CPython by evaluate_test.
#include "tracer/python/library.h"

#include "gtest/gtest.h"

namespace fusepack::py {
namespace {

// Defaults scaled down, so that a loop ends soon.
constexpr Limits kSmall{.steps = 2'000'000, .memory_bytes = 64 << 20, .seconds = 5};

struct Case {
  const char* source;
  const char* found;  // what the error's text contains
  ErrorCode code;
};

TEST(Library, HostileInputMeetsALimitOrAnError) {
  const Case cases[] = {
      {"import re\nre.match('(a*)*b', 'a' * 40)", "steps", ErrorCode::kLimit},
      {"import re\nre.match('(x+x+)+y', 'x' * 60)", "steps", ErrorCode::kLimit},
      {"import re\nre.findall('(?:a|a)*$', 'a' * 100000 + 'b')", "steps", ErrorCode::kLimit},
      {"import re\nre.match('(?:(a)|b)*', 'ab' * 1000000)", "", ErrorCode::kLimit},
      {"import re\nre.compile('(((((a{1000}){1000}){1000}){1000}){1000})')", "pattern too large", ErrorCode::kBadInput},
      {"import re\nre.compile('(' * 5000)", "groups nested too deep", ErrorCode::kBadInput},
      {"import re\nre.compile('(?:' * 5000)", "groups nested too deep", ErrorCode::kBadInput},
      {"import re\nre.compile('a{99999999999999999999}')", "repetition number is too large", ErrorCode::kBadInput},
      {"import re\nre.compile('(?P<a>(?P=a))(?(2)x')", "", ErrorCode::kBadInput},
      {"import itertools\nlist(itertools.product(range(1000), repeat=5))", "", ErrorCode::kLimit},
      {"import itertools\nfor i in itertools.count(): pass", "steps", ErrorCode::kLimit},
      {"import collections\ncollections.deque(iter(int, 1))", "", ErrorCode::kLimit},
      {"import copy\na = []\nfor i in range(100000): a = [a]\ncopy.deepcopy(a)", "calls nested", ErrorCode::kLimit},
      {"import json\njson.loads('[' * 100000)", "calls nested", ErrorCode::kLimit},
      {"import math\nmath.comb(1000000, 500000)", "64 bits", ErrorCode::kBadInput},
      {"import math\nmath.factorial(10 ** 15)", "64 bits", ErrorCode::kBadInput},
      {"import io\ns = io.BytesIO()\ns.seek(10 ** 12)\ns.write(b'x')", "", ErrorCode::kLimit},
      {"import typing\nx = int\nfor i in range(100000): x = typing.Optional[typing.List[x]]\nrepr(x)", "", ErrorCode::kLimit},
      {"import random\nrandom.random()", "No module named 'random'", ErrorCode::kBadInput},
      {"import time\ntime.time()", "No module named 'time'", ErrorCode::kBadInput},
      {"import socket", "No module named 'socket'", ErrorCode::kBadInput},
      {"import os\nos.system('true')", "has no attribute 'system'", ErrorCode::kBadInput},
      {"import os\nos.listdir('/')", "no file system", ErrorCode::kBadInput},
      {"import io\nio.open('/etc/passwd')", "no file system", ErrorCode::kBadInput},
      {"import sys\nsys.modules['nope']", "KeyError", ErrorCode::kBadInput},
      {"import importlib\nimportlib.import_module('subprocess')", "No module named 'subprocess'", ErrorCode::kBadInput},
  };
  for (const Case& c : cases) {
    Interpreter in(kSmall);
    RegisterStandardLibrary(in);
    auto result = in.Run("chunk.py", c.source);
    ASSERT_FALSE(result.ok()) << c.source;
    EXPECT_NE(result.status().ToString().find(c.found), std::string::npos) << c.source << "\n" << result.status().ToString();
    EXPECT_EQ(static_cast<int>(result.error().code), static_cast<int>(c.code)) << c.source << "\n" << result.status().ToString();
  }
}

// Every module can be imported and all its statements run.
TEST(Library, EveryModuleEvaluatesWhole) {
  for (const LibraryFile& file : LibraryFiles()) {
    Interpreter in;
    RegisterStandardLibrary(in);
    auto result = in.Try([&]() -> Value {
      Value module = in.Import(file.module);
      module.As<Module>()->RunAll(in);
      return module;
    });
    EXPECT_TRUE(result.ok()) << file.module << ": " << result.status().ToString() << "\n" << result.error().traceback;
  }
}

// `sys.modules` and import_module find what the running module's importer finds.
TEST(Library, ModulesAreLookedForWhereTheyArePackaged) {
  Interpreter in;
  RegisterStandardLibrary(in);
  in.RegisterSourceModule("pkg.models.net", "import sys, importlib\n"
                          "def here(): return sys.modules[here.__module__].here is here\n"
                          "def there(): return importlib.import_module('.other', 'pkg.models').x\n", "pkg/models/net.py", false);
  in.RegisterSourceModule("pkg.models.other", "x = 5\n", "pkg/models/other.py", false);
  auto result = in.Try([&]() -> Value {
    Value module = in.Import("pkg.models.net");
    EXPECT_TRUE(in.Call(in.GetAttr(module, "here")).boolean());
    EXPECT_EQ(in.Call(in.GetAttr(module, "there")).integer(), 5);
    return Value::None();
  });
  EXPECT_TRUE(result.ok()) << result.status().ToString();
}

TEST(Library, BuiltinsAreAModule) {
  Interpreter in;
  RegisterStandardLibrary(in);
  std::string printed;
  in.set_print([&](std::string_view s) { printed += s; });
  auto result = in.Run("m.py", "import builtins\nprint(builtins.len([1]), builtins.int is int, hasattr(builtins, 'nothing'))\n");
  EXPECT_TRUE(result.ok()) << result.status().ToString();
  EXPECT_EQ(printed, "1 True False\n");
}

// dir(module) names what a statement would make, without running it.
TEST(Library, DirOfAModuleRunsNothing) {
  Interpreter in;
  RegisterStandardLibrary(in);
  in.RegisterSourceModule("m", "import missing_module\nx = missing_module.y\ndef f(): pass\n", "m.py", false);
  std::string printed;
  in.set_print([&](std::string_view s) { printed += s; });
  auto result = in.Run("main.py", "import m\nprint([n for n in dir(m) if not n.startswith('__')], 'f' in dir(m))\n");
  EXPECT_TRUE(result.ok()) << result.status().ToString();
  EXPECT_EQ(printed, "['f', 'missing_module', 'x'] True\n");
}

// Only what is asked for runs: an Enum costs no regular expressions.
TEST(Library, StartsCheap) {
  Interpreter in;
  RegisterStandardLibrary(in);
  ASSERT_TRUE(in.Run("m.py", "import collections, functools, typing\nfrom typing import List\ndef f(x: List[int]): pass\n").ok());
  EXPECT_LT(in.steps(), 20000);
}

}  // namespace
}  // namespace fusepack::py
