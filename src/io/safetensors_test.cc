#include "io/safetensors.h"

#include <unistd.h>

#include <bit>
#include <cmath>
#include <cstring>
#include <filesystem>
#include <limits>
#include <string>
#include <vector>

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "io/half.h"

namespace podium::io {
namespace {

using testing::ElementsAre;
using testing::HasSubstr;

// The length, the JSON and the data in one string.
std::string File(const std::string& json, const std::string& data) {
  const uint64_t length = json.size();
  std::string file(8, '\0');
  std::memcpy(file.data(), &length, 8);
  return file + json + data;
}

std::string Floats(const std::vector<float>& values) {
  return {reinterpret_cast<const char*>(values.data()), values.size() * sizeof(float)};
}

std::string SmallFile() {
  return File(
      R"({"__metadata__":{"format":"pt"},)"
      R"("b":{"dtype":"F32","shape":[2,3],"data_offsets":[4,28]},)"
      R"("a":{"dtype":"BF16","shape":[2],"data_offsets":[0,4]},)"
      R"("empty":{"dtype":"F32","shape":[0,7],"data_offsets":[28,28]},)"
      R"("scalar":{"dtype":"I64","shape":[],"data_offsets":[28,36]}}  )",
      std::string("\x80\x3f\x00\xc0", 4) + Floats({1, 2, 3, 4, 5, 6}) + std::string(8, 'x'));
}

Status Parse(const std::string& file) {
  return ParseSafeTensorsHeader(file, file.size(), "f").status();
}

class SafeTensorsTest : public testing::Test {
 protected:
  SafeTensorsTest() : dir_(testing::TempDir() + "/podium_safetensors_" + std::to_string(getpid())) {
    std::filesystem::create_directories(dir_);
  }
  ~SafeTensorsTest() override { std::filesystem::remove_all(dir_); }

  std::filesystem::path Write(const std::string& name, const std::string& bytes) const {
    const auto path = dir_ / name;
    EXPECT_TRUE(WriteFileAtomic(path, bytes).ok());
    return path;
  }

  const std::filesystem::path dir_;
};

TEST_F(SafeTensorsTest, FindsTensors) {
  auto opened = SafeTensors::Open(Write("m", SmallFile()));
  ASSERT_TRUE(opened.ok()) << opened.status().ToString();
  const SafeTensors file = std::move(opened).value();
  EXPECT_THAT(file.names(), ElementsAre("a", "b", "empty", "scalar"));
  EXPECT_THAT(file.header().metadata, ElementsAre(testing::Pair("format", "pt")));
  const auto b = file.Find("b");
  ASSERT_TRUE(b.ok());
  EXPECT_EQ(b->dtype, DType::kF32);
  EXPECT_THAT(b->shape, ElementsAre(2, 3));
  EXPECT_EQ(b->count(), 6U);
  EXPECT_THAT(*ReadF32(*b), ElementsAre(1, 2, 3, 4, 5, 6));
  EXPECT_THAT(*ReadF32(*file.Find("a")), ElementsAre(1, -2));
  EXPECT_TRUE(ReadF32(*file.Find("empty"))->empty());
  EXPECT_EQ(file.Find("scalar")->count(), 1U);
  EXPECT_TRUE(file.Has("scalar"));
  EXPECT_EQ(file.Find("c").status().ToString(),
            "not found: " + (dir_ / "m").string() + ": no tensor \"c\"");
}

TEST_F(SafeTensorsTest, OpensAFileWithoutTensors) {
  const auto file = SafeTensors::Open(Write("x", File("{}", "")));
  ASSERT_TRUE(file.ok());
  EXPECT_TRUE(file->names().empty());
}

TEST(SafeTensorsHeaderTest, RefusesWrongLengths) {
  EXPECT_EQ(Parse("").ToString(),
            "data corruption: f: a safetensors file begins with 8 bytes of header length, the file "
            "has 0");
  std::string file = SmallFile();
  file[3] = 'x';  // the length's fourth byte: 2 GB
  EXPECT_EQ(Parse(file).message(),
            "f: header length 2013266184 exceeds the format's limit of 100000000");
  EXPECT_EQ(Parse(std::string("\x03\0\0\0\0\0\0\0{}", 10)).message(),
            "f: header length 3 exceeds the 2 bytes that follow it");
}

TEST(SafeTensorsHeaderTest, RefusesWhatIsNotAHeader) {
  EXPECT_THAT(Parse(File("", "")).message(), HasSubstr("f: header, byte "));
  EXPECT_EQ(Parse(File("[]", "")).message(), "f: header: expected an object, found an array");
  EXPECT_EQ(Parse(File("7", "")).message(), "f: header: expected an object, found 7");
  EXPECT_THAT(Parse(File("{\"a\":", "")).message(), HasSubstr("f: header, byte 13: "));
  EXPECT_THAT(Parse(File("{\"\xff\":1}", "")).message(), HasSubstr("ill-formed UTF-8"));
  EXPECT_EQ(Parse(File(R"({"__metadata__":{"a":1}})", "")).message(),
            "f: metadata \"a\": expected a string, found 1");
  EXPECT_EQ(Parse(File(R"({"a":null})", "")).message(),
            "f: tensor \"a\": expected an object, found null");
  const std::string deep = "{\"a\":" + std::string(1'000'000, '[');
  EXPECT_EQ(Parse(File(deep, "")).message(), "f: tensor \"a\": expected an object, found an array");
}

struct BadTensor {
  std::string fields;
  std::string message;
};

TEST(SafeTensorsHeaderTest, RefusesBadFields) {
  const std::vector<BadTensor> cases = {
      {R"("dtype":"F32","shape":[1])", "data_offsets is missing"},
      {R"("dtype":"F32","data_offsets":[0,4])", "shape is missing"},
      {R"("shape":[1],"data_offsets":[0,4])", "dtype is missing"},
      {R"("dtype":"F32","shape":[1],"data_offsets":[0,4],"x":1)", "unknown field \"x\""},
      {R"("dtype":"F32","dtype":"F32","shape":[1],"data_offsets":[0,4])",
       "repeated field \"dtype\""},
      {R"("dtype":"F33","shape":[1],"data_offsets":[0,4])", "unknown dtype \"F33\""},
      {R"("dtype":1,"shape":[1],"data_offsets":[0,4])", "expected dtype as a string, found 1"},
      {R"("dtype":"F32","shape":3,"data_offsets":[0,4])", "expected shape as an array, found 3"},
      {R"("dtype":"F32","shape":[-1],"data_offsets":[0,4])",
       "expected a dimension (an integer from 0), found -1"},
      {R"("dtype":"F32","shape":[1.5],"data_offsets":[0,4])",
       "expected a dimension (an integer from 0), found 1.5"},
      {R"("dtype":"F32","shape":["1"],"data_offsets":[0,4])",
       "expected a dimension (an integer from 0), found \"1\""},
      {R"("dtype":"F32","shape":[[1]],"data_offsets":[0,4])",
       "expected a dimension (an integer from 0), found an array"},
      {R"("dtype":"F32","shape":[true],"data_offsets":[0,4])",
       "expected a dimension (an integer from 0), found true"},
      {R"("dtype":"F32","shape":[1],"data_offsets":[4])",
       "expected two data_offsets (integers from 0), found 1 of them"},
      {R"("dtype":"F32","shape":[1],"data_offsets":[0,4,8])",
       "expected two data_offsets (integers from 0), found 8"},
      {R"("dtype":"F32","shape":[1],"data_offsets":{})",
       "expected data_offsets as an array, found an object"},
      {R"("dtype":"F32","shape":[2],"data_offsets":[0,4])", "F32 [2] takes 8 bytes, found 4"},
      {R"("dtype":"F32","shape":[0],"data_offsets":[0,4])", "F32 [0] takes 0 bytes, found 4"},
      {R"("dtype":"F32","shape":[4294967296,4294967296],"data_offsets":[0,4])",
       "F32 [4294967296, 4294967296] takes more than 2^64 bytes, found 4"},
      {R"("dtype":"F32","shape":[1],"data_offsets":[0,8])",
       "data_offsets [0, 8] do not lie within the 4 bytes of data"},
      {R"("dtype":"F32","shape":[1],"data_offsets":[4,0])",
       "data_offsets [4, 0] do not lie within the 4 bytes of data"},
  };
  for (const BadTensor& c : cases) {
    const std::string file = File("{\"t\":{" + c.fields + "}}", std::string(4, 'd'));
    EXPECT_EQ(Parse(file).message(), "f: tensor \"t\": " + c.message) << c.fields;
  }
  EXPECT_THAT(
      Parse(File(R"({"t":{"dtype":"F32","shape":[99999999999999999999],"data_offsets":[0,4]}})",
                 "dddd"))
          .message(),
      HasSubstr("expected a dimension"));
}

TEST(SafeTensorsHeaderTest, RefusesGapsOverlapsAndRepeatedNames) {
  const auto two = [](const std::string& second, size_t data, const char* name = "b") {
    return Parse(File(R"({"a":{"dtype":"U8","shape":[4],"data_offsets":[0,4]},")" +
                          std::string(name) + R"(":{"dtype":"U8","shape":[4],"data_offsets":)" +
                          second + "}}",
                      std::string(data, 'd')))
        .message();
  };
  EXPECT_EQ(two("[4,8]", 8), "");
  EXPECT_EQ(two("[5,9]", 9),
            "f: tensor \"b\": gap: its data begins at 5, the data before it ends at 4");
  EXPECT_EQ(two("[3,7]", 7),
            "f: tensor \"b\": overlap: its data begins at 3, the data before it ends at 4");
  EXPECT_EQ(two("[4,8]", 9), "f: tensors end at byte 8 of the data, which has 9");
  EXPECT_EQ(two("[4,8]", 8, "a"), "f: tensor \"a\" appears twice");
}

// Whatever a damaged file says, the parser answers; and what it lets through lies in the file.
void CheckAnswers(const std::string& file) {
  const auto header = ParseSafeTensorsHeader(file, file.size(), "f");
  if (header.ok()) {
    for (const TensorInfo& tensor : header->tensors) {
      ASSERT_LE(tensor.begin, tensor.end);
      ASSERT_LE(tensor.end, file.size());
    }
  }
}

TEST(SafeTensorsHeaderTest, SurvivesTruncationAtEveryByte) {
  const std::string file = SmallFile();
  for (size_t size = 0; size < file.size(); ++size) {
    EXPECT_FALSE(Parse(file.substr(0, size)).ok()) << size;
  }
  EXPECT_TRUE(Parse(file).ok());
}

TEST(SafeTensorsHeaderTest, SurvivesFlippedBits) {
  const std::string file = SmallFile();
  for (size_t bit = 0; bit < 8 * file.size(); ++bit) {
    std::string damaged = file;
    damaged[bit / 8] = static_cast<char>(damaged[bit / 8] ^ (1 << (bit % 8)));
    CheckAnswers(damaged);
  }
}

TEST_F(SafeTensorsTest, ReadF32RefusesWhatItCannotMean) {
  const float inf = std::numeric_limits<float>::infinity();
  const auto opened = SafeTensors::Open(
      Write("m", File(R"({"i":{"dtype":"I64","shape":[1],"data_offsets":[0,8]},)"
                      R"("n":{"dtype":"F32","shape":[2,3],"data_offsets":[8,32]}})",
                      std::string(8, 'x') + Floats({0, 1, 2, 3, -inf, NAN}))));
  ASSERT_TRUE(opened.ok()) << opened.status().ToString();
  const std::string path = (dir_ / "m").string();
  EXPECT_EQ(ReadF32(*opened->Find("i")).status().ToString(),
            "unsupported: " + path + ": tensor \"i\": expected F32, F16 or BF16, found I64");
  EXPECT_EQ(ReadF32(*opened->Find("n")).status().ToString(),
            "data corruption: " + path + ": tensor \"n\": element [1, 1] is -inf");
  EXPECT_EQ(ReadF32(*opened->Find("n"), NonFinite::kAllow)->at(4), -inf);
  std::vector<float> five(5);
  EXPECT_EQ(ReadF32Into(*opened->Find("n"), five).message(),
            path + ": tensor \"n\" has 6 values, asked for 5");
}

TEST(HalfTest, WidensEveryValueExactly) {
  for (uint32_t bits = 0; bits < 0x10000; ++bits) {
    const uint32_t exponent = (bits >> 10) & 31;
    const auto fraction = static_cast<float>(bits & 1023);
    const float sign = (bits & 0x8000) != 0 ? -1.0F : 1.0F;
    const float actual = HalfToFloat(static_cast<uint16_t>(bits));
    if (exponent == 31 && fraction != 0) {
      EXPECT_TRUE(std::isnan(actual));
      continue;
    }
    float wanted = std::ldexp(1.0F + fraction / 1024.0F, static_cast<int>(exponent) - 15);
    if (exponent == 0) {
      wanted = std::ldexp(fraction, -24);
    } else if (exponent == 31) {
      wanted = std::numeric_limits<float>::infinity();
    }
    ASSERT_EQ(std::bit_cast<uint32_t>(actual), std::bit_cast<uint32_t>(sign * wanted)) << bits;
  }
  EXPECT_EQ(Bfloat16ToFloat(0x3F80), 1.0F);
  EXPECT_EQ(Bfloat16ToFloat(0xC2F7), -123.5F);
  EXPECT_TRUE(std::isnan(Bfloat16ToFloat(0x7FC0)));
}

class ModelWeightsTest : public SafeTensorsTest {
 protected:
  void WriteShard(const std::string& file, const std::string& tensor, float value) const {
    Write(file, File("{\"" + tensor + R"(":{"dtype":"F32","shape":[1],"data_offsets":[0,4]}})",
                     Floats({value})));
  }
  void WriteIndex(const std::string& weight_map) const {
    Write("model.safetensors.index.json", "{\"metadata\":{},\"weight_map\":" + weight_map + "}");
  }
  std::string OpenError() const { return ModelWeights::Open(dir_).status().ToString(); }
  std::string index() const { return (dir_ / "model.safetensors.index.json").string(); }
};

TEST_F(ModelWeightsTest, ReadsOneFileOrShards) {
  WriteShard("s1.safetensors", "x", 1);
  WriteShard("s2.safetensors", "a", 2);
  WriteIndex(R"({"x":"s1.safetensors","a":"s2.safetensors"})");
  auto opened = ModelWeights::Open(dir_);
  ASSERT_TRUE(opened.ok()) << opened.status().ToString();
  const ModelWeights weights = std::move(opened).value();
  EXPECT_THAT(weights.names(), ElementsAre("a", "x"));
  EXPECT_THAT(*ReadF32(*weights.Find("a")), ElementsAre(2));
  EXPECT_EQ(weights.Find("x")->file, (dir_ / "s1.safetensors").string());
  EXPECT_FALSE(weights.Has("b"));
  EXPECT_EQ(weights.Find("b").status().ToString(),
            "not found: " + dir_.string() + ": no tensor \"b\" in its weights");

  WriteShard("model.safetensors", "y", 3);
  EXPECT_THAT(ModelWeights::Open(dir_)->names(), ElementsAre("y"));
}

TEST_F(ModelWeightsTest, RefusesADirectoryWithoutWeights) {
  EXPECT_EQ(OpenError(), "not found: " + dir_.string() +
                             ": neither model.safetensors nor model.safetensors.index.json is "
                             "there");
  Write("pytorch_model.bin", "x");
  EXPECT_THAT(OpenError(), HasSubstr("pickled weights are not read"));
}

TEST_F(ModelWeightsTest, RefusesABadIndex) {
  WriteShard("s.safetensors", "x", 1);
  Write("model.safetensors.index.json", "{");
  EXPECT_THAT(OpenError(), HasSubstr(index() + ": line 1"));
  Write("model.safetensors.index.json", "[]");
  EXPECT_EQ(OpenError(), "data corruption: " + index() + ": expected an object \"weight_map\"");
  WriteIndex("{}");
  EXPECT_EQ(OpenError(), "data corruption: " + index() + ": \"weight_map\" is empty");
  WriteIndex(R"({"x":3})");
  EXPECT_EQ(OpenError(), "data corruption: " + index() +
                             ": tensor \"x\": expected a file name, found an integer");
  for (const std::string bad :
       {"../s.safetensors", "/etc/passwd", "..", "", ".", "a\\\\b", "a\\u0000b"}) {
    WriteIndex("{\"x\":\"" + bad + "\"}");
    EXPECT_THAT(OpenError(), HasSubstr("is not a plain file name")) << bad;
  }
  WriteIndex(R"({"x":"gone.safetensors"})");
  EXPECT_EQ(OpenError(), "data corruption: " + index() +
                             ": names the file \"gone.safetensors\", which is not there");
  WriteIndex(R"({"x":"s.safetensors","y":"s.safetensors"})");
  EXPECT_EQ(OpenError(), "data corruption: " + index() +
                             ": tensor \"y\" should be in \"s.safetensors\", which lacks it");
  WriteShard("t.safetensors", "x", 1);
  WriteIndex(R"({"x":"s.safetensors","y":"t.safetensors"})");
  EXPECT_EQ(OpenError(), "data corruption: " + dir_.string() + ": tensor \"x\" is in two shards");
}

}  // namespace
}  // namespace podium::io
