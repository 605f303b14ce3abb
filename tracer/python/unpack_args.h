// One unpacker of arguments for every native function.
//
//   Signature::Parse("max_pool2d", "input, kernel_size, stride=None, padding=0, *, ceil_mode=False")
//
// The text is Python's own parameter list: defaults are literals (None, True, False, numbers, 'text', (), []), `/` and
// `*` have their meaning, `*args` gets a tuple and `**kwargs` a dict. A call that does not fit raises TypeError in
// CPython's words. Signatures are immutable; BoundArgs belongs to one call.
#pragma once

#include <memory>
#include <string>
#include <string_view>
#include <vector>

#include "tracer/python/object.h"

namespace fusepack::py {

struct Parameter {
  enum class Kind : uint8_t { kPositionalOnly, kNormal, kVarPositional, kKeywordOnly, kVarKeyword };
  enum class Default : uint8_t { kRequired, kNone, kBool, kInt, kFloat, kText, kEmptyTuple, kEmptyList, kTuple };
  std::string name;
  Kind kind = Kind::kNormal;
  Default default_kind = Default::kRequired;
  int64_t integer = 0;  // also kBool
  double number = 0;
  std::string text;
  std::vector<int64_t> tuple;  // kTuple: of ints
};

class Signature {
 public:
  // A malformed `parameters` is our own mistake: CHECK.
  static std::shared_ptr<const Signature> Parse(std::string function, std::string_view parameters);

  const std::string& function() const { return function_; }
  const std::vector<Parameter>& parameters() const { return parameters_; }
  int IndexOf(std::string_view name) const;  // -1: none
  std::string ToString() const;              // "(input, kernel_size, stride=None)"

  // One value a parameter, in order. Throws Raised (TypeError).
  std::vector<Value> Bind(Interpreter& in, const Args& args, std::vector<bool>* given) const;

 private:
  std::string function_;
  std::vector<Parameter> parameters_;
  int positional_ = 0;  // how many may be given by position
  int var_positional_ = -1, var_keyword_ = -1;
};

// The bound values of a call, with conversions that raise TypeError naming function and parameter.
class BoundArgs {
 public:
  BoundArgs(Interpreter& in, const Signature& signature, const Args& args)
      : in_(in), signature_(signature), values_(signature.Bind(in, args, &given_)) {}
  Interpreter& interpreter() const { return in_; }
  const Signature& signature() const { return signature_; }
  size_t size() const { return values_.size(); }
  Value& operator[](size_t i) { return values_[i]; }
  const Value& operator[](size_t i) const { return values_[i]; }
  bool given(size_t i) const { return given_[i]; }  // by the caller, not a default

  int64_t Int(size_t i) const;                // int, bool, or __index__
  double Float(size_t i) const;               // int or float
  bool Bool(size_t i) const;                  // truth
  const std::string& Text(size_t i) const;    // str
  std::vector<int64_t> Ints(size_t i) const;  // tuple or list of ints
  std::vector<Value> Values(size_t i) const;  // any iterable
  // TypeError "conv2d(): argument 'stride' must be int or tuple of ints, not str".
  [[noreturn]] void Wrong(size_t i, std::string_view expected) const;

 private:
  Interpreter& in_;
  const Signature& signature_;
  std::vector<bool> given_;
  std::vector<Value> values_;
};

}  // namespace fusepack::py
