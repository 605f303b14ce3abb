// Sizes and offsets beyond 32 bits, through a file with holes: 4 GiB of address space, little of memory or disk.
#include <gtest/gtest.h>
#include <sys/mman.h>
#include <sys/stat.h>

#include "package_format/read.h"
#include "package_format/write.h"

namespace fusepack {
namespace {

std::string Path(const std::string& name) { return std::string(std::getenv("TEST_TMPDIR")) + "/" + name; }

// More than 4 GiB in one tensor, and one more tensor behind it. Memory that was never touched and holes in the file
// make it cheap.
TEST(LargeFileTest, MoreThanFourGigabytes) {
  constexpr int64_t kBytes = (int64_t{4} << 30) + (8 << 20);
  void* memory = mmap(nullptr, kBytes, PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS | MAP_NORESERVE, -1, 0);
  ASSERT_NE(memory, MAP_FAILED);
  static_cast<uint8_t*>(memory)[kBytes - 1] = 42;
  std::shared_ptr<const void> owner(memory, [](const void* p) { munmap(const_cast<void*>(p), kBytes); });
  Package p;
  p.state.push_back({"large", Tensor(Storage::Wrap(memory, kBytes, owner, false), DType::kU8, {kBytes}, {1}, 0), StateKind::kBuffer});
  p.state.push_back({"small", Tensor::Scalar(DType::kF32, 1.5), StateKind::kBuffer});
  ASSERT_EQ(WritePackage(Path("large.fpk"), p).ToString(), "ok");
  struct stat info;
  ASSERT_EQ(stat(Path("large.fpk").c_str(), &info), 0);
  EXPECT_GT(info.st_size, kBytes);
  Result<Package> back = ReadPackage(Path("large.fpk"));
  ASSERT_TRUE(back.ok()) << back.status().ToString();
  const Tensor& large = back->state[0].tensor;
  EXPECT_EQ(large.numel(), kBytes);
  EXPECT_EQ(large.ItemAsInt(kBytes - 1), 42);
  EXPECT_EQ(large.ItemAsInt(int64_t{4} << 30), 0);
  EXPECT_EQ(back->state[1].tensor.ItemAsDouble(), 1.5);
  remove(Path("large.fpk").c_str());
}

}  // namespace
}  // namespace fusepack
