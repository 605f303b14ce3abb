// Regular expressions for lib/re.py: a backtracking matcher over a small program.
//
// A pattern is parsed to a tree, the tree is written out as instructions (counted repeats are unrolled), and a machine
// with an explicit stack runs them (as in Russ Cox, "Regular Expression Matching: the Virtual Machine Approach"):
// an entry of the stack is a place to go on from, or the old value of a capture to put back. Every instruction is a
// step of the interpreter, so a pattern that explodes ends at the step limit. Lookarounds and atomic groups run the
// machine anew on their part of the program; how deep they nest is limited when the pattern is parsed.
//
// Positions are code points. Letter case is ASCII's; \w beyond ASCII is every character that is no space, control or
// punctuation of the usual blocks.
#include <map>
#include <memory>
#include <optional>

#include "tracer/python/library.h"

namespace fusepack::py {
namespace {

constexpr int kMaxNesting = 100;             // groups inside groups
constexpr size_t kMaxInstructions = 100000;  // after unrolling
constexpr size_t kMaxStack = 4 << 20;        // entries
constexpr int kUnlimited = -1;

enum Flags { kIgnoreCase = 2, kMultiline = 8, kDotAll = 16, kUnicode = 32, kVerbose = 64, kAscii = 256 };

// ---- characters

bool IsSpace(uint32_t c, bool ascii) {
  if (c < 0x80) return c == ' ' || (c >= 9 && c <= 13) || (!ascii && c >= 0x1c && c <= 0x1f);
  if (ascii) return false;
  return c == 0x85 || c == 0xa0 || c == 0x1680 || (c >= 0x2000 && c <= 0x200a) || c == 0x2028 || c == 0x2029 ||
         c == 0x202f || c == 0x205f || c == 0x3000;
}
bool IsDigit(uint32_t c) { return c >= '0' && c <= '9'; }
bool IsWord(uint32_t c, bool ascii) {
  if (c < 0x80) return IsDigit(c) || (c | 0x20) - 'a' < 26u || c == '_';
  if (ascii || c < 0xaa || IsSpace(c, false)) return false;
  if (c < 0xc0) return c == 0xaa || c == 0xb2 || c == 0xb3 || c == 0xb5 || (c >= 0xb9 && c <= 0xba) || (c >= 0xbc && c <= 0xbe);
  return c != 0xd7 && c != 0xf7 && !(c >= 0x2010 && c <= 0x206f) && !(c >= 0x2190 && c <= 0x2bff) &&
         !(c >= 0x3001 && c <= 0x3020) && !(c >= 0xe000 && c <= 0xf8ff) && !(c >= 0x1f000 && c <= 0x1faff);
}
uint32_t Lower(uint32_t c) { return c - 'A' < 26u ? c + 32 : c; }
uint32_t Upper(uint32_t c) { return c - 'a' < 26u ? c - 32 : c; }

struct CharSet {
  std::vector<std::pair<uint32_t, uint32_t>> ranges;
  std::vector<char> categories;  // d D w W s S
  bool negated = false, ignore_case = false, ascii = false;

  bool HasPlain(uint32_t c) const {
    for (auto [first, last] : ranges) {
      if (c >= first && c <= last) return true;
    }
    for (char category : categories) {
      bool yes = (category | 0x20) == 'd' ? IsDigit(c) : (category | 0x20) == 'w' ? IsWord(c, ascii) : IsSpace(c, ascii);
      if (yes == (category >= 'a')) return true;
    }
    return false;
  }
  bool Has(uint32_t c) const {
    bool found = HasPlain(c) || (ignore_case && (HasPlain(Lower(c)) || HasPlain(Upper(c))));
    return found != negated;
  }
};

// ---- the tree

enum class Kind {
  kEmpty, kChar, kAny, kSet, kConcat, kAlternate, kRepeat, kGroup, kCapture, kBackreference, kLook, kAtomic, kAssert,
  kConditional
};

struct Node {
  Kind kind = Kind::kEmpty;
  std::vector<std::unique_ptr<Node>> children;
  uint32_t c = 0;              // kChar; kAssert: one of ^ $ A Z b B
  bool ignore_case = false, dot_all = false, multiline = false, ascii = false;
  CharSet set;
  int min = 0, max = 0;        // kRepeat
  bool lazy = false;
  int group = 0;               // kCapture, kBackreference, kConditional
  bool ahead = true, negative = false;  // kLook
};

struct PatternError {
  std::string message;
};

class PatternParser {
 public:
  PatternParser(const std::vector<uint32_t>& text, bool bytes, int flags) : text_(text), bytes_(bytes), flags_(flags) {}

  std::unique_ptr<Node> Parse() {
    auto node = Alternatives();
    if (at_ < text_.size()) Fail("unbalanced parenthesis", at_);
    for (auto [group, at] : references_) {
      if (group > groups_) Fail("invalid group reference " + std::to_string(group), at);
    }
    return node;
  }
  int groups() const { return groups_; }
  int flags() const { return flags_; }
  const std::vector<std::pair<std::string, int>>& names() const { return names_; }

 private:
  [[noreturn]] void Fail(const std::string& what, size_t at) {
    throw PatternError{what + " at position " + std::to_string(at)};
  }
  // The pattern from `begin` to `end`, for a message.
  std::string Shown(size_t begin, size_t end) const {
    std::string out;
    for (size_t i = begin; i < end; ++i) out += text_[i] < 0x80 ? static_cast<char>(text_[i]) : '?';
    return out;
  }
  bool End() const { return at_ >= text_.size(); }
  uint32_t Peek(size_t ahead = 0) const { return at_ + ahead < text_.size() ? text_[at_ + ahead] : 0; }
  bool Take(uint32_t c) {
    if (End() || Peek() != c) return false;
    ++at_;
    return true;
  }
  std::unique_ptr<Node> New(Kind kind) const {
    auto node = std::make_unique<Node>();
    node->kind = kind;
    node->ignore_case = flags_ & kIgnoreCase;
    node->dot_all = flags_ & kDotAll;
    node->multiline = flags_ & kMultiline;
    node->ascii = bytes_ || (flags_ & kAscii);
    return node;
  }

  std::unique_ptr<Node> Alternatives() {
    if (++depth_ > kMaxNesting) Fail("groups nested too deep", at_);
    auto node = New(Kind::kAlternate);
    do {
      node->children.push_back(Sequence());
    } while (Take('|'));
    --depth_;
    if (node->children.size() == 1) return std::move(node->children[0]);
    return node;
  }

  std::unique_ptr<Node> Sequence() {
    auto node = New(Kind::kConcat);
    while (!End() && Peek() != '|' && Peek() != ')') {
      if (flags_ & kVerbose) {
        if (IsSpace(Peek(), true)) {
          ++at_;
          continue;
        }
        if (Peek() == '#') {
          while (!End() && Peek() != '\n') ++at_;
          continue;
        }
      }
      size_t start = at_;
      auto atom = Atom();
      if (!atom) continue;
      node->children.push_back(Quantified(std::move(atom), start));
    }
    return node;
  }

  std::unique_ptr<Node> Quantified(std::unique_ptr<Node> atom, size_t) {
    bool repeated = false;
    for (;;) {
      size_t start = at_;
      int min, max;
      if (Take('*')) {
        min = 0, max = kUnlimited;
      } else if (Take('+')) {
        min = 1, max = kUnlimited;
      } else if (Take('?')) {
        min = 0, max = 1;
      } else if (Peek() == '{' && !End() && Counts(&min, &max)) {
      } else {
        return atom;
      }
      if (repeated) Fail("multiple repeat", start);
      if (atom->kind == Kind::kAssert) Fail("nothing to repeat", start);
      repeated = true;
      auto repeat = New(Kind::kRepeat);
      repeat->min = min;
      repeat->max = max;
      repeat->children.push_back(std::move(atom));
      if (Take('?')) {
        repeat->lazy = true;
      } else if (Take('+')) {
        auto atomic = New(Kind::kAtomic);
        atomic->children.push_back(std::move(repeat));
        repeat = std::move(atomic);
      }
      atom = std::move(repeat);
    }
  }

  // {m}, {m,}, {,n}, {m,n}; false, and nothing taken, where the brace is a plain character.
  bool Counts(int* min, int* max) {
    size_t back = at_++;
    auto number = [&]() -> std::optional<int> {
      if (!IsDigit(Peek())) return std::nullopt;
      int64_t n = 0;
      for (; IsDigit(Peek()); ++at_) {
        n = n * 10 + (Peek() - '0');
        if (n > 65535) Fail("the repetition number is too large", back);
      }
      return static_cast<int>(n);
    };
    if (Peek() == '}') {
      at_ = back;
      return false;
    }
    std::optional<int> low = number(), high = low;
    bool comma = Take(',');
    if (comma) high = number();
    if ((!low && !comma) || !Take('}')) {
      at_ = back;
      return false;
    }
    *min = low.value_or(0);
    *max = comma ? high.value_or(kUnlimited) : *low;
    if (*max != kUnlimited && *max < *min) Fail("min repeat greater than max repeat", back + 1);
    return true;
  }

  std::unique_ptr<Node> Char(uint32_t c) {
    auto node = New(Kind::kChar);
    node->c = node->ignore_case ? Lower(c) : c;
    return node;
  }
  std::unique_ptr<Node> Assert(uint32_t c) {
    auto node = New(Kind::kAssert);
    node->c = c;
    return node;
  }

  // Null for what is no node: a comment, flags.
  std::unique_ptr<Node> Atom() {
    size_t start = at_;
    uint32_t c = text_[at_++];
    switch (c) {
      case '.': return New(Kind::kAny);
      case '^': return Assert('^');
      case '$': return Assert('$');
      case '(': return Group(start);
      case '[': return Set(start);
      case '\\': return Escape(start);
      case '*': case '+': case '?': Fail("nothing to repeat", start);
      default: return Char(c);
    }
  }

  std::string Name(uint32_t close, size_t start) {
    std::string name;
    while (!End() && Peek() != close) {
      uint32_t c = text_[at_++];
      name += c < 0x80 ? static_cast<char>(c) : '?';
    }
    if (End()) Fail(std::string("missing ") + static_cast<char>(close) + ", unterminated name", start);
    ++at_;
    if (name.empty()) Fail("missing group name", start);
    return name;
  }
  static bool IsIdentifier(const std::string& name) {
    for (char c : name) {
      if (!IsWord(static_cast<unsigned char>(c), true)) return false;
    }
    return !IsDigit(name[0]);
  }
  int GroupNamed(const std::string& name, size_t at) {
    for (auto& [known, number] : names_) {
      if (known == name) return number;
    }
    Fail("unknown group name '" + name + "'", at);
  }

  std::unique_ptr<Node> Group(size_t start) {
    int outer = flags_;
    auto close = [&](std::unique_ptr<Node> node) {
      if (!Take(')')) Fail("missing ), unterminated subpattern", start);
      flags_ = outer;
      return node;
    };
    auto wrap = [&](Kind kind) {
      auto node = New(kind);
      node->children.push_back(Alternatives());
      return node;
    };
    auto capture = [&]() {
      auto node = New(Kind::kCapture);
      node->group = ++groups_;
      open_.push_back(node->group);
      node->children.push_back(Alternatives());
      open_.pop_back();
      return node;
    };
    if (!Take('?')) return close(capture());
    if (End()) Fail("unexpected end of pattern", at_);
    uint32_t c = text_[at_++];
    switch (c) {
      case ':': return close(wrap(Kind::kGroup));
      case '>': return close(wrap(Kind::kAtomic));
      case '#':
        while (!End() && Peek() != ')') ++at_;
        if (End()) Fail("missing ), unterminated comment", start);
        ++at_;
        return nullptr;
      case 'P':
        if (Take('<')) {
          size_t at = at_;
          std::string name = Name('>', at);
          if (!IsIdentifier(name)) Fail("bad character in group name '" + name + "'", at);
          for (auto& [known, number] : names_) {
            if (known == name) {
              Fail("redefinition of group name '" + name + "' as group " + std::to_string(groups_ + 1) +
                       "; was group " + std::to_string(number), at);
            }
          }
          names_.emplace_back(name, groups_ + 1);
          return close(capture());
        }
        if (Take('=')) {
          size_t at = at_;
          auto node = New(Kind::kBackreference);
          node->group = GroupNamed(Name(')', at), at);
          return node;
        }
        Fail("unknown extension ?P", start + 1);
      case '=': case '!': {
        auto node = wrap(Kind::kLook);
        node->negative = c == '!';
        return close(std::move(node));
      }
      case '<': {
        if (Peek() != '=' && Peek() != '!') Fail("unknown extension ?<", start + 1);
        bool negative = text_[at_++] == '!';
        auto node = wrap(Kind::kLook);
        node->negative = negative;
        node->ahead = false;
        return close(std::move(node));
      }
      case '(': {
        size_t at = at_;
        std::string name = Name(')', at);
        auto node = New(Kind::kConditional);
        node->group = IsDigit(name[0]) ? std::atoi(name.substr(0, 6).c_str()) : GroupNamed(name, at);
        if (node->group < 1) Fail("bad group number", at);
        references_.emplace_back(node->group, at);
        node->children.push_back(Sequence());
        node->children.push_back(Take('|') ? Sequence() : New(Kind::kEmpty));
        if (Peek() == '|') Fail("conditional backref with more than two branches", at_);
        return close(std::move(node));
      }
      default: break;
    }
    --at_;
    return InlineFlags(start, outer, close);
  }

  template <typename Close>
  std::unique_ptr<Node> InlineFlags(size_t start, int outer, Close close) {
    int add = 0, remove = 0;
    bool minus = false;
    for (; !End() && Peek() != ')' && Peek() != ':'; ++at_) {
      uint32_t c = Peek();
      int flag = c == 'i' ? kIgnoreCase : c == 'm' ? kMultiline : c == 's' ? kDotAll : c == 'x' ? kVerbose
                 : c == 'a' ? kAscii : c == 'u' ? kUnicode : c == 'L' ? 0 : -1;
      if (c == '-' && !minus) {
        minus = true;
      } else if (flag < 0) {
        Fail("unknown extension ?" + std::string(1, c < 0x80 ? static_cast<char>(c) : '?'), start + 1);
      } else {
        (minus ? remove : add) |= flag;
      }
    }
    if (End()) Fail("missing -, : or )", at_);
    flags_ = (outer | add) & ~remove;
    if (Take(')')) {
      if (minus || start != 0) Fail("global flags not at the start of the expression", start);
      return nullptr;  // for the rest of the pattern
    }
    ++at_;
    auto node = New(Kind::kGroup);
    node->children.push_back(Alternatives());
    return close(std::move(node));
  }

  uint32_t HexDigits(int count, size_t start) {
    uint32_t value = 0;
    for (int i = 0; i < count; ++i, ++at_) {
      uint32_t c = Peek();
      int digit = IsDigit(c) ? c - '0' : (c | 0x20) - 'a' < 6u ? (c | 0x20) - 'a' + 10 : -1;
      if (End() || digit < 0) Fail("incomplete escape", start);
      value = value << 4 | digit;
    }
    if (value > 0x10ffff) Fail("bad escape", start);
    return value;
  }

  // The character of an escape that stands for one; nothing for the others.
  std::optional<uint32_t> EscapedChar(uint32_t c, size_t start) {
    switch (c) {
      case 'a': return 7;
      case 'f': return 12;
      case 'n': return 10;
      case 'r': return 13;
      case 't': return 9;
      case 'v': return 11;
      case 'x': return HexDigits(2, start);
      case 'u': if (!bytes_) return HexDigits(4, start); break;
      case 'U': if (!bytes_) return HexDigits(8, start); break;
      default: break;
    }
    if (c < 0x80 && ((c | 0x20) - 'a' < 26u)) Fail(std::string("bad escape \\") + static_cast<char>(c), start);
    return c;
  }

  static bool IsCategory(uint32_t c) { return c == 'd' || c == 'D' || c == 'w' || c == 'W' || c == 's' || c == 'S'; }

  std::unique_ptr<Node> Escape(size_t start) {
    if (End()) Fail("bad escape (end of pattern)", start);
    uint32_t c = text_[at_++];
    if (c == 'A' || c == 'Z' || c == 'b' || c == 'B') return Assert(c);
    if (IsCategory(c)) {
      auto node = New(Kind::kSet);
      node->set.categories.push_back(static_cast<char>(c));
      node->set.ascii = node->ascii;
      return node;
    }
    auto octal = [](uint32_t digit) { return digit >= '0' && digit <= '7'; };
    if (c == '0') {
      uint32_t value = 0;
      for (int i = 0; i < 2 && octal(Peek()); ++i) value = value * 8 + (text_[at_++] - '0');
      return Char(value);
    }
    if (IsDigit(c)) {
      int group = c - '0';
      if (IsDigit(Peek())) {
        if (octal(c) && octal(Peek()) && octal(Peek(1))) {
          uint32_t value = (c - '0') * 64 + (Peek() - '0') * 8 + (Peek(1) - '0');
          if (value > 0377) Fail("octal escape value outside of range 0-0o377", start);
          at_ += 2;
          return Char(value);
        }
        group = group * 10 + (text_[at_++] - '0');
      }
      if (group > groups_) Fail("invalid group reference " + std::to_string(group), start + 1);
      for (int open : open_) {
        if (open == group) Fail("cannot refer to an open group", start);
      }
      auto node = New(Kind::kBackreference);
      node->group = group;
      return node;
    }
    return Char(*EscapedChar(c, start));
  }

  std::unique_ptr<Node> Set(size_t start) {
    auto node = New(Kind::kSet);
    CharSet& set = node->set;
    set.ignore_case = node->ignore_case;
    set.ascii = node->ascii;
    set.negated = Take('^');
    bool first = true;
    // A character, or nothing for a category that was added.
    auto item = [&]() -> std::optional<uint32_t> {
      size_t at = at_;
      uint32_t c = text_[at_++];
      if (c != '\\') return c;
      if (End()) Fail("unterminated character set", start);
      c = text_[at_++];
      if (IsCategory(c)) {
        set.categories.push_back(static_cast<char>(c));
        return std::nullopt;
      }
      if (c == 'b') return 8;
      if (c >= '0' && c <= '7') {
        uint32_t value = c - '0';
        for (int i = 0; i < 2 && Peek() >= '0' && Peek() <= '7'; ++i) value = value * 8 + (text_[at_++] - '0');
        return value;
      }
      return EscapedChar(c, at);
    };
    for (;; first = false) {
      if (End()) Fail("unterminated character set", start);
      if (!first && Take(']')) break;
      size_t at = at_;
      std::optional<uint32_t> low = item();
      if (Peek() != '-' || End() || (Peek(1) == ']' && at_ + 1 < text_.size())) {
        if (low) set.ranges.emplace_back(*low, *low);
        continue;
      }
      ++at_;
      if (End()) Fail("unterminated character set", start);
      std::optional<uint32_t> high = item();
      if (!low || !high || *high < *low) Fail("bad character range " + Shown(at, at_), at);
      set.ranges.emplace_back(*low, *high);
    }
    return node;
  }

  const std::vector<uint32_t>& text_;
  const bool bytes_;
  int flags_;
  size_t at_ = 0;
  int depth_ = 0;
  int groups_ = 0;
  std::vector<std::pair<std::string, int>> names_;
  std::vector<int> open_;
  std::vector<std::pair<int, size_t>> references_;
};

// ---- the program

enum class Op : uint8_t {
  kChar, kCharIgnoreCase, kAny, kAnyButNewline, kSet, kSplit, kJump, kSave, kMark, kLeaveIfEmpty, kBackreference,
  kAssert, kLook, kAtomic, kIfGroup, kAccept
};

struct Instruction {
  Op op;
  uint32_t a = 0;  // character, slot, set, or where to go first
  uint32_t b = 0;  // where to go second; flags
  int width = 0;   // kLook behind: characters to go back; -1 ahead
};

class Program : public Object {
 public:
  explicit Program(Heap&) {}
  std::vector<Instruction> code;
  std::vector<CharSet> sets;
  int slots = 0;   // captures and marks
  int groups = 0;
  MemoryCharge charge;
};

class Writer {
 public:
  explicit Writer(Program* program) : p_(*program) { p_.slots = 2 * (p_.groups + 1); }

  void Write(const Node& node) {
    switch (node.kind) {
      case Kind::kEmpty: return;
      case Kind::kChar: Emit({node.ignore_case ? Op::kCharIgnoreCase : Op::kChar, node.c}); return;
      case Kind::kAny: Emit({node.dot_all ? Op::kAny : Op::kAnyButNewline}); return;
      case Kind::kSet:
        p_.sets.push_back(node.set);
        Emit({Op::kSet, static_cast<uint32_t>(p_.sets.size() - 1)});
        return;
      case Kind::kConcat: case Kind::kGroup:
        for (const auto& child : node.children) Write(*child);
        return;
      case Kind::kAlternate: {
        std::vector<size_t> jumps;
        for (size_t i = 0; i < node.children.size(); ++i) {
          bool last = i + 1 == node.children.size();
          size_t split = last ? 0 : Emit({Op::kSplit});
          if (!last) p_.code[split].a = Here();
          Write(*node.children[i]);
          if (!last) {
            jumps.push_back(Emit({Op::kJump}));
            p_.code[split].b = Here();
          }
        }
        for (size_t jump : jumps) p_.code[jump].a = Here();
        return;
      }
      case Kind::kRepeat: return Repeat(node);
      case Kind::kCapture:
        Emit({Op::kSave, static_cast<uint32_t>(2 * node.group)});
        Write(*node.children[0]);
        Emit({Op::kSave, static_cast<uint32_t>(2 * node.group + 1)});
        return;
      case Kind::kBackreference:
        Emit({Op::kBackreference, static_cast<uint32_t>(node.group), node.ignore_case});
        return;
      case Kind::kAssert:
        Emit({Op::kAssert, node.c, static_cast<uint32_t>(node.multiline | node.ascii << 1)});
        return;
      case Kind::kLook: {
        int width = -1;
        if (!node.ahead) {
          auto [low, high] = Width(*node.children[0]);
          if (low != high) throw PatternError{"look-behind requires fixed-width pattern"};
          width = low;
        }
        size_t look = Emit({Op::kLook, node.negative, 0, width});
        Write(*node.children[0]);
        Emit({Op::kAccept});
        p_.code[look].b = Here();
        return;
      }
      case Kind::kAtomic: {
        size_t atomic = Emit({Op::kAtomic});
        Write(*node.children[0]);
        Emit({Op::kAccept});
        p_.code[atomic].b = Here();
        return;
      }
      case Kind::kConditional: {
        size_t test = Emit({Op::kIfGroup, static_cast<uint32_t>(node.group)});
        Write(*node.children[0]);
        size_t jump = Emit({Op::kJump});
        p_.code[test].b = Here();
        Write(*node.children[1]);
        p_.code[jump].a = Here();
        return;
      }
    }
  }
  size_t Emit(Instruction instruction) {
    if (p_.code.size() >= kMaxInstructions) throw PatternError{"pattern too large"};
    p_.code.push_back(instruction);
    return p_.code.size() - 1;
  }

 private:
  uint32_t Here() const { return static_cast<uint32_t>(p_.code.size()); }

  void Repeat(const Node& node) {
    const Node& child = *node.children[0];
    for (int i = 0; i < node.min; ++i) Write(child);
    auto split = [&](size_t at, uint32_t in, uint32_t out) {
      p_.code[at].a = node.lazy ? out : in;
      p_.code[at].b = node.lazy ? in : out;
    };
    if (node.max == kUnlimited) {
      // A round that matches nothing ends the loop, else it would never end.
      bool can_be_empty = Width(child).first == 0;
      uint32_t mark = can_be_empty ? p_.slots++ : 0;
      size_t loop = Emit({Op::kSplit});
      uint32_t body = Here();
      if (can_be_empty) Emit({Op::kMark, mark});
      Write(child);
      size_t leave = can_be_empty ? Emit({Op::kLeaveIfEmpty, mark}) : 0;
      Emit({Op::kJump, static_cast<uint32_t>(loop)});
      split(loop, body, Here());
      if (can_be_empty) p_.code[leave].b = Here();
      return;
    }
    std::vector<size_t> splits;
    std::vector<uint32_t> bodies;
    for (int i = node.min; i < node.max; ++i) {
      splits.push_back(Emit({Op::kSplit}));
      bodies.push_back(Here());
      Write(child);
    }
    for (size_t i = 0; i < splits.size(); ++i) split(splits[i], bodies[i], Here());
  }

  // Least and most characters; most is capped.
  static std::pair<int, int> Width(const Node& node) {
    static constexpr int kMost = 1 << 28;
    auto add = [](int a, int b) { return std::min(kMost, a + b); };
    switch (node.kind) {
      case Kind::kChar: case Kind::kAny: case Kind::kSet: return {1, 1};
      case Kind::kConcat: case Kind::kGroup: case Kind::kCapture: case Kind::kAtomic: {
        int low = 0, high = 0;
        for (const auto& child : node.children) {
          auto [a, b] = Width(*child);
          low = add(low, a);
          high = add(high, b);
        }
        return {low, high};
      }
      case Kind::kAlternate: case Kind::kConditional: {
        int low = kMost, high = 0;
        for (const auto& child : node.children) {
          auto [a, b] = Width(*child);
          low = std::min(low, a);
          high = std::max(high, b);
        }
        return {low, high};
      }
      case Kind::kRepeat: {
        auto [a, b] = Width(*node.children[0]);
        int64_t low = static_cast<int64_t>(a) * node.min;
        int64_t high = node.max == kUnlimited ? kMost : static_cast<int64_t>(b) * node.max;
        return {static_cast<int>(std::min<int64_t>(low, kMost)), static_cast<int>(std::min<int64_t>(high, kMost))};
      }
      case Kind::kBackreference: return {0, kMost};
      default: return {0, 0};
    }
  }

  Program& p_;
};

// ---- the machine

class Matcher {
 public:
  Matcher(Interpreter& in, const Program& program, const std::vector<uint32_t>& text, size_t end)
      : in_(in), p_(program), text_(text), end_(end), slots_(program.slots, -1) {}

  // A match that begins at `start`. must_advance: not an empty one. full: to the end.
  bool MatchAt(size_t start, bool must_advance, bool full) {
    std::fill(slots_.begin(), slots_.end(), -1);
    stack_.clear();
    last_group_ = -1;
    start_ = start;
    must_advance_ = must_advance;
    full_ = full;
    size_t stop;
    if (!Run(0, start, true, &stop)) return false;
    slots_[0] = static_cast<int64_t>(start);
    slots_[1] = static_cast<int64_t>(stop);
    return true;
  }
  const std::vector<int64_t>& slots() const { return slots_; }
  int last_group() const { return last_group_; }

 private:
  // Either a place to go on from (slot < 0), or a slot's old value.
  struct Entry {
    int32_t slot;
    uint32_t pc;
    int64_t value;
  };
  void Push(Entry entry) {
    if (stack_.size() >= kMaxStack) in_.OverLimit("a regular expression that needs more stack", std::to_string(kMaxStack) + " entries");
    stack_.push_back(entry);
  }
  void Store(uint32_t slot, int64_t value) {
    Push({static_cast<int32_t>(slot), 0, slots_[slot]});
    slots_[slot] = value;
  }

  // From `pc` at `at` to an kAccept. Entries that the run leaves on the stack below its base are the caller's; what it
  // pushed itself is gone at the end, but stored slots stay stored (their old values go to the caller's stack).
  bool Run(size_t pc, size_t at, bool outermost, size_t* stop) {
    size_t base = stack_.size();
    for (;;) {
      in_.Step();
      const Instruction& i = p_.code[pc];
      bool ok = true;
      switch (i.op) {
        case Op::kChar: ok = at < end_ && text_[at] == i.a; ++at, ++pc; break;
        case Op::kCharIgnoreCase: ok = at < end_ && Lower(text_[at]) == i.a; ++at, ++pc; break;
        case Op::kAny: ok = at < end_; ++at, ++pc; break;
        case Op::kAnyButNewline: ok = at < end_ && text_[at] != '\n'; ++at, ++pc; break;
        case Op::kSet: ok = at < end_ && p_.sets[i.a].Has(text_[at]); ++at, ++pc; break;
        case Op::kSplit:
          Push({-1, i.b, static_cast<int64_t>(at)});
          pc = i.a;
          break;
        case Op::kJump: pc = i.a; break;
        case Op::kSave:
          Store(i.a, static_cast<int64_t>(at));
          if (i.a & 1) last_group_ = static_cast<int>(i.a / 2);
          ++pc;
          break;
        case Op::kMark: Store(i.a, static_cast<int64_t>(at)); ++pc; break;
        case Op::kLeaveIfEmpty: pc = slots_[i.a] == static_cast<int64_t>(at) ? i.b : pc + 1; break;
        case Op::kBackreference: {
          int64_t from = slots_[2 * i.a], to = slots_[2 * i.a + 1];
          ok = from >= 0 && to >= from && end_ - at >= static_cast<size_t>(to - from);
          for (int64_t k = from; ok && k < to; ++k, ++at) {
            ok = i.b ? Lower(text_[k]) == Lower(text_[at]) : text_[k] == text_[at];
          }
          in_.Step(ok ? to - from : 0);
          ++pc;
          break;
        }
        case Op::kAssert: ok = Holds(i, at); ++pc; break;
        case Op::kIfGroup: pc = slots_[2 * i.a + 1] >= 0 ? pc + 1 : i.b; break;
        case Op::kLook: {
          ok = i.width < 0 || at >= static_cast<size_t>(i.width);
          if (ok) {
            size_t unused, from = i.width < 0 ? at : at - i.width, mark = stack_.size();
            ok = Run(pc + 1, from, false, &unused);
            if (ok && i.a) Unwind(mark);  // a negative look leaves no captures
          }
          ok = ok != (i.a != 0);
          pc = i.b;
          break;
        }
        case Op::kAtomic: {
          size_t after;
          ok = Run(pc + 1, at, false, &after);
          if (ok) at = after;
          pc = i.b;
          break;
        }
        case Op::kAccept:
          if (outermost && ((must_advance_ && at == start_) || (full_ && at != end_))) {
            ok = false;
            break;
          }
          *stop = at;
          KeepStores(base);
          return true;
      }
      if (ok) continue;
      // Back to the last choice of this run.
      for (;;) {
        if (stack_.size() == base) return false;
        Entry entry = stack_.back();
        stack_.pop_back();
        if (entry.slot >= 0) {
          slots_[entry.slot] = entry.value;
          continue;
        }
        pc = entry.pc;
        at = static_cast<size_t>(entry.value);
        break;
      }
    }
  }
  // Drops the choices above `base`, keeps the old values.
  void KeepStores(size_t base) {
    size_t kept = base;
    for (size_t k = base; k < stack_.size(); ++k) {
      if (stack_[k].slot >= 0) stack_[kept++] = stack_[k];
    }
    stack_.resize(kept);
  }
  void Unwind(size_t base) {
    for (; stack_.size() > base; stack_.pop_back()) {
      if (stack_.back().slot >= 0) slots_[stack_.back().slot] = stack_.back().value;
    }
  }

  bool Holds(const Instruction& i, size_t at) const {
    bool multiline = i.b & 1, ascii = i.b & 2;
    switch (i.a) {
      case '^': return at == 0 || (multiline && text_[at - 1] == '\n');
      case 'A': return at == 0;
      case '$':
        return at == end_ || (at + 1 == end_ && text_[at] == '\n') || (multiline && text_[at] == '\n');
      case 'Z': return at == end_;
      default: {
        bool before = at > 0 && IsWord(text_[at - 1], ascii), after = at < end_ && IsWord(text_[at], ascii);
        return end_ == 0 ? false : (before != after) == (i.a == 'b');
      }
    }
  }

  Interpreter& in_;
  const Program& p_;
  const std::vector<uint32_t>& text_;
  const size_t end_;
  std::vector<int64_t> slots_;
  std::vector<Entry> stack_;
  int last_group_ = -1;
  size_t start_ = 0;
  bool must_advance_ = false, full_ = false;
};

// ---- what lib/re.py calls

std::vector<uint32_t> CodePoints(Interpreter& in, const Value& v) {
  std::vector<uint32_t> out;
  if (Bytes* bytes = v.As<Bytes>()) {
    in.CheckTextSize(4 * bytes->bytes().size());
    for (unsigned char c : bytes->bytes()) out.push_back(c);
    return out;
  }
  Str* s = v.As<Str>();
  if (s == nullptr) in.RaiseTypeError("expected string or bytes-like object, got '" + in.TypeName(v) + "'");
  std::string_view text = s->view();
  in.CheckTextSize(4 * text.size());
  in.Step(static_cast<int64_t>(text.size() / 8));
  out.reserve(static_cast<size_t>(s->length()));
  for (size_t i = 0; i < text.size();) {
    unsigned char c = text[i];
    size_t n = c < 0x80 ? 1 : c < 0xe0 ? 2 : c < 0xf0 ? 3 : 4;
    uint32_t point = n == 1 ? c : c & (0xff >> (n + 1));
    for (size_t k = 1; k < n && i + k < text.size(); ++k) point = point << 6 | (static_cast<unsigned char>(text[i + k]) & 0x3f);
    out.push_back(point);
    i += n;
  }
  return out;
}

struct RegexType {
  explicit RegexType(Interpreter& in)
      : type(in.DefineType({.name = "Program", .module = "_re", .subclassable = false})) {}
  Type* type;
};

// (program, groups, {name: group}, flags), or the error's text.
Value Compile(Interpreter& in, BoundArgs& args) {
  std::vector<uint32_t> pattern = CodePoints(in, args[0]);
  bool bytes = args[0].As<Bytes>() != nullptr;
  in.Step(static_cast<int64_t>(pattern.size()));
  try {
    PatternParser parser(pattern, bytes, static_cast<int>(args.Int(1)));
    std::unique_ptr<Node> tree = parser.Parse();
    Ref<Program> program = in.New<Program>(in.State<RegexType>().type, in.heap());
    program->groups = parser.groups();
    Writer writer(program.get());
    writer.Write(*tree);
    writer.Emit({Op::kAccept});
    program->charge.Set(in.heap(), static_cast<int64_t>(program->code.size() * sizeof(Instruction) +
                                                        program->sets.size() * sizeof(CharSet)));
    Ref<Dict> names = in.NewDict();
    for (const auto& [name, group] : parser.names()) names->Set(in.Intern(name), Value::Int(group));
    return Value(in.NewTuple({Value(program), Value::Int(parser.groups()), Value(names), Value::Int(parser.flags())}));
  } catch (const PatternError& error) {
    return Value(in.NewStr(error.message));
  }
}

Value Spans(Interpreter& in, const Program& program, const Matcher& matcher) {
  std::vector<Value> items;
  for (int i = 0; i < 2 * (program.groups + 1); ++i) {
    // A group whose end was never reached in the last round keeps what it had; one without an end has none.
    int64_t slot = matcher.slots()[i];
    if (matcher.slots()[i | 1] < 0 || matcher.slots()[i & ~1] < 0) slot = -1;
    items.push_back(Value::Int(slot));
  }
  items.push_back(matcher.last_group() < 0 ? Value::None() : Value::Int(matcher.last_group()));
  in.Step(static_cast<int64_t>(items.size()));
  return Value(in.NewTuple(std::move(items)));
}

// find(program, text, pos, endpos, mode, all): the spans of a match, or None; with `all`, a list of every match's.
Value Find(Interpreter& in, BoundArgs& args) {
  auto* program = args[0].As<Program>();
  if (program == nullptr) args.Wrong(0, "a program");
  std::vector<uint32_t> text = CodePoints(in, args[1]);
  size_t length = text.size();
  auto clamp = [&](int64_t i) { return static_cast<size_t>(std::max<int64_t>(0, std::min<int64_t>(i, static_cast<int64_t>(length)))); };
  size_t at = clamp(args.Int(2)), end = clamp(args.Int(3));
  int64_t mode = args.Int(4);
  bool all = args.Bool(5);
  Ref<List> found = in.NewList();
  Matcher matcher(in, *program, text, end);
  bool must_advance = false;
  for (size_t start = at; start <= end; ++start) {
    if (!matcher.MatchAt(start, must_advance, mode == 2)) {
      must_advance = false;
      if (mode != 0) break;
      continue;
    }
    if (!all) return Spans(in, *program, matcher);
    found->Append(Spans(in, *program, matcher));
    size_t stop = static_cast<size_t>(matcher.slots()[1]);
    must_advance = stop == start;
    start = stop - 1;  // the loop adds one; wraps and returns at zero
  }
  return all ? Value(found) : Value::None();
}

}  // namespace

void BuildRegex(Interpreter& in, Module& module) {
  module.SetNow(in.Intern("compile"), in.NewFunction("compile", "pattern, flags=0", Compile, "_re"));
  module.SetNow(in.Intern("find"), in.NewFunction("find", "program, text, pos, endpos, mode, all=False", Find, "_re"));
}

}  // namespace fusepack::py
