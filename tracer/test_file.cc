// The Python half is lib/unittest; this file gives it what no other evaluated program has: a clock, a stream for the
// report, limits that begin anew, and files (Files::Grant).
#include "tracer/test_file.h"

#include <chrono>
#include <filesystem>

#include "package_format/mapped_file.h"
#include "tracer/environment.h"
#include "tracer/python/bytes_io.h"
#include "tracer/python/source_lines.h"

namespace fusepack {
namespace {

namespace fs = std::filesystem;
using py::Interpreter;
using py::Value;

struct Host {
  std::function<void(std::string_view)> report;
  py::Ref<py::Module> main;
  int attempts = 0;  // open calls of Attempt
};

// attempt(function, args, kwargs, Stopped): the exception that function(*args, **kwargs) ended with, or None. What
// nothing can catch comes back as Stopped(message, places). The outermost call has all of the limits.
Value Attempt(Interpreter& in, py::BoundArgs& a) {
  Host& host = in.State<Host>();
  if (host.attempts == 0) in.ResetClock();
  ++host.attempts;
  Value raised;
  const std::vector<Value> positional = a.Values(1);
  std::vector<py::Keyword> keywords;
  if (auto* dict = a[2].As<py::Dict>()) {
    for (const auto& entry : dict->table.entries()) {
      if (entry.key) keywords.push_back({in.Intern(entry.key.As<py::Str>()->text()), entry.value});
    }
  }
  const Result<Value> result = in.Try([&] {
    try {
      return in.Call(a[0], py::Args(positional, keywords));
    } catch (const py::Raised& e) {
      raised = e.exception;
      throw;
    }
  });
  --host.attempts;
  if (result.ok()) return Value::None();
  if (host.attempts == 0) in.ResetClock();  // the report of it is nobody's time
  if (raised) return raised;
  const Error& error = result.status().error();
  Error shown = error;
  shown.traceback.clear();
  return in.Call(a[3], {Value(in.NewStr(shown.ToString())), Value(in.NewStr(error.traceback))});
}

void BuildHost(Interpreter& in, py::Module& module) {
  const auto define = [&](const char* name, const char* parameters, py::NativeFunction::Bound function) {
    module.SetNow(in.Intern(name), in.NewFunction(name, parameters, std::move(function), "_fusepack_test"));
  };
  define("attempt", "function, args, kwargs, stopped", Attempt);
  define("clock", "", [](Interpreter&, py::BoundArgs&) {
    return Value::Float(std::chrono::duration<double>(std::chrono::steady_clock::now().time_since_epoch()).count());
  });
  define("report", "text", [](Interpreter& in, py::BoundArgs& a) {
    if (const Host& host = in.State<Host>(); host.report) host.report(a.Text(0));
    return Value::None();
  });
  define("main_module", "", [](Interpreter& in, py::BoundArgs&) { return Value(in.State<Host>().main); });
}

// sys.exit's argument as an exit status, as Python has it.
int ExitStatus(Interpreter& in, const Value& exit) {
  const Value code = in.GetAttr(exit, "code");
  if (code.is_none()) return 0;
  if (code.is_bool()) return code.boolean() ? 1 : 0;
  if (code.is_int()) return code.integer() == 0 ? 0 : 1;
  if (const Host& host = in.State<Host>(); host.report) host.report(in.ToStr(code) + "\n");
  return 1;
}

}  // namespace

Result<int> RunTestFile(const TestFileOptions& options) {
  FP_ASSIGN_OR_RETURN(auto mapped, MappedFile::Open(options.file));
  const std::string text(reinterpret_cast<const char*>(mapped->bytes().data()), mapped->bytes().size());
  std::error_code failed;
  const fs::path path = fs::absolute(options.file, failed).lexically_normal();
  const std::string file = path.string(), folder = path.parent_path().string();

  Environment environment(options.limits);
  Interpreter& in = environment.interpreter();
  in.set_print(options.print);
  std::vector<std::string> readable{folder};
  for (const std::string& extra : options.paths) {
    if (!fs::is_directory(extra, failed)) return IoError(extra, "not a folder");
    readable.push_back(extra);
  }
  for (const std::string& root : readable) environment.sys_importer().AddRoot(root);
  in.State<py::Files>().Grant(fs::current_path(failed).string(), readable);
  in.State<py::SourceLines>().text_of = [&](const std::string& name) -> std::string_view {
    if (name == file) return text;
    for (const SourceImporter::Source& source : environment.sys_importer().sources()) {
      if (source.file == name) return source.text;
    }
    return {};
  };
  Host& host = in.State<Host>();
  host.report = options.report;
  in.RegisterNativeModule("_fusepack_test", BuildHost);

  int status = 0;
  const Result<Value> ended = in.Try([&]() -> Value {
    const Value sys = in.Import("sys");
    std::vector<Value> argv{Value(in.NewStr(options.file))};
    for (const std::string& argument : options.arguments) argv.push_back(Value(in.NewStr(argument)));
    in.SetAttr(sys, "argv", Value(in.NewList(std::move(argv))));
    in.SetAttr(sys, "stderr", in.Call(in.GetAttr(in.Import("unittest.host"), "Stream")));
    in.SetBuiltin("open", in.GetAttr(in.Import("io"), "open"));
    host.main = in.NewSourceModule("__main__", file, text, false, &environment.sys_importer());
    environment.sys_importer().Adopt(host.main);
    in.ResetClock();
    try {
      host.main->RunInOrder(in);
      in.Call(in.GetAttr(in.Import("unittest"), "main"));
    } catch (const py::Raised& raised) {
      if (!in.IsInstance(raised.exception, in.types().system_exit)) throw;
      status = ExitStatus(in, raised.exception);
    }
    return Value::None();
  });
  host.main = {};
  if (!ended.ok()) return ended.status();
  return status;
}

}  // namespace fusepack
