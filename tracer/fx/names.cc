// A candidate is base or base_N. A free candidate with a number is taken as it is; otherwise numbers are counted up
// per base, so that relu, relu_1, relu_2 follow each other however often the base is asked for.
#include "tracer/fx/names.h"

#include <algorithm>
#include <cctype>

#include "kernels/base/check.h"

namespace fusepack::fx {
namespace {

// Python 3.11's keywords and built-ins, and the names that torch.fx itself puts into generated code.
const std::unordered_set<std::string_view>& IllegalNames() {
  static const std::unordered_set<std::string_view> names = {
      "False", "None", "True", "and", "as", "assert", "async", "await", "break", "class", "continue", "def", "del",
      "elif", "else", "except", "finally", "for", "from", "global", "if", "import", "in", "is", "lambda", "nonlocal",
      "not", "or", "pass", "raise", "return", "try", "while", "with", "yield",
      "ArithmeticError", "AssertionError", "AttributeError", "BaseException", "BaseExceptionGroup", "BlockingIOError",
      "BrokenPipeError", "BufferError", "BytesWarning", "ChildProcessError", "ConnectionAbortedError",
      "ConnectionError", "ConnectionRefusedError", "ConnectionResetError", "DeprecationWarning", "EOFError",
      "Ellipsis", "EncodingWarning", "EnvironmentError", "Exception", "ExceptionGroup", "FileExistsError",
      "FileNotFoundError", "FloatingPointError", "FutureWarning", "GeneratorExit", "IOError", "ImportError",
      "ImportWarning", "IndentationError", "IndexError", "InterruptedError", "IsADirectoryError", "KeyError",
      "KeyboardInterrupt", "LookupError", "MemoryError", "ModuleNotFoundError", "NameError", "NotADirectoryError",
      "NotImplemented", "NotImplementedError", "OSError", "OverflowError", "PendingDeprecationWarning",
      "PermissionError", "ProcessLookupError", "RecursionError", "ReferenceError", "ResourceWarning", "RuntimeError",
      "RuntimeWarning", "StopAsyncIteration", "StopIteration", "SyntaxError", "SyntaxWarning", "SystemError",
      "SystemExit", "TabError", "TimeoutError", "TypeError", "UnboundLocalError", "UnicodeDecodeError",
      "UnicodeEncodeError", "UnicodeError", "UnicodeTranslateError", "UnicodeWarning", "UserWarning", "ValueError",
      "Warning", "ZeroDivisionError", "__build_class__", "__debug__", "__doc__", "__import__", "__loader__",
      "__name__", "__package__", "__spec__", "abs", "aiter", "all", "anext", "any", "ascii", "bin", "bool",
      "breakpoint", "bytearray", "bytes", "callable", "chr", "classmethod", "compile", "complex", "copyright",
      "credits", "delattr", "dict", "dir", "divmod", "enumerate", "eval", "exec", "exit", "filter", "float", "format",
      "frozenset", "getattr", "globals", "hasattr", "hash", "help", "hex", "id", "input", "int", "isinstance",
      "issubclass", "iter", "len", "license", "list", "locals", "map", "max", "memoryview", "min", "next", "object",
      "oct", "open", "ord", "pow", "print", "property", "quit", "range", "repr", "reversed", "round", "set", "setattr",
      "slice", "sorted", "staticmethod", "str", "sum", "super", "tuple", "type", "vars", "zip",
      "inf", "nan", "NoneType", "torch", "device", "fx_pytree", "pytree",
  };
  return names;
}

bool IsNameChar(char c) { return c == '_' || std::isalnum(static_cast<unsigned char>(c)); }
bool IsDigit(char c) { return c >= '0' && c <= '9'; }

// Runs of characters that no identifier has become one underscore.
std::string MakeLegal(const std::string& candidate) {
  std::string out;
  bool in_run = false;
  for (char c : candidate) {
    const bool legal = IsNameChar(c) && static_cast<unsigned char>(c) < 128;
    if (legal || !in_run) out += legal ? c : '_';
    in_run = !legal;
  }
  if (out.empty()) out = "_unnamed";
  if (IsDigit(out[0])) out = "_" + out;
  return out;
}

// Splits "relu_12" into "relu" and 12; *number is -1 where there is no number.
std::string SplitNumber(const std::string& name, int64_t* number) {
  *number = -1;
  size_t digits = name.size();
  while (digits > 0 && IsDigit(name[digits - 1])) digits--;
  const bool has = digits < name.size() && digits >= 2 && name[digits - 1] == '_' && name.size() - digits < 18;
  if (!has) return name;
  *number = std::stoll(name.substr(digits));
  return name.substr(0, digits - 1);
}

}  // namespace

std::string Namespace::CreateName(std::string candidate, const void* identity) {
  if (identity != nullptr) {
    const auto known = names_.find(identity);
    if (known != names_.end()) return known->second;
  }
  candidate = MakeLegal(candidate);
  int64_t number;
  const std::string base = SplitNumber(candidate, &number);
  if (number < 0 || used_.count(candidate) != 0) {
    const auto counted = base_count_.find(base);
    number = counted == base_count_.end() ? 0 : counted->second;
    const auto owner = owners_.find(candidate);
    const bool own = identity != nullptr && owner != owners_.end() && owner->second == identity;
    if (!own && IllegalNames().count(candidate) != 0) candidate = base + "_" + std::to_string(++number);
  }
  while (used_.count(candidate) != 0) candidate = base + "_" + std::to_string(++number);
  used_.insert(candidate);
  base_count_[base] = number;
  if (identity != nullptr) names_[identity] = candidate;
  return candidate;
}

std::string SnakeCase(std::string_view name) {
  std::string out;
  for (size_t i = 0; i < name.size(); i++) {
    const char c = name[i];
    const bool upper = c >= 'A' && c <= 'Z';
    if (upper && i > 0 && name[i - 1] >= 'a' && name[i - 1] <= 'z') out += '_';
    out += upper ? static_cast<char>(c - 'A' + 'a') : c;
  }
  return out;
}

std::string NameForTarget(std::string_view target) {
  const bool magic = target.size() >= 4 && target.substr(0, 2) == "__" && target.substr(target.size() - 2) == "__";
  return SnakeCase(magic ? target.substr(2, target.size() - 4) : target);
}

bool IsIdentifier(std::string_view text) {
  return !text.empty() && !IsDigit(text[0]) && std::all_of(text.begin(), text.end(), IsNameChar);
}

std::string FormatTarget(std::string base, std::string_view path) {
  for (size_t begin = 0; begin <= path.size();) {
    const size_t end = std::min(path.find('.', begin), path.size());
    const std::string part(path.substr(begin, end - begin));
    base = IsIdentifier(part) ? base + "." + part : "getattr(" + base + ", \"" + part + "\")";
    begin = end + 1;
  }
  return base;
}

}  // namespace fusepack::fx
