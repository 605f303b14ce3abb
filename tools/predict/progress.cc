#include "tools/predict/progress.h"

#include <sys/ioctl.h>
#include <unistd.h>

#include <algorithm>
#include <cmath>
#include <cstdio>

namespace fusepack {
namespace {

constexpr size_t kBarColumns = 20, kUsualColumns = 80;

}  // namespace

std::string ClockText(double seconds) {
  const long s = std::lround(std::clamp(seconds, 0.0, 1e9));
  char text[32];
  if (s >= 3600) std::snprintf(text, sizeof text, "%ld:%02ld:%02ld", s / 3600, s / 60 % 60, s % 60);
  else std::snprintf(text, sizeof text, "%ld:%02ld", s / 60, s % 60);
  return text;
}

std::string ProgressLine(size_t total, size_t done_before, size_t done, size_t items, size_t errors, double seconds, size_t columns) {
  const double share = total > 0 ? static_cast<double>(done) / static_cast<double>(total) : 1;
  const size_t full = static_cast<size_t>(share * kBarColumns);
  const size_t fresh = done - std::min(done, done_before);
  char text[160];
  std::snprintf(text, sizeof text, "[%s%s] %zu/%zu files %3.0f%%  %.1f/s  %zu %s  %s left", std::string(full, '#').c_str(),
                std::string(kBarColumns - full, ' ').c_str(), done, total, std::floor(share * 100), seconds > 0 ? static_cast<double>(items) / seconds : 0.0,
                errors, errors == 1 ? "error" : "errors",
                fresh > 0 ? ClockText(seconds * static_cast<double>(total - std::min(total, done)) / static_cast<double>(fresh)).c_str() : "?");
  return std::string(text).substr(0, columns);
}

Progress::Progress(size_t total, size_t done) : terminal_(isatty(STDERR_FILENO) == 1), total_(total), done_before_(done) {}

void Progress::Show(size_t done, size_t items, size_t errors) {
  const Clock::time_point now = Clock::now();
  if (!terminal_ || now < next_) return;
  next_ = now + std::chrono::milliseconds(100);
  struct winsize window;
  const size_t columns = ioctl(STDERR_FILENO, TIOCGWINSZ, &window) == 0 && window.ws_col > 1 ? window.ws_col - 1u : kUsualColumns;
  const double seconds = std::chrono::duration<double>(now - start_).count();
  std::fprintf(stderr, "\r%s\033[K", ProgressLine(total_, done_before_, done, items, errors, seconds, columns).c_str());
  std::fflush(stderr);
  drawn_ = true;
}

void Progress::Clear() {
  if (!drawn_) return;
  std::fprintf(stderr, "\r\033[K");
  std::fflush(stderr);
  drawn_ = false;
}

}  // namespace fusepack
