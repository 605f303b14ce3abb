// String literals: prefixes, escapes, implicit concatenation, f-strings (as of 3.11: the string's own quote ends it
// everywhere, no backslash and no comment inside braces).
//
// All work is on offsets into the source, so every expression inside an f-string has its true position. Line ends
// inside a literal count as '\n' however the file writes them.
#include "tracer/python/parser.h"

namespace fusepack::py {

using namespace ast;  // NOLINT: a parser names every node

namespace {

constexpr int kMaxFormatLevels = 2;  // {x:{width}} and no deeper

void AppendUtf8(uint32_t point, std::string* out) {  // lone surrogates become their three bytes
  if (point < 0x80) {
    *out += static_cast<char>(point);
  } else if (point < 0x800) {
    *out += static_cast<char>(0xC0 | point >> 6);
    *out += static_cast<char>(0x80 | (point & 0x3F));
  } else if (point < 0x10000) {
    *out += static_cast<char>(0xE0 | point >> 12);
    *out += static_cast<char>(0x80 | (point >> 6 & 0x3F));
    *out += static_cast<char>(0x80 | (point & 0x3F));
  } else {
    *out += static_cast<char>(0xF0 | point >> 18);
    *out += static_cast<char>(0x80 | (point >> 12 & 0x3F));
    *out += static_cast<char>(0x80 | (point >> 6 & 0x3F));
    *out += static_cast<char>(0x80 | (point & 0x3F));
  }
}

int HexValue(char c) {
  if (c >= '0' && c <= '9') return c - '0';
  if (c >= 'a' && c <= 'f') return c - 'a' + 10;
  if (c >= 'A' && c <= 'F') return c - 'A' + 10;
  return -1;
}

}  // namespace

// What one run of adjacent literals adds up to.
struct Parser::StringParts {
  ast::Position start, stop;  // of the whole run: every part of an f-string has this position
  bool is_bytes = false;
  bool is_format = false;
  std::string pending;  // text since the last replacement field
  ExprList values;
};

const Expr* Parser::strings() {
  StringParts parts;
  parts.start = Now().start;
  bool u_prefix = (Text(Now())[0] | 0x20) == 'u';
  size_t first = at_, last = at_;
  while (list_.tokens[last].kind == Tok::kString) parts.stop = list_.tokens[last++].stop;
  for (at_ = first; at_ < last; Next()) {
    bool bytes = false;
    for (char c : Text(Now())) {
      if (c == '"' || c == '\'') break;
      bytes = bytes || (c | 0x20) == 'b';
    }
    if (at_ == first) parts.is_bytes = bytes;
    if (bytes != parts.is_bytes) FailAt(Now().start, "bytes and text in one literal", "one kind");
    StringToken(Now(), &parts);
  }
  auto text = [&] {
    Constant* e = New<Constant>(parts.start);
    e->type = parts.is_bytes ? ConstantKind::kBytes : ConstantKind::kStr;
    e->u_prefix = u_prefix;
    e->text = arena_.CopyText(parts.pending);
    return Finish(e);
  };
  if (!parts.is_format) return text();
  if (!parts.pending.empty()) parts.values.push_back(text());
  JoinedStr* e = New<JoinedStr>(parts.start);
  e->values = Copy(parts.values);
  return Finish(e);
}

void Parser::StringToken(const Token& token, StringParts* parts) {
  std::string_view text = Text(token);
  size_t quote = text.find_first_of("\"'");
  bool raw = false, format = false;
  for (char c : text.substr(0, quote)) {
    raw = raw || (c | 0x20) == 'r';
    format = format || (c | 0x20) == 'f';
  }
  size_t quotes = text.size() >= quote + 6 && text[quote + 1] == text[quote] && text[quote + 2] == text[quote] ? 3 : 1;
  size_t begin = token.begin + quote + quotes, end = token.end - quotes;
  if (format) {
    parts->is_format = true;
    FormattedText(begin, end, raw, parts);
  } else {
    Decode(begin, end, raw, parts->is_bytes, &parts->pending);
  }
}

// Appends source[begin, end) to *out with its escapes resolved.
void Parser::Decode(size_t begin, size_t end, bool raw, bool bytes, std::string* out) {
  std::string_view s = tree_.source();
  auto newline = [&](size_t* i) {  // at \r or \n
    if (s[*i] == '\r' && *i + 1 < end && s[*i + 1] == '\n') ++*i;
    ++*i;
  };
  for (size_t i = begin; i < end;) {
    char c = s[i];
    if (bytes && (c & 0x80)) FailAt(tree_.PositionOf(i), "a character beyond ASCII in bytes", "ASCII, or an escape");
    if (c == '\n' || c == '\r') {
      newline(&i);
      *out += '\n';
      continue;
    }
    if (c != '\\' || raw || i + 1 >= end) {
      *out += c;
      ++i;
      continue;
    }
    size_t escape = i;
    c = s[i + 1];
    i += 2;
    auto put = [&](uint32_t value) {
      if (bytes) {
        *out += static_cast<char>(value);
      } else {
        AppendUtf8(value, out);
      }
    };
    auto hex = [&](int digits) {
      uint32_t value = 0;
      for (int k = 0; k < digits; ++k, ++i) {
        int digit = i < end ? HexValue(s[i]) : -1;
        if (digit < 0) {
          FailAt(tree_.PositionOf(escape), std::string("an unfinished '\\") + c + "' escape",
                 std::to_string(digits) + " hexadecimal digits");
        }
        value = value << 4 | digit;
      }
      return value;
    };
    switch (c) {
      case '\n': case '\r':
        --i;
        newline(&i);
        break;
      case '\\': case '\'': case '"': *out += c; break;
      case 'a': *out += '\a'; break;
      case 'b': *out += '\b'; break;
      case 'f': *out += '\f'; break;
      case 'n': *out += '\n'; break;
      case 'r': *out += '\r'; break;
      case 't': *out += '\t'; break;
      case 'v': *out += '\v'; break;
      case 'x': put(hex(2)); break;
      case '0': case '1': case '2': case '3': case '4': case '5': case '6': case '7': {
        uint32_t value = c - '0';
        for (int k = 0; k < 2 && i < end && s[i] >= '0' && s[i] <= '7'; ++k, ++i) value = value << 3 | (s[i] - '0');
        put(value);
        break;
      }
      case 'u': case 'U': case 'N':
        if (!bytes && c == 'N') {
          FailAt(tree_.PositionOf(escape), "an escape by a character's name", "\\u or \\U with the code point");
        }
        if (!bytes) {
          uint32_t point = hex(c == 'u' ? 4 : 8);
          if (point > 0x10FFFF) FailAt(tree_.PositionOf(escape), "a code point beyond U+10FFFF", "a Unicode character");
          put(point);
          break;
        }
        [[fallthrough]];
      default:  // unknown escapes stand for themselves
        *out += '\\';
        if (bytes && (c & 0x80)) FailAt(tree_.PositionOf(i - 1), "a character beyond ASCII in bytes", "ASCII");
        *out += c;
    }
  }
}

// Literal text and replacement fields of an f-string.
void Parser::FormattedText(size_t begin, size_t end, bool raw, StringParts* parts) {
  std::string_view s = tree_.source();
  for (size_t i = begin; i < end;) {
    i = LiteralText(i, end, raw, 0, &parts->pending);
    if (i >= end) return;
    if (s[i] == '}') FailAt(tree_.PositionOf(i), "a single '}' in an f-string", "'}}'");
    i = Replacement(i, end, raw, 0, parts);
  }
}

// Up to the next brace that is not doubled; returns its offset, or `end`.
size_t Parser::LiteralText(size_t begin, size_t end, bool raw, int level, std::string* out) {
  std::string_view s = tree_.source();
  size_t from = begin;
  for (size_t i = begin; i < end;) {
    char c = s[i];
    if (!raw && c == '\\' && i + 1 < end) {
      if (s[i + 1] == 'N' && i + 2 < end && s[i + 2] == '{') {
        while (i < end && s[i] != '}') ++i;
        if (i < end) ++i;
        continue;
      }
      // `\{` is a backslash and a brace with its usual meaning.
      i += s[i + 1] == '{' || s[i + 1] == '}' ? 1 : 2;
      continue;
    }
    if (c != '{' && c != '}') {
      ++i;
      continue;
    }
    if (level == 0 && i + 1 < end && s[i + 1] == c) {
      Decode(from, i + 1, raw, false, out);
      i += 2;
      from = i;
      continue;
    }
    Decode(from, i, raw, false, out);
    return i;
  }
  if (from < end) Decode(from, end, raw, false, out);
  return end;
}

// source[begin] is '{'; returns the offset after its '}'.
size_t Parser::Replacement(size_t begin, size_t end, bool raw, int level, StringParts* parts) {
  std::string_view s = tree_.source();
  auto fail = [&](size_t at, const std::string& found, const std::string& expected) {
    FailAt(tree_.PositionOf(std::min(at, end)), found, expected);
  };
  if (level >= kMaxFormatLevels) fail(begin, "replacement fields nested more than two deep", "less");
  Nest nest(this);
  const size_t from = begin + 1;
  size_t i = from;
  std::string open;     // brackets
  char quote = 0;       // inside a string
  bool triple = false;
  for (; i < end; ++i) {
    char c = s[i];
    if (c == '\\') fail(i, "a backslash inside the braces of an f-string", "none (as of Python 3.11)");
    if (quote) {
      if (c != quote) continue;
      if (!triple) {
        quote = 0;
      } else if (i + 2 < end && s[i + 1] == c && s[i + 2] == c) {
        i += 2;
        quote = 0;
      }
      continue;
    }
    if (c == '\'' || c == '"') {
      quote = c;
      triple = i + 2 < end && s[i + 1] == c && s[i + 2] == c;
      if (triple) i += 2;
      continue;
    }
    if (c == '[' || c == '{' || c == '(') {
      if (open.size() >= kMaxNesting) fail(i, "brackets nested too deep", "fewer");
      open += c;
      continue;
    }
    if (c == '#') fail(i, "'#' inside the braces of an f-string", "no comment");
    if (open.empty() && (c == '!' || c == ':' || c == '}' || c == '=' || c == '<' || c == '>')) {
      if (i + 1 < end && s[i + 1] == '=' && c != ':' && c != '}') {
        ++i;
        continue;
      }
      if (c == '<' || c == '>') continue;
      break;
    }
    if (c == ']' || c == '}' || c == ')') {
      if (open.empty()) fail(i, std::string("'") + c + "' without its opening bracket", "");
      char expected = open.back() == '(' ? ')' : open.back() == '[' ? ']' : '}';
      if (c != expected) fail(i, std::string("'") + c + "'", std::string("'") + expected + "'");
      open.pop_back();
    }
  }
  size_t expression_end = i;
  if (quote) fail(i, "a string that the f-string's expression does not close", "its closing quote");
  if (!open.empty()) fail(i, std::string("'") + open.back() + "' that is never closed", "its closing bracket");
  if (i >= end) fail(i, "the end of the f-string", "'}'");
  if (s.substr(from, expression_end - from).find_first_not_of(" \t\n\f\r") == std::string_view::npos) {
    fail(from, "empty braces in an f-string", "an expression");
  }
  Parser inner(&tree_, LexInBraces(s, from, expression_end, tree_.PositionOf(from)), nesting_);
  FormattedValue* field = New<FormattedValue>(parts->start);
  field->value = inner.braced_expression();

  bool debug = false;
  if (s[i] == '=') {  // {x=}: the source text, then repr
    debug = true;
    ++i;
    while (i < end && (s[i] == ' ' || s[i] == '\t' || s[i] == '\n' || s[i] == '\r' || s[i] == '\f' || s[i] == '\v')) ++i;
    Decode(from, i, true, false, &parts->pending);
  }
  if (i < end && s[i] == '!') {
    char conversion = i + 1 < end ? s[i + 1] : '\0';
    if (conversion != 's' && conversion != 'r' && conversion != 'a') fail(i + 1, "an unknown conversion", "'s', 'r' or 'a'");
    field->conversion = conversion;
    i += 2;
  }
  if (i < end && s[i] == ':') {
    // The spec ends at the '}' that no field of its own takes.
    StringParts spec;
    spec.start = parts->start;
    spec.stop = parts->stop;
    ++i;
    for (;;) {
      i = LiteralText(i, end, raw, level + 1, &spec.pending);
      if (i >= end || s[i] == '}') break;
      i = Replacement(i, end, raw, level + 1, &spec);
    }
    auto saved = previous_stop_;
    previous_stop_ = parts->stop;
    if (!spec.pending.empty()) {
      Constant* text = New<Constant>(parts->start);
      text->type = ConstantKind::kStr;
      text->text = arena_.CopyText(spec.pending);
      spec.values.push_back(Finish(text));
    }
    JoinedStr* joined = New<JoinedStr>(parts->start);
    joined->values = Copy(spec.values);
    field->format_spec = Finish(joined);
    previous_stop_ = saved;
  }
  if (i >= end || s[i] != '}') fail(i, i >= end ? "the end of the f-string" : "a character after the expression", "'}'");
  if (debug && !field->format_spec && !field->conversion) field->conversion = 'r';

  auto saved = previous_stop_;
  previous_stop_ = parts->stop;
  if (!parts->pending.empty()) {
    Constant* text = New<Constant>(parts->start);
    text->type = ConstantKind::kStr;
    text->text = arena_.CopyText(parts->pending);
    parts->pending.clear();
    parts->values.push_back(Finish(text));
  }
  parts->values.push_back(Finish(field));
  previous_stop_ = saved;
  return i + 1;
}

const Expr* Parser::braced_expression() {
  // As if in parentheses: a yield, a named expression or a tuple without its own.
  const Expr* e;
  if (At(Tok::kYield)) {
    e = yield_expression();
  } else {
    Position start = Now().start;
    e = star_named_expression();
    if (At(Tok::kComma)) {
      ExprList items = {e};
      while (Take(Tok::kComma) && !At(Tok::kEnd)) items.push_back(star_named_expression());
      Tuple* tuple = New<Tuple>(start);
      tuple->elements = Copy(items);
      e = Finish(tuple);
    } else if (At(Tok::kFor) || At(Tok::kAsync)) {
      GeneratorExp* generator = New<GeneratorExp>(start);
      generator->element = e;
      generator->generators = for_if_clauses();
      e = Finish(generator);
    } else if (e->kind == ExprKind::kStarred) {
      FailAt(e->start, "a starred expression", "an expression, or ',' after it");
    }
  }
  if (!At(Tok::kEnd)) Unexpected("the end of the f-string's expression");
  return e;
}

}  // namespace fusepack::py
