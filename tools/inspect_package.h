// What `fusepack inspect` shows of a package, as text and as JSON. Reads, never evaluates.
#pragma once

#include <nlohmann/json.hpp>

#include <string>

#include "package_format/package.h"

namespace fusepack::tools {

struct Sections {
  bool graph = false, fx = false, modules = false, tensors = false, sources = false, cases = false, dot = false;
  bool any() const { return graph || fx || modules || tensors || sources || cases || dot; }
};

// No section: a summary.
std::string InspectText(const Package& package, const Sections& sections);
nlohmann::json InspectJson(const Package& package, const Sections& sections);

}  // namespace fusepack::tools
