// Runs a Python file in the evaluator and prints what it prints: to look at one case of evaluate_test by hand, and to
// compare with CPython. With --path, modules are looked for in that folder, their statements run on demand.
// The last line of stderr is the error, if any; exit status as the command's.
#include <cstdio>
#include <cstring>
#include <fstream>
#include <map>
#include <sstream>

#include "tracer/python/interpreter.h"
#include "tracer/python/library.h"

namespace {

using namespace fusepack;

std::string ReadFile(const std::string& path, bool* found) {
  std::ifstream file(path);
  *found = file.good();
  std::stringstream text;
  text << file.rdbuf();
  return text.str();
}

// Modules of a folder, before the interpreter's own.
class FolderImporter : public py::Importer {
 public:
  explicit FolderImporter(std::string folder) : folder_(std::move(folder)) {}
  py::Module* Import(py::Interpreter& in, const std::string& name) override {
    auto& made = made_[name];
    if (made) return made.get();
    std::string path = folder_ + "/" + name;
    for (size_t i = folder_.size(); i < path.size(); ++i) path[i] = path[i] == '.' ? '/' : path[i];
    for (const char* end : {".py", "/__init__.py"}) {
      bool found;
      std::string text = ReadFile(path + end, &found);
      if (!found) continue;
      made = in.NewSourceModule(name, path + end, text, end[0] == '/', this);
      return made.get();
    }
    return in.importer().Import(in, name);
  }

 private:
  std::string folder_;
  std::map<std::string, py::Ref<py::Module>> made_;
};

}  // namespace

int main(int argc, char** argv) {
  if (argc != 2 && !(argc == 4 && std::strcmp(argv[2], "--path") == 0)) {
    std::fprintf(stderr, "usage: run_python FILE.py [--path FOLDER]\n");
    return 2;
  }
  bool found;
  std::string text = ReadFile(argv[1], &found);
  py::Interpreter in;
  py::RegisterStandardLibrary(in);
  in.ResetClock();
  in.set_print([](std::string_view s) { std::fwrite(s.data(), 1, s.size(), stdout); });
  Result<py::Value> result = py::Value();
  if (argc == 4) {
    FolderImporter importer(argv[3]);
    result = in.Try([&] {
      py::Ref<py::Module> main = in.NewSourceModule("__main__", argv[1], text, false, &importer);
      main->RunInOrder(in);
      return py::Value::None();
    });
  } else {
    result = in.Run(argv[1], text);
  }
  if (result.ok()) return 0;
  std::fflush(stdout);
  std::fprintf(stderr, "%s%s\n", result.error().traceback.c_str(), result.error().ToString().c_str());
  return static_cast<int>(result.error().code);
}
