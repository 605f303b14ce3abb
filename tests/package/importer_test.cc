// PackageImporter by its C++ interface, and what a hostile archive gets.
#include "tracer/package/importer.h"

#include <filesystem>
#include <fstream>

#include "tests/package/environment_fixture.h"
#include "tracer/archive/zip_writer.h"
#include "tracer/python/files.h"

namespace fusepack {
namespace {

using namespace std::string_literals;

bool Has(const std::string& text, const std::string& part) { return text.find(part) != std::string::npos; }

class Importer : public PackagingTest {
 protected:
  // An archive of these records (name, text) under "archive".
  static std::vector<uint8_t> Archive(const std::vector<std::pair<std::string, std::string>>& files, const std::string& externs = "\n") {
    std::vector<archive::NewRecord> records;
    for (const auto& [name, text] : files) records.push_back({name, Bytes::FromVector({text.begin(), text.end()})});
    records.push_back({".data/extern_modules", Bytes::FromVector({externs.begin(), externs.end()})});
    archive::FinishContainer(&records);
    return archive::ZipBytes("archive", records).value();
  }
  std::string Raises(const std::vector<std::pair<std::string, std::string>>& files, const std::string& module, const std::string& name,
                     const std::string& externs = "\n") {
    auto importer = Open(Archive(files, externs));
    auto got = in().Try([&] { return in().GetAttr(in().Import(*importer, module), name); });
    return got.ok() ? "no error" : got.status().ToString();
  }
};

TEST_F(Importer, NamesFilesAndModules) {
  auto importer = Open(Archive({{"a/__init__.py", "x = 1\n"}, {"a/b.py", "y = __name__\n"}, {"c/d.py", "z = 2\n"}}));
  EXPECT_EQ(importer->id(), "<torch_package_0>");
  const py::Value a = importer->import_module("a").value();
  EXPECT_EQ(in().Repr(in().GetAttr(a, "__file__")), "'<torch_package_0>.a/__init__.py'");
  EXPECT_EQ(in().Repr(in().GetAttr(a, "__torch_package__")), "True");
  EXPECT_EQ(in().Repr(in().GetAttr(in().GetAttr(a, "b"), "y")), "'<torch_package_0>.a.b'");
  EXPECT_TRUE(importer->import_module("<torch_package_0>.a").value().Is(a));
  // A folder without __init__.py is an empty package.
  EXPECT_EQ(in().Repr(in().GetAttr(importer->import_module("c").value(), "__file__")), "None");
  EXPECT_EQ(in().Repr(in().GetAttr(importer->import_module("c.d").value(), "z")), "2");
  auto none = importer->import_module("a.none");
  ASSERT_FALSE(none.ok());
  EXPECT_TRUE(Has(none.error().found, "ModuleNotFoundError: No module named \"a.none\" in self-contained archive \"<binary>\" and the module is "
                                      "also not in the list of allowed external modules: []")) << none.error().found;
  // Another importer's names are not this one's.
  auto other = Open(Archive({{"a.py", ""}}));
  EXPECT_FALSE(other->import_module("<torch_package_0>.a").ok());
  EXPECT_TRUE(other->import_module("<torch_package_1>.a").ok());
  EXPECT_EQ(importer->python_version(), std::nullopt);
}

TEST_F(Importer, ResourcesAndStructure) {
  auto importer = Open(Archive({{"a/__init__.py", ""}, {"a/t.txt", "h\xc3\xa9"}, {"a/b/c.bin", std::string("\0\1", 2)}}));
  EXPECT_EQ(importer->load_text("a", "t.txt").value(), "h\xc3\xa9");
  EXPECT_EQ(importer->load_binary("a.b", "c.bin").value(), std::string("\0\1", 2));
  EXPECT_TRUE(Has(importer->load_text("a", "none").error().found, "failed locating file a/none"));
  EXPECT_TRUE(Has(importer->load_text("a", "../a/t.txt").error().found, "ValueError: '../a/t.txt' must be only a file name"));
  EXPECT_EQ(importer->file_structure({"a/**"}, {"**/*.bin"}).value(),
            "\u2500\u2500\u2500 <binary>\n    \u2514\u2500\u2500 a\n        \u251c\u2500\u2500 __init__.py\n        \u2514\u2500\u2500 t.txt\n");
}

TEST_F(Importer, UnpackedFolders) {
  const std::string folder = ::testing::TempDir() + "/unpacked";
  const std::vector<std::pair<std::string, std::string>> files = {
      {"a/__init__.py", "x = 41 + 1\n"}, {"a/t.txt", "text"}, {".data/extern_modules", "\n"}, {".data/version", "6\n"}, {"byteorder", "little"}};
  std::string python = "import os\n";
  for (const auto& [name, text] : files) {
    const std::filesystem::path path = folder + "/" + name;
    std::filesystem::create_directories(path.parent_path());
    std::ofstream(path) << text;
    python += "os.makedirs('/tmp/unpacked/" + std::filesystem::path(name).parent_path().string() + "', exist_ok=True)\n" +
              "f = io.open('/tmp/unpacked/" + name + "', 'wb'); f.write(" + in().Repr(py::Value(in().NewBytes(text))) + "); f.close()\n";
  }
  auto importer = PackageImporter::Open(in(), folder);
  ASSERT_TRUE(importer.ok()) << importer.status().ToString();
  EXPECT_EQ(in().Repr(in().GetAttr((*importer)->import_module("a").value(), "x")), "42");
  EXPECT_EQ((*importer)->load_text("a", "t.txt").value(), "text");
  std::filesystem::remove_all(folder);
  in().State<py::Files>().Grant("/tmp", {});
  EXPECT_EQ(Text(python, "PackageImporter('/tmp/unpacked').import_module('a').x"), "42");
}

TEST_F(Importer, InconsistentStructure) {
  auto under_extern = PackageImporter::OpenBytes(in(), Archive({{"a/b.py", ""}}, "a\n"));
  ASSERT_FALSE(under_extern.ok());
  EXPECT_EQ(under_extern.status().ToString(), "<binary>: record 'a/b.py': defines a module below 'a', expected none there, since it is listed as extern");
  std::string bytes;
  for (uint8_t b : Archive({{"a/b.py", ""}}, "a\n")) {
    char escaped[5];
    std::snprintf(escaped, sizeof escaped, "\\x%02x", b);
    bytes += escaped;
  }
  EXPECT_TRUE(Has(Error("PackageImporter(io.BytesIO(b'" + bytes + "'))"), "ImportError: inconsistent module structure. package contains a file that is a "
                                                                     "subpackage of a module marked external"));
  auto under_module = PackageImporter::OpenBytes(in(), Archive({{"a.py", ""}, {"a/b.py", ""}}));
  ASSERT_FALSE(under_module.ok()) << "a module with submodules";
  EXPECT_TRUE(Has(under_module.error().found, "module a is not a package, but has submodules")) << under_module.status().ToString();
}

TEST_F(Importer, PackagedCodeReachesNothing) {
  // No files, however they are asked for.
  for (const char* code : {"io.open('/etc/passwd')", "open('/etc/passwd')", "PackageImporter('/etc/passwd')", "PackageExporter('/tmp/x.pt').close()",
                           "_native.open(b'PK', 'x')", "_native.load(b'cos\\nsystem\\n.')", "_native.dump([], 3, 5)", "_native.dump(torch.ones(3), 3, None)", "_native.Globs(1, 2, 3)",
                           "_native.Reader()", "_native.find_imports('f', 'def', 'p')"}) {
    const std::string source = std::string("import io, torch\nfrom torch.package import PackageExporter, PackageImporter, _native\ndef f():\n    return ") + code + "\nx = f()\n";
    const std::string error = Raises({{"evil.py", source}}, "evil", "x", "io\ntorch\n");
    EXPECT_NE(error, "no error") << code;
  }
  // The environment's folders are not the package's.
  EXPECT_TRUE(Has(Raises({{"evil.py", "import garden\nx = garden\n"}}, "evil", "x"), "in self-contained archive"));
}

TEST_F(Importer, PicklesOfHostileShapes) {
  const auto load = [&](const std::string& pickle, const std::string& externs = "\n") {
    auto importer = Open(Archive({{"m/m.pkl", pickle}, {"m/code.py", "def f(importer, *args):\n    return importer.load_pickle('m', 'm.pkl')\n"}}, externs));
    auto loaded = importer->load_pickle("m", "m.pkl");
    return loaded.ok() ? "no error" : loaded.status().ToString();
  };
  EXPECT_TRUE(Has(load("cm.code\nnone\n."), "AttributeError"));
  EXPECT_TRUE(Has(load("cos\nsystem\n(S'x'\ntR."), "ModuleNotFoundError"));
  // A packaged call that loads its own pickle again and again.
  EXPECT_TRUE(Has(load("\x80\x03(X\x0e\0\0\0reduce_packageK\0cm.code\nf\n)tQ."s), "calls nested 512 deep"));
}

}  // namespace
}  // namespace fusepack
