// Open (without blocking on a pipe), check that it is a regular file, then mmap privately and read-only, or read to
// the size that fstat gave. A file that turns out shorter while it is read is an I/O error.
#include "package_format/mapped_file.h"

#include <fcntl.h>
#include <sys/mman.h>
#include <sys/stat.h>
#include <unistd.h>

#include <cerrno>
#include <cstdlib>
#include <cstring>

namespace fusepack {
namespace {

// A cache line, and what vector loads and PyTorch's own archives align to.
constexpr size_t kBufferAlignment = 64;

class FileDescriptor {
 public:
  explicit FileDescriptor(int fd) : fd_(fd) {}
  ~FileDescriptor() {
    if (fd_ >= 0) close(fd_);
  }
  int get() const { return fd_; }

 private:
  int fd_;
};

}  // namespace

Bytes Bytes::FromVector(std::vector<uint8_t> buffer) {
  auto owner = std::make_shared<const std::vector<uint8_t>>(std::move(buffer));
  return {owner, {owner->data(), owner->size()}};
}

Result<Bytes> Bytes::Allocate(size_t size, uint8_t** data) {
  const size_t rounded = (size + kBufferAlignment - 1) / kBufferAlignment * kBufferAlignment;
  void* memory = rounded < size ? nullptr : std::aligned_alloc(kBufferAlignment, rounded == 0 ? kBufferAlignment : rounded);
  if (memory == nullptr) return LimitExceeded("", "no memory for " + std::to_string(size) + " bytes");
  std::memset(memory, 0, rounded);
  *data = static_cast<uint8_t*>(memory);
  return Bytes{std::shared_ptr<const void>(memory, std::free), {*data, size}};
}

Result<std::shared_ptr<const MappedFile>> MappedFile::Open(const std::string& path, FileAccess access) {
  const char* forced = std::getenv("FUSEPACK_READ");
  if (forced != nullptr && std::strcmp(forced, "1") == 0) access = FileAccess::kRead;

  FileDescriptor fd(open(path.c_str(), O_RDONLY | O_CLOEXEC | O_NONBLOCK));
  if (fd.get() < 0) return IoError(path, std::strerror(errno));
  struct stat info;
  if (fstat(fd.get(), &info) != 0) return IoError(path, std::strerror(errno));
  if (S_ISDIR(info.st_mode)) return IoError(path, "is a directory, expected a file");
  if (!S_ISREG(info.st_mode)) return IoError(path, "is a pipe, socket or device, expected a regular file");
  const size_t size = static_cast<size_t>(info.st_size);

  std::shared_ptr<MappedFile> file(new MappedFile);
  file->path_ = path;
  if (access == FileAccess::kMap && size > 0) {
    void* mapping = mmap(nullptr, size, PROT_READ, MAP_PRIVATE, fd.get(), 0);
    if (mapping == MAP_FAILED) return IoError(path, std::string("cannot be mapped: ") + std::strerror(errno));
    file->mapping_ = mapping;
    file->bytes_ = {static_cast<const uint8_t*>(mapping), size};
    return std::shared_ptr<const MappedFile>(file);
  }

  uint8_t* data = nullptr;
  Result<Bytes> buffer = Bytes::Allocate(size, &data);
  if (!buffer.ok()) return WithFile(buffer.status(), path);
  for (size_t have = 0; have < size;) {
    const ssize_t got = read(fd.get(), data + have, size - have);
    if (got < 0 && errno == EINTR) continue;
    if (got < 0) return IoError(path, std::strerror(errno));
    if (got == 0) {
      return IoError(path, "ended after " + std::to_string(have) + " bytes, expected " + std::to_string(size));
    }
    have += static_cast<size_t>(got);
  }
  file->buffer_ = *buffer;
  file->bytes_ = file->buffer_.span;
  return std::shared_ptr<const MappedFile>(file);
}

std::shared_ptr<const MappedFile> MappedFile::FromBytes(const std::string& path, std::vector<uint8_t> bytes) {
  std::shared_ptr<MappedFile> file(new MappedFile);
  file->path_ = path;
  file->buffer_ = Bytes::FromVector(std::move(bytes));
  file->bytes_ = file->buffer_.span;
  return file;
}

MappedFile::~MappedFile() {
  if (mapping_ != nullptr) munmap(mapping_, bytes_.size());
}

Bytes MappedFile::Cut(uint64_t offset, uint64_t size) const {
  FP_CHECK_LE(offset, bytes_.size());
  FP_CHECK_LE(size, bytes_.size() - offset);
  return {shared_from_this(), bytes_.subspan(offset, size)};
}

}  // namespace fusepack
