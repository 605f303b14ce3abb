// Schema: the parameter list of an operator in PyTorch's own schema syntax (native_functions.yaml), for example
//   "Tensor input, Tensor weight, Tensor? bias=None, int[2] stride=1, int[2] padding=0, int[2] dilation=1, int groups=1"
//   "Tensor self, Scalar other, *, Scalar alpha=1"
// Types: Tensor, Tensor[], Tensor?[], int, int[], int[N], float, float[], bool, Scalar, str, ScalarType, each with an
// optional "?"; "*" starts the keyword-only part. One addition: "Tensor|Scalar" takes either, where PyTorch has two
// overloads that differ in nothing else.
#pragma once

#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "engine/graph/graph.h"

namespace fusepack {

enum class ParamType : uint8_t {
  kTensor, kTensorList, kInt, kIntList, kFloat, kFloatList, kBool, kScalar, kString, kDType, kTensorOrScalar
};

struct Param {
  std::string name;
  ParamType type = ParamType::kTensor;
  int list_size = 0;              // N of int[N]: a lone int is repeated N times; 0 = any length
  bool optional = false;          // "?": None allowed
  bool optional_elements = false; // Tensor?[]
  bool keyword_only = false;
  bool has_default = false;
  Arg default_value;
};

class Schema {
 public:
  // CHECKs that `text` is well formed: schemas are our own.
  explicit Schema(std::string_view text);

  const std::vector<Param>& params() const { return params_; }
  int IndexOf(std::string_view name) const;  // CHECKs that it exists
  int Find(std::string_view name) const;     // -1 if there is none
  std::string ToString() const;

 private:
  std::vector<Param> params_;
};

// Brings one argument to its parameter's declared form: an int for a float or Scalar parameter, a lone int or one-element
// list for int[N], defaults for monostate where None is not allowed. kBadInput "argument 'stride': ..." if it cannot.
Result<Arg> BindArg(const Param& param, Arg given);

// Fills `args` (positional, may be short) up to the whole schema with defaults and binds each.
Result<std::vector<Arg>> BindArgs(const Schema& schema, std::vector<Arg> args);

}  // namespace fusepack
