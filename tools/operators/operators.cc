// Prints the operator page of the documentation.
#include <cstdio>

#include "tools/operators/operator_page.h"

int main() {
  const std::string page = fusepack::OperatorPage();
  return std::fwrite(page.data(), 1, page.size(), stdout) == page.size() ? 0 : 74;
}
