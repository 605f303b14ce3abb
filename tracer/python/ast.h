// The syntax tree of Python 3.11 (and PEP 695's `type` and type parameters): plain data, no behaviour.
//
// Names and shapes of the nodes follow Python's own `ast` module, so that its documentation is this file's too.
// Differences: async forms are a flag of the plain ones; `except*` is a flag of Try.
//
// Ownership: a Tree owns its source text, every node and every string in an arena; nodes are trivially
// destructible, so a tree of any shape goes away without recursion. Pointers, spans and string_views in a node live
// as long as its Tree. A tree is immutable once parsed: any thread may read it.
//
// The parser promises: no node is higher than kMaxTreeHeight, and brackets, blocks and operators nest at most
// kMaxNesting deep, so a recursive walk is safe.
#pragma once

#include <cstddef>
#include <cstdint>
#include <memory>
#include <new>
#include <span>
#include <string>
#include <string_view>
#include <type_traits>
#include <vector>

#include "kernels/base/check.h"

namespace fusepack::py::ast {

inline constexpr int kMaxNesting = 200;            // open brackets, blocks, prefix operators, nested f-strings
inline constexpr int kMaxTreeHeight = 1000;        // also bounds a + a + ..., a.b.c..., elif chains
inline constexpr size_t kMaxSourceBytes = 4 << 20;

// 1-based line; 1-based column in bytes. line 0: nowhere.
struct Position {
  uint32_t line = 0;
  uint32_t column = 0;
  friend bool operator==(const Position&, const Position&) = default;
};

#define FP_PY_EXPR_KINDS(X) \
  X(BoolOp) X(NamedExpr) X(BinOp) X(UnaryOp) X(Lambda) X(IfExp) X(Dict) X(Set) X(ListComp) X(SetComp) X(DictComp) \
  X(GeneratorExp) X(Await) X(Yield) X(YieldFrom) X(Compare) X(Call) X(FormattedValue) X(JoinedStr) X(Constant) \
  X(Attribute) X(Subscript) X(Starred) X(Name) X(List) X(Tuple) X(Slice)
#define FP_PY_STMT_KINDS(X) \
  X(FunctionDef) X(ClassDef) X(Return) X(Delete) X(Assign) X(TypeAlias) X(AugAssign) X(AnnAssign) X(For) X(While) \
  X(If) X(With) X(Match) X(Raise) X(Try) X(Assert) X(Import) X(ImportFrom) X(Global) X(Nonlocal) X(ExprStmt) \
  X(Pass) X(Break) X(Continue)
#define FP_PY_PATTERN_KINDS(X) \
  X(MatchValue) X(MatchSingleton) X(MatchSequence) X(MatchMapping) X(MatchClass) X(MatchStar) X(MatchAs) X(MatchOr)

enum class ExprKind : uint8_t {
#define X(name) k##name,
  FP_PY_EXPR_KINDS(X)
#undef X
};
enum class StmtKind : uint8_t {
#define X(name) k##name,
  FP_PY_STMT_KINDS(X)
#undef X
};
enum class PatternKind : uint8_t {
#define X(name) k##name,
  FP_PY_PATTERN_KINDS(X)
#undef X
};
const char* KindName(ExprKind kind);  // "BoolOp"
const char* KindName(StmtKind kind);
const char* KindName(PatternKind kind);

enum class Context : uint8_t { kLoad, kStore, kDel };
enum class BoolOperator : uint8_t { kAnd, kOr };
enum class BinaryOperator : uint8_t {
  kAdd, kSub, kMult, kMatMult, kDiv, kMod, kPow, kLShift, kRShift, kBitOr, kBitXor, kBitAnd, kFloorDiv
};
enum class UnaryOperator : uint8_t { kInvert, kNot, kUAdd, kUSub };
enum class CompareOperator : uint8_t { kEq, kNotEq, kLt, kLtE, kGt, kGtE, kIs, kIsNot, kIn, kNotIn };
const char* OperatorText(BoolOperator op);     // "and"
const char* OperatorText(BinaryOperator op);   // "+"; an augmented assignment's is this and "="
const char* OperatorText(UnaryOperator op);    // "not"
const char* OperatorText(CompareOperator op);  // "not in"

template <typename T>
using Seq = std::span<T const>;

struct Node {
  Position start;
  Position end;  // one past the last byte
};

// ---- expressions ----------------------------------------------------------------------------------------------

struct Expr : Node {
  ExprKind kind;
  Context context = Context::kLoad;  // of Name, Attribute, Subscript, Starred, List, Tuple
  uint16_t height = 1;
  bool parenthesized = false;  // written in its own parentheses; means nothing, but `(x): int` and `del (x)` ask

  template <typename T>
  const T& As() const {
    FP_CHECK(kind == T::kKind);
    return static_cast<const T&>(*this);
  }
  template <typename T>
  const T* Maybe() const {
    return kind == T::kKind ? static_cast<const T*>(this) : nullptr;
  }
};
using ExprSeq = Seq<const Expr*>;

template <ExprKind K>
struct ExprOf : Expr {
  static constexpr ExprKind kKind = K;
  ExprOf() { kind = K; }
};

// One for or one if inside a comprehension.
struct Comprehension {
  const Expr* target;
  const Expr* iter;
  ExprSeq ifs;
  bool is_async = false;
};

struct Parameter : Node {
  std::string_view name;
  const Expr* annotation = nullptr;      // Tree::Text has its source
  const Expr* default_value = nullptr;   // of positional and keyword-only parameters
};
// def f(positional_only, /, positional, *vararg, keyword_only, **kwarg)
struct Parameters {
  Seq<Parameter> positional_only;
  Seq<Parameter> positional;
  const Parameter* vararg = nullptr;
  Seq<Parameter> keyword_only;
  const Parameter* kwarg = nullptr;
};

// name=value of a call or a class statement; `name` is empty for **value.
struct Keyword : Node {
  std::string_view name;
  const Expr* value;
};

struct BoolOp : ExprOf<ExprKind::kBoolOp> {
  BoolOperator op;
  ExprSeq values;  // two or more
};
struct NamedExpr : ExprOf<ExprKind::kNamedExpr> {  // target := value
  const Expr* target;                              // a Name
  const Expr* value;
};
struct BinOp : ExprOf<ExprKind::kBinOp> {
  const Expr* left;
  const Expr* right;
  BinaryOperator op;
};
struct UnaryOp : ExprOf<ExprKind::kUnaryOp> {
  UnaryOperator op;
  const Expr* operand;
};
struct Lambda : ExprOf<ExprKind::kLambda> {
  Parameters parameters;
  const Expr* body;
};
struct IfExp : ExprOf<ExprKind::kIfExp> {  // body if test else orelse
  const Expr* test;
  const Expr* body;
  const Expr* orelse;
};
struct Dict : ExprOf<ExprKind::kDict> {
  ExprSeq keys;    // null for **value
  ExprSeq values;  // as many
};
struct Set : ExprOf<ExprKind::kSet> {
  ExprSeq elements;
};
struct ListComp : ExprOf<ExprKind::kListComp> {
  const Expr* element;
  Seq<Comprehension> generators;
};
struct SetComp : ExprOf<ExprKind::kSetComp> {
  const Expr* element;
  Seq<Comprehension> generators;
};
struct DictComp : ExprOf<ExprKind::kDictComp> {
  const Expr* key;
  const Expr* value;
  Seq<Comprehension> generators;
};
struct GeneratorExp : ExprOf<ExprKind::kGeneratorExp> {
  const Expr* element;
  Seq<Comprehension> generators;
};
struct Await : ExprOf<ExprKind::kAwait> {
  const Expr* value;
};
struct Yield : ExprOf<ExprKind::kYield> {
  const Expr* value = nullptr;  // may be null
};
struct YieldFrom : ExprOf<ExprKind::kYieldFrom> {
  const Expr* value;
};
struct Compare : ExprOf<ExprKind::kCompare> {  // left ops[0] comparators[0] ops[1] ...
  const Expr* left;
  Seq<CompareOperator> ops;
  ExprSeq comparators;
};
struct Call : ExprOf<ExprKind::kCall> {
  const Expr* function;
  ExprSeq args;  // a Starred for *args
  Seq<Keyword> keywords;
};
// {value!conversion:format_spec} of an f-string.
struct FormattedValue : ExprOf<ExprKind::kFormattedValue> {
  const Expr* value;
  char conversion = 0;                // 0, 's', 'r' or 'a'
  const Expr* format_spec = nullptr;  // a JoinedStr, may be null
};
struct JoinedStr : ExprOf<ExprKind::kJoinedStr> {
  ExprSeq values;  // string Constants and FormattedValues
};

enum class ConstantKind : uint8_t { kNone, kTrue, kFalse, kEllipsis, kInt, kFloat, kImaginary, kStr, kBytes };
struct Constant : ExprOf<ExprKind::kConstant> {
  ConstantKind type = ConstantKind::kNone;
  bool u_prefix = false;  // u"..."
  bool int_fits = true;   // kInt: `int_value` is the value; else only `text` has it
  int64_t int_value = 0;
  double float_value = 0;  // kFloat, kImaginary
  // kStr: UTF-8, a lone surrogate as its three bytes. kBytes: the bytes. kInt: digits without underscores, with
  // a 0x, 0o or 0b prefix in lower case where the source had one.
  std::string_view text;
};

struct Attribute : ExprOf<ExprKind::kAttribute> {
  const Expr* value;
  std::string_view attribute;
};
struct Subscript : ExprOf<ExprKind::kSubscript> {
  const Expr* value;
  const Expr* index;  // may be a Slice, or a Tuple that has Slices and Starreds
};
struct Starred : ExprOf<ExprKind::kStarred> {
  const Expr* value;
};
struct Name : ExprOf<ExprKind::kName> {
  std::string_view id;
};
struct List : ExprOf<ExprKind::kList> {
  ExprSeq elements;
};
struct Tuple : ExprOf<ExprKind::kTuple> {
  ExprSeq elements;
};
struct Slice : ExprOf<ExprKind::kSlice> {
  const Expr* lower = nullptr;  // each may be null
  const Expr* upper = nullptr;
  const Expr* step = nullptr;
};

// ---- patterns of match ----------------------------------------------------------------------------------------

struct Pattern : Node {
  PatternKind kind;
  uint16_t height = 1;
  template <typename T>
  const T& As() const {
    FP_CHECK(kind == T::kKind);
    return static_cast<const T&>(*this);
  }
};
using PatternSeq = Seq<const Pattern*>;
template <PatternKind K>
struct PatternOf : Pattern {
  static constexpr PatternKind kKind = K;
  PatternOf() { kind = K; }
};
struct MatchValue : PatternOf<PatternKind::kMatchValue> {
  const Expr* value;
};
struct MatchSingleton : PatternOf<PatternKind::kMatchSingleton> {
  ConstantKind value;  // kNone, kTrue or kFalse
};
struct MatchSequence : PatternOf<PatternKind::kMatchSequence> {
  PatternSeq patterns;
};
struct MatchMapping : PatternOf<PatternKind::kMatchMapping> {
  ExprSeq keys;
  PatternSeq patterns;
  std::string_view rest;  // **rest, or empty
};
struct MatchClass : PatternOf<PatternKind::kMatchClass> {
  const Expr* cls;
  PatternSeq patterns;
  Seq<std::string_view> keyword_names;
  PatternSeq keyword_patterns;
};
struct MatchStar : PatternOf<PatternKind::kMatchStar> {
  std::string_view name;  // empty for *_
};
struct MatchAs : PatternOf<PatternKind::kMatchAs> {
  const Pattern* pattern = nullptr;  // null: a bare capture, or _ where name is empty too
  std::string_view name;
};
struct MatchOr : PatternOf<PatternKind::kMatchOr> {
  PatternSeq patterns;
};

// ---- statements -----------------------------------------------------------------------------------------------

struct Stmt : Node {
  StmtKind kind;
  uint16_t height = 1;
  template <typename T>
  const T& As() const {
    FP_CHECK(kind == T::kKind);
    return static_cast<const T&>(*this);
  }
  template <typename T>
  const T* Maybe() const {
    return kind == T::kKind ? static_cast<const T*>(this) : nullptr;
  }
};
using StmtSeq = Seq<const Stmt*>;
template <StmtKind K>
struct StmtOf : Stmt {
  static constexpr StmtKind kKind = K;
  StmtOf() { kind = K; }
};

struct TypeParameter : Node {  // PEP 695: T: bound, *Ts, **P
  std::string_view name;
  const Expr* bound = nullptr;
  int stars = 0;
};

struct FunctionDef : StmtOf<StmtKind::kFunctionDef> {
  bool is_async = false;
  std::string_view name;
  Seq<TypeParameter> type_params;
  Parameters parameters;
  StmtSeq body;
  ExprSeq decorators;
  const Expr* returns = nullptr;  // annotation
};
struct ClassDef : StmtOf<StmtKind::kClassDef> {
  std::string_view name;
  Seq<TypeParameter> type_params;
  ExprSeq bases;
  Seq<Keyword> keywords;
  StmtSeq body;
  ExprSeq decorators;
};
struct Return : StmtOf<StmtKind::kReturn> {
  const Expr* value = nullptr;
};
struct Delete : StmtOf<StmtKind::kDelete> {
  ExprSeq targets;
};
struct Assign : StmtOf<StmtKind::kAssign> {  // targets[0] = targets[1] = value
  ExprSeq targets;
  const Expr* value;
};
struct TypeAlias : StmtOf<StmtKind::kTypeAlias> {  // PEP 695: type name[T] = value
  const Expr* name;
  Seq<TypeParameter> type_params;
  const Expr* value;
};
struct AugAssign : StmtOf<StmtKind::kAugAssign> {
  const Expr* target;
  BinaryOperator op;
  const Expr* value;
};
struct AnnAssign : StmtOf<StmtKind::kAnnAssign> {
  const Expr* target;
  const Expr* annotation;
  const Expr* value = nullptr;  // may be null
  bool simple = false;          // an unparenthesized name
};
struct For : StmtOf<StmtKind::kFor> {
  bool is_async = false;
  const Expr* target;
  const Expr* iter;
  StmtSeq body;
  StmtSeq orelse;
};
struct While : StmtOf<StmtKind::kWhile> {
  const Expr* test;
  StmtSeq body;
  StmtSeq orelse;
};
struct If : StmtOf<StmtKind::kIf> {
  const Expr* test;
  StmtSeq body;
  StmtSeq orelse;  // an elif is one If
};
struct WithItem {
  const Expr* context_expr;
  const Expr* optional_vars = nullptr;
};
struct With : StmtOf<StmtKind::kWith> {
  bool is_async = false;
  Seq<WithItem> items;
  StmtSeq body;
};
struct MatchCase {
  const Pattern* pattern;
  const Expr* guard = nullptr;
  StmtSeq body;
};
struct Match : StmtOf<StmtKind::kMatch> {
  const Expr* subject;
  Seq<MatchCase> cases;
};
struct Raise : StmtOf<StmtKind::kRaise> {
  const Expr* exception = nullptr;
  const Expr* cause = nullptr;
};
struct ExceptHandler : Node {
  const Expr* type = nullptr;
  std::string_view name;  // may be empty
  StmtSeq body;
};
struct Try : StmtOf<StmtKind::kTry> {
  bool is_star = false;  // except*
  StmtSeq body;
  Seq<ExceptHandler> handlers;
  StmtSeq orelse;
  StmtSeq finally;
};
struct Assert : StmtOf<StmtKind::kAssert> {
  const Expr* test;
  const Expr* message = nullptr;
};
struct Alias : Node {
  std::string_view name;     // dotted in `import a.b`; "*" in `from m import *`
  std::string_view as_name;  // may be empty
};
struct Import : StmtOf<StmtKind::kImport> {
  Seq<Alias> names;
};
struct ImportFrom : StmtOf<StmtKind::kImportFrom> {
  std::string_view module;  // empty in `from . import x`
  Seq<Alias> names;
  int level = 0;  // leading dots
};
struct Global : StmtOf<StmtKind::kGlobal> {
  Seq<std::string_view> names;
};
struct Nonlocal : StmtOf<StmtKind::kNonlocal> {
  Seq<std::string_view> names;
};
struct ExprStmt : StmtOf<StmtKind::kExprStmt> {
  const Expr* value;
};
struct Pass : StmtOf<StmtKind::kPass> {};
struct Break : StmtOf<StmtKind::kBreak> {};
struct Continue : StmtOf<StmtKind::kContinue> {};

// ---- the tree -------------------------------------------------------------------------------------------------

class Arena {
 public:
  template <typename T>
  T* New() {
    static_assert(std::is_trivially_destructible_v<T>);
    return new (Allocate(sizeof(T), alignof(T))) T();
  }
  template <typename T>
  Seq<T> Copy(const std::vector<T>& items) {
    static_assert(std::is_trivially_destructible_v<T>);
    if (items.empty()) return {};
    T* out = static_cast<T*>(Allocate(sizeof(T) * items.size(), alignof(T)));
    std::uninitialized_copy(items.begin(), items.end(), out);
    return Seq<T>(out, items.size());
  }
  std::string_view CopyText(std::string_view text);
  size_t bytes() const { return bytes_; }

 private:
  void* Allocate(size_t size, size_t align);

  static constexpr size_t kBlockBytes = 64 << 10;
  std::vector<std::unique_ptr<std::byte[]>> blocks_;
  size_t used_ = 0;
  size_t block_size_ = 0;
  size_t bytes_ = 0;
};

class Tree {
 public:
  Tree(std::string file, std::string source);
  Tree(const Tree&) = delete;
  Tree& operator=(const Tree&) = delete;

  const std::string& file() const { return file_; }
  const std::string& source() const { return source_; }  // as given, less a byte order mark; UTF-8
  StmtSeq body() const { return body_; }

  // The source of a node: of an annotation, of a function with its body.
  std::string_view Text(const Node& node) const;
  // One line, without its end; empty for a line that there is not.
  std::string_view Line(uint32_t line) const;
  size_t Offset(Position at) const;
  Position PositionOf(size_t offset) const;

  // For the parser.
  Arena& arena() { return arena_; }
  void set_body(StmtSeq body) { body_ = body; }

 private:
  std::string file_;
  std::string source_;
  std::vector<size_t> line_starts_;
  Arena arena_;
  StmtSeq body_;
};

}  // namespace fusepack::py::ast
