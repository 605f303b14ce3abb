// Status and Result<T>: how everything that can be wrong with an input is answered.
//
// An error carries the four things that its one line must name -- file, place, what was found, what was
// expected -- and the exit status of the command. Values are immutable and cheap to move; any thread may
// read one. Functions that return them never throw.
#pragma once

#include <memory>
#include <optional>
#include <string>
#include <utility>

#include "kernels/base/check.h"

namespace fusepack {

// The numbers are the command's exit statuses (sysexits where one exists).
enum class ErrorCode {
  kVerifyFailed = 1,     // a verification or comparison failed
  kUsage = 2,            // the command line
  kBadInput = 65,        // a package, archive, source or input file
  kNoDevice = 69,        // device not available
  kInternal = 70,        // our own fault
  kLimit = 71,           // out of memory, or over a limit
  kIo = 74,              // reading or writing failed
  kDevicePoisoned = 75,  // the GPU context is unusable; restart
  kInterrupted = 130,
};

struct Error {
  ErrorCode code = ErrorCode::kInternal;
  std::string file;       // "model.pt", "torchvision/models/resnet.py"; may be empty
  std::string where;      // "12:9", "record 'data.pkl' offset 17", "layer1.0.conv1"; may be empty
  std::string found;      // what was found: "negative stride -1"
  std::string expected;   // what was expected; empty where nothing better than "not this" can be said
  std::string traceback;  // packaged-source traceback, a line a frame, innermost last; empty elsewhere

  // "<file>: <where>: <found>, expected <expected>", leaving out what is empty.
  std::string ToString() const;
};

class [[nodiscard]] Status {
 public:
  Status() = default;  // ok
  Status(Error error) : error_(std::make_shared<const Error>(std::move(error))) {}

  bool ok() const { return error_ == nullptr; }
  const Error& error() const {
    FP_CHECK(!ok());
    return *error_;
  }
  std::string ToString() const { return ok() ? "ok" : error_->ToString(); }

 private:
  std::shared_ptr<const Error> error_;
};

inline Status OkStatus() { return Status(); }

// The usual errors. `file` may be left empty by a layer that does not know it; the caller who does fills it
// in with WithFile.
Status BadInput(std::string where, std::string found, std::string expected = "");
Status LimitExceeded(std::string where, std::string found, std::string expected = "");
Status IoError(std::string file, std::string found);
Status Unsupported(std::string where, std::string found, std::string expected = "");  // exit status 65
Status UsageError(std::string found, std::string expected = "");
Status InternalError(std::string found);

// `status` with `file` filled in where it is empty.
Status WithFile(Status status, const std::string& file);
// `status` with `where` put before its own place ("layer1.conv1: argument 2").
Status WithPlace(Status status, const std::string& where);

template <typename T>
class [[nodiscard]] Result {
 public:
  Result(T value) : value_(std::move(value)) {}
  Result(Status status) : status_(std::move(status)) { FP_CHECK(!status_.ok()); }
  Result(Error error) : status_(std::move(error)) {}

  bool ok() const { return value_.has_value(); }
  const Status& status() const { return status_; }
  const Error& error() const { return status_.error(); }

  T& value() & {
    if (!ok()) internal::CheckFailed(__FILE__, __LINE__, "value() of an error: " + status_.ToString());
    return *value_;
  }
  const T& value() const& { return const_cast<Result*>(this)->value(); }
  T&& value() && { return std::move(value()); }
  T& operator*() & { return value(); }
  const T& operator*() const& { return value(); }
  T&& operator*() && { return std::move(value()); }
  T* operator->() { return &value(); }
  const T* operator->() const { return &value(); }

 private:
  std::optional<T> value_;
  Status status_;
};

}  // namespace fusepack

#define FP_CONCAT_INNER(a, b) a##b
#define FP_CONCAT(a, b) FP_CONCAT_INNER(a, b)

// Returns the error of a Status expression from the enclosing function.
#define FP_RETURN_IF_ERROR(expr) \
  do { \
    ::fusepack::Status fp_status = (expr); \
    if (!fp_status.ok()) return fp_status; \
  } while (false)

// FP_ASSIGN_OR_RETURN(auto x, MakeX()): x, or the enclosing function returns the error.
#define FP_ASSIGN_OR_RETURN(lhs, expr) FP_ASSIGN_OR_RETURN_IMPL(FP_CONCAT(fp_result_, __LINE__), lhs, expr)
#define FP_ASSIGN_OR_RETURN_IMPL(tmp, lhs, expr) \
  auto tmp = (expr); \
  if (!tmp.ok()) return tmp.status(); \
  lhs = std::move(tmp).value()
