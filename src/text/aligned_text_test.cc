#include "text/aligned_text.h"

#include <gtest/gtest.h>

namespace podium::text {
namespace {

TEST(AlignedText, IsTheOriginalUntilRewritten) {
  AlignedText text;
  text.Assign("a\xC3\xA9z", 10);
  EXPECT_EQ(text.Origin(0, 1), (ByteRange{10, 11}));
  EXPECT_EQ(text.Origin(1, 3), (ByteRange{11, 13}));
  // Bytes inside a character stand for the whole of it.
  EXPECT_EQ(text.Origin(2, 4), (ByteRange{11, 14}));
  EXPECT_EQ(text.OriginAt(2), (ByteRange{11, 13}));
}

TEST(AlignedText, RewritesKeepOrigins) {
  AlignedText text;
  text.Assign("a  b", 0);
  text.StartRewrite();
  text.Keep(0, 1);
  text.Put("\xE2\x96\x81", text.OriginAt(2));
  text.Keep(3, 4);
  text.FinishRewrite();
  EXPECT_EQ(text.bytes(),
            "a\xE2\x96\x81"
            "b");
  EXPECT_EQ(text.Origin(0, 1), (ByteRange{0, 1}));
  EXPECT_EQ(text.Origin(1, 4), (ByteRange{2, 3}));
  EXPECT_EQ(text.Origin(4, 5), (ByteRange{3, 4}));
  AlignedText part;
  part.AssignPart(text, 1, 5);
  EXPECT_EQ(part.bytes(),
            "\xE2\x96\x81"
            "b");
  EXPECT_EQ(part.Origin(3, 4), (ByteRange{3, 4}));
}

TEST(AlignedText, TwoCharactersForOneOfTheSameLengthAreNotIdentical) {
  AlignedText text;
  text.Assign("\xC3\x9Fx", 0);  // sharp s
  text.StartRewrite();
  text.Put("ss", text.OriginAt(0));
  text.Keep(2, 3);
  text.FinishRewrite();
  EXPECT_EQ(text.Origin(0, 1), (ByteRange{0, 2}));
  EXPECT_EQ(text.Origin(1, 2), (ByteRange{0, 2}));
}

TEST(AlignedText, RepairsIllFormedBytes) {
  AlignedText text;
  text.AssignRepaired(
      "a\xE2\x96"
      "b\xFF",
      0);
  EXPECT_EQ(text.bytes(),
            "a\xEF\xBF\xBD"
            "b\xEF\xBF\xBD");
  EXPECT_EQ(text.Origin(1, 4), (ByteRange{1, 3}));
  EXPECT_EQ(text.Origin(4, 5), (ByteRange{3, 4}));
  EXPECT_EQ(text.Origin(5, 8), (ByteRange{4, 5}));
}

}  // namespace
}  // namespace podium::text
