// An Environment over tests/package/programs, and what the tests of both directions ask of it.
#pragma once

#include <gtest/gtest.h>

#include <string>
#include <vector>

#include "tracer/environment.h"
#include "tracer/package/exporter.h"
#include "tracer/package/importer.h"

namespace fusepack {

class PackagingTest : public ::testing::Test {
 protected:
  PackagingTest() : environment_(Limits()) { environment_.sys_importer().AddRoot("tests/package/programs"); }
  py::Interpreter& in() { return environment_.interpreter(); }

  // What `expression` gives after `statements`, with torch imported.
  py::Value Eval(const std::string& statements, const std::string& expression) {
    std::string body = "import torch, io\nfrom torch.package import *\n" + statements + "\nresult = " + expression + "\n";
    py::Value value;
    auto done = in().Try([&] {
      py::Ref<py::Module> module = in().NewSourceModule("snippet", "snippet.py", body, false, &environment_.sys_importer());
      module->RunInOrder(in());
      value = in().GetAttr(py::Value(module), "result");
      return value;
    });
    EXPECT_TRUE(done.ok()) << done.error().traceback << done.error().ToString();
    return value;
  }
  std::string Text(const std::string& statements, const std::string& expression) {
    const py::Value value = Eval(statements, expression);
    return value ? in().ToStr(value) : "";
  }
  // What `statements` raise: "ValueError: ...".
  std::string Error(const std::string& statements) {
    return Text("error = 'nothing was raised'\ntry:\n    " + Indented(statements) + "\nexcept Exception as e:\n    error = type(e).__name__ + ': ' + str(e)",
                "error");
  }

  std::vector<uint8_t> Finish(PackageExporter& exporter) {
    auto bytes = exporter.close_to_buffer();
    EXPECT_TRUE(bytes.ok()) << bytes.status().ToString();
    return bytes.ok() ? *bytes : std::vector<uint8_t>();
  }
  std::unique_ptr<PackageImporter> Open(std::vector<uint8_t> bytes) {
    auto importer = PackageImporter::OpenBytes(in(), std::move(bytes));
    EXPECT_TRUE(importer.ok()) << importer.status().ToString();
    return importer.ok() ? std::move(*importer) : nullptr;
  }
  // model(*inputs) as text.
  std::string CallText(const py::Value& model, std::vector<py::Value> inputs) {
    auto out = in().Try([&] { return in().CallMethod(in().Call(model, py::Args(inputs)), "tolist"); });
    return out.ok() ? in().Repr(*out) : out.status().ToString();
  }

  Environment environment_;

 private:
  static std::string Indented(const std::string& text) {
    std::string out;
    for (char c : text) out += c == '\n' ? std::string("\n    ") : std::string(1, c);
    return out;
  }
  static py::Limits Limits() {
    py::Limits limits;
    limits.seconds = 120;  // sanitizers are slow
    return limits;
  }
};

#define EXPECT_OK(expression) \
  do { \
    const auto& expect_ok = (expression); \
    EXPECT_TRUE(expect_ok.ok()) << expect_ok.ToString(); \
  } while (false)

}  // namespace fusepack
