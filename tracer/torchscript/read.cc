#include "tracer/torchscript/read.h"

#include "tracer/torch/materialize.h"
#include "tracer/torchscript/unit.h"

namespace fusepack::torchscript {

using py::Interpreter;
using py::Value;

namespace {

Status AddSources(const archive::Archive& archive, CompilationUnit* unit) {
  for (const archive::ArchiveModule& module : archive.modules()) {
    if (module.file.empty()) continue;
    FP_ASSIGN_OR_RETURN(const Bytes text, archive.ReadSource(module));
    FP_RETURN_IF_ERROR(unit->AddSource(module.name, std::string(text.text())));
  }
  return OkStatus();
}

Result<std::vector<Value>> Constants(Interpreter& in, const archive::Archive& archive, CompilationUnit* unit) {
  FP_ASSIGN_OR_RETURN(auto tree, archive.LoadPickle("", "constants.pkl"));
  if (!tree->root()->is(archive::PickleKind::kTuple)) {
    return BadInput("pickle 'constants.pkl'", "a " + std::string(archive::PickleKindName(tree->root()->kind)), "a tuple");
  }
  if (tree->root()->items.size() > kMaxConstants) {
    return LimitExceeded("pickle 'constants.pkl'", std::to_string(tree->root()->items.size()) + " constants", "at most " + std::to_string(kMaxConstants));
  }
  FP_ASSIGN_OR_RETURN(const Value made, torch::Materialize(in, tree, *unit, Value::None()));
  std::vector<Value> out;
  const auto* tuple = made.As<py::Tuple>();
  for (size_t i = 0; i < tuple->size(); i++) out.push_back((*tuple)[i]);
  return out;
}

Result<Value> Load(Interpreter& in, const archive::Archive& archive) {
  CompilationUnit& unit = NewUnit(in, archive.version());
  FP_RETURN_IF_ERROR(AddSources(archive, &unit));
  FP_ASSIGN_OR_RETURN(auto constants, Constants(in, archive, &unit));
  unit.SetConstants(std::move(constants));
  FP_ASSIGN_OR_RETURN(auto tree, archive.LoadPickle("", "data.pkl"));
  FP_ASSIGN_OR_RETURN(const Value made, torch::Materialize(in, tree, unit, Value::None()));
  return in.Try([&] {
    const Value jit = in.Import("torch.jit");
    if (!in.IsInstance(made, in.GetAttr(jit, "RecursiveScriptModule"))) {
      throw py::Fatal{BadInput("pickle 'data.pkl'", "an object of type " + in.TypeName(made), "a TorchScript module").error()};
    }
    return in.Call(in.GetAttr(jit, "_finish"), {made});
  });
}

}  // namespace

Result<Value> LoadTorchScript(Interpreter& in, std::shared_ptr<const archive::Archive> archive) {
  FP_CHECK(archive->kind() == archive::ArchiveKind::kTorchScript);
  auto made = Load(in, *archive);
  return made.ok() ? std::move(made) : Result<Value>(WithFile(made.status(), archive->path()));
}

bool IsScriptModule(Interpreter& in, const Value& value) {
  const auto answer = in.Try([&] { return Value::Bool(in.IsInstance(value, in.GetAttr(in.Import("torch.jit"), "ScriptModule"))); });
  return answer.ok() && answer->boolean();
}

}  // namespace fusepack::torchscript
