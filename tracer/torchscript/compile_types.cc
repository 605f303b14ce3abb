// Attributes of a module, and what TorchScript keeps them as:
//   parameters and buffers     Tensor; NoneType where there is none
//   children                   the child's class
//   names in __constants__, or annotated Final     Final[T] = literal, known while compiling
//   everything else with a type                    an attribute of that type (a class annotation's, or the value's own)
//   what has no type (functions, other objects)    known while compiling, and not in the archive
#include <algorithm>
#include <array>
#include <string_view>

#include "tracer/package/importer.h"
#include "tracer/torch/tensor_value.h"
#include "tracer/torchscript/compiler.h"
#include "tracer/torchscript/declarations.h"

namespace fusepack::torchscript {

using py::Interpreter;
using py::Str;
using py::Value;

namespace {

constexpr std::array kInternal = {
    "_parameters", "_buffers", "_modules", "_non_persistent_buffers_set", "_backward_pre_hooks", "_backward_hooks",
    "_forward_hooks", "_forward_hooks_with_kwargs", "_forward_hooks_always_called", "_forward_pre_hooks",
    "_forward_pre_hooks_with_kwargs", "_state_dict_hooks", "_state_dict_pre_hooks", "_load_state_dict_pre_hooks",
    "_load_state_dict_post_hooks"};

std::vector<std::pair<std::string, Value>> Entries(const Value& dict) {
  std::vector<std::pair<std::string, Value>> out;
  if (auto* d = dict.As<py::Dict>()) {
    for (const auto& entry : d->table.entries()) {
      if (entry.key && entry.key.As<Str>()) out.emplace_back(entry.key.As<Str>()->text(), entry.value);
    }
  }
  return out;
}

// The module that the class was written in: where its functions look names up.
py::Function* AnyFunction(py::Type* cls) {
  if (cls->dict() == nullptr) return nullptr;
  for (const auto& entry : cls->dict()->table.entries()) {
    if (!entry.key) continue;
    if (auto* f = entry.value.As<py::Function>()) return f;
  }
  return nullptr;
}

// What __constants__, Final and annotations of the classes say.
struct ClassNotes {
  std::set<std::string> constants;
  std::map<std::string, Value> annotations;
};

ClassNotes NotesOf(Interpreter& in, py::Type* type) {
  ClassNotes notes;
  const std::vector<py::Type*>& mro = type->mro();
  for (auto cls = mro.rbegin(); cls != mro.rend(); ++cls) {
    if ((*cls)->native() || (*cls)->dict() == nullptr) continue;
    if (const Value constants = (*cls)->dict()->Get(in.Intern("__constants__"))) {
      for (const Value& name : in.ToVector(constants)) {
        if (name.As<Str>()) notes.constants.insert(std::string(name.As<Str>()->text()));
      }
    }
    for (const auto& [name, value] : Entries((*cls)->dict()->Get(in.Intern("__annotations__")))) {
      Value annotation = value;
      auto* text = value.As<Str>();
      if (text != nullptr) {
        const std::string written(text->text());
        if (written.rfind("Final", 0) == 0 || written.find(".Final") != std::string::npos) notes.constants.insert(name);
        if (py::Function* f = AnyFunction(*cls)) annotation = EvaluateIn(in, f, written);
      }
      notes.annotations[name] = annotation;
    }
  }
  return notes;
}

}  // namespace

bool IsPlainName(std::string_view name) {
  static const std::set<std::string_view> kKeywords = {
      "False", "None", "True", "and", "as", "assert", "async", "await", "break", "class", "continue", "def", "del", "elif",
      "else", "except", "finally", "for", "from", "global", "if", "import", "in", "is", "lambda", "nonlocal", "not", "or",
      "pass", "raise", "return", "try", "while", "with", "yield"};
  const auto letter = [](char c) { return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || c == '_'; };
  if (name.empty() || !letter(name[0])) return false;
  for (char c : name) {
    if (!letter(c) && !(c >= '0' && c <= '9')) return false;
  }
  return kKeywords.count(name) == 0;
}

Compiler::Compiler(Interpreter& in) : in_(in), lower_(in.Import("torch.jit._lower")) {
  module_type_ = in.GetAttr(in.Import("torch.nn"), "Module");
  script_module_type_ = in.GetAttr(in.Import("torch.jit"), "ScriptModule");
  named_ = in.NewFunction("named", "cls", [this](Interpreter& in, py::BoundArgs& a) {
    return Value(in.NewStr(TypeOfClass(a[0])->qualified()));
  });
}

bool Compiler::IsModule(const Value& value) { return value.is_object() && in_.IsInstance(value, module_type_); }

bool Compiler::IsPrelude(const py::Function* function) const {
  const std::string& module = function->module->name();
  return module == "torch" || module.rfind("torch.", 0) == 0;
}

std::string Compiler::TypeText(const Value& annotation) {
  return std::string(in_.Call(lower("type_text"), {annotation, named_}).As<Str>()->text());
}

std::string Compiler::TypeOfValue(const Value& value) {
  return std::string(in_.Call(lower("type_of"), {value, named_}).As<Str>()->text());
}

std::string Compiler::Literal(const Value& value) {
  if (auto* object = value.object_or_null()) {
    if (in_.Truth(in_.Call(lower("is_enum"), {Value(in_.TypeOf(value))}))) {
      return TypeOfClass(Value(in_.TypeOf(value)))->qualified() + "." + std::string(in_.GetAttr(value, "name").As<Str>()->text());
    }
    if (torch::AsTensor(value) != nullptr) return "CONSTANTS.c" + std::to_string(AddConstant(value));
    (void)object;
  }
  const Value text = in_.Call(lower("literal"), {value});
  return text.is_none() ? "" : std::string(text.As<Str>()->text());
}

size_t Compiler::AddConstant(const Value& tensor) {
  const auto [at, added] = constant_index_.emplace(tensor.object(), constants_.size());
  if (added) constants_.push_back(tensor);
  return at->second;
}

std::string Compiler::Modifier(const Value& function) {
  const Value mark = in_.FindAttr(function, "_torchscript_modifier");
  return mark && mark.As<Str>() ? std::string(mark.As<Str>()->text()) : "";
}

std::vector<Value> Compiler::Overloads(py::Function* function) {
  const Value found = in_.CallMethod(in_.Import("torch.jit"), "_overloads_of", {Value(function)});
  return in_.ToVector(found);
}

void Compiler::Fail(const std::string& place, const std::string& message, Failure failure) {
  const std::string text = place.empty() ? message : place + ": " + message;
  if (failure == kRuntimeError) in_.Raise(in_.types().runtime_error, text);
  const char* cls = failure == kNotSupported ? "NotSupportedError" : "UnsupportedNodeError";
  in_.RaiseException(in_.Call(in_.GetAttr(in_.Import("torch.jit.frontend"), cls), {Value(in_.NewStr(text))}));
}

void Compiler::Grow(size_t bytes) {
  bytes_ += bytes;
  in_.Step(static_cast<int64_t>(bytes / 64));
  if (bytes_ > kMaxCompiledBytes) in_.OverLimit("a program of more than " + std::to_string(kMaxCompiledBytes) + " bytes", "a smaller one");
}

// "__torch__.a.b", with a mangled part where `name` is taken there.
std::string Compiler::UniqueModule(const std::string& python_module, const std::string& name) {
  std::string module = "__torch__";
  std::string rest(Demangle(python_module));
  if (rest != "__main__" && !rest.empty()) {
    size_t begin = 0;
    while (begin <= rest.size()) {
      const size_t end = std::min(rest.find('.', begin), rest.size());
      std::string part = rest.substr(begin, end - begin);
      for (char& c : part) {
        if (!(isalnum(static_cast<unsigned char>(c)) || c == '_')) c = '_';
      }
      module += "." + (IsPlainName(part) ? part : "_" + part);
      begin = end + 1;
    }
  }
  std::string chosen = module;
  for (int n = 0; foreign_.count(chosen) || !taken_.emplace(chosen + "." + name, nullptr).second; n++) {
    chosen = module + ".___torch_mangle_" + std::to_string(n);
  }
  return chosen;
}

ClassType* Compiler::TypeOfModule(const Value& module) {
  if (const auto found = by_module_.find(module.object()); found != by_module_.end()) {
    if (found->second == nullptr) Fail("", "a module that contains itself");
    return found->second;
  }
  py::CallScope guard(in_);
  kept_.push_back(module);
  if (in_.IsInstance(module, script_module_type_)) return ForeignType(module);
  by_module_[module.object()] = nullptr;
  auto cls = std::make_unique<ClassType>();
  cls->base = "Module";
  cls->python = py::Ref<py::Type>(in_.TypeOf(module));
  cls->example = module;
  cls->name = cls->python->name();
  std::string key = std::to_string(py::IdOf(cls->python.get()));
  Declare(cls.get(), module);
  for (const Declaration& d : cls->declarations) key += "\n" + d.name + ":" + d.type + "=" + d.constant;
  for (const std::string& p : cls->parameters) key += "\np" + p;
  // What is no attribute of the archive is compiled in, so modules share code only where it is the same object.
  const Value dict = in_.GetAttr(module, "__dict__");
  for (const auto& [name, value] : Entries(dict)) {
    if (cls->Find(name) != nullptr || std::find(kInternal.begin(), kInternal.end(), name) != kInternal.end()) continue;
    key += "\n" + name + "!" + (value.is_object() ? std::to_string(py::IdOf(value.object())) : in_.Repr(value));
  }
  ClassType*& known = by_declarations_[key];
  if (known == nullptr) {
    known = cls.get();
    known->module = UniqueModule(known->python->module(), known->name);
    classes_.push_back(std::move(cls));
  }
  return by_module_[module.object()] = known;
}

// `__torch__` is the root of every name of a program, CONSTANTS.cN that of every constant.
std::string Compiler::Renamed(const ForeignProgram& program, const std::string& text) const {
  constexpr std::string_view kRoot = "__torch__.", kConstants = "CONSTANTS.c";
  std::string out;
  for (size_t i = 0; i < text.size();) {
    if (text.compare(i, kRoot.size(), kRoot) == 0) {
      out += program.root + ".";
      i += kRoot.size();
    } else if (text.compare(i, kConstants.size(), kConstants) == 0) {
      i += kConstants.size();
      size_t number = 0;
      for (; i < text.size() && text[i] >= '0' && text[i] <= '9' && number < kMaxConstants; i++) number = number * 10 + (text[i] - '0');
      out += std::string(kConstants) + std::to_string(program.first_constant + number);
    } else {
      out += text[i++];
    }
  }
  return out;
}

const Compiler::ForeignProgram& Compiler::Foreign(CompilationUnit* unit) {
  for (const ForeignProgram& program : programs_) {
    if (program.unit == unit) return program;
  }
  programs_.push_back({unit, "__torch__.loaded" + std::to_string(programs_.size()), constants_.size()});
  const ForeignProgram& program = programs_.back();
  constants_.insert(constants_.end(), unit->constants().begin(), unit->constants().end());
  for (const auto& [module, text] : unit->sources()) {
    foreign_[program.root + module.substr(std::string_view("__torch__").size())] = Renamed(program, text);
    Grow(text.size());
  }
  return program;
}

ClassType* Compiler::ForeignType(const Value& module) {
  py::Type* type = in_.TypeOf(module);
  CompilationUnit* unit = UnitOf(in_, type);
  if (unit == nullptr) Fail("", "a TorchScript module of class " + type->FullName() + ", whose program is not here");
  if (unit->version() < kFirstVersionOfTrueDivision) {
    Fail("", "a module of TorchScript version " + std::to_string(unit->version()) + ", which divides integers otherwise, inside a new program");
  }
  const ForeignProgram program = Foreign(unit);
  auto owned = std::make_unique<ClassType>();
  ClassType* cls = owned.get();
  classes_.push_back(std::move(owned));
  cls->foreign = true;
  cls->base = "Module";
  cls->python = py::Ref<py::Type>(type);
  cls->example = module;
  cls->name = type->name();
  cls->module = program.root + type->module().substr(std::string_view("__torch__").size());
  by_module_[module.object()] = cls;
  const auto source = unit->sources().find(type->module());
  if (source == unit->sources().end()) Fail("", "class " + type->FullName() + " without its code");
  auto declared = DeclarationsOf(source->second, type->name());
  if (!declared.ok()) throw py::Fatal{declared.error()};
  for (const auto& [name, text] : declared->attributes) cls->declarations.push_back({name, Renamed(program, text), ""});
  for (const auto& [name, child] : Entries(in_.GetAttr(module, "_modules"))) {
    if (!child.is_none()) cls->children[name] = TypeOfModule(child);
  }
  return cls;
}

void Compiler::Declare(ClassType* cls, const Value& module) {
  const ClassNotes notes = NotesOf(in_, cls->python.get());
  const auto annotated = [&](const std::string& name, std::string type) {
    const auto found = notes.annotations.find(name);
    if (found == notes.annotations.end()) return type;
    try {
      const std::string said = TypeText(found->second);
      // An annotation matters where it says more than the value: Optional, or the elements of an empty list.
      return said;
    } catch (py::Raised&) {
      return type;
    }
  };
  for (const auto& [name, value] : Entries(in_.GetAttr(module, "_parameters"))) {
    cls->parameters.push_back(name);
    cls->declarations.push_back({name, value.is_none() ? annotated(name, "NoneType") == "Optional[Tensor]" ? "Optional[Tensor]" : "NoneType" : "Tensor", ""});
  }
  for (const auto& [name, value] : Entries(in_.GetAttr(module, "_buffers"))) {
    cls->buffers.push_back(name);
    cls->declarations.push_back({name, value.is_none() ? annotated(name, "NoneType") == "Optional[Tensor]" ? "Optional[Tensor]" : "NoneType" : "Tensor", ""});
  }
  const auto entries = Entries(in_.GetAttr(module, "__dict__"));
  const auto children = Entries(in_.GetAttr(module, "_modules"));
  std::set<std::string> seen;
  const auto attribute = [&](const std::string& name, const Value& value) {
    if (std::find(kInternal.begin(), kInternal.end(), name) != kInternal.end() || !seen.insert(name).second) return;
    if (in_.IsCallable(value) && !IsModule(value) && !value.is_none()) return;
    std::string type, constant;
    try {
      type = annotated(name, "");
      if (type.empty()) type = TypeOfValue(value);
      if (notes.constants.count(name)) constant = Literal(value);
      if (!constant.empty() && value.is_none()) type = "NoneType";
    } catch (py::Raised&) {
      return;
    }
    cls->declarations.push_back({name, type, constant});
  };
  for (const auto& [name, value] : entries) attribute(name, value);
  // Constants of the class itself.
  for (const std::string& name : notes.constants) {
    const Value value = in_.FindAttr(Value(cls->python.get()), name);
    if (value && !seen.count(name)) attribute(name, value);
  }
  for (const auto& [name, value] : children) {
    if (value.is_none()) {
      cls->declarations.push_back({name, "NoneType", ""});
      continue;
    }
    ClassType* child = TypeOfModule(value);
    cls->children[name] = child;
    cls->declarations.push_back({name, child->qualified(), ""});
  }
}

ClassType* Compiler::TypeOfClass(const Value& value) {
  auto* type = value.As<py::Type>();
  if (type == nullptr) in_.RaiseTypeError("unknown type " + in_.Repr(value));
  if (const auto found = by_class_.find(type); found != by_class_.end()) return found->second;
  const bool named_tuple = in_.Truth(in_.Call(lower("is_named_tuple"), {value}));
  const bool enumeration = in_.Truth(in_.Call(lower("is_enum"), {value}));
  if (type->native() || (type->module().rfind("torch.", 0) == 0 && !named_tuple) || in_.IsSubclass(value, module_type_)) {
    in_.RaiseTypeError("class " + type->FullName() + " as a type");
  }
  auto owned = std::make_unique<ClassType>();
  ClassType* cls = owned.get();
  cls->python = py::Ref<py::Type>(type);
  cls->name = type->name();
  cls->module = UniqueModule(type->module(), cls->name);
  classes_.push_back(std::move(owned));
  by_class_[type] = cls;
  kept_.push_back(value);
  if (named_tuple) {
    cls->base = "NamedTuple";
    const ClassNotes notes = NotesOf(in_, type);
    for (const Value& field : in_.ToVector(in_.GetAttr(value, "_fields"))) {
      const std::string name(field.As<Str>()->text());
      const auto annotation = notes.annotations.find(name);
      cls->declarations.push_back({name, annotation == notes.annotations.end() ? "Tensor" : TypeText(annotation->second), ""});
    }
  } else if (enumeration) {
    cls->base = "Enum";
    for (const Value& member : in_.ToVector(value)) {
      const Value member_value = in_.GetAttr(member, "value");
      cls->declarations.push_back({std::string(in_.GetAttr(member, "name").As<Str>()->text()), TypeOfValue(member_value), Literal(member_value)});
    }
  } else {
    // A script class: __init__ says which attributes there are.
    const Value init = type->Lookup(in_.Intern("__init__"));
    if (auto* f = init ? init.As<py::Function>() : nullptr) Method(cls, f, "__init__", {});
    for (py::Type* base : type->mro()) {
      if (base->native() || base->dict() == nullptr) continue;
      if (base != type) in_.RaiseTypeError("class " + type->FullName() + ", which derives from " + base->FullName());
      for (const auto& entry : std::vector(base->dict()->table.entries())) {
        auto* f = entry.key ? entry.value.As<py::Function>() : nullptr;
        if (f != nullptr && entry.key.As<Str>()->text() != "__init__") Method(cls, f, std::string(entry.key.As<Str>()->text()), {});
      }
    }
  }
  return cls;
}

namespace {

// What distinguishes instances of one function: its known arguments and the types of the others.
std::string KeyOf(Interpreter& in, const std::vector<Argument>& arguments) {
  std::string key;
  for (const Argument& a : arguments) {
    key += "|";
    if (!a.given) continue;
    switch (a.value.kind) {
      case Exp::Kind::kDynamic: key += "t" + a.value.type; break;
      case Exp::Kind::kStatic:
        key += a.value.value.is_object() && !a.value.value.As<Str>() && !a.value.value.As<py::Tuple>() && !a.value.value.As<py::List>()
                   ? "o" + std::to_string(py::IdOf(a.value.value.object()))
                   : "v" + in.Repr(a.value.value);
        break;
      case Exp::Kind::kModule: key += "m" + a.value.text; break;
      case Exp::Kind::kMethod: key += "f" + a.value.text + std::to_string(py::IdOf(a.value.value.object())); break;
      case Exp::Kind::kMember: key += "x" + a.value.text + "." + a.value.name; break;
      case Exp::Kind::kItems:
        key += a.value.is_list ? "[" : "(";
        for (const Exp& item : a.value.items) key += KeyOf(in, {{true, item}});
        break;
    }
  }
  return key;
}

}  // namespace

Compiled* Compiler::Compile(Compiled* made, ClassType* cls, py::Function* function, const std::vector<Argument>& arguments) {
  if (depth >= kMaxCompileDepth) Fail("", "functions that call each other deeper than " + std::to_string(kMaxCompileDepth) + " levels");
  py::CallScope guard(in_);
  depth++;
  CompileBody(*this, made, cls, function, arguments);
  depth--;
  made->done = true;
  Grow(made->text.size());
  return made;
}

Compiled* Compiler::Method(ClassType* cls, py::Function* function, const std::string& name, const std::vector<Argument>& arguments) {
  const std::string key = name + "@" + std::to_string(py::IdOf(function)) + KeyOf(in_, arguments);
  auto& slot = cls->by_key[key];
  if (slot != nullptr) return slot.get();
  slot = std::make_unique<Compiled>();
  kept_.push_back(Value(function));
  std::string chosen = name;
  for (int n = 0; !cls->method_names.insert(chosen).second || cls->Find(chosen) != nullptr; n++) chosen = name + "__" + std::to_string(n);
  slot->name = chosen;
  cls->methods.push_back(slot.get());
  return Compile(slot.get(), cls, function, arguments);
}

py::Function* Compiler::Implementation(ClassType* cls, const std::string& name, py::Function* f) {
  for (py::Type* type : cls->python->mro()) {
    const Value other = in_.Call(lower("methods_of"), {Value(type), Value(in_.NewStr(name))});
    if (auto* replaced = other.As<py::Function>()) return replaced;
    if (type->dict() != nullptr && type->dict()->Get(in_.Intern(name))) return f;
  }
  return f;
}

Compiled* Compiler::FreeFunction(py::Function* function, const std::vector<Argument>& arguments) {
  const std::string key = std::to_string(py::IdOf(function)) + KeyOf(in_, arguments);
  auto& slot = functions_[key];
  if (slot != nullptr) return slot.get();
  slot = std::make_unique<Compiled>();
  kept_.push_back(Value(function));
  std::string name(function->name->text());
  if (!IsPlainName(name)) Fail("", "a function called " + name);
  slot->name = UniqueModule(function->module->name(), name) + "." + name;
  function_order_.push_back(slot.get());
  return Compile(slot.get(), nullptr, function, arguments);
}

void Compiler::CompileModule(ClassType* cls) {
  if (cls->foreign) return;
  if (cls->method_names.count("\n")) return;  // begun
  cls->method_names.insert("\n");
  for (const auto& [name, child] : cls->children) CompileModule(child);
  const auto compile = [&](const std::string& name, py::Function* f) {
    const std::vector<Value> overloads = Overloads(f);
    if (overloads.empty()) Method(cls, Implementation(cls, name, f), name, {});
  };
  const Value forward = cls->python->Lookup(in_.Intern("forward"));
  auto* f = forward ? forward.As<py::Function>() : nullptr;
  if (f != nullptr && f->name->text() != "_forward_unimplemented" && Modifier(forward) != "ignore") {
    compile("forward", f);
  }
  std::set<std::string> seen;
  for (py::Type* type : cls->python->mro()) {
    if (type->native() || type->dict() == nullptr) continue;
    for (const auto& entry : std::vector(type->dict()->table.entries())) {
      auto* method = entry.key ? entry.value.As<py::Function>() : nullptr;
      if (method == nullptr || !seen.insert(std::string(entry.key.As<Str>()->text())).second) continue;
      if (Modifier(entry.value) == "export") compile(std::string(entry.key.As<Str>()->text()), method);
    }
  }
}

std::map<std::string, std::string> Compiler::Sources() const {
  std::map<std::string, std::string> out = foreign_;
  for (const auto& cls : classes_) {
    if (cls->foreign) continue;
    std::string& text = out[cls->module];
    text += "class " + cls->name + (cls->base.empty() ? "" : "(" + cls->base + ")") + ":\n";
    const auto names = [](const std::vector<std::string>& list) {
      std::string all = "[";
      for (const std::string& name : list) all += "\"" + name + "\", ";
      return all + "]";
    };
    if (cls->base == "Module") {
      text += "  __parameters__ = " + names(cls->parameters) + "\n";
      text += "  __buffers__ = " + names(cls->buffers) + "\n";
    }
    for (const Declaration& d : cls->declarations) {
      if (cls->base == "Enum") {
        text += "  " + d.name + " = " + d.constant + "\n";
      } else if (!d.constant.empty()) {
        text += "  " + d.name + " : Final[" + d.type + "] = " + d.constant + "\n";
      } else if (IsPlainName(d.name)) {
        text += "  " + d.name + " : " + d.type + "\n";
      } else {
        text += "  __annotations__[\"" + d.name + "\"] = " + d.type + "\n";
      }
    }
    for (const Compiled* method : cls->methods) text += method->text;
    if (cls->base.empty() && cls->declarations.empty() && cls->methods.empty()) text += "  pass\n";
  }
  for (const Compiled* function : function_order_) out[function->name.substr(0, function->name.rfind('.'))] += function->text;
  return out;
}

}  // namespace fusepack::torchscript
