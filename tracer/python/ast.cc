// The arena and the tables of names; a node's text is found by its lines' starts.
#include "tracer/python/ast.h"

#include <algorithm>

namespace fusepack::py::ast {

const char* KindName(ExprKind kind) {
  static constexpr const char* kNames[] = {
#define X(name) #name,
      FP_PY_EXPR_KINDS(X)
#undef X
  };
  return kNames[static_cast<int>(kind)];
}

const char* KindName(StmtKind kind) {
  static constexpr const char* kNames[] = {
#define X(name) #name,
      FP_PY_STMT_KINDS(X)
#undef X
  };
  return kNames[static_cast<int>(kind)];
}

const char* KindName(PatternKind kind) {
  static constexpr const char* kNames[] = {
#define X(name) #name,
      FP_PY_PATTERN_KINDS(X)
#undef X
  };
  return kNames[static_cast<int>(kind)];
}

const char* OperatorText(BoolOperator op) { return op == BoolOperator::kAnd ? "and" : "or"; }

const char* OperatorText(BinaryOperator op) {
  static constexpr const char* kText[] = {"+", "-", "*", "@", "/", "%", "**", "<<", ">>", "|", "^", "&", "//"};
  return kText[static_cast<int>(op)];
}

const char* OperatorText(UnaryOperator op) {
  static constexpr const char* kText[] = {"~", "not", "+", "-"};
  return kText[static_cast<int>(op)];
}

const char* OperatorText(CompareOperator op) {
  static constexpr const char* kText[] = {"==", "!=", "<", "<=", ">", ">=", "is", "is not", "in", "not in"};
  return kText[static_cast<int>(op)];
}

void* Arena::Allocate(size_t size, size_t align) {
  size_t at = (used_ + align - 1) & ~(align - 1);
  if (blocks_.empty() || at + size > block_size_) {
    block_size_ = std::max(kBlockBytes, size);
    blocks_.push_back(std::make_unique<std::byte[]>(block_size_));
    bytes_ += block_size_;
    at = 0;
  }
  used_ = at + size;
  return blocks_.back().get() + at;
}

std::string_view Arena::CopyText(std::string_view text) {
  if (text.empty()) return {};
  char* out = static_cast<char*>(Allocate(text.size(), 1));
  std::copy(text.begin(), text.end(), out);
  return {out, text.size()};
}

Tree::Tree(std::string file, std::string source) : file_(std::move(file)), source_(std::move(source)) {
  if (source_.starts_with("\xEF\xBB\xBF")) source_.erase(0, 3);
  line_starts_.push_back(0);
  for (size_t i = 0; i < source_.size(); ++i) {
    if (source_[i] == '\n' || (source_[i] == '\r' && (i + 1 == source_.size() || source_[i + 1] != '\n'))) {
      line_starts_.push_back(i + 1);
    }
  }
}

size_t Tree::Offset(Position at) const {
  if (at.line == 0 || at.line > line_starts_.size()) return source_.size();
  return std::min(source_.size(), line_starts_[at.line - 1] + (at.column == 0 ? 0 : at.column - 1));
}

Position Tree::PositionOf(size_t offset) const {
  size_t line = std::upper_bound(line_starts_.begin(), line_starts_.end(), offset) - line_starts_.begin();
  return {static_cast<uint32_t>(line), static_cast<uint32_t>(offset - line_starts_[line - 1] + 1)};
}

std::string_view Tree::Text(const Node& node) const {
  size_t begin = Offset(node.start), end = Offset(node.end);
  return std::string_view(source_).substr(begin, end > begin ? end - begin : 0);
}

std::string_view Tree::Line(uint32_t line) const {
  if (line == 0 || line > line_starts_.size()) return {};
  size_t begin = line_starts_[line - 1];
  size_t end = line < line_starts_.size() ? line_starts_[line] : source_.size();
  while (end > begin && (source_[end - 1] == '\n' || source_[end - 1] == '\r')) --end;
  return std::string_view(source_).substr(begin, end - begin);
}

}  // namespace fusepack::py::ast
