// An Interpreter with torch, for tests: runs source, hands out its globals.
#pragma once

#include <string>

#include <gtest/gtest.h>

#include "tracer/python/interpreter.h"
#include "tracer/python/library.h"
#include "tracer/torch/torch_module.h"

namespace fusepack {

class Evaluator {
 public:
  Evaluator() : in_(Limits()) {
    py::RegisterStandardLibrary(in_);
    torch::RegisterTorch(in_);
    in_.set_print([this](std::string_view text) { printed_ += text; });
  }
  py::Interpreter& in() { return in_; }

  // The module that `source` made; fails the test (and returns a null Value) where it raises.
  py::Value Run(const std::string& source) {
    Result<py::Value> module = in_.Run("test.py", source);
    if (!module.ok()) {
      ADD_FAILURE() << module.error().traceback << "\n" << module.error().ToString() << "\nin:\n" << source;
      return py::Value();
    }
    return *module;
  }
  const std::string& printed() const { return printed_; }

 private:
  static py::Limits Limits() {
    py::Limits limits;
    limits.seconds = 120;  // sanitizers are slow
    return limits;
  }
  py::Interpreter in_;
  std::string printed_;
};

}  // namespace fusepack
