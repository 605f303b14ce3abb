// PackageExporter by its C++ interface: the rows of what packages are for, the order of the checks, errors, queries.
#include "tracer/package/exporter.h"

#include <filesystem>
#include <fstream>

#include "tests/package/environment_fixture.h"

namespace fusepack {
namespace {

using ::testing::Test;
using Names = std::vector<std::string>;

bool Has(const std::string& text, const std::string& part) { return text.find(part) != std::string::npos; }

class Exporter : public PackagingTest {
 protected:
  py::Value Input() { return Eval("", "torch.arange(12, dtype=torch.float32).reshape(3, 4) / 7 - 0.5"); }
  py::Value Leafy() { return Eval("from garden.leafy import Leafy", "Leafy()"); }
};

TEST_F(Exporter, Row1Simple) {
  const py::Value traced = Eval("class Simple(torch.nn.Module):\n    def forward(self, x):\n        return torch.relu(x + 3.0)",
                                "torch.fx.symbolic_trace(Simple())");
  PackageExporter exporter(in());
  EXPECT_OK(exporter.save_pickle("model", "model.pkl", traced));
  auto importer = Open(Finish(exporter));
  auto loaded = importer->load_pickle("model", "model.pkl");
  ASSERT_TRUE(loaded.ok()) << loaded.status().ToString();
  EXPECT_EQ(CallText(*loaded, {Input()}), CallText(traced, {Input()}));
}

TEST_F(Exporter, Rows2And3PackageThenTraceThenPackage) {
  PackageExporter first(in());
  EXPECT_OK(first.intern({"**"}));
  EXPECT_OK(first.save_pickle("model", "model.pkl", Leafy()));
  auto importer = Open(Finish(first));
  const py::Value loaded = importer->load_pickle("model", "model.pkl").value();
  auto traced = in().Try([&] { return in().Call(in().GetAttr(in().Import("torch.fx"), "symbolic_trace"), {loaded}); });
  ASSERT_TRUE(traced.ok()) << traced.status().ToString();
  const std::string expected = CallText(Leafy(), {Input()});
  EXPECT_EQ(CallText(*traced, {Input()}), expected);

  // The traced code names a function of the package.
  PackageExporter blind(in());
  EXPECT_OK(blind.intern({"**"}));
  const Status mismatch = blind.save_pickle("model", "model.pkl", *traced);
  ASSERT_FALSE(mismatch.ok());
  EXPECT_TRUE(Has(mismatch.error().found, "ObjMismatchError")) << mismatch.ToString();
  EXPECT_TRUE(Has(mismatch.error().found, "The object provided is from '<torch_package_0>.garden.leafy', which is coming from <torch_package_0>."));
  EXPECT_TRUE(Has(mismatch.error().found, "importer lists the importer for <torch_package_0> before 'sys_importer'"));

  PackageExporter seeing(in(), {.importers = {importer.get()}});
  EXPECT_OK(seeing.intern({"**"}));
  EXPECT_OK(seeing.save_pickle("model", "model.pkl", *traced));
  auto second = Open(Finish(seeing));
  auto again = second->load_pickle("model", "model.pkl");
  ASSERT_TRUE(again.ok()) << again.status().ToString();
  EXPECT_EQ(CallText(*again, {Input()}), expected);
}

TEST_F(Exporter, Row4HandBuiltGraph) {
  const py::Value model = Eval(
      "import garden.leafy\n"
      "graph = torch.fx.Graph()\n"
      "a, b = graph.placeholder('x'), graph.placeholder('y')\n"
      "c = graph.call_function(garden.leafy.joined, (a, b))\n"
      "graph.output(graph.call_function(torch.sin, (c,)))",
      "torch.fx.GraphModule(torch.nn.Module(), graph)");
  PackageExporter exporter(in());
  EXPECT_OK(exporter.intern({"**"}));
  EXPECT_OK(exporter.save_pickle("model", "model.pkl", model));
  auto importer = Open(Finish(exporter));
  auto loaded = importer->load_pickle("model", "model.pkl");
  ASSERT_TRUE(loaded.ok()) << loaded.status().ToString();
  EXPECT_EQ(CallText(*loaded, {Input(), Input()}), CallText(model, {Input(), Input()}));
  const py::Value packaged = importer->import_module("garden.leafy").value(), own = Eval("import garden.leafy", "garden.leafy");
  EXPECT_FALSE(packaged.Is(own));
}

// Row 7's trouble: import statements of what is not here and never needed.
TEST_F(Exporter, Row7InternsWhatIsReachedAndNotesTheRest) {
  const py::Value model = Eval("from garden.heavy import Heavy\ntorch.manual_seed(1)", "Heavy()");
  PackageExporter exporter(in());
  EXPECT_OK(exporter.intern({"**"}));
  EXPECT_OK(exporter.save_pickle("model", "model.pkl", model));
  // `from . import _native_code` is of garden itself, which no module of that name is below.
  EXPECT_EQ(exporter.interned_modules().value(), (Names{"garden", "garden.beds", "garden.heavy", "garden.tools", "garden.tools.measure"}));
  const Names externs = exporter.externed_modules().value();
  for (const char* name : {"PIL", "io", "numpy", "sys", "torch"}) {
    EXPECT_NE(std::find(externs.begin(), externs.end(), name), externs.end()) << name;
  }
  const Names notes = exporter.notes().value();
  ASSERT_EQ(notes.size(), 4u);
  EXPECT_EQ(notes[0], "io is recorded as extern: it has no source, and only code of garden.heavy imports it");
  EXPECT_EQ(notes[2], "numpy is recorded as extern: it is not here, and only code of garden.heavy imports it");
  auto importer = Open(Finish(exporter));
  const py::Value loaded = importer->load_pickle("model", "model.pkl").value();
  const py::Value x = Eval("", "torch.ones(2, 3)");
  EXPECT_EQ(CallText(loaded, {x}), CallText(model, {x}));

  PackageExporter again(in(), {.importers = {importer.get()}});
  EXPECT_OK(again.intern({"**"}));
  EXPECT_OK(again.save_pickle("model", "model.pkl", loaded));
  auto second = Open(Finish(again));
  EXPECT_EQ(CallText(second->load_pickle("model", "model.pkl").value(), {x}), CallText(model, {x}));

  PackageExporter strict(in(), {.debug = true, .strict = true});
  EXPECT_OK(strict.intern({"**"}));
  EXPECT_OK(strict.save_pickle("model", "model.pkl", model));
  const Status refused = strict.close("never_written.pt");
  ASSERT_FALSE(refused.ok());
  EXPECT_TRUE(Has(refused.error().found, "PackagingError")) << refused.ToString();
  EXPECT_TRUE(Has(refused.error().found, "* Module had no __file__ defined.\n    io\n"));
  EXPECT_TRUE(Has(refused.error().found, "A path to sys: <model.model.pkl> -> garden.heavy -> sys"));
  EXPECT_TRUE(Has(refused.error().found, "To mend it: exporter.extern(\"sys\")"));
  EXPECT_FALSE(std::filesystem::exists("never_written.pt"));
}

// After upstream's test_dependency_api.py: the first pattern wins; externs, mocks and denials.
TEST_F(Exporter, FirstPatternWins) {
  PackageExporter exporter(in());
  EXPECT_OK(exporter.extern_({"garden.tools.*"}));
  EXPECT_OK(exporter.intern({"garden.**"}, {.exclude = {"garden.rare"}}));
  EXPECT_OK(exporter.mock({"garden.rare"}));
  EXPECT_OK(exporter.save_module("garden"));
  EXPECT_OK(exporter.save_module("garden.shop"));
  EXPECT_EQ(exporter.externed_modules().value(), (Names{"garden.tools.measure", "torch"}));
  EXPECT_EQ(exporter.mocked_modules().value(), (Names{"garden.rare"}));
  EXPECT_EQ(exporter.get_rdeps("garden.rare").value(), (Names{"garden.shop"}));
  EXPECT_EQ(exporter.get_rdeps("nowhere").value(), Names());
  Names interned, externed, mocked;
  EXPECT_OK(exporter.register_intern_hook([&](const std::string& m) { interned.push_back(m); }));
  EXPECT_OK(exporter.register_extern_hook([&](const std::string& m) { externed.push_back(m); }));
  EXPECT_OK(exporter.register_mock_hook([&](const std::string& m) { mocked.push_back(m); }));
  Finish(exporter);
  EXPECT_EQ(mocked, (Names{"garden.rare"}));
  EXPECT_EQ(externed, (Names{"garden.tools.measure", "torch"}));  // as they were found
  EXPECT_NE(std::find(interned.begin(), interned.end(), "garden.beds"), interned.end());
}

TEST_F(Exporter, Denied) {
  PackageExporter exporter(in());
  EXPECT_OK(exporter.deny({"garden.ra*"}));
  EXPECT_OK(exporter.intern({"garden.**"}));
  EXPECT_OK(exporter.save_module("garden.shop"));
  EXPECT_EQ(exporter.denied_modules().value(), (Names{"garden.rare"}));
  const auto closed = exporter.close_to_buffer();
  ASSERT_FALSE(closed.ok());
  EXPECT_TRUE(Has(closed.error().found, "* Module was denied by a pattern.\n    garden.rare\n")) << closed.error().found;
  EXPECT_TRUE(Has(closed.error().found, "To mend it: exclude=\"garden.rare\" in that deny()"));
}

TEST_F(Exporter, NoAction) {
  PackageExporter exporter(in());
  EXPECT_OK(exporter.save_pickle("model", "model.pkl", Leafy()));
  const auto closed = exporter.close_to_buffer();
  ASSERT_FALSE(closed.ok());
  EXPECT_TRUE(Has(closed.error().found, "* Module did not match against any action pattern. Extern, mock, or intern it.\n    garden.leafy\n"));
  EXPECT_TRUE(Has(closed.error().found, "exporter.intern(\"garden.leafy\")"));
  EXPECT_TRUE(Has(closed.error().found, "Set debug=True"));
}

TEST_F(Exporter, MockedButUsed) {
  PackageExporter exporter(in());
  EXPECT_OK(exporter.mock({"garden.leafy"}));
  EXPECT_OK(exporter.save_pickle("model", "model.pkl", Leafy()));
  const auto closed = exporter.close_to_buffer();
  ASSERT_FALSE(closed.ok());
  EXPECT_TRUE(Has(closed.error().found, "Module was mocked out, but is still being used in the package."));
  EXPECT_TRUE(Has(closed.error().found, "Object(s) '['Leafy']' from module `garden.leafy` was mocked out during packaging but is being used in "
                                        "resource - `model.pkl` in package `model`."));
}

TEST_F(Exporter, EmptyMatch) {
  PackageExporter exporter(in());
  EXPECT_OK(exporter.extern_({"absent.**", "gone"}, {.allow_empty = false}));
  const auto closed = exporter.close_to_buffer();
  ASSERT_FALSE(closed.ok());
  EXPECT_TRUE(Has(closed.error().found, "EmptyMatchError: Exporter did not match any modules to GlobGroup(include=['absent.**', 'gone'], exclude=[])"));
}

TEST_F(Exporter, ResolutionFailed) {
  PackageExporter exporter(in());
  EXPECT_OK(exporter.save_source_string("one", "def f(:\n"));
  EXPECT_OK(exporter.save_source_string("two", "from ..above import x\n"));
  const auto closed = exporter.close_to_buffer();
  ASSERT_FALSE(closed.ok());
  EXPECT_TRUE(Has(closed.error().found, "* Dependency resolution failed.\n    one\n      Context: one.py:1:"));
  EXPECT_TRUE(Has(closed.error().found, "attempted relative import beyond top-level package"));
}

TEST_F(Exporter, WrongPatternsAndNames) {
  PackageExporter exporter(in());
  EXPECT_TRUE(Has(exporter.intern({"a**b"}).error().found, "ValueError: ** can only appear as an entire path segment"));
  EXPECT_TRUE(Has(exporter.save_text("p", "a/b", "x").error().found, "ValueError: 'a/b' must be only a file name"));
  EXPECT_TRUE(Has(exporter.save_module("absent.module").error().found, "ModuleNotFoundError"));
  EXPECT_OK(exporter.save_text("p", "a", "x"));
  EXPECT_TRUE(Has(exporter.save_text("p", "a", "y").error().found, "AssertionError: Tried to write file 'p/a', but it already exists in this archive."));
  EXPECT_TRUE(Has(exporter.save_pickle("p", "b", py::Value::Int(1), true, 2).error().found, "only supports pickle protocols 3 and 4, got 2"));
}

TEST_F(Exporter, Queries) {
  PackageExporter exporter(in());
  EXPECT_OK(exporter.intern({"**"}));
  EXPECT_OK(exporter.save_source_string("a", "import b\nimport c\n"));
  EXPECT_OK(exporter.save_source_string("b", "import d\n"));
  EXPECT_OK(exporter.save_source_string("c", "import d\nimport e\n"));
  EXPECT_OK(exporter.save_source_string("d", "import a\n"));  // a cycle
  EXPECT_OK(exporter.save_source_string("e", ""));
  EXPECT_EQ(exporter.all_paths("b", "c").value(), "digraph G {\nrankdir = LR;\nnode [shape=box];\n"
            "\"a\" -> \"b\";\n\"a\" -> \"c\";\n\"b\" -> \"d\";\n\"c\" -> \"d\";\n\"d\" -> \"a\";\n}\n");
  EXPECT_EQ(exporter.all_paths("e", "a").value(), "digraph G {\nrankdir = LR;\nnode [shape=box];\n\n}\n");
  EXPECT_EQ(exporter.get_rdeps("d").value(), (Names{"b", "c"}));
  EXPECT_TRUE(Has(exporter.dependency_graph_string().value(), "\"c\" -> \"e\";"));
  EXPECT_EQ(exporter.get_unique_id().value(), "0");
  EXPECT_EQ(exporter.get_unique_id().value(), "1");
}

TEST_F(Exporter, SourceFilesAndFolders) {
  PackageExporter exporter(in());
  EXPECT_OK(exporter.mock({"garden.**"}));
  EXPECT_OK(exporter.save_source_file("garden", "tests/package/programs/garden"));
  EXPECT_OK(exporter.save_source_file("alone", "tests/package/programs/garden/rare.py"));
  EXPECT_OK(exporter.extern_({"**"}));
  EXPECT_EQ(exporter.mocked_modules().value(), Names());  // the folder provides them all
  EXPECT_FALSE(exporter.save_source_file("x", "tests/package/programs/none.py").ok());
  const Names interned = exporter.interned_modules().value();
  EXPECT_NE(std::find(interned.begin(), interned.end(), "garden.tools"), interned.end());
  EXPECT_NE(std::find(interned.begin(), interned.end(), "alone"), interned.end());
}

TEST_F(Exporter, SameBytesAndRoots) {
  const auto make = [&](PackageExporter& exporter) {
    EXPECT_OK(exporter.intern({"**"}));
    EXPECT_OK(exporter.save_pickle("model", "model.pkl", Eval("from garden.beds import Bed\ntorch.manual_seed(0)", "Bed()")));
    EXPECT_OK(exporter.save_binary("model", "raw", std::string("\0\xff", 2)));
  };
  PackageExporter one(in()), two(in()), file(in());
  make(one);
  make(two);
  make(file);
  EXPECT_EQ(Finish(one), Finish(two));
  const std::string path = ::testing::TempDir() + "/exporter_same.v1.pt";
  EXPECT_OK(file.close(path));
  auto importer = PackageImporter::Open(in(), path);
  ASSERT_TRUE(importer.ok()) << importer.status().ToString();
  EXPECT_EQ((*importer)->archive().root(), "exporter_same.v1");
  EXPECT_EQ((*importer)->load_binary("model", "raw").value(), std::string("\0\xff", 2));
  std::filesystem::remove(path);
}

// As in PyTorch, tensors share memory within a pickle, not between loads; one storage is one record all the same.
TEST_F(Exporter, SharedStorages) {
  PackageExporter exporter(in());
  const py::Value t = Eval("", "torch.ones(3)");
  EXPECT_OK(exporter.save_pickle("m", "a.pkl", py::Value(in().NewList({t, in().CallMethod(t, "view", {py::Value::Int(3), py::Value::Int(1)})}))));
  EXPECT_OK(exporter.save_pickle("m", "b.pkl", t));
  auto importer = Open(Finish(exporter));
  EXPECT_EQ(importer->archive().zip().Find("archive/.data/1.storage"), nullptr);
  const py::Value a = importer->load_pickle("m", "a.pkl").value(), b = importer->load_pickle("m", "b.pkl").value();
  const py::Value again = importer->load_pickle("m", "a.pkl").value();
  auto done = in().Try([&] {
    in().SetItem(in().GetItem(a, py::Value::Int(0)), py::Value::Int(1), py::Value::Float(5));
    return py::Value::None();
  });
  ASSERT_TRUE(done.ok());
  EXPECT_EQ(in().Repr(in().CallMethod(a.As<py::List>()->items()[1], "tolist")), "[[1.0], [5.0], [1.0]]");
  EXPECT_EQ(in().Repr(in().CallMethod(b, "tolist")), "[1.0, 1.0, 1.0]");
  EXPECT_EQ(in().Repr(in().CallMethod(again.As<py::List>()->items()[0], "tolist")), "[1.0, 1.0, 1.0]");
}

TEST_F(Exporter, ClassesThatAreNotFoundByName) {
  PackageExporter exporter(in());
  EXPECT_OK(exporter.intern({"**"}));
  const Status local = exporter.save_pickle("m", "a.pkl", Eval("def make():\n    class Local:\n        pass\n    return Local()", "make()"));
  ASSERT_FALSE(local.ok());
  EXPECT_TRUE(Has(local.error().found, "PicklingError: Can't pickle <class 'snippet.make.<locals>.Local'>")) << local.error().found;
  EXPECT_TRUE(Has(local.error().found, "was not found as snippet.make.<locals>.Local"));
  const Status other = exporter.save_pickle("m", "b.pkl", Eval("import garden.rare\nclass Fake:\n    pass\nFake.__module__ = 'garden.rare'\nFake.__qualname__ = 'Orchid'", "Fake()"));
  ASSERT_FALSE(other.ok());
  EXPECT_TRUE(Has(other.error().found, "The object provided is from 'garden.rare', which is coming from the current Python environment."));
  for (const char* value : {"(i for i in [1])", "torch", "iter([])", "{}.keys()", "torch.Generator()"}) {
    EXPECT_TRUE(Has(exporter.save_pickle("m", "c.pkl", Eval("", value)).error().found, "TypeError: cannot pickle '")) << value;
  }
  const Status deep = exporter.save_pickle("m", "d.pkl", Eval("x = []\nfor _ in range(5000):\n    x = [x]", "x"));
  EXPECT_EQ(deep.error().code, ErrorCode::kLimit) << deep.ToString();
}

}  // namespace
}  // namespace fusepack
