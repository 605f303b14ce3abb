#include "tests/package_format/sample_package.h"

#include <bit>
#include <cmath>
#include <cstring>
#include <limits>
#include <map>
#include <sstream>

#include "engine/graph/builder.h"
#include "engine/ops/op.h"

namespace fusepack {
namespace {

Bytes TextBytes(const std::string& text) { return Bytes::FromVector({text.begin(), text.end()}); }

// f32[N], values from a fixed linear congruence, so that the file is the same everywhere.
Tensor Noise(const Dims& sizes, uint32_t seed) {
  Tensor t = Tensor::Zeros(DType::kF32, sizes).value();
  float* to = t.mutable_view().as<float>();
  for (int64_t i = 0; i < t.numel(); i++) {
    seed = seed * 1664525u + 1013904223u;
    to[i] = static_cast<float>(static_cast<int32_t>(seed >> 8) - (1 << 23)) * 0x1p-26f;
  }
  return t;
}

// relu(x) + weight, reshaped to rows: x: f32[s0,2,3], weight: f32[2,3].
Graph SampleGraph(const Tensor& weight) {
  Graph graph;
  graph.name = "sample";
  graph.symbol_hints = {4};
  const Dim batch = Dim::Symbol(0, 4);
  const ValueId x = graph.AddInput("x", DType::kF32, {batch, 2, 3});
  const ValueId w = graph.AddConstant("block.weight", weight);
  GraphBuilder builder(&graph);
  builder.set_scope("block");
  builder.set_where("net.py:7:15");
  const ValueId relu = builder.AddOne("relu", {ValueRef{x}}).value();
  const ValueId sum = builder.AddOne("add", {ValueRef{relu}, ValueRef{w}, Dim(1)}).value();
  builder.set_scope("");
  const ValueId rows = builder.AddOne("reshape", {ValueRef{sum}, std::vector<Dim>{batch, Dim(6)}}).value();
  builder.guards().set_where("net.py:9:8");
  builder.guards().Decide(batch * 6, Compare::kGt, Dim(5));
  builder.Finish();
  graph.outputs = {{rows, "0"}, {rows, "1.\xc3\xa4"}};
  return graph;
}

class Describer {
 public:
  std::string Take() { return out_.str(); }

  void Add(const Package& p) {
    out_ << "producer " << p.producer << "\n";
    for (const auto& s : p.state) {
      out_ << "state " << s.name << " kind " << static_cast<int>(s.kind) << " " << TensorText(s.tensor) << "\n";
    }
    for (const Method& m : p.methods) {
      out_ << "method " << m.name << "\n";
      Add(m.graph);
      if (!m.calibration) continue;
      out_ << "  calibration " << m.calibration->algorithm << " over " << m.calibration->samples << "\n";
      for (const auto& [id, range] : m.calibration->ranges) out_ << "    " << id << ": " << range.low << " to " << range.high << "\n";
    }
    for (const auto& g : p.fx_graphs) {
      out_ << "fx '" << g.name << "' " << g.root_class << " " << g.tracer_class << "\n" << g.code << "\n";
      for (const auto& n : g.nodes) {
        out_ << "  " << n.op << "|" << n.name << "|" << n.target << "|" << n.args << "|" << n.kwargs << "|" << n.type << "|" << n.where;
        for (const auto& [k, v] : n.meta) out_ << "|" << k << "=" << v;
        out_ << "\n";
      }
    }
    const SourceArchive& a = p.archive;
    out_ << "archive " << a.kind << "|" << a.version << "|" << a.python_version << "|" << a.root << "|" << a.model << "\n";
    for (const auto& e : a.externs) out_ << "  extern " << e << "\n";
    for (const auto& r : a.records) out_ << "  record " << r.name << " '" << r.bytes.text() << "'\n";
    for (const auto& c : p.cases) {
      out_ << "case " << c.name << "|" << c.method << "|" << c.computed_by << "\n";
      for (const auto& t : c.inputs) out_ << "  input " << t.path << " " << TensorText(t.tensor) << "\n";
      for (const auto& t : c.outputs) out_ << "  output " << t.path << " " << TensorText(t.tensor) << "\n";
      for (const auto& t : c.tolerances) out_ << "  " << t.precision << " " << Bits(t.of_largest) << " " << Bits(t.absolute) << "\n";
      for (const auto& d : c.digests) {
        out_ << "  digest " << d.name << "|" << d.scope << "|" << d.where;
        for (double v : d.numbers) out_ << " " << Bits(v);
        out_ << "\n";
      }
    }
    for (const auto& plan : p.plans) out_ << "plan " << plan.key << " '" << plan.blob.text() << "'\n";
    for (const auto& [k, v] : p.metadata) out_ << "metadata " << k << "=" << v << "\n";
  }

  void Add(const Graph& g) {
    out_ << "graph " << g.name << " symbols";
    for (int64_t hint : g.symbol_hints) out_ << " " << hint;
    for (const Value& v : g.values) out_ << "\n  value " << v.name << " " << v.dtype << ToString(v.sizes);
    for (ValueId id : g.inputs) out_ << "\n  input " << id;
    for (const auto& [id, t] : g.constants) out_ << "\n  constant " << id << " " << TensorText(t);
    for (const Node& n : g.nodes) {
      out_ << "\n  node " << n.op->name << "|" << n.scope << "|" << n.where << "|" << (n.region ? "region" : "");
      for (ValueId id : n.outputs) out_ << " " << id;
      for (const Arg& arg : n.args) {
        out_ << "\n    " << arg.index() << " ";
        std::visit([&](const auto& a) { AddArg(a); }, arg);
      }
    }
    for (const auto& o : g.outputs) out_ << "\n  output " << o.id << " " << o.path;
    for (const Guard& guard : g.guards) out_ << "\n  guard " << guard.ToString() << " # " << guard.where;
    out_ << "\n";
  }

 private:
  static std::string Bits(double v) { return std::to_string(std::bit_cast<uint64_t>(v)); }
  void AddArg(std::monostate) {}
  void AddArg(bool v) { out_ << v; }
  void AddArg(const Dim& v) { out_ << v << " = " << v.hint(); }
  void AddArg(double v) { out_ << Bits(v); }
  void AddArg(const std::string& v) { out_ << v.size() << " " << v; }
  void AddArg(DType v) { out_ << v; }
  void AddArg(const std::vector<Dim>& v) { out_ << ToString(v); }
  void AddArg(const std::vector<double>& v) {
    for (double d : v) out_ << Bits(d) << " ";
  }
  void AddArg(ValueRef v) { out_ << "%" << v.id; }
  void AddArg(const ValueList& v) {
    for (ValueId id : v) out_ << "%" << id << " ";
  }

  // Storages are numbered as they are met, so that the text shows which tensors share one.
  std::string TensorText(const Tensor& t) {
    std::ostringstream out;
    const auto [it, fresh] = storages_.emplace(t.storage().get(), storages_.size());
    out << t.ToString() << " strides " << t.strides() << " offset " << t.offset() << " storage " << it->second;
    if (!fresh) return out.str();
    out << " of " << t.storage()->bytes() << ":";
    const auto* bytes = static_cast<const uint8_t*>(t.storage()->data());
    for (int64_t i = 0; i < t.storage()->bytes(); i++) out << " " << int{bytes[i]};
    return out.str();
  }

  std::ostringstream out_;
  std::map<const Storage*, size_t> storages_;
};

}  // namespace

Package SamplePackage() {
  Package p;
  p.producer = "fusepack test";

  const Tensor weight = Noise({2, 3}, 1);
  p.state.push_back({"block.weight", weight, StateKind::kParameter});
  p.state.push_back({"tied.weight", weight, StateKind::kParameter});
  // Views of one storage: transposed, with an offset, broadcast.
  const Tensor big = Noise({16, 16}, 2);
  p.state.push_back({"big", big, StateKind::kBuffer});
  p.state.push_back({"big.t", big.AsStrided({16, 16}, {1, 16}, 0), StateKind::kConstant});
  p.state.push_back({"big.column", big.AsStrided({15}, {16}, 17), StateKind::kConstant});
  p.state.push_back({"big.everywhere", big.AsStrided({1000, 2}, {0, 1}, 3), StateKind::kConstant});
  // Every element type; bytes 0 and 1 are good for each of them.
  for (int i = 0; i < kDTypeCount; i++) {
    Tensor t = Tensor::Zeros(static_cast<DType>(i), {3}).value();
    auto* bytes = static_cast<uint8_t*>(t.storage()->mutable_data());
    for (int64_t b = 0; b < t.storage()->bytes(); b++) bytes[b] = static_cast<uint8_t>((b + i) % 3 == 0);
    p.state.push_back({"typed." + std::string(ShortName(t.dtype())), t, StateKind::kNonPersistentBuffer});
  }
  p.state.push_back({"scalar", Tensor::Scalar(DType::kI64, -7), StateKind::kBuffer});
  p.state.push_back({"empty", Tensor::Zeros(DType::kF32, {3, 0, 2}).value(), StateKind::kBuffer});
  p.state.push_back({"\xe5\xb1\x82.\xf0\x9f\x8c\x8d.w", Noise({2}, 3), StateKind::kParameter});
  // Equal content in a storage of its own stays a storage of its own.
  p.state.push_back({"block.weight.copy", weight.Clone().value(), StateKind::kBuffer});

  p.methods.push_back({"forward", SampleGraph(weight)});
  p.methods.push_back({"encode", SampleGraph(Noise({2, 3}, 4))});

  FxGraphRecord fx;
  fx.root_class = "net.Net";
  fx.tracer_class = "torch.fx._symbolic_trace.Tracer";
  fx.code = "\n\n\ndef forward(self, x):\n    relu = torch.relu(x);  x = None\n    return relu\n    ";
  fx.nodes.push_back({"placeholder", "x", "x", "()", "{}", "torch.Tensor", "net.py:5", {}});
  fx.nodes.push_back({"call_function", "relu", "torch.relu", "(x,)", "{'a': 1}", "", "net.py:7", {{"nn_module_stack", "block"}, {"k", ""}}});
  fx.nodes.push_back({"output", "output", "output", "(relu,)", "{}", "", "", {}});
  p.fx_graphs.push_back(fx);
  fx.name = "block";
  p.fx_graphs.push_back(fx);

  p.archive.kind = "torch.package";
  p.archive.version = 6;
  p.archive.python_version = "3.11.2";
  p.archive.root = "net";
  p.archive.model = "model/model.pkl";
  p.archive.externs = {"torch", "sys", ""};
  p.archive.records.push_back({"model/model.pkl", TextBytes(std::string("\x80\x02}q\x00.", 6))});
  const auto* weight_bytes = static_cast<const uint8_t*>(weight.storage()->data());
  p.archive.records.push_back({".data/0.storage", Bytes::FromVector({weight_bytes, weight_bytes + weight.storage()->bytes()})});
  p.archive.records.push_back({"net.py", TextBytes("import torch\n\n\nclass Net(torch.nn.Module):\n    pass\n# " + std::string(300, 'x'))});
  p.archive.records.push_back({"net/__init__.py", TextBytes("")});

  ReferenceCase c;
  c.name = "example";
  c.computed_by = "PyTorch 2.15.0";
  c.inputs.push_back({"x", Noise({4, 2, 3}, 5)});
  c.outputs.push_back({"0", Noise({4, 6}, 6)});
  c.tolerances = {{"fp32", 2e-5, 0}, {"bf16", 1e-2, 1e-30}};
  c.digests.push_back({"relu", "block", "net.py:7:15", {1.5, -0.0, INFINITY, std::numeric_limits<double>::quiet_NaN(), 5e-324}});
  c.digests.push_back({"", "", "", {}});
  p.cases.push_back(c);
  c.name = "again, same input";
  c.method = "encode";
  c.computed_by = "fusepack float64 reference";
  c.digests.clear();
  p.cases.push_back(c);

  p.plans.push_back({"cpu avx512 onednn-2.6.3", TextBytes("plan bytes \xff\xfe")});
  p.metadata = {{"license", "BSD-3-Clause"}, {"trained_on", "ImageNet\n\xe2\x80\x94"}, {"", ""}};
  return p;
}

Graph GraphOfEveryArgument() {
  Graph g;
  g.name = "arguments";
  g.symbol_hints = {3, 0, int64_t{1} << 60};
  const Dim s0 = Dim::Symbol(0, 3), s2 = Dim::Symbol(2, int64_t{1} << 60);
  const ValueId x = g.AddInput("x", DType::kF32, {s0, (s0 + 5) * 2 - 1, FloorDiv(s0, Dim(2)), Max(Mod(s0, Dim(2)), Dim(0) - s0 + 9)});
  const ValueId y = g.AddInput("", DType::kC128, {});
  const std::vector<Arg> args = {
      std::monostate(), true, false, Dim(-5), Dim(int64_t{1} << 60), s0 - 7, FloorScale(s0, 0.1), Min(s2, Dim(3)),
      0.0, -0.0, 0.1, -INFINITY, std::numeric_limits<double>::quiet_NaN(), 5e-324, std::string(), std::string("a\0b", 3),
      std::string("\xc3\xa4"), std::string(100000, 'z'), DType::kBool, DType::kC128, std::vector<Dim>(), std::vector<Dim>{s0, 2, -1},
      std::vector<double>(), std::vector<double>{-0.0, 1e300}, ValueRef{x}, ValueRef{kNoValue}, ValueList{}, ValueList{y, kNoValue, x}};
  for (const Arg& arg : args) g.nodes.push_back({FindOp("add"), {arg, std::monostate(), Dim(1)}, {}, "", "", nullptr});
  for (Compare op : {Compare::kEq, Compare::kNe, Compare::kLt, Compare::kLe, Compare::kGt, Compare::kGe}) {
    g.guards.push_back({s0 * 2, op, s2, "net.py:1:1"});
  }
  g.outputs = {{y, ""}, {y, "again"}};
  return g;
}

std::string Describe(const Package& package) {
  Describer d;
  d.Add(package);
  return d.Take();
}

std::string Describe(const Graph& graph) {
  Describer d;
  d.Add(graph);
  return d.Take();
}

}  // namespace fusepack
