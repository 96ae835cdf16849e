#include "io/block_compression.h"

#include <string>

#include <gmock/gmock.h>
#include <gtest/gtest.h>

namespace podium::io {
namespace {

using ::testing::HasSubstr;

TEST(BlockCompressionTest, RoundTrips) {
  for (const std::string& bytes : {std::string(), std::string("a"), std::string(100000, 'x')}) {
    const std::string frame = CompressBlock(bytes);
    EXPECT_FALSE(frame.empty());
    EXPECT_EQ(DecompressBlock(frame, bytes.size()).value(), bytes);
  }
  EXPECT_LT(CompressBlock(std::string(100000, 'x')).size(), 100U);
}

TEST(BlockCompressionTest, DamageIsAnErrorOrText) {
  const std::string frame = CompressBlock("wind tunnel, wind tunnel, wind tunnel, wind tunnel");
  for (size_t size = 0; size < frame.size(); ++size) {
    EXPECT_EQ(DecompressBlock(frame.substr(0, size), 1000).status().code(),
              StatusCode::kDataCorruption);
    for (int bit = 0; bit < 8; ++bit) {
      std::string damaged = frame;
      damaged[size] = static_cast<char>(damaged[size] ^ (1 << bit));
      (void)DecompressBlock(damaged, 1000);
    }
  }
  EXPECT_THAT(DecompressBlock("text", 1000).status().message(), HasSubstr("start with its size"));
  EXPECT_THAT(DecompressBlock(frame, 10).status().message(),
              HasSubstr("claims 50 bytes, the most is 10"));
  EXPECT_THAT(DecompressBlock(frame.substr(0, frame.size() - 1), 1000).status().message(),
              HasSubstr("is damaged"));
}

}  // namespace
}  // namespace podium::io
