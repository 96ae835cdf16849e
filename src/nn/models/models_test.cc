// Descriptions of models: what is read from JSON, what is refused and how.
#include <filesystem>

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "io/file.h"
#include "nn/models/limits.h"
#include "nn/models/model_config.h"
#include "nn/models/module_chain.h"

namespace podium::nn {
namespace {

namespace fs = std::filesystem;
using io::Json;
using testing::ElementsAre;
using testing::HasSubstr;

Result<ModelConfig> Parse(std::string_view text) {
  return ParseModelConfig(io::ParseJson(text, "text").value(), "config.json");
}

std::string ParseError(std::string_view text) {
  const Result<ModelConfig> config = Parse(text);
  return config.ok() ? "parsed" : config.status().ToString();
}

TEST(ModelConfigTest, FillsInTheDefaultsOfTheFamily) {
  const ModelConfig bert = Parse(R"({"model_type": "bert"})").value();
  EXPECT_EQ(bert.architecture, "BertModel");
  EXPECT_EQ(bert.task, ModelTask::kEmbed);
  EXPECT_EQ(bert.encoder.hidden_size, 768U);
  EXPECT_EQ(bert.encoder.max_positions(), 512U);
  EXPECT_EQ(bert.encoder.activation, Activation::kGeluErf);
  EXPECT_EQ(bert.encoder.norm_eps, 1e-12);
  const ModelConfig roberta =
      Parse(R"({"architectures": ["RobertaForSequenceClassification"], "pad_token_id": null,
                "max_position_embeddings": 514, "hidden_act": "gelu_new"})")
          .value();
  EXPECT_EQ(roberta.family->model_type, "roberta");
  EXPECT_EQ(roberta.task, ModelTask::kClassify);
  EXPECT_EQ(roberta.encoder.max_positions(), 512U);
  EXPECT_EQ(roberta.encoder.activation, Activation::kGeluTanh);
  EXPECT_THAT(roberta.labels, ElementsAre("LABEL_0", "LABEL_1"));
  const ModelConfig electra =
      Parse(R"({"model_type": "electra", "embedding_size": 64, "hidden_size": 128})").value();
  EXPECT_EQ(electra.encoder.embedding_size, 64U);
  EXPECT_EQ(electra.encoder.names.embedding_projection, "embeddings_project");
  EXPECT_TRUE(Parse(R"({"model_type": "electra", "embedding_size": 64, "hidden_size": 64})")
                  .value()
                  .encoder.names.embedding_projection.empty());
}

TEST(ModelConfigTest, ReadsLabelsInOrder) {
  EXPECT_THAT(Parse(R"({"architectures": ["BertForSequenceClassification"],
                        "id2label": {"1": "yes", "0": "no", "2": 5}})")
                  .value()
                  .labels,
              ElementsAre("no", "yes", "5"));
  EXPECT_THAT(Parse(R"({"architectures": ["BertForSequenceClassification"], "num_labels": 1})")
                  .value()
                  .labels,
              ElementsAre("LABEL_0"));
  EXPECT_THAT(ParseError(R"({"architectures": ["BertForSequenceClassification"],
                             "id2label": {"0": "a", "2": "b"}})"),
              HasSubstr("id2label has 2 labels but none under \"1\""));
  EXPECT_THAT(ParseError(R"({"architectures": ["BertForSequenceClassification"],
                             "id2label": []})"),
              HasSubstr("id2label: expected an object"));
}

TEST(ModelConfigTest, RefusesWhatItDoesNotRun) {
  EXPECT_THAT(ParseError("[]"), HasSubstr("config.json: expected an object, found an array"));
  EXPECT_THAT(ParseError("{}"), HasSubstr("names neither model_type nor architectures"));
  EXPECT_THAT(ParseError(R"({"model_type": "gpt2"})"),
              HasSubstr("unsupported: config.json: model type \"gpt2\""));
  EXPECT_THAT(ParseError(R"({"architectures": ["LlamaForCausalLM"]})"),
              HasSubstr("architecture \"LlamaForCausalLM\") is not one of BertModel"));
  EXPECT_THAT(
      ParseError(R"({"model_type": "bert", "architectures": ["BertForTokenClassification"]})"),
      HasSubstr("architecture \"BertForTokenClassification\" is not one of"));
  EXPECT_THAT(ParseError(R"({"architectures": "BertModel"})"),
              HasSubstr("architectures: expected an array of strings, found a string"));
  EXPECT_THAT(ParseError(R"({"model_type": "bert", "hidden_act": "mish"})"),
              HasSubstr("unsupported: config.json: hidden_act: activation \"mish\""));
  EXPECT_THAT(
      ParseError(R"({"model_type": "bert", "position_embedding_type": "relative_key"})"),
      HasSubstr("position_embedding_type is \"relative_key\", only \"absolute\" is supported"));
  EXPECT_THAT(ParseError(R"({"model_type": "bert", "is_decoder": true})"),
              HasSubstr("is_decoder is true, only encoders are supported"));
  EXPECT_THAT(ParseError(R"({"model_type": "bert", "quantization_config": {}})"),
              HasSubstr("has a quantization_config"));
}

TEST(ModelConfigTest, RefusesAbsurdNumbers) {
  const auto error = [](std::string_view key, std::string_view value) {
    return ParseError(Format(R"({{"model_type": "roberta", "{}": {}}})", key, value));
  };
  EXPECT_THAT(error("num_attention_heads", "0"),
              HasSubstr("config.json: num_attention_heads is 0, expected 1 to 262144"));
  EXPECT_THAT(error("hidden_size", "-4"), HasSubstr("hidden_size is -4"));
  EXPECT_THAT(error("hidden_size", "770"),
              HasSubstr("hidden_size 770 is not a multiple of num_attention_heads 12"));
  EXPECT_THAT(error("hidden_size", "99999999999999999999"), HasSubstr("hidden_size"));
  EXPECT_THAT(error("intermediate_size", "9223372036854775807"), HasSubstr("intermediate_size is"));
  EXPECT_THAT(error("vocab_size", "\"many\""), HasSubstr("vocab_size"));
  EXPECT_THAT(error("num_hidden_layers", "1.5"), HasSubstr("num_hidden_layers"));
  EXPECT_THAT(error("max_position_embeddings", "2"),
              HasSubstr("max_position_embeddings 2 leaves no position after padding id 1"));
  EXPECT_THAT(error("layer_norm_eps", "-1"), HasSubstr("layer_norm_eps is -1, expected 0 to 1"));
  EXPECT_THAT(error("layer_norm_eps", "1e300"), HasSubstr("layer_norm_eps"));
}

TEST(ScoreActivationTest, FollowsSentenceTransformers) {
  const auto resolve = [](std::string_view name, size_t labels) {
    return ResolveScoreActivation(name, labels, "here").value();
  };
  EXPECT_EQ(resolve("torch.nn.modules.linear.Identity", 1), ScoreActivation::kIdentity);
  EXPECT_EQ(resolve("torch.nn.modules.activation.Sigmoid", 3), ScoreActivation::kSigmoid);
  EXPECT_EQ(resolve("torch.nn.modules.activation.Softmax", 3), ScoreActivation::kSoftmax);
  EXPECT_EQ(resolve("", 1), ScoreActivation::kSigmoid);
  EXPECT_EQ(resolve("", 2), ScoreActivation::kIdentity);
  EXPECT_EQ(resolve("mylib.Identity", 1), ScoreActivation::kSigmoid);
  const auto unknown = ResolveScoreActivation("torch.nn.modules.activation.Tanh", 1, "here");
  EXPECT_EQ(unknown.status().ToString(),
            "unsupported: here: score activation \"torch.nn.modules.activation.Tanh\" is not one "
            "of torch.nn's Identity, Sigmoid, Softmax");
}

class ModelFilesTest : public testing::Test {
 protected:
  void SetUp() override {
    const auto* test = testing::UnitTest::GetInstance()->current_test_info();
    dir_ = fs::path(testing::TempDir()) / (std::string("podium_files_") + test->name());
    fs::remove_all(dir_);
    fs::create_directories(dir_);
  }
  void TearDown() override { fs::remove_all(dir_); }
  void Write(const std::string& file, std::string_view text) {
    fs::create_directories((dir_ / file).parent_path());
    ASSERT_TRUE(io::WriteFileAtomic(dir_ / file, text).ok());
  }
  std::string ChainError() {
    const auto chain = ReadModuleChain(dir_);
    return chain.ok() ? "read" : chain.status().ToString();
  }

  fs::path dir_;
};

TEST_F(ModelFilesTest, DecidesTheScoreActivationByPrecedence) {
  ModelConfig config = Parse(R"({"architectures": ["BertForSequenceClassification"],
      "num_labels": 1,
      "sbert_ce_default_activation_function": "torch.nn.modules.linear.Identity"})")
                           .value();
  ScoreRule rule = ReadScoreRule(dir_, config).value();
  EXPECT_EQ(rule.activation, ScoreActivation::kIdentity);
  EXPECT_EQ(rule.source, "config.json: sbert_ce_default_activation_function");

  config = Parse(R"({"architectures": ["BertForSequenceClassification"], "num_labels": 1,
      "sentence_transformers": {"activation_fn": "torch.nn.modules.activation.Sigmoid"},
      "sbert_ce_default_activation_function": "torch.nn.modules.linear.Identity"})")
               .value();
  rule = ReadScoreRule(dir_, config).value();
  EXPECT_EQ(rule.activation, ScoreActivation::kSigmoid);
  EXPECT_EQ(rule.source, "config.json: sentence_transformers.activation_fn");

  Write("config_sentence_transformers.json", R"({"activation_fn": "torch.nn.Identity"})");
  rule = ReadScoreRule(dir_, config).value();
  EXPECT_EQ(rule.activation, ScoreActivation::kIdentity);
  EXPECT_EQ(rule.source, "config_sentence_transformers.json: activation_fn");

  Write("config_sentence_transformers.json", R"({"activation_fn": "mine.Cube"})");
  rule = ReadScoreRule(dir_, config).value();
  EXPECT_EQ(rule.activation, ScoreActivation::kSigmoid);
  EXPECT_EQ(rule.source,
            "default for 1 label (config_sentence_transformers.json: activation_fn names "
            "\"mine.Cube\", which is not torch's)");

  Write("config_sentence_transformers.json", R"({"activation_fn": "torch.nn.ReLU"})");
  EXPECT_THAT(ReadScoreRule(dir_, config).status().ToString(), HasSubstr("\"torch.nn.ReLU\""));
  Write("config_sentence_transformers.json", "[]");
  EXPECT_THAT(ReadScoreRule(dir_, config).status().ToString(), HasSubstr("expected an object"));
}

TEST_F(ModelFilesTest, TakesTheLeastTokenLimit) {
  EXPECT_EQ(ReadTokenLimit(dir_, 512).value().source, "positions in config.json");
  Write("tokenizer_config.json", R"({"model_max_length": 1e30})");
  Write("sentence_bert_config.json", R"({"max_seq_length": null})");
  EXPECT_EQ(ReadTokenLimit(dir_, 512).value().tokens, 512U);
  Write("sentence_bert_config.json", R"({"max_seq_length": 256})");
  EXPECT_EQ(ReadTokenLimit(dir_, 512).value().tokens, 256U);
  Write("tokenizer_config.json", R"({"model_max_length": 128})");
  const TokenLimit limit = ReadTokenLimit(dir_, 512).value();
  EXPECT_EQ(limit.tokens, 128U);
  EXPECT_EQ(limit.source, "tokenizer_config.json: model_max_length");
  for (const char* bad : {"0", "-3", "2.5", "\"long\""}) {
    Write("tokenizer_config.json", Format(R"({{"model_max_length": {}}})", bad));
    EXPECT_THAT(ReadTokenLimit(dir_, 512).status().ToString(),
                HasSubstr("model_max_length: expected a positive integer, found"));
  }
}

TEST_F(ModelFilesTest, ReadsModules) {
  EXPECT_THAT(ReadModuleChain(dir_).value().pooling, ElementsAre(Pooling::kMean));
  Write("modules.json", R"([{"type": "sentence_transformers.models.Transformer", "path": ""},
                            {"type": "sentence_transformers.models.Pooling", "path": "1_Pooling"},
                            {"type": "sentence_transformers.models.Dense", "path": "2_Dense"},
                            {"type": "sentence_transformers.models.Normalize", "path": ""}])");
  Write("1_Pooling/config.json", R"({"pooling_mode_mean_tokens": true,
                                     "pooling_mode_cls_token": true})");
  Write("2_Dense/config.json", R"({"in_features": 8, "out_features": 4, "bias": false})");
  const ModuleChain chain = ReadModuleChain(dir_).value();
  EXPECT_THAT(chain.pooling, ElementsAre(Pooling::kCls, Pooling::kMean));
  ASSERT_EQ(chain.steps.size(), 2U);
  EXPECT_EQ(chain.steps[0].outputs, 4U);
  EXPECT_FALSE(chain.steps[0].bias);
  EXPECT_EQ(chain.steps[0].activation, Activation::kTanh);  // the module's default
  EXPECT_EQ(chain.steps[1].kind, ModuleKind::kNormalize);

  Write("2_Dense/config.json", R"({"in_features": 8, "out_features": 4, "use_residual": true})");
  EXPECT_THAT(ChainError(), HasSubstr("a Dense module with use_residual is not supported"));
  Write("2_Dense/config.json",
        R"({"in_features": 8, "out_features": 4, "module_input_name": "token_embeddings"})");
  EXPECT_THAT(ChainError(), HasSubstr("input \"token_embeddings\""));
  Write("2_Dense/config.json",
        R"({"in_features": 8, "out_features": 4, "activation_function": "torch.nn.Softplus"})");
  EXPECT_THAT(ChainError(), HasSubstr("activation \"torch.nn.Softplus\" is not one of"));
  Write("2_Dense/config.json", R"({"in_features": 0, "out_features": 4})");
  EXPECT_THAT(ChainError(), HasSubstr("in_features is 0, expected 1 to"));
  Write("1_Pooling/config.json", R"({"pooling_mode": "median"})");
  EXPECT_THAT(ChainError(), HasSubstr("pooling_mode \"median\" is not one of cls, max"));
  Write("modules.json", R"([{"type": "sentence_transformers.models.LSTM", "path": ""}])");
  EXPECT_THAT(ChainError(), HasSubstr("module \"sentence_transformers.models.LSTM\" is not one"));
  Write("modules.json", R"([{"type": "a.Pooling", "path": "../elsewhere"}])");
  EXPECT_THAT(ChainError(), HasSubstr("\"../elsewhere\" leaves the model directory"));
  Write("modules.json", "{}");
  EXPECT_THAT(ChainError(), HasSubstr("modules.json: expected an array, found an object"));
}

}  // namespace
}  // namespace podium::nn
