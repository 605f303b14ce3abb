// The parser's own state, shared by parse_*.cc; nobody else includes it. Each function is the rule of grammar.txt that
// has its name: it stands at the rule's first token and leaves at the one after its last. No backtracking: where
// Python's grammar needs it (`with (`, soft keywords, targets) a scan to the end of the bracket or line, or a check of
// what was parsed, decides; so time is linear.
//
// Errors are a SyntaxFailure thrown to parse.cc, which turns it into a Status.
#pragma once

#include <string>
#include <string_view>
#include <vector>

#include "tracer/python/ast.h"
#include "tracer/python/ast_walk.h"
#include "tracer/python/lex.h"

namespace fusepack::py {

struct SyntaxFailure {
  Error error;
};

class Parser {
 public:
  // Shares `tree`'s arena; `nesting` levels are open around it already.
  Parser(ast::Tree* tree, TokenList tokens, int nesting)
      : tree_(*tree), arena_(tree->arena()), list_(std::move(tokens)), nesting_(nesting) {}

  ast::StmtSeq file();
  ast::StmtSeq eval_input();
  const ast::Expr* braced_expression();  // of an f-string: all tokens

 private:
  using Expr = ast::Expr;
  using ExprList = std::vector<const Expr*>;
  using StmtList = std::vector<const ast::Stmt*>;

  // parse_statement.cc
  void statement(StmtList* out);
  void simple_statements(StmtList* out);
  const ast::Stmt* simple_statement();
  const ast::Stmt* assignment_or_expression();
  const ast::Stmt* return_statement();
  const ast::Stmt* raise_statement();
  const ast::Stmt* del_statement();
  const ast::Stmt* assert_statement();
  const ast::Stmt* import_name();
  const ast::Stmt* import_from();
  ast::Alias import_from_as_name();
  std::string_view dotted_name();
  template <typename T>
  const ast::Stmt* scope_statement();
  const ast::Stmt* type_alias();
  ast::Seq<ast::TypeParameter> type_params();
  const ast::Stmt* compound_statement();
  const ast::Stmt* decorated();
  const ast::Stmt* function_def(const std::vector<const Expr*>& decorators, ast::Position start, bool is_async);
  const ast::Stmt* class_def(const std::vector<const Expr*>& decorators);
  ast::Parameters parameters(bool is_lambda, Tok end);
  ast::Parameter parameter(bool is_lambda, bool star_annotation);
  const ast::Stmt* if_statement();
  const ast::Stmt* while_statement();
  const ast::Stmt* for_statement(ast::Position start, bool is_async);
  const ast::Stmt* with_statement(ast::Position start, bool is_async);
  bool parenthesized_with_items(std::vector<ast::WithItem>* items);
  ast::WithItem with_item();
  const ast::Stmt* try_statement();
  const ast::Stmt* match_statement();
  ast::StmtSeq block(const char* what);

  // parse_pattern.cc
  const ast::Pattern* patterns();
  const ast::Pattern* maybe_star_pattern();
  const ast::Pattern* pattern();
  const ast::Pattern* or_pattern();
  const ast::Pattern* closed_pattern();
  const ast::Pattern* sequence_pattern(Tok close);
  const ast::Pattern* mapping_pattern();
  const ast::Pattern* class_pattern(const Expr* cls, ast::Position start);
  const ast::Pattern* literal_pattern();
  const Expr* literal_expr();
  const Expr* signed_number();
  const Expr* name_or_attr();

  // parse_expression.cc
  const Expr* star_expressions();
  const Expr* star_expression();
  const Expr* star_named_expression();
  const Expr* named_expression();
  const Expr* expression();
  const Expr* yield_expression();
  const Expr* yield_or_star_expressions();
  const Expr* lambda();
  const Expr* disjunction();
  const Expr* conjunction();
  const Expr* inversion();
  const Expr* comparison();
  const Expr* bitwise_or() { return binary(0); }
  const Expr* binary(int level);
  const Expr* factor();
  const Expr* power();
  const Expr* primary();
  const Expr* atom();
  const Expr* group_or_tuple();
  const Expr* list();
  const Expr* dict_or_set();
  const Expr* slices();
  const Expr* slice();
  const Expr* call(const Expr* function, ast::Position start);
  void arguments(Tok close, ExprList* args, std::vector<ast::Keyword>* keywords, bool allow_generator,
                 ast::Position open);
  ast::Seq<ast::Comprehension> for_if_clauses();
  const Expr* target_list();  // of for
  const Expr* number();

  // parse_string.cc
  const Expr* strings();
  struct StringParts;
  void StringToken(const Token& token, StringParts* parts);
  void FormattedText(size_t begin, size_t end, bool raw, StringParts* parts);
  size_t LiteralText(size_t begin, size_t end, bool raw, int level, std::string* out);
  size_t Replacement(size_t begin, size_t end, bool raw, int level, StringParts* parts);
  void Decode(size_t begin, size_t end, bool raw, bool bytes, std::string* out);

  // ---- targets
  enum class Target { kAssign, kSingle, kDelete };
  // Checks that `e` may be stored to (deleted) and says so in its context.
  const Expr* AsTarget(const Expr* e, Target target, bool inside_sequence = false);
  static std::string Describe(const Expr& e);

  // ---- tokens
  const Token& Now() const { return list_.tokens[at_]; }
  const Token& Ahead(size_t n = 1) const { return list_.tokens[std::min(at_ + n, list_.tokens.size() - 1)]; }
  bool At(Tok kind) const { return Now().kind == kind; }
  void Next() {
    if (Now().kind < Tok::kNewline || Now().kind > Tok::kDedent) previous_stop_ = Now().stop;  // a node ends before
    if (at_ + 1 < list_.tokens.size()) ++at_;
  }
  bool Take(Tok kind) {
    if (!At(kind)) return false;
    Next();
    return true;
  }
  void Expect(Tok kind);
  std::string_view Text(const Token& token) const {
    return std::string_view(tree_.source()).substr(token.begin, token.end - token.begin);
  }
  std::string_view Identifier();  // takes a name
  bool AtWord(std::string_view word) const { return At(Tok::kName) && Text(Now()) == word; }
  bool StartsExpression(Tok kind) const;

  [[noreturn]] void Unexpected(const std::string& expected);  // at the current token
  [[noreturn]] void FailAt(ast::Position at, std::string found, std::string expected,
                           ErrorCode code = ErrorCode::kBadInput);
  std::string Found() const;

  // ---- nodes
  template <typename T>
  T* New(ast::Position start) {
    T* node = arena_.New<T>();
    node->start = start;
    return node;
  }
  // Ends the node at the last token taken and measures its height.
  template <typename T>
  const T* Finish(T* node) {
    node->end = previous_stop_;
    int height = 0;
    auto taller = [&](const auto& child) { height = std::max<int>(height, child.height); };
    if constexpr (std::is_base_of_v<ast::Expr, T>) {
      ast::ForEachChild(static_cast<const ast::Expr&>(*node), taller);
    } else if constexpr (std::is_base_of_v<ast::Pattern, T>) {
      ast::ForEachChild(static_cast<const ast::Pattern&>(*node), taller, taller);
    } else {
      ast::ForEachChild(static_cast<const ast::Stmt&>(*node), taller, taller, taller);
    }
    if (height >= ast::kMaxTreeHeight) {
      FailAt(node->start, "more than " + std::to_string(ast::kMaxTreeHeight) + " operations in one chain", "fewer",
             ErrorCode::kLimit);
    }
    node->height = static_cast<uint16_t>(height + 1);
    return node;
  }
  template <typename T>
  ast::Seq<T> Copy(const std::vector<T>& items) {
    return arena_.Copy(items);
  }
  template <typename T>
  T* Mutable(const T* node) {
    return const_cast<T*>(node);  // the parser made it
  }

  struct Nest {
    explicit Nest(Parser* parser) : p(*parser) {
      if (++p.nesting_ > ast::kMaxNesting) {
        --p.nesting_;
        p.FailAt(p.Now().start, "source nested more than " + std::to_string(ast::kMaxNesting) + " deep", "less",
                 ErrorCode::kLimit);
      }
    }
    ~Nest() { --p.nesting_; }
    Nest(const Nest&) = delete;
    Parser& p;
  };

  ast::Tree& tree_;
  ast::Arena& arena_;
  TokenList list_;
  size_t at_ = 0;
  int nesting_;
  ast::Position previous_stop_{1, 1};
};

}  // namespace fusepack::py
