// After torch/package/package_importer.py: the order is own modules, externs, what is allowed without being listed, error.
// The class that Python code sees is the prelude's (torch/package/package_importer.py) over a handle of this one.
#include "tracer/package/importer.h"

#include <algorithm>
#include <filesystem>

#include "tracer/archive/zip_writer.h"
#include "tracer/package/native.h"
#include "tracer/package/source_importer.h"
#include "tracer/torch/materialize.h"

namespace fusepack {

using py::Args;
using py::BoundArgs;
using py::Interpreter;
using py::Value;

namespace {

constexpr std::string_view kMangle = "<torch_package_";
constexpr std::string_view kImporterModule = "torch_package_importer";  // what packaged code imports its importer as
constexpr std::string_view kMockModule = "_mock";

struct ImporterState {
  int count = 0;  // numbers the importers of this interpreter
  py::Type* type = nullptr;
  std::vector<std::unique_ptr<PackageImporter>> kept;
};

class ReaderObject : public py::Object {
 public:
  explicit ReaderObject(PackageImporter* importer) : importer(importer) {}
  PackageImporter* const importer;
};

std::string ExternList(const std::vector<std::string>& names) {
  std::string out = "[";
  for (size_t i = 0; i < names.size(); i++) out += (i ? ", '" : "'") + names[i] + "'";
  return out + "]";
}

PackageImporter& Self(const Value& v) { return *v.As<ReaderObject>()->importer; }


// torch.package allows these although no exporter lists them.
bool AlwaysAllowed(std::string_view name) {
  return name == "builtins" || name == "numpy" || name == "numpy.core" || name == "numpy.core._multiarray_umath";
}

std::string NormalizeLineEnds(std::string_view text) {
  std::string out;
  out.reserve(text.size());
  for (size_t i = 0; i < text.size(); i++) {
    if (text[i] == '\r') {
      out += '\n';
      if (i + 1 < text.size() && text[i + 1] == '\n') i++;
    } else {
      out += text[i];
    }
  }
  return out;
}

Value BytesValue(Interpreter& in, Result<Bytes> bytes) {
  if (!bytes.ok()) throw py::Fatal{bytes.error()};
  return Value(in.NewBytes(bytes->text()));
}

py::Type* DefineReader(Interpreter& in) {
  py::NativeType type;
  type.name = "Reader";
  type.module = "torch.package._native";
  type.subclassable = false;
  type.methods.push_back({"records", "self", [](Interpreter& in, BoundArgs& a) {
    const archive::Archive& archive = Self(a[0]).archive();
    std::vector<Value> names;
    for (const auto& record : archive.zip().records()) names.push_back(Value(in.NewStr(record.name.substr(archive.root().size() + 1))));
    return Value(in.NewList(std::move(names)));
  }});
  type.methods.push_back({"has_record", "self, name", [](Interpreter&, BoundArgs& a) {
    const archive::Archive& archive = Self(a[0]).archive();
    return Value::Bool(archive.zip().Find(archive.root() + "/" + a.Text(1)) != nullptr);
  }});
  type.methods.push_back({"get_record", "self, name", [](Interpreter& in, BoundArgs& a) {
    const archive::Archive& archive = Self(a[0]).archive();
    const archive::ZipRecord* record = archive.zip().Find(archive.root() + "/" + a.Text(1));
    if (record == nullptr) {
      in.Raise(in.types().runtime_error, "PytorchStreamReader failed locating file " + a.Text(1) + ": file not found");
    }
    in.CheckTextSize(record->size);
    return BytesValue(in, archive.zip().Read(*record));
  }});
  type.methods.push_back({"import_module", "self, name", [](Interpreter& in, BoundArgs& a) { return in.Import(Self(a[0]), a.Text(1)); }});
  type.methods.push_back({"load_pickle", "self, path", [](Interpreter& in, BoundArgs& a) {
    PackageImporter& self = Self(a[0]);
    const archive::ArchiveResource* found = self.archive().FindResource(a.Text(1));
    if (found == nullptr) {
      in.Raise(in.types().runtime_error, "PytorchStreamReader failed locating file " + a.Text(1) + ": file not found");
    }
    auto tree = self.archive().LoadPickle(*found);
    if (!tree.ok()) throw py::Fatal{tree.error()};
    return torch::MaterializeInside(in, std::move(tree).value(), self, self.PythonObject(in));
  }});
  type.methods.push_back({"externs", "self", [](Interpreter& in, BoundArgs& a) {
    std::vector<Value> names;
    for (const std::string& name : Self(a[0]).archive().externs()) names.push_back(Value(in.NewStr(name)));
    return Value(in.NewList(std::move(names)));
  }});
  type.methods.push_back({"modules", "self", [](Interpreter& in, BoundArgs& a) {
    std::vector<std::string> names;
    for (const auto& [name, module] : Self(a[0]).modules()) names.push_back(name);
    std::sort(names.begin(), names.end());
    py::Ref<py::Dict> all = in.NewDict();
    for (const std::string& name : names) all->Set(in.Intern(name), Value(Self(a[0]).modules().at(name)));
    return Value(all);
  }});
  type.methods.push_back({"source_of", "self, name", [](Interpreter& in, BoundArgs& a) {
    Value text = Self(a[0]).SourceOf(in, a.Text(1));
    return text ? text : Value::None();
  }});
  type.methods.push_back({"path", "self", [](Interpreter& in, BoundArgs& a) { return Value(in.NewStr(Self(a[0]).archive().path())); }});
  type.methods.push_back({"id", "self", [](Interpreter& in, BoundArgs& a) { return Value(in.NewStr(Self(a[0]).mangle_prefix())); }});
  type.methods.push_back({"bind", "self, importer", [](Interpreter& in, BoundArgs& a) {
    Self(a[0]).set_python_object(a[1]);
    Self(a[0]).CheckStructure(in);
    return Value::None();
  }});
  return in.DefineType(type);
}

}  // namespace

std::string_view Demangle(std::string_view name) {
  if (!name.starts_with(kMangle)) return name;
  const size_t close = name.find('>');
  if (close == std::string_view::npos) return name;
  name.remove_prefix(close + 1);
  if (name.starts_with('.')) name.remove_prefix(1);
  return name;
}

py::Type* ReaderType(Interpreter& in) {
  ImporterState& state = in.State<ImporterState>();
  if (state.type == nullptr) state.type = DefineReader(in);
  return state.type;
}

Value NewReader(Interpreter& in, std::unique_ptr<PackageImporter> importer) {
  ImporterState& state = in.State<ImporterState>();
  state.kept.push_back(std::move(importer));
  return Value(in.New<ReaderObject>(ReaderType(in), state.kept.back().get()));
}

PackageImporter* FindPackageImporter(Interpreter& in, const Value& python_importer) {
  const Value reader = in.FindAttr(python_importer, "_reader");
  auto* handle = reader ? reader.As<ReaderObject>() : nullptr;
  return handle == nullptr ? nullptr : handle->importer;
}

std::string NewManglePrefix(Interpreter& in) {
  return std::string(kMangle) + std::to_string(in.State<ImporterState>().count++) + ">";
}

PackageImporter::PackageImporter(Interpreter& in, std::shared_ptr<const archive::Archive> archive)
    : in_(in),
      archive_(std::move(archive)),
      prefix_(NewManglePrefix(in)) {
  RegisterPackage(in);
}

// An archive that somebody unpacked: its records are the files below the folder.
static Result<std::shared_ptr<const MappedFile>> ZippedFolder(const std::string& folder) {
  namespace fs = std::filesystem;
  std::error_code failed;
  std::vector<std::string> files;
  for (const auto& entry : fs::recursive_directory_iterator(folder, failed)) {
    if (entry.is_regular_file(failed)) files.push_back(entry.path().lexically_relative(folder).generic_string());
    if (files.size() > archive::kMaxZipEntries) return WithFile(LimitExceeded("folder", "too many files", "at most 65536"), folder);
  }
  if (failed) return IoError(folder, failed.message());
  std::sort(files.begin(), files.end());
  std::vector<archive::NewRecord> records;
  for (const std::string& file : files) {
    FP_ASSIGN_OR_RETURN(auto mapped, MappedFile::Open(folder + "/" + file));
    records.push_back({file, mapped->Cut(0, mapped->bytes().size())});
  }
  FP_ASSIGN_OR_RETURN(auto bytes, archive::ZipBytes(archive::kRootForBuffer, records));
  return MappedFile::FromBytes(folder, std::move(bytes));
}

Result<std::unique_ptr<PackageImporter>> PackageImporter::Open(Interpreter& in, const std::string& path) {
  std::error_code ignored;
  const bool folder = std::filesystem::is_directory(path, ignored);
  FP_ASSIGN_OR_RETURN(auto file, folder ? ZippedFolder(path) : MappedFile::Open(path));
  FP_ASSIGN_OR_RETURN(auto archive, archive::OpenArchive(std::move(file)));
  auto importer = std::make_unique<PackageImporter>(in, std::move(archive));
  auto checked = in.Try([&] { return importer->CheckStructure(in), Value::None(); });
  if (!checked.ok()) return WithFile(checked.status(), path);
  return importer;
}

Result<std::unique_ptr<PackageImporter>> PackageImporter::OpenBytes(Interpreter& in, std::vector<uint8_t> bytes) {
  FP_ASSIGN_OR_RETURN(auto archive, archive::OpenArchive(MappedFile::FromBytes("<binary>", std::move(bytes))));
  auto importer = std::make_unique<PackageImporter>(in, std::move(archive));
  auto checked = in.Try([&] { return importer->CheckStructure(in), Value::None(); });
  if (!checked.ok()) return checked.status();
  return importer;
}

void PackageImporter::CheckStructure(Interpreter& in) const {
  for (const auto& record : archive_->zip().records()) {
    const std::string path = record.name.substr(archive_->root().size() + 1);
    if (path.starts_with(".data/")) continue;
    std::string prefix;
    for (size_t begin = 0, slash; (slash = path.find('/', begin)) != std::string::npos; begin = slash + 1) {
      const std::string name = prefix + path.substr(begin, slash - begin);
      const archive::ArchiveModule* module = archive_->FindModule(name);
      if (module != nullptr && !module->file.empty() && !module->is_package) {
        in.Raise(in.types().import_error, "inconsistent module structure. module " + name + " is not a package, but has submodules");
      }
      prefix = name + ".";
    }
  }
}

py::Module* PackageImporter::Import(Interpreter& in, const std::string& given) {
  // Only names that this importer mangled are its own.
  std::string name = given;
  if (given.starts_with(prefix_ + ".")) name = given.substr(prefix_.size() + 1);
  if (const auto found = modules_.find(name); found != modules_.end()) return found->second.get();
  if (name == kImporterModule) {
    py::Ref<py::Module> made = in.NewEmptyModule(name, false, this);
    made->set_fallback([this](Interpreter& in, py::Module&, py::Str* attribute) {
      const Value found = in.FindAttr(PythonObject(in), attribute);
      return found ? found : Value();
    });
    modules_[name] = made;
    return made.get();
  }
  if (const archive::ArchiveModule* module = archive_->FindModule(name)) {
    const std::string mangled = prefix_ + "." + name;
    py::Ref<py::Module> made;
    if (module->file.empty()) {
      made = EmptyPackage(in, name);
    } else {
      const Value text = SourceOf(in, name);
      made = in.NewSourceModule(mangled, module->file, text.As<py::Str>()->text(), module->is_package, this);
      made->SetNow(in.names().__file__, Value(in.NewStr(prefix_ + "." + module->file)));
      MarkPackaged(in, *made);
    }
    modules_[name] = made;
    // The class of stand-ins gets its methods from a loop of calls at the end of this module, which no name asks for.
    if (name == kMockModule) made->RunInOrder(in);
    return made.get();
  }
  if (archive_->IsExtern(name) || AlwaysAllowed(name)) return SysImporterOf(in).Import(in, name);
  // What stands above an extern is an empty package of the archive.
  if (std::any_of(archive_->externs().begin(), archive_->externs().end(), [&](const std::string& e) { return e.starts_with(name + "."); })) {
    return (modules_[name] = EmptyPackage(in, name)).get();
  }
  // The mangled name is how a module of the archive is asked for an attribute: this is only one that it has not.
  const size_t dot = name.rfind('.');
  if (name.size() != given.size() && dot != std::string::npos && archive_->FindModule(name.substr(0, dot)) != nullptr) return nullptr;
  const Value exception = in.Call(Value(in.types().module_not_found_error),
                                  {Value(in.NewStr("No module named \"" + name + "\" in self-contained archive \"" + archive_->path() +
                                                   "\" and the module is also not in the list of allowed external modules: " +
                                                   ExternList(archive_->externs())))});
  in.SetAttr(exception, in.names().name, Value(in.NewStr(name)));
  in.RaiseException(exception);
}

void PackageImporter::MarkPackaged(Interpreter& in, py::Module& module) {
  module.SetNow(in.Intern("__torch_package__"), Value::Bool(true));
  module.set_fallback([this](Interpreter& in, py::Module&, py::Str* attribute) {
    return attribute == in.names().__loader__ ? PythonObject(in) : Value();
  });
}

py::Ref<py::Module> PackageImporter::EmptyPackage(Interpreter& in, const std::string& name) {
  py::Ref<py::Module> made = in.NewEmptyModule(prefix_ + "." + name, true, this);
  made->SetNow(in.names().__file__, Value::None());
  MarkPackaged(in, *made);
  return made;
}

Value PackageImporter::SourceOf(Interpreter& in, const std::string& given) {
  const archive::ArchiveModule* module = archive_->FindModule(Demangle(given));
  if (module == nullptr || module->file.empty()) return Value();
  Result<Bytes> source = archive_->ReadSource(*module);
  if (!source.ok()) throw py::Fatal{source.error()};
  return Value(in.NewStr(NormalizeLineEnds(source->text())));
}

Result<Value> PackageImporter::Load(Interpreter& in, std::shared_ptr<const archive::PickleTree> tree) {
  return in.Try([&] { return torch::MaterializeInside(in, std::move(tree), *this, PythonObject(in)); });
}

Result<Value> PackageImporter::LoadPickle(Interpreter& in, const std::string& package, const std::string& resource) {
  FP_ASSIGN_OR_RETURN(std::shared_ptr<const archive::PickleTree> tree, archive_->LoadPickle(package, resource));
  return Load(in, std::move(tree));
}

Result<Value> PackageImporter::LoadPickle(Interpreter& in, const archive::ArchiveResource& resource) {
  FP_ASSIGN_OR_RETURN(std::shared_ptr<const archive::PickleTree> tree, archive_->LoadPickle(resource));
  return Load(in, std::move(tree));
}

Value PackageImporter::PythonObject(Interpreter& in) {
  if (object_) return object_;
  const Value cls = in.GetAttr(in.Import("torch.package.package_importer"), "PackageImporter");
  return object_ = in.CallMethod(cls, "_over", {Value(in.New<ReaderObject>(ReaderType(in), this))});
}

// --- The border.

Result<Value> PackageImporter::import_module(const std::string& name) {
  return in_.Try([&] { return in_.CallMethod(PythonObject(in_), "import_module", {Value(in_.NewStr(name))}); });
}

Result<Value> PackageImporter::load_pickle(const std::string& package, const std::string& resource) {
  return in_.Try([&] {
    return in_.CallMethod(PythonObject(in_), "load_pickle", {Value(in_.NewStr(package)), Value(in_.NewStr(resource))});
  });
}

Result<std::string> PackageImporter::load_text(const std::string& package, const std::string& resource) {
  FP_ASSIGN_OR_RETURN(Value text, in_.Try([&] {
    return in_.CallMethod(PythonObject(in_), "load_text", {Value(in_.NewStr(package)), Value(in_.NewStr(resource))});
  }));
  return text.As<py::Str>()->text();
}

Result<std::string> PackageImporter::load_binary(const std::string& package, const std::string& resource) {
  FP_ASSIGN_OR_RETURN(Value bytes, in_.Try([&] {
    return in_.CallMethod(PythonObject(in_), "load_binary", {Value(in_.NewStr(package)), Value(in_.NewStr(resource))});
  }));
  return bytes.As<py::Bytes>()->bytes();
}

Result<std::string> PackageImporter::file_structure(const std::vector<std::string>& include, const std::vector<std::string>& exclude) {
  std::string out;
  auto done = in_.Try([&] {
    const auto list = [&](const std::vector<std::string>& items) {
      std::vector<Value> values;
      for (const std::string& item : items) values.push_back(Value(in_.NewStr(item)));
      return Value(in_.NewList(std::move(values)));
    };
    const std::vector<py::Keyword> keywords = {{in_.Intern("include"), list(include)}, {in_.Intern("exclude"), list(exclude)}};
    out = in_.ToStr(in_.CallMethod(PythonObject(in_), "file_structure", Args({}, keywords)));
    return Value::None();
  });
  if (!done.ok()) return done.status();
  return out;
}

std::optional<std::string> PackageImporter::python_version() const {
  if (archive_->python_version().empty()) return std::nullopt;
  return archive_->python_version();
}

}  // namespace fusepack
