// The step of a tokenizer that puts special tokens around one text or between two.
#pragma once

#include <array>
#include <cstddef>
#include <cstdint>
#include <vector>

#include "podium/status.h"

#include "io/json_view.h"

namespace podium::text {

// One item of a template: a special token's ids, or a whole text.
struct TemplateItem {
  int sequence = -1;         // 0 or 1: the first or second text; -1: special tokens
  std::vector<int32_t> ids;  // of special tokens
  int32_t type_id = 0;
};
using Template = std::vector<TemplateItem>;

// What all post-processors come down to.
struct PostProcessor {
  Template single = {{0, {}, 0}};
  Template pair = {{0, {}, 0}, {1, {}, 1}};
  bool is_template = false;  // false: the two templates above
  // Counted off the length limit before truncation.
  std::array<size_t, 2> special_tokens = {0, 0};  // for one text, for two
  bool trim_offsets = false;      // offsets leave out the whitespace at both ends of a token
  bool add_prefix_space = false;  // … but not one space of a text's first token
};

// The "post_processor" of a tokenizer.json: BertProcessing, RobertaProcessing, TemplateProcessing,
// ByteLevel, or a Sequence of these. `where` (the file) heads errors; a type that is not known:
// Unsupported, naming it.
Result<PostProcessor> ParsePostProcessor(io::JsonView json, std::string_view where);

// [CLS] A [SEP] B [SEP] with types 0 and 1.
PostProcessor BertPostProcessor(int32_t cls, int32_t sep);

}  // namespace podium::text
