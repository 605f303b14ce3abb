// Dropout, which in evaluation is nothing at all.
#include "engine/graph/builder.h"
#include "engine/ops/table.h"

namespace fusepack::ops {
namespace {

Result<std::vector<ValueId>> Dropout(GraphBuilder&, std::span<const Arg> args) {
  const double p = std::get<double>(args[1]);
  if (!(p >= 0 && p <= 1)) return BadInput("argument 'p'", std::to_string(p), "a probability in [0,1]");
  if (std::get<bool>(args[2]) && p > 0) {
    return Unsupported("argument 'train'", "True with p=" + std::to_string(p), "evaluation: training draws random numbers");
  }
  return std::vector<ValueId>{std::get<ValueRef>(args[0]).id};
}

}  // namespace

#define FP_DROPOUT(id) \
  const OpDef op_##id = { \
      .name = #id, \
      .torch = {"torch." #id}, \
      .params = "Tensor input, float p, bool train", \
      .decompose = Dropout, \
      .examples = {"f32[2,3], 0.5, False", "f32[2,3], 0.0, True"}, \
      .doc = "The input itself; in training PyTorch drops elements at random, which a graph cannot.", \
  }

FP_DROPOUT(dropout);
FP_DROPOUT(feature_dropout);
FP_DROPOUT(alpha_dropout);
FP_DROPOUT(feature_alpha_dropout);
#undef FP_DROPOUT

}  // namespace fusepack::ops
