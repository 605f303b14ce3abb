// Any bytes as a .npy file; what is read is read through once.
#include "package_format/npy/npy.h"

extern "C" int LLVMFuzzerTestOneInput(const uint8_t* data, size_t size) {
  auto tensor = fusepack::npy::ParseNpy(fusepack::MappedFile::FromBytes("fuzz", {data, data + size}));
  if (tensor.ok()) (void)tensor->Contiguous();
  return 0;
}
