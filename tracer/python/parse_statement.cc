// Statements. A block is either the rest of the line after ':' or an indented group of lines.
#include "tracer/python/parser.h"

namespace fusepack::py {

using namespace ast;  // NOLINT: a parser names every node

StmtSeq Parser::file() {
  StmtList body;
  while (!At(Tok::kEnd)) statement(&body);
  return Copy(body);
}

StmtSeq Parser::eval_input() {
  ExprStmt* s = New<ExprStmt>(Now().start);
  s->value = star_expressions();
  Finish(s);
  while (Take(Tok::kNewline)) {
  }
  if (!At(Tok::kEnd)) Unexpected("the end of the expression");
  return Copy(StmtList{s});
}

void Parser::statement(StmtList* out) {
  if (const Stmt* compound = compound_statement()) {
    out->push_back(compound);
  } else {
    simple_statements(out);
  }
}

void Parser::simple_statements(StmtList* out) {
  do {
    out->push_back(simple_statement());
  } while (Take(Tok::kSemicolon) && !At(Tok::kNewline));
  if (!At(Tok::kNewline)) Unexpected("the end of the statement");
  Next();
}

const Stmt* Parser::simple_statement() {
  Position start = Now().start;
  switch (Now().kind) {
    case Tok::kReturn: return return_statement();
    case Tok::kImport: return import_name();
    case Tok::kFrom: return import_from();
    case Tok::kRaise: return raise_statement();
    case Tok::kDel: return del_statement();
    case Tok::kAssert: return assert_statement();
    case Tok::kGlobal: return scope_statement<Global>();
    case Tok::kNonlocal: return scope_statement<Nonlocal>();
    case Tok::kPass: Next(); return Finish(New<Pass>(start));
    case Tok::kBreak: Next(); return Finish(New<Break>(start));
    case Tok::kContinue: Next(); return Finish(New<Continue>(start));
    case Tok::kName:
      if (AtWord("type") && Ahead().kind == Tok::kName &&
          (Ahead(2).kind == Tok::kAssign || Ahead(2).kind == Tok::kLeftBracket)) {
        return type_alias();
      }
      break;
    case Tok::kIndent: FailAt(start, "an indented line", "the block's own indentation");
    default: break;
  }
  return assignment_or_expression();
}

namespace {

bool AugmentedOperator(Tok token, BinaryOperator* op) {
  switch (token) {
    case Tok::kPlusAssign: *op = BinaryOperator::kAdd; return true;
    case Tok::kMinusAssign: *op = BinaryOperator::kSub; return true;
    case Tok::kStarAssign: *op = BinaryOperator::kMult; return true;
    case Tok::kAtAssign: *op = BinaryOperator::kMatMult; return true;
    case Tok::kSlashAssign: *op = BinaryOperator::kDiv; return true;
    case Tok::kPercentAssign: *op = BinaryOperator::kMod; return true;
    case Tok::kDoubleStarAssign: *op = BinaryOperator::kPow; return true;
    case Tok::kLeftShiftAssign: *op = BinaryOperator::kLShift; return true;
    case Tok::kRightShiftAssign: *op = BinaryOperator::kRShift; return true;
    case Tok::kBarAssign: *op = BinaryOperator::kBitOr; return true;
    case Tok::kCaretAssign: *op = BinaryOperator::kBitXor; return true;
    case Tok::kAmpersandAssign: *op = BinaryOperator::kBitAnd; return true;
    case Tok::kDoubleSlashAssign: *op = BinaryOperator::kFloorDiv; return true;
    default: return false;
  }
}

}  // namespace

// What stands before '=', ':' or '+=' is parsed as an expression first and then checked to be a target.
const Stmt* Parser::assignment_or_expression() {
  Position start = Now().start;
  const Expr* first = yield_or_star_expressions();
  if (At(Tok::kColon)) {
    if (first->kind != ExprKind::kName && first->kind != ExprKind::kAttribute && first->kind != ExprKind::kSubscript) {
      if (first->kind == ExprKind::kTuple || first->kind == ExprKind::kList) {
        FailAt(first->start, Describe(*first) + " with an annotation", "a single target");
      }
      Unexpected("the end of the statement");
    }
    AnnAssign* s = New<AnnAssign>(start);
    s->target = AsTarget(first, Target::kSingle);
    s->simple = first->kind == ExprKind::kName && !first->parenthesized;
    Next();
    s->annotation = expression();
    if (Take(Tok::kAssign)) s->value = yield_or_star_expressions();
    return Finish(s);
  }
  BinaryOperator op;
  if (AugmentedOperator(Now().kind, &op)) {
    AugAssign* s = New<AugAssign>(start);
    s->target = AsTarget(first, Target::kSingle);
    s->op = op;
    Next();
    s->value = yield_or_star_expressions();
    return Finish(s);
  }
  if (!At(Tok::kAssign)) {
    ExprStmt* s = New<ExprStmt>(start);
    s->value = first;
    return Finish(s);
  }
  ExprList targets;
  const Expr* value = first;
  while (Take(Tok::kAssign)) {
    targets.push_back(AsTarget(value, Target::kAssign));
    value = yield_or_star_expressions();
  }
  Assign* s = New<Assign>(start);
  s->targets = Copy(targets);
  s->value = value;
  return Finish(s);
}

const Stmt* Parser::return_statement() {
  Return* s = New<Return>(Now().start);
  Next();
  if (StartsExpression(Now().kind) || At(Tok::kStar)) s->value = star_expressions();
  return Finish(s);
}

const Stmt* Parser::raise_statement() {
  Raise* s = New<Raise>(Now().start);
  Next();
  if (StartsExpression(Now().kind)) {
    s->exception = expression();
    if (Take(Tok::kFrom)) s->cause = expression();
  }
  return Finish(s);
}

const Stmt* Parser::del_statement() {
  Delete* s = New<Delete>(Now().start);
  Next();
  ExprList targets;
  do {
    if (!targets.empty() && (At(Tok::kNewline) || At(Tok::kSemicolon))) break;
    targets.push_back(AsTarget(bitwise_or(), Target::kDelete));
  } while (Take(Tok::kComma));
  if (!At(Tok::kNewline) && !At(Tok::kSemicolon)) Unexpected("',' or the end of the statement");
  s->targets = Copy(targets);
  return Finish(s);
}

const Stmt* Parser::assert_statement() {
  Assert* s = New<Assert>(Now().start);
  Next();
  s->test = expression();
  if (Take(Tok::kComma)) s->message = expression();
  return Finish(s);
}

const Stmt* Parser::import_name() {
  Import* s = New<Import>(Now().start);
  Next();
  std::vector<Alias> names;
  do {
    Alias alias{{Now().start, {}}, dotted_name(), {}};
    if (Take(Tok::kAs)) alias.as_name = Identifier();
    alias.end = previous_stop_;
    names.push_back(alias);
  } while (Take(Tok::kComma));
  s->names = Copy(names);
  return Finish(s);
}

std::string_view Parser::dotted_name() {
  std::string name(Identifier());
  if (!At(Tok::kDot)) return arena_.CopyText(name);
  while (Take(Tok::kDot)) name += "." + std::string(Identifier());
  return arena_.CopyText(name);
}

const Stmt* Parser::import_from() {
  ImportFrom* s = New<ImportFrom>(Now().start);
  Next();
  for (;; Next()) {
    if (At(Tok::kDot)) {
      s->level += 1;
    } else if (At(Tok::kEllipsis)) {
      s->level += 3;
    } else {
      break;
    }
  }
  if (s->level == 0 || At(Tok::kName)) s->module = dotted_name();
  Expect(Tok::kImport);
  std::vector<Alias> names;
  if (At(Tok::kStar)) {
    Alias alias{{Now().start, Now().stop}, "*", {}};
    Next();
    names.push_back(alias);
  } else if (Take(Tok::kLeftParen)) {
    do {
      if (!names.empty() && At(Tok::kRightParen)) break;
      names.push_back(import_from_as_name());
    } while (Take(Tok::kComma));
    Expect(Tok::kRightParen);
  } else {
    do {
      if (At(Tok::kNewline) && !names.empty()) FailAt(previous_stop_, "a trailing comma", "parentheses around the names");
      names.push_back(import_from_as_name());
    } while (Take(Tok::kComma));
  }
  s->names = Copy(names);
  return Finish(s);
}

Alias Parser::import_from_as_name() {
  Alias alias{{Now().start, {}}, Identifier(), {}};
  if (Take(Tok::kAs)) alias.as_name = Identifier();
  alias.end = previous_stop_;
  return alias;
}

// global and nonlocal.
template <typename T>
const Stmt* Parser::scope_statement() {
  T* s = New<T>(Now().start);
  Next();
  std::vector<std::string_view> names;
  do {
    names.push_back(Identifier());
  } while (Take(Tok::kComma));
  s->names = Copy(names);
  return Finish(s);
}

const Stmt* Parser::type_alias() {
  TypeAlias* s = New<TypeAlias>(Now().start);
  Next();
  Name* name = New<Name>(Now().start);
  name->id = Identifier();
  name->context = Context::kStore;
  s->name = Finish(name);
  s->type_params = type_params();
  Expect(Tok::kAssign);
  s->value = expression();
  return Finish(s);
}

Seq<TypeParameter> Parser::type_params() {
  std::vector<TypeParameter> out;
  if (!Take(Tok::kLeftBracket)) return {};
  do {
    if (!out.empty() && At(Tok::kRightBracket)) break;
    TypeParameter parameter{};
    parameter.start = Now().start;
    parameter.stars = Take(Tok::kStar) ? 1 : Take(Tok::kDoubleStar) ? 2 : 0;
    parameter.name = Identifier();
    if (parameter.stars == 0 && Take(Tok::kColon)) parameter.bound = expression();
    parameter.end = previous_stop_;
    out.push_back(parameter);
  } while (Take(Tok::kComma));
  Expect(Tok::kRightBracket);
  return Copy(out);
}

// Null where a simple statement stands.
const Stmt* Parser::compound_statement() {
  Position start = Now().start;
  switch (Now().kind) {
    case Tok::kIf: return if_statement();
    case Tok::kWhile: return while_statement();
    case Tok::kFor: return for_statement(start, false);
    case Tok::kWith: return with_statement(start, false);
    case Tok::kTry: return try_statement();
    case Tok::kDef: return function_def({}, start, false);
    case Tok::kClass: return class_def({});
    case Tok::kAt: return decorated();
    case Tok::kAsync:
      Next();
      if (At(Tok::kDef)) return function_def({}, start, true);
      if (At(Tok::kFor)) return for_statement(start, true);
      if (At(Tok::kWith)) return with_statement(start, true);
      Unexpected("'def', 'for' or 'with' after 'async'");
    case Tok::kName: return AtWord("match") ? match_statement() : nullptr;
    default: return nullptr;
  }
}

StmtSeq Parser::block(const char* what) {
  Nest nest(this);
  if (!At(Tok::kColon)) Unexpected(std::string("':' of ") + what);
  Next();
  StmtList body;
  if (!Take(Tok::kNewline)) {
    simple_statements(&body);
    return Copy(body);
  }
  if (!Take(Tok::kIndent)) Unexpected(std::string("the indented block of ") + what);
  while (!At(Tok::kDedent) && !At(Tok::kEnd)) statement(&body);
  Take(Tok::kDedent);
  return Copy(body);
}

const Stmt* Parser::decorated() {
  ExprList decorators;
  while (Take(Tok::kAt)) {
    decorators.push_back(named_expression());
    if (!At(Tok::kNewline)) Unexpected("the end of the decorator's line");
    Next();
  }
  Position start = Now().start;
  if (At(Tok::kClass)) return class_def(decorators);
  bool is_async = Take(Tok::kAsync);
  if (!At(Tok::kDef)) Unexpected("the function or class that is decorated");
  return function_def(decorators, start, is_async);
}

const Stmt* Parser::function_def(const ExprList& decorators, Position start, bool is_async) {
  FunctionDef* s = New<FunctionDef>(start);
  Expect(Tok::kDef);
  s->is_async = is_async;
  s->decorators = Copy(decorators);
  s->name = Identifier();
  s->type_params = type_params();
  Expect(Tok::kLeftParen);
  s->parameters = parameters(false, Tok::kRightParen);
  Expect(Tok::kRightParen);
  if (Take(Tok::kArrow)) s->returns = expression();
  s->body = block("the function");
  return Finish(s);
}

Parameters Parser::parameters(bool is_lambda, Tok end) {
  Parameters out;
  std::vector<Parameter> plain, positional_only, keyword_only;
  bool seen_slash = false, seen_star = false, seen_default = false;
  Position bare_star;
  while (!At(end)) {
    Position start = Now().start;
    if (out.kwarg) FailAt(start, "a parameter after '**'", "no more parameters");
    if (Take(Tok::kSlash)) {
      if (seen_slash || seen_star || plain.empty()) {
        FailAt(start, "'/'", plain.empty() && !seen_slash ? "a parameter before it" : "one '/' at most, before '*'");
      }
      seen_slash = true;
      positional_only.swap(plain);
    } else if (Take(Tok::kStar)) {
      if (seen_star) FailAt(start, "a second '*'", "one at most");
      seen_star = true;
      if (At(Tok::kComma) || At(end)) {
        bare_star = start;
      } else {
        Parameter* vararg = arena_.New<Parameter>();
        *vararg = parameter(is_lambda, true);
        if (At(Tok::kAssign)) Unexpected("no default for '*' parameters");
        out.vararg = vararg;
      }
    } else if (Take(Tok::kDoubleStar)) {
      Parameter* kwarg = arena_.New<Parameter>();
      *kwarg = parameter(is_lambda, false);
      if (At(Tok::kAssign)) Unexpected("no default for '**' parameters");
      out.kwarg = kwarg;
    } else {
      Parameter p = parameter(is_lambda, false);
      if (Take(Tok::kAssign)) {
        p.default_value = expression();
        if (!seen_star) seen_default = true;
      } else if (seen_default && !seen_star) {
        FailAt(start, "a parameter without a default after one with", "a default");
      }
      (seen_star ? keyword_only : plain).push_back(p);
    }
    if (!Take(Tok::kComma)) break;
  }
  if (!At(end)) Unexpected(is_lambda ? "',' or ':'" : "',' or ')'");
  if (bare_star.line && keyword_only.empty()) FailAt(bare_star, "'*' without a parameter after it", "keyword-only parameters");
  out.positional_only = Copy(positional_only);
  out.positional = Copy(plain);
  out.keyword_only = Copy(keyword_only);
  return out;
}

Parameter Parser::parameter(bool is_lambda, bool star_annotation) {
  Parameter p{};
  p.start = Now().start;
  p.name = Identifier();
  if (!is_lambda && Take(Tok::kColon)) {
    p.annotation = star_annotation && At(Tok::kStar) ? star_expression() : expression();
  }
  p.end = previous_stop_;
  return p;
}

const Stmt* Parser::class_def(const ExprList& decorators) {
  ClassDef* s = New<ClassDef>(Now().start);
  Expect(Tok::kClass);
  s->decorators = Copy(decorators);
  s->name = Identifier();
  s->type_params = type_params();
  if (At(Tok::kLeftParen)) {
    Position open = Now().start;
    Next();
    ExprList bases;
    std::vector<Keyword> keywords;
    arguments(Tok::kRightParen, &bases, &keywords, false, open);
    s->bases = Copy(bases);
    s->keywords = Copy(keywords);
  }
  s->body = block("the class");
  return Finish(s);
}

const Stmt* Parser::if_statement() {
  // An elif is an If alone in its parent's orelse; made in a loop, linked from the last to the first.
  std::vector<If*> chain;
  StmtSeq orelse;
  do {
    If* s = New<If>(Now().start);
    Next();
    s->test = named_expression();
    s->body = block("'if'");
    chain.push_back(s);
  } while (At(Tok::kElif));
  if (Take(Tok::kElse)) orelse = block("'else'");
  for (size_t i = chain.size(); i-- > 0;) {
    chain[i]->orelse = orelse;
    orelse = Copy(StmtList{Finish(chain[i])});
  }
  return orelse[0];
}

const Stmt* Parser::while_statement() {
  While* s = New<While>(Now().start);
  Next();
  s->test = named_expression();
  s->body = block("'while'");
  if (Take(Tok::kElse)) s->orelse = block("'else'");
  return Finish(s);
}

const Stmt* Parser::for_statement(Position start, bool is_async) {
  For* s = New<For>(start);
  Expect(Tok::kFor);
  s->is_async = is_async;
  s->target = target_list();
  Expect(Tok::kIn);
  s->iter = star_expressions();
  s->body = block("'for'");
  if (Take(Tok::kElse)) s->orelse = block("'else'");
  return Finish(s);
}

const Stmt* Parser::with_statement(Position start, bool is_async) {
  With* s = New<With>(start);
  Expect(Tok::kWith);
  s->is_async = is_async;
  std::vector<WithItem> items;
  if (!At(Tok::kLeftParen) || !parenthesized_with_items(&items)) {
    do {
      items.push_back(with_item());
    } while (Take(Tok::kComma));
  }
  s->items = Copy(items);
  s->body = block("'with'");
  return Finish(s);
}

// `with (a as b, c):`. False, and nothing taken, where the parentheses are an expression's: something else than ':'
// follows them, or what they hold can only be a tuple, a generator or a yield.
bool Parser::parenthesized_with_items(std::vector<WithItem>* items) {
  int depth = 0;
  size_t close = at_;
  for (;; ++close) {
    Tok kind = list_.tokens[close].kind;
    if (kind == Tok::kEnd || kind == Tok::kError) return false;
    if (kind == Tok::kLeftParen || kind == Tok::kLeftBracket || kind == Tok::kLeftBrace) ++depth;
    if (kind == Tok::kRightParen || kind == Tok::kRightBracket || kind == Tok::kRightBrace) {
      if (--depth == 0) break;
    }
  }
  if (close == at_ + 1 || list_.tokens[close + 1].kind != Tok::kColon) return false;
  size_t back = at_;
  Position back_stop = previous_stop_;
  Next();
  do {
    if (!items->empty() && At(Tok::kRightParen)) break;
    bool named = At(Tok::kName) && Ahead().kind == Tok::kColonAssign;
    if (!named && StartsExpression(Now().kind)) {
      items->push_back(with_item());
      if (At(Tok::kComma) || At(Tok::kRightParen)) continue;
    }
    for (const WithItem& item : *items) {
      if (item.optional_vars) Unexpected("',' or ')'");
    }
    items->clear();
    at_ = back;
    previous_stop_ = back_stop;
    return false;
  } while (Take(Tok::kComma));
  Expect(Tok::kRightParen);
  return true;
}

WithItem Parser::with_item() {
  WithItem item{expression(), nullptr};
  if (Take(Tok::kAs)) item.optional_vars = AsTarget(At(Tok::kStar) ? star_expression() : bitwise_or(), Target::kAssign);
  return item;
}

const Stmt* Parser::try_statement() {
  Try* s = New<Try>(Now().start);
  Next();
  s->body = block("'try'");
  std::vector<ExceptHandler> handlers;
  while (At(Tok::kExcept)) {
    ExceptHandler handler{};
    handler.start = Now().start;
    Next();
    bool star = Take(Tok::kStar);
    if (!handlers.empty() && star != s->is_star) FailAt(handler.start, "'except' and 'except*' in one 'try'", "one kind");
    s->is_star = star;
    if (!handlers.empty() && !handlers.back().type) {
      FailAt(handlers.back().start, "'except:' before other handlers", "it last");
    }
    if (!At(Tok::kColon)) {
      handler.type = expression();
      if (At(Tok::kComma)) Unexpected("':', or parentheses around several exceptions");
      if (Take(Tok::kAs)) handler.name = Identifier();
    } else if (star) {
      Unexpected("the exception of 'except*'");
    }
    handler.body = block("'except'");
    handler.end = previous_stop_;
    handlers.push_back(handler);
  }
  if (!handlers.empty() && Take(Tok::kElse)) s->orelse = block("'else'");
  if (Take(Tok::kFinally)) {
    s->finally = block("'finally'");
  } else if (handlers.empty()) {
    Unexpected("'except' or 'finally'");
  }
  s->handlers = Copy(handlers);
  return Finish(s);
}

// Null where 'match' is a name: a match statement's line ends with ':', and an indented 'case' follows.
const Stmt* Parser::match_statement() {
  if (!StartsExpression(Ahead().kind) && Ahead().kind != Tok::kStar) return nullptr;
  size_t end = at_;
  while (list_.tokens[end].kind != Tok::kNewline && list_.tokens[end].kind != Tok::kEnd &&
         list_.tokens[end].kind != Tok::kError) {
    ++end;
  }
  if (list_.tokens[end].kind != Tok::kNewline || list_.tokens[end - 1].kind != Tok::kColon) return nullptr;
  if (list_.tokens[end + 1].kind != Tok::kIndent || list_.tokens[end + 2].kind != Tok::kName ||
      Text(list_.tokens[end + 2]) != "case") {
    return nullptr;
  }
  Nest nest(this);
  Match* s = New<Match>(Now().start);
  Next();
  Position start = Now().start;
  const Expr* first = star_named_expression();
  if (At(Tok::kComma)) {
    ExprList items = {first};
    while (Take(Tok::kComma) && !At(Tok::kColon)) items.push_back(star_named_expression());
    Tuple* tuple = New<Tuple>(start);
    tuple->elements = Copy(items);
    first = Finish(tuple);
  } else if (first->kind == ExprKind::kStarred) {
    Unexpected("',' after the starred subject");
  }
  s->subject = first;
  Expect(Tok::kColon);
  Expect(Tok::kNewline);
  Expect(Tok::kIndent);
  std::vector<MatchCase> cases;
  while (!At(Tok::kDedent) && !At(Tok::kEnd)) {
    if (!AtWord("case")) Unexpected("'case'");
    Next();
    MatchCase c{};
    c.pattern = patterns();
    if (Take(Tok::kIf)) c.guard = named_expression();
    c.body = block("'case'");
    cases.push_back(c);
  }
  Take(Tok::kDedent);
  s->cases = Copy(cases);
  return Finish(s);
}

}  // namespace fusepack::py
