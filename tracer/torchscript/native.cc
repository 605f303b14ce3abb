#include "tracer/torchscript/native.h"

#include "tracer/python/module.h"
#include "tracer/torchscript/declarations.h"
#include "tracer/torchscript/read.h"
#include "tracer/torchscript/script.h"
#include "tracer/torchscript/unit.h"
#include "tracer/torchscript/write.h"

namespace fusepack::torchscript {

using py::BoundArgs;
using py::Interpreter;
using py::Str;
using py::Value;

namespace {

// What is wrong with a file or module is a RuntimeError to Python, as torch.jit's are; a limit ends evaluation.
template <typename T>
T OrRaise(Interpreter& in, Result<T> result) {
  if (result.ok()) return std::move(result).value();
  if (result.error().code == ErrorCode::kLimit) throw py::Fatal{result.error()};
  in.Raise(in.types().runtime_error, result.status().ToString());
}

Value Load(Interpreter& in, BoundArgs& a) {
  auto* bytes = a[0].As<py::Bytes>();
  if (bytes == nullptr) a.Wrong(0, "bytes");
  const std::string_view content = bytes->bytes();
  auto file = MappedFile::FromBytes(a.Text(1), {content.begin(), content.end()});
  auto archive = OrRaise(in, archive::OpenArchive(file));
  if (archive->kind() != archive::ArchiveKind::kTorchScript) {
    in.Raise(in.types().runtime_error, archive->path() + ": a " + std::string(archive::ArchiveKindName(archive->kind())) + ", expected a TorchScript archive");
  }
  if (!a[2].is_none()) {
    for (const Value& name : in.ToVector(a[2])) {
      const archive::ArchiveResource* found = archive->FindResource("extra/" + in.ToStr(name));
      if (found == nullptr) continue;
      const Bytes text = OrRaise(in, archive->ReadResource(*found));
      in.SetItem(a[2], name, Value(in.NewBytes(text.text())));
    }
  }
  return OrRaise(in, LoadTorchScript(in, archive));
}

Value Save(Interpreter& in, BoundArgs& a) {
  ExtraFiles extra;
  for (const Value& item : in.ToVector(in.CallMethod(a[2], "items"))) {
    const std::vector<Value> pair = in.ToVector(item);
    extra.emplace_back(in.ToStr(pair[0]), in.ToStr(pair[1]));
  }
  const auto records = OrRaise(in, TorchScriptRecords(in, a[0], extra));
  const std::string path = a.Text(1);
  const auto bytes = OrRaise(in, archive::ZipBytes(path.empty() ? archive::kRootForBuffer : archive::RootForPath(path), records));
  return Value(in.NewBytes(std::string_view(reinterpret_cast<const char*>(bytes.data()), bytes.size())));
}

Value Code(Interpreter& in, BoundArgs& a) {
  const py::Type* type = in.TypeOf(a[0]);
  CompilationUnit* unit = UnitOf(in, type);
  const auto source = unit == nullptr ? std::map<std::string, std::string>::const_iterator() : unit->sources().find(type->module());
  if (unit == nullptr || source == unit->sources().end()) in.Raise(in.types().runtime_error, "no TorchScript code");
  const std::string text = OrRaise(in, TextOf(source->second, type->name(), a.Text(1)));
  return Value(in.NewStr(text));
}

}  // namespace

void RegisterTorchScript(Interpreter& in) {
  in.RegisterNativeModule("torch._C._torchscript", [](Interpreter& in, py::Module& module) {
    const auto define = [&](const char* name, const char* parameters, py::NativeFunction::Bound f) {
      module.SetNow(in.Intern(name), in.NewFunction(name, parameters, std::move(f), "torch._C._torchscript"));
    };
    define("script", "obj", [](Interpreter& in, BoundArgs& a) { return Script(in, a[0]); });
    define("load", "content, name, extra_files=None", Load);
    define("save", "module, path, extra_files", Save);
    define("code", "module, method", Code);
  });
}

}  // namespace fusepack::torchscript
