// Matrix products. In the graph all of them are `matmul` or `linear`; einsum becomes permutations, sums and `matmul`.
#include <algorithm>
#include <map>

#include "engine/ops/calls.h"
#include "engine/ops/table.h"
#include "kernels/matmul/product.h"
#include "kernels/pointwise/elementwise.h"

namespace fusepack::ops {
namespace {

using Args = std::span<const Arg>;

Status SameDType(const TensorSpec& a, const TensorSpec& b) {
  FP_RETURN_IF_ERROR(CheckReal(a.dtype));
  if (a.dtype == b.dtype) return OkStatus();
  return BadInput("", "operands of type " + std::string(TorchName(a.dtype)) + " and " + std::string(TorchName(b.dtype)),
                  "one type");
}

// A 1-d operand is a row (left) or a column (right) whose dimension goes again; leading dimensions broadcast.
Result<Specs> MatmulShape(const ShapeCall& call) {
  const TensorSpec &a = call.tensor("self"), &b = call.tensor("other");
  FP_RETURN_IF_ERROR(SameDType(a, b));
  const size_t ra = a.sizes.size(), rb = b.sizes.size();
  if (ra == 0 || rb == 0) return BadInput("", "an operand without dimensions", "at least one dimension");
  const Dim &ka = a.sizes[ra - 1], &kb = b.sizes[rb == 1 ? 0 : rb - 2];
  if (!call.guards.Equal(ka, kb)) {
    return BadInput("", "sizes " + ToString(a.sizes) + " and " + ToString(b.sizes), "equal inner sizes");
  }
  const Sizes lead_a(a.sizes.begin(), a.sizes.end() - std::min<size_t>(ra, 2));
  const Sizes lead_b(b.sizes.begin(), b.sizes.end() - std::min<size_t>(rb, 2));
  FP_ASSIGN_OR_RETURN(Sizes sizes, BroadcastSizes(lead_a, lead_b, call.guards));
  if (ra > 1) sizes.push_back(a.sizes[ra - 2]);
  if (rb > 1) sizes.push_back(b.sizes[rb - 1]);
  return Specs{{a.dtype, std::move(sizes)}};
}

// Leading dimensions as one, a copy where strides do not allow it (a broadcast one among others).
Result<Tensor> AsBatch(const Tensor& x, const Dims& lead) {
  Dims sizes = lead;
  sizes.push_back(x.sizes()[x.rank() - 2]);
  sizes.push_back(x.sizes()[x.rank() - 1]);
  const TensorView wide = kernels::BroadcastView(x.view(), sizes);
  bool repeats_all = true;
  for (int d = 0; d < lead.size(); d++) repeats_all &= wide.strides[d] == 0 || lead[d] == 1;
  const int r = sizes.size();
  const Dims flat = {Numel(lead), sizes[r - 2], sizes[r - 1]};
  if (repeats_all) return x.AsStrided(flat, {0, wide.strides[r - 2], wide.strides[r - 1]}, x.offset());
  // The batch is one run of equal steps?
  bool even = true;
  int64_t step = 0, expected = 0;
  for (int d = lead.size() - 1; d >= 0; d--) {
    if (lead[d] == 1) continue;
    if (step == 0) step = expected = wide.strides[d];
    even &= wide.strides[d] == expected && step != 0;
    expected *= lead[d];
  }
  const Tensor seen = x.AsStrided(sizes, wide.strides, x.offset());
  if (even) return x.AsStrided(flat, {step, wide.strides[r - 2], wide.strides[r - 1]}, x.offset());
  FP_ASSIGN_OR_RETURN(Tensor copy, seen.Clone());
  return copy.AsStrided(flat, ContiguousStrides(flat), 0);
}

Tensor WithDim(const Tensor& x, int at) {
  Dims sizes = x.sizes(), strides = x.strides();
  sizes.insert(at, 1);
  strides.insert(at, 0);
  return x.AsStrided(sizes, strides, x.offset());
}

Status MatmulEval(const EvalCall& call, std::span<Tensor> outputs) {
  Tensor a = call.tensor("self"), b = call.tensor("other");
  Dims lead = outputs[0].sizes();
  lead.resize(lead.size() - (a.rank() > 1) - (b.rank() > 1));
  if (a.rank() == 1) a = WithDim(a, 0);
  if (b.rank() == 1) b = WithDim(b, 1);
  // [.., M, K] times one matrix is a single product of all rows, where the rows are one run.
  if (b.rank() == 2 && a.contiguous()) {
    const int64_t rows = Numel(lead) * a.sizes()[a.rank() - 2], k = a.sizes()[a.rank() - 1];
    a = a.AsStrided({rows, k}, {k, 1}, a.offset());
    lead = {};
  }
  FP_ASSIGN_OR_RETURN(const Tensor x, AsBatch(a, lead));
  FP_ASSIGN_OR_RETURN(const Tensor w, AsBatch(b, lead));
  const Dims flat = {x.sizes()[0], x.sizes()[1], w.sizes()[2]};
  Tensor out = outputs[0].AsStrided(flat, ContiguousStrides(flat), 0);
  kernels::Product(x.view(), w.view(), nullptr, out.mutable_view());
  return OkStatus();
}

// y[..., o] = bias[o] + sum_i x[..., i] * weight[o, i]
Result<Specs> LinearShape(const ShapeCall& call) {
  const TensorSpec &x = call.tensor("input"), &weight = call.tensor("weight");
  FP_RETURN_IF_ERROR(SameDType(x, weight));
  if (x.sizes.empty() || weight.sizes.size() != 2 || !call.guards.Equal(x.sizes.back(), weight.sizes[1])) {
    return BadInput("", "sizes " + ToString(x.sizes) + " and a weight of " + ToString(weight.sizes), "[...,in] and [out,in]");
  }
  if (call.has("bias")) {
    const TensorSpec& bias = call.tensor("bias");
    FP_RETURN_IF_ERROR(SameDType(x, bias));
    if (bias.sizes.size() != 1 || !call.guards.Equal(bias.sizes[0], weight.sizes[0])) {
      return BadInput("", "a bias of " + ToString(bias.sizes), "[" + weight.sizes[0].ToString() + "]");
    }
  }
  Sizes sizes = x.sizes;
  sizes.back() = weight.sizes[0];
  return Specs{{x.dtype, std::move(sizes)}};
}

Status LinearEval(const EvalCall& call, std::span<Tensor> outputs) {
  FP_ASSIGN_OR_RETURN(const Tensor x, call.tensor("input").Contiguous());
  const Tensor& w = call.tensor("weight");
  const int64_t in = w.sizes()[1], out = w.sizes()[0], rows = outputs[0].numel() / std::max<int64_t>(out, 1);
  const Tensor a = x.AsStrided({1, rows, in}, {0, in, 1}, x.offset());
  const Tensor b = w.AsStrided({1, in, out}, {0, w.strides()[1], w.strides()[0]}, w.offset());
  Tensor y = outputs[0].AsStrided({1, rows, out}, {rows * out, out, 1}, 0);
  TensorView bias;
  if (call.has("bias")) bias = call.tensor("bias").view();
  kernels::Product(a.view(), b.view(), call.has("bias") ? &bias : nullptr, y.mutable_view());
  return OkStatus();
}

Status CheckRanks(Calls& call, const Arg& a, size_t ra, const Arg& b, size_t rb) {
  if (call.SizesOf(a).size() == ra && call.SizesOf(b).size() == rb) return OkStatus();
  return BadInput("", "sizes " + ToString(call.SizesOf(a)) + " and " + ToString(call.SizesOf(b)),
                  std::to_string(ra) + " and " + std::to_string(rb) + " dimensions");
}

template <int kRankA, int kRankB>
Values Ranked(GraphBuilder& builder, Args args) {
  Calls call(builder);
  FP_RETURN_IF_ERROR(CheckRanks(call, args[0], kRankA, args[1], kRankB));
  return call.Return(call("matmul", {args[0], args[1]}));
}

Values Outer(GraphBuilder& builder, Args args) {
  Calls call(builder);
  FP_RETURN_IF_ERROR(CheckRanks(call, args[0], 1, args[1], 1));
  return call.Return(call("mul", {call("unsqueeze", {args[0], Dim(1)}), args[1]}));
}

bool IsOne(const Arg& scalar) {
  if (auto* d = std::get_if<Dim>(&scalar)) return d->is(1);
  if (auto* f = std::get_if<double>(&scalar)) return *f == 1;
  return false;
}
bool IsZero(const Arg& scalar) {
  if (auto* d = std::get_if<Dim>(&scalar)) return d->is(0);
  if (auto* f = std::get_if<double>(&scalar)) return *f == 0;
  return false;
}

// beta * self + alpha * (a @ b); with beta 0 self is not read, so that its NaNs do not count.
template <int kRank>
Values AddProduct(GraphBuilder& builder, Args args) {
  Calls call(builder);
  FP_RETURN_IF_ERROR(CheckRanks(call, args[1], kRank, args[2], kRank == 1 ? 1 : kRank));
  ValueRef product = call("matmul", {args[1], args[2]});
  if (!IsOne(args[4])) product = call("mul", {product, args[4]});
  if (IsZero(args[3])) return call.Return(product);
  Arg self = args[0];
  if (!IsOne(args[3])) self = call("mul", {self, args[3]});
  return call.Return(call("add", {product, self}));
}

// ---- einsum ----------------------------------------------------------------------------------------------------------
// Labels are letters; the dimensions of "..." get labels of their own, counted from the right. Operands are multiplied
// from left to right. Before each product a dimension that nobody needs any more is summed; in it, dimensions that both
// have are the batch (where still needed) or contracted, and the rest are rows and columns.

struct Term {
  ValueRef value;
  std::vector<int> labels;
};

constexpr int kEllipsisLabel = 1000;

Result<std::vector<int>> ReadLabels(std::string_view text, int rank) {
  std::vector<int> labels;
  int letters = 0;
  for (char c : text) letters += std::isalpha(static_cast<unsigned char>(c)) ? 1 : 0;
  for (size_t i = 0; i < text.size(); i++) {
    if (text[i] == ' ') continue;
    if (std::isalpha(static_cast<unsigned char>(text[i]))) {
      labels.push_back(text[i]);
    } else if (text.substr(i, 3) == "...") {
      for (int d = rank - letters - 1; d >= 0; d--) labels.push_back(kEllipsisLabel + d);
      i += 2;
    } else {
      return BadInput("equation", "'" + std::string(1, text[i]) + "'", "a letter or '...'");
    }
  }
  return labels;
}

bool Has(const std::vector<int>& labels, int label) { return std::find(labels.begin(), labels.end(), label) != labels.end(); }

int IndexOf(const std::vector<int>& labels, int label) {
  return static_cast<int>(std::find(labels.begin(), labels.end(), label) - labels.begin());
}

// A label that an operand has twice: its diagonal.
void TakeDiagonals(Calls& call, Term* term) {
  for (size_t i = 0; i < term->labels.size() && call.ok(); i++) {
    for (size_t j = i + 1; j < term->labels.size(); j++) {
      if (term->labels[i] != term->labels[j]) continue;
      const int label = term->labels[i];
      term->value = call("diagonal", {term->value, Dim(0), Dim(static_cast<int64_t>(i)), Dim(static_cast<int64_t>(j))});
      term->labels.erase(term->labels.begin() + static_cast<long>(j));
      term->labels.erase(term->labels.begin() + static_cast<long>(i));
      term->labels.push_back(label);
      i = static_cast<size_t>(-1);
      break;
    }
  }
}

void SumAway(Calls& call, Term* term, const std::vector<int>& needed) {
  Sizes dims;
  std::vector<int> kept;
  for (size_t i = 0; i < term->labels.size(); i++) {
    if (Has(needed, term->labels[i])) kept.push_back(term->labels[i]);
    else dims.push_back(static_cast<int64_t>(i));
  }
  if (dims.empty()) return;
  term->value = call("sum", {term->value, dims});
  term->labels = kept;
}

// A dimension of size 1 in one operand and not in the other stretches: it is dropped here.
void DropStretched(Calls& call, Term* term, const Term& other) {
  Sizes sizes = call.SizesOf(term->value), other_sizes = call.SizesOf(other.value), out;
  std::vector<int> labels;
  for (size_t i = 0; i < term->labels.size(); i++) {
    const bool shared = Has(other.labels, term->labels[i]);
    if (shared && sizes[i].is(1) && !other_sizes[IndexOf(other.labels, term->labels[i])].is(1)) continue;
    labels.push_back(term->labels[i]);
    out.push_back(sizes[i]);
  }
  if (labels.size() == term->labels.size()) return;
  term->value = call("reshape", {term->value, out});
  term->labels = labels;
}

ValueRef Ordered(Calls& call, const Term& term, const std::vector<int>& labels) {
  Sizes order;
  bool same = true;
  for (size_t i = 0; i < labels.size(); i++) {
    order.push_back(IndexOf(term.labels, labels[i]));
    same &= order.back().is(static_cast<int64_t>(i));
  }
  return same ? term.value : call("permute", {term.value, order});
}

Dim ProductOf(const std::map<int, Dim>& sizes, const std::vector<int>& labels) {
  Dim n = 1;
  for (int label : labels) n = n * sizes.at(label);
  return n;
}

std::vector<int> Concat(std::vector<int> a, const std::vector<int>& b) {
  a.insert(a.end(), b.begin(), b.end());
  return a;
}

Term Multiply(Calls& call, Term a, Term b, const std::vector<int>& needed) {
  SumAway(call, &a, Concat(needed, b.labels));
  SumAway(call, &b, Concat(needed, a.labels));
  if (!call.ok()) return a;
  DropStretched(call, &a, b);
  DropStretched(call, &b, a);
  if (!call.ok()) return a;
  std::map<int, Dim> sizes;
  const Sizes sizes_a = call.SizesOf(a.value), sizes_b = call.SizesOf(b.value);
  for (size_t i = 0; i < a.labels.size(); i++) sizes[a.labels[i]] = sizes_a[i];
  for (size_t i = 0; i < b.labels.size(); i++) sizes.emplace(b.labels[i], sizes_b[i]);
  std::vector<int> batch, rows, inner, columns;
  for (int label : a.labels) {
    if (!Has(b.labels, label)) rows.push_back(label);
    else if (Has(needed, label)) batch.push_back(label);
    else inner.push_back(label);
  }
  for (int label : b.labels) {
    if (!Has(a.labels, label)) columns.push_back(label);
  }
  const Dim nb = ProductOf(sizes, batch), m = ProductOf(sizes, rows), k = ProductOf(sizes, inner), n = ProductOf(sizes, columns);
  const auto shaped = [&](const Term& t, const std::vector<int>& labels, const Dim& r, const Dim& c) {
    return call("reshape", {Ordered(call, t, labels), batch.empty() ? Sizes{r, c} : Sizes{nb, r, c}});
  };
  const ValueRef x = shaped(a, Concat(Concat(batch, rows), inner), m, k);
  const ValueRef y = shaped(b, Concat(Concat(batch, inner), columns), k, n);
  Term out{call("matmul", {x, y}), Concat(Concat(batch, rows), columns)};
  Sizes full;
  for (int label : out.labels) full.push_back(sizes[label]);
  out.value = call("reshape", {out.value, full});
  return out;
}

Values Einsum(GraphBuilder& builder, Args args) {
  Calls call(builder);
  const std::string equation = std::get<std::string>(args[0]);
  const ValueList& list = std::get<ValueList>(args[1]);
  const size_t arrow = equation.find("->");
  std::string_view left = std::string_view(equation).substr(0, arrow);
  std::vector<Term> terms;
  size_t start = 0;
  for (size_t i = 0; i <= left.size(); i++) {
    if (i < left.size() && left[i] != ',') continue;
    if (terms.size() == list.size()) return BadInput("equation", "'" + equation + "'", std::to_string(list.size()) + " operands");
    const ValueRef value{list[terms.size()]};
    const int rank = static_cast<int>(call.SizesOf(value).size());
    FP_ASSIGN_OR_RETURN(std::vector<int> labels, ReadLabels(left.substr(start, i - start), rank));
    if (static_cast<int>(labels.size()) != rank) {
      return BadInput("equation", "operand '" + std::string(left.substr(start, i - start)) + "' for a tensor of " +
                      std::to_string(rank) + " dimensions", "a letter for each");
    }
    terms.push_back({value, std::move(labels)});
    start = i + 1;
  }
  if (terms.size() != list.size() || terms.empty()) return BadInput("equation", "'" + equation + "'", std::to_string(list.size()) + " operands");
  std::vector<int> out;
  int widest = 0;
  std::map<int, int> seen;
  for (const Term& t : terms) {
    for (int label : t.labels) {
      seen[label]++;
      if (label >= kEllipsisLabel) widest = std::max(widest, label - kEllipsisLabel + 1);
    }
  }
  if (arrow != std::string::npos) {
    const std::string_view right = std::string_view(equation).substr(arrow + 2);
    int letters = 0;
    for (char c : right) letters += std::isalpha(static_cast<unsigned char>(c)) ? 1 : 0;
    FP_ASSIGN_OR_RETURN(out, ReadLabels(right, letters + widest));
    for (size_t i = 0; i < out.size(); i++) {
      if (!seen.count(out[i]) || Has({out.begin(), out.begin() + static_cast<long>(i)}, out[i])) {
        return BadInput("equation", "output '" + std::string(right) + "'", "letters of the operands, each once");
      }
    }
  } else {  // implicit: "..." first, then the letters that occur once, in alphabetical order
    for (int d = widest - 1; d >= 0; d--) out.push_back(kEllipsisLabel + d);
    for (const auto& [label, count] : seen) {
      if (label < kEllipsisLabel && count == 1) out.push_back(label);
    }
  }
  for (Term& t : terms) TakeDiagonals(call, &t);
  if (!call.ok()) return call.Return(ValueRef{});
  Term result = terms[0];
  for (size_t i = 1; i < terms.size() && call.ok(); i++) {
    std::vector<int> needed = out;
    for (size_t j = i + 1; j < terms.size(); j++) needed = Concat(needed, terms[j].labels);
    result = Multiply(call, result, terms[i], needed);
  }
  if (!call.ok()) return call.Return(ValueRef{});
  SumAway(call, &result, out);
  return call.Return(Ordered(call, result, out));
}

}  // namespace

const OpDef op_matmul = {
    .name = "matmul",
    .torch = {"torch.matmul", "Tensor.matmul", "Tensor.__matmul__", "torch.linalg.matmul"},
    .params = "Tensor self, Tensor other",
    .shape = MatmulShape,
    .eval = MatmulEval,
    .inplace = false,
    .examples = {"f32[2,3], f32[3,4]", "f32[5,2,3], f32[3,4]", "f32[2,1,4,3], f32[5,3,2]", "f32[3], f32[3]",
                 "f32[3], f32[2,3,4]", "f32[2,4,3], f32[3]", "i64[2,3], i64[3,4]", "f32[130,300], f32[300,150]"},
    .doc = "the matrix product; leading dimensions broadcast",
};
const OpDef op_linear = {
    .name = "linear",
    .torch = {"torch._C._nn.linear", "torch.nn.functional.linear"},
    .params = "Tensor input, Tensor weight, Tensor? bias=None",
    .shape = LinearShape,
    .eval = LinearEval,
    .inplace = false,
    .examples = {"f32[2,3], f32[4,3], f32[4]", "f32[2,5,3], f32[4,3]", "f32[3], f32[4,3], f32[4]"},
    .doc = "bias + input times the transposed weight",
};
const OpDef op_mm = {
    .name = "mm",
    .torch = {"torch.mm", "Tensor.mm"},
    .params = "Tensor self, Tensor mat2",
    .decompose = Ranked<2, 2>,
    .inplace = false,
    .examples = {"f32[2,3], f32[3,4]"},
    .doc = "the product of two matrices",
};
const OpDef op_bmm = {
    .name = "bmm",
    .torch = {"torch.bmm", "Tensor.bmm"},
    .params = "Tensor self, Tensor mat2",
    .decompose = Ranked<3, 3>,
    .inplace = false,
    .examples = {"f32[5,2,3], f32[5,3,4]"},
    .doc = "the products of two lists of matrices",
};
const OpDef op_mv = {
    .name = "mv",
    .torch = {"torch.mv", "Tensor.mv"},
    .params = "Tensor self, Tensor vec",
    .decompose = Ranked<2, 1>,
    .inplace = false,
    .examples = {"f32[2,3], f32[3]"},
    .doc = "a matrix times a vector",
};
const OpDef op_dot = {
    .name = "dot",
    .torch = {"torch.dot", "Tensor.dot", "torch.inner", "Tensor.inner"},
    .params = "Tensor self, Tensor tensor",
    .decompose = Ranked<1, 1>,
    .inplace = false,
    .examples = {"f32[3], f32[3]"},
    .doc = "the product of two vectors, a number",
};
const OpDef op_outer = {
    .name = "outer",
    .torch = {"torch.outer", "Tensor.outer", "torch.ger", "Tensor.ger"},
    .params = "Tensor self, Tensor vec2",
    .decompose = Outer,
    .inplace = false,
    .examples = {"f32[3], f32[4]"},
    .doc = "the product of two vectors, a matrix",
};
const OpDef op_addmm = {
    .name = "addmm",
    .torch = {"torch.addmm", "Tensor.addmm"},
    .params = "Tensor self, Tensor mat1, Tensor mat2, *, Scalar beta=1, Scalar alpha=1",
    .decompose = AddProduct<2>,
    .examples = {"f32[4], f32[2,3], f32[3,4]", "f32[2,4], f32[2,3], f32[3,4], beta=0.5, alpha=2"},
    .doc = "beta * self + alpha * (mat1 times mat2)",
};
const OpDef op_baddbmm = {
    .name = "baddbmm",
    .torch = {"torch.baddbmm", "Tensor.baddbmm"},
    .params = "Tensor self, Tensor batch1, Tensor batch2, *, Scalar beta=1, Scalar alpha=1",
    .decompose = AddProduct<3>,
    .examples = {"f32[5,2,4], f32[5,2,3], f32[5,3,4]", "f32[5,2,4], f32[5,2,3], f32[5,3,4], beta=0, alpha=0.5"},
    .doc = "beta * self + alpha * (batch1 times batch2)",
};
const OpDef op_einsum = {
    .name = "einsum",
    .torch = {"torch.einsum", "torch.functional.einsum"},
    .params = "str equation, Tensor[] tensors",
    .decompose = Einsum,
    .inplace = false,
    .examples = {"'ij,jk->ik', [f32[2,3], f32[3,4]]", "'bhid,bhjd->bhij', [f32[2,2,3,4], f32[2,2,5,4]]",
                 "'ij->ji', [f32[2,3]]", "'ij->', [f32[2,3]]", "'ii->i', [f32[3,3]]", "'i,j', [f32[2], f32[3]]",
                 "'...ij,...jk', [f32[2,2,3], f32[3,4]]", "'ab,bc,cd->ad', [f32[2,3], f32[3,4], f32[4,2]]",
                 "'bhwc,hkc->bhwk', [f32[2,3,4,5], f32[3,2,5]]", "'nctkv,kvw->nctw', [f32[1,2,3,2,3], f32[2,3,4]]"},
    .doc = "sums of products by index letters",
};

}  // namespace fusepack::ops
