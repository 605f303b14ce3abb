// Checked arithmetic on numbers that came from a file: an overflow is remembered, never wrapped.
//
//   CheckedI64 bytes = CheckedI64(numel) * item_size + offset;
//   if (!bytes.ok() || bytes.value() > limit) return BadInput(...);
//
// Once invalid, every result made from it is invalid.
#pragma once

#include <cstdint>
#include <limits>

#include "kernels/base/check.h"

namespace fusepack {

class CheckedI64 {
 public:
  constexpr CheckedI64(int64_t value) : value_(value) {}
  // A uint64 from a file that does not fit is invalid from the start.
  static constexpr CheckedI64 FromU64(uint64_t value) {
    CheckedI64 out(static_cast<int64_t>(value));
    out.ok_ = value <= static_cast<uint64_t>(std::numeric_limits<int64_t>::max());
    return out;
  }

  bool ok() const { return ok_; }
  int64_t value() const {
    FP_CHECK(ok_);
    return value_;
  }
  // ok() and 0 <= value <= limit.
  bool Within(int64_t limit) const { return ok_ && value_ >= 0 && value_ <= limit; }

  friend CheckedI64 operator+(CheckedI64 a, CheckedI64 b) {
    CheckedI64 out(0);
    out.ok_ = !__builtin_add_overflow(a.value_, b.value_, &out.value_) && a.ok_ && b.ok_;
    return out;
  }
  friend CheckedI64 operator-(CheckedI64 a, CheckedI64 b) {
    CheckedI64 out(0);
    out.ok_ = !__builtin_sub_overflow(a.value_, b.value_, &out.value_) && a.ok_ && b.ok_;
    return out;
  }
  friend CheckedI64 operator*(CheckedI64 a, CheckedI64 b) {
    CheckedI64 out(0);
    out.ok_ = !__builtin_mul_overflow(a.value_, b.value_, &out.value_) && a.ok_ && b.ok_;
    return out;
  }
  CheckedI64& operator+=(CheckedI64 b) { return *this = *this + b; }
  CheckedI64& operator*=(CheckedI64 b) { return *this = *this * b; }

 private:
  int64_t value_;
  bool ok_ = true;
};

}  // namespace fusepack
