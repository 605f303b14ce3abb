#include "tools/cases.h"

#include <cstring>

#include "engine/run.h"
#include "engine/tolerance.h"
#include "tools/calibration.h"
#include "tracer/case_digests.h"

namespace fusepack::tools {

std::vector<Tensor> InputsOf(const ReferenceCase& reference) {
  std::vector<Tensor> inputs;
  for (const CaseTensor& t : reference.inputs) inputs.push_back(t.tensor);
  return inputs;
}

CaseTrace TraceOf(const ReferenceCase& reference) { return TraceFromDigests(reference.digests); }

Result<Tensor> RepeatRows(const Tensor& tensor, int64_t rows) {
  if (tensor.rank() == 0 || tensor.sizes()[0] == rows) return tensor;
  if (tensor.sizes()[0] == 0) return BadInput("batch", "a case without rows", "at least one to repeat");
  FP_ASSIGN_OR_RETURN(Tensor dense, tensor.Contiguous());
  Dims sizes = tensor.sizes();
  sizes[0] = rows;
  FP_ASSIGN_OR_RETURN(Tensor out, Tensor::Zeros(tensor.dtype(), sizes));
  const int64_t row_bytes = dense.numel() / dense.sizes()[0] * static_cast<int64_t>(ItemSize(dense.dtype()));
  const char* from = static_cast<const char*>(dense.view().data);
  char* to = static_cast<char*>(out.mutable_view().data);
  for (int64_t row = 0; row < rows; row++) std::memcpy(to + row * row_bytes, from + row % dense.sizes()[0] * row_bytes, row_bytes);
  return out;
}

Result<CaseVerdict> VerifyCase(const Package& package, const ReferenceCase& reference, const Target& target) {
  const Method* method = package.FindMethod(reference.method);
  if (method == nullptr) return BadInput("method", "'" + reference.method + "'", "a method of the package");
  const auto& declared = method->graph.outputs;
  if (declared.size() != reference.outputs.size()) {
    return BadInput("outputs", std::to_string(reference.outputs.size()), std::to_string(declared.size()) + ", as " + method->name + " returns");
  }
  const Target calibrated = TargetOf(*method, target);
  FP_ASSIGN_OR_RETURN(auto session, Session::Create(method->graph, calibrated));
  FP_ASSIGN_OR_RETURN(auto outputs, session->Run(InputsOf(reference)));
  FP_ASSIGN_OR_RETURN(Tolerance tolerance, DeriveTolerance(method->graph, calibrated, InputsOf(reference)));
  for (const CaseTolerance& own : reference.tolerances) {
    if (own.precision == NameOf(target.precision)) tolerance.relative = own.of_largest;
  }
  CaseVerdict verdict;
  verdict.passed = true;
  for (size_t i = 0; i < outputs.size(); i++) {
    auto comparison = CompareTensors(outputs[i], reference.outputs[i].tensor, tolerance);
    if (!comparison.ok()) return WithPlace(comparison.status(), "output " + std::to_string(i));
    verdict.passed &= comparison->passed;
    verdict.outputs.push_back({declared[i].path, std::move(*comparison)});
  }
  return verdict;
}

}  // namespace fusepack::tools
