// CompareTensors: how far a tensor is from the one expected, where, and whether that is near enough.
//
// NaN matches NaN and an infinity matches itself; anything else against either is an infinite error.
#pragma once

#include <string>

#include "engine/target.h"
#include "engine/tensor.h"

namespace fusepack {

struct Tolerance {
  double relative = 0;  // of the largest |expected| that is finite
  std::string reason;   // why this much: one sentence for the report
};

// 2e-5. Outputs of trained networks are sums of products whose order differs between implementations. Other modes': from
// engine/tolerance.h.
Tolerance Fp32Tolerance();

struct Comparison {
  double max_abs_error = 0;
  double max_relative_error = 0;  // max_abs_error / largest |expected|; 0 where both are 0
  Dims where;                     // index of the largest error
  double found = 0, expected = 0; // the elements there
  int64_t mismatched_special = 0; // elements where NaN or infinity stands on one side only
  double cosine = 1;              // of the angle between the two, as vectors of their finite elements
  int64_t rows = 0, same_top = 0; // of rank 2: rows, and those whose largest elements stand in the same place
  Tolerance tolerance;
  bool passed = false;

  // "max abs error 1.2e-06, max relative error 4.0e-07 at [0,17] (1.5 against 1.5), tolerance 2e-05: passed"
  std::string ToString() const;
  std::string Agreement() const;  // "cosine 0.999912, top-1 agrees in 4 of 4 rows"
};

// kVerifyFailed where dtypes or sizes differ (f64 expected values are compared with any floating dtype).
Result<Comparison> CompareTensors(const Tensor& found, const Tensor& expected, const Tolerance& tolerance);

}  // namespace fusepack
