// A small package with something in every field, and a text of everything in a package, for the tests here.
#pragma once

#include <string>

#include "package_format/package.h"

namespace fusepack {

// Deterministic. Its graph is one that CheckGraph accepts.
Package SamplePackage();

// A graph with an argument of every kind; nothing that could run.
Graph GraphOfEveryArgument();

// Every field of `package` in words: two packages are the same exactly if their texts are.
std::string Describe(const Package& package);
std::string Describe(const Graph& graph);

}  // namespace fusepack
