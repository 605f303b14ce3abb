// operator: every operator of the language as a function. Its functions say they are of module `_operator`, as
// CPython's do: torch.fx prints them so.
#include "tracer/python/library.h"

namespace fusepack::py {
namespace {

struct BinaryName {
  const char* name;
  const char* inplace;
  BinOp op;
};
const BinaryName kBinary[] = {
    {"add", "iadd", BinOp::kAdd}, {"sub", "isub", BinOp::kSub}, {"mul", "imul", BinOp::kMul},
    {"matmul", "imatmul", BinOp::kMatMul}, {"truediv", "itruediv", BinOp::kTrueDiv},
    {"floordiv", "ifloordiv", BinOp::kFloorDiv}, {"mod", "imod", BinOp::kMod}, {"pow", "ipow", BinOp::kPow},
    {"lshift", "ilshift", BinOp::kLShift}, {"rshift", "irshift", BinOp::kRShift}, {"and_", "iand", BinOp::kAnd},
    {"xor", "ixor", BinOp::kXor}, {"or_", "ior", BinOp::kOr}, {"concat", "iconcat", BinOp::kAdd},
};
struct CompareName {
  const char* name;
  CmpOp op;
};
const CompareName kCompare[] = {{"eq", CmpOp::kEq}, {"ne", CmpOp::kNe}, {"lt", CmpOp::kLt},
                                {"le", CmpOp::kLe}, {"gt", CmpOp::kGt}, {"ge", CmpOp::kGe}};
struct UnaryName {
  const char* name;
  UnOp op;
};
const UnaryName kUnary[] = {{"neg", UnOp::kNeg}, {"pos", UnOp::kPos}, {"invert", UnOp::kInvert}, {"inv", UnOp::kInvert}};

// One set of functions an interpreter: operator.add and _operator.add are the same object.
struct Functions {
  explicit Functions(Interpreter& in) {
    auto define = [&](const std::string& name, const char* parameters, NativeFunction::Bound function) {
      all.emplace_back(name, in.NewFunction(name, parameters, std::move(function), "_operator"));
    };
    for (const BinaryName& b : kBinary) {
      define(b.name, "a, b, /", [op = b.op](Interpreter& in, BoundArgs& args) { return in.Binary(op, args[0], args[1]); });
      define(b.inplace, "a, b, /", [op = b.op](Interpreter& in, BoundArgs& args) { return in.Inplace(op, args[0], args[1]); });
    }
    for (const CompareName& c : kCompare) {
      define(c.name, "a, b, /", [op = c.op](Interpreter& in, BoundArgs& args) { return in.Compare(op, args[0], args[1]); });
    }
    for (const UnaryName& u : kUnary) {
      define(u.name, "a, /", [op = u.op](Interpreter& in, BoundArgs& args) { return in.Unary(op, args[0]); });
    }
    define("not_", "a, /", [](Interpreter& in, BoundArgs& args) { return Value::Bool(!in.Truth(args[0])); });
    define("truth", "a, /", [](Interpreter& in, BoundArgs& args) { return Value::Bool(in.Truth(args[0])); });
    define("is_", "a, b, /", [](Interpreter&, BoundArgs& args) { return Value::Bool(args[0].Is(args[1])); });
    define("is_not", "a, b, /", [](Interpreter&, BoundArgs& args) { return Value::Bool(!args[0].Is(args[1])); });
    define("contains", "a, b, /", [](Interpreter& in, BoundArgs& args) { return Value::Bool(in.Contains(args[0], args[1])); });
    define("getitem", "a, b, /", [](Interpreter& in, BoundArgs& args) { return in.GetItem(args[0], args[1]); });
    define("setitem", "a, b, c, /", [](Interpreter& in, BoundArgs& args) {
      in.SetItem(args[0], args[1], args[2]);
      return Value::None();
    });
    define("delitem", "a, b, /", [](Interpreter& in, BoundArgs& args) {
      in.DelItem(args[0], args[1]);
      return Value::None();
    });
    define("index", "a, /", [](Interpreter& in, BoundArgs& args) { return Value::Int(in.Index(args[0])); });
    define("abs", "a, /", [](Interpreter& in, BoundArgs& args) { return in.Call(in.GetBuiltin("abs"), {args[0]}); });
    define("countOf", "a, b, /", [](Interpreter& in, BoundArgs& args) {
      int64_t count = 0;
      for (const Value& item : args.Values(0)) count += in.Equal(item, args[1]);
      return Value::Int(count);
    });
    define("indexOf", "a, b, /", [](Interpreter& in, BoundArgs& args) {
      std::vector<Value> items = args.Values(0);
      for (size_t i = 0; i < items.size(); ++i) {
        if (in.Equal(items[i], args[1])) return Value::Int(static_cast<int64_t>(i));
      }
      in.RaiseValueError("sequence.index(x): x not in sequence");
    });
    define("length_hint", "obj, default=0, /", [](Interpreter& in, BoundArgs& args) {
      if (in.FindSpecial(args[0], "__len__")) return Value::Int(in.Len(args[0]));
      return args[1];
    });
    all.emplace_back("call", in.NewRawFunction("call", [](Interpreter& in, const Args& args) {
                       if (args.positional.empty()) in.RaiseTypeError("call() missing 1 required positional argument: 'obj'");
                       return in.Call(args.positional[0], Args(args.positional.subspan(1), args.keywords));
                     }, "_operator"));
  }
  std::vector<std::pair<std::string, Value>> all;
};

}  // namespace

void BuildOperator(Interpreter& in, Module& module) {
  for (const auto& [name, function] : in.State<Functions>().all) {
    module.SetNow(in.Intern(name), function);
    // operator.__add__ and the like.
    std::string bare = name.back() == '_' ? name.substr(0, name.size() - 1) : name;
    module.SetNow(in.Intern("__" + bare + "__"), function);
  }
}

}  // namespace fusepack::py
