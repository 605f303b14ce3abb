// Names to places: for every scope of a tree, which names are locals, cells, free variables or globals.
// What it promises the compiler: every name of the tree, asked of the scope that it stands in, has its place. Free
// variables of a scope are cells or free variables of its parent; the parent's Scope::Free says which.
//
// Beside the tree, not in it: a Resolution is keyed by the node that opens the scope. It also makes the checks that
// Python's compiler makes after parsing ('return' outside a function, a nonlocal without a binding, ...); these are
// errors of the whole file. Immutable once made; borrows the tree's strings and must not outlive it.
#pragma once

#include <deque>
#include <set>
#include <string>
#include <string_view>
#include <unordered_map>
#include <vector>

#include "kernels/base/status.h"
#include "tracer/python/ast.h"

namespace fusepack::py {

enum class ScopeKind : uint8_t {
  kModule,
  kFunction,       // def or lambda
  kClass,
  kComprehension,  // a function whose one parameter, slot 0 named ".0", is the first iterator
};

enum class Place : uint8_t {
  kLocal,      // slot of the frame's locals
  kCell,       // cell made by this frame (index into Scope::cells)
  kFree,       // cell handed in by the enclosing frame (index into Scope::frees)
  kGlobal,     // module globals, then built-ins
  kName,       // class body: its namespace, then globals, then built-ins; stores go to the namespace
  kClassFree,  // class body, only read: its namespace, then Scope::frees[index]
};

struct NamePlace {
  Place place = Place::kGlobal;
  int index = -1;  // for kLocal, kCell, kFree, kClassFree
};

struct Scope {
  ScopeKind kind;
  const void* node;                  // Tree, FunctionDef, Lambda, ClassDef, or one of the comprehensions
  const Scope* parent = nullptr;     // the scope in whose body it stands
  std::string_view name;             // "<module>", "f", "<lambda>", "C", "<listcomp>", ...
  std::string qualified_name;        // "C.f.<locals>.g", as __qualname__
  std::string_view private_class;    // the class whose private names (__x) are mangled here, or empty

  // Parameters first, as co_varnames: positional-only, positional, keyword-only, *args, **kwargs. A parameter that
  // is captured keeps its slot: `cells` says from where its cell is filled at entry.
  std::vector<std::string_view> locals;
  struct Cell {
    std::string_view name;
    int parameter_slot = -1;  // -1: starts unbound
  };
  std::vector<Cell> cells;
  struct Free {
    std::string_view name;
    bool from_parent_cell;  // else from the parent's frees
    int parent_index;
  };
  std::vector<Free> frees;

  bool is_generator = false;   // has yield (or is a generator expression)
  bool is_async = false;       // async def, or an asynchronous comprehension
  bool needs_class_cell = false;  // kClass: cells[0] is __class__, to be filled with the class when it is made
  bool has_import_star = false;

  // Where `name` (as written; private names are mangled here) lives for code in this scope.
  NamePlace Find(std::string_view name) const;
  // `name` mangled if private: for attributes (x.__y) and class namespaces.
  std::string_view Mangled(std::string_view name) const;

  // For resolve.cc.
  std::unordered_map<std::string_view, NamePlace> symbols;
  const std::unordered_map<std::string_view, std::string>* mangled = nullptr;  // of private_class, shared
};

class Resolution {
 public:
  // `node`: the Tree, a FunctionDef, Lambda, ClassDef or comprehension of it.
  const Scope& ScopeOf(const void* node) const;
  const Scope& module_scope() const { return scopes_.front(); }
  const std::deque<Scope>& scopes() const { return scopes_; }  // in source order

 private:
  friend class Resolver;
  std::deque<Scope> scopes_;
  std::deque<std::unordered_map<std::string_view, std::string>> mangled_;  // a class each
  std::unordered_map<const void*, const Scope*> by_node_;
};

Result<std::shared_ptr<const Resolution>> Resolve(const ast::Tree& tree);

// What a top-level statement does to module names, for modules whose statements are evaluated on demand.
struct StatementNames {
  std::set<std::string_view> bound;      // assigned, imported, defined, deleted, or made global inside and assigned
  std::set<std::string_view> mentioned;  // read, anywhere inside, function bodies and decorators too; not annotations
  std::set<std::string_view> read_now;   // read while the statement itself runs: not inside function bodies
  std::set<std::string_view> mutated;    // x of x.a = ..., x[i] = ..., x.method(...) and x += ... run at module level
  bool import_star = false;
  bool plain = false;  // def, class, import, assignment to names only, docstring: nothing but its names to evaluate it for
};
StatementNames NamesOf(const ast::Stmt& stmt);
std::set<std::string_view> BoundNames(const ast::Stmt& stmt);
std::set<std::string_view> MentionedNames(const ast::Stmt& stmt);

}  // namespace fusepack::py
