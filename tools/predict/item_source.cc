#include "tools/predict/item_source.h"

#include "package_format/npy/npy.h"

namespace fusepack {
namespace {

Tensor WithLeadingOne(const Tensor& tensor) {
  Dims sizes = tensor.sizes(), strides = tensor.strides();
  sizes.insert(0, 1);
  strides.insert(0, 0);
  return tensor.AsStrided(sizes, strides, tensor.offset());
}

Tensor WithTrailingOne(const Tensor& tensor) {
  Dims sizes = tensor.sizes(), strides = tensor.strides();
  sizes.push_back(1);
  strides.push_back(1);
  return tensor.AsStrided(sizes, strides, tensor.offset());
}

Tensor Row(const Tensor& tensor, int64_t row) {
  Dims sizes = tensor.sizes(), strides = tensor.strides();
  const int64_t offset = tensor.offset() + row * strides[0];
  sizes.erase(0);
  strides.erase(0);
  return tensor.AsStrided(sizes, strides, offset);
}

bool IsChannelCount(int64_t size) { return size == 1 || size == 3 || size == 4; }

}  // namespace

// Leaves array_ as [N,...], or next_row_ = -1 and array_ as [1,...] for a file that is one item.
Status ItemSource::OpenArray(const std::string& path) {
  FP_ASSIGN_OR_RETURN(array_, npy::ReadNpy(path));
  next_row_ = 0;
  const int rank = array_.rank();
  if (array_.dtype() == DType::kF32 && (rank == input_rank_ || rank == input_rank_ - 1)) {
    if (rank == input_rank_) return OkStatus();
    array_ = WithLeadingOne(array_);
    next_row_ = -1;
    return OkStatus();
  }
  if (images_ && array_.dtype() == DType::kU8 && rank >= 2 && rank <= 4) {
    const bool has_channels = rank > 2 && IsChannelCount(array_.sizes().back());
    if (rank == 4 && !has_channels) return BadInput("", array_.ToString(), "1, 3 or 4 channels as the last size");
    if (!has_channels) array_ = WithTrailingOne(array_);
    if (array_.rank() == 4) return OkStatus();
    array_ = WithLeadingOne(array_);
    next_row_ = -1;
    return OkStatus();
  }
  return BadInput("", array_.ToString(), "f32 with " + std::to_string(input_rank_) + " sizes" + (images_ ? ", or u8 images [N,H,W,C]" : ""));
}

std::optional<Item> ItemSource::Next() {
  while (!array_.defined()) {
    if (next_file_ == files_->size()) return std::nullopt;
    Item item;
    item.file_index = next_file_;
    item.file = (*files_)[next_file_++];
    if (!HasExtension(item.file, ".npy")) return item;
    item.error = OpenArray(item.file);
    if (!item.error.ok()) {
      array_ = Tensor();
      return item;
    }
    if (array_.sizes()[0] == 0) {
      array_ = Tensor();
      item.error = BadInput("", "an array of 0 rows", "at least one");
      return item;
    }
  }
  Item item;
  item.file_index = next_file_ - 1;
  item.file = (*files_)[next_file_ - 1];
  item.row = next_row_;
  item.array = Row(array_, next_row_ < 0 ? 0 : next_row_);
  if (next_row_ < 0 || ++next_row_ == array_.sizes()[0]) array_ = Tensor();
  return item;
}

}  // namespace fusepack
