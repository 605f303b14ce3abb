#include "kernels/peak/peak.h"

#include <algorithm>
#include <chrono>
#include <thread>
#include <vector>

namespace fusepack::kernels {

double PeakGflops(CpuLevel level, int threads, double seconds) {
  if (threads <= 0) threads = std::max(1u, std::thread::hardware_concurrency());
  const auto loop = level >= CpuLevel::kAvx512 ? PeakLoopAvx512 : level == CpuLevel::kAvx2 ? PeakLoopAvx2 : PeakLoopBaseline;
  const int lanes = level >= CpuLevel::kAvx512 ? 16 : level == CpuLevel::kAvx2 ? 8 : 4;
  constexpr long kRounds = 2000;
  const double flop = 2.0 * 12 * lanes * kPeakUnroll * kRounds;
  // Every thread's own best rate: the sum is what the machine does when nobody disturbs it.
  std::vector<double> best(threads);
  std::vector<std::thread> workers;
  for (int t = 0; t < threads; t++) {
    workers.emplace_back([&, t] {
      volatile float sink = 0;
      const auto start = std::chrono::steady_clock::now();
      for (;;) {
        const auto before = std::chrono::steady_clock::now();
        sink = sink + loop(kRounds);
        const auto after = std::chrono::steady_clock::now();
        best[t] = std::max(best[t], flop / std::chrono::duration<double>(after - before).count());
        if (std::chrono::duration<double>(after - start).count() > seconds) return;
      }
    });
  }
  double sum = 0;
  for (int t = 0; t < threads; t++) {
    workers[t].join();
    sum += best[t];
  }
  return sum * 1e-9;
}

}  // namespace fusepack::kernels
