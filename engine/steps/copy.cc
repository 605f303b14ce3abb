// Steps that only move elements: reorder (the same tensor under other strides) and cat.
#include "engine/ops/op.h"
#include "engine/steps/step_list.h"
#include "kernels/copy/copy.h"

namespace fusepack {
namespace {

class CopyStep : public Step {
 public:
  CopyStep(Operand in, Operand out) : in_(in), out_(out) {}
  Status Run(const void* const* in, void* const* out, void*) const override {
    kernels::Copy({in[0], in_.dtype, in_.sizes, in_.strides}, {out[0], out_.dtype, out_.sizes, out_.strides});
    return OkStatus();
  }
  std::string implementation() const override { return "copy"; }

 private:
  const Operand in_, out_;
};

class CatStep : public Step {
 public:
  CatStep(const StepCall& call, int dim) : in_(call.in), out_(call.out[0]), dim_(dim) {}
  Status Run(const void* const* in, void* const* out, void*) const override {
    char* to = static_cast<char*>(out[0]);
    const int64_t item = static_cast<int64_t>(ItemSize(out_.dtype));
    for (size_t i = 0; i < in_.size(); i++) {
      kernels::Copy({in[i], in_[i].dtype, in_[i].sizes, in_[i].strides}, {to, out_.dtype, in_[i].sizes, out_.strides});
      to += in_[i].sizes[dim_] * out_.strides[dim_] * item;
    }
    return OkStatus();
  }
  std::string implementation() const override { return "copy"; }

 private:
  const std::vector<Operand> in_;
  const Operand out_;
  const int dim_;
};

}  // namespace

Result<std::unique_ptr<Step>> MakeCopy(const StepCall& call) {
  if (call.in.size() != 1 || call.in[0].sizes != call.out[0].sizes || call.in[0].dtype != call.out[0].dtype) {
    return NotHandled("a conversion");
  }
  return std::unique_ptr<Step>(new CopyStep(call.in[0], call.out[0]));
}

Result<std::unique_ptr<Step>> MakeCat(const StepCall& call) {
  const Schema& schema = call.node.op->schema();
  const int at = schema.Find("dim");
  const Dim* dim = at < 0 ? nullptr : std::get_if<Dim>(&call.node.args[at]);
  if (dim == nullptr || call.in.empty()) return NotHandled("its dimension");
  const int rank = call.out[0].sizes.size();
  const int64_t d = dim->hint() < 0 ? dim->hint() + rank : dim->hint();
  if (d < 0 || d >= rank) return NotHandled("its dimension");
  for (const Operand& in : call.in) {
    if (in.dtype != call.out[0].dtype || in.sizes.size() != rank) return NotHandled("mixed dtypes or ranks");
  }
  return std::unique_ptr<Step>(new CatStep(call, static_cast<int>(d)));
}

}  // namespace fusepack
