// Pre-tokenizers that look at one character at a time.
#pragma once

#include <memory>

#include "text/pre_tokenizer.h"
#include "text/split.h"

namespace podium::text {

// Words between whitespace, each punctuation character a word of its own.
std::unique_ptr<const PreTokenizer> NewBertPreTokenizer();
// Runs of word characters, and runs of what is neither these nor whitespace.
std::unique_ptr<const PreTokenizer> NewWhitespace();
// What lies between whitespace.
std::unique_ptr<const PreTokenizer> NewWhitespaceSplit();
// Cut at punctuation characters.
std::unique_ptr<const PreTokenizer> NewPunctuation(SplitBehavior behavior);
// Digits (all of category N), each alone or in runs, apart from the rest.
std::unique_ptr<const PreTokenizer> NewDigits(bool individual);
// What lies between occurrences of one character.
std::unique_ptr<const PreTokenizer> NewCharDelimiterSplit(char32_t delimiter);

}  // namespace podium::text
