// Progress: a line on a terminal that says how far a run is: share, rate, errors, time left. Nothing where standard error is
// no terminal. One thread at a time.
#pragma once

#include <chrono>
#include <cstddef>
#include <string>

namespace fusepack {

class Progress {
 public:
  // total: units in all (files), of which `done` were done before.
  Progress(size_t total, size_t done);
  ~Progress() { Clear(); }

  // items and errors: of this run; redraws ten times a second at most.
  void Show(size_t done, size_t items, size_t errors);
  void Clear();

 private:
  using Clock = std::chrono::steady_clock;
  const bool terminal_;
  const size_t total_, done_before_;
  const Clock::time_point start_ = Clock::now();
  Clock::time_point next_ = start_;
  bool drawn_ = false;
};

// "1:02:03", "4:05".
std::string ClockText(double seconds);

// The line without what moves the cursor; `columns` wide at most.
std::string ProgressLine(size_t total, size_t done_before, size_t done, size_t items, size_t errors, double seconds, size_t columns);

}  // namespace fusepack
