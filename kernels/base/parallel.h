// ParallelFor: the one place where work is split over threads (OpenMP underneath, the pool that oneDNN uses too,
// so that the two never oversubscribe the machine).
#pragma once

#include <cstdint>
#include <functional>

namespace fusepack {

// Threads used by ParallelFor and by library kernels called from this thread from now on. 0 = all cores the
// process may run on.
void SetThreadCount(int threads);
int ThreadCount();

// Calls body(begin, end) over disjoint ranges that cover [0, n), at least `grain` long where n allows it. Returns
// when all are done. A nested call runs on the calling thread. `body` must not throw.
void ParallelFor(int64_t n, int64_t grain, const std::function<void(int64_t begin, int64_t end)>& body);

}  // namespace fusepack
