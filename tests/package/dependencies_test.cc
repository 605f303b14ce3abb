// What a source imports, as torch/package/find_file_dependencies.py sees it. After upstream's test_dependency_api.py and
// test_package_script.py's scans.
#include "tracer/package/dependencies.h"

#include <gtest/gtest.h>

namespace fusepack {
namespace {

std::string Found(const std::string& source, const std::string& package = "pkg.sub") {
  auto found = FindImports("f.py", source, package);
  if (!found.ok()) return found.status().ToString();
  std::string out;
  for (const ImportReference& r : *found) out += (out.empty() ? "" : " ") + r.module + (r.name.empty() ? "" : ":" + r.name);
  return out;
}

TEST(Dependencies, Statements) {
  EXPECT_EQ(Found("import a, b.c as d\nimport a\n"), "a b.c");
  EXPECT_EQ(Found("from a import b, c as d\nfrom a.b import *\n"), "a:b a:c a.b");
  EXPECT_EQ(Found("from . import x\nfrom .y import z\nfrom .. import w\nfrom ..v import *\n"), "pkg.sub:x pkg.sub.y:z pkg:w pkg.v");
  EXPECT_EQ(Found("def f():\n    import a\nclass C:\n    from b import c\nif x:\n    import d\nelse:\n    import e\n"), "a b:c d e");
  EXPECT_EQ(Found("try:\n    import a\nexcept ImportError:\n    import b\nelse:\n    import c\nfinally:\n    import d\n"), "a b c d");
  EXPECT_EQ(Found("with x as y:\n    import a\nfor i in z:\n    import b\nwhile q:\n    import c\nasync def f():\n    import d\n"), "a b c d");
  EXPECT_EQ(Found(""), "");
}

TEST(Dependencies, ImportCalls) {
  EXPECT_EQ(Found("__import__('a.b')\n"), "a.b a");
  EXPECT_EQ(Found("x = __import__('a', fromlist=['b', 'c'])\n"), "a:b a:c");
  EXPECT_EQ(Found("__import__('a', None, None, ('*',), 0)\n"), "a");
  EXPECT_EQ(Found("__import__('s', globals(), locals(), ['x'], 1)\n"), "pkg.sub.s:x");
  EXPECT_EQ(Found("__import__(name)\n__import__('a', fromlist=names)\nmodule.__import__('b')\n"), "");
  EXPECT_EQ(Found("f(__import__('a'))\n"), "") << "PyTorch does not look into the arguments of a call";
}

TEST(Dependencies, Errors) {
  EXPECT_NE(Found("def f(:\n").find("f.py:1:"), std::string::npos);
  EXPECT_NE(Found("from .... import x\n").find("attempted relative import beyond top-level package"), std::string::npos);
}

}  // namespace
}  // namespace fusepack
