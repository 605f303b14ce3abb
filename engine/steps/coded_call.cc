#include "engine/steps/coded_call.h"

#include <algorithm>

#include "engine/ops/fused_ops.h"

namespace fusepack {
namespace {

bool Codes(const Node& node) { return node.op == &EncodeOp() || node.op == &DecodeOp(); }

float ScaleArg(const Node& node) {
  const double* scale = FindArg<double>(node, "scale");
  return scale == nullptr ? 1 : static_cast<float>(*scale);
}

// What an operand looks like to f32 kernels.
Operand Widened(Operand operand) {
  operand.dtype = DType::kF32;
  return operand;
}

}  // namespace

Result<std::unique_ptr<CodedCall>> CodedCall::Read(const StepCall& call) {
  if (!call.node.region) return NotHandled("no region");
  const Graph& region = *call.node.region;
  if (std::none_of(region.nodes.begin(), region.nodes.end(), Codes)) return NotHandled("no narrow operand");
  std::unique_ptr<CodedCall> read(new CodedCall());
  read->body_ = std::make_shared<Graph>();
  Graph& body = *read->body_;
  body.name = region.name;
  body.values = region.values;

  std::vector<int> input_of(region.values.size(), -1);  // region input number by value
  for (size_t i = 0; i < region.inputs.size(); i++) input_of[region.inputs[i]] = static_cast<int>(i);
  struct Source {
    int input = -1;
    CodedOperand operand;
  };
  std::vector<Source> source(region.values.size());  // of what a decode node makes, and of plain inputs
  std::vector<const Node*> encoder(region.values.size(), nullptr);
  for (size_t i = 0; i < region.inputs.size(); i++) {
    source[region.inputs[i]] = {static_cast<int>(i), {{call.in[i].dtype, 1}, call.in[i].constant, nullptr}};
  }
  for (const Node& node : region.nodes) {
    if (node.op == &DecodeOp()) {
      const ValueId x = node.Inputs()[0];
      if (input_of[x] < 0) return NotHandled("decoding inside");
      Source s = source[x];
      s.operand.coding.scale = ScaleArg(node);
      if (const ValueRef* scales = FindArg<ValueRef>(node, "scales")) {
        if (input_of[scales->id] < 0) return NotHandled("computed scales");
        s.operand.scales = call.in[input_of[scales->id]].constant;
        if (s.operand.scales == nullptr || s.operand.codes == nullptr) return NotHandled("computed scales");
      }
      if (s.operand.codes != nullptr) {
        std::vector<Tensor> tensors = {*s.operand.codes};
        if (s.operand.scales == nullptr && s.operand.coding == kernels::Coding{DType::kBF16, 1}) {
          FP_ASSIGN_OR_RETURN(Tensor wide, tensors[0].To(DType::kF32));
          read->decoded_.push_back(std::move(wide));
          body.constants[node.outputs[0]] = read->decoded_.back();
          source[node.outputs[0]] = s;
          continue;
        }
        std::vector<Arg> args = {ValueRef{0}, static_cast<double>(s.operand.coding.scale), Arg()};
        if (s.operand.scales != nullptr) {
          tensors.push_back(*s.operand.scales);
          args[2] = ValueRef{1};
        }
        FP_ASSIGN_OR_RETURN(std::vector<Tensor> made, EvalOp(DecodeOp(), args, tensors));
        read->decoded_.push_back(std::move(made[0]));
        body.constants[node.outputs[0]] = read->decoded_.back();
      }
      source[node.outputs[0]] = s;
    } else if (node.op == &EncodeOp()) {
      encoder[node.outputs[0]] = &node;
    } else {
      for (ValueId id : node.Inputs()) {
        if (encoder[id] != nullptr) return NotHandled("encoding inside");
      }
      body.nodes.push_back(node);
    }
  }
  for (const GraphOutput& output : region.outputs) {
    const Node* encode = encoder[output.id];
    CodedOperand operand;
    operand.coding.dtype = region.values[output.id].dtype;
    if (encode != nullptr) operand.coding.scale = ScaleArg(*encode);
    read->out_.push_back(operand);
    body.outputs.push_back({encode == nullptr ? output.id : encode->Inputs()[0], ""});
  }

  const auto operand_of = [&](ValueId id) {
    const Source& s = source[id];
    Operand operand = call.in[s.input];
    const auto constant = body.constants.find(id);
    if (constant != body.constants.end()) {
      operand.constant = &constant->second;
      operand.strides = constant->second.strides();
    }
    return region.values[id].dtype == DType::kF32 ? Widened(operand) : operand;
  };
  const auto add_input = [&](ValueId id) -> bool {
    if (source[id].input < 0) return false;
    read->in_.push_back(source[id].operand);
    read->outer_.push_back(source[id].input);
    return true;
  };
  if (body.nodes.empty()) {
    if (body.outputs.size() != 1 || !add_input(body.outputs[0].id)) return NotHandled("nothing between its codes");
    return read;
  }
  // The body's inputs: what its nodes read from outside.
  std::vector<bool> made(region.values.size());
  for (const Node& node : body.nodes) {
    for (ValueId id : node.Inputs()) {
      if (made[id] || std::find(body.inputs.begin(), body.inputs.end(), id) != body.inputs.end()) continue;
      body.inputs.push_back(id);
    }
    for (ValueId id : node.outputs) made[id] = true;
  }
  for (const GraphOutput& output : body.outputs) {
    if (!made[output.id]) return NotHandled("an output that nothing makes");
  }
  std::vector<ValueId> inputs;
  if (body.nodes.size() == 1) {
    read->node_ = body.nodes[0];
    inputs = read->node_.Inputs();
  } else {
    inputs = body.inputs;
    auto plain = std::make_shared<Graph>(body);
    plain->constants.clear();
    read->node_ = call.node;
    read->node_.region = plain;
    read->node_.args = {ValueList(inputs)};
    read->node_.outputs.clear();
    for (const GraphOutput& output : body.outputs) read->node_.outputs.push_back(output.id);
  }
  // Strides of inner values are those of the operands.
  read->inner_.reset(new StepCall{body, read->node_, {}, {}, call.target});
  for (ValueId id : inputs) {
    if (!add_input(id)) return NotHandled("an operand made inside");
    read->inner_->in.push_back(operand_of(id));
  }
  for (size_t i = 0; i < call.out.size(); i++) {
    const bool wide = body.values[body.outputs[i].id].dtype == DType::kF32;
    read->inner_->out.push_back(wide ? Widened(call.out[i]) : call.out[i]);
  }
  return read;
}

}  // namespace fusepack
