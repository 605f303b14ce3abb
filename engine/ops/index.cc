// Reading and writing at places that a tensor names.
//
// Advanced indexing x[i, :, j]: the index tensors broadcast to one shape. Where the indexed dimensions stand side by
// side their shape takes their place, else it comes first. A bool mask stands for the indices of its true elements, so
// its result has a size that only the elements know.
#include <algorithm>

#include "engine/ops/calls.h"
#include "engine/ops/strided.h"
#include "engine/ops/table.h"
#include "kernels/base/elements.h"
#include "kernels/layout/copy.h"
#include "kernels/layout/gather.h"
#include "kernels/pointwise/elementwise.h"

namespace fusepack::ops {
namespace {

using Args = std::span<const Arg>;

bool IsIndexType(DType dtype) { return dtype == DType::kI64 || dtype == DType::kI32 || dtype == DType::kI16 || dtype == DType::kI8; }
bool IsMask(DType dtype) { return dtype == DType::kBool || dtype == DType::kU8; }

// ---- advanced indexing ----

// Where the indexed dimensions' common shape goes, and whether the indices stand side by side.
template <typename T>
int PlaceOf(const std::vector<const T*>& indices) {
  int first = -1, last = -1, count = 0;
  for (int d = 0; d < static_cast<int>(indices.size()); d++) {
    if (indices[d] == nullptr) continue;
    if (first < 0) first = d;
    last = d;
    count++;
  }
  return count > 0 && last - first + 1 == count ? first : 0;
}

Result<Specs> IndexShape(const ShapeCall& call) {
  const TensorSpec& x = call.tensor("self");
  const std::vector<const TensorSpec*> indices = call.tensor_list("indices");
  if (indices.size() > x.sizes.size()) {
    return BadInput("", std::to_string(indices.size()) + " indices", "at most " + std::to_string(x.sizes.size()));
  }
  Sizes common, out;
  for (const TensorSpec* index : indices) {
    if (index == nullptr) continue;
    if (IsMask(index->dtype)) return BadInput("", "a mask as index, whose result's size depends on its elements", "integer indices");
    if (!IsIndexType(index->dtype)) return BadInput("", "an index of type " + std::string(TorchName(index->dtype)), "integers or bool");
    FP_ASSIGN_OR_RETURN(common, BroadcastSizes(common, index->sizes, call.guards));
  }
  const int place = PlaceOf(indices);
  for (int d = 0; d <= static_cast<int>(x.sizes.size()); d++) {
    if (d == place) out.insert(out.end(), common.begin(), common.end());
    if (d == static_cast<int>(x.sizes.size())) break;
    if (d >= static_cast<int>(indices.size()) || indices[d] == nullptr) out.push_back(x.sizes[d]);
  }
  if (out.size() > size_t{kMaxRank}) return BadInput("", std::to_string(out.size()) + " dimensions", "at most 16");
  return Specs{{x.dtype, std::move(out)}};
}

// Element offsets of all indices of the given dimensions, row-major.
std::vector<int64_t> OffsetsOf(const Tensor& x, const std::vector<int>& dims) {
  Dims sizes, strides;
  for (int d : dims) {
    sizes.push_back(x.sizes()[d]);
    strides.push_back(x.strides()[d]);
  }
  std::vector<int64_t> out;
  out.reserve(Numel(sizes));
  ForEachOffset(sizes, strides, [&](int64_t at) { out.push_back(at); });
  return out;
}

Result<int64_t> CheckedIndex(int64_t index, int64_t size) {
  if (index < -size || index >= size) {
    return BadInput("", "index " + std::to_string(index), "one into a dimension of size " + std::to_string(size));
  }
  return index < 0 ? index + size : index;
}

struct Places {
  std::vector<int64_t> outer, places, inner;
  Dims common;  // the indices' broadcast sizes
  int place = 0;
};

Result<Places> PlacesOf(const Tensor& x, const std::vector<const Tensor*>& indices) {
  Places out;
  std::vector<Sizes> all;
  for (const Tensor* index : indices) {
    if (index != nullptr) all.push_back(ToDimVector(index->sizes()));
  }
  Guards guards;
  FP_ASSIGN_OR_RETURN(const Sizes common, BroadcastSizes(all, guards));
  out.common = ToDims(common);
  out.place = PlaceOf(indices);
  out.places.assign(Numel(out.common), 0);
  std::vector<int> before, after;
  for (int d = 0; d < x.rank(); d++) {
    if (d >= static_cast<int>(indices.size()) || indices[d] == nullptr) {
      (d < out.place ? before : after).push_back(d);
      continue;
    }
    FP_ASSIGN_OR_RETURN(const Tensor whole, indices[d]->To(DType::kI64));
    const TensorView view = kernels::BroadcastView(whole.view(), out.common);
    const int64_t* data = view.as<int64_t>();
    int64_t bad = 0, size = x.sizes()[d];
    bool refused = false;
    size_t k = 0;
    ForEachOffset(view.sizes, view.strides, [&](int64_t at) {
      int64_t index = data[at];
      if (index < -size || index >= size) {
        if (!refused) bad = index;
        refused = true;
        index = 0;
      }
      out.places[k++] += (index < 0 ? index + size : index) * x.strides()[d];
    });
    if (refused) return CheckedIndex(bad, size).status();
  }
  out.outer = OffsetsOf(x, before);
  out.inner = OffsetsOf(x, after);
  return out;
}

Status IndexEval(const EvalCall& call, std::span<Tensor> outputs) {
  const Tensor& x = call.tensor("self");
  FP_ASSIGN_OR_RETURN(const Places p, PlacesOf(x, call.tensor_list("indices")));
  kernels::CopyIndexed(x.view(), p.outer, p.places, p.inner, outputs[0].mutable_view());
  return OkStatus();
}

// The coordinates of the true elements, one index tensor a dimension.
Result<std::vector<Tensor>> CoordinatesOf(const Tensor& mask) {
  FP_ASSIGN_OR_RETURN(const Tensor truth, mask.To(DType::kBool));
  FP_ASSIGN_OR_RETURN(const Tensor dense, truth.Contiguous());
  const bool* data = dense.view().as<bool>();
  const int64_t n = dense.numel();
  int64_t count = 0;
  for (int64_t i = 0; i < n; i++) count += data[i];
  std::vector<Tensor> out;
  for (int d = 0; d < mask.rank(); d++) {
    FP_ASSIGN_OR_RETURN(Tensor t, Tensor::Zeros(DType::kI64, {count}));
    out.push_back(std::move(t));
  }
  int64_t k = 0;
  for (int64_t i = 0; i < n; i++) {
    if (!data[i]) continue;
    int64_t rest = i;
    for (int d = mask.rank() - 1; d >= 0; d--) {
      out[d].mutable_view().as<int64_t>()[k] = rest % mask.sizes()[d];
      rest /= mask.sizes()[d];
    }
    k++;
  }
  return out;
}

// Indices with every mask replaced by its coordinates; `storage` keeps those.
Result<std::vector<const Tensor*>> WithoutMasks(const Tensor& x, const std::vector<const Tensor*>& indices,
                                                std::vector<std::shared_ptr<Tensor>>* storage) {
  std::vector<const Tensor*> out;
  for (const Tensor* index : indices) {
    if (index == nullptr || !IsMask(index->dtype())) {
      out.push_back(index);
      continue;
    }
    for (int d = 0; d < index->rank(); d++) {
      const int at = static_cast<int>(out.size()) + d;
      if (at >= x.rank() || x.sizes()[at] != index->sizes()[d]) {
        return BadInput("", "a mask of " + index->sizes().ToString() + " for " + x.sizes().ToString(), "the sizes that it indexes");
      }
    }
    FP_ASSIGN_OR_RETURN(std::vector<Tensor> coordinates, CoordinatesOf(*index));
    for (Tensor& c : coordinates) {
      storage->push_back(std::make_shared<Tensor>(std::move(c)));
      out.push_back(storage->back().get());
    }
  }
  if (static_cast<int>(out.size()) > x.rank()) {
    return BadInput("", std::to_string(out.size()) + " indices", "at most " + std::to_string(x.rank()));
  }
  return out;
}

bool AnyMask(const std::vector<const Tensor*>& indices) {
  return std::any_of(indices.begin(), indices.end(), [](const Tensor* t) { return t != nullptr && IsMask(t->dtype()); });
}

Result<std::vector<Tensor>> IndexByMask(const EvalCall& call) {
  const Tensor& x = call.tensor("self");
  std::vector<const Tensor*> indices = call.tensor_list("indices");
  if (!AnyMask(indices)) return std::vector<Tensor>();
  std::vector<std::shared_ptr<Tensor>> storage;
  FP_ASSIGN_OR_RETURN(indices, WithoutMasks(x, indices, &storage));
  FP_ASSIGN_OR_RETURN(const Places p, PlacesOf(x, indices));
  Dims sizes;
  for (int d = 0; d <= x.rank(); d++) {
    if (d == p.place) {
      for (int64_t s : p.common) sizes.push_back(s);
    }
    if (d < x.rank() && (d >= static_cast<int>(indices.size()) || indices[d] == nullptr)) sizes.push_back(x.sizes()[d]);
  }
  FP_ASSIGN_OR_RETURN(Tensor out, Tensor::Zeros(x.dtype(), sizes));
  kernels::CopyIndexed(x.view(), p.outer, p.places, p.inner, out.mutable_view());
  return std::vector<Tensor>{std::move(out)};
}

Result<Specs> SelfShape(const ShapeCall& call) { return Specs{call.tensor("self")}; }

Status IndexPutEval(const EvalCall& call, std::span<Tensor> outputs) {
  const Tensor& x = call.tensor("self");
  Tensor& out = outputs[0];
  kernels::CopyElements(x.view(), out.mutable_view());
  std::vector<std::shared_ptr<Tensor>> storage;
  FP_ASSIGN_OR_RETURN(const std::vector<const Tensor*> indices, WithoutMasks(x, call.tensor_list("indices"), &storage));
  FP_ASSIGN_OR_RETURN(const Places p, PlacesOf(out, indices));
  Dims sizes;
  for (int d = 0; d <= x.rank(); d++) {
    if (d == p.place) {
      for (int64_t s : p.common) sizes.push_back(s);
    }
    if (d < x.rank() && (d >= static_cast<int>(indices.size()) || indices[d] == nullptr)) sizes.push_back(x.sizes()[d]);
  }
  FP_ASSIGN_OR_RETURN(Tensor values, call.tensor("values").To(x.dtype()));
  // PyTorch drops leading dimensions of size 1.
  Guards guards;
  while (values.rank() > sizes.size() && values.sizes()[0] == 1) {
    Dims s = values.sizes(), t = values.strides();
    s.erase(0);
    t.erase(0);
    values = values.AsStrided(s, t, values.offset());
  }
  FP_ASSIGN_OR_RETURN(const Sizes common, BroadcastSizes(ToDimVector(values.sizes()), ToDimVector(sizes), guards));
  if (!(ToDims(common) == sizes)) {
    return BadInput("argument 'values'", values.sizes().ToString(), "sizes that broadcast to " + sizes.ToString());
  }
  FP_ASSIGN_OR_RETURN(Tensor dense, Tensor::Zeros(x.dtype(), sizes));
  kernels::CopyElements(kernels::BroadcastView(values.view(), sizes), dense.mutable_view());
  kernels::ScatterIndexed(dense.view(), p.outer, p.places, p.inner, call.boolean("accumulate"), out.mutable_view());
  return OkStatus();
}

// ---- index_select, gather, scatter ----

Result<Specs> IndexSelectShape(const ShapeCall& call) {
  const TensorSpec &x = call.tensor("self"), &index = call.tensor("index");
  FP_ASSIGN_OR_RETURN(const int dim, WrapDim(call.integer("dim"), static_cast<int>(x.sizes.size())));
  if (!IsIndexType(index.dtype) || index.sizes.size() > 1) {
    return BadInput("argument 'index'", std::string(ShortName(index.dtype)) + ToString(index.sizes), "integers of at most one dimension");
  }
  Sizes sizes = x.sizes;
  if (!sizes.empty()) sizes[dim] = NumelOf(index.sizes);
  return Specs{{x.dtype, std::move(sizes)}};
}

Status IndexSelectEval(const EvalCall& call, std::span<Tensor> outputs) {
  const Tensor &x = call.tensor("self"), &index = call.tensor("index");
  FP_ASSIGN_OR_RETURN(const int dim, WrapDim(call.integer("dim"), x.rank()));
  std::vector<int> before, after;
  for (int d = 0; d < x.rank(); d++) {
    if (d != dim) (d < dim ? before : after).push_back(d);
  }
  std::vector<int64_t> places;
  const int64_t size = x.rank() == 0 ? 1 : x.sizes()[dim], stride = x.rank() == 0 ? 0 : x.strides()[dim];
  for (int64_t i = 0; i < index.numel(); i++) {
    const int64_t at = index.ItemAsInt(i);
    if (at < 0 || at >= size) return BadInput("", "index " + std::to_string(at), "one in [0, " + std::to_string(size - 1) + "]");
    places.push_back(at * stride);
  }
  kernels::CopyIndexed(x.view(), OffsetsOf(x, before), places, OffsetsOf(x, after), outputs[0].mutable_view());
  return OkStatus();
}

Status CheckAlong(const ShapeCall& call, const TensorSpec& x, const TensorSpec& index) {
  FP_ASSIGN_OR_RETURN(const int dim, WrapDim(call.integer("dim"), static_cast<int>(x.sizes.size())));
  bool fits = std::max<size_t>(x.sizes.size(), 1) == std::max<size_t>(index.sizes.size(), 1);
  for (int d = 0; fits && d < static_cast<int>(std::min(x.sizes.size(), index.sizes.size())); d++) {
    fits = d == dim || call.guards.Decide(index.sizes[d], Compare::kLe, x.sizes[d]);
  }
  if (index.dtype != DType::kI64 || !fits) {
    return BadInput("argument 'index'", std::string(ShortName(index.dtype)) + ToString(index.sizes),
                    "int64 of at most the sizes " + ToString(x.sizes) + " outside dimension " + std::to_string(dim));
  }
  return OkStatus();
}

Status CheckRange(const Tensor& index, int64_t size) {
  const int64_t* data = index.view().as<int64_t>();
  Status status;
  ForEachOffset(index.sizes(), index.strides(), [&](int64_t at) {
    if ((data[at] < 0 || data[at] >= size) && status.ok()) {
      status = BadInput("", "index " + std::to_string(data[at]), "one in [0, " + std::to_string(size - 1) + "]");
    }
  });
  return status;
}

// A rank of 0 as 1.
Tensor AtLeast1d(const Tensor& x) { return x.rank() > 0 ? x : x.AsStrided({1}, {1}, x.offset()); }

Result<Specs> GatherShape(const ShapeCall& call) {
  const TensorSpec &x = call.tensor("self"), &index = call.tensor("index");
  FP_RETURN_IF_ERROR(CheckAlong(call, x, index));
  return Specs{{x.dtype, index.sizes}};
}

Status GatherEval(const EvalCall& call, std::span<Tensor> outputs) {
  const Tensor x = AtLeast1d(call.tensor("self")), index = AtLeast1d(call.tensor("index"));
  FP_ASSIGN_OR_RETURN(const int dim, WrapDim(call.integer("dim"), x.rank()));
  FP_RETURN_IF_ERROR(CheckRange(index, x.sizes()[dim]));
  kernels::GatherAlong(x.view(), dim, index.view(), AtLeast1d(outputs[0]).mutable_view());
  return OkStatus();
}

Result<Specs> ScatterShape(const ShapeCall& call) {
  const TensorSpec &x = call.tensor("self"), &index = call.tensor("index");
  FP_RETURN_IF_ERROR(CheckAlong(call, x, index));
  if (call.schema().Find("src") >= 0) {
    const TensorSpec& src = call.tensor("src");
    bool fits = src.dtype == x.dtype && std::max<size_t>(src.sizes.size(), 1) == std::max<size_t>(index.sizes.size(), 1);
    for (size_t d = 0; fits && d < std::min(src.sizes.size(), index.sizes.size()); d++) {
      fits = call.guards.Decide(index.sizes[d], Compare::kLe, src.sizes[d]);
    }
    if (!fits) {
      return BadInput("argument 'src'", std::string(ShortName(src.dtype)) + ToString(src.sizes),
                      std::string(ShortName(x.dtype)) + " of at least the sizes " + ToString(index.sizes));
    }
  }
  return Specs{x};
}

template <bool kAccumulate>
Status ScatterEval(const EvalCall& call, std::span<Tensor> outputs) {
  const Tensor index = AtLeast1d(call.tensor("index"));
  Tensor out = AtLeast1d(outputs[0]);
  FP_ASSIGN_OR_RETURN(const int dim, WrapDim(call.integer("dim"), out.rank()));
  FP_RETURN_IF_ERROR(CheckRange(index, out.sizes()[dim]));
  kernels::CopyElements(AtLeast1d(call.tensor("self")).view(), out.mutable_view());
  Tensor src;
  if (call.schema().Find("src") >= 0) {
    src = AtLeast1d(call.tensor("src"));
  } else {
    FP_RETURN_IF_ERROR(CheckReal(out.dtype()));
    src = Tensor::Scalar(out.dtype(), call.number("value"));
    src = src.AsStrided(index.sizes(), Dims(index.rank(), 0), 0);
  }
  kernels::ScatterAlong(index.view(), src.view(), dim, kAccumulate, out.mutable_view());
  return OkStatus();
}

Values TakeAlongDim(GraphBuilder& builder, Args args) {
  Calls call(builder);
  if (IsNone(args[2])) {
    return call.Return(call("gather", {call("flatten", {args[0]}), Dim(0), call("flatten", {args[1]})}));
  }
  const Sizes x = call.SizesOf(args[0]), index = call.SizesOf(args[1]);
  if (x.size() != index.size()) return BadInput("", ToString(x) + " and indices of " + ToString(index), "equal numbers of dimensions");
  FP_ASSIGN_OR_RETURN(const int dim, WrapDim(IntOf(args[2]), static_cast<int>(x.size())));
  Sizes cut_x = x, cut_index = index;
  cut_x.erase(cut_x.begin() + dim);
  cut_index.erase(cut_index.begin() + dim);
  FP_ASSIGN_OR_RETURN(Sizes common, BroadcastSizes(cut_x, cut_index, call.guards()));
  Sizes wide_x = common, wide_index = common;
  wide_x.insert(wide_x.begin() + dim, x[dim]);
  wide_index.insert(wide_index.begin() + dim, index[dim]);
  return call.Return(call("gather", {call("expand", {args[0], wide_x}), Dim(dim), call("expand", {args[1], wide_index})}));
}

// ---- a part of self replaced ----

// self with self[start:end:step] along dim replaced by src: a functional `self[...] = src`.
Result<Specs> SliceScatterShape(const ShapeCall& call) {
  const TensorSpec &x = call.tensor("self"), &src = call.tensor("src");
  if (x.sizes.empty()) return BadInput("", "a tensor without dimensions", "at least one dimension");
  FP_ASSIGN_OR_RETURN(const int dim, WrapDim(call.integer("dim"), static_cast<int>(x.sizes.size())));
  if (call.integer("step") < 1) return BadInput("", "step " + call.dim("step").ToString(), "at least 1");
  const SliceRange range = ResolveSlice(x.sizes[dim], call.arg("start"), call.arg("end"), call.dim("step"), call.guards);
  Sizes part = x.sizes;
  part[dim] = range.length;
  bool fits = part.size() == src.sizes.size();
  for (size_t d = 0; fits && d < part.size(); d++) fits = call.guards.Equal(part[d], src.sizes[d]);
  if (!fits) return BadInput("argument 'src'", ToString(src.sizes), ToString(part));
  return Specs{x};
}

Status SliceScatterEval(const EvalCall& call, std::span<Tensor> outputs) {
  Tensor& out = outputs[0];
  kernels::CopyElements(call.tensor("self").view(), out.mutable_view());
  FP_ASSIGN_OR_RETURN(const int dim, WrapDim(call.integer("dim"), out.rank()));
  Guards guards;
  const SliceRange range = ResolveSlice(out.sizes()[dim], call.arg("start"), call.arg("end"), call.dim("step"), guards);
  MutableTensorView part = kernels::Narrow(out.mutable_view(), dim, range.start.hint(), range.length.hint());
  part.strides[dim] *= call.integer("step");
  if (part.numel() > 0) kernels::CopyElements(call.tensor("src").view(), part);
  return OkStatus();
}

Values SelectScatter(GraphBuilder& builder, Args args) {
  Calls call(builder);
  const Sizes sizes = call.SizesOf(args[0]);
  FP_ASSIGN_OR_RETURN(const int dim, WrapDim(IntOf(args[2]), static_cast<int>(sizes.size())));
  if (sizes.empty()) return BadInput("", "a tensor without dimensions", "at least one dimension");
  Dim index = DimOf(args[3]);
  if (index.hint() < 0) index = index + sizes[dim];
  if (index.hint() < 0 || !call.guards().Decide(index, Compare::kLt, sizes[dim])) {
    return BadInput("", "index " + index.ToString(), "an index into size " + sizes[dim].ToString());
  }
  const ValueRef raised = call("unsqueeze", {args[1], Dim(dim)});
  return call.Return(call("slice_scatter", {args[0], raised, Dim(dim), index, index + 1}));
}

// ---- sizes that depend on the elements ----

Result<Specs> UnknownShape(const ShapeCall&) {
  return BadInput("", "a result whose size depends on the elements", "a call outside a graph");
}

Result<std::vector<Tensor>> Nonzero(const EvalCall& call) {
  const Tensor& x = call.tensor("self");
  FP_RETURN_IF_ERROR(CheckReal(x.dtype()));
  FP_ASSIGN_OR_RETURN(const std::vector<Tensor> coordinates, CoordinatesOf(x.rank() == 0 ? AtLeast1d(x) : x));
  const int64_t count = coordinates[0].numel();
  FP_ASSIGN_OR_RETURN(Tensor out, Tensor::Zeros(DType::kI64, {count, x.rank()}));
  for (int d = 0; d < x.rank(); d++) {
    MutableTensorView column = kernels::Narrow(out.mutable_view(), 1, d, 1);
    TensorView from = coordinates[d].view();
    from.sizes.push_back(1);
    from.strides.push_back(1);
    kernels::CopyElements(from, column);
  }
  return std::vector<Tensor>{std::move(out)};
}

Result<std::vector<Tensor>> NonzeroTuple(const EvalCall& call) {
  FP_RETURN_IF_ERROR(CheckReal(call.tensor(call.schema().params()[0].name).dtype()));
  return CoordinatesOf(AtLeast1d(call.tensor(call.schema().params()[0].name)));
}

Result<std::vector<Tensor>> MaskedSelect(const EvalCall& call) {
  const Tensor &x = call.tensor("self"), &mask = call.tensor("mask");
  Guards guards;
  FP_ASSIGN_OR_RETURN(const Sizes sizes, BroadcastSizes(ToDimVector(x.sizes()), ToDimVector(mask.sizes()), guards));
  const TensorView wide_x = kernels::BroadcastView(x.view(), ToDims(sizes)), wide_mask = kernels::BroadcastView(mask.view(), ToDims(sizes));
  const Tensor seen_mask = AtLeast1d(mask.AsStrided(wide_mask.sizes, wide_mask.strides, mask.offset()));
  const Tensor seen = AtLeast1d(x.AsStrided(wide_x.sizes, wide_x.strides, x.offset()));
  FP_ASSIGN_OR_RETURN(const std::vector<Tensor> coordinates, CoordinatesOf(seen_mask));
  std::vector<const Tensor*> indices;
  for (const Tensor& c : coordinates) indices.push_back(&c);
  FP_ASSIGN_OR_RETURN(const Places p, PlacesOf(seen, indices));
  FP_ASSIGN_OR_RETURN(Tensor out, Tensor::Zeros(x.dtype(), p.common));
  kernels::CopyIndexed(seen.view(), p.outer, p.places, p.inner, out.mutable_view());
  return std::vector<Tensor>{std::move(out)};
}

Result<std::vector<Tensor>> RepeatByTensor(const EvalCall& call) {
  Tensor x = call.tensor("self");
  const Tensor& repeats = call.tensor("repeats");
  if (!call.has("dim")) {
    FP_ASSIGN_OR_RETURN(x, x.Contiguous());
    x = x.AsStrided({x.numel()}, {1}, x.offset());
  }
  FP_ASSIGN_OR_RETURN(const int dim, WrapDim(call.has("dim") ? call.integer("dim") : 0, x.rank()));
  const int64_t size = x.sizes()[dim];
  if (repeats.rank() > 1 || (repeats.numel() != 1 && repeats.numel() != size)) {
    return BadInput("argument 'repeats'", repeats.sizes().ToString(), "one number, or one for each of " + std::to_string(size));
  }
  std::vector<int64_t> which;
  for (int64_t i = 0; i < size; i++) {
    const int64_t times = repeats.ItemAsInt(repeats.numel() == 1 ? 0 : i);
    if (times < 0) return BadInput("argument 'repeats'", std::to_string(times), "at least 0");
    if (CheckedI64 n = CheckedI64(times) + static_cast<int64_t>(which.size()); !n.Within(int64_t{1} << 32)) {
      return LimitExceeded("argument 'repeats'", "too many repetitions");
    }
    which.insert(which.end(), times, i);
  }
  const Tensor index = Tensor::FromValues<int64_t>({static_cast<int64_t>(which.size())}, which);
  const std::vector<Tensor> tensors = {x, index};
  return EvalOp(*FindOp("index_select"), std::vector<Arg>{ValueRef{0}, Dim(dim), ValueRef{1}}, tensors);
}

// index of class i is 1 in column i.
Values OneHot(GraphBuilder& builder, Args args) {
  Calls call(builder);
  const Dim classes = DimOf(args[1]);
  if (classes.hint() < 0) return BadInput("", "num_classes " + classes.ToString() + ", which depends on the elements", "a number of classes");
  const ValueRef index = call("unsqueeze", {args[0], Dim(-1)});
  return call.Return(call("to", {call("eq", {index, call("arange", {classes})}), DType::kI64}));
}

// y[..., :] = weight[input[...], :]
Values Embedding(GraphBuilder& builder, Args args) {
  Calls call(builder);
  if (call.SizesOf(args[0]).size() != 2) return BadInput("argument 'weight'", ToString(call.SizesOf(args[0])), "2 dimensions");
  return call.Return(call("index", {args[0], ValueList{std::get<ValueRef>(args[1]).id}}));
}

}  // namespace

const OpDef op_index = {
    .name = "index",
    .torch = {"torch.ops.aten.index"},
    .params = "Tensor self, Tensor?[] indices",
    .shape = IndexShape,
    .eval = IndexEval,
    .data_dependent = IndexByMask,
    .inplace = false,
    .examples = {"f32[4,3], [i64[5]<4]", "f32[4,3], [None, i64[2,2]<3]", "f32[4,3,2], [i64[2]<4, i64[3,2]<3]",
                 "f32[4,3,2], [i64[2]<4, None, i64[2]<2]", "f32[4,3], [bool[4]]", "f32[2,3], [bool[2,3]]", "f32[4,3], [None, bool[3]]"},
    .doc = "elements at the places that index tensors or masks name",
};
const OpDef op_index_put = {
    .name = "index_put",
    .torch = {"torch.index_put", "Tensor.index_put"},
    .params = "Tensor self, Tensor?[] indices, Tensor values, bool accumulate=False",
    .shape = SelfShape,
    .eval = IndexPutEval,
    .examples = {"f32[4,3], [i64[2]<4], f32[3]", "f32[4,3], [i64[6]<4], f32[6,3], True",
                 "f32[4,3], [bool[4,3]], f32[]"},
    .doc = "self with elements at the named places replaced (or added to)",
};
const OpDef op_index_select = {
    .name = "index_select",
    .torch = {"torch.index_select", "Tensor.index_select"},
    .params = "Tensor self, int dim, Tensor index",
    .shape = IndexSelectShape,
    .eval = IndexSelectEval,
    .inplace = false,
    .examples = {"f32[4,3], 0, i64[5]<4", "f32[4,3], -1, i64[2]<3"},
    .doc = "the named indices of one dimension",
};
const OpDef op_gather = {
    .name = "gather",
    .torch = {"torch.gather", "Tensor.gather"},
    .params = "Tensor self, int dim, Tensor index, *, bool sparse_grad=False",
    .shape = GatherShape,
    .eval = GatherEval,
    .inplace = false,
    .examples = {"f32[4,3], 0, i64[2,3]<4", "f32[4,3], 1, i64[4,5]<3"},
    .doc = "out[i][j] = self[index[i][j]][j] for dim 0",
};
const OpDef op_scatter = {
    .name = "scatter",
    .torch = {"torch.scatter", "Tensor.scatter"},
    .params = "Tensor self, int dim, Tensor index, Tensor src",
    .shape = ScatterShape,
    .eval = ScatterEval<false>,
    .examples = {"f32[4,3], 0, i64[1,3]<4, f32[4,3]"},
    .doc = "self with self[index[i][j]][j] = src[i][j] for dim 0",
};
const OpDef op_scatter_value = {
    .name = "scatter_value",
    .torch = {"torch.scatter", "Tensor.scatter"},
    .params = "Tensor self, int dim, Tensor index, Scalar value",
    .shape = ScatterShape,
    .eval = ScatterEval<false>,
    .examples = {"f32[4,3], 1, i64[4,1]<3, 2.5"},
    .doc = "self with one number at the named places",
};
const OpDef op_scatter_add = {
    .name = "scatter_add",
    .torch = {"torch.scatter_add", "Tensor.scatter_add"},
    .params = "Tensor self, int dim, Tensor index, Tensor src",
    .shape = ScatterShape,
    .eval = ScatterEval<true>,
    .examples = {"f32[4,3], 0, i64[3,3]<4, f32[4,3]"},
    .doc = "self with src added at the named places",
};
const OpDef op_take_along_dim = {
    .name = "take_along_dim",
    .torch = {"torch.take_along_dim", "Tensor.take_along_dim"},
    .params = "Tensor self, Tensor indices, int? dim=None",
    .decompose = TakeAlongDim,
    .inplace = false,
    .examples = {"f32[4,3], i64[1,3]<4, 0", "f32[4,3], i64[4,2]<3, 1", "f32[4,3], i64[5]<12"},
    .doc = "gather with broadcasting",
};
const OpDef op_slice_scatter = {
    .name = "slice_scatter",
    .torch = {"torch.slice_scatter", "Tensor.slice_scatter"},
    .params = "Tensor self, Tensor src, int dim=0, int? start=None, int? end=None, int step=1",
    .shape = SliceScatterShape,
    .eval = SliceScatterEval,
    .inplace = false,
    .examples = {"f32[5,3], f32[2,3], 0, 1, 3", "f32[3,6], f32[3,3], 1, 0, 6, 2"},
    .doc = "self with a slice replaced",
};
const OpDef op_select_scatter = {
    .name = "select_scatter",
    .torch = {"torch.select_scatter", "Tensor.select_scatter"},
    .params = "Tensor self, Tensor src, int dim, int index",
    .decompose = SelectScatter,
    .inplace = false,
    .examples = {"f32[5,3], f32[3], 0, -1", "f32[5,3], f32[5], 1, 1"},
    .doc = "self with one index of a dimension replaced",
};
const OpDef op_nonzero = {
    .name = "nonzero",
    .torch = {"torch.nonzero", "Tensor.nonzero", "torch.argwhere", "Tensor.argwhere"},
    .params = "Tensor self",
    .shape = UnknownShape,
    .data_dependent = Nonzero,
    .inplace = false,
    .examples = {"bool[3,4]"},
    .doc = "the coordinates of elements other than 0, a row each",
};
const OpDef op_where_nonzero = {
    .name = "where_nonzero",
    .torch = {"torch.where"},
    .params = "Tensor condition",
    .returns = "Tensor[]",
    .shape = UnknownShape,
    .data_dependent = NonzeroTuple,
    .inplace = false,
    .examples = {"bool[3,4]"},
    .doc = "the coordinates of elements other than 0, a tensor a dimension",
};
const OpDef op_masked_select = {
    .name = "masked_select",
    .torch = {"torch.masked_select", "Tensor.masked_select"},
    .params = "Tensor self, Tensor mask",
    .shape = UnknownShape,
    .data_dependent = MaskedSelect,
    .inplace = false,
    .examples = {"f32[3,4], bool[4]"},
    .doc = "the elements where the mask is true",
};
const OpDef op_repeat_interleave_tensor = {
    .name = "repeat_interleave_tensor",
    .torch = {"torch.repeat_interleave", "Tensor.repeat_interleave"},
    .params = "Tensor self, Tensor repeats, int? dim=None, *, int? output_size=None",
    .shape = UnknownShape,
    .data_dependent = RepeatByTensor,
    .inplace = false,
    .examples = {"f32[3,2], i64[3]<4, 0", "f32[2,2], i64[4]<3"},
    .doc = "every element as often as a tensor says",
};
const OpDef op_one_hot = {
    .name = "one_hot",
    .torch = {"torch._C._nn.one_hot", "torch.nn.functional.one_hot"},
    .params = "Tensor self, int num_classes=-1",
    .decompose = OneHot,
    .inplace = false,
    .examples = {"i64[4]<5, 5"},
    .doc = "1 in the column of the class, 0 elsewhere",
};
const OpDef op_embedding = {
    .name = "embedding",
    .torch = {"torch.embedding"},
    .params = "Tensor weight, Tensor indices, int padding_idx=-1, bool scale_grad_by_freq=False, bool sparse=False",
    .decompose = Embedding,
    .inplace = false,
    .examples = {"f32[7,3], i64[2,4]<7"},
    .doc = "rows of a table",
};

}  // namespace fusepack::ops
