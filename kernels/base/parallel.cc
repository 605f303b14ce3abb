#include "kernels/base/parallel.h"

#include <omp.h>

#include <algorithm>
#include <exception>
#include <mutex>

namespace fusepack {

void SetThreadCount(int threads) { omp_set_num_threads(threads > 0 ? threads : omp_get_num_procs()); }

int ThreadCount() { return omp_get_max_threads(); }

void ParallelFor(int64_t n, int64_t grain, const std::function<void(int64_t, int64_t)>& body) {
  if (n <= 0) return;
  const int64_t pieces = std::min<int64_t>(ThreadCount(), n / std::max<int64_t>(grain, 1));
  if (pieces <= 1 || omp_in_parallel()) return body(0, n);
  // An exception may not leave a parallel region: the first (memory gave out) goes on from here.
  std::exception_ptr thrown;
  std::mutex mutex;
#pragma omp parallel for num_threads(static_cast<int>(pieces)) schedule(static, 1)
  for (int64_t i = 0; i < pieces; i++) {
    try {
      body(n * i / pieces, n * (i + 1) / pieces);
    } catch (...) {
      std::lock_guard lock(mutex);
      if (!thrown) thrown = std::current_exception();
    }
  }
  if (thrown) std::rethrow_exception(thrown);
}

}  // namespace fusepack
