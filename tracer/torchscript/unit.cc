// A source is evaluated as it stands but for two forms of class bodies that mean nothing to the evaluator and are blanked,
// so that every line keeps its number: `__annotations__ = []` and `__annotations__["0"] = T`, the declaration of an attribute
// whose name is no identifier.
//
// `__torch__` is an object of its own and not the module `__torch__` (which may exist): among the globals of that module
// `torch` is the aten namespace, while `__torch__.torch` is a folder.
#include "tracer/torchscript/unit.h"

#include <algorithm>

#include "tracer/python/module.h"
#include "tracer/python/parse.h"

namespace fusepack::torchscript {

using py::Interpreter;
using py::Str;
using py::Value;

namespace {

struct UnitState {
  std::vector<std::unique_ptr<CompilationUnit>> units;
  py::Type* namespace_type = nullptr;
};

std::string FileOf(const std::string& module) {
  std::string path = "code/" + module + ".py";
  std::replace(path.begin(), path.end() - 3, '.', '/');
  return path;
}

bool IsAnnotations(const py::ast::Expr* e) {
  const auto* name = e->Maybe<py::ast::Name>();
  return name != nullptr && name->id == "__annotations__";
}

Result<std::string> Rewrite(const std::string& file, const std::string& text) {
  FP_ASSIGN_OR_RETURN(auto tree, py::Parse(file, text));
  std::string out = tree->source();
  for (const py::ast::Stmt* statement : tree->body()) {
    const auto* cls = statement->Maybe<py::ast::ClassDef>();
    if (cls == nullptr) continue;
    for (const py::ast::Stmt* member : cls->body) {
      const auto* assign = member->Maybe<py::ast::Assign>();
      if (assign == nullptr || assign->targets.size() != 1) continue;
      const py::ast::Expr* target = assign->targets[0];
      const auto* item = target->Maybe<py::ast::Subscript>();
      if (!IsAnnotations(item != nullptr ? item->value : target)) continue;
      const size_t begin = tree->Offset(assign->start), end = tree->Offset(assign->end);
      for (size_t i = begin; i < end; i++) {
        if (out[i] != '\n') out[i] = ' ';
      }
      out.replace(begin, 4, "pass");
    }
  }
  return out;
}

}  // namespace

class CompilationUnit::Namespace : public py::Object {
 public:
  Namespace(CompilationUnit* unit, std::string path) : unit_(unit), path_(std::move(path)) {}
  bool GetAttr(Interpreter& in, Str* name, Value* out) override {
    // Inside a class Python reads `___torch_mangle_3` as `_Class___torch_mangle_3`.
    std::string_view given = name->text();
    const size_t mangled = given.find("___torch_mangle_");
    if (given.starts_with('_') && mangled != std::string_view::npos) given.remove_prefix(mangled);
    const std::string full = path_ + "." + std::string(given);
    if (unit_->IsFolder(full)) return *out = unit_->NamespaceAt(in, full), true;
    if (const Value found = unit_->Find(in, full)) return *out = found, true;
    return py::Object::GetAttr(in, name, out);
  }
  std::string Repr(Interpreter&) override { return "<namespace " + path_ + ">"; }

 private:
  CompilationUnit* const unit_;
  const std::string path_;
};

Status CompilationUnit::AddSource(const std::string& module, const std::string& text) {
  if (sources_.count(module)) return BadInput(FileOf(module), "a second source of module " + module, "one");
  FP_ASSIGN_OR_RETURN(rewritten_[module], Rewrite(FileOf(module), text));
  sources_[module] = text;
  return OkStatus();
}

bool CompilationUnit::IsFolder(std::string_view path) const {
  const auto at = sources_.lower_bound(std::string(path));
  if (at == sources_.end()) return false;
  if (at->first == path) return true;
  // "a.b" < "a.b.c", but other names ("a.b-") may lie between them.
  const std::string below = std::string(path) + ".";
  const auto first = sources_.lower_bound(below);
  return first != sources_.end() && first->first.compare(0, below.size(), below) == 0;
}

Value CompilationUnit::NamespaceAt(Interpreter& in, const std::string& path) {
  Value& slot = namespaces_[path];
  if (slot) return slot;
  UnitState& state = in.State<UnitState>();
  if (state.namespace_type == nullptr) {
    py::NativeType type;
    type.name = "namespace";
    type.module = "torch.jit";
    state.namespace_type = in.DefineType(type);
  }
  return slot = Value(in.New<Namespace>(state.namespace_type, this, path));
}

py::Module* CompilationUnit::Import(Interpreter& in, const std::string& name) {
  if (const auto found = modules_.find(name); found != modules_.end()) return found->second.get();
  const bool ours = name == "__torch__" || name.rfind("__torch__.", 0) == 0;
  if (!ours) return in.importer().Import(in, name);
  const auto source = rewritten_.find(name);
  if (source == rewritten_.end()) {
    if (!IsFolder(name)) return nullptr;
    return (modules_[name] = in.NewEmptyModule(name, true, this)).get();
  }
  if (names_.empty()) {
    const bool old = version_ < kFirstVersionOfTrueDivision;
    const Value names = in.Call(in.GetAttr(in.Import("torch.jit._environment"), "names"), {Value::Bool(old)});
    for (const auto& entry : names.As<py::Dict>()->table.entries()) {
      if (entry.key) names_.push_back({in.Intern(entry.key.As<Str>()->text()), entry.value});
    }
    names_.push_back({in.Intern("__torch__"), NamespaceAt(in, "__torch__")});
    py::Ref<py::Module> constants = in.NewEmptyModule("CONSTANTS", false, this);
    for (size_t i = 0; i < constants_.size(); i++) constants->SetNow(in.Intern("c" + std::to_string(i)), constants_[i]);
    names_.push_back({in.Intern("CONSTANTS"), Value(constants)});
  }
  py::Ref<py::Module> made = in.NewSourceModule(name, FileOf(name), source->second, true, this);
  for (const auto& [bound, value] : names_) made->SetNow(bound, value);
  modules_[name] = made;
  return made.get();
}

Value CompilationUnit::Find(Interpreter& in, const std::string& qualified_name) {
  const size_t dot = qualified_name.rfind('.');
  if (dot == std::string::npos) return Value();
  const std::string module = qualified_name.substr(0, dot);
  if (!sources_.count(module)) return Value();
  Str* name = in.Intern(qualified_name.substr(dot + 1));
  for (const auto& [bound, value] : names_) {
    if (bound == name) return Value();
  }
  py::Module* from = Import(in, module);
  for (const auto& [bound, value] : names_) {
    if (bound == name) return Value();
  }
  return from->Get(in, name);
}

bool CompilationUnit::Has(Interpreter& in, const py::Type* type) {
  const Value module = in.FindAttr(Value(const_cast<py::Type*>(type)), "__module__");
  auto* name = module ? module.As<Str>() : nullptr;
  if (name == nullptr) return false;
  const auto found = modules_.find(std::string(name->text()));
  return found != modules_.end() && found->second->globals()->Get(in.Intern(type->name())).object() == type;
}

CompilationUnit& NewUnit(Interpreter& in, int version) {
  UnitState& state = in.State<UnitState>();
  state.units.emplace_back(new CompilationUnit(version));
  return *state.units.back();
}

CompilationUnit* UnitOf(Interpreter& in, const py::Type* type) {
  for (const auto& unit : in.State<UnitState>().units) {
    if (unit->Has(in, type)) return unit.get();
  }
  return nullptr;
}

}  // namespace fusepack::torchscript
