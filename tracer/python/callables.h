// Functions, generators and descriptors of Python code; how attributes are found.
#pragma once

#include <memory>
#include <string>
#include <vector>

#include "tracer/python/bytecode.h"
#include "tracer/python/interpreter.h"
#include "tracer/python/module.h"

namespace fusepack::py {

class Cell : public Object {
 public:
  static constexpr Layout kLayout = Layout::kCell;
  Cell() : Object(kLayout) {}
  Value value;  // null: unbound
};

// A def or lambda. Its Code is compiled at the first call.
class Function : public Object {
 public:
  static constexpr Layout kLayout = Layout::kFunction;
  Function() : Object(kLayout) {}
  std::shared_ptr<Code> code;
  Ref<Module> module;
  Ref<Str> name, qualified_name;
  Value doc;               // null: the source's
  Value defaults;          // Tuple, or None
  Value keyword_defaults;  // Dict, or None
  std::vector<Ref<Cell>> closure;

  // Parameter names in order: positional, keyword-only, *args, **kwargs; the counts are in code.
  bool GetAttr(Interpreter&, Str*, Value*) override;
  bool SetAttr(Interpreter&, Str*, const Value&) override;
  Value Call(Interpreter&, const Args&) override;
  std::string Repr(Interpreter&) override;
  bool IsCallable() const override { return true; }
};

class StaticMethod : public Object {
 public:
  explicit StaticMethod(Value function) : function(std::move(function)) {}
  const Value function;
  bool GetAttr(Interpreter&, Str*, Value*) override;
  Value Call(Interpreter& in, const Args& args) override { return in.Call(function, args); }
  bool IsCallable() const override { return true; }
};

class ClassMethod : public Object {
 public:
  explicit ClassMethod(Value function) : function(std::move(function)) {}
  const Value function;
  bool GetAttr(Interpreter&, Str*, Value*) override;
};

// A C++ property.
class GetSet : public Object {
 public:
  explicit GetSet(NativeProperty property) : property(std::move(property)) {}
  const NativeProperty property;
};

// A class's __dict__, read only.
class MappingProxy : public Object {
 public:
  explicit MappingProxy(Value dict) : dict(std::move(dict)) {}
  const Value dict;
  bool GetAttr(Interpreter& in, Str* name, Value* out) override;
  int64_t Len(Interpreter& in) override { return in.Len(dict); }
  bool Contains(Interpreter& in, const Value& item) override { return in.Contains(dict, item); }
  Value Iter(Interpreter& in) override { return in.Iter(dict); }
  Value GetItem(Interpreter& in, const Value& key) override { return in.GetItem(dict, key); }
  std::string Repr(Interpreter& in) override { return "mappingproxy(" + in.Repr(dict) + ")"; }
};

class Super : public Object {
 public:
  Super(Type* after, Value self, Type* self_type)
      : after(after), self(std::move(self)), self_type(self_type) {}
  Type* const after;
  const Value self;
  Type* const self_type;
  bool GetAttr(Interpreter&, Str*, Value*) override;
  std::string Repr(Interpreter&) override;
};

class Generator : public Object {
 public:
  static constexpr Layout kLayout = Layout::kGenerator;
  Generator(Heap& heap, std::unique_ptr<Frame> frame);
  std::unique_ptr<Frame> frame;  // null: finished
  bool running = false, started = false;
  Value result;  // what `return` gave
  MemoryCharge charge;

  // sent: the value of the yield expression; false: finished, `result` is set.
  bool Resume(Interpreter& in, Value sent, Value* out);
  bool Throw(Interpreter& in, const Value& exception, Value* out);
  void Close(Interpreter& in);
  Value Iter(Interpreter&) override { return Value(this); }
  bool Next(Interpreter& in, Value* out) override { return Resume(in, Value::None(), out); }

 private:
  bool Continue(Interpreter& in, Value* out);
  bool ThrowHere(Interpreter& in, const Value& exception, Value* out);
};

// An iterator over C++; see Interpreter::NewIterator.
class NativeIterator : public Object {
 public:
  explicit NativeIterator(std::function<bool(Interpreter&, Value*)> next) : next(std::move(next)) {}
  std::function<bool(Interpreter&, Value*)> next;
  bool done = false;
  Value Iter(Interpreter&) override { return Value(this); }
  bool Next(Interpreter& in, Value* out) override {
    if (done) return false;
    if (next(in, out)) return true;
    done = true;
    return false;
  }
};

// Runs `frame` until it returns or yields; *yielded tells which. The frame is not owned.
Value RunFrame(Interpreter& in, Frame* frame, bool* yielded);
// Binds the arguments of a call into a fresh frame.
std::unique_ptr<Frame> BindFrame(Interpreter& in, Function* function, const Value* self, const Args& args);

// What an annotation of `f` says, evaluated among its module's globals; its text where that fails.
Value AnnotationValue(Interpreter& in, Function* f, const ast::Node& node);

// Attributes by Python's rules.
bool GenericGetAttr(Interpreter& in, Object* self, Str* name, Value* out);
bool GenericSetAttr(Interpreter& in, Object* self, Str* name, const Value& value);
bool GenericDelAttr(Interpreter& in, Object* self, Str* name);
// What `attribute`, found on a class, is when reached through `self` (null: through the class `owner` itself).
Value BindAttribute(Interpreter& in, const Value& attribute, const Value& self, Type* owner);
bool IsDataDescriptor(const Value& attribute);
// A number that stays the object's own while it lives: id(x). Not an address, so runs are alike.
uint64_t IdOf(const Object* object);

}  // namespace fusepack::py
