// What cannot be scripted: the error's class, its place in the source, and one line that says what is wrong. The classes are
// those that real torch.jit.script raises for the same source.
#include "tests/torchscript/outputs.h"
#include "tracer/torchscript/script.h"

namespace fusepack::torchscript {
namespace {

using py::Value;

struct Case {
  const char* name;
  const char* forward;  // indented by four
  const char* cls;
  const char* place;    // line:column
  const char* says;
};

const Case kCases[] = {
    {"try", "    def forward(self, x):\n        try:\n            return x\n        except ValueError:\n            return x\n", "UnsupportedNodeError", "9:9", "Try"},
    {"lambda", "    def forward(self, x):\n        f = lambda y: y\n        return f(x)\n", "UnsupportedNodeError", "9:13", "Lambda"},
    {"star", "    def forward(self, *xs):\n        return xs[0]\n", "NotSupportedError", "8:24", "variable number"},
    {"attribute", "    def forward(self, x):\n        return self.nope(x)\n", "RuntimeError", "9:16", "no attribute 'nope'"},
    {"name", "    def forward(self, x):\n        return foo(x)\n", "RuntimeError", "9:16", "'foo' is not defined"},
    {"one_path", "    def forward(self, x):\n        if x.sum() > 1:\n            y = x\n        return y\n", "RuntimeError", "11:16", "not on every path"},
    {"keyword", "    def forward(self, x):\n        return self.lin(x, y=3)\n", "RuntimeError", "9:16", "unexpected keyword argument 'y'"},
    {"many", "    def forward(self, x):\n        return self.lin(x, x)\n", "RuntimeError", "9:16", "takes 1 arguments but 2"},
    {"new_attribute", "    def forward(self, x):\n        self.other = x\n        return x\n", "RuntimeError", "9:9", "assignment to 'other'"},
    {"annotation", "    def forward(self, x: 'Nothing'):\n        return x\n", "RuntimeError", "8:26", "means no type"},
    {"unpack", "    def forward(self, x):\n        a, b = (x, x, x)\n        return a\n", "RuntimeError", "9:9", "3 values for 2 targets"},
    {"break_modules", "    def forward(self, x):\n        for m in self.ms:\n            x = m(x)\n            break\n        return x\n", "NotSupportedError", "11:13", "break"},
    {"index_modules", "    def forward(self, x):\n        for i in range(2):\n            x = self.ms[i](x)\n        return x\n", "NotSupportedError", "10:17", "index of a ModuleList"},
    {"softmax", "    def forward(self, x):\n        return torch.nn.functional.softmax(x)\n", "NotSupportedError", "9:16", "without dim"},
};

class ScriptErrorsTest : public testing::TestWithParam<Case> {};

TEST_P(ScriptErrorsTest, ClassPlaceAndWords) {
  const Case& c = GetParam();
  Environment environment;
  py::Interpreter& in = environment.interpreter();
  const std::string source = std::string("import torch\n\nclass Net(torch.nn.Module):\n    def __init__(self):\n        super().__init__()\n"
                                         "        self.lin = torch.nn.Linear(3, 3)\n        self.ms = torch.nn.ModuleList([self.lin])\n") +
                             c.forward;
  auto program = in.Run("net.py", source);
  ASSERT_TRUE(program.ok()) << program.status().ToString();
  auto scripted = in.Try([&] { return Script(in, in.Call(in.GetAttr(*program, "Net"))); });
  ASSERT_FALSE(scripted.ok());
  const std::string line = scripted.error().ToString();
  EXPECT_NE(line.find(c.cls), std::string::npos) << line;
  EXPECT_NE(line.find(std::string("net.py:") + c.place + ": "), std::string::npos) << line;
  EXPECT_NE(line.find(c.says), std::string::npos) << line;
  EXPECT_EQ(line.find('\n'), std::string::npos) << line;
}

INSTANTIATE_TEST_SUITE_P(Sources, ScriptErrorsTest, testing::ValuesIn(kCases), [](const auto& info) { return std::string(info.param.name); });

}  // namespace
}  // namespace fusepack::torchscript
