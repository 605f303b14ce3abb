// kernels/base/parallel.h on one thread: libFuzzer's clang comes without an OpenMP runtime.
#include "kernels/base/parallel.h"

namespace fusepack {

void SetThreadCount(int) {}
int ThreadCount() { return 1; }
void ParallelFor(int64_t n, int64_t, const std::function<void(int64_t, int64_t)>& body) {
  if (n > 0) body(0, n);
}

}  // namespace fusepack
