// The loop that runs instructions.
//
// A call of Python code by Python code pushes a Frame and stays in the loop; C++ recursion happens only where a C++
// slot calls back into Python. An exception arrives as the C++ exception Raised: the innermost Handler of the frame
// that covers the instruction takes it, else the frame ends with a line of the traceback and its caller is asked.
// Fatal passes every handler by.
#include <algorithm>

#include "tracer/python/callables.h"
#include "tracer/python/classes.h"
#include "tracer/python/numbers.h"

namespace fusepack::py {
namespace {

TracebackEntry PlaceOf(const Frame& f) {
  ast::Position at = f.code->positions.empty() ? ast::Position{} : f.code->positions[std::max(0, f.pc - 1)];
  return {f.code->source->file, static_cast<int>(at.line), static_cast<int>(at.column),
          f.code->is_module ? "<module>" : f.code->name};
}

void AddToTraceback(Error& error, const Frame& f) {
  TracebackEntry at = PlaceOf(f);
  if (error.where.empty()) {
    error.file = at.file;
    error.where = std::to_string(at.line) + ":" + std::to_string(at.column);
  }
  if (error.traceback.size() > 16384) return;  // 512 frames of one recursion say no more than the first hundred
  error.traceback = "  " + at.file + ":" + std::to_string(at.line) + ":" + std::to_string(at.column) + ", in " +
                    at.function + "\n" + error.traceback;
}

[[noreturn]] void RaiseUnbound(Interpreter& in, const Frame& f, int slot) {
  const auto& locals = f.code->scope->locals;
  std::string name = slot < static_cast<int>(locals.size()) ? std::string(locals[slot]) : "?";
  in.Raise(in.types().unbound_local_error,
           "cannot access local variable '" + name + "' where it is not associated with a value");
}
[[noreturn]] void RaiseUnboundCell(Interpreter& in, const Frame& f, int cell) {
  const Scope& scope = *f.code->scope;
  if (cell < static_cast<int>(scope.cells.size())) {
    in.Raise(in.types().unbound_local_error, "cannot access local variable '" + std::string(scope.cells[cell].name) +
                                                 "' where it is not associated with a value");
  }
  in.Raise(in.types().name_error, "cannot access free variable '" +
                                      std::string(scope.frees[cell - scope.cells.size()].name) +
                                      "' where it is not associated with a value in enclosing scope");
}
[[noreturn]] void RaiseNameError(Interpreter& in, const Str* name) {
  Value exception = in.Call(Value(in.types().name_error), {Value(in.NewStr("name '" + name->text() + "' is not defined"))});
  in.SetAttr(exception, in.names().name, Value(in.NewStr(name->text())));
  in.RaiseException(exception);
}

Value LoadGlobal(Interpreter& in, const Frame& f, Str* name) {
  Value v = f.module->Get(in, name);
  if (!v) v = in.builtins()->Get(name);
  if (!v) v = f.module->GetLate(in, name);
  if (!v) RaiseNameError(in, name);
  return v;
}

std::shared_ptr<Code> InnerCode(Interpreter& in, const Frame& f, int index) {
  // Codes are made once and then shared by every function made from this place.
  auto& slot = const_cast<Code&>(*f.code).inner[index];
  if (slot == nullptr) {
    auto [node, kind] = f.code->scopes[index];
    slot = CompileScope(in, f.code->source, node, kind);
  }
  return slot;
}

std::vector<Ref<Cell>> Closure(const Frame& f, const Code& inner) {
  std::vector<Ref<Cell>> closure;
  closure.reserve(inner.scope->frees.size());
  for (const Scope::Free& free : inner.scope->frees) {
    int index = free.from_parent_cell ? free.parent_index
                                      : static_cast<int>(f.code->scope->cells.size()) + free.parent_index;
    closure.push_back(f.cells[index]);
  }
  return closure;
}

Value MakeFunction(Interpreter& in, Frame& f, const Instruction& x) {
  Ref<Function> function = in.New<Function>(in.types().function);
  function->code = InnerCode(in, f, x.arg);
  function->module = f.module;
  function->name = in.NewStr(function->code->name);
  function->qualified_name = in.NewStr(function->code->qualified_name);
  function->closure = Closure(f, *function->code);
  function->defaults = function->keyword_defaults = Value::None();
  if (x.extra & 2) {
    function->keyword_defaults = std::move(f.stack.back());
    f.stack.pop_back();
  }
  if (x.extra & 1) {
    function->defaults = std::move(f.stack.back());
    f.stack.pop_back();
  }
  return Value(function);
}

Value MakeClass(Interpreter& in, Frame& f, int index, const Value& bases, const Value& keywords) {
  std::shared_ptr<Code> code = InnerCode(in, f, index);
  ClassStatement statement(in, code->name, bases.As<List>()->items(), keywords.As<Dict>());
  Frame body;
  body.code = code;
  body.module = f.module;
  body.names = statement.members();
  body.names->Set(in.Intern("__module__"), Value(in.NewStr(f.module->name())));
  body.names->Set(in.Intern("__qualname__"), Value(in.NewStr(code->qualified_name)));
  body.locals.resize(code->local_count);
  for (size_t i = 0; i < code->scope->cells.size(); ++i) body.cells.push_back(in.New<Cell>(in.types().cell));
  std::vector<Ref<Cell>> closure = Closure(f, *code);
  body.cells.insert(body.cells.end(), closure.begin(), closure.end());
  bool yielded;
  RunFrame(in, &body, &yielded);
  Ref<Cell> class_cell = code->own_class_cell >= 0 ? body.cells[code->own_class_cell] : Ref<Cell>();
  return statement.Finish(class_cell);
}

void UnpackExactly(Interpreter& in, const Value& v, size_t count, std::vector<Value>& stack) {
  std::vector<Value> items;
  const std::vector<Value>* source = nullptr;
  if (auto* tuple = v.As<Tuple>(); tuple != nullptr && tuple->type() == in.types().tuple) source = &tuple->items();
  else if (auto* list = v.As<List>(); list != nullptr && list->type() == in.types().list) source = &list->items();
  if (source == nullptr) {
    Object* object = v.object_or_null();
    if (object == nullptr || !object->Unpack(in, count, &items)) {
      if (!in.TypeOf(v)->IsIterable(in) && object == nullptr) {
        in.RaiseTypeError("cannot unpack non-iterable " + in.TypeName(v) + " object");
      }
      if (object != nullptr && !object->type()->IsIterable(in) && object->layout() == Layout::kInstance) {
        in.RaiseTypeError("cannot unpack non-iterable " + in.TypeName(v) + " object");
      }
      Value iterator = in.Iter(v);
      Value item;
      while (items.size() <= count && in.Next(iterator, &item)) items.push_back(std::move(item));
      if (items.size() > count) {
        in.RaiseValueError("too many values to unpack (expected " + std::to_string(count) + ")");
      }
    }
    source = &items;
  }
  if (source->size() > count) {
    in.RaiseValueError("too many values to unpack (expected " + std::to_string(count) + ")");
  }
  if (source->size() < count) {
    in.RaiseValueError("not enough values to unpack (expected " + std::to_string(count) + ", got " +
                       std::to_string(source->size()) + ")");
  }
  for (size_t i = count; i-- > 0;) stack.push_back((*source)[i]);
}

void UnpackStar(Interpreter& in, const Value& v, size_t before, size_t after, std::vector<Value>& stack) {
  std::vector<Value> items = in.ToVector(v);
  if (items.size() < before + after) {
    in.RaiseValueError("not enough values to unpack (expected at least " + std::to_string(before + after) + ", got " +
                       std::to_string(items.size()) + ")");
  }
  for (size_t i = items.size(); i-- > items.size() - after;) stack.push_back(items[i]);
  stack.push_back(Value(in.NewList(std::vector<Value>(items.begin() + before, items.end() - after))));
  for (size_t i = before; i-- > 0;) stack.push_back(items[i]);
}

void MergeKeywords(Interpreter& in, Dict* into, const Value& from, const Value& callee) {
  std::string function = "function";
  if (in.IsCallable(callee)) {
    function = in.CallableName(callee);
    Value module = in.FindAttr(callee, in.names().__module__);
    if (Str* text = module.As<Str>(); text != nullptr && text->text() != "builtins") function = text->text() + "." + function;
  }
  Dict* mapping = from.As<Dict>();
  std::vector<std::pair<Value, Value>> pairs;
  if (mapping != nullptr) {
    for (const HashTable::Entry& e : mapping->table.entries()) {
      if (e.key) pairs.emplace_back(e.key, e.value);
    }
  } else {
    Value keys = in.FindAttr(from, "keys");
    if (!keys) {
      in.RaiseTypeError(function + "() argument after ** must be a mapping, not " + in.TypeName(from));
    }
    for (const Value& key : in.ToVector(in.Call(keys))) pairs.emplace_back(key, in.GetItem(from, key));
  }
  for (auto& [key, value] : pairs) {
    Str* name = key.As<Str>();
    if (name == nullptr) in.RaiseTypeError("keywords must be strings");
    if (into->table.Find(in, key) != nullptr) {
      in.RaiseTypeError(function + "() got multiple values for keyword argument '" + name->text() + "'");
    }
    into->table.Set(in, key, value);
  }
}

class Loop {
 public:
  Loop(Interpreter& in, Frame* entry) : in_(in), entry_(entry), f_(entry) {}

  Value Run(bool* yielded) {
    *yielded = false;
    in_.EnterCall();
    entry_->back = in_.frame();
    in_.set_frame(entry_);
    for (;;) {
      try {
        Value result = Instructions(yielded);
        LeaveFrame();
        return result;
      } catch (Raised& raised) {
        if (!Catch(raised)) throw;
      } catch (Fatal& fatal) {
        for (;; LeaveFrame()) {
          AddToTraceback(fatal.error, *f_);
          if (f_ == entry_) break;
        }
        LeaveFrame();
        throw;
      }
    }
  }

 private:
  void EnterFrame(std::unique_ptr<Frame> frame) {
    in_.EnterCall();
    frame->back = f_;
    f_ = frame.release();
    in_.set_frame(f_);
  }
  // f_ is done; its caller goes on. The entry frame belongs to whoever called RunFrame.
  void LeaveFrame() {
    in_.LeaveCall();
    Frame* done = f_;
    in_.set_frame(done->back);
    if (done == entry_) return;
    f_ = done->back;
    in_.RecycleFrame(std::unique_ptr<Frame>(done));
  }

  bool Catch(Raised& raised) {
    auto* exception = raised.exception.As<ExceptionObject>();
    for (;;) {
      if (!raised.placed) exception->AddPlace(in_.heap(), PlaceOf(*f_));
      raised.placed = false;
      int at = f_->pc - 1;
      for (const Handler& h : f_->code->handlers) {
        if (at < h.begin || at >= h.end) continue;
        f_->stack.resize(h.stack_depth);
        f_->handled.resize(h.handled_depth);
        f_->stack.push_back(raised.exception);
        f_->pc = h.target;
        return true;
      }
      bool last = f_ == entry_;
      LeaveFrame();
      if (last) return false;
    }
  }

  Value Pop() {
    Value v = std::move(f_->stack.back());
    f_->stack.pop_back();
    return v;
  }
  Value& Top() { return f_->stack.back(); }
  void Push(Value v) { f_->stack.push_back(std::move(v)); }

  // Calls callee with the `count` values on top of the stack; they, and `below` values under them, are replaced by
  // the result. A Python function goes on in this loop instead.
  void CallStack(const Value& callee, size_t count, size_t below) {
    std::vector<Value>& stack = f_->stack;
    std::span<const Value> args(stack.data() + stack.size() - count, count);
    if (auto* function = callee.As<Function>()) {
      if (!function->code->is_generator) return EnterPython(function, nullptr, Args(args), count + below);
    } else if (auto* method = callee.As<BoundMethod>()) {
      if (auto* inner = method->function.As<Function>(); inner != nullptr && !inner->code->is_generator) {
        return EnterPython(inner, &method->self, Args(args), count + below);
      }
    }
    Value result = in_.Call(callee, Args(args));
    stack.resize(stack.size() - count - below);
    stack.push_back(std::move(result));
  }

  void EnterPython(Function* function, const Value* self, const Args& args, size_t drop) {
    std::unique_ptr<Frame> frame = BindFrame(in_, function, self, args);
    f_->stack.resize(f_->stack.size() - drop);
    EnterFrame(std::move(frame));
  }

  void CallKeywords(size_t count, const Tuple& names) {
    std::vector<Value>& stack = f_->stack;
    size_t positional = count - names.size();
    Value* first = stack.data() + stack.size() - count;
    std::vector<Keyword> keywords;
    keywords.reserve(names.size());
    for (size_t i = 0; i < names.size(); ++i) keywords.push_back({names[i].As<Str>(), first[positional + i]});
    Value callee = *(first - 1);
    CallWith(callee, Args({first, positional}, keywords), count + 1);
  }

  void CallWith(const Value& callee, const Args& args, size_t drop) {
    if (auto* function = callee.As<Function>()) {
      if (!function->code->is_generator) return EnterPython(function, nullptr, args, drop);
    } else if (auto* method = callee.As<BoundMethod>()) {
      if (auto* inner = method->function.As<Function>(); inner != nullptr && !inner->code->is_generator) {
        return EnterPython(inner, &method->self, args, drop);
      }
    }
    Value result = in_.Call(callee, args);
    f_->stack.resize(f_->stack.size() - drop);
    Push(std::move(result));
  }

  void CallExtended() {
    std::vector<Value>& stack = f_->stack;
    Value keywords_value = stack[stack.size() - 1], list = stack[stack.size() - 2], callee = stack[stack.size() - 3];
    std::vector<Keyword> keywords;
    for (const HashTable::Entry& e : keywords_value.As<Dict>()->table.entries()) {
      if (e.key) keywords.push_back({in_.Intern(e.key.As<Str>()->text()), e.value});
    }
    std::vector<Value> args = list.As<List>()->items();
    CallWith(callee, Args(args, keywords), 3);
  }

  Value Instructions(bool* yielded);

  Interpreter& in_;
  Frame* const entry_;
  Frame* f_;
};

Value Loop::Instructions(bool* yielded) {
  for (;;) {
    Frame& f = *f_;
    const Instruction x = f.code->instructions[f.pc++];
    in_.Step();
    switch (x.op) {
      case Op::kLoadConst: Push(f.code->constants[x.arg]); break;
      case Op::kLoadFast: {
        const Value& v = f.locals[x.arg];
        if (v.is_null()) RaiseUnbound(in_, f, x.arg);
        Push(v);
        break;
      }
      case Op::kStoreFast:
        f.locals[x.arg] = std::move(f.stack.back());
        f.stack.pop_back();
        break;
      case Op::kDeleteFast:
        if (f.locals[x.arg].is_null()) RaiseUnbound(in_, f, x.arg);
        f.locals[x.arg] = Value();
        break;
      case Op::kLoadTemp: Push(std::move(f.locals[x.arg])); break;
      case Op::kLoadDeref: {
        const Value& v = f.cells[x.arg]->value;
        if (v.is_null()) RaiseUnboundCell(in_, f, x.arg);
        Push(v);
        break;
      }
      case Op::kStoreDeref: f.cells[x.arg]->value = Pop(); break;
      case Op::kDeleteDeref:
        if (f.cells[x.arg]->value.is_null()) RaiseUnboundCell(in_, f, x.arg);
        f.cells[x.arg]->value = Value();
        break;
      case Op::kLoadClassDeref: {
        Value v = f.names ? f.names->Get(f.code->names[x.arg]) : Value();
        if (!v) v = f.cells[x.extra]->value;
        if (!v) RaiseUnboundCell(in_, f, x.extra);
        Push(std::move(v));
        break;
      }
      case Op::kLoadGlobal: Push(LoadGlobal(in_, f, f.code->names[x.arg])); break;
      case Op::kStoreGlobal: {
        Value v = Pop();
        f.module->Set(in_, f.code->names[x.arg], v);
        break;
      }
      case Op::kDeleteGlobal:
        if (!f.module->Delete(in_, f.code->names[x.arg])) RaiseNameError(in_, f.code->names[x.arg]);
        break;
      case Op::kLoadName: {
        Str* name = f.code->names[x.arg];
        Value v;
        if (f.names) {
          if (f.names->type() == in_.types().dict) v = f.names->Get(name);
          else if (in_.Contains(Value(f.names), Value(name))) v = in_.GetItem(Value(f.names), Value(name));
        }
        Push(v ? std::move(v) : LoadGlobal(in_, f, name));
        break;
      }
      case Op::kStoreName: {
        Value v = Pop();
        if (!f.names) f.module->SetNow(f.code->names[x.arg], std::move(v));
        else if (f.names->type() == in_.types().dict) f.names->Set(f.code->names[x.arg], std::move(v));
        else in_.SetItem(Value(f.names), Value(f.code->names[x.arg]), v);
        break;
      }
      case Op::kDeleteName: {
        Dict* names = f.names ? f.names.get() : f.module->globals();
        if (!names->table.Erase(f.code->names[x.arg])) RaiseNameError(in_, f.code->names[x.arg]);
        break;
      }
      case Op::kLoadAttr: {
        Value v = in_.GetAttr(Top(), f.code->names[x.arg]);
        Top() = std::move(v);
        break;
      }
      case Op::kStoreAttr: {
        Value v = Pop(), value = Pop();
        in_.SetAttr(v, f.code->names[x.arg], value);
        break;
      }
      case Op::kDeleteAttr: in_.DelAttr(Pop(), f.code->names[x.arg]); break;
      case Op::kLoadMethod: {
        Value method = FindMethod(in_, Top(), f.code->names[x.arg]);
        if (method) {
          Value self = std::move(Top());
          Top() = std::move(method);
          Push(std::move(self));
        } else {
          Value attribute = in_.GetAttr(Top(), f.code->names[x.arg]);
          Top() = Value();
          Push(std::move(attribute));
        }
        break;
      }
      case Op::kCallMethod: {
        size_t n = static_cast<size_t>(x.arg), size = f.stack.size();
        if (f.stack[size - n - 2].is_null()) {
          Value callee = f.stack[size - n - 1];
          CallStack(callee, n, 2);
        } else {
          Value callee = f.stack[size - n - 2];
          CallStack(callee, n + 1, 1);
        }
        break;
      }
      case Op::kCall: {
        size_t n = static_cast<size_t>(x.arg);
        Value callee = f.stack[f.stack.size() - n - 1];
        CallStack(callee, n, 1);
        break;
      }
      case Op::kCallKeywords:
        CallKeywords(static_cast<size_t>(x.arg), *f.code->constants[x.extra].As<Tuple>());
        break;
      case Op::kCallExtended: CallExtended(); break;
      case Op::kBinary: {
        Value b = Pop();
        Value& a = Top();
        BinOp op = static_cast<BinOp>(x.arg);
        if (a.is_int() && b.is_int()) {
          int64_t r;
          if ((op == BinOp::kAdd && !__builtin_add_overflow(a.integer(), b.integer(), &r)) ||
              (op == BinOp::kSub && !__builtin_sub_overflow(a.integer(), b.integer(), &r)) ||
              (op == BinOp::kMul && !__builtin_mul_overflow(a.integer(), b.integer(), &r))) {
            a = Value::Int(r);
            break;
          }
        }
        Value r = in_.Binary(op, a, b);
        Top() = std::move(r);
        break;
      }
      case Op::kInplace: {
        Value b = Pop();
        Value r = in_.Inplace(static_cast<BinOp>(x.arg), Top(), b);
        Top() = std::move(r);
        break;
      }
      case Op::kUnary: {
        Value r = in_.Unary(static_cast<UnOp>(x.arg), Top());
        Top() = std::move(r);
        break;
      }
      case Op::kNot: {
        bool truth = in_.Truth(Top());
        Top() = Value::Bool(!truth);
        break;
      }
      case Op::kCompare: {
        Value b = Pop();
        Value r = in_.Compare(static_cast<CmpOp>(x.arg), Top(), b);
        Top() = std::move(r);
        break;
      }
      case Op::kIs: {
        Value b = Pop();
        Top() = Value::Bool(Top().Is(b) != (x.arg == 1));
        break;
      }
      case Op::kIn: {
        Value container = Pop();
        bool found = in_.Contains(container, Top());
        Top() = Value::Bool(found != (x.arg == 1));
        break;
      }
      case Op::kGetItem: {
        Value key = Pop();
        Value r = in_.GetItem(Top(), key);
        Top() = std::move(r);
        break;
      }
      case Op::kStoreItem: {
        Value key = Pop(), v = Pop(), value = Pop();
        in_.SetItem(v, key, value);
        break;
      }
      case Op::kDeleteItem: {
        Value key = Pop(), v = Pop();
        in_.DelItem(v, key);
        break;
      }
      case Op::kBuildTuple:
      case Op::kBuildList: {
        std::vector<Value> items(std::make_move_iterator(f.stack.end() - x.arg), std::make_move_iterator(f.stack.end()));
        f.stack.resize(f.stack.size() - x.arg);
        if (x.op == Op::kBuildTuple) Push(Value(in_.NewTuple(std::move(items))));
        else Push(Value(in_.NewList(std::move(items))));
        break;
      }
      case Op::kBuildSet: Push(Value(in_.NewSet())); break;
      case Op::kBuildDict: {
        Ref<Dict> dict = in_.NewDict();
        size_t first = f.stack.size() - 2 * static_cast<size_t>(x.arg);
        for (size_t i = first; i < f.stack.size(); i += 2) dict->table.Set(in_, f.stack[i], f.stack[i + 1]);
        f.stack.resize(first);
        Push(Value(dict));
        break;
      }
      case Op::kBuildSlice: {
        Value step = Pop(), stop = Pop();
        Top() = in_.NewSlice(Top(), stop, step);
        break;
      }
      case Op::kBuildString: {
        size_t first = f.stack.size() - static_cast<size_t>(x.arg), bytes = 0;
        for (size_t i = first; i < f.stack.size(); ++i) bytes += f.stack[i].As<Str>()->text().size();
        in_.heap().Charge(static_cast<int64_t>(bytes));
        in_.heap().Release(static_cast<int64_t>(bytes));
        std::string text;
        text.reserve(bytes);
        for (size_t i = first; i < f.stack.size(); ++i) text += f.stack[i].As<Str>()->text();
        f.stack.resize(first);
        Push(Value(in_.NewStr(text)));
        break;
      }
      case Op::kFormatValue: {
        std::string spec;
        if (x.extra != 0) spec = Pop().As<Str>()->text();
        Value v = Pop();
        if (x.arg == 'r' || x.arg == 'a') v = Value(in_.NewStr(in_.Repr(v)));
        else if (x.arg == 's') v = Value(in_.NewStr(in_.ToStr(v)));
        Push(Value(in_.NewStr(in_.Format(v, spec))));
        break;
      }
      case Op::kListAppend: {
        Value v = Pop();
        f.stack[f.stack.size() - x.arg].As<List>()->Append(std::move(v));
        break;
      }
      case Op::kSetAdd: {
        Value v = Pop();
        Value set = f.stack[f.stack.size() - x.arg];
        set.As<Set>()->Add(in_, v);
        break;
      }
      case Op::kDictAdd: {
        Value value = Pop(), key = Pop();
        Value dict = f.stack[f.stack.size() - x.arg];
        dict.As<Dict>()->table.Set(in_, key, std::move(value));
        break;
      }
      case Op::kListExtend: {
        Value iterable = Pop();
        Value list = Top();
        if (!in_.TypeOf(iterable)->IsIterable(in_) && !in_.IsIterableObject(iterable)) {
          in_.RaiseTypeError("Value after * must be an iterable, not " + in_.TypeName(iterable));
        }
        for (Value& v : in_.ToVector(iterable)) list.As<List>()->Append(std::move(v));
        break;
      }
      case Op::kSetUpdate: {
        Value iterable = Pop();
        Value set = Top();
        for (const Value& v : in_.ToVector(iterable)) set.As<Set>()->Add(in_, v);
        break;
      }
      case Op::kDictUpdate: {
        Value mapping = Pop();
        Value dict = Top();
        UpdateDict(in_, dict.As<Dict>(), mapping, "'" + in_.TypeName(mapping) + "' object is not a mapping");
        break;
      }
      case Op::kDictMerge: {
        Value mapping = Pop();
        Value dict = Top();
        Value callee = f.stack.size() >= 3 ? f.stack[f.stack.size() - 3] : Value::None();
        MergeKeywords(in_, dict.As<Dict>(), mapping, callee);
        break;
      }
      case Op::kListToTuple: Top() = Value(in_.NewTuple(Top().As<List>()->Take())); break;
      case Op::kPop: f.stack.pop_back(); break;
      case Op::kDup: {
        Value v = Top();
        Push(std::move(v));
        break;
      }
      case Op::kDup2: {
        Value a = f.stack[f.stack.size() - 2], b = f.stack[f.stack.size() - 1];
        Push(std::move(a));
        Push(std::move(b));
        break;
      }
      case Op::kSwap: f.stack[f.stack.size() - 1].Swap(f.stack[f.stack.size() - 2]); break;
      case Op::kRotThree: std::rotate(f.stack.end() - 3, f.stack.end() - 1, f.stack.end()); break;
      case Op::kRotFour: std::rotate(f.stack.end() - 4, f.stack.end() - 1, f.stack.end()); break;
      case Op::kJump: f.pc = x.arg; break;
      case Op::kPopJumpIfFalse: {
        Value v = Pop();
        if (!(v.is_bool() ? v.boolean() : in_.Truth(v))) f.pc = x.arg;
        break;
      }
      case Op::kPopJumpIfTrue: {
        Value v = Pop();
        if (v.is_bool() ? v.boolean() : in_.Truth(v)) f.pc = x.arg;
        break;
      }
      case Op::kJumpIfFalseOrPop:
        if (!in_.Truth(Value(Top()))) f.pc = x.arg;
        else f.stack.pop_back();
        break;
      case Op::kJumpIfTrueOrPop:
        if (in_.Truth(Value(Top()))) f.pc = x.arg;
        else f.stack.pop_back();
        break;
      case Op::kGetIter: {
        Value iterator = in_.Iter(Top());
        Top() = std::move(iterator);
        break;
      }
      case Op::kForIter: {
        Value iterator = Top(), item;
        if (in_.Next(iterator, &item)) {
          Push(std::move(item));
        } else {
          f.stack.pop_back();
          f.pc = x.arg;
        }
        break;
      }
      case Op::kUnpack: {
        Value v = Pop();
        UnpackExactly(in_, v, static_cast<size_t>(x.arg), f.stack);
        break;
      }
      case Op::kUnpackStar: {
        Value v = Pop();
        UnpackStar(in_, v, static_cast<size_t>(x.arg), x.extra, f.stack);
        break;
      }
      case Op::kReturn: {
        Value result = Pop();
        if (f_ == entry_) return result;
        LeaveFrame();
        Push(std::move(result));
        break;
      }
      case Op::kYield: {
        *yielded = true;
        return Pop();
      }
      case Op::kYieldFrom: {
        Value sent = Pop(), iterator = Top(), item;
        bool more;
        Value result = Value::None();
        if (auto* generator = iterator.As<Generator>()) {
          more = generator->Resume(in_, sent, &item);
          if (!more && generator->result) result = generator->result;
        } else if (sent.is_none()) {
          more = in_.Next(iterator, &item);
        } else {
          item = in_.CallMethod(iterator, "send", {sent});
          more = true;
        }
        if (more) {
          --f.pc;  // comes back here with the value sent
          *yielded = true;
          return item;
        }
        Top() = std::move(result);
        break;
      }
      case Op::kMakeFunction: {
        Value function = MakeFunction(in_, f, x);
        Push(std::move(function));
        break;
      }
      case Op::kMakeClass: {
        Value keywords = Pop(), bases = Pop();
        Push(MakeClass(in_, f, x.arg, bases, keywords));
        break;
      }
      case Op::kRaise: {
        if (x.arg == 0) {
          Value current = in_.HandledException();
          if (!current) in_.Raise(in_.types().runtime_error, "No active exception to reraise");
          throw Raised{current, !f.handled.empty()};
        }
        Value cause = x.arg == 2 ? Pop() : Value();
        Value exception = Pop();
        in_.RaiseFrom(exception, cause);
      }
      case Op::kReraise: throw Raised{f.handled.back(), true};
      case Op::kPushHandled: f.handled.push_back(Pop()); break;
      case Op::kPopHandled: f.handled.pop_back(); break;
      case Op::kLoadHandled: Push(f.handled.back()); break;
      case Op::kMatchException: {
        Value type = Pop();
        Push(Value::Bool(in_.MatchesException(f.handled.back(), type)));
        break;
      }
      case Op::kWithEnter: {
        Value manager = Pop();
        Value exit = in_.FindSpecial(manager, "__exit__"), enter = in_.FindSpecial(manager, "__enter__");
        if (!enter || !exit) {
          in_.RaiseTypeError("'" + in_.TypeName(manager) + "' object does not support the context manager protocol" +
                             (enter ? " (missed __exit__ method)" : ""));
        }
        f.locals[x.arg] = exit;
        Push(in_.Call(enter));
        break;
      }
      case Op::kWithExit: {
        Value exit = std::move(f.locals[x.arg]);
        in_.Call(exit, {Value::None(), Value::None(), Value::None()});
        break;
      }
      case Op::kWithExitRaised: {
        Value exit = std::move(f.locals[x.arg]);
        Value exception = f.handled.back();
        Value result = in_.Call(exit, {Value(in_.TypeOf(exception)), exception, Value::None()});
        Push(Value::Bool(in_.Truth(result)));
        break;
      }
      case Op::kImportName: {
        const std::string& name = f.code->names[x.arg]->text();
        std::string top = name.substr(0, name.find('.'));
        Value result;
        if (x.extra == 2) {
          result = in_.Import(*f.module->importer(), top);
        } else {
          result = in_.Import(*f.module->importer(), name);
          if (x.extra == 0) result = in_.Import(*f.module->importer(), top);
        }
        Push(std::move(result));
        break;
      }
      case Op::kImportFrom: Push(ImportRelative(in_, *f.module, f.code->names[x.arg]->text(), x.extra)); break;
      case Op::kImportMember: {
        Value module = Top();
        Push(ImportMember(in_, module, f.code->names[x.arg]));
        break;
      }
      case Op::kImportStar: {
        Value module = Pop();
        for (auto& [name, value] : PublicNames(in_, module)) f.module->SetNow(name, value);
        break;
      }
      case Op::kAssertFailed: {
        if (x.arg == 0) in_.RaiseException(in_.Call(Value(in_.types().assertion_error)));
        Value message = Pop();
        in_.RaiseException(in_.Call(Value(in_.types().assertion_error), {message}));
      }
      case Op::kSetAnnotation: {
        Value text = Pop();
        Str* key = in_.Intern("__annotations__");
        Value annotations = f.names->Get(key);
        if (!annotations) {
          annotations = Value(in_.NewDict());
          f.names->Set(key, annotations);
        }
        annotations.As<Dict>()->Set(f.code->names[x.arg], text);
        break;
      }
      case Op::kLimitIntegers:
        in_.OverLimit("the integer " + f.code->constants[x.arg].As<Str>()->text(), "integers of 64 bits");
      case Op::kOutside: in_.OutsideSubset(f.code->constants[x.arg].As<Str>()->text());
    }
  }
}

}  // namespace

Value RunFrame(Interpreter& in, Frame* frame, bool* yielded) { return Loop(in, frame).Run(yielded); }

}  // namespace fusepack::py
