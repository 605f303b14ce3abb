// Pointwise operators, one or a region of them, as a tile program: f32, any strides, operands broadcast.
#include <algorithm>
#include <numeric>

#include "engine/steps/region.h"
#include "engine/steps/step_list.h"
#include "engine/steps/tile_functions.h"

namespace fusepack {
namespace {

class PointwiseStep : public Step {
 public:
  // outer: the step's input that each of the program's inputs is.
  PointwiseStep(const kernels::TileProblem& problem, int in_place, std::vector<int> outer, std::string implementation)
      : program_(problem), in_place_(in_place), outer_(std::move(outer)), implementation_(std::move(implementation)) {}
  Status Run(const void* const* in, void* const* out, void*) const override {
    const void* inputs[kernels::kMaxTileValues];
    for (size_t i = 0; i < outer_.size(); i++) inputs[i] = in[outer_[i]];
    program_.Run(inputs, out[0]);
    return OkStatus();
  }
  std::string implementation() const override { return implementation_; }
  int in_place_input() const override { return in_place_; }

 private:
  const kernels::TileProgram program_;
  const int in_place_;
  const std::vector<int> outer_;
  const std::string implementation_;
};

}  // namespace

Result<std::unique_ptr<Step>> MakePointwise(const StepCall& call) {
  std::vector<int> outer(call.in.size());
  std::iota(outer.begin(), outer.end(), 0);
  return MakeCodedPointwise(call, std::vector<kernels::Coding>(call.in.size()), outer, {});
}

Result<std::unique_ptr<Step>> MakeCodedPointwise(const StepCall& call, const std::vector<kernels::Coding>& codings,
                                                 const std::vector<int>& outer, const kernels::Coding& output) {
  if (outer.size() > kernels::kMaxTileValues) return NotHandled("over 64 values");
  const std::shared_ptr<const Graph> region = RegionOf(call.node, call.graph);
  if (region->outputs.size() != 1) return NotHandled("several outputs");
  const Operand& out = call.out[0];
  kernels::TileProblem problem;
  problem.sizes = out.sizes;
  problem.output_strides = out.strides;
  problem.input_codings = codings;
  problem.output_coding = output;
  problem.level = call.target.cpu;
  std::vector<int> number(region->values.size(), -1);  // of every value, in the program
  int next = 0;
  for (size_t i = 0; i < region->inputs.size(); i++) {
    const Operand& in = call.in[i];
    const int lead = out.sizes.size() - in.sizes.size();
    if (in.dtype != DType::kF32 || lead < 0) return NotHandled("an operand of " + std::string(ShortName(in.dtype)));
    Dims strides(out.sizes.size(), 0);
    for (int d = 0; d < in.sizes.size(); d++) {
      if (in.sizes[d] != 1) strides[d + lead] = in.strides[d];
      if (in.sizes[d] != 1 && in.sizes[d] != out.sizes[d + lead]) return NotHandled("its sizes");
    }
    problem.input_strides.push_back(strides);
    number[region->inputs[i]] = next++;
  }
  std::vector<PointwiseCall> calls;
  for (const Node& node : region->nodes) {
    std::optional<PointwiseCall> read = ReadPointwise(*region, node);
    if (!read) return NotHandled(std::string(node.op->name));
    // Every step computes the output's sizes; a smaller one in between would be another loop.
    if (ToDims(region->values[node.outputs[0]].sizes) != out.sizes) return NotHandled("a smaller result inside");
    for (const PointwiseCall::Source& s : read->operands) {
      if (s.id == kNoValue) problem.constants.push_back(s.number);
    }
    calls.push_back(std::move(*read));
  }
  int constant = next;
  next += static_cast<int>(problem.constants.size());
  for (size_t i = 0; i < region->nodes.size(); i++) {
    kernels::TileInstruction instruction;
    instruction.function = FindTileFunction(region->nodes[i].op->name, call.target.cpu);
    if (instruction.function == nullptr) return NotHandled(std::string(region->nodes[i].op->name));
    for (const PointwiseCall::Source& s : calls[i].operands) {
      const int operand = s.id == kNoValue ? constant++ : number[s.id];
      if (operand < 0) return NotHandled("a constant inside");
      instruction.operands.push_back(operand);
    }
    std::copy_n(calls[i].scalars, 4, instruction.scalars);
    problem.instructions.push_back(std::move(instruction));
    number[region->nodes[i].outputs[0]] = next++;
  }
  if (next > kernels::kMaxTileValues) return NotHandled("over 64 values");
  problem.output = number[region->outputs[0].id];
  int in_place = -1;
  for (size_t i = 0; i < call.in.size() && in_place < 0; i++) {
    const bool alike = call.in[i].sizes == out.sizes && call.in[i].strides == out.strides && ItemSize(codings[i].dtype) == ItemSize(output.dtype);
    if (alike && !call.in[i].constant) in_place = outer[i];
  }
  std::string text = "tiles:" + CpuLevelName(std::min(call.target.cpu, CpuLevel::kAvx512));
  return std::unique_ptr<Step>(new PointwiseStep(problem, in_place, outer, std::move(text)));
}

}  // namespace fusepack
