// BM25 with its defaults finds what the published baselines find (Anserini, title and text in one
// field: SciFact 0.679, NFCorpus 0.322). Needs the collections: PODIUM_DATA, or data/ beside the
// folder of the project.
#include <algorithm>
#include <cmath>
#include <cstdlib>
#include <filesystem>
#include <fstream>
#include <map>
#include <sstream>
#include <string>
#include <vector>

#include <gtest/gtest.h>

#include "engine/index_builder.h"
#include "engine/index_directory.h"
#include "io/document_reader.h"

namespace podium {
namespace {

using Judgements = std::map<std::string, std::map<std::string, double>>;  // query, document, grade

std::filesystem::path DataFolder() {
  const char* folder = std::getenv("PODIUM_DATA");
  return folder != nullptr
             ? std::filesystem::path(folder)
             : std::filesystem::path(PODIUM_TEST_DATA).parent_path().parent_path() / "shared/data";
}

std::vector<Document> ReadAll(const std::filesystem::path& path) {
  std::vector<Document> documents;
  const auto reader = io::OpenDocuments(path.string(), {});
  EXPECT_TRUE(reader.ok()) << reader.status().ToString();
  while (reader.ok()) {
    auto document = (*reader)->Next();
    EXPECT_TRUE(document.ok()) << document.status().ToString();
    if (!document.ok() || !document->has_value()) {
      break;
    }
    documents.push_back(**document);
  }
  return documents;
}

Judgements ReadJudgements(const std::filesystem::path& path) {
  Judgements judgements;
  std::ifstream file(path);
  std::string line;
  std::getline(file, line);  // names of the columns
  while (std::getline(file, line)) {
    std::istringstream columns(line);
    std::string query;
    std::string document;
    double grade = 0;
    columns >> query >> document >> grade;
    judgements[query][document] = grade;
  }
  return judgements;
}

double Dcg(const std::vector<double>& grades) {
  double sum = 0;
  for (size_t i = 0; i < std::min<size_t>(10, grades.size()); ++i) {
    sum += grades[i] / std::log2(static_cast<double>(i) + 2);
  }
  return sum;
}

double NdcgAt10(const std::vector<lexical::Hit>& hits,
                const std::map<std::string, double>& judged) {
  std::vector<double> found;
  for (const lexical::Hit& hit : hits) {
    const auto grade = judged.find(hit.id);
    found.push_back(grade == judged.end() ? 0 : grade->second);
  }
  std::vector<double> ideal;
  for (const auto& [document, grade] : judged) {
    ideal.push_back(grade);
  }
  std::sort(ideal.rbegin(), ideal.rend());
  return Dcg(ideal) > 0 ? Dcg(found) / Dcg(ideal) : 0;
}

double MeanNdcg(const std::string& collection) {
  const std::filesystem::path folder = DataFolder() / collection;
  std::string name = (std::filesystem::temp_directory_path() / "podium-test-XXXXXX").string();
  const std::filesystem::path root = mkdtemp(name.data());
  {
    const auto builder = engine::IndexBuilder::Open(root / "index");
    EXPECT_TRUE(builder.ok()) << builder.status().ToString();
    for (Document& document : ReadAll(folder / "corpus.jsonl")) {
      EXPECT_TRUE((*builder)->Add(std::move(document)).ok());
    }
    EXPECT_TRUE((*builder)->Commit().ok());
  }
  const auto reader = engine::OpenIndex(root / "index").value();
  const Judgements judgements = ReadJudgements(folder / "qrels" / "test.tsv");
  double sum = 0;
  size_t queries = 0;
  for (const Document& query : ReadAll(folder / "queries.jsonl")) {
    const auto judged = judgements.find(query.id);
    if (judged != judgements.end()) {
      sum += NdcgAt10(reader->Search(query.text, 10).value(), judged->second);
      ++queries;
    }
  }
  std::filesystem::remove_all(root);
  return sum / static_cast<double>(queries);
}

struct Baseline {
  const char* collection;
  double ndcg;
};

class FirstStageQualityTest : public ::testing::TestWithParam<Baseline> {};

TEST_P(FirstStageQualityTest, ReachesThePublishedBaseline) {
  const std::filesystem::path folder = DataFolder() / GetParam().collection;
  if (!std::filesystem::exists(folder)) {
    GTEST_SKIP() << folder << " is missing; set PODIUM_DATA to a folder of BEIR collections";
  }
  const double ndcg = MeanNdcg(GetParam().collection);
  RecordProperty("ndcg_at_10", std::to_string(ndcg));
  printf("%s: nDCG@10 %.4f\n", GetParam().collection, ndcg);
  EXPECT_GE(ndcg, GetParam().ndcg);
}

INSTANTIATE_TEST_SUITE_P(Beir, FirstStageQualityTest,
                         ::testing::Values(Baseline{"scifact", 0.678}, Baseline{"nfcorpus", 0.321}),
                         [](const auto& tested) { return std::string(tested.param.collection); });

}  // namespace
}  // namespace podium
