// The compiler from Python source to TorchScript's own, for script.cc. See script.h for what it does and does not do.
//
// A module object becomes a ClassType: the declarations of its attributes and the text of its methods. Modules of one
// Python class whose declarations (with constants, and the types of children) are equal share one. A function or method is
// compiled when a call first needs it, by a Body (body.h), expression by expression: what is known at compile
// time -- modules, functions, constants -- stays a Python value, the rest becomes text with the type that is known of it.
// A branch whose condition is known leaves only what is taken; a loop over modules is written out.
//
// Functions of the prelude (torch.nn.functional and the like) are written without types, so they are instantiated: one
// copy for each combination of known arguments. Which calls mean operators, and what types and constants look like, says
// the prelude's torch.jit._lower, in Python.
//
// All throw Raised (torch.jit.frontend.NotSupportedError, RuntimeError) with "file:line:column: ..." in the message.
#pragma once

#include <map>
#include <memory>
#include <set>
#include <string>
#include <unordered_map>
#include <vector>

#include "tracer/python/callables.h"
#include "tracer/python/interpreter.h"
#include "tracer/torchscript/unit.h"

namespace fusepack::torchscript {

inline constexpr int kMaxCompileDepth = 100;            // functions that call each other
inline constexpr size_t kMaxCompiledBytes = 64u << 20;  // text of one program

struct ClassType;

struct Exp {
  enum class Kind {
    kDynamic,  // text, type
    kStatic,   // value: a constant, function, class, Python module...
    kModule,   // value: an nn.Module; text: how it is reached; cls
    kMethod,   // value: a py::Function; text and cls: of the module (or script class) that it belongs to
    kMember,   // name: of `text`, an object of type `type`
    kItems,    // items; is_list: written [...], else (...)
  };
  Kind kind = Kind::kDynamic;
  std::string text, type, name;
  py::Value value, owner;
  ClassType* cls = nullptr;
  std::vector<Exp> items;
  bool is_list = false;

  static Exp Dynamic(std::string text, std::string type = "") { return {Kind::kDynamic, std::move(text), std::move(type)}; }
  static Exp Static(py::Value value) {
    Exp e;
    e.kind = Kind::kStatic;
    e.value = std::move(value);
    return e;
  }
  bool is_static() const { return kind == Kind::kStatic; }
};

// One compiled function or method.
struct Compiled {
  std::string name;  // of a method; the qualified name of a function
  std::string text;  // from "def" on; empty while it is being compiled
  std::string type;  // what it returns; empty: not known
  bool done = false;
};

struct Declaration {
  std::string name, type;
  std::string constant;  // of a Final; else empty
};

struct ClassType {
  std::string module, name;  // "__torch__.torchvision.models.resnet.___torch_mangle_3", "ResNet"
  std::string base;          // "Module", "NamedTuple", "Enum" or empty
  bool foreign = false;      // of another program, whose text is taken over
  py::Ref<py::Type> python;
  py::Value example;         // an object of the class: nn.Module; null for other classes
  std::vector<std::string> parameters, buffers;
  std::vector<Declaration> declarations;
  std::map<std::string, ClassType*> children;
  std::vector<Compiled*> methods;  // in the order in which they were asked for
  std::map<std::string, std::unique_ptr<Compiled>> by_key;
  std::set<std::string> method_names;
  std::string qualified() const { return module + "." + name; }
  const Declaration* Find(std::string_view attribute) const {
    for (const Declaration& d : declarations) {
      if (d.name == attribute) return &d;
    }
    return nullptr;
  }
};

// What a call gives a parameter: text is compiled into the callee's signature, everything else into its body.
struct Argument {
  bool given = false;
  Exp value;
  bool typed = false;  // its type stands over the parameter's annotation (of an overload's implementation)
};

class Compiler {
 public:
  explicit Compiler(py::Interpreter& in);

  ClassType* TypeOfModule(const py::Value& module);
  ClassType* TypeOfClass(const py::Value& cls);  // NamedTuple, Enum, script class; raises for others
  // `name` is what the method is called in Python. With `arguments`, those that are known are compiled in.
  Compiled* Method(ClassType* cls, py::Function* function, const std::string& name, const std::vector<Argument>& arguments);
  // What is compiled as method `name`: f, or what the prelude has in its place for scripting.
  py::Function* Implementation(ClassType* cls, const std::string& name, py::Function* f);
  Compiled* FreeFunction(py::Function* function, const std::vector<Argument>& arguments);
  // The forward of every module below, and what is marked for export.
  void CompileModule(ClassType* cls);

  // Module name -> text, of everything compiled.
  std::map<std::string, std::string> Sources() const;
  const std::vector<py::Value>& constants() const { return constants_; }
  size_t AddConstant(const py::Value& tensor);

  // --- For Body.
  py::Interpreter& in() { return in_; }
  py::Value lower(const char* name) { return in_.GetAttr(lower_, name); }
  py::Value named() const { return named_; }
  std::string TypeText(const py::Value& annotation);                  // raises TypeError
  std::string TypeOfValue(const py::Value& value);                    // raises TypeError
  std::string Literal(const py::Value& value);                        // empty: it has none
  bool IsModule(const py::Value& value);
  bool IsModuleClass(const py::Value& value) { return in_.IsSubclass(value, module_type_); }
  bool IsPrelude(const py::Function* function) const;
  std::string Modifier(const py::Value& function);                    // "unused", "ignore", "export", ""
  std::vector<py::Value> Overloads(py::Function* function);
  // The class of the error: NotSupportedError, its UnsupportedNodeError (a form of statement or expression), RuntimeError.
  enum Failure { kRuntimeError, kNotSupported, kUnsupportedNode };
  [[noreturn]] void Fail(const std::string& place, const std::string& message, Failure failure = kNotSupported);
  void Grow(size_t bytes);
  int depth = 0;

 private:
  friend class Body;
  std::string UniqueModule(const std::string& module, const std::string& name);
  void Declare(ClassType* cls, const py::Value& module);
  // The class of a module that was scripted or loaded before: its program becomes a part of this one, below a folder of its
  // own (__torch__.loaded0), its constants following ours.
  ClassType* ForeignType(const py::Value& module);
  struct ForeignProgram {
    CompilationUnit* unit;
    std::string root;
    size_t first_constant;
  };
  const ForeignProgram& Foreign(CompilationUnit* unit);
  std::string Renamed(const ForeignProgram& program, const std::string& text) const;
  Compiled* Compile(Compiled* made, ClassType* cls, py::Function* function, const std::vector<Argument>& arguments);

  py::Interpreter& in_;
  py::Value lower_, named_, module_type_, script_module_type_;
  std::vector<std::unique_ptr<ClassType>> classes_;
  std::unordered_map<const py::Object*, ClassType*> by_module_;
  std::map<std::string, ClassType*> by_declarations_;
  std::unordered_map<const py::Object*, ClassType*> by_class_;
  std::map<std::string, std::unique_ptr<Compiled>> functions_;  // by qualified name and arguments
  std::vector<Compiled*> function_order_;
  std::map<std::string, const void*> taken_;                    // qualified names
  std::vector<ForeignProgram> programs_;
  std::map<std::string, std::string> foreign_;                  // sources of those, by module
  std::vector<py::Value> constants_;
  std::unordered_map<const py::Object*, size_t> constant_index_;
  std::vector<py::Value> kept_;
  size_t bytes_ = 0;
};

// Compiles one function body. `cls`: whose method it is, or null.

void CompileBody(Compiler& compiler, Compiled* made, ClassType* cls, py::Function* function, const std::vector<Argument>& arguments);

// The expression `text`, evaluated among the globals of f's module; the text itself where that fails.
py::Value EvaluateIn(py::Interpreter& in, py::Function* f, const std::string& text);

// A name that is written as it is: an identifier and no keyword.
bool IsPlainName(std::string_view name);

}  // namespace fusepack::torchscript
