// How long the first stage takes: each query of a file once to warm up, then timed, one at a time.
//
//   search_latency INDEX QUERIES [K]
//
// QUERIES: JSON lines with "text". Prints one JSON object: queries, documents, k, milliseconds at
// the median, the 99th percentile and the most, by the clock and (cpu_…) of processor time, which
// other work on the machine disturbs less; and the time of the very first query, which reads the
// documents' lengths.
#include <stdio.h>

#include <algorithm>
#include <cstdlib>
#include <string>
#include <vector>

#include <time.h>

#include "podium/status.h"

#include "base/stopwatch.h"
#include "engine/index_directory.h"
#include "io/document_reader.h"
#include "io/json.h"

namespace podium {
namespace {

constexpr size_t kDefaultK = 100;

double CpuSeconds() {
  timespec now = {};
  clock_gettime(CLOCK_THREAD_CPUTIME_ID, &now);
  return static_cast<double>(now.tv_sec) + static_cast<double>(now.tv_nsec) * 1e-9;
}

// Milliseconds at the median, the 99th percentile and the most, as fields of `json`.
void AddPercentiles(const std::string& prefix, std::vector<double> times, io::Json& json) {
  std::sort(times.begin(), times.end());
  json[prefix + "p50_ms"] = times[times.size() / 2];
  json[prefix + "p99_ms"] = times[times.size() * 99 / 100];
  json[prefix + "max_ms"] = times.back();
}

Result<std::vector<std::string>> ReadQueries(const std::string& path) {
  PODIUM_ASSIGN_OR_RETURN(const auto reader, io::OpenDocuments(path, {}));
  std::vector<std::string> queries;
  while (true) {
    PODIUM_ASSIGN_OR_RETURN(const std::optional<Document> query, reader->Next());
    if (!query) {
      return queries;
    }
    queries.push_back(query->text);
  }
}

Status Run(const std::string& index, const std::string& query_file, size_t k) {
  PODIUM_ASSIGN_OR_RETURN(const std::vector<std::string> queries, ReadQueries(query_file));
  if (queries.empty()) {
    return InvalidArgument(query_file + ": no queries");
  }
  PODIUM_ASSIGN_OR_RETURN(const auto reader, engine::OpenIndex(index));
  Stopwatch clock;
  PODIUM_RETURN_IF_ERROR(reader->Search(queries.front(), k).status());
  const double first = clock.Seconds();
  size_t hits = 0;
  std::vector<double> times;
  std::vector<double> cpu_times;
  for (const bool timed : {false, true}) {
    for (const std::string& query : queries) {
      clock.Lap();
      const double cpu = CpuSeconds();
      PODIUM_ASSIGN_OR_RETURN(const auto found, reader->Search(query, k));
      if (timed) {
        times.push_back(clock.Lap() * 1e3);
        cpu_times.push_back((CpuSeconds() - cpu) * 1e3);
        hits += found.size();
      }
    }
  }
  io::Json json;
  json["documents"] = reader->documents();
  json["queries"] = queries.size();
  json["k"] = k;
  json["hits"] = hits;
  AddPercentiles("", times, json);
  AddPercentiles("cpu_", cpu_times, json);
  json["first_ms"] = first * 1e3;
  printf("%s\n", io::DumpJson(json).c_str());
  return Status::Ok();
}

}  // namespace
}  // namespace podium

int main(int argc, char** argv) {
  if (argc < 3) {
    fprintf(stderr, "usage: %s INDEX QUERIES [K]\n", argv[0]);
    return 2;
  }
  const size_t k = argc > 3 ? std::strtoull(argv[3], nullptr, 10) : podium::kDefaultK;
  const podium::Status status = podium::Run(argv[1], argv[2], k);
  if (!status.ok()) {
    fprintf(stderr, "%s: %s\n", argv[0], status.ToString().c_str());
    return 1;
  }
  return 0;
}
