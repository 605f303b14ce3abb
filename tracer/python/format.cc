// The format mini-language (language reference, "Format Specification Mini-Language"), printf-style `%`, and
// str.format's fields. Widths and precisions are limited by memory before anything is made.
#include <charconv>
#include <cmath>

#include "tracer/python/callables.h"
#include "tracer/python/classes.h"
#include "tracer/python/numbers.h"
#include "tracer/python/utf8.h"

namespace fusepack::py {
namespace {

constexpr int64_t kMaxPrecision = 10'000;  // digits; more than a float has

struct Spec {
  std::string fill = " ";
  char align = 0, sign = '-', type = 0;
  bool alternate = false, zero = false;
  char grouping = 0;
  int64_t width = 0, precision = -1;
};

[[noreturn]] void Invalid(Interpreter& in, const std::string& spec, const Value& v) {
  in.RaiseValueError("Invalid format specifier '" + spec + "' for object of type '" + in.TypeName(v) + "'");
}

Spec ParseSpec(Interpreter& in, const std::string& text, const Value& v) {
  Spec s;
  std::string_view rest = text;
  auto is_align = [](char c) { return c == '<' || c == '>' || c == '=' || c == '^'; };
  if (!rest.empty()) {
    size_t n = Utf8Bytes(static_cast<unsigned char>(rest[0]));
    if (rest.size() > n && is_align(rest[n])) {
      s.fill = std::string(rest.substr(0, n));
      s.align = rest[n];
      rest.remove_prefix(n + 1);
    } else if (is_align(rest[0])) {
      s.align = rest[0];
      rest.remove_prefix(1);
    }
  }
  auto take = [&](char c) {
    if (rest.empty() || rest[0] != c) return false;
    rest.remove_prefix(1);
    return true;
  };
  for (char c : {'+', '-', ' '}) {
    if (take(c)) {
      s.sign = c;
      break;
    }
  }
  if (take('z')) in.OutsideSubset("format option 'z'");
  if (take('#')) s.alternate = true;
  if (take('0')) {
    s.zero = true;
    if (s.align == 0) s.fill = "0", s.align = '=';
  }
  auto number = [&](int64_t* out) {
    bool any = false;
    *out = 0;
    while (!rest.empty() && rest[0] >= '0' && rest[0] <= '9') {
      if (*out > INT64_MAX / 20) in.RaiseValueError("Too many decimal digits in format string");
      *out = *out * 10 + (rest[0] - '0');
      rest.remove_prefix(1);
      any = true;
    }
    return any;
  };
  number(&s.width);
  if (take(',')) s.grouping = ',';
  else if (take('_')) s.grouping = '_';
  if (take('.')) {
    if (!number(&s.precision)) in.RaiseValueError("Format specifier missing precision");
  }
  if (!rest.empty()) {
    s.type = rest[0];
    rest.remove_prefix(1);
  }
  if (!rest.empty()) Invalid(in, text, v);
  // A width is memory before it is text.
  if (s.width > 0) {
    in.heap().Charge(s.width);
    in.heap().Release(s.width);
    in.Step(s.width / 64);
  }
  return s;
}

std::string Fill(const std::string& fill, int64_t count) {
  std::string out;
  for (int64_t i = 0; i < count; ++i) out += fill;
  return out;
}

std::string Group(const std::string& digits, char separator, size_t every) {
  std::string out;
  for (size_t i = 0; i < digits.size(); ++i) {
    if (i > 0 && (digits.size() - i) % every == 0) out += separator;
    out += digits[i];
  }
  return out;
}

// sign, prefix ("0x") and body, put into the width.
std::string PutInWidth(const Spec& s, const std::string& sign, const std::string& prefix, std::string digits,
                  const std::string& tail, char default_align, size_t group_every) {
  char align = s.align != 0 ? s.align : default_align;
  if (s.grouping != 0) {
    if (s.fill == "0" && align == '=') {
      // Zeros join the groups.
      int64_t room = s.width - static_cast<int64_t>(sign.size() + prefix.size() + tail.size());
      std::string grouped = Group(digits, s.grouping, group_every);
      while (static_cast<int64_t>(grouped.size()) < room) {
        digits.insert(digits.begin(), '0');
        grouped = Group(digits, s.grouping, group_every);
      }
      digits = grouped;
    } else {
      digits = Group(digits, s.grouping, group_every);
    }
  }
  std::string body = digits + tail;
  int64_t pad = s.width - static_cast<int64_t>(sign.size() + prefix.size() + Utf8Length(body));
  if (pad <= 0) return sign + prefix + body;
  switch (align) {
    case '<': return sign + prefix + body + Fill(s.fill, pad);
    case '^': return Fill(s.fill, pad / 2) + sign + prefix + body + Fill(s.fill, pad - pad / 2);
    case '=': return sign + prefix + Fill(s.fill, pad) + body;
    default: return Fill(s.fill, pad) + sign + prefix + body;
  }
}

std::string Digits(uint64_t v, unsigned base, bool upper) {
  char buffer[72];
  char* p = buffer + sizeof buffer;
  do {
    unsigned d = static_cast<unsigned>(v % base);
    *--p = static_cast<char>(d < 10 ? '0' + d : (upper ? 'A' : 'a') + d - 10);
    v /= base;
  } while (v != 0);
  return std::string(p, buffer + sizeof buffer);
}

std::string SignText(char option, bool negative) {
  return negative ? "-" : option == '+' ? "+" : option == ' ' ? " " : "";
}

// |d| in form e, f, g or % without sign.
std::string FloatDigits(double d, char type, int precision, bool alternate) {
  if (std::isnan(d)) return "nan";
  if (std::isinf(d)) return "inf";
  char form[8];
  std::snprintf(form, sizeof form, alternate ? "%%#.*%c" : "%%.*%c", type);
  int n = std::snprintf(nullptr, 0, form, precision, d);
  std::string out(static_cast<size_t>(n), '\0');
  std::snprintf(out.data(), out.size() + 1, form, precision, d);
  return out;
}

}  // namespace

std::string FormatInt(Interpreter& in, int64_t v, const std::string& text) {
  Value value = Value::Int(v);
  if (text.empty()) return std::to_string(v);
  Spec s = ParseSpec(in, text, value);
  if (s.type != 0 && std::string_view("eEfFgG%").find(s.type) != std::string_view::npos) {
    return FormatFloat(in, static_cast<double>(v), text);
  }
  if (s.precision >= 0) in.RaiseValueError("Precision not allowed in integer format specifier");
  uint64_t magnitude = v < 0 ? 0 - static_cast<uint64_t>(v) : static_cast<uint64_t>(v);
  std::string sign = SignText(s.sign, v < 0), prefix;
  switch (s.type) {
    case 0:
    case 'd':
    case 'n': return PutInWidth(s, sign, "", Digits(magnitude, 10, false), "", '>', 3);
    case 'b': return PutInWidth(s, sign, s.alternate ? "0b" : "", Digits(magnitude, 2, false), "", '>', 4);
    case 'o': return PutInWidth(s, sign, s.alternate ? "0o" : "", Digits(magnitude, 8, false), "", '>', 4);
    case 'x': return PutInWidth(s, sign, s.alternate ? "0x" : "", Digits(magnitude, 16, false), "", '>', 4);
    case 'X': return PutInWidth(s, sign, s.alternate ? "0X" : "", Digits(magnitude, 16, true), "", '>', 4);
    case 'c': {
      if (v < 0 || v > 0x10ffff) in.Raise(in.types().overflow_error, "%c arg not in range(0x110000)");
      std::string character;
      Utf8Append(&character, static_cast<uint32_t>(v));
      return PutInWidth(s, "", "", "", character, '<', 3);
    }
    default:
      in.RaiseValueError("Unknown format code '" + std::string(1, s.type) + "' for object of type 'int'");
  }
}

std::string FormatFloat(Interpreter& in, double v, const std::string& text) {
  if (text.empty()) return FloatRepr(v);
  Spec s = ParseSpec(in, text, Value::Float(v));
  if (s.precision > kMaxPrecision) in.OverLimit("precision " + std::to_string(s.precision), "at most " + std::to_string(kMaxPrecision) + " digits");
  bool negative = std::signbit(v) && !std::isnan(v);
  double magnitude = std::fabs(v);
  std::string body, tail;
  switch (s.type) {
    case 0:
      if (s.precision < 0) {
        body = FloatRepr(magnitude);
      } else {
        // Like 'g' with at least one digit after the point.
        int precision = std::max<int>(1, static_cast<int>(s.precision));
        body = FloatDigits(magnitude, 'g', precision, s.alternate);
        if (body.find_first_of(".en") == std::string::npos) {
          // 'g' would print an exponent where no room is left for ".0".
          if (static_cast<int>(body.size()) >= precision && magnitude >= 1) {
            std::string e = FloatDigits(magnitude, 'e', precision - 1, false);
            size_t at = e.find('e'), last = e.find_last_not_of('0', at - 1);
            if (e.find('.') < at) e = e.substr(0, e[last] == '.' ? last : last + 1) + e.substr(at);
            body = e;
          } else {
            body += ".0";
          }
        }
      }
      break;
    case 'e': case 'E': case 'f': case 'F': case 'g': case 'G': {
      int precision = s.precision < 0 ? 6 : static_cast<int>(s.precision);
      body = FloatDigits(magnitude, s.type, precision, s.alternate);
      if (s.type == 'E' || s.type == 'F' || s.type == 'G') {
        for (char& c : body) c = static_cast<char>(std::toupper(static_cast<unsigned char>(c)));
      }
      break;
    }
    case 'n': body = FloatDigits(magnitude, 'g', s.precision < 0 ? 6 : static_cast<int>(s.precision), s.alternate); break;
    case '%':
      body = FloatDigits(magnitude * 100, 'f', s.precision < 0 ? 6 : static_cast<int>(s.precision), s.alternate);
      tail = "%";
      break;
    default: in.RaiseValueError("Unknown format code '" + std::string(1, s.type) + "' for object of type 'float'");
  }
  size_t whole = 0;
  while (whole < body.size() && std::isdigit(static_cast<unsigned char>(body[whole]))) ++whole;
  if (whole == 0) {  // inf, nan
    Spec plain = s;
    plain.grouping = 0;
    if (plain.fill == "0") plain.fill = "0";
    return PutInWidth(plain, SignText(s.sign, negative), "", "", body + tail, '>', 3);
  }
  return PutInWidth(s, SignText(s.sign, negative), "", body.substr(0, whole), body.substr(whole) + tail, '>', 3);
}

std::string FormatText(Interpreter& in, const std::string& v, const std::string& text) {
  if (text.empty()) return v;
  Spec s = ParseSpec(in, text, Value(in.NewStr("")));
  if (s.type != 0 && s.type != 's') {
    in.RaiseValueError("Unknown format code '" + std::string(1, s.type) + "' for object of type 'str'");
  }
  if (s.align == '=' && !s.zero) in.RaiseValueError("'=' alignment not allowed in string format specifier");
  if (s.zero && s.align == '=') s.align = '<';
  std::string body = s.precision >= 0 ? v.substr(0, Utf8Offset(v, static_cast<size_t>(s.precision))) : v;
  return PutInWidth(s, "", "", "", body, '<', 3);
}

std::string FormatSlot(Interpreter& in, const Value& v, const std::string& spec) {
  if (v.is_int()) return FormatInt(in, v.integer(), spec);
  if (v.is_bool()) return spec.empty() ? in.Repr(v) : FormatInt(in, v.integer(), spec);
  if (v.is_float()) return FormatFloat(in, v.number(), spec);
  if (Str* s = v.As<Str>()) return FormatText(in, s->type()->native() ? s->text() : in.ToStr(v), spec);
  if (spec.empty()) return in.ToStr(v);
  if (auto* i = v.As<IntBox>()) return FormatInt(in, i->value, spec);
  if (auto* f = v.As<FloatBox>()) return FormatFloat(in, f->value, spec);
  in.RaiseTypeError("unsupported format string passed to " + in.TypeName(v) + ".__format__");
}

std::string PercentFormat(Interpreter& in, const std::string& format, const Value& args) {
  std::string out;
  auto* tuple = args.As<Tuple>();
  auto* mapping = args.As<Dict>();
  size_t used = 0;
  auto next = [&]() -> Value {
    if (tuple != nullptr) {
      if (used >= tuple->size()) in.RaiseTypeError("not enough arguments for format string");
      return (*tuple)[used++];
    }
    if (used > 0) in.RaiseTypeError("not enough arguments for format string");
    ++used;
    return args;
  };
  for (size_t i = 0; i < format.size(); ++i) {
    if (format[i] != '%') {
      out += format[i];
      continue;
    }
    auto peek = [&]() -> char {
      if (i >= format.size()) in.RaiseValueError("incomplete format");
      return format[i];
    };
    ++i;
    Value value;
    if (peek() == '(') {
      size_t begin = ++i;
      for (int depth = 1; depth > 0; ++i) {
        if (i >= format.size()) in.RaiseValueError("incomplete format key");
        depth += format[i] == '(' ? 1 : format[i] == ')' ? -1 : 0;
      }
      if (mapping == nullptr) in.RaiseTypeError("format requires a mapping");
      value = in.GetItem(args, Value(in.NewStr(format.substr(begin, i - begin - 1))));
    }
    bool left = false, plus = false, space = false, zero = false, alternate = false;
    for (;; ++i) {
      char c = peek();
      if (c == '-') left = true;
      else if (c == '+') plus = true;
      else if (c == ' ') space = true;
      else if (c == '0') zero = true;
      else if (c == '#') alternate = true;
      else break;
    }
    auto number = [&]() -> int64_t {
      if (peek() == '*') {
        ++i;
        return in.Index(next());
      }
      int64_t n = 0;
      while (i < format.size() && std::isdigit(static_cast<unsigned char>(format[i]))) {
        if (n > INT64_MAX / 20) in.RaiseValueError("width too big");
        n = n * 10 + (format[i++] - '0');
      }
      return n;
    };
    int64_t width = number(), precision = -1;
    if (width < 0) left = true, width = width < -INT64_MAX ? INT64_MAX : -width;
    if (peek() == '.') {
      ++i;
      precision = number();
    }
    while (peek() == 'l' || peek() == 'h' || peek() == 'L') ++i;
    char type = peek();
    if (type == '%') {
      out += '%';
      continue;
    }
    if (!value) value = next();
    std::string spec = left ? "<" : (zero && std::string_view("diouxXeEfFgG").find(type) != std::string_view::npos) ? "" : ">";
    if (plus) spec += "+";
    else if (space) spec += " ";
    if (alternate) spec += "#";
    if (zero && !left && spec.find('>') == std::string::npos) spec += "0";
    if (width > 0) spec += std::to_string(width);
    switch (type) {
      case 's': case 'r': case 'a': {
        std::string text = type == 's' ? in.ToStr(value) : in.Repr(value);
        std::string s = std::string(left ? "<" : ">") + (width > 0 ? std::to_string(width) : "");
        if (precision >= 0) s += "." + std::to_string(precision);
        out += FormatText(in, text, s);
        break;
      }
      case 'd': case 'i': case 'u': case 'x': case 'X': case 'o': {
        bool is_float;
        int64_t integer = 0;
        double real = 0;
        if (!AsNumber(value, &is_float, &integer, &real)) {
          if (!in.FindIndex(value, &integer)) {
            in.RaiseTypeError("%" + std::string(1, type) + " format: a real number is required, not " + in.TypeName(value));
          }
        } else if (is_float) {
          if (type != 'd' && type != 'i' && type != 'u') {
            in.RaiseTypeError("%" + std::string(1, type) + " format: an integer is required, not float");
          }
          if (!(std::fabs(real) < 9.2e18)) in.OverLimit("a float outside 64 bits as integer", "integers of 64 bits");
          integer = static_cast<int64_t>(real);
        }
        std::string s = FormatInt(in, integer, spec + (type == 'i' || type == 'u' ? 'd' : type));
        if (precision >= 0) {
          if (precision > kMaxPrecision) in.OverLimit("precision " + std::to_string(precision), "at most " + std::to_string(kMaxPrecision) + " digits");
          s = FormatInt(in, integer == INT64_MIN ? INT64_MAX : integer < 0 ? -integer : integer, std::string(1, type == 'i' || type == 'u' ? 'd' : type));
          if (static_cast<int64_t>(s.size()) < precision) s.insert(0, static_cast<size_t>(precision) - s.size(), '0');
          s = SignText(plus ? '+' : space ? ' ' : '-', integer < 0) + s;
          s = FormatText(in, s, std::string(left ? "<" : ">") + (width > 0 ? std::to_string(width) : ""));
        }
        out += s;
        break;
      }
      case 'e': case 'E': case 'f': case 'F': case 'g': case 'G':
        if (precision >= 0) spec += "." + std::to_string(precision);
        out += FormatFloat(in, in.Float(value), spec + type);
        break;
      case 'c': {
        std::string character;
        if (Str* s = value.As<Str>()) character = s->text();
        else Utf8Append(&character, static_cast<uint32_t>(in.Index(value)));
        out += FormatText(in, character, std::string(left ? "<" : ">") + (width > 0 ? std::to_string(width) : ""));
        break;
      }
      default:
        in.RaiseValueError("unsupported format character '" + std::string(1, type) + "' at index " + std::to_string(i));
    }
    in.CheckTextSize(out.size());
  }
  if (tuple != nullptr ? used < tuple->size() : (used == 0 && mapping == nullptr && args.As<List>() == nullptr)) {
    in.RaiseTypeError("not all arguments converted during string formatting");
  }
  return out;
}

namespace {

class FormatFields {
 public:
  FormatFields(Interpreter& in, const std::vector<Value>& args, Dict* keywords)
      : in_(in), args_(args), keywords_(keywords) {}

  std::string Run(std::string_view format, int depth) {
    if (depth > 2) in_.RaiseValueError("Max string recursion exceeded");
    std::string out;
    for (size_t i = 0; i < format.size(); ++i) {
      in_.Step();
      char c = format[i];
      if (c == '}') {
        if (i + 1 >= format.size() || format[i + 1] != '}') {
          in_.RaiseValueError("Single '}' encountered in format string");
        }
        out += c;
        ++i;
      } else if (c != '{') {
        out += c;
      } else if (i + 1 < format.size() && format[i + 1] == '{') {
        out += c;
        ++i;
      } else {
        size_t begin = ++i;
        int nesting = 1;
        int brackets = 0;
        for (; i < format.size(); ++i) {
          if (format[i] == '[') ++brackets;
          if (format[i] == ']') brackets = 0;
          if (brackets == 0 && format[i] == '{') ++nesting;
          if (brackets == 0 && format[i] == '}' && --nesting == 0) break;
        }
        if (i >= format.size()) {
          in_.RaiseValueError(begin >= format.size() ? "Single '{' encountered in format string"
                                                     : "expected '}' before end of string");
        }
        out += Field(format.substr(begin, i - begin), depth);
        in_.CheckTextSize(out.size());
      }
    }
    return out;
  }

 private:
  std::string Field(std::string_view field, int depth) {
    size_t name_end = 0;
    int brackets = 0;
    while (name_end < field.size() && (brackets > 0 || (field[name_end] != '!' && field[name_end] != ':'))) {
      if (field[name_end] == '[') ++brackets;
      if (field[name_end] == ']') brackets = 0;
      ++name_end;
    }
    std::string_view name = field.substr(0, name_end), rest = field.substr(name_end);
    Value v = Lookup(name);
    if (rest.starts_with('!')) {
      if (rest.size() < 2) in_.RaiseValueError("end of string while looking for conversion specifier");
      char conversion = rest[1];
      if (conversion == 'r' || conversion == 'a') v = Value(in_.NewStr(in_.Repr(v)));
      else if (conversion == 's') v = Value(in_.NewStr(in_.ToStr(v)));
      else in_.RaiseValueError("Unknown conversion specifier '" + std::string(1, conversion) + "'");
      rest.remove_prefix(2);
      if (!rest.empty() && rest[0] != ':') in_.RaiseValueError("expected ':' after conversion specifier");
    }
    std::string spec;
    if (rest.starts_with(':')) {
      spec = std::string(rest.substr(1));
      if (spec.find('{') != std::string::npos) spec = Run(spec, depth + 1);
    }
    return in_.Format(v, spec);
  }

  Value Lookup(std::string_view name) {
    size_t end = name.find_first_of(".[");
    std::string first(name.substr(0, end));
    std::string_view rest = end == std::string_view::npos ? std::string_view() : name.substr(end);
    Value v;
    bool digits = !first.empty() && first.find_first_not_of("0123456789") == std::string::npos;
    if (first.empty() || digits) {
      size_t i;
      if (first.empty()) {
        if (manual_) in_.RaiseValueError("cannot switch from manual field specification to automatic field numbering");
        automatic_ = true;
        i = next_++;
      } else {
        if (automatic_) in_.RaiseValueError("cannot switch from automatic field numbering to manual field specification");
        manual_ = true;
        i = first.size() > 9 ? SIZE_MAX : static_cast<size_t>(std::stoul(first));
      }
      if (i >= args_.size()) {
        in_.Raise(in_.types().index_error,
                  "Replacement index " + std::to_string(i) + " out of range for positional args tuple");
      }
      v = args_[i];
    } else {
      Value key(in_.NewStr(first));
      Value* found = keywords_ == nullptr ? nullptr : keywords_->table.Find(in_, key);
      if (found == nullptr) in_.RaiseKeyError(key);
      v = *found;
    }
    while (!rest.empty()) {
      if (rest[0] == '.') {
        size_t stop = rest.find_first_of(".[", 1);
        std::string attribute(rest.substr(1, stop == std::string_view::npos ? stop : stop - 1));
        if (attribute.empty()) in_.RaiseValueError("Empty attribute in format string");
        v = in_.GetAttr(v, attribute);
        rest = stop == std::string_view::npos ? std::string_view() : rest.substr(stop);
      } else {
        size_t stop = rest.find(']');
        if (rest[0] != '[' || stop == std::string_view::npos) in_.RaiseValueError("Missing ']' in format string");
        std::string key(rest.substr(1, stop - 1));
        if (key.empty()) in_.RaiseValueError("Empty attribute in format string");
        bool number = key.find_first_not_of("0123456789") == std::string::npos && key.size() < 18;
        v = in_.GetItem(v, number ? Value::Int(std::stoll(key)) : Value(in_.NewStr(key)));
        rest = rest.substr(stop + 1);
      }
    }
    return v;
  }

  Interpreter& in_;
  const std::vector<Value>& args_;
  Dict* keywords_;
  size_t next_ = 0;
  bool automatic_ = false, manual_ = false;
};

}  // namespace

std::string StrFormat(Interpreter& in, const std::string& format, const std::vector<Value>& args, Dict* keywords) {
  return FormatFields(in, args, keywords).Run(format, 1);
}

}  // namespace fusepack::py
