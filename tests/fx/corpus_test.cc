// Every corpus/NAME.py gives what real torch.fx made of it (corpus/NAME.txt, written by make_corpus.py): the graph's
// text, its code and the names of its globals, or the error's class and message. An error that a proxy raises may say
// the source line after PyTorch's message.
#include <algorithm>
#include <filesystem>
#include <fstream>
#include <sstream>

#include <gtest/gtest.h>

#include "tracer/environment.h"

namespace fusepack {
namespace {

constexpr char kFolder[] = "tests/fx/corpus";

std::string ReadFile(const std::string& path) {
  std::ifstream file(path);
  std::stringstream text;
  text << file.rdbuf();
  return text.str();
}

std::vector<std::string> Names() {
  std::vector<std::string> names;
  for (const auto& entry : std::filesystem::directory_iterator(kFolder)) {
    if (entry.path().extension() == ".py") names.push_back(entry.path().stem().string());
  }
  std::sort(names.begin(), names.end());
  return names;
}

// make_corpus.py's result(), of the module `m`.
constexpr char kResult[] = R"(
from torch.fx.graph import _custom_builtins


def result(m):
    try:
        graph = m.run()
        code = graph.python_code("self")
    except Exception as e:
        return f"{type(e).__name__}: {e}\n"
    names = [n for n in code.globals if n not in _custom_builtins]
    return f"{graph}\n---{code.src}\n---\nglobals: {' '.join(names)}\n"
)";

class Corpus : public testing::TestWithParam<std::string> {};

TEST_P(Corpus, GivesWhatTorchFxGives) {
  const std::string expected = ReadFile(std::string(kFolder) + "/" + GetParam() + ".txt");
  ASSERT_FALSE(expected.empty());
  Environment environment;
  py::Interpreter& in = environment.interpreter();
  environment.sys_importer().AddRoot(kFolder);
  const auto driver = in.Run("result.py", kResult, "result");
  ASSERT_TRUE(driver.ok()) << driver.error().ToString();
  std::string found;
  const auto done = in.Try([&] {
    const py::Value module = in.Import(environment.sys_importer(), GetParam());
    found = in.ToStr(in.CallMethod(*driver, "result", {module}));
    return py::Value::None();
  });
  ASSERT_TRUE(done.ok()) << done.error().ToString() << "\n" << done.error().traceback;
  const size_t place = found.find(" (at " + GetParam() + ".py:");
  if (place != std::string::npos && !expected.starts_with("graph(")) {
    EXPECT_TRUE(found.ends_with(")\n")) << found;
    found = found.substr(0, place) + "\n";
  }
  EXPECT_EQ(found, expected);
}

INSTANTIATE_TEST_SUITE_P(All, Corpus, testing::ValuesIn(Names()), [](const auto& info) { return info.param; });

TEST(CorpusTest, HasSixtyAndMore) { EXPECT_GE(Names().size(), 60u); }

}  // namespace
}  // namespace fusepack
