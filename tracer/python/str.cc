// str and bytes: operators, indexing, repr and methods. Case and character classes are those of ASCII and Latin-1
// letters; other code points have no case here.
#include <string.h>

#include <algorithm>
#include <functional>

#include "tracer/python/callables.h"
#include "tracer/python/classes.h"
#include "tracer/python/numbers.h"
#include "tracer/python/utf8.h"

namespace fusepack::py {
namespace {

uint64_t HashText(std::string_view s) {
  uint64_t h = 0xcbf29ce484222325ull;  // FNV-1a
  for (unsigned char c : s) h = (h ^ c) * 0x100000001b3ull;
  return h ^ (h >> 32);
}

// Text of `n` bytes is about to be made: charged before the allocation, and paid for.
void Prepare(Interpreter& in, int64_t n) {
  in.heap().Charge(n);
  in.heap().Release(n);
  in.Step(n / 64);
}

// memmem searches in linear time whatever the texts are; std::string::find does not.
size_t FindText(std::string_view s, std::string_view sub, size_t from = 0) {
  if (from > s.size()) return std::string_view::npos;
  const void* found = memmem(s.data() + from, s.size() - from, sub.data(), sub.size());
  return found == nullptr ? std::string_view::npos : static_cast<size_t>(static_cast<const char*>(found) - s.data());
}
size_t FindLast(std::string_view s, std::string_view sub) {
  std::string backward(s.rbegin(), s.rend()), sub_backward(sub.rbegin(), sub.rend());
  size_t at = FindText(backward, sub_backward);
  return at == std::string_view::npos ? at : s.size() - at - sub.size();
}

std::string RepeatText(Interpreter& in, const std::string& s, int64_t times) {
  if (times <= 0 || s.empty()) return "";
  int64_t bytes;
  if (__builtin_mul_overflow(static_cast<int64_t>(s.size()), times, &bytes)) bytes = INT64_MAX / 2;
  Prepare(in, bytes);
  std::string out;
  out.reserve(static_cast<size_t>(bytes));
  for (int64_t i = 0; i < times; ++i) out += s;
  return out;
}

Value CompareText(CmpOp op, const std::string& a, const std::string& b) {
  // Byte order of UTF-8 is code point order.
  int order = a.compare(b);
  switch (op) {
    case CmpOp::kEq: return Value::Bool(order == 0);
    case CmpOp::kNe: return Value::Bool(order != 0);
    case CmpOp::kLt: return Value::Bool(order < 0);
    case CmpOp::kLe: return Value::Bool(order <= 0);
    case CmpOp::kGt: return Value::Bool(order > 0);
    case CmpOp::kGe: return Value::Bool(order >= 0);
  }
  return Value();
}

std::string QuoteText(std::string_view s, bool bytes) {
  char quote = s.find('\'') != std::string_view::npos && s.find('"') == std::string_view::npos ? '"' : '\'';
  std::string out(1, quote);
  char buffer[16];
  for (size_t at = 0; at < s.size();) {
    unsigned char c = static_cast<unsigned char>(s[at]);
    if (c == static_cast<unsigned char>(quote) || c == '\\') out += '\\', out += s[at++];
    else if (c == '\n') out += "\\n", ++at;
    else if (c == '\r') out += "\\r", ++at;
    else if (c == '\t') out += "\\t", ++at;
    else if (c < 0x20 || c == 0x7f || (bytes && c >= 0x80)) {
      std::snprintf(buffer, sizeof buffer, "\\x%02x", c);
      out += buffer;
      ++at;
    } else if (c < 0x80) {
      out += s[at++];
    } else {
      uint32_t code = Utf8Decode(s, at);
      size_t n = Utf8Bytes(c);
      if (code < 0xa1 || code == 0xad) std::snprintf(buffer, sizeof buffer, "\\x%02x", code), out += buffer;
      else if ((code >= 0xd800 && code < 0xf900) || (code >= 0x2028 && code <= 0x202e) || (code >= 0x2000 && code <= 0x200f) ||
               code == 0xfeff || code == 0x3000) {
        std::snprintf(buffer, sizeof buffer, "\\u%04x", code), out += buffer;
      } else {
        out += s.substr(at, n);
      }
      at += n;
    }
  }
  return out + quote;
}

}  // namespace

Str::Str(Heap& heap, std::string text) : Object(kLayout), text_(std::move(text)) {
  if (text_.capacity() > 15) charge_.Set(heap, static_cast<int64_t>(text_.capacity()));
  length_ = static_cast<int64_t>(Utf8Length(text_));
  hash_ = HashText(text_);
}

Value Str::Binary(Interpreter& in, BinOp op, const Value& other, bool reflected) {
  if (op == BinOp::kMod && !reflected) return Value(in.NewStr(PercentFormat(in, text_, other)));
  if (op == BinOp::kAdd && !reflected) {
    Str* s = other.As<Str>();
    if (s == nullptr) {
      if (other.is_object() && (other.object()->layout() == Layout::kOther || !other.object()->type()->native())) return Value();
      in.RaiseTypeError("can only concatenate str (not \"" + in.TypeName(other) + "\") to str");
    }
    Prepare(in, static_cast<int64_t>(text_.size() + s->text_.size()));
    return Value(in.NewStr(text_ + s->text_));
  }
  int64_t n;
  if (op == BinOp::kMul && in.FindIndex(other, &n)) return Value(in.NewStr(RepeatText(in, text_, n)));
  return Value();
}
Value Str::Compare(Interpreter& in, CmpOp op, const Value& other) {
  Str* s = other.As<Str>();
  if (s == nullptr) return Value();
  if (s == this && op == CmpOp::kEq) return Value::Bool(true);
  in.Step(static_cast<int64_t>(std::min(text_.size(), s->text_.size()) / 64));
  return CompareText(op, text_, s->text_);
}
bool Str::Contains(Interpreter& in, const Value& item) {
  Str* s = item.As<Str>();
  if (s == nullptr) in.RaiseTypeError("'in <string>' requires string as left operand, not " + in.TypeName(item));
  in.Step(static_cast<int64_t>(text_.size() / 64));
  return FindText(text_, s->text_) != std::string::npos;
}
Value Str::Iter(Interpreter& in) {
  return in.NewIterator([self = Ref<Str>(this), at = size_t{0}](Interpreter& in, Value* out) mutable {
    if (at >= self->text_.size()) return false;
    size_t n = Utf8Bytes(static_cast<unsigned char>(self->text_[at]));
    *out = Value(in.NewStr(std::string_view(self->text_).substr(at, n)));
    at += n;
    return true;
  });
}
Value Str::GetItem(Interpreter& in, const Value& key) {
  if (auto* slice = key.As<Slice>()) {
    int64_t start, stop, step, count;
    slice->Indices(in, length_, &start, &stop, &step, &count);
    if (step == 1) {
      if (count == 0) return Value(in.NewStr(""));
      Prepare(in, count);
      size_t begin = ascii() ? static_cast<size_t>(start) : Utf8Offset(text_, static_cast<size_t>(start));
      size_t end = ascii() ? static_cast<size_t>(stop)
                           : begin + Utf8Offset(view().substr(begin), static_cast<size_t>(count));
      return Value(in.NewStr(view().substr(begin, end - begin)));
    }
    in.Step(count);
    in.CheckTextSize(text_.size() * sizeof(size_t));
    std::vector<size_t> offsets;
    for (size_t at = 0; at < text_.size(); at += Utf8Bytes(static_cast<unsigned char>(text_[at]))) offsets.push_back(at);
    std::string out;
    for (int64_t i = 0; i < count; ++i) {
      size_t at = offsets[static_cast<size_t>(start + i * step)];
      out += view().substr(at, Utf8Bytes(static_cast<unsigned char>(text_[at])));
    }
    return Value(in.NewStr(out));
  }
  int64_t i;
  if (!in.FindIndex(key, &i)) in.RaiseTypeError("string indices must be integers, not '" + in.TypeName(key) + "'");
  if (i < 0) i += length_;
  if (i < 0 || i >= length_) in.Raise(in.types().index_error, "string index out of range");
  size_t at = ascii() ? static_cast<size_t>(i) : Utf8Offset(text_, static_cast<size_t>(i));
  return Value(in.NewStr(view().substr(at, Utf8Bytes(static_cast<unsigned char>(text_[at])))));
}
std::string Str::Repr(Interpreter& in) {
  Prepare(in, static_cast<int64_t>(text_.size()));
  return QuoteText(text_, false);
}

Bytes::Bytes(Heap& heap, std::string bytes) : Object(kLayout), bytes_(std::move(bytes)) {
  charge_.Set(heap, static_cast<int64_t>(bytes_.capacity()));
}
Value Bytes::Binary(Interpreter& in, BinOp op, const Value& other, bool reflected) {
  if (op == BinOp::kAdd && !reflected) {
    auto* b = other.As<Bytes>();
    if (b == nullptr) return Value();
    Prepare(in, static_cast<int64_t>(bytes_.size() + b->bytes_.size()));
    return Value(in.NewBytes(bytes_ + b->bytes_));
  }
  int64_t n;
  if (op == BinOp::kMul && in.FindIndex(other, &n)) return Value(in.NewBytes(RepeatText(in, bytes_, n)));
  return Value();
}
Value Bytes::Compare(Interpreter&, CmpOp op, const Value& other) {
  auto* b = other.As<Bytes>();
  return b == nullptr ? Value() : CompareText(op, bytes_, b->bytes_);
}
bool Bytes::Contains(Interpreter& in, const Value& item) {
  if (auto* b = item.As<Bytes>()) return bytes_.find(b->bytes_) != std::string::npos;
  int64_t i = in.Index(item);
  return i >= 0 && i < 256 && bytes_.find(static_cast<char>(i)) != std::string::npos;
}
Value Bytes::Iter(Interpreter& in) {
  return in.NewIterator([self = Ref<Bytes>(this), at = size_t{0}](Interpreter&, Value* out) mutable {
    if (at >= self->bytes_.size()) return false;
    *out = Value::Int(static_cast<unsigned char>(self->bytes_[at++]));
    return true;
  });
}
Value Bytes::GetItem(Interpreter& in, const Value& key) {
  if (auto* slice = key.As<Slice>()) {
    int64_t start, stop, step, count;
    slice->Indices(in, static_cast<int64_t>(bytes_.size()), &start, &stop, &step, &count);
    std::string out;
    for (int64_t i = 0; i < count; ++i) out += bytes_[static_cast<size_t>(start + i * step)];
    return Value(in.NewBytes(out));
  }
  int64_t i = in.Index(key), size = static_cast<int64_t>(bytes_.size());
  if (i < 0) i += size;
  if (i < 0 || i >= size) in.Raise(in.types().index_error, "index out of range");
  return Value::Int(static_cast<unsigned char>(bytes_[static_cast<size_t>(i)]));
}
std::string Bytes::Repr(Interpreter&) { return "b" + QuoteText(bytes_, true); }
uint64_t Bytes::Hash(Interpreter&) { return HashText(bytes_); }

// --- methods

namespace {

Str& Self(BoundArgs& a) {
  Str* self = a[0].As<Str>();
  if (self == nullptr) a.Wrong(0, "str");
  a.interpreter().Step(static_cast<int64_t>(self->text().size() / 16));  // every method looks at most of the text
  return *self;
}

bool IsSpace(uint32_t c) { return c == ' ' || (c >= 9 && c <= 13) || (c >= 0x1c && c <= 0x1f) || c == 0x85 || c == 0xa0; }
bool IsLower(uint32_t c) { return (c >= 'a' && c <= 'z') || (c >= 0xdf && c <= 0xff && c != 0xf7) || c == 0xb5; }
bool IsUpper(uint32_t c) { return (c >= 'A' && c <= 'Z') || (c >= 0xc0 && c <= 0xde && c != 0xd7); }
bool IsAlpha(uint32_t c) { return IsLower(c) || IsUpper(c) || c > 0xff; }
bool IsDigit(uint32_t c) { return c >= '0' && c <= '9'; }
uint32_t ToUpper(uint32_t c) {
  if ((c >= 'a' && c <= 'z') || (c >= 0xe0 && c <= 0xfe && c != 0xf7)) return c - 32;
  return c;
}
uint32_t ToLower(uint32_t c) { return IsUpper(c) ? c + 32 : c; }

std::string MapText(Interpreter& in, const Str& s, const std::function<uint32_t(uint32_t, size_t)>& f) {
  Prepare(in, static_cast<int64_t>(s.text().size()) * 2);
  std::string out;
  size_t i = 0;
  for (size_t at = 0; at < s.text().size(); at += Utf8Bytes(static_cast<unsigned char>(s.text()[at]))) {
    Utf8Append(&out, f(Utf8Decode(s.text(), at), i++));
  }
  return out;
}
NativeFunction::Bound Mapped(uint32_t (*f)(uint32_t)) {
  return [f](Interpreter& in, BoundArgs& a) {
    return Value(in.NewStr(MapText(in, Self(a), [f](uint32_t c, size_t) { return f(c); })));
  };
}
// True when not empty and every character passes.
NativeFunction::Bound AllOf(bool (*f)(uint32_t)) {
  return [f](Interpreter&, BoundArgs& a) {
    const std::string& s = Self(a).text();
    for (size_t at = 0; at < s.size(); at += Utf8Bytes(static_cast<unsigned char>(s[at]))) {
      if (!f(Utf8Decode(s, at))) return Value::Bool(false);
    }
    return Value::Bool(!s.empty());
  };
}
// islower and isupper: some cased character, none of the other case.
NativeFunction::Bound Cased(bool (*wanted)(uint32_t), bool (*other)(uint32_t)) {
  return [wanted, other](Interpreter&, BoundArgs& a) {
    const std::string& s = Self(a).text();
    bool any = false;
    for (size_t at = 0; at < s.size(); at += Utf8Bytes(static_cast<unsigned char>(s[at]))) {
      uint32_t c = Utf8Decode(s, at);
      if (other(c)) return Value::Bool(false);
      any |= wanted(c);
    }
    return Value::Bool(any);
  };
}

std::string_view StripText(std::string_view s, const Value& chars, bool left, bool right) {
  auto drop = [&](size_t at) {
    size_t n = Utf8Bytes(static_cast<unsigned char>(s[at]));
    if (chars.is_none()) return IsSpace(Utf8Decode(s, at));
    return chars.As<Str>()->text().find(s.substr(at, n)) != std::string::npos;
  };
  while (left && !s.empty() && drop(0)) s.remove_prefix(std::min(s.size(), Utf8Bytes(static_cast<unsigned char>(s[0]))));
  while (right && !s.empty()) {
    size_t at = s.size() - 1;
    while (at > 0 && (static_cast<unsigned char>(s[at]) & 0xc0) == 0x80) --at;
    if (!drop(at)) break;
    s = s.substr(0, at);
  }
  return s;
}
NativeFunction::Bound Stripped(bool left, bool right) {
  return [left, right](Interpreter& in, BoundArgs& a) {
    if (!a[1].is_none() && a[1].As<Str>() == nullptr) {
      in.RaiseTypeError(a.signature().function() + " arg must be None or str");
    }
    return Value(in.NewStr(StripText(Self(a).text(), a[1], left, right)));
  };
}

// Byte range of s[start:end] in code points.
std::string_view Window(Interpreter& in, const Str& s, const Value& start_value, const Value& end_value, size_t* offset) {
  Slice slice(start_value, end_value, Value::None());
  int64_t start, stop, step, count;
  slice.Indices(in, s.length(), &start, &stop, &step, &count);
  size_t begin = s.ascii() ? static_cast<size_t>(start) : Utf8Offset(s.text(), static_cast<size_t>(start));
  *offset = begin;
  if (start > stop) {
    *offset = std::string::npos;
    return {};
  }
  size_t length = s.ascii() ? static_cast<size_t>(count) : Utf8Offset(s.view().substr(begin), static_cast<size_t>(count));
  return s.view().substr(begin, length);
}
NativeFunction::Bound Found(bool last, bool raise) {
  return [last, raise](Interpreter& in, BoundArgs& a) {
    Str& s = Self(a);
    size_t offset;
    std::string_view window = Window(in, s, a[2], a[3], &offset);
    in.Step(static_cast<int64_t>(window.size() / 64));
    const std::string& sub = a.Text(1);
    size_t at = offset == std::string::npos ? offset : last ? FindLast(window, sub) : FindText(window, sub);
    if (at == std::string_view::npos) {
      if (raise) in.RaiseValueError("substring not found");
      return Value::Int(-1);
    }
    return Value::Int(static_cast<int64_t>(Utf8Length(s.view().substr(0, offset + at))));
  };
}
NativeFunction::Bound Affix(bool start) {
  return [start](Interpreter& in, BoundArgs& a) {
    size_t offset;
    std::string_view window = Window(in, Self(a), a[2], a[3], &offset);
    auto matches = [&](const Value& v) {
      Str* s = v.As<Str>();
      if (s == nullptr) {
        in.RaiseTypeError(a.signature().function() + " first arg must be str or a tuple of str, not " + in.TypeName(v));
      }
      return offset != std::string::npos && (start ? window.starts_with(s->text()) : window.ends_with(s->text()));
    };
    if (auto* tuple = a[1].As<Tuple>()) {
      for (const Value& v : tuple->items()) {
        if (matches(v)) return Value::Bool(true);
      }
      return Value::Bool(false);
    }
    return Value::Bool(matches(a[1]));
  };
}

int64_t CountText(std::string_view s, std::string_view sub) {
  if (sub.empty()) return static_cast<int64_t>(Utf8Length(s)) + 1;
  int64_t n = 0;
  for (size_t at = FindText(s, sub); at != std::string_view::npos; at = FindText(s, sub, at + sub.size())) ++n;
  return n;
}

// The last place before `end` where `sep` stands; a step back at a time, each comparing at most one separator.
size_t LastBefore(std::string_view s, std::string_view sep, size_t end) {
  if (end < sep.size()) return std::string_view::npos;
  for (size_t at = end - sep.size() + 1; at-- > 0;) {
    if (s[at] == sep[0] && s.substr(at, sep.size()) == sep) return at;
  }
  return std::string_view::npos;
}

Value Split(Interpreter& in, BoundArgs& a, bool from_right) {
  std::string_view s = Self(a).view();
  // At most so many parts, each a view here and a str in the list.
  size_t most = a[1].is_none() ? s.size() / 2 + 1 : from_right ? s.size() / std::max<size_t>(1, a.Text(1).size()) + 1
                                                  : static_cast<size_t>(CountText(s, a.Text(1))) + 1;
  if (from_right && !a[1].is_none()) in.Step(static_cast<int64_t>(s.size() / 16 * std::min<size_t>(a.Text(1).size(), 1 << 20)));
  in.CheckTextSize(std::min(most, static_cast<size_t>(std::max<int64_t>(a.Int(2) < 0 ? INT64_MAX - 1 : a.Int(2), 0)) + 1) *
                   sizeof(std::string_view));
  int64_t limit = a.Int(2);
  if (limit < 0) limit = INT64_MAX;
  std::vector<std::string_view> parts;
  if (a[1].is_none()) {
    auto space = [&](size_t at) { return IsSpace(static_cast<unsigned char>(s[at])); };
    if (!from_right) {
      size_t at = 0;
      for (;;) {
        while (at < s.size() && space(at)) ++at;
        if (at >= s.size()) break;
        if (static_cast<int64_t>(parts.size()) == limit) {
          parts.push_back(StripText(s.substr(at), Value::None(), false, true));
          break;
        }
        size_t begin = at;
        while (at < s.size() && !space(at)) ++at;
        parts.push_back(s.substr(begin, at - begin));
      }
    } else {
      size_t end = s.size();
      for (;;) {
        while (end > 0 && space(end - 1)) --end;
        if (end == 0) break;
        if (static_cast<int64_t>(parts.size()) == limit) {
          parts.push_back(StripText(s.substr(0, end), Value::None(), true, false));
          break;
        }
        size_t stop = end;
        while (end > 0 && !space(end - 1)) --end;
        parts.push_back(s.substr(end, stop - end));
      }
      std::reverse(parts.begin(), parts.end());
    }
  } else {
    const std::string& sep = a.Text(1);
    if (sep.empty()) in.RaiseValueError("empty separator");
    if (!from_right) {
      size_t at = 0;
      for (size_t next; static_cast<int64_t>(parts.size()) < limit && (next = FindText(s, sep, at)) != std::string_view::npos;
           at = next + sep.size()) {
        parts.push_back(s.substr(at, next - at));
      }
      parts.push_back(s.substr(at));
    } else {
      size_t end = s.size();
      while (static_cast<int64_t>(parts.size()) < limit) {
        size_t at = LastBefore(s, sep, end);
        if (at == std::string_view::npos) break;
        parts.push_back(s.substr(at + sep.size(), end - at - sep.size()));
        end = at;
      }
      parts.push_back(s.substr(0, end));
      std::reverse(parts.begin(), parts.end());
    }
  }
  in.Step(static_cast<int64_t>(parts.size()));
  Ref<List> out = in.NewList();
  for (std::string_view p : parts) out->Append(Value(in.NewStr(p)));
  return Value(out);
}

Value Join(Interpreter& in, BoundArgs& a) {
  const std::string& separator = Self(a).text();
  std::vector<Value> items = in.ToVector(a[1]);
  int64_t bytes = 0;
  for (size_t i = 0; i < items.size(); ++i) {
    Str* s = items[i].As<Str>();
    if (s == nullptr) {
      in.RaiseTypeError("sequence item " + std::to_string(i) + ": expected str instance, " + in.TypeName(items[i]) + " found");
    }
    bytes += static_cast<int64_t>(s->text().size() + separator.size());
  }
  Prepare(in, bytes);
  std::string out;
  for (size_t i = 0; i < items.size(); ++i) {
    if (i > 0) out += separator;
    out += items[i].As<Str>()->text();
  }
  return Value(in.NewStr(out));
}

Value Replace(Interpreter& in, BoundArgs& a) {
  std::string_view s = Self(a).view();
  const std::string &from = a.Text(1), &to = a.Text(2);
  int64_t limit = a.Int(3);
  if (limit < 0) limit = INT64_MAX;
  int64_t count = std::min(limit, CountText(s, from));
  int64_t bytes;
  if (__builtin_mul_overflow(count, static_cast<int64_t>(to.size()), &bytes)) bytes = INT64_MAX / 4;
  Prepare(in, bytes + static_cast<int64_t>(s.size()));
  std::string out;
  if (from.empty()) {
    size_t at = 0;
    int64_t done = 0;
    while (done < count) {
      out += to;
      ++done;
      if (at >= s.size()) break;
      size_t n = Utf8Bytes(static_cast<unsigned char>(s[at]));
      out += s.substr(at, n);
      at += n;
    }
    out += s.substr(std::min(at, s.size()));
    return Value(in.NewStr(out));
  }
  size_t at = 0;
  for (int64_t i = 0; i < count; ++i) {
    size_t next = FindText(s, from, at);
    out += s.substr(at, next - at);
    out += to;
    at = next + from.size();
  }
  out += s.substr(at);
  return Value(in.NewStr(out));
}

NativeFunction::Bound Justified(char how) {
  return [how](Interpreter& in, BoundArgs& a) {
    Str& s = Self(a);
    int64_t width = a.Int(1);
    const std::string& fill = a.Text(2);
    if (Utf8Length(fill) != 1) in.RaiseTypeError("The fill character must be exactly one character long");
    int64_t pad = std::max<int64_t>(width, 0) - s.length();
    if (pad <= 0) return Value(in.NewStr(s.text()));
    int64_t left = how == '<' ? 0 : how == '>' ? pad : pad / 2 + (pad & width & 1);
    return Value(in.NewStr(RepeatText(in, fill, left) + s.text() + RepeatText(in, fill, pad - left)));
  };
}

NativeFunction::Bound Partition(bool last) {
  return [last](Interpreter& in, BoundArgs& a) {
    std::string_view s = Self(a).view();
    const std::string& sep = a.Text(1);
    if (sep.empty()) in.RaiseValueError("empty separator");
    size_t at = last ? FindLast(s, sep) : FindText(s, sep);
    auto text = [&](std::string_view t) { return Value(in.NewStr(t)); };
    if (at == std::string_view::npos) {
      return last ? Value(in.NewTuple({text(""), text(""), text(s)})) : Value(in.NewTuple({text(s), text(""), text("")}));
    }
    return Value(in.NewTuple({text(s.substr(0, at)), text(sep), text(s.substr(at + sep.size()))}));
  };
}

Value SplitLines(Interpreter& in, BoundArgs& a) {
  std::string_view s = Self(a).view();
  bool keep = a.Bool(1);
  Ref<List> out = in.NewList();
  size_t begin = 0;
  while (begin < s.size()) {
    in.Step();
    size_t end = begin;
    while (end < s.size() && s[end] != '\n' && s[end] != '\r' && s[end] != '\v' && s[end] != '\f') ++end;
    size_t next = end;
    if (next < s.size()) next += s[next] == '\r' && next + 1 < s.size() && s[next + 1] == '\n' ? 2 : 1;
    out->Append(Value(in.NewStr(s.substr(begin, (keep ? next : end) - begin))));
    begin = next;
  }
  return Value(out);
}

std::string Title(Interpreter& in, const Str& s) {
  bool inside = false;
  return MapText(in, s, [&](uint32_t c, size_t) {
    bool letter = IsAlpha(c);
    uint32_t out = letter ? (inside ? ToLower(c) : ToUpper(c)) : c;
    inside = letter;
    return out;
  });
}

}  // namespace

std::vector<NativeMethod> StrMethods() {
  return {
      {"upper", "self, /", [](Interpreter& in, BoundArgs& a) {
         std::string out;
         for (char c : Self(a).text()) out += c;
         // German sharp s is the one Latin-1 letter whose capital is longer.
         std::string mapped = MapText(in, Self(a), [](uint32_t c, size_t) { return ToUpper(c); });
         for (size_t at; (at = mapped.find("\xc3\x9f")) != std::string::npos;) mapped.replace(at, 2, "SS");
         return Value(in.NewStr(mapped));
       }},
      {"lower", "self, /", Mapped(ToLower)},
      {"casefold", "self, /", Mapped(ToLower)},
      {"swapcase", "self, /", Mapped([](uint32_t c) { return IsUpper(c) ? ToLower(c) : ToUpper(c); })},
      {"capitalize", "self, /",
       [](Interpreter& in, BoundArgs& a) {
         return Value(in.NewStr(MapText(in, Self(a), [](uint32_t c, size_t i) { return i == 0 ? ToUpper(c) : ToLower(c); })));
       }},
      {"title", "self, /", [](Interpreter& in, BoundArgs& a) { return Value(in.NewStr(Title(in, Self(a)))); }},
      {"strip", "self, chars=None, /", Stripped(true, true)},
      {"lstrip", "self, chars=None, /", Stripped(true, false)},
      {"rstrip", "self, chars=None, /", Stripped(false, true)},
      {"find", "self, sub, start=None, end=None, /", Found(false, false)},
      {"rfind", "self, sub, start=None, end=None, /", Found(true, false)},
      {"index", "self, sub, start=None, end=None, /", Found(false, true)},
      {"rindex", "self, sub, start=None, end=None, /", Found(true, true)},
      {"startswith", "self, prefix, start=None, end=None, /", Affix(true)},
      {"endswith", "self, suffix, start=None, end=None, /", Affix(false)},
      {"count", "self, sub, start=None, end=None, /",
       [](Interpreter& in, BoundArgs& a) {
         size_t offset;
         std::string_view window = Window(in, Self(a), a[2], a[3], &offset);
         return Value::Int(offset == std::string::npos ? 0 : CountText(window, a.Text(1)));
       }},
      {"split", "self, sep=None, maxsplit=-1", [](Interpreter& in, BoundArgs& a) { return Split(in, a, false); }},
      {"rsplit", "self, sep=None, maxsplit=-1", [](Interpreter& in, BoundArgs& a) { return Split(in, a, true); }},
      {"splitlines", "self, keepends=False", SplitLines},
      {"join", "self, iterable, /", Join},
      {"replace", "self, old, new, count=-1, /", Replace},
      {"ljust", "self, width, fillchar=' ', /", Justified('<')},
      {"rjust", "self, width, fillchar=' ', /", Justified('>')},
      {"center", "self, width, fillchar=' ', /", Justified('^')},
      {"zfill", "self, width, /",
       [](Interpreter& in, BoundArgs& a) {
         Str& s = Self(a);
         std::string zeros = RepeatText(in, "0", std::max<int64_t>(a.Int(1), 0) - s.length());
         bool sign = !s.text().empty() && (s.text()[0] == '-' || s.text()[0] == '+');
         return Value(in.NewStr(sign ? s.text().substr(0, 1) + zeros + s.text().substr(1) : zeros + s.text()));
       }},
      {"partition", "self, sep, /", Partition(false)},
      {"rpartition", "self, sep, /", Partition(true)},
      {"removeprefix", "self, prefix, /",
       [](Interpreter& in, BoundArgs& a) {
         std::string_view s = Self(a).view();
         return Value(in.NewStr(s.starts_with(a.Text(1)) ? s.substr(a.Text(1).size()) : s));
       }},
      {"removesuffix", "self, suffix, /",
       [](Interpreter& in, BoundArgs& a) {
         std::string_view s = Self(a).view();
         return Value(in.NewStr(s.ends_with(a.Text(1)) ? s.substr(0, s.size() - a.Text(1).size()) : s));
       }},
      {"expandtabs", "self, tabsize=8",
       [](Interpreter& in, BoundArgs& a) {
         int64_t tab = a.Int(1);
         std::string out;
         int64_t column = 0;
         for (char c : Self(a).text()) {
           if (c == '\t') {
             int64_t n = tab > 0 ? tab - column % tab : 0;
             out += RepeatText(in, " ", n);
             in.CheckTextSize(out.size());
             column += n;
           } else {
             out += c;
             column = c == '\n' || c == '\r' ? 0 : column + ((static_cast<unsigned char>(c) & 0xc0) != 0x80);
           }
         }
         return Value(in.NewStr(out));
       }},
      {"isdigit", "self, /", AllOf(IsDigit)},
      {"isdecimal", "self, /", AllOf(IsDigit)},
      {"isnumeric", "self, /", AllOf(IsDigit)},
      {"isalpha", "self, /", AllOf(IsAlpha)},
      {"isalnum", "self, /", AllOf([](uint32_t c) { return IsAlpha(c) || IsDigit(c); })},
      {"isspace", "self, /", AllOf(IsSpace)},
      {"islower", "self, /", Cased(IsLower, IsUpper)},
      {"isupper", "self, /", Cased(IsUpper, IsLower)},
      {"istitle", "self, /",
       [](Interpreter& in, BoundArgs& a) {
         bool any = false;
         for (char c : Self(a).text()) any |= IsAlpha(static_cast<unsigned char>(c));
         return Value::Bool(any && Title(in, Self(a)) == Self(a).text());
       }},
      {"isascii", "self, /", [](Interpreter&, BoundArgs& a) { return Value::Bool(Self(a).ascii()); }},
      {"isprintable", "self, /",
       [](Interpreter&, BoundArgs& a) {
         for (char c : Self(a).text()) {
           if (static_cast<unsigned char>(c) < 0x20 || c == 0x7f) return Value::Bool(false);
         }
         return Value::Bool(true);
       }},
      {"isidentifier", "self, /",
       [](Interpreter&, BoundArgs& a) {
         const std::string& s = Self(a).text();
         if (s.empty() || IsDigit(static_cast<unsigned char>(s[0]))) return Value::Bool(false);
         for (char c : s) {
           unsigned char u = static_cast<unsigned char>(c);
           if (u < 0x80 && !IsAlpha(u) && !IsDigit(u) && u != '_') return Value::Bool(false);
         }
         return Value::Bool(true);
       }},
      {"encode", "self, encoding='utf-8', errors='strict'",
       [](Interpreter& in, BoundArgs& a) { return Prepare(in, Self(a).length()), Value(in.NewBytes(Self(a).text())); }},
      {"format", "self, *args, **kwargs",
       [](Interpreter& in, BoundArgs& a) {
         return Value(in.NewStr(StrFormat(in, Self(a).text(), a[1].As<Tuple>()->items(), a[2].As<Dict>())));
       }},
      {"format_map", "self, mapping, /",
       [](Interpreter& in, BoundArgs& a) {
         Ref<Dict> keywords = in.NewDict();
         UpdateDict(in, keywords.get(), a[1]);
         return Value(in.NewStr(StrFormat(in, Self(a).text(), {}, keywords.get())));
       }},
      {"translate", "self, table, /",
       [](Interpreter& in, BoundArgs& a) {
         std::string out;
         const std::string& s = Self(a).text();
         for (size_t at = 0; at < s.size(); at += Utf8Bytes(static_cast<unsigned char>(s[at]))) {
           in.Step();
           uint32_t code = Utf8Decode(s, at);
           auto* dict = a[1].As<Dict>();
           if (dict == nullptr) a.Wrong(1, "dict");
           Value* to = dict->table.Find(in, Value::Int(code));
           if (to == nullptr) Utf8Append(&out, code);
           else if (to->is_int()) Utf8Append(&out, static_cast<uint32_t>(to->integer()));
           else if (Str* text = to->As<Str>()) out += text->text();
           in.CheckTextSize(out.size());
         }
         return Value(in.NewStr(out));
       }},
  };
}

std::vector<NativeMethod> BytesMethods() {
  return {
      {"decode", "self, encoding='utf-8', errors='strict'",
       [](Interpreter& in, BoundArgs& a) {
         auto* b = a[0].As<Bytes>();
         if (b == nullptr) a.Wrong(0, "bytes");
         Prepare(in, static_cast<int64_t>(b->bytes().size()));
         for (size_t at = 0; at < b->bytes().size();) {
           unsigned char c = static_cast<unsigned char>(b->bytes()[at]);
           size_t n = Utf8Bytes(c);
           bool good = c < 0x80 || (c >= 0xc2 && c < 0xf5 && at + n <= b->bytes().size());
           for (size_t i = 1; good && i < n; ++i) good = (static_cast<unsigned char>(b->bytes()[at + i]) & 0xc0) == 0x80;
           if (!good) {
             in.Raise(in.types().unicode_error, "'utf-8' codec can't decode byte in position " + std::to_string(at));
           }
           at += n;
         }
         return Value(in.NewStr(b->bytes()));
       }},
      {"hex", "self, /",
       [](Interpreter& in, BoundArgs& a) {
         auto* b = a[0].As<Bytes>();
         if (b == nullptr) a.Wrong(0, "bytes");
         Prepare(in, static_cast<int64_t>(b->bytes().size()) * 2);
         std::string out;
         for (unsigned char c : b->bytes()) {
           out += "0123456789abcdef"[c >> 4];
           out += "0123456789abcdef"[c & 15];
         }
         return Value(in.NewStr(out));
       }},
      {"startswith", "self, prefix, /",
       [](Interpreter&, BoundArgs& a) {
         auto *b = a[0].As<Bytes>(), *p = a[1].As<Bytes>();
         if (b == nullptr) a.Wrong(0, "bytes");
         if (p == nullptr) a.Wrong(1, "bytes");
         return Value::Bool(b->bytes().starts_with(p->bytes()));
       }},
  };
}

}  // namespace fusepack::py
