// The table of modules; sys and importlib, which ask the interpreter itself.
//
// `sys.modules` is a view: a name is looked for where the running module's own imports are, so a package's code finds
// its modules by the names it was packaged under.
#include "tracer/python/library.h"

#include "tracer/python/bytes_io.h"

namespace fusepack::py {
namespace {

Importer& CurrentImporter(Interpreter& in) {
  Module* m = in.CurrentModule();
  return m != nullptr && m->importer() != nullptr ? *m->importer() : in.importer();
}

class ModulesView : public Object {
 public:
  Module* Find(Interpreter& in, const Value& name) {
    Str* s = name.As<Str>();
    if (s == nullptr) return nullptr;
    if (s->text() == "__main__") return in.CurrentModule();
    if (Module* found = CurrentImporter(in).Import(in, s->text())) return found;
    return in.importer().Import(in, s->text());
  }
  Value GetItem(Interpreter& in, const Value& key) override {
    Module* found = Find(in, key);
    if (found == nullptr) in.RaiseKeyError(key);
    return Value(found);
  }
  // Stores would change what other code imports; they are ignored, as is `del`.
  void SetItem(Interpreter&, const Value&, const Value&) override {}
  void DelItem(Interpreter&, const Value&) override {}
  bool Contains(Interpreter& in, const Value& key) override { return Find(in, key) != nullptr; }
  Value Iter(Interpreter& in) override { return in.Iter(Value(in.NewTuple({}))); }
  int64_t Len(Interpreter&) override { return 0; }
  bool Truth(Interpreter&) override { return true; }
  std::string Repr(Interpreter&) override { return "<sys.modules>"; }
};

// Where `level` frames out of the caller stands.
Value ModuleNameOut(Interpreter& in, int64_t level) {
  Module* m = in.CurrentModule(static_cast<int>(std::min<int64_t>(level, 1000)));
  return m == nullptr ? Value::None() : Value(in.NewStr(m->name()));
}

Value ImportModule(Interpreter& in, BoundArgs& args) {
  std::string name = args.Text(0);
  size_t dots = std::min(name.find_first_not_of('.'), name.size());
  if (dots > 0) {
    if (args[1].is_none()) {
      in.RaiseTypeError("the 'package' argument is required to perform a relative import for '" + name + "'");
    }
    std::string base = args.Text(1);
    for (size_t i = 1; i < dots; ++i) {
      size_t dot = base.rfind('.');
      if (dot == std::string::npos) in.Raise(in.types().import_error, "attempted relative import beyond top-level package");
      base.resize(dot);
    }
    name = base + (dots < name.size() ? "." + name.substr(dots) : "");
  }
  return in.Import(CurrentImporter(in), name);
}

}  // namespace

void BuildSys(Interpreter& in, Module& module) {
  NativeType definition{.name = "ModulesView", .module = "sys", .dunders = "__getitem__ __setitem__ __delitem__ __contains__ __iter__ __len__"};
  definition.methods.push_back({"get", "self, key, default=None", [](Interpreter& in, BoundArgs& args) {
                                  auto* view = static_cast<ModulesView*>(args[0].object());
                                  Module* found = view->Find(in, args[1]);
                                  return found == nullptr ? args[2] : Value(found);
                                }});
  Type* type = in.DefineType(definition);
  module.SetNow(in.Intern("modules"), Value(in.New<ModulesView>(type)));
  module.SetNow(in.Intern("_getframemodulename"),
                in.NewFunction("_getframemodulename", "depth=0",
                               [](Interpreter& in, BoundArgs& args) { return ModuleNameOut(in, args.Int(0)); }, "sys"));
}

void BuildImportlib(Interpreter& in, Module& module) {
  module.SetNow(in.Intern("import_module"), in.NewFunction("import_module", "name, package=None", ImportModule, "importlib"));
}

// What every module sees, as a module of its own.
static void BuildBuiltins(Interpreter& in, Module& module) {
  for (const HashTable::Entry& e : in.builtins()->table.entries()) {
    if (Str* name = e.key.As<Str>(); name != nullptr && !name->text().starts_with("__")) module.SetNow(name, e.value);
  }
}

void RegisterStandardLibrary(Interpreter& in) {
  in.RegisterNativeModule("builtins", BuildBuiltins);
  in.RegisterNativeModule("math", BuildMath);
  in.RegisterNativeModule("operator", BuildOperator);
  in.RegisterNativeModule("_operator", BuildOperator);
  in.RegisterNativeModule("sys", BuildSys);
  in.RegisterNativeModule("importlib", BuildImportlib);
  in.RegisterNativeModule("_re", BuildRegex);
  in.RegisterNativeModule("_io", BuildIo);
  in.RegisterNativeModule("_traceback", BuildTraceback);
  DefineFileErrors(in);
  for (const LibraryFile& file : LibraryFiles()) {
    in.RegisterSourceModule(file.module, file.source, std::string("<lib>/") + file.path, file.is_package);
  }
  auto from_types = [&in](const char* hook, const char* name) {
    in.SetBuiltin(hook, in.NewFunction(hook, "a, b", [name](Interpreter& in, BoundArgs& args) {
                    return in.Call(in.GetAttr(in.Import(in.importer(), "types"), name), {args[0], args[1]});
                  }));
  };
  from_types("__generic_alias__", "GenericAlias");
  from_types("__union__", "_union");
}

}  // namespace fusepack::py
