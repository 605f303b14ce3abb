// fusepack export: back to what PyTorch loads.
#include "tools/export.h"

#include "package_format/read.h"
#include "tools/command.h"
#include "tools/model_file.h"
#include "tracer/archive/package_layout.h"
#include "tracer/archive/zip_writer.h"

namespace fusepack::tools {
namespace {

struct Format {
  const char* name;
  Status (*write)(const ExportOptions& options);
};
constexpr Format kFormats[] = {
    {"torch.package", ExportTorchPackage},
    {"torchscript", ExportTorchScriptFile},
};

Result<std::vector<archive::NewRecord>> RecordsOfPackage(const std::string& file) {
  FP_ASSIGN_OR_RETURN(Package package, ReadPackage(file));
  if (package.archive.kind != "torch.package") {
    return WithFile(Unsupported("archive", package.archive.kind.empty() ? "none" : "one of kind " + package.archive.kind,
                                "a package made from a torch.package archive, or by pack from a model that can be pickled"), file);
  }
  std::vector<archive::NewRecord> records;
  for (SourceRecord& record : package.archive.records) records.push_back({std::move(record.name), std::move(record.bytes)});
  return records;
}

Result<std::vector<archive::NewRecord>> RecordsOfArchive(const std::string& file) {
  FP_ASSIGN_OR_RETURN(auto archive, archive::OpenArchive(file));
  if (archive->kind() != archive::ArchiveKind::kTorchPackage) {
    return WithFile(Unsupported("archive", "a " + std::string(archive::ArchiveKindName(archive->kind())),
                                "one of torch.package, which holds the model's source too"), file);
  }
  std::vector<archive::NewRecord> records;
  for (const archive::ZipRecord& record : archive->zip().records()) {
    FP_ASSIGN_OR_RETURN(Bytes bytes, archive->zip().Read(record));
    records.push_back({record.name.substr(archive->root().size() + 1), std::move(bytes)});
  }
  return records;
}

}  // namespace

Status ExportTorchPackage(const ExportOptions& options) {
  FP_ASSIGN_OR_RETURN(FileKind kind, DetectFileKind(options.file));
  FP_ASSIGN_OR_RETURN(auto records, kind == FileKind::kPackage ? RecordsOfPackage(options.file) : RecordsOfArchive(options.file));
  archive::FinishContainer(&records);
  return archive::WriteZipFile(options.output, records);
}

Status ExportTorchScriptFile(const ExportOptions& options) {
  FP_ASSIGN_OR_RETURN(FileKind kind, DetectFileKind(options.file));
  std::shared_ptr<const archive::Archive> archive;
  ConvertOptions convert = options.convert;
  if (kind == FileKind::kPackage) {
    // A .fpk keeps the records of the archive that it was made from.
    FP_ASSIGN_OR_RETURN(Package package, ReadPackage(options.file));
    std::vector<archive::NewRecord> records;
    for (SourceRecord& record : package.archive.records) records.push_back({std::move(record.name), std::move(record.bytes)});
    FP_ASSIGN_OR_RETURN(auto bytes, archive::ZipBytes(archive::RootForPath(options.file), records));
    FP_ASSIGN_OR_RETURN(archive, archive::OpenArchive(MappedFile::FromBytes(options.file, std::move(bytes))));
    if (convert.pickle.empty()) convert.pickle = package.archive.model;
  } else {
    FP_ASSIGN_OR_RETURN(archive, archive::OpenArchive(options.file));
  }
  return ExportTorchScript(archive, convert, options.output);
}

void AddExport(CLI::App& app, Run* run) {
  CLI::App* command = app.add_subcommand("export", "Write a model as an archive that PyTorch loads");
  struct Options {
    ExportOptions to;
    std::string format;
    SourceOptions source;
  };
  auto options = std::make_shared<Options>();
  std::vector<std::string> names;
  for (const Format& format : kFormats) names.emplace_back(format.name);
  command->add_option("FILE", options->to.file, "A .fpk or a PyTorch archive")->required();
  command->add_option("-o,--output", options->to.output, "The archive to write")->required();
  command->add_option("--format", options->format, "What to write")->required()->check(CLI::IsMember(names));
  AddSourceOptions(command, &options->source, true);
  command->callback([options, run] {
    *run = [options]() -> Status {
      FP_ASSIGN_OR_RETURN(options->to.convert, MakeConvertOptions(options->source));
      for (const Format& format : kFormats) {
        if (options->format == format.name) return format.write(options->to);
      }
      return InternalError("format " + options->format);
    };
  });
}

}  // namespace fusepack::tools
