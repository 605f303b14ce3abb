// One loop: read an opcode and its argument (a table gives the form), execute it on a stack of nodes. After Python's
// pickletools.py; where the reference unpickler is lenient (literals like `I0x10`, bytes after STOP, frames that end
// inside an opcode) this one refuses, because no pickler writes such a thing.
//
// Every node, list slot and copied text is charged against a memory limit before it is made. After STOP the graph is
// walked once with an explicit stack for the rules that need it whole: depth, hashable and unique keys.
#include "tracer/archive/unpickle.h"

#include <algorithm>
#include <charconv>
#include <cmath>
#include <unordered_set>

#include "kernels/base/checked.h"
#include "tracer/archive/pickle_machine.h"
#include "tracer/archive/pickle_opcodes.h"
#include "tracer/archive/printable.h"
#include "tracer/archive/raw_bytes.h"

namespace fusepack::archive {
namespace {

struct OpcodeInfo {
  std::string_view name;
  PickleArgument argument = PickleArgument::kInvalid;
};

constexpr std::array<OpcodeInfo, 256> MakeOpcodes() {
  std::array<OpcodeInfo, 256> out{};
#define X(byte, opcode_name, form) out[op::opcode_name] = {#opcode_name, PickleArgument::form};
  FUSEPACK_PICKLE_OPCODES(X)
#undef X
  return out;
}
constexpr std::array<OpcodeInfo, 256> kOpcodes = MakeOpcodes();

// Names that Python 2 had and that protocols 0 to 2 keep for its sake.
struct Renamed {
  std::string_view module, name, new_module, new_name;  // empty name: the whole module
};
constexpr Renamed kPython2Names[] = {
    {"__builtin__", "xrange", "builtins", "range"},
    {"__builtin__", "unicode", "builtins", "str"},
    {"__builtin__", "long", "builtins", "int"},
    {"__builtin__", "", "builtins", ""},
    {"copy_reg", "", "copyreg", ""},
};

// Digits of the largest integer of kMaxPickleLongBytes, and its sign.
constexpr size_t kMaxLongDigits = 615;

std::string N(uint64_t value) { return std::to_string(value); }

// "-123" (checked to be digits) to little-endian two's complement, by multiplying up.
std::string DecimalToLong(std::string_view text) {
  const bool negative = text[0] == '-';
  std::string bytes;
  for (const char digit : text.substr(negative ? 1 : 0)) {
    unsigned carry = static_cast<unsigned>(digit - '0');
    for (char& byte : bytes) {
      carry += static_cast<uint8_t>(byte) * 10u;
      byte = static_cast<char>(carry);
      carry >>= 8;
    }
    if (carry != 0) bytes += static_cast<char>(carry);
  }
  bytes += '\0';  // the sign
  if (negative) {
    unsigned carry = 1;
    for (char& byte : bytes) {
      carry += static_cast<uint8_t>(~byte);
      byte = static_cast<char>(carry);
      carry >>= 8;
    }
  }
  return bytes;
}

}  // namespace

std::string_view PickleOpcodeName(uint8_t opcode) { return kOpcodes[opcode].name; }

PickleMachine::PickleMachine(std::string place, Bytes pickle, std::shared_ptr<StorageTable> storages,
                             const UnpickleLimits& limits)
    : place_(std::move(place)), limits_(limits), tree_(new PickleTree), stream_(pickle.span) {
  tree_->bytes_ = std::move(pickle);
  if (storages == nullptr) {
    storages = std::make_shared<StorageTable>(
        [](const std::string&) -> Result<Bytes> { return BadInput("", "a storage", "a pickle without storages"); });
  }
  tree_->storages_ = std::move(storages);
  tree_->audit_.bytes = stream_.size();
}

std::string PickleMachine::Where() const {
  const std::string_view name = kOpcodes[opcode_].name;
  return place_ + " offset " + N(opcode_at_) + (name.empty() ? "" : " (" + std::string(name) + ")");
}
Status PickleMachine::Bad(std::string found, std::string expected) const {
  return BadInput(Where(), std::move(found), std::move(expected));
}
Status PickleMachine::TooMuch(std::string found, std::string expected) const {
  return LimitExceeded(Where(), std::move(found), std::move(expected));
}

Status PickleMachine::Charge(uint64_t bytes) {
  charged_ += bytes;
  if (charged_ > limits_.memory_bytes) return TooMuch("more memory needed", "at most " + N(limits_.memory_bytes) + " bytes");
  return OkStatus();
}

Status PickleMachine::New(Kind kind, Value* out) {
  FP_RETURN_IF_ERROR(Charge(sizeof(PickleValue)));
  tree_->nodes_.emplace_back();
  *out = &tree_->nodes_.back();
  (*out)->kind = kind;
  (*out)->id = static_cast<uint32_t>(tree_->nodes_.size() - 1);
  return OkStatus();
}

Status PickleMachine::Push(Value value) {
  FP_RETURN_IF_ERROR(Charge(sizeof(Value)));
  stack_.push_back(value);
  return OkStatus();
}

Status PickleMachine::PushText(Kind kind, std::string_view text) {
  if (kind == Kind::kStr && !IsUtf8(text, true)) return Bad("a string that is not UTF-8", "UTF-8");
  Value value;
  FP_RETURN_IF_ERROR(New(kind, &value));
  value->text = text;
  return Push(value);
}

Result<std::string_view> PickleMachine::KeepText(std::string text) {
  FP_RETURN_IF_ERROR(Charge(text.size() + sizeof text));
  tree_->texts_.push_back(std::move(text));
  return std::string_view(tree_->texts_.back());
}

Status PickleMachine::PushOwnText(Kind kind, std::string text) {
  FP_ASSIGN_OR_RETURN(const std::string_view kept, KeepText(std::move(text)));
  return PushText(kind, kept);
}

Status PickleMachine::Pop(Value* out) {
  const size_t floor = marks_.empty() ? 0 : marks_.back();
  if (stack_.size() <= floor) return Bad("an empty stack", "a value on it");
  *out = stack_.back();
  stack_.pop_back();
  return OkStatus();
}

Status PickleMachine::PopMark(size_t* from) {
  if (marks_.empty()) return Bad("no mark on the stack", "one");
  *from = marks_.back();
  marks_.pop_back();
  return OkStatus();
}

// ---- the stream ----

Status PickleMachine::Run() {
  bool stopped = false;
  while (!stopped) FP_RETURN_IF_ERROR(Step(&stopped));
  return Finish();
}

Status PickleMachine::Step(bool* stopped) {
  opcode_at_ = at_;
  opcode_ = 0;
  if (at_ >= stream_.size()) return Bad("the end of the pickle", "STOP");
  opcode_ = stream_[at_++];
  if (kOpcodes[opcode_].argument == PickleArgument::kInvalid) return Bad("byte " + N(opcode_), "an opcode");
  PickleAudit& audit = tree_->audit_;
  if (++audit.opcodes > limits_.opcodes) return TooMuch("more opcodes", "at most " + N(limits_.opcodes));
  audit.opcode_counts[opcode_]++;
  Argument argument;
  FP_RETURN_IF_ERROR(ReadArgument(opcode_, &argument));
  if (frame_end_ != 0 && at_ > frame_end_) return Bad("a frame that ends inside an opcode", "whole opcodes in a frame");
  if (at_ == frame_end_) frame_end_ = 0;
  return Execute(opcode_, argument, stopped);
}

Status PickleMachine::ReadArgument(uint8_t opcode, Argument* argument) {
  const auto left = [&] { return static_cast<uint64_t>(stream_.size() - at_); };
  const auto number = [&](size_t bytes) -> Status {
    if (left() < bytes) return Bad("the end of the pickle inside an opcode", N(bytes) + " bytes");
    argument->number = 0;
    std::memcpy(&argument->number, &stream_[at_], bytes);
    at_ += bytes;
    return OkStatus();
  };
  const auto line = [&](std::string_view* text) -> Status {
    const uint8_t* begin = stream_.data() + at_;
    const void* newline = left() == 0 ? nullptr : std::memchr(begin, '\n', left());
    if (newline == nullptr) return Bad("no end of line", "a newline");
    const size_t size = static_cast<size_t>(static_cast<const uint8_t*>(newline) - begin);
    *text = {reinterpret_cast<const char*>(begin), size};
    at_ += size + 1;
    return OkStatus();
  };
  const auto counted = [&](size_t length_bytes) -> Status {
    FP_RETURN_IF_ERROR(number(length_bytes));
    if (argument->number > left()) return Bad(N(argument->number) + " bytes announced", "at most " + N(left()) + " that are left");
    argument->text = {reinterpret_cast<const char*>(stream_.data() + at_), static_cast<size_t>(argument->number)};
    at_ += argument->number;
    return OkStatus();
  };
  switch (kOpcodes[opcode].argument) {
    case PickleArgument::kInvalid:
    case PickleArgument::kNone: return OkStatus();
    case PickleArgument::kU8: return number(1);
    case PickleArgument::kU16: return number(2);
    case PickleArgument::kI32:
      FP_RETURN_IF_ERROR(number(4));
      argument->number = static_cast<uint64_t>(int64_t{static_cast<int32_t>(argument->number)});
      return OkStatus();
    case PickleArgument::kU32: return number(4);
    case PickleArgument::kU64: return number(8);
    case PickleArgument::kF64Big:
      FP_RETURN_IF_ERROR(number(8));
      argument->real = std::bit_cast<double>(__builtin_bswap64(argument->number));
      return OkStatus();
    case PickleArgument::kLine: return line(&argument->text);
    case PickleArgument::kTwoLines:
      FP_RETURN_IF_ERROR(line(&argument->text));
      return line(&argument->second);
    case PickleArgument::kBytes8: return counted(1);
    case PickleArgument::kBytes32: return counted(4);
    case PickleArgument::kBytes64: return counted(8);
  }
  return OkStatus();
}

Status PickleMachine::Execute(uint8_t opcode, const Argument& argument, bool* stopped) {
  Value value = nullptr, other = nullptr, third = nullptr, made = nullptr;
  size_t from = 0;
  const auto push_new = [&](Kind kind, int64_t integer = 0, double number = 0) -> Status {
    FP_RETURN_IF_ERROR(New(kind, &made));
    made->integer = integer;
    made->number = number;
    return Push(made);
  };
  const auto index = [&](uint64_t* out) -> Status {
    const std::string_view text = argument.text;
    const auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), *out);
    if (error != std::errc() || end != text.data() + text.size()) return Bad("memo index " + Printable(text), "a number");
    return OkStatus();
  };
  // Pops everything above the last mark into a new node of `kind`.
  const auto gather = [&](Kind kind) -> Status {
    FP_RETURN_IF_ERROR(PopMark(&from));
    FP_RETURN_IF_ERROR(New(kind, &made));
    if (kind == Kind::kDict) FP_RETURN_IF_ERROR(AddPairs(made, from));
    else FP_RETURN_IF_ERROR(TakeItems(made, from));
    return Push(made);
  };

  switch (opcode) {
    case op::PROTO:
      if (opcode_at_ != 0) return Bad("a protocol number inside the pickle", "one at its start");
      if (argument.number > kMaxPickleProtocol) return Bad("protocol " + N(argument.number), "at most " + N(kMaxPickleProtocol));
      tree_->audit_.protocol = static_cast<int>(argument.number);
      return OkStatus();
    case op::FRAME:
      if (frame_end_ != 0) return Bad("a frame inside a frame", "none");
      if (argument.number == 0) return OkStatus();
      if (argument.number > stream_.size() - at_) {
        return Bad("a frame of " + N(argument.number) + " bytes", "at most " + N(stream_.size() - at_) + " that are left");
      }
      frame_end_ = at_ + argument.number;
      return OkStatus();
    case op::STOP:
      *stopped = true;
      if (at_ != stream_.size()) return Bad(N(stream_.size() - at_) + " bytes after STOP", "none");
      if (!marks_.empty() || stack_.size() != 1) {
        return Bad(N(stack_.size()) + " values and " + N(marks_.size()) + " marks on the stack", "one value");
      }
      tree_->root_ = stack_[0];
      return OkStatus();

    case op::MARK:
      FP_RETURN_IF_ERROR(Charge(sizeof(size_t)));
      marks_.push_back(stack_.size());
      return OkStatus();
    case op::POP:
      if (!marks_.empty() && marks_.back() == stack_.size()) return PopMark(&from);
      return Pop(&value);
    case op::POP_MARK:
      FP_RETURN_IF_ERROR(PopMark(&from));
      stack_.resize(from);
      return OkStatus();
    case op::DUP:
      FP_RETURN_IF_ERROR(Pop(&value));
      FP_RETURN_IF_ERROR(Push(value));
      return Push(value);

    case op::PUT: {
      uint64_t i = 0;
      FP_RETURN_IF_ERROR(index(&i));
      return Memoize(i);
    }
    case op::BINPUT:
    case op::LONG_BINPUT: return Memoize(argument.number);
    case op::MEMOIZE: return Memoize(memo_.size());
    case op::GET: {
      uint64_t i = 0;
      FP_RETURN_IF_ERROR(index(&i));
      return Recall(i);
    }
    case op::BINGET:
    case op::LONG_BINGET: return Recall(argument.number);

    case op::NONE: return push_new(Kind::kNone);
    case op::NEWTRUE: return push_new(Kind::kBool, 1);
    case op::NEWFALSE: return push_new(Kind::kBool, 0);
    case op::BININT:
    case op::BININT1:
    case op::BININT2: return push_new(Kind::kInt, static_cast<int64_t>(argument.number));
    case op::INT: return ParseInt(argument.text, false);
    case op::LONG: return ParseInt(argument.text, true);
    case op::LONG1:
    case op::LONG4: return PushLong(argument.text);
    case op::FLOAT: return ParseFloat(argument.text);
    case op::BINFLOAT: return push_new(Kind::kFloat, 0, argument.real);
    case op::STRING: return ParseString(argument.text);
    case op::UNICODE: return ParseUnicode(argument.text);
    case op::BINSTRING:
    case op::SHORT_BINSTRING:
    case op::BINUNICODE:
    case op::SHORT_BINUNICODE:
    case op::BINUNICODE8: return PushText(Kind::kStr, argument.text);
    case op::BINBYTES:
    case op::SHORT_BINBYTES:
    case op::BINBYTES8: return PushText(Kind::kBytes, argument.text);
    case op::BYTEARRAY8: return PushText(Kind::kByteArray, argument.text);

    case op::EMPTY_LIST: return push_new(Kind::kList);
    case op::EMPTY_DICT: return push_new(Kind::kDict);
    case op::EMPTY_TUPLE: return push_new(Kind::kTuple);
    case op::EMPTY_SET: return push_new(Kind::kSet);
    case op::LIST: return gather(Kind::kList);
    case op::TUPLE: return gather(Kind::kTuple);
    case op::DICT: return gather(Kind::kDict);
    case op::FROZENSET: return gather(Kind::kFrozenSet);
    case op::TUPLE1: return PopTuple(1);
    case op::TUPLE2: return PopTuple(2);
    case op::TUPLE3: return PopTuple(3);

    case op::APPEND:
      FP_RETURN_IF_ERROR(Pop(&value));
      FP_RETURN_IF_ERROR(Pop(&other));
      FP_RETURN_IF_ERROR(Push(other));
      stack_.push_back(value);
      return AddItems(other, stack_.size() - 1);
    case op::APPENDS:
    case op::ADDITEMS:
      FP_RETURN_IF_ERROR(PopMark(&from));
      if (from == 0 || from <= (marks_.empty() ? 0 : marks_.back())) return Bad("nothing below the mark", "a list or set");
      return AddItems(stack_[from - 1], from);
    case op::SETITEM:
      if (stack_.size() < (marks_.empty() ? 0 : marks_.back()) + 3) return Bad("too few values on the stack", "three");
      return AddPairs(stack_[stack_.size() - 3], stack_.size() - 2);
    case op::SETITEMS:
      FP_RETURN_IF_ERROR(PopMark(&from));
      if (from == 0 || from <= (marks_.empty() ? 0 : marks_.back())) return Bad("nothing below the mark", "a dict");
      return AddPairs(stack_[from - 1], from);

    case op::GLOBAL:
      FP_RETURN_IF_ERROR(MakeGlobal(argument.text, argument.second, &made));
      return Push(made);
    case op::STACK_GLOBAL:
      FP_RETURN_IF_ERROR(Pop(&value));
      FP_RETURN_IF_ERROR(Pop(&other));
      if (!value->is(Kind::kStr) || !other->is(Kind::kStr)) return Bad("module and name that are no strings", "two strings");
      FP_RETURN_IF_ERROR(MakeGlobal(other->text, value->text, &made));
      return Push(made);
    case op::REDUCE:
      FP_RETURN_IF_ERROR(Pop(&value));
      FP_RETURN_IF_ERROR(Pop(&other));
      FP_RETURN_IF_ERROR(MakeCall(*other, *value, nullptr, false, &made));
      return Push(made);
    case op::NEWOBJ:
      FP_RETURN_IF_ERROR(Pop(&value));
      FP_RETURN_IF_ERROR(Pop(&other));
      FP_RETURN_IF_ERROR(MakeCall(*other, *value, nullptr, true, &made));
      return Push(made);
    case op::NEWOBJ_EX:
      FP_RETURN_IF_ERROR(Pop(&third));
      FP_RETURN_IF_ERROR(Pop(&value));
      FP_RETURN_IF_ERROR(Pop(&other));
      if (!third->is(Kind::kDict)) return Bad("keyword arguments in a " + std::string(PickleKindName(third->kind)), "a dict");
      FP_RETURN_IF_ERROR(MakeCall(*other, *value, third, true, &made));
      return Push(made);
    case op::INST:
    case op::OBJ: {
      FP_RETURN_IF_ERROR(PopMark(&from));
      if (opcode == op::INST) {
        FP_RETURN_IF_ERROR(MakeGlobal(argument.text, argument.second, &other));
      } else {
        if (from >= stack_.size()) return Bad("nothing above the mark", "a class");
        other = stack_[from];
        stack_.erase(stack_.begin() + static_cast<std::ptrdiff_t>(from));
      }
      FP_RETURN_IF_ERROR(New(Kind::kTuple, &value));
      FP_RETURN_IF_ERROR(TakeItems(value, from));
      FP_RETURN_IF_ERROR(MakeCall(*other, *value, nullptr, false, &made));
      return Push(made);
    }
    case op::BUILD:
      FP_RETURN_IF_ERROR(Pop(&value));
      FP_RETURN_IF_ERROR(Pop(&other));
      FP_RETURN_IF_ERROR(Build(other, value));
      return Push(other);
    case op::BINPERSID:
      FP_RETURN_IF_ERROR(Pop(&value));
      FP_RETURN_IF_ERROR(PersistentId(*value, &made));
      return Push(made);

    case op::PERSID: return Bad("a persistent id as text", "one in a tuple (BINPERSID)");
    case op::EXT1:
    case op::EXT2:
    case op::EXT4: return Bad("an object of the extension registry", "objects by name");
    case op::NEXT_BUFFER:
    case op::READONLY_BUFFER: return Bad("a buffer outside the pickle", "data inside it");
  }
  return Bad("byte " + N(opcode), "an opcode");
}

// ---- literals ----

Status PickleMachine::ParseInt(std::string_view text, bool is_long) {
  Value value;
  // Protocol 1 writes booleans as I00 and I01.
  if (!is_long && (text == "00" || text == "01")) {
    FP_RETURN_IF_ERROR(New(Kind::kBool, &value));
    value->integer = text == "01";
    return Push(value);
  }
  const std::string_view whole = text;
  if (is_long && !text.empty() && text.back() == 'L') text.remove_suffix(1);
  int64_t number = 0;
  const auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), number);
  if (end != text.data() + text.size() || (error != std::errc() && error != std::errc::result_out_of_range)) {
    return Bad("integer " + Printable(whole), "decimal digits");
  }
  if (error == std::errc::result_out_of_range) {
    if (text.size() > kMaxLongDigits) return TooMuch("an integer of " + N(text.size()) + " digits", "at most " + N(kMaxLongDigits));
    FP_ASSIGN_OR_RETURN(const std::string_view bytes, KeepText(DecimalToLong(text)));
    return PushLong(bytes);
  }
  FP_RETURN_IF_ERROR(New(Kind::kInt, &value));
  value->integer = number;
  return Push(value);
}

Status PickleMachine::PushLong(std::string_view bytes) {
  if (bytes.size() > kMaxPickleLongBytes) return TooMuch("an integer of " + N(bytes.size()) + " bytes", "at most " + N(kMaxPickleLongBytes));
  // Drop bytes that only repeat the sign.
  while (bytes.size() > 1) {
    const uint8_t top = static_cast<uint8_t>(bytes.back()), next = static_cast<uint8_t>(bytes[bytes.size() - 2]);
    if (!((top == 0 && next < 0x80) || (top == 0xff && next >= 0x80))) break;
    bytes.remove_suffix(1);
  }
  Value value;
  FP_RETURN_IF_ERROR(New(bytes.size() > 8 ? Kind::kLong : Kind::kInt, &value));
  if (value->is(Kind::kLong)) {
    value->text = bytes;
  } else if (!bytes.empty()) {
    value->integer = static_cast<int8_t>(bytes.back()) < 0 ? -1 : 0;
    std::memcpy(&value->integer, bytes.data(), bytes.size());
  }
  return Push(value);
}

Status PickleMachine::ParseFloat(std::string_view text) {
  Value value;
  FP_RETURN_IF_ERROR(New(Kind::kFloat, &value));
  const auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), value->number);
  if (error != std::errc() || end != text.data() + text.size()) return Bad("float " + Printable(text), "a decimal number");
  return Push(value);
}

// Protocol 0's quoted string with Python's escapes.
Status PickleMachine::ParseString(std::string_view text) {
  if (text.size() < 2 || text.front() != text.back() || (text.front() != '\'' && text.front() != '"')) {
    return Bad("string " + Printable(text), "one in quotes");
  }
  const char quote = text.front();
  text = text.substr(1, text.size() - 2);
  std::string out;
  for (size_t i = 0; i < text.size(); i++) {
    if (text[i] == quote) return Bad("a quote inside a string", "an escaped one");
    if (text[i] != '\\') {
      out += text[i];
      continue;
    }
    if (++i == text.size()) return Bad("a string that ends in a backslash", "a whole escape");
    static constexpr std::string_view kCodes = "\\'\"nrtabfv", kMeanings = "\\'\"\n\r\t\a\b\f\v";
    const size_t code = kCodes.find(text[i]);
    if (code != std::string_view::npos) {
      out += kMeanings[code];
    } else if (text[i] == 'x' && text.size() - i > 2) {
      unsigned byte = 0;
      const auto [end, error] = std::from_chars(&text[i + 1], text.data() + i + 3, byte, 16);
      if (error != std::errc() || end != text.data() + i + 3) return Bad("a malformed \\x escape", "two hexadecimal digits");
      out += static_cast<char>(byte);
      i += 2;
    } else {
      return Bad("an unknown escape in a string", "one of Python's");
    }
  }
  return PushOwnText(Kind::kStr, std::move(out));
}

// Protocol 0's raw-unicode-escape: Latin-1 with \uXXXX and \UXXXXXXXX.
Status PickleMachine::ParseUnicode(std::string_view text) {
  std::string out;
  const auto append = [&](uint32_t code) {
    if (code < 0x80) {
      out += static_cast<char>(code);
    } else if (code < 0x800) {
      out += static_cast<char>(0xc0 | code >> 6);
    } else if (code < 0x10000) {
      out += static_cast<char>(0xe0 | code >> 12);
      out += static_cast<char>(0x80 | (code >> 6 & 0x3f));
    } else {
      out += static_cast<char>(0xf0 | code >> 18);
      out += static_cast<char>(0x80 | (code >> 12 & 0x3f));
      out += static_cast<char>(0x80 | (code >> 6 & 0x3f));
    }
    if (code >= 0x80) out += static_cast<char>(0x80 | (code & 0x3f));
  };
  for (size_t i = 0; i < text.size(); i++) {
    const size_t digits = text[i] != '\\' || i + 1 == text.size() ? 0 : text[i + 1] == 'u' ? 4 : text[i + 1] == 'U' ? 8 : 0;
    if (digits == 0) {
      append(static_cast<uint8_t>(text[i]));
      continue;
    }
    uint32_t code = 0;
    const char* begin = text.data() + i + 2;
    const char* end = begin + std::min(digits, text.size() - i - 2);
    const auto [stop, error] = std::from_chars(begin, end, code, 16);
    if (error != std::errc() || stop != begin + digits || code > 0x10ffff) {
      return Bad("a malformed \\u escape", N(digits) + " hexadecimal digits");
    }
    append(code);
    i += 1 + digits;
  }
  return PushOwnText(Kind::kStr, std::move(out));
}

// ---- memo, containers ----

Status PickleMachine::Memoize(uint64_t index) {
  if (stack_.size() <= (marks_.empty() ? 0 : marks_.back())) return Bad("an empty stack", "a value to remember");
  if (memo_.size() >= kMaxPickleMemo && memo_.count(index) == 0) return TooMuch("more memo entries", "at most " + N(kMaxPickleMemo));
  FP_RETURN_IF_ERROR(Charge(sizeof(Value) * 4));
  memo_[index] = stack_.back();
  return OkStatus();
}

Status PickleMachine::Recall(uint64_t index) {
  const auto found = memo_.find(index);
  if (found == memo_.end()) return Bad("memo entry " + N(index), "one that was stored before");
  return Push(found->second);
}

Status PickleMachine::PopTuple(size_t count) {
  if (stack_.size() < (marks_.empty() ? 0 : marks_.back()) + count) return Bad("too few values on the stack", N(count));
  Value tuple;
  FP_RETURN_IF_ERROR(New(Kind::kTuple, &tuple));
  FP_RETURN_IF_ERROR(TakeItems(tuple, stack_.size() - count));
  return Push(tuple);
}

// Moves stack_[from...] to the end of target's items.
Status PickleMachine::TakeItems(Value target, size_t from) {
  FP_RETURN_IF_ERROR(Charge((stack_.size() - from) * sizeof(Value)));
  target->items.insert(target->items.end(), stack_.begin() + static_cast<std::ptrdiff_t>(from), stack_.end());
  stack_.resize(from);
  return OkStatus();
}

Status PickleMachine::AddItems(Value target, size_t from) {
  switch (target->kind) {
    case Kind::kList: case Kind::kSet: case Kind::kDeque:
    case Kind::kObject: case Kind::kReduce: case Kind::kReducePackage: return TakeItems(target, from);
    default: return Bad("items for a " + std::string(PickleKindName(target->kind)), "a list, set or object");
  }
}

// Moves stack_[from...], keys and values in turn, to the end of target's pairs.
Status PickleMachine::AddPairs(Value target, size_t from) {
  switch (target->kind) {
    case Kind::kDict: case Kind::kOrderedDict: case Kind::kDefaultDict:
    case Kind::kObject: case Kind::kReduce: case Kind::kReducePackage: break;
    default: return Bad("keys for a " + std::string(PickleKindName(target->kind)), "a dict or object");
  }
  if ((stack_.size() - from) % 2 != 0) return Bad("a key without a value", "pairs");
  FP_RETURN_IF_ERROR(Charge((stack_.size() - from) * sizeof(Value)));
  for (size_t i = from; i < stack_.size(); i += 2) target->pairs.emplace_back(stack_[i], stack_[i + 1]);
  stack_.resize(from);
  return OkStatus();
}

// ---- globals, calls, state ----

Status PickleMachine::MakeGlobal(std::string_view module, std::string_view name, Value* out) {
  if (module.empty() || name.empty()) return Bad("a global without module or name", "both");
  if (module.size() > kMaxGlobalNameBytes || name.size() > kMaxGlobalNameBytes) {
    return TooMuch("a global's name of " + N(std::max(module.size(), name.size())) + " bytes", "at most " + N(kMaxGlobalNameBytes));
  }
  for (const std::string_view text : {module, name}) {
    const bool control = std::any_of(text.begin(), text.end(), [](char c) { return static_cast<unsigned char>(c) <= ' '; });
    if (control || !IsUtf8(text)) return Bad("global " + Printable(module) + " " + Printable(name), "names");
  }
  if (tree_->audit_.protocol < 3) {
    for (const Renamed& renamed : kPython2Names) {
      if (renamed.module != module || (!renamed.name.empty() && renamed.name != name)) continue;
      module = renamed.new_module;
      if (!renamed.name.empty()) name = renamed.new_name;
      break;
    }
  }

  std::string key = std::string(module) + "\n" + std::string(name);
  FP_RETURN_IF_ERROR(Charge(key.size()));
  auto& globals = tree_->audit_.globals;
  const auto [use, first] = uses_.emplace(std::move(key), globals.size());
  if (first) {
    FP_RETURN_IF_ERROR(Charge(2 * (module.size() + name.size()) + sizeof(PickleAudit::Use) + 64));
    globals.push_back({std::string(module), std::string(name), 0, opcode_at_, false});
  }
  globals[use->second].count++;

  const std::optional<DType> dtype = module == "torch" ? DTypeFromTorchName(name) : std::nullopt;
  FP_RETURN_IF_ERROR(New(dtype ? Kind::kDType : Kind::kGlobal, out));
  if (dtype) (*out)->dtype = *dtype;
  (*out)->text = module;
  (*out)->name = name;
  return OkStatus();
}

// callable(*args), or callable.__new__(callable, *args, **kwargs) where `constructs`.
Status PickleMachine::MakeCall(const PickleValue& callable, const PickleValue& args, const PickleValue* kwargs,
                               bool constructs, Value* out) {
  // TorchScript writes a member of an Enum as a call of its class with the bare value.
  if (!args.is(Kind::kTuple) && !constructs && callable.is(Kind::kGlobal) && callable.text.substr(0, 9) == "__torch__") {
    Value tuple;
    FP_RETURN_IF_ERROR(New(Kind::kTuple, &tuple));
    tuple->items.push_back(&args);
    return MakeCall(callable, *tuple, kwargs, constructs, out);
  }
  if (!args.is(Kind::kTuple)) return Bad("arguments in a " + std::string(PickleKindName(args.kind)), "a tuple");
  const bool symbol = callable.is(Kind::kGlobal);
  const bool inert_value = callable.is(Kind::kReduce) || callable.is(Kind::kReducePackage) || callable.is(Kind::kPartial) ||
                           callable.is(Kind::kObject);
  if (!symbol && (constructs || !inert_value)) {
    return Bad("a " + std::string(PickleKindName(callable.kind)) + " that is called", constructs ? "a class" : "a function or class");
  }
  if (symbol) {
    const auto use = uses_.find(std::string(callable.text) + "\n" + std::string(callable.name));
    if (use != uses_.end()) tree_->audit_.globals[use->second].called = true;
    const Call allowed = kwargs == nullptr ? FindAllowed(callable.text, callable.name) : nullptr;
    if (allowed != nullptr) {
      *out = nullptr;
      FP_RETURN_IF_ERROR((this->*allowed)(args, out));
      if (*out != nullptr) return OkStatus();
    }
  }
  FP_RETURN_IF_ERROR(New(constructs ? Kind::kObject : Kind::kReduce, out));
  (*out)->callable = &callable;
  (*out)->args = &args;
  (*out)->kwargs = kwargs;
  return OkStatus();
}

Status PickleMachine::Build(Value object, Value state) {
  switch (object->kind) {
    case Kind::kPartial: {
      // functools.partial.__reduce__: (func, args, kwargs, instance dict or None)
      if (!state->is(Kind::kTuple) || state->items.size() != 4 || !state->items[1]->is(Kind::kTuple) ||
          !state->items[2]->is(Kind::kDict)) {
        return Bad("another state of a functools.partial", "(func, args, kwargs, dict)");
      }
      object->callable = state->items[0];
      object->args = state->items[1];
      object->kwargs = state->items[2];
      object->state = state->items[3]->is(Kind::kNone) ? nullptr : state->items[3];
      return OkStatus();
    }
    case Kind::kObject: case Kind::kReduce: case Kind::kReducePackage: case Kind::kOrderedDict: case Kind::kDefaultDict:
    case Kind::kDeque: case Kind::kTensor: break;
    default: return Bad("state for a " + std::string(PickleKindName(object->kind)), "an object");
  }
  if (object->state != nullptr) return Bad("a second state for one object", "one");
  object->state = state;
  return OkStatus();
}

// ("storage", type, key, location, numel) and torch.package's ("reduce_package", id, func, args).
Status PickleMachine::PersistentId(const PickleValue& id, Value* out) {
  const std::string forms = "(\"storage\", type, key, location, numel) or (\"reduce_package\", id, function, arguments)";
  if (!id.is(Kind::kTuple) || id.items.empty() || !id.items[0]->is(Kind::kStr)) return Bad("another persistent id", forms);
  const auto& part = id.items;
  if (part[0]->text == "storage" && part.size() == 5) {
    DType dtype = DType::kU8;
    bool untyped = false;
    if (!part[1]->is(Kind::kGlobal) || !IsStorageType(part[1]->text, part[1]->name, &dtype, &untyped)) {
      const std::string type = part[1]->is(Kind::kGlobal) ? part[1]->QualifiedName() : std::string(PickleKindName(part[1]->kind));
      return Bad("storage type " + Printable(type), "torch.FloatStorage or another of a supported dtype");
    }
    int64_t numel = 0, number = -1;
    // torch.package counts storages with ints, torch.save with strings.
    std::string key;
    if (part[2]->is(Kind::kStr)) key = part[2]->text;
    else if (Int64(*part[2], &number) && number >= 0) key = std::to_string(number);
    if (key.empty() || !part[3]->is(Kind::kStr) || !Int64(*part[4], &numel)) return Bad("another persistent id", forms);
    const CheckedI64 bytes = CheckedI64(numel) * CheckedI64(static_cast<int64_t>(ItemSize(dtype)));
    if (numel < 0 || !bytes.ok()) return Bad("a storage of " + std::to_string(numel) + " elements", "a possible number");
    Result<int32_t> index = tree_->storages_->Find(key, part[3]->text, bytes.value());
    if (!index.ok()) return WithPlace(index.status(), Where());
    FP_RETURN_IF_ERROR(New(Kind::kStorage, out));
    (*out)->storage = *index;
    (*out)->dtype = dtype;
    (*out)->integer = numel;
    (*out)->number = untyped ? 1 : 0;  // read back by RebuildTensorV2: an untyped storage counts bytes
    return OkStatus();
  }
  if (part[0]->text == "reduce_package" && part.size() == 4) {
    std::string key;
    int64_t number = 0;
    if (Int64(*part[1], &number)) key = std::to_string(number);
    else if (part[1]->is(Kind::kLong)) key = LongToDecimal(part[1]->text);
    else if (part[1]->is(Kind::kStr)) key = "s" + std::string(part[1]->text);
    else return Bad("the id of a packaged call is a " + std::string(PickleKindName(part[1]->kind)), "an int or str");
    if (!part[3]->is(Kind::kTuple)) return Bad("arguments in a " + std::string(PickleKindName(part[3]->kind)), "a tuple");
    if (!part[2]->is(Kind::kGlobal)) return Bad("a packaged call of a " + std::string(PickleKindName(part[2]->kind)), "a function");
    const auto use = uses_.find(std::string(part[2]->text) + "\n" + std::string(part[2]->name));
    if (use != uses_.end()) tree_->audit_.globals[use->second].called = true;
    FP_RETURN_IF_ERROR(Charge(key.size() + 64));
    Value& node = packaged_[key];
    if (node == nullptr) {
      FP_RETURN_IF_ERROR(New(Kind::kReducePackage, &node));
      node->callable = part[2];
      node->args = part[3];
    }
    *out = node;
    return OkStatus();
  }
  return Bad("another persistent id", forms);
}

// ---- the whole graph ----

namespace {

bool Hashable(PickleKind kind) {
  switch (kind) {
    case PickleKind::kList: case PickleKind::kDict: case PickleKind::kSet: case PickleKind::kOrderedDict:
    case PickleKind::kDefaultDict: case PickleKind::kDeque: case PickleKind::kByteArray: case PickleKind::kSlice:
      return false;
    default: return true;
  }
}

// A text that is equal for equal simple keys (as Python compares them, True == 1 == 1.0 included); empty for others.
std::string SimpleKey(const PickleValue& key) {
  switch (key.kind) {
    case PickleKind::kStr: return "s" + std::string(key.text);
    case PickleKind::kBytes: return "b" + std::string(key.text);
    case PickleKind::kBool:
    case PickleKind::kInt: return "i" + std::to_string(key.integer);
    case PickleKind::kFloat:
      if (key.number == std::floor(key.number) && std::fabs(key.number) < 0x1p62) {
        return "i" + std::to_string(static_cast<int64_t>(key.number));
      }
      return "f" + std::to_string(std::bit_cast<uint64_t>(key.number));
    case PickleKind::kNone: return "n";
    default: return "";
  }
}

}  // namespace

Status PickleMachine::Finish() {
  tree_->audit_.memory_bytes = charged_;
  const std::string end = place_;
  // Depth first, each node once, in ForEachChild's order. An entry is (node, its children, next child).
  struct Open {
    std::vector<const PickleValue*> children;
    size_t next = 0;
  };
  std::vector<bool> seen(tree_->nodes_.size());
  std::vector<Open> open;
  const auto enter = [&](const PickleValue& value) {
    seen[value.id] = true;
    Open entry;
    ForEachChild(value, [&](const PickleValue& child) { entry.children.push_back(&child); });
    open.push_back(std::move(entry));
  };
  const auto check = [&](const PickleValue& value) -> Status {
    std::unordered_set<std::string> keys;  // a fresh one: clear() costs as much as the largest dict so far
    for (const auto& [key, item] : value.pairs) {
      if (!Hashable(key->kind)) {
        return BadInput(end, "a " + std::string(PickleKindName(key->kind)) + " as a key", "a hashable one");
      }
      std::string simple = SimpleKey(*key);
      if (!simple.empty() && !keys.insert(std::move(simple)).second) {
        return BadInput(end, "a dict with key " + Printable(key->is(Kind::kStr) ? key->text : "(number)") + " twice", "unique keys");
      }
    }
    if (value.is(Kind::kSet) || value.is(Kind::kFrozenSet)) {
      for (const PickleValue* item : value.items) {
        if (!Hashable(item->kind)) return BadInput(end, "a " + std::string(PickleKindName(item->kind)) + " in a set", "hashable items");
      }
    }
    return OkStatus();
  };

  FP_RETURN_IF_ERROR(check(*tree_->root_));
  enter(*tree_->root_);
  while (!open.empty()) {
    Open& top = open.back();
    if (top.next == top.children.size()) {
      open.pop_back();
      continue;
    }
    const PickleValue& child = *top.children[top.next++];
    if (seen[child.id]) continue;
    if (static_cast<int>(open.size()) >= limits_.depth) {
      return LimitExceeded(end, "values nested deeper", "at most " + std::to_string(limits_.depth) + " levels");
    }
    FP_RETURN_IF_ERROR(check(child));
    enter(child);
  }
  return CheckParts();
}

// What must exist before `value` itself can be made: its class, its arguments, the items of an immutable.
static void ForEachPart(const PickleValue& value, const std::function<void(const PickleValue&)>& visit) {
  if (value.callable != nullptr) visit(*value.callable);
  if (value.args != nullptr) visit(*value.args);
  if (value.kwargs != nullptr) {
    for (const auto& [key, item] : value.kwargs->pairs) {
      visit(*key);
      visit(*item);
    }
  }
  switch (value.kind) {
    case PickleKind::kTuple: case PickleKind::kFrozenSet: case PickleKind::kDeque: case PickleKind::kSize:
    case PickleKind::kSlice: case PickleKind::kRange:
      for (const PickleValue* item : value.items) visit(*item);
      break;
    default: break;
  }
}

// A cycle through parts alone has no beginning: nothing in it could be made first. Python's pickler cannot write one
// (an object is in the memo only once it exists), but BUILD on a partial or APPEND on a deque could.
Status PickleMachine::CheckParts() {
  enum : uint8_t { kNew, kOpen, kDone };
  std::vector<uint8_t> state(tree_->nodes_.size(), kNew);
  std::vector<std::pair<const PickleValue*, bool>> work;  // (node, all its parts are done)
  for (const PickleValue& start : tree_->nodes_) {
    if (state[start.id] == kNew) work.push_back({&start, false});
    while (!work.empty()) {
      const auto [value, finished] = work.back();
      work.pop_back();
      if (finished) {
        state[value->id] = kDone;
        continue;
      }
      if (state[value->id] != kNew) continue;
      state[value->id] = kOpen;
      work.push_back({value, true});
      bool cycle = false;
      ForEachPart(*value, [&](const PickleValue& part) {
        cycle = cycle || state[part.id] == kOpen;
        if (state[part.id] == kNew) work.push_back({&part, false});
      });
      if (cycle) {
        return BadInput(place_, "a " + std::string(PickleKindName(value->kind)) + " that is made from itself", "a finite one");
      }
    }
  }
  return OkStatus();
}

Result<std::shared_ptr<const PickleTree>> Unpickle(const std::string& place, Bytes pickle,
                                                   std::shared_ptr<StorageTable> storages, const UnpickleLimits& limits) {
  PickleMachine machine(place, std::move(pickle), std::move(storages), limits);
  FP_RETURN_IF_ERROR(machine.Run());
  return machine.tree();
}

}  // namespace fusepack::archive
