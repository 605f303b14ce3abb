#include "engine/ops/fused_ops.h"

namespace fusepack {
namespace {

Result<std::vector<TensorSpec>> ReorderShape(const ShapeCall& call) {
  return std::vector<TensorSpec>{call.tensor("input")};
}

}  // namespace

const OpDef& FusedOp() {
  static const OpDef op = [] {
    OpDef def;
    def.name = "fused";
    def.params = "Tensor[] inputs";
    def.inplace = false;
    def.doc = "A group of operators that one kernel runs.";
    return def;
  }();
  return op;
}

const OpDef& ReorderOp() {
  static const OpDef op = [] {
    OpDef def;
    def.name = "reorder";
    def.params = "Tensor input";
    def.shape = ReorderShape;
    def.inplace = false;
    def.doc = "The same tensor in another memory layout.";
    return def;
  }();
  return op;
}

const OpDef* FindGraphOp(std::string_view name) {
  if (name == FusedOp().name) return &FusedOp();
  if (name == ReorderOp().name) return &ReorderOp();
  return FindOp(name);
}

}  // namespace fusepack
