// First the manifest is put together, which collects the runs of bytes it refers to; equal ones become one segment.
// Then header, segments, manifest and footer go out in one pass. The manifest needs each segment's stored size and
// checksum, so it is serialised after the last segment has been encoded; no more than one encoded segment is held.
#include "package_format/write.h"

#include <algorithm>
#include <cstring>
#include <map>
#include <set>
#include <tuple>
#include <unordered_map>

#include "kernels/base/parallel.h"
#include "package_format/atomic_write.h"
#include "package_format/codec.h"
#include "package_format/fusepack_generated.h"
#include "package_format/layout.h"
#include "package_format/rules.h"
#include "package_format/write_graph.h"

namespace fusepack {
namespace fpk {
namespace {

constexpr uint64_t kAlignment = kMinSegmentAlignment;
constexpr uint64_t kHoleStep = 1 << 20;        // bytes: what a stored segment is searched for zeros by
constexpr uint64_t kLeastCompressed = 256;     // bytes: below this the padding eats what compressing saves

using ByteSpan = std::span<const uint8_t>;

class PackageWriter {
 public:
  PackageWriter(const Package& package, const WriteOptions& options) : package_(package), options_(options) {}

  Status BuildManifest() {
    manifest_.producer = package_.producer;
    manifest_.alignment = kAlignment;
    FP_RETURN_IF_ERROR(Text(package_.producer, "producer", kMaxNameBytes));
    // The order in which segments are first used is their order in the file: state, methods' other constants, cases,
    // then what running the model does not need.
    FP_RETURN_IF_ERROR(AddState());
    FP_RETURN_IF_ERROR(AddMethods());
    FP_RETURN_IF_ERROR(AddCases());
    FP_RETURN_IF_ERROR(AddFxGraphs());
    FP_RETURN_IF_ERROR(AddArchive());
    FP_RETURN_IF_ERROR(AddPlans());
    FP_RETURN_IF_ERROR(AddKeyValues(package_.metadata, "metadata", &manifest_.metadata));
    FP_RETURN_IF_ERROR(Unique("metadata", package_.metadata, [](const auto& kv) { return kv.first; }));
    FP_RETURN_IF_ERROR(Within("preprocess", AddPreprocess()));
    if (sources_.size() > kMaxSegments) return LimitExceeded("segments", std::to_string(sources_.size()), std::to_string(kMaxSegments));
    return Within("tensors", CheckBoolElements(tensors_));
  }

  Status Write(AtomicWriter& file) {
    // The smallest version that has all that this file uses, so that older readers have nothing to note.
    bool since_1 = package_.preprocess.has_value();
    for (const Method& method : package_.methods) since_1 |= method.calibration.has_value();
    const auto header = EncodeHeader(since_1 ? 1 : 0);
    FP_RETURN_IF_ERROR(file.Append(header));
    for (const Source& source : sources_) FP_RETURN_IF_ERROR(WriteSegment(source, file));

    FP_RETURN_IF_ERROR(Pad(file, kManifestAlignment));
    flatbuffers::FlatBufferBuilder builder(1 << 20);
    fbs::FinishManifestBuffer(builder, fbs::Manifest::Pack(builder, &manifest_));
    if (builder.GetSize() > kMaxManifestBytes) {
      return LimitExceeded("manifest", std::to_string(builder.GetSize()) + " bytes", "at most " + std::to_string(kMaxManifestBytes));
    }
    const ByteSpan manifest(builder.GetBufferPointer(), builder.GetSize());
    FileLayout layout;
    layout.manifest_offset = file.size();
    layout.manifest_bytes = manifest.size();
    layout.manifest_checksum = Checksum(manifest);
    FP_RETURN_IF_ERROR(file.Append(manifest));
    FP_RETURN_IF_ERROR(Pad(file, kManifestAlignment));
    return file.Append(EncodeFooter(layout, header));
  }

 private:
  struct Source {  // a segment to be
    ByteSpan bytes;
    Coding coding;  // when compressing
    uint64_t checksum;
  };

  static Status Within(const std::string& place, Status status) {
    return status.ok() ? status : WithPlace(std::move(status), place);
  }

  static Status Text(const std::string& text, const char* what, uint64_t max_bytes = kMaxTextBytes) {
    if (text.size() > max_bytes) {
      return LimitExceeded(what, "a text of " + std::to_string(text.size()) + " bytes", "at most " + std::to_string(max_bytes));
    }
    return IsUtf8(text) ? OkStatus() : BadInput(what, "bytes that are no UTF-8", "UTF-8");
  }
  static Status Names(std::initializer_list<const std::string*> names, const char* what) {
    for (const std::string* name : names) FP_RETURN_IF_ERROR(Text(*name, what, kMaxNameBytes));
    return OkStatus();
  }

  template <typename List, typename NameOf>
  static Status Unique(const char* what, const List& list, const NameOf& name_of) {
    std::set<std::string> names;
    for (const auto& entry : list) {
      if (!names.insert(name_of(entry)).second) return BadInput(what, "'" + name_of(entry) + "' twice", "names that differ");
    }
    return OkStatus();
  }

  // The segment of `bytes`: a known one with the same content, or a new one.
  uint32_t AddSegment(ByteSpan bytes, const Coding& coding) {
    const auto [same_place, fresh] = by_place_.emplace(std::pair(bytes.data(), bytes.size()), 0);
    if (!fresh) return same_place->second;
    const uint64_t checksum = Checksum(bytes);
    const auto [begin, end] = by_checksum_.equal_range(checksum);
    for (auto it = begin; it != end; ++it) {
      const ByteSpan known = sources_[it->second].bytes;
      if (known.size() == bytes.size() && (bytes.empty() || std::memcmp(known.data(), bytes.data(), bytes.size()) == 0)) {
        return same_place->second = it->second;
      }
    }
    const uint32_t index = static_cast<uint32_t>(sources_.size());
    by_checksum_.emplace(checksum, index);
    sources_.push_back({bytes, coding, checksum});
    return same_place->second = index;
  }

  Result<uint32_t> AddTensor(const Tensor& tensor) {
    if (!tensor.defined()) return InternalError("an undefined tensor in a package");
    const Storage& storage = *tensor.storage();
    const auto key = std::tuple(&storage, tensor.dtype(), tensor.offset(), tensor.sizes().ToVector(), tensor.strides().ToVector());
    const auto [it, fresh] = tensor_indices_.emplace(key, static_cast<uint32_t>(manifest_.tensors.size()));
    if (!fresh) return it->second;
    FP_RETURN_IF_ERROR(CheckView(tensor.dtype(), tensor.sizes(), tensor.strides(), tensor.offset(), storage.bytes()));
    const auto [storage_it, new_storage] = storage_indices_.emplace(&storage, static_cast<uint32_t>(manifest_.storages.size()));
    if (new_storage) {
      const ByteSpan bytes(static_cast<const uint8_t*>(storage.data()), static_cast<size_t>(storage.bytes()));
      manifest_.storages.push_back(AddSegment(bytes, CodingForElements(tensor.dtype())));
    }
    auto to = std::make_unique<fbs::TensorT>();
    to->storage = storage_it->second;
    to->dtype = static_cast<fbs::DType>(tensor.dtype());
    to->sizes = tensor.sizes().ToVector();
    to->strides = tensor.strides().ToVector();
    to->offset = tensor.offset();
    manifest_.tensors.push_back(std::move(to));
    tensors_.push_back(tensor);
    return it->second;
  }

  Status AddState() {
    for (const StateTensor& entry : package_.state) {
      FP_RETURN_IF_ERROR(Names({&entry.name}, "name in the state"));
      auto to = std::make_unique<fbs::StateT>();
      to->name = entry.name;
      auto index = AddTensor(entry.tensor);
      if (!index.ok()) return WithPlace(index.status(), "state '" + entry.name + "'");
      to->tensor = *index;
      to->kind = static_cast<fbs::StateKind>(entry.kind);
      manifest_.state.push_back(std::move(to));
    }
    return Unique("state", package_.state, [](const auto& s) { return s.name; });
  }

  Status AddMethods() {
    if (package_.methods.size() > kMaxMethods) return LimitExceeded("methods", std::to_string(package_.methods.size()));
    for (const Method& method : package_.methods) {
      FP_RETURN_IF_ERROR(Names({&method.name, &method.graph.name}, "name of a method"));
      auto to = std::make_unique<fbs::MethodT>();
      to->name = method.name;
      auto graph = WriteGraph(method.graph, [this](const Tensor& t) { return AddTensor(t); });
      if (!graph.ok()) return WithPlace(graph.status(), "method '" + method.name + "'");
      to->graph = std::move(*graph);
      if (method.calibration) {
        const Calibration& from = *method.calibration;
        FP_RETURN_IF_ERROR(Names({&from.algorithm}, "calibration"));
        FP_RETURN_IF_ERROR(Within("method '" + method.name + "'", CheckCalibration(from, method.graph)));
        to->calibration = std::make_unique<fbs::CalibrationT>();
        to->calibration->algorithm = from.algorithm;
        to->calibration->samples = from.samples;
        for (const auto& [id, range] : from.ranges) {
          to->calibration->values.push_back(id);
          to->calibration->low.push_back(range.low);
          to->calibration->high.push_back(range.high);
        }
      }
      manifest_.methods.push_back(std::move(to));
    }
    return Unique("methods", package_.methods, [](const auto& m) { return m.name; });
  }

  Status AddCases() {
    for (const ReferenceCase& from : package_.cases) {
      Status status = AddCase(from);
      if (!status.ok()) return WithPlace(std::move(status), "case '" + from.name + "'");
    }
    return Unique("cases", package_.cases, [](const auto& c) { return c.name; });
  }

  Status AddCase(const ReferenceCase& from) {
    FP_RETURN_IF_ERROR(Names({&from.name, &from.method, &from.computed_by}, "name"));
    if (package_.FindMethod(from.method) == nullptr) return BadInput("method", "'" + from.method + "'", "one of the package");
    auto to = std::make_unique<fbs::CaseT>();
    to->name = from.name;
    to->method = from.method;
    to->computed_by = from.computed_by;
    for (auto [list, out] : {std::pair(&from.inputs, &to->inputs), std::pair(&from.outputs, &to->outputs)}) {
      for (const CaseTensor& t : *list) {
        FP_RETURN_IF_ERROR(Names({&t.path}, "path"));
        auto entry = std::make_unique<fbs::CaseTensorT>();
        entry->path = t.path;
        FP_ASSIGN_OR_RETURN(entry->tensor, AddTensor(t.tensor));
        out->push_back(std::move(entry));
      }
    }
    for (const CaseTolerance& t : from.tolerances) {
      FP_RETURN_IF_ERROR(Names({&t.precision}, "precision"));
      FP_RETURN_IF_ERROR(CheckTolerance(t));
      auto entry = std::make_unique<fbs::ToleranceT>();
      entry->precision = t.precision;
      entry->of_largest = t.of_largest;
      entry->absolute = t.absolute;
      to->tolerances.push_back(std::move(entry));
    }
    FP_RETURN_IF_ERROR(Unique("tolerances", from.tolerances, [](const auto& t) { return t.precision; }));
    for (const CaseDigest& d : from.digests) {
      FP_RETURN_IF_ERROR(Names({&d.name, &d.scope, &d.where}, "digest"));
      auto entry = std::make_unique<fbs::DigestT>();
      entry->name = d.name;
      entry->scope = d.scope;
      entry->where = d.where;
      entry->numbers = d.numbers;
      to->digests.push_back(std::move(entry));
    }
    manifest_.cases.push_back(std::move(to));
    return OkStatus();
  }

  Status AddFxGraphs() {
    for (const FxGraphRecord& graph : package_.fx_graphs) {
      FP_RETURN_IF_ERROR(Names({&graph.name, &graph.root_class, &graph.tracer_class}, "fx graph"));
      FP_RETURN_IF_ERROR(Text(graph.code, "fx code"));
      auto to = std::make_unique<fbs::FxGraphT>();
      to->name = graph.name;
      to->root_class = graph.root_class;
      to->tracer_class = graph.tracer_class;
      to->code = graph.code;
      for (const FxNodeRecord& node : graph.nodes) {
        FP_RETURN_IF_ERROR(Names({&node.op, &node.name, &node.target, &node.where}, "fx node"));
        for (const std::string* text : {&node.args, &node.kwargs, &node.type}) FP_RETURN_IF_ERROR(Text(*text, "fx node"));
        auto n = std::make_unique<fbs::FxNodeT>();
        n->op = node.op;
        n->name = node.name;
        n->target = node.target;
        n->args = node.args;
        n->kwargs = node.kwargs;
        n->type = node.type;
        n->where = node.where;
        FP_RETURN_IF_ERROR(AddKeyValues(node.meta, "meta of an fx node", &n->meta));
        to->nodes.push_back(std::move(n));
      }
      manifest_.fx_graphs.push_back(std::move(to));
    }
    return Unique("fx graphs", package_.fx_graphs, [](const auto& g) { return g.name; });
  }

  Status AddArchive() {
    const SourceArchive& from = package_.archive;
    if (from.kind.empty() && from.records.empty()) return OkStatus();
    FP_RETURN_IF_ERROR(Names({&from.kind, &from.python_version, &from.root, &from.model}, "archive"));
    manifest_.archive = std::make_unique<fbs::ArchiveT>();
    fbs::ArchiveT& to = *manifest_.archive;
    to.kind = from.kind;
    to.version = from.version;
    to.python_version = from.python_version;
    to.root = from.root;
    to.model = from.model;
    for (const std::string& name : from.externs) FP_RETURN_IF_ERROR(Names({&name}, "externs"));
    to.externs = from.externs;
    for (const SourceRecord& record : from.records) {
      FP_RETURN_IF_ERROR(Names({&record.name}, "name of a record"));
      FP_RETURN_IF_ERROR(Within("record '" + record.name + "'", CheckRecordName(record.name)));
      auto entry = std::make_unique<fbs::RecordT>();
      entry->name = record.name;
      entry->segment = AddSegment(record.bytes.span, CodingForText());
      to.records.push_back(std::move(entry));
    }
    return Unique("records", from.records, [](const auto& r) { return r.name; });
  }

  Status AddPlans() {
    for (const PlanSection& plan : package_.plans) {
      FP_RETURN_IF_ERROR(Names({&plan.key}, "key of a plan"));
      auto to = std::make_unique<fbs::PlanT>();
      to->key = plan.key;
      to->segment = AddSegment(plan.blob.span, CodingForText());
      manifest_.plans.push_back(std::move(to));
    }
    return Unique("plans", package_.plans, [](const auto& p) { return p.key; });
  }

  Status AddPreprocess() {
    if (!package_.preprocess) return OkStatus();
    const Preprocess& from = *package_.preprocess;
    FP_RETURN_IF_ERROR(Names({&from.name}, "name"));
    FP_RETURN_IF_ERROR(CheckPreprocess(from));
    manifest_.preprocess = std::make_unique<fbs::PreprocessT>();
    fbs::PreprocessT& to = *manifest_.preprocess;
    to.name = from.name;
    to.channels = static_cast<uint8_t>(from.channels);
    to.resize.assign(from.resize.begin(), from.resize.end());
    to.interpolation = static_cast<fbs::Interpolation>(from.interpolation);
    to.crop.assign(from.crop.begin(), from.crop.end());
    to.mean = from.mean;
    to.deviation = from.deviation;
    return OkStatus();
  }

  static Status AddKeyValues(const std::vector<std::pair<std::string, std::string>>& from, const char* what,
                             std::vector<std::unique_ptr<fbs::KeyValueT>>* to) {
    for (const auto& [key, value] : from) {
      FP_RETURN_IF_ERROR(Names({&key}, what));
      FP_RETURN_IF_ERROR(Text(value, what));
      to->push_back(std::make_unique<fbs::KeyValueT>());
      to->back()->key = key;
      to->back()->value = value;
    }
    return OkStatus();
  }

  static Status Pad(AtomicWriter& file, uint64_t alignment) {
    return file.AppendZeros(AlignUp(file.size(), alignment) - file.size());
  }

  // True if the rule on growth (rules.h) still holds for all compressed segments so far with this one among them.
  bool MayGrow(uint64_t stored, uint64_t raw) const {
    return grown_ + raw <= (compressed_ + stored) * kMaxRatio + kFreeGrowth;
  }

  Status WriteSegment(const Source& source, AtomicWriter& file) {
    FP_RETURN_IF_ERROR(Pad(file, kAlignment));
    auto to = std::make_unique<fbs::SegmentT>();
    to->offset = file.size();
    to->raw_size = source.bytes.size();
    if (options_.compress && source.bytes.size() >= kLeastCompressed) {
      FP_ASSIGN_OR_RETURN(const std::vector<uint8_t> encoded, Encode(source.bytes, source.coding));
      if (encoded.size() < source.bytes.size() && MayGrow(encoded.size(), source.bytes.size())) {
        grown_ += source.bytes.size();
        compressed_ += encoded.size();
        to->codec = static_cast<fbs::Codec>(source.coding.codec);
        to->element_bytes = source.coding.element_bytes;
        to->rotate = source.coding.rotate;
        to->stored_size = encoded.size();
        to->checksum = Checksum(encoded);
        FP_RETURN_IF_ERROR(file.Append(encoded));
        manifest_.segments.push_back(std::move(to));
        return OkStatus();
      }
    }
    to->stored_size = source.bytes.size();
    to->checksum = source.checksum;
    manifest_.segments.push_back(std::move(to));
    return AppendWithHoles(source.bytes, file);
  }

  // Long runs of zeros become holes, which take no room on the disk.
  static Status AppendWithHoles(ByteSpan bytes, AtomicWriter& file) {
    uint64_t zeros = 0;
    for (uint64_t at = 0; at < bytes.size(); at += kHoleStep) {
      const ByteSpan piece = bytes.subspan(at, std::min<uint64_t>(kHoleStep, bytes.size() - at));
      if (AllZero(piece)) {
        zeros += piece.size();
        continue;
      }
      FP_RETURN_IF_ERROR(file.AppendZeros(zeros));
      zeros = 0;
      FP_RETURN_IF_ERROR(file.Append(piece));
    }
    return file.AppendZeros(zeros);
  }

  const Package& package_;
  const WriteOptions& options_;
  fbs::ManifestT manifest_;
  std::vector<Source> sources_;
  std::vector<Tensor> tensors_;  // as in manifest_.tensors
  std::map<std::pair<const uint8_t*, size_t>, uint32_t> by_place_;
  std::unordered_multimap<uint64_t, uint32_t> by_checksum_;
  std::map<const Storage*, uint32_t> storage_indices_;
  std::map<std::tuple<const Storage*, DType, int64_t, std::vector<int64_t>, std::vector<int64_t>>, uint32_t>
      tensor_indices_;
  uint64_t grown_ = 0, compressed_ = 0;  // raw and stored bytes of compressed segments
};

}  // namespace
}  // namespace fpk

Status WritePackage(const std::string& path, const Package& package, const WriteOptions& options) {
  fpk::PackageWriter writer(package, options);
  FP_RETURN_IF_ERROR(WithFile(writer.BuildManifest(), path));
  FP_ASSIGN_OR_RETURN(auto file, AtomicWriter::Create(path));
  FP_RETURN_IF_ERROR(WithFile(writer.Write(*file), path));
  return file->Commit();
}

}  // namespace fusepack
