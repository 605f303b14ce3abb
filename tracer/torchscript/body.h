// Body: one function, compiled. The state that statements (compile_statements.cc), expressions (compile_expressions.cc) and
// calls (compile_calls.cc) share. Made for one CompileBody and gone after it.
#pragma once

#include <map>
#include <optional>
#include <set>
#include <string>
#include <utility>
#include <vector>

#include "tracer/torchscript/compiler.h"
#include "tracer/torchscript/type_text.h"

namespace fusepack::torchscript {

using py::Interpreter;
using py::Str;
using py::Value;
namespace ast = py::ast;
using Kind = Exp::Kind;

class Body {
 public:
  Body(Compiler& compiler, Compiled* made, ClassType* cls, py::Function* function)
      : c_(compiler), in_(compiler.in_), made_(made), cls_(cls), f_(function), tree_(*function->code->source->tree) {}
  void Run(const std::vector<Argument>& arguments);

 private:
  using Env = std::map<std::string, Exp>;

  // --- errors and text

  std::string Place(const ast::Node* node) const;
  [[noreturn]] void Fail(const ast::Node* node, const std::string& what) { c_.Fail(Place(node), what + " is not supported by TorchScript"); }
  [[noreturn]] void Wrong(const ast::Node* node, const std::string& what) { c_.Fail(Place(node), what, Compiler::kRuntimeError); }
  void Line(const std::string& text);
  std::string Quote(const std::string& text);
  std::string Temporary() { return "_" + std::to_string(temporaries_++) + "_"; }

  // --- signature

  std::string AnnotationText(const ast::Expr& annotation);
  std::string Signature(const std::vector<Argument>& arguments);

  // --- statements. True: control does not reach what follows.

  bool Block(ast::StmtSeq statements);
  bool Statement(const ast::Stmt& s);
  bool ImportStatement(const ast::Stmt& s);
  bool ExpressionStatement(const ast::ExprStmt& s);
  bool Return(const ast::Return& s);
  void Returned(const std::string& type);
  bool Assign(const ast::Assign& s);
  // Whether a static value must be kept in a variable: only constants can.
  bool IsConstant(const Value& v) { return !c_.Literal(v).empty(); }
  std::string LocalName(const std::string& name);  // another where TorchScript has the name for itself
  void Store(const ast::Expr& target, const Exp& e);
  std::string TargetText(const ast::Expr& target, const std::string& type);
  void Bind(const std::string& name, const Exp& e, const ast::Node& at);
  bool AnnotatedAssign(const ast::AnnAssign& s);
  Exp Typed(const Exp& e, const std::string& type, const ast::Node& at);
  bool Augment(const ast::AugAssign& s);

  // --- control flow

  std::set<std::string> Loosen(ast::StmtSeq a, ast::StmtSeq b, bool loop);
  void Join(Env&& one, bool one_ends, Env&& other, bool other_ends);
  static bool IsSame(const Exp& a, const Exp& b);
  void Refine(const ast::Expr& test, bool holds);
  bool If(const ast::If& s);
  bool Indented(ast::StmtSeq body);
  bool For(const ast::For& s);
  bool IsRange(const Value& v) { return in_.TypeName(v) == "range"; }
  std::string RangeText(const Value& v);
  bool While(const ast::While& s);
  void EmitRaise(const std::string& message, const std::string& cls);
  bool RaiseStatement(const ast::Raise& s);
  bool Assert(const ast::Assert& s);
  bool With(const ast::With& s);

  // --- expressions

  Exp Condition(const ast::Expr& e);
  bool IsText(const Exp& e);
  std::string Text(const Exp& e, const ast::Node& at);
  std::string ObjectText(const Exp& e, const ast::Node& at) { return e.kind == Kind::kModule ? e.text : Text(e, at); }
  std::string TypeOf(const Exp& e);
  Exp Variable(const std::string& name, const ast::Node& at);
  Exp Self();
  Exp Eval(const ast::Expr& e);
  Exp EvalNew(const ast::Expr& e);
  Exp Constant(const ast::Constant& k);
  Exp Items(std::vector<Exp> items, bool list);
  Exp Display(ast::ExprSeq elements, bool list);
  Exp DictDisplay(const ast::Dict& d);
  std::vector<Exp> ItemsOf(const Exp& e, const ast::Node& at);
  Exp Known(const Value& v) { return Exp::Static(v); }
  Exp Child(const Exp& module, const std::string& name, const Value& value);
  std::vector<Exp> Children(const Exp& e, const ast::Node& at, bool values = false);
  static std::string Member(const std::string& object, const std::string& name);
  std::vector<std::pair<std::string, Value>> ChildEntries(const Exp& e);
  std::string ContainerName(const Exp& e);
  bool IsContainer(const Exp& e) { return e.kind == Kind::kModule && !ContainerName(e).empty(); }

  // --- attributes

  Exp Attribute(const ast::Attribute& a);
  Exp SuperMethod(const ast::Attribute& a, const ast::Call& call);
  Exp AttributeOf(const Exp& object, const std::string& name, const ast::Node& at);
  Exp MemberOf(const Exp& object, const std::string& name);
  Exp DynamicAttribute(const Exp& object, const std::string& name, const ast::Node& at);
  ClassType* ClassNamed(const std::string& type);
  Exp ObjectAttribute(const Exp& object, const std::string& name, const ast::Node& at);
  bool Assigns(const Exp& module, const std::string& name);
  Exp ModuleAttribute(const Exp& object, const std::string& name, const ast::Node& at);

  // --- operators

  std::string Arithmetic(ast::BinaryOperator op, const std::string& a, const std::string& b);
  static py::BinOp ToBinOp(ast::BinaryOperator op);
  bool Foldable(const Value& v) { return !v.is_object() || v.As<Str>() || v.As<py::Tuple>(); }
  Exp Binary(ast::BinaryOperator op, const Exp& a, const Exp& b, const ast::Node& at);
  Exp Unary(const ast::UnaryOp& u);
  Exp Boolean(const ast::BoolOp& b);
  Exp Comparison(const ast::Compare& c);
  Exp Compare(ast::CompareOperator op, const Exp& a, const Exp& b, const ast::Node& at);
  Exp Ternary(const ast::IfExp& e);
  std::string IndexText(const ast::Expr& index);
  Exp Subscript(const ast::Subscript& s);
  Exp SliceKnown(const Exp& object, const ast::Slice& slice, const ast::Subscript& s);
  Exp ModuleItem(const Exp& object, const ast::Subscript& s);
  Exp FString(const ast::JoinedStr& j);
  Exp Comprehension(const ast::Expr* element, ast::Seq<ast::Comprehension> generators, const ast::Expr& at);
  void BindKnown(const ast::Expr& target, const Exp& e);
  Exp Generator(const ast::GeneratorExp& g) { return Comprehension(g.element, g.generators, g); }
  Exp DictComprehension(const ast::DictComp& d);

  // --- calls

  struct CallArguments {
    std::vector<Exp> positional;
    std::vector<std::pair<std::string, Exp>> keywords;
    bool all_static() const {
      for (const Exp& e : positional) {
        if (!e.is_static()) return false;
      }
      for (const auto& [name, e] : keywords) {
        if (!e.is_static()) return false;
      }
      return true;
    }
  };
  CallArguments Arguments(const ast::Call& call);
  std::string ArgumentText(const CallArguments& args, const ast::Node& at);
  Exp Call(const ast::Call& call);
  Value EvaluateTypes(const ast::Expr& e);
  std::optional<bool> Matches(const std::string& type, const Value& cls);
  Exp IsInstance(const Exp& e, const Value& cls, const ast::Node& at);
  Exp CallWith(const Exp& callee, CallArguments args, const ast::Node& at);
  Exp CallModule(const Exp& module, CallArguments args, const ast::Node& at);
  std::vector<Argument> BindArguments(py::Function* f, const CallArguments& args, size_t skip, const ast::Node& at);
  static bool Accepts(const std::string& declared, const std::string& type);
  bool NeedsInstance(py::Function* f, const std::vector<Argument>& arguments, size_t skip, bool always);
  std::string RemainingText(py::Function* f, const std::vector<Argument>& arguments, const ast::Node& at);
  void Flatten(std::vector<Argument>* arguments, const ast::Node& at);
  Exp CallMethod(const Exp& object, py::Function* f, const std::string& name, CallArguments args, const ast::Node& at);
  std::optional<Exp> ChildrenCall(Exp object, const std::string& name);
  // A function that is being compiled says what it returns only where it is annotated.
  std::string ResultType(Compiled* made, py::Function*) { return made->type; }
  Exp CallOverload(const Exp& object, py::Function* f, const std::vector<Value>& overloads,
      const std::string& name, std::vector<Argument> arguments, const CallArguments& args, const ast::Node& at);
  Exp CallFunction(py::Function* f, CallArguments args, const ast::Node& at);

  // --- rules

  Value ToPython(const Exp& e, const ast::Node& at);
  bool Is(const Value& v, const char* cls) { return v.is_object() && in_.IsInstance(v, c_.lower(cls)); }
  std::string TextAttr(const Value& v, const char* name) { return std::string(in_.GetAttr(v, name).As<Str>()->text()); }
  bool HasExpr(const Value& v);
  Exp FromPython(const Value& v, const ast::Node& at);
  Value CallPython(const Value& callee, const CallArguments& args);
  Exp CallRule(const Value& rule, const CallArguments& args, const ast::Node& at);

  // --- calls of what is known

  Exp CallKnown(const Value& callee, CallArguments args, const ast::Node& at);
  std::vector<Value> Values(const CallArguments& args);
  Exp CallType(py::Type* type, CallArguments args, const ast::Node& at);
  static std::string IterOf(const std::string& element) { return element.empty() ? "" : "Iter[" + element + "]"; }
  Exp Enumerate(const CallArguments& args, const ast::Node& at);
  Exp Zip(const CallArguments& args, const ast::Node& at);
  Exp CallNative(py::NativeFunction* native, const Value& callee, CallArguments args, const ast::Node& at);
  Exp CallMember(const Exp& member, CallArguments args, const ast::Node& at);
  Exp Operator(const std::string& name, const Exp* self, CallArguments args, const ast::Node& at);

  Compiler& c_;
  Interpreter& in_;
  Compiled* const made_;
  ClassType* const cls_;
  py::Function* const f_;
  const ast::Tree& tree_;
  const ast::FunctionDef* def_ = nullptr;
  std::string self_, out_, declared_return_;
  std::vector<std::string> returned_;
  Env env_;
  std::set<std::string> fluid_, written_;
  std::map<std::string, std::string> declared_;
  int indent_ = 2, temporaries_ = 0, unrolling_ = 0, control_ = 0, nesting_ = 0;
  bool raised_ = false;  // the expression certainly raises, and code for that has been written
  static constexpr int kMaxNesting = 200;
};

}  // namespace fusepack::torchscript
