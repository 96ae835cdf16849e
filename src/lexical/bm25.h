// The best k documents for a bag of terms by BM25. Private to the module.
#pragma once

#include <cstddef>
#include <cstdint>
#include <string>
#include <vector>

#include <xapian.h>

namespace podium::lexical {

// Parameters of BM25 (Robertson et al., TREC-3), as in Anserini's baselines.
constexpr double kBm25K1 = 0.9;
constexpr double kBm25B = 0.4;

// Lengths in terms of all documents of one generation, in memory, so that a posting costs no
// look-up in Xapian's tables. 4 bytes per document.
class DocumentLengths {
 public:
  explicit DocumentLengths(const Xapian::Database& database);

  double average() const { return average_; }
  uint32_t shortest() const { return shortest_; }
  // 0 for a docid that no document has, as a damaged posting list may hold.
  uint32_t operator[](uint32_t docid) const {
    return docid < lengths_.size() ? lengths_[docid] : 0;
  }

 private:
  std::vector<uint32_t> lengths_;  // by docid; 0 where there is no document
  double average_ = 0;
  uint32_t shortest_ = 0;
};

struct QueryTerm {
  std::string term;    // as stored
  uint32_t count = 0;  // occurrences in the query
};

struct ScoredDocument {
  uint32_t docid = 0;
  double score = 0;
};

// The k best documents that hold at least one of `terms` and all of `required` terms, and, if the
// k-th score is shared, all documents of that score: the caller breaks the tie. In no particular
// order. The score is the sum over terms of
//
//   count · idf · (k1 + 1) · tf / (tf + k1 · (1 - b + b · length / average length))
//
// with Xapian's idf: ln x for x = (N - n + 0.5) / (n + 0.5), but ln(1 + x / 2) where x < 2, so that
// a term in half of all documents still counts for something.
//
// Each term's part is rounded to a multiple of 2^-40 (more only for scores past 2^22), so that the
// order of adding does not show and equal documents score equal. Skips what cannot reach the k-th
// score so far (MaxScore, Turtle and Flood 1995), which loses nothing. Throws what Xapian throws.
std::vector<ScoredDocument> TopByBm25(const Xapian::Database& database,
                                      const DocumentLengths& lengths,
                                      const std::vector<QueryTerm>& terms,
                                      const std::vector<std::string>& required, size_t k);

}  // namespace podium::lexical
