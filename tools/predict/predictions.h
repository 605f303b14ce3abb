// Outcomes as lines: what JSON Lines and CSV files of predictions look like, and how a line says which item it is of.
//
//   {"file":"a.jpg","top":[{"index":285,"label":"Egyptian cat","score":0.71}, ...]}
//   {"file":"x.npy","row":3,"top":[...]}
//   {"file":"b.jpg","error":"JPEG: Premature end of input file"}
//
//   file,row,error,index_1,label_1,score_1,index_2,...          (RFC 4180, a line first that names the columns)
//
// A score is the softmax probability in f32, in the fewest digits that give it back; a label that is not known is null, or
// empty. File names that are no UTF-8 have U+FFFD for what is none.
#pragma once

#include <cstdint>
#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "tools/predict/pipeline.h"

namespace fusepack {

struct Ranked {
  int64_t index;
  float score;
};

// The `top` greatest of softmax(logits), ties by index. Error where a logit is NaN or infinity leaves no probability.
Result<std::vector<Ranked>> RankLogits(const Tensor& logits, size_t top);

struct LineFormat {
  bool csv = false;
  size_t top = 5;
  std::vector<std::string> labels;  // by index; may be empty

  std::string Header() const;  // with its newline; empty for JSON
  // With its newline. Sets outcome->error where the output is none that can be ranked.
  std::string Line(Outcome* outcome) const;
  // A line for an output that is kept elsewhere: file, row and error only.
  static std::string IndexLine(const Outcome& outcome);
};

// Which item a whole line is of, and whether it failed.
struct LineKey {
  std::string file;
  int64_t row = -1;
  bool failed = false;
};
std::optional<LineKey> ParseJsonLine(std::string_view line);
std::optional<LineKey> ParseCsvLine(std::string_view line);

// Bytes of the first CSV record with its newline (quotes may hold newlines); 0 where it is not whole.
size_t CsvRecordBytes(std::string_view text);

// The file's name as a line has it.
std::string PrintableName(const std::string& file);

// A label a line, or a JSON array of texts. kIo, kBadInput.
Result<std::vector<std::string>> ReadLabels(const std::string& path);

}  // namespace fusepack
