// Check the bytes, cut them into tokens, parse; a SyntaxFailure ends here as a Status.
#include "tracer/python/parse.h"

#include <utility>

#include "tracer/python/parser.h"

namespace fusepack::py {

void Parser::FailAt(ast::Position at, std::string found, std::string expected, ErrorCode code) {
  throw SyntaxFailure{Error{code, "", std::to_string(at.line) + ":" + std::to_string(at.column), std::move(found),
                            std::move(expected), ""}};
}

std::string Parser::Found() const {
  constexpr size_t kShown = 40;
  std::string text(Text(Now()).substr(0, kShown));
  if (Now().kind == Tok::kName) return "'" + text + "'";
  if (Now().kind == Tok::kNumber) return "number " + text;
  return TokenText(Now().kind);
}

void Parser::Unexpected(const std::string& expected) {
  if (At(Tok::kError)) throw SyntaxFailure{list_.error};
  // A bracket that is never closed explains what came after it better than the token where that shows.
  const Token& last = list_.tokens.back();
  if (last.kind == Tok::kError && last.start.line < Now().start.line) throw SyntaxFailure{list_.error};
  FailAt(Now().start, Found(), expected);
}

void Parser::Expect(Tok kind) {
  if (!At(kind)) Unexpected(TokenText(kind));
  Next();
}

std::string_view Parser::Identifier() {
  if (!At(Tok::kName)) Unexpected("a name");
  std::string_view name = Text(Now());
  Next();
  return name;
}

namespace {

template <typename Body>
Result<std::shared_ptr<const ast::Tree>> ParseWith(std::string file, const std::string& source, Body body) {
  auto checked = CheckSource(source);
  if (!checked.ok()) return WithFile(checked.status(), file);
  auto tree = std::make_shared<ast::Tree>(file, std::move(checked).value());
  Parser parser(tree.get(), Lex(tree->source()), 0);
  try {
    tree->set_body(body(parser));
  } catch (const SyntaxFailure& failure) {
    return WithFile(failure.error, file);
  }
  return std::shared_ptr<const ast::Tree>(std::move(tree));
}

}  // namespace

Result<std::shared_ptr<const ast::Tree>> Parse(std::string file, std::string source) {
  return ParseWith(std::move(file), source, [](Parser& parser) { return parser.file(); });
}

Result<std::shared_ptr<const ast::Tree>> ParseExpression(std::string file, std::string source) {
  size_t first = source.find_first_not_of(" \t");
  if (first != std::string::npos) source.erase(0, first);
  return ParseWith(std::move(file), source, [](Parser& parser) { return parser.eval_input(); });
}

}  // namespace fusepack::py
