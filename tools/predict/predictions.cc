#include "tools/predict/predictions.h"

#include <algorithm>
#include <charconv>
#include <cmath>
#include <nlohmann/json.hpp>

#include "package_format/mapped_file.h"

namespace fusepack {
namespace {

using nlohmann::json;

constexpr size_t kMaxLabelBytes = 64 << 20;

std::string Quoted(const std::string& text) { return json(text).dump(-1, ' ', false, json::error_handler_t::replace); }

std::string CsvField(const std::string& text) {
  if (text.find_first_of(",\"\r\n") == std::string::npos) return text;
  std::string out = "\"";
  for (char c : text) out += c == '"' ? std::string("\"\"") : std::string(1, c);
  return out + "\"";
}

std::string ScoreText(float score) {
  char text[32];
  return std::string(text, std::to_chars(text, text + sizeof text, score).ptr);
}

// The error as one line, without the file, which the line names already.
std::string ErrorText(const Status& status) {
  Error error = status.error();
  error.file.clear();
  return error.ToString();
}

// One field of a CSV record from `*at` on, which is left behind its comma or at the end.
std::optional<std::string> TakeField(std::string_view record, size_t* at) {
  std::string out;
  if (*at < record.size() && record[*at] == '"') {
    for (size_t i = *at + 1; i < record.size(); i++) {
      if (record[i] != '"') {
        out += record[i];
      } else if (i + 1 < record.size() && record[i + 1] == '"') {
        out += record[i++];
      } else {
        *at = std::min(i + 2, record.size());
        return out;
      }
    }
    return std::nullopt;
  }
  const size_t end = std::min(record.find(',', *at), record.size());
  out = record.substr(*at, end - *at);
  *at = std::min(end + 1, record.size());
  return out;
}

}  // namespace

Result<std::vector<Ranked>> RankLogits(const Tensor& logits, size_t top) {
  FP_ASSIGN_OR_RETURN(const Tensor values, logits.To(DType::kF64));
  FP_ASSIGN_OR_RETURN(const Tensor dense, values.Contiguous());
  const double* x = dense.view().as<double>();
  const size_t n = static_cast<size_t>(dense.numel());
  for (size_t i = 0; i < n; i++) {
    if (!std::isfinite(x[i])) return BadInput("output", std::to_string(x[i]) + " at index " + std::to_string(i), "finite numbers");
  }
  std::vector<int64_t> order(n);
  for (size_t i = 0; i < n; i++) order[i] = static_cast<int64_t>(i);
  top = std::min(top, n);
  std::partial_sort(order.begin(), order.begin() + static_cast<std::ptrdiff_t>(top), order.end(),
                    [x](int64_t a, int64_t b) { return x[a] != x[b] ? x[a] > x[b] : a < b; });
  const double most = *std::max_element(x, x + n);
  double sum = 0;
  for (size_t i = 0; i < n; i++) sum += std::exp(x[i] - most);
  std::vector<Ranked> out;
  for (size_t i = 0; i < top; i++) out.push_back({order[i], static_cast<float>(std::exp(x[order[i]] - most) / sum)});
  return out;
}

std::string PrintableName(const std::string& file) { return json::parse(Quoted(file)).get<std::string>(); }

std::string LineFormat::Header() const {
  if (!csv) return "";
  std::string out = "file,row,error";
  for (size_t i = 1; i <= top; i++) {
    const std::string n = std::to_string(i);
    out += ",index_" + n + ",label_" + n + ",score_" + n;
  }
  return out + "\n";
}

std::string LineFormat::IndexLine(const Outcome& outcome) {
  std::string line = "{\"file\":" + Quoted(outcome.item.file);
  if (outcome.item.row >= 0) line += ",\"row\":" + std::to_string(outcome.item.row);
  if (!outcome.error.ok()) line += ",\"error\":" + Quoted(ErrorText(outcome.error));
  return line + "}\n";
}

std::string LineFormat::Line(Outcome* outcome) const {
  std::vector<Ranked> ranked;
  if (outcome->error.ok()) {
    const Tensor& output = outcome->output;
    if (output.rank() != 1 || output.numel() == 0) {
      outcome->error = BadInput("output", output.ToString() + " for each image", "a number for each class (-o FILE.npy takes any output)");
    } else if (!labels.empty() && labels.size() != static_cast<size_t>(output.numel())) {
      outcome->error = BadInput("output", std::to_string(output.numel()) + " classes", std::to_string(labels.size()) + ", one a label");
    } else if (auto result = RankLogits(output, top); result.ok()) {
      ranked = std::move(*result);
    } else {
      outcome->error = result.status();
    }
  }
  if (csv) {
    std::string line = CsvField(PrintableName(outcome->item.file)) + ",";
    if (outcome->item.row >= 0) line += std::to_string(outcome->item.row);
    line += ",";
    if (!outcome->error.ok()) line += CsvField(PrintableName(ErrorText(outcome->error)));
    for (size_t i = 0; i < top; i++) {
      if (i >= ranked.size()) {
        line += ",,,";
        continue;
      }
      const size_t index = static_cast<size_t>(ranked[i].index);
      line += "," + std::to_string(index) + "," + (labels.empty() ? "" : CsvField(labels[index])) + "," + ScoreText(ranked[i].score);
    }
    return line + "\n";
  }
  if (!outcome->error.ok()) return IndexLine(*outcome);
  std::string line = "{\"file\":" + Quoted(outcome->item.file);
  if (outcome->item.row >= 0) line += ",\"row\":" + std::to_string(outcome->item.row);
  line += ",\"top\":[";
  for (size_t i = 0; i < ranked.size(); i++) {
    const size_t index = static_cast<size_t>(ranked[i].index);
    line += std::string(i ? "," : "") + "{\"index\":" + std::to_string(index) + ",\"label\":" + (labels.empty() ? "null" : Quoted(labels[index])) +
            ",\"score\":" + ScoreText(ranked[i].score) + "}";
  }
  return line + "]}\n";
}

std::optional<LineKey> ParseJsonLine(std::string_view line) {
  const json parsed = json::parse(line, nullptr, false);
  if (!parsed.is_object() || !parsed.contains("file") || !parsed["file"].is_string()) return std::nullopt;
  LineKey key;
  key.file = parsed["file"].get<std::string>();
  if (parsed.contains("row") && parsed["row"].is_number_integer()) key.row = parsed["row"].get<int64_t>();
  key.failed = parsed.contains("error");
  return key;
}

size_t CsvRecordBytes(std::string_view text) {
  bool quoted = false;
  for (size_t i = 0; i < text.size(); i++) {
    if (text[i] == '"') quoted = !quoted;
    if (text[i] == '\n' && !quoted) return i + 1;
  }
  return 0;
}

std::optional<LineKey> ParseCsvLine(std::string_view line) {
  while (!line.empty() && (line.back() == '\n' || line.back() == '\r')) line.remove_suffix(1);
  size_t at = 0;
  const auto file = TakeField(line, &at), row = TakeField(line, &at), error = TakeField(line, &at);
  if (!file || !row || !error) return std::nullopt;
  LineKey key;
  key.file = *file;
  key.failed = !error->empty();
  if (!row->empty() && std::from_chars(row->data(), row->data() + row->size(), key.row).ec != std::errc()) return std::nullopt;
  return key;
}

Result<std::vector<std::string>> ReadLabels(const std::string& path) {
  FP_ASSIGN_OR_RETURN(auto file, MappedFile::Open(path, FileAccess::kRead));
  const std::string_view text(reinterpret_cast<const char*>(file->bytes().data()), file->bytes().size());
  if (text.size() > kMaxLabelBytes) return WithFile(LimitExceeded("", std::to_string(text.size()) + " bytes", "at most " + std::to_string(kMaxLabelBytes)), path);
  std::vector<std::string> labels;
  if (!text.empty() && text[text.find_first_not_of(" \t\r\n") == std::string_view::npos ? 0 : text.find_first_not_of(" \t\r\n")] == '[') {
    const json parsed = json::parse(text, nullptr, false);
    if (!parsed.is_array()) return WithFile(BadInput("", "'[' at the start, but no JSON array", "a label a line, or a JSON array of texts"), path);
    for (const json& label : parsed) {
      if (!label.is_string()) return WithFile(BadInput("entry " + std::to_string(labels.size()), label.type_name(), "a text"), path);
      labels.push_back(label.get<std::string>());
    }
  } else {
    for (size_t at = 0; at < text.size();) {
      const size_t end = std::min(text.find('\n', at), text.size());
      std::string_view line = text.substr(at, end - at);
      if (line.ends_with('\r')) line.remove_suffix(1);
      labels.emplace_back(line);
      at = end + 1;
    }
  }
  if (labels.empty()) return WithFile(BadInput("", "no label", "one a line"), path);
  return labels;
}

}  // namespace fusepack
