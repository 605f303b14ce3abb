// The explicit list of all operators, and look-up by name.
#include "engine/ops/table.h"

#include <unordered_map>

#include "engine/ops/fused_ops.h"

namespace fusepack {
namespace {

const OpDef* const kTable[] = {
#define OP(name) &ops::op_##name,
#include "engine/ops/table.inc"
#undef OP
};

struct Index {
  std::unordered_map<std::string_view, const OpDef*> by_name;
  std::unordered_map<std::string_view, std::vector<const OpDef*>> by_torch_name;
  std::unordered_map<const OpDef*, Schema> schemas;

  Index() {
    for (const OpDef* op : kTable) {
      if (!by_name.emplace(op->name, op).second) {
        internal::CheckFailed(__FILE__, __LINE__, "two operators named " + std::string(op->name));
      }
      for (std::string_view name : op->torch) by_torch_name[name].push_back(op);
      schemas.emplace(op, Schema(op->params));
    }
    for (const OpDef* op : {&FusedOp(), &ReorderOp(), &EncodeOp(), &DecodeOp()}) schemas.emplace(op, Schema(op->params));
  }
};

const Index& TheIndex() {
  static const Index* index = new Index();
  return *index;
}

}  // namespace

std::span<const OpDef* const> AllOps() { return kTable; }

const Schema& OpDef::schema() const {
  const auto found = TheIndex().schemas.find(this);
  if (found == TheIndex().schemas.end()) {
    internal::CheckFailed(__FILE__, __LINE__, "operator '" + std::string(name) + "' is not in table.inc");
  }
  return found->second;
}

const OpDef* FindOp(std::string_view name) {
  const auto found = TheIndex().by_name.find(name);
  return found == TheIndex().by_name.end() ? nullptr : found->second;
}

std::span<const OpDef* const> FindOverloads(std::string_view qualified) {
  const auto found = TheIndex().by_torch_name.find(qualified);
  if (found == TheIndex().by_torch_name.end()) return {};
  return found->second;
}

const OpDef* FindOpByTorchName(std::string_view qualified) {
  const auto overloads = FindOverloads(qualified);
  return overloads.empty() ? nullptr : overloads[0];
}

}  // namespace fusepack
