#include "bench_workload.h"

#include <algorithm>
#include <charconv>
#include <cmath>
#include <filesystem>
#include <limits>
#include <random>
#include <utility>

#include "base/format.h"
#include "io/file.h"
#include "io/json.h"

namespace podium::cli::bench {
namespace {

using io::Json;

// Tokens before the passage in pairs that are made here: [CLS], ten of the query, [SEP].
constexpr size_t kQueryTokens = 12;

// One "tokens<separator>count".
Result<LengthCount> ParseLength(std::string_view text, char separator, const std::string& where) {
  const auto malformed = [&] {
    return InvalidArgument(
        Format("{}: expected tokens{}count, found \"{}\"", where, separator, text));
  };
  LengthCount length;
  const char* const end = text.data() + text.size();
  const auto tokens = std::from_chars(text.data(), end, length.tokens);
  if (tokens.ec != std::errc() || tokens.ptr == end || *tokens.ptr != separator) {
    return malformed();
  }
  const char* at = tokens.ptr;
  while (at != end && *at == separator) {
    ++at;
  }
  const auto count = std::from_chars(at, end, length.count);
  if (count.ec != std::errc() || count.ptr != end || length.tokens == 0 || length.count == 0 ||
      length.count > kMaxPairs) {
    return malformed();
  }
  return length;
}

std::string_view Trim(std::string_view text) {
  const size_t begin = text.find_first_not_of(" \t\r");
  const size_t end = text.find_last_not_of(" \t\r");
  return begin == std::string_view::npos ? "" : text.substr(begin, end - begin + 1);
}

// Standard normal numbers as numpy.random.RandomState(seed).standard_normal() gives them (the polar
// method of Marsaglia over the Mersenne twister), so that workload b is the same everywhere.
class NormalSource {
 public:
  explicit NormalSource(uint32_t seed) : random_(seed) {}

  double Next() {
    if (has_spare_) {
      has_spare_ = false;
      return spare_;
    }
    double x = 0;
    double y = 0;
    double square = 0;
    do {
      x = 2 * Uniform() - 1;
      y = 2 * Uniform() - 1;
      square = x * x + y * y;
    } while (square >= 1 || square == 0);
    const double scale = std::sqrt(-2 * std::log(square) / square);
    spare_ = scale * x;
    has_spare_ = true;
    return scale * y;
  }

 private:
  // In [0, 1), of 53 bits.
  double Uniform() {
    const uint32_t high = static_cast<uint32_t>(random_()) >> 5U;
    const uint32_t low = static_cast<uint32_t>(random_()) >> 6U;
    return (high * 0x1p26 + low) * 0x1p-53;
  }

  std::mt19937 random_;
  double spare_ = 0;
  bool has_spare_ = false;
};

std::vector<size_t> MixedLengths() {
  constexpr size_t kPairs = 100;
  NormalSource normal(7);
  std::vector<size_t> lengths;
  for (size_t i = 0; i < kPairs; ++i) {
    const double passage = std::nearbyint(std::exp(std::log(110.0) + 0.6 * normal.Next()));
    lengths.push_back(static_cast<size_t>(std::clamp(passage + 13, 16.0, 510.0)));
  }
  return lengths;
}

// Token ids with the frequencies of words: the one of rank r with 1 / (20 + r), as rank 1 of a
// vocabulary is no function word. The first thirtieth is left out, where special tokens are.
class WordSource {
 public:
  explicit WordSource(size_t vocabulary)
      : first_(vocabulary / 30),
        span_(std::log1p(static_cast<double>(vocabulary - first_) / kHead)) {}

  void Draw(size_t count, std::vector<int32_t>& ids) {
    for (size_t i = 0; i < count; ++i) {
      const double uniform = static_cast<double>(random_() >> 11U) * 0x1p-53;
      const double rank = kHead * (std::exp(uniform * span_) - 1);
      ids.push_back(static_cast<int32_t>(static_cast<double>(first_) + rank));
    }
  }
  // Stands for [CLS] and [SEP].
  int32_t special() const { return static_cast<int32_t>(first_ / 2); }

 private:
  static constexpr double kHead = 20;
  size_t first_;
  double span_;
  std::mt19937_64 random_{7};
};

Result<std::vector<int32_t>> ReadIds(const Json& json, const std::string& where) {
  if (!json.is_array() || json.empty()) {
    return DataCorruption(Format("{}: expected an array of token ids that is not empty", where));
  }
  std::vector<int32_t> ids;
  for (const Json& id : json) {
    if (!id.is_number_integer() || id.get<int64_t>() < 0 ||
        id.get<int64_t>() > std::numeric_limits<int32_t>::max()) {
      return DataCorruption(Format("{}: {} is not a token id", where, io::DumpJson(id)));
    }
    ids.push_back(id.get<int32_t>());
  }
  return ids;
}

Status CheckLength(size_t tokens, const nn::ModelInfo& model) {
  if (tokens > model.max_positions) {
    return InvalidArgument(Format("a pair of {} tokens: the model {} takes at most {}", tokens,
                                  model.name, model.max_positions));
  }
  return Status::Ok();
}

Result<Workload> ReadRequest(const Json& json, const std::string& name, const nn::ModelInfo& model,
                             const std::string& where) {
  PODIUM_ASSIGN_OR_RETURN(const uint64_t segment0,
                          io::JsonGetOr<uint64_t>(json, "segment0", 0, where));
  const auto pairs = json.find("input_ids");
  if (pairs == json.end() || !pairs->is_array() || pairs->empty()) {
    return DataCorruption(Format("{}: expected an array \"input_ids\" that is not empty", where));
  }
  Workload workload{.name = name, .requests = std::vector<Request>(1)};
  for (const Json& pair : *pairs) {
    PODIUM_ASSIGN_OR_RETURN(const std::vector<int32_t> ids,
                            ReadIds(pair, Format("{}: pair {}", where, workload.pairs())));
    const Status length = CheckLength(ids.size(), model);
    PODIUM_RETURN_IF_ERROR(length.WithContext(where));
    std::vector<int32_t> types(std::min<size_t>(segment0, ids.size()), 0);
    types.resize(ids.size(), segment0 > 0 && model.type_vocab_size > 1 ? 1 : 0);
    workload.requests.front().batch.Add(ids, types);
  }
  return workload;
}

}  // namespace

size_t Workload::pairs() const {
  size_t sum = 0;
  for (const Request& request : requests) {
    sum += texts ? request.passages.size() : request.batch.sequences();
  }
  return sum;
}

size_t Workload::tokens() const {
  size_t sum = 0;
  for (const Request& request : requests) {
    sum += request.batch.tokens();
  }
  return sum;
}

Result<std::vector<LengthCount>> ParseLengths(std::string_view text, const std::string& where) {
  const bool inline_list = text.find(':') != std::string_view::npos;
  std::vector<LengthCount> lengths;
  size_t pairs = 0;
  for (size_t begin = 0; begin <= text.size();) {
    const size_t end = std::min(text.find(inline_list ? ',' : '\n', begin), text.size());
    const std::string_view item = Trim(text.substr(begin, end - begin));
    begin = end + 1;
    if (item.empty() && !inline_list) {
      continue;
    }
    PODIUM_ASSIGN_OR_RETURN(const LengthCount length,
                            ParseLength(item, inline_list ? ':' : ' ', where));
    lengths.push_back(length);
    pairs += length.count;
    if (pairs > kMaxPairs) {
      return InvalidArgument(Format("{}: more than {} pairs", where, kMaxPairs));
    }
  }
  if (lengths.empty()) {
    return InvalidArgument(Format("{}: expected lines of tokens and count, found none", where));
  }
  return lengths;
}

Result<std::vector<size_t>> ReadLengths(const std::string& list_or_file) {
  std::string text = list_or_file;
  if (list_or_file.find(':') == std::string::npos) {
    PODIUM_ASSIGN_OR_RETURN(text, io::ReadFile(list_or_file));
  }
  PODIUM_ASSIGN_OR_RETURN(const std::vector<LengthCount> counts,
                          ParseLengths(text, "--lengths " + list_or_file));
  std::vector<size_t> lengths;
  for (const LengthCount& length : counts) {
    lengths.insert(lengths.end(), length.count, length.tokens);
  }
  return lengths;
}

std::vector<size_t> FixedLengths(std::string_view name) {
  if (name == "a") {
    return std::vector<size_t>(100, 128);
  }
  if (name == "b") {
    return MixedLengths();
  }
  if (name == "c") {
    return {128};
  }
  return name == "d" ? std::vector<size_t>(100, 256) : std::vector<size_t>();
}

Result<Workload> MakeWorkload(const std::string& name, const std::vector<size_t>& lengths,
                              const nn::ModelInfo& model) {
  WordSource words(model.vocab_size);
  std::vector<int32_t> query = {words.special()};
  words.Draw(kQueryTokens - 2, query);
  query.push_back(words.special());
  Workload workload{.name = name, .requests = std::vector<Request>(1)};
  for (const size_t length : lengths) {
    PODIUM_RETURN_IF_ERROR(CheckLength(length, model));
    std::vector<int32_t> ids(
        query.begin(), query.begin() + static_cast<ptrdiff_t>(std::min(length, kQueryTokens)));
    std::vector<int32_t> types(ids.size(), 0);
    if (length > kQueryTokens) {
      words.Draw(length - kQueryTokens - 1, ids);
      ids.push_back(words.special());
    }
    types.resize(length, model.type_vocab_size > 1 ? 1 : 0);
    workload.requests.front().batch.Add(ids, types);
  }
  return workload;
}

Result<std::vector<Workload>> ReadWorkloads(const std::string& path, const nn::ModelInfo& model) {
  std::string file = path;
  std::string wanted;
  if (const size_t colon = path.rfind(':'); colon != std::string::npos) {
    std::error_code ignored;
    if (!std::filesystem::exists(path, ignored)) {
      file = path.substr(0, colon);
      wanted = path.substr(colon + 1);
    }
  }
  PODIUM_ASSIGN_OR_RETURN(const Json json, io::ReadJsonFile(file));
  if (!json.is_object()) {
    return DataCorruption(Format("{}: expected an object of requests by name", file));
  }
  std::vector<Workload> workloads;
  for (const auto& [name, request] : json.items()) {
    if (!wanted.empty() && name != wanted) {
      continue;
    }
    PODIUM_ASSIGN_OR_RETURN(
        Workload workload,
        ReadRequest(request, name, model, Format("{}: request \"{}\"", file, name)));
    workloads.push_back(std::move(workload));
  }
  if (workloads.empty()) {
    return NotFound(wanted.empty() ? Format("{}: has no request", file)
                                   : Format("{}: has no request \"{}\"", file, wanted));
  }
  return workloads;
}

Result<Workload> ReadRunWorkload(const RunInput& input) {
  PODIUM_ASSIGN_OR_RETURN(const RunRequests run, ReadRunRequests(input));
  Workload workload{.name = std::filesystem::path(input.run).filename().string(), .texts = true};
  for (const RunRequests::Query& query : run.queries) {
    Request request{.query = query.text};
    for (const std::string& docid : query.docids) {
      request.passages.push_back(run.passages.at(docid));
    }
    workload.requests.push_back(std::move(request));
  }
  if (workload.requests.empty()) {
    return InvalidArgument(Format("{}: the run has no query", input.run));
  }
  return workload;
}

}  // namespace podium::cli::bench
