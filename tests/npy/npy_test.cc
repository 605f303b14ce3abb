// .npy files that NumPy wrote (tests/npy/make_data.py) are read and written back to the same bytes; hostile ones are
// refused with one clear line.
#include "package_format/npy/npy.h"

#include <cstdlib>
#include <filesystem>
#include <fstream>
#include <sstream>

#include "gmock/gmock.h"
#include "gtest/gtest.h"

namespace fusepack::npy {
namespace {

using ::testing::HasSubstr;

std::string Data(const std::string& name) { return "tests/npy/data/" + name + ".npy"; }

std::string Content(const std::string& path) {
  std::ifstream in(path, std::ios::binary);
  std::ostringstream out;
  out << in.rdbuf();
  return out.str();
}

Result<Tensor> ParseText(const std::string& bytes) {
  return ParseNpy(MappedFile::FromBytes("x.npy", {bytes.begin(), bytes.end()}));
}

// Version 1.0 with this header text, a newline added.
std::string File(const std::string& header, const std::string& data = std::string(24, '\0')) {
  const std::string text = header + "\n";
  return std::string("\x93NUMPY\x01\x00", 8) + static_cast<char>(text.size() & 255) + static_cast<char>(text.size() >> 8) + text + data;
}

// arange(6) - 2 in the tensor's dtype.
void ExpectValues(const Tensor& t, const std::string& name) {
  ASSERT_EQ(t.sizes(), (Dims{2, 3})) << name;
  auto dense = t.Contiguous();
  ASSERT_TRUE(dense.ok());
  const void* data = dense->view().data;
  for (int i = 0; i < 6; i++) {
    const int want = i - 2;
    switch (t.dtype()) {
      case DType::kBool: EXPECT_EQ(static_cast<const uint8_t*>(data)[i], want != 0) << name; break;
      case DType::kU8: EXPECT_EQ(static_cast<const uint8_t*>(data)[i], static_cast<uint8_t>(want)) << name; break;
      case DType::kC64: EXPECT_EQ(static_cast<const std::complex<float>*>(data)[i], std::complex<float>(want)) << name; break;
      case DType::kC128: EXPECT_EQ(static_cast<const std::complex<double>*>(data)[i], std::complex<double>(want)) << name; break;
      default: EXPECT_EQ(dense->ItemAsDouble(i), want) << name;
    }
  }
}

TEST(Npy, ReadsWhatNumpyWrote) {
  const std::pair<const char*, DType> codes[] = {
      {"b1", DType::kBool}, {"u1", DType::kU8},  {"i1", DType::kI8},  {"i2", DType::kI16}, {"i4", DType::kI32}, {"i8", DType::kI64},
      {"f2", DType::kF16},  {"f4", DType::kF32}, {"f8", DType::kF64}, {"c8", DType::kC64}, {"c16", DType::kC128}};
  for (const auto& [code, dtype] : codes) {
    for (const char* form : {"", "_fortran", "_big"}) {
      const std::string name = std::string(code) + form;
      if (ItemSize(dtype) == 1 && std::string(form) == "_big") continue;
      auto tensor = ReadNpy(Data(name));
      ASSERT_TRUE(tensor.ok()) << tensor.status().ToString();
      EXPECT_EQ(tensor->dtype(), dtype) << name;
      ExpectValues(*tensor, name);
    }
  }
  for (const char* name : {"f4_v2", "f4_v3"}) {
    auto tensor = ReadNpy(Data(name));
    ASSERT_TRUE(tensor.ok()) << tensor.status().ToString();
    ExpectValues(*tensor, name);
  }
}

TEST(Npy, FortranOrderIsAViewWithItsOwnStrides) {
  auto tensor = ReadNpy(Data("f4_fortran"));
  ASSERT_TRUE(tensor.ok());
  EXPECT_EQ(tensor->strides(), (Dims{1, 2}));
  EXPECT_FALSE(tensor->storage()->writable());
}

TEST(Npy, WritesTheBytesThatNumpyWrites) {
  const std::string path = ::testing::TempDir() + "/fusepack_out.npy";
  for (const char* name : {"b1", "u1", "i1", "i2", "i4", "i8", "f2", "f4", "f8", "c8", "c16", "scalar", "one", "empty"}) {
    auto tensor = ReadNpy(Data(name));
    ASSERT_TRUE(tensor.ok()) << tensor.status().ToString();
    ASSERT_TRUE(WriteNpy(path, *tensor).ok());
    EXPECT_EQ(Content(path), Content(Data(name))) << name;
  }
  auto fortran = ReadNpy(Data("f4_fortran"));
  ASSERT_TRUE(fortran.ok());
  ASSERT_TRUE(WriteNpy(path, *fortran).ok());
  EXPECT_EQ(Content(path), Content(Data("f4")));
  std::filesystem::remove(path);
}

TEST(Npy, BFloat16HasNoForm) {
  auto tensor = Tensor::Zeros(DType::kBF16, {2});
  ASSERT_TRUE(tensor.ok());
  const Status status = WriteNpy(::testing::TempDir() + "/none.npy", *tensor);
  ASSERT_FALSE(status.ok());
  EXPECT_THAT(status.ToString(), HasSubstr("bfloat16"));
}

TEST(Npy, RefusesHostileFiles) {
  const std::string good = "{'descr': '<f4', 'fortran_order': False, 'shape': (2, 3), }";
  ASSERT_TRUE(ParseText(File(good)).ok());
  const std::pair<std::string, const char*> cases[] = {
      {"", "no .npy file"},
      {"PK\x03\x04 something else", "no .npy file"},
      {std::string("\x93NUMPY\x01\x00", 8), "whole header"},
      {std::string("\x93NUMPY\x04\x00", 8) + File(good).substr(8), "version 4.0"},
      {std::string("\x93NUMPY\x01\x01", 8) + File(good).substr(8), "version 1.1"},
      {File(good).substr(0, 40), "bytes long"},
      {File(good, std::string(23, '\0')), "23 bytes, expected 24 for shape [2,3]"},
      {File(good, std::string(25, '\0')), "25 bytes, expected 24"},
      {File("{'descr': '<f4', 'fortran_order': False, 'shape': (-2, -3), }"), "a number >= 0"},
      {File("{'descr': '<f4', 'fortran_order': False, 'shape': (4294967296, 4294967296), }"), "a possible shape"},
      {File("{'descr': '<f4', 'fortran_order': False, 'shape': (99999999999999999999,), }"), "a number >= 0"},
      {File("{'descr': '<f4', 'fortran_order': False, 'shape': (6), }"), "no tuple"},
      {File("{'descr': '<f4', 'fortran_order': False, 'shape': (2 3), }"), "',' or ')'"},
      {File("{'descr': '<f4', 'fortran_order': False, 'shape': (1,1,1,1,1,1,1,1,1,1,1,1,1,1,1,2,3), }"), "at most 16"},
      {File("{'descr': '<f4', 'fortran_order': 0, 'shape': (2, 3), }"), "True or False"},
      {File("{'descr': '<f4', 'fortran_order': False}"), "all three"},
      {File("{'descr': '<f4', 'descr': '<f4', 'fortran_order': False, 'shape': (2, 3), }"), "once each"},
      {File("{'descr': '<f4', 'evil': '<f4', 'fortran_order': False, 'shape': (2, 3), }"), "key 'evil'"},
      {File("{'descr': [('a', '<f4')], 'fortran_order': False, 'shape': (2, 3), }"), "structured"},
      {File("{'descr': '|O', 'fortran_order': False, 'shape': (2, 3), }"), "dtype '|O'"},
      {File("{'descr': '|V2', 'fortran_order': False, 'shape': (2, 3), }"), "dtype '|V2'"},
      {File("{'descr': '<u4', 'fortran_order': False, 'shape': (2, 3), }"), "dtype '<u4'"},
      {File("{'descr': '|f4', 'fortran_order': False, 'shape': (2, 3), }"), "dtype '|f4'"},
      {File("{'descr: '<f4"), "'"},
      {File(good + "; import os"), "newline"},
      {File("[1, 2]"), "expected '{'"},
      {File("{'descr': '|b1', 'fortran_order': False, 'shape': (2,), }", "\x01\x02"), "neither 0 nor 1"},
  };
  for (const auto& [bytes, message] : cases) {
    auto tensor = ParseText(bytes);
    ASSERT_FALSE(tensor.ok()) << message;
    EXPECT_THAT(tensor.status().ToString(), HasSubstr(message));
    EXPECT_EQ(tensor.error().code, ErrorCode::kBadInput);
    EXPECT_EQ(tensor.error().file, "x.npy");
  }
}

TEST(Npy, EveryTruncationIsRefusedAndNoByteCrashes) {
  const std::string whole = Content(Data("f4"));
  for (size_t size = 0; size < whole.size(); size++) EXPECT_FALSE(ParseText(whole.substr(0, size)).ok()) << size;
  for (size_t at = 0; at < whole.size(); at++) {
    for (int value = 0; value < 256; value++) {
      std::string changed = whole;
      changed[at] = static_cast<char>(value);
      auto tensor = ParseText(changed);
      if (!tensor.ok()) continue;
      EXPECT_EQ(tensor->numel() * static_cast<int64_t>(ItemSize(tensor->dtype())), 24);
    }
  }
}

}  // namespace
}  // namespace fusepack::npy
