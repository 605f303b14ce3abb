// MappedFile and AtomicWriter against a real folder: what is read, what is left behind, what a failure leaves alone.
#include <fcntl.h>
#include <sys/resource.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include <unistd.h>

#include <csignal>
#include <cstdlib>
#include <filesystem>
#include <fstream>
#include <sstream>

#include "gmock/gmock.h"
#include "gtest/gtest.h"
#include "package_format/atomic_write.h"
#include "package_format/mapped_file.h"

namespace fusepack {
namespace {

namespace fs = std::filesystem;
using ::testing::HasSubstr;

class FileAccessTest : public ::testing::Test {
 protected:
  void SetUp() override {
    std::string name = ::testing::TempDir() + "/fusepack-XXXXXX";
    ASSERT_NE(mkdtemp(name.data()), nullptr);
    folder_ = name;
  }
  void TearDown() override { fs::remove_all(folder_); }

  std::string Path(const std::string& name) const { return folder_ + "/" + name; }
  static std::string Content(const std::string& path) {
    std::ifstream in(path, std::ios::binary);
    std::ostringstream out;
    out << in.rdbuf();
    return out.str();
  }
  size_t FilesInFolder() const {
    size_t count = 0;
    for ([[maybe_unused]] const auto& entry : fs::directory_iterator(folder_)) count++;
    return count;
  }

  std::string folder_;
};

TEST_F(FileAccessTest, MappedAndReadAgree) {
  ASSERT_TRUE(WriteFileAtomically(Path("a"), "some bytes").ok());
  for (FileAccess access : {FileAccess::kMap, FileAccess::kRead}) {
    auto file = MappedFile::Open(Path("a"), access);
    ASSERT_TRUE(file.ok()) << file.status().ToString();
    EXPECT_EQ((*file)->Cut(0, 10).text(), "some bytes");
    EXPECT_EQ((*file)->Cut(5, 5).text(), "bytes");
  }
}

TEST_F(FileAccessTest, BytesKeepTheFileAlive) {
  ASSERT_TRUE(WriteFileAtomically(Path("a"), "some bytes").ok());
  Bytes piece;
  {
    auto file = MappedFile::Open(Path("a"));
    ASSERT_TRUE(file.ok());
    piece = (*file)->Cut(5, 5);
  }
  EXPECT_EQ(piece.text(), "bytes");
}

TEST_F(FileAccessTest, EmptyFile) {
  ASSERT_TRUE(WriteFileAtomically(Path("a"), "").ok());
  auto file = MappedFile::Open(Path("a"));
  ASSERT_TRUE(file.ok());
  EXPECT_TRUE((*file)->bytes().empty());
}

TEST_F(FileAccessTest, MissingFolderPipeAndDeviceAreIoErrors) {
  ASSERT_EQ(mkfifo(Path("pipe").c_str(), 0600), 0);
  const std::pair<std::string, std::string> cases[] = {
      {Path("none"), "No such file"}, {folder_, "directory"}, {Path("pipe"), "pipe"}, {"/dev/zero", "device"}};
  for (const auto& [path, message] : cases) {
    auto file = MappedFile::Open(path);
    ASSERT_FALSE(file.ok()) << path;
    EXPECT_EQ(file.error().code, ErrorCode::kIo);
    EXPECT_EQ(file.error().file, path);
    EXPECT_THAT(file.status().ToString(), HasSubstr(message));
  }
}

TEST_F(FileAccessTest, WriterReplacesOnlyAtCommit) {
  ASSERT_TRUE(WriteFileAtomically(Path("a"), "old").ok());
  auto writer = AtomicWriter::Create(Path("a"));
  ASSERT_TRUE(writer.ok());
  ASSERT_TRUE((*writer)->Append("new bytes").ok());
  EXPECT_EQ((*writer)->size(), 9u);
  const uint8_t patch[] = {'N'};
  ASSERT_TRUE((*writer)->Overwrite(0, patch).ok());
  EXPECT_EQ(Content(Path("a")), "old");
  ASSERT_TRUE((*writer)->Commit().ok());
  EXPECT_EQ(Content(Path("a")), "New bytes");
  EXPECT_EQ(FilesInFolder(), 1u);
}

TEST_F(FileAccessTest, AbandonedWriterLeavesNothing) {
  {
    auto writer = AtomicWriter::Create(Path("a"));
    ASSERT_TRUE(writer.ok());
    ASSERT_TRUE((*writer)->Append(std::string(200000, 'x')).ok());
  }
  EXPECT_EQ(FilesInFolder(), 0u);
}

TEST_F(FileAccessTest, KilledWriterLeavesTheOldFileWhole) {
  ASSERT_TRUE(WriteFileAtomically(Path("a"), "old").ok());
  const pid_t child = fork();
  if (child == 0) {
    auto writer = AtomicWriter::Create(Path("a"));
    if (writer.ok() && (*writer)->Append(std::string(200000, 'x')).ok()) raise(SIGKILL);
    _exit(0);
  }
  int state = 0;
  ASSERT_EQ(waitpid(child, &state, 0), child);
  EXPECT_TRUE(WIFSIGNALED(state));
  EXPECT_EQ(Content(Path("a")), "old");
}

// A file size limit stands in for a full disk: write() gives an error after part of the bytes.
TEST_F(FileAccessTest, FailedWriteKeepsTheOldFile) {
  ASSERT_TRUE(WriteFileAtomically(Path("a"), "old").ok());
  const pid_t child = fork();
  if (child == 0) {
    signal(SIGXFSZ, SIG_IGN);
    const rlimit limit = {100000, 100000};
    setrlimit(RLIMIT_FSIZE, &limit);
    int result = 1;
    {
      auto writer = AtomicWriter::Create(Path("a"));
      if (!writer.ok()) _exit(2);
      const Status first = (*writer)->Append(std::string(200000, 'x'));
      const Status later = (*writer)->Commit();
      result = !first.ok() && !later.ok() && first.error().code == ErrorCode::kIo ? 0 : 3;
    }
    _exit(result);
  }
  int state = 0;
  ASSERT_EQ(waitpid(child, &state, 0), child);
  EXPECT_TRUE(WIFEXITED(state));
  EXPECT_EQ(WEXITSTATUS(state), 0);
  EXPECT_EQ(Content(Path("a")), "old");
  EXPECT_EQ(FilesInFolder(), 1u);
}

TEST_F(FileAccessTest, ZerosAndHolesReadAsZeros) {
  auto writer = AtomicWriter::Create(Path("a"));
  ASSERT_TRUE(writer.ok());
  ASSERT_TRUE((*writer)->Append("a").ok());
  ASSERT_TRUE((*writer)->AppendZeros(7).ok());
  ASSERT_TRUE((*writer)->AppendZeros(3 << 20).ok());
  ASSERT_TRUE((*writer)->Append("b").ok());
  ASSERT_TRUE((*writer)->Commit().ok());
  EXPECT_EQ(Content(Path("a")), "a" + std::string(7 + (3 << 20), '\0') + "b");
}

TEST_F(FileAccessTest, SymbolicLinkIsFollowedAndModeKept) {
  ASSERT_TRUE(WriteFileAtomically(Path("a"), "old").ok());
  ASSERT_EQ(chmod(Path("a").c_str(), 0640), 0);
  ASSERT_EQ(symlink("a", Path("link").c_str()), 0);
  ASSERT_TRUE(WriteFileAtomically(Path("link"), "new").ok());
  EXPECT_TRUE(fs::is_symlink(Path("link")));
  EXPECT_EQ(Content(Path("a")), "new");
  struct stat info;
  ASSERT_EQ(stat(Path("a").c_str(), &info), 0);
  EXPECT_EQ(info.st_mode & 0777, 0640u);
}

TEST_F(FileAccessTest, DeviceIsWrittenNotReplaced) {
  ASSERT_TRUE(WriteFileAtomically("/dev/null", "gone").ok());
  struct stat info;
  ASSERT_EQ(stat("/dev/null", &info), 0);
  EXPECT_TRUE(S_ISCHR(info.st_mode));
}

TEST_F(FileAccessTest, UnwritableTargets) {
  for (const std::string& path : {folder_, Path("no/such/folder/a"), std::string()}) {
    const Status status = WriteFileAtomically(path, "x");
    ASSERT_FALSE(status.ok()) << path;
    EXPECT_EQ(status.error().code, ErrorCode::kIo);
  }
  EXPECT_EQ(FilesInFolder(), 0u);
}

}  // namespace
}  // namespace fusepack
