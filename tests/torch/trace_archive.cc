// trace_archive ARCHIVE.pt 1x3x224x224 [--run]: loads the archive's pickle, traces it and prints the graph; with --run
// also evaluates it eagerly on zeros. To look at one archive.
#include <chrono>
#include <cstdio>
#include <cstring>
#include <iostream>

#include "engine/graph/print.h"
#include "tracer/archive/package_layout.h"
#include "tracer/package/importer.h"
#include "tracer/python/interpreter.h"
#include "tracer/python/library.h"
#include "tracer/torch/torch_module.h"
#include "tracer/torch/trace.h"

using namespace fusepack;

namespace {

int Fail(const Status& status) {
  std::fprintf(stderr, "%s\n%s\n", status.error().traceback.c_str(), status.ToString().c_str());
  return 1;
}

double Ms(std::chrono::steady_clock::time_point since) {
  return std::chrono::duration<double, std::milli>(std::chrono::steady_clock::now() - since).count();
}

}  // namespace

int main(int argc, char** argv) {
  if (argc < 3) return 2;
  auto start = std::chrono::steady_clock::now();
  auto archive = archive::OpenArchive(argv[1]);
  if (!archive.ok()) return Fail(archive.status());
  std::fprintf(stderr, "open %.1f ms\n", Ms(start));
  start = std::chrono::steady_clock::now();
  py::Limits limits;
  limits.seconds = 600;
  py::Interpreter in(limits);
  py::RegisterStandardLibrary(in);
  torch::RegisterTorch(in);
  PackageImporter importer(in, *archive);
  std::fprintf(stderr, "interpreter %.1f ms\n", Ms(start));
  start = std::chrono::steady_clock::now();
  auto resource = (*archive)->DefaultPickle();
  if (!resource.ok()) return Fail(resource.status());
  auto module = importer.LoadPickle(in, **resource);
  if (!module.ok()) return Fail(module.status());
  std::fprintf(stderr, "load %.1f ms\n", Ms(start));
  start = std::chrono::steady_clock::now();
  torch::InputSpec spec;
  for (char* p = std::strtok(argv[2], "x"); p != nullptr; p = std::strtok(nullptr, "x")) spec.sizes.push_back(std::atoll(p));
  auto graph = torch::TraceToEngine(in, *module, {spec});
  if (!graph.ok()) return Fail(graph.status());
  std::fprintf(stderr, "trace %.1f ms, %zu nodes\n", Ms(start), graph->nodes.size());
  std::cout << PrintGraph(*graph);
  return 0;
}
