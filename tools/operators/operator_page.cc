#include "tools/operators/operator_page.h"

#include <algorithm>
#include <vector>

#include "engine/ops/op.h"
#include "engine/ops/pointwise.h"

namespace fusepack {
namespace {

// "|" ends a cell of a Markdown table, also inside code.
std::string Escaped(std::string_view text) {
  std::string out;
  for (char c : text) out += c == '|' ? std::string("\\|") : std::string(1, c);
  return out;
}

std::string Code(std::string_view text) { return "`" + Escaped(text) + "`"; }

// What stands behind the operator: one word for the reader who asks what will run.
std::string Kind(const OpDef& op) {
  PointwiseRule rule;
  if (PointwiseRuleOf(op, &rule)) return "pointwise: " + Code(op.expression);
  if (op.decompose != nullptr && op.eval == nullptr && op.view == nullptr) return "calls of others";
  if (op.view != nullptr) return "view";
  if (op.data_dependent != nullptr && op.eval == nullptr) return "eager only";
  return "kernel";
}

}  // namespace

std::string OperatorPage() {
  std::vector<const OpDef*> ops(AllOps().begin(), AllOps().end());
  std::sort(ops.begin(), ops.end(), [](const OpDef* a, const OpDef* b) { return a->name < b->name; });
  std::string out =
      "# Operators\n\n"
      "Made from the operator table (engine/ops/table.inc) by `bazel run //tools/operators > docs/operators.md`.\n\n"
      "Parameters are in PyTorch's schema syntax; `Tensor|Scalar` stands for two overloads that differ in nothing else. "
      "*calls of others* never stands in a graph: it is replaced by what it calls. A *view* shares its argument's "
      "storage where strides allow. *eager only*: the result's size depends on the elements, so that no graph holds "
      "it. Names that PyTorch has for in-place forms (`Tensor.add_`) are not listed.\n\n"
      "| operator | meaning | parameters | in PyTorch | made of |\n"
      "| --- | --- | --- | --- | --- |\n";
  for (const OpDef* op : ops) {
    std::string names;
    for (std::string_view name : op->torch) names += (names.empty() ? "" : ", ") + Code(name);
    std::string signature = op->schema().ToString();
    if (op->returns != "Tensor") signature += " -> " + std::string(op->returns);
    std::string_view doc = op->doc;
    if (doc.ends_with('.')) doc.remove_suffix(1);
    out += "| " + Code(op->name) + " | " + Escaped(doc) + " | " + Code(signature) + " | " + names + " | " + Kind(*op) + " |\n";
  }
  return out;
}

}  // namespace fusepack
