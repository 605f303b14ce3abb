// Runs programs/write_archives.py in the evaluator and puts the archives that it makes into a folder, for real PyTorch to
// read: write_archives FOLDER_OF_PROGRAMS OUT_FOLDER
#include <cstdio>
#include <fstream>
#include <sstream>

#include "tracer/environment.h"
#include "tracer/python/files.h"

int main(int argc, char** argv) {
  if (argc != 3) {
    std::fprintf(stderr, "usage: write_archives FOLDER_OF_PROGRAMS OUT_FOLDER\n");
    return 2;
  }
  fusepack::Environment environment;
  fusepack::py::Interpreter& in = environment.interpreter();
  environment.sys_importer().AddRoot(argv[1]);
  in.State<fusepack::py::Files>().Grant("/tmp", {});
  auto done = in.Try([&] {
    const fusepack::py::Value module = in.Import(environment.sys_importer(), "write_archives");
    const fusepack::py::Value made = in.Call(in.GetAttr(module, "archives"));
    for (const auto& entry : made.As<fusepack::py::Dict>()->table.entries()) {
      const std::string& bytes = entry.value.As<fusepack::py::Bytes>()->bytes();
      std::ofstream file(std::string(argv[2]) + "/" + in.ToStr(entry.key) + ".pt", std::ios::binary);
      file.write(bytes.data(), static_cast<std::streamsize>(bytes.size()));
    }
    return fusepack::py::Value::None();
  });
  if (done.ok()) return 0;
  std::fprintf(stderr, "%s%s\n", done.error().traceback.c_str(), done.error().ToString().c_str());
  return 1;
}
