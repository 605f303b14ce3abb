// Python source text to tokens.
//
// Follows "Lexical analysis" of the Python 3.11 reference: indentation with tabs to multiples of eight (and refused
// where tabs and spaces could be read two ways), implicit joining inside brackets, backslash continuation, form feeds,
// CRLF and CR line ends, every literal. A string is one token with its prefix and quotes; decode_string.h reads it.
//
// Differences: an identifier beyond ASCII must be in NFKC already.
#pragma once

#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

#include "kernels/base/status.h"
#include "tracer/python/ast.h"

namespace fusepack::py {

#define FP_PY_KEYWORDS(X) \
  X(False, "False") X(None, "None") X(True, "True") X(And, "and") X(As, "as") X(Assert, "assert") X(Async, "async") \
  X(Await, "await") X(Break, "break") X(Class, "class") X(Continue, "continue") X(Def, "def") X(Del, "del") \
  X(Elif, "elif") X(Else, "else") X(Except, "except") X(Finally, "finally") X(For, "for") X(From, "from") \
  X(Global, "global") X(If, "if") X(Import, "import") X(In, "in") X(Is, "is") X(Lambda, "lambda") \
  X(Nonlocal, "nonlocal") X(Not, "not") X(Or, "or") X(Pass, "pass") X(Raise, "raise") X(Return, "return") \
  X(Try, "try") X(While, "while") X(With, "with") X(Yield, "yield")

#define FP_PY_OPERATORS(X) \
  X(LeftParen, "(") X(RightParen, ")") X(LeftBracket, "[") X(RightBracket, "]") X(LeftBrace, "{") \
  X(RightBrace, "}") X(Colon, ":") X(Comma, ",") X(Semicolon, ";") X(Plus, "+") X(Minus, "-") X(Star, "*") \
  X(Slash, "/") X(Bar, "|") X(Ampersand, "&") X(Less, "<") X(Greater, ">") X(Assign, "=") X(Dot, ".") \
  X(Percent, "%") X(Equal, "==") X(NotEqual, "!=") X(LessEqual, "<=") X(GreaterEqual, ">=") X(Tilde, "~") \
  X(Caret, "^") X(LeftShift, "<<") X(RightShift, ">>") X(DoubleStar, "**") X(PlusAssign, "+=") \
  X(MinusAssign, "-=") X(StarAssign, "*=") X(SlashAssign, "/=") X(PercentAssign, "%=") X(AmpersandAssign, "&=") \
  X(BarAssign, "|=") X(CaretAssign, "^=") X(LeftShiftAssign, "<<=") X(RightShiftAssign, ">>=") \
  X(DoubleStarAssign, "**=") X(DoubleSlash, "//") X(DoubleSlashAssign, "//=") X(At, "@") X(AtAssign, "@=") \
  X(Arrow, "->") X(Ellipsis, "...") X(ColonAssign, ":=")

enum class Tok : uint8_t {
  kEnd,
  kError,  // last token: the source ends here, see TokenList::error
  kNewline,
  kIndent,
  kDedent,
  kName,
  kNumber,
  kString,
#define X(name, text) k##name,
  FP_PY_OPERATORS(X) FP_PY_KEYWORDS(X)
#undef X
};
const char* TokenText(Tok kind);  // "'+='", "a name", "end of line"

struct Token {
  Tok kind;
  uint32_t begin;  // bytes of the source
  uint32_t end;
  ast::Position start;
  ast::Position stop;
};

struct TokenList {
  std::vector<Token> tokens;  // ends with kEnd or kError
  Error error;                // where tokens.back() is kError
};

// A whole file. REQUIRES: `source` is valid UTF-8 without NUL (CheckSource has seen it).
TokenList Lex(std::string_view source);

// The expression in source[begin, end), which stands in an f-string's braces: as inside brackets, no line ends.
// `start` is begin's position.
TokenList LexInBraces(std::string_view source, uint32_t begin, uint32_t end, ast::Position start);

// The file as the lexer wants it: byte order mark removed, declared encoding (utf-8, ascii, latin-1) honoured and
// converted to UTF-8; size, NUL and broken UTF-8 refused.
Result<std::string> CheckSource(std::string_view bytes);

}  // namespace fusepack::py
