// Pipeline: items become inputs on several threads, batches run on the caller's, results go to a writer's; all at once, in
// a ring of kRing batches, so that memory does not depend on how many items there are.
//
//   feeder -> decoders -> Run's thread (engine) -> writer
//
// An item that fails keeps its place: its row of a batch is zero and its outcome an error. Which items share a batch depends
// on their order alone, so a result is the same to the last bit whenever a run starts at a multiple of the batch size.
// Batches of items of one size run as one; others in groups of equal size.
#pragma once

#include <functional>
#include <optional>
#include <string>
#include <vector>

#include "engine/run.h"
#include "package_format/preprocess.h"
#include "tools/predict/image.h"
#include "tools/predict/item_source.h"

namespace fusepack {

struct Outcome {
  Item item;
  Status error;
  Tensor output;  // the model's first output for this item, without the batch's size; undefined after an error
};

struct PipelineOptions {
  int64_t batch = 32;
  int decoders = 1;
  std::optional<Preprocess> preprocess;
  DecodeOptions decode;
};

// Seconds; of several threads together where a stage has several.
struct StageTimes {
  double read_s = 0, decode_s = 0, preprocess_s = 0, infer_s = 0, wait_s = 0, write_s = 0;
};

inline constexpr size_t kRing = 4;  // batches: one filling, one running, one being written, one of slack

// The session must have one input of f32. `skip` items are passed over, then all others are taken. `write` gets batches in
// order, on another thread than the caller's; an error of it ends everything and is the result. An item's own failure does not.
Status RunPipeline(ItemSource source, size_t skip, Session& session, const PipelineOptions& options,
                   const std::function<Status(std::vector<Outcome>)>& write, StageTimes* times);

// A whole regular file. kIo, kLimit over kMaxImageFileBytes.
Result<std::vector<uint8_t>> ReadImageFile(const std::string& path);

}  // namespace fusepack
