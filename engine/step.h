// Step: one kernel call of a plan, and Operand: what it may rely upon of a tensor.
//
// A step is made once, for fixed sizes and strides, with its weights packed; Run is then called with the addresses of
// its operands. Steps are immutable, so any number of threads may run one, each with its own operands and scratch.
#pragma once

#include <memory>
#include <string>
#include <vector>

#include "engine/graph/graph.h"
#include "engine/target.h"

namespace fusepack {

struct Operand {
  DType dtype = DType::kF32;
  Dims sizes, strides;               // elements
  const Tensor* constant = nullptr;  // its value, where known; outlives the step

  bool row_major() const { return IsContiguous(sizes, strides); }
  int64_t bytes() const { return Numel(sizes) * static_cast<int64_t>(ItemSize(dtype)); }
};

class Step {
 public:
  virtual ~Step() = default;
  // in[i] and out[i] point at element [0,...,0]. scratch: scratch_bytes(), aligned to 64.
  virtual Status Run(const void* const* in, void* const* out, void* scratch) const = 0;

  virtual std::string implementation() const = 0;    // "brgconv:avx512_core"
  virtual int64_t scratch_bytes() const { return 0; }
  virtual int64_t packed_bytes() const { return 0; }  // memory of its own: packed weights
  virtual double flops() const { return 0; }          // multiplications and additions of convolutions and products
  // The input that output 0 may share memory with where nobody needs it afterwards; -1 for none.
  virtual int in_place_input() const { return -1; }
  // False: the step never reads input i (a packed constant).
  virtual bool reads(int input) const { return input >= 0; }
};

// What a step is made from. in: the node's tensor inputs in argument order; out: its outputs.
struct StepCall {
  const Graph& graph;
  const Node& node;
  std::vector<Operand> in, out;
  const Target& target;
};

// Makes the step, or says with an Unsupported status why it cannot; then the next maker in the list is tried.
using MakeStep = Result<std::unique_ptr<Step>> (*)(const StepCall& call);

Operand OperandOf(const Graph& graph, ValueId id);
StepCall StepCallOf(const Graph& graph, const Node& node, const Target& target);

inline Status NotHandled(std::string why) { return Unsupported("", std::move(why)); }

}  // namespace fusepack
