// Temporary file, write, fsync, rename, fsync of the folder (the sequence of SQLite's and LevelDB's CURRENT file).
//
// A nameless file (O_TMPFILE) is preferred, because a killed process then leaves no debris; rename() cannot take one,
// so it gets a name by linkat() only after everything is on the disk, and loses it in the rename that follows.
#include "package_format/atomic_write.h"

#include <fcntl.h>
#include <limits.h>
#include <stdlib.h>
#include <sys/stat.h>
#include <unistd.h>

#include <algorithm>
#include <atomic>
#include <cerrno>
#include <cstdio>
#include <cstring>

namespace fusepack {
namespace {

constexpr size_t kPendingBytes = 1 << 16;     // smaller appends are gathered to this
constexpr uint64_t kHoleBytes = 1 << 20;      // zero runs this long become a hole
constexpr int kNameAttempts = 100;            // names tried for the temporary file

std::string TemporaryName(const std::string& folder, const std::string& target) {
  static std::atomic<unsigned> counter{0};
  const size_t slash = target.rfind('/');
  const std::string name = target.substr(slash == std::string::npos ? 0 : slash + 1);
  // A file name holds 255 bytes at most: the target's own is cut so that ours fits.
  return folder + "/." + name.substr(0, 200) + ".fusepack-" + std::to_string(getpid()) + "-" + std::to_string(counter++);
}

}  // namespace

Status AtomicWriter::Fail(const char* what) {
  const int error = errno;
  std::string found = std::strerror(error);
  if (what[0] != '\0') found = std::string(what) + ": " + found;
  failed_ = IoError(path_, found);
  return failed_;
}

Result<std::unique_ptr<AtomicWriter>> AtomicWriter::Create(const std::string& path) {
  std::unique_ptr<AtomicWriter> writer(new AtomicWriter);
  writer->path_ = path;
  if (path.empty()) return IoError(path, "the output has an empty name");

  char resolved[PATH_MAX];
  writer->target_ = realpath(path.c_str(), resolved) != nullptr ? resolved : path;
  const size_t slash = writer->target_.rfind('/');
  writer->folder_ = slash == std::string::npos ? "." : slash == 0 ? "/" : writer->target_.substr(0, slash);

  struct stat info;
  if (stat(path.c_str(), &info) == 0) {
    if (S_ISDIR(info.st_mode)) return IoError(path, "is a directory, expected the name of a file");
    if (!S_ISREG(info.st_mode)) {
      writer->direct_ = true;
      writer->fd_ = open(path.c_str(), O_WRONLY | O_CLOEXEC);
      if (writer->fd_ < 0) return writer->Fail("cannot be opened for writing");
      return writer;
    }
    if (access(path.c_str(), W_OK) != 0) return writer->Fail("cannot be replaced");
    writer->mode_ = info.st_mode & 07777;
  }

#ifdef O_TMPFILE
  if (access("/proc/self/fd", X_OK) == 0) {
    writer->fd_ = open(writer->folder_.c_str(), O_TMPFILE | O_WRONLY | O_CLOEXEC, 0666);
  }
#endif
  for (int attempt = 0; writer->fd_ < 0 && attempt < kNameAttempts; attempt++) {
    std::string name = TemporaryName(writer->folder_, writer->target_);
    writer->fd_ = open(name.c_str(), O_CREAT | O_EXCL | O_WRONLY | O_CLOEXEC, 0666);
    if (writer->fd_ >= 0) writer->temporary_ = std::move(name);
    else if (errno != EEXIST) break;
  }
  if (writer->fd_ < 0) return writer->Fail("no file can be made in its folder");
  if (writer->mode_ != 0 && fchmod(writer->fd_, writer->mode_) != 0) return writer->Fail("");
  return writer;
}

AtomicWriter::~AtomicWriter() {
  if (fd_ >= 0) close(fd_);
  if (!temporary_.empty()) unlink(temporary_.c_str());
}

Status AtomicWriter::WriteAll(const uint8_t* data, size_t size) {
  while (size > 0) {
    const ssize_t put = write(fd_, data, std::min<size_t>(size, size_t{1} << 30));
    if (put < 0 && errno == EINTR) continue;
    if (put < 0) return Fail("");
    data += put;
    size -= static_cast<size_t>(put);
  }
  return OkStatus();
}

Status AtomicWriter::Flush() {
  FP_RETURN_IF_ERROR(WriteAll(pending_.data(), pending_.size()));
  pending_.clear();
  return OkStatus();
}

Status AtomicWriter::Append(std::span<const uint8_t> bytes) {
  FP_CHECK(!committed_);
  FP_RETURN_IF_ERROR(failed_);
  size_ += bytes.size();
  if (pending_.size() + bytes.size() > kPendingBytes) FP_RETURN_IF_ERROR(Flush());
  if (bytes.size() > kPendingBytes) return WriteAll(bytes.data(), bytes.size());
  pending_.insert(pending_.end(), bytes.begin(), bytes.end());
  return OkStatus();
}

Status AtomicWriter::Append(std::string_view text) {
  return Append(std::span(reinterpret_cast<const uint8_t*>(text.data()), text.size()));
}

Status AtomicWriter::AppendZeros(uint64_t count) {
  FP_RETURN_IF_ERROR(failed_);
  if (!direct_ && count >= kHoleBytes) {
    FP_RETURN_IF_ERROR(Flush());
    size_ += count;
    if (ftruncate(fd_, static_cast<off_t>(size_)) != 0) return Fail("");
    if (lseek(fd_, static_cast<off_t>(size_), SEEK_SET) < 0) return Fail("");
    return OkStatus();
  }
  const std::vector<uint8_t> zeros(std::min<uint64_t>(count, kPendingBytes));
  while (count > 0) {
    const uint64_t piece = std::min<uint64_t>(count, zeros.size());
    FP_RETURN_IF_ERROR(Append(std::span(zeros.data(), piece)));
    count -= piece;
  }
  return OkStatus();
}

Status AtomicWriter::Overwrite(uint64_t offset, std::span<const uint8_t> bytes) {
  FP_RETURN_IF_ERROR(failed_);
  FP_CHECK_LE(offset + bytes.size(), size_);
  FP_RETURN_IF_ERROR(Flush());
  for (size_t done = 0; done < bytes.size();) {
    const ssize_t put = pwrite(fd_, bytes.data() + done, bytes.size() - done, static_cast<off_t>(offset + done));
    if (put < 0 && errno == EINTR) continue;
    if (put < 0) return Fail("");
    done += static_cast<size_t>(put);
  }
  return OkStatus();
}

// The finished file gets the target's name.
Status AtomicWriter::Publish() {
  if (temporary_.empty()) {
    const std::string self = "/proc/self/fd/" + std::to_string(fd_);
    for (int attempt = 0; attempt < kNameAttempts && temporary_.empty(); attempt++) {
      std::string name = TemporaryName(folder_, target_);  // moved, not copied: nothing may throw while a link has no owner
      if (linkat(AT_FDCWD, self.c_str(), AT_FDCWD, name.c_str(), AT_SYMLINK_FOLLOW) == 0) temporary_ = std::move(name);
      else if (errno != EEXIST) break;
    }
    if (temporary_.empty()) return Fail("cannot be named");
  }
  if (rename(temporary_.c_str(), target_.c_str()) != 0) return Fail("cannot be replaced");
  temporary_.clear();

  const int folder = open(folder_.c_str(), O_RDONLY | O_DIRECTORY | O_CLOEXEC);
  if (folder < 0) return Fail("folder");
  // Some file systems have no fsync of a folder (EINVAL); there the rename is as durable as it can be.
  const bool synced = fsync(folder) == 0 || errno == EINVAL;
  const int error = errno;
  close(folder);
  errno = error;
  return synced ? OkStatus() : Fail("folder");
}

Status AtomicWriter::Commit() {
  FP_CHECK(!committed_);
  FP_RETURN_IF_ERROR(failed_);
  FP_RETURN_IF_ERROR(Flush());
  if (!direct_) {
    if (fsync(fd_) != 0) return Fail("");
    FP_RETURN_IF_ERROR(Publish());
  }
  committed_ = true;
  const int fd = fd_;
  fd_ = -1;
  if (close(fd) != 0 && errno != EINTR) return Fail("");
  return OkStatus();
}

Status WriteFileAtomically(const std::string& path, std::span<const uint8_t> bytes) {
  FP_ASSIGN_OR_RETURN(auto writer, AtomicWriter::Create(path));
  FP_RETURN_IF_ERROR(writer->Append(bytes));
  return writer->Commit();
}

Status WriteFileAtomically(const std::string& path, std::string_view text) {
  return WriteFileAtomically(path, std::span(reinterpret_cast<const uint8_t*>(text.data()), text.size()));
}

}  // namespace fusepack
