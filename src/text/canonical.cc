#include "text/canonical.h"

#include <algorithm>
#include <vector>

#include "base/utf8.h"
#include "text/transform.h"
#include "text/unicode.h"

namespace podium::text {
namespace {

// A character of the decomposed text: its change (see Transform) and combining class.
struct Part {
  char32_t c = 0;
  int64_t change = 0;
  uint8_t combining_class = 0;
};

// Takes decomposed characters in canonical order and emits them composed (UAX 15, D117).
class Composer {
 public:
  explicit Composer(Transform& out) : out_(out) {}

  void Push(const Part& part) {
    if (!has_starter_) {
      if (part.combining_class != 0) {
        out_.Emit(part.c, part.change);
      } else {
        starter_ = part;
        has_starter_ = true;
      }
      return;
    }
    const bool blocked = !marks_.empty() && marks_.back().combining_class >= part.combining_class;
    if (!blocked) {
      if (const char32_t composite = Compose(starter_.c, part.c); composite != 0) {
        starter_.c = composite;
        starter_.change += part.change - 1;
        return;
      }
    }
    if (part.combining_class == 0) {
      Flush();
      starter_ = part;
      has_starter_ = true;
    } else {
      marks_.push_back(part);
    }
  }

  void Flush() {
    if (has_starter_) {
      out_.Emit(starter_.c, starter_.change);
    }
    for (const Part& mark : marks_) {
      out_.Emit(mark.c, mark.change);
    }
    marks_.clear();
    has_starter_ = false;
  }

 private:
  Transform& out_;
  Part starter_;
  bool has_starter_ = false;
  std::vector<Part> marks_;  // after the starter, not composed with it
};

// Decomposes, orders and, if asked, composes one stretch of text into `out`.
class Stretch {
 public:
  Stretch(bool compatibility, bool compose, AlignedText& text, size_t begin)
      : compatibility_(compatibility),
        compose_(compose),
        text_(text),
        transform_(text, begin),
        composer_(transform_),
        at_(begin) {}

  void Run(size_t end) {
    Decomposition parts;
    while (at_ < end) {
      const DecodedCodePoint decoded = DecodeUtf8(text_.bytes(), at_);
      at_ += decoded.length;
      const size_t count = Decompose(decoded.code_point, compatibility_, parts);
      for (size_t i = 0; i < count; ++i) {
        const Part part = {parts[i], i == 0 ? 0 : 1, CombiningClass(parts[i])};
        if (part.combining_class == 0) {
          PushMarks();
          Push(part);
        } else {
          marks_.push_back(part);
        }
      }
    }
    PushMarks();
    composer_.Flush();
  }

 private:
  void PushMarks() {
    std::stable_sort(marks_.begin(), marks_.end(), [](const Part& a, const Part& b) {
      return a.combining_class < b.combining_class;
    });
    for (const Part& mark : marks_) {
      Push(mark);
    }
    marks_.clear();
  }

  void Push(const Part& part) {
    if (compose_) {
      composer_.Push(part);
    } else {
      transform_.Emit(part.c, part.change);
    }
  }

  bool compatibility_;
  bool compose_;
  AlignedText& text_;
  Transform transform_;
  Composer composer_;
  size_t at_;
  std::vector<Part> marks_;  // since the last starter, not yet in order
};

}  // namespace

void NormalizeCanonically(CanonicalForm form, AlignedText& text) {
  const bool compatibility = form == CanonicalForm::kNfkc || form == CanonicalForm::kNfkd;
  const bool compose = form == CanonicalForm::kNfc || form == CanonicalForm::kNfkc;
  const std::string_view bytes = text.bytes();
  size_t kept = 0;   // everything before is written, if a rewrite has begun
  size_t inert = 0;  // where the last inert character begins
  bool rewriting = false;
  for (size_t at = 0; at < bytes.size();) {
    if (static_cast<unsigned char>(bytes[at]) < 0x80) {
      inert = at++;
      continue;
    }
    DecodedCodePoint decoded = DecodeUtf8(bytes, at);
    if (IsInert(decoded.code_point, compatibility, compose)) {
      inert = at;
      at += decoded.length;
      continue;
    }
    // From the inert character before (it may compose with what follows) to the next one.
    size_t end = at;
    while (end < bytes.size()) {
      decoded = DecodeUtf8(bytes, end);
      if (IsInert(decoded.code_point, compatibility, compose)) {
        break;
      }
      end += decoded.length;
    }
    if (!rewriting) {
      text.StartRewrite();
      rewriting = true;
    }
    const size_t begin = std::max(kept, std::min(inert, at));
    text.Keep(kept, begin);
    Stretch(compatibility, compose, text, begin).Run(end);
    kept = end;
    inert = end;
    at = end;
  }
  if (rewriting) {
    text.Keep(kept, bytes.size());
    text.FinishRewrite();
  }
}

}  // namespace podium::text
