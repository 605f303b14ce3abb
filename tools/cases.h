// A package's reference cases as the engine's types, and the verdict on one.
#pragma once

#include <string>
#include <vector>

#include "engine/case_trace.h"
#include "engine/compare.h"
#include "engine/target.h"
#include "package_format/package.h"

namespace fusepack::tools {

struct OutputVerdict {
  std::string path;  // GraphOutput::path
  Comparison comparison;
};

struct CaseVerdict {
  std::vector<OutputVerdict> outputs;
  bool passed = false;
};

// Runs the case's method on its inputs. kBadInput where case and method do not fit each other.
Result<CaseVerdict> VerifyCase(const Package& package, const ReferenceCase& reference, const Target& target);

// A tensor with `rows` rows: the tensor's own, again from the first when they are used up. Itself at rank 0.
Result<Tensor> RepeatRows(const Tensor& tensor, int64_t rows);

std::vector<Tensor> InputsOf(const ReferenceCase& reference);
CaseTrace TraceOf(const ReferenceCase& reference);

}  // namespace fusepack::tools
