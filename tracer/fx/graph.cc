#include "tracer/fx/graph.h"

namespace fusepack::fx {

const char* NodeOpName(NodeOp op) {
  static constexpr const char* kNames[] = {"placeholder", "get_attr", "call_function", "call_method", "call_module", "output"};
  return kNames[static_cast<int>(op)];
}

std::string Node::target_text() const {
  const py::Str* text = target.As<py::Str>();
  FP_CHECK(text != nullptr);
  return text->text();
}

void VisitNodes(const py::Value& argument, const std::function<void(Node*)>& f) {
  if (Node* node = argument.As<Node>()) {
    f(node);
  } else if (const auto* tuple = argument.As<py::Tuple>()) {
    for (const py::Value& item : tuple->items()) VisitNodes(item, f);
  } else if (const auto* list = argument.As<py::List>()) {
    for (const py::Value& item : list->items()) VisitNodes(item, f);
  } else if (const auto* dict = argument.As<py::Dict>()) {
    for (const auto& entry : dict->table.entries()) {
      if (entry.key) VisitNodes(entry.value, f);
    }
  } else if (const auto* slice = argument.As<py::Slice>()) {
    for (const py::Value* part : {&slice->start, &slice->stop, &slice->step}) VisitNodes(*part, f);
  }
}

Node* Graph::CreateNode(py::Interpreter& in, NodeOp op, py::Value target, py::Value args, py::Value kwargs,
                        const std::string& name, py::Value type) {
  auto node = in.New<Node>(in.State<Types>().node);
  node->op = op;
  std::string candidate = name;
  if (candidate.empty()) {
    const py::Str* text = target.As<py::Str>();
    candidate = NameForTarget(text != nullptr ? text->text() : in.ToStr(in.GetAttr(target, "__name__")));
  }
  node->name = names_.CreateName(std::move(candidate));
  node->target = std::move(target);
  node->args = std::move(args);
  node->kwargs = std::move(kwargs);
  node->type = std::move(type);
  const py::Position at = in.CurrentPosition();
  if (at.line > 0) node->where = at.file + ":" + std::to_string(at.line) + ":" + std::to_string(at.column);
  nodes_.push_back(node);
  return node.get();
}

Types::Types(py::Interpreter& in) {
  py::NativeType definition;
  definition.name = "Node";
  definition.module = "torch.fx.node";
  definition.subclassable = false;
  node = in.DefineType(definition);
  definition.name = "Graph";
  definition.module = "torch.fx.graph";
  graph = in.DefineType(definition);
}

}  // namespace fusepack::fx
