// Modules on demand. FirstTouch reads the file once and gives every name its list of makers (the rule of module.h,
// points 1, 2 and 6); afterwards reading a name is one look into that list, and the list is dropped when it has run.
#include "tracer/python/module.h"

#include <algorithm>
#include <set>

#include "tracer/python/ast_walk.h"
#include "tracer/python/callables.h"
#include "tracer/python/classes.h"
#include "tracer/python/module_body.h"
#include "tracer/python/parse.h"
#include "tracer/python/resolve.h"

namespace fusepack::py {
namespace {

using ast::ExprKind;
using ast::StmtKind;
using Names = std::set<std::string_view>;

// Methods that change what they are called on. In `x = table.get(k)` the call changes nothing; in an expression
// statement any method may.
bool IsMutator(std::string_view method) {
  static const Names kMutators = {"append", "extend", "insert", "add",     "update", "setdefault", "pop",
                                  "popitem", "remove", "discard", "clear", "register", "sort", "reverse",
                                  "register_module", "appendleft", "extendleft", "move_to_end"};
  return kMutators.contains(method);
}

std::string_view Root(const ast::Expr* e) {
  for (;;) {
    switch (e->kind) {
      case ExprKind::kName: return e->As<ast::Name>().id;
      case ExprKind::kAttribute: e = e->As<ast::Attribute>().value; break;
      case ExprKind::kSubscript: e = e->As<ast::Subscript>().value; break;
      case ExprKind::kCall: e = e->As<ast::Call>().function; break;
      case ExprKind::kStarred: e = e->As<ast::Starred>().value; break;
      default: return {};
    }
  }
}

// What a statement may change besides what it binds, and the functions that it calls, each by the global's name.
struct Effects {
  Names changed, called;
};

class EffectCollector {
 public:
  // any_call: every method call and every call argument counts, not only well-known mutators.
  EffectCollector(Effects* out, bool any_call, bool into_functions)
      : out_(*out), any_call_(any_call), into_functions_(into_functions) {}

  void Visit(const ast::Stmt& s) {
    switch (s.kind) {
      case StmtKind::kFunctionDef: {
        const auto& f = s.As<ast::FunctionDef>();
        Decorators(f.decorators);
        if (into_functions_) {
          for (const ast::Stmt* x : f.body) Visit(*x);
        }
        return;
      }
      case StmtKind::kClassDef: {
        const auto& c = s.As<ast::ClassDef>();
        Decorators(c.decorators);
        for (const ast::Expr* base : c.bases) Visit(*base);
        for (const ast::Stmt* x : c.body) Visit(*x);
        return;
      }
      case StmtKind::kGlobal:
        for (std::string_view name : s.As<ast::Global>().names) out_.changed.insert(name);
        return;
      case StmtKind::kAugAssign: Change(Root(s.As<ast::AugAssign>().target)); break;
      default: break;
    }
    ast::ForEachChild(
        s, [&](const ast::Expr& e) { Visit(e); }, [&](const ast::Stmt& x) { Visit(x); }, [](const ast::Pattern&) {});
  }

  void Visit(const ast::Expr& e) {
    switch (e.kind) {
      case ExprKind::kAttribute:
      case ExprKind::kSubscript:
        if (e.context != ast::Context::kLoad) Change(Root(&e));
        break;
      case ExprKind::kCall: {
        const auto& call = e.As<ast::Call>();
        if (const auto* name = call.function->Maybe<ast::Name>()) out_.called.insert(name->id);
        if (const auto* inner = call.function->Maybe<ast::Call>()) out_.called.insert(Root(inner));
        if (const auto* attribute = call.function->Maybe<ast::Attribute>()) {
          if (any_call_ || IsMutator(attribute->attribute)) Change(Root(attribute->value));
        }
        if (any_call_) {
          for (const ast::Expr* arg : call.args) Change(Root(arg));
          for (const ast::Keyword& k : call.keywords) Change(Root(k.value));
        }
        break;
      }
      case ExprKind::kLambda:
        if (into_functions_) Visit(*e.As<ast::Lambda>().body);
        return;
      default: break;
    }
    ast::ForEachChild(e, [&](const ast::Expr& x) { Visit(x); });
  }

 private:
  void Change(std::string_view name) {
    if (!name.empty()) out_.changed.insert(name);
  }
  void Decorators(ast::ExprSeq decorators) {
    for (const ast::Expr* d : decorators) {
      const ast::Expr* f = d;
      while (f->kind == ExprKind::kCall) f = f->As<ast::Call>().function;
      if (f->kind == ExprKind::kName) out_.called.insert(f->As<ast::Name>().id);
      if (f->kind == ExprKind::kAttribute) Change(Root(f));  // @REGISTRY.register(...)
      Visit(*d);
    }
  }
  Effects& out_;
  const bool any_call_, into_functions_;
};

Effects EffectsOf(const ast::Stmt& s, bool plain) {
  Effects out;
  bool definition = s.kind == StmtKind::kFunctionDef || s.kind == StmtKind::kClassDef;
  EffectCollector(&out, !plain && !definition, false).Visit(s);
  return out;
}

// torch.fx.wrap, fx.wrap, wrap
bool IsWrap(const ast::Expr& function) {
  if (const auto* name = function.Maybe<ast::Name>()) return name->id == "wrap";
  const auto* attribute = function.Maybe<ast::Attribute>();
  if (attribute == nullptr || attribute->attribute != "wrap") return false;
  std::string_view last;
  if (const auto* inner = attribute->value->Maybe<ast::Attribute>()) last = inner->attribute;
  if (const auto* name = attribute->value->Maybe<ast::Name>()) last = name->id;
  return last == "fx" || last == "_symbolic_trace";
}

// The name that a statement wraps: wrap("name"), or a function under @wrap; empty: it wraps none.
std::string_view WrappedName(const ast::Stmt& s) {
  if (const auto* f = s.Maybe<ast::FunctionDef>()) {
    for (const ast::Expr* d : f->decorators) {
      if (IsWrap(*d)) return f->name;
    }
    return {};
  }
  const auto* statement = s.Maybe<ast::ExprStmt>();
  const auto* call = statement != nullptr ? statement->value->Maybe<ast::Call>() : nullptr;
  if (call == nullptr || call->args.empty() || !IsWrap(*call->function)) return {};
  const auto* text = call->args[0]->Maybe<ast::Constant>();
  if (text != nullptr && text->type == ast::ConstantKind::kStr) return text->text;
  const auto* name = call->args[0]->Maybe<ast::Name>();
  return name != nullptr ? name->id : "wrap";
}

bool IsImport(const ast::Stmt& s) { return s.kind == StmtKind::kImport || s.kind == StmtKind::kImportFrom; }
bool IsDefinition(const ast::Stmt& s) { return s.kind == StmtKind::kFunctionDef || s.kind == StmtKind::kClassDef; }

}  // namespace

void ModuleBody::FirstTouch(Interpreter& in, Module& module) {
  auto tree = Parse(file_, text_);
  if (!tree.ok()) throw Fatal{tree.error()};
  charge_.Set(in.heap(), static_cast<int64_t>((*tree)->source().size() * 2));
  auto resolution = Resolve(**tree);
  if (!resolution.ok()) throw Fatal{resolution.error()};
  source_ = std::make_shared<Source>();
  source_->tree = *tree;
  source_->resolution = *resolution;
  source_->file = file_;
  touched_ = true;
  text_.clear();

  ast::StmtSeq statements = (*tree)->body();
  if (!statements.empty()) {
    const auto* first = statements[0]->Maybe<ast::ExprStmt>();
    const auto* doc = first != nullptr ? first->value->Maybe<ast::Constant>() : nullptr;
    if (doc != nullptr && doc->type == ast::ConstantKind::kStr) module.SetNow(in.names().__doc__, Value(in.NewStr(doc->text)));
  }

  std::vector<StatementNames> names;  // of each item
  Names data, imported_modules;
  std::unordered_map<std::string_view, Effects> effects_of_function;
  auto add_item = [&](const ast::Stmt& s, int alias, StatementNames n) {
    items_.push_back({.statement = &s, .binds = !n.bound.empty() || n.import_star, .alias = alias});
    names.push_back(std::move(n));
  };
  auto add_import = [&](const ast::Stmt& s, ast::Seq<ast::Alias> aliases, bool from) {
    for (size_t i = 0; i < aliases.size(); ++i) {
      StatementNames n;
      std::string_view name = aliases[i].name;
      n.import_star = name == "*";
      if (!n.import_star) n.bound.insert(!aliases[i].as_name.empty() ? aliases[i].as_name : from ? name : name.substr(0, name.find('.')));
      n.plain = true;
      add_item(s, static_cast<int>(i), std::move(n));
    }
  };
  for (const ast::Stmt* s : statements) {
    StatementNames n = NamesOf(*s);
    if (s->kind == StmtKind::kImport) imported_modules.insert(n.bound.begin(), n.bound.end());
    else if (!IsDefinition(*s)) data.insert(n.bound.begin(), n.bound.end());
    if (const auto* f = s->Maybe<ast::FunctionDef>()) {
      EffectCollector collector(&effects_of_function[f->name], false, true);
      for (const ast::Stmt* x : f->body) collector.Visit(*x);
    }
    if (const auto* x = s->Maybe<ast::Import>()) add_import(*s, x->names, false);
    else if (const auto* from = s->Maybe<ast::ImportFrom>()) add_import(*s, from->names, true);
    else add_item(*s, -1, std::move(n));
  }
  // An imported function passed to a call or used as a decorator is no object that the call changes; an imported
  // registry (`REGISTRY.register(...)`) is.
  for (const ast::Stmt* s : statements) {
    const auto* from = s->Maybe<ast::ImportFrom>();
    if (from == nullptr) continue;
    for (const ast::Alias& a : from->names) {
      std::string_view bound = a.as_name.empty() ? a.name : a.as_name;
      bool registry = !bound.empty() && std::none_of(bound.begin(), bound.end(), [](char c) { return c >= 'a' && c <= 'z'; });
      if (registry) data.insert(bound);
      else data.erase(bound);
    }
  }
  for (std::string_view name : imported_modules) data.erase(name);

  std::unordered_map<std::string_view, std::vector<int>> makers;
  for (size_t i = 0; i < items_.size(); ++i) {
    const ast::Stmt& s = *items_[i].statement;
    int index = static_cast<int>(i);
    if (names[i].import_star && s.kind == StmtKind::kImportFrom) stars_.push_back(index);
    Names made = names[i].bound;
    if (s.kind == StmtKind::kFunctionDef) {
      // NamesOf counts `global x` inside a function as a binding by its def; here it is an effect of calling it.
      made = {s.As<ast::FunctionDef>().name};
    }
    if (!IsImport(s) && !(s.kind == StmtKind::kExprStmt && !WrappedName(s).empty())) {
      Effects effects = EffectsOf(s, names[i].plain);
      for (std::string_view name : effects.changed) {
        if (data.contains(name) || (!names[i].plain && !imported_modules.contains(name) && s.kind == StmtKind::kAssign)) {
          made.insert(name);
        }
      }
      for (std::string_view callee : effects.called) {
        auto it = effects_of_function.find(callee);
        if (it == effects_of_function.end()) continue;
        for (std::string_view name : it->second.changed) {
          if (data.contains(name)) made.insert(name);
        }
      }
    }
    for (std::string_view name : made) makers[name].push_back(index);
  }
  // Point 6: what reads a name between its makers must see it as it was there.
  for (auto& [name, list] : makers) {
    if (list.size() < 2 || !data.contains(name)) continue;
    size_t count = list.size();
    for (int i = list.front() + 1; i < list[count - 1]; ++i) {
      if (names[static_cast<size_t>(i)].read_now.contains(name) && items_[static_cast<size_t>(i)].binds) list.push_back(i);
    }
    std::sort(list.begin(), list.end());
    list.erase(std::unique(list.begin(), list.end()), list.end());
  }
  // Point 5: what takes a wrapped name into a table takes the function itself, as it would at import.
  std::vector<int> wraps;
  for (size_t i = 0; i < items_.size(); ++i) {
    const std::string_view wrapped = WrappedName(*items_[i].statement);
    if (wrapped.empty()) continue;
    wraps.push_back(static_cast<int>(i));
    const auto made = makers.find(wrapped);
    if (made == makers.end()) continue;
    for (size_t reader = 0; reader < items_.size(); ++reader) {
      if (names[reader].read_now.contains(wrapped) && items_[reader].binds) made->second.push_back(static_cast<int>(reader));
    }
    std::sort(made->second.begin(), made->second.end());
    made->second.erase(std::unique(made->second.begin(), made->second.end()), made->second.end());
  }
  for (auto& [name, list] : makers) makers_.emplace(in.Intern(name), std::move(list));
  for (int i : wraps) RunItem(in, module, i);
}

void ModuleBody::EnsureSlow(Interpreter& in, Module& module, Str* name, bool later) {
  auto it = makers_.find(name);
  if (it == makers_.end()) return;
  bool left = false;
  std::vector<int> list = it->second;
  for (int i : list) {
    if (items_[static_cast<size_t>(i)].state == Item::kPending && (later || i < running_)) RunItem(in, module, i);
    left |= items_[static_cast<size_t>(i)].state != Item::kDone;
  }
  if (!left) makers_.erase(name);
}

void ModuleBody::RunItem(Interpreter& in, Module& module, int index) {
  Item& item = items_[static_cast<size_t>(index)];
  if (item.state != Item::kPending) return;
  item.state = Item::kRunning;
  int outer = std::exchange(running_, index);
  try {
    Frame frame;
    frame.code = CompileStatements(in, source_, ast::StmtSeq(&item.statement, 1), item.alias);
    frame.module = Ref<Module>(&module);
    frame.locals.resize(static_cast<size_t>(frame.code->local_count));
    bool yielded;
    RunFrame(in, &frame, &yielded);
  } catch (...) {
    running_ = outer;
    items_[static_cast<size_t>(index)].state = Item::kPending;
    throw;
  }
  running_ = outer;
  items_[static_cast<size_t>(index)].state = Item::kDone;
}

Value ModuleBody::FromStars(Interpreter& in, Module& module, Str* name) {
  for (size_t i = stars_.size(); i-- > 0;) {
    Item& item = items_[static_cast<size_t>(stars_[i])];
    if (item.state == Item::kRunning) continue;
    const auto& from = item.statement->As<ast::ImportFrom>();
    item.state = Item::kRunning;  // two modules may import * from each other
    Value found;
    try {
      Value source = ImportRelative(in, module, std::string(from.module), from.level);
      if (auto* m = source.As<Module>()) {
        Value all = m->Get(in, in.names().__all__);
        bool is_public = all ? in.Contains(all, Value(name)) : !name->text().starts_with("_");
        if (is_public) {
          found = m->Get(in, name);
          if (!found) found = m->GetLate(in, name);
        }
      }
    } catch (...) {
      items_[static_cast<size_t>(stars_[i])].state = Item::kPending;
      throw;
    }
    items_[static_cast<size_t>(stars_[i])].state = Item::kPending;
    if (found) {
      module.SetNow(name, found);
      return found;
    }
  }
  return Value();
}

void ModuleBody::RunAll(Interpreter& in, Module& module, bool also_unbinding) {
  for (size_t i = 0; i < items_.size(); ++i) {
    if ((items_[i].binds || also_unbinding) && items_[i].state == Item::kPending) RunItem(in, module, static_cast<int>(i));
  }
}

// --- Module

Module::Module(Interpreter& in, std::string name, std::string file, bool is_package, Importer* importer)
    : Object(kLayout), name_(std::move(name)), file_(std::move(file)), is_package_(is_package), importer_(importer) {
  (void)in;
}
Module::~Module() = default;

void Module::set_body(std::unique_ptr<ModuleBody> body) { body_ = std::move(body); }

Value Module::Get(Interpreter& in, Str* name) {
  if (body_ != nullptr) {
    body_->Touch(in, *this);
    body_->Ensure(in, *this, name, false);
  }
  return dict()->Get(name);
}

Value Module::GetLate(Interpreter& in, Str* name) {
  if (body_ != nullptr) {
    body_->Touch(in, *this);
    body_->Ensure(in, *this, name, true);
    if (Value v = dict()->Get(name)) return v;
    if (Value v = body_->FromStars(in, *this, name)) return v;
  }
  return fallback_ ? fallback_(in, *this, name) : Value();
}

void Module::Set(Interpreter& in, Str* name, const Value& value) {
  // Makers that have not run would bind over the new value later, so they run first. One that cannot run is no loss.
  if (body_ != nullptr) {
    try {
      Get(in, name);
    } catch (Raised&) {
    }
  }
  dict()->Set(name, value);
}

bool Module::Delete(Interpreter& in, Str* name) {
  Get(in, name);
  return dict()->table.Erase(name);
}

Value Module::GetMember(Interpreter& in, Str* name) {
  if (Value v = Get(in, name)) return v;
  if (Value v = GetLate(in, name)) return v;
  if (importer_ != nullptr && is_package_ && !name->text().starts_with("__")) {
    if (Module* sub = importer_->Import(in, name_ + "." + name->text())) {
      SetNow(name, Value(sub));
      return Value(sub);
    }
  }
  return Value();
}

void Module::RunAll(Interpreter& in) {
  if (body_ == nullptr) return;
  body_->Touch(in, *this);
  body_->RunAll(in, *this);
}

void Module::RunInOrder(Interpreter& in) {
  if (body_ == nullptr) return;
  body_->Touch(in, *this);
  body_->RunAll(in, *this, true);
}

bool ModuleBody::AddNames(std::vector<std::string>* names) const {
  if (!stars_.empty()) return false;
  for (const auto& [name, makers] : makers_) names->push_back(name->text());
  return true;
}

std::vector<std::string> Module::Names(Interpreter& in) {
  std::vector<std::string> names;
  if (body_ != nullptr) {
    body_->Touch(in, *this);
    if (!body_->AddNames(&names)) RunAll(in);
  }
  for (const HashTable::Entry& e : dict()->table.entries()) {
    if (Str* s = e.key.As<Str>()) names.push_back(s->text());
  }
  in.Step(static_cast<int64_t>(names.size()));
  return names;
}

bool Module::GetAttr(Interpreter& in, Str* name, Value* out) {
  if (name == in.names().__dict__) {
    RunAll(in);
    return *out = Value(dict()), true;
  }
  if (name == in.names().__class__) return *out = Value(type()), true;
  *out = GetMember(in, name);
  if (*out) return true;
  if (Value v = GenericModuleAttr(in, name)) return *out = v, true;
  return false;
}

// The module's own __getattr__ (PEP 562), asked last.
Value Module::GenericModuleAttr(Interpreter& in, Str* name) {
  if (name->text().starts_with("__") && name != in.names().__all__) return Value();
  Value getter = Get(in, in.names().__getattr__);
  if (!getter) return Value();
  try {
    return in.Call(getter, {Value(name)});
  } catch (Raised& raised) {
    if (!in.IsInstance(raised.exception, in.types().attribute_error)) throw;
    return Value();
  }
}

bool Module::SetAttr(Interpreter& in, Str* name, const Value& value) {
  Set(in, name, value);
  return true;
}
bool Module::DelAttr(Interpreter& in, Str* name) { return Delete(in, name); }
std::string Module::Repr(Interpreter&) {
  return file_.empty() ? "<module '" + name_ + "' (built-in)>" : "<module '" + name_ + "' from '" + file_ + "'>";
}

// --- imports

Value Interpreter::Import(Importer& importer, const std::string& name) {
  // The parents are packages of the same importer; nothing of them runs.
  if (Module* m = importer.Import(*this, name)) return Value(m);
  Value exception = Call(Value(types_.module_not_found_error), {Value(NewStr("No module named '" + name + "'"))});
  SetAttr(exception, names_.name, Value(NewStr(name)));
  RaiseException(exception);
}
Value Interpreter::Import(const std::string& name) { return Import(*importer_, name); }

Value ImportRelative(Interpreter& in, Module& from, const std::string& name, int level) {
  if (level == 0) return in.Import(*from.importer(), name);
  std::string base = from.name();
  int up = level - (from.is_package() ? 1 : 0);
  for (; up > 0; --up) {
    size_t dot = base.rfind('.');
    if (dot == std::string::npos) in.Raise(in.types().import_error, "attempted relative import beyond top-level package");
    base.resize(dot);
  }
  return in.Import(*from.importer(), name.empty() ? base : base + "." + name);
}

Value ImportMember(Interpreter& in, const Value& module, Str* name) {
  if (Value v = in.FindAttr(module, name)) return v;
  auto* m = module.As<Module>();
  std::string where = m == nullptr ? in.TypeName(module) : m->name();
  Value exception = in.Call(Value(in.types().import_error),
                            {Value(in.NewStr("cannot import name '" + name->text() + "' from '" + where + "'" +
                                             (m != nullptr && !m->file().empty() ? " (" + m->file() + ")" : "")))});
  in.SetAttr(exception, in.names().name, Value(name));
  in.RaiseException(exception);
}

std::vector<std::pair<Str*, Value>> PublicNames(Interpreter& in, const Value& module) {
  std::vector<std::pair<Str*, Value>> out;
  auto* m = module.As<Module>();
  if (m == nullptr) in.RaiseTypeError("import * needs a module, not " + in.TypeName(module));
  if (Value all = m->Get(in, in.names().__all__)) {
    for (const Value& v : in.ToVector(all)) {
      Str* name = v.As<Str>();
      if (name == nullptr) in.RaiseTypeError("Item in " + m->name() + ".__all__ must be str, not " + in.TypeName(v));
      name = in.Intern(name->text());
      out.emplace_back(name, ImportMember(in, module, name));
    }
    return out;
  }
  m->RunAll(in);
  for (const HashTable::Entry& e : m->globals()->table.entries()) {
    Str* name = e.key.As<Str>();
    if (name != nullptr && !name->text().starts_with("_")) out.emplace_back(name, e.value);
  }
  return out;
}

namespace {

// Native and prelude modules by name.
struct Registered {
  Interpreter::ModuleBuilder build;
  std::string source, file;
  bool has_source = false, is_package = false;
  Ref<Module> module;
};

}  // namespace

class RegisteredModules : public Importer {
 public:
  std::unordered_map<std::string, Registered> entries;

  // A name is also there as the parent of a registered one.
  Registered* Find(const std::string& name) {
    auto it = entries.find(name);
    return it == entries.end() ? nullptr : &it->second;
  }
  void AddParents(const std::string& name) {
    for (size_t dot = name.find('.'); dot != std::string::npos; dot = name.find('.', dot + 1)) {
      entries[name.substr(0, dot)].is_package = true;
    }
  }
  Module* Import(Interpreter& in, const std::string& name) override {
    Registered* r = Find(name);
    if (r == nullptr) return nullptr;
    if (!r->module) {
      Ref<Module> made = r->has_source ? in.NewSourceModule(name, r->file, r->source, r->is_package, this)
                                       : in.NewEmptyModule(name, r->is_package, this);
      r->module = made;
      if (r->build) r->build(in, *made);
    }
    return r->module.get();
  }
};

std::unique_ptr<Importer> NewRegisteredModules() { return std::make_unique<RegisteredModules>(); }

void Interpreter::RegisterNativeModule(const std::string& name, ModuleBuilder build) {
  auto& modules = static_cast<RegisteredModules&>(*importer_);
  modules.AddParents(name);
  modules.entries[name].build = std::move(build);
}
void Interpreter::RegisterSourceModule(const std::string& name, std::string source, std::string file, bool is_package) {
  auto& modules = static_cast<RegisteredModules&>(*importer_);
  modules.AddParents(name);
  Registered& r = modules.entries[name];
  r.source = std::move(source);
  r.file = std::move(file);
  r.has_source = true;
  r.is_package |= is_package;
}
bool Interpreter::IsRegistered(const std::string& name) const {
  return static_cast<RegisteredModules&>(*importer_).Find(name) != nullptr;
}

Ref<Module> Interpreter::NewEmptyModule(std::string name, bool is_package, Importer* importer) {
  Ref<Module> m = New<Module>(types_.module, *this, name, "", is_package, importer);
  m->set_dict(NewDict().get());
  m->SetNow(names_.__name__, Value(NewStr(name)));
  m->SetNow(names_.__doc__, Value::None());
  std::string package = is_package ? name : name.substr(0, name.rfind('.') == std::string::npos ? 0 : name.rfind('.'));
  m->SetNow(names_.__package__, Value(NewStr(package)));
  if (is_package) m->SetNow(names_.__path__, Value(NewList()));
  return m;
}

Ref<Module> Interpreter::NewSourceModule(std::string name, std::string file, std::string source, bool is_package,
                                         Importer* importer) {
  Ref<Module> m = New<Module>(types_.module, *this, name, file, is_package, importer);
  Ref<Module> empty = NewEmptyModule(name, is_package, importer);
  m->set_dict(empty->dict());
  m->SetNow(names_.__file__, Value(NewStr(file)));
  m->set_body(std::make_unique<ModuleBody>(std::move(file), std::move(source)));
  return m;
}

Result<Value> Interpreter::Run(const std::string& file, const std::string& text, const std::string& name) {
  FP_ASSIGN_OR_RETURN(auto tree, Parse(file, text));
  FP_ASSIGN_OR_RETURN(auto resolution, Resolve(*tree));
  return Try([&]() -> Value {
    auto source = std::make_shared<Source>();
    source->tree = tree;
    source->resolution = resolution;
    source->file = file;
    Ref<Module> module = NewEmptyModule(name, false, importer_.get());
    module->SetNow(names_.__file__, Value(NewStr(file)));
    Frame frame;
    frame.code = CompileStatements(*this, source, tree->body());
    frame.module = module;
    frame.locals.resize(static_cast<size_t>(frame.code->local_count));
    bool yielded;
    RunFrame(*this, &frame, &yielded);
    return Value(module);
  });
}

}  // namespace fusepack::py
