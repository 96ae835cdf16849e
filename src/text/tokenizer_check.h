// Compares a tokenizer with recorded results of the reference implementation.
#pragma once

#include <cstddef>
#include <string>
#include <string_view>
#include <vector>

#include "podium/status.h"

#include "text/tokenizer.h"

namespace podium::text {

// How many cases of one kind agree.
struct CheckCount {
  std::string kind;
  size_t agreed = 0;
  size_t total = 0;
};

struct CheckReport {
  std::vector<CheckCount> counts;
  std::vector<std::string> differences;  // the first few, one paragraph each
  bool ok() const;
};

// Runs a case file, which is a JSON object with any of
//   "strings": [{"text", "ids", "offsets"?, "ids_no_special"?, "near_tie"?}, …]
//   "pairs":   [{"a", "b", "strategy"?, "max_length"?, "direction"?,
//                "ids", "type_ids", "offsets"? | "error"}, …]
//   "cases":   [{"query", "document", "truncation", "max_length", "input_ids", "token_type_ids"},
//   …]
// Ids of strings are with special tokens; offsets are flat [begin, end, begin, …] in code points.
// `name` heads errors, which are about the file; what disagrees is in the report.
Result<CheckReport> CheckTokenizer(const Tokenizer& tokenizer, std::string_view json,
                                   std::string_view name);

}  // namespace podium::text
