// Source: every expression has a binding strength, and stands in parentheses where its place asks for a stronger one.
// Tuples, yields and named expressions always have parentheses, so only operators need thought.
//
// f-strings (3.11: no backslash and not the outer quote inside braces) try the four kinds of quotes in turn and hand
// the kinds that are left to the strings inside.
#include "tracer/python/print.h"

#include <charconv>
#include <cmath>

#include "tracer/python/ast_walk.h"

namespace fusepack::py {

using namespace ast;  // NOLINT: a printer names every node

namespace {

enum Strength { kTest, kOr, kAnd, kNot, kCompare, kBitOr, kBitXor, kBitAnd, kShift, kArith, kTerm, kFactor, kPower,
                kAwaited, kAtom };

Strength StrengthOf(BinaryOperator op) {
  switch (op) {
    case BinaryOperator::kBitOr: return kBitOr;
    case BinaryOperator::kBitXor: return kBitXor;
    case BinaryOperator::kBitAnd: return kBitAnd;
    case BinaryOperator::kLShift: case BinaryOperator::kRShift: return kShift;
    case BinaryOperator::kAdd: case BinaryOperator::kSub: return kArith;
    case BinaryOperator::kPow: return kPower;
    default: return kTerm;
  }
}

Strength StrengthOf(const Expr& e) {
  switch (e.kind) {
    case ExprKind::kLambda: case ExprKind::kIfExp: return kTest;
    case ExprKind::kBoolOp: return e.As<BoolOp>().op == BoolOperator::kOr ? kOr : kAnd;
    case ExprKind::kUnaryOp: return e.As<UnaryOp>().op == UnaryOperator::kNot ? kNot : kFactor;
    case ExprKind::kCompare: return kCompare;
    case ExprKind::kBinOp: return StrengthOf(e.As<BinOp>().op);
    case ExprKind::kAwait: return kAwaited;
    case ExprKind::kStarred: return kTest;
    default: return kAtom;
  }
}

Strength Stronger(Strength s) { return static_cast<Strength>(s + 1); }

// Shortest text that reads back as `value`, in Python's repr() layout; infinity (from 1e999) as a literal too.
std::string FloatText(double value) {
  if (std::isinf(value)) return "1e309";
  char buffer[64];
  auto result = std::to_chars(buffer, buffer + sizeof(buffer), value, std::chars_format::scientific);
  std::string text(buffer, result.ptr);
  size_t e = text.find('e');
  int exponent = std::atoi(text.c_str() + e + 1);
  std::string digits = text.substr(0, 1) + (e > 2 ? text.substr(2, e - 2) : "");
  if (exponent < -4 || exponent >= 16) {
    std::string out = digits.substr(0, 1) + (digits.size() > 1 ? "." + digits.substr(1) : "");
    std::string power = std::to_string(std::abs(exponent));
    return out + "e" + (exponent < 0 ? "-" : "+") + (power.size() < 2 ? "0" : "") + power;
  }
  if (exponent < 0) return "0." + std::string(-exponent - 1, '0') + digits;
  if (digits.size() <= static_cast<size_t>(exponent) + 1) {
    return digits + std::string(exponent + 1 - digits.size(), '0') + ".0";
  }
  return digits.substr(0, exponent + 1) + "." + digits.substr(exponent + 1);
}

constexpr std::string_view kQuotes[] = {"'", "\"", "'''", "\"\"\""};
constexpr unsigned kAllQuotes = 15;

void AppendHex(const char* prefix, int digits, uint32_t value, std::string* out) {
  static constexpr char kDigits[] = "0123456789abcdef";
  *out += prefix;
  for (int shift = 4 * (digits - 1); shift >= 0; shift -= 4) *out += kDigits[value >> shift & 15];
}

uint32_t CodePoint(std::string_view text, size_t i, size_t* size) {
  unsigned char c = text[i];
  size_t n = c < 0x80 ? 1 : c < 0xE0 ? 2 : c < 0xF0 ? 3 : 4;
  uint32_t point = n == 1 ? c : c & (0xFF >> (n + 1));
  for (size_t k = 1; k < n; ++k) point = point << 6 | (static_cast<unsigned char>(text[i + k]) & 0x3F);
  *size = n;
  return point;
}

// `text` between two of `quote`, escapes included. ascii: nothing else in the result.
std::string Escaped(std::string_view text, bool bytes, std::string_view quote, bool ascii) {
  std::string out;
  for (size_t i = 0; i < text.size();) {
    unsigned char c = text[i];
    size_t size = 1;
    if (c == '\\') {
      out += "\\\\";
    } else if (c == static_cast<unsigned char>(quote[0])) {
      out += '\\';
      out += static_cast<char>(c);
    } else if (c == '\n') {
      out += "\\n";
    } else if (c == '\r') {
      out += "\\r";
    } else if (c == '\t') {
      out += "\\t";
    } else if (c < 0x20 || c == 0x7F || (bytes && c >= 0x80)) {
      AppendHex("\\x", 2, c, &out);
    } else if (c < 0x80) {
      out += static_cast<char>(c);
    } else {
      uint32_t point = CodePoint(text, i, &size);
      bool surrogate = point >= 0xD800 && point < 0xE000;
      if (!ascii && !surrogate) {
        out += text.substr(i, size);
      } else if (point < 0x100) {
        AppendHex("\\x", 2, point, &out);
      } else if (point < 0x10000) {
        AppendHex("\\u", 4, point, &out);
      } else {
        AppendHex("\\U", 8, point, &out);
      }
    }
    i += size;
  }
  return out;
}

std::string Quoted(std::string_view text, bool bytes, bool ascii) {
  bool single = text.find('\'') == std::string_view::npos || text.find('"') != std::string_view::npos;
  std::string_view quote = single ? "'" : "\"";
  return (bytes ? "b" : "") + std::string(quote) + Escaped(text, bytes, quote, ascii) + std::string(quote);
}

class SourcePrinter {
 public:
  std::string Take() { return std::move(out_); }

  // ---- expressions
  void Print(const Expr& e, Strength at_least = kTest) {
    bool parentheses = StrengthOf(e) < at_least;
    if (parentheses) out_ += "(";
    Bare(e);
    if (parentheses) out_ += ")";
  }

  void Block(StmtSeq body) {
    ++indent_;
    for (const Stmt* s : body) Print(*s);
    --indent_;
  }

  void Print(const Stmt& s) {
    Line();
    Statement(s);
  }

 private:
  void Line() {
    if (!out_.empty()) out_ += "\n";
    out_.append(4 * indent_, ' ');
  }
  void Commas(ExprSeq items) {
    for (size_t i = 0; i < items.size(); ++i) {
      if (i) out_ += ", ";
      Print(*items[i]);
    }
  }
  void TupleItems(ExprSeq items) {
    Commas(items);
    if (items.size() == 1) out_ += ",";
  }

  void Bare(const Expr& e) {
    switch (e.kind) {
      case ExprKind::kBoolOp: {
        const BoolOp& b = e.As<BoolOp>();
        for (size_t i = 0; i < b.values.size(); ++i) {
          if (i) out_ += std::string(" ") + OperatorText(b.op) + " ";
          Print(*b.values[i], Stronger(StrengthOf(e)));
        }
        return;
      }
      case ExprKind::kNamedExpr:
        out_ += "(";
        Print(*e.As<NamedExpr>().target);
        out_ += " := ";
        Print(*e.As<NamedExpr>().value);
        out_ += ")";
        return;
      case ExprKind::kBinOp: {
        const BinOp& b = e.As<BinOp>();
        Strength s = StrengthOf(b.op);
        Print(*b.left, b.op == BinaryOperator::kPow ? kAwaited : s);
        out_ += std::string(" ") + OperatorText(b.op) + " ";
        Print(*b.right, b.op == BinaryOperator::kPow ? kFactor : Stronger(s));
        return;
      }
      case ExprKind::kUnaryOp: {
        const UnaryOp& u = e.As<UnaryOp>();
        out_ += OperatorText(u.op);
        if (u.op == UnaryOperator::kNot) out_ += " ";
        Print(*u.operand, u.op == UnaryOperator::kNot ? kNot : kFactor);
        return;
      }
      case ExprKind::kLambda: {
        size_t before = out_.size();
        out_ += "lambda ";
        size_t empty = out_.size();
        ParameterList(e.As<Lambda>().parameters);
        if (out_.size() == empty) out_.resize(before + 6);
        out_ += ": ";
        Print(*e.As<Lambda>().body);
        return;
      }
      case ExprKind::kIfExp:
        Print(*e.As<IfExp>().body, kOr);
        out_ += " if ";
        Print(*e.As<IfExp>().test, kOr);
        out_ += " else ";
        Print(*e.As<IfExp>().orelse);
        return;
      case ExprKind::kDict: {
        const Dict& d = e.As<Dict>();
        out_ += "{";
        for (size_t i = 0; i < d.values.size(); ++i) {
          if (i) out_ += ", ";
          if (d.keys[i]) {
            Print(*d.keys[i]);
            out_ += ": ";
            Print(*d.values[i]);
          } else {
            out_ += "**";
            Print(*d.values[i], kBitOr);
          }
        }
        out_ += "}";
        return;
      }
      case ExprKind::kSet:
        out_ += "{";
        Commas(e.As<Set>().elements);
        out_ += "}";
        return;
      case ExprKind::kListComp: return Comprehensive("[", *e.As<ListComp>().element, e.As<ListComp>().generators, "]");
      case ExprKind::kSetComp: return Comprehensive("{", *e.As<SetComp>().element, e.As<SetComp>().generators, "}");
      case ExprKind::kGeneratorExp:
        return Comprehensive("(", *e.As<GeneratorExp>().element, e.As<GeneratorExp>().generators, ")");
      case ExprKind::kDictComp:
        out_ += "{";
        Print(*e.As<DictComp>().key);
        out_ += ": ";
        Print(*e.As<DictComp>().value);
        Clauses(e.As<DictComp>().generators);
        out_ += "}";
        return;
      case ExprKind::kAwait:
        out_ += "await ";
        Print(*e.As<Await>().value, kAtom);
        return;
      case ExprKind::kYield:
        out_ += "(yield";
        if (e.As<Yield>().value) {
          out_ += " ";
          Print(*e.As<Yield>().value);
        }
        out_ += ")";
        return;
      case ExprKind::kYieldFrom:
        out_ += "(yield from ";
        Print(*e.As<YieldFrom>().value);
        out_ += ")";
        return;
      case ExprKind::kCompare: {
        const Compare& c = e.As<Compare>();
        Print(*c.left, kBitOr);
        for (size_t i = 0; i < c.ops.size(); ++i) {
          out_ += std::string(" ") + OperatorText(c.ops[i]) + " ";
          Print(*c.comparators[i], kBitOr);
        }
        return;
      }
      case ExprKind::kCall: {
        const Call& c = e.As<Call>();
        Print(*c.function, kAtom);
        out_ += "(";
        Commas(c.args);
        Keywords(c.keywords, c.args.empty());
        out_ += ")";
        return;
      }
      case ExprKind::kFormattedValue: return;  // only inside JoinedStr
      case ExprKind::kJoinedStr: return Format(e.As<JoinedStr>());
      case ExprKind::kConstant: return Literal(e.As<Constant>());
      case ExprKind::kAttribute: {
        const Expr& value = *e.As<Attribute>().value;
        bool number = value.kind == ExprKind::kConstant && value.As<Constant>().type == ConstantKind::kInt;
        if (number) out_ += "(";
        Print(value, kAtom);
        if (number) out_ += ")";
        out_ += ".";
        out_ += e.As<Attribute>().attribute;
        return;
      }
      case ExprKind::kSubscript: {
        Print(*e.As<Subscript>().value, kAtom);
        out_ += "[";
        const Tuple* tuple = e.As<Subscript>().index->Maybe<Tuple>();
        if (tuple && !tuple->elements.empty()) {
          TupleItems(tuple->elements);
        } else {
          Print(*e.As<Subscript>().index);
        }
        out_ += "]";
        return;
      }
      case ExprKind::kStarred:
        out_ += "*";
        Print(*e.As<Starred>().value, kBitOr);
        return;
      case ExprKind::kName: out_ += e.As<Name>().id; return;
      case ExprKind::kList:
        out_ += "[";
        Commas(e.As<List>().elements);
        out_ += "]";
        return;
      case ExprKind::kTuple:
        out_ += "(";
        TupleItems(e.As<Tuple>().elements);
        out_ += ")";
        return;
      case ExprKind::kSlice: {
        const Slice& s = e.As<Slice>();
        if (s.lower) Print(*s.lower);
        out_ += ":";
        if (s.upper) Print(*s.upper);
        if (s.step) {
          out_ += ":";
          Print(*s.step);
        }
        return;
      }
    }
  }

  void Comprehensive(const char* open, const Expr& element, Seq<Comprehension> generators, const char* close) {
    out_ += open;
    Print(element);
    Clauses(generators);
    out_ += close;
  }
  void Clauses(Seq<Comprehension> generators) {
    for (const Comprehension& g : generators) {
      out_ += g.is_async ? " async for " : " for ";
      Print(*g.target);
      out_ += " in ";
      Print(*g.iter, kOr);
      for (const Expr* condition : g.ifs) {
        out_ += " if ";
        Print(*condition, kOr);
      }
    }
  }
  void Keywords(Seq<Keyword> keywords, bool first) {
    for (const Keyword& k : keywords) {
      if (!first) out_ += ", ";
      first = false;
      if (k.name.empty()) {
        out_ += "**";
      } else {
        out_ += k.name;
        out_ += "=";
      }
      Print(*k.value);
    }
  }

  void Literal(const Constant& c) {
    switch (c.type) {
      case ConstantKind::kNone: out_ += "None"; return;
      case ConstantKind::kTrue: out_ += "True"; return;
      case ConstantKind::kFalse: out_ += "False"; return;
      case ConstantKind::kEllipsis: out_ += "..."; return;
      case ConstantKind::kInt: out_ += c.text; return;
      case ConstantKind::kFloat: out_ += FloatText(c.float_value); return;
      case ConstantKind::kImaginary: out_ += FloatText(c.float_value) + "j"; return;
      case ConstantKind::kStr:
      case ConstantKind::kBytes: {
        bool bytes = c.type == ConstantKind::kBytes;
        if (c.u_prefix) out_ += "u";
        if (!in_format_) {
          out_ += Quoted(c.text, bytes, false);
          return;
        }
        for (int i = 0; i < 4; ++i) {
          if (!(quotes_ >> i & 1)) continue;
          bool triple = kQuotes[i].size() == 3;
          std::string escaped = Escaped(c.text, bytes, kQuotes[i], false);
          if (escaped.find('\\') == std::string::npos) {
            out_ += (bytes ? "b" : "") + std::string(kQuotes[i]) + escaped + std::string(kQuotes[i]);
            return;
          }
          // A triple-quoted string may hold line ends and single quotes as they are.
          if (triple && c.text.find_first_of("\\\r") == std::string_view::npos &&
              c.text.find(kQuotes[i]) == std::string_view::npos && !c.text.ends_with(kQuotes[i][0])) {
            out_ += (bytes ? "b" : "") + std::string(kQuotes[i]) + std::string(c.text) + std::string(kQuotes[i]);
            return;
          }
        }
        format_failed_ = true;
        out_ += Quoted(c.text, bytes, false);
        return;
      }
    }
  }

  void Format(const JoinedStr& joined) {
    size_t begin = out_.size();
    unsigned outer = quotes_;
    bool was_in_format = in_format_, failed_before = format_failed_;
    for (int i = 0; i < 4; ++i) {
      if (!(outer >> i & 1)) continue;
      out_.resize(begin);
      format_failed_ = false;
      in_format_ = true;
      // A single quote inside braces would end a triple-quoted f-string only three in a row.
      quotes_ = outer & ~(1u << i);
      if (kQuotes[i].size() == 1) quotes_ &= ~(4u << i);
      out_ += "f";
      out_ += kQuotes[i];
      FormatParts(joined, kQuotes[i], was_in_format);
      out_ += kQuotes[i];
      if (!format_failed_) break;
    }
    quotes_ = outer;
    in_format_ = was_in_format;
    format_failed_ = format_failed_ || failed_before;
  }

  void FormatParts(const JoinedStr& joined, std::string_view quote, bool nested) {
    for (const Expr* part : joined.values) {
      if (const Constant* text = part->Maybe<Constant>()) {
        std::string escaped = Escaped(text->text, false, quote, false);
        if (nested && escaped.find('\\') != std::string::npos) format_failed_ = true;
        for (char c : escaped) {
          out_ += c;
          if (c == '{' || c == '}') out_ += c;
        }
        continue;
      }
      const FormattedValue& field = part->As<FormattedValue>();
      out_ += "{";
      size_t begin = out_.size();
      bool lambda = StrengthOf(*field.value) == kTest;
      if (lambda) out_ += "(";
      Print(*field.value);
      if (lambda) out_ += ")";
      if (out_[begin] == '{') out_.insert(begin, " ");
      std::string_view inside = std::string_view(out_).substr(begin);
      if (inside.find('\\') != std::string_view::npos || inside.find(quote) != std::string_view::npos ||
          (quote.size() == 1 && inside.find('\n') != std::string_view::npos)) {
        format_failed_ = true;
      }
      if (field.conversion) {
        out_ += "!";
        out_ += field.conversion;
      }
      if (field.format_spec) {
        out_ += ":";
        // Braces in a specification can't be written, so none is there.
        FormatParts(field.format_spec->As<JoinedStr>(), quote, nested);
      }
      out_ += "}";
    }
  }

  void ParameterList(const Parameters& p) {
    bool first = true;
    auto comma = [&] {
      if (!first) out_ += ", ";
      first = false;
    };
    auto one = [&](const Parameter& parameter, const char* stars) {
      comma();
      out_ += stars;
      out_ += parameter.name;
      if (parameter.annotation) {
        out_ += ": ";
        Print(*parameter.annotation);
      }
      if (parameter.default_value) {
        out_ += parameter.annotation ? " = " : "=";
        Print(*parameter.default_value);
      }
    };
    for (const Parameter& parameter : p.positional_only) one(parameter, "");
    if (!p.positional_only.empty()) {
      comma();
      out_ += "/";
    }
    for (const Parameter& parameter : p.positional) one(parameter, "");
    if (p.vararg) {
      one(*p.vararg, "*");
    } else if (!p.keyword_only.empty()) {
      comma();
      out_ += "*";
    }
    for (const Parameter& parameter : p.keyword_only) one(parameter, "");
    if (p.kwarg) one(*p.kwarg, "**");
  }

  void TypeParameters(Seq<TypeParameter> params) {
    if (params.empty()) return;
    out_ += "[";
    for (size_t i = 0; i < params.size(); ++i) {
      if (i) out_ += ", ";
      out_ += std::string(params[i].stars, '*');
      out_ += params[i].name;
      if (params[i].bound) {
        out_ += ": ";
        Print(*params[i].bound);
      }
    }
    out_ += "]";
  }

  // ---- patterns
  void Print(const Pattern& p, bool closed = false) {
    auto all = [&](PatternSeq items, const char* comma) {
      for (size_t i = 0; i < items.size(); ++i) {
        if (i) out_ += comma;
        Print(*items[i], std::string_view(comma) == " | ");
      }
    };
    switch (p.kind) {
      case PatternKind::kMatchValue: Print(*p.As<MatchValue>().value); return;
      case PatternKind::kMatchSingleton: {
        ConstantKind value = p.As<MatchSingleton>().value;
        out_ += value == ConstantKind::kNone ? "None" : value == ConstantKind::kTrue ? "True" : "False";
        return;
      }
      case PatternKind::kMatchSequence:
        out_ += "[";
        all(p.As<MatchSequence>().patterns, ", ");
        out_ += "]";
        return;
      case PatternKind::kMatchMapping: {
        const MatchMapping& m = p.As<MatchMapping>();
        out_ += "{";
        for (size_t i = 0; i < m.keys.size(); ++i) {
          if (i) out_ += ", ";
          Print(*m.keys[i]);
          out_ += ": ";
          Print(*m.patterns[i]);
        }
        if (!m.rest.empty()) out_ += (m.keys.empty() ? "**" : ", **") + std::string(m.rest);
        out_ += "}";
        return;
      }
      case PatternKind::kMatchClass: {
        const MatchClass& c = p.As<MatchClass>();
        Print(*c.cls);
        out_ += "(";
        all(c.patterns, ", ");
        for (size_t i = 0; i < c.keyword_names.size(); ++i) {
          if (i || !c.patterns.empty()) out_ += ", ";
          out_ += std::string(c.keyword_names[i]) + "=";
          Print(*c.keyword_patterns[i]);
        }
        out_ += ")";
        return;
      }
      case PatternKind::kMatchStar:
        out_ += "*" + (p.As<MatchStar>().name.empty() ? std::string("_") : std::string(p.As<MatchStar>().name));
        return;
      case PatternKind::kMatchAs: {
        const MatchAs& as = p.As<MatchAs>();
        if (!as.pattern) {
          out_ += as.name.empty() ? std::string_view("_") : as.name;
          return;
        }
        out_ += "(";
        Print(*as.pattern);
        out_ += " as " + std::string(as.name) + ")";
        return;
      }
      case PatternKind::kMatchOr:
        if (closed) out_ += "(";
        all(p.As<MatchOr>().patterns, " | ");
        if (closed) out_ += ")";
        return;
    }
  }

  // ---- statements
  void Clause(const char* head, StmtSeq body) {
    if (body.empty()) return;
    Line();
    out_ += head;
    Block(body);
  }
  void Names(Seq<std::string_view> names) {
    for (size_t i = 0; i < names.size(); ++i) out_ += (i ? ", " : "") + std::string(names[i]);
  }
  void Aliases(Seq<Alias> names) {
    for (size_t i = 0; i < names.size(); ++i) {
      out_ += (i ? ", " : "") + std::string(names[i].name);
      if (!names[i].as_name.empty()) out_ += " as " + std::string(names[i].as_name);
    }
  }

  void Statement(const Stmt& s) {
    switch (s.kind) {
      case StmtKind::kFunctionDef: {
        const FunctionDef& d = s.As<FunctionDef>();
        Decorators(d.decorators);
        out_ += (d.is_async ? "async def " : "def ") + std::string(d.name);
        TypeParameters(d.type_params);
        out_ += "(";
        ParameterList(d.parameters);
        out_ += ")";
        if (d.returns) {
          out_ += " -> ";
          Print(*d.returns);
        }
        out_ += ":";
        return Block(d.body);
      }
      case StmtKind::kClassDef: {
        const ClassDef& d = s.As<ClassDef>();
        Decorators(d.decorators);
        out_ += "class " + std::string(d.name);
        TypeParameters(d.type_params);
        if (!d.bases.empty() || !d.keywords.empty()) {
          out_ += "(";
          Commas(d.bases);
          Keywords(d.keywords, d.bases.empty());
          out_ += ")";
        }
        out_ += ":";
        return Block(d.body);
      }
      case StmtKind::kReturn: return Word("return", s.As<Return>().value);
      case StmtKind::kDelete: out_ += "del "; return Commas(s.As<Delete>().targets);
      case StmtKind::kAssign:
        for (const Expr* target : s.As<Assign>().targets) {
          Print(*target);
          out_ += " = ";
        }
        return Print(*s.As<Assign>().value);
      case StmtKind::kTypeAlias:
        out_ += "type ";
        Print(*s.As<TypeAlias>().name);
        TypeParameters(s.As<TypeAlias>().type_params);
        out_ += " = ";
        return Print(*s.As<TypeAlias>().value);
      case StmtKind::kAugAssign:
        Print(*s.As<AugAssign>().target);
        out_ += std::string(" ") + OperatorText(s.As<AugAssign>().op) + "= ";
        return Print(*s.As<AugAssign>().value);
      case StmtKind::kAnnAssign: {
        const AnnAssign& a = s.As<AnnAssign>();
        bool parentheses = a.target->kind == ExprKind::kName && !a.simple;
        if (parentheses) out_ += "(";
        Print(*a.target);
        if (parentheses) out_ += ")";
        out_ += ": ";
        Print(*a.annotation);
        if (a.value) {
          out_ += " = ";
          Print(*a.value);
        }
        return;
      }
      case StmtKind::kFor: {
        const For& f = s.As<For>();
        out_ += f.is_async ? "async for " : "for ";
        Print(*f.target);
        out_ += " in ";
        Print(*f.iter);
        out_ += ":";
        Block(f.body);
        return Clause("else:", f.orelse);
      }
      case StmtKind::kWhile:
        out_ += "while ";
        Print(*s.As<While>().test);
        out_ += ":";
        Block(s.As<While>().body);
        return Clause("else:", s.As<While>().orelse);
      case StmtKind::kIf: {
        const If* i = &s.As<If>();
        out_ += "if ";
        for (;;) {
          Print(*i->test);
          out_ += ":";
          Block(i->body);
          if (i->orelse.size() != 1 || i->orelse[0]->kind != StmtKind::kIf) break;
          i = &i->orelse[0]->As<If>();
          Line();
          out_ += "elif ";
        }
        return Clause("else:", i->orelse);
      }
      case StmtKind::kWith: {
        const With& w = s.As<With>();
        out_ += w.is_async ? "async with " : "with ";
        // `with (a, b):` would be two items.
        bool tuple = w.items.size() == 1 && w.items[0].context_expr->kind == ExprKind::kTuple;
        if (tuple) out_ += "(";
        for (size_t i = 0; i < w.items.size(); ++i) {
          if (i) out_ += ", ";
          Print(*w.items[i].context_expr);
          if (w.items[i].optional_vars) {
            out_ += " as ";
            Print(*w.items[i].optional_vars);
          }
        }
        if (tuple) out_ += ")";
        out_ += ":";
        return Block(w.body);
      }
      case StmtKind::kMatch:
        out_ += "match ";
        Print(*s.As<Match>().subject);
        out_ += ":";
        ++indent_;
        for (const MatchCase& c : s.As<Match>().cases) {
          Line();
          out_ += "case ";
          Print(*c.pattern);
          if (c.guard) {
            out_ += " if ";
            Print(*c.guard);
          }
          out_ += ":";
          Block(c.body);
        }
        --indent_;
        return;
      case StmtKind::kRaise:
        Word("raise", s.As<Raise>().exception);
        if (s.As<Raise>().cause) {
          out_ += " from ";
          Print(*s.As<Raise>().cause);
        }
        return;
      case StmtKind::kTry: {
        const Try& t = s.As<Try>();
        out_ += "try:";
        Block(t.body);
        for (const ExceptHandler& h : t.handlers) {
          Line();
          out_ += t.is_star ? "except*" : "except";
          if (h.type) {
            out_ += " ";
            Print(*h.type);
          }
          if (!h.name.empty()) out_ += " as " + std::string(h.name);
          out_ += ":";
          Block(h.body);
        }
        Clause("else:", t.orelse);
        return Clause("finally:", t.finally);
      }
      case StmtKind::kAssert:
        out_ += "assert ";
        Print(*s.As<Assert>().test);
        if (s.As<Assert>().message) {
          out_ += ", ";
          Print(*s.As<Assert>().message);
        }
        return;
      case StmtKind::kImport: out_ += "import "; return Aliases(s.As<Import>().names);
      case StmtKind::kImportFrom:
        out_ += "from " + std::string(s.As<ImportFrom>().level, '.') + std::string(s.As<ImportFrom>().module);
        out_ += " import ";
        return Aliases(s.As<ImportFrom>().names);
      case StmtKind::kGlobal: out_ += "global "; return Names(s.As<Global>().names);
      case StmtKind::kNonlocal: out_ += "nonlocal "; return Names(s.As<Nonlocal>().names);
      case StmtKind::kExprStmt: return Print(*s.As<ExprStmt>().value);
      case StmtKind::kPass: out_ += "pass"; return;
      case StmtKind::kBreak: out_ += "break"; return;
      case StmtKind::kContinue: out_ += "continue"; return;
    }
  }
  void Decorators(ExprSeq decorators) {
    for (const Expr* decorator : decorators) {
      out_ += "@";
      Print(*decorator);
      Line();
    }
  }
  void Word(const char* word, const Expr* value) {
    out_ += word;
    if (!value) return;
    out_ += " ";
    Print(*value);
  }

  std::string out_;
  size_t indent_ = 0;
  bool in_format_ = false;
  bool format_failed_ = false;
  unsigned quotes_ = kAllQuotes;
};

// ---- ast.dump ---------------------------------------------------------------------------------------------------

class Dumper {
 public:
  explicit Dumper(bool positions) : positions_(positions) {}

  std::string Module(StmtSeq body) {
    return "Module(body=" + List(body, [&](const Stmt* s) { return Dump(*s); }) + ", type_ignores=[])";
  }

 private:
  struct Fields {
    std::string text;
    Fields& Add(const char* name, const std::string& value) {
      if (!text.empty()) text += ", ";
      text += std::string(name) + "=" + value;
      return *this;
    }
  };

  template <typename Items, typename F>
  static std::string List(const Items& items, F each) {
    std::string out = "[";
    bool first = true;
    for (const auto& item : items) {
      if (!first) out += ", ";
      first = false;
      out += each(item);
    }
    return out + "]";
  }
  static std::string Str(std::string_view text) { return Quoted(text, false, true); }
  std::string Exprs(ExprSeq items) {
    return List(items, [&](const Expr* e) { return e ? Dump(*e) : std::string("None"); });
  }
  std::string Block(StmtSeq items) {
    return List(items, [&](const Stmt* s) { return Dump(*s); });
  }
  std::string Patterns(PatternSeq items) {
    return List(items, [&](const Pattern* p) { return Dump(*p); });
  }

  std::string Node(const char* name, Fields fields, const ast::Node* at) {
    if (positions_ && at && in_format_ == 0) {
      fields.Add("lineno", std::to_string(at->start.line)).Add("col_offset", std::to_string(at->start.column - 1));
      fields.Add("end_lineno", std::to_string(at->end.line)).Add("end_col_offset", std::to_string(at->end.column - 1));
    }
    return std::string(name) + "(" + fields.text + ")";
  }

  static const char* Name(Context context) {
    return context == Context::kLoad ? "Load()" : context == Context::kStore ? "Store()" : "Del()";
  }
  static std::string Name(BinaryOperator op) {
    static constexpr const char* kNames[] = {"Add()", "Sub()", "Mult()", "MatMult()", "Div()", "Mod()", "Pow()",
                                             "LShift()", "RShift()", "BitOr()", "BitXor()", "BitAnd()", "FloorDiv()"};
    return kNames[static_cast<int>(op)];
  }
  static std::string Name(UnaryOperator op) {
    static constexpr const char* kNames[] = {"Invert()", "Not()", "UAdd()", "USub()"};
    return kNames[static_cast<int>(op)];
  }
  static std::string Name(CompareOperator op) {
    static constexpr const char* kNames[] = {"Eq()", "NotEq()", "Lt()", "LtE()", "Gt()",
                                             "GtE()", "Is()", "IsNot()", "In()", "NotIn()"};
    return kNames[static_cast<int>(op)];
  }

  std::string Generators(Seq<Comprehension> generators) {
    return List(generators, [&](const Comprehension& g) {
      Fields f;
      f.Add("target", Dump(*g.target)).Add("iter", Dump(*g.iter)).Add("ifs", Exprs(g.ifs));
      return Node("comprehension", f.Add("is_async", g.is_async ? "1" : "0"), nullptr);
    });
  }
  std::string Keywords(Seq<Keyword> keywords) {
    return List(keywords, [&](const Keyword& k) {
      Fields f;
      if (!k.name.empty()) f.Add("arg", Str(k.name));
      return Node("keyword", f.Add("value", Dump(*k.value)), &k);
    });
  }
  std::string Arg(const Parameter& p) {
    Fields f;
    f.Add("arg", Str(p.name));
    if (p.annotation) f.Add("annotation", Dump(*p.annotation));
    return Node("arg", f, &p);
  }
  std::string Arguments(const Parameters& p) {
    auto arg = [&](const Parameter& parameter) { return Arg(parameter); };
    Fields f;
    f.Add("posonlyargs", List(p.positional_only, arg)).Add("args", List(p.positional, arg));
    if (p.vararg) f.Add("vararg", Arg(*p.vararg));
    f.Add("kwonlyargs", List(p.keyword_only, arg));
    f.Add("kw_defaults", List(p.keyword_only, [&](const Parameter& parameter) {
            return parameter.default_value ? Dump(*parameter.default_value) : std::string("None");
          }));
    if (p.kwarg) f.Add("kwarg", Arg(*p.kwarg));
    ExprSeq none;
    std::vector<const Expr*> defaults;
    for (auto list : {p.positional_only, p.positional}) {
      for (const Parameter& parameter : list) {
        if (parameter.default_value) defaults.push_back(parameter.default_value);
      }
    }
    return Node("arguments", f.Add("defaults", Exprs(ExprSeq(defaults))), nullptr);
  }

  std::string Value(const Constant& c) {
    switch (c.type) {
      case ConstantKind::kNone: return "None";
      case ConstantKind::kTrue: return "True";
      case ConstantKind::kFalse: return "False";
      case ConstantKind::kEllipsis: return "Ellipsis";
      case ConstantKind::kInt: return c.int_fits ? std::to_string(c.int_value) : std::string(c.text);
      case ConstantKind::kFloat: return std::isinf(c.float_value) ? "inf" : FloatText(c.float_value);
      case ConstantKind::kImaginary: {
        std::string text = std::isinf(c.float_value) ? "inf" : FloatText(c.float_value);
        return (text.ends_with(".0") ? text.substr(0, text.size() - 2) : text) + "j";
      }
      case ConstantKind::kStr: return Quoted(c.text, false, true);
      case ConstantKind::kBytes: return Quoted(c.text, true, true);
    }
    return "";
  }

  std::string Dump(const Expr& e) {
    Fields f;
    switch (e.kind) {
      case ExprKind::kBoolOp:
        f.Add("op", e.As<BoolOp>().op == BoolOperator::kAnd ? "And()" : "Or()");
        f.Add("values", Exprs(e.As<BoolOp>().values));
        break;
      case ExprKind::kNamedExpr:
        f.Add("target", Dump(*e.As<NamedExpr>().target)).Add("value", Dump(*e.As<NamedExpr>().value));
        break;
      case ExprKind::kBinOp:
        f.Add("left", Dump(*e.As<BinOp>().left)).Add("op", Name(e.As<BinOp>().op));
        f.Add("right", Dump(*e.As<BinOp>().right));
        break;
      case ExprKind::kUnaryOp:
        f.Add("op", Name(e.As<UnaryOp>().op)).Add("operand", Dump(*e.As<UnaryOp>().operand));
        break;
      case ExprKind::kLambda:
        f.Add("args", Arguments(e.As<Lambda>().parameters)).Add("body", Dump(*e.As<Lambda>().body));
        break;
      case ExprKind::kIfExp:
        f.Add("test", Dump(*e.As<IfExp>().test)).Add("body", Dump(*e.As<IfExp>().body));
        f.Add("orelse", Dump(*e.As<IfExp>().orelse));
        break;
      case ExprKind::kDict:
        f.Add("keys", Exprs(e.As<Dict>().keys)).Add("values", Exprs(e.As<Dict>().values));
        break;
      case ExprKind::kSet: f.Add("elts", Exprs(e.As<Set>().elements)); break;
      case ExprKind::kListComp:
        f.Add("elt", Dump(*e.As<ListComp>().element)).Add("generators", Generators(e.As<ListComp>().generators));
        break;
      case ExprKind::kSetComp:
        f.Add("elt", Dump(*e.As<SetComp>().element)).Add("generators", Generators(e.As<SetComp>().generators));
        break;
      case ExprKind::kDictComp:
        f.Add("key", Dump(*e.As<DictComp>().key)).Add("value", Dump(*e.As<DictComp>().value));
        f.Add("generators", Generators(e.As<DictComp>().generators));
        break;
      case ExprKind::kGeneratorExp:
        f.Add("elt", Dump(*e.As<GeneratorExp>().element));
        f.Add("generators", Generators(e.As<GeneratorExp>().generators));
        break;
      case ExprKind::kAwait: f.Add("value", Dump(*e.As<Await>().value)); break;
      case ExprKind::kYield:
        if (e.As<Yield>().value) f.Add("value", Dump(*e.As<Yield>().value));
        break;
      case ExprKind::kYieldFrom: f.Add("value", Dump(*e.As<YieldFrom>().value)); break;
      case ExprKind::kCompare:
        f.Add("left", Dump(*e.As<Compare>().left));
        f.Add("ops", List(e.As<Compare>().ops, [](CompareOperator op) { return Name(op); }));
        f.Add("comparators", Exprs(e.As<Compare>().comparators));
        break;
      case ExprKind::kCall:
        f.Add("func", Dump(*e.As<Call>().function)).Add("args", Exprs(e.As<Call>().args));
        f.Add("keywords", Keywords(e.As<Call>().keywords));
        break;
      case ExprKind::kFormattedValue: {
        const FormattedValue& v = e.As<FormattedValue>();
        f.Add("value", Dump(*v.value)).Add("conversion", std::to_string(v.conversion ? v.conversion : -1));
        if (v.format_spec) f.Add("format_spec", Dump(*v.format_spec));
        break;
      }
      case ExprKind::kJoinedStr:
        ++in_format_;
        f.Add("values", Exprs(e.As<JoinedStr>().values));
        --in_format_;
        break;
      case ExprKind::kConstant:
        f.Add("value", Value(e.As<Constant>()));
        if (e.As<Constant>().u_prefix) f.Add("kind", "'u'");
        break;
      case ExprKind::kAttribute:
        f.Add("value", Dump(*e.As<Attribute>().value)).Add("attr", Str(e.As<Attribute>().attribute));
        break;
      case ExprKind::kSubscript:
        f.Add("value", Dump(*e.As<Subscript>().value)).Add("slice", Dump(*e.As<Subscript>().index));
        break;
      case ExprKind::kStarred: f.Add("value", Dump(*e.As<Starred>().value)); break;
      case ExprKind::kName: f.Add("id", Str(e.As<ast::Name>().id)); break;
      case ExprKind::kList: f.Add("elts", Exprs(e.As<ast::List>().elements)); break;
      case ExprKind::kTuple: f.Add("elts", Exprs(e.As<Tuple>().elements)); break;
      case ExprKind::kSlice: {
        const Slice& s = e.As<Slice>();
        if (s.lower) f.Add("lower", Dump(*s.lower));
        if (s.upper) f.Add("upper", Dump(*s.upper));
        if (s.step) f.Add("step", Dump(*s.step));
        break;
      }
    }
    switch (e.kind) {
      case ExprKind::kAttribute: case ExprKind::kSubscript: case ExprKind::kStarred: case ExprKind::kName:
      case ExprKind::kList: case ExprKind::kTuple:
        f.Add("ctx", Name(e.context));
        break;
      default: break;
    }
    return Node(KindName(e.kind), f, &e);
  }

  std::string Dump(const Pattern& p) {
    Fields f;
    switch (p.kind) {
      case PatternKind::kMatchValue: f.Add("value", Dump(*p.As<MatchValue>().value)); break;
      case PatternKind::kMatchSingleton: {
        ConstantKind value = p.As<MatchSingleton>().value;
        f.Add("value", value == ConstantKind::kNone ? "None" : value == ConstantKind::kTrue ? "True" : "False");
        break;
      }
      case PatternKind::kMatchSequence: f.Add("patterns", Patterns(p.As<MatchSequence>().patterns)); break;
      case PatternKind::kMatchMapping:
        f.Add("keys", Exprs(p.As<MatchMapping>().keys)).Add("patterns", Patterns(p.As<MatchMapping>().patterns));
        if (!p.As<MatchMapping>().rest.empty()) f.Add("rest", Str(p.As<MatchMapping>().rest));
        break;
      case PatternKind::kMatchClass: {
        const MatchClass& c = p.As<MatchClass>();
        f.Add("cls", Dump(*c.cls)).Add("patterns", Patterns(c.patterns));
        f.Add("kwd_attrs", List(c.keyword_names, [](std::string_view name) { return Str(name); }));
        f.Add("kwd_patterns", Patterns(c.keyword_patterns));
        break;
      }
      case PatternKind::kMatchStar:
        if (!p.As<MatchStar>().name.empty()) f.Add("name", Str(p.As<MatchStar>().name));
        break;
      case PatternKind::kMatchAs:
        if (p.As<MatchAs>().pattern) f.Add("pattern", Dump(*p.As<MatchAs>().pattern));
        if (!p.As<MatchAs>().name.empty()) f.Add("name", Str(p.As<MatchAs>().name));
        break;
      case PatternKind::kMatchOr: f.Add("patterns", Patterns(p.As<MatchOr>().patterns)); break;
    }
    return Node(KindName(p.kind), f, &p);
  }

  std::string Dump(const Stmt& s) {
    Fields f;
    const char* name = KindName(s.kind);
    auto names = [&](Seq<std::string_view> list) { return List(list, [](std::string_view n) { return Str(n); }); };
    auto aliases = [&](Seq<Alias> list) {
      return List(list, [&](const Alias& a) {
        Fields alias;
        alias.Add("name", Str(a.name));
        if (!a.as_name.empty()) alias.Add("asname", Str(a.as_name));
        return Node("alias", alias, &a);
      });
    };
    auto optional = [&](const char* field, const Expr* e) {
      if (e) f.Add(field, Dump(*e));
    };
    switch (s.kind) {
      case StmtKind::kFunctionDef: {
        const FunctionDef& d = s.As<FunctionDef>();
        if (d.is_async) name = "AsyncFunctionDef";
        f.Add("name", Str(d.name)).Add("args", Arguments(d.parameters)).Add("body", Block(d.body));
        f.Add("decorator_list", Exprs(d.decorators));
        optional("returns", d.returns);
        break;
      }
      case StmtKind::kClassDef: {
        const ClassDef& d = s.As<ClassDef>();
        f.Add("name", Str(d.name)).Add("bases", Exprs(d.bases)).Add("keywords", Keywords(d.keywords));
        f.Add("body", Block(d.body)).Add("decorator_list", Exprs(d.decorators));
        break;
      }
      case StmtKind::kReturn: optional("value", s.As<Return>().value); break;
      case StmtKind::kDelete: f.Add("targets", Exprs(s.As<Delete>().targets)); break;
      case StmtKind::kAssign:
        f.Add("targets", Exprs(s.As<Assign>().targets)).Add("value", Dump(*s.As<Assign>().value));
        break;
      case StmtKind::kTypeAlias:
        f.Add("name", Dump(*s.As<TypeAlias>().name)).Add("value", Dump(*s.As<TypeAlias>().value));
        break;
      case StmtKind::kAugAssign:
        f.Add("target", Dump(*s.As<AugAssign>().target)).Add("op", Name(s.As<AugAssign>().op));
        f.Add("value", Dump(*s.As<AugAssign>().value));
        break;
      case StmtKind::kAnnAssign: {
        const AnnAssign& a = s.As<AnnAssign>();
        f.Add("target", Dump(*a.target)).Add("annotation", Dump(*a.annotation));
        optional("value", a.value);
        f.Add("simple", a.simple ? "1" : "0");
        break;
      }
      case StmtKind::kFor:
        if (s.As<For>().is_async) name = "AsyncFor";
        f.Add("target", Dump(*s.As<For>().target)).Add("iter", Dump(*s.As<For>().iter));
        f.Add("body", Block(s.As<For>().body)).Add("orelse", Block(s.As<For>().orelse));
        break;
      case StmtKind::kWhile:
        f.Add("test", Dump(*s.As<While>().test));
        f.Add("body", Block(s.As<While>().body)).Add("orelse", Block(s.As<While>().orelse));
        break;
      case StmtKind::kIf:
        f.Add("test", Dump(*s.As<If>().test));
        f.Add("body", Block(s.As<If>().body)).Add("orelse", Block(s.As<If>().orelse));
        break;
      case StmtKind::kWith:
        if (s.As<With>().is_async) name = "AsyncWith";
        f.Add("items", List(s.As<With>().items, [&](const WithItem& item) {
                Fields fields;
                fields.Add("context_expr", Dump(*item.context_expr));
                if (item.optional_vars) fields.Add("optional_vars", Dump(*item.optional_vars));
                return Node("withitem", fields, nullptr);
              }));
        f.Add("body", Block(s.As<With>().body));
        break;
      case StmtKind::kMatch:
        f.Add("subject", Dump(*s.As<Match>().subject));
        f.Add("cases", List(s.As<Match>().cases, [&](const MatchCase& c) {
                Fields fields;
                fields.Add("pattern", Dump(*c.pattern));
                if (c.guard) fields.Add("guard", Dump(*c.guard));
                return Node("match_case", fields.Add("body", Block(c.body)), nullptr);
              }));
        break;
      case StmtKind::kRaise:
        optional("exc", s.As<Raise>().exception);
        optional("cause", s.As<Raise>().cause);
        break;
      case StmtKind::kTry: {
        const Try& t = s.As<Try>();
        if (t.is_star) name = "TryStar";
        f.Add("body", Block(t.body));
        f.Add("handlers", List(t.handlers, [&](const ExceptHandler& h) {
                Fields fields;
                if (h.type) fields.Add("type", Dump(*h.type));
                if (!h.name.empty()) fields.Add("name", Str(h.name));
                return Node("ExceptHandler", fields.Add("body", Block(h.body)), &h);
              }));
        f.Add("orelse", Block(t.orelse)).Add("finalbody", Block(t.finally));
        break;
      }
      case StmtKind::kAssert:
        f.Add("test", Dump(*s.As<Assert>().test));
        optional("msg", s.As<Assert>().message);
        break;
      case StmtKind::kImport: f.Add("names", aliases(s.As<Import>().names)); break;
      case StmtKind::kImportFrom:
        if (!s.As<ImportFrom>().module.empty()) f.Add("module", Str(s.As<ImportFrom>().module));
        f.Add("names", aliases(s.As<ImportFrom>().names)).Add("level", std::to_string(s.As<ImportFrom>().level));
        break;
      case StmtKind::kGlobal: f.Add("names", names(s.As<Global>().names)); break;
      case StmtKind::kNonlocal: f.Add("names", names(s.As<Nonlocal>().names)); break;
      case StmtKind::kExprStmt:
        name = "Expr";
        f.Add("value", Dump(*s.As<ExprStmt>().value));
        break;
      case StmtKind::kPass: case StmtKind::kBreak: case StmtKind::kContinue: break;
    }
    return Node(name, f, &s);
  }

  bool positions_;
  int in_format_ = 0;
};

}  // namespace

std::string PrintSource(const Tree& tree) {
  SourcePrinter printer;
  for (const Stmt* s : tree.body()) printer.Print(*s);
  std::string out = printer.Take();
  if (!out.empty()) out += "\n";
  return out;
}

std::string PrintSource(const Expr& expr) {
  SourcePrinter printer;
  printer.Print(expr);
  return printer.Take();
}

std::string PrintSource(const Stmt& stmt) {
  SourcePrinter printer;
  printer.Print(stmt);
  return printer.Take();
}

std::string DumpTree(const Tree& tree, bool positions) { return Dumper(positions).Module(tree.body()); }

std::string QuoteString(std::string_view text, bool bytes) { return Quoted(text, bytes, false); }

}  // namespace fusepack::py
