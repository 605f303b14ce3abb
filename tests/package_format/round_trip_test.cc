// What is written is read back: everything, exactly, and twice to the same bytes.
#include <gtest/gtest.h>
#include <sys/mman.h>

#include <cstring>
#include <fstream>
#include <functional>
#include <iterator>

#include <unistd.h>

#include "engine/ops/op.h"
#include "package_format/fusepack_generated.h"
#include "package_format/read.h"
#include "package_format/read_graph.h"
#include "package_format/write.h"
#include "package_format/write_graph.h"
#include "tests/package_format/sample_package.h"

namespace fusepack {
namespace {

std::string Path(const std::string& name) { return std::string(std::getenv("TEST_TMPDIR")) + "/" + name; }

std::string Content(const std::string& path) {
  std::ifstream in(path, std::ios::binary);
  return {std::istreambuf_iterator<char>(in), {}};
}

class RoundTrip : public testing::TestWithParam<bool> {};  // compress

TEST_P(RoundTrip, EverythingComesBack) {
  const Package sample = SamplePackage();
  ASSERT_EQ(WritePackage(Path("a.fpk"), sample, {GetParam()}).ToString(), "ok");
  for (FileAccess access : {FileAccess::kMap, FileAccess::kRead}) {
    ReadOptions options;
    options.access = access;
    Result<Package> back = ReadPackage(Path("a.fpk"), options);
    ASSERT_TRUE(back.ok()) << back.status().ToString();
    EXPECT_EQ(Describe(*back), Describe(sample));
  }
}

TEST_P(RoundTrip, SameBytesEachTime) {
  ASSERT_TRUE(WritePackage(Path("a.fpk"), SamplePackage(), {GetParam()}).ok());
  ASSERT_TRUE(WritePackage(Path("b.fpk"), SamplePackage(), {GetParam()}).ok());
  ASSERT_EQ(Content(Path("a.fpk")), Content(Path("b.fpk")));
  // Also from a package that was read, over the file that it is still mapped from.
  Result<Package> read = ReadPackage(Path("a.fpk"));
  ASSERT_TRUE(read.ok());
  ASSERT_TRUE(WritePackage(Path("a.fpk"), *read, {GetParam()}).ok());
  EXPECT_EQ(Content(Path("a.fpk")), Content(Path("b.fpk")));
  EXPECT_EQ(Describe(*read), Describe(SamplePackage()));
}

TEST_P(RoundTrip, Preprocess) {
  Package package = SamplePackage();
  package.preprocess = Preprocess{"mine", 3, {232}, Interpolation::kLanczos, {200, 224}, {0.485, 0, -1}, {0.1, 2, 1e-3}};
  ASSERT_EQ(WritePackage(Path("a.fpk"), package, {GetParam()}).ToString(), "ok");
  EXPECT_EQ(ReadPackage(Path("a.fpk")).value().preprocess, package.preprocess);
  const auto refused = [&](const std::function<void(Preprocess&)>& change) {
    Package wrong = package;
    change(*wrong.preprocess);
    return WritePackage(Path("b.fpk"), wrong, {GetParam()}).ToString().substr(Path("b.fpk: ").size());
  };
  EXPECT_EQ(refused([](Preprocess& p) { p.channels = 2; }), "preprocess: channels: 2, expected 1 or 3");
  EXPECT_EQ(refused([](Preprocess& p) { p.resize = {0}; }), "preprocess: resize: 0, expected 1 to 16384");
  EXPECT_EQ(refused([](Preprocess& p) { p.crop = {224}; }), "preprocess: crop: 1 sizes, expected none, or height and width");
  EXPECT_EQ(refused([](Preprocess& p) { p.mean.pop_back(); }), "preprocess: mean and deviation: 2 and 3 values, expected none, or 3 each");
  EXPECT_EQ(refused([](Preprocess& p) { p.deviation[1] = 0; }), "preprocess: deviation: 0.000000, expected a finite number that is not 0");
}

TEST_P(RoundTrip, EmptyPackage) {
  ASSERT_TRUE(WritePackage(Path("a.fpk"), Package(), {GetParam()}).ok());
  Result<Package> back = ReadPackage(Path("a.fpk"));
  ASSERT_TRUE(back.ok()) << back.status().ToString();
  EXPECT_EQ(Describe(*back), Describe(Package()));
}

TEST_P(RoundTrip, TensorsStartAtCacheLinesAndCannotBeWritten) {
  ASSERT_TRUE(WritePackage(Path("a.fpk"), SamplePackage(), {GetParam()}).ok());
  Result<Package> back = ReadPackage(Path("a.fpk"));
  ASSERT_TRUE(back.ok());
  for (const StateTensor& s : back->state) {
    EXPECT_EQ(reinterpret_cast<uintptr_t>(s.tensor.storage()->data()) % kTensorAlignment, 0u) << s.name;
    EXPECT_FALSE(s.tensor.storage()->writable()) << s.name;
  }
}

TEST_P(RoundTrip, CalibrationComesBackAndRaisesTheVersion) {
  Package sample = SamplePackage();
  ASSERT_TRUE(WritePackage(Path("a.fpk"), sample, {GetParam()}).ok());
  EXPECT_EQ(Content(Path("a.fpk"))[10], 0);  // FORMAT.md: the minor version
  sample.methods[1].calibration = Calibration{"mse", 3, {{0, {-1.5f, 2}}}};
  ASSERT_TRUE(WritePackage(Path("a.fpk"), sample, {GetParam()}).ok());
  EXPECT_EQ(Content(Path("a.fpk"))[10], 1);
  Result<Package> back = ReadPackage(Path("a.fpk"));
  ASSERT_TRUE(back.ok()) << back.status().ToString();
  EXPECT_EQ(Describe(*back), Describe(sample));
  EXPECT_NE(Describe(*back).find("calibration mse over 3"), std::string::npos);
  sample.methods[1].calibration->ranges[0].low = 3;
  EXPECT_FALSE(WritePackage(Path("a.fpk"), sample, {GetParam()}).ok());
}

INSTANTIATE_TEST_SUITE_P(Stored, RoundTrip, testing::Values(false));
INSTANTIATE_TEST_SUITE_P(Compressed, RoundTrip, testing::Values(true));

TEST(RoundTripTest, TensorsOutliveThePackageAndTheFile) {
  const Package sample = SamplePackage();
  ASSERT_TRUE(WritePackage(Path("a.fpk"), sample).ok());
  Tensor tensor;
  {
    Result<Package> back = ReadPackage(Path("a.fpk"));
    ASSERT_TRUE(back.ok());
    tensor = back->state[2].tensor;
  }
  ASSERT_EQ(remove(Path("a.fpk").c_str()), 0);
  EXPECT_EQ(std::memcmp(tensor.view().data, sample.state[2].tensor.view().data, tensor.numel() * 4), 0);
}

TEST(RoundTripTest, EqualBytesAreStoredOnce) {
  Package p;
  const Tensor a = Tensor::Zeros(DType::kF32, {1 << 18}).value();  // 1 MiB
  std::memset(a.storage()->mutable_data(), 7, 1 << 20);
  p.state.push_back({"a", a, StateKind::kParameter});
  p.state.push_back({"b", a.Clone().value(), StateKind::kParameter});
  const auto* bytes = static_cast<const uint8_t*>(a.storage()->data());
  p.archive.kind = "torch.package";
  p.archive.records.push_back({".data/0.storage", Bytes::FromVector({bytes, bytes + (1 << 20)})});
  ASSERT_TRUE(WritePackage(Path("a.fpk"), p).ok());
  EXPECT_LT(Content(Path("a.fpk")).size(), (1u << 20) + 4096);
  Result<Package> back = ReadPackage(Path("a.fpk"));
  ASSERT_TRUE(back.ok());
  EXPECT_NE(back->state[0].tensor.storage(), back->state[1].tensor.storage());
  EXPECT_EQ(Describe(*back), Describe(p));
}

TEST(RoundTripTest, ArgumentsOfEveryKind) {
  const Graph graph = GraphOfEveryArgument();
  auto written = fpk::WriteGraph(graph, [](const Tensor&) -> Result<uint32_t> { return InternalError("no constants here"); });
  ASSERT_TRUE(written.ok()) << written.status().ToString();
  flatbuffers::FlatBufferBuilder builder;
  builder.Finish(fbs::Graph::Pack(builder, written->get()));
  fpk::ManifestCursor cursor(builder.GetSize());
  Result<Graph> back = fpk::ReadGraph(*flatbuffers::GetRoot<fbs::Graph>(builder.GetBufferPointer()), {}, cursor);
  ASSERT_TRUE(back.ok()) << back.status().ToString();
  EXPECT_EQ(Describe(*back), Describe(graph));
}

// A package from before an operator got its last parameters.
TEST(RoundTripTest, MissingLastArgumentsAreDefaults) {
  Package p = SamplePackage();
  Node& add = p.methods[0].graph.nodes[1];
  ASSERT_EQ(add.op->name, "add");
  ASSERT_EQ(add.args.size(), 3u);
  add.args.pop_back();
  ASSERT_TRUE(WritePackage(Path("a.fpk"), p).ok());
  Result<Package> back = ReadPackage(Path("a.fpk"));
  ASSERT_TRUE(back.ok()) << back.status().ToString();
  EXPECT_EQ(Describe(*back), Describe(SamplePackage()));
}

// Zeros compress far beyond the allowed ratio; the writer then stores them.
TEST(RoundTripTest, ManyZerosCompressed) {
  Package p;
  constexpr int64_t kBytes = int64_t{600} << 20;
  void* memory = mmap(nullptr, kBytes, PROT_READ, MAP_PRIVATE | MAP_ANONYMOUS | MAP_NORESERVE, -1, 0);
  ASSERT_NE(memory, MAP_FAILED);
  std::shared_ptr<const void> owner(memory, [](const void* p) { munmap(const_cast<void*>(p), kBytes); });
  p.state.push_back({"zeros", Tensor(Storage::Wrap(memory, kBytes, owner, false), DType::kF32, {kBytes / 4}, {1}, 0), StateKind::kBuffer});
  ASSERT_TRUE(WritePackage(Path("zeros.fpk"), p, {true}).ok());
  Result<Package> back = ReadPackage(Path("zeros.fpk"));
  ASSERT_TRUE(back.ok()) << back.status().ToString();
  EXPECT_EQ(back->state[0].tensor.numel(), kBytes / 4);
  EXPECT_EQ(back->state[0].tensor.ItemAsDouble(kBytes / 4 - 1), 0);
  remove(Path("zeros.fpk").c_str());
}

// What could not be read back is not written.
TEST(RoundTripTest, WriterRefusesWhatTheReaderWould) {
  const auto error = [](const auto& change) {
    Package p = SamplePackage();
    change(p);
    const Status status = WritePackage(Path("refused.fpk"), p);
    EXPECT_NE(access(Path("refused.fpk").c_str(), F_OK), 0);
    return status.ToString().substr(status.ok() ? 0 : Path("refused.fpk: ").size());
  };
  EXPECT_EQ(error([](Package& p) { p.state[1].name = p.state[0].name; }), "state: 'block.weight' twice, expected names that differ");
  EXPECT_EQ(error([](Package& p) { p.state[0].name = "\xff"; }), "name in the state: bytes that are no UTF-8, expected UTF-8");
  EXPECT_EQ(error([](Package& p) { p.state[0].name.assign(5000, 'n'); }), "name in the state: a text of 5000 bytes, expected at most 4096");
  EXPECT_EQ(error([](Package& p) { p.state[0].tensor = Tensor(); }), "state 'block.weight': an undefined tensor in a package");
  EXPECT_EQ(error([](Package& p) { p.state[0].tensor = p.state[0].tensor.AsStrided({2}, {-1}, 1); }),
            "state 'block.weight': stride -1, expected none below 0");
  EXPECT_EQ(error([](Package& p) { p.state[0].tensor = p.state[0].tensor.AsStrided({7}, {1}, 0); }),
            "state 'block.weight': a view that ends at byte 28, expected at most 24, its storage's size");
  EXPECT_EQ(error([](Package& p) { static_cast<uint8_t*>(p.state[6].tensor.storage()->mutable_data())[1] = 2; }),
            "tensors: byte 2 at 1 of a bool tensor's storage, expected 0 or 1");
  EXPECT_EQ(error([](Package& p) { p.archive.records[0].name = "../x"; }),
            "record '../x': a name with an empty, '.' or '..' part, expected a path below the archive's root");
  EXPECT_EQ(error([](Package& p) { p.cases[0].method = "backward"; }), "case 'example': method: 'backward', expected one of the package");
  EXPECT_EQ(error([](Package& p) { p.cases[0].tolerances[0].absolute = -1; }),
            "case 'example': tolerance for 'fp32': -1.000000, expected a finite number from 0");
  EXPECT_EQ(error([](Package& p) { p.methods[0].graph.nodes[0].region = std::make_shared<Graph>(); }),
            "method 'forward': a package holds the portable graph, without fused regions");
  EXPECT_EQ(error([](Package& p) {
              Dim d = Dim::Symbol(0, 4);
              for (int i = 0; i < 12; i++) d = Max(d, d + 1);  // doubles each time
              p.methods[0].graph.values[0].sizes[0] = d;
            }).substr(0, 35),
            "method 'forward': size expression: ");
}

}  // namespace
}  // namespace fusepack
