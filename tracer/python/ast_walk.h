// The children of a node, in source order as far as evaluation follows it. Templates, so that a walk costs a switch.
#pragma once

#include "tracer/python/ast.h"

namespace fusepack::py::ast {

template <typename F>
void ForEachExpr(const Parameters& p, F&& f) {
  auto one = [&](const Parameter& parameter) {
    if (parameter.annotation) f(*parameter.annotation);
    if (parameter.default_value) f(*parameter.default_value);
  };
  for (const Parameter& parameter : p.positional_only) one(parameter);
  for (const Parameter& parameter : p.positional) one(parameter);
  if (p.vararg) one(*p.vararg);
  for (const Parameter& parameter : p.keyword_only) one(parameter);
  if (p.kwarg) one(*p.kwarg);
}

template <typename F>
void ForEachExpr(Seq<Comprehension> generators, F&& f) {
  for (const Comprehension& generator : generators) {
    f(*generator.target);
    f(*generator.iter);
    for (const Expr* condition : generator.ifs) f(*condition);
  }
}

// f(const Expr&) for every child of an expression.
template <typename F>
void ForEachChild(const Expr& e, F&& f) {
  auto all = [&](ExprSeq items) {
    for (const Expr* item : items) {
      if (item) f(*item);
    }
  };
  auto one = [&](const Expr* item) {
    if (item) f(*item);
  };
  switch (e.kind) {
    case ExprKind::kBoolOp: return all(e.As<BoolOp>().values);
    case ExprKind::kNamedExpr: one(e.As<NamedExpr>().target); return one(e.As<NamedExpr>().value);
    case ExprKind::kBinOp: one(e.As<BinOp>().left); return one(e.As<BinOp>().right);
    case ExprKind::kUnaryOp: return one(e.As<UnaryOp>().operand);
    case ExprKind::kLambda: ForEachExpr(e.As<Lambda>().parameters, f); return one(e.As<Lambda>().body);
    case ExprKind::kIfExp:
      one(e.As<IfExp>().test);
      one(e.As<IfExp>().body);
      return one(e.As<IfExp>().orelse);
    case ExprKind::kDict: {
      const Dict& d = e.As<Dict>();
      for (size_t i = 0; i < d.values.size(); ++i) {
        one(d.keys[i]);
        one(d.values[i]);
      }
      return;
    }
    case ExprKind::kSet: return all(e.As<Set>().elements);
    case ExprKind::kListComp: one(e.As<ListComp>().element); return ForEachExpr(e.As<ListComp>().generators, f);
    case ExprKind::kSetComp: one(e.As<SetComp>().element); return ForEachExpr(e.As<SetComp>().generators, f);
    case ExprKind::kDictComp:
      one(e.As<DictComp>().key);
      one(e.As<DictComp>().value);
      return ForEachExpr(e.As<DictComp>().generators, f);
    case ExprKind::kGeneratorExp:
      one(e.As<GeneratorExp>().element);
      return ForEachExpr(e.As<GeneratorExp>().generators, f);
    case ExprKind::kAwait: return one(e.As<Await>().value);
    case ExprKind::kYield: return one(e.As<Yield>().value);
    case ExprKind::kYieldFrom: return one(e.As<YieldFrom>().value);
    case ExprKind::kCompare: one(e.As<Compare>().left); return all(e.As<Compare>().comparators);
    case ExprKind::kCall:
      one(e.As<Call>().function);
      all(e.As<Call>().args);
      for (const Keyword& keyword : e.As<Call>().keywords) one(keyword.value);
      return;
    case ExprKind::kFormattedValue:
      one(e.As<FormattedValue>().value);
      return one(e.As<FormattedValue>().format_spec);
    case ExprKind::kJoinedStr: return all(e.As<JoinedStr>().values);
    case ExprKind::kConstant: return;
    case ExprKind::kAttribute: return one(e.As<Attribute>().value);
    case ExprKind::kSubscript: one(e.As<Subscript>().value); return one(e.As<Subscript>().index);
    case ExprKind::kStarred: return one(e.As<Starred>().value);
    case ExprKind::kName: return;
    case ExprKind::kList: return all(e.As<List>().elements);
    case ExprKind::kTuple: return all(e.As<Tuple>().elements);
    case ExprKind::kSlice:
      one(e.As<Slice>().lower);
      one(e.As<Slice>().upper);
      return one(e.As<Slice>().step);
  }
}

// on_expr(const Expr&) and on_pattern(const Pattern&) for the children of a pattern.
template <typename F, typename P>
void ForEachChild(const Pattern& p, F&& on_expr, P&& on_pattern) {
  auto all = [&](PatternSeq items) {
    for (const Pattern* item : items) on_pattern(*item);
  };
  switch (p.kind) {
    case PatternKind::kMatchValue: on_expr(*p.As<MatchValue>().value); return;
    case PatternKind::kMatchSequence: return all(p.As<MatchSequence>().patterns);
    case PatternKind::kMatchMapping:
      for (const Expr* key : p.As<MatchMapping>().keys) on_expr(*key);
      return all(p.As<MatchMapping>().patterns);
    case PatternKind::kMatchClass:
      on_expr(*p.As<MatchClass>().cls);
      all(p.As<MatchClass>().patterns);
      return all(p.As<MatchClass>().keyword_patterns);
    case PatternKind::kMatchAs:
      if (p.As<MatchAs>().pattern) on_pattern(*p.As<MatchAs>().pattern);
      return;
    case PatternKind::kMatchOr: return all(p.As<MatchOr>().patterns);
    case PatternKind::kMatchSingleton:
    case PatternKind::kMatchStar: return;
  }
}

// on_expr, on_stmt and on_pattern for the children of a statement.
template <typename F, typename G, typename P>
void ForEachChild(const Stmt& s, F&& on_expr, G&& on_stmt, P&& on_pattern) {
  auto one = [&](const Expr* item) {
    if (item) on_expr(*item);
  };
  auto all = [&](ExprSeq items) {
    for (const Expr* item : items) one(item);
  };
  auto block = [&](StmtSeq items) {
    for (const Stmt* item : items) on_stmt(*item);
  };
  auto type_params = [&](Seq<TypeParameter> items) {
    for (const TypeParameter& item : items) one(item.bound);
  };
  switch (s.kind) {
    case StmtKind::kFunctionDef: {
      const FunctionDef& d = s.As<FunctionDef>();
      all(d.decorators);
      type_params(d.type_params);
      ForEachExpr(d.parameters, on_expr);
      one(d.returns);
      return block(d.body);
    }
    case StmtKind::kClassDef: {
      const ClassDef& d = s.As<ClassDef>();
      all(d.decorators);
      type_params(d.type_params);
      all(d.bases);
      for (const Keyword& keyword : d.keywords) one(keyword.value);
      return block(d.body);
    }
    case StmtKind::kReturn: return one(s.As<Return>().value);
    case StmtKind::kDelete: return all(s.As<Delete>().targets);
    case StmtKind::kAssign: one(s.As<Assign>().value); return all(s.As<Assign>().targets);
    case StmtKind::kTypeAlias:
      one(s.As<TypeAlias>().name);
      type_params(s.As<TypeAlias>().type_params);
      return one(s.As<TypeAlias>().value);
    case StmtKind::kAugAssign: one(s.As<AugAssign>().target); return one(s.As<AugAssign>().value);
    case StmtKind::kAnnAssign:
      one(s.As<AnnAssign>().value);
      one(s.As<AnnAssign>().target);
      return one(s.As<AnnAssign>().annotation);
    case StmtKind::kFor:
      one(s.As<For>().iter);
      one(s.As<For>().target);
      block(s.As<For>().body);
      return block(s.As<For>().orelse);
    case StmtKind::kWhile:
      one(s.As<While>().test);
      block(s.As<While>().body);
      return block(s.As<While>().orelse);
    case StmtKind::kIf:
      one(s.As<If>().test);
      block(s.As<If>().body);
      return block(s.As<If>().orelse);
    case StmtKind::kWith:
      for (const WithItem& item : s.As<With>().items) {
        one(item.context_expr);
        one(item.optional_vars);
      }
      return block(s.As<With>().body);
    case StmtKind::kMatch:
      one(s.As<Match>().subject);
      for (const MatchCase& c : s.As<Match>().cases) {
        on_pattern(*c.pattern);
        one(c.guard);
        block(c.body);
      }
      return;
    case StmtKind::kRaise: one(s.As<Raise>().exception); return one(s.As<Raise>().cause);
    case StmtKind::kTry:
      block(s.As<Try>().body);
      for (const ExceptHandler& handler : s.As<Try>().handlers) {
        one(handler.type);
        block(handler.body);
      }
      block(s.As<Try>().orelse);
      return block(s.As<Try>().finally);
    case StmtKind::kAssert: one(s.As<Assert>().test); return one(s.As<Assert>().message);
    case StmtKind::kExprStmt: return one(s.As<ExprStmt>().value);
    case StmtKind::kImport:
    case StmtKind::kImportFrom:
    case StmtKind::kGlobal:
    case StmtKind::kNonlocal:
    case StmtKind::kPass:
    case StmtKind::kBreak:
    case StmtKind::kContinue: return;
  }
}

}  // namespace fusepack::py::ast
