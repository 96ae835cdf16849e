#include "text/canonical.h"

#include <cstdlib>
#include <random>
#include <string>

#include <gtest/gtest.h>
#include <utf8proc.h>

#include "base/utf8.h"

namespace podium::text {
namespace {

std::string Normalized(CanonicalForm form, std::string_view source) {
  AlignedText text;
  text.Assign(source, 0);
  NormalizeCanonically(form, text);
  return std::string(text.bytes());
}

std::string Reference(CanonicalForm form, const std::string& source) {
  const auto* const bytes = reinterpret_cast<const utf8proc_uint8_t*>(source.c_str());
  utf8proc_uint8_t* const result = form == CanonicalForm::kNfc    ? utf8proc_NFC(bytes)
                                   : form == CanonicalForm::kNfd  ? utf8proc_NFD(bytes)
                                   : form == CanonicalForm::kNfkc ? utf8proc_NFKC(bytes)
                                                                  : utf8proc_NFKD(bytes);
  std::string out(reinterpret_cast<const char*>(result));
  std::free(result);
  return out;
}

TEST(Canonical, AgreesWithUtf8procOnRandomText) {
  // Letters with many composites, marks of several classes, jamo, ligatures, ideographs.
  constexpr char32_t kPalette[] = {'a',    'e',    ' ',    0xE9,   0x1EA5, 0x301,  0x323,  0x302,
                                   0x345,  0x1100, 0x1161, 0x11A8, 0xAC00, 0xAC01, 0xFB01, 0x2126,
                                   0x0344, 0x9C7,  0x9BE,  0x4E00, 0xF900, 0x3099, 0x304B, 0xFDFA};
  std::mt19937 random(1);
  for (int round = 0; round < 3000; ++round) {
    std::string source;
    for (size_t i = 0; i < 1 + random() % 9; ++i) {
      AppendUtf8(kPalette[random() % std::size(kPalette)], source);
    }
    for (const CanonicalForm form :
         {CanonicalForm::kNfc, CanonicalForm::kNfd, CanonicalForm::kNfkc, CanonicalForm::kNfkd}) {
      ASSERT_EQ(Normalized(form, source), Reference(form, source))
          << "form " << static_cast<int>(form) << " of " << source;
    }
  }
}

TEST(Canonical, OriginsAreThoseOfTheReference) {
  AlignedText text;
  text.Assign("xe\xCC\x81y", 0);  // e and a combining acute
  NormalizeCanonically(CanonicalForm::kNfc, text);
  EXPECT_EQ(text.bytes(), "x\xC3\xA9y");
  EXPECT_EQ(text.Origin(1, 3), (ByteRange{1, 2})) << "the composite stands for its base";
  EXPECT_EQ(text.Origin(3, 4), (ByteRange{4, 5}));
  text.Assign("x\xC3\xA9y", 0);
  NormalizeCanonically(CanonicalForm::kNfd, text);
  EXPECT_EQ(text.bytes(), "xe\xCC\x81y");
  EXPECT_EQ(text.Origin(1, 2), (ByteRange{1, 3}));
  EXPECT_EQ(text.Origin(2, 4), (ByteRange{1, 3}));
}

TEST(Canonical, AManyTimesMarkedLetterIsOrderedInReasonableTime) {
  std::string source = "a";
  for (int i = 0; i < 100000; ++i) {
    source += i % 2 == 0 ? "\xCC\x81" : "\xCC\xA3";
  }
  EXPECT_EQ(Normalized(CanonicalForm::kNfd, source).size(), source.size());
}

}  // namespace
}  // namespace podium::text
