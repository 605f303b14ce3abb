#include "tools/predict/pipeline.h"

#include <fcntl.h>
#include <sys/stat.h>
#include <unistd.h>

#include <algorithm>
#include <cerrno>
#include <chrono>
#include <condition_variable>
#include <cstring>
#include <map>
#include <mutex>
#include <thread>

#include "tools/predict/preprocess_image.h"

namespace fusepack {
namespace {

using Clock = std::chrono::steady_clock;
double Since(Clock::time_point t) { return std::chrono::duration<double>(Clock::now() - t).count(); }

// Adds the time of a scope to `*to`.
class Timer {
 public:
  explicit Timer(double* to) : to_(to) {}
  ~Timer() { *to_ += Since(start_); }

 private:
  double* to_;
  Clock::time_point start_ = Clock::now();
};

struct Slot {
  enum class State { kFree, kDecoding, kReady, kDone };
  State state = State::kFree;
  std::vector<Outcome> outcomes;
  std::vector<Tensor> inputs;   // of an outcome: f32[1,...]; undefined after an error
  std::vector<bool> in_slab;    // inputs[i] is row i of the slab
  Tensor slab;                  // f32[batch,C,H,W] where all images come out alike
  size_t claimed = 0, decoded = 0;
};

class Pipeline {
 public:
  Pipeline(ItemSource source, Session& session, const PipelineOptions& options, StageTimes* times)
      : source_(std::move(source)), session_(session), options_(options), times_(times) {}

  Status Run(size_t skip, const std::function<Status(std::vector<Outcome>)>& write) {
    std::vector<std::thread> threads;
    threads.emplace_back([&] { Guarded([&] { return Feed(skip); }); });
    for (int i = 0; i < options_.decoders; i++) threads.emplace_back([&] { Guarded([&] { return Decode(); }); });
    threads.emplace_back([&] { Guarded([&] { return Write(write); }); });
    Guarded([&] { return Infer(); });
    for (std::thread& thread : threads) thread.join();
    return failure_;
  }

 private:
  // Runs a stage; what goes wrong with it stops the others.
  template <typename Stage>
  void Guarded(const Stage& stage) {
    Status status;
    try {
      status = stage();
    } catch (const std::bad_alloc&) {
      status = LimitExceeded("", "out of memory");
    } catch (const std::exception& unexpected) {
      status = InternalError(unexpected.what());
    }
    if (status.ok()) return;
    std::lock_guard lock(mutex_);
    if (!stopped_) failure_ = status;
    stopped_ = true;
    changed_.notify_all();
  }

  Slot& At(size_t batch) { return ring_[batch % kRing]; }

  // Waits until batch `number` is in `state`; false when it never will be.
  bool Await(size_t number, Slot::State state) {
    std::unique_lock lock(mutex_);
    changed_.wait(lock, [&] { return stopped_ || (At(number).state == state && (state == Slot::State::kFree || number < fed_)) || number >= batches_; });
    return !stopped_ && number < batches_;
  }

  void Set(size_t number, Slot::State state) {
    std::lock_guard lock(mutex_);
    At(number).state = state;
    changed_.notify_all();
  }

  Status Feed(size_t skip) {
    for (size_t i = 0; i < skip; i++) source_.Next();
    for (size_t number = 0;; number++) {
      if (!Await(number, Slot::State::kFree)) return OkStatus();
      Slot& slot = At(number);
      slot.outcomes.clear();
      while (static_cast<int64_t>(slot.outcomes.size()) < options_.batch) {
        std::optional<Item> item = source_.Next();
        if (!item) break;
        slot.outcomes.push_back({std::move(*item), OkStatus(), Tensor()});
      }
      const bool last = static_cast<int64_t>(slot.outcomes.size()) < options_.batch;
      if (!slot.outcomes.empty()) FP_RETURN_IF_ERROR(PrepareSlab(&slot));
      slot.inputs.assign(slot.outcomes.size(), Tensor());
      slot.in_slab.assign(slot.outcomes.size(), false);
      std::lock_guard lock(mutex_);
      slot.claimed = slot.decoded = 0;
      if (!slot.outcomes.empty()) {
        slot.state = Slot::State::kDecoding;
        fed_ = number + 1;
      }
      if (last) batches_ = slot.outcomes.empty() ? number : number + 1;
      changed_.notify_all();
      if (last) return OkStatus();
    }
  }

  Status PrepareSlab(Slot* slot) {
    if (!options_.preprocess) return OkStatus();
    const auto size = FixedInputSize(*options_.preprocess);
    if (!size || slot->slab.defined()) return OkStatus();
    FP_ASSIGN_OR_RETURN(slot->slab, Tensor::Zeros(DType::kF32, {options_.batch, options_.preprocess->channels, size->height, size->width}));
    return OkStatus();
  }

  Status Decode() {
    StageTimes times;
    for (size_t number = 0;;) {
      size_t index;
      {
        std::unique_lock lock(mutex_);
        changed_.wait(lock, [&] { return stopped_ || number >= batches_ || number < fed_; });
        if (stopped_ || number >= batches_) break;
        // A slot that was handed on since then, or has no item left, is behind us.
        Slot& slot = At(number);
        if (number + kRing < fed_ || slot.state != Slot::State::kDecoding || slot.claimed == slot.outcomes.size()) {
          number++;
          continue;
        }
        index = slot.claimed++;
      }
      Slot& slot = At(number);
      Status status;
      try {
        status = DecodeItem(&slot, index, &times);
      } catch (const std::bad_alloc&) {
        status = LimitExceeded("", "out of memory");
      }
      if (!status.ok()) slot.inputs[index] = Tensor();
      slot.outcomes[index].error = std::move(status);
      std::lock_guard lock(mutex_);
      if (++slot.decoded == slot.outcomes.size()) {
        slot.state = Slot::State::kReady;
        changed_.notify_all();
      }
    }
    std::lock_guard lock(mutex_);
    times_->read_s += times.read_s;
    times_->decode_s += times.decode_s;
    times_->preprocess_s += times.preprocess_s;
    return OkStatus();
  }

  // Row `index` of the slab where the sizes agree, fresh memory otherwise: f32[1,...].
  Result<Tensor> InputOf(Slot* slot, size_t index, const Dims& row_sizes) {
    Dims sizes = row_sizes;
    sizes.insert(0, 1);
    if (slot->slab.defined() && slot->slab.rank() == sizes.size()) {
      Dims own = slot->slab.sizes();
      own[0] = 1;
      if (own == sizes) {
        const std::lock_guard lock(mutex_);  // neighbours in a vector<bool> share a byte
        slot->in_slab[index] = true;
        return slot->slab.AsStrided(sizes, slot->slab.strides(), static_cast<int64_t>(index) * slot->slab.strides()[0]);
      }
    }
    return Tensor::Zeros(DType::kF32, sizes);
  }

  Status DecodeItem(Slot* slot, size_t index, StageTimes* times) {
    const Item& item = slot->outcomes[index].item;
    FP_RETURN_IF_ERROR(item.error);
    if (item.array.defined() && item.array.dtype() == DType::kF32) {
      const Timer timer(&times->read_s);
      FP_ASSIGN_OR_RETURN(const Tensor dense, item.array.Contiguous());
      FP_ASSIGN_OR_RETURN(slot->inputs[index], InputOf(slot, index, dense.sizes()));
      std::memcpy(slot->inputs[index].mutable_view().as<float>(), dense.view().as<float>(), static_cast<size_t>(dense.numel()) * sizeof(float));
      return OkStatus();
    }
    if (!options_.preprocess) {
      return BadInput("", "an image", "a .npy: the package does not say how images are prepared (convert --preprocess, or here)");
    }
    FP_ASSIGN_OR_RETURN(const Image image, item.array.defined() ? ImageOfArray(item.array, times) : ImageOfFile(item.file, times));
    const Timer timer(&times->preprocess_s);
    FP_ASSIGN_OR_RETURN(const InputSize size, InputSizeFor(*options_.preprocess, image.height, image.width));
    FP_ASSIGN_OR_RETURN(slot->inputs[index], InputOf(slot, index, {options_.preprocess->channels, size.height, size.width}));
    return PreprocessImage(image, *options_.preprocess, slot->inputs[index].mutable_view().as<float>());
  }

  Result<Image> ImageOfFile(const std::string& path, StageTimes* times) const {
    Result<std::vector<uint8_t>> bytes = [&] {
      const Timer timer(&times->read_s);
      return ReadImageFile(path);
    }();
    if (!bytes.ok()) return bytes.status();
    const Timer timer(&times->decode_s);
    return DecodeImage(*bytes, options_.decode);
  }

  static Result<Image> ImageOfArray(const Tensor& array, StageTimes* times) {
    const Timer timer(&times->read_s);
    FP_ASSIGN_OR_RETURN(const Tensor dense, array.Contiguous());
    const int64_t channels = dense.sizes()[2];
    FP_ASSIGN_OR_RETURN(Image image, Image::Allocate(dense.sizes()[0], dense.sizes()[1], channels == 1 ? 1 : 3));
    const uint8_t* from = dense.view().as<uint8_t>();
    for (int64_t i = 0; i < image.height * image.width; i++, from += channels) {
      std::memcpy(image.pixels.get() + i * image.channels, from, static_cast<size_t>(image.channels));
    }
    return image;
  }

  Status Infer() {
    for (size_t number = 0;; number++) {
      const Clock::time_point before = Clock::now();
      const bool more = Await(number, Slot::State::kReady);
      times_->wait_s += Since(before);
      if (!more) return OkStatus();
      {
        const Timer timer(&times_->infer_s);
        FP_RETURN_IF_ERROR(InferSlot(&At(number)));
      }
      Set(number, Slot::State::kDone);
    }
  }

  Status InferSlot(Slot* slot) {
    const size_t n = slot->outcomes.size();
    std::map<std::vector<int64_t>, std::vector<size_t>> groups;  // by an input's sizes
    bool all_in_slab = slot->slab.defined();
    for (size_t i = 0; i < n; i++) {
      if (!slot->inputs[i].defined()) continue;
      groups[slot->inputs[i].sizes().ToVector()].push_back(i);
      all_in_slab = all_in_slab && slot->in_slab[i];
    }
    if (groups.empty()) return OkStatus();
    if (all_in_slab) {
      const int64_t row = slot->slab.strides()[0];
      for (size_t i = 0; i < n; i++) {  // what an earlier batch left in rows that nobody filled
        if (!slot->inputs[i].defined()) std::memset(slot->slab.mutable_view().as<float>() + static_cast<int64_t>(i) * row, 0, static_cast<size_t>(row) * sizeof(float));
      }
      Dims sizes = slot->slab.sizes();
      sizes[0] = static_cast<int64_t>(n);
      std::vector<size_t> rows(n);
      for (size_t i = 0; i < n; i++) rows[i] = i;
      return RunGroup(slot, rows, slot->slab.AsStrided(sizes, slot->slab.strides(), 0));
    }
    for (const auto& [row_sizes, rows] : groups) {
      Dims sizes(row_sizes);
      sizes[0] = static_cast<int64_t>(rows.size());
      FP_ASSIGN_OR_RETURN(Tensor input, Tensor::Zeros(DType::kF32, sizes));
      const int64_t row = slot->inputs[rows[0]].numel();
      for (size_t r = 0; r < rows.size(); r++) {
        std::memcpy(input.mutable_view().as<float>() + static_cast<int64_t>(r) * row, slot->inputs[rows[r]].view().as<float>(),
                    static_cast<size_t>(row) * sizeof(float));
      }
      FP_RETURN_IF_ERROR(RunGroup(slot, rows, input));
    }
    return OkStatus();
  }

  // Runs input: f32[rows.size(),...] and hands its rows' outputs out. What the model does not take is its items' error.
  Status RunGroup(Slot* slot, const std::vector<size_t>& rows, const Tensor& input) {
    auto outputs = session_.Run(std::span(&input, 1));
    Status status = outputs.status();
    if (!status.ok() && status.error().code != ErrorCode::kBadInput) return status;
    if (status.ok() && ((*outputs)[0].rank() == 0 || (*outputs)[0].sizes()[0] != input.sizes()[0])) {
      status = BadInput("model", "an output " + (*outputs)[0].ToString() + " for " + std::to_string(rows.size()) + " inputs", "a row each");
    }
    for (size_t r = 0; r < rows.size(); r++) {
      Outcome& outcome = slot->outcomes[rows[r]];
      if (!outcome.error.ok()) continue;
      outcome.error = status;
      if (!status.ok()) continue;
      const Tensor& all = (*outputs)[0];
      Dims sizes = all.sizes(), strides = all.strides();
      sizes.erase(0);
      strides.erase(0);
      outcome.output = all.AsStrided(sizes, strides, all.offset() + static_cast<int64_t>(r) * all.strides()[0]);
    }
    return OkStatus();
  }

  Status Write(const std::function<Status(std::vector<Outcome>)>& write) {
    for (size_t number = 0;; number++) {
      if (!Await(number, Slot::State::kDone)) return OkStatus();
      Slot& slot = At(number);
      std::vector<Outcome> outcomes = std::move(slot.outcomes);
      slot.outcomes = {};
      Set(number, Slot::State::kFree);
      const Timer timer(&times_->write_s);
      FP_RETURN_IF_ERROR(write(std::move(outcomes)));
    }
  }

  ItemSource source_;
  Session& session_;
  const PipelineOptions& options_;
  StageTimes* times_;

  std::mutex mutex_;  // of everything below, and of slots' states and counts
  std::condition_variable changed_;
  Slot ring_[kRing];
  size_t fed_ = 0;                                           // batches that the feeder has handed on
  size_t batches_ = std::numeric_limits<size_t>::max();      // in all, once known
  bool stopped_ = false;
  Status failure_;
};

}  // namespace

Result<std::vector<uint8_t>> ReadImageFile(const std::string& path) {
  // Nobody may be at the other end of a pipe; a regular file does not care.
  const int fd = open(path.c_str(), O_RDONLY | O_CLOEXEC | O_NONBLOCK | O_NOCTTY);
  if (fd < 0) return IoError("", std::strerror(errno));
  struct Close {
    int fd;
    ~Close() { close(fd); }
  } closer{fd};
  struct stat info;
  if (fstat(fd, &info) != 0) return IoError("", std::strerror(errno));
  if (!S_ISREG(info.st_mode)) return Status(Error{ErrorCode::kIo, "", "", S_ISDIR(info.st_mode) ? "a folder" : "no regular file", "an image", ""});
  if (static_cast<uint64_t>(info.st_size) > kMaxImageFileBytes) {
    return LimitExceeded("", std::to_string(info.st_size) + " bytes", "at most " + std::to_string(kMaxImageFileBytes));
  }
  std::vector<uint8_t> bytes(static_cast<size_t>(info.st_size));
  size_t have = 0;
  while (have < bytes.size()) {
    const ssize_t got = read(fd, bytes.data() + have, bytes.size() - have);
    if (got < 0 && errno == EINTR) continue;
    if (got < 0) return IoError("", std::strerror(errno));
    if (got == 0) break;  // it became shorter
    have += static_cast<size_t>(got);
  }
  bytes.resize(have);
  return bytes;
}

Status RunPipeline(ItemSource source, size_t skip, Session& session, const PipelineOptions& options,
                   const std::function<Status(std::vector<Outcome>)>& write, StageTimes* times) {
  return Pipeline(std::move(source), session, options, times).Run(skip, write);
}

}  // namespace fusepack
