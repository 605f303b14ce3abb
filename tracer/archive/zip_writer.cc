// Local headers and contents in order, then the central directory, then ZIP64's end record, its locator and the end record
// (APPNOTE.TXT 4.3). Checksums are known only after a record's content, so they stand in descriptors behind it, as in
// the archives of PyTorch's own writer.
#include "tracer/archive/zip_writer.h"

#include <algorithm>
#include <cstdio>
#include <set>

#include "package_format/atomic_write.h"
#include "tracer/archive/printable.h"
#include "tracer/archive/zip.h"

namespace fusepack::archive {
namespace {

constexpr uint64_t kAlignment = 64;
constexpr uint32_t kMarker32 = 0xffffffff;
constexpr uint16_t kMarker16 = 0xffff;
constexpr uint16_t kFlags = 0x0808;  // descriptor follows, names in UTF-8
constexpr size_t kLocalBytes = 30, kExtraHeaderBytes = 4;

class Buffer {
 public:
  template <typename T>
  Buffer& Le(T value) {
    for (size_t i = 0; i < sizeof value; i++) bytes_.push_back(static_cast<uint8_t>(static_cast<uint64_t>(value) >> (8 * i)));
    return *this;
  }
  Buffer& Text(std::string_view text) {
    bytes_.insert(bytes_.end(), text.begin(), text.end());
    return *this;
  }
  Buffer& Fill(size_t count, char fill) {
    bytes_.insert(bytes_.end(), count, static_cast<uint8_t>(fill));
    return *this;
  }
  std::span<const uint8_t> span() const { return bytes_; }
  size_t size() const { return bytes_.size(); }

 private:
  std::vector<uint8_t> bytes_;
};

struct Placed {
  uint64_t header_offset = 0;
  uint32_t crc = 0;
};

void AppendCentral(const std::string& name, uint64_t size, const Placed& placed, Buffer* out) {
  Buffer zip64;
  if (size >= kMarker32) zip64.Le<uint64_t>(size).Le<uint64_t>(size);
  if (placed.header_offset >= kMarker32) zip64.Le<uint64_t>(placed.header_offset);
  const uint32_t size32 = static_cast<uint32_t>(std::min<uint64_t>(size, kMarker32));
  out->Le<uint32_t>(0x02014b50).Le<uint16_t>(0).Le<uint16_t>(0).Le<uint16_t>(kFlags).Le<uint16_t>(0);
  out->Le<uint32_t>(0).Le<uint32_t>(placed.crc).Le<uint32_t>(size32).Le<uint32_t>(size32);
  out->Le<uint16_t>(static_cast<uint16_t>(name.size()));
  out->Le<uint16_t>(static_cast<uint16_t>(zip64.size() == 0 ? 0 : zip64.size() + kExtraHeaderBytes));
  out->Le<uint16_t>(0).Le<uint16_t>(0).Le<uint16_t>(0).Le<uint32_t>(0);
  out->Le<uint32_t>(static_cast<uint32_t>(std::min<uint64_t>(placed.header_offset, kMarker32)));
  out->Text(name);
  if (zip64.size() != 0) {
    out->Le<uint16_t>(1).Le<uint16_t>(static_cast<uint16_t>(zip64.size()));
    out->Text({reinterpret_cast<const char*>(zip64.span().data()), zip64.size()});
  }
}

// 20 digits, from FNV-1a over what it is fed.
class Digits {
 public:
  void Add(std::string_view text) {
    for (unsigned char c : text) hash_ = (hash_ ^ c) * 0x100000001b3u;
    hash_ = (hash_ ^ 0xff) * 0x100000001b3u;
  }
  std::string Text() const {
    char digits[24];
    std::snprintf(digits, sizeof digits, "%020llu", static_cast<unsigned long long>(hash_));
    return digits;
  }

 private:
  uint64_t hash_ = 0xcbf29ce484222325u;
};

Bytes TextBytes(std::string_view text) { return Bytes::FromVector({text.begin(), text.end()}); }

}  // namespace

Status WriteZip(const std::string& root, const std::vector<NewRecord>& records, const ByteSink& sink) {
  if (records.size() > kMaxZipEntries) {
    return LimitExceeded("archive", std::to_string(records.size()) + " records", "at most " + std::to_string(kMaxZipEntries));
  }
  uint64_t offset = 0;
  const auto write = [&](std::span<const uint8_t> bytes) {
    offset += bytes.size();
    return sink(bytes);
  };
  Buffer central;
  std::set<std::string> names;
  for (const NewRecord& record : records) {
    const std::string name = root + "/" + record.name;
    if (record.name.empty() || name.size() > kMaxZipNameBytes) {
      return BadInput("record " + Printable(name), std::to_string(name.size()) + " bytes of name", "1 to " + std::to_string(kMaxZipNameBytes));
    }
    if (!names.insert(name).second) return BadInput("record " + Printable(name), "a second one of that name", "unique names");
    const uint64_t size = record.bytes.size();
    const bool wide = size >= kMarker32;
    Placed placed{offset, 0};
    const size_t zip64_bytes = wide ? kExtraHeaderBytes + 16 : 0;
    const uint64_t unpadded = offset + kLocalBytes + name.size() + zip64_bytes + kExtraHeaderBytes;
    const size_t padding = static_cast<size_t>((kAlignment - unpadded % kAlignment) % kAlignment);
    Buffer header;
    header.Le<uint32_t>(0x04034b50).Le<uint16_t>(0).Le<uint16_t>(kFlags).Le<uint16_t>(0).Le<uint32_t>(0).Le<uint32_t>(0);
    header.Le<uint32_t>(wide ? kMarker32 : 0).Le<uint32_t>(wide ? kMarker32 : 0);
    header.Le<uint16_t>(static_cast<uint16_t>(name.size()));
    header.Le<uint16_t>(static_cast<uint16_t>(zip64_bytes + kExtraHeaderBytes + padding)).Text(name);
    if (wide) header.Le<uint16_t>(1).Le<uint16_t>(16).Le<uint64_t>(size).Le<uint64_t>(size);
    header.Text("FB").Le<uint16_t>(static_cast<uint16_t>(padding)).Fill(padding, 'Z');
    FP_RETURN_IF_ERROR(write(header.span()));
    FP_RETURN_IF_ERROR(write(record.bytes.span));
    placed.crc = Crc32(record.bytes.span);
    Buffer descriptor;
    descriptor.Le<uint32_t>(0x08074b50).Le<uint32_t>(placed.crc);
    if (wide) descriptor.Le<uint64_t>(size).Le<uint64_t>(size);
    else descriptor.Le<uint32_t>(static_cast<uint32_t>(size)).Le<uint32_t>(static_cast<uint32_t>(size));
    FP_RETURN_IF_ERROR(write(descriptor.span()));
    AppendCentral(name, size, placed, &central);
  }
  const uint64_t central_offset = offset, end64_offset = offset + central.size();
  Buffer end;
  end.Le<uint32_t>(0x06064b50).Le<uint64_t>(44).Le<uint16_t>(0x031e).Le<uint16_t>(45).Le<uint32_t>(0).Le<uint32_t>(0);
  end.Le<uint64_t>(records.size()).Le<uint64_t>(records.size()).Le<uint64_t>(central.size()).Le<uint64_t>(central_offset);
  end.Le<uint32_t>(0x07064b50).Le<uint32_t>(0).Le<uint64_t>(end64_offset).Le<uint32_t>(1);
  const uint16_t count16 = static_cast<uint16_t>(std::min<size_t>(records.size(), kMarker16));
  end.Le<uint32_t>(0x06054b50).Le<uint16_t>(0).Le<uint16_t>(0).Le<uint16_t>(count16).Le<uint16_t>(count16);
  end.Le<uint32_t>(static_cast<uint32_t>(std::min<uint64_t>(central.size(), kMarker32)));
  end.Le<uint32_t>(static_cast<uint32_t>(std::min<uint64_t>(central_offset, kMarker32))).Le<uint16_t>(0);
  FP_RETURN_IF_ERROR(write(central.span()));
  return write(end.span());
}

void FinishContainer(std::vector<NewRecord>* records, int version) {
  std::erase_if(*records, [](const NewRecord& r) {
    return r.name == ".data/version" || r.name == "version" || r.name == "byteorder" || r.name == ".data/serialization_id";
  });
  records->push_back({".data/version", TextBytes(std::to_string(version) + "\n")});
  records->push_back({"byteorder", TextBytes("little")});
  Digits names, contents;
  for (const NewRecord& record : *records) {
    names.Add(record.name);
    contents.Add(std::to_string(Crc32(record.bytes.span)));
  }
  records->push_back({".data/serialization_id", TextBytes(names.Text() + contents.Text())});
}

std::string RootForPath(const std::string& path) {
  const std::string file = path.substr(path.find_last_of("/\\") + 1);
  const std::string stem = file.substr(0, file.rfind('.'));
  return stem.empty() ? kRootForBuffer : stem;
}

Result<std::vector<uint8_t>> ZipBytes(const std::string& root, const std::vector<NewRecord>& records) {
  std::vector<uint8_t> out;
  FP_RETURN_IF_ERROR(WriteZip(root, records, [&](std::span<const uint8_t> bytes) {
    out.insert(out.end(), bytes.begin(), bytes.end());
    return OkStatus();
  }));
  return out;
}

Status WriteZipFile(const std::string& path, const std::vector<NewRecord>& records) {
  FP_ASSIGN_OR_RETURN(auto writer, AtomicWriter::Create(path));
  FP_RETURN_IF_ERROR(WithFile(WriteZip(RootForPath(path), records, [&](std::span<const uint8_t> bytes) { return writer->Append(bytes); }), path));
  return writer->Commit();
}

}  // namespace fusepack::archive
