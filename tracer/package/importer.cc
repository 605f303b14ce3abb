// After torch/package/package_importer.py: the order is own modules, externs, error.
#include "tracer/package/importer.h"

#include "tracer/torch/materialize.h"

namespace fusepack {

using py::Args;
using py::BoundArgs;
using py::Interpreter;
using py::Value;

namespace {

constexpr std::string_view kMangle = "<torch_package_";

struct ImporterState {
  int count = 0;  // numbers the importers of this interpreter
  py::Type* type = nullptr;
};

class ImporterObject : public py::Object {
 public:
  explicit ImporterObject(PackageImporter* importer) : importer(importer) {}
  PackageImporter* const importer;
};

std::string ExternList(const std::vector<std::string>& names) {
  std::string out = "[";
  for (size_t i = 0; i < names.size(); i++) out += (i ? ", '" : "'") + names[i] + "'";
  return out + "]";
}

PackageImporter& Self(const Value& v) { return *v.As<ImporterObject>()->importer; }

Value OrFatal(Result<Value> result) {
  if (!result.ok()) throw py::Fatal{result.error()};
  return std::move(result).value();
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

PackageImporter::PackageImporter(Interpreter& in, std::shared_ptr<const archive::Archive> archive)
    : archive_(std::move(archive)),
      prefix_(std::string(kMangle) + std::to_string(in.State<ImporterState>().count++) + ">") {}

py::Module* PackageImporter::Import(Interpreter& in, const std::string& given) {
  const std::string name(Demangle(given));
  if (const auto found = modules_.find(name); found != modules_.end()) return found->second.get();
  if (const archive::ArchiveModule* module = archive_->FindModule(name)) {
    const std::string mangled = prefix_ + "." + name;
    py::Ref<py::Module> made;
    if (module->file.empty()) {
      made = in.NewEmptyModule(mangled, true, this);
    } else {
      Result<Bytes> source = archive_->ReadSource(*module);
      if (!source.ok()) throw py::Fatal{source.error()};
      const std::string text(reinterpret_cast<const char*>(source->data()), source->size());
      made = in.NewSourceModule(mangled, module->file, text, module->is_package, this);
    }
    modules_[name] = made;
    return made.get();
  }
  if (archive_->IsExtern(name)) return in.importer().Import(in, name);
  // Below a module of the archive this is only a name that it has not.
  const size_t dot = name.rfind('.');
  if (dot != std::string::npos && archive_->FindModule(name.substr(0, dot)) != nullptr) return nullptr;
  in.Raise(in.types().module_not_found_error,
           "No module named \"" + name + "\" in self-contained archive \"" + archive_->path() +
               "\" and the module is also not in the list of allowed external modules: " + ExternList(archive_->externs()));
}

Result<Value> PackageImporter::Load(Interpreter& in, std::shared_ptr<const archive::PickleTree> tree) {
  return torch::Materialize(in, std::move(tree), *this, PythonObject(in));
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
  ImporterState& state = in.State<ImporterState>();
  if (state.type == nullptr) {
    py::NativeType type;
    type.name = "PackageImporter";
    type.module = "torch.package.package_importer";
    type.methods.push_back({"import_module", "self, name, package=None", [](Interpreter& in, BoundArgs& a) {
      return in.Import(Self(a[0]), a.Text(1));
    }});
    type.methods.push_back({"load_pickle", "self, package, resource, map_location=None", [](Interpreter& in, BoundArgs& a) {
      return OrFatal(Self(a[0]).LoadPickle(in, a.Text(1), a.Text(2)));
    }});
    type.methods.push_back({"load_text", "self, package, resource, encoding='utf-8', errors='strict'", [](Interpreter& in, BoundArgs& a) {
      std::string path = a.Text(1);
      for (char& c : path) c = c == '.' ? '/' : c;
      path += (path.empty() ? "" : "/") + a.Text(2);
      const archive::Archive& archive = Self(a[0]).archive();
      const archive::ArchiveResource* found = archive.FindResource(path);
      if (found == nullptr) in.Raise(in.types().file_not_found_error, "no resource '" + path + "' in the archive");
      Result<Bytes> bytes = archive.ReadResource(*found);
      if (!bytes.ok()) throw py::Fatal{bytes.error()};
      return Value(in.NewStr(std::string_view(reinterpret_cast<const char*>(bytes->data()), bytes->size())));
    }});
    type.methods.push_back({"id", "self", [](Interpreter& in, BoundArgs& a) {
      const std::string& prefix = Self(a[0]).mangle_prefix();
      return Value(in.NewStr(prefix.substr(1, prefix.size() - 2)));
    }});
    state.type = in.DefineType(type);
  }
  return object_ = Value(in.New<ImporterObject>(state.type, this));
}

}  // namespace fusepack
