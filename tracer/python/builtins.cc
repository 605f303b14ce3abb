// The built-in functions, and the methods of int and float. Each pays a step an element that it handles. What would
// reach outside (open, eval, exec, input, ...) is there as a name whose call is outside the subset.
#include <algorithm>
#include <cmath>

#include "tracer/python/callables.h"
#include "tracer/python/classes.h"
#include "tracer/python/numbers.h"
#include "tracer/python/utf8.h"

namespace fusepack::py {

void SortValues(Interpreter& in, std::vector<Value>* items, const Value& key, bool reverse);  // sequences.cc

namespace {

Str* AttributeArgument(Interpreter& in, const Value& v) {
  Str* name = v.As<Str>();
  if (name == nullptr) in.RaiseTypeError("attribute name must be string, not '" + in.TypeName(v) + "'");
  return name->interned() ? name : in.Intern(name->text());
}

// min and max.
Value Extreme(Interpreter& in, const Args& args, CmpOp better, const char* name) {
  Value key = Value::None(), otherwise;
  for (const Keyword& k : args.keywords) {
    if (k.name->text() == "key") key = k.value;
    else if (k.name->text() == "default") otherwise = k.value;
    else in.RaiseTypeError(std::string(name) + "() got an unexpected keyword argument '" + k.name->text() + "'");
  }
  if (args.size() == 0) in.RaiseTypeError(std::string(name) + " expected at least 1 argument, got 0");
  std::vector<Value> items = args.size() == 1 ? in.ToVector(args.positional[0])
                                              : std::vector<Value>(args.positional.begin(), args.positional.end());
  if (items.empty()) {
    if (otherwise) return otherwise;
    in.RaiseValueError(std::string(name) + "() arg is an empty sequence");
  }
  Value best, best_key;
  for (const Value& v : items) {
    in.Step();
    Value k = key.is_none() ? v : in.Call(key, {v});
    if (!best || in.Truth(in.Compare(better, k, best_key))) {
      best = v;
      best_key = k;
    }
  }
  return best;
}

Value Sum(Interpreter& in, BoundArgs& a) {
  Value total = a[1];
  if (total.As<Str>() != nullptr) in.RaiseTypeError("sum() can't sum strings [use ''.join(seq) instead]");
  Value iterator = in.Iter(a[0]), item;
  while (in.Next(iterator, &item)) {
    in.Step();
    total = in.Binary(BinOp::kAdd, total, item);
  }
  return total;
}

Value TypedIterator(Interpreter& in, Type* type, std::function<bool(Interpreter&, Value*)> next) {
  return Value(in.New<NativeIterator>(type, std::move(next)));
}

Value Zip(Interpreter& in, const Args& args) {
  bool strict = false;
  for (const Keyword& k : args.keywords) {
    if (k.name->text() != "strict") in.RaiseTypeError("zip() got an unexpected keyword argument '" + k.name->text() + "'");
    strict = in.Truth(k.value);
  }
  std::vector<Value> iterators;
  for (const Value& v : args.positional) iterators.push_back(in.Iter(v));
  return TypedIterator(in, in.types().zip, [iterators, strict](Interpreter& in, Value* out) {
    if (iterators.empty()) return false;
    std::vector<Value> items;
    for (size_t i = 0; i < iterators.size(); ++i) {
      Value v;
      if (!in.Next(iterators[i], &v)) {
        if (strict && i > 0) {
          in.RaiseValueError("zip() argument " + std::to_string(i + 1) + " is shorter than argument" +
                             (i > 1 ? "s 1-" + std::to_string(i) : " 1"));
        }
        for (size_t j = 1; strict && j < iterators.size(); ++j) {
          if (in.Next(iterators[j], &v)) {
            in.RaiseValueError("zip() argument " + std::to_string(j + 1) + " is longer than argument" +
                               (j > 1 ? "s 1-" + std::to_string(j) : " 1"));
          }
        }
        return false;
      }
      items.push_back(std::move(v));
    }
    *out = Value(in.NewTuple(std::move(items)));
    return true;
  });
}

Value Map(Interpreter& in, const Args& args) {
  if (args.size() < 2) in.RaiseTypeError("map() must have at least two arguments.");
  Value function = args.positional[0];
  std::vector<Value> iterators;
  for (const Value& v : args.positional.subspan(1)) iterators.push_back(in.Iter(v));
  return TypedIterator(in, in.types().map, [function, iterators](Interpreter& in, Value* out) {
    std::vector<Value> items(iterators.size());
    for (size_t i = 0; i < iterators.size(); ++i) {
      if (!in.Next(iterators[i], &items[i])) return false;
    }
    *out = in.Call(function, Args(items));
    return true;
  });
}

Value Reversed(Interpreter& in, BoundArgs& a) {
  if (Object* object = a[0].object_or_null()) {
    Value own = object->type()->Lookup(in.Intern("__reversed__"));
    if (own) return CallSpecial(in, own, a[0], {});
  }
  if (!in.TypeOf(a[0])->Has(in, Dunder::kGetItem) || a[0].As<Dict>() != nullptr) {
    in.RaiseTypeError("'" + in.TypeName(a[0]) + "' object is not reversible");
  }
  Value sequence = a[0];
  return TypedIterator(in, in.types().reversed, [sequence, i = in.Len(sequence)](Interpreter& in, Value* out) mutable {
    if (i <= 0) return false;
    *out = in.GetItem(sequence, Value::Int(--i));
    return true;
  });
}

Value Round(Interpreter& in, BoundArgs& a) {
  const Value& v = a[0];
  if (Object* object = v.object_or_null()) {
    Value own = object->type()->Lookup(in.Intern("__round__"));
    if (own) return a[1].is_none() ? CallSpecial(in, own, v, {}) : CallSpecial(in, own, v, {a[1]});
  }
  bool is_float;
  int64_t i = 0;
  double d = 0;
  if (!AsNumber(v, &is_float, &i, &d)) in.RaiseTypeError("type " + in.TypeName(v) + " doesn't define __round__ method");
  if (!is_float) {
    if (a[1].is_none() || in.Index(a[1]) >= 0) return Value::Int(i);
    int64_t digits = -in.Index(a[1]);
    if (digits > 18) return Value::Int(0);
    int64_t scale = 1;
    for (int64_t k = 0; k < digits; ++k) scale *= 10;
    int64_t rest = ((i % scale) + scale) % scale, floor;
    if (__builtin_sub_overflow(i, rest, &floor) || floor > INT64_MAX - scale) in.OverLimit("a rounded integer outside 64 bits", "integers of 64 bits");
    bool up = rest * 2 > scale || (rest * 2 == scale && (floor / scale) % 2 != 0);
    return Value::Int(up ? floor + scale : floor);
  }
  if (!a[1].is_none()) return Value::Float(RoundFloat(d, in.Index(a[1])));
  if (std::isnan(d)) in.RaiseValueError("cannot convert float NaN to integer");
  if (std::isinf(d)) in.Raise(in.types().overflow_error, "cannot convert float infinity to integer");
  double r = std::nearbyint(d);
  if (!(std::fabs(r) < 9.2e18)) in.OverLimit("a float outside 64 bits as integer", "integers of 64 bits");
  return Value::Int(static_cast<int64_t>(r));
}

Value Pow(Interpreter& in, BoundArgs& a) {
  if (a[2].is_none()) return in.Binary(BinOp::kPow, a[0], a[1]);
  int64_t base = in.Index(a[0]), exponent = in.Index(a[1]), modulus = in.Index(a[2]);
  if (modulus == 0) in.RaiseValueError("pow() 3rd argument cannot be 0");
  if (exponent < 0) in.OutsideSubset("pow() with a negative exponent and a modulus");
  __int128 result = 1, m = modulus < 0 ? -static_cast<__int128>(modulus) : modulus, b = ((base % m) + m) % m;
  for (; exponent > 0; exponent >>= 1) {
    if (exponent & 1) result = result * b % m;
    b = b * b % m;
  }
  result %= m;
  if (modulus < 0 && result != 0) result -= m;
  return Value::Int(static_cast<int64_t>(result));
}

Value Abs(Interpreter& in, BoundArgs& a) {
  if (Object* object = a[0].object_or_null()) {
    Value own = object->type()->Lookup(in.Intern("__abs__"));
    if (own && (!object->type()->native() || object->layout() == Layout::kOther)) return CallSpecial(in, own, a[0], {});
  }
  bool is_float;
  int64_t i = 0;
  double d = 0;
  if (!AsNumber(a[0], &is_float, &i, &d)) in.RaiseTypeError("bad operand type for abs(): '" + in.TypeName(a[0]) + "'");
  if (is_float) return Value::Float(std::fabs(d));
  return i < 0 ? in.Unary(UnOp::kNeg, Value::Int(i)) : Value::Int(i);
}

std::string BasedText(int64_t v, int base, const char* prefix) {
  uint64_t m = v < 0 ? 0 - static_cast<uint64_t>(v) : static_cast<uint64_t>(v);
  std::string digits;
  do {
    digits.insert(digits.begin(), "0123456789abcdef"[m % static_cast<unsigned>(base)]);
    m /= static_cast<unsigned>(base);
  } while (m != 0);
  return (v < 0 ? "-" : "") + std::string(prefix) + digits;
}

Value Print(Interpreter& in, const Args& args) {
  std::string separator = " ", end = "\n", out;
  Value file;
  for (const Keyword& k : args.keywords) {
    Str* text = k.value.As<Str>();
    if (k.name->text() == "sep" && text != nullptr) separator = text->text();
    else if (k.name->text() == "end" && text != nullptr) end = text->text();
    else if (k.name->text() == "file" && !k.value.is_none()) file = k.value;
  }
  for (size_t i = 0; i < args.size(); ++i) {
    if (i > 0) out += separator;
    out += in.ToStr(args.positional[i]);
    in.CheckTextSize(out.size());
  }
  if (file) in.CallMethod(file, "write", {Value(in.NewStr(out + end))});
  else in.Print(out + end);
  return Value::None();
}

// Names of dir(x): the instance's, the class's and its bases'.
Value Dir(Interpreter& in, const Args& args) {
  std::vector<std::string> names;
  auto add = [&](Dict* dict) {
    if (dict == nullptr) return;
    for (const HashTable::Entry& e : dict->table.entries()) {
      in.Step();
      if (Str* s = e.key.As<Str>()) names.push_back(s->text());
    }
  };
  if (args.size() == 0) {
    add(in.Locals().get());
  } else {
    const Value& v = args.positional[0];
    if (Object* object = v.object_or_null()) {
      if (const Value own = object->type()->Override(Dunder::kDir)) {
        std::vector<Value> items = in.ToVector(CallSpecial(in, own, v, {}));
        SortValues(in, &items, Value::None(), false);
        return Value(in.NewList(std::move(items)));
      }
      if (auto* m = v.As<Module>()) {
        names = m->Names(in);
      } else if (auto* t = v.As<Type>()) {
        for (Type* base : t->mro()) add(base->dict());
      } else {
        add(object->dict());
      }
    }
    if (v.As<Module>() == nullptr && v.As<Type>() == nullptr) {
      for (Type* base : in.TypeOf(v)->mro()) add(base->dict());
    }
  }
  std::sort(names.begin(), names.end());
  names.erase(std::unique(names.begin(), names.end()), names.end());
  Ref<List> out = in.NewList();
  for (const std::string& n : names) out->Append(Value(in.NewStr(n)));
  return Value(out);
}

Value Vars(Interpreter& in, const Args& args) {
  if (args.size() == 0) return Value(in.Locals());
  Value dict = in.FindAttr(args.positional[0], in.names().__dict__);
  if (!dict) in.RaiseTypeError("vars() argument must have __dict__ attribute");
  return dict;
}

Value NextOf(Interpreter& in, BoundArgs& a) {
  if (!in.TypeOf(a[0])->Has(in, Dunder::kNext)) in.RaiseTypeError("'" + in.TypeName(a[0]) + "' object is not an iterator");
  Value out;
  if (in.Next(a[0], &out)) return out;
  if (a.given(1)) return a[1];
  Value stop = in.Call(Value(in.types().stop_iteration));
  if (auto* g = a[0].As<Generator>(); g != nullptr && g->result && !g->result.is_none()) {
    stop = in.Call(Value(in.types().stop_iteration), {g->result});
  }
  in.RaiseException(stop);
}

// A descriptor's class for calls that make iterators: enumerate(x), map(f, x), ... are classes in Python.
void DefineIteratorClass(Type* type, Type::Construct make, Interpreter& in, const char* name) {
  type->set_construct(std::move(make));
  in.SetBuiltin(name, Value(type));
}

}  // namespace

std::vector<NativeMethod> IntMethods() {
  return {
      {"bit_length", "self",
       [](Interpreter&, BoundArgs& a) {
         int64_t v = a.Int(0);
         uint64_t m = v < 0 ? 0 - static_cast<uint64_t>(v) : static_cast<uint64_t>(v);
         int n = 0;
         for (; m != 0; m >>= 1) ++n;
         return Value::Int(n);
       }},
      {"bit_count", "self",
       [](Interpreter&, BoundArgs& a) {
         int64_t v = a.Int(0);
         return Value::Int(__builtin_popcountll(v < 0 ? 0 - static_cast<uint64_t>(v) : static_cast<uint64_t>(v)));
       }},
      {"conjugate", "self", [](Interpreter&, BoundArgs& a) { return Value::Int(a.Int(0)); }},
      {"is_integer", "self", [](Interpreter&, BoundArgs&) { return Value::Bool(true); }},
      {"as_integer_ratio", "self",
       [](Interpreter& in, BoundArgs& a) { return Value(in.NewTuple({Value::Int(a.Int(0)), Value::Int(1)})); }},
      {"__abs__", "self", [](Interpreter& in, BoundArgs& a) { return a.Int(0) < 0 ? in.Unary(UnOp::kNeg, Value::Int(a.Int(0))) : Value::Int(a.Int(0)); }},
  };
}

std::vector<NativeMethod> FloatMethods() {
  return {
      {"is_integer", "self",
       [](Interpreter&, BoundArgs& a) {
         double d = a.Float(0);
         return Value::Bool(std::isfinite(d) && d == std::floor(d));
       }},
      {"conjugate", "self", [](Interpreter&, BoundArgs& a) { return Value::Float(a.Float(0)); }},
      {"__abs__", "self", [](Interpreter&, BoundArgs& a) { return Value::Float(std::fabs(a.Float(0))); }},
      {"hex", "self",
       [](Interpreter& in, BoundArgs& a) {
         double d = a.Float(0);
         if (!std::isfinite(d)) return Value(in.NewStr(FloatRepr(d)));
         if (d == 0) return Value(in.NewStr(std::signbit(d) ? "-0x0.0p+0" : "0x0.0p+0"));
         int exponent;
         double m = std::frexp(std::fabs(d), &exponent);
         --exponent;
         m *= 2;
         if (exponent < -1022) m = std::ldexp(m, exponent + 1022), exponent = -1022;
         std::string digits;
         double rest = m - std::floor(m);
         for (int i = 0; i < 13; ++i) {
           rest *= 16;
           int digit = static_cast<int>(rest);
           digits += "0123456789abcdef"[digit];
           rest -= digit;
         }
         char text[64];
         std::snprintf(text, sizeof text, "%s0x%d.%sp%+d", std::signbit(d) ? "-" : "", static_cast<int>(m), digits.c_str(), exponent);
         return Value(in.NewStr(text));
       }},
  };
}

void DefineBuiltinFunctions(Interpreter& in) {
  const CoreTypes& t = in.types();
  for (Type* type : {t.object, t.type, t.integer, t.floating, t.boolean, t.str, t.bytes, t.tuple, t.list, t.dict, t.set,
                     t.frozenset, t.slice, t.range, t.property, t.static_method, t.class_method, t.super}) {
    in.SetBuiltin(type->name(), Value(type));
  }
  for (Type* type :
       {t.base_exception, t.exception, t.generator_exit, t.system_exit, t.keyboard_interrupt, t.stop_iteration,
        t.arithmetic_error, t.zero_division_error, t.overflow_error, t.floating_point_error, t.assertion_error,
        t.attribute_error, t.buffer_error, t.eof_error, t.import_error, t.module_not_found_error, t.lookup_error,
        t.index_error, t.key_error, t.memory_error, t.name_error, t.unbound_local_error, t.os_error,
        t.file_not_found_error, t.permission_error, t.timeout_error, t.connection_error, t.reference_error,
        t.runtime_error, t.not_implemented_error, t.recursion_error, t.syntax_error, t.system_error, t.type_error,
        t.value_error, t.unicode_error, t.warning, t.user_warning, t.deprecation_warning,
        t.pending_deprecation_warning, t.syntax_warning, t.runtime_warning, t.future_warning, t.import_warning,
        t.unicode_warning, t.bytes_warning, t.resource_warning}) {
    in.SetBuiltin(type->name(), Value(type));
  }
  in.SetBuiltin("EnvironmentError", Value(t.os_error));
  in.SetBuiltin("IOError", Value(t.os_error));
  in.SetBuiltin("NotImplemented", in.NotImplemented());
  in.SetBuiltin("Ellipsis", in.Ellipsis());
  in.SetBuiltin("__debug__", Value::Bool(true));

  DefineIteratorClass(t.enumerate, [](Interpreter& in, Type* cls, const Args& args) {
    auto signature = Signature::Parse("enumerate", "iterable, start=0");
    BoundArgs a(in, *signature, args);
    Value iterator = in.Iter(a[0]);
    return TypedIterator(in, cls, [iterator, i = a.Int(1)](Interpreter& in, Value* out) mutable {
      Value v;
      if (!in.Next(iterator, &v)) return false;
      *out = Value(in.NewTuple({Value::Int(i), v}));
      if (__builtin_add_overflow(i, int64_t{1}, &i)) i = INT64_MIN;
      return true;
    });
  }, in, "enumerate");
  DefineIteratorClass(t.zip, [](Interpreter& in, Type*, const Args& args) { return Zip(in, args); }, in, "zip");
  DefineIteratorClass(t.map, [](Interpreter& in, Type*, const Args& args) { return Map(in, args); }, in, "map");
  DefineIteratorClass(t.filter, [](Interpreter& in, Type* cls, const Args& args) {
    auto signature = Signature::Parse("filter", "function, iterable, /");
    BoundArgs a(in, *signature, args);
    Value function = a[0], iterator = in.Iter(a[1]);
    return TypedIterator(in, cls, [function, iterator](Interpreter& in, Value* out) {
      while (in.Next(iterator, out)) {
        in.Step();
        if (in.Truth(function.is_none() ? *out : in.Call(function, {*out}))) return true;
      }
      return false;
    });
  }, in, "filter");
  DefineIteratorClass(t.reversed, [](Interpreter& in, Type*, const Args& args) {
    auto signature = Signature::Parse("reversed", "sequence, /");
    BoundArgs a(in, *signature, args);
    return Reversed(in, a);
  }, in, "reversed");

  auto raw = [&](const char* name, NativeFunction::Raw f) { in.SetBuiltin(name, in.NewRawFunction(name, std::move(f), "builtins")); };
  raw("min", [](Interpreter& in, const Args& args) { return Extreme(in, args, CmpOp::kLt, "min"); });
  raw("max", [](Interpreter& in, const Args& args) { return Extreme(in, args, CmpOp::kGt, "max"); });
  raw("print", Print);
  raw("dir", Dir);
  raw("vars", Vars);
  raw("locals", [](Interpreter& in, const Args&) { return Value(in.Locals()); });
  raw("globals", [](Interpreter& in, const Args&) {
    Module* m = in.CurrentModule();
    if (m == nullptr) in.Raise(in.types().system_error, "globals() outside a module");
    m->RunAll(in);
    return Value(m->globals());
  });
  // Classes without instances: isinstance(x, complex) is asked.
  for (const char* name : {"complex", "bytearray", "memoryview"}) {
    in.SetBuiltin(name, Value(in.DefineType({.name = name, .construct = [](Interpreter& in, Type* cls, const Args&) -> Value {
      in.OutsideSubset(cls->name() + "()");
    }})));
  }
  for (const char* name : {"open", "eval", "exec", "compile", "input", "breakpoint", "exit", "quit", "help", "aiter", "anext"}) {
    raw(name, [name](Interpreter& in, const Args&) -> Value { in.OutsideSubset(std::string(name) + "()"); });
  }

  struct Builtin {
    const char* name;
    const char* parameters;
    NativeFunction::Bound function;
  };
  const Builtin kFunctions[] = {
      {"isinstance", "obj, class_or_tuple, /", [](Interpreter& in, BoundArgs& a) { return Value::Bool(in.IsInstance(a[0], a[1])); }},
      {"issubclass", "cls, class_or_tuple, /", [](Interpreter& in, BoundArgs& a) { return Value::Bool(in.IsSubclass(a[0], a[1])); }},
      {"len", "obj, /", [](Interpreter& in, BoundArgs& a) { return Value::Int(in.Len(a[0])); }},
      {"sorted", "iterable, /, *, key=None, reverse=False",
       [](Interpreter& in, BoundArgs& a) {
         std::vector<Value> items = a.Values(0);
         SortValues(in, &items, a[1], a.Bool(2));
         return Value(in.NewList(std::move(items)));
       }},
      {"sum", "iterable, /, start=0", Sum},
      {"any", "iterable, /",
       [](Interpreter& in, BoundArgs& a) {
         Value iterator = in.Iter(a[0]), v;
         while (in.Next(iterator, &v)) {
           in.Step();
           if (in.Truth(v)) return Value::Bool(true);
         }
         return Value::Bool(false);
       }},
      {"all", "iterable, /",
       [](Interpreter& in, BoundArgs& a) {
         Value iterator = in.Iter(a[0]), v;
         while (in.Next(iterator, &v)) {
           in.Step();
           if (!in.Truth(v)) return Value::Bool(false);
         }
         return Value::Bool(true);
       }},
      {"abs", "x, /", Abs},
      {"round", "number, ndigits=None", Round},
      {"pow", "base, exp, mod=None", Pow},
      {"divmod", "x, y, /",
       [](Interpreter& in, BoundArgs& a) {
         return Value(in.NewTuple({in.Binary(BinOp::kFloorDiv, a[0], a[1]), in.Binary(BinOp::kMod, a[0], a[1])}));
       }},
      {"hasattr", "obj, name, /",
       [](Interpreter& in, BoundArgs& a) { return Value::Bool(!in.FindAttr(a[0], AttributeArgument(in, a[1])).is_null()); }},
      {"getattr", "obj, name, default=None, /",
       [](Interpreter& in, BoundArgs& a) {
         Str* name = AttributeArgument(in, a[1]);
         if (!a.given(2)) return in.GetAttr(a[0], name);
         Value v = in.FindAttr(a[0], name);
         return v ? v : a[2];
       }},
      {"setattr", "obj, name, value, /",
       [](Interpreter& in, BoundArgs& a) { return in.SetAttr(a[0], AttributeArgument(in, a[1]), a[2]), Value::None(); }},
      {"delattr", "obj, name, /",
       [](Interpreter& in, BoundArgs& a) { return in.DelAttr(a[0], AttributeArgument(in, a[1])), Value::None(); }},
      {"callable", "obj, /", [](Interpreter& in, BoundArgs& a) { return Value::Bool(in.IsCallable(a[0])); }},
      {"repr", "obj, /", [](Interpreter& in, BoundArgs& a) { return Value(in.NewStr(in.Repr(a[0]))); }},
      {"ascii", "obj, /", [](Interpreter& in, BoundArgs& a) { return Value(in.NewStr(in.Repr(a[0]))); }},
      {"id", "obj, /",
       [](Interpreter& in, BoundArgs& a) {
         if (Object* object = a[0].object_or_null()) return Value::Int(static_cast<int64_t>(IdOf(object)));
         return Value::Int(static_cast<int64_t>((in.Hash(a[0]) & 0xffffffffff) * 16 + static_cast<uint64_t>(a[0].tag())));
       }},
      {"hash", "obj, /", [](Interpreter& in, BoundArgs& a) { return Value::Int(static_cast<int64_t>(in.Hash(a[0]))); }},
      {"iter", "obj, sentinel=None, /",
       [](Interpreter& in, BoundArgs& a) {
         if (!a.given(1)) return in.Iter(a[0]);
         return in.NewIterator([f = a[0], sentinel = a[1]](Interpreter& in, Value* out) {
           *out = in.Call(f);
           return !in.Equal(*out, sentinel);
         });
       }},
      {"next", "iterator, default=None, /", NextOf},
      {"chr", "i, /",
       [](Interpreter& in, BoundArgs& a) {
         int64_t c = a.Int(0);
         if (c < 0 || c > 0x10ffff) in.RaiseValueError("chr() arg not in range(0x110000)");
         std::string out;
         Utf8Append(&out, static_cast<uint32_t>(c));
         return Value(in.NewStr(out));
       }},
      {"ord", "c, /",
       [](Interpreter& in, BoundArgs& a) {
         Str* s = a[0].As<Str>();
         if (s == nullptr) in.RaiseTypeError("ord() expected string of length 1, but " + in.TypeName(a[0]) + " found");
         if (s->length() != 1) {
           in.RaiseTypeError("ord() expected a character, but string of length " + std::to_string(s->length()) + " found");
         }
         return Value::Int(Utf8Decode(s->text(), 0));
       }},
      {"hex", "number, /", [](Interpreter& in, BoundArgs& a) { return Value(in.NewStr(BasedText(in.Index(a[0]), 16, "0x"))); }},
      {"bin", "number, /", [](Interpreter& in, BoundArgs& a) { return Value(in.NewStr(BasedText(in.Index(a[0]), 2, "0b"))); }},
      {"oct", "number, /", [](Interpreter& in, BoundArgs& a) { return Value(in.NewStr(BasedText(in.Index(a[0]), 8, "0o"))); }},
      {"format", "value, format_spec='', /",
       [](Interpreter& in, BoundArgs& a) { return Value(in.NewStr(in.Format(a[0], a.Text(1)))); }},
      {"__import__", "name, globals=None, locals=None, fromlist=(), level=0",
       [](Interpreter& in, BoundArgs& a) {
         Module* m = in.CurrentModule();
         Importer& importer = m != nullptr && m->importer() != nullptr ? *m->importer() : in.importer();
         Value leaf = in.Import(importer, a.Text(0));
         if (in.Truth(a[3])) return leaf;
         return in.Import(importer, a.Text(0).substr(0, a.Text(0).find('.')));
       }},
  };
  for (const Builtin& b : kFunctions) in.SetBuiltin(b.name, in.NewFunction(b.name, b.parameters, b.function, "builtins"));
}

}  // namespace fusepack::py
