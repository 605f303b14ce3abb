// The Nth allocation fails, for every N, while a package is read and run, written, an archive is opened, and source is
// evaluated: std::bad_alloc or an error comes out, or what comes out is right; nothing else happens, and the same work done again succeeds.
#include <gtest/gtest.h>

#include <cstdlib>
#include <filesystem>
#include <functional>
#include <new>

#include "engine/run.h"
#include "package_format/read.h"
#include "package_format/write.h"
#include "tests/package_format/sample_package.h"
#include "tracer/archive/package_layout.h"
#include "tracer/environment.h"

namespace {

// Allocations left on this thread until one fails; negative: none fails.
thread_local int64_t left = -1;

void* Allocate(size_t bytes, size_t alignment) {
  if (left == 0) {
    left = -1;  // one failure; whoever unwinds may allocate
    throw std::bad_alloc();
  }
  if (left > 0) left--;
  void* p = nullptr;
  if (posix_memalign(&p, alignment < sizeof(void*) ? sizeof(void*) : alignment, bytes == 0 ? 1 : bytes) != 0) throw std::bad_alloc();
  return p;
}

}  // namespace

// Out of line: GCC else sees free() of what operator new returned.
#define OUT_OF_LINE __attribute__((noinline))
OUT_OF_LINE void* operator new(size_t bytes) { return Allocate(bytes, alignof(std::max_align_t)); }
OUT_OF_LINE void* operator new[](size_t bytes) { return Allocate(bytes, alignof(std::max_align_t)); }
OUT_OF_LINE void* operator new(size_t bytes, std::align_val_t alignment) { return Allocate(bytes, static_cast<size_t>(alignment)); }
OUT_OF_LINE void* operator new[](size_t bytes, std::align_val_t alignment) { return Allocate(bytes, static_cast<size_t>(alignment)); }
// Who asks this way (std::stable_sort) can do without: never fails, so that every failure must show.
OUT_OF_LINE void* operator new(size_t bytes, const std::nothrow_t&) noexcept { return std::malloc(bytes); }
OUT_OF_LINE void operator delete(void* p) noexcept { std::free(p); }
OUT_OF_LINE void operator delete[](void* p) noexcept { std::free(p); }
OUT_OF_LINE void operator delete(void* p, size_t) noexcept { std::free(p); }
OUT_OF_LINE void operator delete[](void* p, size_t) noexcept { std::free(p); }
OUT_OF_LINE void operator delete(void* p, std::align_val_t) noexcept { std::free(p); }
OUT_OF_LINE void operator delete[](void* p, std::align_val_t) noexcept { std::free(p); }
OUT_OF_LINE void operator delete(void* p, size_t, std::align_val_t) noexcept { std::free(p); }
OUT_OF_LINE void operator delete[](void* p, size_t, std::align_val_t) noexcept { std::free(p); }

namespace fusepack {
namespace {

// Does `work` with the Nth allocation failing, N = 0, `step`, 2 `step`, ... until it gets through without a failure.
void FailEach(int64_t step, const std::function<Status()>& work) {
  ASSERT_TRUE(work().ok()) << work().ToString();  // also makes what is made once a process
  int64_t failures = 0, unneeded = 0;
  for (int64_t n = 0;; n += step) {
    left = n;
    bool succeeded = false;
    try {
      succeeded = work().ok();
    } catch (const std::bad_alloc&) {
    }
    const bool failed = left < 0;
    left = -1;
    if (!failed) break;
    failures++;
    if (succeeded) unneeded++;
  }
  EXPECT_GT(failures, 10);
  EXPECT_LT(unneeded, failures / 20) << "vector::shrink_to_fit may fail and say nothing; hardly anything else";
  const Status again = work();
  EXPECT_TRUE(again.ok()) << again.ToString();
}

TEST(AllocationFailure, ReadAndRunAPackage) {
  FailEach(1, [] {
    FP_ASSIGN_OR_RETURN(Package package, ReadPackage("tests/package_format/golden_compressed.fpk"));
    FP_ASSIGN_OR_RETURN(auto session, Session::Create(package.methods.at(0).graph, Target{}));
    FP_ASSIGN_OR_RETURN(Tensor x, Tensor::Zeros(DType::kF32, {2, 2, 3}));
    const std::vector<Tensor> inputs = {x};
    return session->Run(inputs).status();
  });
}

TEST(AllocationFailure, WriteAPackage) {
  const Package package = SamplePackage();
  const std::string folder = testing::TempDir() + "/allocation_failure", path = folder + "/sample.fpk";
  std::filesystem::create_directory(folder);
  FailEach(1, [&] {
    FP_RETURN_IF_ERROR(WritePackage(path, package, WriteOptions{.compress = true}));
    return ReadPackage(path).status();
  });
  int files = 0;
  for ([[maybe_unused]] const auto& entry : std::filesystem::directory_iterator(folder)) files++;
  EXPECT_EQ(files, 1) << "temporary files were left in " << folder;
}

TEST(AllocationFailure, OpenAnArchive) {
  FailEach(1, [] {
    FP_ASSIGN_OR_RETURN(auto archive, archive::OpenArchive("tests/archive/data/shapes_p3.pt"));
    FP_ASSIGN_OR_RETURN(const auto* pickle, archive->DefaultPickle());
    return archive->LoadPickle(*pickle).status();
  });
}

// The heap's own account is a limit apart; this is the machine's memory giving out below it.
TEST(AllocationFailure, EvaluateSource) {
  FailEach(7, [] {
    py::Interpreter in;
    return in.Run("m.py", "class A:\n  def f(self, *a, **k): return [x * 2 for x in a] + list(k)\n"
                          "r = A().f(1, 2.5, 'x', b={1: (2, 3)})\ns = f'{r!r:>30}'\n").status();
  });
}

}  // namespace
}  // namespace fusepack
