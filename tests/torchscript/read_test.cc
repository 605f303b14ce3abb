// Archives that real torch.jit.save wrote (make_archives.py), run in the evaluator, against PyTorch's outputs.
#include "tracer/torchscript/read.h"

#include "tests/torchscript/outputs.h"
#include "tracer/torch/trace.h"

namespace fusepack::torchscript {
namespace {

using py::Value;

class ReadTest : public testing::TestWithParam<const char*> {};

TEST_P(ReadTest, GivesPyTorchsOutputs) {
  const std::string name = GetParam();
  auto archive = archive::OpenArchive(DataPath(name + ".pt"));
  ASSERT_TRUE(archive.ok()) << archive.status().ToString();
  Environment environment;
  py::Interpreter& in = environment.interpreter();
  auto module = LoadTorchScript(in, *archive);
  ASSERT_TRUE(module.ok()) << module.status().ToString();
  auto outputs = RunModule(in, *module, ReadNumbered(name + "_x"));
  ASSERT_TRUE(outputs.ok()) << outputs.status().ToString();
  ExpectClose(*outputs, ReadNumbered(name + "_y"));
}

INSTANTIATE_TEST_SUITE_P(Archives, ReadTest,
                         testing::Values("convnet", "trainnet", "control", "containers", "optionals", "structures", "sharedtrace",
                                         "mixed", "constants", "tracedchild", "attention", "stateful"),
                         [](const auto& info) { return std::string(info.param); });

}  // namespace
}  // namespace fusepack::torchscript
