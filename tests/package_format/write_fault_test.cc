// A package is being written over an old one and the system fails, or the process dies, at any one of the system
// calls on the way: the old or the new package is there afterwards, whole.
//
// The calls of this process go through the functions below, which stand before libc's in the link, count, and play
// the fault. Each attempt runs in a child.
#include <fcntl.h>
#include <gtest/gtest.h>
#include <signal.h>
#include <sys/resource.h>
#include <sys/syscall.h>
#include <sys/wait.h>
#include <unistd.h>

#include <atomic>
#include <cerrno>
#include <filesystem>

#include "package_format/atomic_write.h"
#include "package_format/read.h"
#include "package_format/write.h"
#include "tests/package_format/repack.h"
#include "tests/package_format/sample_package.h"

namespace {

enum Fault { kNone, kKill, kNoSpace, kIo, kShortWrite, kInterrupt };
Fault fault = kNone;  // what happens
int fault_at = 0;     // at which call, from 1
int calls = 0;

// True if this call fails, errno set. A kill does not return.
bool Fails(bool is_write) {
  if (fault == kNone || ++calls != fault_at) return false;
  if (fault == kKill) raise(SIGKILL);
  if (fault == kShortWrite || fault == kInterrupt) {
    errno = EINTR;
    return is_write && fault == kInterrupt;
  }
  errno = fault == kNoSpace ? ENOSPC : EIO;
  return true;
}

}  // namespace

extern "C" {
ssize_t write(int fd, const void* data, size_t size) {
  if (Fails(true)) return -1;
  if (fault == kShortWrite && calls == fault_at && size > 1) size /= 2;
  return syscall(SYS_write, fd, data, size);
}
ssize_t pwrite(int fd, const void* data, size_t size, off_t offset) {
  if (Fails(true)) return -1;
  return syscall(SYS_pwrite64, fd, data, size, offset);
}
int fsync(int fd) { return Fails(false) ? -1 : static_cast<int>(syscall(SYS_fsync, fd)); }
int ftruncate(int fd, off_t size) noexcept { return Fails(false) ? -1 : static_cast<int>(syscall(SYS_ftruncate, fd, size)); }
int rename(const char* from, const char* to) noexcept {
  return Fails(false) ? -1 : static_cast<int>(syscall(SYS_rename, from, to));
}
int linkat(int from_dir, const char* from, int to_dir, const char* to, int flags) noexcept {
  return Fails(false) ? -1 : static_cast<int>(syscall(SYS_linkat, from_dir, from, to_dir, to, flags));
}
}

namespace fusepack {
namespace {

namespace fs = std::filesystem;

class WriteFaultTest : public testing::Test {
 protected:
  void SetUp() override {
    folder_ = fs::path(std::getenv("TEST_TMPDIR")) / testing::UnitTest::GetInstance()->current_test_info()->name();
    fs::create_directories(folder_);
    path_ = (folder_ / "model.fpk").string();
    Package small;
    small.producer = "the old one";
    ASSERT_TRUE(WritePackage(path_, small).ok());
    old_ = ReadFile(path_);
    // Larger than the writer's buffer, with a run of zeros that becomes a hole.
    package_ = SamplePackage();
    package_.state.push_back({"ones", Tensor::Zeros(DType::kF32, {100000}).value(), StateKind::kBuffer});
    float* ones = package_.state.back().tensor.mutable_view().as<float>();
    std::fill(ones, ones + 100000, 1.0f);
    package_.state.push_back({"zeros", Tensor::Zeros(DType::kF32, {1 << 20}).value(), StateKind::kBuffer});
    const std::string whole = path_ + ".new";
    ASSERT_TRUE(WritePackage(whole, package_).ok());
    new_ = ReadFile(whole);
    ASSERT_TRUE(ReadPackage(whole).ok());
    fs::remove(whole);
  }

  // Writes in a child with the fault at call `at`; its wait status. Exit status 0: written; 1: refused as an I/O
  // error; 2: anything else; 3: the fault was never reached.
  int WriteWith(Fault what, int at) {
    const pid_t child = fork();
    if (child == 0) {
      fault = what;
      fault_at = at;
      const Status status = WritePackage(path_, package_);
      const bool reached = calls >= fault_at;
      fault = kNone;
      _exit(!reached ? 3 : status.ok() ? 0 : status.error().code == ErrorCode::kIo ? 1 : 2);
    }
    int state = 0;
    EXPECT_EQ(waitpid(child, &state, 0), child);
    return state;
  }

  size_t Files() const { return std::distance(fs::directory_iterator(folder_), fs::directory_iterator()); }

  fs::path folder_;
  std::string path_;
  Package package_;
  std::vector<uint8_t> old_, new_;
};

TEST_F(WriteFaultTest, KilledAtEveryCall) {
  int old_left = 0, new_there = 0;
  for (int at = 1;; at++) {
    ASSERT_TRUE(WriteFileAtomically(path_, old_).ok());
    const int state = WriteWith(kKill, at);
    const auto found = ReadFile(path_);
    if (!WIFSIGNALED(state)) {
      ASSERT_EQ(WEXITSTATUS(state), 3);
      EXPECT_EQ(found, new_);
      break;
    }
    ASSERT_TRUE(found == old_ || found == new_) << "killed at call " << at;
    (found == old_ ? old_left : new_there)++;
    // A process that was killed between naming the new file and renaming it leaves it under its own name, whole.
    for (const auto& entry : fs::directory_iterator(folder_)) {
      if (entry.path() == path_) continue;
      EXPECT_EQ(ReadFile(entry.path()), new_) << "killed at call " << at;
      fs::remove(entry.path());
    }
  }
  EXPECT_GE(old_left, 5);   // writes, ftruncate, fsync, linkat, rename
  EXPECT_GE(new_there, 1);  // fsync of the folder
}

TEST_F(WriteFaultTest, FailureAtEveryCallIsAnErrorAndLeavesTheOldFile) {
  for (Fault what : {kNoSpace, kIo}) {
    for (int at = 1;; at++) {
      ASSERT_TRUE(WriteFileAtomically(path_, old_).ok());
      const int state = WriteWith(what, at);
      ASSERT_TRUE(WIFEXITED(state));
      if (WEXITSTATUS(state) == 3) break;
      EXPECT_EQ(WEXITSTATUS(state), 1) << "failure at call " << at;
      const auto found = ReadFile(path_);
      EXPECT_TRUE(found == old_ || found == new_) << "failure at call " << at;
      EXPECT_EQ(Files(), 1u) << "failure at call " << at;
    }
  }
}

TEST_F(WriteFaultTest, ShortAndInterruptedWritesGoOn) {
  for (Fault what : {kShortWrite, kInterrupt}) {
    for (int at = 1;; at++) {
      ASSERT_TRUE(WriteFileAtomically(path_, old_).ok());
      const int state = WriteWith(what, at);
      ASSERT_TRUE(WIFEXITED(state));
      EXPECT_EQ(ReadFile(path_), new_) << "call " << at;
      if (WEXITSTATUS(state) == 3) break;
      EXPECT_EQ(WEXITSTATUS(state), 0) << "call " << at;
    }
  }
}

// A disk that is full after so many bytes, by the file size limit: sizes around every part of the file.
TEST_F(WriteFaultTest, NoRoomAfterAnyNumberOfBytes) {
  const fpk::FileLayout layout = fpk::ReadLayout(new_).value();
  for (size_t room : {size_t{0}, size_t{1}, size_t{64}, size_t{70000}, size_t(layout.manifest_offset), size_t(layout.manifest_offset) + 100,
                      new_.size() - 64, new_.size() - 1}) {
    const pid_t child = fork();
    if (child == 0) {
      signal(SIGXFSZ, SIG_IGN);
      const rlimit limit = {room, room};
      setrlimit(RLIMIT_FSIZE, &limit);
      const Status status = WritePackage(path_, package_);
      _exit(!status.ok() && status.error().code == ErrorCode::kIo ? 1 : 2);
    }
    int state = 0;
    ASSERT_EQ(waitpid(child, &state, 0), child);
    ASSERT_TRUE(WIFEXITED(state));
    EXPECT_EQ(WEXITSTATUS(state), 1) << room << " bytes of room";
    EXPECT_EQ(ReadFile(path_), old_) << room << " bytes of room";
    EXPECT_EQ(Files(), 1u) << room << " bytes of room";
  }
}

TEST_F(WriteFaultTest, DevFull) {
  const Status status = WritePackage("/dev/full", package_);
  ASSERT_FALSE(status.ok());
  EXPECT_EQ(status.error().code, ErrorCode::kIo);
}

}  // namespace
}  // namespace fusepack
