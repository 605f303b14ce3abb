// Files: what evaluated Python may do with files. Nothing, until a command that runs the user's own program grants it
// (`fusepack test`); then an overlay over folders that the user named.
//
//   in.State<Files>().Grant(working_folder, {"tests"});
//
// What a program writes, makes or removes exists in memory only, charged to the interpreter's heap, and goes with the
// interpreter: nothing on disk is ever written. Beneath it the named folders can be read, with what symbolic links in
// them lead to; a program makes no links. `/tmp` exists and is empty.
//
// Methods that take an Interpreter raise Python's OSErrors. One thread.
#pragma once

#include <map>
#include <memory>
#include <string>
#include <vector>

#include "tracer/python/interpreter.h"

namespace fusepack::py {

// The bytes of one file, shared by everyone who has it open.
struct FileBytes {
  std::string bytes;
  MemoryCharge charge;

  // Charges before it grows.
  void Resize(Heap& heap, size_t size);
};

class Files {
 public:
  enum class Kind { kNone, kFile, kFolder };

  void Grant(std::string working_folder, const std::vector<std::string>& readable_folders);
  bool granted() const { return granted_; }
  const std::string& working_folder() const { return working_folder_; }

  // The path as it is known here: absolute, without `.`, `..` and doubled slashes.
  std::string Absolute(std::string_view path) const;

  Kind Look(Interpreter& in, std::string_view path);
  // The file's bytes. FileNotFoundError, IsADirectoryError; a file beneath is read when first opened.
  std::shared_ptr<FileBytes> Open(Interpreter& in, std::string_view path);
  // The same, emptied; made where there is none. Its folder must be there.
  std::shared_ptr<FileBytes> Create(Interpreter& in, std::string_view path);
  // Names in the folder, sorted.
  std::vector<std::string> List(Interpreter& in, std::string_view path);
  void MakeFolder(Interpreter& in, std::string_view path);
  void RemoveFile(Interpreter& in, std::string_view path);
  void RemoveFolder(Interpreter& in, std::string_view path);  // an empty one
  void Rename(Interpreter& in, std::string_view from, std::string_view to);

 private:
  struct Entry {
    Kind kind = Kind::kNone;  // kNone: removed, whatever is beneath
    std::shared_ptr<FileBytes> file;
  };
  void Require(Interpreter& in) const;
  void RequireParent(Interpreter& in, const std::string& path);
  Kind LookAt(const std::string& path) const;
  // The path itself where it may be looked for on disk, else empty.
  std::string Beneath(const std::string& path) const;

  bool granted_ = false;
  std::string working_folder_ = "/";
  std::vector<std::string> readable_;  // absolute
  std::map<std::string, Entry> entries_;
};

// Raises FileExistsError, IsADirectoryError, ... with "[Errno 2] No such file or directory: 'x'" and the like.
[[noreturn]] void RaiseOsError(Interpreter& in, const char* exception, int number, std::string_view path);

}  // namespace fusepack::py
