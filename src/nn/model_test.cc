// Models as a whole: results that do not depend on company or threads, and files that lie.
#include "nn/model.h"

#include <cmath>
#include <cstdio>
#include <fstream>
#include <functional>
#include <numeric>
#include <random>

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "base/format.h"
#include "io/file.h"
#include "io/json.h"
#include "nn/models/precision.h"
#include "nn/weights/random_checkpoint.h"
#include "nn/weights/safetensors_writer.h"

namespace podium::nn {
namespace {

namespace fs = std::filesystem;
using io::Json;
using testing::HasSubstr;

const fs::path kGolden = fs::path(PODIUM_TEST_DATA) / "golden";

// A directory of its own that goes with the test.
class ModelTest : public testing::Test {
 protected:
  void SetUp() override {
    const auto* test = testing::UnitTest::GetInstance()->current_test_info();
    dir_ = fs::path(testing::TempDir()) / (std::string("podium_model_") + test->name());
    fs::remove_all(dir_);
    fs::create_directories(dir_);
  }
  void TearDown() override { fs::remove_all(dir_); }

  // A copy of a golden model, to be spoilt.
  void CopyGolden(const std::string& name) {
    fs::copy(kGolden / name, dir_,
             fs::copy_options::recursive | fs::copy_options::overwrite_existing);
  }

  void Edit(const std::string& file, const std::function<void(Json&)>& change) {
    Json json = io::ReadJsonFile(dir_ / file).value();
    change(json);
    Write(file, json.dump());
  }

  void Write(const std::string& file, std::string_view text) {
    fs::create_directories((dir_ / file).parent_path());
    ASSERT_TRUE(io::WriteFileAtomic(dir_ / file, text).ok());
  }

  // Rewrites the header of model.safetensors.
  void EditTensors(const std::function<void(Json&)>& change) {
    const std::string bytes = io::ReadFile(dir_ / "model.safetensors").value();
    uint64_t length = 0;
    std::memcpy(&length, bytes.data(), sizeof(length));
    Json header = io::ParseJson(bytes.substr(8, length), "header").value();
    change(header);
    const std::string text = header.dump();
    length = text.size();
    std::string out(reinterpret_cast<const char*>(&length), sizeof(length));
    out += text;
    uint64_t old = 0;
    std::memcpy(&old, bytes.data(), sizeof(old));
    Write("model.safetensors", out + bytes.substr(8 + old));
  }

  std::string LoadError() {
    const auto model = Model::Load(dir_);
    return model.ok() ? "loaded" : model.status().ToString();
  }

  fs::path dir_;
};

TokenBatch RandomBatch(const ModelInfo& info, size_t sequences, size_t longest, unsigned seed) {
  std::mt19937 random(seed);
  TokenBatch batch;
  for (size_t s = 0; s < sequences; ++s) {
    std::vector<int32_t> ids(1 + random() % longest);
    std::vector<int32_t> types(ids.size());
    for (size_t t = 0; t < ids.size(); ++t) {
      ids[t] = static_cast<int32_t>(random() % info.vocab_size);
      types[t] = static_cast<int32_t>(info.type_vocab_size < 2 ? 0 : t * 2 / ids.size());
    }
    batch.Add(ids, types);
  }
  return batch;
}

std::vector<float> OneByOne(const Model& model, const TokenBatch& batch, ThreadPool& pool) {
  std::vector<float> all;
  for (size_t s = 0; s < batch.sequences(); ++s) {
    TokenBatch one;
    one.Add(std::span(batch.ids).subspan(batch.offsets[s], batch.length(s)),
            std::span(batch.type_ids).subspan(batch.offsets[s], batch.length(s)));
    const std::vector<float> result = model.Run(one, pool).value();
    all.insert(all.end(), result.begin(), result.end());
  }
  return all;
}

// Equal bit for bit, also as NaN.
void ExpectSameBits(const std::vector<float>& a, const std::vector<float>& b) {
  ASSERT_EQ(a.size(), b.size());
  EXPECT_EQ(std::memcmp(a.data(), b.data(), a.size() * sizeof(float)), 0);
}

// Runs the model in `dir` in several ways on one instruction set.
void ExpectStableResults(const fs::path& dir, const kernels::KernelTable& table,
                         Precision precision) {
  const auto model = Model::Load(dir, {.kernels = &table, .precision = precision});
  ASSERT_TRUE(model.ok()) << model.status().ToString();
  const TokenBatch batch = RandomBatch((*model)->info(), 23, 120, 7);
  ThreadPool one(1);
  const std::vector<float> expected = OneByOne(**model, batch, one);
  for (const float value : expected) {
    ASSERT_TRUE(std::isfinite(value));
  }
  for (const size_t threads : {1, 2, 5}) {
    ThreadPool pool(threads);
    ExpectSameBits((*model)->Run(batch, pool).value(), expected);
    // Fewer sequences than workers: they share the work on each.
    ExpectSameBits(OneByOne(**model, batch, pool), expected);
  }
}

TEST_F(ModelTest, ResultsDependNeitherOnCompanyNorOnThreads) {
  // More tokens than a block holds, lengths of all kinds, odd sizes everywhere.
  RandomCheckpoint shape = {.vocab_size = 97,
                            .positions = 120,
                            .hidden_size = 40,
                            .layers = 2,
                            .heads = 5,
                            .intermediate_size = 72};
  for (const auto& [family, classifier] :
       {std::pair{"bert", true}, std::pair{"xlm-roberta", true}, std::pair{"distilbert", false},
        std::pair{"mpnet", false}}) {
    shape.family = family;
    shape.classifier = classifier;
    ASSERT_TRUE(WriteRandomCheckpoint(shape, dir_).ok());
    for (const kernels::KernelTable* table : kernels::AvailableKernels()) {
      for (const Precision precision :
           {Precision::kFp32, Precision::kBf16, Precision::kBf16x3, Precision::kInt8}) {
        // Families differ in what is around the products, but for the bias of their attention.
        const bool needed = precision == Precision::kFp32 || family == std::string("bert") ||
                            family == std::string("mpnet");
        if (needed && ChoosePrecision(precision, *table).ok()) {
          SCOPED_TRACE(Format("{} {} {}", family, table->name, PrecisionName(precision)));
          ExpectStableResults(dir_, *table, precision);
        }
      }
    }
  }
}

// Root of the mean squared difference over the standard deviation of the first.
double RelativeError(const std::vector<float>& wanted, const std::vector<float>& found) {
  const auto count = static_cast<double>(wanted.size());
  const double mean = std::accumulate(wanted.begin(), wanted.end(), 0.0) / count;
  double variance = 0;
  double error = 0;
  for (size_t i = 0; i < wanted.size(); ++i) {
    variance += (wanted[i] - mean) * (wanted[i] - mean);
    error += (found[i] - wanted[i]) * (found[i] - wanted[i]);
  }
  return std::sqrt(error / variance);
}

TEST_F(ModelTest, ReducedPrecisionsStayCloseToFp32) {
  const RandomCheckpoint shape = {.vocab_size = 997,
                                  .positions = 128,
                                  .hidden_size = 96,
                                  .layers = 3,
                                  .heads = 3,
                                  .intermediate_size = 384};
  ASSERT_TRUE(WriteRandomCheckpoint(shape, dir_).ok());
  ThreadPool pool(2);
  for (const kernels::KernelTable* table : kernels::AvailableKernels()) {
    const auto exact = Model::Load(dir_, {.kernels = table}).value();
    const TokenBatch batch = RandomBatch(exact->info(), 60, 60, 7);
    const std::vector<float> wanted = exact->Run(batch, pool).value();
    for (const auto& [precision, bound] : {std::pair{Precision::kBf16, 0.02},
                                           {Precision::kBf16x3, 0.0001},
                                           {Precision::kInt8, 0.08}}) {
      if (!ChoosePrecision(precision, *table).ok()) {
        continue;
      }
      const auto model = Model::Load(dir_, {.kernels = table, .precision = precision}).value();
      EXPECT_EQ(model->info().precision, precision);
      const double error = RelativeError(wanted, model->Run(batch, pool).value());
      std::printf("[   error  ] %s %s: %.5f of the standard deviation\n", table->name,
                  std::string(PrecisionName(precision)).c_str(), error);
      EXPECT_LT(error, bound) << table->name;
      EXPECT_GT(error, 0) << table->name;
    }
  }
}

// Of the last layer, a classifier's head reads one row per sequence: there int8 saves nothing.
TEST_F(ModelTest, LeavesTheEndOfAClassifierOutOfInt8) {
  RandomCheckpoint shape = {.vocab_size = 50,
                            .positions = 16,
                            .hidden_size = 64,
                            .layers = 1,
                            .heads = 2,
                            .intermediate_size = 256};
  const auto bytes = [&](bool classifier, const kernels::KernelTable* table, Precision precision) {
    shape.classifier = classifier;
    EXPECT_TRUE(WriteRandomCheckpoint(shape, dir_).ok());
    return Model::Load(dir_, {.kernels = table, .precision = precision})
        .value()
        ->info()
        .weight_bytes;
  };
  // Weights of the attention's output and of the feed-forward.
  const size_t rest = 64 * 64 + 2 * 64 * 256;
  for (const kernels::KernelTable* table : kernels::AvailableKernels()) {
    const size_t bytes_each = table->gemm_bf16 == nullptr ? 4 : 2;
    const size_t more =
        bytes(true, table, Precision::kInt8) - bytes(false, table, Precision::kInt8);
    // Less the scales and sums of int8, 8 bytes for each of 384 outputs.
    EXPECT_EQ(more, rest * (bytes_each - 1) - 384 * 8) << table->name;
    EXPECT_EQ(bytes(true, table, Precision::kFp32), bytes(false, table, Precision::kFp32));
  }
}

TEST_F(ModelTest, AnObserverChangesNothing) {
  for (const char* name : {"bert", "bi_bert_cls"}) {
    const auto model = Model::Load(kGolden / name).value();
    ThreadPool pool(1);
    const TokenBatch batch = RandomBatch(model->info(), 5, 30, 3);
    size_t calls = 0;
    const StateObserver observer = [&](size_t, size_t sequence, std::span<const float> states) {
      EXPECT_EQ(states.size(), batch.length(sequence) * model->info().hidden_size);
      ++calls;
    };
    const auto observed = model->Run(batch, pool, {.observer = observer});
    EXPECT_EQ(calls, 5 * (model->info().layers + 1));
    ExpectSameBits(observed.value(), model->Run(batch, pool).value());
  }
}

TEST_F(ModelTest, AStageClockChangesNothingAndSeesEveryStage) {
  for (const char* name : {"bert", "bi_bert_mean"}) {
    const auto model = Model::Load(kGolden / name).value();
    for (const size_t sequences : {1, 40}) {  // all workers on one block, and a block each
      ThreadPool pool(2);
      const TokenBatch batch = RandomBatch(model->info(), sequences, 60, 3);
      PerStage stages;
      const auto timed = model->Run(batch, pool, {.stages = &stages});
      ExpectSameBits(timed.value(), model->Run(batch, pool).value());
      for (size_t i = 0; i < kStages; ++i) {
        EXPECT_GT(stages.values[i], 0) << name << ": " << StageName(static_cast<Stage>(i));
      }
      const PerStage once = stages;
      ASSERT_TRUE(model->Run(batch, pool, {.stages = &stages}).ok());
      EXPECT_GT(stages.total(), once.total());  // added, not replaced
    }
  }
}

TEST_F(ModelTest, DescribesItself) {
  const auto model = Model::Load(kGolden / "bert").value();
  const ModelInfo& info = model->info();
  EXPECT_EQ(info.name, "bert");
  EXPECT_EQ(info.architecture, "BertForSequenceClassification");
  EXPECT_EQ(info.task, ModelTask::kClassify);
  EXPECT_EQ(info.outputs, 1U);
  EXPECT_EQ(info.labels, std::vector<std::string>{"LABEL_0"});
  EXPECT_EQ(info.max_tokens, 64U);
  EXPECT_EQ(info.activation, ScoreActivation::kSigmoid);
  EXPECT_EQ(info.activation_source, "default for 1 label");
  EXPECT_TRUE(info.first_token_only);
  EXPECT_EQ(info.dtype, "F32");
  EXPECT_EQ(info.parameters, 44897U);  // all floats of the file

  const auto embedder = Model::Load(kGolden / "bi_bert_cls").value();
  EXPECT_EQ(embedder->info().pooling, "cls");
  EXPECT_TRUE(embedder->info().normalize);
  EXPECT_EQ(embedder->info().outputs, 48U);
  EXPECT_EQ(embedder->info().unused_tensors,
            (std::vector<std::string>{"pooler.dense.bias", "pooler.dense.weight"}));
  EXPECT_EQ(Model::Load(kGolden / "roberta").value()->info().max_positions, 48U);
}

TEST_F(ModelTest, RunsTheModulesOfSentenceTransformers) {
  // The directory's own chain (pooling and Normalize) equals the recorded output.
  for (const auto& [name, output] : {std::pair{"bi_bert_cls", "cls_normalized_f64"},
                                     std::pair{"bi_mpnet_mean", "mean_normalized_f64"}}) {
    const auto model = Model::Load(kGolden / name).value();
    const Json cases = io::ReadJsonFile(kGolden / name / "cases.json").value();
    ThreadPool pool(1);
    for (const Json& item : cases["cases"]) {
      TokenBatch batch;
      batch.Add(item["input_ids"].get<std::vector<int32_t>>(),
                item.value("token_type_ids", std::vector<int32_t>()));
      const auto actual = model->Run(batch, pool).value();
      const auto expected = item[output].get<std::vector<double>>();
      for (size_t i = 0; i < expected.size(); ++i) {
        ASSERT_NEAR(actual[i], expected[i], 4e-6);
      }
    }
  }
}

TEST_F(ModelTest, RunsDenseAndLayerNormModules) {
  CopyGolden("bi_bert_mean");  // 32 dimensions
  Write("modules.json",
        R"([{"path": "", "type": "sentence_transformers.models.Transformer"},
            {"path": "1_Pooling", "type": "sentence_transformers.models.Pooling"},
            {"path": "2_Dense", "type": "sentence_transformers.models.Dense"},
            {"path": "3_LayerNorm", "type": "sentence_transformers.models.LayerNorm"}])");
  Write("1_Pooling/config.json", R"({"embedding_dimension": 32, "pooling_mode": ["cls", "max"]})");
  Write("2_Dense/config.json", R"({"in_features": 64, "out_features": 3, "bias": true,
        "activation_function": "torch.nn.modules.activation.Tanh"})");
  std::vector<float> weight(3 * 64);
  std::iota(weight.begin(), weight.end(), -90.0F);
  for (float& w : weight) {
    w *= 0.001F;
  }
  const std::vector<float> bias = {0.5F, -0.25F, 0.125F};
  const std::vector<float> gamma = {1.0F, 2.0F, 3.0F};
  const std::vector<float> beta = {0.0F, 0.5F, 1.0F};
  const auto fill = [](const std::vector<float>& values) {
    return [values](std::span<float> out) { std::copy(values.begin(), values.end(), out.begin()); };
  };
  const std::vector<TensorSource> dense = {{"linear.weight", {3, 64}, fill(weight)},
                                           {"linear.bias", {3}, fill(bias)}};
  const std::vector<TensorSource> norm = {{"norm.weight", {3}, fill(gamma)},
                                          {"norm.bias", {3}, fill(beta)}};
  fs::create_directories(dir_ / "3_LayerNorm");
  Write("3_LayerNorm/config.json", R"({"dimension": 3})");
  ASSERT_TRUE(WriteSafeTensors(dir_ / "2_Dense" / "model.safetensors", dense).ok());
  ASSERT_TRUE(WriteSafeTensors(dir_ / "3_LayerNorm" / "model.safetensors", norm).ok());

  const auto model = Model::Load(dir_);
  ASSERT_TRUE(model.ok()) << model.status().ToString();
  EXPECT_EQ((*model)->info().pooling, "cls+max");
  EXPECT_EQ((*model)->info().outputs, 3U);

  LoadOptions cls;
  cls.pooling = Pooling::kCls;
  LoadOptions max;
  max.pooling = Pooling::kMax;
  ThreadPool pool(1);
  const TokenBatch batch = RandomBatch((*model)->info(), 1, 20, 1);
  std::vector<float> pooled = Model::Load(dir_, cls).value()->Run(batch, pool).value();
  const std::vector<float> top = Model::Load(dir_, max).value()->Run(batch, pool).value();
  pooled.insert(pooled.end(), top.begin(), top.end());
  std::vector<double> hidden(3);
  for (size_t o = 0; o < 3; ++o) {
    double sum = bias[o];
    for (size_t i = 0; i < 64; ++i) {
      sum += static_cast<double>(weight[o * 64 + i]) * pooled[i];
    }
    hidden[o] = std::tanh(sum);
  }
  const double mean = (hidden[0] + hidden[1] + hidden[2]) / 3;
  double variance = 0;
  for (const double h : hidden) {
    variance += (h - mean) * (h - mean) / 3;
  }
  const std::vector<float> actual = (*model)->Run(batch, pool).value();
  for (size_t o = 0; o < 3; ++o) {
    EXPECT_NEAR(actual[o], (hidden[o] - mean) / std::sqrt(variance + 1e-5) * gamma[o] + beta[o],
                1e-4);
  }
}

TEST_F(ModelTest, RefusesBatchesThatTheModelCannotRun) {
  const auto model = Model::Load(kGolden / "bert").value();
  ThreadPool pool(2);
  const auto error = [&](const TokenBatch& batch) {
    return model->Run(batch, pool).status().ToString();
  };
  TokenBatch batch;
  EXPECT_TRUE(model->Run(batch, pool).value().empty());
  batch.Add(std::vector<int32_t>{2, 3});
  batch.Add(std::vector<int32_t>{});
  EXPECT_EQ(error(batch), "invalid argument: sequence 1 has 0 tokens, expected 1 to 64");
  batch.Clear();
  batch.Add(std::vector<int32_t>(65, 1));
  EXPECT_EQ(error(batch), "invalid argument: sequence 0 has 65 tokens, expected 1 to 64");
  batch.Clear();
  batch.Add(std::vector<int32_t>{2, 500});
  EXPECT_EQ(error(batch),
            "invalid argument: sequence 0, token 1: id 500 is outside the vocabulary of 500");
  batch.Clear();
  batch.Add(std::vector<int32_t>{-1});
  EXPECT_THAT(error(batch), HasSubstr("id -1 is outside"));
  batch.Clear();
  batch.Add(std::vector<int32_t>{2, 3}, std::vector<int32_t>{0, 2});
  EXPECT_EQ(error(batch),
            "invalid argument: sequence 0, token 1: type id 2 is outside the 2 types");
  batch.Clear();
  batch.ids = {1, 2};
  EXPECT_THAT(error(batch), HasSubstr("does not fit together"));
}

TEST_F(ModelTest, NamesAMissingMisshapenOrUnexpectedTensor) {
  CopyGolden("bert");
  EditTensors([](Json& header) {
    header["other.weight"] = header["classifier.weight"];
    header.erase("classifier.weight");
  });
  EXPECT_THAT(LoadError(), HasSubstr("classifier.weight"));
  CopyGolden("bert");
  Edit("config.json", [](Json& config) { config["intermediate_size"] = 63; });
  EXPECT_THAT(LoadError(),
              HasSubstr("model.safetensors: tensor \"bert.encoder.layer.0.intermediate.dense."
                        "weight\" has shape [64, 32], config.json asks for [63, 32]"));
  CopyGolden("bert");
  Edit("config.json", [](Json& config) { config["num_hidden_layers"] = 2; });
  EXPECT_THAT(LoadError(), HasSubstr("16 unexpected tensors, the first is "
                                     "\"bert.encoder.layer.2.attention.output.LayerNorm.bias\""));
  CopyGolden("bert");
  Edit("config.json", [](Json& config) { config["num_hidden_layers"] = 4; });
  EXPECT_THAT(LoadError(), HasSubstr("bert.encoder.layer.3."));
  CopyGolden("bert");
  EditTensors([](Json& header) {
    Json renamed = Json::object();
    for (const auto& [name, value] : header.items()) {
      renamed[name.starts_with("bert.") ? "model." + name : name] = value;
    }
    header = renamed;
  });
  EXPECT_THAT(LoadError(), HasSubstr("no tensor \"embeddings.word_embeddings.weight\", with or "
                                     "without the prefix \"bert.\""));
}

TEST_F(ModelTest, NamesATensorWithNaN) {
  for (const std::string tensor :
       {"bert.encoder.layer.1.output.dense.weight", "bert.embeddings.word_embeddings.weight"}) {
    CopyGolden("bert");
    std::string bytes = io::ReadFile(dir_ / "model.safetensors").value();
    uint64_t length = 0;
    std::memcpy(&length, bytes.data(), sizeof(length));
    const Json header = io::ParseJson(bytes.substr(8, length), "header").value();
    const size_t at = 8 + length + header[tensor]["data_offsets"][0].get<size_t>() + 40 * 4;
    const float nan = std::nanf("");
    std::memcpy(bytes.data() + at, &nan, sizeof(nan));
    Write("model.safetensors", bytes);
    EXPECT_THAT(LoadError(), HasSubstr(tensor));
    EXPECT_THAT(LoadError(), HasSubstr("nan"));
  }
}

TEST_F(ModelTest, ReadsLegacyNormNamesAndBuffers) {
  CopyGolden("bert");
  EditTensors([](Json& header) {
    Json renamed = Json::object();
    for (const auto& [name, value] : header.items()) {
      std::string changed = name;
      if (const size_t at = changed.find("LayerNorm.weight"); at != std::string::npos) {
        changed = changed.substr(0, at) + "LayerNorm.gamma";
      } else if (const size_t at2 = changed.find("LayerNorm.bias"); at2 != std::string::npos) {
        changed = changed.substr(0, at2) + "LayerNorm.beta";
      }
      renamed[changed] = value;
    }
    header = renamed;
  });
  const auto legacy = Model::Load(dir_);
  ASSERT_TRUE(legacy.ok()) << legacy.status().ToString();
  const auto model = Model::Load(kGolden / "bert").value();
  ThreadPool pool(1);
  const TokenBatch batch = RandomBatch(model->info(), 3, 20, 5);
  ExpectSameBits((*legacy)->Run(batch, pool).value(), model->Run(batch, pool).value());
}

TEST_F(ModelTest, SurvivesTruncatedAndFlippedFiles) {
  // A model of a few hundred bytes of header and little data, so that every cut can be tried.
  const RandomCheckpoint shape = {.family = "distilbert",
                                  .classifier = true,
                                  .vocab_size = 3,
                                  .positions = 2,
                                  .hidden_size = 2,
                                  .layers = 1,
                                  .heads = 1,
                                  .intermediate_size = 2};
  ASSERT_TRUE(WriteRandomCheckpoint(shape, dir_).ok());
  ASSERT_EQ(LoadError(), "loaded");
  ThreadPool pool(1);
  TokenBatch batch;
  batch.Add(std::vector<int32_t>{0, 2});
  for (const std::string file : {"config.json", "model.safetensors"}) {
    const std::string good = io::ReadFile(dir_ / file).value();
    const auto try_bytes = [&](const std::string& bytes) {
      fs::remove(dir_ / file);  // a file that is overwritten waits for the disk on ext4
      std::ofstream(dir_ / file, std::ios::binary) << bytes;
      const auto model = Model::Load(dir_);
      if (model.ok()) {
        static_cast<void>((*model)->Run(batch, pool).ok());
      } else {
        EXPECT_FALSE(model.status().message().empty());
      }
      return model.ok();
    };
    for (size_t length = 0; length + 1 < good.size(); ++length) {  // a last newline may go
      EXPECT_FALSE(try_bytes(good.substr(0, length))) << file << " cut to " << length;
    }
    for (size_t at = 0; at < good.size(); ++at) {
      std::string bad = good;
      bad[at] = static_cast<char>(bad[at] ^ (1 << (at % 8)));
      try_bytes(bad);
    }
    std::ofstream(dir_ / file, std::ios::binary) << good;
  }
}

TEST_F(ModelTest, SaysWhatIsMissing) {
  EXPECT_THAT(LoadError(), HasSubstr("config.json"));
  CopyGolden("bert");
  fs::remove(dir_ / "model.safetensors");
  EXPECT_THAT(LoadError(), HasSubstr("model.safetensors"));
}

TEST_F(ModelTest, ReadsShards) {
  CopyGolden("bert");
  fs::rename(dir_ / "model.safetensors", dir_ / "model-00001-of-00001.safetensors");
  const std::string bytes = io::ReadFile(dir_ / "model-00001-of-00001.safetensors").value();
  uint64_t length = 0;
  std::memcpy(&length, bytes.data(), sizeof(length));
  const Json header = io::ParseJson(bytes.substr(8, length), "header").value();
  Json index;
  for (const auto& [name, value] : header.items()) {
    if (name != "__metadata__") {
      index["weight_map"][name] = "model-00001-of-00001.safetensors";
    }
  }
  Write("model.safetensors.index.json", index.dump());
  EXPECT_EQ(LoadError(), "loaded");
}

}  // namespace
}  // namespace podium::nn
