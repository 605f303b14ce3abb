// Archives that a real PyTorch wrote (tests/archive/make_data.py), and hostile ones built here.
#include <cstdlib>
#include <fstream>
#include <nlohmann/json.hpp>
#include <sstream>

#include "gmock/gmock.h"
#include "gtest/gtest.h"
#include "tests/archive/zip_builder.h"
#include "tracer/archive/package_layout.h"

namespace fusepack::archive {
namespace {

using ::testing::ElementsAre;
using ::testing::HasSubstr;

std::string Content(const std::string& path) {
  std::ifstream in(path, std::ios::binary);
  std::ostringstream out;
  out << in.rdbuf();
  return out.str();
}

std::string Data(const std::string& name) { return "tests/archive/data/" + name; }

std::shared_ptr<const Archive> Opened(const std::string& name) {
  auto archive = OpenArchive(Data(name));
  EXPECT_TRUE(archive.ok()) << archive.status().ToString();
  return archive.ok() ? *archive : nullptr;
}

// The dense row-major bytes of a view.
std::string Gather(const PickleTree& tree, const TensorRef& t) {
  const uint8_t* data = t.data(tree.storages().at(t.storage));
  const size_t item = ItemSize(t.dtype);
  std::string out;
  Dims index(t.sizes.size(), 0);
  for (int64_t n = Numel(t.sizes); n > 0; n--) {
    int64_t at = 0;
    for (int i = 0; i < index.size(); i++) at += index[i] * t.strides[i];
    out.append(reinterpret_cast<const char*>(data + at * static_cast<int64_t>(item)), item);
    for (int i = index.size() - 1; i >= 0 && ++index[i] == t.sizes[i]; i--) index[i] = 0;
  }
  return out;
}

std::string Hex(const std::string& bytes) {
  std::string out;
  for (const unsigned char c : bytes) {
    out += "0123456789abcdef"[c >> 4];
    out += "0123456789abcdef"[c & 15];
  }
  return out;
}

TEST(Archive, TensorsAreTorchs) {
  const auto expected = nlohmann::json::parse(Content(Data("tensors.json")));
  for (const char* name : {"tensors_p3.pt", "tensors_p4.pt", "tensors_save.pt"}) {
    auto archive = Opened(name);
    ASSERT_NE(archive, nullptr);
    auto pickle = archive->DefaultPickle();
    ASSERT_TRUE(pickle.ok());
    auto tree = archive->LoadPickle(**pickle);
    ASSERT_TRUE(tree.ok()) << tree.status().ToString();
    ASSERT_EQ((*tree)->root()->pairs.size(), expected.size());
    for (const auto& [key, want] : expected.items()) {
      const PickleValue* value = (*tree)->root()->Get(key);
      ASSERT_TRUE(value != nullptr && value->is(PickleKind::kTensor)) << key;
      const TensorRef& t = (*tree)->tensors()[value->integer];
      EXPECT_EQ(TorchName(t.dtype), want["dtype"].get<std::string>()) << key;
      EXPECT_EQ(t.sizes.ToVector(), want["sizes"].get<std::vector<int64_t>>()) << key;
      EXPECT_EQ(t.strides.ToVector(), want["strides"].get<std::vector<int64_t>>()) << key;
      EXPECT_EQ(t.is_parameter, want["parameter"].get<bool>()) << key;
      EXPECT_EQ(t.requires_grad, want["requires_grad"].get<bool>()) << key;
      EXPECT_EQ(Hex(Gather(**tree, t)), want["bytes"].get<std::string>()) << key;
    }
    const auto storage = [&](const char* key) { return (*tree)->tensors()[(*tree)->root()->Get(key)->integer].storage; };
    EXPECT_EQ(storage("base"), storage("transposed"));
    EXPECT_EQ(storage("base"), storage("slice"));
    EXPECT_NE(storage("base"), storage("scalar"));
  }
}

TEST(Archive, StoragesOfRealArchivesAreNotCopied) {
  auto archive = Opened("tensors_p3.pt");
  ASSERT_NE(archive, nullptr);
  auto tree = archive->LoadPickle("data", "tensors.pkl");
  ASSERT_TRUE(tree.ok());
  const ZipRecord* record = archive->zip().Find("tensors_p3/.data/0.storage");
  ASSERT_NE(record, nullptr);
  auto bytes = archive->zip().Read(*record);
  ASSERT_TRUE(bytes.ok());
  EXPECT_EQ((*tree)->storages().at(0).bytes.data(), bytes->data());
  EXPECT_EQ(reinterpret_cast<uintptr_t>(bytes->data()) % 64, 0u);
}

TEST(Archive, TreesAreAsReviewed) {
  const std::pair<const char*, const char*> pickles[] = {
      {"shapes_p3.pt", "model/net.pkl"}, {"shapes_p4_buffer.pt", "model/net.pkl"}, {"traced.pt", "model/traced.pkl"},
      {"traced.pt", "model/state.pkl"},  {"script.pt", "data.pkl"},                {"values_save.pt", "data.pkl"}};
  for (const auto& [name, pickle] : pickles) {
    auto archive = Opened(name);
    ASSERT_NE(archive, nullptr);
    const ArchiveResource* resource = archive->FindResource(pickle);
    ASSERT_NE(resource, nullptr) << pickle;
    auto tree = archive->LoadPickle(*resource);
    ASSERT_TRUE(tree.ok()) << tree.status().ToString();
    std::string stem = pickle;
    stem = stem.substr(stem.rfind('/') + 1);
    const std::string golden = std::string(name) + "." + stem.substr(0, stem.find('.')) + ".tree";
    const std::string text = PickleText(**tree) + "\n";
    if (const char* folder = std::getenv("FUSEPACK_WRITE_GOLDEN")) std::ofstream(std::string(folder) + "/" + golden) << text;
    EXPECT_EQ(text, Content(Data(golden))) << golden;
  }
}

TEST(Archive, PackageLayout) {
  for (const char* name : {"shapes_p3.pt", "shapes_p4_buffer.pt"}) {
    auto archive = Opened(name);
    ASSERT_NE(archive, nullptr);
    EXPECT_EQ(archive->kind(), ArchiveKind::kTorchPackage);
    EXPECT_EQ(archive->root(), std::string(name) == "shapes_p3.pt" ? "shapes_p3" : "archive");
    EXPECT_EQ(archive->version(), 6);
    EXPECT_THAT(archive->python_version(), ::testing::MatchesRegex("3\\.[0-9]+\\.[0-9]+"));
    std::vector<std::string> modules;
    for (const ArchiveModule& module : archive->modules()) {
      modules.push_back(module.name + (module.is_package ? "/" : "") + (module.file.empty() ? " (no file)" : ""));
    }
    EXPECT_THAT(modules, ElementsAre("extra/ (no file)", "extra.tool", "model/ (no file)", "model.notes/ (no file)", "shapes/ (no file)",
                                     "shapes.deep/", "shapes.deep.kinds", "shapes.net"));
    EXPECT_TRUE(archive->IsExtern("torch"));
    EXPECT_TRUE(archive->IsExtern("torch.nn"));
    EXPECT_FALSE(archive->IsExtern("torchvision"));
    EXPECT_FALSE(archive->IsExtern("shapes"));

    auto source = archive->ReadSource(*archive->FindModule("extra.tool"));
    ASSERT_TRUE(source.ok());
    EXPECT_EQ(source->text(), "x = 1\n");
    auto text = archive->ReadResource(*archive->FindResource("model/notes/readme.txt"));
    ASSERT_TRUE(text.ok());
    EXPECT_EQ(text->text(), "r\xc3\xa9sum\xc3\xa9\n");
    EXPECT_EQ(archive->FindResource("model/raw.bin")->package, "model");
    EXPECT_FALSE(archive->FindResource("model/raw.bin")->is_pickle);
    EXPECT_EQ((*archive->DefaultPickle())->path, "model/net.pkl");
  }
}

TEST(Archive, SeveralPicklesNeedAName) {
  auto archive = Opened("traced.pt");
  ASSERT_NE(archive, nullptr);
  auto pickle = archive->DefaultPickle();
  ASSERT_FALSE(pickle.ok());
  EXPECT_THAT(pickle.status().ToString(), HasSubstr("2 pickles: 'model/traced.pkl', 'model/state.pkl'"));
  auto none = archive->LoadPickle("model", "none.pkl");
  ASSERT_FALSE(none.ok());
  EXPECT_THAT(none.status().ToString(), HasSubstr("no pickle 'model/none.pkl'"));
}

TEST(Archive, StoragesAreSharedBetweenPickles) {
  auto archive = Opened("traced.pt");
  ASSERT_NE(archive, nullptr);
  auto first = archive->LoadPickle("model", "traced.pkl"), second = archive->LoadPickle("model", "state.pkl");
  ASSERT_TRUE(first.ok() && second.ok());
  EXPECT_EQ((*first)->shared_storages(), (*second)->shared_storages());
  EXPECT_EQ((*first)->storages().size(), 2);
}

TEST(Archive, TreeOutlivesArchive) {
  std::shared_ptr<const PickleTree> tree;
  {
    auto loaded = Opened("tensors_p3.pt")->LoadPickle("data", "tensors.pkl");
    ASSERT_TRUE(loaded.ok());
    tree = *loaded;
  }
  EXPECT_EQ(Hex(Gather(*tree, tree->tensors()[tree->root()->Get("uint8")->integer])), "0001020304");
  // A storage that nobody asked for before is still found.
  EXPECT_TRUE(tree->shared_storages()->Find("0", "cpu", 3).ok());
}

TEST(Archive, OtherKindsSayWhatTheyAre) {
  EXPECT_EQ(Opened("script.pt")->kind(), ArchiveKind::kTorchScript);
  EXPECT_EQ(Opened("tensors_save.pt")->kind(), ArchiveKind::kTorchSave);
  EXPECT_NE(Opened("script.pt")->FindModule("__torch__.torch.nn.modules.linear"), nullptr);
}

TEST(Archive, MappedAndReadAgree) {
  for (const FileAccess access : {FileAccess::kMap, FileAccess::kRead}) {
    auto file = MappedFile::Open(Data("shapes_p3.pt"), access);
    ASSERT_TRUE(file.ok());
    auto archive = OpenArchive(*file);
    ASSERT_TRUE(archive.ok());
    auto tree = (*archive)->LoadPickle("model", "net.pkl");
    ASSERT_TRUE(tree.ok());
    EXPECT_EQ(PickleText(**tree) + "\n", Content(Data("shapes_p3.pt.net.tree")));
  }
}

// ---- hostile layouts ----

std::vector<ZipPart> Good() {
  return {{.name = "m/.data/extern_modules", .content = "torch\nsys\n"},
          {.name = "m/.data/version", .content = "6\n"},
          {.name = "m/byteorder", .content = "little"},
          {.name = "m/pkg/__init__.py", .content = "x = 1\n"},
          {.name = "m/pkg/model.pkl", .content = "\x80\x03N."},
          {.name = "m/.data/0.storage", .content = std::string(8, 'w')}};
}

Result<std::shared_ptr<const Archive>> OpenParts(const std::vector<ZipPart>& parts) {
  const std::string bytes = BuildZip(parts).bytes;
  return OpenArchive(MappedFile::FromBytes("m.pt", {bytes.begin(), bytes.end()}));
}

TEST(Archive, EveryLayoutRuleHasAnArchiveThatBreaksIt) {
  ASSERT_TRUE(OpenParts(Good()).ok()) << OpenParts(Good()).status().ToString();
  const auto with = [](size_t index, ZipPart part) {
    std::vector<ZipPart> parts = Good();
    if (index < parts.size()) parts[index] = std::move(part);
    else parts.push_back(std::move(part));
    return parts;
  };
  std::vector<ZipPart> many = Good();
  for (int i = 0; i < 17; i++) {
    // Letters in a cycle that is long enough to keep deflate under its ratio limit.
    std::string text;
    for (uint32_t k = 0, x = 1; k < (4u << 20) - 16; k++, x = x * 1103515245 + 12345) text += static_cast<char>('a' + (x >> 16) % 16);
    many.push_back({.name = "m/pkg/s" + std::to_string(i) + ".py", .content = std::move(text)});
  }
  struct Case {
    const char* rule;
    std::vector<ZipPart> parts;
    const char* message;
    ErrorCode code = ErrorCode::kBadInput;
  };
  const Case cases[] = {
      {"record outside the root", with(9, {.name = "n/evil.py"}), "outside the archive's root folder"},
      {"record beside the root", with(9, {.name = "mm/evil.py"}), "outside the archive's root folder"},
      {"no package", {{.name = "m/readme"}}, "without .data/extern_modules or data.pkl"},
      {"torch.export", {{.name = "m/archive_format", .content = "pt2"}}, "torch.export"},
      {"no version", with(1, {.name = "m/x"}), "no version record"},
      {"version 0", with(1, {.name = "m/.data/version", .content = "0\n"}), "version '0', expected a number from 1 to 10"},
      {"version 11", with(1, {.name = "m/.data/version", .content = "11\n"}), "version '11'"},
      {"version in words", with(1, {.name = "m/.data/version", .content = "six"}), "version 'six'"},
      {"big-endian", with(2, {.name = "m/byteorder", .content = "big"}), "'big', expected 'little'"},
      {"deflated tensor", with(5, {.name = "m/.data/0.storage", .content = "wwwwwwww", .deflated = true}), "deflated tensor storage"},
      {"source below an extern", with(9, {.name = "m/sys/a.py"}), "below 'sys'"},
      {"resource in an extern", with(9, {.name = "m/torch/nn/w.bin"}), "lies in module 'torch'"},
      {"two sources of a module", with(9, {.name = "m/pkg.py"}), "second source of module 'pkg'"},
      {"extern that is no name", with(0, {.name = "m/.data/extern_modules", .content = "a b\n"}), "the name of a module"},
      {"extern list too long", with(0, {.name = "m/.data/extern_modules", .content = std::string((1 << 20) + 1, 'x')}),
       "at most 1048576", ErrorCode::kLimit},
      {"source over 4 MiB", with(9, {.name = "m/big.py", .content = std::string((4 << 20) + 1, '#')}), "at most 4194304",
       ErrorCode::kLimit},
      {"sources over 64 MiB", many, "at most 67108864", ErrorCode::kLimit},
  };
  for (const Case& c : cases) {
    auto archive = OpenParts(c.parts);
    ASSERT_FALSE(archive.ok()) << c.rule;
    EXPECT_THAT(archive.status().ToString(), HasSubstr(c.message)) << c.rule;
    EXPECT_EQ(archive.error().code, c.code) << c.rule;
    EXPECT_EQ(archive.error().file, "m.pt") << c.rule;
  }
}

TEST(Archive, PicklesAreFoundByNameOrContent) {
  std::vector<ZipPart> parts = Good();
  parts.push_back({.name = "m/pkg/weights.bin", .content = "\x80\x04N."});
  parts.push_back({.name = "m/pkg/text.bin", .content = "\x80\x04N;"});
  parts.push_back({.name = "m/pkg/small.pkl", .content = "\x80\x04N.", .deflated = true});
  auto archive = OpenParts(parts);
  ASSERT_TRUE(archive.ok()) << archive.status().ToString();
  EXPECT_TRUE((*archive)->FindResource("pkg/weights.bin")->is_pickle);
  EXPECT_FALSE((*archive)->FindResource("pkg/text.bin")->is_pickle);
  EXPECT_TRUE((*archive)->FindResource("pkg/small.pkl")->is_pickle);
  EXPECT_TRUE((*archive)->LoadPickle("pkg", "small.pkl").ok());
}

TEST(Archive, OldVersionRecordIsFound) {
  std::vector<ZipPart> parts = Good();
  parts[1].name = "m/version";
  parts[1].content = "3";
  auto archive = OpenParts(parts);
  ASSERT_TRUE(archive.ok()) << archive.status().ToString();
  EXPECT_EQ((*archive)->version(), 3);
}

TEST(Archive, BarePickleIsNamed) {
  auto archive = OpenArchive(MappedFile::FromBytes("old.pt", {0x80, 2, 'N', '.'}));
  ASSERT_FALSE(archive.ok());
  EXPECT_THAT(archive.status().ToString(), HasSubstr("bare pickle"));
}

TEST(Archive, MissingFileIsAnIoError) {
  auto archive = OpenArchive("no/such/file.pt");
  ASSERT_FALSE(archive.ok());
  EXPECT_EQ(archive.error().code, ErrorCode::kIo);
}

// Everything that a user can reach; a changed byte gives an error or the same values, never another tensor.
TEST(Archive, TruncationsAndChangedBytesNeverChangeATensorSilently) {
  const std::string whole = Content(Data("traced.pt"));
  ASSERT_FALSE(whole.empty());
  std::string golden;
  const auto load_all = [](const std::string& bytes, std::string* texts) {
    auto archive = OpenArchive(MappedFile::FromBytes("m.pt", {bytes.begin(), bytes.end()}));
    if (!archive.ok()) return false;
    for (const ArchiveResource& resource : (*archive)->resources()) {
      if (!resource.is_pickle) continue;
      auto tree = (*archive)->LoadPickle(resource);
      if (!tree.ok()) return false;
      *texts += PickleText(**tree);
      for (const TensorRef& t : (*tree)->tensors()) *texts += Hex(Gather(**tree, t));
    }
    for (const ArchiveModule& module : (*archive)->modules()) {
      if (!module.file.empty() && !(*archive)->ReadSource(module).ok()) return false;
    }
    return true;
  };
  ASSERT_TRUE(load_all(whole, &golden));
  for (size_t size = 0; size < whole.size(); size++) {
    std::string texts;
    EXPECT_FALSE(load_all(whole.substr(0, size), &texts)) << size;
  }
  for (size_t at = 0; at < whole.size(); at++) {
    std::string changed = whole, texts;
    changed[at] = static_cast<char>(changed[at] ^ (1 << (at % 8)));
    if (!load_all(changed, &texts)) continue;
    EXPECT_EQ(texts, golden) << at;
  }
}

}  // namespace
}  // namespace fusepack::archive
