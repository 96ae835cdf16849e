// The search that skips postings against two that do not: Xapian's own matcher, and the formula.
#include "lexical/bm25.h"

#include <algorithm>
#include <cmath>
#include <map>
#include <string>
#include <vector>

#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <xapian.h>

namespace podium::lexical {
namespace {

// Half a unit of 2^-40 for each of up to ten terms.
constexpr double kTolerance = 5e-12;

struct RandomIndex {
  Xapian::WritableDatabase database;
  std::vector<std::map<std::string, uint32_t>> documents;  // documents[docid - 1]
  std::vector<bool> tagged;
};

// Words w0, w1, … of falling frequency, as in language; every third document has the term "Xtag".
RandomIndex MakeIndex(uint32_t seed, size_t documents) {
  RandomIndex index{Xapian::WritableDatabase("", Xapian::DB_BACKEND_INMEMORY), {}, {}};
  uint32_t state = seed;
  const auto random = [&state](uint32_t bound) {
    state = state * 1664525 + 1013904223;
    return (state >> 8) % bound;
  };
  for (size_t d = 0; d < documents; ++d) {
    std::map<std::string, uint32_t> counts;
    const uint32_t length = random(30);  // 0 too
    for (uint32_t i = 0; i < length; ++i) {
      const uint32_t rank = random(1 + random(1 + random(40)));
      ++counts["w" + std::to_string(rank)];
    }
    Xapian::Document document;
    for (const auto& [term, count] : counts) {
      document.add_term(term, count);
    }
    const bool tagged = random(3) == 0;
    if (tagged) {
      document.add_boolean_term("Xtag");
    }
    index.database.add_document(document);
    index.documents.push_back(std::move(counts));
    index.tagged.push_back(tagged);
  }
  return index;
}

// All scores by the formula in the header, best first.
std::vector<ScoredDocument> Exhaustive(const RandomIndex& index,
                                       const std::vector<QueryTerm>& query, bool only_tagged) {
  const auto total = static_cast<double>(index.documents.size());
  double length_sum = 0;
  std::vector<double> lengths;
  for (const auto& document : index.documents) {
    double length = 0;
    for (const auto& [term, count] : document) {
      length += count;
    }
    lengths.push_back(length);
    length_sum += length;
  }
  std::vector<ScoredDocument> scored;
  for (size_t d = 0; d < index.documents.size(); ++d) {
    double score = 0;
    for (const QueryTerm& term : query) {
      const auto holding = static_cast<double>(
          std::count_if(index.documents.begin(), index.documents.end(),
                        [&](const auto& document) { return document.contains(term.term); }));
      const auto found = index.documents[d].find(term.term);
      if (found == index.documents[d].end()) {
        continue;
      }
      const double odds = (total - holding + 0.5) / (holding + 0.5);
      const double idf = odds < 2 ? std::log(1 + odds / 2) : std::log(odds);
      const double frequency = found->second;
      const double norm = 0.9 * (1 - 0.4 + 0.4 * lengths[d] / (length_sum / total));
      score += term.count * idf * 1.9 * frequency / (frequency + norm);
    }
    if (score > 0 && (!only_tagged || index.tagged[d])) {
      scored.push_back({static_cast<uint32_t>(d + 1), score});
    }
  }
  std::sort(scored.begin(), scored.end(),
            [](const auto& a, const auto& b) { return a.score > b.score; });
  return scored;
}

std::vector<ScoredDocument> Sorted(std::vector<ScoredDocument> found) {
  std::sort(found.begin(), found.end(),
            [](const auto& a, const auto& b) { return a.score > b.score; });
  return found;
}

TEST(Bm25Test, EqualsTheFormulaForEveryK) {
  for (uint32_t seed = 1; seed <= 40; ++seed) {
    const RandomIndex index = MakeIndex(seed, 5 * seed);
    const DocumentLengths lengths(index.database);
    const std::vector<QueryTerm> query = {{"w0", 1}, {"w2", 3}, {"w7", 1}, {"w20", 2}, {"none", 1}};
    for (const bool only_tagged : {false, true}) {
      const std::vector<std::string> required =
          only_tagged ? std::vector<std::string>{"Xtag"} : std::vector<std::string>{};
      const std::vector<ScoredDocument> expected = Exhaustive(index, query, only_tagged);
      for (const size_t k : {1U, 2U, 3U, 10U, 50U, 1000U}) {
        const std::vector<ScoredDocument> found =
            Sorted(TopByBm25(index.database, lengths, query, required, k));
        ASSERT_GE(found.size(), std::min(k, expected.size()));
        for (size_t i = 0; i < found.size(); ++i) {
          EXPECT_NEAR(found[i].score, expected[i].score, kTolerance);
        }
        // Whatever is missing is worse than everything found.
        if (found.size() < expected.size() && !found.empty()) {
          EXPECT_LT(expected[found.size()].score, found.back().score);
        }
      }
    }
  }
}

TEST(Bm25Test, EqualsXapiansMatcher) {
  for (uint32_t seed = 100; seed < 120; ++seed) {
    const RandomIndex index = MakeIndex(seed, 300);
    const DocumentLengths lengths(index.database);
    const std::vector<QueryTerm> query = {{"w1", 2}, {"w3", 1}, {"w9", 1}};
    std::vector<Xapian::Query> parts;
    for (const QueryTerm& term : query) {
      parts.emplace_back(term.term, term.count);
    }
    Xapian::Enquire enquire(index.database);
    enquire.set_query(Xapian::Query(Xapian::Query::OP_OR, parts.begin(), parts.end()));
    constexpr double kLargeK3 = 1e12;  // the weight grows with the count in the query
    enquire.set_weighting_scheme(Xapian::BM25Weight(kBm25K1, 0, kLargeK3, kBm25B, 0));
    const Xapian::MSet expected = enquire.get_mset(0, 20);
    const std::vector<ScoredDocument> found =
        Sorted(TopByBm25(index.database, lengths, query, {}, 20));
    ASSERT_GE(found.size(), expected.size());
    for (Xapian::doccount i = 0; i < expected.size(); ++i) {
      EXPECT_NEAR(found[i].score, expected[i].get_weight(), 1e-9 * found[i].score);
    }
  }
}

TEST(Bm25Test, ReturnsAllTiesOfTheLast) {
  Xapian::WritableDatabase database("", Xapian::DB_BACKEND_INMEMORY);
  for (int i = 0; i < 50; ++i) {
    Xapian::Document document;
    document.add_term("same");
    document.add_term(i == 30 ? "best" : "rest");
    database.add_document(document);
  }
  const DocumentLengths lengths(database);
  EXPECT_EQ(TopByBm25(database, lengths, {{"same", 1}, {"best", 1}}, {}, 1).size(), 1U);
  const auto found = TopByBm25(database, lengths, {{"same", 1}, {"best", 1}}, {}, 2);
  EXPECT_EQ(found.size(), 50U);
  // Equal to the last bit, or ties would not be ties.
  for (const ScoredDocument& document : found) {
    if (document.docid != 31) {
      EXPECT_EQ(document.score, found.front().score);
    }
  }
}

TEST(Bm25Test, EndlessQueriesDoNotOverflow) {
  const RandomIndex index = MakeIndex(5, 100);
  const DocumentLengths lengths(index.database);
  const std::vector<QueryTerm> query = {{"w0", 4000000000U}, {"w3", 1}};
  const std::vector<ScoredDocument> expected = Exhaustive(index, query, false);
  const std::vector<ScoredDocument> found =
      Sorted(TopByBm25(index.database, lengths, query, {}, 10));
  ASSERT_GE(found.size(), 10U);
  for (size_t i = 0; i < 10; ++i) {
    EXPECT_NEAR(found[i].score, expected[i].score, 1e-9 * expected[i].score);
  }
}

TEST(Bm25Test, EmptyInputsGiveNothing) {
  const Xapian::WritableDatabase empty("", Xapian::DB_BACKEND_INMEMORY);
  EXPECT_TRUE(TopByBm25(empty, DocumentLengths(empty), {{"w0", 1}}, {}, 10).empty());
  const RandomIndex index = MakeIndex(1, 20);
  const DocumentLengths lengths(index.database);
  EXPECT_TRUE(TopByBm25(index.database, lengths, {}, {}, 10).empty());
  EXPECT_TRUE(TopByBm25(index.database, lengths, {{"w0", 1}}, {}, 0).empty());
  EXPECT_TRUE(TopByBm25(index.database, lengths, {{"w0", 1}}, {"Xnone"}, 10).empty());
  EXPECT_TRUE(TopByBm25(index.database, lengths, {{"none", 1}}, {}, 10).empty());
}

TEST(Bm25Test, DeletedDocumentsLeaveGaps) {
  RandomIndex index = MakeIndex(7, 100);
  for (uint32_t docid = 1; docid <= 100; docid += 2) {
    index.database.delete_document(docid);
  }
  const DocumentLengths lengths(index.database);
  const auto found = TopByBm25(index.database, lengths, {{"w0", 1}, {"w1", 1}}, {}, 100);
  EXPECT_FALSE(found.empty());
  for (const ScoredDocument& document : found) {
    EXPECT_EQ(document.docid % 2, 0U);
    EXPECT_EQ(lengths[document.docid], index.database.get_doclength(document.docid));
  }
}

}  // namespace
}  // namespace podium::lexical
