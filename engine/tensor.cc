#include "engine/tensor.h"

#include <sys/mman.h>

#include <unistd.h>

#include <cstdlib>
#include <cstring>

#include "kernels/base/elements.h"

namespace fusepack {
namespace {

constexpr int64_t kHugePage = int64_t{2} << 20;
constexpr int64_t kMappedBytes = int64_t{1} << 20;
// What the machine has: Linux would promise more and then end the process that uses it.
const int64_t kMaxBytes = int64_t{sysconf(_SC_PHYS_PAGES)} * sysconf(_SC_PAGESIZE);

int64_t OffsetOf(const Dims& sizes, const Dims& strides, int64_t row_major_index) {
  int64_t offset = 0;
  for (int d = sizes.size() - 1; d >= 0; d--) {
    offset += row_major_index % sizes[d] * strides[d];
    row_major_index /= sizes[d];
  }
  return offset;
}

}  // namespace

// Large memory comes from the kernel, zeroed when it is first touched, in huge pages where it has them.
Result<std::shared_ptr<Storage>> Storage::MapZeros(int64_t bytes) {
  void* data = mmap(nullptr, bytes + kHugePage, PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);
  if (data == MAP_FAILED) return LimitExceeded("", "no memory for a tensor of " + std::to_string(bytes) + " bytes");
  const uintptr_t at = (reinterpret_cast<uintptr_t>(data) + kHugePage - 1) / kHugePage * kHugePage;
  madvise(reinterpret_cast<void*>(at), bytes, MADV_HUGEPAGE);
  auto storage = std::make_shared<Storage>();
  storage->data_ = reinterpret_cast<void*>(at);
  storage->bytes_ = bytes;
  storage->owner_ = std::shared_ptr<const void>(data, [bytes](const void* p) { munmap(const_cast<void*>(p), bytes + kHugePage); });
  return storage;
}

Result<std::shared_ptr<Storage>> Storage::Allocate(int64_t bytes) {
  FP_CHECK_GE(bytes, 0);
  if (bytes >= kMappedBytes && bytes <= kMaxBytes) return MapZeros(bytes);
  const int64_t rounded = (bytes + kTensorAlignment - 1) / kTensorAlignment * kTensorAlignment;
  void* data = bytes > kMaxBytes ? nullptr : std::aligned_alloc(kTensorAlignment, std::max<int64_t>(rounded, kTensorAlignment));
  if (data == nullptr) return LimitExceeded("", "no memory for a tensor of " + std::to_string(bytes) + " bytes");
  std::memset(data, 0, rounded);
  auto storage = std::make_shared<Storage>();
  storage->data_ = data;
  storage->bytes_ = bytes;
  storage->owner_ = std::shared_ptr<const void>(data, [](const void* p) { std::free(const_cast<void*>(p)); });
  return storage;
}

std::shared_ptr<Storage> Storage::Wrap(const void* data, int64_t bytes, std::shared_ptr<const void> owner,
                                       bool writable) {
  auto storage = std::make_shared<Storage>();
  storage->data_ = const_cast<void*>(data);
  storage->bytes_ = bytes;
  storage->writable_ = writable;
  storage->owner_ = std::move(owner);
  return storage;
}

void* Storage::mutable_data() {
  FP_CHECK(writable_);
  return data_;
}

Tensor::Tensor(std::shared_ptr<Storage> storage, DType dtype, Dims sizes, Dims strides, int64_t offset)
    : storage_(std::move(storage)), dtype_(dtype), sizes_(sizes), strides_(strides), offset_(offset) {
  FP_CHECK_EQ(sizes_.size(), strides_.size());
}

Result<Tensor> Tensor::Zeros(DType dtype, const Dims& sizes) {
  for (int64_t s : sizes) FP_CHECK_GE(s, 0);
  const CheckedI64 bytes = CheckedNumel(sizes) * static_cast<int64_t>(ItemSize(dtype));
  if (!bytes.Within(kMaxBytes)) return LimitExceeded("", "a tensor of sizes " + sizes.ToString() + " is too large");
  FP_ASSIGN_OR_RETURN(auto storage, Storage::Allocate(bytes.value()));
  return Tensor(std::move(storage), dtype, sizes, ContiguousStrides(sizes), 0);
}

Tensor Tensor::Scalar(DType dtype, double value) {
  Tensor out = Zeros(dtype, {}).value();
  VisitReal(dtype, [&](auto t) { *out.mutable_view().as<decltype(t)>() = ConvertElement<decltype(t)>(value); });
  return out;
}

TensorView Tensor::view() const {
  FP_CHECK(defined());
  return {static_cast<const char*>(storage_->data()) + offset_ * ItemSize(dtype_), dtype_, sizes_, strides_};
}

MutableTensorView Tensor::mutable_view() {
  FP_CHECK(defined());
  return {static_cast<char*>(storage_->mutable_data()) + offset_ * ItemSize(dtype_), dtype_, sizes_, strides_};
}

Tensor Tensor::AsStrided(const Dims& sizes, const Dims& strides, int64_t offset) const {
  return Tensor(storage_, dtype_, sizes, strides, offset);
}

Result<Tensor> Tensor::Clone() const {
  FP_ASSIGN_OR_RETURN(Tensor out, Zeros(dtype_, sizes_));
  const size_t item = ItemSize(dtype_);
  const char* from = static_cast<const char*>(view().data);
  char* to = static_cast<char*>(out.mutable_view().data);
  if (contiguous()) {
    if (numel() > 0) std::memcpy(to, from, numel() * item);
    return out;
  }
  ForEachOffset(sizes_, strides_, [&](int64_t offset) {
    std::memcpy(to, from + offset * static_cast<int64_t>(item), item);
    to += item;
  });
  return out;
}

Result<Tensor> Tensor::Contiguous() const {
  if (contiguous()) return *this;
  return Clone();
}

Result<Tensor> Tensor::To(DType dtype) const {
  if (dtype == dtype_) return *this;
  if (Category(dtype) == 3 || Category(dtype_) == 3) {
    return Unsupported("", "conversion from " + std::string(TorchName(dtype_)) + " to " + std::string(TorchName(dtype)),
                       "real element types");
  }
  FP_ASSIGN_OR_RETURN(Tensor out, Zeros(dtype, sizes_));
  VisitReal(dtype_, [&](auto from_type) {
    VisitReal(dtype, [&](auto to_type) {
      using From = decltype(from_type);
      using To = decltype(to_type);
      const From* from = view().as<From>();
      To* to = out.mutable_view().template as<To>();
      ForEachOffset(sizes_, strides_, [&](int64_t offset) { *to++ = ConvertElement<To>(from[offset]); });
    });
  });
  return out;
}

double Tensor::ItemAsDouble(int64_t row_major_index) const {
  double out = 0;
  const int64_t offset = OffsetOf(sizes_, strides_, row_major_index);
  VisitReal(dtype_, [&](auto t) { out = ConvertElement<double>(view().as<decltype(t)>()[offset]); });
  return out;
}

int64_t Tensor::ItemAsInt(int64_t row_major_index) const {
  int64_t out = 0;
  const int64_t offset = OffsetOf(sizes_, strides_, row_major_index);
  VisitReal(dtype_, [&](auto t) { out = ConvertElement<int64_t>(view().as<decltype(t)>()[offset]); });
  return out;
}

std::string Tensor::ToString() const {
  return defined() ? std::string(ShortName(dtype_)) + sizes_.ToString() : "undefined";
}

}  // namespace fusepack
