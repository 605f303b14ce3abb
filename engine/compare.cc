#include "engine/compare.h"

#include <algorithm>
#include <cmath>
#include <cstdio>
#include <limits>

namespace fusepack {

Tolerance Fp32Tolerance() {
  return {2e-5, "f32 sums of some thousand products in another order differ by about 1e-6 of the largest output a layer"};
}

std::string Comparison::Agreement() const {
  char text[120];
  std::snprintf(text, sizeof text, "cosine %.6f", cosine);
  std::string out = text;
  if (rows > 0) {
    std::snprintf(text, sizeof text, ", top-1 agrees in %lld of %lld rows", static_cast<long long>(same_top), static_cast<long long>(rows));
    out += text;
  }
  return out;
}

std::string Comparison::ToString() const {
  char text[320];
  std::snprintf(text, sizeof text, "max abs error %.3g, max relative error %.3g at %s (%.9g against %.9g), tolerance %.3g: %s",
                max_abs_error, max_relative_error, where.ToString().c_str(), found, expected, tolerance.relative,
                passed ? "passed" : "FAILED");
  std::string out = text;
  if (mismatched_special > 0) out += " (" + std::to_string(mismatched_special) + " elements differ in NaN or infinity)";
  return out;
}

Result<Comparison> CompareTensors(const Tensor& found, const Tensor& expected, const Tolerance& tolerance) {
  const auto differ = [&](const std::string& a, const std::string& b) -> Status {
    Error error;
    error.code = ErrorCode::kVerifyFailed;
    error.found = a;
    error.expected = b;
    return Status(std::move(error));
  };
  const bool comparable = found.dtype() == expected.dtype() || (IsFloating(found.dtype()) && IsFloating(expected.dtype()));
  if (!comparable || found.sizes() != expected.sizes()) return differ(found.ToString(), expected.ToString());
  if (Category(found.dtype()) == 3) return Unsupported("", "complex outputs");
  FP_ASSIGN_OR_RETURN(const Tensor a, found.To(DType::kF64));
  FP_ASSIGN_OR_RETURN(const Tensor b, expected.To(DType::kF64));
  FP_ASSIGN_OR_RETURN(const Tensor dense_a, a.Contiguous());
  FP_ASSIGN_OR_RETURN(const Tensor dense_b, b.Contiguous());
  const double *x = dense_a.view().as<double>(), *y = dense_b.view().as<double>();
  Comparison out;
  out.tolerance = tolerance;
  double largest = 0, xx = 0, yy = 0, xy = 0;
  int64_t worst = -1;
  for (int64_t i = 0; i < dense_a.numel(); i++) {
    if (std::isfinite(y[i])) largest = std::max(largest, std::fabs(y[i]));
    if (std::isfinite(x[i]) && std::isfinite(y[i])) {
      xx += x[i] * x[i];
      yy += y[i] * y[i];
      xy += x[i] * y[i];
    }
    double error;
    if (std::isfinite(x[i]) && std::isfinite(y[i])) {
      error = std::fabs(x[i] - y[i]);
    } else if ((std::isnan(x[i]) && std::isnan(y[i])) || x[i] == y[i]) {
      error = 0;
    } else {
      error = std::numeric_limits<double>::infinity();
      out.mismatched_special++;
    }
    if (worst < 0 || error > out.max_abs_error) {
      worst = i;
      out.max_abs_error = error;
    }
  }
  out.cosine = xx > 0 && yy > 0 ? xy / std::sqrt(xx * yy) : xx == yy ? 1 : 0;
  if (found.rank() == 2 && found.sizes()[1] > 1) {
    const int64_t row = found.sizes()[1];
    out.rows = found.sizes()[0];
    for (int64_t r = 0; r < out.rows; r++) {
      const double *a_row = x + r * row, *b_row = y + r * row;
      out.same_top += std::max_element(a_row, a_row + row) - a_row == std::max_element(b_row, b_row + row) - b_row;
    }
  }
  if (worst >= 0) {
    out.found = x[worst];
    out.expected = y[worst];
    int64_t rest = worst;
    out.where = Dims(found.rank(), 0);
    for (int d = found.rank() - 1; d >= 0; d--) {
      out.where[d] = rest % found.sizes()[d];
      rest /= found.sizes()[d];
    }
  }
  out.max_relative_error = out.max_abs_error == 0 ? 0 : largest == 0 ? std::numeric_limits<double>::infinity()
                                                                     : out.max_abs_error / largest;
  out.passed = out.max_relative_error <= tolerance.relative;
  return out;
}

}  // namespace fusepack
