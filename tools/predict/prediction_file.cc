#include "tools/predict/prediction_file.h"

#include <fcntl.h>
#include <sys/file.h>
#include <sys/stat.h>
#include <unistd.h>

#include <algorithm>
#include <cerrno>
#include <cstring>
#include <filesystem>
#include <limits>

#include "package_format/mapped_file.h"
#include "package_format/npy/npy.h"

namespace fusepack {
namespace {

constexpr size_t kReadBytes = 1 << 20;           // of a file that is gone through again
constexpr size_t kMaxLineBytes = 16 << 20;       // a line of a damaged file is not looked for any further
constexpr size_t kMaxNpyStart = npy::kMaxHeaderBytes + 16;

std::string FolderOf(const std::string& path) {
  const size_t slash = path.rfind('/');
  return slash == std::string::npos ? "." : slash == 0 ? "/" : path.substr(0, slash);
}

// Bytes of the first line with its newline, 0 where it is not whole.
size_t LineBytes(std::string_view text, bool csv) {
  if (csv) return CsvRecordBytes(text);
  const size_t end = text.find('\n');
  return end == std::string_view::npos ? 0 : end + 1;
}

}  // namespace

PredictionFile::Stream::~Stream() {
  if (fd >= 0 && fd != STDOUT_FILENO) close(fd);
}

Status PredictionFile::Stream::Open(const std::string& to, bool resume) {
  path = to;
  if (path.empty()) {
    fd = STDOUT_FILENO;
    direct = true;
    path = "standard output";
    return OkStatus();
  }
  struct stat info;
  if (stat(path.c_str(), &info) == 0 && !S_ISREG(info.st_mode)) {
    if (S_ISDIR(info.st_mode)) return IoError(path, "is a directory, expected the name of a file");
    direct = true;
    fd = open(path.c_str(), O_WRONLY | O_CLOEXEC);
    return fd >= 0 ? OkStatus() : IoError(path, std::strerror(errno));
  }
  partial = path + ".partial";
  fd = open(partial.c_str(), O_RDWR | O_CREAT | O_CLOEXEC, 0666);
  if (fd < 0) return IoError(partial, std::strerror(errno));
  if (flock(fd, LOCK_EX | LOCK_NB) != 0) return IoError(partial, "another run is writing it");
  if (!resume) return ftruncate(fd, 0) == 0 ? OkStatus() : IoError(partial, std::strerror(errno));
  struct stat own;
  if (fstat(fd, &own) != 0) return IoError(partial, std::strerror(errno));
  if (own.st_size == 0 && stat(path.c_str(), &info) == 0) {
    // A finished file: it is gone on with as a copy, so that it stays until the new one is whole.
    std::error_code error;
    std::filesystem::copy_file(path, partial, std::filesystem::copy_options::overwrite_existing, error);
    if (error) return IoError(partial, error.message());
  }
  return OkStatus();
}

Status PredictionFile::Stream::Write(std::string_view bytes) {
  while (!bytes.empty()) {
    const ssize_t n = write(fd, bytes.data(), bytes.size());
    if (n < 0 && errno == EINTR) continue;
    if (n < 0) return IoError(direct ? path : partial, std::strerror(errno));
    bytes.remove_prefix(static_cast<size_t>(n));
  }
  return OkStatus();
}

Status PredictionFile::Stream::CutAt(uint64_t size) {
  if (ftruncate(fd, static_cast<off_t>(size)) != 0 || lseek(fd, static_cast<off_t>(size), SEEK_SET) < 0) return IoError(partial, std::strerror(errno));
  return OkStatus();
}

Status PredictionFile::Stream::Publish() {
  if (direct) return OkStatus();
  if (fsync(fd) != 0 || rename(partial.c_str(), path.c_str()) != 0) return IoError(path, std::strerror(errno));
  const int folder = open(FolderOf(path).c_str(), O_RDONLY | O_DIRECTORY | O_CLOEXEC);
  if (folder >= 0) {
    fsync(folder);
    close(folder);
  }
  return OkStatus();
}

PredictionFile::~PredictionFile() = default;

Result<std::unique_ptr<PredictionFile>> PredictionFile::Open(const std::string& path, PredictionKind kind, const LineFormat& format, bool resume,
                                                             const std::function<std::optional<Item>()>& next) {
  std::unique_ptr<PredictionFile> file(new PredictionFile(kind, format));
  file->format_.csv = kind == PredictionKind::kCsv;
  const bool npy = kind == PredictionKind::kNpy;
  FP_RETURN_IF_ERROR(file->lines_.Open(npy ? path + ".jsonl" : path, resume));
  if (npy) FP_RETURN_IF_ERROR(file->rows_.Open(path, resume));
  if (resume && (file->lines_.direct || file->rows_.direct)) return UsageError("--resume for " + path, "a regular file");
  if (npy && file->rows_.direct) return UsageError("-o " + path, "a regular file for an array");
  if (resume) {
    std::vector<uint64_t> ends;
    FP_RETURN_IF_ERROR(file->ReadDoneLines(next, &ends));
    if (npy) FP_RETURN_IF_ERROR(file->ReadDoneRows(&ends));
    file->done_ = file->total_ = ends.empty() ? 0 : ends.size() - 1;
    FP_RETURN_IF_ERROR(file->lines_.CutAt(ends.empty() ? 0 : ends.back()));
    file->failed_ = static_cast<size_t>(std::count(file->line_failed_.begin(), file->line_failed_.begin() + static_cast<std::ptrdiff_t>(file->done_), true));
    if (!ends.empty()) return file;
  }
  FP_RETURN_IF_ERROR(file->lines_.Write(npy ? "" : file->format_.Header()));
  return file;
}

// ends: where the header and then each whole line ends; empty if not even the header is there. Each line must be of the item
// whose turn it is: anything else is not the file that this run would have written.
Status PredictionFile::ReadDoneLines(const std::function<std::optional<Item>()>& next, std::vector<uint64_t>* ends) {
  const bool csv = kind_ == PredictionKind::kCsv;
  const std::string header = kind_ == PredictionKind::kNpy ? "" : format_.Header();
  std::string text;
  uint64_t at = 0;
  const auto other = [&](std::string found, std::string expected) {
    return Status(Error{ErrorCode::kBadInput, lines_.partial, "line " + std::to_string(ends->size() + csv), std::move(found),
                        std::move(expected) + " (--resume needs the same files, model and options)", ""});
  };
  if (header.empty()) ends->push_back(0);
  while (true) {
    const size_t had = text.size();
    text.resize(had + kReadBytes);
    const ssize_t got = pread(lines_.fd, text.data() + had, kReadBytes, static_cast<off_t>(at + had));
    if (got < 0) return IoError(lines_.partial, std::strerror(errno));
    text.resize(had + static_cast<size_t>(got));
    size_t taken = 0;
    while (const size_t size = LineBytes(std::string_view(text).substr(taken), csv)) {
      const std::string_view line = std::string_view(text).substr(taken, size);
      if (ends->empty()) {
        if (line != header) return other("other columns", "those of this run");
      } else {
        const auto key = csv ? ParseCsvLine(line) : ParseJsonLine(line);
        if (!key) return OkStatus();  // bytes that never reached the disk; everything from here on is done again
        const auto item = next();
        if (!item) return other("'" + key->file + "'", "no more lines");
        if (PrintableName(item->file) != key->file || item->row != key->row) {
          return other("'" + key->file + "'" + (key->row >= 0 ? " row " + std::to_string(key->row) : ""),
                       "'" + PrintableName(item->file) + "'" + (item->row >= 0 ? " row " + std::to_string(item->row) : ""));
        }
        line_failed_.push_back(key->failed);
      }
      taken += size;
      ends->push_back(at + taken);
    }
    text.erase(0, taken);
    at += taken;
    if (got == 0 || text.size() > kMaxLineBytes) return OkStatus();
  }
}

// Cuts lines and rows to what both have.
Status PredictionFile::ReadDoneRows(std::vector<uint64_t>* line_ends) {
  std::vector<uint8_t> start(kMaxNpyStart);
  const ssize_t got = pread(rows_.fd, start.data(), start.size(), 0);
  struct stat info;
  if (got < 0 || fstat(rows_.fd, &info) != 0) return IoError(rows_.partial, std::strerror(errno));
  const auto parsed = npy::ParseNpyStart(std::span(start).first(static_cast<size_t>(got)));
  size_t done = line_ends->size() - 1;
  if (!parsed.ok() || parsed->sizes.size() == 0) {
    // No row was known yet: only failed items are done.
    done = static_cast<size_t>(std::find(line_failed_.begin(), line_failed_.end(), false) - line_failed_.begin());
    rows_owed_ = done;
    FP_RETURN_IF_ERROR(rows_.CutAt(0));
  } else {
    Dims sizes = parsed->sizes;
    sizes.erase(0);
    const CheckedI64 row_bytes = CheckedNumel(sizes) * static_cast<int64_t>(ItemSize(parsed->dtype));
    if (!row_bytes.ok() || row_bytes.value() <= 0) return WithFile(BadInput("header", parsed->sizes.ToString(), "rows that hold something"), rows_.partial);
    row_ = InputSpec{parsed->dtype, sizes};
    done = std::min(done, (static_cast<size_t>(info.st_size) - parsed->header_bytes) / static_cast<size_t>(row_bytes.value()));
    FP_RETURN_IF_ERROR(rows_.CutAt(parsed->header_bytes + done * static_cast<size_t>(row_bytes.value())));
  }
  line_ends->resize(done + 1);
  return OkStatus();
}

std::string PredictionFile::NpyHeader(size_t rows) const {
  Dims sizes = row_ ? row_->sizes : Dims{0};
  sizes.insert(0, static_cast<int64_t>(rows));
  return npy::NpyHeader(row_ ? row_->dtype : DType::kF32, sizes);
}

Status PredictionFile::AppendRows(const std::vector<Outcome>& outcomes) {
  std::string bytes;
  const auto fill = [&] {  // a failed item's row
    const size_t n = static_cast<size_t>(Numel(row_->sizes));
    if (row_->dtype == DType::kF32) {
      const std::vector<float> none(n, std::numeric_limits<float>::quiet_NaN());
      bytes.append(reinterpret_cast<const char*>(none.data()), n * sizeof(float));
    } else {
      bytes.append(n * ItemSize(row_->dtype), '\0');
    }
  };
  for (const Outcome& outcome : outcomes) {
    if (outcome.error.ok()) {
      FP_ASSIGN_OR_RETURN(const Tensor dense, outcome.output.Contiguous());
      if (!row_) {
        row_ = InputSpec{dense.dtype(), dense.sizes()};
        bytes += NpyHeader(0);
        for (; rows_owed_ > 0; rows_owed_--) fill();
      }
      bytes.append(static_cast<const char*>(dense.view().data), static_cast<size_t>(dense.numel()) * ItemSize(dense.dtype()));
    } else if (row_) {
      fill();
    } else {
      rows_owed_++;
    }
  }
  return rows_.Write(bytes);
}

Status PredictionFile::Append(std::vector<Outcome> outcomes) {
  const bool npy = kind_ == PredictionKind::kNpy;
  if (npy) {
    std::optional<InputSpec> expected = row_;  // the first row says what all are like
    for (Outcome& outcome : outcomes) {
      if (!outcome.error.ok()) continue;
      const InputSpec row{outcome.output.dtype(), outcome.output.sizes()};
      if (NumpyDescr(row.dtype).empty() || outcome.output.numel() == 0) {
        outcome.error = BadInput("output", outcome.output.ToString(), "one that a .npy can hold");
      } else if (expected && !(row == *expected)) {
        outcome.error = BadInput("output", outcome.output.ToString(), expected->sizes.ToString() + ", as the rows before");
      } else {
        expected = row;
      }
    }
    FP_RETURN_IF_ERROR(AppendRows(outcomes));
  }
  std::string lines;
  for (Outcome& outcome : outcomes) {
    lines += npy ? LineFormat::IndexLine(outcome) : format_.Line(&outcome);
    failed_ += !outcome.error.ok();
  }
  total_ += outcomes.size();
  return lines_.Write(lines);
}

Status PredictionFile::Finish() {
  if (kind_ == PredictionKind::kNpy) {
    const std::string header = NpyHeader(total_);
    if (pwrite(rows_.fd, header.data(), header.size(), 0) != static_cast<ssize_t>(header.size())) return IoError(rows_.partial, std::strerror(errno));
  }
  FP_RETURN_IF_ERROR(lines_.Publish());
  return kind_ == PredictionKind::kNpy ? rows_.Publish() : OkStatus();
}

}  // namespace fusepack
