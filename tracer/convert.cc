// The straight line, a stage a call; FUSEPACK_DEBUG=1 shows what each took.
#include "tracer/convert.h"

#include "engine/compare.h"
#include "engine/debug.h"
#include "tracer/archive/package_layout.h"
#include "tracer/case_digests.h"
#include "tracer/environment.h"
#include "tracer/fx/tracer.h"
#include "tracer/package/exporter.h"
#include "tracer/package/importer.h"
#include "tracer/package/source_importer.h"
#include "tracer/torch/tensor_value.h"
#include "tracer/torch/trace.h"
#include "tracer/torchscript/read.h"
#include "tracer/torchscript/script.h"
#include "tracer/torchscript/write.h"

namespace fusepack {
namespace {

constexpr char kProducer[] = "fusepack 0.1.0";
constexpr char kReferenceBy[] = "fusepack float64 reference";

std::vector<std::string> Lines(std::string_view text) {
  std::vector<std::string> lines;
  for (size_t begin = 0; begin < text.size();) {
    const size_t end = std::min(text.find('\n', begin), text.size());
    if (end > begin) lines.emplace_back(text.substr(begin, end - begin));
    begin = end + 1;
  }
  return lines;
}

void Warn(const ConvertOptions& options, const std::string& line) {
  if (options.warn) options.warn(line);
}

// What torch.rand (or torch.randint(0, 2) for integers) draws next.
Result<Tensor> Draw(py::Interpreter& in, const InputSpec& spec) {
  Tensor drawn;
  auto done = in.Try([&] {
    std::vector<py::Value> sizes;
    for (int64_t s : spec.sizes) sizes.push_back(py::Value::Int(s));
    const py::Value torch = in.Import("torch"), shape = in.NewTuple(sizes);
    const std::vector<py::Keyword> dtype = {{in.Intern("dtype"), in.GetAttr(torch, TorchName(spec.dtype))}};
    std::vector<py::Value> positional = {shape};
    if (!IsFloating(spec.dtype)) positional = {py::Value::Int(0), py::Value::Int(2), shape};
    const py::Value value = in.Call(in.GetAttr(torch, IsFloating(spec.dtype) ? "rand" : "randint"), py::Args(positional, dtype));
    drawn = value.As<torch::TensorObject>()->real(in);
    return py::Value::None();
  });
  if (!done.ok()) return WithPlace(done.status(), "drawing an input " + spec.sizes.ToString());
  return drawn;
}

Result<std::vector<Tensor>> ExampleInputs(py::Interpreter& in, const ConvertOptions& options) {
  if (!options.inputs.empty()) return options.inputs;
  if (options.shapes.empty()) {
    return UsageError("no example input", "--shape 1x3x224x224 or --input x.npy, one for each argument of forward");
  }
  std::vector<Tensor> inputs;
  for (const InputSpec& spec : options.shapes) {
    FP_ASSIGN_OR_RETURN(Tensor input, Draw(in, spec));
    inputs.push_back(std::move(input));
  }
  return inputs;
}

Status Seed(py::Interpreter& in, uint64_t seed) {
  auto done = in.Try([&] { return in.CallMethod(in.Import("torch"), "manual_seed", {py::Value::Int(static_cast<int64_t>(seed))}); });
  return done.ok() ? OkStatus() : done.status();
}

// Eval mode where asked for; the user hears in which mode batch norm and dropout are going to work.
Status SetMode(py::Interpreter& in, const py::Value& model, const ConvertOptions& options, Package* package) {
  bool training = false;
  auto done = in.Try([&] {
    const py::Value flag = in.FindAttr(model, "training");
    training = flag && in.Truth(flag);
    if (options.eval) in.CallMethod(model, "eval");
    return py::Value::None();
  });
  if (!done.ok()) return done.status();
  if (training && options.eval) Warn(options, "the model was in training mode; converted in eval mode, as --eval says");
  if (training && !options.eval) {
    Warn(options, "the model is in training mode: batch norm uses the batch's own statistics (--eval switches it off)");
  }
  package->metadata.emplace_back("mode", training && !options.eval ? "training" : "eval");
  return OkStatus();
}

FxGraphRecord RecordOf(fx::GraphText traced) {
  FxGraphRecord record;
  record.root_class = Demangle(traced.root_class);
  record.tracer_class = Demangle(traced.tracer_class);
  record.code = std::move(traced.code);
  for (fx::NodeText& node : traced.nodes) {
    record.nodes.push_back({std::move(node.op), std::move(node.name), std::move(node.target), std::move(node.args),
                            std::move(node.kwargs), "", std::move(node.where), {}});
  }
  return record;
}

// torch.fx cannot follow every model that can be run; what it says then is kept instead of a graph.
void AddFxGraph(py::Interpreter& in, const py::Value& model, Package* package) {
  const DebugStage stage("trace: torch.fx");
  if (torchscript::IsScriptModule(in, model)) {
    package->metadata.emplace_back("fx_error", "TorchScript is compiled code, which torch.fx does not trace");
    return;
  }
  auto traced = fx::SymbolicTrace(in, model);
  if (traced.ok()) {
    package->fx_graphs.push_back(RecordOf(std::move(*traced)));
  } else {
    package->metadata.emplace_back("fx_error", traced.status().ToString());
  }
}

Status AddMethod(py::Interpreter& in, const py::Value& model, const std::vector<Tensor>& inputs, Package* package) {
  const DebugStage stage("trace: engine graph");
  std::vector<torch::InputSpec> specs;
  for (const Tensor& input : inputs) specs.push_back({input.dtype(), input.sizes()});
  FP_ASSIGN_OR_RETURN(Graph graph, torch::TraceToEngine(in, model, specs));
  package->methods.push_back({"forward", std::move(graph)});
  FP_ASSIGN_OR_RETURN(auto state, torch::ModuleState(in, model));
  for (torch::NamedTensor& t : state) {
    package->state.push_back({std::move(t.name), std::move(t.tensor), t.is_parameter ? StateKind::kParameter : StateKind::kBuffer});
  }
  return OkStatus();
}

// The case's outputs are the given ones, or the float64 reference's; its digests are always the reference's.
Status AddCase(const std::vector<Tensor>& inputs, const ConvertOptions& options, Package* package) {
  const DebugStage stage("reference case");
  const Graph& graph = package->methods[0].graph;
  std::vector<Tensor> outputs;
  FP_ASSIGN_OR_RETURN(CaseTrace trace, ComputeCaseTrace(graph, inputs, &outputs));
  ReferenceCase reference;
  reference.name = "0";
  reference.computed_by = options.expected.empty() ? kReferenceBy : options.expected_by;
  reference.digests = DigestsFromTrace(trace);
  const Tolerance tolerance = Fp32Tolerance();
  reference.tolerances.push_back({"fp32", tolerance.relative, 0});
  for (size_t i = 0; i < inputs.size(); i++) reference.inputs.push_back({graph.value(graph.inputs[i]).name, inputs[i]});
  if (!options.expected.empty() && options.expected.size() != outputs.size()) {
    return UsageError(std::to_string(options.expected.size()) + " --expect", std::to_string(outputs.size()) + ", as forward returns");
  }
  for (size_t i = 0; i < outputs.size(); i++) {
    const std::string& path = graph.outputs[i].path;
    if (!options.expected.empty()) {
      const Tensor& expected = options.expected[i];
      if (expected.sizes() != outputs[i].sizes()) {
        return BadInput("--expect " + std::to_string(i), "sizes " + expected.sizes().ToString(), outputs[i].sizes().ToString() + ", as forward returns");
      }
      FP_ASSIGN_OR_RETURN(Comparison comparison, CompareTensors(outputs[i], expected, tolerance));
      if (!comparison.passed) Warn(options, "the expected output differs from the model's float64 evaluation: " + comparison.ToString());
      reference.outputs.push_back({path, expected});
    } else {
      reference.outputs.push_back({path, outputs[i]});
    }
  }
  package->cases.push_back(std::move(reference));
  return OkStatus();
}

// From a model in the evaluator to everything that a package says of it but where it came from.
Status Describe(py::Interpreter& in, const py::Value& model, const std::vector<Tensor>& inputs, const ConvertOptions& options, Package* package) {
  package->producer = kProducer;
  FP_RETURN_IF_ERROR(SetMode(in, model, options, package));
  in.ResetClock();
  FP_RETURN_IF_ERROR(AddMethod(in, model, inputs, package));
  in.ResetClock();
  AddFxGraph(in, model, package);
  if (options.reference_case) FP_RETURN_IF_ERROR(AddCase(inputs, options, package));
  return OkStatus();
}

Result<std::shared_ptr<const archive::Archive>> OpenModelArchive(const std::string& path) {
  const DebugStage stage("open archive");
  FP_ASSIGN_OR_RETURN(auto archive, archive::OpenArchive(path));
  if (archive->kind() != archive::ArchiveKind::kTorchSave) return archive;
  return WithFile(BadInput("archive", "a " + std::string(archive::ArchiveKindName(archive->kind())),
                           "one of torch.package or TorchScript, which hold the model's code too"), path);
}

Result<const archive::ArchiveResource*> ChoosePickle(const archive::Archive& archive, const std::string& wanted) {
  if (wanted.empty()) return archive.DefaultPickle();
  const archive::ArchiveResource* found = archive.FindResource(wanted);
  if (found != nullptr && found->is_pickle) return found;
  std::string all;
  for (const auto& resource : archive.resources()) {
    if (resource.is_pickle) all += (all.empty() ? "" : ", ") + resource.path;
  }
  return WithFile(BadInput("--pickle " + wanted, "no such pickle", "one of " + all), archive.path());
}

Result<py::Value> LoadModel(py::Interpreter& in, PackageImporter& importer, const std::shared_ptr<const archive::Archive>& archive,
                            const archive::ArchiveResource& pickle) {
  const DebugStage stage("unpickle and load modules");
  if (archive->kind() == archive::ArchiveKind::kTorchScript) return torchscript::LoadTorchScript(in, archive);
  FP_ASSIGN_OR_RETURN(py::Value model, importer.LoadPickle(in, pickle));
  const auto is_module = in.Try([&] {
    return py::Value::Bool(in.IsInstance(model, in.GetAttr(in.Import("torch.nn"), "Module")));
  });
  if (!is_module.ok()) return is_module.status();
  if (is_module->boolean()) return model;
  return BadInput("pickle '" + pickle.path + "'", "an object of type " + in.TypeName(model), "a torch.nn.Module");
}

SourceArchive RecordsOf(const archive::Archive& archive, const archive::ArchiveResource& pickle, Status* status) {
  SourceArchive out;
  out.kind = archive.kind() == archive::ArchiveKind::kTorchScript ? "TorchScript" : "torch.package";
  out.version = archive.version();
  out.python_version = archive.python_version();
  out.root = archive.root();
  out.model = pickle.path;
  out.externs = archive.externs();
  for (const archive::ZipRecord& record : archive.zip().records()) {
    auto bytes = archive.zip().Read(record);
    if (!bytes.ok()) {
      *status = bytes.status();
      return out;
    }
    out.records.push_back({record.name.substr(archive.root().size() + 1), std::move(*bytes)});
  }
  return out;
}

}  // namespace

Result<Package> ConvertArchive(const std::string& path, const ConvertOptions& options) {
  FP_ASSIGN_OR_RETURN(auto archive, OpenModelArchive(path));
  FP_ASSIGN_OR_RETURN(const auto* pickle, ChoosePickle(*archive, options.pickle));
  Environment environment(options.limits);
  py::Interpreter& in = environment.interpreter();
  PackageImporter importer(in, archive);
  Package package;
  const auto convert = [&]() -> Status {
    FP_ASSIGN_OR_RETURN(py::Value model, LoadModel(in, importer, archive, *pickle));
    FP_RETURN_IF_ERROR(Seed(in, options.seed));
    FP_ASSIGN_OR_RETURN(auto inputs, ExampleInputs(in, options));
    FP_RETURN_IF_ERROR(Describe(in, model, inputs, options, &package));
    Status read;
    package.archive = RecordsOf(*archive, *pickle, &read);
    return read;
  };
  FP_RETURN_IF_ERROR(WithFile(convert(), path));
  return package;
}

Status ExportTorchScript(std::shared_ptr<const archive::Archive> archive, const ConvertOptions& options, const std::string& output) {
  FP_ASSIGN_OR_RETURN(const auto* pickle, ChoosePickle(*archive, options.pickle));
  Environment environment(options.limits);
  py::Interpreter& in = environment.interpreter();
  PackageImporter importer(in, archive);
  const auto write = [&]() -> Status {
    FP_ASSIGN_OR_RETURN(py::Value model, LoadModel(in, importer, archive, *pickle));
    FP_ASSIGN_OR_RETURN(const py::Value scripted, in.Try([&] {
      if (options.eval) in.CallMethod(model, "eval");
      return torchscript::Script(in, model);
    }));
    return torchscript::SaveTorchScript(in, scripted, output);
  };
  return WithFile(write(), archive->path());
}

Result<FxGraphRecord> TraceFx(const std::string& path, const ConvertOptions& options) {
  FP_ASSIGN_OR_RETURN(auto archive, OpenModelArchive(path));
  FP_ASSIGN_OR_RETURN(const auto* pickle, ChoosePickle(*archive, options.pickle));
  Environment environment(options.limits);
  py::Interpreter& in = environment.interpreter();
  PackageImporter importer(in, archive);
  auto model = LoadModel(in, importer, archive, *pickle);
  if (!model.ok()) return WithFile(model.status(), path);
  auto traced = fx::SymbolicTrace(in, *model);
  if (!traced.ok()) return WithFile(traced.status(), path);
  return RecordOf(std::move(*traced));
}

namespace {

// A model built from source, in an environment of its own.
struct Built {
  explicit Built(const PackOptions& pack, const ConvertOptions& options, GlobGroup externs)
      : environment(options.limits), importer(pack.root, std::move(externs)) {
    environment.interpreter().State<SysImporter>().sources = &importer;
  }
  Environment environment;
  SourceImporter importer;
  py::Value model;
};

Result<std::unique_ptr<Built>> Build(const PackOptions& pack, const ConvertOptions& options) {
  const size_t colon = pack.entry.find(':');
  if (colon == std::string::npos) return UsageError("--entry " + pack.entry, "pkg.module:callable");
  const std::string module_name = pack.entry.substr(0, colon), callable = pack.entry.substr(colon + 1);
  FP_ASSIGN_OR_RETURN(GlobGroup externs, GlobGroup::Create(pack.externs));
  auto built = std::make_unique<Built>(pack, options, std::move(externs));
  py::Interpreter& in = built->environment.interpreter();
  const std::string caller = "def build(f): return f(" + pack.args + "\n)\n";
  auto parsed = in.Run("--args", caller, "__args__");
  if (!parsed.ok()) return UsageError("--args " + pack.args + ": " + parsed.status().ToString(), "Python literals");
  FP_RETURN_IF_ERROR(Seed(in, options.seed));
  in.ResetClock();
  FP_ASSIGN_OR_RETURN(built->model, in.Try([&] {
    const py::Value entry = in.GetAttr(in.Import(built->importer, module_name), callable);
    return in.Call(in.GetAttr(*parsed, "build"), {entry});
  }));
  return built;
}

Status EvalIfAsked(py::Interpreter& in, const py::Value& model, const ConvertOptions& options) {
  if (!options.eval) return OkStatus();
  auto done = in.Try([&] { return in.CallMethod(model, "eval"); });
  return done.ok() ? OkStatus() : done.status();
}

// What PackageExporter makes of the model, patterns in the order: mock, extern, intern (all by default).
Result<std::vector<archive::NewRecord>> Export(Built* built, const PackOptions& pack, const ConvertOptions& options) {
  py::Interpreter& in = built->environment.interpreter();
  in.ResetClock();
  PackageExporter exporter(in);
  if (!pack.mocks.empty()) FP_RETURN_IF_ERROR(exporter.mock(pack.mocks));
  if (!pack.externs.empty()) FP_RETURN_IF_ERROR(exporter.extern_(pack.externs));
  FP_RETURN_IF_ERROR(exporter.intern(pack.intern.empty() ? std::vector<std::string>{"**"} : pack.intern));
  FP_RETURN_IF_ERROR(exporter.save_pickle("model", "model.pkl", built->model));
  FP_ASSIGN_OR_RETURN(auto records, exporter.close_to_records());
  FP_ASSIGN_OR_RETURN(const auto notes, exporter.notes());
  for (const std::string& note : notes) Warn(options, note);
  return records;
}

Status PackInto(Built* built, const PackOptions& pack, const ConvertOptions& options, Package* package) {
  py::Interpreter& in = built->environment.interpreter();
  FP_ASSIGN_OR_RETURN(auto inputs, ExampleInputs(in, options));
  FP_RETURN_IF_ERROR(EvalIfAsked(in, built->model, options));
  // As it is before the traces run, so that the same model is in the archive and in the graph.
  auto exported = Export(built, pack, options);
  FP_RETURN_IF_ERROR(Describe(in, built->model, inputs, options, package));
  package->metadata.emplace_back("entry", pack.entry);
  if (exported.ok()) {
    package->archive.kind = "torch.package";
    package->archive.root = archive::kRootForBuffer;
    package->archive.model = "model/model.pkl";
    for (archive::NewRecord& record : *exported) {
      if (record.name == ".data/extern_modules") package->archive.externs = Lines(record.bytes.text());
      package->archive.records.push_back({std::move(record.name), std::move(record.bytes)});
    }
    return OkStatus();
  }
  // A model that cannot be pickled still runs; only `export` has nothing to write then.
  Warn(options, "no torch.package archive can be made of this model: " + exported.status().ToString());
  FP_ASSIGN_OR_RETURN(GlobGroup intern, GlobGroup::Create(pack.intern.empty() ? std::vector<std::string>{"**"} : pack.intern));
  package->archive.kind = "source";
  package->archive.model = pack.entry;
  for (const SourceImporter::Source& source : built->importer.sources()) {
    if (!intern.Matches(source.module)) continue;
    package->archive.records.push_back({source.file, Bytes::FromVector({source.text.begin(), source.text.end()})});
  }
  return OkStatus();
}

}  // namespace

Result<Package> PackSource(const PackOptions& pack, const ConvertOptions& options) {
  auto built = Build(pack, options);
  if (!built.ok()) return WithFile(built.status(), pack.root);
  Package package;
  FP_RETURN_IF_ERROR(WithFile(PackInto(built->get(), pack, options, &package), pack.root));
  return package;
}

Result<std::vector<archive::NewRecord>> PackArchive(const PackOptions& pack, const ConvertOptions& options) {
  auto built = Build(pack, options);
  if (!built.ok()) return WithFile(built.status(), pack.root);
  FP_RETURN_IF_ERROR(WithFile(EvalIfAsked((*built)->environment.interpreter(), (*built)->model, options), pack.root));
  auto records = Export(built->get(), pack, options);
  if (!records.ok()) return WithFile(records.status(), pack.root);
  return records;
}

}  // namespace fusepack
