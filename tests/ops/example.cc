#include "tests/ops/example.h"

#include <gtest/gtest.h>

#include <charconv>
#include <cmath>
#include <optional>

namespace fusepack {
namespace {

std::string_view Trim(std::string_view s) {
  while (!s.empty() && s.front() == ' ') s.remove_prefix(1);
  while (!s.empty() && s.back() == ' ') s.remove_suffix(1);
  return s;
}

std::vector<std::string_view> Split(std::string_view text) {
  std::vector<std::string_view> out;
  int depth = 0;
  bool quoted = false;
  size_t start = 0;
  for (size_t i = 0; i <= text.size(); i++) {
    if (i < text.size() && text[i] == '\'') quoted = !quoted;
    if (quoted) continue;
    if (i < text.size() && (text[i] == '[' || text[i] == '(')) depth++;
    if (i < text.size() && (text[i] == ']' || text[i] == ')')) depth--;
    if (i == text.size() || (text[i] == ',' && depth == 0)) {
      if (auto piece = Trim(text.substr(start, i - start)); !piece.empty()) out.push_back(piece);
      start = i + 1;
    }
  }
  return out;
}

int64_t Int(std::string_view s) {
  int64_t value = 0;
  std::from_chars(s.data(), s.data() + s.size(), value);
  return value;
}

Tensor MakeTensor(DType dtype, const Dims& sizes, std::string_view kind, int64_t k) {
  Tensor f64 = Tensor::Zeros(DType::kF64, sizes).value();
  double* to = f64.mutable_view().as<double>();
  const bool whole = IsIntegral(dtype);
  for (int64_t i = 0; i < f64.numel(); i++) {
    const int64_t m = (7919 * i + 104729 * (k + 1)) % 2003;
    double v = whole ? static_cast<double>(m - 1001) : static_cast<double>(m - 1001) / 1024;
    if (dtype == DType::kBool) v = m % 3 != 0;
    if (kind.starts_with("<")) v = static_cast<double>(m % Int(kind.substr(1)));
    if (kind == ">0") v = std::abs(v) + 0.5;
    if (kind == "~") v = i % 11 == 3 ? NAN : i % 13 == 5 ? INFINITY : i % 13 == 9 ? -INFINITY : v;
    to[i] = v;
  }
  return f64.To(dtype).value();
}

class Reader {
 public:
  Reader(Example* example, DType f32_as) : example_(example), f32_as_(f32_as) {}

  Arg Read(std::string_view s) {
    if (s == "None") return std::monostate();
    if (s == "True" || s == "False") return s == "True";
    if (s.front() == '\'') return std::string(s.substr(1, s.size() - 2));
    if (s.starts_with("torch.")) return *DTypeFromTorchName(s.substr(6));
    if (s.front() == '[' || s.front() == '(') return ReadList(Split(s.substr(1, s.size() - 2)));
    if (const size_t open = s.find('['); open != std::string_view::npos) {
      if (std::optional<DType> dtype = DTypeFromShortName(s.substr(0, open))) {
        if (*dtype == DType::kF32) dtype = f32_as_;
        const size_t close = s.find(']');
        Dims sizes;
        for (std::string_view size : Split(s.substr(open + 1, close - open - 1))) sizes.push_back(Int(size));
        const int index = static_cast<int>(example_->tensors.size());
        example_->tensors.push_back(MakeTensor(*dtype, sizes, s.substr(close + 1), index));
        return ValueRef{index};
      }
    }
    int64_t whole = 0;
    double number = 0;
    const char *begin = s.data(), *end = begin + s.size();
    if (auto r = std::from_chars(begin, end, whole); r.ec == std::errc() && r.ptr == end) return Dim(whole);
    if (auto r = std::from_chars(begin, end, number); r.ec == std::errc() && r.ptr == end) return number;
    ADD_FAILURE() << "cannot read the argument '" << s << "'";
    return std::monostate();
  }

 private:
  Arg ReadList(const std::vector<std::string_view>& items) {
    std::vector<Dim> dims;
    std::vector<double> numbers;
    ValueList values;
    for (std::string_view item : items) {
      const Arg element = Read(item);
      if (auto* d = std::get_if<Dim>(&element)) {
        dims.push_back(*d);
        numbers.push_back(static_cast<double>(d->hint()));
      } else if (auto* f = std::get_if<double>(&element)) {
        numbers.push_back(*f);
      } else if (auto* ref = std::get_if<ValueRef>(&element)) {
        values.push_back(ref->id);
      } else {
        values.push_back(kNoValue);
      }
    }
    if (dims.size() == items.size()) return dims;
    if (numbers.size() == items.size()) return numbers;
    return values;
  }

  Example* example_;
  DType f32_as_;
};

}  // namespace

Example ReadExample(const Schema& schema, std::string_view text, DType f32_as) {
  Example out;
  Reader reader(&out, f32_as);
  bool named = false;
  for (std::string_view piece : Split(text)) {
    const size_t equals = piece.find('=');
    if (equals == std::string_view::npos || piece.front() == '\'') {
      EXPECT_FALSE(named) << text;
      out.args.push_back(reader.Read(piece));
      continue;
    }
    const int at = schema.Find(Trim(piece.substr(0, equals)));
    if (at < 0) {
      ADD_FAILURE() << "no parameter for '" << piece << "'";
      return out;
    }
    for (int i = static_cast<int>(out.args.size()); i < at; i++) out.args.push_back(schema.params()[i].default_value);
    out.args.resize(std::max<size_t>(out.args.size(), at + 1));
    out.args[at] = reader.Read(Trim(piece.substr(equals + 1)));
    named = true;
  }
  return out;
}

}  // namespace fusepack
