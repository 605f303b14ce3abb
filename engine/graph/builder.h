// GraphBuilder: appends nodes to a graph with arguments bound, shapes inferred and guards recorded. The tracer and
// passes make nodes through it, so no node of a graph ever lacks its output specs.
//
// Not thread-safe. The graph must outlive the builder.
#pragma once

#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "engine/graph/graph.h"
#include "engine/ops/op.h"

namespace fusepack {

class GraphBuilder {
 public:
  explicit GraphBuilder(Graph* graph);

  // Appends op(args...); args are positional in schema order and may be short (defaults follow). Operators with
  // `decompose` and no `eval` are inlined. Errors name the operator; `scope` and `where` go on the nodes.
  Result<std::vector<ValueId>> Add(const OpDef& op, std::vector<Arg> args);
  Result<ValueId> AddOne(std::string_view op_name, std::vector<Arg> args);  // exactly one output

  void set_scope(std::string scope) { scope_ = std::move(scope); }
  void set_where(std::string where);
  Graph& graph() { return *graph_; }
  Guards& guards() { return guards_; }
  TensorSpec Spec(ValueId id) const;

  // Moves the collected guards into the graph. Call once, at the end.
  void Finish();

 private:
  Graph* graph_;
  Guards guards_;
  std::string scope_, where_;
};

}  // namespace fusepack
