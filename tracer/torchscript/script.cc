// Compile, evaluate what was compiled, and make an object of its classes for each module, children first.
#include "tracer/torchscript/script.h"

#include <unordered_map>

#include "tracer/torchscript/compiler.h"
#include "tracer/torchscript/unit.h"

namespace fusepack::torchscript {

using py::Interpreter;
using py::Str;
using py::Value;

namespace {

class Instances {
 public:
  Instances(Interpreter& in, Compiler& compiler, CompilationUnit& unit) : in_(in), compiler_(compiler), unit_(unit) {}

  Value Of(const Value& module) {
    if (const auto found = made_.find(module.object()); found != made_.end()) return found->second;
    py::CallScope guard(in_);
    ClassType* cls = compiler_.TypeOfModule(module);
    const Value type = unit_.Find(in_, cls->qualified());
    FP_CHECK(type);
    const Value out = in_.Call(in_.GetAttr(type, "__new__"), {type});
    made_[module.object()] = out;
    py::Dict* own = in_.InstanceDict(out);
    const Value dict = in_.GetAttr(module, "__dict__");
    for (const Declaration& d : cls->declarations) {
      if (!d.constant.empty() || cls->children.count(d.name)) continue;
      Str* name = in_.Intern(d.name);
      if (const Value found = dict.As<py::Dict>()->Get(name)) own->Set(name, Converted(found, d.type));
    }
    for (const char* place : {"_parameters", "_buffers", "_non_persistent_buffers_set"}) {
      own->Set(in_.Intern(place), in_.CallMethod(in_.GetAttr(module, place), "copy", {}));
    }
    const Value modules = in_.GetAttr(out, "_modules");
    for (const auto& entry : std::vector(in_.GetAttr(module, "_modules").As<py::Dict>()->table.entries())) {
      if (entry.key) in_.SetItem(modules, entry.key, entry.value.is_none() ? entry.value : Of(entry.value));
    }
    return out;
  }

 private:
  // A value whose class the program has its own copy of: an enum member, a named tuple, an object of a script class.
  Value Converted(const Value& value, const std::string& type) {
    if (!type.starts_with("__torch__.") || !value.is_object()) return value;
    const Value cls = unit_.Find(in_, type);
    if (!cls) return value;
    if (in_.IsInstance(value, in_.GetAttr(in_.Import("enum"), "Enum"))) return in_.Call(cls, {in_.GetAttr(value, "value")});
    if (value.As<py::Tuple>()) return in_.Call(cls, py::Args(in_.ToVector(value)));
    const Value out = in_.Call(in_.GetAttr(cls, "__new__"), {cls});
    in_.CallMethod(in_.GetAttr(out, "__dict__"), "update", {in_.GetAttr(value, "__dict__")});
    return out;
  }

  Interpreter& in_;
  Compiler& compiler_;
  CompilationUnit& unit_;
  std::unordered_map<const py::Object*, Value> made_;
};

constexpr int kWrittenVersion = 10;

CompilationUnit& UnitFor(Interpreter& in, const Compiler& compiler) {
  CompilationUnit& unit = NewUnit(in, kWrittenVersion);
  for (const auto& [module, text] : compiler.Sources()) {
    const Status added = unit.AddSource(module, text);
    if (!added.ok()) throw py::Fatal{added.error()};
  }
  unit.SetConstants(compiler.constants());
  return unit;
}

}  // namespace

Value Script(Interpreter& in, const Value& value) {
  const Value jit = in.Import("torch.jit");
  if (in.IsInstance(value, in.GetAttr(jit, "ScriptModule")) || in.IsInstance(value, in.GetAttr(jit, "ScriptFunction"))) return value;
  if (value.As<py::Type>()) return value;
  Compiler compiler(in);
  if (auto* f = value.As<py::Function>()) {
    Compiled* made = compiler.FreeFunction(f, {});
    CompilationUnit& unit = UnitFor(in, compiler);
    const Value compiled = unit.Find(in, made->name);
    const std::string name(f->name->text());
    return in.Call(in.GetAttr(jit, "ScriptFunction"), {compiled, Value(in.NewStr(name)), Value(in.NewStr(made->text)), value});
  }
  if (!compiler.IsModule(value)) in.RaiseTypeError("torch.jit.script of an object of type " + in.TypeName(value));
  ClassType* cls = compiler.TypeOfModule(value);
  compiler.CompileModule(cls);
  CompilationUnit& unit = UnitFor(in, compiler);
  return Instances(in, compiler, unit).Of(value);
}

}  // namespace fusepack::torchscript
