#include "eval/measure.h"

#include <algorithm>
#include <array>
#include <charconv>
#include <initializer_list>
#include <optional>

#include "base/format.h"
#include "eval/text_lines.h"

namespace podium::eval {
namespace {

enum class Cutoff : uint8_t { kNone, kOptional, kRequired };

struct Entry {
  MeasureKind kind;
  Cutoff cutoff;
  std::string_view name;
  std::string_view trec;                    // trec_eval's name without a cutoff
  std::string_view trec_cut;                // … and before "_K"
  std::array<std::string_view, 3> aliases;  // lower case, besides the names above
};

constexpr std::array<Entry, 13> kEntries = {{
    {MeasureKind::kNdcg, Cutoff::kOptional, "nDCG", "ndcg", "ndcg_cut", {}},
    {MeasureKind::kAveragePrecision, Cutoff::kOptional, "AP", "map", "map_cut", {}},
    {MeasureKind::kReciprocalRank,
     Cutoff::kOptional,
     "RR",
     "recip_rank",
     "recip_rank_cut",
     {"mrr"}},
    {MeasureKind::kPrecision, Cutoff::kRequired, "P", "", "P", {"precision", "prec"}},
    {MeasureKind::kRecall, Cutoff::kRequired, "Recall", "", "recall", {"r"}},
    {MeasureKind::kSuccess, Cutoff::kRequired, "Success", "", "success", {"hit", "hit_rate"}},
    {MeasureKind::kRPrecision, Cutoff::kNone, "Rprec", "Rprec", "", {"r-precision", "rprecision"}},
    {MeasureKind::kBpref, Cutoff::kNone, "bpref", "bpref", "", {}},
    {MeasureKind::kJudged, Cutoff::kRequired, "Judged", "", "judged", {}},
    {MeasureKind::kNumQueries, Cutoff::kNone, "num_q", "num_q", "", {}},
    {MeasureKind::kNumRetrieved, Cutoff::kNone, "num_ret", "num_ret", "", {}},
    {MeasureKind::kNumRelevant, Cutoff::kNone, "num_rel", "num_rel", "", {}},
    {MeasureKind::kNumRelevantRetrieved, Cutoff::kNone, "num_rel_ret", "num_rel_ret", "", {}},
}};

constexpr uint32_t kLargestCutoff = 1'000'000'000;

const Entry& EntryOf(MeasureKind kind) {
  return *std::find_if(kEntries.begin(), kEntries.end(),
                       [kind](const Entry& entry) { return entry.kind == kind; });
}

std::string Lower(std::string_view text) {
  std::string lower(text);
  std::transform(lower.begin(), lower.end(), lower.begin(), [](char c) {
    return c >= 'A' && c <= 'Z' ? static_cast<char>(c - 'A' + 'a') : c;
  });
  return lower;
}

// REQUIRES: name is in lower case.
const Entry* FindEntry(std::string_view name) {
  for (const Entry& entry : kEntries) {
    const auto& aliases = entry.aliases;
    if (!name.empty() &&
        (name == Lower(entry.name) || name == Lower(entry.trec) || name == Lower(entry.trec_cut) ||
         std::find(aliases.begin(), aliases.end(), name) != aliases.end())) {
      return &entry;
    }
  }
  return nullptr;
}

std::optional<uint32_t> ParseCutoff(std::string_view digits) {
  uint32_t value = 0;
  const char* const end = digits.data() + digits.size();
  const auto [parsed, error] = std::from_chars(digits.data(), end, value);
  if (parsed != end || error != std::errc() || value == 0 || value > kLargestCutoff) {
    return std::nullopt;
  }
  return value;
}

}  // namespace

bool IsCount(MeasureKind kind) {
  return kind == MeasureKind::kNumQueries || kind == MeasureKind::kNumRetrieved ||
         kind == MeasureKind::kNumRelevant || kind == MeasureKind::kNumRelevantRetrieved;
}

std::string MeasureName(const Measure& measure) {
  const std::string name(EntryOf(measure.kind).name);
  return measure.cutoff == 0 ? name : Format("{}@{}", name, measure.cutoff);
}

std::string TrecMeasureName(const Measure& measure) {
  const Entry& entry = EntryOf(measure.kind);
  return measure.cutoff == 0 ? std::string(entry.trec)
                             : Format("{}_{}", entry.trec_cut, measure.cutoff);
}

Result<Measure> ParseMeasure(std::string_view text) {
  const std::string lower = Lower(text);
  std::string_view name = lower;
  std::string_view digits;
  bool has_cutoff = false;
  const Entry* entry = FindEntry(name);
  if (entry == nullptr) {
    const size_t at = lower.find('@');
    const size_t mark = at != std::string::npos ? at : lower.find_last_of("_.");
    if (mark != std::string::npos) {
      name = std::string_view(lower).substr(0, mark);
      digits = std::string_view(lower).substr(mark + 1);
      has_cutoff = true;
      entry = FindEntry(name);
    }
  }
  if (entry == nullptr) {
    return InvalidArgument(
        Format("there is no measure {}; there are: {}", Quoted(text), MeasureList()));
  }
  if (!has_cutoff) {
    if (entry->cutoff == Cutoff::kRequired) {
      return InvalidArgument(
          Format("measure {} needs a cutoff, as in {}@10", Quoted(text), entry->name));
    }
    return Measure{entry->kind, 0};
  }
  if (entry->cutoff == Cutoff::kNone) {
    return InvalidArgument(Format("measure {}: {} takes no cutoff", Quoted(text), entry->name));
  }
  const std::optional<uint32_t> cutoff = ParseCutoff(digits);
  if (!cutoff.has_value()) {
    return InvalidArgument(Format("measure {}: expected a cutoff of 1 to {}, found {}",
                                  Quoted(text), kLargestCutoff, Quoted(digits)));
  }
  return Measure{entry->kind, *cutoff};
}

Result<std::vector<Measure>> ParseMeasures(const std::vector<std::string>& texts) {
  constexpr std::string_view kSeparators = ", \t\n";
  std::vector<Measure> measures;
  for (const std::string& text : texts) {
    for (size_t start = text.find_first_not_of(kSeparators); start != std::string::npos;) {
      const size_t end = std::min(text.find_first_of(kSeparators, start), text.size());
      PODIUM_ASSIGN_OR_RETURN(const Measure measure,
                              ParseMeasure(std::string_view(text).substr(start, end - start)));
      if (std::find(measures.begin(), measures.end(), measure) == measures.end()) {
        measures.push_back(measure);
      }
      start = text.find_first_not_of(kSeparators, end);
    }
  }
  if (measures.empty()) {
    return InvalidArgument(Format("no measure is named; there are: {}", MeasureList()));
  }
  return measures;
}

std::vector<Measure> DefaultMeasures() {
  return {{MeasureKind::kNdcg, 10},           {MeasureKind::kAveragePrecision, 0},
          {MeasureKind::kReciprocalRank, 10}, {MeasureKind::kPrecision, 10},
          {MeasureKind::kRecall, 100},        {MeasureKind::kJudged, 10}};
}

std::string MeasureList() {
  std::string list;
  for (const Entry& entry : kEntries) {
    list += list.empty() ? "" : " ";
    list += entry.name;
    list += entry.cutoff == Cutoff::kRequired   ? "@K"
            : entry.cutoff == Cutoff::kOptional ? "[@K]"
                                                : "";
  }
  return list;
}

}  // namespace podium::eval
