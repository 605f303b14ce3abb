// Prints every example of the operator table: name, torch name, example, separated by tabs. make_expected.py reads it.
#include <cstdio>

#include "engine/ops/op.h"

int main() {
  for (const fusepack::OpDef* op : fusepack::AllOps()) {
    if (op->torch.empty()) continue;
    for (std::string_view example : op->examples) {
      std::printf("%s\t%s\t%s\n", std::string(op->name).c_str(), std::string(op->torch[0]).c_str(), std::string(example).c_str());
    }
  }
}
