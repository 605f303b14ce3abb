// Files in memory: io.BytesIO, and the overlay that a granted program has for a file system.
//
// The overlay is a map from absolute paths to what the program made there (or removed); a path without an entry is
// looked for on disk, inside the readable folders only. Bytes from disk are copied when a file is first opened, and
// the copy is what everyone sees from then on.
#include <algorithm>
#include <cstring>
#include <filesystem>

#include "package_format/mapped_file.h"
#include "tracer/python/bytes_io.h"
#include "tracer/python/classes.h"
#include "tracer/python/files.h"
#include "tracer/python/library.h"

namespace fusepack::py {
namespace {

namespace fs = std::filesystem;

constexpr uint64_t kMaxFileBytes = uint64_t{4} << 30;
constexpr size_t kMaxPathBytes = 4096;
constexpr int kNoEntry = 2, kExists = 17, kNotFolder = 20, kIsFolder = 21, kInvalid = 22, kNotEmpty = 39;

std::string ParentOf(const std::string& path) {
  const size_t slash = path.rfind('/');
  return slash == 0 || slash == std::string::npos ? "/" : path.substr(0, slash);
}

bool Inside(const std::string& path, const std::string& folder) {
  return path == folder || folder == "/" ||
         (path.size() > folder.size() && path.starts_with(folder) && path[folder.size()] == '/');
}

}  // namespace

void RaiseOsError(Interpreter& in, const char* exception, int number, std::string_view path) {
  const Value made = in.Call(in.GetBuiltin(exception), {Value(in.NewStr(
      "[Errno " + std::to_string(number) + "] " + std::strerror(number) + ": " + in.Repr(Value(in.NewStr(path)))))});
  in.SetAttr(made, "errno", Value::Int(number));
  in.SetAttr(made, "filename", Value(in.NewStr(path)));
  in.RaiseException(made);
}

void FileBytes::Resize(Heap& heap, size_t size) {
  if (size > bytes.capacity()) {
    const size_t capacity = std::max(size, std::min(bytes.capacity() * 2, size + (size_t{64} << 20)));
    charge.Set(heap, static_cast<int64_t>(capacity));
    bytes.reserve(capacity);
  }
  bytes.resize(size);
}

// --- Files

void Files::Grant(std::string working_folder, const std::vector<std::string>& readable_folders) {
  granted_ = true;
  working_folder_ = std::move(working_folder);
  for (const std::string& folder : readable_folders) {
    readable_.push_back(Absolute(folder));
  }
  entries_["/"] = entries_["/tmp"] = Entry{Kind::kFolder, nullptr};
  // The way to a readable folder is there too, so that a path can be walked.
  for (std::string at = working_folder_; at != "/"; at = ParentOf(at)) entries_[at] = Entry{Kind::kFolder, nullptr};
}

std::string Files::Absolute(std::string_view path) const {
  std::string whole = path.starts_with('/') ? std::string(path) : working_folder_ + "/" + std::string(path);
  std::vector<std::string_view> parts;
  for (size_t at = 0; at < whole.size();) {
    size_t end = std::min(whole.find('/', at), whole.size());
    const std::string_view part = std::string_view(whole).substr(at, end - at);
    if (part == "..") {
      if (!parts.empty()) parts.pop_back();
    } else if (!part.empty() && part != ".") {
      parts.push_back(part);
    }
    at = end + 1;
  }
  std::string out;
  for (std::string_view part : parts) out += "/" + std::string(part);
  return out.empty() ? "/" : out;
}

std::string Files::Beneath(const std::string& path) const {
  // A folder that the program removed, or made anew, hides what was below it.
  for (std::string at = ParentOf(path); at != "/"; at = ParentOf(at)) {
    const auto found = entries_.find(at);
    if (found != entries_.end() && found->second.kind != Kind::kFolder) return "";
  }
  return std::any_of(readable_.begin(), readable_.end(), [&](const std::string& r) { return Inside(path, r); }) ? path : "";
}

void Files::Require(Interpreter& in) const {
  if (!granted_) in.Raise(in.types().os_error, "files are outside the subset: there is no file system");
}

Files::Kind Files::LookAt(const std::string& path) const {
  const auto found = entries_.find(path);
  if (found != entries_.end()) return found->second.kind;
  const std::string place = Beneath(path);
  if (place.empty()) return Kind::kNone;
  std::error_code ignored;
  return fs::is_directory(place, ignored) ? Kind::kFolder : fs::is_regular_file(place, ignored) ? Kind::kFile : Kind::kNone;
}

Files::Kind Files::Look(Interpreter& in, std::string_view path) {
  in.Step();
  if (!granted_ || path.empty() || path.size() > kMaxPathBytes || path.find('\0') != std::string_view::npos) return Kind::kNone;
  return LookAt(Absolute(path));
}

std::shared_ptr<FileBytes> Files::Open(Interpreter& in, std::string_view path) {
  Require(in);
  const std::string absolute = Absolute(path);
  const Kind kind = Look(in, path);
  if (kind == Kind::kNone) RaiseOsError(in, "FileNotFoundError", kNoEntry, path);
  if (kind == Kind::kFolder) RaiseOsError(in, "IsADirectoryError", kIsFolder, path);
  Entry& entry = entries_[absolute];
  if (entry.file == nullptr) {
    const auto mapped = MappedFile::Open(Beneath(absolute));
    if (!mapped.ok()) {
      entries_.erase(absolute);
      RaiseOsError(in, "FileNotFoundError", kNoEntry, path);
    }
    const auto bytes = (*mapped)->bytes();
    if (bytes.size() > kMaxFileBytes) in.OverLimit("a file of " + std::to_string(bytes.size()) + " bytes", "at most 4 GiB");
    auto made = std::make_shared<FileBytes>();
    made->Resize(in.heap(), bytes.size());
    std::copy(bytes.begin(), bytes.end(), made->bytes.begin());
    entry = {Kind::kFile, std::move(made)};
  }
  return entry.file;
}

void Files::RequireParent(Interpreter& in, const std::string& path) {
  const Kind parent = LookAt(ParentOf(path));
  if (parent == Kind::kNone) RaiseOsError(in, "FileNotFoundError", kNoEntry, path);
  if (parent == Kind::kFile) RaiseOsError(in, "NotADirectoryError", kNotFolder, path);
}

std::shared_ptr<FileBytes> Files::Create(Interpreter& in, std::string_view path) {
  Require(in);
  const Kind kind = Look(in, path);
  if (kind == Kind::kFolder) RaiseOsError(in, "IsADirectoryError", kIsFolder, path);
  if (path.empty() || path.size() > kMaxPathBytes || path.find('\0') != std::string_view::npos) {
    RaiseOsError(in, "OSError", kInvalid, path);
  }
  const std::string absolute = Absolute(path);
  Entry& entry = entries_[absolute];
  if (entry.file == nullptr) {
    if (kind == Kind::kNone) {
      entries_.erase(absolute);
      RequireParent(in, absolute);
    }
    in.heap().Charge(static_cast<int64_t>(2 * absolute.size() + sizeof(Entry)));
    entries_[absolute] = Entry{Kind::kFile, std::make_shared<FileBytes>()};
  }
  Entry& made = entries_[absolute];
  made.file->bytes.clear();
  return made.file;
}

std::vector<std::string> Files::List(Interpreter& in, std::string_view path) {
  Require(in);
  const Kind kind = Look(in, path);
  if (kind == Kind::kNone) RaiseOsError(in, "FileNotFoundError", kNoEntry, path);
  if (kind == Kind::kFile) RaiseOsError(in, "NotADirectoryError", kNotFolder, path);
  const std::string absolute = Absolute(path);
  std::vector<std::string> names;
  if (const std::string place = Beneath(absolute); !place.empty()) {
    std::error_code failed;
    for (const fs::directory_entry& e : fs::directory_iterator(place, failed)) names.push_back(e.path().filename().string());
    in.Step(static_cast<int64_t>(names.size()));
  }
  for (const auto& [name, entry] : entries_) {
    if (name != "/" && ParentOf(name) == absolute) names.push_back(name.substr(name.rfind('/') + 1));
  }
  in.Step(static_cast<int64_t>(entries_.size()));
  std::sort(names.begin(), names.end());
  names.erase(std::unique(names.begin(), names.end()), names.end());
  const std::string prefix = absolute == "/" ? "/" : absolute + "/";
  std::erase_if(names, [&](const std::string& name) { return LookAt(prefix + name) == Kind::kNone; });
  return names;
}

void Files::MakeFolder(Interpreter& in, std::string_view path) {
  Require(in);
  if (Look(in, path) != Kind::kNone) RaiseOsError(in, "FileExistsError", kExists, path);
  const std::string absolute = Absolute(path);
  if (path.empty() || path.size() > kMaxPathBytes) RaiseOsError(in, "FileNotFoundError", kNoEntry, path);
  RequireParent(in, absolute);
  in.heap().Charge(static_cast<int64_t>(2 * absolute.size() + sizeof(Entry)));
  entries_[absolute] = Entry{Kind::kFolder, nullptr};
}

void Files::RemoveFile(Interpreter& in, std::string_view path) {
  Require(in);
  const Kind kind = Look(in, path);
  if (kind == Kind::kNone) RaiseOsError(in, "FileNotFoundError", kNoEntry, path);
  if (kind == Kind::kFolder) RaiseOsError(in, "IsADirectoryError", kIsFolder, path);
  entries_[Absolute(path)] = Entry{};
}

void Files::RemoveFolder(Interpreter& in, std::string_view path) {
  if (!List(in, path).empty()) RaiseOsError(in, "OSError", kNotEmpty, path);
  entries_[Absolute(path)] = Entry{};
}

void Files::Rename(Interpreter& in, std::string_view from, std::string_view to) {
  const std::shared_ptr<FileBytes> file = Open(in, from);
  const std::string source = Absolute(from), target = Absolute(to);
  if (source == target) return;
  Create(in, to);
  entries_[target].file = file;
  entries_[source] = Entry{};
}

// --- BytesIO

namespace {

struct IoTypes {
  explicit IoTypes(Interpreter& in);
  Type *base, *raw, *buffered, *text, *bytes_io, *file;
};

[[noreturn]] void RaiseUnsupported(Interpreter& in, const char* what) {
  in.RaiseException(in.Call(in.GetAttr(in.Import("io"), "UnsupportedOperation"), {Value(in.NewStr(what))}));
}

BytesIO& Self(const Value& v) { return *static_cast<BytesIO*>(v.object()); }

std::string_view BytesOf(Interpreter& in, const Value& v) {
  if (auto* bytes = v.As<Bytes>()) return bytes->bytes();
  in.RaiseTypeError("a bytes-like object is required, not '" + in.TypeName(v) + "'");
}

int64_t LimitOf(const BoundArgs& a, size_t i) { return a[i].is_none() ? -1 : a.Int(i); }

Value NewLine(Interpreter& in, std::string_view line) { return Value(in.NewBytes(line)); }

}  // namespace

void BytesIO::CheckOpen(Interpreter& in) const {
  if (closed) in.RaiseValueError("I/O operation on closed file.");
}

std::string_view BytesIO::Read(Interpreter& in, int64_t limit) {
  CheckOpen(in);
  if (!readable) RaiseUnsupported(in, "read");
  const size_t begin = std::min(position, file->bytes.size());
  const size_t rest = file->bytes.size() - begin;
  const size_t count = limit < 0 ? rest : std::min(rest, static_cast<size_t>(limit));
  position = std::max(position, begin + count);
  in.Step(static_cast<int64_t>(count / 64));
  return std::string_view(file->bytes).substr(begin, count);
}

std::string_view BytesIO::ReadLine(Interpreter& in, int64_t limit) {
  CheckOpen(in);
  const size_t begin = std::min(position, file->bytes.size());
  const size_t newline = file->bytes.find('\n', begin);
  size_t count = (newline == std::string::npos ? file->bytes.size() : newline + 1) - begin;
  if (limit >= 0) count = std::min(count, static_cast<size_t>(limit));
  return Read(in, static_cast<int64_t>(count));
}

void BytesIO::Write(Interpreter& in, std::string_view bytes) {
  CheckOpen(in);
  if (!writable) RaiseUnsupported(in, "write");
  if (append) position = file->bytes.size();
  in.Step(static_cast<int64_t>(bytes.size() / 64));
  if (bytes.empty()) return;
  const size_t end = position + bytes.size();
  if (end > file->bytes.size()) file->Resize(in.heap(), end);
  std::memcpy(file->bytes.data() + position, bytes.data(), bytes.size());
  position = end;
}

void BytesIO::Truncate(Interpreter& in, size_t size) {
  CheckOpen(in);
  if (!writable) RaiseUnsupported(in, "truncate");
  if (size < file->bytes.size()) file->bytes.resize(size);
}

Value BytesIO::Iter(Interpreter& in) {
  CheckOpen(in);
  return Value(this);
}

bool BytesIO::Next(Interpreter& in, Value* out) {
  const std::string_view line = ReadLine(in, -1);
  if (line.empty()) return false;
  *out = NewLine(in, line);
  return true;
}

namespace {

constexpr int64_t kMaxPosition = int64_t{1} << 40;

int64_t Seek(Interpreter& in, BytesIO& f, int64_t offset, int64_t whence) {
  f.CheckOpen(in);
  if (whence < 0 || whence > 2) in.RaiseValueError("invalid whence (" + std::to_string(whence) + ", should be 0, 1 or 2)");
  if (whence == 0 && offset < 0) in.RaiseValueError("negative seek value " + std::to_string(offset));
  if (offset > kMaxPosition || offset < -kMaxPosition) in.Raise(in.types().overflow_error, "seek value out of range");
  const int64_t base = whence == 0 ? 0 : static_cast<int64_t>(whence == 1 ? f.position : f.file->bytes.size());
  f.position = static_cast<size_t>(std::max<int64_t>(0, base + offset));
  return static_cast<int64_t>(f.position);
}

std::vector<NativeMethod> BytesMethods() {
  return {
      {"read", "self, size=-1, /", [](Interpreter& in, BoundArgs& a) { return Value(in.NewBytes(Self(a[0]).Read(in, LimitOf(a, 1)))); }},
      {"read1", "self, size=-1, /", [](Interpreter& in, BoundArgs& a) { return Value(in.NewBytes(Self(a[0]).Read(in, LimitOf(a, 1)))); }},
      {"readall", "self", [](Interpreter& in, BoundArgs& a) { return Value(in.NewBytes(Self(a[0]).Read(in, -1))); }},
      {"readline", "self, size=-1, /", [](Interpreter& in, BoundArgs& a) { return NewLine(in, Self(a[0]).ReadLine(in, LimitOf(a, 1))); }},
      {"readlines", "self, hint=-1, /", [](Interpreter& in, BoundArgs& a) {
        std::vector<Value> lines;
        for (Value line; Self(a[0]).Next(in, &line);) lines.push_back(line);
        return Value(in.NewList(std::move(lines)));
      }},
      {"write", "self, b, /", [](Interpreter& in, BoundArgs& a) {
        const std::string_view bytes = BytesOf(in, a[1]);
        Self(a[0]).Write(in, bytes);
        return Value::Int(static_cast<int64_t>(bytes.size()));
      }},
      {"writelines", "self, lines, /", [](Interpreter& in, BoundArgs& a) {
        for (const Value& line : in.ToVector(a[1])) Self(a[0]).Write(in, BytesOf(in, line));
        return Value::None();
      }},
      {"seek", "self, offset, whence=0, /", [](Interpreter& in, BoundArgs& a) { return Value::Int(Seek(in, Self(a[0]), a.Int(1), a.Int(2))); }},
      {"tell", "self", [](Interpreter& in, BoundArgs& a) {
        Self(a[0]).CheckOpen(in);
        return Value::Int(static_cast<int64_t>(Self(a[0]).position));
      }},
      {"truncate", "self, size=None, /", [](Interpreter& in, BoundArgs& a) {
        const int64_t size = a[1].is_none() ? static_cast<int64_t>(Self(a[0]).position) : a.Int(1);
        if (size < 0) in.RaiseValueError("negative size value " + std::to_string(size));
        Self(a[0]).Truncate(in, static_cast<size_t>(size));
        return Value::Int(size);
      }},
      {"close", "self", [](Interpreter&, BoundArgs& a) {
        Self(a[0]).closed = true;
        return Value::None();
      }},
      {"flush", "self", [](Interpreter& in, BoundArgs& a) {
        Self(a[0]).CheckOpen(in);
        return Value::None();
      }},
      {"readable", "self", [](Interpreter&, BoundArgs& a) { return Value::Bool(Self(a[0]).readable); }},
      {"writable", "self", [](Interpreter&, BoundArgs& a) { return Value::Bool(Self(a[0]).writable); }},
      {"seekable", "self", [](Interpreter&, BoundArgs&) { return Value::Bool(true); }},
      {"isatty", "self", [](Interpreter&, BoundArgs&) { return Value::Bool(false); }},
      {"fileno", "self", [](Interpreter& in, BoundArgs&) -> Value { RaiseUnsupported(in, "fileno"); }},
      {"__enter__", "self", [](Interpreter& in, BoundArgs& a) {
        Self(a[0]).CheckOpen(in);
        return a[0];
      }},
      // close() may be a subclass's own.
      {"__exit__", "self, *exc_info", [](Interpreter& in, BoundArgs& a) {
        in.Call(in.GetAttr(a[0], "close"));
        return Value::None();
      }},
  };
}

Value MakeBytesIO(Interpreter& in, Type* cls, const Args&) {
  return Value(in.New<BytesIO>(cls, std::make_shared<FileBytes>()));
}

IoTypes::IoTypes(Interpreter& in) {
  const Type::Construct plain = [](Interpreter& in, Type* cls, const Args&) { return Value(in.New<IoBase>(cls)); };
  auto abstract = [&](const char* name, Type* over) {
    return in.DefineType({.name = name, .module = "io", .base = over, .construct = plain, .instances_have_dict = true});
  };
  base = abstract("IOBase", nullptr);
  raw = abstract("RawIOBase", base);
  buffered = abstract("BufferedIOBase", base);
  text = abstract("TextIOBase", base);
  NativeType type{.name = "BytesIO", .module = "_io", .base = buffered, .construct = MakeBytesIO,
                  .dunders = "__iter__ __next__", .instances_have_dict = true};
  type.methods = BytesMethods();
  type.properties = {{"closed", [](Interpreter&, const Value& self) { return Value::Bool(Self(self).closed); }, nullptr}};
  NativeType opened = type;
  type.methods.push_back({"__init__", "self, initial_bytes=None", [](Interpreter& in, BoundArgs& a) {
    BytesIO& f = Self(a[0]);
    f.file->bytes.clear();
    f.position = 0;
    if (!a[1].is_none()) f.Write(in, BytesOf(in, a[1]));
    f.position = 0;
    return Value::None();
  }});
  auto whole = [](Interpreter& in, BoundArgs& a) {
    Self(a[0]).CheckOpen(in);
    return Value(in.NewBytes(Self(a[0]).file->bytes));
  };
  type.methods.push_back({"getvalue", "self", whole});
  type.methods.push_back({"getbuffer", "self", whole});
  bytes_io = in.DefineType(type);
  opened.name = "BufferedRandom";
  opened.construct = [](Interpreter& in, Type*, const Args&) -> Value { in.RaiseTypeError("files are opened by open()"); };
  opened.subclassable = false;
  opened.properties.push_back({"name", [](Interpreter& in, const Value& self) { return Value(in.NewStr(Self(self).name)); }, nullptr});
  opened.properties.push_back({"mode", [](Interpreter& in, const Value& self) { return Value(in.NewStr(Self(self).mode)); }, nullptr});
  file = in.DefineType(opened);
}

// open_file(path, mode): a file of bytes; `mode` is one of r w a x, with b and + or without.
Value OpenFile(Interpreter& in, BoundArgs& a) {
  Files& files = in.State<Files>();
  const std::string& path = a.Text(0);
  const std::string& mode = a.Text(1);
  const auto has = [&](char c) { return mode.find(c) != std::string::npos; };
  if (has('r') + has('w') + has('a') + has('x') != 1) {
    in.RaiseValueError("must have exactly one of create/read/write/append mode");
  }
  if (has('x') && files.Look(in, path) != Files::Kind::kNone) RaiseOsError(in, "FileExistsError", kExists, path);
  const bool fresh = has('w') || has('x') || (has('a') && files.Look(in, path) == Files::Kind::kNone);
  Ref<BytesIO> f = in.New<BytesIO>(in.State<IoTypes>().file, fresh ? files.Create(in, path) : files.Open(in, path));
  f->readable = has('r') || has('+');
  f->writable = !has('r') || has('+');
  f->append = has('a');
  f->name = path;
  f->mode = mode;
  return Value(f);
}

}  // namespace

Ref<BytesIO> NewBytesIO(Interpreter& in, std::string_view bytes) {
  Ref<BytesIO> f = in.New<BytesIO>(in.State<IoTypes>().bytes_io, std::make_shared<FileBytes>());
  f->Write(in, bytes);
  f->position = 0;
  return f;
}

void DefineFileErrors(Interpreter& in) {
  for (const char* name : {"FileExistsError", "IsADirectoryError", "NotADirectoryError"}) {
    in.SetBuiltin(name, Value(in.NewClass(name, {Value(in.types().os_error)}, in.NewDict(), "builtins")));
  }
}

void BuildIo(Interpreter& in, Module& module) {
  const IoTypes& types = in.State<IoTypes>();
  for (const auto& [name, type] : {std::pair{"IOBase", types.base}, {"RawIOBase", types.raw}, {"BufferedIOBase", types.buffered},
                                   {"TextIOBase", types.text}, {"BytesIO", types.bytes_io}, {"BufferedRandom", types.file}}) {
    module.SetNow(in.Intern(name), Value(type));
  }
  const auto define = [&](const char* name, const char* parameters, NativeFunction::Bound function) {
    module.SetNow(in.Intern(name), in.NewFunction(name, parameters, std::move(function), "_io"));
  };
  define("open_file", "path, mode", OpenFile);
  define("granted", "", [](Interpreter& in, BoundArgs&) { return Value::Bool(in.State<Files>().granted()); });
  define("getcwd", "", [](Interpreter& in, BoundArgs&) { return Value(in.NewStr(in.State<Files>().working_folder())); });
  define("look", "path", [](Interpreter& in, BoundArgs& a) {
    switch (in.State<Files>().Look(in, a.Text(0))) {
      case Files::Kind::kFile: return Value(in.NewStr("file"));
      case Files::Kind::kFolder: return Value(in.NewStr("folder"));
      case Files::Kind::kNone: break;
    }
    return Value::None();
  });
  define("size", "path", [](Interpreter& in, BoundArgs& a) {
    return Value::Int(static_cast<int64_t>(in.State<Files>().Open(in, a.Text(0))->bytes.size()));
  });
  define("listdir", "path", [](Interpreter& in, BoundArgs& a) {
    std::vector<Value> names;
    for (const std::string& name : in.State<Files>().List(in, a.Text(0))) names.push_back(Value(in.NewStr(name)));
    return Value(in.NewList(std::move(names)));
  });
  const auto on_path = [&](const char* name, void (Files::*action)(Interpreter&, std::string_view)) {
    define(name, "path", [action](Interpreter& in, BoundArgs& a) {
      (in.State<Files>().*action)(in, a.Text(0));
      return Value::None();
    });
  };
  on_path("mkdir", &Files::MakeFolder);
  on_path("remove", &Files::RemoveFile);
  on_path("rmdir", &Files::RemoveFolder);
  define("rename", "source, target", [](Interpreter& in, BoundArgs& a) {
    in.State<Files>().Rename(in, a.Text(0), a.Text(1));
    return Value::None();
  });
}

}  // namespace fusepack::py
