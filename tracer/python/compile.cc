// Tree to instructions, one scope at a time, in one walk.
//
// try/finally and with are compiled as CPython does since 3.8: what must run on the way out is emitted again on every
// way out (normal end, return, break, continue, exception). `blocks_` is the stack of enclosing statements that have
// something to do on the way; Unwind() emits it from the inside out, with each block taken off the stack, and with its
// protected range interrupted, while its own clean-up runs.
#include <unordered_map>

#include "tracer/python/bytecode.h"
#include "tracer/python/callables.h"
#include "tracer/python/interpreter.h"

namespace fusepack::py {
namespace {

using ast::ExprKind;
using ast::StmtKind;

class Compiler {
 public:
  Compiler(Interpreter& in, std::shared_ptr<const Source> source, const Scope& scope)
      : in_(in), scope_(scope), code_(std::make_shared<Code>()) {
    code_->source = std::move(source);
    code_->scope = &scope;
    code_->name = std::string(scope.name);
    code_->qualified_name = scope.qualified_name.empty() ? code_->name : scope.qualified_name;
    code_->local_count = static_cast<int>(scope.locals.size());
    code_->is_generator = scope.is_generator;
    for (size_t i = 0; i < scope.cells.size(); ++i) {
      if (scope.cells[i].parameter_slot >= 0) {
        code_->cell_parameters.emplace_back(static_cast<int>(i), scope.cells[i].parameter_slot);
      }
    }
    for (size_t i = 0; i < scope.frees.size(); ++i) {
      if (scope.frees[i].name == "__class__") code_->class_cell = static_cast<int>(scope.cells.size() + i);
    }
  }

  std::shared_ptr<Code> Function(const ast::FunctionDef& f) {
    SetParameters(f.parameters);
    at_ = f.start;
    code_->first_line = static_cast<int>(at_.line);
    code_->returns = f.returns;
    if (f.is_async) {
      Outside("'async def'");
      return Finish();
    }
    SetDoc(f.body);
    Statements(f.body);
    LoadNone();
    Emit(Op::kReturn);
    return Finish();
  }

  std::shared_ptr<Code> Lambda(const ast::Lambda& lambda) {
    SetParameters(lambda.parameters);
    at_ = lambda.start;
    code_->first_line = static_cast<int>(at_.line);
    Expression(*lambda.body);
    Emit(Op::kReturn);
    return Finish();
  }

  std::shared_ptr<Code> Class(const ast::ClassDef& c) {
    code_->is_class = true;
    if (scope_.needs_class_cell) code_->own_class_cell = 0;
    at_ = c.start;
    code_->first_line = static_cast<int>(at_.line);
    SetDoc(c.body);
    if (code_->doc) {
      Emit(Op::kLoadConst, Constant(code_->doc));
      Emit(Op::kStoreName, Name("__doc__"));
    }
    Statements(c.body);
    LoadNone();
    Emit(Op::kReturn);
    return Finish();
  }

  template <typename C>
  std::shared_ptr<Code> Comprehension(const C& c) {
    at_ = c.start;
    code_->first_line = static_cast<int>(at_.line);
    code_->positional = code_->positional_only = 1;
    code_->parameter_names = {in_.Intern(".0")};
    for (const ast::Comprehension& g : c.generators) {
      if (g.is_async) {
        Outside("asynchronous comprehension");
        return Finish();
      }
    }
    if constexpr (C::kKind == ExprKind::kListComp) Emit(Op::kBuildList, 0);
    if constexpr (C::kKind == ExprKind::kSetComp) Emit(Op::kBuildSet, 0);
    if constexpr (C::kKind == ExprKind::kDictComp) Emit(Op::kBuildDict, 0);
    Generators(c, 0);
    if constexpr (C::kKind == ExprKind::kGeneratorExp) LoadNone();
    Emit(Op::kReturn);
    return Finish();
  }

  std::shared_ptr<Code> TopLevel(ast::StmtSeq statements, int only_alias) {
    only_alias_ = only_alias;
    code_->is_module = true;
    code_->first_line = statements.empty() ? 1 : static_cast<int>(statements[0]->start.line);
    Statements(statements);
    LoadNone();
    Emit(Op::kReturn);
    return Finish();
  }

  std::shared_ptr<Code> TopLevel(const ast::Expr& expr) {
    code_->is_module = true;
    code_->first_line = static_cast<int>(expr.start.line);
    Expression(expr);
    Emit(Op::kReturn);
    return Finish();
  }

 private:
  struct Block {
    enum Kind { kLoop, kFinally, kWith, kExcept, kHandler, kFinallyRaised } kind;
    // Loop
    int break_label = -1, continue_label = -1;
    bool has_iterator = false;
    // Finally
    ast::StmtSeq body;
    // With: slot of __exit__. Handler: the bound name.
    int slot = -1;
    std::string_view name;
    // Protected range (kFinally, kWith, kExcept)
    int target = -1;  // label of the handler
    int begin = -1;
    int stack_depth = 0, handled_depth = 0;
    std::vector<std::pair<int, int>> ranges;
    bool IsProtected() const { return kind == kFinally || kind == kWith || kind == kExcept; }
  };

  // --- emitting

  int here() const { return static_cast<int>(code_->instructions.size()); }
  void Emit(Op op, int arg = 0, int extra = 0) {
    code_->instructions.push_back({op, static_cast<uint16_t>(extra), arg});
    code_->positions.push_back(at_);
  }
  int NewLabel() {
    labels_.push_back(-1);
    return static_cast<int>(labels_.size()) - 1;
  }
  void Bind(int label) { labels_[label] = here(); }
  void Jump(Op op, int label) {
    jumps_.push_back(here());
    Emit(op, label);
  }
  int Constant(Value value) {
    code_->constants.push_back(std::move(value));
    return static_cast<int>(code_->constants.size()) - 1;
  }
  int Text(std::string_view text) { return Constant(Value(in_.NewStr(text))); }
  int Name(std::string_view text) {
    Str* name = in_.Intern(text);
    auto [it, added] = name_index_.try_emplace(name, static_cast<int>(code_->names.size()));
    if (added) code_->names.push_back(name);
    return it->second;
  }
  int AttributeName(std::string_view text) { return Name(scope_.Mangled(text)); }
  void LoadNone() { Emit(Op::kLoadConst, Constant(Value::None())); }
  void Outside(std::string_view what) { Emit(Op::kOutside, Text(what)); }
  int NewSlot() { return code_->local_count++; }

  std::shared_ptr<Code> Finish() {
    for (int at : jumps_) code_->instructions[at].arg = labels_[code_->instructions[at].arg];
    for (Handler& h : code_->handlers) h.target = labels_[h.target];
    return code_;
  }

  void SetParameters(const ast::Parameters& p) {
    code_->parameters = &p;
    code_->positional_only = static_cast<int>(p.positional_only.size());
    code_->positional = code_->positional_only + static_cast<int>(p.positional.size());
    code_->keyword_only = static_cast<int>(p.keyword_only.size());
    code_->has_varargs = p.vararg != nullptr;
    code_->has_varkw = p.kwarg != nullptr;
    int count = code_->positional + code_->keyword_only + code_->has_varargs + code_->has_varkw;
    for (int i = 0; i < count; ++i) code_->parameter_names.push_back(in_.Intern(scope_.locals[i]));
  }
  void SetDoc(ast::StmtSeq body) {
    if (body.empty()) return;
    const auto* statement = body[0]->Maybe<ast::ExprStmt>();
    if (statement == nullptr) return;
    const auto* constant = statement->value->Maybe<ast::Constant>();
    if (constant != nullptr && constant->type == ast::ConstantKind::kStr) code_->doc = Value(in_.NewStr(constant->text));
  }

  // --- names

  void Load(std::string_view id) {
    NamePlace symbol = scope_.Find(id);
    switch (symbol.place) {
      case Place::kLocal: return Emit(Op::kLoadFast, symbol.index);
      case Place::kCell: return Emit(Op::kLoadDeref, symbol.index);
      case Place::kFree: return Emit(Op::kLoadDeref, FreeIndex(symbol.index));
      case Place::kGlobal: return Emit(Op::kLoadGlobal, AttributeName(id));
      case Place::kName: return Emit(Op::kLoadName, AttributeName(id));
      case Place::kClassFree: return Emit(Op::kLoadClassDeref, AttributeName(id), FreeIndex(symbol.index));
    }
  }
  void Store(std::string_view id) {
    NamePlace symbol = scope_.Find(id);
    switch (symbol.place) {
      case Place::kLocal: return Emit(Op::kStoreFast, symbol.index);
      case Place::kCell: return Emit(Op::kStoreDeref, symbol.index);
      case Place::kFree: return Emit(Op::kStoreDeref, FreeIndex(symbol.index));
      case Place::kGlobal: return Emit(code_->is_module ? Op::kStoreName : Op::kStoreGlobal, AttributeName(id));
      case Place::kName:
      case Place::kClassFree: return Emit(Op::kStoreName, AttributeName(id));
    }
  }
  void Remove(std::string_view id) {
    NamePlace symbol = scope_.Find(id);
    switch (symbol.place) {
      case Place::kLocal: return Emit(Op::kDeleteFast, symbol.index);
      case Place::kCell: return Emit(Op::kDeleteDeref, symbol.index);
      case Place::kFree: return Emit(Op::kDeleteDeref, FreeIndex(symbol.index));
      case Place::kGlobal: return Emit(code_->is_module ? Op::kDeleteName : Op::kDeleteGlobal, AttributeName(id));
      case Place::kName:
      case Place::kClassFree: return Emit(Op::kDeleteName, AttributeName(id));
    }
  }
  int FreeIndex(int index) const { return static_cast<int>(scope_.cells.size()) + index; }

  // --- blocks

  void OpenRange(Block& block) { block.begin = here(); }
  void CloseRange(Block& block) {
    if (block.begin >= 0 && block.begin < here()) block.ranges.emplace_back(block.begin, here());
    block.begin = -1;
  }
  void Push(Block block) {
    block.stack_depth = iterators_;
    block.handled_depth = handled_;
    if (block.IsProtected()) OpenRange(block);
    blocks_.push_back(std::move(block));
  }
  // Takes the block off; its protected ranges become handlers.
  void Pop() {
    Block& block = blocks_.back();
    if (block.IsProtected()) {
      CloseRange(block);
      for (auto [begin, end] : block.ranges) {
        code_->handlers.push_back({begin, end, block.target, block.stack_depth, block.handled_depth});
      }
    }
    blocks_.pop_back();
  }

  // Emits the clean-up of the blocks above `keep`, innermost first, for a jump out of them.
  void Unwind(size_t keep) {
    std::vector<Block> taken;
    int handled = handled_;
    while (blocks_.size() > keep) {
      taken.push_back(std::move(blocks_.back()));
      blocks_.pop_back();
      Block& block = taken.back();
      if (block.IsProtected()) CloseRange(block);
      switch (block.kind) {
        case Block::kFinally: Statements(block.body); break;
        case Block::kWith: Emit(Op::kWithExit, block.slot); break;
        case Block::kHandler:
          Emit(Op::kPopHandled);
          --handled_;
          if (!block.name.empty()) ForgetName(block.name);
          break;
        case Block::kFinallyRaised:
          Emit(Op::kPopHandled);
          --handled_;
          break;
        default: break;
      }
    }
    while (!taken.empty()) {
      blocks_.push_back(std::move(taken.back()));
      taken.pop_back();
    }
    handled_ = handled;
  }
  // After the jump that Unwind was for: the blocks protect again.
  void Resume(size_t keep) {
    for (size_t i = keep; i < blocks_.size(); ++i) {
      if (blocks_[i].IsProtected() && blocks_[i].begin < 0) OpenRange(blocks_[i]);
    }
  }
  void ForgetName(std::string_view name) {
    LoadNone();
    Store(name);
    Remove(name);
  }

  // --- statements

  void Statements(ast::StmtSeq statements) {
    for (const ast::Stmt* s : statements) Statement(*s);
  }

  void Statement(const ast::Stmt& s) {
    at_ = s.start;
    switch (s.kind) {
      case StmtKind::kFunctionDef: return FunctionDef(s.As<ast::FunctionDef>());
      case StmtKind::kClassDef: return ClassDef(s.As<ast::ClassDef>());
      case StmtKind::kReturn: return Return(s.As<ast::Return>());
      case StmtKind::kDelete:
        for (const ast::Expr* target : s.As<ast::Delete>().targets) Delete(*target);
        return;
      case StmtKind::kAssign: {
        const auto& a = s.As<ast::Assign>();
        Expression(*a.value);
        for (size_t i = 0; i < a.targets.size(); ++i) {
          if (i + 1 < a.targets.size()) Emit(Op::kDup);
          Assign(*a.targets[i]);
        }
        return;
      }
      case StmtKind::kTypeAlias: return Outside("'type' statement");
      case StmtKind::kAugAssign: return AugAssign(s.As<ast::AugAssign>());
      case StmtKind::kAnnAssign: return AnnAssign(s.As<ast::AnnAssign>());
      case StmtKind::kFor: return For(s.As<ast::For>());
      case StmtKind::kWhile: return While(s.As<ast::While>());
      case StmtKind::kIf: return If(s.As<ast::If>());
      case StmtKind::kWith: {
        const auto& w = s.As<ast::With>();
        if (w.is_async) return Outside("'async with'");
        return With(w, 0);
      }
      case StmtKind::kMatch: return Outside("'match' statement");
      case StmtKind::kRaise: {
        const auto& r = s.As<ast::Raise>();
        if (r.exception != nullptr) Expression(*r.exception);
        if (r.cause != nullptr) Expression(*r.cause);
        at_ = s.start;
        return Emit(Op::kRaise, (r.exception != nullptr) + (r.cause != nullptr));
      }
      case StmtKind::kTry: {
        const auto& t = s.As<ast::Try>();
        if (t.is_star) return Outside("'except*'");
        return t.finally.empty() ? TryExcept(t) : TryFinally(t);
      }
      case StmtKind::kAssert: {
        const auto& a = s.As<ast::Assert>();
        int end = NewLabel();
        Condition(*a.test, end, true);
        if (a.message != nullptr) Expression(*a.message);
        at_ = s.start;
        Emit(Op::kAssertFailed, a.message != nullptr);
        return Bind(end);
      }
      case StmtKind::kImport: return Import(s.As<ast::Import>());
      case StmtKind::kImportFrom: return ImportFrom(s.As<ast::ImportFrom>());
      case StmtKind::kGlobal:
      case StmtKind::kNonlocal:
      case StmtKind::kPass: return;
      case StmtKind::kExprStmt: {
        const ast::Expr& value = *s.As<ast::ExprStmt>().value;
        if (value.kind == ExprKind::kConstant) return;
        Expression(value);
        return Emit(Op::kPop);
      }
      case StmtKind::kBreak:
      case StmtKind::kContinue: return LeaveLoop(s.kind == StmtKind::kBreak);
    }
  }

  void FunctionDef(const ast::FunctionDef& f) {
    for (const ast::Expr* d : f.decorators) Expression(*d);
    at_ = f.start;
    MakeFunction(&f, ScopeNode::kFunctionDef, f.parameters);
    for (size_t i = f.decorators.size(); i-- > 0;) {
      at_ = f.decorators[i]->start;
      Emit(Op::kCall, 1);
    }
    at_ = f.start;
    Store(f.name);
  }

  void MakeFunction(const void* node, ScopeNode kind, const ast::Parameters& p) {
    int flags = 0;
    int defaults = 0;
    for (const auto* group : {&p.positional_only, &p.positional}) {
      for (const ast::Parameter& parameter : *group) {
        if (parameter.default_value == nullptr) continue;
        Expression(*parameter.default_value);
        ++defaults;
      }
    }
    if (defaults > 0) {
      Emit(Op::kBuildTuple, defaults);
      flags |= 1;
    }
    int keyword_defaults = 0;
    for (const ast::Parameter& parameter : p.keyword_only) {
      if (parameter.default_value == nullptr) continue;
      Emit(Op::kLoadConst, Constant(Value(in_.Intern(scope_.Mangled(parameter.name)))));
      Expression(*parameter.default_value);
      ++keyword_defaults;
    }
    if (keyword_defaults > 0) {
      Emit(Op::kBuildDict, keyword_defaults);
      flags |= 2;
    }
    Emit(Op::kMakeFunction, Inner(node, kind), flags);
  }

  int Inner(const void* node, ScopeNode kind) {
    code_->scopes.emplace_back(node, kind);
    code_->inner.emplace_back();
    return static_cast<int>(code_->scopes.size()) - 1;
  }

  void ClassDef(const ast::ClassDef& c) {
    for (const ast::Expr* d : c.decorators) Expression(*d);
    at_ = c.start;
    ArgumentList(c.bases);
    ArgumentDict(c.keywords);
    at_ = c.start;
    Emit(Op::kMakeClass, Inner(&c, ScopeNode::kClassDef));
    for (size_t i = c.decorators.size(); i-- > 0;) {
      at_ = c.decorators[i]->start;
      Emit(Op::kCall, 1);
    }
    at_ = c.start;
    Store(c.name);
  }

  void Return(const ast::Return& r) {
    if (r.value != nullptr) Expression(*r.value);
    else LoadNone();
    at_ = r.start;
    bool cleanup = false;
    for (const Block& b : blocks_) cleanup |= b.kind != Block::kLoop && b.kind != Block::kExcept;
    if (!cleanup) return Emit(Op::kReturn);
    int slot = NewSlot();
    Emit(Op::kStoreFast, slot);
    Unwind(0);
    at_ = r.start;
    Emit(Op::kLoadTemp, slot);
    Emit(Op::kReturn);
    Resume(0);
  }

  void LeaveLoop(bool is_break) {
    size_t loop = blocks_.size();
    while (loop > 0 && blocks_[loop - 1].kind != Block::kLoop) --loop;
    if (loop == 0) return;  // the resolver has refused it
    Unwind(loop);
    Jump(Op::kJump, is_break ? blocks_[loop - 1].break_label : blocks_[loop - 1].continue_label);
    Resume(loop);
  }

  void Delete(const ast::Expr& target) {
    at_ = target.start;
    switch (target.kind) {
      case ExprKind::kName: return Remove(target.As<ast::Name>().id);
      case ExprKind::kAttribute:
        Expression(*target.As<ast::Attribute>().value);
        at_ = target.start;
        return Emit(Op::kDeleteAttr, AttributeName(target.As<ast::Attribute>().attribute));
      case ExprKind::kSubscript:
        Expression(*target.As<ast::Subscript>().value);
        Expression(*target.As<ast::Subscript>().index);
        at_ = target.start;
        return Emit(Op::kDeleteItem);
      case ExprKind::kTuple:
        for (const ast::Expr* e : target.As<ast::Tuple>().elements) Delete(*e);
        return;
      case ExprKind::kList:
        for (const ast::Expr* e : target.As<ast::List>().elements) Delete(*e);
        return;
      default: return Outside("this target of 'del'");
    }
  }

  // Stores the top of the stack.
  void Assign(const ast::Expr& target) {
    at_ = target.start;
    switch (target.kind) {
      case ExprKind::kName: return Store(target.As<ast::Name>().id);
      case ExprKind::kAttribute:
        Expression(*target.As<ast::Attribute>().value);
        at_ = target.start;
        return Emit(Op::kStoreAttr, AttributeName(target.As<ast::Attribute>().attribute));
      case ExprKind::kSubscript:
        Expression(*target.As<ast::Subscript>().value);
        Expression(*target.As<ast::Subscript>().index);
        at_ = target.start;
        return Emit(Op::kStoreItem);
      case ExprKind::kTuple: return AssignSequence(target.As<ast::Tuple>().elements);
      case ExprKind::kList: return AssignSequence(target.As<ast::List>().elements);
      case ExprKind::kStarred: return Assign(*target.As<ast::Starred>().value);
      default: return Outside("this target of an assignment");
    }
  }
  void AssignSequence(ast::ExprSeq targets) {
    size_t star = targets.size();
    for (size_t i = 0; i < targets.size(); ++i) {
      if (targets[i]->kind == ExprKind::kStarred) star = i;
    }
    if (star == targets.size()) {
      Emit(Op::kUnpack, static_cast<int>(targets.size()));
    } else {
      Emit(Op::kUnpackStar, static_cast<int>(star), static_cast<int>(targets.size() - star - 1));
    }
    for (const ast::Expr* target : targets) Assign(*target);
  }

  void AugAssign(const ast::AugAssign& a) {
    BinOp op = Operator(a.op);
    switch (a.target->kind) {
      case ExprKind::kName: {
        std::string_view id = a.target->As<ast::Name>().id;
        Load(id);
        Expression(*a.value);
        at_ = a.start;
        Emit(Op::kInplace, static_cast<int>(op));
        return Store(id);
      }
      case ExprKind::kAttribute: {
        const auto& t = a.target->As<ast::Attribute>();
        int name = AttributeName(t.attribute);
        Expression(*t.value);
        Emit(Op::kDup);
        Emit(Op::kLoadAttr, name);
        Expression(*a.value);
        at_ = a.start;
        Emit(Op::kInplace, static_cast<int>(op));
        Emit(Op::kSwap);
        return Emit(Op::kStoreAttr, name);
      }
      case ExprKind::kSubscript: {
        const auto& t = a.target->As<ast::Subscript>();
        Expression(*t.value);
        Expression(*t.index);
        Emit(Op::kDup2);
        Emit(Op::kGetItem);
        Expression(*a.value);
        at_ = a.start;
        Emit(Op::kInplace, static_cast<int>(op));
        Emit(Op::kRotThree);
        return Emit(Op::kStoreItem);
      }
      default: return Outside("this target of an assignment");
    }
  }

  void AnnAssign(const ast::AnnAssign& a) {
    if (a.value != nullptr) {
      Expression(*a.value);
      Assign(*a.target);
    }
    if (scope_.kind == ScopeKind::kClass && a.simple && a.target->kind == ExprKind::kName) {
      at_ = a.start;
      Emit(Op::kLoadConst, Text(code_->source->tree->Text(*a.annotation)));
      Emit(Op::kSetAnnotation, AttributeName(a.target->As<ast::Name>().id));
    }
  }

  void For(const ast::For& f) {
    if (f.is_async) return Outside("'async for'");
    int top = NewLabel(), exhausted = NewLabel(), end = NewLabel(), on_break = NewLabel();
    Expression(*f.iter);
    at_ = f.iter->start;
    Emit(Op::kGetIter);
    ++iterators_;
    Push({.kind = Block::kLoop, .break_label = on_break, .continue_label = top, .has_iterator = true});
    Bind(top);
    at_ = f.iter->start;
    Jump(Op::kForIter, exhausted);
    Assign(*f.target);
    Statements(f.body);
    Jump(Op::kJump, top);
    Pop();
    Bind(on_break);
    Emit(Op::kPop);
    --iterators_;
    Jump(Op::kJump, end);
    Bind(exhausted);
    Statements(f.orelse);
    Bind(end);
  }

  void While(const ast::While& w) {
    int top = NewLabel(), done = NewLabel(), end = NewLabel();
    Push({.kind = Block::kLoop, .break_label = end, .continue_label = top});
    Bind(top);
    Condition(*w.test, done, false);
    Statements(w.body);
    Jump(Op::kJump, top);
    Pop();
    Bind(done);
    Statements(w.orelse);
    Bind(end);
  }

  void If(const ast::If& i) {
    int otherwise = NewLabel(), end = NewLabel();
    Condition(*i.test, otherwise, false);
    Statements(i.body);
    if (!i.orelse.empty()) Jump(Op::kJump, end);
    Bind(otherwise);
    Statements(i.orelse);
    Bind(end);
  }

  void With(const ast::With& w, size_t item) {
    if (item == w.items.size()) return Statements(w.body);
    const ast::WithItem& i = w.items[item];
    int slot = NewSlot(), raised = NewLabel(), end = NewLabel(), swallowed = NewLabel();
    Expression(*i.context_expr);
    at_ = i.context_expr->start;
    Emit(Op::kWithEnter, slot);
    Push({.kind = Block::kWith, .slot = slot, .target = raised});
    if (i.optional_vars != nullptr) Assign(*i.optional_vars);
    else Emit(Op::kPop);
    With(w, item + 1);
    Pop();
    at_ = i.context_expr->start;
    Emit(Op::kWithExit, slot);
    Jump(Op::kJump, end);
    Bind(raised);
    Emit(Op::kPushHandled);
    Emit(Op::kWithExitRaised, slot);
    Jump(Op::kPopJumpIfTrue, swallowed);
    Emit(Op::kReraise);
    Bind(swallowed);
    Emit(Op::kPopHandled);
    Bind(end);
  }

  void TryExcept(const ast::Try& t) {
    int raised = NewLabel(), end = NewLabel();
    Push({.kind = Block::kExcept, .target = raised});
    Statements(t.body);
    Pop();
    Statements(t.orelse);
    Jump(Op::kJump, end);
    Bind(raised);
    Emit(Op::kPushHandled);
    ++handled_;
    for (const ast::ExceptHandler& h : t.handlers) {
      int next = NewLabel();
      at_ = h.start;
      if (h.type != nullptr) {
        Expression(*h.type);
        at_ = h.start;
        Emit(Op::kMatchException);
        Jump(Op::kPopJumpIfFalse, next);
      }
      if (!h.name.empty()) {
        Emit(Op::kLoadHandled);
        Store(h.name);
      }
      Push({.kind = Block::kHandler, .name = h.name});
      Statements(h.body);
      Pop();
      Emit(Op::kPopHandled);
      if (!h.name.empty()) ForgetName(h.name);
      Jump(Op::kJump, end);
      Bind(next);
    }
    Emit(Op::kReraise);
    --handled_;
    Bind(end);
  }

  void TryFinally(const ast::Try& t) {
    int raised = NewLabel(), end = NewLabel();
    Push({.kind = Block::kFinally, .body = t.finally, .target = raised});
    if (t.handlers.empty()) {
      Statements(t.body);
      Statements(t.orelse);
    } else {
      TryExcept(t);
    }
    Pop();
    Statements(t.finally);
    Jump(Op::kJump, end);
    Bind(raised);
    Emit(Op::kPushHandled);
    ++handled_;
    Push({.kind = Block::kFinallyRaised});
    Statements(t.finally);
    Pop();
    Emit(Op::kReraise);
    --handled_;
    Bind(end);
  }

  void Import(const ast::Import& s) {
    bool in_try = false;
    for (const Block& b : blocks_) in_try |= b.IsProtected();
    for (const ast::Alias& alias : s.names) {
      if (only_alias_ >= 0 && &alias != &s.names[static_cast<size_t>(only_alias_)]) continue;
      at_ = alias.start;
      bool leaf = !alias.as_name.empty();
      bool lazy = code_->is_module && !in_try && !leaf;
      Emit(Op::kImportName, Name(alias.name), leaf ? 1 : lazy ? 2 : 0);
      Store(leaf ? alias.as_name : alias.name.substr(0, alias.name.find('.')));
    }
  }

  void ImportFrom(const ast::ImportFrom& s) {
    if (s.module == "__future__" && s.level == 0) return;
    Emit(Op::kImportFrom, Name(s.module), s.level);
    for (const ast::Alias& alias : s.names) {
      if (only_alias_ >= 0 && &alias != &s.names[static_cast<size_t>(only_alias_)]) continue;
      at_ = alias.start;
      if (alias.name == "*") {
        Emit(Op::kImportStar);
        return;
      }
      Emit(Op::kImportMember, Name(alias.name));
      Store(alias.as_name.empty() ? alias.name : alias.as_name);
    }
    Emit(Op::kPop);
  }

  // --- expressions

  static BinOp Operator(ast::BinaryOperator op) {
    switch (op) {
      case ast::BinaryOperator::kAdd: return BinOp::kAdd;
      case ast::BinaryOperator::kSub: return BinOp::kSub;
      case ast::BinaryOperator::kMult: return BinOp::kMul;
      case ast::BinaryOperator::kMatMult: return BinOp::kMatMul;
      case ast::BinaryOperator::kDiv: return BinOp::kTrueDiv;
      case ast::BinaryOperator::kMod: return BinOp::kMod;
      case ast::BinaryOperator::kPow: return BinOp::kPow;
      case ast::BinaryOperator::kLShift: return BinOp::kLShift;
      case ast::BinaryOperator::kRShift: return BinOp::kRShift;
      case ast::BinaryOperator::kBitOr: return BinOp::kOr;
      case ast::BinaryOperator::kBitXor: return BinOp::kXor;
      case ast::BinaryOperator::kBitAnd: return BinOp::kAnd;
      case ast::BinaryOperator::kFloorDiv: return BinOp::kFloorDiv;
    }
    return BinOp::kAdd;
  }

  // Jumps to `label` if the truth of `e` is `jump_if`; else falls through.
  void Condition(const ast::Expr& e, int label, bool jump_if) {
    if (const auto* u = e.Maybe<ast::UnaryOp>(); u != nullptr && u->op == ast::UnaryOperator::kNot) {
      return Condition(*u->operand, label, !jump_if);
    }
    Expression(e);
    at_ = e.start;
    Jump(jump_if ? Op::kPopJumpIfTrue : Op::kPopJumpIfFalse, label);
  }

  void Expression(const ast::Expr& e) {
    ast::Position outer = at_;
    at_ = e.start;
    ExpressionAt(e);
    at_ = outer;
  }

  void ExpressionAt(const ast::Expr& e) {
    switch (e.kind) {
      case ExprKind::kBoolOp: {
        const auto& b = e.As<ast::BoolOp>();
        int end = NewLabel();
        for (size_t i = 0; i < b.values.size(); ++i) {
          Expression(*b.values[i]);
          at_ = b.values[i]->start;
          if (i + 1 < b.values.size()) {
            Jump(b.op == ast::BoolOperator::kAnd ? Op::kJumpIfFalseOrPop : Op::kJumpIfTrueOrPop, end);
          }
        }
        return Bind(end);
      }
      case ExprKind::kNamedExpr:
        Expression(*e.As<ast::NamedExpr>().value);
        Emit(Op::kDup);
        return Store(e.As<ast::NamedExpr>().target->As<ast::Name>().id);
      case ExprKind::kBinOp: {
        const auto& b = e.As<ast::BinOp>();
        Expression(*b.left);
        Expression(*b.right);
        return Emit(Op::kBinary, static_cast<int>(Operator(b.op)));
      }
      case ExprKind::kUnaryOp: {
        const auto& u = e.As<ast::UnaryOp>();
        Expression(*u.operand);
        switch (u.op) {
          case ast::UnaryOperator::kNot: return Emit(Op::kNot);
          case ast::UnaryOperator::kInvert: return Emit(Op::kUnary, static_cast<int>(UnOp::kInvert));
          case ast::UnaryOperator::kUAdd: return Emit(Op::kUnary, static_cast<int>(UnOp::kPos));
          case ast::UnaryOperator::kUSub: return Emit(Op::kUnary, static_cast<int>(UnOp::kNeg));
        }
        return;
      }
      case ExprKind::kLambda: return MakeFunction(static_cast<const void*>(&e.As<ast::Lambda>()), ScopeNode::kExpression,
                                                    e.As<ast::Lambda>().parameters);
      case ExprKind::kIfExp: {
        const auto& i = e.As<ast::IfExp>();
        int otherwise = NewLabel(), end = NewLabel();
        Condition(*i.test, otherwise, false);
        Expression(*i.body);
        Jump(Op::kJump, end);
        Bind(otherwise);
        Expression(*i.orelse);
        return Bind(end);
      }
      case ExprKind::kDict: return DictDisplay(e.As<ast::Dict>());
      case ExprKind::kSet: {
        const auto& s = e.As<ast::Set>();
        Emit(Op::kBuildSet, 0);
        for (const ast::Expr* element : s.elements) {
          if (const auto* star = element->Maybe<ast::Starred>()) {
            Expression(*star->value);
            Emit(Op::kSetUpdate);
          } else {
            Expression(*element);
            Emit(Op::kSetAdd, 1);
          }
        }
        return;
      }
      case ExprKind::kListComp: return CallComprehension(e.As<ast::ListComp>());
      case ExprKind::kSetComp: return CallComprehension(e.As<ast::SetComp>());
      case ExprKind::kDictComp: return CallComprehension(e.As<ast::DictComp>());
      case ExprKind::kGeneratorExp: return CallComprehension(e.As<ast::GeneratorExp>());
      case ExprKind::kAwait: return Outside("'await'");
      case ExprKind::kYield: {
        const auto& y = e.As<ast::Yield>();
        if (y.value != nullptr) Expression(*y.value);
        else LoadNone();
        return Emit(Op::kYield);
      }
      case ExprKind::kYieldFrom:
        Expression(*e.As<ast::YieldFrom>().value);
        Emit(Op::kGetIter);
        LoadNone();
        return Emit(Op::kYieldFrom);
      case ExprKind::kCompare: return Compare(e.As<ast::Compare>());
      case ExprKind::kCall: return Call(e.As<ast::Call>());
      case ExprKind::kFormattedValue: return Formatted(e.As<ast::FormattedValue>());
      case ExprKind::kJoinedStr: {
        const auto& j = e.As<ast::JoinedStr>();
        for (const ast::Expr* part : j.values) Expression(*part);
        return Emit(Op::kBuildString, static_cast<int>(j.values.size()));
      }
      case ExprKind::kConstant: return ConstantExpression(e.As<ast::Constant>());
      case ExprKind::kAttribute:
        Expression(*e.As<ast::Attribute>().value);
        return Emit(Op::kLoadAttr, AttributeName(e.As<ast::Attribute>().attribute));
      case ExprKind::kSubscript:
        Expression(*e.As<ast::Subscript>().value);
        Expression(*e.As<ast::Subscript>().index);
        return Emit(Op::kGetItem);
      case ExprKind::kStarred: return Outside("this starred expression");
      case ExprKind::kName: return Load(e.As<ast::Name>().id);
      case ExprKind::kList: {
        ast::ExprSeq elements = e.As<ast::List>().elements;
        if (!HasStar(elements)) return Display(elements, Op::kBuildList);
        return ArgumentList(elements);
      }
      case ExprKind::kTuple: {
        ast::ExprSeq elements = e.As<ast::Tuple>().elements;
        if (!HasStar(elements)) return Display(elements, Op::kBuildTuple);
        ArgumentList(elements);
        return Emit(Op::kListToTuple);
      }
      case ExprKind::kSlice: {
        const auto& s = e.As<ast::Slice>();
        for (const ast::Expr* part : {s.lower, s.upper, s.step}) {
          if (part != nullptr) Expression(*part);
          else LoadNone();
        }
        return Emit(Op::kBuildSlice);
      }
    }
  }

  static bool HasStar(ast::ExprSeq elements) {
    for (const ast::Expr* e : elements) {
      if (e->kind == ExprKind::kStarred) return true;
    }
    return false;
  }
  void Display(ast::ExprSeq elements, Op build) {
    for (const ast::Expr* e : elements) Expression(*e);
    Emit(build, static_cast<int>(elements.size()));
  }
  // A list of the arguments, starred ones spread.
  void ArgumentList(ast::ExprSeq args) {
    size_t plain = 0;
    while (plain < args.size() && args[plain]->kind != ExprKind::kStarred) Expression(*args[plain++]);
    Emit(Op::kBuildList, static_cast<int>(plain));
    for (size_t i = plain; i < args.size(); ++i) {
      if (const auto* star = args[i]->Maybe<ast::Starred>()) {
        Expression(*star->value);
        Emit(Op::kListExtend);
      } else {
        Expression(*args[i]);
        Emit(Op::kListAppend, 1);
      }
    }
  }
  void ArgumentDict(ast::Seq<ast::Keyword> keywords) {
    Emit(Op::kBuildDict, 0);
    for (const ast::Keyword& k : keywords) {
      if (k.name.empty()) {
        Expression(*k.value);
        Emit(Op::kDictMerge);
      } else {
        Emit(Op::kLoadConst, Constant(Value(in_.Intern(k.name))));
        Expression(*k.value);
        Emit(Op::kDictAdd, 1);
      }
    }
  }

  void DictDisplay(const ast::Dict& d) {
    size_t plain = 0;
    while (plain < d.keys.size() && plain < 32 && d.keys[plain] != nullptr) {
      Expression(*d.keys[plain]);
      Expression(*d.values[plain]);
      ++plain;
    }
    Emit(Op::kBuildDict, static_cast<int>(plain));
    for (size_t i = plain; i < d.keys.size(); ++i) {
      if (d.keys[i] == nullptr) {
        Expression(*d.values[i]);
        Emit(Op::kDictUpdate);
      } else {
        Expression(*d.keys[i]);
        Expression(*d.values[i]);
        Emit(Op::kDictAdd, 1);
      }
    }
  }

  void Compare(const ast::Compare& c) {
    Expression(*c.left);
    int failed = NewLabel(), end = NewLabel();
    for (size_t i = 0; i < c.ops.size(); ++i) {
      Expression(*c.comparators[i]);
      bool last = i + 1 == c.ops.size();
      if (!last) {
        Emit(Op::kDup);
        Emit(Op::kRotThree);
      }
      CompareOperator(c.ops[i]);
      if (!last) Jump(Op::kJumpIfFalseOrPop, failed);
    }
    if (c.ops.size() > 1) {
      Jump(Op::kJump, end);
      Bind(failed);
      Emit(Op::kSwap);
      Emit(Op::kPop);
      Bind(end);
    }
  }
  void CompareOperator(ast::CompareOperator op) {
    switch (op) {
      case ast::CompareOperator::kEq: return Emit(Op::kCompare, static_cast<int>(CmpOp::kEq));
      case ast::CompareOperator::kNotEq: return Emit(Op::kCompare, static_cast<int>(CmpOp::kNe));
      case ast::CompareOperator::kLt: return Emit(Op::kCompare, static_cast<int>(CmpOp::kLt));
      case ast::CompareOperator::kLtE: return Emit(Op::kCompare, static_cast<int>(CmpOp::kLe));
      case ast::CompareOperator::kGt: return Emit(Op::kCompare, static_cast<int>(CmpOp::kGt));
      case ast::CompareOperator::kGtE: return Emit(Op::kCompare, static_cast<int>(CmpOp::kGe));
      case ast::CompareOperator::kIs: return Emit(Op::kIs, 0);
      case ast::CompareOperator::kIsNot: return Emit(Op::kIs, 1);
      case ast::CompareOperator::kIn: return Emit(Op::kIn, 0);
      case ast::CompareOperator::kNotIn: return Emit(Op::kIn, 1);
    }
  }

  void Call(const ast::Call& c) {
    bool extended = HasStar(c.args) || c.args.size() + c.keywords.size() > 60000;
    for (const ast::Keyword& k : c.keywords) extended |= k.name.empty();
    if (extended) {
      Expression(*c.function);
      ArgumentList(c.args);
      ArgumentDict(c.keywords);
      return Emit(Op::kCallExtended);
    }
    if (c.keywords.empty() && c.function->kind == ExprKind::kAttribute) {
      const auto& a = c.function->As<ast::Attribute>();
      Expression(*a.value);
      Emit(Op::kLoadMethod, AttributeName(a.attribute));
      for (const ast::Expr* arg : c.args) Expression(*arg);
      return Emit(Op::kCallMethod, static_cast<int>(c.args.size()));
    }
    Expression(*c.function);
    for (const ast::Expr* arg : c.args) Expression(*arg);
    if (c.keywords.empty()) return Emit(Op::kCall, static_cast<int>(c.args.size()));
    std::vector<Value> names;
    for (const ast::Keyword& k : c.keywords) {
      Expression(*k.value);
      names.push_back(Value(in_.Intern(k.name)));
    }
    int constant = Constant(Value(in_.NewTuple(std::move(names))));
    if (constant > 65535) return Outside("a function with more than 65,535 constants");
    Emit(Op::kCallKeywords, static_cast<int>(c.args.size() + c.keywords.size()), constant);
  }

  void Formatted(const ast::FormattedValue& f) {
    Expression(*f.value);
    if (f.format_spec != nullptr) Expression(*f.format_spec);
    Emit(Op::kFormatValue, f.conversion, f.format_spec != nullptr);
  }

  void ConstantExpression(const ast::Constant& c) {
    switch (c.type) {
      case ast::ConstantKind::kNone: return LoadNone();
      case ast::ConstantKind::kTrue: return Emit(Op::kLoadConst, Constant(Value::Bool(true)));
      case ast::ConstantKind::kFalse: return Emit(Op::kLoadConst, Constant(Value::Bool(false)));
      case ast::ConstantKind::kEllipsis: return Emit(Op::kLoadConst, Constant(in_.Ellipsis()));
      case ast::ConstantKind::kInt:
        if (!c.int_fits) return Emit(Op::kLimitIntegers, Text(c.text));
        return Emit(Op::kLoadConst, Constant(Value::Int(c.int_value)));
      case ast::ConstantKind::kFloat: return Emit(Op::kLoadConst, Constant(Value::Float(c.float_value)));
      case ast::ConstantKind::kImaginary: return Outside("a complex number");
      case ast::ConstantKind::kStr: {
        // Short constants are often keys and attribute names; equal text as one object makes lookups fast.
        if (c.text.size() <= 32) return Emit(Op::kLoadConst, Constant(Value(in_.Intern(c.text))));
        return Emit(Op::kLoadConst, Text(c.text));
      }
      case ast::ConstantKind::kBytes: return Emit(Op::kLoadConst, Constant(Value(in_.NewBytes(c.text))));
    }
  }

  template <typename C>
  void CallComprehension(const C& c) {
    Emit(Op::kMakeFunction, Inner(&c, ScopeNode::kExpression), 0);
    Expression(*c.generators[0].iter);
    Emit(Op::kGetIter);
    Emit(Op::kCall, 1);
  }

  template <typename C>
  void Generators(const C& c, size_t level) {
    if (level == c.generators.size()) {
      if constexpr (C::kKind == ExprKind::kDictComp) {
        Expression(*c.key);
        Expression(*c.value);
        Emit(Op::kDictAdd, iterators_ + 1);
      } else {
        Expression(*c.element);
        if constexpr (C::kKind == ExprKind::kListComp) Emit(Op::kListAppend, iterators_ + 1);
        if constexpr (C::kKind == ExprKind::kSetComp) Emit(Op::kSetAdd, iterators_ + 1);
        if constexpr (C::kKind == ExprKind::kGeneratorExp) {
          Emit(Op::kYield);
          Emit(Op::kPop);
        }
      }
      return;
    }
    const ast::Comprehension& g = c.generators[level];
    int top = NewLabel(), end = NewLabel();
    if (level == 0) {
      Emit(Op::kLoadFast, 0);
    } else {
      Expression(*g.iter);
      Emit(Op::kGetIter);
    }
    ++iterators_;
    Bind(top);
    Jump(Op::kForIter, end);
    Assign(*g.target);
    at_ = c.start;
    for (const ast::Expr* condition : g.ifs) Condition(*condition, top, false);
    Generators(c, level + 1);
    Jump(Op::kJump, top);
    Bind(end);
    --iterators_;
  }

  Interpreter& in_;
  const Scope& scope_;
  std::shared_ptr<Code> code_;
  ast::Position at_;
  std::vector<int> labels_, jumps_;
  std::unordered_map<Str*, int> name_index_;
  std::vector<Block> blocks_;
  int iterators_ = 0;  // of enclosing for loops, on the stack here
  int handled_ = 0;    // exceptions being handled here
  int only_alias_ = -1;
};

}  // namespace

std::shared_ptr<Code> CompileScope(Interpreter& in, std::shared_ptr<const Source> source, const void* node,
                                   ScopeNode kind) {
  const Scope& scope = source->resolution->ScopeOf(node);
  Compiler compiler(in, source, scope);
  switch (kind) {
    case ScopeNode::kFunctionDef: {
      const auto& f = *static_cast<const ast::FunctionDef*>(node);
      return compiler.Function(f);
    }
    case ScopeNode::kClassDef: return compiler.Class(*static_cast<const ast::ClassDef*>(node));
    case ScopeNode::kExpression: break;
  }
  const auto& e = *static_cast<const ast::Expr*>(node);
  switch (e.kind) {
    case ExprKind::kLambda: return compiler.Lambda(e.As<ast::Lambda>());
    case ExprKind::kListComp: return compiler.Comprehension(e.As<ast::ListComp>());
    case ExprKind::kSetComp: return compiler.Comprehension(e.As<ast::SetComp>());
    case ExprKind::kDictComp: return compiler.Comprehension(e.As<ast::DictComp>());
    case ExprKind::kGeneratorExp: return compiler.Comprehension(e.As<ast::GeneratorExp>());
    default: FP_CHECK(false);
  }
  return nullptr;
}

std::shared_ptr<Code> CompileStatements(Interpreter& in, std::shared_ptr<const Source> source, ast::StmtSeq statements,
                                        int only_alias) {
  return Compiler(in, source, source->resolution->module_scope()).TopLevel(statements, only_alias);
}

std::shared_ptr<Code> CompileExpression(Interpreter& in, std::shared_ptr<const Source> source, const ast::Expr& expr) {
  return Compiler(in, source, source->resolution->module_scope()).TopLevel(expr);
}

const char* OpName(Op op) {
  static constexpr const char* kNames[] = {
#define X(name) #name,
      FP_PY_OPS(X)
#undef X
  };
  return kNames[static_cast<int>(op)];
}

std::string Code::ToString() const {
  std::string out = qualified_name + "\n";
  for (size_t i = 0; i < instructions.size(); ++i) {
    const Instruction& x = instructions[i];
    out += std::to_string(i) + "\t" + std::to_string(positions[i].line) + "\t" + OpName(x.op) + " " +
           std::to_string(x.arg) + (x.extra != 0 ? " " + std::to_string(x.extra) : "") + "\n";
  }
  for (const Handler& h : handlers) {
    out += "handler [" + std::to_string(h.begin) + ", " + std::to_string(h.end) + ") -> " + std::to_string(h.target) +
           "\n";
  }
  return out;
}

}  // namespace fusepack::py
