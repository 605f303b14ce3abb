// Every torch.nn class against a real PyTorch (data/nn.json, made by make_nn.py): repr, state after construction with
// seed 0, output of forward, state after it.
#include <cmath>
#include <fstream>

#include <nlohmann/json.hpp>

#include "tests/torch/evaluator.h"

namespace fusepack {
namespace {

using nlohmann::json;

json ToJson(py::Interpreter& in, const py::Value& v) {
  if (v.is_bool()) return v.boolean();
  if (v.is_int()) return v.integer();
  if (v.is_float()) return v.number();
  if (auto* s = v.As<py::Str>()) return s->text();
  json out = json::array();
  for (const py::Value& item : in.ToVector(v)) out.push_back(ToJson(in, item));
  return out;
}

std::string Source(const json& c) {
  std::string source =
      "import torch\nfrom torch import nn\n"
      "def sums(t):\n    t = t.detach().double()\n    return [float(t.sum()), float(t.abs().sum())]\n"
      "torch.manual_seed(0)\nmodule = " + c["expr"].get<std::string>() + "\ntext = repr(module)\n"
      "module.train(" + (c["mode"] == "train" ? "True" : "False") + ")\n";
  if (!c["inputs"].empty()) {
    source += "inputs = [";
    for (const json& shape : c["inputs"]) {
      if (shape.is_string()) {
        source += "torch.randint(0, 10, (2, 3)), ";
      } else {
        source += "torch.rand((";
        for (const json& s : shape) source += s.dump() + ", ";
        source += ")), ";
      }
    }
    source +=
        "]\nout = module(*inputs)\nif isinstance(out, tuple):\n    out = out[0]\n"
        "shape = list(out.shape)\nvalues = out.double().flatten().tolist()[:48]\ntotal = sums(out)\n";
  }
  return source + "state = [[k, list(v.shape)] + sums(v) for k, v in module.state_dict().items()]\n";
}

// Within the rounding of f32 sums in another order: 2e-6 of the size of what is added up.
void ExpectNear(const json& got, const json& expected, double scale, const std::string& what) {
  EXPECT_NEAR(got.get<double>(), expected.get<double>(), 2e-6 * (1 + scale)) << what;
}

TEST(Nn, EveryClassAsPyTorch) {
  std::ifstream file("tests/torch/data/nn.json");
  const json cases = json::parse(file);
  ASSERT_GT(cases.size(), 100u);
  for (const json& c : cases) {
    SCOPED_TRACE(c["expr"].get<std::string>() + ", " + c["mode"].get<std::string>());
    Evaluator evaluator;
    py::Interpreter& in = evaluator.in();
    const py::Value module = evaluator.Run(Source(c));
    if (!module) continue;
    const auto global = [&](const char* name) { return ToJson(in, in.GetAttr(module, name)); };
    EXPECT_EQ(global("text"), c["repr"]);
    const json state = global("state");
    ASSERT_EQ(state.size(), c["state"].size());
    for (size_t i = 0; i < state.size(); i++) {
      const std::string name = state[i][0];
      EXPECT_EQ(state[i][0], c["state"][i][0]);
      EXPECT_EQ(state[i][1], c["state"][i][1]) << name;
      for (int k : {2, 3}) ExpectNear(state[i][k], c["state"][i][k], c["state"][i][3].get<double>(), name);
    }
    if (c["inputs"].empty()) continue;
    EXPECT_EQ(global("shape"), c["shape"]);
    const json values = global("values");
    ASSERT_EQ(values.size(), c["values"].size());
    for (size_t i = 0; i < values.size(); i++) {
      ExpectNear(values[i], c["values"][i], std::abs(c["values"][i].get<double>()), "element " + std::to_string(i));
    }
    const json total = global("total");
    for (int k : {0, 1}) ExpectNear(total[k], c["sums"][k], c["sums"][1].get<double>(), "sum of the output");
  }
}

}  // namespace
}  // namespace fusepack
