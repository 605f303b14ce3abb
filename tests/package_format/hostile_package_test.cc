// Packages made wrong on purpose: every checksum is right, so what refuses them is the check of meaning. A case takes
// the manifest of a good package apart (FlatBuffers' object API), changes one thing, and puts the file together again.
#include <gtest/gtest.h>
#include <zstd.h>

#include <cmath>
#include <functional>
#include <limits>

#include "package_format/codec.h"
#include "package_format/layout.h"
#include "package_format/read.h"
#include "package_format/write.h"
#include "tests/package_format/repack.h"
#include "tests/package_format/sample_package.h"

namespace fusepack {
namespace {

using fbs::ManifestT;
using Buffer = std::vector<uint8_t>;

std::string ErrorOf(Buffer file) {
  Result<Package> read = ReadPackage(MappedFile::FromBytes("h.fpk", std::move(file)));
  return read.status().ToString();
}

class HostilePackageTest : public testing::Test {
 protected:
  static Unpacked Sample() {
    const std::string path = std::string(std::getenv("TEST_TMPDIR")) + "/sample.fpk";
    FP_CHECK(WritePackage(path, SamplePackage()).ok());
    return Unpack(ReadFile(path));
  }
  // The error of the sample with `change` made to its manifest.
  static std::string Changed(const std::function<void(ManifestT&)>& change) {
    Unpacked file = Sample();
    change(*file.manifest);
    return ErrorOf(Repack(file));
  }
};

TEST_F(HostilePackageTest, UnchangedIsRead) {
  EXPECT_EQ(Changed([](ManifestT&) {}), "ok");
}

TEST_F(HostilePackageTest, Frame) {
  const Buffer good = Repack(Sample());
  const auto with = [&](size_t at, uint8_t byte, bool mend = true) {
    Buffer file = good;
    file[at < good.size() ? at : good.size() + at] = byte;
    if (mend) MendFooter(&file);
    return ErrorOf(file);
  };
  EXPECT_EQ(with(0, 'x'), "h.fpk: header: other first bytes, expected those of a fusepack package");
  EXPECT_EQ(with(8, 2), "h.fpk: header: format version 2.1, expected version 1 (made by a newer fusepack)");
  EXPECT_EQ(with(8, 0), "h.fpk: header: format version 0.1, expected version 1");
  EXPECT_EQ(with(12, 1), "h.fpk: header and footer: reserved bytes in use, expected zeros");
  EXPECT_EQ(with(63, 1), "h.fpk: header and footer: reserved bytes in use, expected zeros");
  EXPECT_EQ(with(-size_t{32}, 1), "h.fpk: header and footer: reserved bytes in use, expected zeros");
  EXPECT_EQ(with(-size_t{1}, 'x'), "h.fpk: footer: other last bytes, expected the end mark (is the file cut off?)");
  EXPECT_NE(with(-size_t{40}, 1).find("h.fpk: footer: a file of "), std::string::npos);     // file size
  EXPECT_NE(with(-size_t{64}, 1).find("h.fpk: footer: a manifest at "), std::string::npos);  // its offset
  EXPECT_NE(with(-size_t{58}, 1).find("h.fpk: footer: a manifest at "), std::string::npos);  // 2^48 further
  EXPECT_NE(with(-size_t{49}, 0x80).find("h.fpk: footer: a manifest at "), std::string::npos);  // its size: 2^63
  EXPECT_NE(with(-size_t{48}, 1).find("h.fpk: manifest: checksum "), std::string::npos);
  EXPECT_NE(with(-size_t{24}, 1, false).find("h.fpk: header and footer: checksum "), std::string::npos);
  EXPECT_EQ(ErrorOf({}), "h.fpk: header: other first bytes, expected those of a fusepack package");
  EXPECT_EQ(ErrorOf(Buffer(good.begin(), good.begin() + 64)), "h.fpk: header: a file of 64 bytes, expected at least 128 bytes");
}

TEST_F(HostilePackageTest, PaddingInUse) {
  Unpacked file = Sample();
  Buffer bytes = Repack(file);
  // Behind segment 0 of 24 bytes.
  ASSERT_EQ(file.segments[0].size(), 24u);
  bytes[64 + 24] = 1;
  EXPECT_EQ(ErrorOf(bytes), "h.fpk: segments: bytes in use in the padding at 88, expected zeros");
  bytes = Repack(file);
  size_t last = bytes.size() - fpk::kFooterBytes - 1;
  if (bytes[last] == 0) {
    bytes[last] = 1;
    const std::string error = ErrorOf(bytes);
    EXPECT_TRUE(error.find("h.fpk: padding after the manifest: bytes in use") == 0 || error.find("h.fpk: manifest: checksum") == 0) << error;
  }
}

TEST_F(HostilePackageTest, NewerMinorVersionIsReadWithANote) {
  Unpacked file = Sample();
  file.minor_version = 7;
  // What a newer writer may add: a segment that only its additions refer to.
  file.segments.push_back({1, 2, 3});
  file.manifest->segments.push_back(std::make_unique<fbs::SegmentT>());
  std::vector<std::string> notes;
  ReadOptions options;
  options.notes = &notes;
  Result<Package> read = ReadPackage(MappedFile::FromBytes("h.fpk", Repack(file)), options);
  ASSERT_TRUE(read.ok()) << read.status().ToString();
  EXPECT_EQ(Describe(*read), Describe(SamplePackage()));
  ASSERT_EQ(notes.size(), 1u);
  EXPECT_EQ(notes[0], "h.fpk: made by a newer fusepack (format 1.7); what it added is left out");
  file.minor_version = 0;
  EXPECT_NE(ErrorOf(Repack(file)).find("nothing that refers to it, expected a storage, record or plan"), std::string::npos);
}

TEST_F(HostilePackageTest, ManifestStructure) {
  // A manifest of noise, of nothing, of another identifier.
  Unpacked file = Sample();
  const std::string broken = "h.fpk: manifest: broken structure, expected a FlatBuffers table as fusepack.fbs describes it";
  EXPECT_EQ(ErrorOf(Assemble(file, Buffer())), broken);
  EXPECT_EQ(ErrorOf(Assemble(file, Buffer(1000, 0xff))), broken);
  EXPECT_EQ(ErrorOf(Assemble(file, Buffer(1000, 0))), broken);
  Buffer manifest = PackManifest(file);
  manifest[4] = 'X';
  EXPECT_EQ(ErrorOf(Assemble(file, manifest)), broken);
  // Every byte of the manifest changed: read, or refused with one line; never a crash.
  manifest = PackManifest(file);
  int refused = 0;
  for (size_t i = 0; i < manifest.size(); i++) {
    for (int change : {1, 0x80, 0xff}) {
      Buffer changed = manifest;
      changed[i] ^= static_cast<uint8_t>(change);
      const std::string error = ErrorOf(Assemble(file, changed));
      refused += error != "ok";
      EXPECT_EQ(error.find('\n'), std::string::npos) << error;
    }
  }
  EXPECT_GT(refused, 100);
}

// A list of texts that are all the same bytes: 4 bytes an entry buy 1 MB each.
TEST_F(HostilePackageTest, SharedTextsAreRefused) {
  flatbuffers::FlatBufferBuilder builder;
  const auto text = builder.CreateString(std::string(4000, 'x'));
  const std::vector<flatbuffers::Offset<flatbuffers::String>> texts(100000, text);
  const auto externs = builder.CreateVector(texts);
  fbs::ArchiveBuilder archive(builder);
  archive.add_externs(externs);
  const auto archive_offset = archive.Finish();
  fbs::ManifestBuilder manifest(builder);
  manifest.add_archive(archive_offset);
  fbs::FinishManifestBuffer(builder, manifest.Finish());
  Unpacked file;
  const Buffer bytes(builder.GetBufferPointer(), builder.GetBufferPointer() + builder.GetSize());
  EXPECT_EQ(ErrorOf(Assemble(file, bytes)), "h.fpk: archive: externs: a manifest that says the same bytes twice, expected every part once");
}

// The same with tables: the verifier would walk them once a reference.
TEST_F(HostilePackageTest, SharedTablesAreRefused) {
  flatbuffers::FlatBufferBuilder builder;
  flatbuffers::Offset<fbs::Node> node;
  {
    const std::vector<flatbuffers::Offset<fbs::Arg>> args(10000, fbs::CreateArg(builder));
    const auto args_offset = builder.CreateVector(args);
    fbs::NodeBuilder b(builder);
    b.add_args(args_offset);
    node = b.Finish();
  }
  const auto nodes = builder.CreateVector(std::vector<flatbuffers::Offset<fbs::Node>>(10000, node));
  fbs::GraphBuilder graph(builder);
  graph.add_nodes(nodes);
  const auto graph_offset = graph.Finish();
  const auto method = fbs::CreateMethod(builder, 0, graph_offset);
  const auto methods = builder.CreateVector(&method, 1);
  fbs::ManifestBuilder manifest(builder);
  manifest.add_methods(methods);
  fbs::FinishManifestBuffer(builder, manifest.Finish());
  const Buffer bytes(builder.GetBufferPointer(), builder.GetBufferPointer() + builder.GetSize());
  EXPECT_EQ(ErrorOf(Assemble(Unpacked(), bytes)),
            "h.fpk: manifest: broken structure, expected a FlatBuffers table as fusepack.fbs describes it");
}

TEST_F(HostilePackageTest, Segments) {
  const auto changed = [](const std::function<void(ManifestT&)>& change) {
    Unpacked file = Sample();
    Buffer good = Repack(file);  // places and checksums are in the manifest now
    change(*file.manifest);
    return ErrorOf(Assemble(file, PackManifest(file)));
  };
  EXPECT_EQ(changed([](ManifestT&) {}), "ok");
  EXPECT_EQ(changed([](ManifestT& m) { m.alignment = 32; }), "h.fpk: segments: alignment 32, expected a power of two from 64 to 4096");
  EXPECT_EQ(changed([](ManifestT& m) { m.alignment = 8192; }), "h.fpk: segments: alignment 8192, expected a power of two from 64 to 4096");
  EXPECT_EQ(changed([](ManifestT& m) { m.alignment = 96; }), "h.fpk: segments: alignment 96, expected a power of two from 64 to 4096");
  // Overlap, gap, wrong order, before the header's end, at the end of the address space.
  for (uint64_t offset : {uint64_t{64}, uint64_t{100}, uint64_t{192}, uint64_t{0}, ~uint64_t{0}}) {
    EXPECT_EQ(changed([&](ManifestT& m) { m.segments[1]->offset = offset; }),
              "h.fpk: segments: 1: offset " + std::to_string(offset) + ", expected 128, the next place after the one before");
  }
  EXPECT_NE(changed([](ManifestT& m) { m.segments.back()->stored_size += 4096; }).find(", expected an end before the manifest at "), std::string::npos);
  for (uint64_t size : {~uint64_t{0}, uint64_t{1} << 63}) {
    EXPECT_NE(changed([&](ManifestT& m) { m.segments[0]->stored_size = size; }).find(", expected an end before the manifest at "), std::string::npos);
  }
  EXPECT_NE(changed([](ManifestT& m) { m.segments.pop_back(); }).find("h.fpk: segments: an end at "), std::string::npos);
  EXPECT_EQ(changed([](ManifestT& m) { m.segments[0]->raw_size = 25; }), "h.fpk: segments: 0: 25 bytes decoded, expected 24, as stored");
  EXPECT_NE(changed([](ManifestT& m) { m.segments[2]->checksum ^= 1; }).find("h.fpk: segments: 2: checksum "), std::string::npos);
  EXPECT_EQ(changed([](ManifestT& m) { m.segments[0]->codec = static_cast<fbs::Codec>(3); }), "h.fpk: segments: 0: codec 3, expected stored, zstd or planes");
  EXPECT_EQ(changed([](ManifestT& m) { m.segments[0]->element_bytes = 4; }),
            "h.fpk: segments: 0: elements of 4 bytes, expected none given without byte planes");
  EXPECT_EQ(changed([](ManifestT& m) { m.segments[0]->rotate = true; }), "h.fpk: segments: 0: rotation without byte planes, expected none");
  EXPECT_EQ(changed([](ManifestT& m) {
              m.segments[0]->codec = fbs::Codec::Planes;
              m.segments[0]->element_bytes = 3;
            }),
            "h.fpk: segments: 0: elements of 3 bytes, expected 1, 2, 4 or 8");
  EXPECT_EQ(changed([](ManifestT& m) {
              m.segments[0]->codec = fbs::Codec::Zstd;
              m.segments[0]->raw_size = uint64_t{1} << 47;
            }),
            "h.fpk: segments: 0: 140737488355328 bytes decoded, expected at most 70368744177664");
  EXPECT_EQ(changed([](ManifestT& m) {
              m.segments[0]->codec = fbs::Codec::Zstd;
              m.segments[0]->raw_size = uint64_t{1} << 37;
            }),
            "h.fpk: segments: 0: compressed segments that decode to 137438953472 bytes and more, expected at most 68719476736");
  EXPECT_EQ(changed([](ManifestT& m) {
              m.segments[0]->codec = fbs::Codec::Zstd;
              m.segments[0]->raw_size = uint64_t{1} << 30;
            }),
            "h.fpk: segments: 24 compressed bytes that decode to 1073741824, expected at most 268440256");
}

// One segment holding `stored` under `coding`, seen as a u8 tensor of `raw_size`.
std::string Decoded(const Buffer& stored, const fpk::Coding& coding, uint64_t raw_size) {
  Unpacked file;
  file.manifest = std::make_unique<ManifestT>();
  file.segments = {stored};
  auto segment = std::make_unique<fbs::SegmentT>();
  segment->codec = static_cast<fbs::Codec>(coding.codec);
  segment->element_bytes = coding.element_bytes;
  segment->rotate = coding.rotate;
  segment->raw_size = raw_size;
  file.manifest->segments.push_back(std::move(segment));
  file.manifest->storages = {0};
  return ErrorOf(Repack(file));
}

Buffer Frame(const Buffer& raw, bool content_size = true) {
  ZSTD_CCtx* context = ZSTD_createCCtx();
  ZSTD_CCtx_setParameter(context, ZSTD_c_contentSizeFlag, content_size);
  Buffer out(ZSTD_compressBound(raw.size()) + 64);
  ZSTD_outBuffer to{out.data(), out.size(), 0};
  ZSTD_inBuffer from{raw.data(), raw.size(), 0};
  // Streamed, so that the size is not known up front unless it is pledged.
  if (content_size) ZSTD_CCtx_setPledgedSrcSize(context, raw.size());
  ZSTD_compressStream2(context, &to, &from, ZSTD_e_continue);
  FP_CHECK_EQ(ZSTD_compressStream2(context, &to, &from, ZSTD_e_end), size_t{0});
  ZSTD_freeCCtx(context);
  out.resize(to.pos);
  return out;
}

TEST_F(HostilePackageTest, ZstdFrames) {
  const fpk::Coding zstd = fpk::CodingForText();
  const Buffer raw(1000, 'a'), good = Frame(raw);
  const auto decoded = [&](const Buffer& stored, uint64_t raw_size = 1000) { return Decoded(stored, zstd, raw_size); };
  EXPECT_EQ(decoded(good), "ok");
  EXPECT_EQ(decoded(Frame(raw, false)), "h.fpk: segments: 0: a zstd frame without content size, expected 1000 bytes");
  EXPECT_EQ(decoded(good, 999), "h.fpk: segments: 0: a zstd frame of 1000 bytes, expected 999 bytes");
  EXPECT_EQ(decoded(good, 1001), "h.fpk: segments: 0: a zstd frame of 1000 bytes, expected 1001 bytes");
  Buffer two = good;
  two.insert(two.end(), good.begin(), good.end());
  EXPECT_EQ(decoded(two), "h.fpk: segments: 0: " + std::to_string(good.size()) + " bytes after the zstd frame, expected nothing");
  two = good;
  two.push_back(0);
  EXPECT_EQ(decoded(two), "h.fpk: segments: 0: 1 bytes after the zstd frame, expected nothing");
  Buffer skippable = {0x50, 0x2a, 0x4d, 0x18, 0, 0, 0, 0};
  skippable.insert(skippable.end(), good.begin(), good.end());
  EXPECT_EQ(decoded(skippable), "h.fpk: segments: 0: no zstd frame, expected one");
  EXPECT_EQ(decoded({}), "h.fpk: segments: 0: no zstd frame, expected one");
  EXPECT_EQ(decoded(Buffer(100, 7)), "h.fpk: segments: 0: no zstd frame, expected one");
  for (size_t cut = 0; cut < good.size(); cut++) EXPECT_NE(decoded(Buffer(good.begin(), good.begin() + cut)), "ok") << cut;

  // The id of a dictionary is a field of the frame header: descriptor bits 0-1, here one byte.
  Buffer with_id = good;
  with_id[4] |= 1;
  with_id.insert(with_id.begin() + ((good[4] & 0x20) ? 5 : 6), 77);
  EXPECT_EQ(decoded(with_id), "h.fpk: segments: 0: a zstd frame that needs a dictionary, expected none");

  // A window of 2^28: the window byte says 10 + 18.
  Buffer window = {0x28, 0xb5, 0x2f, 0xfd, 0x40, 18 << 3};  // content size in two bytes, less 256
  window.insert(window.end(), {(1000 - 256) & 255, (1000 - 256) >> 8});
  window.insert(window.end(), {0x43, 0x1f, 0x00, 'a'});  // the last block: 1000 times 'a'
  EXPECT_EQ(decoded(window), "h.fpk: segments: 0: a zstd window of 268435456 bytes, expected at most 134217728 bytes");
  window[5] = 17 << 3;
  EXPECT_EQ(decoded(window), "ok");
  // The content is its own window ("single segment").
  Buffer single = {0x28, 0xb5, 0x2f, 0xfd, 0xa0, 0, 0, 0, 9, 0x03, 0x00, 0x00, 'a'};
  EXPECT_EQ(decoded(single, 9u << 24), "h.fpk: segments: 0: a zstd window of 150994944 bytes, expected at most 134217728 bytes");
}

TEST_F(HostilePackageTest, BytePlanes) {
  const fpk::Coding planes = fpk::CodingForElements(DType::kF32);
  Buffer raw(4 * 1000 + 3);
  for (size_t i = 0; i < raw.size(); i++) raw[i] = static_cast<uint8_t>(i % 4 == 3 ? 60 : i * 37);
  const Buffer good = fpk::Encode(raw, planes).value();
  ASSERT_LT(good.size(), raw.size());
  EXPECT_EQ(Decoded(good, planes, raw.size()), "ok");
  EXPECT_NE(Decoded(good, planes, raw.size() + 1), "ok");
  EXPECT_NE(Decoded(good, planes, raw.size() - 4), "ok");
  for (size_t cut : {size_t{0}, size_t{3}, size_t{16}, good.size() - 1}) {
    EXPECT_NE(Decoded(Buffer(good.begin(), good.begin() + cut), planes, raw.size()), "ok") << cut;
  }
  Buffer changed = good;
  changed.push_back(0);
  EXPECT_EQ(Decoded(changed, planes, raw.size()),
            "h.fpk: segments: 0: byte planes of " + std::to_string(good.size() + 1) + " bytes, expected " + std::to_string(good.size()) + " bytes");
  changed = good;
  changed[3] = 0x80;
  EXPECT_NE(Decoded(changed, planes, raw.size()).find("h.fpk: segments: 0: a plane of "), std::string::npos);
  // A plane that is longer by what the next is shorter.
  changed = good;
  changed[12]++;
  changed[8]--;
  EXPECT_NE(Decoded(changed, planes, raw.size()), "ok");
  // A frame of another length inside.
  const Buffer frame = Frame(Buffer(999, 1));
  Buffer inner;
  for (int p = 0; p < 4; p++) inner.insert(inner.end(), {static_cast<uint8_t>(frame.size()), 0, 0, 0});
  for (int p = 0; p < 4; p++) inner.insert(inner.end(), frame.begin(), frame.end());
  EXPECT_EQ(Decoded(inner, planes, 4000), "h.fpk: segments: 0: plane 0 of chunk 0: a zstd frame of 999 bytes, expected 1000 bytes");
  EXPECT_NE(Decoded({}, planes, 4000), "ok");
  EXPECT_EQ(Decoded({}, planes, 0), "ok");
}

TEST_F(HostilePackageTest, Tensors) {
  const auto tensor = [](const std::function<void(fbs::TensorT&)>& change, size_t index = 0) {
    return Changed([&](ManifestT& m) { change(*m.tensors[index]); });
  };
  using T = fbs::TensorT;
  constexpr int64_t kMost = std::numeric_limits<int64_t>::max(), kLeast = std::numeric_limits<int64_t>::min();
  EXPECT_EQ(tensor([](T& t) { t.storage = 1000; }).find("h.fpk: tensor 0: storage: 1000, expected less than "), 0u);
  EXPECT_EQ(tensor([](T& t) { t.storage = 0xffffffff; }).find("h.fpk: tensor 0: storage: 4294967295, expected less than "), 0u);
  EXPECT_EQ(tensor([](T& t) { t.dtype = static_cast<fbs::DType>(12); }), "h.fpk: tensor 0: element type: 12, expected 0 to 11");
  EXPECT_EQ(tensor([](T& t) { t.strides.pop_back(); }), "h.fpk: tensor 0: 1 strides, expected 2, one a size");
  EXPECT_EQ(tensor([](T& t) { t.sizes.assign(17, 1), t.strides.assign(17, 1); }), "h.fpk: tensor 0: sizes: 17 entries, expected at most 16");
  EXPECT_EQ(tensor([](T& t) { t.sizes[0] = -1; }), "h.fpk: tensor 0: size -1, expected none below 0");
  EXPECT_EQ(tensor([](T& t) { t.sizes[0] = kLeast; }), "h.fpk: tensor 0: size -9223372036854775808, expected none below 0");
  EXPECT_EQ(tensor([](T& t) { t.strides[0] = -3; }), "h.fpk: tensor 0: stride -3, expected none below 0");
  EXPECT_EQ(tensor([](T& t) { t.offset = -1; }), "h.fpk: tensor 0: offset -1, expected none below 0");
  EXPECT_EQ(tensor([](T& t) { t.offset = 1; }), "h.fpk: tensor 0: a view that ends at byte 28, expected at most 24, its storage's size");
  for (const auto& change : std::vector<std::function<void(T&)>>{
           [](T& t) { t.offset = kMost; }, [](T& t) { t.strides[0] = kMost; }, [](T& t) { t.sizes[0] = kMost; },
           [](T& t) { t.sizes = {int64_t{1} << 32, int64_t{1} << 32}, t.strides = {int64_t{1} << 32, 1}; },
           [](T& t) { t.sizes = {int64_t{1} << 61}, t.strides = {1}; }}) {
    EXPECT_NE(tensor(change).find(", expected at most 24, its storage's size"), std::string::npos);
  }
  // Broadcast beyond all measure: memory is asked for when it is made dense.
  EXPECT_EQ(tensor([](T& t) { t.sizes = {int64_t{1} << 40}, t.strides = {0}; }),
            "h.fpk: tensor 0: sizes [1099511627776] over a storage of 24 bytes, expected a tensor at most 1 GiB larger than its storage");
  EXPECT_NE(tensor([](T& t) { t.sizes = {kMost, kMost}, t.strides = {0, 0}; }), "ok");
  EXPECT_NE(tensor([](T& t) { t.sizes = {0, kMost, kMost}, t.strides = {0, 0, 0}; }), "ok");
  // Complex elements of 16 bytes over a storage of 24.
  EXPECT_NE(tensor([](T& t) { t.dtype = fbs::DType::C128; }), "ok");
  EXPECT_EQ(Changed([](ManifestT& m) { m.storages[0] = 1000; }).find("h.fpk: storage 0: segment: 1000, expected less than "), 0u);
  // Weights read as bools.
  EXPECT_NE(tensor([](T& t) { t.dtype = fbs::DType::Bool; }).find(" of a bool tensor's storage, expected 0 or 1"), std::string::npos);
  // Through a view with steps, too.
  EXPECT_NE(tensor([](T& t) { t.dtype = fbs::DType::Bool, t.sizes = {4}, t.strides = {5}; }).find(" of a bool tensor's storage"), std::string::npos);
}

TEST_F(HostilePackageTest, References) {
  EXPECT_EQ(Changed([](ManifestT& m) { m.state[0]->tensor = 5000; }).find("h.fpk: state 'block.weight': tensor: 5000, expected less than "), 0u);
  EXPECT_EQ(Changed([](ManifestT& m) { m.state[0]->kind = static_cast<fbs::StateKind>(4); }), "h.fpk: state 'block.weight': kind 4, expected 0 to 3");
  EXPECT_EQ(Changed([](ManifestT& m) { m.state[1]->name = "block.weight"; }), "h.fpk: state: 'block.weight' twice, expected names that differ");
  EXPECT_EQ(Changed([](ManifestT& m) { m.state[1]->name = "\xc3"; }), "h.fpk: name in the state: bytes that are no UTF-8, expected UTF-8");
  EXPECT_EQ(Changed([](ManifestT& m) { m.state[1]->name.assign(4097, 'a'); }),
            "h.fpk: name in the state: a text of 4097 bytes, expected at most 4096");
  EXPECT_EQ(Changed([](ManifestT& m) { m.methods[1]->name = "forward"; }), "h.fpk: methods: 'forward' twice, expected names that differ");
  EXPECT_EQ(Changed([](ManifestT& m) { m.methods[0]->graph = nullptr; }), "h.fpk: method 'forward': no graph, expected one");
  const auto calibrated = [](std::vector<int> values, std::vector<float> low, std::vector<float> high) {
    return Changed([&](ManifestT& m) {
      m.methods[0]->calibration = std::make_unique<fbs::CalibrationT>();
      m.methods[0]->calibration->values = values;
      m.methods[0]->calibration->low = low;
      m.methods[0]->calibration->high = high;
    });
  };
  const std::string place = "h.fpk: method 'forward': calibration: ";
  EXPECT_EQ(calibrated({0}, {-1}, {1}), "ok");
  EXPECT_EQ(calibrated({0}, {-1, 0}, {1}), place + "2 lower and 1 upper ends, expected 1, one a value");
  EXPECT_EQ(calibrated({0, 0}, {-1, 0}, {1, 1}), place + "value 0 out of order, expected ascending values");
  EXPECT_EQ(calibrated({9999}, {-1}, {1}).find(place + "range of value 9999: no such value, expected less than "), 0u);
  EXPECT_EQ(calibrated({-1}, {-1}, {1}).find(place + "range of value -1: no such value"), 0u);
  EXPECT_EQ(calibrated({0}, {NAN}, {1}).find(place + "range of value 0: "), 0u);
  EXPECT_EQ(calibrated({0}, {-1}, {INFINITY}).find(place + "range of value 0: "), 0u);
  EXPECT_EQ(calibrated({0}, {1}, {-1}), place + "range of value 0: 1.000000 to -1.000000, expected finite numbers, the smaller first");
  EXPECT_EQ(Changed([](ManifestT& m) { m.fx_graphs[1]->name = ""; }), "h.fpk: fx graphs: '' twice, expected names that differ");
  EXPECT_EQ(Changed([](ManifestT& m) { m.cases[0]->method = "x"; }), "h.fpk: case 0: method: 'x', expected one of the package");
  EXPECT_EQ(Changed([](ManifestT& m) { m.cases[0]->inputs[0]->tensor = 5000; }).find("h.fpk: case 0: inputs: tensor: 5000, expected less than "), 0u);
  EXPECT_EQ(Changed([](ManifestT& m) { m.cases[0]->tolerances[0]->of_largest = -1; }),
            "h.fpk: case 0: tolerance for 'fp32': -1.000000, expected a finite number from 0");
  EXPECT_EQ(Changed([](ManifestT& m) { m.cases[0]->tolerances[0]->absolute = NAN; }),
            "h.fpk: case 0: tolerance for 'fp32': nan, expected a finite number from 0");
  EXPECT_EQ(Changed([](ManifestT& m) { m.plans[0]->segment = 5000; }).find("h.fpk: plan 'cpu avx512 onednn-2.6.3': segment: 5000"), 0u);
  EXPECT_EQ(Changed([](ManifestT& m) { m.metadata[1]->key = "license"; }), "h.fpk: metadata: 'license' twice, expected names that differ");
  EXPECT_EQ(Changed([](ManifestT& m) { m.archive->records[0]->segment = 5000; }).find("h.fpk: archive: record 'model/model.pkl': segment: 5000"), 0u);
  EXPECT_EQ(Changed([](ManifestT& m) { m.archive->records[1]->name = "model/model.pkl"; }),
            "h.fpk: archive: records: 'model/model.pkl' twice, expected names that differ");
  for (const std::string& name : {std::string("/etc/passwd"), std::string("../x"), std::string("a/../b"), std::string("a//b"), std::string("a/"),
                                  std::string(""), std::string("a\\b"), std::string("a\0b", 3), std::string("."), std::string(513, 'a')}) {
    EXPECT_EQ(Changed([&](ManifestT& m) { m.archive->records[2]->name = name; }).find("h.fpk: archive: record 2: "), 0u) << name;
  }
}

TEST_F(HostilePackageTest, Graphs) {
  using G = fbs::GraphT;
  const auto graph = [](const std::function<void(G&)>& change) {
    std::string error = Changed([&](ManifestT& m) { change(*m.methods[0]->graph); });
    const std::string prefix = "h.fpk: method 'forward': ";
    return error.substr(error.rfind(prefix, 0) == 0 ? prefix.size() : 0);
  };
  // values: 0 x, 1 block.weight, 2 relu, 3 add, 4 reshape; nodes: relu, add, reshape; expressions: s0, s0 * 6
  ASSERT_EQ(graph([](G& g) {
              FP_CHECK_EQ(g.values.size(), 5u);
              FP_CHECK_EQ(g.nodes.size(), 3u);
              FP_CHECK_EQ(g.expressions[0], std::string("s0"));
            }),
            "ok");
  EXPECT_EQ(graph([](G& g) { g.symbol_hints[0] = -1; }), "symbols: example size -1, expected 0 to 2^60");
  EXPECT_EQ(graph([](G& g) { g.symbol_hints.assign(1025, 4); }), "symbols: 1025 entries, expected at most 1024");
  EXPECT_NE(graph([](G& g) { g.expressions[0] = "s7"; }).find("size expression 's7': "), std::string::npos);
  EXPECT_NE(graph([](G& g) { g.expressions[0] = std::string(200, '(') + "s0" + std::string(200, ')'); }), "ok");
  EXPECT_EQ(graph([](G& g) { g.expressions[0] = std::string(20000, '('); }), "expression: a text of 20000 bytes, expected at most 16384");
  EXPECT_EQ(graph([](G& g) { g.expressions[0] = "s0 + 1"; }), "value 0: size: s0 + 1 = 5 for the example, expected 4, which is stored with it");
  EXPECT_NE(graph([](G& g) { g.values[0]->sizes[0] = fbs::Size(4, 99); }).find("value 0: size: expression 99, expected -1 to "), std::string::npos);
  EXPECT_NE(graph([](G& g) { g.values[0]->sizes[0] = fbs::Size(4, -2); }).find("value 0: size: expression -2, expected -1 to "), std::string::npos);
  EXPECT_EQ(graph([](G& g) { g.values[0]->sizes[1] = fbs::Size(-2, -1); }), "value 0: sizes: size -2, expected 0 to 2^60");
  EXPECT_EQ(graph([](G& g) { g.values[0]->sizes.assign(17, fbs::Size(1, -1)); }), "value 0: sizes: rank 17, expected at most 16");
  EXPECT_EQ(graph([](G& g) { g.values[0]->dtype = static_cast<fbs::DType>(200); }), "value 0: element type: 200, expected 0 to 11");
  EXPECT_EQ(graph([](G& g) { g.inputs[0] = 5; }), "value index: 5, expected 0 to 4");
  EXPECT_EQ(graph([](G& g) { g.inputs[0] = -1; }), "value index: -1, expected 0 to 4");
  EXPECT_EQ(graph([](G& g) { g.constants[0] = fbs::GraphConstant(7, 0); }), "constant 0: value index: 7, expected 0 to 4");
  EXPECT_NE(graph([](G& g) { g.constants[0] = fbs::GraphConstant(1, 999); }).find("constant 0: tensor 999, expected less than "), std::string::npos);
  EXPECT_EQ(graph([](G& g) { g.constants.push_back(g.constants[0]); }), "constant 1: value 1, expected one above 1");
  EXPECT_EQ(graph([](G& g) { g.constants[0] = fbs::GraphConstant(1, 1); }), "constant 0: tensor f32[16,16], expected f32[2,3], the value's");
  EXPECT_EQ(graph([](G& g) { g.nodes[0]->op = "exec"; }), "node 0: operator: 'exec', expected one that this fusepack has");
  EXPECT_NE(graph([](G& g) { g.nodes[0]->op = "fused"; }).find("node 0: operator: 'fused'"), std::string::npos);
  EXPECT_EQ(graph([](G& g) {
              for (int i = 0; i < 9; i++) g.nodes[0]->args.push_back(std::make_unique<fbs::ArgT>());
            }),
            "node 0: operator 'relu': 10 arguments, expected at most 1");
  EXPECT_EQ(graph([](G& g) { g.nodes[0]->args.clear(); }), "node 0: operator 'relu': no argument 'self', expected one");
  EXPECT_EQ(graph([](G& g) { g.nodes[0]->outputs[0] = 50; }), "node 0: value index: 50, expected 0 to 4");
  const auto arg = [&](const std::function<void(fbs::ArgT&)>& change) {
    std::string error = graph([&](G& g) { change(*g.nodes[0]->args[0]); });
    const std::string prefix = "node 0: argument 'self' of 'relu': ";
    return error.substr(error.rfind(prefix, 0) == 0 ? prefix.size() : 0);
  };
  using A = fbs::ArgT;
  EXPECT_EQ(arg([](A& a) { a.kind = static_cast<fbs::ArgKind>(10); }), "a field that kind 10 does not have, expected none");
  EXPECT_EQ(arg([](A& a) { a.kind = static_cast<fbs::ArgKind>(10), a.integers.clear(); }), "kind 10, expected 0 to 9");
  EXPECT_EQ(arg([](A& a) { a.text = "x"; }), "a field that kind 8 does not have, expected none");
  EXPECT_EQ(arg([](A& a) { a.integers = {0, 0}; }), "2 values, expected one");
  EXPECT_EQ(arg([](A& a) { a.integers = {5}; }), "value index: 5, expected -1 to 4");
  EXPECT_EQ(arg([](A& a) { a.integers = {int64_t{1} << 32}; }), "value index: 4294967296, expected -1 to 4");
  EXPECT_EQ(arg([](A& a) { a.integers = {-2}; }), "value index: -2, expected -1 to 4");
  EXPECT_EQ(arg([](A& a) { a.kind = fbs::ArgKind::Tensors, a.integers = {0, 5}; }), "value index: 5, expected -1 to 4");
  EXPECT_EQ(arg([](A& a) { a.kind = fbs::ArgKind::Bool, a.integers = {2}; }), "truth value 2, expected 0 or 1");
  EXPECT_EQ(arg([](A& a) { a.kind = fbs::ArgKind::DType, a.integers = {12}; }), "element type: 12, expected 0 to 11");
  EXPECT_EQ(arg([](A& a) { a.kind = fbs::ArgKind::Int, a.integers.clear(); }), "0 values, expected one");
  EXPECT_EQ(arg([](A& a) { a.kind = fbs::ArgKind::Float, a.integers.clear(); }), "0 values, expected one");
  EXPECT_NE(arg([](A& a) { a.kind = fbs::ArgKind::Ints, a.integers.clear(), a.sizes = {fbs::Size(1, 9)}; }).find("size: expression 9"), std::string::npos);
  // What CheckGraph finds: another argument type, a use before the definition, a second definition, wrong shapes.
  EXPECT_NE(arg([](A& a) { a.kind = fbs::ArgKind::String, a.integers.clear(), a.text = "x"; }), "ok");
  EXPECT_NE(arg([](A& a) { a.kind = fbs::ArgKind::None, a.integers.clear(); }), "ok");
  EXPECT_NE(arg([](A& a) { a.integers = {-1}; }), "ok");
  EXPECT_NE(arg([](A& a) { a.integers = {4}; }), "ok");
  EXPECT_NE(graph([](G& g) { g.nodes[1]->outputs[0] = 2; }), "ok");
  EXPECT_NE(graph([](G& g) { g.nodes[0]->outputs.clear(); }), "ok");
  EXPECT_NE(graph([](G& g) { std::swap(g.nodes[0], g.nodes[1]); }), "ok");
  EXPECT_NE(graph([](G& g) { g.values[3]->sizes[1] = fbs::Size(5, -1); }), "ok");
  EXPECT_NE(graph([](G& g) { g.values[3]->dtype = fbs::DType::I8; }), "ok");
  EXPECT_NE(graph([](G& g) { g.inputs.push_back(0); }), "ok");
  EXPECT_EQ(graph([](G& g) { g.outputs[0]->value = -1; }), "output 0: value index: -1, expected 0 to 4");
  EXPECT_EQ(graph([](G& g) { g.outputs[0]->value = 5; }), "output 0: value index: 5, expected 0 to 4");
  EXPECT_EQ(graph([](G& g) { g.guards[0]->compare = static_cast<fbs::Compare>(6); }), "guard 0: comparison 6, expected 0 to 5");
  EXPECT_EQ(graph([](G& g) { g.guards[0]->left = nullptr; }), "guard 0: a side missing, expected two");
  EXPECT_NE(graph([](G& g) { g.guards[0]->left = std::make_unique<fbs::Size>(3, 77); }).find("guard 0: size: expression 77"), std::string::npos);
}

// A hundred thousand bool tensors over one storage: each byte is looked at once.
TEST_F(HostilePackageTest, ManyViewsCostNoMoreThanTheirStorage) {
  Unpacked file;
  file.manifest = std::make_unique<ManifestT>();
  file.segments = {Buffer(8 << 20, 1)};
  file.manifest->segments.push_back(std::make_unique<fbs::SegmentT>());
  file.manifest->segments[0]->raw_size = 8 << 20;
  file.manifest->storages = {0};
  for (int i = 0; i < 100000; i++) {
    auto tensor = std::make_unique<fbs::TensorT>();
    tensor->sizes = {4 << 20};
    tensor->strides = {2};
    file.manifest->tensors.push_back(std::move(tensor));
  }
  EXPECT_EQ(ErrorOf(Repack(file)), "ok");
}

}  // namespace
}  // namespace fusepack
