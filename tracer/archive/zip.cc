// After PKWARE's APPNOTE 6.3.10, sections 4.3.7 (local header), 4.3.9 (data descriptor), 4.3.12 (central directory),
// 4.3.14-16 (end records), 4.5.3 (ZIP64 extra field). Read from the back:
//
//   end record (the last 22 bytes, no comment) -> ZIP64 locator and end record right before it, if any
//   -> central directory right before those -> each entry's local header.
//
// Then the entries are walked in file order: the first starts at byte 0, each ends where the next starts, the last
// ends where the central directory starts. What lies between a record's last byte and the next header can only be its
// data descriptor, so the descriptor's length says which of its four forms it has.
#include "tracer/archive/zip.h"

#include <zlib.h>

#include <algorithm>
#include <cstdio>

#include "kernels/base/parallel.h"
#include "tracer/archive/printable.h"
#include "tracer/archive/raw_bytes.h"

namespace fusepack::archive {
namespace {

constexpr uint32_t kLocalSignature = 0x04034b50;
constexpr uint32_t kCentralSignature = 0x02014b50;
constexpr uint32_t kDescriptorSignature = 0x08074b50;
constexpr uint32_t kEndSignature = 0x06054b50;
constexpr uint32_t kEnd64Signature = 0x06064b50;
constexpr uint32_t kLocator64Signature = 0x07064b50;

constexpr uint64_t kLocalBytes = 30, kCentralBytes = 46, kEndBytes = 22, kEnd64Bytes = 56, kLocator64Bytes = 20;
constexpr uint64_t kMaxCommentBytes = 65535;

constexpr uint16_t kMarker16 = 0xffff;  // "the value is in the ZIP64 record"
constexpr uint32_t kMarker32 = 0xffffffff;

constexpr uint16_t kFlagDeflateLevel = 0x0006;  // two bits that only tell how hard the writer tried
constexpr uint16_t kFlagStreamed = 0x0008;      // sizes and CRC follow the record in a data descriptor
constexpr uint16_t kFlagUtf8 = 0x0800;
constexpr uint16_t kMethodStored = 0, kMethodDeflate = 8;

// "Version needed to extract" that Python's zipfile takes at most: 6.3. The high byte is a system and means nothing.
constexpr uint8_t kMaxVersionNeeded = 63;

constexpr uint16_t kExtraZip64 = 0x0001;
constexpr uint16_t kExtraUnicodePath = 0x7075;  // another name for the same record: readers would disagree

// Crc32 divides longer inputs into pieces of this size. One thread does 3 GB/s, so a piece takes 5 ms; below that,
// waking the other threads on a busy machine costs more than they save.
constexpr int64_t kCrcPieceBytes = 16 << 20;

std::string Hex(uint32_t value) {
  char text[16];
  std::snprintf(text, sizeof text, "0x%08x", value);
  return text;
}

std::string N(uint64_t value) { return std::to_string(value); }

std::string Place(std::string_view name) { return "record " + Printable(name); }

// ASCII only: the names of modules and storages. Names that differ in the case of other letters count as different.
std::string FoldCase(std::string_view name) {
  std::string out(name);
  for (char& c : out) {
    if (c >= 'A' && c <= 'Z') c = static_cast<char>(c - 'A' + 'a');
  }
  return out;
}

Status CheckName(std::string_view name, uint16_t flags) {
  if (name.empty()) return BadInput("central directory", "a record without a name", "one");
  const std::string where = Place(name);
  if (name.size() > kMaxZipNameBytes) {
    return LimitExceeded(where, "a name of " + N(name.size()) + " bytes", "at most " + N(kMaxZipNameBytes));
  }
  bool ascii = true;
  for (const char c : name) {
    const unsigned char u = static_cast<unsigned char>(c);
    if (u == 0) return BadInput(where, "a NUL byte in the name", "none");
    if (u < 0x20 || u == 0x7f) return BadInput(where, "a control character in the name", "none");
    if (c == '\\') return BadInput(where, "a backslash in the name", "'/' between folders");
    ascii = ascii && u < 0x80;
  }
  if (!ascii && ((flags & kFlagUtf8) == 0 || !IsUtf8(name))) {
    return BadInput(where, "a name that is neither ASCII nor marked and valid UTF-8", "UTF-8");
  }
  const bool drive = name.size() > 1 && name[1] == ':' && ((name[0] | 32) >= 'a' && (name[0] | 32) <= 'z');
  if (name[0] == '/' || drive) return BadInput(where, "an absolute path", "a relative one");
  for (size_t begin = 0; begin < name.size();) {
    const size_t slash = std::min(name.find('/', begin), name.size());
    const std::string_view part = name.substr(begin, slash - begin);
    if (part == "..") return BadInput(where, "'..' in the path", "a path inside the archive");
    if (part.empty() || part == ".") return BadInput(where, "an empty folder name or '.' in the path", "plain names");
    begin = slash + 1;
  }
  return OkStatus();
}

// The fields of an extra block tile it exactly; *zip64 gets the body of the ZIP64 field, of which one is legal.
Status ParseExtra(std::span<const uint8_t> extra, const std::string& where, std::span<const uint8_t>* zip64) {
  bool seen = false;
  while (!extra.empty()) {
    if (extra.size() < 4) return BadInput(where, N(extra.size()) + " bytes left in the extra field", "at least 4");
    const uint16_t id = Le16(extra.data()), size = Le16(extra.data() + 2);
    if (size > extra.size() - 4) {
      return BadInput(where, "an extra field of " + N(size) + " bytes", "at most " + N(extra.size() - 4));
    }
    if (id == kExtraUnicodePath) return BadInput(where, "a second name in a Unicode path extra field", "one name");
    if (id == kExtraZip64) {
      if (seen) return BadInput(where, "two ZIP64 extra fields", "at most one");
      seen = true;
      *zip64 = extra.subspan(4, size);
    }
    extra = extra.subspan(4 + size);
  }
  return OkStatus();
}

}  // namespace

struct ZipReader::Directory {
  uint64_t entries = 0;
  uint64_t offset = 0;
  uint64_t bytes = 0;
};

struct ZipReader::Entry {
  uint64_t header_offset = 0;
  uint16_t flags = 0;
  uint16_t method = 0;
};

uint32_t Crc32(std::span<const uint8_t> bytes) {
  const int64_t n = static_cast<int64_t>(bytes.size());
  const int64_t pieces = (n + kCrcPieceBytes - 1) / kCrcPieceBytes;
  if (pieces <= 1) return static_cast<uint32_t>(crc32_z(0, bytes.data(), bytes.size()));
  std::vector<uint32_t> crc(pieces);
  ParallelFor(pieces, 1, [&](int64_t begin, int64_t end) {
    for (int64_t i = begin; i < end; i++) {
      const int64_t at = i * kCrcPieceBytes;
      crc[i] = static_cast<uint32_t>(crc32_z(0, bytes.data() + at, std::min(kCrcPieceBytes, n - at)));
    }
  });
  // All pieces but the last have one length, so one combination operator serves them.
  const uLong combine = crc32_combine_gen(kCrcPieceBytes);
  uLong total = crc[0];
  for (int64_t i = 1; i + 1 < pieces; i++) total = crc32_combine_op(total, crc[i], combine);
  return static_cast<uint32_t>(crc32_combine(total, crc[pieces - 1], n - (pieces - 1) * kCrcPieceBytes));
}

Result<std::shared_ptr<const ZipReader>> ZipReader::Open(std::shared_ptr<const MappedFile> file) {
  std::shared_ptr<ZipReader> reader(new ZipReader);
  reader->file_ = std::move(file);
  const Status status = reader->Parse();
  if (!status.ok()) return WithFile(status, reader->path());
  return std::shared_ptr<const ZipReader>(reader);
}

Status ZipReader::Parse() {
  Directory directory;
  FP_RETURN_IF_ERROR(ParseEnd(&directory));
  std::vector<Entry> entries;
  FP_RETURN_IF_ERROR(ParseCentral(directory, &entries));
  return CheckLocal(directory, entries);
}

Status ZipReader::ParseEnd(Directory* directory) const {
  const std::span<const uint8_t> bytes = file_->bytes();
  const uint64_t size = bytes.size();
  if (size < kEndBytes) return BadInput("", "a file of " + N(size) + " bytes", "a zip archive");
  const uint64_t end_at = size - kEndBytes;
  const uint8_t* end = bytes.data() + end_at;
  if (Le32(end) != kEndSignature) {
    // Tell a foreign file from a zip archive that was cut short or has something after its end.
    const uint64_t floor = end_at > kMaxCommentBytes ? end_at - kMaxCommentBytes : 0;
    for (uint64_t at = end_at; at-- > floor;) {
      if (Le32(bytes.data() + at) != kEndSignature) continue;
      return BadInput("offset " + N(at + kEndBytes), N(end_at - at) + " bytes after the end record", "the end of the file");
    }
    const bool starts_as_zip = Le32(bytes.data()) == kLocalSignature;
    return BadInput("", starts_as_zip ? "no end record (the file was cut short)" : "no zip archive", "a zip archive");
  }
  const std::string where = "end record";
  if (Le16(end + 20) != 0) return BadInput(where, "a comment of " + N(Le16(end + 20)) + " bytes after the end", "none");
  if (Le16(end + 4) != 0 || Le16(end + 6) != 0) return BadInput(where, "one part of an archive on several disks", "one disk");

  uint64_t here = Le16(end + 8);
  directory->entries = Le16(end + 10);
  directory->bytes = Le32(end + 12);
  directory->offset = Le32(end + 16);
  uint64_t directory_end = end_at;

  const bool has64 = end_at >= kLocator64Bytes + kEnd64Bytes && Le32(end - kLocator64Bytes) == kLocator64Signature;
  if (!has64 && (directory->bytes == kMarker32 || directory->offset == kMarker32)) {
    return BadInput(where, "a ZIP64 marker", "a ZIP64 end record before it");
  }
  if (has64) {
    const std::string where64 = "ZIP64 end record";
    const uint8_t* locator = end - kLocator64Bytes;
    directory_end = end_at - kLocator64Bytes - kEnd64Bytes;
    const uint8_t* end64 = bytes.data() + directory_end;
    if (Le32(locator + 4) != 0 || Le32(locator + 16) > 1) return BadInput(where64, "an archive on several disks", "one disk");
    if (Le64(locator + 8) != directory_end) {
      return BadInput(where64, "located at " + N(Le64(locator + 8)), N(directory_end) + ", right before its locator");
    }
    if (Le32(end64) != kEnd64Signature) return BadInput(where64, "signature " + Hex(Le32(end64)), Hex(kEnd64Signature));
    if (Le64(end64 + 4) != kEnd64Bytes - 12) return BadInput(where64, "size " + N(Le64(end64 + 4)), N(kEnd64Bytes - 12));
    if (Le32(end64 + 16) != 0 || Le32(end64 + 20) != 0) return BadInput(where64, "an archive on several disks", "one disk");
    const Directory wide = {Le64(end64 + 32), Le64(end64 + 48), Le64(end64 + 40)};
    const uint64_t here64 = Le64(end64 + 24);
    const bool agree = (here == kMarker16 || here == here64) &&
                       (directory->entries == kMarker16 || directory->entries == wide.entries) &&
                       (directory->bytes == kMarker32 || directory->bytes == wide.bytes) &&
                       (directory->offset == kMarker32 || directory->offset == wide.offset);
    if (!agree) return BadInput(where64, "other values than the end record's", "the same, or markers there");
    here = here64;
    *directory = wide;
  }
  if (here != directory->entries) {
    return BadInput(where, N(here) + " records on this disk", N(directory->entries) + ", all of them");
  }
  if (directory->entries > kMaxZipEntries) {
    return LimitExceeded(where, N(directory->entries) + " records", "at most " + N(kMaxZipEntries));
  }
  if (directory->bytes > directory_end || directory->offset != directory_end - directory->bytes) {
    return BadInput(where, "a central directory of " + N(directory->bytes) + " bytes at " + N(directory->offset),
                    "one that ends at " + N(directory_end));
  }
  if (directory->entries == 0) return BadInput(where, "an archive without records", "some");
  if (directory->bytes / kCentralBytes < directory->entries) {
    return BadInput(where, N(directory->entries) + " records in a central directory of " + N(directory->bytes) + " bytes",
                    "at least " + N(kCentralBytes) + " bytes each");
  }
  return OkStatus();
}

// Fills records_ (all but their offsets) and *entries, in the directory's order.
Status ZipReader::ParseCentral(const Directory& directory, std::vector<Entry>* entries) {
  std::span<const uint8_t> rest = file_->bytes().subspan(directory.offset, directory.bytes);
  records_.reserve(directory.entries);
  entries->reserve(directory.entries);
  std::unordered_map<std::string, size_t> folded;
  for (uint64_t i = 0; i < directory.entries; i++) {
    std::string where = "central directory entry " + N(i);
    if (rest.size() < kCentralBytes) return BadInput(where, N(rest.size()) + " bytes left", "at least " + N(kCentralBytes));
    const uint8_t* at = rest.data();
    if (Le32(at) != kCentralSignature) return BadInput(where, "signature " + Hex(Le32(at)), Hex(kCentralSignature));
    const uint16_t flags = Le16(at + 8), method = Le16(at + 10);
    const uint16_t name_bytes = Le16(at + 28), extra_bytes = Le16(at + 30), comment_bytes = Le16(at + 32);
    const uint64_t whole = kCentralBytes + name_bytes + extra_bytes + comment_bytes;
    if (whole > rest.size()) return BadInput(where, N(rest.size()) + " bytes left", N(whole));

    ZipRecord record;
    record.name.assign(reinterpret_cast<const char*>(at + kCentralBytes), name_bytes);
    FP_RETURN_IF_ERROR(CheckName(record.name, flags));
    where = Place(record.name);
    if (!folded.emplace(FoldCase(record.name), i).second) {
      return BadInput(where, "a second record of that name, or one that differs only in case", "unique names");
    }
    if ((flags & ~(kFlagDeflateLevel | kFlagStreamed | kFlagUtf8)) != 0) {
      return BadInput(where, "flags " + Hex(flags) + " (encrypted, patched or unknown)", "a plain record");
    }
    if (at[6] > kMaxVersionNeeded) return BadInput(where, "zip version " + N(at[6]) + " needed", "at most " + N(kMaxVersionNeeded));
    if (method != kMethodStored && method != kMethodDeflate) {
      return BadInput(where, "compression method " + N(method), "stored (0) or deflate (8)");
    }
    if (Le16(at + 34) != 0) return BadInput(where, "a record on disk " + N(Le16(at + 34)), "disk 0");
    record.deflated = method == kMethodDeflate;
    record.crc = Le32(at + 16);
    record.stored_bytes = Le32(at + 20);
    record.size = Le32(at + 24);
    uint64_t header_offset = Le32(at + 42);

    std::span<const uint8_t> zip64;
    FP_RETURN_IF_ERROR(ParseExtra(rest.subspan(kCentralBytes + name_bytes, extra_bytes), where, &zip64));
    for (uint64_t* value : {&record.size, &record.stored_bytes, &header_offset}) {
      if (*value != kMarker32) continue;
      if (zip64.size() < 8) return BadInput(where, "a ZIP64 marker without its value", "a ZIP64 extra field");
      *value = Le64(zip64.data());
      zip64 = zip64.subspan(8);
    }
    if (!zip64.empty()) return BadInput(where, N(zip64.size()) + " surplus bytes in the ZIP64 extra field", "none");

    if (!record.deflated && record.size != record.stored_bytes) {
      return BadInput(where, "stored with sizes " + N(record.size) + " and " + N(record.stored_bytes), "equal ones");
    }
    // Division, not multiplication: nothing bounds the sizes yet.
    if (record.deflated && record.size / kMaxZipRatio + (record.size % kMaxZipRatio != 0) > record.stored_bytes) {
      return LimitExceeded(where, N(record.size) + " bytes deflated to " + N(record.stored_bytes),
                           "a ratio of at most " + N(kMaxZipRatio));
    }
    if (record.name.back() == '/' && record.size != 0) {
      return BadInput(where, "a folder with " + N(record.size) + " bytes of content", "none");
    }
    records_.push_back(std::move(record));
    entries->push_back({header_offset, flags, method});
    rest = rest.subspan(whole);
  }
  if (!rest.empty()) {
    return BadInput("central directory", N(rest.size()) + " bytes after its " + N(directory.entries) + " entries", "none");
  }
  return OkStatus();
}

Status ZipReader::CheckLocal(const Directory& directory, const std::vector<Entry>& entries) {
  const uint8_t* bytes = file_->bytes().data();
  std::vector<size_t> order(entries.size());
  for (size_t i = 0; i < order.size(); i++) order[i] = i;
  std::stable_sort(order.begin(), order.end(),
                   [&](size_t a, size_t b) { return entries[a].header_offset < entries[b].header_offset; });

  for (size_t k = 0; k < order.size(); k++) {
    const Entry& entry = entries[order[k]];
    ZipRecord& record = records_[order[k]];
    const std::string where = Place(record.name);
    const uint64_t start = entry.header_offset;
    const uint64_t limit = k + 1 < order.size() ? entries[order[k + 1]].header_offset : directory.offset;
    if (k == 0 && start != 0) {
      return BadInput(where, N(start) + " bytes before the first record", "its local header at offset 0");
    }
    if (limit > directory.offset || start > limit || limit - start < kLocalBytes) {
      return BadInput(where, "a local header at " + N(start), "one inside the archive that overlaps no other record");
    }
    const uint8_t* at = bytes + start;
    if (Le32(at) != kLocalSignature) return BadInput(where, "local signature " + Hex(Le32(at)), Hex(kLocalSignature));
    const uint16_t name_bytes = Le16(at + 26), extra_bytes = Le16(at + 28);
    record.offset = start + kLocalBytes + name_bytes + extra_bytes;
    if (record.offset > limit || record.stored_bytes > limit - record.offset) {
      return BadInput(where, "ends after the next record's start at " + N(limit), "records that do not overlap");
    }
    const std::string_view local_name(reinterpret_cast<const char*>(at + kLocalBytes), name_bytes);
    if (local_name != record.name) return BadInput(where, "local name " + Printable(local_name), Printable(record.name));
    if (Le16(at + 6) != entry.flags) return BadInput(where, "local flags " + Hex(Le16(at + 6)), Hex(entry.flags));
    if (Le16(at + 8) != entry.method) return BadInput(where, "local method " + N(Le16(at + 8)), N(entry.method));

    const bool streamed = (entry.flags & kFlagStreamed) != 0;
    const uint32_t local_crc = Le32(at + 14);
    uint64_t local_stored = Le32(at + 18), local_size = Le32(at + 22);
    std::span<const uint8_t> zip64;
    FP_RETURN_IF_ERROR(ParseExtra({at + kLocalBytes + name_bytes, extra_bytes}, where, &zip64));
    for (uint64_t* value : {&local_size, &local_stored}) {
      if (*value != kMarker32 || zip64.size() < 8) continue;
      *value = Le64(zip64.data());
      zip64 = zip64.subspan(8);
    }
    // A streamed record's header was written before its sizes were known: zeros are legal there.
    const auto legal = [&](uint64_t local, uint64_t central) { return local == central || (streamed && local == 0); };
    if (!legal(local_crc, record.crc)) return BadInput(where, "local CRC " + Hex(local_crc), Hex(record.crc));
    if (!legal(local_stored, record.stored_bytes) || !legal(local_size, record.size)) {
      return BadInput(where, "local sizes " + N(local_stored) + " and " + N(local_size),
                      N(record.stored_bytes) + " and " + N(record.size));
    }

    const uint64_t gap = limit - record.offset - record.stored_bytes;
    if (!streamed) {
      if (gap != 0) return BadInput(where, N(gap) + " bytes after it that belong to no record", "none");
      continue;
    }
    const bool wide = gap == 20 || gap == 24, has_signature = gap == 16 || gap == 24;
    if (!wide && !has_signature && gap != 12) {
      return BadInput(where, N(gap) + " bytes after it", "a data descriptor of 12, 16, 20 or 24 bytes");
    }
    const uint8_t* descriptor = bytes + record.offset + record.stored_bytes;
    const uint8_t* field = descriptor + (has_signature ? 4 : 0);
    const uint64_t stored = wide ? Le64(field + 4) : Le32(field + 4), size = wide ? Le64(field + 12) : Le32(field + 8);
    if ((has_signature && Le32(descriptor) != kDescriptorSignature) || Le32(field) != record.crc ||
        stored != record.stored_bytes || size != record.size) {
      return BadInput(where, "a data descriptor with other values", "the central directory's CRC and sizes");
    }
  }

  for (size_t i = 0; i < records_.size(); i++) by_name_.emplace(records_[i].name, i);
  checked_ = std::make_unique<std::atomic<bool>[]>(records_.size());
  return OkStatus();
}

const ZipRecord* ZipReader::Find(std::string_view name) const {
  const auto it = by_name_.find(name);
  return it == by_name_.end() ? nullptr : &records_[it->second];
}

// Raw deflate (RFC 1951) of exactly record.stored_bytes into exactly record.size bytes.
Status ZipReader::Inflate(const ZipRecord& record, uint8_t* content) const {
  z_stream stream = {};
  if (inflateInit2(&stream, -MAX_WBITS) != Z_OK) return LimitExceeded(Place(record.name), "no memory for zlib");
  uint64_t in_left = record.stored_bytes, out_left = record.size;
  stream.next_in = const_cast<Bytef*>(file_->bytes().data() + record.offset);
  stream.next_out = content;
  for (int code = Z_OK; code == Z_OK;) {
    const uInt in = static_cast<uInt>(std::min<uint64_t>(in_left, 1u << 30));
    const uInt out = static_cast<uInt>(std::min<uint64_t>(out_left, 1u << 30));
    stream.avail_in = in;
    stream.avail_out = out;
    code = inflate(&stream, Z_NO_FLUSH);  // without progress: Z_BUF_ERROR, which ends the loop
    in_left -= in - stream.avail_in;
    out_left -= out - stream.avail_out;
    if (code == Z_STREAM_END && in_left == 0 && out_left == 0) {
      inflateEnd(&stream);
      return OkStatus();
    }
  }
  inflateEnd(&stream);
  return BadInput(Place(record.name), "a deflate stream that is broken or has another length",
                  N(record.size) + " bytes from " + N(record.stored_bytes));
}

Result<Bytes> ZipReader::Read(const ZipRecord& record, uint64_t max_bytes) const {
  const size_t index = static_cast<size_t>(&record - records_.data());
  FP_CHECK_LT(index, records_.size());
  if (record.deflated) max_bytes = std::min(max_bytes, kMaxInflatedBytes);
  if (record.size > max_bytes) {
    return WithFile(LimitExceeded(Place(record.name), N(record.size) + " bytes", "at most " + N(max_bytes)), path());
  }
  Bytes content;
  if (record.deflated) {
    uint8_t* data = nullptr;
    Result<Bytes> room = Bytes::Allocate(record.size, &data);
    if (!room.ok()) return WithFile(WithPlace(room.status(), Place(record.name)), path());
    content = *room;
    const Status status = Inflate(record, data);
    if (!status.ok()) return WithFile(status, path());
  } else {
    content = file_->Cut(record.offset, record.size);
    // A mapped file's bytes do not change under us, so once is enough.
    if (checked_[index].load(std::memory_order_acquire)) return content;
  }
  const uint32_t crc = Crc32(content.span);
  if (crc != record.crc) {
    return WithFile(BadInput(Place(record.name), "content with CRC-32 " + Hex(crc) + " (damaged)", Hex(record.crc)), path());
  }
  checked_[index].store(true, std::memory_order_release);
  return content;
}

Status ZipReader::CheckAll() const {
  for (const ZipRecord& record : records_) FP_RETURN_IF_ERROR(Read(record).status());
  return OkStatus();
}

}  // namespace fusepack::archive
