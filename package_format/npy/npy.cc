// \x93NUMPY, two version bytes, the header's length (u16 in 1.0, u32 later), the header: a Python dict literal with
// exactly the keys descr, fortran_order and shape, spaces, a newline; then the elements to the end of the file.
// Source: numpy/lib/format.py's documentation. The header is parsed by the small grammar below, not evaluated.
#include "package_format/npy/npy.h"

#include <algorithm>
#include <charconv>
#include <cstring>
#include <optional>

#include "package_format/atomic_write.h"

namespace fusepack::npy {
namespace {

constexpr std::string_view kMagic = "\x93NUMPY";
constexpr size_t kAlignment = 64;     // of the data in a written file, as NumPy aligns it
constexpr size_t kGrowthDigits = 21;  // room that NumPy leaves for the first dimension to grow in place

std::string Quoted(std::string_view text) {
  std::string out = "'";
  for (const char c : text.substr(0, 60)) out += c >= 0x20 && c < 0x7f ? c : '?';
  return out + (text.size() > 60 ? "...'" : "'");
}

struct Header {
  std::string descr;
  bool fortran_order = false;
  Dims shape;
};

//   header = "{" [ pair { "," pair } [","] ] "}" ; pair = string ":" (string | "True" | "False" | tuple)
//   tuple  = "(" [ int { "," int } [","] ] ")"   ; spaces anywhere between
class HeaderParser {
 public:
  explicit HeaderParser(std::string_view text) : rest_(text) {}

  Status Parse(Header* header) {
    bool seen[3] = {};
    FP_RETURN_IF_ERROR(Take("{"));
    while (!Skip("}")) {
      std::string key;
      FP_RETURN_IF_ERROR(String(&key));
      FP_RETURN_IF_ERROR(Take(":"));
      const int which = key == "descr" ? 0 : key == "fortran_order" ? 1 : key == "shape" ? 2 : -1;
      if (which < 0 || seen[which]) return Bad("key " + Quoted(key), "descr, fortran_order and shape, once each");
      seen[which] = true;
      if (which == 0) {
        Space();
        if (!rest_.empty() && rest_[0] == '[') return Bad("a structured dtype", "a plain one");
        FP_RETURN_IF_ERROR(String(&header->descr));
      } else if (which == 1) {
        if (Skip("True")) header->fortran_order = true;
        else if (!Skip("False")) return Bad("fortran_order " + Quoted(rest_), "True or False");
      } else {
        FP_RETURN_IF_ERROR(Shape(&header->shape));
      }
      if (!Skip(",")) {
        FP_RETURN_IF_ERROR(Take("}"));
        break;
      }
    }
    if (!seen[0] || !seen[1] || !seen[2]) return Bad("a header without descr, fortran_order or shape", "all three");
    Space();
    if (rest_ != "\n") return Bad("no newline at the header's end", "one");
    return OkStatus();
  }

 private:
  static Status Bad(std::string found, std::string expected) { return BadInput("header", std::move(found), std::move(expected)); }
  void Space() {
    while (!rest_.empty() && (rest_[0] == ' ' || rest_[0] == '\t')) rest_.remove_prefix(1);
  }
  bool Skip(std::string_view word) {
    Space();
    if (rest_.substr(0, word.size()) != word) return false;
    rest_.remove_prefix(word.size());
    return true;
  }
  Status Take(std::string_view word) {
    return Skip(word) ? OkStatus() : Bad(Quoted(rest_.substr(0, 12)), Quoted(word));
  }
  Status String(std::string* out) {
    Space();
    if (rest_.empty() || (rest_[0] != '\'' && rest_[0] != '"')) return Bad(Quoted(rest_.substr(0, 12)), "a string");
    const size_t end = rest_.find(rest_[0], 1);
    if (end == std::string_view::npos) return Bad("a string without end", "a closing quote");
    *out = rest_.substr(1, end - 1);
    rest_.remove_prefix(end + 1);
    return OkStatus();
  }
  Status Shape(Dims* shape) {
    FP_RETURN_IF_ERROR(Take("("));
    bool comma = true;  // a lone number without one is an int in parentheses, no tuple
    while (!Skip(")")) {
      if (!comma) return Bad(Quoted(rest_.substr(0, 12)), "',' or ')'");
      Space();
      int64_t size = 0;
      const auto [end, error] = std::from_chars(rest_.data(), rest_.data() + rest_.size(), size);
      if (error != std::errc() || size < 0) return Bad("size " + Quoted(rest_.substr(0, 24)), "a number >= 0");
      if (shape->size() == kMaxRank) return Bad("more dimensions", "at most " + std::to_string(kMaxRank));
      shape->push_back(size);
      rest_.remove_prefix(static_cast<size_t>(end - rest_.data()));
      comma = Skip(",");
    }
    if (shape->size() == 1 && !comma) return Bad("a shape that is no tuple", "(n,)");
    return OkStatus();
  }

  std::string_view rest_;
};

// The dtype of a descr and whether its bytes must be swapped. nullopt: not one of ours.
std::optional<DType> DTypeOfDescr(std::string_view descr, bool* swap) {
  if (descr.size() < 3) return std::nullopt;
  const char order = descr[0];
  for (int i = 0; i < kDTypeCount; i++) {
    const DType dtype = static_cast<DType>(i);
    const std::string_view own = NumpyDescr(dtype);
    if (own.empty() || own.substr(1) != descr.substr(1)) continue;
    if (order != '<' && order != '>' && order != '=' && !(order == '|' && own[0] == '|')) return std::nullopt;
    *swap = order == '>' && ItemSize(dtype) > 1;
    return dtype;
  }
  return std::nullopt;
}

// Reverses the bytes of each `width`-byte number.
void SwapBytes(uint8_t* data, size_t bytes, size_t width) {
  for (size_t i = 0; i < bytes; i += width) std::reverse(data + i, data + i + width);
}

struct Parsed {
  Header header;
  DType dtype;
  bool swap = false;   // bytes stand in the other order
  size_t data_at = 0;
};

Result<Parsed> ParseStart(std::span<const uint8_t> bytes) {
  const std::string_view text(reinterpret_cast<const char*>(bytes.data()), bytes.size());
  if (text.substr(0, kMagic.size()) != kMagic) return BadInput("", "no .npy file", "one that starts with \\x93NUMPY");
  if (bytes.size() < 12) return BadInput("header", "the end of the file", "a whole header");
  const int major = bytes[6], minor = bytes[7];
  if (major < 1 || major > 3 || minor != 0) {
    return BadInput("header", "version " + std::to_string(major) + "." + std::to_string(minor), "1.0, 2.0 or 3.0");
  }
  uint32_t header_bytes = 0;
  const size_t length_bytes = major == 1 ? 2 : 4;
  std::memcpy(&header_bytes, &bytes[8], length_bytes);
  const size_t header_at = 8 + length_bytes;
  if (header_bytes > kMaxHeaderBytes || header_bytes > bytes.size() - header_at) {
    return BadInput("header", std::to_string(header_bytes) + " bytes long",
                    "at most " + std::to_string(std::min(kMaxHeaderBytes, bytes.size() - header_at)));
  }
  Parsed out;
  FP_RETURN_IF_ERROR(HeaderParser(text.substr(header_at, header_bytes)).Parse(&out.header));
  const std::optional<DType> dtype = DTypeOfDescr(out.header.descr, &out.swap);
  if (!dtype) {
    return BadInput("header", "dtype " + Quoted(out.header.descr), "one of |b1 |u1 |i1 <i2 <i4 <i8 <f2 <f4 <f8 <c8 <c16");
  }
  out.dtype = *dtype;
  out.data_at = header_at + header_bytes;
  return out;
}

Result<Tensor> Parse(const std::shared_ptr<const MappedFile>& file) {
  const std::span<const uint8_t> bytes = file->bytes();
  FP_ASSIGN_OR_RETURN(const Parsed parsed, ParseStart(bytes));
  const auto& [header, dtype, swap, data_at] = parsed;
  const CheckedI64 need = CheckedNumel(header.shape) * static_cast<int64_t>(ItemSize(dtype));
  const size_t have = bytes.size() - data_at;
  if (!need.ok() || static_cast<uint64_t>(need.value()) != have) {
    return BadInput("data", std::to_string(have) + " bytes",
                    need.ok() ? std::to_string(need.value()) + " for shape " + header.shape.ToString() : "a possible shape");
  }
  const uint8_t* data = bytes.data() + data_at;
  if (dtype == DType::kBool && std::any_of(data, data + have, [](uint8_t b) { return b > 1; })) {
    return BadInput("data", "a bool that is neither 0 nor 1", "0 or 1");
  }

  Dims strides = ContiguousStrides(header.shape);
  if (header.fortran_order) {
    int64_t step = 1;
    for (int i = 0; i < header.shape.size(); i++) {
      strides[i] = step;
      step *= std::max<int64_t>(header.shape[i], 1);
    }
  }
  std::shared_ptr<Storage> storage;
  if (!swap && reinterpret_cast<uintptr_t>(data) % kTensorAlignment == 0) {
    storage = Storage::Wrap(data, static_cast<int64_t>(have), file, false);
  } else {
    FP_ASSIGN_OR_RETURN(storage, Storage::Allocate(static_cast<int64_t>(have)));
    if (have > 0) std::memcpy(storage->mutable_data(), data, have);
    // A complex element is two numbers of half its size.
    const size_t width = Category(dtype) == 3 ? ItemSize(dtype) / 2 : ItemSize(dtype);
    if (swap) SwapBytes(static_cast<uint8_t*>(storage->mutable_data()), have, width);
  }
  return Tensor(std::move(storage), dtype, header.shape, strides, 0);
}

}  // namespace

// As numpy.lib.format writes it: the dict, room for the first dimension to grow, spaces to the alignment, a newline.
std::string NpyHeader(DType dtype, const Dims& sizes) {
  std::string shape = "(";
  for (int i = 0; i < sizes.size(); i++) shape += (i == 0 ? "" : ", ") + std::to_string(sizes[i]);
  shape += sizes.size() == 1 ? ",)" : ")";
  std::string dict = "{'descr': '" + std::string(NumpyDescr(dtype)) + "', 'fortran_order': False, 'shape': " + shape + ", }";
  if (sizes.size() > 0) dict += std::string(kGrowthDigits - std::to_string(sizes[0]).size(), ' ');
  const size_t before = kMagic.size() + 4;
  const size_t used = before + dict.size() + 1;
  dict += std::string((kAlignment - used % kAlignment) % kAlignment, ' ') + "\n";
  const char length[2] = {static_cast<char>(dict.size() & 0xff), static_cast<char>(dict.size() >> 8)};
  return std::string(kMagic) + std::string("\x01\x00", 2) + std::string(length, 2) + dict;
}

Result<NpyStart> ParseNpyStart(std::span<const uint8_t> bytes) {
  FP_ASSIGN_OR_RETURN(const Parsed parsed, ParseStart(bytes));
  return NpyStart{parsed.dtype, parsed.header.shape, parsed.data_at};
}

Result<Tensor> ParseNpy(std::shared_ptr<const MappedFile> file) {
  Result<Tensor> tensor = Parse(file);
  if (!tensor.ok()) return WithFile(tensor.status(), file->path());
  return tensor;
}

Result<Tensor> ReadNpy(const std::string& path) {
  FP_ASSIGN_OR_RETURN(auto file, MappedFile::Open(path));
  return ParseNpy(std::move(file));
}

Status WriteNpy(const std::string& path, const Tensor& tensor) {
  if (NumpyDescr(tensor.dtype()).empty()) {
    return WithFile(BadInput("", std::string(TorchName(tensor.dtype())) + " values, which have no .npy form", "another dtype"), path);
  }
  Result<Tensor> dense = tensor.Contiguous();
  if (!dense.ok()) return WithFile(dense.status(), path);
  FP_ASSIGN_OR_RETURN(auto writer, AtomicWriter::Create(path));
  FP_RETURN_IF_ERROR(writer->Append(NpyHeader(tensor.dtype(), tensor.sizes())));
  const size_t bytes = static_cast<size_t>(tensor.numel()) * ItemSize(tensor.dtype());
  if (bytes > 0) FP_RETURN_IF_ERROR(writer->Append(std::span(static_cast<const uint8_t*>(dense->view().data), bytes)));
  return writer->Commit();
}

}  // namespace fusepack::npy
