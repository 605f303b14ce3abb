// Signatures are read once by a small parser of Python's parameter lists; Bind follows the language reference, 6.3.4:
// positional arguments first, then keywords by name, then defaults.
#include "tracer/python/unpack_args.h"

#include <cctype>
#include <cstdlib>

#include "tracer/python/interpreter.h"

namespace fusepack::py {
namespace {

class SignatureParser {
 public:
  explicit SignatureParser(std::string_view text) : text_(text) {}

  std::vector<Parameter> Parse() {
    std::vector<Parameter> out;
    auto kind = Parameter::Kind::kNormal;
    for (Skip(); !text_.empty(); Skip()) {
      if (Take("**")) out.push_back({.name = Name(), .kind = Parameter::Kind::kVarKeyword});
      else if (Take("*")) {
        if (!text_.empty() && text_[0] != ',') out.push_back({.name = Name(), .kind = Parameter::Kind::kVarPositional});
        kind = Parameter::Kind::kKeywordOnly;
      } else if (Take("/")) {
        for (Parameter& p : out) p.kind = Parameter::Kind::kPositionalOnly;
      } else {
        Parameter p{.name = Name(), .kind = kind};
        Skip();
        if (Take(":")) {  // an annotation, for readers
          while (!text_.empty() && text_[0] != ',' && text_[0] != '=') text_.remove_prefix(1);
        }
        if (Take("=")) Default(p);
        out.push_back(std::move(p));
      }
      Skip();
      if (!text_.empty()) FP_CHECK(Take(","));
    }
    return out;
  }

 private:
  void Skip() {
    while (!text_.empty() && std::isspace(static_cast<unsigned char>(text_[0]))) text_.remove_prefix(1);
  }
  bool Take(std::string_view token) {
    if (!text_.starts_with(token)) return false;
    text_.remove_prefix(token.size());
    Skip();
    return true;
  }
  std::string Name() {
    size_t n = 0;
    while (n < text_.size() && (std::isalnum(static_cast<unsigned char>(text_[n])) || text_[n] == '_')) ++n;
    FP_CHECK_GT(n, size_t{0});
    std::string name(text_.substr(0, n));
    text_.remove_prefix(n);
    Skip();
    return name;
  }
  int64_t Integer() {
    char* end;
    std::string copy(text_.substr(0, 32));
    int64_t v = std::strtoll(copy.c_str(), &end, 10);
    text_.remove_prefix(static_cast<size_t>(end - copy.c_str()));
    Skip();
    return v;
  }
  void Default(Parameter& p) {
    using D = Parameter::Default;
    if (Take("None")) p.default_kind = D::kNone;
    else if (Take("True")) p.default_kind = D::kBool, p.integer = 1;
    else if (Take("False")) p.default_kind = D::kBool, p.integer = 0;
    else if (Take("[")) {
      p.default_kind = D::kEmptyList;
      FP_CHECK(Take("]"));
    } else if (Take("(")) {
      p.default_kind = D::kEmptyTuple;
      while (!Take(")")) {
        p.default_kind = D::kTuple;
        p.tuple.push_back(Integer());
        Take(",");
      }
    } else if (text_[0] == '\'' || text_[0] == '"') {
      size_t end = text_.find(text_[0], 1);
      FP_CHECK(end != std::string_view::npos);
      p.default_kind = D::kText;
      p.text = std::string(text_.substr(1, end - 1));
      text_.remove_prefix(end + 1);
    } else {
      size_t n = text_.find_first_of(",");
      std::string number(text_.substr(0, n));
      while (!number.empty() && number.back() == ' ') number.pop_back();
      text_.remove_prefix(n == std::string_view::npos ? text_.size() : n);
      char* end;
      if (number.find_first_of(".einf") == std::string::npos) {
        p.default_kind = D::kInt;
        p.integer = std::strtoll(number.c_str(), &end, 10);
      } else {
        p.default_kind = D::kFloat;
        p.number = std::strtod(number.c_str(), &end);
      }
      FP_CHECK(*end == 0 && !number.empty());
    }
  }
  std::string_view text_;
};

Value DefaultValue(Interpreter& in, const Parameter& p) {
  switch (p.default_kind) {
    case Parameter::Default::kRequired: return Value();
    case Parameter::Default::kNone: return Value::None();
    case Parameter::Default::kBool: return Value::Bool(p.integer != 0);
    case Parameter::Default::kInt: return Value::Int(p.integer);
    case Parameter::Default::kFloat: return Value::Float(p.number);
    case Parameter::Default::kText: return Value(in.Intern(p.text));
    case Parameter::Default::kEmptyList: return Value(in.NewList());
    case Parameter::Default::kEmptyTuple:
    case Parameter::Default::kTuple: {
      std::vector<Value> items;
      for (int64_t i : p.tuple) items.push_back(Value::Int(i));
      return Value(in.NewTuple(std::move(items)));
    }
  }
  return Value();
}

std::string Joined(const std::vector<std::string>& names) {
  std::string out;
  for (size_t i = 0; i < names.size(); ++i) {
    if (i > 0) out += i + 1 < names.size() ? ", " : names.size() > 2 ? ", and " : " and ";
    out += "'" + names[i] + "'";
  }
  return out;
}

}  // namespace

std::shared_ptr<const Signature> Signature::Parse(std::string function, std::string_view parameters) {
  auto s = std::make_shared<Signature>();
  s->function_ = std::move(function);
  s->parameters_ = SignatureParser(parameters).Parse();
  for (size_t i = 0; i < s->parameters_.size(); ++i) {
    switch (s->parameters_[i].kind) {
      case Parameter::Kind::kPositionalOnly:
      case Parameter::Kind::kNormal: ++s->positional_; break;
      case Parameter::Kind::kVarPositional: s->var_positional_ = static_cast<int>(i); break;
      case Parameter::Kind::kVarKeyword: s->var_keyword_ = static_cast<int>(i); break;
      case Parameter::Kind::kKeywordOnly: break;
    }
  }
  return s;
}

int Signature::IndexOf(std::string_view name) const {
  for (size_t i = 0; i < parameters_.size(); ++i) {
    if (parameters_[i].name == name) return static_cast<int>(i);
  }
  return -1;
}

std::vector<Value> Signature::Bind(Interpreter& in, const Args& args, std::vector<bool>* given) const {
  std::vector<Value> values(parameters_.size());
  given->assign(parameters_.size(), false);
  size_t by_position = std::min(args.size(), static_cast<size_t>(positional_));
  for (size_t i = 0; i < by_position; ++i) {
    values[i] = args.positional[i];
    (*given)[i] = true;
  }
  if (var_positional_ >= 0) {
    values[static_cast<size_t>(var_positional_)] =
        Value(in.NewTuple({args.positional.begin() + static_cast<ptrdiff_t>(by_position), args.positional.end()}));
  } else if (args.size() > by_position) {
    int required = 0;
    for (int i = 0; i < positional_; ++i) {
      required += parameters_[static_cast<size_t>(i)].default_kind == Parameter::Default::kRequired;
    }
    std::string takes = required == positional_
                            ? std::to_string(positional_)
                            : "from " + std::to_string(required) + " to " + std::to_string(positional_);
    in.RaiseTypeError(function_ + "() takes " + takes + " positional argument" + (positional_ == 1 ? "" : "s") +
                      " but " + std::to_string(args.size()) + (args.size() == 1 ? " was" : " were") + " given");
  }
  Ref<Dict> rest;
  if (var_keyword_ >= 0) {
    rest = in.NewDict();
    values[static_cast<size_t>(var_keyword_)] = Value(rest);
  }
  for (const Keyword& k : args.keywords) {
    int i = IndexOf(k.name->text());
    bool by_name = i >= 0 && (parameters_[static_cast<size_t>(i)].kind == Parameter::Kind::kNormal ||
                              parameters_[static_cast<size_t>(i)].kind == Parameter::Kind::kKeywordOnly);
    if (by_name) {
      if ((*given)[static_cast<size_t>(i)]) {
        in.RaiseTypeError(function_ + "() got multiple values for argument '" + k.name->text() + "'");
      }
      values[static_cast<size_t>(i)] = k.value;
      (*given)[static_cast<size_t>(i)] = true;
    } else if (rest) {
      rest->Set(k.name, k.value);
    } else if (i >= 0 && parameters_[static_cast<size_t>(i)].kind == Parameter::Kind::kPositionalOnly) {
      in.RaiseTypeError(function_ + "() got some positional-only arguments passed as keyword arguments: '" +
                        k.name->text() + "'");
    } else {
      in.RaiseTypeError(function_ + "() got an unexpected keyword argument '" + k.name->text() + "'");
    }
  }
  std::vector<std::string> missing, missing_keyword;
  for (size_t i = 0; i < values.size(); ++i) {
    if (values[i] || static_cast<int>(i) == var_positional_ || static_cast<int>(i) == var_keyword_) continue;
    values[i] = DefaultValue(in, parameters_[i]);
    if (!values[i]) {
      auto& list = parameters_[i].kind == Parameter::Kind::kKeywordOnly ? missing_keyword : missing;
      list.push_back(parameters_[i].name);
    }
  }
  for (auto* list : {&missing, &missing_keyword}) {
    if (list->empty()) continue;
    in.RaiseTypeError(function_ + "() missing " + std::to_string(list->size()) + " required " +
                      (list == &missing ? "positional" : "keyword-only") + " argument" + (list->size() == 1 ? "" : "s") +
                      ": " + Joined(*list));
  }
  return values;
}

std::string Signature::ToString() const {
  std::string out = "(";
  bool star = false;
  for (size_t i = 0; i < parameters_.size(); ++i) {
    const Parameter& p = parameters_[i];
    if (i > 0) out += ", ";
    if (p.kind == Parameter::Kind::kVarPositional) star = true, out += "*";
    if (p.kind == Parameter::Kind::kKeywordOnly && !star) star = true, out += "*, ";
    if (p.kind == Parameter::Kind::kVarKeyword) out += "**";
    out += p.name;
    switch (p.default_kind) {
      case Parameter::Default::kRequired: break;
      case Parameter::Default::kNone: out += "=None"; break;
      case Parameter::Default::kBool: out += p.integer != 0 ? "=True" : "=False"; break;
      case Parameter::Default::kInt: out += "=" + std::to_string(p.integer); break;
      case Parameter::Default::kFloat: out += "=" + std::to_string(p.number); break;
      case Parameter::Default::kText: out += "='" + p.text + "'"; break;
      case Parameter::Default::kEmptyTuple: out += "=()"; break;
      case Parameter::Default::kEmptyList: out += "=[]"; break;
      case Parameter::Default::kTuple: {
        out += "=(";
        for (size_t j = 0; j < p.tuple.size(); ++j) out += (j > 0 ? ", " : "") + std::to_string(p.tuple[j]);
        out += ")";
      }
    }
    if (p.kind == Parameter::Kind::kPositionalOnly &&
        (i + 1 == parameters_.size() || parameters_[i + 1].kind != Parameter::Kind::kPositionalOnly)) {
      out += ", /";
    }
  }
  return out + ")";
}

void BoundArgs::Wrong(size_t i, std::string_view expected) const {
  in_.RaiseTypeError(signature_.function() + "(): argument '" + signature_.parameters()[i].name + "' must be " +
                     std::string(expected) + ", not " + in_.TypeName(values_[i]));
}
int64_t BoundArgs::Int(size_t i) const {
  int64_t out;
  if (!in_.FindIndex(values_[i], &out)) Wrong(i, "int");
  return out;
}
double BoundArgs::Float(size_t i) const {
  double out;
  if (!in_.FindFloat(values_[i], &out)) Wrong(i, "float");
  return out;
}
bool BoundArgs::Bool(size_t i) const { return in_.Truth(values_[i]); }
const std::string& BoundArgs::Text(size_t i) const {
  Str* text = values_[i].As<Str>();
  if (text == nullptr) Wrong(i, "str");
  return text->text();
}
std::vector<int64_t> BoundArgs::Ints(size_t i) const {
  const std::vector<Value>* items = nullptr;
  if (auto* tuple = values_[i].As<Tuple>()) items = &tuple->items();
  if (auto* list = values_[i].As<List>()) items = &list->items();
  if (items == nullptr) Wrong(i, "tuple of ints");
  std::vector<int64_t> out;
  for (const Value& v : *items) {
    int64_t n;
    if (!in_.FindIndex(v, &n)) Wrong(i, "tuple of ints");
    out.push_back(n);
  }
  return out;
}
std::vector<Value> BoundArgs::Values(size_t i) const { return in_.ToVector(values_[i]); }

}  // namespace fusepack::py
