// Each function checks its arguments itself: packaged code may call it.
#include "tracer/package/native.h"

#include <cstring>
#include <map>

#include "tracer/package/dependencies.h"
#include "tracer/package/globs.h"
#include "tracer/package/importer.h"
#include "tracer/package/pickle.h"
#include "tracer/package/source_importer.h"
#include "tracer/torch/materialize.h"
#include "tracer/torch/tensor_value.h"

namespace fusepack {

namespace {

using py::BoundArgs;
using py::Interpreter;
using py::Value;

struct NativeState {
  bool registered = false;
  py::Type* records = nullptr;
};

// What one archive consists of. Storages are numbered in the order in which pickles first see them.
class RecordsObject : public py::Object {
 public:
  void Write(Interpreter& in, const std::string& name, Bytes bytes) {
    if (records.size() >= kMaxRecords) in.OverLimit("an archive of more than 60,000 records", "fewer");
    records.push_back({name, std::move(bytes)});
  }
  void WriteCopy(Interpreter& in, const std::string& name, std::string_view text) {
    charge.Set(in.heap(), charge.bytes() + static_cast<int64_t>(text.size() + name.size()));
    Write(in, name, Bytes::FromVector({text.begin(), text.end()}));
  }

  std::vector<archive::NewRecord> records;
  std::map<const Storage*, int64_t> storage_keys;
  std::vector<std::shared_ptr<Storage>> storages;
  std::map<const py::Object*, std::pair<int64_t, Value>> reductions;
  std::vector<Value> kept;
  py::MemoryCharge charge;

 private:
  static constexpr size_t kMaxRecords = 60'000;
};

// A pickle for an exporter; without one (pickle.dumps) there are no storages and no packaged calls.
class ExporterTarget : public PickleTarget {
 public:
  ExporterTarget(Interpreter& in, const Value& exporter)
      : exporter_(exporter),
        importer_(exporter.is_none() ? in.GetAttr(in.Import("torch.package.importer"), "sys_importer") : in.GetAttr(exporter, "importer")) {
    if (!exporter.is_none()) records_ = in.GetAttr(exporter, "_records").As<RecordsObject>();
    if (!exporter.is_none() && records_ == nullptr) in.RaiseTypeError("the exporter has no records");
  }

  Found NameOf(Interpreter& in, const Value& object, const std::string& name) override {
    const Value given = name.empty() ? Value::None() : Value(in.NewStr(name));
    const Value pair = in.CallMethod(importer_, "get_name", {object, given});
    auto* tuple = pair.As<py::Tuple>();
    if (tuple == nullptr || tuple->size() != 2 || !(*tuple)[0].As<py::Str>() || !(*tuple)[1].As<py::Str>()) {
      in.RaiseTypeError("get_name() of an importer must return (module name, name)");
    }
    return {(*tuple)[0].As<py::Str>()->text(), (*tuple)[1].As<py::Str>()->text(), in.CallMethod(importer_, "import_module", {(*tuple)[0]})};
  }

  int64_t StorageKey(Interpreter& in, const std::shared_ptr<Storage>& storage) override {
    if (records_ == nullptr) in.RaiseTypeError("cannot pickle a tensor without an archive to put its storage into");
    const auto found = records_->storage_keys.find(storage.get());
    if (found != records_->storage_keys.end()) return found->second;
    const int64_t key = static_cast<int64_t>(records_->storages.size());
    // What may still be written is copied, as a file would have it; what cannot change is only referred to.
    Bytes bytes{storage, {static_cast<const uint8_t*>(storage->data()), static_cast<size_t>(storage->bytes())}};
    if (storage->writable()) {
      torch::Afford(in, DType::kU8, {Dim(storage->bytes())});
      uint8_t* copy = nullptr;
      auto made = Bytes::Allocate(bytes.size(), &copy);
      if (!made.ok()) throw py::Fatal{made.error()};
      const Interpreter::NativeWork copying(in);
      if (bytes.size() != 0) std::memcpy(copy, bytes.data(), bytes.size());
      bytes = *made;
    }
    records_->storage_keys[storage.get()] = key;
    records_->storages.push_back(storage);
    records_->Write(in, ".data/" + std::to_string(key) + ".storage", std::move(bytes));
    return key;
  }

  std::pair<int64_t, Value> ReducePackage(Interpreter& in, const Value& object) override {
    if (records_ == nullptr) in.RaiseTypeError("cannot pickle '" + in.TypeName(object) + "' object without a package to put it into");
    const auto found = records_->reductions.find(object.object());
    if (found != records_->reductions.end()) return found->second;
    const int64_t id = static_cast<int64_t>(records_->reductions.size());
    const Value reduction = in.CallMethod(object, "__reduce_package__", {exporter_});
    records_->kept.push_back(object);
    return records_->reductions[object.object()] = {id, reduction};
  }

 private:
  const Value exporter_, importer_;
  RecordsObject* records_ = nullptr;
};

std::string_view TextOrBytes(Interpreter& in, const Value& v) {
  if (auto* text = v.As<py::Str>()) return text->text();
  if (auto* bytes = v.As<py::Bytes>()) return bytes->bytes();
  in.RaiseTypeError("a bytes-like object is required, not '" + in.TypeName(v) + "'");
}

py::Type* RecordsType(Interpreter& in) {
  NativeState& state = in.State<NativeState>();
  if (state.records != nullptr) return state.records;
  py::NativeType type;
  type.name = "Records";
  type.module = "torch.package._native";
  type.subclassable = false;
  type.construct = [](Interpreter& in, py::Type* cls, const py::Args&) { return Value(in.New<RecordsObject>(cls)); };
  const auto self = [](BoundArgs& a) -> RecordsObject& { return *a[0].As<RecordsObject>(); };
  type.methods.push_back({"write", "self, name, content", [self](Interpreter& in, BoundArgs& a) {
    self(a).WriteCopy(in, a.Text(1), TextOrBytes(in, a[2]));
    return Value::None();
  }});
  type.methods.push_back({"names", "self", [self](Interpreter& in, BoundArgs& a) {
    std::vector<Value> names;
    for (const auto& record : self(a).records) names.push_back(Value(in.NewStr(record.name)));
    return Value(in.NewList(std::move(names)));
  }});
  // The container's own records, at the end.
  type.methods.push_back({"finish", "self", [self](Interpreter&, BoundArgs& a) {
    archive::FinishContainer(&self(a).records);
    return Value::None();
  }});
  // The whole archive as bytes; `path` names its root, None: a buffer's.
  type.methods.push_back({"archive", "self, path", [self](Interpreter& in, BoundArgs& a) {
    uint64_t bytes = 0;
    for (const auto& record : self(a).records) bytes += record.bytes.size() + 2 * record.name.size() + 256;
    in.CheckTextSize(2 * bytes);
    const Interpreter::NativeWork zipping(in);
    auto zip = archive::ZipBytes(a[1].is_none() ? archive::kRootForBuffer : archive::RootForPath(a.Text(1)), self(a).records);
    if (!zip.ok()) throw py::Fatal{zip.error()};
    return Value(in.NewBytes({reinterpret_cast<const char*>(zip->data()), zip->size()}));
  }});
  return state.records = in.DefineType(type);
}

// The module's text as its importer has it; None for native modules and folders without source.
Value SourceOf(Interpreter& in, const Value& value) {
  auto* module = value.As<py::Module>();
  if (module == nullptr) return Value::None();
  if (auto* package = dynamic_cast<PackageImporter*>(module->importer())) {
    const Value text = package->SourceOf(in, module->name());
    return text ? text : Value::None();
  }
  if (auto* sources = dynamic_cast<SourceImporter*>(module->importer())) {
    const SourceImporter::Source* source = sources->FindSource(module->name());
    if (source == nullptr) return Value::None();
    std::string text;
    for (char c : source->text) {
      if (c == '\n' && !text.empty() && text.back() == '\r') text.back() = '\n';
      else text += c;
    }
    return Value(in.NewStr(text));
  }
  return Value::None();
}

std::vector<std::string> Texts(Interpreter& in, const Value& v) {
  std::vector<std::string> out;
  if (auto* text = v.As<py::Str>()) return {text->text()};
  for (const Value& item : in.ToVector(v)) {
    auto* text = item.As<py::Str>();
    if (text == nullptr) in.RaiseTypeError("a module pattern must be str, not " + in.TypeName(item));
    out.push_back(text->text());
  }
  return out;
}

class GlobObject : public py::Object {
 public:
  explicit GlobObject(GlobGroup group) : group(std::move(group)) {}
  const GlobGroup group;
};

void BuildNative(Interpreter& in, py::Module& module) {
  const auto define = [&](const char* name, const char* parameters, py::NativeFunction::Bound function) {
    module.SetNow(in.Intern(name), in.NewFunction(name, parameters, std::move(function), "torch.package._native"));
  };
  module.SetNow(in.Intern("Records"), Value(RecordsType(in)));
  module.SetNow(in.Intern("Reader"), Value(ReaderType(in)));

  py::NativeType glob;
  glob.name = "Globs";
  glob.module = "torch.package._native";
  glob.subclassable = false;
  glob.construct = [](Interpreter& in, py::Type* cls, const py::Args& args) {
    if (args.size() != 3) in.RaiseTypeError("Globs() takes include, exclude and separator");
    const std::string separator = in.ToStr(args.positional[2]);
    auto group = GlobGroup::Create(Texts(in, args.positional[0]), Texts(in, args.positional[1]), separator.empty() ? '.' : separator[0]);
    if (!group.ok()) in.RaiseValueError("** can only appear as an entire path segment (" + group.status().ToString() + ")");
    return Value(in.New<GlobObject>(cls, std::move(*group)));
  };
  glob.methods.push_back({"matches", "self, candidate", [](Interpreter&, BoundArgs& a) {
    return Value::Bool(a[0].As<GlobObject>()->group.Matches(a.Text(1)));
  }});
  module.SetNow(in.Intern("Globs"), Value(in.DefineType(glob)));

  // (bytes, [(module, name), ...])
  define("dump", "obj, protocol, exporter", [](Interpreter& in, BoundArgs& a) {
    ExporterTarget target(in, a[2]);
    std::vector<PickledGlobal> globals;
    const std::string bytes = Pickle(in, a[0], static_cast<int>(a.Int(1)), target, &globals);
    std::vector<Value> names;
    for (const PickledGlobal& g : globals) names.push_back(Value(in.NewTuple({Value(in.NewStr(g.module)), Value(in.NewStr(g.name))})));
    return Value(in.NewTuple({Value(in.NewBytes(bytes)), Value(in.NewList(std::move(names)))}));
  });
  // Of a pickle without tensors; names are looked up where sys_importer looks.
  define("load", "data", [](Interpreter& in, BoundArgs& a) {
    const std::string_view data = TextOrBytes(in, a[0]);
    auto tree = archive::Unpickle("pickle", Bytes::FromVector({data.begin(), data.end()}), nullptr);
    if (!tree.ok()) in.RaiseException(in.Call(in.GetAttr(in.Import("pickle"), "UnpicklingError"), {Value(in.NewStr(tree.status().ToString()))}));
    return torch::MaterializeInside(in, std::move(tree).value(), SysImporterOf(in), Value::None());
  });
  // [(module, name or None), ...]; ValueError with the parser's line.
  define("find_imports", "file, source, package", [](Interpreter& in, BoundArgs& a) {
    in.Step(static_cast<int64_t>(a.Text(1).size() / 16));
    auto found = FindImports(a.Text(0), a.Text(1), a.Text(2));
    if (!found.ok()) in.RaiseValueError(found.status().ToString());
    std::vector<Value> pairs;
    for (const ImportReference& r : *found) {
      pairs.push_back(Value(in.NewTuple({Value(in.NewStr(r.module)), r.name.empty() ? Value::None() : Value(in.NewStr(r.name))})));
    }
    return Value(in.NewList(std::move(pairs)));
  });
  define("sys_import", "name", [](Interpreter& in, BoundArgs& a) { return in.Import(SysImporterOf(in), a.Text(0)); });
  define("new_mangle_prefix", "", [](Interpreter& in, BoundArgs&) { return Value(in.NewStr(NewManglePrefix(in))); });
  define("source_of", "module", [](Interpreter& in, BoundArgs& a) { return SourceOf(in, a[0]); });
  // "torchvision/_C.so"; None where no C extension would be that module.
  define("extension_file", "name", [](Interpreter& in, BoundArgs& a) {
    SourceImporter* sources = in.State<SysImporter>().sources;
    const std::string file = sources == nullptr ? "" : sources->FindExtension(a.Text(0));
    return file.empty() ? Value::None() : Value(in.NewStr(file));
  });
  define("has_extensions", "top_level", [](Interpreter& in, BoundArgs& a) {
    SourceImporter* sources = in.State<SysImporter>().sources;
    return Value::Bool(sources != nullptr && a.Text(0).find('/') == std::string::npos && sources->HasExtensions(a.Text(0)));
  });
  // An archive's handle from its bytes; `path` is what messages call it.
  define("open", "data, path", [](Interpreter& in, BoundArgs& a) {
    const std::string_view data = TextOrBytes(in, a[0]);
    in.CheckTextSize(data.size());
    auto archive = archive::OpenArchive(MappedFile::FromBytes(a.Text(1), {data.begin(), data.end()}));
    if (!archive.ok() && archive.error().expected == archive::kNothingBelowExterns) {
      in.Raise(in.types().import_error, "inconsistent module structure. package contains a file that is a subpackage of a module marked external: " +
                                            archive.status().ToString());
    }
    if (!archive.ok()) in.Raise(in.types().runtime_error, "PytorchStreamReader: " + archive.status().ToString());
    return NewReader(in, std::make_unique<PackageImporter>(in, std::move(*archive)));
  });
}

}  // namespace

void RegisterPackage(py::Interpreter& in) {
  NativeState& state = in.State<NativeState>();
  if (state.registered) return;
  state.registered = true;
  in.RegisterNativeModule("torch.package._native", BuildNative);
}

const std::vector<archive::NewRecord>& RecordsOf(py::Interpreter& in, const py::Value& python_exporter) {
  auto* records = in.GetAttr(python_exporter, "_records").As<RecordsObject>();
  FP_CHECK(records != nullptr);
  return records->records;
}

}  // namespace fusepack
