#include "text/transform.h"

#include <algorithm>

#include "base/utf8.h"

namespace podium::text {

void Transform::Advance() {
  if (at_ < text_.size()) {
    at_ += DecodeUtf8(text_.bytes(), at_).length;
  }
}

void Transform::Emit(char32_t c, int64_t change) {
  ByteRange origin = {text_.base(), text_.base()};
  if (change > 0) {
    if (at_ > 0) {
      origin = text_.OriginAt(at_ - 1);
    }
  } else if (!text_.empty()) {
    origin = text_.OriginAt(std::min(at_, text_.size() - 1));
  }
  text_.PutCodePoint(c, origin);
  for (; change <= 0; ++change) {
    Advance();
  }
}

}  // namespace podium::text
