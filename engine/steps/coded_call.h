// A region over narrow storage (passes/narrow_storage.cc) understood: how each operand is stored, and the f32 computation
// that stands between the region's `decode` and `encode` nodes, as a call of its own that the f32 makers can read.
#pragma once

#include <list>
#include <memory>

#include "engine/steps/region.h"
#include "kernels/narrow/coding.h"

namespace fusepack {

struct CodedOperand {
  kernels::Coding coding;            // scale 1 where it has a scale a row
  const Tensor* codes = nullptr;     // constants: as they are stored
  const Tensor* scales = nullptr;    // of integer weights: one a row
};

// Keeps what the inner call refers to.
class CodedCall {
 public:
  // NotHandled where the region has no narrow operand, or codes elsewhere than at its borders.
  static Result<std::unique_ptr<CodedCall>> Read(const StepCall& call);

  bool copies() const { return body_->nodes.empty(); }  // only changes of storage
  const StepCall& inner() const { return *inner_; }     // f32 operands; REQUIRES not copies()
  const std::vector<CodedOperand>& in() const { return in_; }  // as inner().in (with copies(): one)
  const std::vector<CodedOperand>& out() const { return out_; }
  int outer(int inner_input) const { return outer_[inner_input]; }  // the number among the outer call's inputs

  CodedCall(const CodedCall&) = delete;
  CodedCall& operator=(const CodedCall&) = delete;

 private:
  CodedCall() = default;
  std::shared_ptr<Graph> body_;
  Node node_;
  std::unique_ptr<StepCall> inner_;
  std::vector<CodedOperand> in_, out_;
  std::vector<int> outer_;
  std::list<Tensor> decoded_;
};

}  // namespace fusepack
