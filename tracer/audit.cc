// Sources are parsed, pickles read by the inert machine; the environment is asked for names of its own modules only.
#include "tracer/audit.h"

#include <algorithm>
#include <nlohmann/json.hpp>
#include <set>

#include "tracer/archive/inspect.h"
#include "tracer/environment.h"
#include "tracer/package/dependencies.h"
#include "tracer/python/ast_walk.h"
#include "tracer/python/parse.h"

namespace fusepack {

namespace ast = py::ast;

namespace {

// Built-in functions that the evaluator has only to refuse them.
bool IsRefusedFunction(std::string_view name) {
  static const std::set<std::string_view> kRefused = {"eval", "exec", "compile", "input", "breakpoint", "memoryview"};
  return kRefused.contains(name);
}

class OutsideWalk {
 public:
  OutsideWalk(std::string file, std::vector<OutsideConstruct>* out) : file_(std::move(file)), out_(*out) {}

  void Visit(const ast::Stmt& s) {
    switch (s.kind) {
      case ast::StmtKind::kFunctionDef:
        if (s.As<ast::FunctionDef>().is_async) Add(s, "'async def'");
        break;
      case ast::StmtKind::kTypeAlias: Add(s, "'type' statement"); break;
      case ast::StmtKind::kMatch: Add(s, "'match' statement"); break;
      case ast::StmtKind::kWith:
        if (s.As<ast::With>().is_async) Add(s, "'async with'");
        break;
      case ast::StmtKind::kFor:
        if (s.As<ast::For>().is_async) Add(s, "'async for'");
        break;
      case ast::StmtKind::kTry:
        if (s.As<ast::Try>().is_star) Add(s, "'except*'");
        break;
      default: break;
    }
    ast::ForEachChild(
        s, [&](const ast::Expr& e) { Visit(e); }, [&](const ast::Stmt& x) { Visit(x); }, [](const ast::Pattern&) {});
  }

 private:
  void Visit(const ast::Expr& e) {
    if (e.kind == ast::ExprKind::kAwait) Add(e, "'await'");
    if (const auto* constant = e.Maybe<ast::Constant>(); constant != nullptr && constant->type == ast::ConstantKind::kImaginary) {
      Add(e, "a complex number");
    }
    if (const auto* call = e.Maybe<ast::Call>()) {
      const auto* name = call->function->Maybe<ast::Name>();
      if (name != nullptr && IsRefusedFunction(name->id)) Add(e, "a call of " + std::string(name->id) + "()");
    }
    ast::ForEachChild(e, [&](const ast::Expr& x) { Visit(x); });
  }
  void Add(const ast::Node& node, std::string construct) {
    out_.push_back({file_, static_cast<int>(node.start.line), static_cast<int>(node.start.column), std::move(construct)});
  }

  const std::string file_;
  std::vector<OutsideConstruct>& out_;
};

bool IsMock(std::string_view source) { return source.starts_with("from _mock import MockedObject\n"); }

std::string ProblemOf(py::Interpreter& in, const AuditGlobal& global) {
  if (global.origin == "missing") return "neither in the archive nor among its externs";
  if (global.origin != "extern") return "";
  in.ResetClock();
  auto found = in.Try([&] {
    py::Value at = in.Import(global.module);
    for (size_t begin = 0; begin <= global.name.size();) {
      const size_t end = std::min(global.name.find('.', begin), global.name.size());
      at = in.GetAttr(at, std::string_view(global.name).substr(begin, end - begin));
      begin = end + 1;
    }
    return at;
  });
  return found.ok() ? "" : "not here: " + found.error().found;
}

std::string Line(const std::string& a, const std::string& b) { return "  " + a + std::string(a.size() < 44 ? 44 - a.size() : 1, ' ') + b + "\n"; }

}  // namespace

std::vector<OutsideConstruct> FindOutsideConstructs(const std::string& file, const std::string& source) {
  std::vector<OutsideConstruct> found;
  auto tree = py::Parse(file, source);
  if (!tree.ok()) {
    OutsideConstruct wrong{file, 0, 0, "syntax: " + tree.error().found};
    std::sscanf(tree.error().where.c_str(), "%d:%d", &wrong.line, &wrong.column);
    found.push_back(std::move(wrong));
    return found;
  }
  OutsideWalk walk(file, &found);
  for (const ast::Stmt* s : (*tree)->body()) walk.Visit(*s);
  std::stable_sort(found.begin(), found.end(), [](const auto& a, const auto& b) { return std::pair(a.line, a.column) < std::pair(b.line, b.column); });
  return found;
}

int AuditReport::problems() const {
  int count = static_cast<int>(outside.size());
  for (const AuditPickle& pickle : pickles) {
    count += static_cast<int>(std::count_if(pickle.globals.begin(), pickle.globals.end(), [](const AuditGlobal& g) { return !g.problem.empty(); }));
  }
  return count;
}

Result<AuditReport> AuditArchive(std::shared_ptr<const archive::Archive> archive) {
  AuditReport report;
  report.file = archive->path();
  Environment environment;
  py::Interpreter& in = environment.interpreter();
  for (const std::string& name : archive->externs()) report.externs.push_back({name, in.IsRegistered(name)});
  for (const archive::ArchiveModule& module : archive->modules()) {
    if (module.file.empty()) continue;
    FP_ASSIGN_OR_RETURN(const Bytes source, archive->ReadSource(module));
    if (IsMock(source.text())) report.mocks.push_back(module.name);
    for (OutsideConstruct& one : FindOutsideConstructs(module.file, std::string(source.text()))) report.outside.push_back(std::move(one));
  }
  FP_ASSIGN_OR_RETURN(const archive::ArchiveReport inspected, archive::InspectArchive(archive));
  for (const archive::PickleReport& from : inspected.pickles) {
    AuditPickle pickle;
    pickle.path = from.path;
    const archive::PickleAudit& audit = from.tree->audit();
    pickle.protocol = audit.protocol;
    for (size_t i = 0; i < audit.opcode_counts.size(); i++) {
      if (audit.opcode_counts[i] != 0) pickle.opcodes.emplace_back(archive::PickleOpcodeName(static_cast<uint8_t>(i)), audit.opcode_counts[i]);
    }
    for (const archive::GlobalReport& g : from.globals) {
      AuditGlobal global{g.use.module, g.use.name, g.use.count, g.use.called, g.origin, ""};
      global.problem = ProblemOf(in, global);
      const bool mocked = std::find(report.mocks.begin(), report.mocks.end(), global.module) != report.mocks.end();
      if (mocked) global.problem = "its module is mocked";
      pickle.globals.push_back(std::move(global));
    }
    report.pickles.push_back(std::move(pickle));
  }
  return report;
}

std::string AuditText(const AuditReport& report) {
  std::string out = "extern modules\n";
  for (const AuditExtern& one : report.externs) out += Line(one.module, one.here ? "here" : "not here: an error where code reaches it");
  out += "\nmocked modules\n";
  for (const std::string& name : report.mocks) out += Line(name, "an error where it is used");
  for (const AuditPickle& pickle : report.pickles) {
    out += "\nglobals of " + pickle.path + "\n";
    for (const AuditGlobal& g : pickle.globals) {
      out += Line(g.module + "." + g.name, std::to_string(g.count) + (g.called ? ", called, " : ", ") + g.origin +
                                               (g.problem.empty() ? "" : "; PROBLEM: " + g.problem));
    }
    out += "\nopcodes of " + pickle.path + ", protocol " + std::to_string(pickle.protocol) + "\n";
    for (const auto& [name, count] : pickle.opcodes) out += Line(name, std::to_string(count));
  }
  out += "\nsource outside the subset\n";
  for (const OutsideConstruct& one : report.outside) {
    out += Line(one.file + ":" + std::to_string(one.line) + ":" + std::to_string(one.column), one.construct);
  }
  const int problems = report.problems();
  return out + "\n" + (problems == 0 ? "nothing found that could not run here" : std::to_string(problems) + " that could not run here") + "\n";
}

nlohmann::ordered_json AuditJson(const AuditReport& report) {
  using Json = nlohmann::ordered_json;
  Json out;
  out["file"] = report.file;
  out["externs"] = Json::array();
  for (const AuditExtern& one : report.externs) out["externs"].push_back({{"module", one.module}, {"here", one.here}});
  out["mocks"] = report.mocks;
  out["pickles"] = Json::array();
  for (const AuditPickle& pickle : report.pickles) {
    Json item = {{"path", pickle.path}, {"protocol", pickle.protocol}, {"opcodes", Json::object()}, {"globals", Json::array()}};
    for (const auto& [name, count] : pickle.opcodes) item["opcodes"][name] = count;
    for (const AuditGlobal& g : pickle.globals) {
      item["globals"].push_back({{"module", g.module}, {"name", g.name}, {"count", g.count}, {"called", g.called}, {"origin", g.origin}, {"problem", g.problem}});
    }
    out["pickles"].push_back(std::move(item));
  }
  out["outside"] = Json::array();
  for (const OutsideConstruct& one : report.outside) {
    out["outside"].push_back({{"file", one.file}, {"line", one.line}, {"column", one.column}, {"construct", one.construct}});
  }
  out["problems"] = report.problems();
  return out;
}

Result<std::string> ModuleGraphDot(const archive::Archive& archive) {
  std::string edges;
  std::set<std::string> seen;
  const auto edge = [&](const std::string& from, const std::string& to) {
    const std::string line = "\"" + from + "\" -> \"" + to + "\";\n";
    if (seen.insert(line).second) edges += line;
  };
  for (const archive::ArchiveResource& resource : archive.resources()) {
    if (!resource.is_pickle) continue;
    FP_ASSIGN_OR_RETURN(const auto tree, archive.LoadPickle(resource));
    for (const auto& global : tree->audit().globals) edge("<" + resource.package + "." + resource.name + ">", global.module);
  }
  for (const archive::ArchiveModule& module : archive.modules()) {
    if (module.file.empty()) continue;
    FP_ASSIGN_OR_RETURN(const Bytes source, archive.ReadSource(module));
    const std::string package = module.is_package ? module.name : module.name.substr(0, module.name.rfind('.'));
    const auto imports = FindImports(module.file, std::string(source.text()), package);
    if (!imports.ok()) continue;  // what does not parse has no edges; --audit says so
    for (const ImportReference& import : *imports) {
      const std::string member = import.module + "." + import.name;
      const bool is_module = !import.name.empty() && (archive.FindModule(member) != nullptr ||
                                                      std::find(archive.externs().begin(), archive.externs().end(), member) != archive.externs().end());
      if (is_module) edge(module.name, member);
      else if (archive.FindModule(import.module) != nullptr || archive.IsExtern(import.module)) edge(module.name, import.module);
    }
  }
  return "digraph G {\nrankdir = LR;\nnode [shape=box];\n" + edges + "}\n";
}

}  // namespace fusepack
