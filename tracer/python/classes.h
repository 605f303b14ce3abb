// How classes are made and how the evaluator finds its way in them; private to tracer/python.
#pragma once

#include <string>
#include <utility>
#include <vector>

#include "tracer/python/callables.h"
#include "tracer/python/interpreter.h"

namespace fusepack::py {

// One `class` statement: the namespace comes first (metaclass's __prepare__), the body fills it, Finish makes the class.
class ClassStatement {
 public:
  ClassStatement(Interpreter& in, std::string name, std::vector<Value> bases, Dict* keywords);
  Ref<Dict> members() const { return members_; }
  Value Finish(const Ref<Cell>& class_cell);

  // type.__new__(metaclass, name, bases, members, **keywords).
  static Type* Make(Interpreter& in, Type* metaclass, const std::string& name, const std::vector<Value>& bases,
                    Dict* members, const std::vector<Keyword>& keywords);

 private:
  Interpreter& in_;
  std::string name_;
  std::vector<Value> bases_, original_bases_;
  std::vector<Keyword> keywords_;
  Value metaclass_;
  Ref<Dict> members_;
};

// A function to call with `v` as first argument, where `v.name` would be a bound method; null: use GetAttr.
Value FindMethod(Interpreter& in, const Value& v, Str* name);
// Calls a dunder found on the class.
Value CallSpecial(Interpreter& in, const Value& function, const Value& self, std::initializer_list<Value> args);

// `from ..name import`: the module meant.
Value ImportRelative(Interpreter& in, Module& from, const std::string& name, int level);
Value ImportMember(Interpreter& in, const Value& module, Str* name);
std::vector<std::pair<Str*, Value>> PublicNames(Interpreter& in, const Value& module);

// dict.update(mapping or pairs); `not_mapping`: the message when it is neither (empty: pairs are allowed).
void UpdateDict(Interpreter& in, Dict* dict, const Value& from, const std::string& not_mapping = "");

// Methods of the built-in types, by file.
std::vector<NativeMethod> StrMethods();
std::vector<NativeMethod> BytesMethods();
std::vector<NativeMethod> ListMethods();
std::vector<NativeMethod> TupleMethods();
std::vector<NativeMethod> DictMethods();
std::vector<NativeMethod> SetMethods(bool frozen);
std::vector<NativeMethod> IntMethods();
std::vector<NativeMethod> FloatMethods();
void DefineBuiltinFunctions(Interpreter& in);

}  // namespace fusepack::py
