#include "engine/steps/step_list.h"

#include <unordered_map>

#include "engine/ops/op.h"

namespace fusepack {
namespace {

constexpr StepMaker kWinograd = {"winograd", MakeWinograd};
constexpr StepMaker kConvolution = {"convolution", MakeConvolution};
constexpr StepMaker kLinear = {"linear", MakeLinear};
constexpr StepMaker kMatMul = {"matmul", MakeMatMul};
constexpr StepMaker kPool = {"pool", MakePool};
constexpr StepMaker kPointwise = {"pointwise", MakePointwise};
constexpr StepMaker kCopy = {"copy", MakeCopy};
constexpr StepMaker kCat = {"cat", MakeCat};
constexpr StepMaker kTranscode = {"transcode", MakeTranscode};
constexpr StepMaker kNarrowConvolution = {"convolution", MakeNarrowConvolution};
constexpr StepMaker kNarrowLinear = {"linear", MakeNarrowLinear};
constexpr StepMaker kNarrowMatMul = {"matmul", MakeNarrowMatMul};
constexpr StepMaker kNarrowMaxPool = {"pool", MakeNarrowMaxPool};
constexpr StepMaker kNarrowPointwise = {"pointwise", MakeNarrowPointwise};
constexpr StepMaker kWidened = {"widened", MakeWidened};
constexpr StepMaker kReference = {"reference", MakeReference};

using List = std::vector<StepMaker>;

const std::unordered_map<std::string_view, List>& Lists() {
  static const auto* lists = new std::unordered_map<std::string_view, List>{
      {"fused", {kWinograd, kConvolution, kLinear, kPointwise, kTranscode, kNarrowConvolution, kNarrowLinear, kNarrowMatMul,
                 kNarrowMaxPool, kNarrowPointwise, kWidened, kReference}},
      {"conv1d", {kConvolution, kReference}},
      {"conv2d", {kWinograd, kConvolution, kReference}},
      {"conv3d", {kConvolution, kReference}},
      {"linear", {kLinear, kReference}},
      {"addmm", {kLinear, kReference}},
      {"matmul", {kMatMul, kReference}},
      {"bmm", {kMatMul, kReference}},
      {"mm", {kMatMul, kReference}},
      {"max_pool2d", {kPool, kReference}},
      {"avg_pool2d", {kPool, kReference}},
      {"adaptive_avg_pool2d", {kPool, kReference}},
      {"mean", {kPool, kReference}},
      {"reorder", {kCopy}},
      {"clone", {kCopy, kReference}},
      {"contiguous", {kCopy, kReference}},
      {"cat", {kCat, kReference}},
  };
  return *lists;
}

}  // namespace

std::span<const StepMaker> StepMakers(const OpDef& op) {
  static const List pointwise = {kPointwise, kReference}, other = {kReference};
  const auto found = Lists().find(op.name);
  if (found != Lists().end()) return found->second;
  return op.expression.empty() ? other : pointwise;
}

}  // namespace fusepack
