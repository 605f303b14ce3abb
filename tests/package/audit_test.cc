// What --audit and --dot say of an archive.
#include "tracer/audit.h"

#include <gtest/gtest.h>

#include <nlohmann/json.hpp>

#include "tracer/archive/zip_writer.h"

namespace fusepack {
namespace {

std::shared_ptr<const archive::Archive> Archive(const std::vector<std::pair<std::string, std::string>>& files, const std::string& externs) {
  std::vector<archive::NewRecord> records;
  for (const auto& [name, text] : files) records.push_back({name, Bytes::FromVector({text.begin(), text.end()})});
  records.push_back({".data/extern_modules", Bytes::FromVector({externs.begin(), externs.end()})});
  archive::FinishContainer(&records);
  return archive::OpenArchive(MappedFile::FromBytes("a.pt", archive::ZipBytes("a", records).value())).value();
}

TEST(Audit, Constructs) {
  const auto found = FindOutsideConstructs("f.py", "async def f():\n    await g()\nx = 3j\nmatch x:\n    case 1: pass\ny = eval('1')\n"
                                                   "try:\n    pass\nexcept* ValueError:\n    pass\n");
  std::string text;
  for (const OutsideConstruct& one : found) text += std::to_string(one.line) + " " + one.construct + "; ";
  EXPECT_EQ(text, "1 'async def'; 2 'await'; 3 a complex number; 4 'match' statement; 6 a call of eval(); 7 'except*'; ");
  EXPECT_TRUE(FindOutsideConstructs("f.py", "def f(x):\n    return [y for y in x if y > 1]\n").empty());
  const auto broken = FindOutsideConstructs("f.py", "x = (\n");
  ASSERT_EQ(broken.size(), 1u);
  EXPECT_EQ(broken[0].construct.substr(0, 7), "syntax:");
}

TEST(Audit, Report) {
  const auto archive = Archive({{"m/m.pkl", "\x80\x03" "(cpkg.net\nNet\ncpkg.fake\nThing\nctorch.nn\nLinear\nctorch.nn\nNothing\ncnumpy\narray\ncgone\nX\nt."},
                                {"pkg/net.py", "import numpy\nfrom .fake import Thing\nasync def f():\n    pass\nclass Net:\n    pass\n"},
                                {"pkg/fake.py", "from _mock import MockedObject\ndef __getattr__(attr: str):\n    return MockedObject(attr)\n"},
                                {"_mock.py", "class MockedObject:\n    pass\n"}},
                               "numpy\ntorch.nn\n");
  const AuditReport report = AuditArchive(archive).value();
  EXPECT_EQ(report.mocks, (std::vector<std::string>{"pkg.fake"}));
  ASSERT_EQ(report.externs.size(), 2u);
  EXPECT_FALSE(report.externs[0].here);
  EXPECT_TRUE(report.externs[1].here);
  std::string globals;
  for (const AuditGlobal& g : report.pickles.at(0).globals) globals += g.module + "." + g.name + (g.problem.empty() ? "" : "!") + " ";
  EXPECT_EQ(globals, "pkg.net.Net pkg.fake.Thing! torch.nn.Linear torch.nn.Nothing! numpy.array! gone.X! ");
  ASSERT_EQ(report.outside.size(), 1u);
  EXPECT_EQ(report.problems(), 5);
  const std::string text = AuditText(report);
  EXPECT_NE(text.find("pkg/net.py:3:"), std::string::npos) << text;
  EXPECT_NE(text.find("5 that could not run here"), std::string::npos) << text;
  EXPECT_EQ(AuditJson(report)["problems"], 5);
  EXPECT_EQ(AuditJson(report)["pickles"][0]["opcodes"]["GLOBAL"], 6);
}

TEST(Audit, ModuleGraph) {
  const auto archive = Archive({{"m/m.pkl", "\x80\x03" "cpkg.net\nNet\n."},
                                {"pkg/__init__.py", "from . import net\nfrom .net import Net\n"},
                                {"pkg/net.py", "import sys, absent\nfrom torch import nn\n"}},
                               "sys\ntorch.nn\n");
  EXPECT_EQ(ModuleGraphDot(*archive).value(),
            "digraph G {\nrankdir = LR;\nnode [shape=box];\n\"<m.m.pkl>\" -> \"pkg.net\";\n\"pkg\" -> \"pkg.net\";\n"
            "\"pkg.net\" -> \"sys\";\n\"pkg.net\" -> \"torch.nn\";\n}\n");
}

}  // namespace
}  // namespace fusepack
