// In order: the frame (layout.h), FlatBuffers' verifier, the segments' places, which must follow from their sizes
// alone, so that no byte of the file belongs to nothing; checksums of all segments at memory speed, decoding of
// compressed ones; then storages, tensors and what is built from them.
#include "package_format/read.h"

#include <algorithm>
#include <atomic>
#include <unordered_set>

#include "engine/graph/check.h"
#include "kernels/base/checked.h"
#include "kernels/base/parallel.h"
#include "package_format/codec.h"
#include "package_format/fusepack_generated.h"
#include "package_format/layout.h"
#include "package_format/manifest_cursor.h"
#include "package_format/read_graph.h"
#include "package_format/rules.h"

namespace fusepack {
namespace fpk {
namespace {

constexpr int kMaxManifestDepth = 16;      // the schema nests 6 deep
constexpr uint64_t kLeastTableBytes = 8;   // a table's vtable offset and the offset that leads to it
// Segments up to this size are decoded side by side, larger ones one after the other with all threads on each.
constexpr uint64_t kSideBySideBytes = 8 << 20;

std::string Number(const char* what, uint64_t i) { return std::string(what) + " " + std::to_string(i); }

// With fewer bytes in all, waking threads on a busy machine may take longer than the work: checksums run at 13 GB/s on
// one core, decoding at 1 to 4 GB/s.
constexpr uint64_t kChecksumAloneBytes = 128 << 20, kDecodeAloneBytes = 4 << 20;

// Calls f(i) for i in [0, n) on all threads, each taking the next one; the error of the lowest i is returned.
// `alone`: on this thread.
template <typename F>
Status ForEachInParallel(uint64_t n, bool alone, const F& f) {
  if (alone) {
    for (uint64_t i = 0; i < n; i++) FP_RETURN_IF_ERROR(f(i));
    return OkStatus();
  }
  std::vector<Status> failures(n);
  std::atomic<uint64_t> next{0};
  ParallelFor(ThreadCount(), 1, [&](int64_t begin, int64_t end) {
    for (int64_t worker = begin; worker < end; worker++) {
      for (uint64_t i; (i = next.fetch_add(1)) < n;) failures[i] = f(i);
    }
  });
  for (Status& failure : failures) FP_RETURN_IF_ERROR(std::move(failure));
  return OkStatus();
}

class PackageReader {
 public:
  PackageReader(std::shared_ptr<const MappedFile> file, const ReadOptions& options)
      : file_(std::move(file)), options_(options), cursor_(0) {}

  Result<Package> Read() {
    FP_ASSIGN_OR_RETURN(layout_, ReadLayout(file_->bytes()));
    if (layout_.minor_version > kMinorVersion && options_.notes != nullptr) {
      options_.notes->push_back(file_->path() + ": made by a newer fusepack (format " + std::to_string(kMajorVersion) + "." +
                                std::to_string(layout_.minor_version) + "); what it added is left out");
    }
    FP_RETURN_IF_ERROR(VerifyManifest());
    FP_RETURN_IF_ERROR(Within("segments", ReadSegments()));
    FP_RETURN_IF_ERROR(ReadTensors());
    FP_RETURN_IF_ERROR(ReadState());
    FP_RETURN_IF_ERROR(ReadMethods());
    FP_RETURN_IF_ERROR(ReadFxGraphs());
    FP_RETURN_IF_ERROR(Within("archive", ReadArchive()));
    FP_RETURN_IF_ERROR(ReadCases());
    FP_RETURN_IF_ERROR(ReadPlans());
    FP_ASSIGN_OR_RETURN(package_.metadata, ReadKeyValues(manifest_->metadata(), "metadata"));
    FP_RETURN_IF_ERROR(Unique("metadata", package_.metadata, [](const auto& kv) { return kv.first; }));
    FP_RETURN_IF_ERROR(Within("preprocess", ReadPreprocess()));
    FP_RETURN_IF_ERROR(CheckAllSegmentsUsed());
    return std::move(package_);
  }

 private:
  static Status Within(const std::string& place, Status status) {
    return status.ok() ? status : WithPlace(std::move(status), place);
  }

  Status VerifyManifest() {
    if (layout_.manifest_bytes > kMaxManifestBytes) {
      return LimitExceeded("manifest", std::to_string(layout_.manifest_bytes) + " bytes", "at most " + std::to_string(kMaxManifestBytes));
    }
    const auto bytes = file_->bytes().subspan(layout_.manifest_offset, layout_.manifest_bytes);
    flatbuffers::Verifier::Options verifier_options;
    verifier_options.max_depth = kMaxManifestDepth;
    verifier_options.max_tables = static_cast<flatbuffers::uoffset_t>(bytes.size() / kLeastTableBytes + 1);
    flatbuffers::Verifier verifier(bytes.data(), bytes.size(), verifier_options);
    if (bytes.size() < 16 || !fbs::VerifyManifestBuffer(verifier)) {
      return BadInput("manifest", "broken structure", "a FlatBuffers table as fusepack.fbs describes it");
    }
    manifest_ = fbs::GetManifest(bytes.data());
    cursor_ = ManifestCursor(layout_.manifest_bytes);
    FP_ASSIGN_OR_RETURN(package_.producer, cursor_.Name(manifest_->producer(), "producer"));
    return OkStatus();
  }

  // Places first: each segment starts at the next multiple of the alignment after the one before, and the manifest
  // after the last. With that, segments lie inside the file and apart from each other.
  Status ReadSegments() {
    const uint64_t alignment = manifest_->alignment();
    if (alignment < kMinSegmentAlignment || alignment > kMaxSegmentAlignment || (alignment & (alignment - 1)) != 0) {
      return BadInput("", "alignment " + std::to_string(alignment), "a power of two from 64 to 4096");
    }
    FP_ASSIGN_OR_RETURN(const uint64_t n, cursor_.Length(manifest_->segments(), "", kMaxSegments));
    segments_.resize(n);
    used_.resize(n, false);
    uint64_t end = kHeaderBytes, grown = 0, from = 0;
    std::vector<std::pair<uint64_t, uint64_t>> gaps;
    for (uint64_t i = 0; i < n; i++) {
      const fbs::Segment& s = *manifest_->segments()->Get(i);
      const std::string where = std::to_string(i);
      const uint64_t begin = AlignUp(end, alignment);
      if (s.offset() != begin) {
        return BadInput(where, "offset " + std::to_string(s.offset()), std::to_string(begin) + ", the next place after the one before");
      }
      if (begin > layout_.manifest_offset || s.stored_size() > layout_.manifest_offset - begin) {
        return BadInput(where, std::to_string(s.stored_size()) + " bytes at " + std::to_string(begin),
                        "an end before the manifest at " + std::to_string(layout_.manifest_offset));
      }
      gaps.emplace_back(end, begin);
      end = begin + s.stored_size();
      const Coding coding = CodingOf(s);
      FP_RETURN_IF_ERROR(Within(where, CheckCoding(coding)));
      if (coding.codec == SegmentCodec::kStored) {
        if (s.raw_size() != s.stored_size()) {
          return BadInput(where, std::to_string(s.raw_size()) + " bytes decoded", std::to_string(s.stored_size()) + ", as stored");
        }
      } else {
        if (s.raw_size() > static_cast<uint64_t>(kMaxTensorBytes)) {
          return LimitExceeded(where, std::to_string(s.raw_size()) + " bytes decoded", "at most " + std::to_string(kMaxTensorBytes));
        }
        grown += s.raw_size();  // at most 2^20 segments of 2^46 bytes: cannot wrap
        from += s.stored_size();
        decoded_bytes_ = grown;
        if (grown > options_.max_decoded_bytes) {
          return LimitExceeded(where, "compressed segments that decode to " + std::to_string(grown) + " bytes and more",
                               "at most " + std::to_string(options_.max_decoded_bytes));
        }
      }
    }
    const CheckedI64 allowed = CheckedI64::FromU64(from) * static_cast<int64_t>(kMaxRatio) + static_cast<int64_t>(kFreeGrowth);
    if (allowed.ok() && grown > static_cast<uint64_t>(allowed.value())) {
      return LimitExceeded("", std::to_string(from) + " compressed bytes that decode to " + std::to_string(grown),
                           "at most " + std::to_string(allowed.value()));
    }
    const uint64_t manifest_place = AlignUp(end, kManifestAlignment);
    if (manifest_place != layout_.manifest_offset) {
      return BadInput("", "an end at " + std::to_string(end), "the manifest to follow, which is at " + std::to_string(layout_.manifest_offset));
    }
    gaps.emplace_back(end, manifest_place);
    for (const auto& [begin, gap_end] : gaps) {
      if (!AllZero(file_->bytes().subspan(begin, gap_end - begin))) {
        return BadInput("", "bytes in use in the padding at " + std::to_string(begin), "zeros");
      }
    }
    FP_RETURN_IF_ERROR(CheckSums());
    return DecodeSegments();
  }

  static Coding CodingOf(const fbs::Segment& s) {
    return {static_cast<SegmentCodec>(s.codec()), s.element_bytes(), s.rotate()};
  }

  Status CheckSums() {
    return ForEachInParallel(segments_.size(), file_->bytes().size() < kChecksumAloneBytes, [&](uint64_t i) {
      const fbs::Segment& s = *manifest_->segments()->Get(i);
      const uint64_t found = Checksum(file_->bytes().subspan(s.offset(), s.stored_size()));
      if (found == s.checksum()) return OkStatus();
      return BadInput(std::to_string(i), "checksum " + std::to_string(found), std::to_string(s.checksum()) + " (the file is damaged)");
    });
  }

  // Bytes of segment i, in place where they can stay.
  Status DecodeSegment(uint64_t i) {
    const fbs::Segment& s = *manifest_->segments()->Get(i);
    Bytes stored = file_->Cut(s.offset(), s.stored_size());
    const bool aligned = reinterpret_cast<uintptr_t>(stored.data()) % kTensorAlignment == 0;
    if (CodingOf(s).codec == SegmentCodec::kStored && aligned) {
      segments_[i] = std::move(stored);
      return OkStatus();
    }
    uint8_t* data = nullptr;
    FP_ASSIGN_OR_RETURN(segments_[i], Bytes::Allocate(s.raw_size(), &data));
    return Within(std::to_string(i), Decode(stored.span, CodingOf(s), {data, s.raw_size()}));
  }

  Status DecodeSegments() {
    FP_RETURN_IF_ERROR(ForEachInParallel(segments_.size(), decoded_bytes_ < kDecodeAloneBytes, [&](uint64_t i) {
      return manifest_->segments()->Get(i)->raw_size() <= kSideBySideBytes ? DecodeSegment(i) : OkStatus();
    }));
    for (uint64_t i = 0; i < segments_.size(); i++) {
      if (manifest_->segments()->Get(i)->raw_size() > kSideBySideBytes) FP_RETURN_IF_ERROR(DecodeSegment(i));
    }
    return OkStatus();
  }

  Result<Bytes> UseSegment(uint64_t i) {
    if (i >= segments_.size()) {
      return BadInput("segment", std::to_string(i), "less than " + std::to_string(segments_.size()));
    }
    used_[i] = true;
    return segments_[i];
  }

  Status CheckAllSegmentsUsed() {
    if (layout_.minor_version > kMinorVersion) return OkStatus();  // may belong to what was added
    const auto unused = std::find(used_.begin(), used_.end(), false);
    if (unused == used_.end()) return OkStatus();
    return BadInput(Number("segment", unused - used_.begin()), "nothing that refers to it", "a storage, record or plan");
  }

  Status ReadTensors() {
    FP_ASSIGN_OR_RETURN(const auto storage_segments, cursor_.List<uint64_t>(manifest_->storages(), "storages"));
    std::vector<std::shared_ptr<Storage>> storages;
    for (uint64_t segment : storage_segments) {
      auto bytes = UseSegment(segment);
      if (!bytes.ok()) return WithPlace(bytes.status(), Number("storage", storages.size()));
      storages.push_back(Storage::Wrap(bytes->data(), static_cast<int64_t>(bytes->size()), bytes->owner, false));
    }
    FP_ASSIGN_OR_RETURN(const uint64_t n, cursor_.Length(manifest_->tensors(), "tensors"));
    tensors_.reserve(n);
    for (uint64_t i = 0; i < n; i++) {
      Status status = ReadTensor(*manifest_->tensors()->Get(i), storages);
      if (!status.ok()) return WithPlace(std::move(status), Number("tensor", i));
    }
    return Within("tensors", CheckBoolElements(tensors_));
  }

  Status ReadTensor(const fbs::Tensor& from, const std::vector<std::shared_ptr<Storage>>& storages) {
    if (from.storage() >= storages.size()) {
      return BadInput("storage", std::to_string(from.storage()), "less than " + std::to_string(storages.size()));
    }
    const std::shared_ptr<Storage>& storage = storages[from.storage()];
    if (static_cast<int>(from.dtype()) >= kDTypeCount) {
      return BadInput("element type", std::to_string(static_cast<int>(from.dtype())), "0 to " + std::to_string(kDTypeCount - 1));
    }
    const auto dtype = static_cast<DType>(from.dtype());
    FP_ASSIGN_OR_RETURN(const auto sizes, cursor_.List<int64_t>(from.sizes(), "sizes", kMaxRank));
    FP_ASSIGN_OR_RETURN(const auto strides, cursor_.List<int64_t>(from.strides(), "strides", kMaxRank));
    if (sizes.size() != strides.size()) {
      return BadInput("", std::to_string(strides.size()) + " strides", std::to_string(sizes.size()) + ", one a size");
    }
    FP_RETURN_IF_ERROR(CheckView(dtype, Dims(sizes), Dims(strides), from.offset(), storage->bytes()));
    tensors_.emplace_back(storage, dtype, Dims(sizes), Dims(strides), from.offset());
    return OkStatus();
  }

  Result<Tensor> TensorAt(uint64_t i) {
    if (i >= tensors_.size()) return BadInput("tensor", std::to_string(i), "less than " + std::to_string(tensors_.size()));
    return tensors_[i];
  }

  template <typename List, typename NameOf>
  static Status Unique(const char* what, const List& list, const NameOf& name_of) {
    std::unordered_set<std::string> names;
    for (const auto& entry : list) {
      if (!names.insert(name_of(entry)).second) return BadInput(what, "'" + name_of(entry) + "' twice", "names that differ");
    }
    return OkStatus();
  }

  Result<std::vector<std::pair<std::string, std::string>>> ReadKeyValues(
      const flatbuffers::Vector<flatbuffers::Offset<fbs::KeyValue>>* list, const char* what) {
    std::vector<std::pair<std::string, std::string>> out;
    FP_ASSIGN_OR_RETURN(const uint64_t n, cursor_.Length(list, what));
    for (uint64_t i = 0; i < n; i++) {
      FP_ASSIGN_OR_RETURN(std::string key, cursor_.Name(list->Get(i)->key(), what));
      FP_ASSIGN_OR_RETURN(std::string value, cursor_.Text(list->Get(i)->value(), what));
      out.emplace_back(std::move(key), std::move(value));
    }
    return out;
  }

  Status ReadState() {
    FP_ASSIGN_OR_RETURN(const uint64_t n, cursor_.Length(manifest_->state(), "state"));
    for (uint64_t i = 0; i < n; i++) {
      const fbs::State& from = *manifest_->state()->Get(i);
      StateTensor entry;
      FP_ASSIGN_OR_RETURN(entry.name, cursor_.Name(from.name(), "name in the state"));
      auto tensor = TensorAt(from.tensor());
      if (!tensor.ok()) return WithPlace(tensor.status(), "state '" + entry.name + "'");
      entry.tensor = *tensor;
      if (from.kind() > fbs::StateKind::Constant) {
        return BadInput("state '" + entry.name + "'", "kind " + std::to_string(static_cast<int>(from.kind())), "0 to 3");
      }
      entry.kind = static_cast<StateKind>(from.kind());
      package_.state.push_back(std::move(entry));
    }
    return Unique("state", package_.state, [](const auto& s) { return s.name; });
  }

  Status ReadMethods() {
    FP_ASSIGN_OR_RETURN(const uint64_t n, cursor_.Length(manifest_->methods(), "methods", kMaxMethods));
    for (uint64_t i = 0; i < n; i++) {
      const fbs::Method& from = *manifest_->methods()->Get(i);
      Method method;
      FP_ASSIGN_OR_RETURN(method.name, cursor_.Name(from.name(), "name of a method"));
      if (from.graph() == nullptr) return BadInput("method '" + method.name + "'", "no graph", "one");
      auto graph = ReadGraph(*from.graph(), tensors_, cursor_);
      if (!graph.ok()) return WithPlace(graph.status(), "method '" + method.name + "'");
      FP_RETURN_IF_ERROR(Within("method '" + method.name + "'", CheckGraph(*graph)));
      method.graph = std::move(*graph);
      if (from.calibration() != nullptr) {
        Status status = ReadCalibration(*from.calibration(), &method);
        if (!status.ok()) return WithPlace(std::move(status), "method '" + method.name + "'");
      }
      package_.methods.push_back(std::move(method));
    }
    return Unique("methods", package_.methods, [](const auto& m) { return m.name; });
  }

  Status ReadCalibration(const fbs::Calibration& from, Method* method) {
    Calibration to;
    FP_ASSIGN_OR_RETURN(to.algorithm, cursor_.Name(from.algorithm(), "algorithm"));
    to.samples = from.samples();
    FP_ASSIGN_OR_RETURN(const auto values, cursor_.List<int>(from.values(), "calibrated values"));
    FP_ASSIGN_OR_RETURN(const auto low, cursor_.List<float>(from.low(), "lower ends"));
    FP_ASSIGN_OR_RETURN(const auto high, cursor_.List<float>(from.high(), "upper ends"));
    if (low.size() != values.size() || high.size() != values.size()) {
      return BadInput("calibration", std::to_string(low.size()) + " lower and " + std::to_string(high.size()) + " upper ends",
                      std::to_string(values.size()) + ", one a value");
    }
    for (size_t i = 0; i < values.size(); i++) {
      if (i > 0 && values[i] <= values[i - 1]) return BadInput("calibration", "value " + std::to_string(values[i]) + " out of order", "ascending values");
      to.ranges[values[i]] = {low[i], high[i]};
    }
    FP_RETURN_IF_ERROR(Within("calibration", CheckCalibration(to, method->graph)));
    method->calibration = std::move(to);
    return OkStatus();
  }

  Status ReadFxGraphs() {
    FP_ASSIGN_OR_RETURN(const uint64_t n, cursor_.Length(manifest_->fx_graphs(), "fx graphs"));
    for (uint64_t i = 0; i < n; i++) {
      const fbs::FxGraph& from = *manifest_->fx_graphs()->Get(i);
      FxGraphRecord graph;
      Status status = ReadFxGraph(from, &graph);
      if (!status.ok()) return WithPlace(std::move(status), Number("fx graph", i));
      package_.fx_graphs.push_back(std::move(graph));
    }
    return Unique("fx graphs", package_.fx_graphs, [](const auto& g) { return g.name; });
  }

  Status ReadFxGraph(const fbs::FxGraph& from, FxGraphRecord* graph) {
    FP_ASSIGN_OR_RETURN(graph->name, cursor_.Name(from.name(), "name"));
    FP_ASSIGN_OR_RETURN(graph->root_class, cursor_.Name(from.root_class(), "root class"));
    FP_ASSIGN_OR_RETURN(graph->tracer_class, cursor_.Name(from.tracer_class(), "tracer class"));
    FP_ASSIGN_OR_RETURN(graph->code, cursor_.Text(from.code(), "code"));
    FP_ASSIGN_OR_RETURN(const uint64_t n, cursor_.Length(from.nodes(), "nodes", kMaxNodes));
    graph->nodes.reserve(n);
    for (uint64_t i = 0; i < n; i++) {
      const fbs::FxNode& node = *from.nodes()->Get(i);
      FxNodeRecord to;
      FP_ASSIGN_OR_RETURN(to.op, cursor_.Name(node.op(), "op"));
      FP_ASSIGN_OR_RETURN(to.name, cursor_.Name(node.name(), "node name"));
      FP_ASSIGN_OR_RETURN(to.target, cursor_.Name(node.target(), "target"));
      FP_ASSIGN_OR_RETURN(to.args, cursor_.Text(node.args(), "args"));
      FP_ASSIGN_OR_RETURN(to.kwargs, cursor_.Text(node.kwargs(), "kwargs"));
      FP_ASSIGN_OR_RETURN(to.type, cursor_.Text(node.type(), "type"));
      FP_ASSIGN_OR_RETURN(to.where, cursor_.Name(node.where(), "place in the source"));
      FP_ASSIGN_OR_RETURN(to.meta, ReadKeyValues(node.meta(), "meta"));
      graph->nodes.push_back(std::move(to));
    }
    return OkStatus();
  }

  Status ReadArchive() {
    if (manifest_->archive() == nullptr) return OkStatus();
    const fbs::Archive& from = *manifest_->archive();
    SourceArchive& to = package_.archive;
    FP_ASSIGN_OR_RETURN(to.kind, cursor_.Name(from.kind(), "kind"));
    to.version = from.version();
    FP_ASSIGN_OR_RETURN(to.python_version, cursor_.Name(from.python_version(), "Python version"));
    FP_ASSIGN_OR_RETURN(to.root, cursor_.Name(from.root(), "root"));
    FP_ASSIGN_OR_RETURN(to.model, cursor_.Name(from.model(), "model"));
    FP_ASSIGN_OR_RETURN(const uint64_t externs, cursor_.Length(from.externs(), "externs"));
    for (uint64_t i = 0; i < externs; i++) {
      FP_ASSIGN_OR_RETURN(std::string name, cursor_.Name(from.externs()->Get(i), "externs"));
      to.externs.push_back(std::move(name));
    }
    FP_ASSIGN_OR_RETURN(const uint64_t records, cursor_.Length(from.records(), "records"));
    for (uint64_t i = 0; i < records; i++) {
      SourceRecord record;
      FP_ASSIGN_OR_RETURN(record.name, cursor_.Name(from.records()->Get(i)->name(), "name of a record"));
      FP_RETURN_IF_ERROR(Within(Number("record", i), CheckRecordName(record.name)));
      auto bytes = UseSegment(from.records()->Get(i)->segment());
      if (!bytes.ok()) return WithPlace(bytes.status(), "record '" + record.name + "'");
      record.bytes = *bytes;
      to.records.push_back(std::move(record));
    }
    return Unique("records", to.records, [](const auto& r) { return r.name; });
  }

  Status ReadCases() {
    FP_ASSIGN_OR_RETURN(const uint64_t n, cursor_.Length(manifest_->cases(), "cases"));
    for (uint64_t i = 0; i < n; i++) {
      ReferenceCase to;
      Status status = ReadCase(*manifest_->cases()->Get(i), &to);
      if (!status.ok()) return WithPlace(std::move(status), Number("case", i));
      package_.cases.push_back(std::move(to));
    }
    return Unique("cases", package_.cases, [](const auto& c) { return c.name; });
  }

  Status ReadCase(const fbs::Case& from, ReferenceCase* to) {
    FP_ASSIGN_OR_RETURN(to->name, cursor_.Name(from.name(), "name"));
    FP_ASSIGN_OR_RETURN(to->method, cursor_.Name(from.method(), "method"));
    if (package_.FindMethod(to->method) == nullptr) return BadInput("method", "'" + to->method + "'", "one of the package");
    FP_ASSIGN_OR_RETURN(to->inputs, ReadCaseTensors(from.inputs(), "inputs"));
    FP_ASSIGN_OR_RETURN(to->outputs, ReadCaseTensors(from.outputs(), "outputs"));
    FP_ASSIGN_OR_RETURN(to->computed_by, cursor_.Name(from.computed_by(), "origin"));
    FP_ASSIGN_OR_RETURN(const uint64_t tolerances, cursor_.Length(from.tolerances(), "tolerances"));
    for (uint64_t i = 0; i < tolerances; i++) {
      const fbs::Tolerance& t = *from.tolerances()->Get(i);
      CaseTolerance tolerance;
      FP_ASSIGN_OR_RETURN(tolerance.precision, cursor_.Name(t.precision(), "precision"));
      tolerance.of_largest = t.of_largest();
      tolerance.absolute = t.absolute();
      FP_RETURN_IF_ERROR(CheckTolerance(tolerance));
      to->tolerances.push_back(std::move(tolerance));
    }
    FP_RETURN_IF_ERROR(Unique("tolerances", to->tolerances, [](const auto& t) { return t.precision; }));
    FP_ASSIGN_OR_RETURN(const uint64_t digests, cursor_.Length(from.digests(), "digests"));
    for (uint64_t i = 0; i < digests; i++) {
      const fbs::Digest& d = *from.digests()->Get(i);
      CaseDigest digest;
      FP_ASSIGN_OR_RETURN(digest.name, cursor_.Name(d.name(), "name of a digest"));
      FP_ASSIGN_OR_RETURN(digest.scope, cursor_.Name(d.scope(), "scope of a digest"));
      FP_ASSIGN_OR_RETURN(digest.where, cursor_.Name(d.where(), "place of a digest"));
      FP_ASSIGN_OR_RETURN(digest.numbers, cursor_.List<double>(d.numbers(), "digest"));
      to->digests.push_back(std::move(digest));
    }
    return OkStatus();
  }

  Result<std::vector<CaseTensor>> ReadCaseTensors(const flatbuffers::Vector<flatbuffers::Offset<fbs::CaseTensor>>* list,
                                                            const char* what) {
    std::vector<CaseTensor> out;
    FP_ASSIGN_OR_RETURN(const uint64_t n, cursor_.Length(list, what));
    for (uint64_t i = 0; i < n; i++) {
      CaseTensor to;
      FP_ASSIGN_OR_RETURN(to.path, cursor_.Name(list->Get(i)->path(), what));
      auto tensor = TensorAt(list->Get(i)->tensor());
      if (!tensor.ok()) return WithPlace(tensor.status(), what);
      to.tensor = *tensor;
      out.push_back(std::move(to));
    }
    return out;
  }

  Status ReadPlans() {
    FP_ASSIGN_OR_RETURN(const uint64_t n, cursor_.Length(manifest_->plans(), "plans"));
    for (uint64_t i = 0; i < n; i++) {
      PlanSection plan;
      FP_ASSIGN_OR_RETURN(plan.key, cursor_.Name(manifest_->plans()->Get(i)->key(), "key of a plan"));
      auto bytes = UseSegment(manifest_->plans()->Get(i)->segment());
      if (!bytes.ok()) return WithPlace(bytes.status(), "plan '" + plan.key + "'");
      plan.blob = *bytes;
      package_.plans.push_back(std::move(plan));
    }
    return Unique("plans", package_.plans, [](const auto& p) { return p.key; });
  }

  Status ReadPreprocess() {
    if (manifest_->preprocess() == nullptr) return OkStatus();
    const fbs::Preprocess& from = *manifest_->preprocess();
    Preprocess to;
    FP_ASSIGN_OR_RETURN(to.name, cursor_.Name(from.name(), "name"));
    to.channels = from.channels();
    if (from.interpolation() > fbs::Interpolation::MAX) {
      return BadInput("interpolation", std::to_string(static_cast<int>(from.interpolation())), "0 to 5");
    }
    to.interpolation = static_cast<Interpolation>(from.interpolation());
    FP_ASSIGN_OR_RETURN(to.resize, cursor_.List<int64_t>(from.resize(), "resize", 2));
    FP_ASSIGN_OR_RETURN(to.crop, cursor_.List<int64_t>(from.crop(), "crop", 2));
    FP_ASSIGN_OR_RETURN(to.mean, cursor_.List<double>(from.mean(), "mean", 3));
    FP_ASSIGN_OR_RETURN(to.deviation, cursor_.List<double>(from.deviation(), "deviation", 3));
    FP_RETURN_IF_ERROR(CheckPreprocess(to));
    package_.preprocess = std::move(to);
    return OkStatus();
  }

  std::shared_ptr<const MappedFile> file_;
  const ReadOptions& options_;
  FileLayout layout_;
  ManifestCursor cursor_;
  const fbs::Manifest* manifest_ = nullptr;
  std::vector<Bytes> segments_;  // decoded
  uint64_t decoded_bytes_ = 0;   // of compressed ones
  std::vector<bool> used_;       // segments that something refers to
  std::vector<Tensor> tensors_;
  Package package_;
};

}  // namespace
}  // namespace fpk

Result<Package> ReadPackage(std::shared_ptr<const MappedFile> file, const ReadOptions& options) {
  const std::string path = file->path();
  Result<Package> package = fpk::PackageReader(std::move(file), options).Read();
  if (!package.ok()) return WithFile(package.status(), path);
  return package;
}

Result<Package> ReadPackage(const std::string& path, const ReadOptions& options) {
  FP_ASSIGN_OR_RETURN(auto file, MappedFile::Open(path, options.access));
  return ReadPackage(std::move(file), options);
}

bool IsPackage(std::span<const uint8_t> file) { return fpk::HasMagic(file); }

}  // namespace fusepack
