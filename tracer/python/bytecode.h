// The evaluator's instructions, and the code and frames made of them.
//
// A stack machine. A Code is one scope (function, class body, comprehension) or one top-level statement; it is
// compiled from the tree when first called, so that a module pays only for what runs. Each instruction carries the
// position of the expression it came from.
//
// Only the iterators of `for` stay on the stack between statements; what `with`, `finally` and `return` must keep is
// in extra local slots. An exception in [begin, end) of a Handler cuts the stack to `stack_depth`, the list of
// exceptions being handled to `handled_depth`, pushes the exception and goes on at `target`.
#pragma once

#include <memory>
#include <string>
#include <vector>

#include "tracer/python/ast.h"
#include "tracer/python/object.h"
#include "tracer/python/resolve.h"
#include "tracer/python/values.h"

namespace fusepack::py {

class Cell;
class Function;
class Generator;
class Module;

// name, what arg means; the stack before -- after
#define FP_PY_OPS(X) \
  X(LoadConst)      /* constant: -- v */ \
  X(LoadFast)       /* slot: -- v */ \
  X(StoreFast)      /* slot: v -- */ \
  X(DeleteFast)     /* slot */ \
  X(LoadTemp)       /* slot, moved out: -- v */ \
  X(LoadDeref)      /* cell: -- v */ \
  X(StoreDeref)     /* cell: v -- */ \
  X(DeleteDeref)    /* cell */ \
  X(LoadClassDeref) /* name, extra cell: -- v */ \
  X(LoadGlobal)     /* name: -- v */ \
  X(StoreGlobal)    /* name: v -- */ \
  X(DeleteGlobal)   /* name */ \
  X(LoadName)       /* name, class body's namespace first: -- v */ \
  X(StoreName)      /* name: v -- */ \
  X(DeleteName)     /* name */ \
  X(LoadAttr)       /* name: v -- attr */ \
  X(StoreAttr)      /* name: value v -- */ \
  X(DeleteAttr)     /* name: v -- */ \
  X(LoadMethod)     /* name: v -- function v, or null attr */ \
  X(CallMethod)     /* n: function self args... -- r */ \
  X(Call)           /* n: callee args... -- r */ \
  X(CallKeywords)   /* n in all, extra constant (names): callee args... -- r */ \
  X(CallExtended)   /* callee list dict -- r */ \
  X(Binary)         /* BinOp: a b -- r */ \
  X(Inplace)        /* BinOp: a b -- r */ \
  X(Unary)          /* UnOp: a -- r */ \
  X(Not)            /* a -- r */ \
  X(Compare)        /* CmpOp: a b -- r */ \
  X(Is)             /* inverted: a b -- r */ \
  X(In)             /* inverted: item container -- r */ \
  X(GetItem)        /* v key -- r */ \
  X(StoreItem)      /* value v key -- */ \
  X(DeleteItem)     /* v key -- */ \
  X(BuildTuple)     /* n: items... -- t */ \
  X(BuildList)      /* n */ \
  X(BuildSet)       /* n */ \
  X(BuildDict)      /* n pairs */ \
  X(BuildSlice)     /* start stop step -- s */ \
  X(BuildString)    /* n: texts... -- text */ \
  X(FormatValue)    /* conversion; extra 1: v spec -- text, else v -- text */ \
  X(ListAppend)     /* depth: ... v -- ... */ \
  X(SetAdd)         /* depth */ \
  X(DictAdd)        /* depth: ... key v -- ... */ \
  X(ListExtend)     /* list iterable -- list */ \
  X(SetUpdate)      /* set iterable -- set */ \
  X(DictUpdate)     /* dict mapping -- dict */ \
  X(DictMerge)      /* the same for **kwargs: callee on the stack 3 down names the function */ \
  X(ListToTuple)    /* list -- tuple */ \
  X(Pop)            /* v -- */ \
  X(Dup)            /* v -- v v */ \
  X(Dup2)           /* a b -- a b a b */ \
  X(Swap)           /* a b -- b a */ \
  X(RotThree)       /* a b c -- c a b */ \
  X(RotFour)        /* a b c d -- d a b c */ \
  X(Jump)           /* target */ \
  X(PopJumpIfFalse) /* target: v -- */ \
  X(PopJumpIfTrue)  /* target: v -- */ \
  X(JumpIfFalseOrPop) \
  X(JumpIfTrueOrPop) \
  X(GetIter)        /* v -- iterator */ \
  X(ForIter)        /* target at the end: iterator -- iterator v, or -- */ \
  X(Unpack)         /* n: v -- items reversed, the first on top */ \
  X(UnpackStar)     /* before, extra after */ \
  X(Return)         /* v -- */ \
  X(Yield)          /* v -- sent */ \
  X(YieldFrom)      /* iterator sent -- result; stays until exhausted */ \
  X(MakeFunction)   /* scope; extra: 1 defaults tuple, 2 keyword defaults dict -- f */ \
  X(MakeClass)      /* scope: list dict -- class */ \
  X(Raise)          /* 0 bare, 1 e --, 2 e cause -- */ \
  X(Reraise)        /* raises the innermost handled exception, traceback kept */ \
  X(PushHandled)    /* e -- */ \
  X(PopHandled)     \
  X(LoadHandled)    /* -- e */ \
  X(MatchException) /* type -- bool */ \
  X(WithEnter)      /* slot for __exit__: manager -- entered */ \
  X(WithExit)       /* slot */ \
  X(WithExitRaised) /* slot: -- swallowed */ \
  X(ImportName)     /* name (dotted); extra 1: the leaf, as `import a.b as c`; 2: only the top, the rest on demand: -- module */ \
  X(ImportFrom)     /* name; extra: level; -- module */ \
  X(ImportMember)   /* name: module -- module member */ \
  X(ImportStar)     /* module -- */ \
  X(AssertFailed)   /* 0, or 1: message -- ; raises */ \
  X(SetAnnotation)  /* name; constant in extra: into the class's __annotations__, unevaluated: -- */ \
  X(LimitIntegers)  /* constant (text): an integer outside 64 bits */ \
  X(Outside)        /* constant (text): a construct outside the subset is reached */

enum class Op : uint16_t {
#define X(name) k##name,
  FP_PY_OPS(X)
#undef X
};
const char* OpName(Op op);

enum class ScopeNode : uint8_t { kFunctionDef, kClassDef, kExpression };

struct Instruction {
  Op op;
  uint16_t extra = 0;
  int32_t arg = 0;
};

struct Handler {
  int begin, end, target;
  int stack_depth, handled_depth;
};

// What one source file's codes share.
struct Source {
  std::shared_ptr<const ast::Tree> tree;
  std::shared_ptr<const Resolution> resolution;
  std::string file;  // as errors print it
};

struct Code {
  std::shared_ptr<const Source> source;
  const Scope* scope = nullptr;
  const ast::Parameters* parameters = nullptr;  // of def and lambda
  const ast::Expr* returns = nullptr;               // annotation
  std::string name, qualified_name;

  std::vector<Instruction> instructions;
  std::vector<ast::Position> positions;
  std::vector<Handler> handlers;  // innermost first
  std::vector<Value> constants;
  std::vector<Str*> names;
  std::vector<std::pair<const void*, ScopeNode>> scopes;  // nodes of inner functions and classes
  std::vector<std::shared_ptr<Code>> inner;       // as many; compiled when first made
  std::vector<Str*> parameter_names;              // the first of the locals
  int positional_only = 0, positional = 0, keyword_only = 0;  // `positional` counts positional_only too
  bool has_varargs = false, has_varkw = false;
  int local_count = 0;  // with extra slots
  bool is_generator = false;
  bool is_class = false;
  bool is_module = false;  // a top-level statement: names are the module's
  std::vector<std::pair<int, int>> cell_parameters;  // (cell, slot): filled at entry
  int class_cell = -1;      // in frees: __class__, for super()
  int own_class_cell = -1;  // in cells of a class body
  Value doc;
  int first_line = 0;

  std::string ToString() const;  // listing, for FUSEPACK_DEBUG and tests
};

// Compiles one scope: a FunctionDef, Lambda, ClassDef or comprehension.
std::shared_ptr<Code> CompileScope(Interpreter& in, std::shared_ptr<const Source> source, const void* node,
                                   ScopeNode kind);
// One or more top-level statements; of an import, only one of its names where only_alias says which.
std::shared_ptr<Code> CompileStatements(Interpreter& in, std::shared_ptr<const Source> source, ast::StmtSeq statements,
                                        int only_alias = -1);
// An expression (eval in tests): returns its value.
std::shared_ptr<Code> CompileExpression(Interpreter& in, std::shared_ptr<const Source> source, const ast::Expr& expr);

struct Frame {
  Frame* back = nullptr;
  std::shared_ptr<const Code> code;
  Ref<Object> function;  // keeps the Function alive; null for statements and class bodies
  Ref<Module> module;
  Ref<Dict> names;       // class body's namespace
  std::vector<Value> locals, stack, handled;
  std::vector<Ref<Cell>> cells;  // own, then free ones
  Generator* generator = nullptr;
  int pc = 0;  // the next instruction
};

}  // namespace fusepack::py
