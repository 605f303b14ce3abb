// make_golden FOLDER: writes golden.fpk and golden_compressed.fpk, the files that golden_test.cc reads.
//
// They stand for packages that people have: once a release reads them, every later one must. So they are made again
// only while the format has not been released; a later addition gets a sample and a file of its own.
#include <cstdio>

#include "package_format/write.h"
#include "tests/package_format/sample_package.h"

int main(int argc, char** argv) {
  if (argc != 2) {
    std::fprintf(stderr, "usage: make_golden FOLDER\n");
    return 2;
  }
  for (bool compress : {false, true}) {
    const std::string path = std::string(argv[1]) + (compress ? "/golden_compressed.fpk" : "/golden.fpk");
    const fusepack::Status status = fusepack::WritePackage(path, fusepack::SamplePackage(), {compress});
    if (!status.ok()) {
      std::fprintf(stderr, "%s\n", status.ToString().c_str());
      return static_cast<int>(status.error().code);
    }
  }
  return 0;
}
