// ItemSource: goes through a FileList item by item. An image is an item; a .npy is one, or as many as it has rows:
//
//   f32 of the rank of the model's input, [N,...]: N inputs as they are; of one rank less: one
//   u8, where the package says how images are prepared: [H,W], [H,W,C] an image, [N,H,W], [N,H,W,C] N images; C is 1, 3
//       or 4 (alpha is dropped)
//
// Only a .npy's header is looked at here (the file is mapped). One thread at a time.
#pragma once

#include <optional>
#include <string>

#include "engine/tensor.h"
#include "tools/predict/file_list.h"

namespace fusepack {

struct Item {
  size_t file_index = 0;
  std::string file;
  int64_t row = -1;  // of a .npy with several
  Tensor array;      // that row: f32 without the batch's size, or u8[H,W,C]; undefined for an image file
  Status error;      // of a .npy that is none, or of another kind

  bool Is(const std::string& other_file, int64_t other_row) const { return file == other_file && row == other_row; }
};

class ItemSource {
 public:
  // files: not owned. input_rank: of the model's input. images: the package says how they are prepared.
  ItemSource(const FileList* files, int input_rank, bool images) : files_(files), input_rank_(input_rank), images_(images) {}

  std::optional<Item> Next();

 private:
  Status OpenArray(const std::string& path);

  const FileList* files_;
  int input_rank_;
  bool images_;
  size_t next_file_ = 0;
  Tensor array_;              // that rows are being taken from: [N,...]
  int64_t next_row_ = 0;
};

}  // namespace fusepack
