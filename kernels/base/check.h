// CHECK: a promise of our own code that must hold. A broken one prints both values and the place, then aborts.
//
// Never for input: bytes that came from a file, an archive's source or a command line give a Status (status.h).
#pragma once

#include <cstdio>
#include <cstdlib>
#include <sstream>
#include <string>

namespace fusepack::internal {

[[noreturn]] inline void CheckFailed(const char* file, int line, const std::string& what) {
  std::fprintf(stderr, "fusepack: internal error: %s:%d: %s\n", file, line, what.c_str());
  std::abort();
}

template <typename A, typename B>
std::string CheckText(const char* text, const A& a, const B& b) {
  std::ostringstream out;
  out << "CHECK failed: " << text << " (" << a << " against " << b << ")";
  return out.str();
}

}  // namespace fusepack::internal

#define FP_CHECK(cond) \
  do { \
    if (!(cond)) ::fusepack::internal::CheckFailed(__FILE__, __LINE__, "CHECK failed: " #cond); \
  } while (false)

#define FP_CHECK_OP(op, a, b) \
  do { \
    const auto& fp_check_a = (a); \
    const auto& fp_check_b = (b); \
    if (!(fp_check_a op fp_check_b)) \
      ::fusepack::internal::CheckFailed(__FILE__, __LINE__, \
                                        ::fusepack::internal::CheckText(#a " " #op " " #b, fp_check_a, fp_check_b)); \
  } while (false)

#define FP_CHECK_EQ(a, b) FP_CHECK_OP(==, a, b)
#define FP_CHECK_NE(a, b) FP_CHECK_OP(!=, a, b)
#define FP_CHECK_LT(a, b) FP_CHECK_OP(<, a, b)
#define FP_CHECK_LE(a, b) FP_CHECK_OP(<=, a, b)
#define FP_CHECK_GT(a, b) FP_CHECK_OP(>, a, b)
#define FP_CHECK_GE(a, b) FP_CHECK_OP(>=, a, b)
