// Analyzer: a text in, index terms out. What BM25 counts is what this gives.
#pragma once

#include <functional>
#include <memory>
#include <string>
#include <string_view>
#include <vector>

#include "podium/status.h"

#include "text/byte_range.h"

namespace podium::text {

// Everything that decides which terms a text gives. Kept in the index, so that queries are analysed
// as the documents were.
struct AnalyzerSpec {
  // A Snowball language ("english", "german", …: Analyzer::Languages()) or "none" for no stemming.
  std::string language = "english";
  // Drop Lucene's 33 English stop words. Only "english" and "porter" have a list; elsewhere no
  // effect.
  bool stop_words = true;

  // {"words":"unicode-1","language":"english","stop_words":true}. "unicode-1" names the rules of
  // WordBreaker and the normalisation below; a change of either takes a new name.
  std::string ToJson() const;
  // `where` heads errors. Unsupported for rules that this build does not know.
  static Result<AnalyzerSpec> FromJson(std::string_view json, std::string_view where);

  friend bool operator==(const AnalyzerSpec&, const AnalyzerSpec&) = default;
};

struct Term {
  std::string term;  // UTF-8, never empty; contains no ASCII capitals
  ByteRange range;   // of the word it came from
};

// Terms of a text, in order: words (WordBreaker), lower-cased by Unicode's simple mapping, composed
// (NFC) without format characters, possessive 's dropped (English), stop words dropped, stemmed.
// The order of steps is that of Lucene's EnglishAnalyzer. Immutable and thread-safe.
class Analyzer {
 public:
  // InvalidArgument for an unknown language; the message lists those there are.
  static Result<std::unique_ptr<const Analyzer>> Create(const AnalyzerSpec& spec);

  ~Analyzer();
  Analyzer(const Analyzer&) = delete;
  Analyzer& operator=(const Analyzer&) = delete;

  // Any bytes; ill-formed UTF-8 separates words. Texts of 4 GiB and more are cut there.
  std::vector<Term> Analyze(std::string_view text) const;

  // Calls visit(term, range) for each term in order; the term is valid during the call only. For
  // loops over many texts: allocates nothing per term.
  void ForEach(std::string_view text,
               const std::function<void(std::string_view term, ByteRange range)>& visit) const;

  const AnalyzerSpec& spec() const { return spec_; }

  // The accepted values of AnalyzerSpec::language, sorted, "none" included.
  static std::vector<std::string> Languages();

 private:
  class Worker;
  class Lease;
  explicit Analyzer(AnalyzerSpec spec);

  AnalyzerSpec spec_;
  struct Pool;
  std::unique_ptr<Pool> pool_;  // stemmers are not thread-safe: one per thread at work
};

}  // namespace podium::text
