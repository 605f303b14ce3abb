// Steps over narrow storage that are no products: changes of storage, maximum pooling of codes, pointwise programs that
// decode and encode tile by tile, and, for everything else, the f32 step between a decoding and an encoding pass.
#include <algorithm>
#include <cstring>

#include "engine/graph/layout.h"
#include "engine/steps/coded_call.h"
#include "engine/steps/pool_call.h"
#include "engine/steps/step_list.h"
#include "kernels/base/parallel.h"
#include "kernels/narrow/convert.h"
#include "kernels/narrow/max_pool.h"

namespace fusepack {
namespace {

using kernels::Coding;

// One run of memory without gaps, in whatever order of dimensions.
bool IsDense(const Operand& o) {
  return o.row_major() || IsChannelsLast(o.sizes, o.strides);
}

class TranscodeStep : public Step {
 public:
  TranscodeStep(CpuLevel level, Coding from, Coding to, Operand in, bool to_channels_last)
      : level_(level), from_(from), to_(to), in_(std::move(in)), to_channels_last_(to_channels_last) {}

  Status Run(const void* const* in, void* const* out, void* scratch) const override {
    const int64_t n = Numel(in_.sizes);
    if (to_channels_last_) {
      const int64_t image = in_.sizes[0] * in_.sizes[1] == 0 ? 0 : n / in_.sizes[0] / in_.sizes[1];
      kernels::EncodeChannelsLast(level_, to_, static_cast<const float*>(in[0]), in_.sizes[0], in_.sizes[1], image, out[0]);
    } else if (!from_.narrow()) {
      kernels::Encode(level_, to_, static_cast<const float*>(in[0]), out[0], n);
    } else if (!to_.narrow()) {
      kernels::Decode(level_, from_, in[0], static_cast<float*>(out[0]), n);
    } else {
      float* wide = static_cast<float*>(scratch);
      kernels::Decode(level_, from_, in[0], wide, n);
      kernels::Encode(level_, to_, wide, out[0], n);
    }
    return OkStatus();
  }
  int64_t scratch_bytes() const override { return from_.narrow() && to_.narrow() ? Numel(in_.sizes) * 4 : 0; }
  std::string implementation() const override { return "convert:" + CpuLevelName(std::min(level_, CpuLevel::kAvx512)); }

 private:
  const CpuLevel level_;
  const Coding from_, to_;
  const Operand in_;
  const bool to_channels_last_;
};

class MaxPoolStep : public Step {
 public:
  MaxPoolStep(kernels::PoolProblem problem, CpuLevel level, DType dtype, int x)
      : problem_(std::move(problem)), level_(level), dtype_(dtype), x_(x) {}
  Status Run(const void* const* in, void* const* out, void*) const override {
    kernels::MaxPoolCodes(problem_, level_, dtype_, in[x_], out[0]);
    return OkStatus();
  }
  std::string implementation() const override { return "codes:" + CpuLevelName(std::min(level_, CpuLevel::kAvx512)); }

 private:
  const kernels::PoolProblem problem_;
  const CpuLevel level_;
  const DType dtype_;
  const int x_;
};

// scratch: the f32 forms of narrow inputs, then of narrow outputs, then the inner step's own; each aligned to 64.
class WidenedStep : public Step {
 public:
  WidenedStep(std::unique_ptr<CodedCall> coded, std::unique_ptr<Step> step, CpuLevel level)
      : coded_(std::move(coded)), step_(std::move(step)), level_(level) {
    const StepCall& inner = coded_->inner();
    for (size_t i = 0; i < inner.in.size(); i++) {
      const bool buffer = coded_->in()[i].coding.narrow() && inner.in[i].constant == nullptr && step_->reads(static_cast<int>(i));
      in_at_.push_back(buffer ? Take(inner.in[i].bytes()) : -1);
    }
    for (size_t i = 0; i < inner.out.size(); i++) out_at_.push_back(coded_->out()[i].coding.narrow() ? Take(inner.out[i].bytes()) : -1);
    inner_at_ = Take(step_->scratch_bytes());
  }

  Status Run(const void* const* in, void* const* out, void* scratch) const override {
    char* memory = static_cast<char*>(scratch);
    const StepCall& inner = coded_->inner();
    std::vector<const void*> wide_in;
    std::vector<void*> wide_out;
    for (size_t i = 0; i < inner.in.size(); i++) {
      const void* from = in[coded_->outer(static_cast<int>(i))];
      if (inner.in[i].constant != nullptr) from = inner.in[i].constant->view().data;
      if (in_at_[i] >= 0) {
        float* wide = reinterpret_cast<float*>(memory + in_at_[i]);
        kernels::Decode(level_, coded_->in()[i].coding, from, wide, Numel(inner.in[i].sizes));
        from = wide;
      }
      wide_in.push_back(from);
    }
    for (size_t i = 0; i < inner.out.size(); i++) wide_out.push_back(out_at_[i] >= 0 ? memory + out_at_[i] : out[i]);
    FP_RETURN_IF_ERROR(step_->Run(wide_in.data(), wide_out.data(), memory + inner_at_));
    for (size_t i = 0; i < inner.out.size(); i++) {
      if (out_at_[i] < 0) continue;
      kernels::Encode(level_, coded_->out()[i].coding, static_cast<const float*>(wide_out[i]), out[i], Numel(inner.out[i].sizes));
    }
    return OkStatus();
  }
  std::string implementation() const override { return step_->implementation() + " in f32"; }
  int64_t scratch_bytes() const override { return scratch_bytes_; }
  int64_t packed_bytes() const override { return step_->packed_bytes(); }
  double flops() const override { return step_->flops(); }
  bool reads(int input) const override {
    for (size_t i = 0; i < coded_->inner().in.size(); i++) {
      if (coded_->outer(static_cast<int>(i)) == input && coded_->inner().in[i].constant == nullptr) return true;
    }
    return false;
  }

 private:
  int64_t Take(int64_t bytes) {
    const int64_t at = scratch_bytes_;
    scratch_bytes_ += (bytes + 63) / 64 * 64;
    return at;
  }
  const std::unique_ptr<CodedCall> coded_;
  const std::unique_ptr<Step> step_;
  const CpuLevel level_;
  std::vector<int64_t> in_at_, out_at_;
  int64_t inner_at_ = 0, scratch_bytes_ = 0;
};

}  // namespace

Result<std::unique_ptr<Step>> MakeTranscode(const StepCall& call) {
  FP_ASSIGN_OR_RETURN(const auto coded, CodedCall::Read(call));
  if (!coded->copies()) return NotHandled("a computation");
  const Operand &in = call.in[0], &out = call.out[0];
  const Coding from = coded->in()[0].coding, to = coded->out()[0].coding;
  if (call.in.size() != 1 || in.constant != nullptr) return NotHandled("its operands");
  const bool same = in.strides == out.strides && IsDense(in);
  const bool first = !from.narrow() && in.row_major() && in.sizes.size() >= 3 && IsChannelsLast(out.sizes, out.strides);
  if (!same && !first) return NotHandled("another change of layout");
  return std::unique_ptr<Step>(new TranscodeStep(call.target.cpu, from, to, in, !same));
}

Result<std::unique_ptr<Step>> MakeNarrowMaxPool(const StepCall& call) {
  FP_ASSIGN_OR_RETURN(const auto coded, CodedCall::Read(call));
  if (coded->copies() || coded->inner().node.region || coded->inner().node.op->name != "max_pool2d" || call.target.exact_special_values) {
    return NotHandled("no maximum");
  }
  const Coding& x = coded->in()[0].coding;
  if (!x.narrow() || coded->out().size() != 1 || coded->out()[0].coding != x) return NotHandled("another coding");
  FP_ASSIGN_OR_RETURN(kernels::PoolProblem problem, ReadPool(coded->inner()));
  return std::unique_ptr<Step>(new MaxPoolStep(std::move(problem), call.target.cpu, x.dtype, coded->outer(0)));
}

Result<std::unique_ptr<Step>> MakeNarrowPointwise(const StepCall& call) {
  FP_ASSIGN_OR_RETURN(const auto coded, CodedCall::Read(call));
  if (coded->copies() || coded->out().size() != 1) return NotHandled("nothing computed");
  std::vector<Coding> codings;
  std::vector<int> outer;
  for (size_t i = 0; i < coded->in().size(); i++) {
    if (coded->in()[i].codes != nullptr && coded->in()[i].coding.narrow()) return NotHandled("narrow constants");
    codings.push_back(coded->in()[i].coding);
    outer.push_back(coded->outer(static_cast<int>(i)));
  }
  return MakeCodedPointwise(coded->inner(), codings, outer, coded->out()[0].coding);
}

Result<std::unique_ptr<Step>> MakeWidened(const StepCall& call) {
  FP_ASSIGN_OR_RETURN(auto coded, CodedCall::Read(call));
  if (coded->copies()) return NotHandled("nothing computed");
  for (const auto& list : {call.in, call.out}) {
    for (const Operand& o : list) {
      if (o.constant == nullptr && !IsDense(o)) return NotHandled("an operand with gaps");
    }
  }
  for (const auto& list : {coded->in(), coded->out()}) {
    for (const CodedOperand& o : list) {
      const DType d = o.coding.dtype;
      if (d != DType::kF32 && d != DType::kBF16 && !o.coding.integer() && o.coding.scale != 1) return NotHandled("another type");
    }
  }
  const StepCall& inner = coded->inner();
  for (const StepMaker& maker : StepMakers(*inner.node.op)) {
    Result<std::unique_ptr<Step>> made = maker.make(inner);
    if (!made.ok()) {
      if (made.error().code == ErrorCode::kBadInput) continue;
      return made.status();
    }
    return std::unique_ptr<Step>(new WidenedStep(std::move(coded), std::move(*made), call.target.cpu));
  }
  return NotHandled("no f32 kernel");
}

}  // namespace fusepack
