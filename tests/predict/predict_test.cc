// fusepack predict as a user meets it: lines in order, one a file, whatever the files are; what a kill leaves is gone on with.
#include <fcntl.h>
#include <gtest/gtest.h>
#include <signal.h>
#include <sys/wait.h>
#include <unistd.h>

#include <cmath>
#include <cstdlib>
#include <filesystem>
#include <fstream>
#include <nlohmann/json.hpp>
#include <random>
#include <sstream>

#include "package_format/npy/npy.h"
#include "package_format/read.h"
#include "tools/predict/file_list.h"
#include "tools/predict/predictions.h"
#include "tools/predict/progress.h"

namespace fusepack {
namespace {

namespace fs = std::filesystem;
using nlohmann::json;

struct Done {
  int status;
  std::string out, err;
};

std::string ReadFile(const fs::path& path) {
  std::ostringstream text;
  text << std::ifstream(path, std::ios::binary).rdbuf();
  return text.str();
}

std::vector<json> Lines(const std::string& text) {
  std::vector<json> lines;
  std::istringstream in(text);
  for (std::string line; std::getline(in, line);) lines.push_back(json::parse(line));
  return lines;
}

class Predict : public ::testing::Test {
 protected:
  void SetUp() override {
    work_ = fs::path(::testing::TempDir()) / ("predict_" + std::to_string(getpid()) + "_" +
                                              ::testing::UnitTest::GetInstance()->current_test_info()->name());
    fs::create_directories(work_);
  }
  void TearDown() override { fs::remove_all(work_); }

  std::string Path(const std::string& name) const { return (work_ / name).string(); }

  Done Fusepack(const std::string& arguments) const {
    const std::string line = "tools/fusepack " + arguments + " >" + Path("stdout") + " 2>" + Path("stderr");
    const int status = std::system(line.c_str());
    EXPECT_TRUE(WIFEXITED(status)) << line;
    return {WEXITSTATUS(status), ReadFile(work_ / "stdout"), ReadFile(work_ / "stderr")};
  }

  std::string Pack(const std::string& name, const std::string& more, const std::string& what = "Classifier") const {
    const Done done = Fusepack("pack tests/predict/models --entry tiny_vision:" + what + " --seed 1 --eval -o " + Path(name) + " " + more);
    EXPECT_EQ(done.status, 0) << done.err;
    return Path(name);
  }

  // Copies of the good images, as many as asked for, and broken ones among them.
  std::string Folder(size_t good, size_t every_broken) const {
    fs::create_directories(work_ / "images");
    std::vector<fs::path> from;
    for (const auto& entry : fs::directory_iterator("tests/predict/images")) {
      if (entry.is_regular_file() && !entry.path().filename().string().starts_with("bad_")) from.push_back(entry.path());
    }
    std::sort(from.begin(), from.end());
    for (size_t i = 0; i < good; i++) {
      char name[32];
      std::snprintf(name, sizeof name, "images/%05zu", i);
      if (every_broken > 0 && i % every_broken == every_broken - 1) std::ofstream(work_ / (name + std::string(".jpg"))) << "broken";
      else fs::copy_file(from[i % from.size()], work_ / (name + from[i % from.size()].extension().string()));
    }
    return Path("images");
  }

  fs::path work_;
};

constexpr const char* kSmall = "--resize 20 --crop 16 --mean 0.5,0.4,0.3 --std 0.2,0.2,0.2";

TEST_F(Predict, PreprocessingIsPartOfThePackage) {
  const Package package = ReadPackage(Pack("m.fpk", "--preprocess ResNet50_Weights.IMAGENET1K_V2 --interpolation bicubic", "Identity")).value();
  ASSERT_TRUE(package.preprocess.has_value());
  EXPECT_EQ(package.preprocess->resize, (std::vector<int64_t>{232}));
  EXPECT_EQ(package.preprocess->crop, (std::vector<int64_t>{224, 224}));
  EXPECT_EQ(package.preprocess->interpolation, Interpolation::kBicubic);
  EXPECT_EQ(package.preprocess->mean[0], 0.485);
  const Done shown = Fusepack("inspect " + Path("m.fpk"));
  EXPECT_NE(shown.out.find("RGB, resize 232 bicubic, crop 224x224, mean 0.485 0.456 0.406, std 0.229 0.224 0.225"), std::string::npos) << shown.out;
  for (const char* wrong : {"--preprocess alexnet", "--resize 0", "--resize 20x20x20", "--crop x", "--mean 1,2", "--mean 0,0,0 --std 1,0,1",
                            "--interpolation cubic", "--crop 99999"}) {
    EXPECT_EQ(Fusepack("pack tests/predict/models --entry tiny_vision:Identity -o " + Path("n.fpk") + " " + wrong).status, 2) << wrong;
  }
}

TEST_F(Predict, ALineAFileInOrder) {
  const std::string model = Pack("m.fpk", kSmall);
  std::ofstream(work_ / "labels.txt") << "a\nb\nc\nd\ne\nf\n\"g\",\n";
  const Done done = Fusepack("predict " + model + " tests/predict/images --top 3 --batch 4 --labels " + Path("labels.txt"));
  EXPECT_EQ(done.status, 1);
  EXPECT_NE(done.err.find("fusepack: error: " + model + ": predict: 8 of "), std::string::npos) << done.err;
  const auto lines = Lines(done.out);
  std::vector<std::string> names;
  for (const auto& entry : fs::directory_iterator("tests/predict/images")) {
    if (entry.is_regular_file()) names.push_back(entry.path().string());
  }
  std::sort(names.begin(), names.end());
  ASSERT_EQ(lines.size(), names.size());
  for (size_t i = 0; i < names.size(); i++) {
    EXPECT_EQ(lines[i]["file"], names[i]);
    const bool bad = names[i].find("/bad_") != std::string::npos;
    EXPECT_EQ(lines[i].contains("error"), bad) << lines[i];
    if (bad) continue;
    ASSERT_EQ(lines[i]["top"].size(), 3u);
    double before = 1;
    for (const json& entry : lines[i]["top"]) {
      EXPECT_EQ(entry["label"].get<std::string>()[0], entry["index"] == 6 ? '"' : 'a' + entry["index"].get<int>());
      EXPECT_LE(entry["score"].get<double>(), before);
      before = entry["score"];
    }
  }
}

TEST_F(Predict, TheSameFlatAndRaw) {
  const std::string model = Pack("m.fpk", kSmall), arguments = "predict " + model + " tests/predict/images --batch 8 -o ";
  ASSERT_EQ(Fusepack(arguments + Path("a.jsonl")).status, 1);
  ASSERT_EQ(Fusepack(arguments + Path("a.csv")).status, 1);
  ASSERT_EQ(Fusepack(arguments + Path("a.npy")).status, 1);
  const auto lines = Lines(ReadFile(work_ / "a.jsonl")), index = Lines(ReadFile(work_ / "a.npy.jsonl"));
  const Tensor raw = npy::ReadNpy(Path("a.npy")).value();
  ASSERT_EQ(raw.ToString(), "f32[" + std::to_string(lines.size()) + ",7]");
  std::istringstream csv(ReadFile(work_ / "a.csv"));
  std::string row;
  std::getline(csv, row);
  EXPECT_TRUE(row.starts_with("file,row,error,index_1,label_1,score_1,")) << row;
  for (size_t i = 0; i < lines.size(); i++) {
    ASSERT_TRUE(std::getline(csv, row));
    EXPECT_TRUE(row.starts_with(lines[i]["file"].get<std::string>() + ",,"));
    EXPECT_EQ(index[i]["file"], lines[i]["file"]);
    EXPECT_EQ(index[i].contains("error"), lines[i].contains("error"));
    EXPECT_EQ(std::isnan(raw.ItemAsDouble(static_cast<int64_t>(i) * 7)), lines[i].contains("error"));
    if (lines[i].contains("error")) continue;
    const int64_t best = lines[i]["top"][0]["index"];
    for (int64_t k = 0; k < 7; k++) EXPECT_LE(raw.ItemAsDouble(static_cast<int64_t>(i) * 7 + k), raw.ItemAsDouble(static_cast<int64_t>(i) * 7 + best));
  }
  EXPECT_FALSE(fs::exists(Path("a.jsonl.partial")));
}

TEST_F(Predict, Arrays) {
  const std::string model = Pack("m.fpk", kSmall);
  ASSERT_TRUE(npy::WriteNpy(Path("five.npy"), Tensor::Zeros(DType::kF32, {5, 3, 16, 16}).value()).ok());
  ASSERT_TRUE(npy::WriteNpy(Path("one.npy"), Tensor::Zeros(DType::kF32, {3, 16, 16}).value()).ok());
  ASSERT_TRUE(npy::WriteNpy(Path("pixels.npy"), Tensor::Zeros(DType::kU8, {2, 30, 40, 3}).value()).ok());
  ASSERT_TRUE(npy::WriteNpy(Path("doubles.npy"), Tensor::Zeros(DType::kF64, {5, 3, 16, 16}).value()).ok());
  const Done done = Fusepack("predict " + model + " --batch 3 " + Path("five.npy") + " " + Path("one.npy") + " " + Path("pixels.npy") + " " +
                             Path("doubles.npy") + " tests/predict/images/grey.jpg " + Path("none.jpg"));
  EXPECT_EQ(done.status, 1);
  const auto lines = Lines(done.out);
  ASSERT_EQ(lines.size(), 11u);
  for (int i = 0; i < 5; i++) EXPECT_EQ(lines[i]["row"], i);
  EXPECT_EQ(lines[0]["top"], lines[4]["top"]);
  EXPECT_FALSE(lines[5].contains("row"));
  EXPECT_EQ(lines[7]["row"], 1);
  EXPECT_TRUE(lines[8].contains("error"));
  EXPECT_TRUE(lines[9].contains("top"));
  EXPECT_NE(lines[10]["error"].get<std::string>().find("No such file"), std::string::npos);
}

TEST_F(Predict, ImagesOfManySizesWithoutACrop) {
  const std::string model = Pack("m.fpk", "--resize 20 --shape 1x3x20x24");
  const Done whole = Fusepack("predict " + model + " tests/predict/images/*.png tests/predict/images/rgb*.jpg --batch 8");
  const Done single = Fusepack("predict " + model + " tests/predict/images/*.png tests/predict/images/rgb*.jpg --batch 1");
  EXPECT_EQ(whole.status, 1);
  const auto a = Lines(whole.out), b = Lines(single.out);
  ASSERT_EQ(a.size(), b.size());
  for (size_t i = 0; i < a.size(); i++) {
    EXPECT_EQ(a[i]["file"], b[i]["file"]);
    ASSERT_EQ(a[i].contains("error"), b[i].contains("error"));
    if (!a[i].contains("error")) EXPECT_EQ(a[i]["top"][0]["index"], b[i]["top"][0]["index"]);
  }
}

TEST_F(Predict, ShardsMakeTheWhole) {
  const std::string model = Pack("m.fpk", kSmall), folder = Folder(23, 5);
  const Done whole = Fusepack("predict " + model + " " + folder + " --batch 1");
  std::string parts;
  for (int i = 0; i < 4; i++) parts += Fusepack("predict " + model + " " + folder + " --batch 1 --shard " + std::to_string(i) + "/4").out;
  EXPECT_EQ(parts, whole.out);
  for (const char* wrong : {"4/4", "x", "1", "/", "1/", "-1/4"}) EXPECT_EQ(Fusepack("predict " + model + " " + folder + " --shard " + wrong).status, 2) << wrong;
}

TEST_F(Predict, FoldersInFolders) {
  fs::create_directories(work_ / "in/b/c");
  for (const char* name : {"a.png", "b/x.PNG", "b/c/y.jpg", "c.jpeg", "notes.txt"}) fs::copy_file("tests/predict/images/rgb.png", work_ / "in" / name);
  const auto names = [](const FileList& list) {
    std::string all;
    for (size_t i = 0; i < list.size(); i++) all += list[i].substr(list[i].find("in/")) + " ";
    return all;
  };
  EXPECT_EQ(names(FileList::Collect({Path("in")}, false).value()), "in/a.png in/c.jpeg ");
  EXPECT_EQ(names(FileList::Collect({Path("in/")}, true).value()), "in/a.png in/b/c/y.jpg in/b/x.PNG in/c.jpeg ");
}

// Killed at random moments and gone on with, until it ends by itself: the file is that of an undisturbed run.
TEST_F(Predict, KilledAndResumed) {
  const std::string model = Pack("m.fpk", kSmall), folder = Folder(600, 37);
  const unsigned seed = std::random_device()();
  std::mt19937 random(seed);
  for (const char* extension : {".jsonl", ".csv", ".npy"}) {
    ASSERT_EQ(Fusepack("predict " + model + " " + folder + " --batch 8 -o " + Path(std::string("whole") + extension)).status, 1);
    const std::string out = Path(std::string("killed") + extension);
    int kills = 0, status = -1;
    for (int attempt = 0; attempt < 200; attempt++) {
      const pid_t child = fork();
      if (child == 0) {
        const int null = open("/dev/null", O_WRONLY);
        dup2(null, 1);
        dup2(null, 2);
        execl("tools/fusepack", "fusepack", "predict", model.c_str(), folder.c_str(), "--batch", "8", "--resume", "-o", out.c_str(), nullptr);
        _exit(127);
      }
      if (kills < 17) {
        usleep(static_cast<useconds_t>(random() % 120'000 + 5'000));
        kill(child, SIGKILL);
      }
      int state;
      ASSERT_EQ(waitpid(child, &state, 0), child);
      if (WIFEXITED(state)) {
        status = WEXITSTATUS(state);
        if (status == 1) break;
      }
      kills++;
    }
    EXPECT_EQ(status, 1) << "seed " << seed;
    EXPECT_EQ(ReadFile(out), ReadFile(Path(std::string("whole") + extension))) << extension << ", " << kills << " kills, seed " << seed;
    EXPECT_EQ(ReadFile(out + ".jsonl"), ReadFile(Path(std::string("whole") + extension) + ".jsonl"));
    EXPECT_FALSE(fs::exists(out + ".partial"));
  }
}

// Every place at which a kill can have stopped the last write.
TEST_F(Predict, TornAtEveryByte) {
  const std::string model = Pack("m.fpk", kSmall), folder = Folder(6, 3), out = Path("o.jsonl");
  ASSERT_EQ(Fusepack("predict " + model + " " + folder + " --batch 4 -o " + out).status, 1);
  const std::string whole = ReadFile(out);
  for (size_t size = 0; size <= whole.size(); size += 41) {
    fs::remove(out);
    std::ofstream(out + ".partial", std::ios::binary) << whole.substr(0, size);
    const Done done = Fusepack("predict " + model + " " + folder + " --batch 4 --resume -o " + out);
    ASSERT_EQ(done.status, 1) << done.err;
    ASSERT_EQ(ReadFile(out), whole) << "torn at " << size;
  }
  // A finished file is left as it is.
  EXPECT_EQ(Fusepack("predict " + model + " " + folder + " --batch 4 --resume -o " + out).status, 1);
  EXPECT_EQ(ReadFile(out), whole);
  // Another run's lines are not gone on with.
  std::ofstream(out + ".partial") << "{\"file\":\"other.jpg\",\"top\":[]}\n";
  const Done other = Fusepack("predict " + model + " " + folder + " --resume -o " + out);
  EXPECT_EQ(other.status, 65);
  EXPECT_NE(other.err.find("other.jpg"), std::string::npos) << other.err;
}

TEST_F(Predict, Usage) {
  const std::string image = " tests/predict/images/rgb.png";
  const Done none = Fusepack("predict " + Pack("n.fpk", "--shape 1x3x8x8") + image);
  EXPECT_EQ(none.status, 1);
  EXPECT_NE(none.out.find("--preprocess"), std::string::npos) << none.out;
  EXPECT_EQ(Fusepack("predict " + Path("n.fpk") + image + " --preprocess imagenet").status, 0);
  EXPECT_EQ(Fusepack("predict " + Path("n.fpk") + image + " -o " + Path("x.txt")).status, 2);
  EXPECT_EQ(Fusepack("predict " + Path("n.fpk") + image + " --resume").status, 2);
  EXPECT_EQ(Fusepack("predict " + Path("n.fpk") + " " + work_.string()).status, 65);
  EXPECT_EQ(Fusepack("predict " + Path("n.fpk") + image + " --labels " + Path("none.txt")).status, 74);
  EXPECT_EQ(Fusepack("predict " + Path("n.fpk") + image + " --preprocess imagenet -o /dev/full").status, 74);
}

TEST(Progress, Line) {
  EXPECT_EQ(ProgressLine(100, 0, 50, 40, 3, 10, 200), "[##########          ] 50/100 files  50%  4.0/s  3 errors  0:10 left");
  EXPECT_EQ(ProgressLine(100, 0, 50, 40, 3, 10, 10), "[#########");
  EXPECT_EQ(ClockText(3723.4), "1:02:03");
}

TEST(Lines, KeysComeBack) {
  Outcome outcome;
  outcome.item.file = "a \"b\",\n\xff.jpg";
  outcome.item.row = 4;
  outcome.error = BadInput("x", "line\nbreak \"quoted\"");
  LineFormat format;
  auto key = ParseJsonLine(format.Line(&outcome));
  ASSERT_TRUE(key.has_value());
  EXPECT_EQ(key->file, PrintableName(outcome.item.file));
  EXPECT_EQ(key->row, 4);
  EXPECT_TRUE(key->failed);
  format.csv = true;
  const std::string line = format.Line(&outcome);
  EXPECT_EQ(CsvRecordBytes(line), line.size());
  for (size_t cut = 0; cut < line.size(); cut++) EXPECT_EQ(CsvRecordBytes(std::string_view(line).substr(0, cut)), 0u) << cut;
  key = ParseCsvLine(line);
  ASSERT_TRUE(key.has_value());
  EXPECT_EQ(key->file, PrintableName(outcome.item.file));
  EXPECT_EQ(key->row, 4);
  EXPECT_TRUE(key->failed);
}

TEST(Lines, Ranking) {
  const float logits[] = {1, 3, 3, -100};
  const auto ranked = RankLogits(Tensor::FromValues<float>({4}, logits), 3).value();
  ASSERT_EQ(ranked.size(), 3u);
  EXPECT_EQ(ranked[0].index, 1);
  EXPECT_EQ(ranked[1].index, 2);
  EXPECT_NEAR(ranked[0].score, 1 / (2 + std::exp(-2.0)), 1e-6);
  const float nan[] = {1, NAN};
  EXPECT_FALSE(RankLogits(Tensor::FromValues<float>({2}, nan), 1).ok());
}

}  // namespace
}  // namespace fusepack
