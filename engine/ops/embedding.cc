// Table look-ups by integers, and dropout, which in evaluation is nothing at all.
#include <cstring>

#include "engine/graph/builder.h"
#include "engine/ops/spatial.h"
#include "engine/ops/table.h"

namespace fusepack::ops {
namespace {

Result<Specs> EmbeddingShape(const ShapeCall& call) {
  const TensorSpec &weight = call.tensor("weight"), &indices = call.tensor("indices");
  if (weight.sizes.size() != 2) return BadInput("argument 'weight'", "sizes " + ToString(weight.sizes), "two dimensions");
  if (indices.dtype != DType::kI64 && indices.dtype != DType::kI32) {
    return BadInput("argument 'indices'", std::string(TorchName(indices.dtype)), "int64 or int32");
  }
  TensorSpec out{weight.dtype, indices.sizes};
  out.sizes.push_back(weight.sizes[1]);
  return Specs{out};
}

Status EmbeddingEval(const EvalCall& call, std::span<Tensor> outputs) {
  FP_ASSIGN_OR_RETURN(const Tensor weight, call.tensor("weight").Contiguous());
  FP_ASSIGN_OR_RETURN(const Tensor converted, call.tensor("indices").To(DType::kI64));
  FP_ASSIGN_OR_RETURN(const Tensor indices, converted.Contiguous());
  const int64_t rows = weight.sizes()[0], row_bytes = weight.sizes()[1] * static_cast<int64_t>(ItemSize(weight.dtype()));
  const int64_t* index = indices.view().as<int64_t>();
  const char* from = static_cast<const char*>(weight.view().data);
  char* to = static_cast<char*>(outputs[0].mutable_view().data);
  for (int64_t i = 0; i < indices.numel(); i++) {
    if (index[i] < 0 || index[i] >= rows) {
      return BadInput("argument 'indices'", "index " + std::to_string(index[i]), "in [0," + std::to_string(rows) + ")");
    }
    if (row_bytes > 0) std::memcpy(to + i * row_bytes, from + index[i] * row_bytes, row_bytes);
  }
  return OkStatus();
}

Result<Specs> OneHotShape(const ShapeCall& call) {
  TensorSpec out = call.tensor("self");
  if (out.dtype != DType::kI64) return BadInput("argument 'self'", std::string(TorchName(out.dtype)), "int64");
  const Dim& classes = call.dim("num_classes");
  if (!call.guards.Decide(classes, Compare::kGe, 1)) {
    return BadInput("argument 'num_classes'", classes.ToString(), "a positive number: the largest element is not known before a run");
  }
  out.sizes.push_back(classes);
  return Specs{out};
}

Result<Tensor> OneHot(const Tensor& indices, int64_t classes) {
  Dims sizes = indices.sizes();
  sizes.push_back(classes);
  FP_ASSIGN_OR_RETURN(Tensor out, Tensor::Zeros(DType::kI64, sizes));
  int64_t* to = out.mutable_view().as<int64_t>();
  for (int64_t i = 0; i < indices.numel(); i++) {
    const int64_t index = indices.ItemAsInt(i);
    if (index < 0 || index >= classes) {
      return BadInput("argument 'self'", "class " + std::to_string(index), "in [0," + std::to_string(classes) + ")");
    }
    to[i * classes + index] = 1;
  }
  return out;
}

Status OneHotEval(const EvalCall& call, std::span<Tensor> outputs) {
  FP_ASSIGN_OR_RETURN(const Tensor made, OneHot(call.tensor("self"), call.integer("num_classes")));
  if (made.numel() > 0) std::memcpy(outputs[0].mutable_view().data, made.view().data, made.numel() * sizeof(int64_t));
  return OkStatus();
}

// num_classes -1: the largest class and one.
Result<std::vector<Tensor>> OneHotOfData(const EvalCall& call) {
  if (call.integer("num_classes") != -1) return std::vector<Tensor>{};
  const Tensor& x = call.tensor("self");
  if (x.dtype() != DType::kI64) return BadInput("argument 'self'", std::string(TorchName(x.dtype())), "int64");
  if (x.numel() == 0) return BadInput("argument 'num_classes'", "-1 for an empty tensor", "a number of classes");
  int64_t largest = 0;
  for (int64_t i = 0; i < x.numel(); i++) largest = std::max(largest, x.ItemAsInt(i));
  if (largest >= kDimLimit) return BadInput("argument 'self'", "class " + std::to_string(largest), "a smaller one");
  FP_ASSIGN_OR_RETURN(Tensor out, OneHot(x, largest + 1));
  return std::vector<Tensor>{out};
}

Result<std::vector<ValueId>> Dropout(GraphBuilder&, std::span<const Arg> args) {
  const double p = std::get<double>(args[1]);
  if (!(p >= 0 && p <= 1)) return BadInput("argument 'p'", std::to_string(p), "a probability in [0,1]");
  if (std::get<bool>(args[2]) && p > 0) {
    return Unsupported("argument 'train'", "True with p=" + std::to_string(p), "evaluation: training draws random numbers");
  }
  return std::vector<ValueId>{std::get<ValueRef>(args[0]).id};
}

}  // namespace

const OpDef op_embedding = {
    .name = "embedding",
    .torch = {"torch.embedding"},
    .params = "Tensor weight, Tensor indices, int padding_idx=-1, bool scale_grad_by_freq=False, bool sparse=False",
    .shape = EmbeddingShape,
    .eval = EmbeddingEval,
    .inplace = false,
    .examples = {"f32[9,5], i64[2,3]<9", "f32[9,5], i32[4]<9, 2", "f32[4,3], i64[]<4", "f32[4,3], i64[0,2]"},
    .doc = "Row indices[...] of weight for each index.",
};

const OpDef op_one_hot = {
    .name = "one_hot",
    .torch = {"torch._C._nn.one_hot", "torch.nn.functional.one_hot"},
    .params = "Tensor self, int num_classes=-1",
    .shape = OneHotShape,
    .eval = OneHotEval,
    .data_dependent = OneHotOfData,
    .inplace = false,
    .examples = {"i64[2,3]<5, 7", "i64[6]<5", "i64[0], 3"},
    .doc = "1 at each class's place along a new last dimension, 0 elsewhere.",
};

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
