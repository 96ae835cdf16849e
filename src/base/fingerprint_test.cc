#include "base/fingerprint.h"

#include <string>

#include <gtest/gtest.h>

namespace podium {
namespace {

// Test vectors of the SipHash authors (128-bit output, key 00…0f, input 00 01 02 …).
TEST(FingerprintTest, EqualsTheReferenceVectors) {
  EXPECT_EQ(FingerprintOf("").ToHex(), "a3817f04ba25a8e66df67214c7550293");
  EXPECT_EQ(FingerprintOf(std::string("\0", 1)).ToHex(), "da87c1d86b99af44347659119b22fc45");
  EXPECT_EQ(FingerprintOf(std::string("\0\1", 2)).ToHex(), "8177228da4a45dc7fca38bdef60affe4");
  EXPECT_EQ(FingerprintOf("").ToBytes().size(), Fingerprint::kBytes);
}

TEST(FingerprintTest, DependsOnEveryByte) {
  const std::string text = "nine bytes";
  for (size_t i = 0; i < text.size(); ++i) {
    std::string other = text;
    other[i] = static_cast<char>(other[i] ^ 1);
    EXPECT_FALSE(FingerprintOf(other) == FingerprintOf(text));
  }
}

TEST(FingerprintTest, BytesGiveItBack) {
  const Fingerprint print = FingerprintOf("a document");
  EXPECT_EQ(Fingerprint::FromBytes(print.ToBytes()), print);
}

TEST(FingerprintHasherTest, PiecesGiveWhatTheWholeGives) {
  std::string text;
  for (int i = 0; i < 40; ++i) {
    text.push_back(static_cast<char>(i * 7));
  }
  for (size_t first = 0; first <= text.size(); ++first) {
    for (size_t second = first; second <= text.size(); ++second) {
      FingerprintHasher hasher;
      hasher.Add(text.substr(0, first)).Add(text.substr(first, second - first));
      EXPECT_EQ(hasher.Finish(), FingerprintOf(text.substr(0, second)));
      hasher.Add(text.substr(second));
      ASSERT_EQ(hasher.Finish(), FingerprintOf(text)) << first << " " << second;
    }
  }
}

TEST(FingerprintHasherTest, NumbersAreEightBytes) {
  const std::string bytes = std::string("x\x01\x02\0\0\0\0\0\0", 9);
  EXPECT_EQ(FingerprintHasher().Add("x").AddNumber(0x0201).Finish(), FingerprintOf(bytes));
}

}  // namespace
}  // namespace podium
