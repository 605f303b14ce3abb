// Two walks (as CPython's symtable.c). The first makes a scope for every function, class and comprehension and notes
// how each uses each name; the second goes down the tree of scopes with, for every name, the stack of functions that
// bind it, so that a free variable costs one look-up, and hands free names up on its way back.
//
// Hostile input: 200 nested functions that all pass a hundred thousand names through would need 2*10^7 entries, so
// the number of free variables in a file is limited.
#include "tracer/python/resolve.h"

#include <algorithm>
#include <memory>
#include <utility>

#include "tracer/python/ast_walk.h"

namespace fusepack::py {

using namespace ast;  // NOLINT: a resolver names every node

namespace {

constexpr size_t kMaxFreeVariables = 1 << 18;

enum Flag : unsigned {
  kParameter = 1,
  kBound = 2,
  kUsed = 4,
  kDeclaredGlobal = 8,
  kDeclaredNonlocal = 16,
  kAnnotated = 32,
  kIteration = 64,   // target of a comprehension's for
  kNamedTarget = 128,  // of := inside a comprehension
};

struct Failure {
  Error error;
};

[[noreturn]] void Fail(const Node& at, std::string found, std::string expected, ErrorCode code = ErrorCode::kBadInput) {
  throw Failure{Error{code, "", std::to_string(at.start.line) + ":" + std::to_string(at.start.column), std::move(found),
                      std::move(expected), ""}};
}

std::string Quote(std::string_view name) { return "'" + std::string(name) + "'"; }

// A scope and what the first walk finds out.
struct Draft {
  Scope* scope;
  std::vector<std::pair<std::string_view, unsigned>> names;  // in order of first appearance
  std::unordered_map<std::string_view, size_t> index;
  std::vector<std::unique_ptr<Draft>> children;
  Draft* parent = nullptr;
  std::unordered_map<std::string_view, Node> nonlocals;  // where declared
  size_t parameters = 0;
  int loops = 0;
  int except_star = 0;
  int iterables = 0;  // inside a comprehension's iterable
  bool is_lambda = false, is_generator_expression = false;
  bool returns_value = false;
  Node return_at;

  unsigned& Flags(std::string_view name) {
    auto [it, added] = index.try_emplace(name, names.size());
    if (added) names.emplace_back(name, 0);
    return names[it->second].second;
  }
  unsigned FlagsOf(std::string_view name) const {
    auto it = index.find(name);
    return it == index.end() ? 0 : names[it->second].second;
  }
};

}  // namespace

class Resolver {
 public:
  explicit Resolver(const Tree& tree) : tree_(tree), out_(std::make_shared<Resolution>()) {}

  std::shared_ptr<const Resolution> Run() {
    auto module = std::make_unique<Draft>();
    now_ = module.get();
    module->scope = NewScope(ScopeKind::kModule, &tree_, "<module>");
    module->scope->qualified_name = "<module>";
    FutureImports();
    Block(tree_.body());
    Analyze(module.get());
    return std::move(out_);
  }

 private:
  // ---- scopes
  Scope* NewScope(ScopeKind kind, const void* node, std::string_view name) {
    Scope* scope = &out_->scopes_.emplace_back();
    scope->kind = kind;
    scope->node = node;
    scope->name = name;
    out_->by_node_[node] = scope;
    return scope;
  }

  Draft* Enter(ScopeKind kind, const void* node, std::string_view name) {
    auto child = std::make_unique<Draft>();
    Scope* parent = now_->scope;
    child->scope = NewScope(kind, node, name);
    child->scope->parent = parent;
    child->scope->private_class = parent->private_class;
    child->scope->mangled = parent->mangled;
    bool global = (now_->FlagsOf(Mangle(name)) & kDeclaredGlobal) && kind != ScopeKind::kComprehension;
    if (parent->kind != ScopeKind::kModule && !global) {
      child->scope->qualified_name = parent->qualified_name + (parent->kind == ScopeKind::kFunction ? ".<locals>." : ".");
    }
    child->scope->qualified_name += name;
    child->parent = now_;
    now_->children.push_back(std::move(child));
    now_ = now_->children.back().get();
    return now_;
  }
  void Leave() { now_ = now_->parent; }

  // `name` as this scope stores it.
  std::string_view Mangle(std::string_view name) {
    std::string_view cls = now_->scope->private_class;
    if (cls.empty() || !name.starts_with("__") || name.ends_with("__") || name.find('.') != std::string_view::npos) {
      return name;
    }
    size_t letter = cls.find_first_not_of('_');
    if (letter == std::string_view::npos) return name;
    auto* table = const_cast<std::unordered_map<std::string_view, std::string>*>(now_->scope->mangled);
    auto [it, added] = table->try_emplace(name);
    if (added) it->second = "_" + std::string(cls.substr(letter)) + std::string(name);
    return it->second;
  }

  bool InFunction() const { return now_->scope->kind == ScopeKind::kFunction; }
  // The function or class around comprehensions.
  Draft* Owner() const {
    Draft* d = now_;
    while (d->scope->kind == ScopeKind::kComprehension) d = d->parent;
    return d;
  }

  // ---- names
  void Bind(std::string_view name, const Node& at, unsigned flags = kBound) {
    if (name == "__debug__") Fail(at, "an assignment to __debug__", "another name");
    name = Mangle(name);
    unsigned& now = now_->Flags(name);
    if ((flags & kIteration) && (now & kNamedTarget)) {
      Fail(at, "a comprehension's inner loop over the target " + Quote(name) + " of ':='", "another name");
    }
    now |= flags;
  }
  void Use(std::string_view name) { now_->Flags(Mangle(name)) |= kUsed; }

  template <typename T>
  void Declare(const T& s, unsigned declared, unsigned other, const char* word) {
    if (now_->scope->kind == ScopeKind::kModule && declared == kDeclaredNonlocal) {
      Fail(s, "'nonlocal' at module level", "it inside a function");
    }
    for (std::string_view name : s.names) {
      std::string_view mangled = Mangle(name);
      unsigned& flags = now_->Flags(mangled);
      const char* clash = flags & kParameter   ? " a parameter"
                          : flags & other      ? " both global and nonlocal"
                          : flags & kAnnotated ? " annotated"
                          : flags & kBound     ? " assigned before"
                          : flags & kUsed      ? " used before"
                                               : nullptr;
      if (clash) {
        Fail(s, Quote(name) + " declared " + word + " and" + clash, "one or the other");
      }
      flags |= declared;
      if (declared == kDeclaredNonlocal) now_->nonlocals.emplace(mangled, s);
    }
  }

  // ---- expressions
  void Visit(const Expr* e) {
    if (e) Visit(*e);
  }
  void Visit(ExprSeq items) {
    for (const Expr* e : items) Visit(e);
  }
  // Elements of a display, or arguments: each may be starred.
  void VisitStarred(ExprSeq items) {
    for (const Expr* e : items) VisitStarred(*e);
  }
  void VisitStarred(const Expr& e) {
    if (const Starred* starred = e.Maybe<Starred>()) {
      Visit(*starred->value);
    } else {
      Visit(e);
    }
  }

  void Visit(const Expr& e) {
    switch (e.kind) {
      case ExprKind::kName:
        if (e.context == Context::kLoad) {
          std::string_view id = e.As<Name>().id;
          Use(id);
          if (id == "super" && (InFunction() || now_->scope->kind == ScopeKind::kComprehension)) Use("__class__");
        } else {
          Bind(e.As<Name>().id, e);
        }
        return;
      case ExprKind::kAttribute:
        if (e.context != Context::kLoad && e.As<Attribute>().attribute == "__debug__") {
          Fail(e, "an assignment to __debug__", "another name");
        }
        Mangle(e.As<Attribute>().attribute);
        return Visit(e.As<Attribute>().value);
      case ExprKind::kStarred:
        if (e.context == Context::kLoad) {
          Fail(e, "a starred expression", "it inside a call, a list, a tuple or a set");
        }
        return Visit(e.As<Starred>().value);
      case ExprKind::kTuple: return VisitStarred(e.As<Tuple>().elements);
      case ExprKind::kList: return VisitStarred(e.As<List>().elements);
      case ExprKind::kSet: return VisitStarred(e.As<Set>().elements);
      case ExprKind::kCall: {
        const Call& c = e.As<Call>();
        Visit(c.function);
        VisitStarred(c.args);
        return VisitKeywords(c.keywords);
      }
      case ExprKind::kLambda: {
        const Lambda& l = e.As<Lambda>();
        VisitDefaults(l.parameters);
        Enter(ScopeKind::kFunction, &l, "<lambda>")->is_lambda = true;
        BindParameters(l.parameters);
        Visit(l.body);
        Leave();
        return;
      }
      case ExprKind::kNamedExpr: return VisitNamed(e.As<NamedExpr>());
      case ExprKind::kYield:
      case ExprKind::kYieldFrom: {
        if (now_->scope->kind == ScopeKind::kComprehension) Fail(e, "'yield' inside a comprehension", "it in a function");
        if (!InFunction()) Fail(e, "'yield' outside a function", "it in a function");
        if (e.kind == ExprKind::kYieldFrom && now_->scope->is_async) {
          Fail(e, "'yield from' in an async function", "'yield'");
        }
        now_->scope->is_generator = true;
        if (now_->scope->is_async && now_->returns_value) {
          Fail(now_->return_at, "'return' with a value in an async generator", "'return'");
        }
        return Visit(e.kind == ExprKind::kYield ? e.As<Yield>().value : e.As<YieldFrom>().value);
      }
      case ExprKind::kAwait: {
        if (now_->scope->kind == ScopeKind::kComprehension) {
          now_->scope->is_async = true;
        } else if (!InFunction() || !now_->scope->is_async) {
          Fail(e, "'await' outside an async function", "it in an async function");
        }
        return Visit(e.As<Await>().value);
      }
      case ExprKind::kListComp: {
        const ListComp& c = e.As<ListComp>();
        return VisitComprehension(c, "<listcomp>", c.generators, {c.element});
      }
      case ExprKind::kSetComp: {
        const SetComp& c = e.As<SetComp>();
        return VisitComprehension(c, "<setcomp>", c.generators, {c.element});
      }
      case ExprKind::kDictComp: {
        const DictComp& c = e.As<DictComp>();
        return VisitComprehension(c, "<dictcomp>", c.generators, {c.key, c.value});
      }
      case ExprKind::kGeneratorExp: {
        const GeneratorExp& c = e.As<GeneratorExp>();
        return VisitComprehension(c, "<genexpr>", c.generators, {c.element});
      }
      default: ForEachChild(e, [&](const Expr& child) { Visit(child); });
    }
  }

  void VisitKeywords(Seq<Keyword> keywords) {
    std::set<std::string_view> seen;
    for (const Keyword& keyword : keywords) {
      if (keyword.name == "__debug__") Fail(keyword, "an assignment to __debug__", "another name");
      if (!keyword.name.empty() && !seen.insert(keyword.name).second) {
        Fail(keyword, "the keyword argument " + Quote(keyword.name) + " a second time", "it once");
      }
      Visit(keyword.value);
    }
  }

  void VisitNamed(const NamedExpr& e) {
    std::string_view name = e.target->As<Name>().id;
    if (now_->iterables > 0) Fail(e, "':=' in a comprehension's iterable", "it in the element or a condition");
    if (now_->scope->kind == ScopeKind::kComprehension) {
      // Binds in the function around, or the module.
      Draft* owner = Owner();
      for (Draft* d = now_; d != owner; d = d->parent) {
        if (d->FlagsOf(Mangle(name)) & kIteration) {
          Fail(e, "':=' to the comprehension's own variable " + Quote(name), "another name");
        }
        d->Flags(Mangle(name)) |= kUsed | kNamedTarget;
      }
      if (owner->scope->kind == ScopeKind::kClass) {
        Fail(e, "':=' inside a comprehension of a class body", "it outside the comprehension");
      }
      if (name == "__debug__") Fail(e, "an assignment to __debug__", "another name");
      owner->Flags(Mangle(name)) |= kBound;
    } else {
      Bind(name, *e.target);
    }
    Visit(e.value);
  }

  template <typename T>
  void VisitComprehension(const T& e, const char* name, Seq<Comprehension> generators, std::vector<const Expr*> results) {
    // The first iterable belongs to the scope outside.
    ++now_->iterables;
    Visit(generators[0].iter);
    --now_->iterables;
    int iterables = now_->iterables;
    Draft* d = Enter(ScopeKind::kComprehension, &e, name);
    d->is_generator_expression = e.kind == ExprKind::kGeneratorExp;
    d->iterables = iterables;
    d->scope->is_generator = d->is_generator_expression;
    d->parameters = 1;
    d->Flags(".0") |= kParameter | kBound;
    for (size_t i = 0; i < generators.size(); ++i) {
      if (generators[i].is_async) d->scope->is_async = true;
      VisitIterationTarget(*generators[i].target);
      if (i > 0) {
        ++d->iterables;
        Visit(generators[i].iter);
        --d->iterables;
      }
      Visit(generators[i].ifs);
    }
    for (const Expr* result : results) Visit(result);
    bool is_async = d->scope->is_async;
    Leave();
    if (is_async && !d->is_generator_expression) {
      if (now_->scope->kind == ScopeKind::kComprehension) {
        now_->scope->is_async = true;
      } else if (!(InFunction() && now_->scope->is_async)) {
        Fail(e, "an asynchronous comprehension outside an async function", "it in an async function");
      }
    }
  }

  void VisitIterationTarget(const Expr& e) {
    switch (e.kind) {
      case ExprKind::kName: return Bind(e.As<Name>().id, e, kBound | kIteration);
      case ExprKind::kTuple:
        for (const Expr* item : e.As<Tuple>().elements) VisitIterationTarget(*item);
        return;
      case ExprKind::kList:
        for (const Expr* item : e.As<List>().elements) VisitIterationTarget(*item);
        return;
      case ExprKind::kStarred: return VisitIterationTarget(*e.As<Starred>().value);
      default: return Visit(e);
    }
  }

  // ---- functions and classes
  void VisitDefaults(const Parameters& p) {
    ForEachParameter(p, [&](const Parameter& parameter) { Visit(parameter.default_value); });
  }
  template <typename F>
  static void ForEachParameter(const Parameters& p, F f) {
    for (const Parameter& parameter : p.positional_only) f(parameter);
    for (const Parameter& parameter : p.positional) f(parameter);
    for (const Parameter& parameter : p.keyword_only) f(parameter);
    if (p.vararg) f(*p.vararg);
    if (p.kwarg) f(*p.kwarg);
  }
  void BindParameters(const Parameters& p) {
    ForEachParameter(p, [&](const Parameter& parameter) {
      if (now_->FlagsOf(Mangle(parameter.name)) & kParameter) {
        Fail(parameter, "the parameter " + Quote(parameter.name) + " a second time", "another name");
      }
      Bind(parameter.name, parameter, kBound | kParameter);
      ++now_->parameters;
    });
  }
  void VisitAnnotations(const Parameters& p, const Expr* returns) {
    ForEachParameter(p, [&](const Parameter& parameter) {
      if (parameter.annotation) VisitAnnotation(*parameter.annotation);
    });
    if (returns) VisitAnnotation(*returns);
  }
  void VisitAnnotation(const Expr& e) { VisitStarred(e); }

  void VisitFunction(const FunctionDef& d) {
    Visit(d.decorators);
    VisitDefaults(d.parameters);
    VisitAnnotations(d.parameters, d.returns);
    Bind(d.name, d);
    Enter(ScopeKind::kFunction, &d, d.name)->scope->is_async = d.is_async;
    BindParameters(d.parameters);
    Block(d.body);
    Leave();
  }

  void VisitClass(const ClassDef& d) {
    Visit(d.decorators);
    VisitStarred(d.bases);
    VisitKeywords(d.keywords);
    Bind(d.name, d);
    Draft* draft = Enter(ScopeKind::kClass, &d, d.name);
    draft->scope->private_class = d.name;
    draft->scope->mangled = &out_->mangled_.emplace_back();
    Block(d.body);
    Leave();
  }

  // ---- patterns
  void Visit(const Pattern& p) {
    std::set<std::string_view> names;
    VisitPattern(p, &names);
  }
  void Capture(std::string_view name, const Pattern& p, std::set<std::string_view>* names) {
    if (name.empty()) return;
    if (!names->insert(name).second) Fail(p, "a second capture of " + Quote(name), "another name");
    Bind(name, p);
  }
  static bool Irrefutable(const Pattern& p) {
    if (p.kind == PatternKind::kMatchAs) {
      const Pattern* inner = p.As<MatchAs>().pattern;
      return !inner || Irrefutable(*inner);
    }
    if (p.kind != PatternKind::kMatchOr) return false;
    for (const Pattern* item : p.As<MatchOr>().patterns) {
      if (Irrefutable(*item)) return true;
    }
    return false;
  }
  void VisitPattern(const Pattern& p, std::set<std::string_view>* names) {
    switch (p.kind) {
      case PatternKind::kMatchAs:
        if (p.As<MatchAs>().pattern) {
          const Pattern& inner = *p.As<MatchAs>().pattern;
          if (inner.kind == PatternKind::kMatchAs && !inner.As<MatchAs>().pattern) {
            Fail(p, "'as' after a pattern that matches everything", "the name alone");
          }
          VisitPattern(inner, names);
        }
        return Capture(p.As<MatchAs>().name, p, names);
      case PatternKind::kMatchStar: return Capture(p.As<MatchStar>().name, p, names);
      case PatternKind::kMatchOr: {
        std::set<std::string_view> first;
        PatternSeq items = p.As<MatchOr>().patterns;
        for (size_t i = 0; i < items.size(); ++i) {
          if (i + 1 < items.size() && Irrefutable(*items[i])) {
            Fail(*items[i], "an alternative that matches everything", "it last");
          }
          std::set<std::string_view> mine;
          VisitPattern(*items[i], &mine);
          if (i == 0) first = mine;
          if (mine != first) Fail(*items[i], "alternatives that bind different names", "the same names");
        }
        for (std::string_view name : first) {
          if (!names->insert(name).second) Fail(p, "a second capture of " + Quote(name), "another name");
        }
        return;
      }
      case PatternKind::kMatchSequence: {
        int stars = 0;
        for (const Pattern* item : p.As<MatchSequence>().patterns) {
          stars += item->kind == PatternKind::kMatchStar;
          if (stars > 1) Fail(*item, "a second starred pattern", "one at most");
          VisitPattern(*item, names);
        }
        return;
      }
      case PatternKind::kMatchMapping: {
        const MatchMapping& m = p.As<MatchMapping>();
        std::set<std::string> keys;
        for (const Expr* key : m.keys) {
          Visit(key);
          const Constant* c = key->Maybe<Constant>();
          if (c && !keys.insert(std::to_string(static_cast<int>(c->type)) + std::string(c->text)).second &&
              c->type != ConstantKind::kFloat && c->type != ConstantKind::kImaginary) {
            Fail(*key, "a key a second time", "it once");
          }
        }
        for (const Pattern* item : m.patterns) VisitPattern(*item, names);
        return Capture(m.rest, p, names);
      }
      case PatternKind::kMatchClass: {
        const MatchClass& c = p.As<MatchClass>();
        Visit(c.cls);
        std::set<std::string_view> attributes;
        for (std::string_view name : c.keyword_names) {
          if (!attributes.insert(name).second) Fail(p, "the attribute " + Quote(name) + " a second time", "it once");
        }
        for (const Pattern* item : c.patterns) VisitPattern(*item, names);
        for (const Pattern* item : c.keyword_patterns) VisitPattern(*item, names);
        return;
      }
      default:
        ForEachChild(
            p, [&](const Expr& e) { Visit(e); }, [&](const Pattern& child) { VisitPattern(child, names); });
    }
  }

  // ---- statements
  void Block(StmtSeq body) {
    for (const Stmt* s : body) Visit(*s);
  }
  void Loop(StmtSeq body, StmtSeq orelse) {
    int except_star = std::exchange(now_->except_star, 0);
    ++now_->loops;
    Block(body);
    --now_->loops;
    now_->except_star = except_star;
    Block(orelse);
  }
  void InAsync(const Stmt& s, bool is_async) {
    if (is_async && !(InFunction() && now_->scope->is_async)) {
      Fail(s, "'async' outside an async function", "it in an async function");
    }
  }
  void NotInExceptStar(const Stmt& s, const char* word) {
    if (now_->except_star) Fail(s, std::string("'") + word + "' in an 'except*' block", "another way out");
  }

  void Visit(const Stmt& s) {
    switch (s.kind) {
      case StmtKind::kFunctionDef: return VisitFunction(s.As<FunctionDef>());
      case StmtKind::kClassDef: return VisitClass(s.As<ClassDef>());
      case StmtKind::kReturn:
        if (!InFunction()) Fail(s, "'return' outside a function", "it in a function");
        NotInExceptStar(s, "return");
        if (s.As<Return>().value) {
          now_->returns_value = true;
          now_->return_at = s;
          if (now_->scope->is_async && now_->scope->is_generator) {
            Fail(s, "'return' with a value in an async generator", "'return'");
          }
        }
        return Visit(s.As<Return>().value);
      case StmtKind::kAnnAssign: {
        const AnnAssign& a = s.As<AnnAssign>();
        if (const Name* name = a.target->Maybe<Name>()) {
          unsigned flags = now_->FlagsOf(Mangle(name->id));
          if (a.simple && now_->scope->kind != ScopeKind::kModule && (flags & (kDeclaredGlobal | kDeclaredNonlocal))) {
            Fail(s, "an annotation of " + Quote(name->id) + ", which is declared global or nonlocal", "none");
          }
          if (a.simple || a.value) Bind(name->id, *name, a.simple ? kBound | kAnnotated : kBound);
        } else {
          Visit(a.target);
        }
        VisitAnnotation(*a.annotation);
        return Visit(a.value);
      }
      case StmtKind::kAugAssign:
        if (const Name* name = s.As<AugAssign>().target->Maybe<Name>()) Use(name->id);
        Visit(s.As<AugAssign>().target);
        return Visit(s.As<AugAssign>().value);
      case StmtKind::kTypeAlias:
        // Its value is evaluated only when asked for, which nothing here does.
        return Visit(s.As<TypeAlias>().name);
      case StmtKind::kFor:
        InAsync(s, s.As<For>().is_async);
        Visit(s.As<For>().iter);
        Visit(s.As<For>().target);
        return Loop(s.As<For>().body, s.As<For>().orelse);
      case StmtKind::kWhile:
        Visit(s.As<While>().test);
        return Loop(s.As<While>().body, s.As<While>().orelse);
      case StmtKind::kWith:
        InAsync(s, s.As<With>().is_async);
        for (const WithItem& item : s.As<With>().items) {
          Visit(item.context_expr);
          Visit(item.optional_vars);
        }
        return Block(s.As<With>().body);
      case StmtKind::kMatch: {
        const Match& m = s.As<Match>();
        if (m.subject->kind == ExprKind::kStarred) Fail(*m.subject, "a starred expression", "it in a tuple");
        Visit(m.subject);
        for (size_t i = 0; i < m.cases.size(); ++i) {
          const MatchCase& c = m.cases[i];
          if (i + 1 < m.cases.size() && !c.guard && Irrefutable(*c.pattern)) {
            Fail(*c.pattern, "a pattern that matches everything", "it in the last case");
          }
          Visit(*c.pattern);
          Visit(c.guard);
          Block(c.body);
        }
        return;
      }
      case StmtKind::kTry: {
        const Try& t = s.As<Try>();
        Block(t.body);
        for (const ExceptHandler& handler : t.handlers) {
          Visit(handler.type);
          if (!handler.name.empty()) Bind(handler.name, handler);
          now_->except_star += t.is_star;
          // A loop of its own inside the handler may be left and continued.
          int loops = t.is_star ? std::exchange(now_->loops, 0) : now_->loops;
          Block(handler.body);
          now_->loops = loops;
          now_->except_star -= t.is_star;
        }
        Block(t.orelse);
        return Block(t.finally);
      }
      case StmtKind::kBreak:
        NotInExceptStar(s, "break");
        if (now_->loops == 0) Fail(s, "'break' outside a loop", "it in a loop");
        return;
      case StmtKind::kContinue:
        NotInExceptStar(s, "continue");
        if (now_->loops == 0) Fail(s, "'continue' outside a loop", "it in a loop");
        return;
      case StmtKind::kImport:
        for (const Alias& alias : s.As<Import>().names) {
          Bind(alias.as_name.empty() ? alias.name.substr(0, alias.name.find('.')) : alias.as_name, alias);
        }
        return;
      case StmtKind::kImportFrom:
        for (const Alias& alias : s.As<ImportFrom>().names) {
          if (alias.name == "*") {
            if (now_->scope->kind != ScopeKind::kModule) Fail(s, "'import *' inside a function or class", "it at module level");
            now_->scope->has_import_star = true;
          } else {
            Bind(alias.as_name.empty() ? alias.name : alias.as_name, alias);
          }
        }
        return;
      case StmtKind::kGlobal: return Declare(s.As<Global>(), kDeclaredGlobal, kDeclaredNonlocal, "global");
      case StmtKind::kNonlocal: return Declare(s.As<Nonlocal>(), kDeclaredNonlocal, kDeclaredGlobal, "nonlocal");
      default:
        ForEachChild(
            s, [&](const Expr& e) { Visit(e); }, [&](const Stmt& child) { Visit(child); },
            [&](const Pattern& p) { Visit(p); });
    }
  }

  // `from __future__ import` stands first, after the docstring, and names what 3.11 knows.
  void FutureImports() {
    static const std::set<std::string_view> kFeatures = {
        "nested_scopes", "generators", "division", "absolute_import", "with_statement", "print_function",
        "unicode_literals", "barry_as_FLUFL", "generator_stop", "annotations"};
    bool first = true, begun = false;
    for (const Stmt* s : tree_.body()) {
      const ImportFrom* from = s->Maybe<ImportFrom>();
      if (from && from->level == 0 && from->module == "__future__") {
        if (begun) Fail(*s, "a '__future__' import after other statements", "it at the beginning of the file");
        for (const Alias& alias : from->names) {
          if (!kFeatures.count(alias.name)) Fail(alias, "the future feature " + Quote(alias.name), "one of Python 3.11");
        }
      } else {
        const ExprStmt* e = s->Maybe<ExprStmt>();
        const Constant* c = e ? e->value->Maybe<Constant>() : nullptr;
        if (!(first && c && c->type == ConstantKind::kStr)) begun = true;
      }
      first = false;
    }
  }

  // ---- second walk
  // Fills the scope's places; on return d->scope->frees are the names that the parent must have.
  void Analyze(Draft* d) {
    Scope& scope = *d->scope;
    bool function = scope.kind == ScopeKind::kFunction || scope.kind == ScopeKind::kComprehension;
    bool cls = scope.kind == ScopeKind::kClass;
    std::vector<std::string_view> pushed;
    auto push = [&](std::string_view name, bool binds) {
      visible_[name].push_back(binds);
      pushed.push_back(name);
    };
    auto visible = [&](std::string_view name) {
      auto it = visible_.find(name);
      return it != visible_.end() && !it->second.empty() && it->second.back();
    };
    std::unordered_map<std::string_view, int> frees;
    auto free = [&](std::string_view name) {
      auto [it, added] = frees.try_emplace(name, static_cast<int>(scope.frees.size()));
      if (added) {
        scope.frees.push_back({name, false, -1});
        if (++free_count_ > kMaxFreeVariables) {
          throw Failure{Error{ErrorCode::kLimit, "", "", "more than " + std::to_string(kMaxFreeVariables) +
                              " names passed between functions", "fewer", ""}};
        }
      }
      return it->second;
    };

    std::vector<std::string_view> locals;
    for (const auto& [name, flags] : d->names) {
      if (flags & kDeclaredGlobal) {
        scope.symbols[name] = {Place::kGlobal, -1};
        if (function) push(name, false);
      } else if (flags & kDeclaredNonlocal) {
        if (!visible(name)) {
          Fail(d->nonlocals.at(name), "no function around that binds the nonlocal " + Quote(name), "one");
        }
        scope.symbols[name] = {Place::kFree, free(name)};
      } else if (flags & kBound) {
        if (function) locals.push_back(name);
        if (cls) scope.symbols[name] = {Place::kName, -1};
      } else if (visible(name)) {
        scope.symbols[name] = {cls ? Place::kClassFree : Place::kFree, free(name)};
      } else if (cls) {
        scope.symbols[name] = {Place::kName, -1};
      }
    }
    for (std::string_view name : locals) push(name, true);
    if (cls) push("__class__", true);

    std::unordered_map<std::string_view, int> cells;
    for (auto& child : d->children) {
      Analyze(child.get());
      for (const Scope::Free& f : child->scope->frees) {
        if (cls && f.name == "__class__") {
          scope.needs_class_cell = true;
          if (cells.try_emplace(f.name, 0).second) scope.cells.push_back({f.name, -1});
        } else if (function && (d->FlagsOf(f.name) & (kBound | kDeclaredGlobal | kDeclaredNonlocal)) == kBound) {
          if (cells.try_emplace(f.name, static_cast<int>(scope.cells.size())).second) scope.cells.push_back({f.name, -1});
        } else {
          free(f.name);
        }
      }
    }
    for (std::string_view name : pushed) visible_[name].pop_back();

    for (size_t i = 0; i < locals.size(); ++i) {
      auto cell = cells.find(locals[i]);
      bool parameter = i < d->parameters;  // parameters were bound first, in their order
      if (cell == cells.end() || parameter) {
        scope.locals.push_back(locals[i]);
        scope.symbols[locals[i]] = {Place::kLocal, static_cast<int>(scope.locals.size()) - 1};
      }
      if (cell != cells.end()) {
        if (parameter) scope.cells[cell->second].parameter_slot = static_cast<int>(scope.locals.size()) - 1;
        scope.symbols[locals[i]] = {Place::kCell, cell->second};
      }
    }
    for (auto& child : d->children) {
      for (Scope::Free& f : child->scope->frees) {
        auto cell = cells.find(f.name);
        f.from_parent_cell = cell != cells.end();
        f.parent_index = f.from_parent_cell ? cell->second : frees.at(f.name);
      }
    }
  }

  const Tree& tree_;
  std::shared_ptr<Resolution> out_;
  Draft* now_ = nullptr;
  std::unordered_map<std::string_view, std::vector<bool>> visible_;
  size_t free_count_ = 0;
};

std::string_view Scope::Mangled(std::string_view name) const {
  if (!mangled || !name.starts_with("__")) return name;
  auto it = mangled->find(name);
  return it == mangled->end() ? name : std::string_view(it->second);
}

NamePlace Scope::Find(std::string_view name) const {
  auto it = symbols.find(Mangled(name));
  if (it != symbols.end()) return it->second;
  return {kind == ScopeKind::kClass ? Place::kName : Place::kGlobal, -1};
}

const Scope& Resolution::ScopeOf(const void* node) const {
  auto it = by_node_.find(node);
  FP_CHECK(it != by_node_.end());
  return *it->second;
}

Result<std::shared_ptr<const Resolution>> Resolve(const Tree& tree) {
  try {
    return Resolver(tree).Run();
  } catch (const Failure& failure) {
    return WithFile(failure.error, tree.file());
  }
}

// ---- names of one statement -------------------------------------------------------------------------------------

namespace {

// Follows x.a[i].b(...) to x.
const Name* Root(const Expr* e) {
  for (;;) {
    switch (e->kind) {
      case ExprKind::kName: return &e->As<Name>();
      case ExprKind::kAttribute: e = e->As<Attribute>().value; break;
      case ExprKind::kSubscript: e = e->As<Subscript>().value; break;
      case ExprKind::kCall: e = e->As<Call>().function; break;
      default: return nullptr;
    }
  }
}

class NameCollector {
 public:
  explicit NameCollector(StatementNames* out) : out_(*out) {}

  void Visit(const Stmt& s) {
    switch (s.kind) {
      case StmtKind::kFunctionDef: {
        const FunctionDef& d = s.As<FunctionDef>();
        Visit(d.decorators);
        Defaults(d.parameters);
        Bind(d.name);
        return Later(d.body);
      }
      case StmtKind::kClassDef: {
        const ClassDef& d = s.As<ClassDef>();
        Visit(d.decorators);
        Visit(d.bases);
        for (const Keyword& keyword : d.keywords) Visit(*keyword.value);
        Bind(d.name);
        // The body runs now, and what it binds is the class's.
        ++inside_class_;
        Block(d.body);
        --inside_class_;
        return;
      }
      case StmtKind::kGlobal:
        // Assigned by a function: when, nobody knows, so the statement that defines it counts as binding it.
        for (std::string_view name : s.As<Global>().names) out_.bound.insert(name);
        return;
      case StmtKind::kImport:
        for (const Alias& alias : s.As<Import>().names) {
          Bind(alias.as_name.empty() ? alias.name.substr(0, alias.name.find('.')) : alias.as_name);
        }
        return;
      case StmtKind::kImportFrom:
        for (const Alias& alias : s.As<ImportFrom>().names) {
          if (alias.name == "*") {
            out_.import_star = true;
          } else {
            Bind(alias.as_name.empty() ? alias.name : alias.as_name);
          }
        }
        return;
      case StmtKind::kAnnAssign:
        if (s.As<AnnAssign>().value) {
          Visit(*s.As<AnnAssign>().value);
          Visit(*s.As<AnnAssign>().target);
        }
        return;
      case StmtKind::kAugAssign:
        if (const Name* root = Root(s.As<AugAssign>().target)) Mutate(root->id);
        Visit(*s.As<AugAssign>().target);
        Visit(*s.As<AugAssign>().value);
        if (const Name* name = s.As<AugAssign>().target->Maybe<Name>()) Mention(name->id);
        return;
      case StmtKind::kTry:
        for (const ExceptHandler& handler : s.As<Try>().handlers) {
          if (!handler.name.empty()) Bind(handler.name);
        }
        break;
      case StmtKind::kTypeAlias: return Visit(*s.As<TypeAlias>().name);
      default: break;
    }
    ForEachChild(
        s, [&](const Expr& e) { Visit(e); }, [&](const Stmt& child) { Visit(child); },
        [&](const Pattern& p) { Visit(p); });
  }

 private:
  void Mention(std::string_view name) {
    out_.mentioned.insert(name);
    if (!later_) out_.read_now.insert(name);
  }
  void Bind(std::string_view name) {
    if (!later_ && !inside_class_) out_.bound.insert(name);
  }
  void Mutate(std::string_view name) {
    if (!later_) out_.mutated.insert(name);
  }
  void Later(StmtSeq body) {
    ++later_;
    Block(body);
    --later_;
  }
  void Block(StmtSeq body) {
    for (const Stmt* s : body) Visit(*s);
  }
  void Visit(ExprSeq items) {
    for (const Expr* e : items) Visit(*e);
  }
  void Defaults(const Parameters& p) {
    for (auto list : {p.positional_only, p.positional, p.keyword_only}) {
      for (const Parameter& parameter : list) {
        if (parameter.default_value) Visit(*parameter.default_value);
      }
    }
  }
  void Visit(const Pattern& p) {
    if (p.kind == PatternKind::kMatchAs) Bind(p.As<MatchAs>().name);
    if (p.kind == PatternKind::kMatchStar) Bind(p.As<MatchStar>().name);
    if (p.kind == PatternKind::kMatchMapping) Bind(p.As<MatchMapping>().rest);
    out_.bound.erase(std::string_view());
    ForEachChild(
        p, [&](const Expr& e) { Visit(e); }, [&](const Pattern& child) { Visit(child); });
  }
  void Visit(const Expr& e) {
    switch (e.kind) {
      case ExprKind::kName:
        if (e.context == Context::kLoad) {
          Mention(e.As<Name>().id);
        } else if (!comprehension_) {
          Bind(e.As<Name>().id);
        }
        return;
      case ExprKind::kAttribute:
      case ExprKind::kSubscript:
        if (e.context != Context::kLoad) {
          if (const Name* root = Root(&e)) Mutate(root->id);
        }
        break;
      case ExprKind::kNamedExpr:
        Bind(e.As<NamedExpr>().target->As<Name>().id);
        return Visit(*e.As<NamedExpr>().value);
      case ExprKind::kCall: {
        const Expr* function = e.As<Call>().function;
        if (function->kind == ExprKind::kAttribute) {
          if (const Name* root = Root(function)) Mutate(root->id);
        }
        break;
      }
      case ExprKind::kLambda:
        Defaults(e.As<Lambda>().parameters);
        ++later_;
        Visit(*e.As<Lambda>().body);
        --later_;
        return;
      case ExprKind::kListComp: case ExprKind::kSetComp: case ExprKind::kDictComp: case ExprKind::kGeneratorExp:
        ++comprehension_;
        ForEachChild(e, [&](const Expr& child) { Visit(child); });
        --comprehension_;
        return;
      default: break;
    }
    ForEachChild(e, [&](const Expr& child) { Visit(child); });
  }

  StatementNames& out_;
  int later_ = 0;
  int inside_class_ = 0;
  int comprehension_ = 0;
};

bool IsPlain(const Stmt& s) {
  switch (s.kind) {
    case StmtKind::kFunctionDef:
    case StmtKind::kClassDef:
    case StmtKind::kImport:
    case StmtKind::kImportFrom:
    case StmtKind::kTypeAlias:
    case StmtKind::kPass: return true;
    case StmtKind::kAnnAssign: return s.As<AnnAssign>().target->kind == ExprKind::kName;
    case StmtKind::kAssign: {
      auto names = [](const Expr* e, auto& self) -> bool {
        if (e->kind == ExprKind::kName) return true;
        if (const Starred* starred = e->Maybe<Starred>()) return self(starred->value, self);
        if (const Tuple* tuple = e->Maybe<Tuple>()) {
          return std::all_of(tuple->elements.begin(), tuple->elements.end(), [&](const Expr* x) { return self(x, self); });
        }
        return false;
      };
      for (const Expr* target : s.As<Assign>().targets) {
        if (!names(target, names)) return false;
      }
      return true;
    }
    case StmtKind::kExprStmt: return s.As<ExprStmt>().value->kind == ExprKind::kConstant;
    default: return false;
  }
}

}  // namespace

StatementNames NamesOf(const Stmt& stmt) {
  StatementNames out;
  NameCollector(&out).Visit(stmt);
  out.plain = IsPlain(stmt);
  return out;
}

std::set<std::string_view> BoundNames(const Stmt& stmt) { return NamesOf(stmt).bound; }
std::set<std::string_view> MentionedNames(const Stmt& stmt) { return NamesOf(stmt).mentioned; }

}  // namespace fusepack::py
