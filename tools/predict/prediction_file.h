// PredictionFile: where lines (and, for .npy, rows) of predictions go, so that an interrupted run can go on.
//
// Until Finish, everything is in `<path>.partial`, which only ever grows; Finish makes it `<path>` by rename. A run that is
// killed leaves `.partial` with whole lines and at most one torn one, which Resume cuts off. A .npy has beside it
// `<path>.jsonl`, a line a row that names the file and, where there is one, the error (whose row is NaN, or 0 of integers).
// Lines follow rows, so what counts as done is what has both. Another run that writes the same file is refused (flock).
//
// A path that is no regular file (a pipe, /dev/stdout), or "", which is standard output, is written directly and cannot be
// resumed. Errors: kIo, kBadInput for a file that is of other predictions. One thread at a time.
#pragma once

#include <cstdint>
#include <functional>
#include <memory>
#include <optional>
#include <string>

#include "tools/predict/predictions.h"

namespace fusepack {

enum class PredictionKind { kJsonLines, kCsv, kNpy };

class PredictionFile {
 public:
  // resume: go on with `.partial`, or with the finished file where there is none. next: the items in order, to hold what is
  // there against; it is called once for each line that is there.
  static Result<std::unique_ptr<PredictionFile>> Open(const std::string& path, PredictionKind kind, const LineFormat& format, bool resume,
                                                      const std::function<std::optional<Item>()>& next);
  ~PredictionFile();

  size_t done() const { return done_; }      // items that were there when it was opened
  size_t failed() const { return failed_; }  // of all so far

  Status Append(std::vector<Outcome> outcomes);
  Status Finish();

 private:
  struct Stream {  // a file that grows
    std::string path, partial;
    int fd = -1;
    bool direct = false;
    Status Open(const std::string& path, bool resume);
    Status Write(std::string_view bytes);
    Status CutAt(uint64_t size);
    Status Publish();
    ~Stream();
  };
  PredictionFile(PredictionKind kind, const LineFormat& format) : kind_(kind), format_(format) {}
  Status ReadDoneLines(const std::function<std::optional<Item>()>& next, std::vector<uint64_t>* ends);
  Status ReadDoneRows(std::vector<uint64_t>* line_ends);
  Status AppendRows(const std::vector<Outcome>& outcomes);
  std::string NpyHeader(size_t rows) const;

  PredictionKind kind_;
  LineFormat format_;
  Stream lines_, rows_;
  std::vector<bool> line_failed_;  // of lines that were there
  size_t done_ = 0, failed_ = 0, total_ = 0;
  std::optional<InputSpec> row_;   // of a .npy, once a row is known
  size_t rows_owed_ = 0;           // of failed items before that
};

}  // namespace fusepack
