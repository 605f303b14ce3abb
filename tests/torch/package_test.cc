// data/crate.pt, a torch.package archive that a real PyTorch made (make_package.py): imports, objects, eager outputs and
// the engine trace.
#include "tracer/package/importer.h"

#include <fstream>

#include <nlohmann/json.hpp>

#include "engine/evaluate.h"
#include "tests/torch/evaluator.h"
#include "tracer/torch/trace.h"

namespace fusepack {
namespace {

using nlohmann::json;

class PackageTest : public testing::Test {
 protected:
  PackageTest()
      : archive_(archive::OpenArchive("tests/torch/data/crate.pt").value()), importer_(evaluator_.in(), archive_),
        net_(importer_.LoadPickle(evaluator_.in(), "model", "model.pkl")) {
    std::ifstream file("tests/torch/data/crate.json");
    expected_ = json::parse(file);
  }
  py::Interpreter& in() { return evaluator_.in(); }
  Tensor Input() {
    Tensor x = Tensor::Zeros(DType::kF32, {3, 2, 6, 4}).value();
    for (int64_t i = 0; i < x.numel(); i++) x.mutable_view().as<float>()[i] = expected_["input"][i];
    return x;
  }
  void ExpectValues(const Tensor& found, const json& expected) {
    ASSERT_EQ(static_cast<size_t>(found.numel()), expected.size());
    for (int64_t i = 0; i < found.numel(); i++) EXPECT_NEAR(found.ItemAsDouble(i), expected[i].get<double>(), 2e-6) << i;
  }

  Evaluator evaluator_;
  std::shared_ptr<const archive::Archive> archive_;
  PackageImporter importer_;
  Result<py::Value> net_;
  json expected_;
};

TEST_F(PackageTest, ObjectsAreRestored) {
  ASSERT_TRUE(net_.ok()) << net_.status().ToString();
  auto state = torch::ModuleState(in(), *net_);
  ASSERT_TRUE(state.ok());
  json parameters = json::array();
  for (const torch::NamedTensor& t : *state) {
    if (t.is_parameter) parameters.push_back(t.name);
  }
  EXPECT_EQ(parameters, expected_["parameters"]);
  Result<py::Value> text = in().Try([&] {
    py::Value keys = in().GetBuiltin("list");
    const std::string names = in().Repr(in().Call(keys, {in().CallMethod(*net_, "state_dict")}));
    std::string listed = expected_["state"].dump();
    std::replace(listed.begin(), listed.end(), '"', '\'');
    std::string spaced;
    for (char c : listed) spaced += c == ',' ? std::string(", ") : std::string(1, c);
    EXPECT_EQ(names, spaced);
    EXPECT_EQ(in().Repr(in().GetAttr(*net_, "settings")),
              "{'sizes': (1, 2), 'names': {'x'}, 'dtype': torch.float16, 'shape': torch.Size([2, 3])}");
    EXPECT_EQ(in().TypeOf(*net_)->module(), "<torch_package_0>.crate.nets");
    const py::Value gate = in().GetAttr(in().GetAttr(*net_, "gates"), "a");
    EXPECT_EQ(in().Repr(in().GetAttr(gate, "restored")), "True");
    EXPECT_EQ(in().Repr(in().GetAttr(gate, "training")), "False");
    EXPECT_TRUE(in().GetAttr(in().GetAttr(*net_, "tied"), "weight").Is(in().GetAttr(in().GetAttr(gate, "lin"), "weight")));
    return py::Value::None();
  });
  ASSERT_TRUE(text.ok()) << text.status().ToString();
}

TEST_F(PackageTest, EvaluatesAsPyTorch) {
  ASSERT_TRUE(net_.ok()) << net_.status().ToString();
  auto out = torch::EvalModule(in(), *net_, {Input()});
  ASSERT_TRUE(out.ok()) << out.error().traceback << out.status().ToString();
  ASSERT_EQ(out->size(), 2u);
  ExpectValues((*out)[0].value, expected_["logits"]);
  ExpectValues((*out)[1].value, expected_["aux"]);
}

TEST_F(PackageTest, TracesAsPyTorch) {
  ASSERT_TRUE(net_.ok()) << net_.status().ToString();
  torch::InputSpec spec;
  spec.sizes = {1, 2, 7, 7};
  Result<Graph> graph = torch::TraceToEngine(in(), *net_, {spec});
  ASSERT_TRUE(graph.ok()) << graph.error().traceback << graph.status().ToString();
  const Tensor inputs[] = {Input()};
  auto out = Evaluate(*graph, inputs, Oracle::kAsWritten);
  ASSERT_TRUE(out.ok()) << out.status().ToString();
  ExpectValues((*out)[0], expected_["logits"]);
  ExpectValues((*out)[1], expected_["aux"]);
  EXPECT_EQ(graph->outputs[1].path, "1");
}

TEST_F(PackageTest, WritingToAMappedParameterCopiesIt) {
  ASSERT_TRUE(net_.ok());
  Result<py::Value> done = in().Try([&] {
    const py::Value gate = in().GetAttr(in().GetAttr(*net_, "gates"), "a");
    const py::Value weight = in().GetAttr(in().GetAttr(gate, "lin"), "weight");
    in().CallMethod(weight, "fill_", {py::Value::Float(2)});
    // The layer that shares the weight sees it, and so does a view made before.
    const py::Value tied = in().GetAttr(in().GetAttr(*net_, "tied"), "weight");
    EXPECT_EQ(in().Repr(in().CallMethod(in().CallMethod(tied, "sum"), "item")), "32.0");
    return py::Value::None();
  });
  ASSERT_TRUE(done.ok()) << done.status().ToString();
}

TEST_F(PackageTest, ImportErrorsAreThoseOfTorchPackage) {
  ASSERT_TRUE(net_.ok());
  Result<py::Value> plot = in().Try([&] { return in().CallMethod(*net_, "plot"); });
  ASSERT_FALSE(plot.ok());
  EXPECT_EQ(plot.error().found, "ModuleNotFoundError: No module named 'missing_plotting'");
  Result<py::Value> other = in().Try([&] { return in().Import(importer_, "torchvision.models"); });
  ASSERT_FALSE(other.ok());
  EXPECT_EQ(other.error().found.substr(0, 138),
            "ModuleNotFoundError: No module named \"torchvision.models\" in self-contained archive "
            "\"tests/torch/data/crate.pt\" and the module is also not");
  EXPECT_EQ(Demangle("<torch_package_3>.a.b"), "a.b");
  EXPECT_EQ(Demangle("a.b"), "a.b");
}

}  // namespace
}  // namespace fusepack
