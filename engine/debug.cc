#include "engine/debug.h"

#include <cstdio>
#include <cstdlib>

namespace fusepack {

int DebugLevel() {
  static const int level = [] {
    const char* text = std::getenv("FUSEPACK_DEBUG");
    return text ? std::atoi(text) : 0;
  }();
  return level;
}

void DebugLine(int level, const std::string& text) {
  if (DebugLevel() >= level) std::fprintf(stderr, "fusepack[%d] %s\n", level, text.c_str());
}

DebugStage::~DebugStage() {
  if (DebugLevel() < 1) return;
  char time[32];
  std::snprintf(time, sizeof time, "%8.2f ms  ", seconds() * 1e3);
  DebugLine(1, time + name_);
}

}  // namespace fusepack
