// Lexer, parser, printer and resolver: against CPython's verdicts and trees (syntax_verdicts.txt), against errors
// written beside their source (syntax_errors.txt), and on hostile input.
#include <fstream>
#include <nlohmann/json.hpp>
#include <regex>
#include <set>
#include <sstream>

#include "gtest/gtest.h"
#include "tracer/python/parse.h"
#include "tracer/python/print.h"
#include "tracer/python/resolve.h"

namespace fusepack::py {
namespace {

std::string ReadFile(const std::string& name) {
  std::ifstream in("tests/python/" + name);
  EXPECT_TRUE(in.good()) << name;
  std::stringstream out;
  out << in.rdbuf();
  return out.str();
}

// "" or the error's line without the file.
std::string ErrorOf(const std::string& source) {
  auto tree = Parse("x.py", source);
  Status status = tree.status();
  if (tree.ok()) {
    auto resolution = Resolve(**tree);
    if (resolution.ok()) return "";
    status = resolution.status();
  }
  std::string text = status.ToString();
  EXPECT_TRUE(text.starts_with("x.py:")) << text;
  return text.substr(text.starts_with("x.py: ") ? 6 : 5);
}

TEST(Syntax, AgreesWithCPython) {
  std::istringstream lines(ReadFile("syntax_verdicts.txt"));
  std::string line, source;
  int count = 0;
  while (std::getline(lines, line)) {
    ASSERT_GT(line.size(), 2u);
    if (line[0] == '=') {
      auto tree = Parse("x.py", source);
      ASSERT_TRUE(tree.ok()) << source << tree.status().ToString();
      EXPECT_EQ(DumpTree(**tree, false), line.substr(2)) << source;
      continue;
    }
    source = nlohmann::json::parse(line.substr(2)).get<std::string>();
    std::string error = ErrorOf(source);
    EXPECT_EQ(error.empty(), line[0] == '+') << line << "\n" << error;
    ++count;
  }
  EXPECT_GT(count, 3500);
}

TEST(Syntax, PrintedSourceParsesToTheSameTree) {
  std::istringstream lines(ReadFile("syntax_verdicts.txt"));
  std::string line;
  while (std::getline(lines, line)) {
    if (line[0] != '+') continue;
    std::string source = nlohmann::json::parse(line.substr(2)).get<std::string>();
    auto tree = Parse("x.py", source);
    ASSERT_TRUE(tree.ok()) << source;
    std::string printed = PrintSource(**tree);
    auto again = Parse("printed.py", printed);
    ASSERT_TRUE(again.ok()) << source << "\n-- printed:\n" << printed << again.status().ToString();
    EXPECT_EQ(DumpTree(**tree, false), DumpTree(**again, false)) << source << "\n-- printed:\n" << printed;
    EXPECT_EQ(printed, PrintSource(**again));
  }
}

TEST(Syntax, ErrorsSayWhereFoundAndExpected) {
  std::string text = ReadFile("syntax_errors.txt");
  size_t at = 0;
  while (at < text.size()) {
    size_t end = std::min(text.find("---\n", at), text.size());
    std::string chunk = text.substr(at, end - at);
    at = end + 4;
    size_t mark = chunk.find("### ");
    ASSERT_NE(mark, std::string::npos) << chunk;
    std::string expected = chunk.substr(mark + 4);
    expected.erase(expected.find_last_not_of("\n") + 1);
    EXPECT_EQ(ErrorOf(chunk.substr(0, mark)), expected) << chunk;
  }
}

TEST(Syntax, TypeParametersAndAliases) {
  for (std::string source : {"type X = int\n", "type X[T: int, *Ts, **P] = list[T]\n", "def f[T](x: T) -> T:\n    pass\n",
                             "class C[T](B):\n    pass\n"}) {
    auto tree = Parse("x.py", source);
    ASSERT_TRUE(tree.ok()) << tree.status().ToString();
    EXPECT_EQ(PrintSource(**tree).substr(0, 8), source.substr(0, 8));
    EXPECT_EQ(ErrorOf(source), "");
  }
}

TEST(Syntax, LineEndsEncodingsAndMarks) {
  auto dump = [](const std::string& source) {
    auto tree = Parse("x.py", source);
    return tree.ok() ? DumpTree(**tree, false) : tree.status().ToString();
  };
  std::string plain = dump("if x:\n    y = '''a\nb'''\n");
  EXPECT_EQ(dump("if x:\r\n    y = '''a\r\nb'''\r\n"), plain);
  EXPECT_EQ(dump("if x:\r    y = '''a\rb'''\r"), plain);
  EXPECT_EQ(dump("\xEF\xBB\xBFif x:\n    y = '''a\nb'''"), plain);
  EXPECT_EQ(dump("\f\nif x:\n\f    y = '''a\nb'''"), plain);
  EXPECT_EQ(dump("# coding: latin-1\nx = '\xE9'\n"), dump("x = '\xC3\xA9'\n"));
  EXPECT_EQ(dump("#!/usr/bin/python\n# vim: set fileencoding=UTF-8 :\nx = '\xC3\xA9'\n"), dump("x = '\xC3\xA9'\n"));
  EXPECT_EQ(dump("# coding: koi8-r\n"), "x.py:1:1: the declared encoding 'koi8-r', expected utf-8, ascii or latin-1");
  EXPECT_EQ(dump("x = '\xE9'\n"), "x.py:1:6: a byte that is not UTF-8, expected UTF-8, or a declared encoding");
  EXPECT_EQ(dump(std::string("x\0y", 3)), "x.py:1:2: a NUL byte, expected text");
  EXPECT_EQ(dump("if x:\n\ty\n        z\n"),
            "x.py:3:9: tabs and spaces mixed in indentation, expected indentation that does not depend on the width of "
            "a tab");
  EXPECT_EQ(dump(""), "Module(body=[], type_ignores=[])");
  EXPECT_EQ(dump("\\\nx = 1"), dump("x = 1"));
}

TEST(Syntax, NodesKnowTheirText) {
  auto tree = Parse("x.py", "def f(a: 'List[int]' = 1) -> Tuple[int, str]:\n    return a.b [0]\n");
  ASSERT_TRUE(tree.ok());
  const auto& f = (*tree)->body()[0]->As<ast::FunctionDef>();
  EXPECT_EQ((*tree)->Text(*f.parameters.positional[0].annotation), "'List[int]'");
  EXPECT_EQ((*tree)->Text(*f.returns), "Tuple[int, str]");
  EXPECT_EQ((*tree)->Text(*f.body[0]), "return a.b [0]");
  EXPECT_EQ((*tree)->Line(2), "    return a.b [0]");
}

// grammar.txt is a map of the parser: every rule there is a function of parser.h, and the other way round.
TEST(Syntax, GrammarNamesTheParsersFunctions) {
  auto read = [](const std::string& path) {
    std::ifstream in(path);
    EXPECT_TRUE(in.good()) << path;
    return std::string(std::istreambuf_iterator<char>(in), {});
  };
  std::string grammar = read("tracer/python/grammar.txt"), parser = read("tracer/python/parser.h");
  std::set<std::string> rules, functions;
  std::regex rule("\n([a-z_]+):"), function("\n  [A-Za-z:<>*_ ]+[ *]([a-z_]*[a-z])\\([^\n]*");
  for (std::sregex_iterator i(grammar.begin(), grammar.end(), rule), end; i != end; ++i) rules.insert((*i)[1]);
  for (std::sregex_iterator i(parser.begin(), parser.end(), function), end; i != end; ++i) functions.insert((*i)[1]);
  EXPECT_EQ(rules, functions);
}

// ---- scopes

std::string Places(const std::string& source) {
  auto tree = Parse("x.py", source);
  if (!tree.ok()) return tree.status().ToString();
  auto resolution = Resolve(**tree);
  if (!resolution.ok()) return resolution.status().ToString();
  std::string out;
  for (const Scope& scope : (*resolution)->scopes()) {
    if (scope.kind == ScopeKind::kModule) continue;
    out += scope.qualified_name + ":";
    for (auto name : scope.locals) out += " " + std::string(name);
    for (const auto& cell : scope.cells) {
      out += " cell(" + std::string(cell.name) + (cell.parameter_slot >= 0 ? "=" + std::to_string(cell.parameter_slot) : "") + ")";
    }
    for (const auto& free : scope.frees) {
      out += " free(" + std::string(free.name) + (free.from_parent_cell ? "<cell" : "<free") +
             std::to_string(free.parent_index) + ")";
    }
    if (scope.is_generator) out += " generator";
    out += "\n";
  }
  return out;
}

TEST(Resolve, LocalsCellsAndFreeVariables) {
  EXPECT_EQ(Places("def f(a, *, b, **c):\n"
                   "    d = a\n"
                   "    def g():\n"
                   "        nonlocal d\n"
                   "        d = b + e\n"
                   "        return lambda: d\n"),
            "f: a b c g cell(d) cell(b=1)\n"
            "f.<locals>.g: free(d<cell0) free(b<cell1)\n"
            "f.<locals>.g.<locals>.<lambda>: free(d<free0)\n");
}

TEST(Resolve, ClassesHideTheirNamesFromMethods) {
  EXPECT_EQ(Places("def f():\n"
                   "    x = 1\n"
                   "    class C:\n"
                   "        y = x\n"
                   "        x = 2\n"
                   "        def m(self): return super().m(x)\n"),
            "f: C cell(x)\n"
            "f.<locals>.C: cell(__class__) free(x<cell0)\n"
            "f.<locals>.C.m: self free(__class__<cell0) free(x<free0)\n");
}

TEST(Resolve, ComprehensionsAndNamedExpressions) {
  EXPECT_EQ(Places("def f(xs):\n    return [y := x for x in xs if (lambda: x)()]\n"),
            "f: xs cell(y)\n"
            "f.<locals>.<listcomp>: .0 cell(x) free(y<cell0)\n"
            "f.<locals>.<listcomp>.<lambda>: free(x<cell0)\n");
  EXPECT_EQ(Places("g = (x for x in y)\n"), "<genexpr>: .0 x generator\n");
}

TEST(Resolve, PrivateNames) {
  auto tree = Parse("x.py", "class _C:\n    def __f(self, __p): self.__x = __p; __y.z.__w__\n");
  ASSERT_TRUE(tree.ok());
  auto resolution = Resolve(**tree);
  ASSERT_TRUE(resolution.ok());
  const Scope& cls = (*resolution)->scopes()[1];
  const Scope& f = (*resolution)->scopes()[2];
  EXPECT_EQ(cls.Mangled("__f"), "_C__f");
  EXPECT_EQ(f.Mangled("__x"), "_C__x");
  EXPECT_EQ(f.Mangled("__y"), "_C__y");
  EXPECT_EQ(f.Mangled("__w__"), "__w__");
  EXPECT_EQ(f.Find("__p").place, Place::kLocal);
  EXPECT_EQ(f.Find("__p").index, 1);
  EXPECT_EQ(f.Find("nobody").place, Place::kGlobal);
  EXPECT_EQ(cls.Find("nobody").place, Place::kName);
}

std::string Join(const std::set<std::string_view>& names) {
  std::string out;
  for (auto name : names) out += (out.empty() ? "" : " ") + std::string(name);
  return out;
}

TEST(Resolve, NamesOfAStatement) {
  auto names = [](const std::string& source) {
    auto tree = Parse("x.py", source);
    StatementNames n = NamesOf(*(*tree)->body()[0]);
    return Join(n.bound) + " / " + Join(n.read_now) + " / " + Join(n.mentioned) + " / " + Join(n.mutated) +
           (n.plain ? " plain" : "") + (n.import_star ? " *" : "");
  };
  EXPECT_EQ(names("def f(a: T = d) -> R:\n    global g\n    return h + a\n"), "f g / d / a d h /  plain");
  EXPECT_EQ(names("@dec\nclass C(B):\n    x = y\n    def m(self): return z\n"), "C / B dec y / B dec y z /  plain");
  EXPECT_EQ(names("import a.b, c as d\n"), "a d /  /  /  plain");
  EXPECT_EQ(names("from a import *\n"), " /  /  /  plain *");
  EXPECT_EQ(names("x, (y, *z) = f(w)\n"), "x y z / f w / f w /  plain");
  EXPECT_EQ(names("t.u[0] = v\n"), " / t v / t v / t");
  EXPECT_EQ(names("t.update(v)\n"), " / t v / t v / t");
  EXPECT_EQ(names("t += v\n"), "t / t v / t v / t");
  EXPECT_EQ(names("for k in [i for i in d]: r[k] = (n := 1)\n"), "k n / d i k r / d i k r / r");
  EXPECT_EQ(names("try:\n    import q\nexcept E as e:\n    q = None\n"), "e q / E / E / ");
}

// ---- limits

std::string Repeat(const std::string& text, int times) {
  std::string out;
  for (int i = 0; i < times; ++i) out += text;
  return out;
}

TEST(Hostile, NestingIsLimited) {
  for (const auto& [open, close] : std::vector<std::pair<std::string, std::string>>{
           {"(", ")"}, {"[", "]"}, {"{", "}"}, {"f(", ")"}, {"x[", "]"}, {"-", "x"}, {"not ", "x"}, {"lambda: ", "x"},
           {"x if y else ", "z"}, {"x ** ", "y"}, {"(yield ", ")"}, {"[x for x in ", "]"}}) {
    std::string deep = Repeat(open, 100000);
    EXPECT_NE(ErrorOf("def f():\n  " + deep + "\n"), "");
    EXPECT_NE(ErrorOf("def f():\n  " + deep + (close.size() == 1 ? Repeat(close, 100000) : close) + "\n"), "");
  }
  EXPECT_EQ(ErrorOf(Repeat("(", 199) + "x" + Repeat(")", 199)), "");
  EXPECT_EQ(ErrorOf(Repeat("(", 201)).find("brackets nested"), std::string("1:201: ").size());
}

TEST(Hostile, ChainsAreLimited) {
  for (std::string link : {" + a", ".a", "(a)", "[a]", " @ a"}) {
    EXPECT_EQ(ErrorOf("a" + Repeat(link, 900)), "");
    EXPECT_NE(ErrorOf("a" + Repeat(link, 200000)).find("operations in one chain"), std::string::npos) << link;
  }
  EXPECT_EQ(ErrorOf("if a: b\n" + Repeat("elif a: b\n", 900)), "");
  EXPECT_NE(ErrorOf("if a: b\n" + Repeat("elif a: b\n", 2000)), "");
  // Wide is no matter.
  EXPECT_EQ(ErrorOf("x = [" + Repeat("a, ", 300000) + "]"), "");
  EXPECT_EQ(ErrorOf("x = a" + Repeat(" and a", 300000)), "");
  EXPECT_EQ(ErrorOf("x = a" + Repeat(" < a", 300000)), "");
  EXPECT_EQ(ErrorOf("x = " + Repeat("'a' ", 300000)), "");
  EXPECT_EQ(ErrorOf(Repeat("@a\n", 100000) + "def f(): pass\n"), "");
}

TEST(Hostile, BlocksAreLimited) {
  std::string source;
  for (int i = 0; i < 300; ++i) source += std::string(i, ' ') + "if x:\n";
  EXPECT_NE(ErrorOf(source + std::string(300, ' ') + "y\n"), "");
}

TEST(Hostile, FreeVariablesAreLimited) {
  std::string source, names;
  for (int i = 0; i < 60000; ++i) names += "a" + std::to_string(i) + ",";
  for (int i = 0; i < 100; ++i) source += std::string(i, ' ') + "def f():\n" + (i == 0 ? " " + names + "=0\n" : "");
  source += std::string(100, ' ') + names + "\n";
  EXPECT_NE(ErrorOf(source).find("names passed between functions"), std::string::npos);
}

TEST(Hostile, SizeIsLimited) {
  EXPECT_NE(Parse("x.py", std::string(ast::kMaxSourceBytes + 1, ' ')).status().ToString().find("a source of"),
            std::string::npos);
  EXPECT_EQ(ErrorOf(Repeat("match x\n", 1)).empty(), false);
  EXPECT_EQ(ErrorOf(Repeat("match(x)\n", 300000)), "");
  EXPECT_EQ(ErrorOf("x = " + std::string(5000, '9')),
            "1:5: an integer of 5000 digits, expected at most 4300");
  EXPECT_EQ(ErrorOf("x = 0x" + std::string(5000, 'f')), "");
}

TEST(Hostile, EveryPrefixAndEveryByteOfASource) {
  std::string source = ReadFile("syntax_seeds.txt").substr(0, 3000);
  for (size_t i = 0; i < source.size(); i += 3) ErrorOf(source.substr(0, i));
  for (size_t i = 0; i < source.size(); i += 5) {
    for (char c : {'(', '\'', '\\', '\n', '\0', '\x80', '{'}) {
      std::string changed = source;
      changed[i] = c;
      ErrorOf(changed);
    }
  }
}

}  // namespace
}  // namespace fusepack::py
