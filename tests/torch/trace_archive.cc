// trace_archive ARCHIVE.pt 1x3x224x224 [X.npy Y.npy]: loads the archive's pickle, traces it and prints the graph. With
// an input and the output that PyTorch computed, runs the graph on the CPU and prints the error instead. To look at one
// archive.
#include <algorithm>
#include <chrono>
#include <cmath>
#include <cstdio>
#include <cstring>
#include <iostream>

#include "engine/graph/print.h"
#include "engine/run.h"
#include "package_format/npy/npy.h"
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
  if (argc < 5) {
    std::cout << PrintGraph(*graph);
    return 0;
  }
  auto x = npy::ReadNpy(argv[3]), y = npy::ReadNpy(argv[4]);
  if (!x.ok()) return Fail(x.status());
  if (!y.ok()) return Fail(y.status());
  auto session = Session::Create(*graph, Target{});
  if (!session.ok()) return Fail(session.status());
  const Tensor inputs[] = {*x};
  start = std::chrono::steady_clock::now();
  auto out = (*session)->Run(inputs);
  if (!out.ok()) return Fail(out.status());
  double error = 0, size = 0;
  for (int64_t i = 0; i < y->numel(); i++) {
    error = std::max(error, std::abs((*out)[0].ItemAsDouble(i) - y->ItemAsDouble(i)));
    size = std::max(size, std::abs(y->ItemAsDouble(i)));
  }
  std::printf("%s: run %.0f ms, error %.2g of the largest %.3g, %zu guards\n", argv[1], Ms(start), error / size, size, graph->guards.size());
  return 0;
}
