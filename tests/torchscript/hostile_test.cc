// Archives that say something else than torch.jit.save does: each is refused with one line, within the evaluator's limits,
// and nothing of it runs outside.
#include "package_format/mapped_file.h"
#include "tests/torchscript/outputs.h"
#include "tracer/archive/zip_writer.h"
#include "tracer/torchscript/read.h"

namespace fusepack::torchscript {
namespace {

using py::Value;

Bytes TextBytes(const std::string& text) { return Bytes::FromVector({text.begin(), text.end()}); }

// The archive of Control with one record's content replaced (or added; empty: left out).
Result<std::shared_ptr<const archive::Archive>> With(const std::string& record, const std::string& content) {
  FP_ASSIGN_OR_RETURN(auto archive, archive::OpenArchive(DataPath("control.pt")));
  std::vector<archive::NewRecord> records;
  bool found = false;
  for (const archive::ZipRecord& r : archive->zip().records()) {
    const std::string name = r.name.substr(archive->root().size() + 1);
    if (name == record) {
      found = true;
      if (!content.empty()) records.push_back({name, TextBytes(content)});
      continue;
    }
    FP_ASSIGN_OR_RETURN(Bytes bytes, archive->zip().Read(r));
    records.push_back({name, std::move(bytes)});
  }
  if (!found) records.push_back({record, TextBytes(content)});
  FP_ASSIGN_OR_RETURN(auto bytes, archive::ZipBytes("control", records));
  return archive::OpenArchive(MappedFile::FromBytes("hostile.pt", std::move(bytes)));
}

py::Limits SmallLimits() {
  py::Limits limits;
  limits.steps = 2'000'000;
  limits.seconds = 20;  // sanitizers are slow; steps come first
  limits.memory_bytes = 64 << 20;
  return limits;
}

// What loading, and running where that succeeds, says.
Status LoadAndRun(const std::string& record, const std::string& content) {
  FP_ASSIGN_OR_RETURN(auto archive, With(record, content));
  if (archive->kind() != archive::ArchiveKind::kTorchScript) return BadInput("", "another kind of archive", "TorchScript");
  Environment environment(SmallLimits());
  py::Interpreter& in = environment.interpreter();
  FP_ASSIGN_OR_RETURN(Value module, LoadTorchScript(in, archive));
  return RunModule(in, module, ReadNumbered("control_x")).status();
}

constexpr char kClass[] = R"(class Control(Module):
  __parameters__ = ["w", ]
  __buffers__ = ["shift", ]
  w : Tensor
  shift : Tensor
  def forward(self: __torch__.Control,
    x: Tensor) -> Tensor:
)";

void Refused(const std::string& record, const std::string& content, const std::string& says, ErrorCode code = ErrorCode::kBadInput) {
  const Status status = LoadAndRun(record, content);
  ASSERT_FALSE(status.ok()) << record << ": taken\n" << content;
  const std::string line = status.ToString();
  EXPECT_NE(line.find(says), std::string::npos) << line;
  EXPECT_EQ(line.find('\n'), std::string::npos) << line;
  EXPECT_EQ(status.error().code, code) << line;
}

void CodeRefused(const std::string& body, const std::string& says, ErrorCode code = ErrorCode::kBadInput) {
  Refused("code/__torch__.py", kClass + body, says, code);
}

TEST(HostileTest, TheUnchangedArchiveRuns) {
  const Status status = LoadAndRun("extra/note", "nothing");
  EXPECT_TRUE(status.ok()) << status.ToString();
}

TEST(HostileTest, CodeThatIsNoPython) {
  Refused("code/__torch__.py", "class Control(Module:\n", "code/__torch__.py");
  Refused("code/__torch__.py", std::string(300, '(') + "\n", "code/__torch__.py", ErrorCode::kLimit);
  Refused("code/__torch__.py", "x = 1\n", "Control");
  Refused("code/__torch__.py", "Control = 3\n", "class");
  Refused("code/__torch__.py", "class Control:\n  w : Tensor\n", "TorchScript module");
}

TEST(HostileTest, CodeWithoutEnd) {
  CodeRefused("    while True:\n      x = torch.add(x, 1)\n    return x\n", "steps", ErrorCode::kLimit);
  CodeRefused("    return (self).forward(x, )\n", "nested", ErrorCode::kLimit);
  CodeRefused("    l = [1]\n    while True:\n      l = torch.add(l, l)\n    return x\n", "", ErrorCode::kLimit);
  CodeRefused("    y = torch.zeros([1000000, 1000000, 1000])\n    return y\n", "too large", ErrorCode::kLimit);
}

TEST(HostileTest, StateThatRunsCode) {
  Refused("code/__torch__.py", std::string(kClass) + "    return x\n" +
                                   "  def __setstate__(self: __torch__.Control,\n    state: Any) -> NoneType:\n    while True:\n      pass\n",
          "", ErrorCode::kLimit);
}

TEST(HostileTest, NamesThatLeadOutside) {
  CodeRefused("    return open(\"/etc/passwd\").read()\n", "open");
  CodeRefused("    return __import__(\"os\").system(\"true\")\n", "no attribute 'system'");  // the evaluator's own, empty os
  CodeRefused("    return eval(\"x\")\n", "eval");
  CodeRefused("    return ops.mine.launch(x)\n", "mine");
  CodeRefused("    return ops.prim.PythonOp(x)\n", "PythonOp");
  CodeRefused("    return torch.save(x, \"/tmp/x\")\n", "");
  CodeRefused("    return torch.no_such_operator(x)\n", "no_such_operator");
  CodeRefused("    return __torch__.missing.f(x)\n", "missing");
  CodeRefused("    return CONSTANTS.c99\n", "c99");
}

TEST(HostileTest, Pickles) {
  const std::string proto("\x80\x02", 2);
  Refused("data.pkl", proto + "K\x05.", "TorchScript module");
  Refused("data.pkl", proto + "c__torch__\nNothing\n)\x81}b.", "Nothing");
  Refused("data.pkl", proto + "cos\nsystem\nX\x04\x00\x00\x00true\x85R.", "");
  Refused("data.pkl", proto + "c__torch__\nControl\n)\x81K\x05" "b.", "");
  Refused("data.pkl", proto + "c__torch__\nControl\n)\x81.", "");
  Refused("data.pkl", "", "");
  Refused("constants.pkl", proto + "K\x05.", "constants.pkl");
  Refused("constants.pkl", proto, "constants.pkl");
}

TEST(HostileTest, TwoSourcesOfOneModule) {
  Refused("code/__torch__/__init__.py", "x = 1\n", "second source");
}

// Every cut of a small archive is refused, or gives the whole.
TEST(HostileTest, Truncation) {
  auto file = MappedFile::Open(DataPath("control.pt"));
  ASSERT_TRUE(file.ok());
  const auto bytes = (*file)->bytes();
  for (size_t size = 0; size < bytes.size(); size += 37) {
    auto archive = archive::OpenArchive(MappedFile::FromBytes("cut.pt", {bytes.begin(), bytes.begin() + size}));
    EXPECT_FALSE(archive.ok()) << size;
  }
}

}  // namespace
}  // namespace fusepack::torchscript
