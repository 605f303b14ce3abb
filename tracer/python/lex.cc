// One pass, one character of lookahead for most tokens (three for operators).
//
// The indentation stack keeps two columns a level, tabs counted as eight and as one: where they order two lines
// differently, the text means different things to different readers and is refused (as CPython does). A bracket stack
// tells implicit line joining and gives "'(' was never closed" its place.
#include "tracer/python/lex.h"

#include <algorithm>
#include <array>
#include <optional>
#include <unordered_map>

namespace fusepack::py {
namespace {

struct CodePointRange {
  uint32_t first, last;
};
#include "tracer/python/identifier_ranges.inc"

template <size_t N>
bool InRanges(const CodePointRange (&ranges)[N], uint32_t c) {
  const CodePointRange* at =
      std::upper_bound(ranges, ranges + N, c, [](uint32_t x, const CodePointRange& r) { return x < r.first; });
  return at != ranges && c <= at[-1].last;
}

constexpr int kTabSize = 8;

bool IsDigit(char c) { return c >= '0' && c <= '9'; }
bool IsHex(char c) { return IsDigit(c) || (c >= 'a' && c <= 'f') || (c >= 'A' && c <= 'F'); }
bool IsAsciiLetter(char c) { return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || c == '_'; }
bool IsWordStart(char c) { return IsAsciiLetter(c) || (static_cast<unsigned char>(c) & 0x80); }

// The code point at text[i] of valid UTF-8; *size its bytes.
uint32_t DecodeUtf8(std::string_view text, size_t i, int* size) {
  unsigned char c = text[i];
  int n = c < 0x80 ? 1 : c < 0xE0 ? 2 : c < 0xF0 ? 3 : 4;
  uint32_t out = n == 1 ? c : c & (0xFF >> (n + 1));
  for (int k = 1; k < n; ++k) out = out << 6 | (static_cast<unsigned char>(text[i + k]) & 0x3F);
  *size = n;
  return out;
}

std::string Hex(uint32_t value) {
  static constexpr char kDigits[] = "0123456789ABCDEF";
  std::string out;
  for (; value || out.size() < 4; value >>= 4) out.insert(out.begin(), kDigits[value & 15]);
  return out;
}

const std::unordered_map<std::string_view, Tok>& Keywords() {
  static const std::unordered_map<std::string_view, Tok> words = {
#define X(name, text) {text, Tok::k##name},
      FP_PY_KEYWORDS(X)
#undef X
  };
  return words;
}

// Operators of three, two and one characters, longest first.
std::optional<Tok> OperatorAt(std::string_view text, int* size) {
  static const std::unordered_map<std::string_view, Tok> operators = {
#define X(name, text) {text, Tok::k##name},
      FP_PY_OPERATORS(X)
#undef X
  };
  for (int n = 3; n > 0; --n) {
    if (text.size() < static_cast<size_t>(n)) continue;
    auto found = operators.find(text.substr(0, n));
    if (found != operators.end()) {
      *size = n;
      return found->second;
    }
  }
  return std::nullopt;
}

class Lexer {
 public:
  Lexer(std::string_view source, uint32_t begin, uint32_t end, ast::Position start, bool in_braces)
      : text_(source.substr(0, end)), at_(begin), line_(start.line), line_start_(begin - (start.column - 1)),
        in_braces_(in_braces), line_is_new_(!in_braces) {}

  TokenList Run() {
    while (Step()) {
    }
    return std::move(out_);
  }

 private:
  struct Bracket {
    char open;
    ast::Position at;
  };
  struct Column {
    int tabs_as_eight = 0, tabs_as_one = 0;
  };

  char Peek(size_t ahead = 0) const { return at_ + ahead < text_.size() ? text_[at_ + ahead] : '\0'; }
  bool AtEnd() const { return at_ >= text_.size(); }
  ast::Position Here() const { return {line_, static_cast<uint32_t>(at_ - line_start_ + 1)}; }
  bool Joined() const { return in_braces_ || !brackets_.empty(); }

  // Bytes of the line end at at_: 0, 1 or 2.
  int LineEnd() const { return Peek() == '\n' ? 1 : Peek() == '\r' && !AtEnd() ? (Peek(1) == '\n' ? 2 : 1) : 0; }
  void TakeLineEnd() {
    at_ += LineEnd();
    ++line_;
    line_start_ = at_;
  }

  void Emit(Tok kind, size_t begin, ast::Position start) {
    out_.tokens.push_back({kind, static_cast<uint32_t>(begin), static_cast<uint32_t>(at_), start, Here()});
  }
  bool Fail(ast::Position at, std::string found, std::string expected, ErrorCode code = ErrorCode::kBadInput) {
    out_.error = Error{code, "", std::to_string(at.line) + ":" + std::to_string(at.column), std::move(found),
                       std::move(expected), ""};
    out_.tokens.push_back({Tok::kError, static_cast<uint32_t>(at_), static_cast<uint32_t>(at_), at, at});
    return false;
  }

  // One token, or the white space before one. False at the end.
  bool Step() {
    if (line_is_new_) {
      line_is_new_ = false;
      if (!Indentation()) return false;
    }
    while (Peek() == ' ' || Peek() == '\t' || Peek() == '\f') ++at_;
    if (Peek() == '#' && !AtEnd()) {
      while (!AtEnd() && !LineEnd()) ++at_;
    }
    if (AtEnd()) return Finish();
    size_t begin = at_;
    ast::Position start = Here();
    if (LineEnd()) {
      if (Joined()) {
        TakeLineEnd();
        return true;
      }
      ++at_;
      Emit(Tok::kNewline, begin, start);
      --at_;
      TakeLineEnd();
      line_is_new_ = true;
      return true;
    }
    char c = Peek();
    if (c == '\\') {
      ++at_;
      if (AtEnd()) return Fail(Here(), "end of the file after a backslash", "the line's continuation");
      if (!LineEnd()) return Fail(Here(), "a character after a backslash", "the end of the line");
      TakeLineEnd();
      if (AtEnd()) return Fail(Here(), "end of the file after a backslash", "the line's continuation");
      return true;
    }
    if (IsDigit(c) || (c == '.' && IsDigit(Peek(1)))) return Number(begin, start);
    if (c == '"' || c == '\'') return String(begin, start);
    if (IsWordStart(c)) return Word(begin, start);
    return Operator(begin, start);
  }

  bool Finish() {
    if (!brackets_.empty()) {
      return Fail(brackets_.back().at, std::string("'") + brackets_.back().open + "' that is never closed",
                  "its closing bracket");
    }
    if (!in_braces_) {
      if (!out_.tokens.empty() && out_.tokens.back().kind != Tok::kNewline && out_.tokens.back().kind != Tok::kDedent) {
        Emit(Tok::kNewline, at_, Here());
      }
      for (; !indents_.empty(); indents_.pop_back()) Emit(Tok::kDedent, at_, Here());
    }
    Emit(Tok::kEnd, at_, Here());
    return false;
  }

  // At the first column of a line: measures it, skips blank lines, emits kIndent and kDedent.
  bool Indentation() {
    for (;;) {
      Column column;
      std::optional<Column> continued;  // where a backslash joins lines, the first one's column counts
      for (;; ++at_) {
        char c = Peek();
        if (c == ' ') {
          ++column.tabs_as_eight, ++column.tabs_as_one;
        } else if (c == '\t') {
          column.tabs_as_eight = (column.tabs_as_eight / kTabSize + 1) * kTabSize;
          ++column.tabs_as_one;
        } else if (c == '\f') {
          column = {};
        } else if (c == '\\' && (Peek(1) == '\n' || Peek(1) == '\r')) {
          if (!continued || continued->tabs_as_eight == 0) continued = column;
          ++at_;
          TakeLineEnd();
          --at_;
          if (at_ + 1 >= text_.size()) {
            ++at_;
            return Fail(Here(), "end of the file after a backslash", "the line's continuation");
          }
        } else {
          break;
        }
      }
      if (continued && continued->tabs_as_eight) column = *continued;
      if (Peek() == '#' && !AtEnd()) {
        while (!AtEnd() && !LineEnd()) ++at_;
      }
      if (AtEnd()) return true;
      if (LineEnd()) {
        TakeLineEnd();
        continue;
      }
      return Indent(column);
    }
  }

  bool Indent(Column column) {
    Column top = indents_.empty() ? Column{} : indents_.back();
    ast::Position here = Here();
    if (column.tabs_as_eight == top.tabs_as_eight) {
      if (column.tabs_as_one != top.tabs_as_one) return BadTabs(here);
      return true;
    }
    if (column.tabs_as_eight > top.tabs_as_eight) {
      if (column.tabs_as_one <= top.tabs_as_one) return BadTabs(here);
      if (indents_.size() >= ast::kMaxNesting) {
        return Fail(here, "more than " + std::to_string(ast::kMaxNesting) + " levels of indentation", "fewer",
                    ErrorCode::kLimit);
      }
      indents_.push_back(column);
      Emit(Tok::kIndent, at_, here);
      return true;
    }
    while (!indents_.empty() && column.tabs_as_eight < indents_.back().tabs_as_eight) {
      indents_.pop_back();
      Emit(Tok::kDedent, at_, here);
    }
    top = indents_.empty() ? Column{} : indents_.back();
    if (column.tabs_as_eight != top.tabs_as_eight) {
      return Fail(here, "an unindent to a column that no outer block has", "an outer block's column");
    }
    if (column.tabs_as_one != top.tabs_as_one) return BadTabs(here);
    return true;
  }
  bool BadTabs(ast::Position at) {
    return Fail(at, "tabs and spaces mixed in indentation", "indentation that does not depend on the width of a tab");
  }

  bool Word(size_t begin, ast::Position start) {
    while (!AtEnd()) {
      char c = Peek();
      if (IsAsciiLetter(c) || IsDigit(c)) {
        ++at_;
        continue;
      }
      if (!(static_cast<unsigned char>(c) & 0x80)) break;
      int size;
      uint32_t point = DecodeUtf8(text_, at_, &size);
      if (!InRanges(kIdentifierStart, point) && (at_ == begin || !InRanges(kIdentifierPart, point))) {
        return Fail(Here(), "character U+" + Hex(point), "a name in normal form (NFKC), or a token");
      }
      at_ += size;
    }
    std::string_view word = text_.substr(begin, at_ - begin);
    if (!AtEnd() && (Peek() == '"' || Peek() == '\'') && IsStringPrefix(word)) return String(begin, start);
    auto keyword = Keywords().find(word);
    Emit(keyword == Keywords().end() ? Tok::kName : keyword->second, begin, start);
    return true;
  }

  static bool IsStringPrefix(std::string_view word) {
    if (word.size() > 2) return false;
    std::string lower;
    for (char c : word) lower += static_cast<char>(c | 0x20);
    return lower == "r" || lower == "u" || lower == "b" || lower == "f" || lower == "br" || lower == "rb" ||
           lower == "fr" || lower == "rf";
  }

  // At the opening quote.
  bool String(size_t begin, ast::Position start) {
    char quote = Peek();
    bool triple = Peek(1) == quote && Peek(2) == quote;
    at_ += triple ? 3 : 1;
    for (;;) {
      if (AtEnd()) {
        return Fail(start, triple ? "a triple-quoted string that is never closed" : "a string that is never closed",
                    "its closing quote");
      }
      char c = Peek();
      if (LineEnd()) {
        if (!triple) return Fail(start, "a string that its line does not close", "its closing quote");
        TakeLineEnd();
      } else if (c == '\\') {
        ++at_;
        if (AtEnd()) continue;
        if (LineEnd()) {
          TakeLineEnd();
        } else {
          ++at_;
        }
      } else if (c == quote && (!triple || (Peek(1) == quote && Peek(2) == quote))) {
        at_ += triple ? 3 : 1;
        Emit(Tok::kString, begin, start);
        return true;
      } else {
        ++at_;
      }
    }
  }

  // Digits with single underscores between them; false where an underscore has no digit after it.
  template <typename Accept>
  bool Digits(Accept accept) {
    while (accept(Peek())) {
      ++at_;
      if (Peek() == '_') {
        if (!accept(Peek(1))) return false;
        ++at_;
      }
    }
    return true;
  }

  bool Number(size_t begin, ast::Position start) {
    char radix = Peek() == '0' ? static_cast<char>(Peek(1) | 0x20) : '\0';
    if (radix == 'x' || radix == 'o' || radix == 'b') {
      const char* name = radix == 'x' ? "hexadecimal" : radix == 'o' ? "octal" : "binary";
      auto accept = [radix](char c) {
        return radix == 'x' ? IsHex(c) : radix == 'o' ? (c >= '0' && c <= '7') : (c == '0' || c == '1');
      };
      at_ += 2;
      if (Peek() == '_') ++at_;
      if (!accept(Peek()) || !Digits(accept)) {
        return Fail(Here(), Shown(), std::string("a digit of the ") + name + " number");
      }
      if (IsDigit(Peek())) return Fail(Here(), Shown(), std::string("a digit of the ") + name + " number");
      return EndNumber(begin, start, std::string("the end of the ") + name + " number");
    }
    bool is_float = false;
    if (Peek() != '.') {
      if (!Digits(IsDigit)) return Fail(Here(), "'_' at the end of a number", "a digit");
    }
    size_t integer_end = at_;
    if (Peek() == '.') {
      is_float = true;
      ++at_;
      if (IsDigit(Peek()) && !Digits(IsDigit)) return Fail(Here(), "'_' at the end of a number", "a digit");
    }
    if ((Peek() | 0x20) == 'e') {
      size_t sign = Peek(1) == '+' || Peek(1) == '-' ? 1 : 0;
      if (IsDigit(Peek(1 + sign))) {
        is_float = true;
        at_ += 1 + sign;
        if (!Digits(IsDigit)) return Fail(Here(), "'_' at the end of a number", "a digit");
      } else if (sign) {
        at_ += 2;
        return Fail(Here(), Shown(), "the exponent's digits");
      }
    }
    bool imaginary = (Peek() | 0x20) == 'j';
    if (imaginary) ++at_;
    if (!is_float && !imaginary && text_[begin] == '0') {
      for (size_t i = begin; i < integer_end; ++i) {
        if (text_[i] != '0' && text_[i] != '_') {
          return Fail(start, "a decimal integer with a leading zero", "0o for octal, or no zero");
        }
      }
    }
    return EndNumber(begin, start, "the end of the number");
  }

  // `1if x else y` is legal; `1abc` is not.
  bool EndNumber(size_t begin, ast::Position start, const std::string& expected) {
    if (IsWordStart(Peek()) && !AtEnd()) {
      std::string_view rest = text_.substr(at_);
      bool keyword = false;
      for (std::string_view word : {"and", "else", "for", "if", "in", "is", "not", "or"}) {
        keyword = keyword || rest.starts_with(word);
      }
      if (!keyword) return Fail(Here(), Shown(), expected);
    }
    Emit(Tok::kNumber, begin, start);
    return true;
  }

  std::string Shown() const {
    if (AtEnd()) return "end of the file";
    if (LineEnd()) return "end of the line";
    if (static_cast<unsigned char>(Peek()) & 0x80) {
      int size;
      return "character U+" + Hex(DecodeUtf8(text_, at_, &size));
    }
    return static_cast<unsigned char>(Peek()) < 0x20 ? "character U+" + Hex(Peek()) : std::string("'") + Peek() + "'";
  }

  bool Operator(size_t begin, ast::Position start) {
    int size = 0;
    std::optional<Tok> kind = OperatorAt(text_.substr(at_, 3), &size);
    if (!kind) return Fail(start, Shown(), "a token of Python");
    char c = Peek();
    if (size == 1 && (c == '(' || c == '[' || c == '{')) {
      if (brackets_.size() >= ast::kMaxNesting) {
        return Fail(start, "brackets nested more than " + std::to_string(ast::kMaxNesting) + " deep", "fewer",
                    ErrorCode::kLimit);
      }
      brackets_.push_back({c, start});
    } else if (size == 1 && (c == ')' || c == ']' || c == '}')) {
      char open = c == ')' ? '(' : c == ']' ? '[' : '{';
      if (brackets_.empty()) return Fail(start, std::string("'") + c + "' without its opening bracket", "");
      if (brackets_.back().open != open) {
        const Bracket& top = brackets_.back();
        return Fail(start, std::string("'") + c + "'",
                    std::string("the bracket that closes '") + top.open + "' of " + std::to_string(top.at.line) + ":" +
                        std::to_string(top.at.column));
      }
      brackets_.pop_back();
    }
    at_ += size;
    Emit(*kind, begin, start);
    return true;
  }

  std::string_view text_;
  size_t at_;
  uint32_t line_;
  size_t line_start_;
  bool in_braces_;
  bool line_is_new_;
  std::vector<Column> indents_;
  std::vector<Bracket> brackets_;
  TokenList out_;
};

// Python's declaration of an encoding: a comment in the first two lines that says coding: NAME or coding=NAME.
std::string DeclaredEncoding(std::string_view source) {
  for (int line = 0; line < 2; ++line) {
    size_t end = std::min(source.find_first_of("\r\n"), source.size());
    std::string_view text = source.substr(0, end);
    size_t first = text.find_first_not_of(" \t\f");
    if (first != std::string_view::npos && text[first] != '#') return "";
    for (size_t at = text.find("coding", first); at != std::string_view::npos; at = text.find("coding", at + 1)) {
      size_t i = at + 6;
      if (i >= text.size() || (text[i] != ':' && text[i] != '=')) continue;
      ++i;
      while (i < text.size() && (text[i] == ' ' || text[i] == '\t')) ++i;
      std::string name;
      for (; i < text.size(); ++i) {
        char c = text[i];
        if (!IsAsciiLetter(c) && !IsDigit(c) && c != '-' && c != '.') break;
        name += c == '_' ? '-' : c >= 'A' && c <= 'Z' ? static_cast<char>(c | 0x20) : c;
      }
      if (!name.empty()) return name;
    }
    if (end == source.size()) return "";
    source.remove_prefix(source.substr(end).starts_with("\r\n") ? end + 2 : end + 1);
  }
  return "";
}

// Offset of the first byte that is not UTF-8 (shortest form, no surrogates), or npos.
size_t FirstBadUtf8(std::string_view text) {
  for (size_t i = 0; i < text.size();) {
    unsigned char c = text[i];
    if (c < 0x80) {
      ++i;
      continue;
    }
    size_t n = c >= 0xC2 && c < 0xE0 ? 2 : c >= 0xE0 && c < 0xF0 ? 3 : c >= 0xF0 && c < 0xF5 ? 4 : 0;
    if (n == 0 || i + n > text.size()) return i;
    for (size_t k = 1; k < n; ++k) {
      if ((static_cast<unsigned char>(text[i + k]) & 0xC0) != 0x80) return i;
    }
    unsigned char d = text[i + 1];
    if ((c == 0xE0 && d < 0xA0) || (c == 0xED && d >= 0xA0) || (c == 0xF0 && d < 0x90) || (c == 0xF4 && d >= 0x90)) {
      return i;
    }
    i += n;
  }
  return std::string_view::npos;
}

std::string PlaceOfByte(std::string_view text, size_t offset) {
  size_t line = 1, start = 0;
  for (size_t i = 0; i < offset; ++i) {
    if (text[i] == '\n' || (text[i] == '\r' && (i + 1 >= text.size() || text[i + 1] != '\n'))) {
      ++line;
      start = i + 1;
    }
  }
  return std::to_string(line) + ":" + std::to_string(offset - start + 1);
}

}  // namespace

const char* TokenText(Tok kind) {
  switch (kind) {
    case Tok::kEnd: return "end of the file";
    case Tok::kError: return "an error";
    case Tok::kNewline: return "end of the line";
    case Tok::kIndent: return "an indented block";
    case Tok::kDedent: return "the end of the block";
    case Tok::kName: return "a name";
    case Tok::kNumber: return "a number";
    case Tok::kString: return "a string";
#define X(name, text) \
  case Tok::k##name: return "'" text "'";
    FP_PY_OPERATORS(X) FP_PY_KEYWORDS(X)
#undef X
  }
  return "";
}

TokenList Lex(std::string_view source) {
  return Lexer(source, 0, static_cast<uint32_t>(source.size()), {1, 1}, false).Run();
}

TokenList LexInBraces(std::string_view source, uint32_t begin, uint32_t end, ast::Position start) {
  return Lexer(source, begin, end, start, true).Run();
}

Result<std::string> CheckSource(std::string_view bytes) {
  if (bytes.size() > ast::kMaxSourceBytes) {
    return LimitExceeded("", "a source of " + std::to_string(bytes.size()) + " bytes",
                         "at most " + std::to_string(ast::kMaxSourceBytes));
  }
  bool marked = bytes.starts_with("\xEF\xBB\xBF");
  if (marked) bytes.remove_prefix(3);
  if (size_t nul = bytes.find('\0'); nul != std::string_view::npos) {
    return BadInput(PlaceOfByte(bytes, nul), "a NUL byte", "text");
  }
  std::string encoding = DeclaredEncoding(bytes);
  bool utf8 = encoding.empty() || encoding == "utf-8" || encoding == "utf8" || encoding.starts_with("utf-8-") ||
              encoding == "ascii" || encoding == "us-ascii";
  bool latin = encoding == "latin-1" || encoding == "latin1" || encoding == "iso-8859-1" ||
               encoding == "iso-latin-1" || encoding == "iso8859-1";
  if ((!utf8 && !latin) || (marked && !utf8)) {
    return BadInput("1:1", "the declared encoding '" + encoding + "'", "utf-8, ascii or latin-1");
  }
  if (latin) {
    std::string out;
    for (unsigned char c : bytes) {
      if (c < 0x80) {
        out += static_cast<char>(c);
      } else {
        out += static_cast<char>(0xC0 | c >> 6);
        out += static_cast<char>(0x80 | (c & 0x3F));
      }
    }
    return out;
  }
  if (size_t bad = FirstBadUtf8(bytes); bad != std::string_view::npos) {
    return BadInput(PlaceOfByte(bytes, bad), "a byte that is not UTF-8", "UTF-8, or a declared encoding");
  }
  return std::string(bytes);
}

}  // namespace fusepack::py
