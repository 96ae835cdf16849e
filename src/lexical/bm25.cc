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

// Bounds are sums of rounded numbers. A bound must fall short of the threshold by more than any
// rounding (some 1e-15 of it per term) before a document is given up.
constexpr double kSafety = 1 + 1e-12;

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
  double weight = 0;  // count · idf · (k1 + 1)
  double bound = 0;   // the most that the term adds to any score
};

double Saturation(double frequency, double length, double average) {
  return frequency / (frequency + kBm25K1 * (1 - kBm25B + kBm25B * length / average));
}

double TermWeight(double documents, double holding, double count) {
  const double odds = (documents - holding + 0.5) / (holding + 0.5);
  const double idf = std::log(odds < 2 ? odds * 0.5 + 1 : odds);
  return count * idf * (kBm25K1 + 1);
}

// The cursors of the terms that occur at all, by rising bound.
std::vector<TermCursor> OpenTerms(const Xapian::Database& database, const DocumentLengths& lengths,
                                  const std::vector<QueryTerm>& terms) {
  std::vector<TermCursor> opened;
  const double documents = database.get_doccount();
  for (const QueryTerm& term : terms) {
    const uint32_t holding = database.get_termfreq(term.term);
    if (holding == 0) {
      continue;
    }
    const double weight = TermWeight(documents, holding, term.count);
    // A document is at least as long as its term is frequent, and the sum grows with both.
    const uint32_t frequency = database.get_wdf_upper_bound(term.term);
    const uint32_t length = std::max(lengths.shortest(), frequency);
    opened.push_back({Cursor(database, term.term), weight,
                      weight * Saturation(frequency, length, lengths.average())});
  }
  // Stable: equal bounds stay in the order of the terms, so that sums round the same every time.
  std::stable_sort(opened.begin(), opened.end(),
                   [](const TermCursor& a, const TermCursor& b) { return a.bound < b.bound; });
  return opened;
}

// The best so far: all documents that may be among the k best or tie with the k-th.
class Best {
 public:
  // REQUIRES: k > 0
  explicit Best(size_t k) : k_(k), limit_(2 * k) {}

  // The k-th best score. Lower ones are of no interest.
  double threshold() const { return threshold_; }

  void Add(uint32_t docid, double score) {
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
    return std::move(documents_);
  }

 private:
  void Cut() {
    std::erase_if(documents_, [this](const auto& document) { return document.score < threshold_; });
  }

  const size_t k_;
  size_t limit_;
  double threshold_ = 0;
  std::priority_queue<double, std::vector<double>, std::greater<>> scores_;  // the k best
  std::vector<ScoredDocument> documents_;
};

class MaxScore {
 public:
  MaxScore(std::vector<TermCursor> terms, const DocumentLengths& lengths, size_t k)
      : terms_(std::move(terms)), parts_(terms_.size()), lengths_(lengths), best_(k) {
    double sum = 0;
    for (const TermCursor& term : terms_) {
      sum += term.bound;
      bounds_.push_back(sum);
      heads_.push_back(term.cursor.docid());
    }
    base_norm_ = kBm25K1 * (1 - kBm25B);
    length_norm_ = kBm25K1 * kBm25B / lengths.average();
  }

  std::vector<ScoredDocument> Run(Required& required) {
    while (true) {
      // Not std::min_element: its branches are mispredicted at every other posting.
      uint32_t docid = kDone;
      for (const uint32_t head : heads_) {
        docid = std::min(docid, head);
      }
      if (docid == kDone) {
        return best_.Take();
      }
      const uint32_t allowed = required.AtOrAfter(docid);
      if (allowed == docid) {
        Visit(docid);
      } else {
        for (size_t i = essential_; i < terms_.size(); ++i) {
          SkipTo(i, allowed);
        }
      }
    }
  }

 private:
  void SkipTo(size_t term, uint32_t docid) {
    terms_[term].cursor.SkipTo(docid);
    heads_[term] = terms_[term].cursor.docid();
  }

  // Takes a document that an essential term holds off the lists, and scores it if the terms that
  // hold it promise enough. Most do not: their frequencies and lengths are never looked at.
  void Visit(uint32_t docid) {
    double promise = essential_ > 0 ? bounds_[essential_ - 1] : 0;
    for (size_t i = essential_; i < heads_.size(); ++i) {
      promise += heads_[i] == docid ? terms_[i].bound : 0;
    }
    if (promise * kSafety >= best_.threshold()) {
      Score(docid);
    }
    for (size_t i = essential_; i < heads_.size(); ++i) {
      if (heads_[i] == docid) {
        terms_[i].cursor.Next();
        heads_[i] = terms_[i].cursor.docid();
      }
    }
    // Documents that hold only terms before essential_ cannot reach the threshold any more.
    while (essential_ < terms_.size() && bounds_[essential_] * kSafety < best_.threshold()) {
      heads_[essential_] = kDone;
      ++essential_;
    }
  }

  void Score(uint32_t docid) {
    const double norm = base_norm_ + length_norm_ * lengths_[docid];
    double sum = 0;
    for (size_t i = essential_; i < heads_.size(); ++i) {
      parts_[i] = heads_[i] == docid ? Part(terms_[i], norm) : 0;
      sum += parts_[i];
    }
    for (size_t i = essential_; i-- > 0;) {
      if ((sum + bounds_[i]) * kSafety < best_.threshold()) {
        return;
      }
      Cursor& cursor = terms_[i].cursor;
      cursor.SkipTo(docid);
      parts_[i] = cursor.docid() == docid ? Part(terms_[i], norm) : 0;
      sum += parts_[i];
    }
    // Added up in one order for all documents, so that equal documents score equal to the last bit.
    double score = 0;
    for (const double part : parts_) {
      score += part;
    }
    best_.Add(docid, score);
  }

  static double Part(const TermCursor& term, double norm) {
    const double frequency = term.cursor.frequency();
    return term.weight * frequency / (frequency + norm);
  }

  std::vector<TermCursor> terms_;  // by rising bound
  std::vector<double> bounds_;     // of the sum of the parts of terms 0 to i
  std::vector<uint32_t> heads_;    // where the cursors stand; kDone for those before essential_
  std::vector<double> parts_;      // of the document being scored
  const DocumentLengths& lengths_;
  double base_norm_ = 0;
  double length_norm_ = 0;
  size_t essential_ = 0;  // the first term whose list is read to find documents
  Best best_;
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
  std::vector<TermCursor> opened = OpenTerms(database, lengths, terms);
  if (opened.empty()) {
    return {};
  }
  Required filter(database, required);
  return MaxScore(std::move(opened), lengths, k).Run(filter);
}

}  // namespace podium::lexical
