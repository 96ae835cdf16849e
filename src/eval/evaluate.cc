#include "eval/evaluate.h"

#include <algorithm>
#include <cmath>
#include <functional>
#include <limits>
#include <optional>
#include <string_view>
#include <unordered_map>

#include "base/format.h"

namespace podium::eval {
namespace {

constexpr int32_t kNotJudged = std::numeric_limits<int32_t>::min();

// All that the measures of one query depend on.
struct Topic {
  std::vector<int32_t> ranking;  // grade of each retrieved document, best first, or kNotJudged
  std::vector<int32_t> ideal;    // positive grades of the judged documents, highest first
  size_t relevant = 0;           // judged documents of at least `level`
  size_t nonrelevant = 0;        // judged documents of a grade from 0 to below `level`
  int32_t level = 1;

  // The documents that a measure looks at.
  size_t Depth(uint32_t cutoff) const {
    return cutoff == 0 ? ranking.size() : std::min<size_t>(cutoff, ranking.size());
  }
  bool IsRelevant(size_t i) const { return ranking[i] >= level; }
};

// kNotJudged is below every level, so an unjudged document is not relevant.
size_t RelevantAmong(const Topic& topic, size_t depth) {
  return static_cast<size_t>(std::count_if(topic.ranking.begin(),
                                           topic.ranking.begin() + static_cast<ptrdiff_t>(depth),
                                           [&](int32_t grade) { return grade >= topic.level; }));
}

double Divide(double numerator, double denominator) {
  return denominator == 0 ? 0.0 : numerator / denominator;
}

// Jarvelin and Kekalainen, ACM TOIS 20 (2002), with the discount log2(rank + 1) for every rank.
double DiscountedGain(const std::vector<int32_t>& grades, size_t depth) {
  double sum = 0;
  for (size_t i = 0; i < depth; ++i) {
    if (grades[i] > 0) {
      sum += grades[i] / std::log2(static_cast<double>(i + 2));
    }
  }
  return sum;
}

double Ndcg(const Topic& topic, uint32_t cutoff) {
  const size_t ideal_depth =
      cutoff == 0 ? topic.ideal.size() : std::min<size_t>(cutoff, topic.ideal.size());
  return Divide(DiscountedGain(topic.ranking, topic.Depth(cutoff)),
                DiscountedGain(topic.ideal, ideal_depth));
}

double AveragePrecision(const Topic& topic, uint32_t cutoff) {
  double sum = 0;
  size_t found = 0;
  for (size_t i = 0; i < topic.Depth(cutoff); ++i) {
    if (topic.IsRelevant(i)) {
      ++found;
      sum += static_cast<double>(found) / static_cast<double>(i + 1);
    }
  }
  return Divide(sum, static_cast<double>(topic.relevant));
}

double ReciprocalRank(const Topic& topic, uint32_t cutoff) {
  for (size_t i = 0; i < topic.Depth(cutoff); ++i) {
    if (topic.IsRelevant(i)) {
      return 1.0 / static_cast<double>(i + 1);
    }
  }
  return 0;
}

double RPrecision(const Topic& topic) {
  const size_t depth = std::min(topic.relevant, topic.ranking.size());
  return Divide(static_cast<double>(RelevantAmong(topic, depth)),
                static_cast<double>(topic.relevant));
}

// Buckley and Voorhees, SIGIR 2004, as trec_eval has computed it since 8.0: the denominator is the
// smaller of the relevant and the judged nonrelevant documents.
double Bpref(const Topic& topic) {
  const double bound = static_cast<double>(std::min(topic.relevant, topic.nonrelevant));
  double sum = 0;
  size_t nonrelevant_above = 0;
  for (const int32_t grade : topic.ranking) {
    if (grade < 0) {
      continue;
    }
    if (grade < topic.level) {
      ++nonrelevant_above;
    } else if (nonrelevant_above == 0) {
      sum += 1.0;
    } else {
      sum += 1.0 - static_cast<double>(std::min(nonrelevant_above, topic.relevant)) / bound;
    }
  }
  return Divide(sum, static_cast<double>(topic.relevant));
}

// Share of judged documents among those looked at (ir_measures: Judged).
double Judged(const Topic& topic, uint32_t cutoff) {
  const size_t depth = topic.Depth(cutoff);
  const auto judged =
      std::count_if(topic.ranking.begin(), topic.ranking.begin() + static_cast<ptrdiff_t>(depth),
                    [](int32_t grade) { return grade != kNotJudged; });
  return Divide(static_cast<double>(judged), static_cast<double>(depth));
}

double Compute(const Topic& topic, const Measure& measure) {
  const size_t depth = topic.Depth(measure.cutoff);
  switch (measure.kind) {
    case MeasureKind::kNumQueries: return 1;
    case MeasureKind::kNumRetrieved: return static_cast<double>(topic.ranking.size());
    case MeasureKind::kNumRelevant: return static_cast<double>(topic.relevant);
    case MeasureKind::kNumRelevantRetrieved:
      return static_cast<double>(RelevantAmong(topic, depth));
    case MeasureKind::kNdcg: return Ndcg(topic, measure.cutoff);
    case MeasureKind::kAveragePrecision: return AveragePrecision(topic, measure.cutoff);
    case MeasureKind::kReciprocalRank: return ReciprocalRank(topic, measure.cutoff);
    case MeasureKind::kPrecision:
      return static_cast<double>(RelevantAmong(topic, depth)) / measure.cutoff;
    case MeasureKind::kRecall:
      return Divide(static_cast<double>(RelevantAmong(topic, depth)),
                    static_cast<double>(topic.relevant));
    case MeasureKind::kSuccess: return RelevantAmong(topic, depth) > 0 ? 1 : 0;
    case MeasureKind::kRPrecision: return RPrecision(topic);
    case MeasureKind::kBpref: return Bpref(topic);
    case MeasureKind::kJudged: return Judged(topic, measure.cutoff);
  }
  return 0;
}

// The grades of the retrieved documents in trec_eval's order. `run` may be nullptr: no results.
void FillRanking(const QrelsQuery& qrels, const RunQuery* run, const EvaluateOptions& options,
                 Topic& topic) {
  if (run == nullptr) {
    return;
  }
  const std::vector<uint32_t> order = RankEntries(run->entries, options.precision);
  const size_t most =
      options.max_per_query == 0 ? order.size() : std::min(options.max_per_query, order.size());
  topic.ranking.reserve(most);
  for (const uint32_t i : order) {
    const std::string& docid = run->entries[i].docid;
    if (topic.ranking.size() == most) {
      break;
    }
    if (options.exclude_self && docid == run->id) {
      continue;
    }
    topic.ranking.push_back(qrels.Grade(docid).value_or(kNotJudged));
  }
}

Topic MakeTopic(const QrelsQuery& qrels, const RunQuery* run, const EvaluateOptions& options) {
  Topic topic;
  topic.level = options.relevance_level;
  for (const Judgement& judgement : qrels.judgements) {
    if (judgement.grade >= topic.level) {
      ++topic.relevant;
    } else if (judgement.grade >= 0) {
      ++topic.nonrelevant;
    }
    if (judgement.grade > 0) {
      topic.ideal.push_back(judgement.grade);
    }
  }
  std::sort(topic.ideal.begin(), topic.ideal.end(), std::greater<>());
  FillRanking(qrels, run, options, topic);
  return topic;
}

}  // namespace

Result<Evaluation> Evaluate(const Qrels& qrels, const Run& run,
                            const std::vector<Measure>& measures, const EvaluateOptions& options) {
  Evaluation evaluation;
  evaluation.measures = measures;
  evaluation.judged_queries = qrels.queries.size();
  evaluation.means.resize(measures.size(), 0.0);
  std::unordered_map<std::string_view, const RunQuery*> by_id;
  for (const RunQuery& query : run.queries) {
    by_id.emplace(query.id, &query);
    if (qrels.Find(query.id) == nullptr) {
      evaluation.queries_without_judgements.push_back(query.id);
    }
  }
  for (const QrelsQuery& query : qrels.queries) {
    const auto found = by_id.find(query.id);
    const RunQuery* const results = found == by_id.end() ? nullptr : found->second;
    if (results == nullptr) {
      evaluation.queries_without_results.push_back(query.id);
      if (!options.complete) {
        continue;
      }
    }
    const Topic topic = MakeTopic(query, results, options);
    QueryValues& done = evaluation.queries.emplace_back(QueryValues{query.id, {}});
    for (size_t m = 0; m < measures.size(); ++m) {
      done.values.push_back(Compute(topic, measures[m]));
      evaluation.means[m] += done.values.back();
    }
  }
  if (evaluation.queries.empty()) {
    return InvalidArgument(Format("none of the {} queries of the run is among the {} judged ones",
                                  run.queries.size(), qrels.queries.size()));
  }
  for (size_t m = 0; m < measures.size(); ++m) {
    if (!IsCount(measures[m].kind)) {
      evaluation.means[m] /= static_cast<double>(evaluation.queries.size());
    }
  }
  std::sort(evaluation.queries_without_judgements.begin(),
            evaluation.queries_without_judgements.end());
  return evaluation;
}

}  // namespace podium::eval
