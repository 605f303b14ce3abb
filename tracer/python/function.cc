// Functions, methods, generators: binding arguments to parameters, attributes of callables, resuming.
#include <algorithm>

#include "engine/debug.h"
#include "tracer/python/callables.h"
#include "tracer/python/classes.h"
#include "tracer/python/parse.h"

namespace fusepack::py {
namespace {

std::string Joined(const std::vector<std::string>& names) {
  std::string out;
  for (size_t i = 0; i < names.size(); ++i) {
    if (i > 0) out += i + 1 < names.size() ? ", " : names.size() > 2 ? ", and " : " and ";
    out += "'" + names[i] + "'";
  }
  return out;
}

[[noreturn]] void TooMany(Interpreter& in, const Function& f, const Frame& frame, size_t given) {
  const Code& code = *f.code;
  size_t defaults = f.defaults.As<Tuple>() != nullptr ? f.defaults.As<Tuple>()->size() : 0;
  std::string takes = defaults == 0 ? std::to_string(code.positional)
                                    : "from " + std::to_string(code.positional - static_cast<int>(defaults)) + " to " +
                                          std::to_string(code.positional);
  int keyword_given = 0;
  for (int i = code.positional; i < code.positional + code.keyword_only; ++i) {
    keyword_given += !frame.locals[static_cast<size_t>(i)].is_null();
  }
  std::string were = std::to_string(given);
  if (keyword_given > 0) {
    were += " positional argument" + std::string(given == 1 ? "" : "s") + " (and " + std::to_string(keyword_given) +
            " keyword-only argument" + (keyword_given == 1 ? ")" : "s)");
  }
  in.RaiseTypeError(f.qualified_name->text() + "() takes " + takes + " positional argument" +
                    (code.positional == 1 && defaults == 0 ? "" : "s") + " but " + were +
                    (given == 1 && keyword_given == 0 ? " was" : " were") + " given");
}

}  // namespace

std::unique_ptr<Frame> BindFrame(Interpreter& in, Function* f, const Value* self, const Args& args) {
  const Code& code = *f->code;
  if (DebugLevel() >= 5) DebugLine(5, f->module->file() + ":" + std::to_string(code.first_line) + " " + code.qualified_name);
  std::unique_ptr<Frame> frame = in.NewFrame();
  frame->code = f->code;
  frame->function = Ref<Object>(f);
  frame->module = f->module;
  frame->locals.resize(static_cast<size_t>(code.local_count));
  std::vector<Value>& locals = frame->locals;

  size_t positional = static_cast<size_t>(code.positional), named = positional + static_cast<size_t>(code.keyword_only);
  size_t given = args.size() + (self != nullptr), at = 0;
  if (self != nullptr && positional > 0) locals[at++] = *self;
  size_t from = 0;
  while (at < positional && from < args.size()) locals[at++] = args.positional[from++];
  if (code.has_varargs) {
    std::vector<Value> rest;
    if (self != nullptr && positional == 0) rest.push_back(*self);
    rest.insert(rest.end(), args.positional.begin() + static_cast<ptrdiff_t>(from), args.positional.end());
    locals[named] = Value(in.NewTuple(std::move(rest)));
  }
  Ref<Dict> extra;
  if (code.has_varkw) {
    extra = in.NewDict();
    locals[named + code.has_varargs] = Value(extra);
  }
  for (const Keyword& k : args.keywords) {
    size_t i = static_cast<size_t>(code.positional_only);
    while (i < named && code.parameter_names[i] != k.name) ++i;
    if (i < named) {
      if (!locals[i].is_null()) {
        in.RaiseTypeError(f->qualified_name->text() + "() got multiple values for argument '" + k.name->text() + "'");
      }
      locals[i] = k.value;
    } else if (extra) {
      extra->Set(k.name, k.value);
    } else {
      for (int p = 0; p < code.positional_only; ++p) {
        if (code.parameter_names[static_cast<size_t>(p)] == k.name) {
          in.RaiseTypeError(f->qualified_name->text() + "() got some positional-only arguments passed as keyword arguments: '" +
                            k.name->text() + "'");
        }
      }
      in.RaiseTypeError(f->qualified_name->text() + "() got an unexpected keyword argument '" + k.name->text() + "'");
    }
  }
  if (given > positional && !code.has_varargs) TooMany(in, *f, *frame, given);

  if (at < positional) {
    auto* defaults = f->defaults.As<Tuple>();
    size_t count = defaults != nullptr ? std::min(defaults->size(), positional) : 0;
    std::vector<std::string> missing;
    for (size_t i = 0; i < positional; ++i) {
      if (!locals[i].is_null()) continue;
      if (i + count >= positional) locals[i] = (*defaults)[defaults->size() - (positional - i)];
      else missing.push_back(code.parameter_names[i]->text());
    }
    if (!missing.empty()) {
      in.RaiseTypeError(f->qualified_name->text() + "() missing " + std::to_string(missing.size()) +
                        " required positional argument" + (missing.size() == 1 ? "" : "s") + ": " + Joined(missing));
    }
  }
  if (code.keyword_only > 0) {
    auto* defaults = f->keyword_defaults.As<Dict>();
    std::vector<std::string> missing;
    for (size_t i = positional; i < named; ++i) {
      if (!locals[i].is_null()) continue;
      Value v = defaults != nullptr ? defaults->Get(code.parameter_names[i]) : Value();
      if (v) locals[i] = std::move(v);
      else missing.push_back(code.parameter_names[i]->text());
    }
    if (!missing.empty()) {
      in.RaiseTypeError(f->qualified_name->text() + "() missing " + std::to_string(missing.size()) +
                        " required keyword-only argument" + (missing.size() == 1 ? "" : "s") + ": " + Joined(missing));
    }
  }

  if (!code.scope->cells.empty() || !f->closure.empty()) {
    for (size_t i = 0; i < code.scope->cells.size(); ++i) frame->cells.push_back(in.New<Cell>(in.types().cell));
    for (auto [cell, slot] : code.cell_parameters) {
      frame->cells[static_cast<size_t>(cell)]->value = locals[static_cast<size_t>(slot)];
    }
    frame->cells.insert(frame->cells.end(), f->closure.begin(), f->closure.end());
  }
  return frame;
}

Value Function::Call(Interpreter& in, const Args& args) {
  std::unique_ptr<Frame> frame = BindFrame(in, this, nullptr, args);
  if (code->is_generator) return Value(in.New<Generator>(in.types().generator, in.heap(), std::move(frame)));
  bool yielded;
  Value result;
  try {
    result = RunFrame(in, frame.get(), &yielded);
  } catch (...) {
    in.RecycleFrame(std::move(frame));
    throw;
  }
  in.RecycleFrame(std::move(frame));
  return result;
}

// `from __future__ import annotations`: every annotation of the file is its text.
static bool PostponesAnnotations(const ast::Tree& tree) {
  for (const ast::Stmt* s : tree.body()) {
    const auto* from = s->Maybe<ast::ImportFrom>();
    if (from == nullptr || from->module != "__future__") continue;
    for (const ast::Alias& name : from->names) {
      if (name.name == "annotations") return true;
    }
  }
  return false;
}

Value AnnotationValue(Interpreter& in, Function* f, const ast::Node& node) {
  std::string text(f->code->source->tree->Text(node));
  if (PostponesAnnotations(*f->code->source->tree)) return Value(in.NewStr(text));
  try {
    auto tree = ParseExpression(f->code->source->file, text);
    if (!tree.ok()) return Value(in.NewStr(text));
    auto resolution = Resolve(**tree);
    if (!resolution.ok()) return Value(in.NewStr(text));
    auto source = std::make_shared<Source>();
    source->tree = *tree;
    source->resolution = *resolution;
    source->file = f->code->source->file;
    Frame frame;
    frame.code = CompileExpression(in, source, *(*tree)->body()[0]->As<ast::ExprStmt>().value);
    frame.module = f->module;
    bool yielded;
    return RunFrame(in, &frame, &yielded);
  } catch (Raised&) {
    return Value(in.NewStr(text));  // an annotation that means nothing here is only text
  }
}

namespace {

Ref<Dict> Annotations(Interpreter& in, Function* f) {
  Ref<Dict> out = in.NewDict();
  const ast::Parameters* p = f->code->parameters;
  if (p == nullptr) return out;
  auto add = [&](const ast::Parameter& parameter) {
    if (parameter.annotation != nullptr) out->Set(in.Intern(parameter.name), AnnotationValue(in, f, *parameter.annotation));
  };
  for (const ast::Parameter& x : p->positional_only) add(x);
  for (const ast::Parameter& x : p->positional) add(x);
  if (p->vararg != nullptr) add(*p->vararg);
  for (const ast::Parameter& x : p->keyword_only) add(x);
  if (p->kwarg != nullptr) add(*p->kwarg);
  if (f->code->returns != nullptr) out->Set(in.Intern("return"), AnnotationValue(in, f, *f->code->returns));
  return out;
}

// What Python code may ask of f.__code__.
class CodeObject : public Object {
 public:
  explicit CodeObject(std::shared_ptr<Code> code) : code(std::move(code)) {}
  const std::shared_ptr<Code> code;
  bool GetAttr(Interpreter& in, Str* name, Value* out) override {
    const std::string& n = name->text();
    auto text = [&](const std::string& s) { return *out = Value(in.NewStr(s)), true; };
    if (n == "co_name") return text(code->name);
    if (n == "co_qualname") return text(code->qualified_name);
    if (n == "co_filename") return text(code->source->file);
    if (n == "co_argcount") return *out = Value::Int(code->positional), true;
    if (n == "co_posonlyargcount") return *out = Value::Int(code->positional_only), true;
    if (n == "co_kwonlyargcount") return *out = Value::Int(code->keyword_only), true;
    if (n == "co_firstlineno") return *out = Value::Int(code->first_line), true;
    if (n == "co_flags") {
      return *out = Value::Int((code->has_varargs ? 4 : 0) | (code->has_varkw ? 8 : 0) | (code->is_generator ? 32 : 0)), true;
    }
    if (n == "co_varnames") {
      std::vector<Value> names;
      for (std::string_view local : code->scope->locals) names.push_back(Value(in.Intern(local)));
      return *out = Value(in.NewTuple(std::move(names))), true;
    }
    return Object::GetAttr(in, name, out);
  }
};

}  // namespace

bool Function::GetAttr(Interpreter& in, Str* n, Value* out) {
  const CoreNames& names = in.names();
  if (dict() != nullptr) {
    if (Value* v = dict()->table.Find(n)) return *out = *v, true;
  }
  if (n == names.__name__) return *out = Value(name), true;
  if (n == names.__qualname__) return *out = Value(qualified_name), true;
  if (n == names.__module__) return *out = Value(in.NewStr(module->name())), true;
  if (n == names.__doc__) return *out = doc ? doc : code->doc ? code->doc : Value::None(), true;
  if (n == names.__defaults__) return *out = defaults, true;
  if (n == names.__kwdefaults__) return *out = keyword_defaults, true;
  if (n == names.__code__) return *out = Value(in.New<CodeObject>(in.types().code, code)), true;
  if (n == names.__globals__) {
    module->RunAll(in);
    return *out = Value(module->globals()), true;
  }
  if (n == names.__annotations__) {
    *out = Value(Annotations(in, this));
    EnsureDict()->Set(n, *out);
    return true;
  }
  if (n == names.__closure__) {
    std::vector<Value> cells(closure.begin(), closure.end());
    return *out = cells.empty() ? Value::None() : Value(in.NewTuple(std::move(cells))), true;
  }
  if (n == names.__get__) {
    Value self(this);
    *out = in.NewRawFunction("__get__", [self](Interpreter& in, const Args& args) {
      if (args.size() == 0 || args.positional[0].is_none()) return self;
      return Value(in.New<BoundMethod>(in.types().method, self, args.positional[0]));
    });
    return true;
  }
  return Object::GetAttr(in, n, out);
}

bool Function::SetAttr(Interpreter& in, Str* n, const Value& value) {
  const CoreNames& names = in.names();
  Str* text = value.As<Str>();
  if (n == names.__name__ && text != nullptr) return name = Ref<Str>(text), true;
  if (n == names.__qualname__ && text != nullptr) return qualified_name = Ref<Str>(text), true;
  if (n == names.__doc__) return doc = value, true;
  if (n == names.__defaults__ && (value.is_none() || value.As<Tuple>() != nullptr)) return defaults = value, true;
  if (n == names.__kwdefaults__ && (value.is_none() || value.As<Dict>() != nullptr)) return keyword_defaults = value, true;
  if (n == names.__code__) in.OutsideSubset("assignment to a function's __code__");
  EnsureDict()->Set(n, value);
  return true;
}

std::string Function::Repr(Interpreter& in) {
  std::string address = Object::Repr(in);
  return "<function " + qualified_name->text() + address.substr(address.rfind(" at "));
}

// --- native functions and methods

Value NativeFunction::Call(Interpreter& in, const Args& args) {
  if (signature == nullptr) return raw(in, args);
  BoundArgs bound_args(in, *signature, args);
  return bound(in, bound_args);
}
bool NativeFunction::GetAttr(Interpreter& in, Str* n, Value* out) {
  if (dict() != nullptr) {
    if (Value* v = dict()->table.Find(n)) return *out = *v, true;
  }
  const CoreNames& names = in.names();
  if (n == names.__name__ || n == names.__qualname__) return *out = Value(in.NewStr(name)), true;
  if (n == names.__module__) return *out = module.empty() ? Value::None() : Value(in.NewStr(module)), true;
  if (n == names.__doc__) return *out = Value::None(), true;
  if (n == names.__text_signature__ && signature != nullptr) return *out = Value(in.NewStr(signature->ToString())), true;
  return Object::GetAttr(in, n, out);
}
std::string NativeFunction::Repr(Interpreter&) {
  return is_method ? "<method '" + name + "'>" : "<built-in function " + name + ">";
}

Value BoundMethod::Call(Interpreter& in, const Args& args) {
  if (auto* f = function.As<Function>(); f != nullptr && !f->code->is_generator) {
    std::unique_ptr<Frame> frame = BindFrame(in, f, &self, args);
    bool yielded;
    Value result;
    try {
      result = RunFrame(in, frame.get(), &yielded);
    } catch (...) {
      in.RecycleFrame(std::move(frame));
      throw;
    }
    in.RecycleFrame(std::move(frame));
    return result;
  }
  std::vector<Value> all;
  all.reserve(args.size() + 1);
  all.push_back(self);
  all.insert(all.end(), args.positional.begin(), args.positional.end());
  return in.Call(function, Args(all, args.keywords));
}
bool BoundMethod::GetAttr(Interpreter& in, Str* n, Value* out) {
  if (n->text() == "__func__") return *out = function, true;
  if (n == in.names().__self__) return *out = self, true;
  if (n != in.names().__class__) {
    *out = in.FindAttr(function, n);
    if (*out) return true;
  }
  return Object::GetAttr(in, n, out);
}
Value BoundMethod::Compare(Interpreter&, CmpOp op, const Value& other) {
  auto* m = other.As<BoundMethod>();
  if (m == nullptr || (op != CmpOp::kEq && op != CmpOp::kNe)) return Value();
  return Value::Bool((function.Is(m->function) && self.Is(m->self)) == (op == CmpOp::kEq));
}
std::string BoundMethod::Repr(Interpreter& in) {
  if (function.As<NativeFunction>() != nullptr) {
    return "<built-in method " + in.CallableName(function) + " of " + in.TypeName(self) + " object>";
  }
  return "<bound method " + in.CallableName(function) + " of " + in.Repr(self) + ">";
}
uint64_t BoundMethod::Hash(Interpreter& in) {
  uint64_t h = self.is_object() ? IdOf(self.object()) : in.Hash(self);
  return h * 31 + (function.is_object() ? IdOf(function.object()) : 0);
}

bool Property::GetAttr(Interpreter& in, Str* n, Value* out) {
  const CoreNames& names = in.names();
  if (n == names.fget) return *out = get, true;
  if (n == names.fset) return *out = set, true;
  if (n == names.fdel) return *out = del, true;
  if (n == names.__doc__) return *out = doc.is_none() && !get.is_none() ? in.GetAttr(get, n) : doc, true;
  if (n == names.__isabstractmethod__) {
    Value v = get.is_none() ? Value() : in.FindAttr(get, n);
    return *out = v ? v : Value::Bool(false), true;
  }
  if (n == names.__get__) {
    Value self(this);
    *out = in.NewFunction("__get__", "instance, owner=None, /", [self](Interpreter& in, BoundArgs& a) {
      if (a[0].is_none()) return self;
      return BindAttribute(in, self, a[0], in.TypeOf(a[0]));
    });
    return true;
  }
  int which = n == names.getter ? 0 : n == names.setter ? 1 : n == names.deleter ? 2 : -1;
  if (which < 0) return Object::GetAttr(in, n, out);
  Value self(this);
  *out = in.NewFunction(n->text(), "function, /", [self, which](Interpreter& in, BoundArgs& a) {
    auto* p = self.As<Property>();
    return Value(in.New<Property>(p->type(), which == 0 ? a[0] : p->get, which == 1 ? a[0] : p->set,
                                  which == 2 ? a[0] : p->del, p->doc));
  });
  return true;
}

bool StaticMethod::GetAttr(Interpreter& in, Str* n, Value* out) {
  if (n->text() == "__func__" || n == in.names().__wrapped__) return *out = function, true;
  if (n != in.names().__class__) {
    *out = in.FindAttr(function, n);
    if (*out) return true;
  }
  return Object::GetAttr(in, n, out);
}
bool ClassMethod::GetAttr(Interpreter& in, Str* n, Value* out) {
  if (n->text() == "__func__" || n == in.names().__wrapped__) return *out = function, true;
  if (n != in.names().__class__) {
    *out = in.FindAttr(function, n);
    if (*out) return true;
  }
  return Object::GetAttr(in, n, out);
}

bool MappingProxy::GetAttr(Interpreter& in, Str* n, Value* out) {
  const std::string& t = n->text();
  for (std::string_view allowed : {"get", "keys", "values", "items", "copy"}) {
    if (t == allowed) return *out = in.GetAttr(dict, n), true;
  }
  return Object::GetAttr(in, n, out);
}

bool Super::GetAttr(Interpreter& in, Str* n, Value* out) {
  if (n == in.names().__class__) return *out = Value(type()), true;
  const std::vector<Type*>& mro = self_type->mro();
  auto it = std::find(mro.begin(), mro.end(), after);
  for (it = it == mro.end() ? it : it + 1; it != mro.end(); ++it) {
    if (Value* v = (*it)->dict()->table.Find(n)) {
      bool on_class = self.As<Type>() == self_type;
      *out = BindAttribute(in, *v, on_class ? Value() : self, on_class ? self_type : in.TypeOf(self));
      return true;
    }
  }
  return false;
}
std::string Super::Repr(Interpreter&) { return "<super: <class '" + after->name() + "'>>"; }

// --- generators

Generator::Generator(Heap& heap, std::unique_ptr<Frame> f) : Object(kLayout), frame(std::move(f)) {
  charge.Set(heap, static_cast<int64_t>(sizeof(Frame) + (frame->locals.size() + 16) * sizeof(Value)));
  frame->generator = this;
}

bool Generator::Resume(Interpreter& in, Value sent, Value* out) {
  if (running) in.RaiseValueError("generator already executing");
  if (frame == nullptr) return false;
  if (started) frame->stack.push_back(std::move(sent));
  else if (!sent.is_none()) in.RaiseTypeError("can't send non-None value to a just-started generator");
  return Continue(in, out);
}

bool Generator::Continue(Interpreter& in, Value* out) {
  Value alive(this);
  running = started = true;
  bool yielded = false;
  try {
    Value v = RunFrame(in, frame.get(), &yielded);
    running = false;
    if (yielded) {
      *out = std::move(v);
      return true;
    }
    result = std::move(v);
    frame.reset();
    return false;
  } catch (Raised& raised) {
    running = false;
    frame.reset();
    if (in.IsInstance(raised.exception, in.types().stop_iteration)) {
      in.RaiseFrom(in.Call(Value(in.types().runtime_error), {Value(in.NewStr("generator raised StopIteration"))}),
                   raised.exception);
    }
    throw;
  } catch (...) {
    running = false;
    frame.reset();
    throw;
  }
}

bool Generator::Throw(Interpreter& in, const Value& exception, Value* out) {
  if (running) in.RaiseValueError("generator already executing");
  if (frame == nullptr || !started) {
    frame.reset();
    in.RaiseException(exception);
  }
  // A generator that waits in `yield from` hands the exception to the inner one first.
  const Instruction& at = frame->code->instructions[static_cast<size_t>(frame->pc)];
  if (at.op == Op::kYieldFrom && !frame->stack.empty()) {
    if (auto* inner = frame->stack.back().As<Generator>()) {
      Value kept(inner);
      running = true;
      try {
        bool more = inner->Throw(in, exception, out);
        running = false;
        if (more) return true;
        // The inner one ended: `yield from` has its value.
        frame->stack.back() = inner->result ? inner->result : Value::None();
        ++frame->pc;
        return Continue(in, out);
      } catch (Raised& raised) {
        running = false;
        return ThrowHere(in, raised.exception, out);
      } catch (...) {
        running = false;
        throw;
      }
    }
  }
  return ThrowHere(in, exception, out);
}

bool Generator::ThrowHere(Interpreter& in, const Value& exception, Value* out) {
  // The handler is looked up at the instruction that yielded.
  for (const Handler& h : frame->code->handlers) {
    int at = frame->code->instructions[static_cast<size_t>(frame->pc)].op == Op::kYieldFrom ? frame->pc : frame->pc - 1;
    if (at < h.begin || at >= h.end) continue;
    frame->stack.resize(static_cast<size_t>(h.stack_depth));
    frame->handled.resize(static_cast<size_t>(h.handled_depth));
    frame->stack.push_back(exception);
    frame->pc = h.target;
    return Continue(in, out);
  }
  frame.reset();
  throw Raised{exception};
}

void Generator::Close(Interpreter& in) {
  if (frame == nullptr) return;
  if (!started) {
    frame.reset();
    return;
  }
  Value out;
  try {
    if (Throw(in, in.Call(Value(in.types().generator_exit)), &out)) {
      in.Raise(in.types().runtime_error, "generator ignored GeneratorExit");
    }
  } catch (Raised& raised) {
    if (!in.IsInstance(raised.exception, in.types().generator_exit) &&
        !in.IsInstance(raised.exception, in.types().stop_iteration)) {
      throw;
    }
  }
}

}  // namespace fusepack::py
