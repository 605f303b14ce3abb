// A walk over the syntax tree. Calls are not entered, as in PyTorch's visitor, so __import__ counts where a statement or
// another expression holds it, not inside another call's arguments.
#include "tracer/package/dependencies.h"

#include <set>

#include "tracer/python/ast_walk.h"
#include "tracer/python/parse.h"

namespace fusepack {

namespace ast = py::ast;

namespace {

class Walk {
 public:
  explicit Walk(const std::string& package) : package_(package) {}

  Status Visit(const ast::Stmt& s) {
    if (const auto* import = s.Maybe<ast::Import>()) {
      for (const ast::Alias& alias : import->names) Add(std::string(alias.name), "");
      return OkStatus();
    }
    if (const auto* from = s.Maybe<ast::ImportFrom>()) {
      std::string module;
      FP_RETURN_IF_ERROR(Absolute(std::string(from->module), from->level, &module));
      for (const ast::Alias& alias : from->names) Add(module, alias.name == "*" ? "" : std::string(alias.name));
      return OkStatus();
    }
    Status status;
    const auto keep = [&](Status next) {
      if (status.ok()) status = std::move(next);
    };
    const auto on_expr = [&](const ast::Expr& e) { Visit(e); };
    ast::ForEachChild(s, on_expr, [&](const ast::Stmt& x) { keep(Visit(x)); }, [](const ast::Pattern&) {});
    return status;
  }

  std::vector<ImportReference> Take() { return std::move(found_); }

 private:
  void Add(const std::string& module, const std::string& name) {
    if (seen_.insert(module + " " + name).second) found_.push_back({module, name});
  }

  Status Absolute(const std::string& name, int level, std::string* out) {
    std::string base = package_;
    for (int up = 1; up < level; up++) {
      const size_t dot = base.rfind('.');
      if (dot == std::string::npos) return BadInput("", "attempted relative import beyond top-level package");
      base.resize(dot);
    }
    *out = level == 0 ? name : name.empty() ? base : base + "." + name;
    return OkStatus();
  }

  void Visit(const ast::Expr& e) {
    if (const auto* call = e.Maybe<ast::Call>()) return VisitCall(*call);
    ast::ForEachChild(e, [&](const ast::Expr& x) { Visit(x); });
  }

  static bool Text(const ast::Expr* e, std::string* out) {
    const auto* constant = e->Maybe<ast::Constant>();
    if (constant == nullptr || constant->type != ast::ConstantKind::kStr) return false;
    *out = std::string(constant->text);
    return true;
  }
  static bool Texts(const ast::Expr* e, std::vector<std::string>* out) {
    ast::ExprSeq items;
    if (const auto* list = e->Maybe<ast::List>()) items = list->elements;
    else if (const auto* tuple = e->Maybe<ast::Tuple>()) items = tuple->elements;
    else return false;
    for (const ast::Expr* item : items) {
      out->emplace_back();
      if (!Text(item, &out->back())) return false;
    }
    return true;
  }
  static bool Number(const ast::Expr* e, int* out) {
    const auto* constant = e->Maybe<ast::Constant>();
    if (constant == nullptr || constant->type != ast::ConstantKind::kInt) return false;
    const std::string_view digits = constant->text;
    if (digits.size() != 1 || digits[0] < '0' || digits[0] > '9') return false;
    *out = digits[0] - '0';
    return true;
  }

  // __import__(name, globals, locals, fromlist, level); anything but constants is passed over.
  void VisitCall(const ast::Call& call) {
    const auto* function = call.function->Maybe<ast::Name>();
    if (function == nullptr || function->id != "__import__" || call.args.empty()) return;
    std::string name;
    std::vector<std::string> names;
    int level = 0;
    if (!Text(call.args[0], &name)) return;
    if (call.args.size() > 3 && !Texts(call.args[3], &names)) return;
    if (call.args.size() > 4 && !Number(call.args[4], &level)) return;
    for (const ast::Keyword& keyword : call.keywords) {
      if (keyword.name == "fromlist" && call.args.size() <= 3 && !Texts(keyword.value, &names)) return;
      if (keyword.name == "level" && call.args.size() <= 4 && !Number(keyword.value, &level)) return;
    }
    if (names.empty()) {
      Add(name, "");
      const size_t dot = name.rfind('.');
      std::string parent;
      if (dot != std::string::npos && Absolute(name.substr(0, dot), level, &parent).ok()) Add(parent, "");
      return;
    }
    if (!Absolute(name, level, &name).ok()) return;
    for (const std::string& one : names) Add(name, one == "*" ? "" : one);
  }

  const std::string& package_;
  std::vector<ImportReference> found_;
  std::set<std::string> seen_;
};

}  // namespace

Result<std::vector<ImportReference>> FindImports(const std::string& file, const std::string& source, const std::string& package) {
  FP_ASSIGN_OR_RETURN(auto tree, py::Parse(file, source));
  Walk walk(package);
  for (const ast::Stmt* s : tree->body()) FP_RETURN_IF_ERROR(WithFile(walk.Visit(*s), file));
  return walk.Take();
}

}  // namespace fusepack
