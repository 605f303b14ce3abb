// Collects by one walk over each pickled tree, in the order of ForEachChild. A kObject whose state has _modules and
// _parameters is an nn.Module (a GraphModule is a packaged call whose first argument is such a state); names follow
// torch's: an entry of _parameters, _buffers or _modules is reached without naming that dict.
#include "tracer/archive/inspect.h"

#include <algorithm>
#include <cstdio>
#include <nlohmann/json.hpp>
#include <set>
#include <unordered_map>
#include <unordered_set>

#include "tracer/archive/raw_bytes.h"

namespace fusepack::archive {
namespace {

using Json = nlohmann::ordered_json;

// A pickle can name one tensor a million times under long names; a report has bounds.
constexpr size_t kMaxReportedPlaces = 100'000;  // tensors and modules of a pickle, each
constexpr size_t kMaxKeyBytes = 120, kMaxNameBytes = 1000;

// A dict key as part of a name: no control characters, plain ASCII or valid UTF-8, not too long.
std::string Clean(std::string_view text) {
  std::string out(text.substr(0, kMaxKeyBytes));
  const bool utf8 = IsUtf8(out);
  for (char& c : out) {
    const unsigned char u = static_cast<unsigned char>(c);
    if (u < 0x20 || u == 0x7f || (u >= 0x80 && !utf8)) c = '?';
  }
  return out;
}

// ---- collecting ----

class Walker {
 public:
  explicit Walker(PickleReport* report) : report_(*report), tree_(*report->tree) {}

  void Run() {
    Visit(*tree_.root(), "", -1, 0);
    std::set<int32_t> storages;
    for (const TensorReport& t : report_.tensors) {
      if (storages.insert(t.tensor.storage).second) report_.storage_bytes += static_cast<int64_t>(tree_.storages().at(t.tensor.storage).bytes.size());
      if (t.same_as.empty() && (t.tensor.is_parameter || t.tensor.requires_grad)) report_.parameter_count += Numel(t.tensor.sizes);
    }
  }

 private:
  static std::string Join(const std::string& path, std::string_view name) {
    if (path.size() > kMaxNameBytes) return path;
    return path.empty() ? Clean(name) : path + "." + Clean(name);
  }

  // The instance dict of a module, nullptr for any other value.
  static const PickleValue* ModuleState(const PickleValue& v) {
    const PickleValue* state = nullptr;
    if (v.is(PickleKind::kObject)) state = v.state;
    if (v.is(PickleKind::kReducePackage) && !v.args->items.empty()) state = v.args->items[0];
    if (state == nullptr || !state->is(PickleKind::kDict)) return nullptr;
    const bool script = v.callable->is(PickleKind::kGlobal) && v.callable->text.substr(0, 9) == "__torch__";
    const bool module = state->Get("_modules") != nullptr && state->Get("_parameters") != nullptr;
    return module || script ? state : nullptr;
  }

  // `depth` counts modules; `level` counts calls and stops where ForEachChild's order, which the limit of unpickle.h is
  // about, would have stopped.
  void Visit(const PickleValue& v, const std::string& path, int depth, int level) {
    if (level > kMaxPickleDepth) return;
    if (v.is(PickleKind::kTensor)) {
      AddTensor(v, path);
      if (v.state != nullptr && seen_.insert(&v).second) Visit(*v.state, path, depth, level + 1);
      return;
    }
    const PickleValue* state = ModuleState(v);
    const bool again = !seen_.insert(&v).second;
    if (state != nullptr) return VisitModule(v, *state, path, depth + 1, level, again);
    if (again) return;
    for (size_t i = 0; i < v.items.size(); i++) {
      const std::string name = path.size() > kMaxNameBytes ? path : path + "[" + std::to_string(i) + "]";
      Visit(*v.items[i], name, depth, level + 1);
    }
    for (const auto& [key, item] : v.pairs) {
      const std::string name = key->is(PickleKind::kStr) ? std::string(key->text)
                               : key->is(PickleKind::kInt) ? std::to_string(key->integer)
                                                           : std::string(PickleKindName(key->kind));
      Visit(*item, Join(path, name), depth, level + 1);
    }
    for (const PickleValue* part : {v.callable, v.args, v.kwargs, v.state}) {
      if (part != nullptr) Visit(*part, path, depth, level + 1);
    }
  }

  // The index of the new entry; the last one's once the report is full.
  size_t AddTensor(const PickleValue& v, const std::string& path) {
    if (report_.tensors.size() >= kMaxReportedPlaces) return report_.tensors.size() - 1;
    TensorReport out;
    out.name = path;
    out.tensor = tree_.tensors()[v.integer];
    out.storage = tree_.storages().at(out.tensor.storage).key;
    const auto [first, is_new] = first_name_.emplace(&v, path);
    if (!is_new) out.same_as = first->second;
    report_.tensors.push_back(std::move(out));
    return report_.tensors.size() - 1;
  }

  void VisitModule(const PickleValue& v, const PickleValue& state, const std::string& path, int depth, int level, bool again) {
    if (report_.modules.size() >= kMaxReportedPlaces) return;
    const size_t index = report_.modules.size();
    ModuleReport out;
    out.name = path;
    out.depth = depth;
    out.same_as_before = again;
    out.class_name = v.callable->is(PickleKind::kGlobal) ? v.callable->QualifiedName() : "?";
    if (const PickleValue* name = state.Get("_graphmodule_cls_name"); name != nullptr && name->is(PickleKind::kStr)) {
      out.class_name = "torch.fx.GraphModule " + Clean(name->text);
    }
    if (const PickleValue* training = state.Get("training")) out.training = training->integer != 0;
    report_.modules.push_back(std::move(out));
    if (again) return;

    std::vector<size_t> parameters, buffers;
    const auto entries = [&](const char* dict, std::vector<size_t>* list) {
      const PickleValue* found = state.Get(dict);
      if (found == nullptr) return;
      for (const auto& [key, item] : found->pairs) {
        if (item->is(PickleKind::kTensor)) list->push_back(AddTensor(*item, Join(path, key->text)));
      }
    };
    entries("_parameters", &parameters);
    entries("_buffers", &buffers);
    for (const auto& [key, item] : state.pairs) {
      if (key->text == "_parameters" || key->text == "_buffers") continue;
      const bool children = key->text == "_modules";
      if (children) {
        for (const auto& [child, module] : item->pairs) Visit(*module, Join(path, child->text), depth, level + 1);
      } else if (item->is(PickleKind::kTensor)) {  // TorchScript keeps parameters as plain attributes
        const size_t added = AddTensor(*item, Join(path, key->text));
        (report_.tensors[added].tensor.requires_grad ? parameters : buffers).push_back(added);
      } else {
        Visit(*item, Join(path, key->text), depth, level + 1);
      }
    }
    for (const PickleValue* part : {v.args, v.kwargs}) {
      if (part != nullptr && part->items.size() > (v.is(PickleKind::kReducePackage) ? 1u : 0u)) Visit(*part, path, depth, level + 1);
    }
    report_.modules[index].parameters = std::move(parameters);
    report_.modules[index].buffers = std::move(buffers);
  }

  PickleReport& report_;
  const PickleTree& tree_;
  std::unordered_set<const PickleValue*> seen_;
  std::unordered_map<const PickleValue*, std::string> first_name_;
};

std::string Origin(const Archive& archive, const PickleAudit::Use& use) {
  if (HasOwnMeaning(use.module, use.name)) return "built in";
  const ArchiveModule* module = archive.FindModule(use.module);
  if (module != nullptr && !module->file.empty()) return "packaged";
  if (archive.IsExtern(use.module)) return "extern";
  // torch.save and TorchScript list no externs: every class has to be found elsewhere.
  return archive.kind() == ArchiveKind::kTorchPackage ? "missing" : "extern";
}

// ---- printing ----

std::string Grouped(uint64_t value) {  // 11,689,512
  std::string digits = std::to_string(value);
  for (int at = static_cast<int>(digits.size()) - 3; at > 0; at -= 3) digits.insert(static_cast<size_t>(at), ",");
  return digits;
}

std::string Count(uint64_t value, const char* noun) {
  return Grouped(value) + " " + noun + (value == 1 ? "" : "s");
}

std::string HumanBytes(uint64_t bytes) {
  if (bytes < 10000) return Count(bytes, "byte");
  const char* const units[] = {"kB", "MB", "GB", "TB"};
  double value = static_cast<double>(bytes) / 1000;
  int unit = 0;
  while (value >= 1000 && unit < 3) value /= 1000, unit++;
  char text[32];
  std::snprintf(text, sizeof text, "%.1f %s", value, units[unit]);
  return text;
}

// Rows of cells; columns named in `right` are aligned to the right. Trailing blanks are dropped.
std::string Table(const std::vector<std::vector<std::string>>& rows, const std::string& indent, const std::set<size_t>& right = {}) {
  std::vector<size_t> width;
  for (const auto& row : rows) {
    width.resize(std::max(width.size(), row.size()));
    for (size_t i = 0; i < row.size(); i++) width[i] = std::max(width[i], row[i].size());
  }
  std::string out;
  for (const auto& row : rows) {
    std::string line = indent;
    for (size_t i = 0; i < row.size(); i++) {
      const std::string pad(width[i] - row[i].size(), ' ');
      line += (right.count(i) != 0 ? pad + row[i] : row[i] + pad) + (i + 1 < row.size() ? "  " : "");
    }
    line.erase(line.find_last_not_of(' ') + 1);
    out += line + "\n";
  }
  return out;
}

std::string Shape(const TensorRef& t) { return std::string(ShortName(t.dtype)) + t.sizes.ToString(); }

std::string LastPart(const std::string& dotted) {
  const size_t dot = dotted.rfind('.');
  return dot == std::string::npos ? dotted : dotted.substr(dot + 1);
}

std::string Summary(const ArchiveReport& report) {
  const Archive& archive = *report.archive;
  std::string out = archive.path() + ": " + std::string(ArchiveKindName(archive.kind())) + ", container version " +
                    std::to_string(archive.version()) +
                    (archive.python_version().empty() ? "" : ", written by Python " + archive.python_version()) + "\n";
  uint64_t lines = 0;
  for (const SourceReport& source : report.sources) lines += source.lines;
  out += "  " + Count(archive.zip().records().size(), "record") + ", " + HumanBytes(archive.zip().file_bytes()) + "; " +
         Count(report.sources.size(), "module") + " of source, " + Count(lines, "line") + "; " +
         Count(archive.externs().size(), "extern name") + "\n";
  for (const PickleReport& pickle : report.pickles) {
    const PickleAudit& audit = pickle.tree->audit();
    out += "  " + pickle.path + ": protocol " + std::to_string(audit.protocol) + ", " + Count(audit.opcodes, "opcode") + "; " +
           Count(pickle.tensors.size(), "tensor") + ", " + HumanBytes(static_cast<uint64_t>(pickle.storage_bytes)) + "; " +
           Count(static_cast<uint64_t>(pickle.parameter_count), "parameter element") + " in " + Count(pickle.modules.size(), "module") + "\n";
  }
  return out;
}

Json Names(const PickleReport& pickle, const std::vector<size_t>& indices) {
  Json out = Json::array();
  for (const size_t i : indices) out.push_back(pickle.tensors[i].name);
  return out;
}

}  // namespace

Result<ArchiveReport> InspectArchive(std::shared_ptr<const Archive> archive) {
  ArchiveReport report;
  report.archive = archive;
  for (const ArchiveModule& module : archive->modules()) {
    if (module.file.empty()) continue;
    FP_ASSIGN_OR_RETURN(const Bytes text, archive->ReadSource(module));
    const std::string_view source = text.text();
    uint64_t lines = static_cast<uint64_t>(std::count(source.begin(), source.end(), '\n'));
    if (!source.empty() && source.back() != '\n') lines++;
    report.sources.push_back({module.name, module.file, source.size(), lines});
  }
  UnpickleLimits left;  // for all pickles together: their trees are alive at once
  for (const ArchiveResource& resource : archive->resources()) {
    if (!resource.is_pickle) continue;
    PickleReport pickle;
    pickle.path = resource.path;
    FP_ASSIGN_OR_RETURN(pickle.tree, archive->LoadPickle(resource, left));
    left.opcodes -= pickle.tree->audit().opcodes;
    left.memory_bytes -= pickle.tree->audit().memory_bytes;
    Walker(&pickle).Run();
    for (const PickleAudit::Use& use : pickle.tree->audit().globals) pickle.globals.push_back({use, Origin(*archive, use)});
    report.pickles.push_back(std::move(pickle));
  }
  return report;
}

std::string ReportText(const ArchiveReport& report, const InspectSections& sections) {
  std::string out = Summary(report);
  using Rows = std::vector<std::vector<std::string>>;
  if (sections.records) {
    out += "\nrecords\n";
    Rows rows;
    for (const ZipRecord& record : report.archive->zip().records()) {
      rows.push_back({record.name.substr(report.archive->root().size() + 1), Grouped(record.size),
                      record.deflated ? "deflated to " + Grouped(record.stored_bytes) : "stored"});
    }
    out += Table(rows, "  ", {1});
  }
  if (sections.sources) {
    out += "\ninterned modules\n";
    Rows rows;
    for (const SourceReport& source : report.sources) {
      rows.push_back({source.module, Count(source.lines, "line"), HumanBytes(source.bytes), source.file});
    }
    out += Table(rows, "  ", {1, 2});
    if (!report.archive->externs().empty()) out += "\nextern names\n";
    for (const std::string& name : report.archive->externs()) out += "  " + name + "\n";
  }
  for (const PickleReport& pickle : report.pickles) {
    if (sections.globals && !pickle.globals.empty()) {
      out += "\nglobals of " + pickle.path + " (nothing has been evaluated)\n";
      Rows rows;
      for (const GlobalReport& global : pickle.globals) {
        rows.push_back({global.use.module + "." + global.use.name, Grouped(global.use.count) + "x", global.origin,
                        global.use.called ? "called" : ""});
      }
      out += Table(rows, "  ", {1});
    }
    if (sections.tensors && !pickle.tensors.empty()) {
      out += "\ntensors of " + pickle.path + "\n";
      Rows rows;
      for (const TensorReport& t : pickle.tensors) {
        const bool dense = IsContiguous(t.tensor.sizes, t.tensor.strides);
        std::string notes = t.tensor.is_parameter ? "parameter" : "";
        if (!dense) notes += (notes.empty() ? "strides " : ", strides ") + t.tensor.strides.ToString();
        if (t.tensor.offset != 0) notes += (notes.empty() ? "at element " : ", at element ") + std::to_string(t.tensor.offset);
        if (!t.same_as.empty()) notes += (notes.empty() ? "same as " : ", same as ") + t.same_as;
        rows.push_back({t.name, Shape(t.tensor), "storage " + t.storage, notes});
      }
      out += Table(rows, "  ");
    }
    if (sections.modules && !pickle.modules.empty()) {
      out += "\nmodule tree of " + pickle.path + "\n";
      Rows rows;
      for (const ModuleReport& module : pickle.modules) {
        std::string tensors;
        for (const auto* list : {&module.parameters, &module.buffers}) {
          for (const size_t i : *list) {
            tensors += (tensors.empty() ? "" : "  ") + LastPart(pickle.tensors[i].name) + " " + Shape(pickle.tensors[i].tensor);
          }
        }
        if (module.same_as_before) tensors = "(seen above)";
        const std::string name = module.name.empty() ? "(root)" : LastPart(module.name);
        rows.push_back({std::string(static_cast<size_t>(2 * module.depth), ' ') + name,
                        LastPart(module.class_name) + (module.training ? " (training)" : ""), tensors});
      }
      out += Table(rows, "  ");
    }
  }
  return out;
}

Json ReportJson(const ArchiveReport& report) {
  const Archive& archive = *report.archive;
  Json out;
  out["file"] = archive.path();
  out["kind"] = std::string(ArchiveKindName(archive.kind()));
  out["root"] = archive.root();
  out["version"] = archive.version();
  out["python_version"] = archive.python_version();
  out["records"] = Json::array();
  for (const ZipRecord& record : archive.zip().records()) {
    out["records"].push_back({{"name", record.name.substr(archive.root().size() + 1)},
                              {"bytes", record.size},
                              {"stored_bytes", record.stored_bytes},
                              {"deflated", record.deflated},
                              {"crc32", record.crc}});
  }
  out["interned"] = Json::array();
  for (const SourceReport& source : report.sources) {
    out["interned"].push_back({{"module", source.module}, {"file", source.file}, {"bytes", source.bytes}, {"lines", source.lines}});
  }
  out["extern"] = archive.externs();
  out["pickles"] = Json::array();
  for (const PickleReport& pickle : report.pickles) {
    const PickleAudit& audit = pickle.tree->audit();
    Json item;
    item["path"] = pickle.path;
    item["protocol"] = audit.protocol;
    item["bytes"] = audit.bytes;
    item["opcodes"] = audit.opcodes;
    item["opcode_counts"] = Json::object();
    for (int i = 0; i < 256; i++) {
      if (audit.opcode_counts[i] != 0) item["opcode_counts"][std::string(PickleOpcodeName(static_cast<uint8_t>(i)))] = audit.opcode_counts[i];
    }
    item["parameter_elements"] = pickle.parameter_count;
    item["storage_bytes"] = pickle.storage_bytes;
    item["globals"] = Json::array();
    for (const GlobalReport& global : pickle.globals) {
      item["globals"].push_back({{"module", global.use.module}, {"name", global.use.name}, {"count", global.use.count},
                                 {"first_offset", global.use.first_offset}, {"called", global.use.called}, {"origin", global.origin}});
    }
    item["tensors"] = Json::array();
    for (const TensorReport& t : pickle.tensors) {
      Json tensor = {{"name", t.name}, {"dtype", std::string(TorchName(t.tensor.dtype))}, {"shape", t.tensor.sizes.ToVector()},
                     {"strides", t.tensor.strides.ToVector()}, {"storage", t.storage}, {"offset", t.tensor.offset},
                     {"parameter", t.tensor.is_parameter}, {"requires_grad", t.tensor.requires_grad}};
      if (!t.same_as.empty()) tensor["same_as"] = t.same_as;
      item["tensors"].push_back(std::move(tensor));
    }
    item["modules"] = Json::array();
    for (const ModuleReport& module : pickle.modules) {
      item["modules"].push_back({{"name", module.name}, {"class", module.class_name}, {"depth", module.depth},
                                 {"training", module.training}, {"parameters", Names(pickle, module.parameters)},
                                 {"buffers", Names(pickle, module.buffers)}});
    }
    out["pickles"].push_back(std::move(item));
  }
  return out;
}

}  // namespace fusepack::archive
