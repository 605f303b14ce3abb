// Expressions: recursive descent, binary operators by precedence climbing over the table kLevels.
#include <charconv>
#include <cstdlib>

#include "tracer/python/parser.h"

namespace fusepack::py {

using namespace ast;  // NOLINT: a parser names every node

bool Parser::StartsExpression(Tok kind) const {
  switch (kind) {
    case Tok::kName: case Tok::kNumber: case Tok::kString: case Tok::kLeftParen: case Tok::kLeftBracket:
    case Tok::kLeftBrace: case Tok::kMinus: case Tok::kPlus: case Tok::kTilde: case Tok::kEllipsis: case Tok::kNot:
    case Tok::kLambda: case Tok::kAwait: case Tok::kNone: case Tok::kTrue: case Tok::kFalse:
      return true;
    default:
      return false;
  }
}

// A comma list with a trailing comma, or one element: `element` parses one. Used where a comma makes a tuple.
const Expr* Parser::star_expressions() {
  Position start = Now().start;
  const Expr* first = star_expression();
  if (!At(Tok::kComma)) return first;
  ExprList items = {first};
  while (Take(Tok::kComma)) {
    if (!StartsExpression(Now().kind) && !At(Tok::kStar)) break;
    items.push_back(star_expression());
  }
  Tuple* tuple = New<Tuple>(start);
  tuple->elements = Copy(items);
  return Finish(tuple);
}

const Expr* Parser::star_expression() {
  if (!At(Tok::kStar)) return expression();
  Starred* starred = New<Starred>(Now().start);
  Next();
  starred->value = bitwise_or();
  return Finish(starred);
}

const Expr* Parser::star_named_expression() {
  return At(Tok::kStar) ? star_expression() : named_expression();
}

const Expr* Parser::named_expression() {
  if (!At(Tok::kName) || Ahead().kind != Tok::kColonAssign) {
    const Expr* e = expression();
    if (At(Tok::kColonAssign)) {
      FailAt(e->start, "':=' with " + Describe(*e) + " on its left", "a name");
    }
    return e;
  }
  NamedExpr* named = New<NamedExpr>(Now().start);
  Name* target = New<Name>(Now().start);
  target->id = Identifier();
  target->context = Context::kStore;
  named->target = Finish(target);
  Next();
  named->value = expression();
  return Finish(named);
}

const Expr* Parser::expression() {
  if (At(Tok::kLambda)) return lambda();
  Position start = Now().start;
  const Expr* body = disjunction();
  if (!At(Tok::kIf)) return body;
  Nest nest(this);
  IfExp* e = New<IfExp>(start);
  Next();
  e->body = body;
  e->test = disjunction();
  if (!At(Tok::kElse)) Unexpected("'else' of the conditional expression");
  Next();
  e->orelse = expression();
  return Finish(e);
}

const Expr* Parser::yield_expression() {
  Position start = Now().start;
  Expect(Tok::kYield);
  if (Take(Tok::kFrom)) {
    YieldFrom* e = New<YieldFrom>(start);
    e->value = expression();
    return Finish(e);
  }
  Yield* e = New<Yield>(start);
  if (StartsExpression(Now().kind) || At(Tok::kStar)) e->value = star_expressions();
  return Finish(e);
}

const Expr* Parser::yield_or_star_expressions() {
  return At(Tok::kYield) ? yield_expression() : star_expressions();
}

const Expr* Parser::lambda() {
  Nest nest(this);
  Lambda* e = New<Lambda>(Now().start);
  Expect(Tok::kLambda);
  e->parameters = parameters(true, Tok::kColon);
  Expect(Tok::kColon);
  e->body = expression();
  return Finish(e);
}

const Expr* Parser::disjunction() {
  Position start = Now().start;
  const Expr* first = conjunction();
  if (!At(Tok::kOr)) return first;
  ExprList values = {first};
  while (Take(Tok::kOr)) values.push_back(conjunction());
  BoolOp* e = New<BoolOp>(start);
  e->op = BoolOperator::kOr;
  e->values = Copy(values);
  return Finish(e);
}

const Expr* Parser::conjunction() {
  Position start = Now().start;
  const Expr* first = inversion();
  if (!At(Tok::kAnd)) return first;
  ExprList values = {first};
  while (Take(Tok::kAnd)) values.push_back(inversion());
  BoolOp* e = New<BoolOp>(start);
  e->op = BoolOperator::kAnd;
  e->values = Copy(values);
  return Finish(e);
}

const Expr* Parser::inversion() {
  if (!At(Tok::kNot)) return comparison();
  Nest nest(this);
  UnaryOp* e = New<UnaryOp>(Now().start);
  Next();
  e->op = UnaryOperator::kNot;
  e->operand = inversion();
  return Finish(e);
}

const Expr* Parser::comparison() {
  Position start = Now().start;
  const Expr* left = bitwise_or();
  std::vector<CompareOperator> ops;
  ExprList comparators;
  for (;;) {
    CompareOperator op;
    switch (Now().kind) {
      case Tok::kEqual: op = CompareOperator::kEq; break;
      case Tok::kNotEqual: op = CompareOperator::kNotEq; break;
      case Tok::kLess: op = CompareOperator::kLt; break;
      case Tok::kLessEqual: op = CompareOperator::kLtE; break;
      case Tok::kGreater: op = CompareOperator::kGt; break;
      case Tok::kGreaterEqual: op = CompareOperator::kGtE; break;
      case Tok::kIn: op = CompareOperator::kIn; break;
      case Tok::kIs: op = CompareOperator::kIs; break;
      case Tok::kNot:
        if (Ahead().kind != Tok::kIn) Unexpected("'not in', or the end of the expression");
        Next();
        op = CompareOperator::kNotIn;
        break;
      default:
        if (ops.empty()) return left;
        Compare* e = New<Compare>(start);
        e->left = left;
        e->ops = Copy(ops);
        e->comparators = Copy(comparators);
        return Finish(e);
    }
    Next();
    if (op == CompareOperator::kIs && Take(Tok::kNot)) op = CompareOperator::kIsNot;
    ops.push_back(op);
    comparators.push_back(bitwise_or());
  }
}

namespace {

struct BinaryToken {
  Tok token;
  int level;  // binds tighter where higher
  BinaryOperator op;
};
constexpr BinaryToken kLevels[] = {
    {Tok::kBar, 0, BinaryOperator::kBitOr},        {Tok::kCaret, 1, BinaryOperator::kBitXor},
    {Tok::kAmpersand, 2, BinaryOperator::kBitAnd}, {Tok::kLeftShift, 3, BinaryOperator::kLShift},
    {Tok::kRightShift, 3, BinaryOperator::kRShift}, {Tok::kPlus, 4, BinaryOperator::kAdd},
    {Tok::kMinus, 4, BinaryOperator::kSub},        {Tok::kStar, 5, BinaryOperator::kMult},
    {Tok::kSlash, 5, BinaryOperator::kDiv},        {Tok::kDoubleSlash, 5, BinaryOperator::kFloorDiv},
    {Tok::kPercent, 5, BinaryOperator::kMod},      {Tok::kAt, 5, BinaryOperator::kMatMult},
};

const BinaryToken* FindBinary(Tok token) {
  for (const BinaryToken& entry : kLevels) {
    if (entry.token == token) return &entry;
  }
  return nullptr;
}

}  // namespace

// Operators of `level` and tighter; all associate to the left.
const Expr* Parser::binary(int level) {
  Position start = Now().start;
  const Expr* left = factor();
  for (;;) {
    const BinaryToken* op = FindBinary(Now().kind);
    if (!op || op->level < level) return left;
    Next();
    BinOp* e = New<BinOp>(start);
    e->op = op->op;
    e->left = left;
    e->right = binary(op->level + 1);
    left = Finish(e);
  }
}

const Expr* Parser::factor() {
  UnaryOperator op;
  switch (Now().kind) {
    case Tok::kMinus: op = UnaryOperator::kUSub; break;
    case Tok::kPlus: op = UnaryOperator::kUAdd; break;
    case Tok::kTilde: op = UnaryOperator::kInvert; break;
    default: return power();
  }
  Nest nest(this);
  UnaryOp* e = New<UnaryOp>(Now().start);
  Next();
  e->op = op;
  e->operand = factor();
  return Finish(e);
}

const Expr* Parser::power() {
  Position start = Now().start;
  const Expr* base;
  if (At(Tok::kAwait)) {
    Await* e = New<Await>(start);
    Next();
    e->value = primary();
    base = Finish(e);
  } else {
    base = primary();
  }
  if (!At(Tok::kDoubleStar)) return base;
  Nest nest(this);
  Next();
  BinOp* e = New<BinOp>(start);
  e->op = BinaryOperator::kPow;
  e->left = base;
  e->right = factor();
  return Finish(e);
}

const Expr* Parser::primary() {
  Position start = Now().start;
  const Expr* e = atom();
  for (;;) {
    if (At(Tok::kDot)) {
      Next();
      Attribute* attribute = New<Attribute>(start);
      attribute->value = e;
      attribute->attribute = Identifier();
      e = Finish(attribute);
    } else if (At(Tok::kLeftParen)) {
      e = call(e, start);
    } else if (At(Tok::kLeftBracket)) {
      Nest nest(this);
      Next();
      Subscript* subscript = New<Subscript>(start);
      subscript->value = e;
      subscript->index = slices();
      Expect(Tok::kRightBracket);
      e = Finish(subscript);
    } else {
      return e;
    }
  }
}

const Expr* Parser::atom() {
  Position start = Now().start;
  ConstantKind constant;
  switch (Now().kind) {
    case Tok::kName: {
      Name* name = New<Name>(start);
      name->id = Identifier();
      return Finish(name);
    }
    case Tok::kNumber: return number();
    case Tok::kString: return strings();
    case Tok::kLeftParen: return group_or_tuple();
    case Tok::kLeftBracket: return list();
    case Tok::kLeftBrace: return dict_or_set();
    case Tok::kNone: constant = ConstantKind::kNone; break;
    case Tok::kTrue: constant = ConstantKind::kTrue; break;
    case Tok::kFalse: constant = ConstantKind::kFalse; break;
    case Tok::kEllipsis: constant = ConstantKind::kEllipsis; break;
    default: Unexpected("an expression");
  }
  Next();
  Constant* e = New<Constant>(start);
  e->type = constant;
  return Finish(e);
}

// '(' ')' | '(' yield ')' | '(' expression ')' | a tuple | a generator expression
const Expr* Parser::group_or_tuple() {
  Nest nest(this);
  Position start = Now().start;
  Expect(Tok::kLeftParen);
  if (At(Tok::kYield)) {
    const Expr* e = yield_expression();
    Expect(Tok::kRightParen);
    Mutable(e)->parenthesized = true;
    return e;
  }
  ExprList items;
  if (!At(Tok::kRightParen)) {
    const Expr* first = star_named_expression();
    if (At(Tok::kFor) || At(Tok::kAsync)) {
      if (first->kind == ExprKind::kStarred) FailAt(first->start, "'*' in a comprehension", "an expression");
      GeneratorExp* e = New<GeneratorExp>(start);
      e->element = first;
      e->generators = for_if_clauses();
      Expect(Tok::kRightParen);
      return Finish(e);
    }
    if (!At(Tok::kComma)) {
      if (!At(Tok::kRightParen)) Unexpected("',' or ')'");
      if (first->kind == ExprKind::kStarred) FailAt(first->start, "a starred expression", "an expression, or ',' after it");
      Next();
      Mutable(first)->parenthesized = true;
      return first;
    }
    items.push_back(first);
    while (Take(Tok::kComma) && !At(Tok::kRightParen)) items.push_back(star_named_expression());
  }
  if (!At(Tok::kRightParen)) Unexpected("',' or ')'");
  Next();
  Tuple* e = New<Tuple>(start);
  e->elements = Copy(items);
  Mutable(e)->parenthesized = true;
  return Finish(e);
}

const Expr* Parser::list() {
  Nest nest(this);
  Position start = Now().start;
  Expect(Tok::kLeftBracket);
  ExprList items;
  if (!At(Tok::kRightBracket)) {
    items.push_back(star_named_expression());
    if (At(Tok::kFor) || At(Tok::kAsync)) {
      if (items[0]->kind == ExprKind::kStarred) FailAt(items[0]->start, "'*' in a comprehension", "an expression");
      ListComp* e = New<ListComp>(start);
      e->element = items[0];
      e->generators = for_if_clauses();
      Expect(Tok::kRightBracket);
      return Finish(e);
    }
    while (Take(Tok::kComma) && !At(Tok::kRightBracket)) items.push_back(star_named_expression());
  }
  if (!At(Tok::kRightBracket)) Unexpected("',' or ']'");
  Next();
  List* e = New<List>(start);
  e->elements = Copy(items);
  return Finish(e);
}

const Expr* Parser::dict_or_set() {
  Nest nest(this);
  Position start = Now().start;
  Expect(Tok::kLeftBrace);
  ExprList keys, values;
  bool is_dict = true;
  for (bool first = true; !At(Tok::kRightBrace); first = false) {
    const Expr* key = nullptr;
    if (At(Tok::kDoubleStar) && is_dict) {
      Position stars = Now().start;
      Next();
      keys.push_back(nullptr);
      values.push_back(bitwise_or());
      if (At(Tok::kFor) || At(Tok::kAsync)) FailAt(stars, "'**' in a comprehension", "key: value");
    } else {
      key = is_dict && !first ? expression() : star_named_expression();
      if (first && !At(Tok::kColon)) is_dict = false;
      if (is_dict) {
        if (!At(Tok::kColon)) Unexpected("':' of the dictionary's item");
        if (key->kind == ExprKind::kStarred || (key->kind == ExprKind::kNamedExpr && !key->parenthesized)) {
          Unexpected("',' or '}'");
        }
        Next();
        keys.push_back(key);
        values.push_back(expression());
      } else {
        values.push_back(key);
      }
      if (first && (At(Tok::kFor) || At(Tok::kAsync))) {
        if (key->kind == ExprKind::kStarred) FailAt(key->start, "'*' in a comprehension", "an expression");
        if (is_dict) {
          DictComp* e = New<DictComp>(start);
          e->key = key;
          e->value = values[0];
          e->generators = for_if_clauses();
          Expect(Tok::kRightBrace);
          return Finish(e);
        }
        SetComp* e = New<SetComp>(start);
        e->element = key;
        e->generators = for_if_clauses();
        Expect(Tok::kRightBrace);
        return Finish(e);
      }
    }
    if (!Take(Tok::kComma)) break;
  }
  if (!At(Tok::kRightBrace)) Unexpected("',' or '}'");
  Next();
  if (is_dict) {
    Dict* e = New<Dict>(start);
    e->keys = Copy(keys);
    e->values = Copy(values);
    return Finish(e);
  }
  Set* e = New<Set>(start);
  e->elements = Copy(values);
  return Finish(e);
}

const Expr* Parser::slices() {
  Position start = Now().start;
  auto one = [&]() -> const Expr* {
    if (!At(Tok::kStar)) return slice();
    Starred* starred = New<Starred>(Now().start);
    Next();
    starred->value = expression();
    return Finish(starred);
  };
  const Expr* first = one();
  if (!At(Tok::kComma) && first->kind != ExprKind::kStarred) return first;
  ExprList items = {first};
  while (Take(Tok::kComma) && !At(Tok::kRightBracket)) items.push_back(one());
  Tuple* tuple = New<Tuple>(start);
  tuple->elements = Copy(items);
  return Finish(tuple);
}

const Expr* Parser::slice() {
  Position start = Now().start;
  const Expr* lower = nullptr;
  if (!At(Tok::kColon)) {
    lower = named_expression();
    if (!At(Tok::kColon)) return lower;
    if (lower->kind == ExprKind::kNamedExpr && !lower->parenthesized) Unexpected("']'");
  }
  Slice* e = New<Slice>(start);
  e->lower = lower;
  Expect(Tok::kColon);
  auto at_end = [&] { return At(Tok::kColon) || At(Tok::kComma) || At(Tok::kRightBracket); };
  if (!at_end()) e->upper = expression();
  if (Take(Tok::kColon) && !at_end()) e->step = expression();
  return Finish(e);
}

const Expr* Parser::call(const Expr* function, Position start) {
  Nest nest(this);
  Position open = Now().start;
  Expect(Tok::kLeftParen);
  ExprList args;
  std::vector<Keyword> keywords;
  arguments(Tok::kRightParen, &args, &keywords, true, open);
  Call* e = New<Call>(start);
  e->function = function;
  e->args = Copy(args);
  e->keywords = Copy(keywords);
  return Finish(e);
}

// Up to and with `close`. A generator expression alone needs no parentheses of its own, except as a base class; `open`
// is then where it starts.
void Parser::arguments(Tok close, ExprList* args, std::vector<Keyword>* keywords, bool allow_generator,
                       Position open) {
  bool seen_keyword = false, seen_double_star = false;
  while (!At(close)) {
    Position start = Now().start;
    if (Take(Tok::kStar)) {
      if (seen_double_star) FailAt(start, "an iterable's unpacking after a mapping's", "'**' arguments last");
      Starred* starred = New<Starred>(start);
      starred->value = expression();
      args->push_back(Finish(starred));
    } else if (Take(Tok::kDoubleStar)) {
      Keyword keyword{{start, {}}, {}, expression()};
      keyword.end = previous_stop_;
      keywords->push_back(keyword);
      seen_double_star = true;
    } else if (At(Tok::kName) && Ahead().kind == Tok::kAssign) {
      Keyword keyword{{start, {}}, Identifier(), nullptr};
      Next();
      keyword.value = expression();
      if (At(Tok::kFor) || At(Tok::kAsync)) Unexpected("',' or ')'");
      keyword.end = previous_stop_;
      keywords->push_back(keyword);
      seen_keyword = true;
    } else {
      const Expr* value = named_expression();
      if (At(Tok::kFor) || At(Tok::kAsync)) {
        bool alone = allow_generator && args->empty() && keywords->empty();
        GeneratorExp* e = New<GeneratorExp>(open);
        e->element = value;
        e->generators = for_if_clauses();
        if (!alone || !At(close)) {
          FailAt(start, "a generator expression beside other arguments", "parentheses around it");
        }
        Next();
        args->push_back(Finish(e));
        return;
      }
      if (At(Tok::kAssign)) FailAt(start, Describe(*value) + " before '='", "the name of a keyword argument");
      if (seen_double_star) FailAt(start, "a positional argument after '**'", "positional arguments first");
      if (seen_keyword) FailAt(start, "a positional argument after a keyword argument", "positional arguments first");
      args->push_back(value);
    }
    if (!Take(Tok::kComma)) break;
  }
  if (!At(close)) Unexpected("',' or ')'");
  Next();
}

Seq<Comprehension> Parser::for_if_clauses() {
  std::vector<Comprehension> clauses;
  while (At(Tok::kFor) || At(Tok::kAsync)) {
    Comprehension clause{};
    clause.is_async = Take(Tok::kAsync);
    Expect(Tok::kFor);
    clause.target = target_list();
    Expect(Tok::kIn);
    clause.iter = disjunction();
    ExprList ifs;
    while (Take(Tok::kIf)) ifs.push_back(disjunction());
    clause.ifs = Copy(ifs);
    clauses.push_back(clause);
  }
  return Copy(clauses);
}

// The targets of a for: they end at 'in', so a comparison can't be among them.
const Expr* Parser::target_list() {
  Position start = Now().start;
  auto one = [&]() -> const Expr* {
    if (!At(Tok::kStar)) return bitwise_or();
    return star_expression();
  };
  const Expr* first = one();
  if (!At(Tok::kComma)) {
    if (first->kind == ExprKind::kStarred) FailAt(first->start, "a starred target alone", "a list or tuple of targets");
    return AsTarget(first, Target::kAssign);
  }
  ExprList items = {first};
  while (Take(Tok::kComma) && !At(Tok::kIn)) items.push_back(one());
  Tuple* tuple = New<Tuple>(start);
  tuple->elements = Copy(items);
  return AsTarget(Finish(tuple), Target::kAssign);
}

const Expr* Parser::number() {
  Constant* e = New<Constant>(Now().start);
  std::string digits;
  for (char c : Text(Now())) {
    if (c != '_') digits += c >= 'A' && c <= 'Z' ? static_cast<char>(c | 0x20) : c;
  }
  int radix = 10;
  if (digits.size() > 1 && digits[0] == '0') {
    radix = digits[1] == 'x' ? 16 : digits[1] == 'o' ? 8 : digits[1] == 'b' ? 2 : 10;
  }
  bool imaginary = radix == 10 && digits.back() == 'j';
  if (imaginary) digits.pop_back();
  if (radix == 10 && (imaginary || digits.find_first_of(".e") != std::string::npos)) {
    e->type = imaginary ? ConstantKind::kImaginary : ConstantKind::kFloat;
    auto [end, error] = std::from_chars(digits.data(), digits.data() + digits.size(), e->float_value);
    if (error != std::errc()) e->float_value = std::strtod(digits.c_str(), nullptr);  // 1e999 is inf, 1e-999 is 0
  } else {
    constexpr size_t kMaxDecimalDigits = 4300;  // CPython's, too: conversion is quadratic
    size_t skip = radix == 10 ? 0 : 2;
    if (radix == 10) digits.erase(0, std::min(digits.find_first_not_of('0'), digits.size() - 1));
    if (radix == 10 && digits.size() > kMaxDecimalDigits) {
      FailAt(Now().start, "an integer of " + std::to_string(digits.size()) + " digits",
             "at most " + std::to_string(kMaxDecimalDigits), ErrorCode::kLimit);
    }
    e->type = ConstantKind::kInt;
    auto [end, error] = std::from_chars(digits.data() + skip, digits.data() + digits.size(), e->int_value, radix);
    e->int_fits = error == std::errc();
    if (!e->int_fits) e->int_value = 0;
    e->text = arena_.CopyText(digits);
  }
  Next();
  return Finish(e);
}

std::string Parser::Describe(const Expr& e) {
  switch (e.kind) {
    case ExprKind::kCall: return "a call";
    case ExprKind::kConstant:
      switch (e.As<Constant>().type) {
        case ConstantKind::kNone: return "None";
        case ConstantKind::kTrue: return "True";
        case ConstantKind::kFalse: return "False";
        case ConstantKind::kEllipsis: return "'...'";
        default: return "a literal";
      }
    case ExprKind::kJoinedStr: case ExprKind::kFormattedValue: return "an f-string";
    case ExprKind::kCompare: return "a comparison";
    case ExprKind::kLambda: return "a lambda";
    case ExprKind::kIfExp: return "a conditional expression";
    case ExprKind::kDict: return "a dict literal";
    case ExprKind::kSet: return "a set display";
    case ExprKind::kListComp: case ExprKind::kSetComp: case ExprKind::kDictComp: return "a comprehension";
    case ExprKind::kGeneratorExp: return "a generator expression";
    case ExprKind::kYield: case ExprKind::kYieldFrom: return "a yield expression";
    case ExprKind::kAwait: return "an await expression";
    case ExprKind::kNamedExpr: return "a named expression";
    case ExprKind::kAttribute: return "an attribute";
    case ExprKind::kSubscript: return "a subscript";
    case ExprKind::kStarred: return "a starred expression";
    case ExprKind::kName: return "a name";
    case ExprKind::kList: return "a list";
    case ExprKind::kTuple: return "a tuple";
    default: return "an expression";
  }
}

const Expr* Parser::AsTarget(const Expr* e, Target target, bool inside_sequence) {
  Context context = target == Target::kDelete ? Context::kDel : Context::kStore;
  Mutable(e)->context = context;
  auto sequence = [&](ExprSeq elements) {
    int stars = 0;
    for (const Expr* element : elements) {
      stars += element->kind == ExprKind::kStarred;
      if (stars > 1) FailAt(element->start, "a second starred target", "one at most");
      AsTarget(element, target, true);
    }
  };
  switch (e->kind) {
    case ExprKind::kName: case ExprKind::kAttribute: case ExprKind::kSubscript: return e;
    case ExprKind::kTuple:
      if (target == Target::kSingle) break;
      sequence(e->As<Tuple>().elements);
      return e;
    case ExprKind::kList:
      if (target == Target::kSingle) break;
      sequence(e->As<List>().elements);
      return e;
    case ExprKind::kStarred:
      if (target != Target::kAssign || !inside_sequence) break;
      if (e->As<Starred>().value->kind == ExprKind::kStarred) break;
      AsTarget(e->As<Starred>().value, target);
      return e;
    default: break;
  }
  FailAt(e->start, Describe(*e),
         target == Target::kDelete   ? "something that can be deleted"
         : target == Target::kSingle ? "a single name, attribute or subscript to assign to"
                                     : "something that can be assigned to");
}

}  // namespace fusepack::py
