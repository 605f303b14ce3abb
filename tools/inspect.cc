// fusepack inspect: what is inside a package or an archive. An archive is evaluated only for --graph, --fx and --cases; its
// --dot is who imports whom, where --graph does not ask for the engine's graph.
#include <cstdio>
#include <nlohmann/json.hpp>

#include "tools/command.h"
#include "tools/inspect_package.h"
#include "package_format/read.h"
#include "tools/model_file.h"
#include "tracer/archive/inspect.h"
#include "tracer/audit.h"

namespace fusepack::tools {
namespace {

struct Options {
  std::string file;
  Sections sections;
  bool json = false, audit = false;
  SourceOptions source;
};

void Print(const std::string& text) { std::fwrite(text.data(), 1, text.size(), stdout); }

Status InspectArchiveFile(const Options& options) {
  FP_ASSIGN_OR_RETURN(auto archive, archive::OpenArchive(options.file));
  auto report = archive::InspectArchive(archive);
  if (!report.ok()) return WithFile(report.status(), options.file);
  if (options.json) {
    Print(archive::ReportJson(*report).dump(2, ' ', false, nlohmann::json::error_handler_t::replace) + "\n");
    return OkStatus();
  }
  archive::InspectSections sections;
  sections.modules = options.sections.modules;
  sections.tensors = options.sections.tensors;
  sections.records = sections.sources = options.sections.sources;
  if (!options.sections.any()) sections = archive::InspectSections::All();
  Print(archive::ReportText(*report, sections));
  return OkStatus();
}

// Exit status 1, with the report on stdout, where something of the archive could not run here.
Status AuditFile(const Options& options) {
  FP_ASSIGN_OR_RETURN(auto archive, archive::OpenArchive(options.file));
  auto report = AuditArchive(archive);
  if (!report.ok()) return WithFile(report.status(), options.file);
  Print(options.json ? AuditJson(*report).dump(2, ' ', false, nlohmann::json::error_handler_t::replace) + "\n" : AuditText(*report));
  if (report->problems() == 0) return OkStatus();
  return Error{ErrorCode::kVerifyFailed, options.file, "audit", std::to_string(report->problems()) + " that could not run here", "none", ""};
}

Status PrintModuleGraph(const Options& options) {
  FP_ASSIGN_OR_RETURN(auto archive, archive::OpenArchive(options.file));
  auto dot = ModuleGraphDot(*archive);
  if (!dot.ok()) return WithFile(dot.status(), options.file);
  Print(*dot);
  return OkStatus();
}

// What a package says, the archive converted for it. --fx alone needs no example input.
Result<Package> ConvertedPackage(const Options& options) {
  FP_ASSIGN_OR_RETURN(ConvertOptions convert, MakeConvertOptions(options.source));
  convert.reference_case = options.sections.cases;
  const bool fx_only = options.sections.fx && !options.sections.graph && !options.sections.cases && !options.sections.dot;
  if (!fx_only) return LoadModel(options.file, convert);
  Package package;
  FP_ASSIGN_OR_RETURN(FxGraphRecord fx, TraceFx(options.file, convert));
  package.fx_graphs.push_back(std::move(fx));
  return package;
}

Status InspectFile(const Options& options) {
  FP_ASSIGN_OR_RETURN(FileKind kind, DetectFileKind(options.file));
  const Sections& s = options.sections;
  if (options.audit && kind != FileKind::kArchive) return UsageError("--audit of a package", "an archive");
  if (options.audit) return AuditFile(options);
  if (kind == FileKind::kArchive && s.dot && !s.graph) return PrintModuleGraph(options);
  if (kind == FileKind::kArchive && !s.graph && !s.fx && !s.cases && !s.dot) return InspectArchiveFile(options);
  Package package;
  if (kind == FileKind::kArchive) {
    FP_ASSIGN_OR_RETURN(package, ConvertedPackage(options));
  } else {
    FP_ASSIGN_OR_RETURN(package, ReadPackage(options.file));
  }
  if (s.fx && package.fx_graphs.empty()) {
    const std::string* why = package.FindMetadata("fx_error");
    return WithFile(BadInput("fx graph", why != nullptr ? *why : "none", "a model that torch.fx can trace"), options.file);
  }
  Print(options.json ? InspectJson(package, s).dump(2, ' ', false, nlohmann::json::error_handler_t::replace) + "\n" : InspectText(package, s));
  return OkStatus();
}

}  // namespace

void AddInspect(CLI::App& app, Run* run) {
  CLI::App* command = app.add_subcommand("inspect", "Show what is inside a package or an archive");
  auto options = std::make_shared<Options>();
  command->add_option("FILE", options->file, "A .fpk or a PyTorch archive")->required();
  command->add_flag("--graph", options->sections.graph, "The engine's graph");
  command->add_flag("--fx", options->sections.fx, "torch.fx's graph, as code and as a table");
  command->add_flag("--modules", options->sections.modules, "The module tree");
  command->add_flag("--tensors", options->sections.tensors, "Parameters, buffers and constants");
  command->add_flag("--sources", options->sections.sources, "Python sources");
  command->add_flag("--cases", options->sections.cases, "Reference cases");
  command->add_flag("--dot", options->sections.dot, "For Graphviz: who imports whom in an archive; the engine's graph of a package, or with --graph");
  command->add_flag("--audit", options->audit, "What an archive's code and pickles need, and what of it could not run here (exit status 1)");
  command->add_flag("--json", options->json, "JSON instead of text");
  AddSourceOptions(command, &options->source, true);
  command->callback([options, run] { *run = [options] { return InspectFile(*options); }; });
}

}  // namespace fusepack::tools
