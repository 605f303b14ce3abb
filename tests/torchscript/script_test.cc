// torch.jit.script in the evaluator, on the modules of make_archives.py: the scripted module, and the archive that it is
// saved to, give what the module gives; the same module gives the same bytes.
#include "tracer/torchscript/script.h"

#include "package_format/mapped_file.h"
#include "tests/torchscript/outputs.h"
#include "tracer/torchscript/read.h"
#include "tracer/torchscript/write.h"

namespace fusepack::torchscript {
namespace {

using py::Value;

struct Case {
  const char* name;   // of the files
  const char* cls;
  bool train = false;
};

class ScriptModulesTest : public testing::TestWithParam<Case> {};

Result<Value> MakeModule(Environment& environment, const Case& c) {
  py::Interpreter& in = environment.interpreter();
  environment.sys_importer().AddRoot("tests/torchscript");
  return in.Try([&] {
    in.CallMethod(in.Import("torch"), "manual_seed", {Value::Int(0)});
    const Value made = in.Call(in.GetAttr(in.Import(environment.sys_importer(), "make_archives"), c.cls));
    return in.CallMethod(made, "train", {Value::Bool(c.train)});
  });
}

TEST_P(ScriptModulesTest, RunsAndSavesAndLoads) {
  const Case& c = GetParam();
  Environment environment;
  py::Interpreter& in = environment.interpreter();
  auto module = MakeModule(environment, c);
  ASSERT_TRUE(module.ok()) << module.error().traceback << module.status().ToString();
  auto scripted = in.Try([&] { return Script(in, *module); });
  ASSERT_TRUE(scripted.ok()) << scripted.error().traceback << scripted.status().ToString();
  auto records = TorchScriptRecords(in, *scripted);
  ASSERT_TRUE(records.ok()) << records.status().ToString();
  auto bytes = archive::ZipBytes("m", *records);
  ASSERT_TRUE(bytes.ok()) << bytes.status().ToString();
  if (const char* folder = std::getenv("FUSEPACK_TEST_KEEP")) {
    ASSERT_TRUE(archive::WriteZipFile(std::string(folder) + "/" + c.name + ".pt", *records).ok());
  }
  auto archive = archive::OpenArchive(MappedFile::FromBytes("m.pt", *bytes));
  ASSERT_TRUE(archive.ok()) << archive.status().ToString();
  auto loaded = LoadTorchScript(in, *archive);
  ASSERT_TRUE(loaded.ok()) << loaded.status().ToString();

  const std::vector<Tensor> inputs = ReadNumbered(std::string(c.name) + "_x");
  auto by_script = RunModule(in, *scripted, inputs);
  ASSERT_TRUE(by_script.ok()) << by_script.status().ToString();
  auto by_loaded = RunModule(in, *loaded, inputs);
  ASSERT_TRUE(by_loaded.ok()) << by_loaded.status().ToString();
  ExpectClose(*by_loaded, ReadNumbered(std::string(c.name) + "_y"));  // PyTorch's own

  Environment other;
  auto again = MakeModule(other, c);
  ASSERT_TRUE(again.ok());
  auto scripted_again = other.interpreter().Try([&] { return Script(other.interpreter(), *again); });
  ASSERT_TRUE(scripted_again.ok());
  auto records_again = TorchScriptRecords(other.interpreter(), *scripted_again);
  ASSERT_TRUE(records_again.ok());
  auto bytes_again = archive::ZipBytes("m", *records_again);
  ASSERT_TRUE(bytes_again.ok());
  EXPECT_TRUE(*bytes == *bytes_again) << "the archive differs from run to run";
  auto by_module = RunModule(other.interpreter(), *again, inputs);
  ASSERT_TRUE(by_module.ok()) << by_module.status().ToString();
  ExpectClose(*by_script, *by_module);
}

// A module that has one that was loaded: both programs become one, with the constants of both.
TEST(ScriptTest, TakesOverLoadedModules) {
  auto archive = archive::OpenArchive(DataPath("constants.pt"));
  ASSERT_TRUE(archive.ok()) << archive.status().ToString();
  Environment environment;
  py::Interpreter& in = environment.interpreter();
  auto inner = LoadTorchScript(in, *archive);
  ASSERT_TRUE(inner.ok()) << inner.status().ToString();
  auto program = in.Run("outer.py", R"(
import torch

class Outer(torch.nn.Module):
    def __init__(self, inner):
        super().__init__()
        self.inner = inner
        self.by_name = torch.nn.ModuleDict({"same": inner})

    def forward(self, x):
        y = self.inner(x)
        for name, m in self.by_name.items():
            y = y - m(x) * 2
        return y + x
)");
  ASSERT_TRUE(program.ok()) << program.status().ToString();
  auto outer = in.Try([&] { return in.Call(in.GetAttr(*program, "Outer"), {*inner}); });
  ASSERT_TRUE(outer.ok()) << outer.status().ToString();
  auto scripted = in.Try([&] { return Script(in, *outer); });
  ASSERT_TRUE(scripted.ok()) << scripted.status().ToString();
  auto records = TorchScriptRecords(in, *scripted);
  ASSERT_TRUE(records.ok()) << records.status().ToString();
  auto bytes = archive::ZipBytes("m", *records);
  ASSERT_TRUE(bytes.ok());
  if (const char* folder = std::getenv("FUSEPACK_TEST_KEEP")) {
    ASSERT_TRUE(archive::WriteZipFile(std::string(folder) + "/outer.pt", *records).ok());
  }
  auto read = archive::OpenArchive(MappedFile::FromBytes("m.pt", *bytes));
  ASSERT_TRUE(read.ok()) << read.status().ToString();
  auto loaded = LoadTorchScript(in, *read);
  ASSERT_TRUE(loaded.ok()) << loaded.status().ToString();
  const std::vector<Tensor> inputs = ReadNumbered("constants_x");
  auto expected = RunModule(in, *outer, inputs), found = RunModule(in, *loaded, inputs);
  ASSERT_TRUE(expected.ok()) << expected.status().ToString();
  ASSERT_TRUE(found.ok()) << found.status().ToString();
  ExpectClose(*found, *expected);
}

INSTANTIATE_TEST_SUITE_P(Modules, ScriptModulesTest,
                         testing::Values(Case{"convnet", "ConvNet"}, Case{"trainnet", "TrainNet", true}, Case{"control", "Control"},
                                         Case{"containers", "Containers"}, Case{"optionals", "Optionals"},
                                         Case{"structures", "Structures"}, Case{"mixed", "Mixed"},
                                         Case{"attention", "Attention"}, Case{"stateful", "Stateful"}),
                         [](const auto& info) { return std::string(info.param.name); });

}  // namespace
}  // namespace fusepack::torchscript
