// Random graphs over every pattern that the passes look for.
#pragma once

#include "tests/engine/models.h"

namespace fusepack::testing {

// A chain of random layers with residuals, gates and concatenations.
inline Graph RandomGraph(uint32_t seed) {
  std::mt19937 random(seed);
  const auto pick = [&](int n) { return static_cast<int>(random() % static_cast<uint32_t>(n)); };
  ModelMaker m("random" + std::to_string(seed), seed);
  int64_t c = 1 + pick(5);
  const int64_t h = 9 + pick(12), w = 9 + pick(12);
  ValueId x = m.ImageInput(1 + pick(3), c, h, w);
  std::vector<ValueId> earlier;
  const auto channels = [&](ValueId v) { return m.graph().values[v].sizes[1].hint(); };
  const auto same = [&](ValueId a, ValueId b) { return ToString(m.graph().values[a].sizes) == ToString(m.graph().values[b].sizes); };
  for (int layer = 0; layer < 10; layer++) {
    const std::string name = "l" + std::to_string(layer);
    m.builder().set_scope(name);
    c = channels(x);
    const bool small = m.graph().values[x].sizes[2].hint() < 5 || m.graph().values[x].sizes[3].hint() < 5;
    switch (pick(14)) {
      case 0:
      case 1: {
        const int64_t k = 1 + pick(40);
        x = m.Conv(name, x, c, k, 3, small ? 1 : 1 + pick(2), 1, 1, pick(2));
        if (pick(2)) x = m.Norm(name + ".bn", x, k);
        break;
      }
      case 2: x = m.Conv(name, x, c, 8 * (1 + pick(4)), 1, 1, 0, 1, pick(2)); break;
      case 3: x = m.Conv(name, x, c, c, small ? 3 : 5, 1, small ? 1 : 2, c, pick(2)); break;  // depthwise
      case 4: x = m.Norm(name, x, c); break;
      case 5: {
        static constexpr const char* kUnary[] = {"relu", "relu6", "sigmoid", "tanh", "silu", "hardswish", "gelu_erf", "leaky_relu", "elu", "hardsigmoid", "abs"};
        x = m.Op(kUnary[pick(11)], {ValueRef{x}});
        break;
      }
      case 6: x = m.Op("hardtanh", {ValueRef{x}, -0.5, 1.25}); break;
      case 7:
      case 8:
        for (ValueId e : earlier) {
          if (!same(e, x)) continue;
          x = pick(3) ? m.Add(x, e) : m.Op("add", {ValueRef{e}, ValueRef{x}, Dim(2)});
          if (pick(2)) x = m.Relu(x);
          break;
        }
        break;
      case 9:
        if (!small) x = m.MaxPool(x, 3, 2, 1, pick(2));
        break;
      case 10:
        if (!small) x = m.Op("avg_pool2d", {ValueRef{x}, ModelMaker::Pair(2), ModelMaker::Pair(2), ModelMaker::Pair(pick(2)), bool(pick(2)), bool(pick(2))});
        break;
      case 11: {  // squeeze and excitation
        const ValueId pooled = m.Op("adaptive_avg_pool2d", {ValueRef{x}, ModelMaker::Pair(1)});
        x = m.Op("mul", {ValueRef{x}, ValueRef{m.Op("sigmoid", {ValueRef{m.Conv(name, pooled, c, c, 1, 1, 0, 1, true)}})}});
        break;
      }
      case 12: {
        ValueList list = {x};
        for (ValueId e : earlier) {
          if (list.size() < 3 && m.graph().values[e].sizes[2].ToString() == m.graph().values[x].sizes[2].ToString() &&
              m.graph().values[e].sizes[3].ToString() == m.graph().values[x].sizes[3].ToString()) list.push_back(e);
        }
        x = m.Op("cat", {list, Dim(1)});
        break;
      }
      case 13:
        x = m.Op("mul", {ValueRef{x}, ValueRef{m.Op("sigmoid", {ValueRef{x}})}});
        break;
    }
    earlier.push_back(x);
  }
  if (pick(2)) x = m.Linear("fc", m.GlobalPoolAndFlatten(x), channels(x), 7);
  Graph graph = m.Finish(x);
  if (pick(2) && !earlier.empty()) graph.outputs = {{x, "0"}, {earlier[earlier.size() / 2], "1"}};
  return graph;
}

inline Tensor InputFor(const Graph& graph, int64_t n, int64_t h, int64_t w, uint32_t seed) {
  return ModelMaker("", seed).Random({n, graph.values[graph.inputs[0]].sizes[1].hint(), h, w}, -1, 1);
}

}  // namespace fusepack::testing
