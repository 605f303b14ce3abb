#include "engine/steps/tile_functions.h"

#include <unordered_map>

namespace fusepack {
namespace {

using Table = std::unordered_map<std::string_view, kernels::TileFunction>;

Table Read(const TileTableRow* row) {
  Table table;
  for (; row->name != nullptr; row++) table.emplace(row->name, row->function);
  return table;
}

}  // namespace

kernels::TileFunction FindTileFunction(std::string_view op, CpuLevel level) {
  static const auto* tables = new Table[3]{Read(kTileTableBaseline), Read(kTileTableAvx2), Read(kTileTableAvx512)};
  const int number = level >= CpuLevel::kAvx512 ? 2 : level == CpuLevel::kAvx2 ? 1 : 0;
  const auto found = tables[number].find(op);
  return found == tables[number].end() ? nullptr : found->second;
}

}  // namespace fusepack
