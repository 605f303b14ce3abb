// `fusepack inspect` of archives: the whole text of one, the facts of the others' JSON.
#include "tracer/archive/inspect.h"

#include <cstdlib>
#include <fstream>
#include <nlohmann/json.hpp>
#include <sstream>

#include "gmock/gmock.h"
#include "gtest/gtest.h"
#include "tests/archive/zip_builder.h"

namespace fusepack::archive {
namespace {

using ::testing::HasSubstr;
using namespace std::string_literals;

std::string Content(const std::string& path) {
  std::ifstream in(path, std::ios::binary);
  std::ostringstream out;
  out << in.rdbuf();
  return out.str();
}

ArchiveReport Report(const std::string& name) {
  auto archive = OpenArchive("tests/archive/data/" + name);
  EXPECT_TRUE(archive.ok()) << archive.status().ToString();
  auto report = InspectArchive(*archive);
  EXPECT_TRUE(report.ok()) << report.status().ToString();
  return *report;
}

TEST(Inspect, TextOfAPackage) {
  const std::string text = ReportText(Report("shapes_p3.pt"), InspectSections::All());
  if (const char* folder = std::getenv("FUSEPACK_WRITE_GOLDEN")) std::ofstream(std::string(folder) + "/shapes_p3.pt.inspect") << text;
  EXPECT_EQ(text, Content("tests/archive/data/shapes_p3.pt.inspect"));
}

TEST(Inspect, SectionsAreChosen) {
  const ArchiveReport report = Report("shapes_p3.pt");
  const std::string summary = ReportText(report, {});
  EXPECT_EQ(std::count(summary.begin(), summary.end(), '\n'), 3);
  EXPECT_THAT(ReportText(report, {.tensors = true}), HasSubstr("same as blocks.0.linear.weight"));
}

TEST(Inspect, JsonSaysTheSame) {
  const auto json = ReportJson(Report("shapes_p3.pt"));
  EXPECT_EQ(json["kind"], "torch.package archive");
  EXPECT_EQ(json["interned"].size(), 4u);
  const auto& pickle = json["pickles"][0];
  EXPECT_EQ(pickle["path"], "model/net.pkl");
  EXPECT_EQ(pickle["tensors"].size(), 5u);
  EXPECT_EQ(pickle["tensors"][3]["same_as"], "blocks.0.linear.weight");
  EXPECT_EQ(pickle["modules"][3]["name"], "blocks.0.linear");
  EXPECT_EQ(pickle["modules"][3]["parameters"][1], "blocks.0.linear.bias");
  EXPECT_EQ(pickle["opcode_counts"]["STOP"], 1);
  for (const auto& global : pickle["globals"]) EXPECT_NE(global["origin"], "missing");
}

TEST(Inspect, TorchScriptAndGraphModule) {
  const ArchiveReport script = Report("script.pt");
  ASSERT_EQ(script.pickles[0].modules.size(), 3u);
  EXPECT_EQ(script.pickles[0].tensors[0].name, "0.weight");
  const ArchiveReport traced = Report("traced.pt");
  EXPECT_EQ(traced.pickles[0].modules[0].class_name, "torch.fx.GraphModule Sequential");
  EXPECT_EQ(traced.pickles[1].tensors[0].name, "0.weight");
}

// A pickle that would call os.system is reported, with nothing run.
TEST(Inspect, HostileGlobalsAreShown) {
  const std::string bytes = BuildZip({{.name = "m/.data/extern_modules", .content = "\n"},
                                      {.name = "m/.data/version", .content = "6\n"},
                                      {.name = "m/a/evil.pkl", .content = "\x80\x03""cos\nsystem\n(X\x02\0\0\0idtR."s}})
                                .bytes;
  auto archive = OpenArchive(MappedFile::FromBytes("m.pt", {bytes.begin(), bytes.end()}));
  ASSERT_TRUE(archive.ok()) << archive.status().ToString();
  auto report = InspectArchive(*archive);
  ASSERT_TRUE(report.ok());
  EXPECT_THAT(ReportText(*report, {.globals = true}), HasSubstr("os.system  1x  missing  called"));
}

// Each pickle is under the limits, all of them together are not.
TEST(Inspect, LimitsHoldForAllPicklesTogether) {
  std::vector<ZipPart> parts = {{.name = "m/.data/extern_modules", .content = "\n"}, {.name = "m/.data/version", .content = "6\n"}};
  const std::string pickle = "\x80\x03](" + std::string(400'000, ')') + "e.";
  for (int i = 0; i < 8; i++) parts.push_back({.name = "m/a/" + std::to_string(i) + ".pkl", .content = pickle});
  const std::string bytes = BuildZip(parts).bytes;
  auto archive = OpenArchive(MappedFile::FromBytes("m.pt", {bytes.begin(), bytes.end()}));
  ASSERT_TRUE(archive.ok()) << archive.status().ToString();
  EXPECT_TRUE((*archive)->LoadPickle("a", "7.pkl").ok());
  auto report = InspectArchive(*archive);
  ASSERT_FALSE(report.ok());
  EXPECT_EQ(report.error().code, ErrorCode::kLimit);
}

// Keys with control characters, lone surrogates and great length reach neither the terminal nor the JSON as such.
TEST(Inspect, NamesAreCleaned) {
  const std::string tensor = "ctorch._utils\n_rebuild_tensor\n((X\x07\0\0\0storagectorch\nByteStorage\nX\1\0\0\0""0X\3\0\0\0cpuK\1tQK\0)"
                             ")tR"s;
  const std::string key = "X"s + Le(8, 4) + "a\x1b[2J\xed\xa0\x80";
  const std::string longer = "X" + Le(5000, 4) + std::string(5000, 'n');
  const std::string body = "\x80\x03}(" + key + tensor + longer + tensor + "u.";
  const std::string bytes = BuildZip({{.name = "m/.data/extern_modules", .content = "\n"},
                                      {.name = "m/.data/version", .content = "6\n"},
                                      {.name = "m/.data/0.storage", .content = "x"},
                                      {.name = "m/a/t.pkl", .content = body}})
                                .bytes;
  auto archive = OpenArchive(MappedFile::FromBytes("m.pt", {bytes.begin(), bytes.end()}));
  ASSERT_TRUE(archive.ok()) << archive.status().ToString();
  auto report = InspectArchive(*archive);
  ASSERT_TRUE(report.ok()) << report.status().ToString();
  ASSERT_EQ(report->pickles[0].tensors.size(), 2u);
  EXPECT_EQ(report->pickles[0].tensors[0].name, "a?[2J???");
  EXPECT_EQ(report->pickles[0].tensors[1].name.size(), 120u);
  EXPECT_FALSE(ReportJson(*report).dump().empty());
}

}  // namespace
}  // namespace fusepack::archive
