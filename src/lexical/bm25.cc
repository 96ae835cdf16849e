#include "lexical/bm25.h"

#include <algorithm>
#include <cmath>
#include <functional>
#include <limits>
#include <queue>
#include <utility>

namespace podium::lexical {
namespace {

constexpr uint32_t kDone = std::numeric_limits<uint32_t>::max();

// Scores are added up as integers, in units of 2^-40: the order of adding then changes nothing, so
// that documents with equal contents score equal to the last bit, and bounds need no allowance for
// rounding. Where a query could score more than 2^22 (the same word a hundred thousand times), the
// unit is larger, so that no sum overflows.
double UnitsPerPoint(double highest_score) {
  constexpr int kFractionBits = 40;
  constexpr int kSumBits = 62;
  int exponent = 0;  // highest_score < 2^exponent
  std::frexp(highest_score, &exponent);
  return std::ldexp(1, std::min(kFractionBits, kSumBits - exponent));
}

// Documents are scored a window of docids at a time: one term after the other adds to the window's
// sums, which stay in the L1 cache (32 KiB).
constexpr uint32_t kWindow = 4096;

// A list of postings, in order of docid.
class Cursor {
 public:
  Cursor(const Xapian::Database& database, const std::string& term)
      : iterator_(database.postlist_begin(term)), end_(database.postlist_end(term)) {
    Load();
  }

  // kDone past the last posting.
  uint32_t docid() const { return docid_; }
  uint32_t frequency() const { return iterator_.get_wdf(); }

  void Next() {
    ++iterator_;
    Load();
  }

  // To the first posting of `target` or later.
  void SkipTo(uint32_t target) {
    if (docid_ < target) {
      iterator_.skip_to(target);
      Load();
    }
  }

 private:
  void Load() { docid_ = iterator_ == end_ ? kDone : *iterator_; }

  Xapian::PostingIterator iterator_;
  Xapian::PostingIterator end_;
  uint32_t docid_ = kDone;
};

// The documents that hold all required terms.
class Required {
 public:
  Required(const Xapian::Database& database, const std::vector<std::string>& terms) {
    for (const std::string& term : terms) {
      cursors_.emplace_back(database, term);
    }
  }

  // The first such document that is `docid` or later; kDone if there is none.
  uint32_t AtOrAfter(uint32_t docid) {
    for (size_t agreed = 0; agreed < cursors_.size() && docid != kDone;) {
      for (Cursor& cursor : cursors_) {
        cursor.SkipTo(docid);
        agreed = cursor.docid() == docid ? agreed + 1 : 1;
        docid = cursor.docid();
        if (agreed == cursors_.size() || docid == kDone) {
          break;
        }
      }
    }
    return docid;
  }

 private:
  std::vector<Cursor> cursors_;
};

struct TermCursor {
  Cursor cursor;
  std::string term;
  double weight = 0;  // count · idf · (k1 + 1), in units
  int64_t bound = 0;  // the most units that the term adds to any score
};

// The terms of a query that occur at all, by rising bound.
struct OpenedTerms {
  std::vector<TermCursor> terms;
  double units_per_point = 0;
};

int64_t Rounded(double units) {
  return static_cast<int64_t>(units + 0.5);
}

double Saturation(double frequency, double length, double average) {
  return frequency / (frequency + kBm25K1 * (1 - kBm25B + kBm25B * length / average));
}

double TermWeight(double documents, double holding, double count) {
  const double odds = (documents - holding + 0.5) / (holding + 0.5);
  const double idf = std::log(odds < 2 ? odds * 0.5 + 1 : odds);
  return count * idf * (kBm25K1 + 1);
}

OpenedTerms OpenTerms(const Xapian::Database& database, const DocumentLengths& lengths,
                      const std::vector<QueryTerm>& terms) {
  OpenedTerms opened;
  const double documents = database.get_doccount();
  double highest = 0;
  for (const QueryTerm& term : terms) {
    const uint32_t holding = database.get_termfreq(term.term);
    if (holding > 0) {
      const double weight = TermWeight(documents, holding, term.count);
      opened.terms.push_back({Cursor(database, term.term), term.term, weight, 0});
      highest += weight;
    }
  }
  opened.units_per_point = UnitsPerPoint(highest);
  for (TermCursor& term : opened.terms) {
    term.weight *= opened.units_per_point;
    // A document is at least as long as its term is frequent, and the part grows with both.
    const uint32_t frequency = database.get_wdf_upper_bound(term.term);
    const uint32_t length = std::max(lengths.shortest(), frequency);
    // One unit for the rounding of the bound itself.
    term.bound = Rounded(term.weight * Saturation(frequency, length, lengths.average())) + 1;
  }
  std::sort(opened.terms.begin(), opened.terms.end(),
            [](const TermCursor& a, const TermCursor& b) { return a.bound < b.bound; });
  return opened;
}

// The best so far: all documents that may be among the k best or tie with the k-th.
class Best {
 public:
  // REQUIRES: k > 0
  Best(size_t k, double units_per_point)
      : k_(k), units_per_point_(units_per_point), limit_(2 * k) {}

  // The k-th best score. Lower ones are of no interest.
  int64_t threshold() const { return threshold_; }

  void Add(uint32_t docid, int64_t score) {
    if (score < threshold_) {
      return;
    }
    documents_.push_back({docid, score});
    scores_.push(score);
    if (scores_.size() > k_) {
      scores_.pop();
    }
    if (scores_.size() == k_) {
      threshold_ = scores_.top();
    }
    if (documents_.size() > limit_) {
      Cut();
      // Ties may have left many: wait for as many again, so that cutting stays linear.
      limit_ = 2 * documents_.size();
    }
  }

  std::vector<ScoredDocument> Take() {
    Cut();
    std::vector<ScoredDocument> taken;
    taken.reserve(documents_.size());
    for (const Entry& entry : documents_) {
      taken.push_back({entry.docid, static_cast<double>(entry.score) / units_per_point_});
    }
    return taken;
  }

 private:
  struct Entry {
    uint32_t docid = 0;
    int64_t score = 0;
  };

  void Cut() {
    std::erase_if(documents_, [this](const Entry& entry) { return entry.score < threshold_; });
  }

  const size_t k_;
  const double units_per_point_;
  size_t limit_;
  int64_t threshold_ = 1;  // a score of 0 is no hit
  std::priority_queue<int64_t, std::vector<int64_t>, std::greater<>> scores_;  // the k best
  std::vector<Entry> documents_;
};

class MaxScore {
 public:
  // REQUIRES: !opened.terms.empty()
  MaxScore(OpenedTerms opened, const DocumentLengths& lengths, size_t k)
      : terms_(std::move(opened.terms)),
        lengths_(lengths),
        base_norm_(kBm25K1 * (1 - kBm25B)),
        length_norm_(kBm25K1 * kBm25B / lengths.average()),
        best_(k, opened.units_per_point),
        sums_(kWindow) {
    int64_t sum = 0;
    for (const TermCursor& term : terms_) {
      bounds_.push_back(sum);
      sum += term.bound;
    }
    bounds_.push_back(sum);
  }

  std::vector<ScoredDocument> Run(Required& required) {
    while (true) {
      uint32_t first = kDone;
      for (size_t i = essential_; i < terms_.size(); ++i) {
        first = std::min(first, terms_[i].cursor.docid());
      }
      first = first == kDone ? kDone : required.AtOrAfter(first);
      if (first == kDone) {
        return best_.Take();
      }
      const uint32_t end = first < kDone - kWindow ? first + kWindow : kDone;
      for (size_t i = essential_; i < terms_.size(); ++i) {
        AddPostings(terms_[i], first, end);
      }
      Collect(first, required);
      // Documents that hold none but the terms before essential_ cannot reach the threshold.
      while (essential_ < terms_.size() && bounds_[essential_ + 1] < best_.threshold()) {
        ++essential_;
      }
    }
  }

 private:
  int64_t Part(const TermCursor& term, uint32_t docid) const {
    const double frequency = term.cursor.frequency();
    const double norm = base_norm_ + length_norm_ * lengths_[docid];
    return Rounded(term.weight * frequency / (frequency + norm));
  }

  // Adds the term's parts of the documents first to end - 1.
  void AddPostings(TermCursor& term, uint32_t first, uint32_t end) {
    Cursor& cursor = term.cursor;
    cursor.SkipTo(first);
    for (uint32_t docid = cursor.docid(); docid < end; docid = cursor.docid()) {
      sums_[docid - first] += Part(term, docid);
      cursor.Next();
    }
  }

  // Completes the sums of the window that may still reach the threshold, and clears all.
  void Collect(uint32_t first, Required& required) {
    for (uint32_t i = 0; i < kWindow; ++i) {
      // Documents without an essential term have no sum, and are not looked for.
      if (sums_[i] > 0 && sums_[i] + bounds_[essential_] >= best_.threshold()) {
        Complete(first + i, sums_[i], required);
      }
      sums_[i] = 0;
    }
  }

  // Adds the parts of the terms before essential_ to a document's sum, the weightiest first, for as
  // long as it can reach the threshold.
  void Complete(uint32_t docid, int64_t sum, Required& required) {
    if (required.AtOrAfter(docid) != docid) {
      return;
    }
    for (size_t i = essential_; i-- > 0;) {
      if (sum + bounds_[i + 1] < best_.threshold()) {
        return;
      }
      TermCursor& term = terms_[i];
      term.cursor.SkipTo(docid);
      sum += term.cursor.docid() == docid ? Part(term, docid) : 0;
    }
    best_.Add(docid, sum);
  }

  std::vector<TermCursor> terms_;  // by rising bound
  std::vector<int64_t> bounds_;    // bounds_[i]: the most that terms 0 to i - 1 add together
  const DocumentLengths& lengths_;
  const double base_norm_;
  const double length_norm_;
  size_t essential_ = 0;  // the first term whose list is read to find documents
  Best best_;
  std::vector<int64_t> sums_;  // of the window's documents
};

}  // namespace

DocumentLengths::DocumentLengths(const Xapian::Database& database)
    : lengths_(size_t{database.get_lastdocid()} + 1), average_(database.get_avlength()) {
  shortest_ = std::numeric_limits<uint32_t>::max();
  for (Xapian::PostingIterator it = database.postlist_begin(""); it != database.postlist_end("");
       ++it) {
    const uint32_t length = it.get_doclength();
    if (*it >= lengths_.size()) {
      throw Xapian::DatabaseCorruptError("a document number is past the last one");
    }
    lengths_[*it] = length;
    shortest_ = std::min(shortest_, length);
  }
}

std::vector<ScoredDocument> TopByBm25(const Xapian::Database& database,
                                      const DocumentLengths& lengths,
                                      const std::vector<QueryTerm>& terms,
                                      const std::vector<std::string>& required, size_t k) {
  k = std::min<size_t>(k, database.get_doccount());
  if (k == 0) {
    return {};
  }
  OpenedTerms opened = OpenTerms(database, lengths, terms);
  if (opened.terms.empty()) {
    return {};
  }
  Required filter(database, required);
  return MaxScore(std::move(opened), lengths, k).Run(filter);
}

}  // namespace podium::lexical
