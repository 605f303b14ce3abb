// The command as a user meets it: exit statuses, the one error line, files that are whole or not there.
#include <gtest/gtest.h>
#include <sys/wait.h>
#include <unistd.h>

#include <cstdlib>
#include <filesystem>
#include <fstream>
#include <nlohmann/json.hpp>
#include <sstream>

#include "package_format/npy/npy.h"
#include "package_format/read.h"
#include "package_format/write.h"

namespace fusepack {
namespace {

namespace fs = std::filesystem;

struct Done {
  int status;
  std::string out, err;
};

std::string ReadFile(const fs::path& path) {
  std::ostringstream text;
  text << std::ifstream(path, std::ios::binary).rdbuf();
  return text.str();
}

class Command : public ::testing::Test {
 protected:
  void SetUp() override {
    work_ = fs::path(::testing::TempDir()) / ("command_" + std::to_string(getpid()) + "_" +
                                              ::testing::UnitTest::GetInstance()->current_test_info()->name());
    fs::create_directories(work_);
  }
  void TearDown() override { fs::remove_all(work_); }

  std::string Path(const std::string& name) const { return (work_ / name).string(); }

  Done Fusepack(const std::string& arguments) const {
    const std::string line = std::string("tools/fusepack ") + arguments + " >" + Path("stdout") + " 2>" + Path("stderr");
    const int status = std::system(line.c_str());
    EXPECT_TRUE(WIFEXITED(status)) << line << ": ended by signal " << WTERMSIG(status);
    return {WEXITSTATUS(status), ReadFile(work_ / "stdout"), ReadFile(work_ / "stderr")};
  }

  // Packs the tiny model as `name`.
  std::string Pack(const std::string& name, const std::string& more = "") const {
    const Done done = Fusepack("pack tests/tools/models --entry tiny:Tiny --seed 3 --eval --shape 2x3x8x8 -o " + Path(name) + " " + more);
    EXPECT_EQ(done.status, 0) << done.err;
    return Path(name);
  }

  // An error is exactly one line on stderr, and nothing is on stdout.
  static void ExpectError(const Done& done, int status, const std::string& part) {
    EXPECT_EQ(done.status, status) << done.err;
    EXPECT_EQ(done.out, "");
    const size_t at = done.err.find("fusepack: error: ");
    ASSERT_NE(at, std::string::npos) << done.err;
    EXPECT_EQ(done.err.find('\n', at), done.err.size() - 1) << done.err;
    EXPECT_NE(done.err.find(part, at), std::string::npos) << done.err;
  }

  fs::path work_;
};

TEST_F(Command, HelpOfEach) {
  EXPECT_EQ(Fusepack("--help").status, 0);
  for (const char* name : {"convert", "pack", "inspect", "run", "verify", "bench", "profile", "test", "export"}) {
    const Done done = Fusepack(std::string(name) + " --help");
    EXPECT_EQ(done.status, 0) << name;
    EXPECT_NE(done.out.find("--"), std::string::npos) << name;
  }
}

TEST_F(Command, Usage) {
  ExpectError(Fusepack(""), 2, "subcommand");
  ExpectError(Fusepack("run"), 2, "FILE");
  ExpectError(Fusepack("frobnicate"), 2, "");
  ExpectError(Fusepack("run x.fpk --inputt a --output b"), 2, "");
  const std::string model = Pack("m.fpk");
  ExpectError(Fusepack("bench " + model + " --batch 0"), 2, "--batch 0");
  ExpectError(Fusepack("verify " + model + " --precision fp7"), 2, "fp7");
  ExpectError(Fusepack("verify " + model + " --device toaster"), 2, "toaster");
  ExpectError(Fusepack("verify " + model + " --device cuda:0"), 69, "cuda");
}

TEST_F(Command, FilesThatAreNotThereOrNotModels) {
  ExpectError(Fusepack("verify " + Path("none.fpk")), 74, "none.fpk");
  std::ofstream(work_ / "text.fpk") << "hello";
  ExpectError(Fusepack("inspect " + Path("text.fpk")), 65, "text.fpk");
  std::ofstream(work_ / "empty.fpk");
  ExpectError(Fusepack("run " + Path("empty.fpk") + " --input a.npy --output b.npy"), 74, "a.npy");
  ExpectError(Fusepack("verify " + Path("empty.fpk")), 65, "empty.fpk");
  ExpectError(Fusepack("verify " + work_.string()), 74, "");
}

TEST_F(Command, PackRunVerify) {
  const std::string model = Pack("m.fpk", "--save-input " + Path("x.npy"));
  EXPECT_EQ(Fusepack("verify " + model).status, 0);
  EXPECT_EQ(Fusepack("run " + model + " --input " + Path("x.npy") + " --output " + Path("y.npy")).status, 0);
  const Tensor y = npy::ReadNpy(Path("y.npy")).value();
  EXPECT_EQ(y.ToString(), "f32[2,5]");
  const Package package = ReadPackage(model).value();
  for (int64_t i = 0; i < y.numel(); i++) {
    EXPECT_NEAR(y.ItemAsDouble(i), package.cases[0].outputs[0].tensor.ItemAsDouble(i), 1e-5);
  }
  // Same input, same bytes.
  EXPECT_EQ(ReadFile(model), ReadFile(Pack("again.fpk")));
  EXPECT_EQ(Fusepack("verify " + Pack("small.fpk", "--compress")).status, 0);
}

TEST_F(Command, TorchPackageArchives) {
  const std::string pack = "pack tests/tools/models --entry tiny:Tiny --seed 3 --eval -o ";
  EXPECT_EQ(Fusepack(pack + Path("m.pt")).status, 0);
  EXPECT_EQ(Fusepack(pack + Path("again/../m2.pt")).status, 74);  // no such folder
  const std::string model = Pack("m.fpk", "--save-input " + Path("x.npy"));
  for (const std::string from : {"m.pt", "m.fpk"}) {
    EXPECT_EQ(Fusepack("export " + Path(from) + " --format torch.package -o " + Path("from/m.pt")).status, 74);
    fs::create_directories(work_ / "from");
    EXPECT_EQ(Fusepack("export " + Path(from) + " --format torch.package -o " + Path("from/m.pt")).status, 0);
    EXPECT_EQ(ReadFile(work_ / "from/m.pt"), ReadFile(work_ / "m.pt")) << from;  // same root, same records
    fs::remove_all(work_ / "from");
  }
  EXPECT_EQ(Fusepack("run " + Path("m.pt") + " --input " + Path("x.npy") + " --output " + Path("a.npy")).status, 0);
  EXPECT_EQ(Fusepack("run " + model + " --input " + Path("x.npy") + " --output " + Path("b.npy")).status, 0);
  EXPECT_EQ(ReadFile(work_ / "a.npy"), ReadFile(work_ / "b.npy"));
  ExpectError(Fusepack(pack + Path("n.pt") + " --compress"), 2, "--compress");
  ExpectError(Fusepack(pack + Path("n.pt") + " --intern 'other.**'"), 65, "PackagingError");
  ExpectError(Fusepack(pack + Path("n.pt") + " --mock tiny"), 65, "mocked out");
  EXPECT_FALSE(fs::exists(work_ / "n.pt"));
  ExpectError(Fusepack("export " + model + " --format zip -o " + Path("n.pt")), 2, "--format");

  const Done dot = Fusepack("inspect --dot " + Path("m.pt"));
  EXPECT_EQ(dot.status, 0);
  EXPECT_NE(dot.out.find("\"<model.model.pkl>\" -> \"tiny\";"), std::string::npos) << dot.out;
  const Done audit = Fusepack("inspect --audit " + Path("m.pt"));
  EXPECT_EQ(audit.status, 0);
  EXPECT_NE(audit.out.find("nothing found that could not run here"), std::string::npos) << audit.out;
  ExpectError(Fusepack("inspect --audit " + model), 2, "--audit");
}

TEST_F(Command, AuditOfWhatCannotRun) {
  fs::create_directories(work_ / "src");
  std::ofstream(work_ / "src" / "odd.py") << "import torch\n\n\nasync def later():\n    pass\n\n\nclass Odd(torch.nn.Module):\n    pass\n";
  ASSERT_EQ(Fusepack("pack " + Path("src") + " --entry odd:Odd -o " + Path("m.pt")).status, 0);
  const Done text = Fusepack("inspect --audit " + Path("m.pt"));
  EXPECT_EQ(text.status, 1);
  EXPECT_NE(text.out.find("odd.py:4:1"), std::string::npos) << text.out;
  const Done json = Fusepack("inspect --audit --json " + Path("m.pt"));
  EXPECT_EQ(json.status, 1);
  EXPECT_EQ(nlohmann::json::parse(json.out)["outside"][0]["construct"], "'async def'");
}

TEST_F(Command, OtherSizesAndWrongInputs) {
  const std::string model = Pack("m.fpk");
  const auto run = [&](const Tensor& x) {
    EXPECT_TRUE(npy::WriteNpy(Path("x.npy"), x).ok());
    fs::remove(Path("y.npy"));
    return Fusepack("run " + model + " --input " + Path("x.npy") + " --output " + Path("y.npy"));
  };
  EXPECT_EQ(run(Tensor::Zeros(DType::kF32, {1, 3, 20, 12}).value()).status, 0);
  ExpectError(run(Tensor::Zeros(DType::kF64, {1, 3, 8, 8}).value()), 65, "float32");
  ExpectError(run(Tensor::Zeros(DType::kF32, {1, 4, 8, 8}).value()), 65, "3");
  ExpectError(run(Tensor::Zeros(DType::kF32, {3, 8, 8}).value()), 65, "");
  ExpectError(run(Tensor::Zeros(DType::kF32, {1, 3, 3, 8}).value()), 65, "tiny.py:27:12");  // the guard of `if`
  EXPECT_FALSE(fs::exists(Path("y.npy"))) << "nothing half written";
  ExpectError(Fusepack("run " + model + " --input " + Path("x.npy") + " --input " + Path("x.npy") + " --output " + Path("y.npy")), 2, "2 --input");
}

TEST_F(Command, SeveralOutputs) {
  const std::string model = Path("two.fpk");
  ASSERT_EQ(Fusepack("pack tests/tools/models --entry tiny:TwoOutputs --shape 2x3x4 --shape 2x3x4 -o " + model).status, 0);
  float values[24];
  for (int i = 0; i < 24; i++) values[i] = static_cast<float>(i);
  ASSERT_TRUE(npy::WriteNpy(Path("x.npy"), Tensor::FromValues<float>({2, 3, 4}, values)).ok());
  const std::string x = " --input " + Path("x.npy");
  const Done done = Fusepack("run " + model + x + x + " --output " + Path("0.npy") + " --output " + Path("1.npy") + " --output " +
                             Path("2.npy") + " --output " + Path("3.npy"));
  ASSERT_EQ(done.status, 0) << done.err;
  EXPECT_EQ(npy::ReadNpy(Path("0.npy")).value().ItemAsDouble(23), 46);
  EXPECT_EQ(npy::ReadNpy(Path("1.npy")).value().ToString(), "i64[]");
  EXPECT_EQ(npy::ReadNpy(Path("1.npy")).value().ItemAsInt(), 2);
  EXPECT_EQ(npy::ReadNpy(Path("2.npy")).value().ItemAsDouble(5), 25);
  EXPECT_EQ(npy::ReadNpy(Path("3.npy")).value().ToString(), "f32[2,12]");
}

TEST_F(Command, WrongReferenceFailsVerify) {
  Tensor wrong = Tensor::Zeros(DType::kF32, {2, 5}).value();
  ASSERT_TRUE(npy::WriteNpy(Path("wrong.npy"), wrong).ok());
  const std::string model = Pack("m.fpk", "--expect " + Path("wrong.npy"));
  const Done done = Fusepack("verify " + model);
  EXPECT_EQ(done.status, 1);
  EXPECT_NE(done.out.find("FAILED"), std::string::npos) << done.out;
  const Done bench = Fusepack("bench " + model + " --batch 1 --seconds 0.01");
  EXPECT_EQ(bench.status, 1) << "no figures for outputs that are wrong";
}

TEST_F(Command, BisectNamesTheOperatorOfACorruptedWeight) {
  Package package = ReadPackage(Pack("m.fpk")).value();
  const std::string victim = "blocks.1.conv1.weight";
  Tensor corrupted;
  for (StateTensor& s : package.state) {
    if (s.name != victim) continue;
    s.tensor = corrupted = s.tensor.Clone().value();
    for (int64_t i = 0; i < corrupted.numel(); i++) corrupted.mutable_view().as<float>()[i] += 0.5f;
  }
  ASSERT_TRUE(corrupted.defined());
  Graph& graph = package.methods[0].graph;
  for (auto& [id, tensor] : graph.constants) {
    if (graph.value(id).name == victim) tensor = corrupted;
  }
  ASSERT_TRUE(WritePackage(Path("bad.fpk"), package).ok());
  const Done done = Fusepack("verify --bisect " + Path("bad.fpk"));
  EXPECT_EQ(done.status, 1);
  EXPECT_NE(done.out.find("blocks.1.conv1"), std::string::npos) << done.out;
  EXPECT_NE(done.out.find("tiny.py:15"), std::string::npos) << done.out;
}

// Weights changed before the conversion: the package agrees with itself, and only the given reference says otherwise.
TEST_F(Command, BisectHintsAtTheWeightThatIsUnlikeItsPeers) {
  const std::string good = Pack("good.fpk", "--save-input " + Path("x.npy"));
  ASSERT_EQ(Fusepack("run " + good + " --input " + Path("x.npy") + " --output " + Path("y.npy")).status, 0);
  const Done packed = Fusepack("pack tests/tools/models --entry tiny:scaled --seed 3 --eval --input " + Path("x.npy") + " --expect " +
                               Path("y.npy") + " -o " + Path("scaled.fpk"));
  ASSERT_EQ(packed.status, 0) << packed.err;
  EXPECT_NE(packed.err.find("differs from the model's float64 evaluation"), std::string::npos) << packed.err;
  const Done done = Fusepack("verify --bisect " + Path("scaled.fpk"));
  EXPECT_EQ(done.status, 1);
  const size_t hint = done.out.find("(a hint):\n");
  ASSERT_NE(hint, std::string::npos) << done.out;
  const std::string first = done.out.substr(hint + 10, done.out.find('\n', hint + 10) - hint - 10);
  EXPECT_NE(first.find("conv2d of blocks.0.conv2"), std::string::npos) << done.out;
  EXPECT_NE(first.find("tiny.py:16"), std::string::npos) << done.out;
}

TEST_F(Command, InspectJson) {
  // torch.fx cannot follow Tiny's `if` on a size, and says so; its Block it can.
  ExpectError(Fusepack("inspect --fx " + Pack("m.fpk")), 65, "symbolically traced variables cannot be used as inputs to control flow");
  ASSERT_EQ(Fusepack("pack tests/tools/models --entry tiny:Block --args 3 --eval --shape 2x3x8x8 -o " + Path("block.fpk")).status, 0);
  const auto json = nlohmann::json::parse(Fusepack("inspect --json --fx --graph " + Path("block.fpk")).out);
  EXPECT_EQ(json["fx"]["nodes"][0]["op"], "placeholder");
  EXPECT_NE(json["graphs"]["forward"].get<std::string>().find("conv2d"), std::string::npos);
  for (const char* section : {"--modules", "--tensors", "--sources", "--cases", "--dot", ""}) {
    const Done done = Fusepack(std::string("inspect ") + section + " " + Path("m.fpk"));
    EXPECT_EQ(done.status, 0) << section << done.err;
    EXPECT_NE(done.out, "") << section;
  }
}

TEST_F(Command, BenchJson) {
  ASSERT_EQ(Fusepack("bench " + Pack("m.fpk") + " --batch 1,3 --seconds 0.05 --json " + Path("b.json")).status, 0);
  const auto json = nlohmann::json::parse(ReadFile(work_ / "b.json"));
  ASSERT_EQ(json["results"].size(), 2u);
  EXPECT_EQ(json["results"][1]["batch"], 3);
  EXPECT_EQ(json["results"][1]["verified"], true);
  EXPECT_GT(json["results"][1]["images_per_second"], 0);
  EXPECT_GT(json["results"][1]["latency_ms"]["median"], 0);
}

TEST_F(Command, TestRunsATestFile) {
  const auto write = [&](const std::string& name, const std::string& text) {
    std::ofstream(Path(name)) << text;
    return Path(name);
  };
  fs::create_directories(Path("lib"));
  write("beside.py", "value = 1\n");
  write("lib/further.py", "value = 2\n");
  const std::string passes = write("passes.py", R"(import unittest
import beside, further

class Sums(unittest.TestCase):
    def test_sum(self):
        print("printed")
        self.assertEqual(beside.value + further.value, 3)

    def test_other(self):
        self.assertNotEqual(beside.value, further.value)
)");
  // unittest's report is on stderr, what the file prints on stdout; a file need not call unittest.main().
  const Done done = Fusepack("test " + passes + " --path " + Path("lib"));
  EXPECT_EQ(done.status, 0) << done.err;
  EXPECT_EQ(done.out, "printed\n");
  EXPECT_TRUE(done.err.starts_with("..\n")) << done.err;
  EXPECT_NE(done.err.find("Ran 2 tests"), std::string::npos) << done.err;
  EXPECT_TRUE(done.err.ends_with("\nOK\n")) << done.err;
  const Done verbose = Fusepack("test -v " + passes + " Sums.test_sum --path " + Path("lib"));
  EXPECT_NE(verbose.err.find("test_sum (__main__.Sums.test_sum) ... ok\n"), std::string::npos) << verbose.err;
  EXPECT_NE(verbose.err.find("Ran 1 test "), std::string::npos) << verbose.err;

  const std::string fails = write("fails.py", "import unittest\nclass T(unittest.TestCase):\n  def test_it(self):\n    self.assertTrue(False)\n");
  const Done failed = Fusepack("test " + fails);
  EXPECT_NE(failed.err.find("FAIL: test_it (__main__.T.test_it)"), std::string::npos) << failed.err;
  EXPECT_NE(failed.err.find("File \"" + fails + "\", line 4, in test_it\n    self.assertTrue(False)\nAssertionError: False is not true"),
            std::string::npos) << failed.err;
  ExpectError(failed, 1, "a test did not pass");

  ExpectError(Fusepack("test " + Path("absent.py")), 74, "absent.py");
  ExpectError(Fusepack("test " + passes + " --path " + Path("nowhere")), 74, "nowhere");
  ExpectError(Fusepack("test " + write("broken.py", "def f(:\n")), 65, "broken.py:1");
  ExpectError(Fusepack("test " + write("raises.py", "import no_such_module\n")), 65, "no_such_module");
}

TEST_F(Command, ErrorsInSource) {
  const std::string pack = "pack tests/tools/models -o " + Path("m.fpk") + " --shape 1x3x8x8 --entry ";
  ExpectError(Fusepack(pack + "tiny:broken"), 65, "tiny.py:39:12: NameError: name 'undefined_name' is not defined");
  ExpectError(Fusepack(pack + "tiny:nothing"), 65, "nothing");
  ExpectError(Fusepack(pack + "nowhere:Tiny"), 65, "nowhere");
  ExpectError(Fusepack(pack + "tiny:Tiny --args ',,'"), 2, "--args");
  ExpectError(Fusepack(pack + "tiny:endless --step-limit 100000"), 71, "tiny.py:43");
  const Done traceback = Fusepack("--traceback " + pack + "tiny:broken");
  EXPECT_NE(traceback.err.find("in broken"), std::string::npos) << traceback.err;
  const Done json = Fusepack("--json-errors " + pack + "tiny:broken");
  EXPECT_EQ(nlohmann::json::parse(json.err)["error"]["code"], 65);
  EXPECT_FALSE(fs::exists(Path("m.fpk")));
}

}  // namespace
}  // namespace fusepack
