// A driver for the fuzz targets where libFuzzer is not: every file named on the command line, whole, cut and changed.
// The changes are the same in every run (splitmix64 from a fixed seed); a crash prints the command that repeats it.
//
//   zip_fuzz_test FILE...            each file, then kChanges changes of it
//   zip_fuzz_test --only N FILE      change N alone
#include <algorithm>
#include <cstdint>
#include <cstdio>
#include <cstdlib>
#include <cstring>
#include <fstream>
#include <iterator>
#include <string>
#include <vector>

extern "C" int LLVMFuzzerTestOneInput(const uint8_t* data, size_t size);

namespace {

constexpr int kChanges = 300;

struct Random {
  uint64_t state;
  uint64_t Next() {
    uint64_t z = state += 0x9e3779b97f4a7c15;
    z = (z ^ z >> 30) * 0xbf58476d1ce4e5b9;
    z = (z ^ z >> 27) * 0x94d049bb133111eb;
    return z ^ z >> 31;
  }
  size_t Below(size_t n) { return n == 0 ? 0 : static_cast<size_t>(Next() % n); }
};

// One to four edits: a byte, a run of one value, a number at its limits, a copied, moved or dropped piece, a cut.
std::vector<uint8_t> Change(const std::vector<uint8_t>& seed, int n) {
  Random random{static_cast<uint64_t>(n) * 1000003 + seed.size()};
  std::vector<uint8_t> out = seed;
  for (size_t edits = 1 + random.Below(4); edits > 0 && !out.empty(); edits--) {
    const size_t at = random.Below(out.size()), length = 1 + random.Below(std::min<size_t>(out.size() - at, 64));
    const auto from = out.begin() + static_cast<std::ptrdiff_t>(at);
    const std::vector<uint8_t> piece(from, from + static_cast<std::ptrdiff_t>(length));
    static constexpr uint64_t kLimits[] = {0, 1, 0x7f, 0x80, 0xff, 0x7fff, 0xffff, 0x7fffffff, 0xffffffff, uint64_t{1} << 63, ~uint64_t{0}};
    switch (random.Below(6)) {
      case 0: out[at] = static_cast<uint8_t>(random.Next()); break;
      case 1: std::memset(&out[at], static_cast<int>(random.Below(256)), length); break;
      case 2: {
        const uint64_t value = kLimits[random.Below(std::size(kLimits))];
        std::memcpy(&out[at], &value, std::min<size_t>({8, out.size() - at, size_t{1} << random.Below(4)}));
        break;
      }
      case 3: out.insert(out.begin() + static_cast<std::ptrdiff_t>(random.Below(out.size())), piece.begin(), piece.end()); break;
      case 4: out.erase(from, from + static_cast<std::ptrdiff_t>(length)); break;
      case 5: out.resize(at); break;
    }
  }
  return out;
}

}  // namespace

int main(int argc, char** argv) {
  int only = -1, first = 1;
  if (argc > 2 && std::strcmp(argv[1], "--only") == 0) {
    only = std::atoi(argv[2]);
    first = 3;
  }
  int runs = 0;
  for (int i = first; i < argc; i++) {
    std::ifstream in(argv[i], std::ios::binary);
    if (!in) {
      std::fprintf(stderr, "cannot read %s\n", argv[i]);
      return 1;
    }
    const std::vector<uint8_t> seed((std::istreambuf_iterator<char>(in)), std::istreambuf_iterator<char>());
    for (int n = 0; n <= kChanges; n++) {
      if (only >= 0 && n != only) continue;
      // Left on the screen only if the next line never comes.
      std::fprintf(stderr, "\r%s --only %d %s   ", argv[0], n, argv[i]);
      const std::vector<uint8_t> input = n == 0 ? seed : Change(seed, n);
      LLVMFuzzerTestOneInput(input.data(), input.size());
      runs++;
    }
  }
  std::fprintf(stderr, "\n%d runs\n", runs);
  return runs > 0 ? 0 : 1;
}
