// Any bytes as a .fpk file, and the same once more with its checksums mended: otherwise nothing but checksums is tested.
#include "tests/package_format/repack.h"

namespace {

using namespace fusepack;

void Read(std::vector<uint8_t> file) { (void)ReadPackage(MappedFile::FromBytes("fuzz", std::move(file))); }

uint64_t NumberAt(std::span<const uint8_t> file, size_t at) {
  uint64_t n = 0;
  for (int i = 7; i >= 0; i--) n = n << 8 | file[at + i];
  return n;
}

// What the footer says is the manifest, without asking its checksum; empty where that lies outside the file.
std::span<const uint8_t> ManifestOf(std::span<const uint8_t> file) {
  if (file.size() < fpk::kHeaderBytes + fpk::kFooterBytes) return {};
  const size_t footer = file.size() - fpk::kFooterBytes;
  const uint64_t offset = NumberAt(file, footer), bytes = NumberAt(file, footer + 8);
  if (offset > footer || bytes > footer - offset) return {};
  return file.subspan(offset, bytes);
}

// A manifest that is well-formed, whatever it says, with what its segments hold (nothing where they lie outside the file).
bool Mended(std::span<const uint8_t> file, std::vector<uint8_t>* out) {
  const auto manifest = ManifestOf(file);
  flatbuffers::Verifier verifier(manifest.data(), manifest.size());
  if (manifest.empty() || !fbs::VerifyManifestBuffer(verifier)) return false;
  Unpacked parts;
  parts.manifest.reset(fbs::GetManifest(manifest.data())->UnPack());
  size_t total = 0;
  for (const auto& s : parts.manifest->segments) {
    const bool inside = s != nullptr && s->offset <= file.size() && s->stored_size <= file.size() - s->offset;
    if (s == nullptr || (total += inside ? s->stored_size : 0) > size_t{1} << 24) return false;
    const auto bytes = inside ? file.subspan(s->offset, s->stored_size) : std::span<const uint8_t>();
    parts.segments.emplace_back(bytes.begin(), bytes.end());
  }
  *out = Repack(parts);
  return true;
}

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const uint8_t* data, size_t size) {
  Read({data, data + size});
  std::vector<uint8_t> mended;
  if (Mended({data, size}, &mended)) Read(std::move(mended));
  return 0;
}
