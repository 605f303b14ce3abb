// A schema is split at the commas outside brackets; each piece is "type name[=default]". The default is read by the
// rules of its type, through BindArg, so that a default obeys what a caller obeys.
#include "engine/ops/schema.h"

#include <charconv>

namespace fusepack {
namespace {

struct TypeName {
  std::string_view text;
  ParamType type, list_type;
};

constexpr TypeName kTypeNames[] = {
    {"Tensor|Scalar", ParamType::kTensorOrScalar, ParamType::kTensorOrScalar},
    {"Tensor", ParamType::kTensor, ParamType::kTensorList},
    {"int", ParamType::kInt, ParamType::kIntList},
    {"float", ParamType::kFloat, ParamType::kFloatList},
    {"bool", ParamType::kBool, ParamType::kBool},
    {"ScalarType", ParamType::kDType, ParamType::kDType},
    {"Scalar", ParamType::kScalar, ParamType::kScalar},
    {"str", ParamType::kString, ParamType::kString},
};

std::string_view Trim(std::string_view text) {
  while (!text.empty() && text.front() == ' ') text.remove_prefix(1);
  while (!text.empty() && text.back() == ' ') text.remove_suffix(1);
  return text;
}

std::vector<std::string_view> SplitAtCommas(std::string_view text) {
  std::vector<std::string_view> pieces;
  int depth = 0;
  size_t start = 0;
  for (size_t i = 0; i <= text.size(); i++) {
    if (i < text.size() && text[i] == '[') depth++;
    if (i < text.size() && text[i] == ']') depth--;
    if (i == text.size() || (text[i] == ',' && depth == 0)) {
      if (std::string_view piece = Trim(text.substr(start, i - start)); !piece.empty()) pieces.push_back(piece);
      start = i + 1;
    }
  }
  return pieces;
}

[[noreturn]] void Malformed(std::string_view text, std::string_view piece) {
  internal::CheckFailed(__FILE__, __LINE__, "schema \"" + std::string(text) + "\" at \"" + std::string(piece) + "\"");
}

bool ReadLiteral(std::string_view text, Arg* out) {
  if (text == "None") *out = std::monostate();
  else if (text == "True" || text == "False") *out = text == "True";
  else if (text.size() >= 2 && (text[0] == '"' || text[0] == '\'')) *out = std::string(text.substr(1, text.size() - 2));
  else if (text[0] == '[') {
    std::vector<Dim> dims;
    for (std::string_view item : SplitAtCommas(text.substr(1, text.size() - 2))) {
      Arg element;
      if (!ReadLiteral(item, &element) || !std::holds_alternative<Dim>(element)) return false;
      dims.push_back(std::get<Dim>(element));
    }
    *out = std::move(dims);
  } else if (std::optional<DType> dtype = DTypeFromTorchName(text)) {
    *out = *dtype;
  } else {
    int64_t whole = 0;
    double number = 0;
    const char *begin = text.data(), *end = begin + text.size();
    if (auto r = std::from_chars(begin, end, whole); r.ec == std::errc() && r.ptr == end) *out = Dim(whole);
    else if (auto f = std::from_chars(begin, end, number); f.ec == std::errc() && f.ptr == end) *out = number;
    else return false;
  }
  return true;
}

std::string KindOf(const Arg& arg) {
  static constexpr const char* kNames[] = {"None", "a bool", "an int", "a float", "a str", "a dtype", "a list of ints",
                                           "a list of floats", "a tensor", "a list of tensors"};
  return kNames[arg.index()];
}

std::string ExpectedText(const Param& p) {
  static constexpr const char* kNames[] = {"a tensor", "a list of tensors", "an int", "a list of ints", "a float",
                                           "a list of floats", "a bool", "a number", "a str", "a dtype",
                                           "a tensor or a number"};
  return std::string(kNames[static_cast<int>(p.type)]) + (p.optional ? " or None" : "");
}

}  // namespace

Schema::Schema(std::string_view text) {
  bool keyword_only = false;
  for (std::string_view piece : SplitAtCommas(text)) {
    if (piece == "*") {
      keyword_only = true;
      continue;
    }
    Param param;
    param.keyword_only = keyword_only;
    const size_t space = piece.find(' ');
    if (space == std::string_view::npos) Malformed(text, piece);
    std::string_view type = piece.substr(0, space), rest = Trim(piece.substr(space));
    const TypeName* known = nullptr;
    for (const TypeName& candidate : kTypeNames) {
      if (type.substr(0, candidate.text.size()) == candidate.text) {
        known = &candidate;
        break;
      }
    }
    if (known == nullptr) Malformed(text, piece);
    type.remove_prefix(known->text.size());
    param.type = known->type;
    bool optional = type.starts_with('?');
    if (optional) type.remove_prefix(1);
    if (type.starts_with('[')) {
      const size_t close = type.find(']');
      if (close == std::string_view::npos || known->type == known->list_type) Malformed(text, piece);
      std::from_chars(type.data() + 1, type.data() + close, param.list_size);
      param.type = known->list_type;
      param.optional_elements = optional;
      type.remove_prefix(close + 1);
      optional = type.starts_with('?');
      if (optional) type.remove_prefix(1);
    }
    if (!type.empty()) Malformed(text, piece);
    param.optional = optional;
    const size_t equals = rest.find('=');
    param.name = std::string(Trim(rest.substr(0, equals)));
    if (equals != std::string_view::npos) {
      Arg literal;
      if (!ReadLiteral(Trim(rest.substr(equals + 1)), &literal)) Malformed(text, piece);
      Result<Arg> bound = BindArg(param, std::move(literal));
      if (!bound.ok()) Malformed(text, piece);
      param.default_value = std::move(bound).value();
      param.has_default = true;
    }
    params_.push_back(std::move(param));
  }
}

int Schema::Find(std::string_view name) const {
  for (size_t i = 0; i < params_.size(); i++) {
    if (params_[i].name == name) return static_cast<int>(i);
  }
  return -1;
}

int Schema::IndexOf(std::string_view name) const {
  const int index = Find(name);
  if (index < 0) internal::CheckFailed(__FILE__, __LINE__, "no parameter '" + std::string(name) + "' in " + ToString());
  return index;
}

namespace {

std::string LiteralText(const Arg& arg) {
  if (auto* b = std::get_if<bool>(&arg)) return *b ? "True" : "False";
  if (auto* d = std::get_if<Dim>(&arg)) return d->ToString();
  if (auto* s = std::get_if<std::string>(&arg)) return "'" + *s + "'";
  if (auto* t = std::get_if<DType>(&arg)) return std::string(TorchName(*t));
  if (auto* v = std::get_if<std::vector<Dim>>(&arg)) return fusepack::ToString(*v);
  if (auto* f = std::get_if<double>(&arg)) {
    char text[32];
    const auto end = std::to_chars(text, text + sizeof text, *f).ptr;
    std::string out(text, end);
    return out.find_first_of(".en") == std::string::npos ? out + "." : out;
  }
  if (std::holds_alternative<std::monostate>(arg)) return "None";
  return "[]";
}

}  // namespace

std::string Schema::ToString() const {
  std::string out;
  bool keyword_only = false;
  for (const Param& p : params_) {
    if (!out.empty()) out += ", ";
    if (p.keyword_only && !keyword_only) out += "*, ";
    keyword_only = p.keyword_only;
    for (const TypeName& t : kTypeNames) {
      if (t.type == p.type || t.list_type == p.type) {
        out += t.text;
        break;
      }
    }
    const bool list = p.type == ParamType::kTensorList || p.type == ParamType::kIntList || p.type == ParamType::kFloatList;
    if (list) out += (p.optional_elements ? "?[" : "[") + (p.list_size ? std::to_string(p.list_size) : "") + "]";
    if (p.optional) out += "?";
    out += " " + p.name;
    if (p.has_default) out += "=" + LiteralText(p.default_value);
  }
  return out;
}

Result<Arg> BindArg(const Param& param, Arg given) {
  const auto bad = [&](std::string found) -> Status {
    return BadInput("argument '" + param.name + "'", std::move(found), ExpectedText(param));
  };
  if (auto* ref = std::get_if<ValueRef>(&given); ref && ref->id == kNoValue) given = std::monostate();
  if (std::holds_alternative<std::monostate>(given)) {
    if (param.optional) return given;
    if (param.has_default) return param.default_value;
    return bad("None");
  }
  // An empty list has no element type of its own.
  const auto empty_list = [&] {
    if (auto* v = std::get_if<std::vector<Dim>>(&given)) return v->empty();
    if (auto* v = std::get_if<std::vector<double>>(&given)) return v->empty();
    if (auto* v = std::get_if<ValueList>(&given)) return v->empty();
    return false;
  };
  switch (param.type) {
    case ParamType::kTensor:
      if (std::holds_alternative<ValueRef>(given)) return given;
      break;
    case ParamType::kTensorOrScalar:
      if (std::holds_alternative<ValueRef>(given)) return given;
      [[fallthrough]];
    case ParamType::kScalar:
      if (std::holds_alternative<bool>(given) || std::holds_alternative<Dim>(given) || std::holds_alternative<double>(given)) {
        return given;
      }
      break;
    case ParamType::kTensorList:
      if (auto* list = std::get_if<ValueList>(&given)) {
        for (ValueId id : *list) {
          if (id == kNoValue && !param.optional_elements) return bad("None in the list");
        }
        return given;
      }
      if (empty_list()) return Arg(ValueList());
      break;
    case ParamType::kInt:
      if (std::holds_alternative<Dim>(given)) return given;
      break;
    case ParamType::kIntList:
      if (auto* dim = std::get_if<Dim>(&given); dim && param.list_size > 0) {
        return Arg(std::vector<Dim>(param.list_size, *dim));
      }
      if (auto* dims = std::get_if<std::vector<Dim>>(&given)) {
        if (dims->size() == 1 && param.list_size > 1) return Arg(std::vector<Dim>(param.list_size, (*dims)[0]));
        return given;
      }
      if (empty_list()) return Arg(std::vector<Dim>());
      break;
    case ParamType::kFloat:
      if (std::holds_alternative<double>(given)) return given;
      if (auto* dim = std::get_if<Dim>(&given)) {
        if (!dim->is_constant()) return bad("the symbolic size " + dim->ToString());
        return Arg(static_cast<double>(dim->hint()));
      }
      break;
    case ParamType::kFloatList:
      if (std::holds_alternative<std::vector<double>>(given)) return given;
      if (auto* dims = std::get_if<std::vector<Dim>>(&given)) {
        std::vector<double> numbers;
        for (const Dim& d : *dims) {
          if (!d.is_constant()) return bad("the symbolic size " + d.ToString());
          numbers.push_back(static_cast<double>(d.hint()));
        }
        return Arg(std::move(numbers));
      }
      if (empty_list()) return Arg(std::vector<double>());
      break;
    case ParamType::kBool:
      if (std::holds_alternative<bool>(given)) return given;
      break;
    case ParamType::kString:
      if (std::holds_alternative<std::string>(given)) return given;
      break;
    case ParamType::kDType:
      if (std::holds_alternative<DType>(given)) return given;
      break;
  }
  return bad(KindOf(given));
}

Result<std::vector<Arg>> BindArgs(const Schema& schema, std::vector<Arg> args) {
  const std::vector<Param>& params = schema.params();
  if (args.size() > params.size()) {
    return BadInput("", std::to_string(args.size()) + " arguments", "at most " + std::to_string(params.size()));
  }
  const size_t given = args.size();
  args.resize(params.size());
  for (size_t i = 0; i < params.size(); i++) {
    if (i >= given && params[i].has_default) {
      args[i] = params[i].default_value;
      continue;
    }
    if (i >= given && !params[i].optional) {
      return BadInput("", "argument '" + params[i].name + "' is missing", ExpectedText(params[i]));
    }
    FP_ASSIGN_OR_RETURN(args[i], BindArg(params[i], std::move(args[i])));
  }
  return args;
}

}  // namespace fusepack
