// What forward returned, flattened as make_archives.py does it, and compared with its files.
#pragma once

#include <gtest/gtest.h>

#include <filesystem>
#include <string>
#include <vector>

#include "engine/compare.h"
#include "package_format/npy/npy.h"
#include "tracer/environment.h"
#include "tracer/torch/tensor_value.h"

namespace fusepack::torchscript {

inline constexpr double kRelativeTolerance = 2e-5;

inline std::string DataPath(const std::string& name) { return "tests/torchscript/data/" + name; }

// Tensors of the files NAME_x0.npy, NAME_x1.npy, ...
inline std::vector<Tensor> ReadNumbered(const std::string& stem) {
  std::vector<Tensor> out;
  for (int i = 0;; i++) {
    const std::string path = DataPath(stem + std::to_string(i) + ".npy");
    if (!std::filesystem::exists(path)) return out;
    auto read = npy::ReadNpy(path);
    EXPECT_TRUE(read.ok()) << read.status().ToString();
    out.push_back(*read);
  }
}

inline void Flatten(py::Interpreter& in, const py::Value& v, std::vector<Tensor>* out) {
  if (auto* tensor = torch::AsTensor(v)) {
    out->push_back(tensor->real(in));
  } else if (auto* tuple = v.As<py::Tuple>()) {
    for (size_t i = 0; i < tuple->size(); i++) Flatten(in, (*tuple)[i], out);
  } else if (v.As<py::List>()) {
    for (const py::Value& item : in.ToVector(v)) Flatten(in, item, out);
  } else if (v.As<py::Dict>()) {
    for (const py::Value& item : in.ToVector(in.CallMethod(v, "values"))) Flatten(in, item, out);
  } else if (auto* text = v.As<py::Str>()) {
    const std::string_view s = text->text();
    out->push_back(Tensor::FromValues<uint8_t>({static_cast<int64_t>(s.size())}, std::vector<uint8_t>(s.begin(), s.end())));
  } else if (in.TypeName(v) == "bool") {
    out->push_back(Tensor::FromValues<uint8_t>({}, std::vector<uint8_t>{static_cast<uint8_t>(in.Truth(v))}));
  } else if (in.TypeName(v) == "int") {
    out->push_back(Tensor::FromValues<int64_t>({}, std::vector<int64_t>{in.Index(v)}));
  } else {
    out->push_back(Tensor::FromValues<double>({}, std::vector<double>{in.Float(v)}));
  }
}

inline Result<std::vector<Tensor>> RunModule(py::Interpreter& in, const py::Value& module, const std::vector<Tensor>& inputs) {
  std::vector<Tensor> out;
  const auto done = in.Try([&] {
    std::vector<py::Value> arguments;
    for (const Tensor& x : inputs) arguments.push_back(in.CallMethod(torch::NewTensor(in, x), "clone"));
    Flatten(in, in.Call(module, py::Args(arguments)), &out);
    return py::Value::None();
  });
  if (!done.ok()) return done.status();
  return out;
}

inline void ExpectClose(const std::vector<Tensor>& actual, const std::vector<Tensor>& expected) {
  ASSERT_EQ(actual.size(), expected.size());
  Tolerance tolerance;
  tolerance.relative = kRelativeTolerance;
  for (size_t i = 0; i < actual.size(); i++) {
    EXPECT_EQ(actual[i].sizes().ToString(), expected[i].sizes().ToString()) << "output " << i;
    const auto a = actual[i].To(DType::kF64), e = expected[i].To(DType::kF64);
    ASSERT_TRUE(a.ok() && e.ok());
    const auto compared = CompareTensors(*a, *e, tolerance);
    ASSERT_TRUE(compared.ok()) << "output " << i << ": " << compared.status().ToString();
    EXPECT_TRUE(compared->passed) << "output " << i << ": " << compared->ToString();
  }
}

}  // namespace fusepack::torchscript
