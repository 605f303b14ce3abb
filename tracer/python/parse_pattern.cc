// The patterns of match (PEP 634).
#include "tracer/python/parser.h"

namespace fusepack::py {

using namespace ast;  // NOLINT: a parser names every node

// A sequence without brackets, or one pattern.
const Pattern* Parser::patterns() {
  Position start = Now().start;
  const Pattern* first = maybe_star_pattern();
  if (!At(Tok::kComma)) {
    if (first->kind == PatternKind::kMatchStar) Unexpected("',' after the starred pattern");
    return first;
  }
  std::vector<const Pattern*> items = {first};
  while (Take(Tok::kComma) && !At(Tok::kColon) && !At(Tok::kIf)) items.push_back(maybe_star_pattern());
  MatchSequence* p = New<MatchSequence>(start);
  p->patterns = Copy(items);
  return Finish(p);
}

const Pattern* Parser::maybe_star_pattern() {
  if (!At(Tok::kStar)) return pattern();
  MatchStar* p = New<MatchStar>(Now().start);
  Next();
  std::string_view name = Identifier();
  if (name != "_") p->name = name;
  return Finish(p);
}

const Pattern* Parser::pattern() {
  Position start = Now().start;
  const Pattern* inner = or_pattern();
  if (!Take(Tok::kAs)) return inner;
  MatchAs* p = New<MatchAs>(start);
  p->pattern = inner;
  if (AtWord("_")) Unexpected("a name other than '_'");
  p->name = Identifier();
  if (At(Tok::kDot) || At(Tok::kLeftParen) || At(Tok::kAssign)) Unexpected("the end of the pattern");
  return Finish(p);
}

const Pattern* Parser::or_pattern() {
  Position start = Now().start;
  const Pattern* first = closed_pattern();
  if (!At(Tok::kBar)) return first;
  std::vector<const Pattern*> items = {first};
  while (Take(Tok::kBar)) items.push_back(closed_pattern());
  MatchOr* p = New<MatchOr>(start);
  p->patterns = Copy(items);
  return Finish(p);
}

const Pattern* Parser::closed_pattern() {
  Nest nest(this);
  Position start = Now().start;
  switch (Now().kind) {
    case Tok::kNumber: case Tok::kMinus: case Tok::kString: case Tok::kNone: case Tok::kTrue: case Tok::kFalse:
      return literal_pattern();
    case Tok::kLeftBracket: Next(); return sequence_pattern(Tok::kRightBracket);
    case Tok::kLeftBrace: return mapping_pattern();
    case Tok::kLeftParen: {
      Next();
      if (At(Tok::kRightParen)) return sequence_pattern(Tok::kRightParen);
      const Pattern* first = maybe_star_pattern();
      if (first->kind != PatternKind::kMatchStar && Take(Tok::kRightParen)) return first;
      if (first->kind == PatternKind::kMatchStar && !At(Tok::kComma)) Unexpected("',' after the starred pattern");
      std::vector<const Pattern*> items = {first};
      while (Take(Tok::kComma) && !At(Tok::kRightParen)) items.push_back(maybe_star_pattern());
      if (!At(Tok::kRightParen)) Unexpected("',' or ')'");
      Next();
      MatchSequence* p = New<MatchSequence>(start);
      p->patterns = Copy(items);
      return Finish(p);
    }
    case Tok::kName: break;
    default: Unexpected("a pattern");
  }
  if (AtWord("_") && Ahead().kind != Tok::kDot && Ahead().kind != Tok::kLeftParen) {
    Next();
    return Finish(New<MatchAs>(start));
  }
  if (Ahead().kind != Tok::kDot && Ahead().kind != Tok::kLeftParen) {
    MatchAs* p = New<MatchAs>(start);
    p->name = Identifier();
    if (At(Tok::kAssign)) Unexpected("the end of the pattern");
    return Finish(p);
  }
  const Expr* value = name_or_attr();
  if (At(Tok::kLeftParen)) return class_pattern(value, start);
  MatchValue* p = New<MatchValue>(start);
  p->value = value;
  return Finish(p);
}

// After the opening bracket.
const Pattern* Parser::sequence_pattern(Tok close) {
  MatchSequence* p = New<MatchSequence>(list_.tokens[at_ - 1].start);
  std::vector<const Pattern*> items;
  while (!At(close)) {
    items.push_back(maybe_star_pattern());
    if (!Take(Tok::kComma)) break;
  }
  if (!At(close)) Unexpected(std::string("',' or ") + TokenText(close));
  Next();
  p->patterns = Copy(items);
  return Finish(p);
}

const Pattern* Parser::mapping_pattern() {
  MatchMapping* p = New<MatchMapping>(Now().start);
  Next();
  ExprList keys;
  std::vector<const Pattern*> values;
  while (!At(Tok::kRightBrace)) {
    if (!p->rest.empty()) Unexpected("'}' after '**'");
    if (Take(Tok::kDoubleStar)) {
      if (AtWord("_")) Unexpected("a name other than '_'");
      p->rest = Identifier();
    } else {
      keys.push_back(At(Tok::kName) ? name_or_attr() : literal_expr());
      if (keys.back()->kind == ExprKind::kName) FailAt(keys.back()->start, "a name as key", "a literal or a dotted name");
      Expect(Tok::kColon);
      values.push_back(pattern());
    }
    if (!Take(Tok::kComma)) break;
  }
  if (!At(Tok::kRightBrace)) Unexpected("',' or '}'");
  Next();
  p->keys = Copy(keys);
  p->patterns = Copy(values);
  return Finish(p);
}

const Pattern* Parser::class_pattern(const Expr* cls, Position start) {
  Expect(Tok::kLeftParen);
  std::vector<const Pattern*> positional, keyword;
  std::vector<std::string_view> names;
  while (!At(Tok::kRightParen)) {
    if (At(Tok::kName) && Ahead().kind == Tok::kAssign) {
      names.push_back(Identifier());
      Next();
      keyword.push_back(pattern());
    } else {
      if (!names.empty()) Unexpected("positional patterns before keyword patterns");
      positional.push_back(pattern());
    }
    if (!Take(Tok::kComma)) break;
  }
  if (!At(Tok::kRightParen)) Unexpected("',' or ')'");
  Next();
  MatchClass* p = New<MatchClass>(start);
  p->cls = cls;
  p->patterns = Copy(positional);
  p->keyword_names = Copy(names);
  p->keyword_patterns = Copy(keyword);
  return Finish(p);
}

const Pattern* Parser::literal_pattern() {
  Position start = Now().start;
  if (At(Tok::kNone) || At(Tok::kTrue) || At(Tok::kFalse)) {
    MatchSingleton* p = New<MatchSingleton>(start);
    p->value = At(Tok::kNone) ? ConstantKind::kNone : At(Tok::kTrue) ? ConstantKind::kTrue : ConstantKind::kFalse;
    Next();
    return Finish(p);
  }
  MatchValue* p = New<MatchValue>(start);
  p->value = literal_expr();
  return Finish(p);
}

// A number with a sign, a complex sum, strings, None, True or False.
const Expr* Parser::literal_expr() {
  Position start = Now().start;
  switch (Now().kind) {
    case Tok::kString: {
      const Expr* e = strings();
      if (e->kind == ExprKind::kJoinedStr) FailAt(start, "an f-string in a pattern", "a plain string");
      return e;
    }
    case Tok::kNone: case Tok::kTrue: case Tok::kFalse: return atom();
    case Tok::kNumber: case Tok::kMinus: break;
    default: Unexpected("a literal");
  }
  const Expr* left = signed_number();
  if (!At(Tok::kPlus) && !At(Tok::kMinus)) return left;
  auto imaginary = [](const Expr* e) {
    if (const UnaryOp* minus = e->Maybe<UnaryOp>()) e = minus->operand;
    return e->As<Constant>().type == ConstantKind::kImaginary;
  };
  if (imaginary(left)) FailAt(start, "an imaginary number", "the real part first");
  BinOp* sum = New<BinOp>(start);
  sum->op = At(Tok::kPlus) ? BinaryOperator::kAdd : BinaryOperator::kSub;
  Next();
  if (!At(Tok::kNumber)) Unexpected("the imaginary part");
  sum->left = left;
  sum->right = number();
  if (!imaginary(sum->right)) FailAt(sum->right->start, "a real number", "the imaginary part");
  return Finish(sum);
}

const Expr* Parser::signed_number() {
  if (!At(Tok::kMinus)) return number();
  UnaryOp* e = New<UnaryOp>(Now().start);
  Next();
  if (!At(Tok::kNumber)) Unexpected("a number");
  e->op = UnaryOperator::kUSub;
  e->operand = number();
  return Finish(e);
}

const Expr* Parser::name_or_attr() {
  Position start = Now().start;
  Name* name = New<Name>(start);
  name->id = Identifier();
  const Expr* e = Finish(name);
  while (Take(Tok::kDot)) {
    Attribute* attribute = New<Attribute>(start);
    attribute->value = e;
    attribute->attribute = Identifier();
    e = Finish(attribute);
  }
  return e;
}

}  // namespace fusepack::py
