// The pickle machine: what Python wrote with every protocol gives one tree; every rule has a pickle that breaks it.
#include "tracer/archive/unpickle.h"

#include <cstring>
#include <fstream>
#include <sstream>

#include "gmock/gmock.h"
#include "gtest/gtest.h"
#include "tracer/archive/pickle_opcodes.h"

namespace fusepack::archive {
namespace {

using ::testing::HasSubstr;
using namespace std::string_literals;

std::string Content(const std::string& path) {
  std::ifstream in(path, std::ios::binary);
  std::ostringstream out;
  out << in.rdbuf();
  return out.str();
}

// Storages "0": 24 bytes 0..23, "1": one byte 7.
std::shared_ptr<StorageTable> SmallStorages() {
  return std::make_shared<StorageTable>([](const std::string& key) -> Result<Bytes> {
    std::vector<uint8_t> bytes(key == "0" ? 24 : 1);
    for (size_t i = 0; i < bytes.size(); i++) bytes[i] = key == "0" ? static_cast<uint8_t>(i) : 7;
    if (key != "0" && key != "1") return BadInput("", "no record for storage " + key);
    return Bytes::FromVector(std::move(bytes));
  });
}

Result<std::shared_ptr<const PickleTree>> Load(const std::string& pickle, const UnpickleLimits& limits = {}) {
  return Unpickle("pickle 'p'", Bytes::FromVector({pickle.begin(), pickle.end()}), SmallStorages(), limits);
}

std::string Text(const std::string& pickle) {
  auto tree = Load(pickle);
  return tree.ok() ? PickleText(**tree) : tree.status().ToString();
}

std::string Le(uint64_t value, int bytes) { return {reinterpret_cast<const char*>(&value), static_cast<size_t>(bytes)}; }
std::string Str(const std::string& text) { return "X" + Le(text.size(), 4) + text; }
std::string Int(int64_t value) { return "\x8a\x08" + Le(static_cast<uint64_t>(value), 8); }
std::string Ints(const std::vector<int64_t>& values) {
  std::string out = "(";
  for (const int64_t v : values) out += Int(v);
  return out + "t";
}
std::string Global(const std::string& module, const std::string& name) { return "c" + module + "\n" + name + "\n"; }
std::string Storage(const std::string& type, const std::string& key, int64_t numel) {
  return "(" + Str("storage") + Global("torch", type) + Str(key) + Str("cpu") + Int(numel) + "tQ";
}
std::string TensorV2(const std::string& storage, int64_t offset, const std::vector<int64_t>& size, const std::vector<int64_t>& stride) {
  return Global("torch._utils", "_rebuild_tensor_v2") + "(" + storage + Int(offset) + Ints(size) + Ints(stride) + "\x89" +
         Global("collections", "OrderedDict") + ")RtR";
}
std::string P3(const std::string& body) { return "\x80\x03" + body + "."; }

TEST(Unpickle, EveryProtocolGivesOneTree) {
  const std::string golden = Content("tests/archive/data/values.tree");
  for (int protocol = 0; protocol <= 5; protocol++) {
    const std::string text = Text(Content("tests/archive/data/values_" + std::to_string(protocol) + ".pkl"));
    if (const char* folder = std::getenv("FUSEPACK_WRITE_GOLDEN"); folder != nullptr && protocol == 4) {
      std::ofstream(std::string(folder) + "/values.tree") << text << "\n";
    }
    EXPECT_EQ(text + "\n", golden) << "protocol " << protocol;
  }
}

TEST(Unpickle, SharingAndCycles) {
  EXPECT_EQ(Text(P3("]q\0(h\0h\0e"s)), "#0=[#0, #0]");
  EXPECT_EQ(Text(P3("(]q\0h\0t"s)), "(#0=[], #0)");
  EXPECT_EQ(Text(P3("(]]t")), "([], [])");
  auto tree = Load(P3("(]q\0h\0t"s));
  ASSERT_TRUE(tree.ok());
  EXPECT_EQ((*tree)->root()->items[0], (*tree)->root()->items[1]);
}

TEST(Unpickle, UnknownCallsStayInert) {
  EXPECT_EQ(Text(P3(Global("os", "system") + "(" + Str("true") + "tR")), "<call os.system args=('true',)>");
  EXPECT_EQ(Text(P3(Global("builtins", "eval") + "(" + Str("1") + "tR")), "<call builtins.eval args=('1',)>");
  EXPECT_EQ(Text(P3(Global("m", "C") + ")\x81}" + Str("x") + "K\x01sb")), "<object m.C args=() state={'x': 1}>");
  // An allowed call with arguments of a form that has no meaning here.
  EXPECT_EQ(Text(P3(Global("builtins", "getattr") + "(K\x01" + Str("real") + "tR")), "<call builtins.getattr args=(1, 'real')>");
}

TEST(Unpickle, NestedNamesAreGlobals) {
  const std::string getattr = Global("builtins", "getattr");
  EXPECT_EQ(Text(P3(getattr + "(" + Global("m", "Outer") + Str("Inner") + "tR)\x81")), "<object m.Outer.Inner args=()>");
}

TEST(Unpickle, PackagedCallsAreOneNodeAnId) {
  const std::string call = "(" + Str("reduce_package") + "K\x07" + Global("m", "make") + ")tQ";
  auto tree = Load(P3("(" + call + call + "t"));
  ASSERT_TRUE(tree.ok()) << tree.status().ToString();
  EXPECT_EQ((*tree)->root()->items[0], (*tree)->root()->items[1]);
  EXPECT_EQ(PickleText(**tree), "(#0=<packaged call m.make args=()>, #0)");
}

TEST(Unpickle, TensorsShareStorages) {
  const std::string view = TensorV2(Storage("FloatStorage", "0", 6), 1, {2, 2}, {3, 1});
  auto tree = Load(P3("(" + view + view + TensorV2(Storage("FloatStorage", "0", 6), 0, {1 << 30}, {0}) + "t"));
  ASSERT_TRUE(tree.ok()) << tree.status().ToString();
  EXPECT_EQ((*tree)->tensors().size(), 3u);
  EXPECT_EQ((*tree)->storages().size(), 1);
  EXPECT_EQ(PickleText(**tree), "(tensor(f32[2,2] strides [3,1] of '0' at 1), tensor(f32[2,2] strides [3,1] of '0' at 1), "
                                "tensor(f32[1073741824] strides [0] of '0' at 0))");
}

TEST(Unpickle, AuditListsEveryGlobalBeforeAnythingIsEvaluated) {
  auto tree = Load(P3("(" + Global("os", "system") + "(" + Str("rm") + "tR" + Global("m", "C") + Global("m", "C") + "t"));
  ASSERT_TRUE(tree.ok());
  const PickleAudit& audit = (*tree)->audit();
  ASSERT_EQ(audit.globals.size(), 2u);
  EXPECT_EQ(audit.globals[0].module + "." + audit.globals[0].name, "os.system");
  EXPECT_TRUE(audit.globals[0].called);
  EXPECT_EQ(audit.globals[1].count, 2u);
  EXPECT_FALSE(audit.globals[1].called);
  EXPECT_EQ(audit.opcode_counts[op::GLOBAL], 3u);
  EXPECT_EQ(audit.protocol, 3);
}

struct Hostile {
  const char* rule;
  std::string pickle;
  const char* message;
  ErrorCode code = ErrorCode::kBadInput;
};

std::vector<Hostile> HostilePickles() {
  const auto limit = ErrorCode::kLimit;
  const std::string f32 = Storage("FloatStorage", "0", 6);
  const int64_t big = int64_t{1} << 62;
  std::string deep = P3(")");
  deep.insert(3, std::string(64, '\x85'));
  std::string deep_lists = "\x80\x03";
  for (int i = 0; i < 64; i++) deep_lists += "]";
  deep_lists += "]" + std::string(64, 'a') + ".";
  return {
      {"empty", "", "the end of the pickle, expected STOP"},
      {"missing STOP", "\x80\x03N", "the end of the pickle, expected STOP"},
      {"bytes after STOP", P3("N") + "N", "1 bytes after STOP"},
      {"nothing left to return", "\x80\x03.", "0 values and 0 marks"},
      {"too much left", P3("NN"), "2 values and 0 marks"},
      {"open mark", P3("N("), "1 values and 1 marks"},
      {"no opcode", P3("\xff"), "byte 255, expected an opcode"},
      {"protocol 6", "\x80\x06N.", "protocol 6"},
      {"protocol in the middle", "\x80\x03N\x80\x03.", "protocol number inside"},
      {"INT in hexadecimal", P3("I0x10\n"), "integer '0x10'"},
      {"INT with blank", P3("I 1\n"), "integer ' 1'"},
      {"INT with plus", P3("I+1\n"), "integer '+1'"},
      {"INT with underscore", P3("I1_0\n"), "integer '1_0'"},
      {"INT empty", P3("I\n"), "integer ''"},
      {"LONG text too long", P3("L" + std::string(616, '9') + "L\n"), "616 digits", limit},
      {"FLOAT in words", P3("Fone\n"), "float 'one'"},
      {"FLOAT with rest", P3("F1.0x\n"), "float '1.0x'"},
      {"STRING without quotes", P3("Sabc\n"), "in quotes"},
      {"STRING with inner quote", P3("S'a'b'\n"), "quote inside"},
      {"STRING ending in a backslash", P3("S'a\\'\n"), "backslash"},
      {"STRING with a bad escape", P3("S'\\xzz'\n"), "\\x escape"},
      {"STRING with a short escape", P3("S'\\x1'\n"), "unknown escape"},
      {"UNICODE with a bad escape", P3("V\\u12g4\n"), "\\u escape"},
      {"UNICODE over 10FFFF", P3("V\\U00110000\n"), "\\u escape"},
      {"line without end", "\x80\x03I1", "no end of line"},
      {"string that is not UTF-8", P3("X" + Le(1, 4) + "\xff"), "not UTF-8"},
      {"string longer than the pickle", P3("X" + Le(100, 4)), "100 bytes announced"},
      {"string of 2^63 bytes", P3("\x8d" + Le(uint64_t{1} << 63, 8)), "bytes announced"},
      {"number cut", "\x80\x03J\x01", "inside an opcode"},
      {"LONG4 of 256 bytes", P3("\x8b" + Le(256, 4) + std::string(256, '\x01')), "256 bytes, expected at most 255", limit},
      {"LONG4 negative length", P3("\x8b" + Le(0xffffffff, 4)), "bytes announced"},
      {"FRAME longer than the pickle", "\x80\x04\x95" + Le(100, 8) + "N.", "frame of 100 bytes"},
      {"FRAME that cuts an opcode", "\x80\x04\x95" + Le(2, 8) + "J\x01\x02\x03\x04.", "frame that ends inside"},
      {"FRAME in a frame", "\x80\x04\x95" + Le(11, 8) + "\x95" + Le(1, 8) + "N.", "frame inside a frame"},
      {"stack underflow: TUPLE2", P3("N\x86"), "too few values"},
      {"stack underflow: POP", P3("0"), "empty stack"},
      {"stack underflow: REDUCE", P3(")R"), "empty stack"},
      {"stack underflow: BUILD", P3("Nb"), "empty stack"},
      {"stack underflow: MEMOIZE", P3("q\0"s), "empty stack"},
      {"stack underflow: SETITEM", P3("}Ns"), "too few values"},
      {"underflow below a mark", P3("N(\x85"), "too few values"},
      {"APPENDS with nothing below", P3("(Ne"), "nothing below the mark"},
      {"no mark", P3("t"), "no mark"},
      {"OBJ without class", P3("(o"), "nothing above the mark"},
      {"memo miss", P3("h\5"), "memo entry 5"},
      {"memo index in words", P3("Npx\n"), "memo index 'x'"},
      {"key without value", P3("(Nd"), "key without a value"},
      {"list as key", P3("}]Ns"), "a list as a key"},
      {"dict in a set", P3("\x8f(}\x90"), "dict in a set"},
      {"key twice", P3("}(" + Str("a") + "N" + Str("a") + "Nu"), "key 'a' twice"},
      {"equal keys of two types", P3("}(K\x01N\x88Nu"), "twice"},
      {"items for a tuple", P3(")Na"), "items for a tuple"},
      {"items for a string", P3(Str("a") + "Na"), "items for a str"},
      {"keys for a list", P3("]NNs"), "keys for a list"},
      {"state for a list", P3("]}b"), "state for a list"},
      {"state for a class", P3(Global("m", "C") + "}b"), "state for a global"},
      {"state twice", P3(Global("m", "C") + ")\x81}b}b"), "second state"},
      {"partial with another state", P3(Global("functools", "partial") + Global("m", "f") + "\x85R)b"), "functools.partial"},
      {"call of a string", P3(Str("f") + ")R"), "a str that is called"},
      {"call of a tensor", P3(TensorV2(f32, 0, {6}, {1}) + ")R"), "a tensor that is called"},
      {"arguments in a list", P3(Global("m", "f") + "]R"), "arguments in a list"},
      {"construction of no class", P3("N)\x81"), "a None that is called"},
      {"keywords in a list", P3(Global("m", "C") + ")]\x92"), "keyword arguments in a list"},
      {"STACK_GLOBAL of numbers", P3("K\x01K\x02\x93"), "two strings"},
      {"global without name", P3(Global("m", "")), "without module or name"},
      {"global with a blank", P3(Global("m", "a b")), "expected names"},
      {"global of 1025 bytes", P3(Global("m", std::string(1025, 'x'))), "1025 bytes", limit},
      {"extension registry", P3("\x82\x01"), "extension registry"},
      {"outside buffer", P3("\x97"), "buffer outside"},
      {"text persistent id", P3("P0\n"), "persistent id as text"},
      {"unknown persistent id", P3(Str("x") + "Q"), "another persistent id"},
      {"storage of an unknown type", P3(Storage("QInt8Storage", "0", 24)), "'torch.QInt8Storage'"},
      {"storage without record", P3(Storage("FloatStorage", "9", 6)), "no record for storage 9"},
      {"storage size against record", P3(Storage("FloatStorage", "0", 7)), "a record of 24 bytes, expected 28"},
      {"storage size negative", P3(Storage("FloatStorage", "0", -6)), "-6 elements"},
      {"storage size overflows", P3(Storage("FloatStorage", "0", big)), "elements"},
      {"view past the end", P3(TensorV2(f32, 0, {7}, {1})), "inside its storage of 24 bytes"},
      {"view past the end by offset", P3(TensorV2(f32, 6, {1}, {1})), "inside its storage"},
      {"empty view past the end", P3(TensorV2(f32, 7, {0}, {1})), "inside its storage"},
      {"view past the end by strides", P3(TensorV2(f32, 0, {2, 2}, {5, 2})), "inside its storage"},
      {"view that overflows", P3(TensorV2(f32, big, {3}, {big})), "inside its storage"},
      {"sizes that overflow", P3(TensorV2(f32, 0, {big, big}, {0, 0})), "2^63"},
      {"negative size", P3(TensorV2(f32, 0, {-1}, {1})), "negative size -1"},
      {"negative stride", P3(TensorV2(f32, 5, {2}, {-1})), "negative stride -1"},
      {"negative offset", P3(TensorV2(f32, -1, {1}, {1})), "offset"},
      {"17 dimensions", P3(TensorV2(f32, 0, std::vector<int64_t>(17, 1), std::vector<int64_t>(17, 1))), "17 dimensions", limit},
      {"strides missing", P3(TensorV2(f32, 0, {1, 1}, {1})), "1 strides"},
      {"tensor over a tuple", P3(TensorV2(")", 0, {1}, {1})), "a tensor over a tuple"},
      {"bool of 7", P3(TensorV2(Storage("BoolStorage", "1", 1), 0, {1}, {1})), "neither 0 nor 1"},
      {"parameter over a number", P3(Global("torch._utils", "_rebuild_parameter") + "K\x01\x88N\x87R"), "parameter over a int"},
      {"depth of tuples", deep, "nested deeper, expected at most 64", limit},
      {"depth of lists", deep_lists, "nested deeper", limit},
      {"deque in itself", P3(Global("collections", "deque") + ")Rq\0h\0a"s), "a deque that is made from itself"},
      {"partial of itself", P3(Global("functools", "partial") + Global("m", "f") + "\x85Rq\0(h\0)}Ntb"s), "made from itself"},
      {"partial with itself as keyword",
       P3(Global("functools", "partial") + Global("m", "f") + "\x85Rq\0("s + Global("m", "f") + ")}" + Str("k") + "h\0sNtb"s),
       "made from itself"},
      {"partial and call of each other",
       P3(Global("functools", "partial") + Global("m", "f") + "\x85Rq\0)Rq\1h\0(h\1)}Ntb\x86"s), "made from itself"},
      {"range with step 0", P3(Global("builtins", "range") + "K\1K\2K\0\x87R"s), "step 0"},
  };
}

TEST(Unpickle, EveryRuleHasAPickleThatBreaksIt) {
  for (const Hostile& hostile : HostilePickles()) {
    auto tree = Load(hostile.pickle);
    ASSERT_FALSE(tree.ok()) << hostile.rule;
    EXPECT_THAT(tree.status().ToString(), HasSubstr(hostile.message)) << hostile.rule;
    EXPECT_EQ(tree.error().code, hostile.code) << hostile.rule << tree.status().ToString();
    EXPECT_THAT(tree.error().where, HasSubstr("pickle 'p'")) << hostile.rule;
  }
}

TEST(Unpickle, OpcodeLimit) {
  UnpickleLimits limits;
  limits.opcodes = 1000;
  std::string pops;
  for (int i = 0; i < 1000; i++) pops += "N0";
  auto tree = Load(P3(pops + "N"), limits);
  ASSERT_FALSE(tree.ok());
  EXPECT_EQ(tree.error().code, ErrorCode::kLimit);
  EXPECT_THAT(tree.status().ToString(), HasSubstr("more opcodes"));
  EXPECT_EQ(kMaxPickleOpcodes, 10'000'000u);
}

// Copies of a memoised list cost little in the pickle and much in memory.
TEST(Unpickle, MemoryLimit) {
  UnpickleLimits limits;
  limits.memory_bytes = 1 << 20;
  std::string copies = "](" + std::string(1000, 'N') + "eq\0"s;
  for (int i = 0; i < 1000; i++) copies += Global("collections", "deque") + "h\0\x85R0"s;
  auto tree = Load(P3(copies), limits);
  ASSERT_FALSE(tree.ok());
  EXPECT_EQ(tree.error().code, ErrorCode::kLimit);
  EXPECT_THAT(tree.status().ToString(), HasSubstr("more memory"));
}

TEST(Unpickle, MemoLimit) {
  std::string puts = "N";
  for (uint32_t i = 0; i <= kMaxPickleMemo; i++) puts += "r" + Le(i, 4);
  auto tree = Load(P3(puts));
  ASSERT_FALSE(tree.ok());
  EXPECT_EQ(tree.error().code, ErrorCode::kLimit);
  EXPECT_THAT(tree.status().ToString(), HasSubstr("memo entries"));
  // A far index costs one entry, not four billion.
  EXPECT_EQ(Text(P3("Nr\xff\xff\xff\xff")), "None");
}

TEST(Unpickle, DepthCountsLevelsNotNodes) {
  std::string flat = "(";
  for (int i = 0; i < 1000; i++) flat += "]";
  EXPECT_TRUE(Load(P3(flat + "t")).ok());
  EXPECT_TRUE(Load(P3(")" + std::string(63, '\x85'))).ok());
}

// One large dict must not make the checks of every other value slow.
TEST(Unpickle, LargeDictBesideManyValues) {
  std::string large = "}(", small = "](";
  for (int i = 0; i < 200'000; i++) {
    large += "J" + Le(static_cast<uint64_t>(i), 4) + "N";
    small += "N";
  }
  EXPECT_TRUE(Load(P3("(" + large + "u" + small + "et")).ok());
}

TEST(Unpickle, LongTuplesAreDestroyedWithoutRecursion) {
  // 200,000 levels that STOP never sees: only their destruction matters.
  EXPECT_EQ(Text(P3("N)" + std::string(200000, '\x85') + "0")), "None");
}

TEST(Unpickle, TruncationsAndChangedBytesNeverCrash) {
  for (const int protocol : {0, 2, 4}) {
    const std::string whole = Content("tests/archive/data/values_" + std::to_string(protocol) + ".pkl");
    ASSERT_FALSE(whole.empty());
    for (size_t size = 0; size < whole.size(); size++) EXPECT_FALSE(Load(whole.substr(0, size)).ok()) << size;
    for (size_t at = 0; at < whole.size(); at++) {
      for (const int value : {0x28, 0xff, whole[at] ^ 1}) {
        std::string changed = whole;
        changed[at] = static_cast<char>(value);
        auto tree = Load(changed);
        if (tree.ok()) PickleText(**tree);
      }
    }
  }
}

}  // namespace
}  // namespace fusepack::archive
