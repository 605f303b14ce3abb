// BytesIO: io.BytesIO, and an open file of Files, as Python sees them. Native code reads and writes `file->bytes` itself:
//
//   if (auto* f = value.As<py::BytesIO>()) f->Write(in, bytes);
#pragma once

#include <memory>
#include <string>
#include <string_view>

#include "tracer/python/files.h"

namespace fusepack::py {

// The common base of all file objects (io.IOBase); Python classes derive from it.
class IoBase : public Object {
 public:
  IoBase() = default;
};

class BytesIO : public IoBase {
 public:
  explicit BytesIO(std::shared_ptr<FileBytes> file) : file(std::move(file)) {}

  std::shared_ptr<FileBytes> file;
  size_t position = 0;
  bool readable = true, writable = true, append = false, closed = false;
  std::string name, mode;  // of an open file

  void CheckOpen(Interpreter& in) const;
  // What stands from the position on, at most `limit` bytes (negative: all); the position moves behind it.
  std::string_view Read(Interpreter& in, int64_t limit);
  std::string_view ReadLine(Interpreter& in, int64_t limit);
  void Write(Interpreter& in, std::string_view bytes);
  void Truncate(Interpreter& in, size_t size);

  Value Iter(Interpreter& in) override;
  bool Next(Interpreter& in, Value* out) override;
};

// The type io.BytesIO, and a new object of it.
Ref<BytesIO> NewBytesIO(Interpreter& in, std::string_view bytes);

// The module _io, which lib/io.py, lib/os and lib/tempfile.py stand on.
void BuildIo(Interpreter& in, Module& module);
// FileExistsError and its kin among the built-ins.
void DefineFileErrors(Interpreter& in);

}  // namespace fusepack::py
