// Interpreter: evaluates Python source on its own heap. One thread at a time; several may exist side by side.
//
//   Interpreter in(Limits{});
//   RegisterStandardLibrary(in);  // library.h
//   in.RegisterSourceModule("crate.nets", source, "crate/nets.py", false);
//   in.ResetClock();
//   FP_ASSIGN_OR_RETURN(Value net, in.Try([&] { return in.Call(in.GetAttr(in.Import("crate.nets"), "Net")); }));
//
// Two sorts of functions. Those that return Value, bool, ... are for code inside tracer/ and throw Raised or Fatal
// (object.h). Try() is the border for everybody else: it runs such code, resets nothing, and turns what it throws into
// a Status whose where is "file.py:line:col", found is "TypeError: ..." and traceback has a line a frame; a limit is
// ErrorCode::kLimit, the rest kBadInput.
//
// The evaluator does no I/O, reads no clock but its own time limit, and has no way to the machine: print() goes to a
// sink, which discards by default.
#pragma once

#include <chrono>
#include <functional>
#include <memory>
#include <string>
#include <string_view>
#include <typeindex>
#include <unordered_map>
#include <vector>

#include "kernels/base/status.h"
#include "tracer/python/importer.h"
#include "tracer/python/module.h"
#include "tracer/python/object.h"
#include "tracer/python/unpack_args.h"
#include "tracer/python/values.h"

namespace fusepack::py {

struct Frame;  // bytecode.h

// Where Python code is: the innermost frame is where the call now running was written.
struct Position {
  std::string file;
  int line = 0, column = 0;  // 1-based; 0: nowhere
  std::string function;      // qualified name, "<module>" outside functions
};

// What defines a native class; strings are copied. Methods get `self` as their first parameter.
struct NativeMethod {
  const char* name;
  const char* parameters;  // "self, dim=None, keepdim=False" (unpack_args.h)
  NativeFunction::Bound function;
};
struct NativeProperty {
  const char* name;
  std::function<Value(Interpreter& in, const Value& self)> get;
  std::function<void(Interpreter& in, const Value& self, const Value& value)> set;  // may be empty
};
struct NativeType {
  std::string name;                  // "Tensor"
  std::string module;                // "torch"; empty for built-ins
  Type* base = nullptr;              // native; null: object
  Type::Construct construct;         // empty: inherited from base; object's takes no arguments
  const char* dunders = "";          // the slots that its C++ class has: "__len__ __getitem__ __add__"
  bool subclassable = true;
  bool instances_have_dict = false;  // instances of Python subclasses always do
  std::vector<NativeMethod> methods;
  std::vector<NativeMethod> class_methods;   // first parameter is the class
  std::vector<NativeMethod> static_methods;
  std::vector<NativeProperty> properties;
};

// The evaluator's own classes.
struct CoreTypes {
  Type *object, *type, *none, *boolean, *integer, *floating, *str, *bytes, *tuple, *list, *dict, *set, *frozenset,
      *slice, *range, *function, *native_function, *method, *module, *property, *static_method, *class_method, *super,
      *generator, *cell, *get_set, *ellipsis, *not_implemented, *iterator, *dict_keys, *dict_values, *dict_items, *enumerate,
      *zip, *map, *filter, *reversed, *mapping_proxy, *traceback, *code;
  Type *base_exception, *exception, *generator_exit, *stop_iteration, *arithmetic_error, *zero_division_error,
      *overflow_error, *assertion_error, *attribute_error, *import_error, *module_not_found_error, *lookup_error,
      *index_error, *key_error, *name_error, *unbound_local_error, *runtime_error, *not_implemented_error,
      *recursion_error, *syntax_error, *type_error, *value_error, *unicode_error, *warning, *user_warning,
      *deprecation_warning, *future_warning, *runtime_warning, *os_error, *file_not_found_error, *memory_error,
      *system_exit, *keyboard_interrupt, *floating_point_error, *eof_error, *timeout_error, *permission_error,
      *pending_deprecation_warning, *syntax_warning, *import_warning, *unicode_warning, *bytes_warning,
      *resource_warning, *buffer_error, *connection_error, *reference_error, *system_error;
};

// Names that C++ code looks up all the time, interned.
#define FP_PY_NAMES(X) \
  X(__class__) X(__dict__) X(__name__) X(__qualname__) X(__module__) X(__doc__) X(__mro__) X(__bases__) X(__base__) \
  X(__annotations__) X(__file__) X(__path__) X(__package__) X(__all__) X(__init_subclass__) X(__class_getitem__) \
  X(__set_name__) X(__classcell__) X(__prepare__) X(__mro_entries__) X(__self__) X(__wrapped__) \
  X(__code__) X(__defaults__) X(__kwdefaults__) X(__globals__) X(__closure__) X(__get__) X(__set__) X(__delete__) \
  X(__cause__) X(__context__) X(__suppress_context__) X(__traceback__) X(__notes__) X(args) X(value) X(name) X(mro) \
  X(metaclass) X(start) X(stop) X(step) X(__getattr__) X(__hash__) X(__eq__) X(__new__) X(__slots__) X(__init__) \
  X(__isabstractmethod__) X(__subclasses__) X(__builtins__) X(__spec__) X(__loader__) X(fget) X(fset) X(fdel) \
  X(setter) X(getter) X(deleter) X(__type_params__) X(__text_signature__) X(__weakref__) X(keys) X(__dir__)
struct CoreNames {
#define X(name) Str* name;
  FP_PY_NAMES(X)
#undef X
};

class Interpreter {
 public:
  explicit Interpreter(Limits limits = {});
  ~Interpreter();
  Interpreter(const Interpreter&) = delete;
  Interpreter& operator=(const Interpreter&) = delete;

  // --- The border.

  Result<Value> Try(const std::function<Value()>& body);
  // Runs a whole file as module `name` ("__main__"), all statements in order, nothing on demand.
  Result<Value> Run(const std::string& file, const std::string& source, const std::string& name = "__main__");
  // What Try() returns for these; `in` is needed to print the exception.
  Status ToStatus(const Raised& raised);
  Status ToStatus(const Fatal& fatal);
  void set_print(std::function<void(std::string_view)> sink) { print_ = std::move(sink); }
  void Print(std::string_view text) { if (print_) print_(text); }

  // --- Making values.

  Heap& heap() { return heap_; }
  const CoreTypes& types() const { return types_; }
  const CoreNames& names() const { return names_; }
  template <typename T, typename... A>
  Ref<T> New(Type* type, A&&... args) { return heap_.New<T>(type, std::forward<A>(args)...); }
  Str* Intern(std::string_view text);  // lives as long as the interpreter
  Ref<Str> NewStr(std::string_view text);
  Ref<Bytes> NewBytes(std::string_view bytes);
  Ref<Tuple> NewTuple(std::vector<Value> items);
  Ref<List> NewList(std::vector<Value> items = {});
  Ref<Dict> NewDict();
  Ref<Set> NewSet(bool frozen = false);
  Value NewSlice(Value start, Value stop, Value step);
  Value NotImplemented() const { return not_implemented_; }
  Value Ellipsis() const { return ellipsis_; }
  // An iterator over C++: `next` returns false at the end.
  Value NewIterator(std::function<bool(Interpreter&, Value*)> next);

  Value NewFunction(std::string name, std::string_view parameters, NativeFunction::Bound function,
                    std::string module = "");
  Value NewRawFunction(std::string name, NativeFunction::Raw function, std::string module = "");
  Type* DefineType(const NativeType& definition);
  // class name(bases): namespace -- as a class statement with metaclass `type` would.
  Type* NewClass(std::string name, std::vector<Value> bases, Ref<Dict> members, std::string module);
  // An instance of a Python class without calling __init__ (`cls.__new__(cls)`); for unpicklers.
  Value MakeInstance(Type* cls, const Args& args = {});
  // The instance's __dict__ (made when there is none).
  Dict* InstanceDict(const Value& instance);
  // Per-interpreter state of a native library: one T, made on first use by T(Interpreter&) or T().
  template <typename T>
  T& State() {
    auto& slot = states_[std::type_index(typeid(T))];
    if (slot == nullptr) {
      if constexpr (std::is_constructible_v<T, Interpreter&>) slot = std::make_shared<T>(*this);
      else slot = std::make_shared<T>();
    }
    return *static_cast<T*>(slot.get());
  }

  // --- Modules.

  using ModuleBuilder = std::function<void(Interpreter& in, Module& module)>;
  // `build` fills the module when it is first imported; with a source module of the same name, before its statements.
  void RegisterNativeModule(const std::string& name, ModuleBuilder build);
  void RegisterSourceModule(const std::string& name, std::string source, std::string file, bool is_package);
  // The importer of these; a parent of a registered name is a package even when nothing registers it.
  Importer& importer() { return *importer_; }
  bool IsRegistered(const std::string& name) const;
  Value Import(const std::string& name);                       // ModuleNotFoundError when there is none
  Value Import(Importer& importer, const std::string& name);
  // A module over source, for importers; statements run on demand. A syntax error ends evaluation (Fatal, with the
  // parser's place) when the module is first touched.
  Ref<Module> NewSourceModule(std::string name, std::string file, std::string source, bool is_package,
                              Importer* importer);
  Ref<Module> NewEmptyModule(std::string name, bool is_package, Importer* importer);
  Dict* builtins() const { return builtins_.get(); }
  // Puts `name` into builtins, seen from every module.
  void SetBuiltin(std::string_view name, Value value);
  Value GetBuiltin(std::string_view name);

  // --- Operations: Python override first, then the C++ slot, then TypeError as Python says it.

  Type* TypeOf(const Value& v) const;
  std::string TypeName(const Value& v) const { return TypeOf(v)->name(); }
  bool IsInstance(const Value& v, Type* type) { return TypeOf(v)->IsSubclassOf(type); }
  bool IsInstance(const Value& v, const Value& type_or_tuple);
  bool IsSubclass(const Value& type, const Value& type_or_tuple);

  Value Call(const Value& callee, const Args& args = {});
  Value Call(const Value& callee, std::initializer_list<Value> args) { return Call(callee, Args(args)); }
  Value CallMethod(const Value& self, std::string_view name, const Args& args = {});
  Value CallMethod(const Value& self, std::string_view name, std::initializer_list<Value> args) {
    return CallMethod(self, name, Args(args));
  }
  Value GetAttr(const Value& v, Str* name);
  Value GetAttr(const Value& v, std::string_view name) { return GetAttr(v, Intern(name)); }
  Value FindAttr(const Value& v, Str* name);  // null where there is none; other errors are raised
  Value FindAttr(const Value& v, std::string_view name) { return FindAttr(v, Intern(name)); }
  void SetAttr(const Value& v, Str* name, const Value& value);
  void SetAttr(const Value& v, std::string_view name, const Value& value) { SetAttr(v, Intern(name), value); }
  void DelAttr(const Value& v, Str* name);
  Value Binary(BinOp op, const Value& a, const Value& b);
  Value Inplace(BinOp op, const Value& a, const Value& b);
  Value Unary(UnOp op, const Value& v);
  Value Compare(CmpOp op, const Value& a, const Value& b);  // not always a bool (tensors)
  bool Equal(const Value& a, const Value& b);               // identity first, as containers do
  bool Contains(const Value& container, const Value& item);
  bool Truth(const Value& v);
  Value Iter(const Value& v);
  bool Next(const Value& iterator, Value* out);
  int64_t Len(const Value& v);
  Value GetItem(const Value& v, const Value& key);
  void SetItem(const Value& v, const Value& key, const Value& value);
  void DelItem(const Value& v, const Value& key);
  std::string Repr(const Value& v);
  std::string ToStr(const Value& v);
  std::string Format(const Value& v, const std::string& spec);
  uint64_t Hash(const Value& v);
  bool IsCallable(const Value& v);
  std::vector<Value> ToVector(const Value& iterable);  // pays a step an element
  bool FindIndex(const Value& v, int64_t* out);        // int, bool, __index__; false: no integer
  bool IsIterableObject(const Value& v);
  // A dunder method found on the class and bound; null where there is none.
  Value FindSpecial(const Value& v, std::string_view name);
  std::string CallableName(const Value& v);            // "f", "C.method"; for messages
  int64_t Index(const Value& v);                       // the same, or TypeError
  bool FindFloat(const Value& v, double* out);
  double Float(const Value& v);

  // --- Errors.

  [[noreturn]] void Raise(Type* exception, std::string message);
  [[noreturn]] void RaiseTypeError(std::string message) { Raise(types_.type_error, std::move(message)); }
  [[noreturn]] void RaiseValueError(std::string message) { Raise(types_.value_error, std::move(message)); }
  [[noreturn]] void RaiseAttributeError(const Value& v, Str* name);
  [[noreturn]] void RaiseException(const Value& exception_or_class);
  [[noreturn]] void RaiseFrom(const Value& exception_or_class, const Value& cause);  // cause null: none given
  bool MatchesException(const Value& exception, const Value& type_or_tuple);
  Value HandledException() const;  // of the innermost `except` being run; null outside
  [[noreturn]] void RaiseKeyError(const Value& key);
  [[noreturn]] void OverLimit(std::string found, std::string expected);        // Fatal, kLimit
  [[noreturn]] void OutsideSubset(std::string construct);                     // Fatal, kBadInput
  std::string ExceptionText(const Value& exception);                          // "TypeError: ..."

  // --- Limits and places.

  Limits& limits() { return limits_; }
  // Pays for n elements handled outside bytecode; throws Fatal when steps or time are used up.
  void Step(int64_t n = 1) {
    steps_ += n;
    if (steps_ >= next_check_) CheckLimits();
  }
  int64_t steps() const { return steps_; }
  void ResetClock();  // steps and time begin anew; for the start of each request
  // Time spent in a NativeWork is not the program's: kernels on real tensors take what they take.
  struct NativeWork {
    explicit NativeWork(Interpreter& in) : in(in), since(std::chrono::steady_clock::now()) {}
    ~NativeWork() { in.started_ += std::chrono::steady_clock::now() - since; }
    NativeWork(const NativeWork&) = delete;
    NativeWork& operator=(const NativeWork&) = delete;
    Interpreter& in;
    const std::chrono::steady_clock::time_point since;
  };
  // Guards recursion through C++: `CallScope scope(in);` in anything that may call Python and be called by it.
  void EnterCall();
  void LeaveCall() { --call_depth_; }

  // A text under construction may not outgrow memory.
  void CheckTextSize(size_t bytes) {
    if (static_cast<int64_t>(bytes) > heap_.limit_bytes() - heap_.used_bytes()) heap_.Charge(static_cast<int64_t>(bytes));
  }
  // Containers whose repr is being made: a second visit prints "...".
  bool InRepr(const Object* object) const;
  struct ReprScope {
    ReprScope(Interpreter& in, const Object* object) : in(in) { in.in_repr_.push_back(object); }
    ~ReprScope() { in.in_repr_.pop_back(); }
    Interpreter& in;
  };

  // Nesting of data: repr, comparison, hash.
  void EnterData();
  void LeaveData() { --data_depth_; }

  // The innermost Python frame's place; `up` frames further out. line 0 when there are not so many.
  fusepack::py::Position CurrentPosition(int up = 0) const;
  std::vector<fusepack::py::Position> Stack() const;  // innermost first
  Module* CurrentModule(int up = 0) const;            // the module whose code runs; null outside
  Frame* frame() const { return frame_; }
  void set_frame(Frame* frame) { frame_ = frame; }
  std::unique_ptr<Frame> NewFrame();  // from a pool
  void RecycleFrame(std::unique_ptr<Frame> frame);
  // Locals of the function that runs `up` frames out, as a new dict (bound names only).
  Ref<Dict> Locals(int up = 0);

 private:
  friend class Type;
  friend class ClassStatement;
  void CheckLimits();
  void DefineCoreTypes();
  Type* NewNativeType(const char* name, Type* base, const char* dunders);
  void FillNativeType(Type* type, const NativeType& definition);

  Limits limits_;
  Heap heap_;
  CoreTypes types_{};
  CoreNames names_{};
  std::vector<std::pair<Type*, NativeType>> pending_types_;  // defined before `dict` was
  uint64_t class_epoch_ = 1;  // moves on whenever a class changes
  std::unordered_map<std::string_view, Ref<Str>> interned_;
  Value not_implemented_, ellipsis_;
  Ref<Dict> builtins_;
  std::unordered_map<std::type_index, std::shared_ptr<void>> states_;
  std::unique_ptr<Importer> importer_;
  std::function<void(std::string_view)> print_;
  Frame* frame_ = nullptr;
  std::vector<std::unique_ptr<Frame>> frame_pool_;
  std::vector<const Object*> in_repr_;
  int call_depth_ = 0, data_depth_ = 0;
  const char* stack_floor_ = nullptr;  // C++ stack below this address is not used
  int64_t steps_ = 0, next_check_ = 0;
  std::chrono::steady_clock::time_point started_;
};

class DepthScope {
 public:
  explicit DepthScope(Interpreter& in) : in_(in) { in_.EnterData(); }
  ~DepthScope() { in_.LeaveData(); }
  DepthScope(const DepthScope&) = delete;
  DepthScope& operator=(const DepthScope&) = delete;

 private:
  Interpreter& in_;
};

class CallScope {
 public:
  explicit CallScope(Interpreter& in) : in_(in) { in_.EnterCall(); }
  ~CallScope() { in_.LeaveCall(); }
  CallScope(const CallScope&) = delete;
  CallScope& operator=(const CallScope&) = delete;

 private:
  Interpreter& in_;
};

}  // namespace fusepack::py
