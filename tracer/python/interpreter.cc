// The interpreter itself: its classes, its limits, its errors and the border to Status.
#include "tracer/python/interpreter.h"

#include <pthread.h>
#include <time.h>

#include <algorithm>
#include <cmath>

#include "tracer/python/callables.h"
#include "tracer/python/classes.h"
#include "tracer/python/numbers.h"

namespace fusepack::py {
namespace {

constexpr size_t kStackReserve = 256 << 10;  // left to C++ below the evaluator, which may be in the middle of anything
constexpr int64_t kStepsPerClockLook = 4096;

class NoneLike : public Object {
 public:
  NoneLike(Layout layout, const char* text) : Object(layout), text(text) {}
  const char* const text;
  std::string Repr(Interpreter&) override { return text; }
};

// The lowest address that this thread's stack may reach, plus the reserve.
const char* StackFloor() {
  pthread_attr_t attributes;
  void* base = nullptr;
  size_t size = 0;
  if (pthread_getattr_np(pthread_self(), &attributes) != 0) return nullptr;
  pthread_attr_getstack(&attributes, &base, &size);
  pthread_attr_destroy(&attributes);
  return static_cast<const char*>(base) + std::min(size / 2, kStackReserve);
}

}  // namespace

std::unique_ptr<Importer> NewRegisteredModules();  // module.cc

Interpreter::Interpreter(Limits limits) : limits_(limits), heap_(limits.memory_bytes) {
  importer_ = NewRegisteredModules();
  stack_floor_ = StackFloor();
  ResetClock();
  DefineCoreTypes();
  builtins_ = NewDict();
  not_implemented_ = Value(New<NoneLike>(types_.not_implemented, Layout::kNotImplemented, "NotImplemented"));
  ellipsis_ = Value(New<NoneLike>(types_.ellipsis, Layout::kEllipsis, "Ellipsis"));
  DefineBuiltinFunctions(*this);
  steps_ = 0;
}

Interpreter::~Interpreter() = default;

// --- values

Str* Interpreter::Intern(std::string_view text) {
  auto it = interned_.find(text);
  if (it != interned_.end()) return it->second.get();
  Ref<Str> made = New<Str>(types_.str, heap_, std::string(text));
  made->interned_ = true;
  heap_.Charge(64);  // the table's share
  interned_.emplace(std::string_view(made->text_), made);
  return made.get();
}
Ref<Str> Interpreter::NewStr(std::string_view text) { return New<Str>(types_.str, heap_, std::string(text)); }
Ref<Bytes> Interpreter::NewBytes(std::string_view bytes) {
  return New<Bytes>(types_.bytes, heap_, std::string(bytes));
}
Ref<Tuple> Interpreter::NewTuple(std::vector<Value> items) { return New<Tuple>(types_.tuple, heap_, std::move(items)); }
Ref<List> Interpreter::NewList(std::vector<Value> items) { return New<List>(types_.list, heap_, std::move(items)); }
Ref<Dict> Interpreter::NewDict() { return New<Dict>(types_.dict, heap_); }
Ref<Set> Interpreter::NewSet(bool frozen) { return New<Set>(frozen ? types_.frozenset : types_.set, heap_, frozen); }
Value Interpreter::NewSlice(Value start, Value stop, Value step) {
  return Value(New<Slice>(types_.slice, std::move(start), std::move(stop), std::move(step)));
}
Value Interpreter::NewIterator(std::function<bool(Interpreter&, Value*)> next) {
  return Value(New<NativeIterator>(types_.iterator, std::move(next)));
}
Value Interpreter::NewFunction(std::string name, std::string_view parameters, NativeFunction::Bound function,
                               std::string module) {
  auto signature = Signature::Parse(name, parameters);
  return Value(New<NativeFunction>(types_.native_function, std::move(name), std::move(module), std::move(signature),
                                   std::move(function), nullptr));
}
Value Interpreter::NewRawFunction(std::string name, NativeFunction::Raw function, std::string module) {
  return Value(New<NativeFunction>(types_.native_function, std::move(name), std::move(module), nullptr, nullptr,
                                   std::move(function)));
}
Dict* Interpreter::InstanceDict(const Value& instance) {
  Object* object = instance.object_or_null();
  if (object == nullptr || !object->type()->instances_have_dict()) {
    RaiseTypeError("'" + TypeName(instance) + "' object has no __dict__");
  }
  return object->EnsureDict();
}
void Interpreter::SetBuiltin(std::string_view name, Value value) { builtins_->Set(Intern(name), std::move(value)); }
Value Interpreter::GetBuiltin(std::string_view name) { return builtins_->Get(Intern(name)); }

// --- limits

namespace {

// Processor time of the thread. On a machine that others use too, the wall clock alone would end programs that only had to
// wait; a program that never ends uses processor time as well.
struct ProcessorClock {
  double started = Now();
  static double Now() {
    timespec t;
    clock_gettime(CLOCK_THREAD_CPUTIME_ID, &t);
    return static_cast<double>(t.tv_sec) + 1e-9 * static_cast<double>(t.tv_nsec);
  }
};

}  // namespace

void Interpreter::ResetClock() {
  steps_ = 0;
  started_ = std::chrono::steady_clock::now();
  State<ProcessorClock>().started = ProcessorClock::Now();
  next_check_ = std::min(limits_.steps, kStepsPerClockLook);
}

void Interpreter::CheckLimits() {
  if (steps_ > limits_.steps) {
    OverLimit("more than " + std::to_string(limits_.steps) + " steps", "a program that ends within them");
  }
  std::chrono::duration<double> spent = std::chrono::steady_clock::now() - started_;
  if (spent.count() > limits_.seconds && ProcessorClock::Now() - State<ProcessorClock>().started > limits_.seconds) {
    char text[64];
    std::snprintf(text, sizeof text, "more than %g seconds", limits_.seconds);
    OverLimit(text, "a program that ends within them");
  }
  next_check_ = std::min(limits_.steps + 1, steps_ + kStepsPerClockLook);
}

void Interpreter::EnterCall() {
  char here;
  if (call_depth_ >= limits_.call_depth || &here < stack_floor_) {
    OverLimit("calls nested " + std::to_string(call_depth_) + " deep", "at most " + std::to_string(limits_.call_depth));
  }
  ++call_depth_;
}
void Interpreter::EnterData() {
  char here;
  if (data_depth_ >= limits_.data_depth || &here < stack_floor_) {
    OverLimit("data nested " + std::to_string(data_depth_) + " deep", "at most " + std::to_string(limits_.data_depth));
  }
  ++data_depth_;
}
bool Interpreter::InRepr(const Object* object) const {
  return std::find(in_repr_.begin(), in_repr_.end(), object) != in_repr_.end();
}
void Interpreter::OverLimit(std::string found, std::string expected) {
  throw Fatal{Error{.code = ErrorCode::kLimit, .found = std::move(found), .expected = std::move(expected)}};
}
void Interpreter::OutsideSubset(std::string construct) {
  throw Fatal{Error{.code = ErrorCode::kBadInput, .found = std::move(construct) + " is outside the subset"}};
}

// --- errors

void Interpreter::Raise(Type* exception, std::string message) {
  CallScope scope(*this);
  Value args = Value(NewTuple({Value(NewStr(message))}));
  RaiseException(Value(New<ExceptionObject>(exception, args)));
}

void Interpreter::RaiseException(const Value& exception) { RaiseFrom(exception, Value()); }

void Interpreter::RaiseFrom(const Value& exception, const Value& cause) {
  auto instance = [&](const Value& v, const char* what) {
    if (auto* type = v.As<Type>(); type != nullptr && type->IsSubclassOf(types_.base_exception)) return Call(v);
    if (v.As<ExceptionObject>() == nullptr) {
      RaiseTypeError(std::string(what) + " must derive from BaseException");
    }
    return v;
  };
  Value made = instance(exception, "exceptions");
  auto* e = made.As<ExceptionObject>();
  if (e == nullptr) RaiseTypeError("exceptions must derive from BaseException");
  if (cause) {
    e->suppress_context = true;
    e->cause = cause.is_none() ? Value() : instance(cause, "exception causes");
  }
  Value handled = HandledException();
  if (handled && !handled.Is(made) && !e->context) e->context = handled;
  throw Raised{made};
}

void Interpreter::RaiseKeyError(const Value& key) {
  RaiseException(Value(New<ExceptionObject>(types_.key_error, Value(NewTuple({key})))));
}

void Interpreter::RaiseAttributeError(const Value& v, Str* name) {
  std::string who;
  if (auto* m = v.As<Module>()) who = "module '" + m->name() + "'";
  else if (auto* t = v.As<Type>()) who = "type object '" + t->name() + "'";
  else if (v.is_object() && dynamic_cast<Super*>(v.object()) != nullptr) who = "'super' object";
  else who = "'" + TypeName(v) + "' object";
  Value made(New<ExceptionObject>(types_.attribute_error,
                                  Value(NewTuple({Value(NewStr(who + " has no attribute '" + name->text() + "'"))}))));
  RaiseException(made);
}

bool Interpreter::MatchesException(const Value& exception, const Value& type_or_tuple) {
  if (auto* tuple = type_or_tuple.As<Tuple>()) {
    for (const Value& t : tuple->items()) {
      if (MatchesException(exception, t)) return true;
    }
    return false;
  }
  auto* type = type_or_tuple.As<Type>();
  if (type == nullptr || !type->IsSubclassOf(types_.base_exception)) {
    RaiseTypeError("catching classes that do not inherit from BaseException is not allowed");
  }
  return TypeOf(exception)->IsSubclassOf(type);
}

Value Interpreter::HandledException() const {
  for (const Frame* f = frame_; f != nullptr; f = f->back) {
    if (!f->handled.empty()) return f->handled.back();
  }
  return Value();
}

std::string Interpreter::ExceptionText(const Value& exception) {
  Type* type = TypeOf(exception);
  std::string name = type->module().empty() || type->module() == "builtins" || type->module() == "__main__"
                         ? type->qualname()
                         : type->module() + "." + type->qualname();
  std::string text;
  try {
    text = ToStr(exception);
  } catch (Raised&) {
    text = "<exception str() failed>";
  }
  return text.empty() ? name : name + ": " + text;
}

Status Interpreter::ToStatus(const Raised& raised) {
  Error error{.code = ErrorCode::kBadInput};
  auto* e = raised.exception.As<ExceptionObject>();
  try {
    error.found = ExceptionText(raised.exception);
  } catch (Fatal& fatal) {
    return ToStatus(fatal);
  }
  if (e != nullptr && !e->traceback.empty()) {
    error.file = e->traceback.front().file;
    error.where = std::to_string(e->traceback.front().line) + ":" + std::to_string(e->traceback.front().column);
    for (size_t i = e->traceback.size(); i-- > 0;) {
      const TracebackEntry& t = e->traceback[i];
      error.traceback += "  " + t.file + ":" + std::to_string(t.line) + ":" + std::to_string(t.column) + ", in " +
                         t.function + "\n";
    }
  }
  return Status(error);
}

Status Interpreter::ToStatus(const Fatal& fatal) { return Status(fatal.error); }

Result<Value> Interpreter::Try(const std::function<Value()>& body) {
  Frame* frame = frame_;
  int calls = call_depth_, data = data_depth_;
  size_t reprs = in_repr_.size();
  const char* floor = std::exchange(stack_floor_, StackFloor());
  auto restore = [&] {
    frame_ = frame;
    call_depth_ = calls;
    data_depth_ = data;
    in_repr_.resize(reprs);
    stack_floor_ = floor;
  };
  try {
    Value result = body();
    restore();
    return result;
  } catch (Raised& raised) {
    restore();
    return ToStatus(raised);
  } catch (Fatal& fatal) {
    restore();
    return ToStatus(fatal);
  } catch (const std::bad_alloc&) {
    restore();
    return Status(Error{.code = ErrorCode::kLimit, .found = "out of memory"});
  }
}

// --- frames

std::unique_ptr<Frame> Interpreter::NewFrame() {
  if (frame_pool_.empty()) {
    auto frame = std::make_unique<Frame>();
    frame->stack.reserve(16);
    return frame;
  }
  std::unique_ptr<Frame> frame = std::move(frame_pool_.back());
  frame_pool_.pop_back();
  return frame;
}
void Interpreter::RecycleFrame(std::unique_ptr<Frame> frame) {
  if (frame_pool_.size() > 64) return;
  frame->code.reset();
  frame->function = Ref<Object>();
  frame->module = Ref<Module>();
  frame->names = Ref<Dict>();
  frame->locals.clear();
  frame->stack.clear();
  frame->handled.clear();
  frame->cells.clear();
  frame->generator = nullptr;
  frame->back = nullptr;
  frame->pc = 0;
  frame_pool_.push_back(std::move(frame));
}

namespace {

fusepack::py::Position PositionOf(const Frame& f) {
  ast::Position at = f.code->positions.empty() ? ast::Position{} : f.code->positions[static_cast<size_t>(std::max(0, f.pc - 1))];
  return {f.code->source->file, static_cast<int>(at.line), static_cast<int>(at.column),
          f.code->is_module ? "<module>" : f.code->qualified_name};
}

const Frame* FrameUp(const Frame* f, int up) {
  while (f != nullptr && up-- > 0) f = f->back;
  return f;
}

}  // namespace

fusepack::py::Position Interpreter::CurrentPosition(int up) const {
  const Frame* f = FrameUp(frame_, up);
  return f == nullptr ? fusepack::py::Position{} : PositionOf(*f);
}
std::vector<fusepack::py::Position> Interpreter::Stack() const {
  std::vector<fusepack::py::Position> out;
  for (const Frame* f = frame_; f != nullptr; f = f->back) out.push_back(PositionOf(*f));
  return out;
}
Module* Interpreter::CurrentModule(int up) const {
  const Frame* f = FrameUp(frame_, up);
  return f == nullptr ? nullptr : f->module.get();
}
Ref<Dict> Interpreter::Locals(int up) {
  Ref<Dict> out = NewDict();
  const Frame* f = FrameUp(frame_, up);
  if (f == nullptr) return out;
  if (f->names) return f->names;
  if (f->code->is_module) return Ref<Dict>(f->module->globals());
  const Scope& scope = *f->code->scope;
  for (size_t i = 0; i < scope.locals.size(); ++i) {
    if (f->locals[i]) out->Set(Intern(scope.locals[i]), f->locals[i]);
  }
  for (size_t i = 0; i < f->cells.size(); ++i) {
    std::string_view name = i < scope.cells.size() ? scope.cells[i].name : scope.frees[i - scope.cells.size()].name;
    if (f->cells[i]->value && name != "__class__") out->Set(Intern(name), f->cells[i]->value);
  }
  return out;
}

// --- the core classes

namespace {

template <typename T>
Type::Construct ConstructWith(T make) {
  return make;
}

Value OneArgument(Interpreter& in, const Type* cls, const Args& args) {
  if (args.size() > 1 || !args.keywords.empty()) {
    in.RaiseTypeError(cls->name() + "() takes at most 1 argument (" + std::to_string(args.size() + args.keywords.size()) + " given)");
  }
  return args.size() == 1 ? args.positional[0] : Value();
}

int64_t ToInteger(Interpreter& in, const Value& v) {
  int64_t i;
  if (in.FindIndex(v, &i)) return i;
  bool is_float;
  double d = 0;
  if (AsNumber(v, &is_float, &i, &d) && is_float) {
    if (std::isnan(d)) in.RaiseValueError("cannot convert float NaN to integer");
    if (std::isinf(d)) in.Raise(in.types().overflow_error, "cannot convert float infinity to integer");
    if (!(std::fabs(d) < 9.223372036854775e18)) in.OverLimit("a float outside 64 bits as integer", "integers of 64 bits");
    return static_cast<int64_t>(d);
  }
  if (Object* object = v.object_or_null()) {
    if (const Value method = object->type()->Override(Dunder::kInt)) {
      return in.Index(CallSpecial(in, method, v, {}));
    }
    if (const Value own = object->type()->Lookup(in.Intern("__int__")); own && own.As<NativeFunction>() != nullptr) {
      return in.Index(CallSpecial(in, own, v, {}));
    }
    double f;
    if (object->AsFloat(in, &f)) return ToInteger(in, Value::Float(f));
  }
  in.RaiseTypeError("int() argument must be a string, a bytes-like object or a real number, not '" + in.TypeName(v) + "'");
}

Value MakeInt(Interpreter& in, Type* cls, const Args& args) {
  int64_t value = 0;
  Value base;
  for (const Keyword& k : args.keywords) {
    if (k.name->text() == "base") base = k.value;
  }
  if (args.size() > 1) base = args.positional[1];
  if (args.size() > 2 || (!args.keywords.empty() && !base)) in.RaiseTypeError("int() takes at most 2 arguments");
  if (args.size() > 0) {
    const Value& v = args.positional[0];
    Str* s = v.As<Str>();
    if (s != nullptr) {
      int64_t radix = base ? in.Index(base) : 10;
      if (radix != 0 && (radix < 2 || radix > 36)) in.RaiseValueError("int() base must be >= 2 and <= 36, or 0");
      bool overflow;
      in.Step(static_cast<int64_t>(s->text().size() / 16));
      if (s->text().size() > 4300) in.OverLimit("an integer of " + std::to_string(s->text().size()) + " digits", "integers of 64 bits");
      if (!ParseInt(s->text(), static_cast<int>(radix), &value, &overflow)) {
        in.RaiseValueError("invalid literal for int() with base " + std::to_string(radix) + ": " + in.Repr(v));
      }
      if (overflow) in.OverLimit("the integer " + s->text().substr(0, 40), "integers of 64 bits");
    } else {
      if (base) in.RaiseTypeError("int() can't convert non-string with explicit base");
      value = ToInteger(in, v);
    }
  }
  if (cls == in.types().integer) return Value::Int(value);
  return Value(in.New<IntBox>(cls, value));
}

Value MakeFloat(Interpreter& in, Type* cls, const Args& args) {
  Value v = OneArgument(in, cls, args);
  double d = 0;
  if (Str* s = v.As<Str>()) {
    in.Step(static_cast<int64_t>(s->text().size() / 16));
    if (!ParseFloat(s->text(), &d)) in.RaiseValueError("could not convert string to float: " + in.Repr(v));
  } else if (v && !in.FindFloat(v, &d)) {
    in.RaiseTypeError("float() argument must be a string or a real number, not '" + in.TypeName(v) + "'");
  }
  if (cls == in.types().floating) return Value::Float(d);
  return Value(in.New<FloatBox>(cls, d));
}

Value MakeStr(Interpreter& in, Type* cls, const Args& args) {
  std::string text;
  Value v = args.size() > 0 ? args.positional[0] : Value();
  for (const Keyword& k : args.keywords) {
    if (k.name->text() == "object") v = k.value;
  }
  if (auto* bytes = v.As<Bytes>(); bytes != nullptr && (args.size() > 1 || !args.keywords.empty())) {
    text = in.CallMethod(v, "decode").As<Str>()->text();
  } else if (v) {
    if (Str* s = v.As<Str>(); s != nullptr && s->type() == in.types().str && cls == in.types().str) return v;
    text = in.ToStr(v);
  }
  return Value(in.New<Str>(cls, in.heap(), std::move(text)));
}

Value MakeBytes(Interpreter& in, Type* cls, const Args& args) {
  std::string bytes;
  if (args.size() > 0) {
    const Value& v = args.positional[0];
    if (Str* s = v.As<Str>()) bytes = s->text();
    else if (auto* b = v.As<Bytes>()) bytes = b->bytes();
    else if (v.is_int()) {
      if (v.integer() < 0) in.RaiseValueError("negative count");
      in.heap().Charge(v.integer());
      in.heap().Release(v.integer());
      bytes.assign(static_cast<size_t>(v.integer()), '\0');
    } else {
      for (const Value& item : in.ToVector(v)) {
        int64_t i = in.Index(item);
        if (i < 0 || i > 255) in.RaiseValueError("bytes must be in range(0, 256)");
        bytes += static_cast<char>(i);
      }
    }
  }
  return Value(in.New<Bytes>(cls, in.heap(), std::move(bytes)));
}

Value MakeSetOf(Interpreter& in, Type* cls, const Args& args, bool frozen) {
  Ref<Set> set = in.New<Set>(cls, in.heap(), frozen);
  if (frozen) {
    Value v = OneArgument(in, cls, args);
    if (auto* other = v.As<Set>(); other != nullptr && other->frozen && other->type() == cls && cls->native()) return v;
    if (v) {
      for (const Value& item : in.ToVector(v)) set->Add(in, item);
    }
  }
  return Value(set);
}

}  // namespace

bool ExceptionObject::GetAttr(Interpreter& in, Str* name, Value* out) {
  const CoreNames& n = in.names();
  if (dict() != nullptr) {
    if (Value* v = dict()->table.Find(name)) return *out = *v, true;
  }
  if (name == n.args) return *out = args, true;
  if (name == n.__cause__) return *out = cause ? cause : Value::None(), true;
  if (name == n.__context__) return *out = context ? context : Value::None(), true;
  if (name == n.__suppress_context__) return *out = Value::Bool(suppress_context), true;
  if (name == n.__traceback__) return *out = Value::None(), true;
  if (name == n.value && type()->IsSubclassOf(in.types().stop_iteration)) {
    auto* t = args.As<Tuple>();
    return *out = t != nullptr && t->size() > 0 ? (*t)[0] : Value::None(), true;
  }
  if (name->text() == "code" && type()->IsSubclassOf(in.types().system_exit)) {
    auto* t = args.As<Tuple>();
    return *out = t == nullptr || t->size() == 0 ? Value::None() : t->size() == 1 ? (*t)[0] : args, true;
  }
  if (name->text() == "msg" && type()->IsSubclassOf(in.types().import_error)) {
    auto* t = args.As<Tuple>();
    return *out = t != nullptr && t->size() > 0 ? (*t)[0] : Value::None(), true;
  }
  if ((name == n.name || name->text() == "path") && type()->IsSubclassOf(in.types().import_error)) {
    return *out = Value::None(), true;
  }
  return Object::GetAttr(in, name, out);
}
bool ExceptionObject::SetAttr(Interpreter& in, Str* name, const Value& value) {
  const CoreNames& n = in.names();
  if (name == n.args) return args = Value(in.NewTuple(in.ToVector(value))), true;
  if (name == n.__cause__) return cause = value.is_none() ? Value() : value, suppress_context = true, true;
  if (name == n.__context__) return context = value.is_none() ? Value() : value, true;
  if (name == n.__traceback__) {
    if (value.is_none()) traceback.clear();
    return true;
  }
  if (name == n.__suppress_context__) return suppress_context = in.Truth(value), true;
  return Object::SetAttr(in, name, value);
}
std::string ExceptionObject::Repr(Interpreter& in) {
  auto* t = args.As<Tuple>();
  if (t != nullptr && t->size() == 1) return type()->name() + "(" + in.Repr((*t)[0]) + ")";
  return type()->name() + in.Repr(args);
}
std::string ExceptionObject::ToStr(Interpreter& in) {
  auto* t = args.As<Tuple>();
  if (t == nullptr || t->size() == 0) return "";
  if (t->size() > 1) return in.Repr(args);
  return type()->IsSubclassOf(in.types().key_error) ? in.Repr((*t)[0]) : in.ToStr((*t)[0]);
}

void Interpreter::DefineCoreTypes() {
  // A class needs `type`, its dict needs `dict`, and a dict's keys need `str`; so the first few classes are made bare
  // and filled when `dict` is there.
  auto core = [&](const char* name, Type* base, const char* dunders) { return NewNativeType(name, base, dunders); };
  const char* kObject = "__repr__ __str__ __eq__ __ne__ __hash__ __getattribute__ __setattr__ __delattr__ __format__";
  types_.object = core("object", nullptr, kObject);
  types_.type = core("type", types_.object, "__call__ __repr__ __or__ __ror__");
  types_.object->set_type(types_.type);
  types_.type->set_type(types_.type);
  types_.type->instances_have_dict_ = true;
  auto define = [&](NativeType d, Type* base = nullptr) {
    d.base = base;
    return DefineType(d);
  };
  types_.str = define({.name = "str", .construct = MakeStr, .dunders = "__len__ __iter__ __contains__ __getitem__ __add__ "
                       "__mul__ __rmul__ __mod__ __repr__ __str__ __hash__ __eq__ __ne__ __lt__ __le__ __gt__ __ge__",
                       .methods = StrMethods()});
  types_.native_function = define({.name = "builtin_function_or_method", .dunders = "__call__ __repr__", .subclassable = false,
                                   .instances_have_dict = true});
  types_.static_method = define({.name = "staticmethod", .construct = [](Interpreter& in, Type* cls, const Args& args) -> Value {
                                   Value v = OneArgument(in, cls, args);
                                   if (!v) in.RaiseTypeError("staticmethod expected 1 argument, got 0");
                                   return Value(in.New<StaticMethod>(cls, v));
                                 }, .dunders = "__call__", .instances_have_dict = true});
  types_.class_method = define({.name = "classmethod", .construct = [](Interpreter& in, Type* cls, const Args& args) -> Value {
                                  Value v = OneArgument(in, cls, args);
                                  if (!v) in.RaiseTypeError("classmethod expected 1 argument, got 0");
                                  return Value(in.New<ClassMethod>(cls, v));
                                }, .instances_have_dict = true});
  types_.get_set = define({.name = "getset_descriptor", .subclassable = false});
  types_.tuple = define({.name = "tuple", .construct = [](Interpreter& in, Type* cls, const Args& args) -> Value {
                           Value v = OneArgument(in, cls, args);
                           if (v && cls == in.types().tuple && in.TypeOf(v) == cls) return v;
                           return Value(in.New<Tuple>(cls, in.heap(), v ? in.ToVector(v) : std::vector<Value>()));
                         }, .dunders = "__len__ __iter__ __contains__ __getitem__ __add__ __mul__ __rmul__ __repr__ __hash__ "
                                       "__eq__ __ne__ __lt__ __le__ __gt__ __ge__",
                         .methods = TupleMethods()});
  types_.dict = define({.name = "dict", .construct = [](Interpreter& in, Type* cls, const Args&) -> Value {
                          return Value(in.New<Dict>(cls, in.heap()));
                        }, .dunders = "__len__ __iter__ __contains__ __getitem__ __setitem__ __delitem__ __or__ __ror__ "
                                      "__ior__ __repr__ __eq__ __ne__",
                        .methods = DictMethods(),
                        .class_methods = {{"fromkeys", "cls, iterable, value=None, /", [](Interpreter& in, BoundArgs& a) {
                          Value made = in.Call(a[0]);
                          for (const Value& v : a.Values(1)) in.SetItem(made, v, a[2]);
                          return made;
                        }}}});
#define X(name) names_.name = Intern(#name);
  FP_PY_NAMES(X)
#undef X
  for (auto& [type, definition] : pending_types_) {
    type->dict_type_ = types_.dict;
    FillNativeType(type, definition);
  }
  pending_types_.clear();
  auto set_none = [&](Type* t) { t->dict()->Set(names_.__hash__, Value::None()); };
  set_none(types_.dict);

  // object's own.
  Dict* object = types_.object->dict();
  auto method = [&](Type* t, const char* name, const char* parameters, NativeFunction::Bound f) {
    Value v = NewFunction(name, parameters, std::move(f));
    v.As<NativeFunction>()->is_method = true;
    t->dict()->Set(Intern(name), v);
  };
  method(types_.object, "__init__", "self, *args, **kwargs", [](Interpreter& in, BoundArgs& a) {
    if (in.Len(a[1]) + in.Len(a[2]) > 0 && in.TypeOf(a[0])->Override(Dunder::kInit)) {
      in.RaiseTypeError("object.__init__() takes exactly one argument (the instance to initialize)");
    }
    return Value::None();
  });
  object->Set(names_.__new__, Value(New<StaticMethod>(types_.static_method, NewRawFunction("__new__", [](Interpreter& in, const Args& args) {
    Type* cls = args.size() > 0 ? args.positional[0].As<Type>() : nullptr;
    if (cls == nullptr) in.RaiseTypeError("object.__new__(X): X is not a type object");
    if (cls->native_base() != in.types().object) {
      return in.MakeInstance(cls, Args(args.positional.subspan(1), args.keywords));
    }
    return Value(in.New<Instance>(cls));
  }))));
  object->Set(names_.__init_subclass__, Value(New<ClassMethod>(types_.class_method, [&] {
    Value f = NewFunction("__init_subclass__", "cls, **kwargs", [](Interpreter& in, BoundArgs& a) {
      if (in.Len(a[1]) > 0) in.RaiseTypeError(a[0].As<Type>()->name() + ".__init_subclass__() takes no keyword arguments");
      return Value::None();
    });
    f.As<NativeFunction>()->is_method = true;
    return f;
  }())));
  method(types_.object, "__dir__", "self", [](Interpreter& in, BoundArgs& a) {
    return in.Call(in.GetBuiltin("dir"), {a[0]});
  });
  method(types_.object, "__sizeof__", "self", [](Interpreter&, BoundArgs&) { return Value::Int(16); });

  // type's own.
  types_.type->construct_ = [](Interpreter& in, Type* cls, const Args& args) -> Value {
    if (args.size() != 3) in.RaiseTypeError("type() takes 1 or 3 arguments");
    Str* name = args.positional[0].As<Str>();
    auto* bases = args.positional[1].As<Tuple>();
    auto* members = args.positional[2].As<Dict>();
    if (name == nullptr) in.RaiseTypeError("type.__new__() argument 1 must be str, not " + in.TypeName(args.positional[0]));
    if (bases == nullptr) in.RaiseTypeError("type.__new__() argument 2 must be tuple, not " + in.TypeName(args.positional[1]));
    if (members == nullptr) in.RaiseTypeError("type.__new__() argument 3 must be dict, not " + in.TypeName(args.positional[2]));
    Type* metaclass = cls;
    for (const Value& base : bases->items()) {
      if (in.TypeOf(base)->IsSubclassOf(metaclass)) metaclass = in.TypeOf(base);
    }
    // A base's metaclass with a __new__ of its own makes the class.
    if (metaclass != cls) {
      if (const Value& make = metaclass->Override(Dunder::kNew)) {
        std::vector<Value> all = {Value(metaclass)};
        all.insert(all.end(), args.positional.begin(), args.positional.end());
        auto* unwrapped = dynamic_cast<StaticMethod*>(make.object_or_null());
        return in.Call(unwrapped != nullptr ? unwrapped->function : make, Args(all, args.keywords));
      }
    }
    return Value(ClassStatement::Make(in, metaclass, name->text(), bases->items(), members,
                                      {args.keywords.begin(), args.keywords.end()}));
  };
  types_.type->dict()->Set(names_.__new__, Value(New<StaticMethod>(types_.static_method, NewRawFunction("__new__", [](Interpreter& in, const Args& args) {
    Type* cls = args.size() > 0 ? args.positional[0].As<Type>() : nullptr;
    if (cls == nullptr) in.RaiseTypeError("type.__new__(X): X is not a type object");
    return in.types().type->construct_(in, cls, Args(args.positional.subspan(1), args.keywords));
  }))));
  method(types_.type, "__init__", "self, *args, **kwargs", [](Interpreter&, BoundArgs&) { return Value::None(); });
  method(types_.type, "mro", "self", [](Interpreter& in, BoundArgs& a) {
    auto* t = a[0].As<Type>();
    if (t == nullptr) a.Wrong(0, "type");
    return Value(in.NewList(std::vector<Value>(t->mro().begin(), t->mro().end())));
  });
  method(types_.type, "__subclasses__", "self", [](Interpreter& in, BoundArgs&) -> Value {
    in.OutsideSubset("__subclasses__()");
  });
  method(types_.type, "__instancecheck__", "self, instance", [](Interpreter& in, BoundArgs& a) {
    return Value::Bool(a[0].As<Type>() != nullptr && in.IsInstance(a[1], a[0].As<Type>()));
  });
  method(types_.type, "__subclasscheck__", "self, subclass", [](Interpreter&, BoundArgs& a) {
    auto *t = a[0].As<Type>(), *s = a[1].As<Type>();
    return Value::Bool(t != nullptr && s != nullptr && s->IsSubclassOf(t));
  });

  types_.none = define({.name = "NoneType", .construct = [](Interpreter&, Type*, const Args&) { return Value::None(); },
                        .dunders = "__bool__", .subclassable = false});
  types_.integer = define({.name = "int", .construct = MakeInt,
                           .dunders = "__add__ __sub__ __mul__ __truediv__ __floordiv__ __mod__ __pow__ __lshift__ __rshift__ "
                                      "__and__ __or__ __xor__ __radd__ __rsub__ __rmul__ __rtruediv__ __rfloordiv__ __rmod__ "
                                      "__rpow__ __rand__ __ror__ __rxor__ __neg__ __pos__ __invert__ __bool__ __index__ "
                                      "__int__ __float__ __hash__ __eq__ __ne__ __lt__ __le__ __gt__ __ge__ __repr__ __format__",
                           .methods = IntMethods(),
                           .properties = {{"real", [](Interpreter& in, const Value& v) { return Value::Int(in.Index(v)); }, nullptr},
                                          {"imag", [](Interpreter&, const Value&) { return Value::Int(0); }, nullptr},
                                          {"numerator", [](Interpreter& in, const Value& v) { return Value::Int(in.Index(v)); }, nullptr},
                                          {"denominator", [](Interpreter&, const Value&) { return Value::Int(1); }, nullptr}}});
  types_.boolean = define({.name = "bool", .construct = [](Interpreter& in, Type* cls, const Args& args) {
                             Value v = OneArgument(in, cls, args);
                             return Value::Bool(v && in.Truth(v));
                           }, .subclassable = false}, types_.integer);
  types_.floating = define({.name = "float", .construct = MakeFloat,
                            .dunders = "__add__ __sub__ __mul__ __truediv__ __floordiv__ __mod__ __pow__ __radd__ __rsub__ "
                                       "__rmul__ __rtruediv__ __rfloordiv__ __rmod__ __rpow__ __neg__ __pos__ __bool__ __int__ "
                                       "__float__ __hash__ __eq__ __ne__ __lt__ __le__ __gt__ __ge__ __repr__ __format__",
                            .methods = FloatMethods(),
                            .properties = {{"real", [](Interpreter& in, const Value& v) { return Value::Float(in.Float(v)); }, nullptr},
                                           {"imag", [](Interpreter&, const Value&) { return Value::Float(0); }, nullptr}}});
  types_.bytes = define({.name = "bytes", .construct = MakeBytes,
                         .dunders = "__len__ __iter__ __contains__ __getitem__ __add__ __mul__ __rmul__ __repr__ __hash__ __eq__ "
                                    "__ne__ __lt__ __le__ __gt__ __ge__",
                         .methods = BytesMethods()});
  types_.list = define({.name = "list", .construct = [](Interpreter& in, Type* cls, const Args&) -> Value {
                          return Value(in.New<List>(cls, in.heap(), std::vector<Value>()));
                        }, .dunders = "__len__ __iter__ __contains__ __getitem__ __setitem__ __delitem__ __add__ __mul__ __rmul__ "
                                      "__iadd__ __imul__ __repr__ __eq__ __ne__ __lt__ __le__ __gt__ __ge__",
                        .methods = ListMethods()});
  set_none(types_.list);
  const char* kSet = "__len__ __iter__ __contains__ __or__ __and__ __sub__ __xor__ __ior__ __iand__ __isub__ __ixor__ "
                     "__repr__ __eq__ __ne__ __lt__ __le__ __gt__ __ge__";
  types_.set = define({.name = "set", .construct = [](Interpreter& in, Type* cls, const Args& args) {
                         return MakeSetOf(in, cls, args, false);
                       }, .dunders = kSet, .methods = SetMethods(false)});
  set_none(types_.set);
  std::string frozen = std::string(kSet) + " __hash__";
  types_.frozenset = define({.name = "frozenset", .construct = [](Interpreter& in, Type* cls, const Args& args) {
                               return MakeSetOf(in, cls, args, true);
                             }, .dunders = frozen.c_str(), .methods = SetMethods(true)});
  types_.slice = define({.name = "slice", .construct = [](Interpreter& in, Type*, const Args& args) -> Value {
                           if (args.size() < 1 || args.size() > 3) in.RaiseTypeError("slice expected 1 to 3 arguments");
                           auto at = [&](size_t i) { return i < args.size() ? args.positional[i] : Value::None(); };
                           if (args.size() == 1) return in.NewSlice(Value::None(), at(0), Value::None());
                           return in.NewSlice(at(0), at(1), at(2));
                         }, .dunders = "__eq__ __ne__ __repr__", .subclassable = false,
                         .methods = {{"indices", "self, length, /", [](Interpreter& in, BoundArgs& a) {
                           auto* s = a[0].As<Slice>();
                           if (s == nullptr) a.Wrong(0, "slice");
                           int64_t start, stop, step, count;
                           s->Indices(in, a.Int(1), &start, &stop, &step, &count);
                           return Value(in.NewTuple({Value::Int(start), Value::Int(stop), Value::Int(step)}));
                         }}}});
  types_.range = define({.name = "range", .construct = [](Interpreter& in, Type* cls, const Args& args) -> Value {
                           if (args.size() < 1 || args.size() > 3 || !args.keywords.empty()) {
                             in.RaiseTypeError("range expected at least 1 argument, got " + std::to_string(args.size()));
                           }
                           int64_t a = in.Index(args.positional[0]);
                           if (args.size() == 1) return Value(in.New<Range>(cls, int64_t{0}, a, int64_t{1}));
                           int64_t b = in.Index(args.positional[1]);
                           int64_t step = args.size() > 2 ? in.Index(args.positional[2]) : 1;
                           if (step == 0) in.RaiseValueError("range() arg 3 must not be zero");
                           return Value(in.New<Range>(cls, a, b, step));
                         }, .dunders = "__len__ __iter__ __contains__ __getitem__ __eq__ __ne__ __hash__ __repr__",
                         .subclassable = false,
                         .methods = {{"index", "self, value, /", [](Interpreter& in, BoundArgs& a) {
                           auto* r = a[0].As<Range>();
                           if (r == nullptr) a.Wrong(0, "range");
                           if (!r->Contains(in, a[1])) in.RaiseValueError(in.Repr(a[1]) + " is not in range");
                           uint64_t from = static_cast<uint64_t>(r->start), to = static_cast<uint64_t>(in.Index(a[1]));
                           return Value::Int(static_cast<int64_t>(r->step > 0 ? (to - from) / static_cast<uint64_t>(r->step)
                                                                              : (from - to) / (0 - static_cast<uint64_t>(r->step))));
                         }}, {"count", "self, value, /", [](Interpreter& in, BoundArgs& a) {
                           auto* r = a[0].As<Range>();
                           if (r == nullptr) a.Wrong(0, "range");
                           return Value::Int(r->Contains(in, a[1]));
                         }}}});
  types_.function = define({.name = "function", .dunders = "__call__ __repr__", .subclassable = false, .instances_have_dict = true});
  types_.method = define({.name = "method", .construct = [](Interpreter& in, Type* cls, const Args& args) -> Value {
                            if (args.size() != 2) in.RaiseTypeError("method expected 2 arguments, got " + std::to_string(args.size()));
                            return Value(in.New<BoundMethod>(cls, args.positional[0], args.positional[1]));
                          }, .dunders = "__call__ __repr__ __eq__ __hash__", .subclassable = false});
  types_.module = define({.name = "module", .construct = [](Interpreter& in, Type*, const Args& args) -> Value {
                            if (args.size() < 1 || args.positional[0].As<Str>() == nullptr) in.RaiseTypeError("module() needs a name");
                            in.heap().Charge(4 * static_cast<int64_t>(args.positional[0].As<Str>()->text().size()));
                            return Value(in.NewEmptyModule(args.positional[0].As<Str>()->text(), false, &in.importer()));
                          }, .dunders = "__repr__", .subclassable = false, .instances_have_dict = true});
  types_.property = define({.name = "property", .construct = [](Interpreter& in, Type* cls, const Args& args) -> Value {
                              Value parts[4] = {Value::None(), Value::None(), Value::None(), Value::None()};
                              if (args.size() > 4) in.RaiseTypeError("property expected at most 4 arguments, got " + std::to_string(args.size()));
                              for (size_t i = 0; i < args.size(); ++i) parts[i] = args.positional[i];
                              for (const Keyword& k : args.keywords) {
                                static constexpr const char* kNames[] = {"fget", "fset", "fdel", "doc"};
                                for (size_t i = 0; i < 4; ++i) {
                                  if (k.name->text() == kNames[i]) parts[i] = k.value;
                                }
                              }
                              return Value(in.New<Property>(cls, parts[0], parts[1], parts[2], parts[3]));
                            }, .instances_have_dict = true});
  // Descriptors say so: libraries ask hasattr(x, "__get__").
  for (Type* t : {types_.function, types_.property, types_.static_method, types_.class_method, types_.get_set}) {
    method(t, "__get__", "self, instance, owner=None", [](Interpreter& in, BoundArgs& a) {
      return BindAttribute(in, a[0], a[1].is_none() ? Value() : a[1], a[2].As<Type>());
    });
  }
  types_.super = define({.name = "super", .construct = [](Interpreter& in, Type* cls, const Args& args) -> Value {
                           Type* after = nullptr;
                           Value self;
                           if (args.size() == 0) {
                             Frame* f = in.frame();
                             if (f == nullptr || f->code->class_cell < 0) in.Raise(in.types().runtime_error, "super(): __class__ cell not found");
                             after = f->cells[static_cast<size_t>(f->code->class_cell)]->value.As<Type>();
                             if (after == nullptr) in.Raise(in.types().runtime_error, "super(): empty __class__ cell");
                             if (f->code->positional == 0 && !f->code->has_varargs) in.Raise(in.types().runtime_error, "super(): no arguments");
                             if (f->code->positional > 0) {
                               self = f->locals[0];
                             } else if (auto* rest = f->locals[static_cast<size_t>(f->code->keyword_only)].As<Tuple>(); rest != nullptr && rest->size() > 0) {
                               self = (*rest)[0];
                             }
                             if (!self) in.Raise(in.types().runtime_error, "super(): arg[0] deleted");
                           } else {
                             after = args.positional[0].As<Type>();
                             if (after == nullptr) in.RaiseTypeError("super() argument 1 must be a type, not " + in.TypeName(args.positional[0]));
                             if (args.size() > 1) self = args.positional[1];
                           }
                           Type* self_type = nullptr;
                           if (self) {
                             auto* as_type = self.As<Type>();
                             if (as_type != nullptr && as_type->IsSubclassOf(after)) self_type = as_type;
                             else if (in.IsInstance(self, after)) self_type = in.TypeOf(self);
                             else in.RaiseTypeError("super(type, obj): obj must be an instance or subtype of type");
                           } else {
                             in.OutsideSubset("an unbound super()");
                           }
                           return Value(in.New<Super>(cls, after, self, self_type));
                         }, .subclassable = false});
  types_.generator = define({.name = "generator", .dunders = "__iter__ __next__", .subclassable = false, .methods = {
      {"send", "self, value, /", [](Interpreter& in, BoundArgs& a) {
         auto* g = a[0].As<Generator>();
         if (g == nullptr) a.Wrong(0, "generator");
         Value out;
         if (g->Resume(in, a[1], &out)) return out;
         in.RaiseException(g->result && !g->result.is_none() ? in.Call(Value(in.types().stop_iteration), {g->result})
                                                            : in.Call(Value(in.types().stop_iteration)));
       }},
      {"throw", "self, type, value=None, traceback=None, /", [](Interpreter& in, BoundArgs& a) {
         auto* g = a[0].As<Generator>();
         if (g == nullptr) a.Wrong(0, "generator");
         Value exception = a[1].As<Type>() == nullptr ? a[1] : a[2].is_none() ? in.Call(a[1]) : in.Call(a[1], {a[2]});
         if (exception.As<ExceptionObject>() == nullptr) {
           in.RaiseTypeError("exceptions must be classes or instances deriving from BaseException, not " + in.TypeName(a[1]));
         }
         Value out;
         if (g->Throw(in, exception, &out)) return out;
         in.RaiseException(in.Call(Value(in.types().stop_iteration)));
       }},
      {"close", "self", [](Interpreter& in, BoundArgs& a) {
         auto* g = a[0].As<Generator>();
         if (g == nullptr) a.Wrong(0, "generator");
         g->Close(in);
         return Value::None();
       }}}});
  types_.cell = define({.name = "cell", .subclassable = false,
                        .properties = {{"cell_contents", [](Interpreter& in, const Value& v) {
                          auto* c = v.As<Cell>();
                          if (c == nullptr || !c->value) in.RaiseValueError("Cell is empty");
                          return c->value;
                        }, nullptr}}});
  types_.ellipsis = define({.name = "ellipsis", .dunders = "__repr__", .subclassable = false});
  types_.not_implemented = define({.name = "NotImplementedType", .dunders = "__repr__", .subclassable = false});
  auto iterator = [&](const char* name, Type* base = nullptr) {
    return define({.name = name, .dunders = "__iter__ __next__", .subclassable = false}, base);
  };
  types_.iterator = iterator("iterator");
  types_.enumerate = iterator("enumerate");
  types_.zip = iterator("zip");
  types_.map = iterator("map");
  types_.filter = iterator("filter");
  types_.reversed = iterator("reversed");
  const char* kView = "__len__ __iter__ __contains__ __repr__ __or__ __and__ __sub__ __xor__ __eq__ __ne__";
  types_.dict_keys = define({.name = "dict_keys", .dunders = kView, .subclassable = false});
  types_.dict_values = define({.name = "dict_values", .dunders = "__len__ __iter__ __contains__ __repr__", .subclassable = false});
  types_.dict_items = define({.name = "dict_items", .dunders = kView, .subclassable = false});
  types_.mapping_proxy = define({.name = "mappingproxy", .construct = [](Interpreter& in, Type* cls, const Args& args) -> Value {
                                   Value mapping = OneArgument(in, cls, args);
                                   if (!mapping) in.RaiseTypeError("mappingproxy() missing required argument 'mapping' (pos 1)");
                                   return Value(in.New<MappingProxy>(cls, mapping));
                                 }, .dunders = "__len__ __iter__ __contains__ __getitem__ __repr__", .subclassable = false});
  types_.traceback = define({.name = "traceback", .subclassable = false});
  types_.code = define({.name = "code", .subclassable = false});

  // Exceptions.
  types_.base_exception = define({.name = "BaseException", .construct = [](Interpreter& in, Type* cls, const Args& args) -> Value {
      Ref<ExceptionObject> made =
          in.New<ExceptionObject>(cls, Value(in.NewTuple({args.positional.begin(), args.positional.end()})));
      if (!args.keywords.empty() && !cls->Override(Dunder::kInit) && !cls->Override(Dunder::kNew)) {
        if (!cls->IsSubclassOf(in.types().import_error)) in.RaiseTypeError(cls->name() + "() takes no keyword arguments");
        for (const Keyword& k : args.keywords) made->EnsureDict()->Set(k.name, k.value);
      }
      return Value(made);
    }, .dunders = "__repr__ __str__ __setattr__", .instances_have_dict = true, .methods = {
      {"__init__", "self, *args, **kwargs", [](Interpreter& in, BoundArgs& a) {
         auto* e = a[0].As<ExceptionObject>();
         if (e == nullptr) a.Wrong(0, "BaseException");
         e->args = a[1];
         Dict* keywords = a[2].As<Dict>();
         bool import = e->type()->IsSubclassOf(in.types().import_error);
         for (const HashTable::Entry& k : keywords->table.entries()) {
           if (!import) in.RaiseTypeError(e->type()->name() + "() takes no keyword arguments");
           e->EnsureDict()->table.Set(in, k.key, k.value);
         }
         return Value::None();
       }},
      {"with_traceback", "self, traceback, /", [](Interpreter&, BoundArgs& a) { return a[0]; }},
      {"add_note", "self, note, /", [](Interpreter& in, BoundArgs& a) {
         Dict* d = in.InstanceDict(a[0]);
         if (!d->Get(in.names().__notes__)) d->Set(in.names().__notes__, Value(in.NewList()));
         d->Get(in.names().__notes__).As<List>()->Append(a[1]);
         return Value::None();
       }}}});
  types_.base_exception->has_native_init_ = false;  // the constructor has done it; subclasses may still call it
  auto exception = [&](const char* name, Type* base) { return define({.name = name, .instances_have_dict = true}, base); };
  CoreTypes& t = types_;
  t.exception = exception("Exception", t.base_exception);
  t.generator_exit = exception("GeneratorExit", t.base_exception);
  t.system_exit = exception("SystemExit", t.base_exception);
  t.keyboard_interrupt = exception("KeyboardInterrupt", t.base_exception);
  t.stop_iteration = exception("StopIteration", t.exception);
  t.arithmetic_error = exception("ArithmeticError", t.exception);
  t.zero_division_error = exception("ZeroDivisionError", t.arithmetic_error);
  t.overflow_error = exception("OverflowError", t.arithmetic_error);
  t.floating_point_error = exception("FloatingPointError", t.arithmetic_error);
  t.assertion_error = exception("AssertionError", t.exception);
  t.attribute_error = exception("AttributeError", t.exception);
  t.buffer_error = exception("BufferError", t.exception);
  t.eof_error = exception("EOFError", t.exception);
  t.import_error = exception("ImportError", t.exception);
  t.module_not_found_error = exception("ModuleNotFoundError", t.import_error);
  t.lookup_error = exception("LookupError", t.exception);
  t.index_error = exception("IndexError", t.lookup_error);
  t.key_error = exception("KeyError", t.lookup_error);
  t.memory_error = exception("MemoryError", t.exception);
  t.name_error = exception("NameError", t.exception);
  t.unbound_local_error = exception("UnboundLocalError", t.name_error);
  t.os_error = exception("OSError", t.exception);
  t.file_not_found_error = exception("FileNotFoundError", t.os_error);
  t.permission_error = exception("PermissionError", t.os_error);
  t.timeout_error = exception("TimeoutError", t.os_error);
  t.connection_error = exception("ConnectionError", t.os_error);
  t.reference_error = exception("ReferenceError", t.exception);
  t.runtime_error = exception("RuntimeError", t.exception);
  t.not_implemented_error = exception("NotImplementedError", t.runtime_error);
  t.recursion_error = exception("RecursionError", t.runtime_error);
  t.syntax_error = exception("SyntaxError", t.exception);
  t.system_error = exception("SystemError", t.exception);
  t.type_error = exception("TypeError", t.exception);
  t.value_error = exception("ValueError", t.exception);
  t.unicode_error = exception("UnicodeError", t.value_error);
  t.warning = exception("Warning", t.exception);
  t.user_warning = exception("UserWarning", t.warning);
  t.deprecation_warning = exception("DeprecationWarning", t.warning);
  t.pending_deprecation_warning = exception("PendingDeprecationWarning", t.warning);
  t.syntax_warning = exception("SyntaxWarning", t.warning);
  t.runtime_warning = exception("RuntimeWarning", t.warning);
  t.future_warning = exception("FutureWarning", t.warning);
  t.import_warning = exception("ImportWarning", t.warning);
  t.unicode_warning = exception("UnicodeWarning", t.warning);
  t.bytes_warning = exception("BytesWarning", t.warning);
  t.resource_warning = exception("ResourceWarning", t.warning);
}

}  // namespace fusepack::py
