#include "nn/weights/random_checkpoint.h"

#include <array>
#include <cmath>
#include <memory>
#include <string_view>
#include <vector>

#include "base/format.h"
#include "io/file.h"
#include "io/json.h"
#include "nn/models/family.h"
#include "nn/models/layer_name.h"
#include "nn/weights/safetensors_writer.h"

namespace podium::nn {
namespace {

using io::Json;

// splitmix64 (Steele, Lea, Flood 2014): the same numbers with every standard library.
class Random {
 public:
  explicit Random(uint64_t seed) : state_(seed) {}

  // Uniform in [-1, 1).
  float Next() {
    state_ += 0x9e3779b97f4a7c15U;
    uint64_t z = state_;
    z = (z ^ (z >> 30U)) * 0xbf58476d1ce4e5b9U;
    z = (z ^ (z >> 27U)) * 0x94d049bb133111ebU;
    z ^= z >> 31U;
    return static_cast<float>(static_cast<double>(z >> 11U) * 0x1p-52 - 1.0);
  }

 private:
  uint64_t state_;
};

// What a layer adds to the states, relative to them. With a gain of 1 everywhere the first token,
// which is the same in all sequences, would learn little of its own: logits would differ by little
// more than the rounding errors that are measured against their spread, the more so the deeper the
// model. As it is, the first layer mixes the tokens, the others refine, and the errors of bf16 are
// some 0.5 % of the spread (of int8 2 %) from 6 layers to 24, as in trained models.
struct Gains {
  float context = 0;  // of the attention
  float feed_forward = 0;
};
constexpr Gains kFirstLayer = {40.0F, 0.05F};
constexpr Gains kOtherLayers = {0.1F, 0.05F};
// Attention scores of this deviation or so: a token attends to most of the others.
constexpr float kQueryGain = 0.5F;
// Words must tell sequences apart, which positions and segments do not.
constexpr float kWordSpread = 1.0F;
constexpr float kPlaceSpread = 0.05F;

class Builder {
 public:
  Builder(const RandomCheckpoint& shape, const Family& family)
      : shape_(shape),
        family_(family),
        prefix_(shape.classifier ? family.prefix : ""),
        random_(std::make_shared<Random>(shape.seed)) {}

  std::vector<TensorSource> Build();

 private:
  void Add(std::string_view name, std::vector<size_t> shape, float middle, float spread);
  void AddLinear(const std::string& name, size_t outputs, size_t inputs, float gain = 1.0F);
  void AddNorm(const std::string& name, size_t width);
  void AddLayer(size_t layer);

  const RandomCheckpoint& shape_;
  const Family& family_;
  std::string prefix_;
  std::shared_ptr<Random> random_;
  std::vector<TensorSource> tensors_;
};

// Values are uniform in middle +- spread.
void Builder::Add(std::string_view name, std::vector<size_t> shape, float middle, float spread) {
  const bool prefixed = name.starts_with('*');
  tensors_.push_back({(prefixed ? prefix_ : "") + std::string(name.substr(prefixed ? 1 : 0)),
                      std::move(shape),
                      [random = random_, middle, spread](std::span<float> values) {
                        for (float& value : values) {
                          value = middle + spread * random->Next();
                        }
                      }});
}

// Weights of variance 1 / inputs keep the size of what flows through; `gain` is a factor to it.
void Builder::AddLinear(const std::string& name, size_t outputs, size_t inputs, float gain) {
  Add(name + ".weight", {outputs, inputs}, 0.0F,
      gain * std::sqrt(3.0F / static_cast<float>(inputs)));
  Add(name + ".bias", {outputs}, 0.0F, 0.1F);
}

void Builder::AddNorm(const std::string& name, size_t width) {
  Add(name + ".weight", {width}, 1.0F, 0.25F);
  Add(name + ".bias", {width}, 0.0F, 0.1F);
}

void Builder::AddLayer(size_t layer) {
  const EncoderNames& names = family_.names;
  const size_t hidden = shape_.hidden_size;
  const Gains& gains = layer == 0 ? kFirstLayer : kOtherLayers;
  AddLinear(LayerName(names.query, layer), hidden, hidden, kQueryGain);
  AddLinear(LayerName(names.key, layer), hidden, hidden, kQueryGain);
  AddLinear(LayerName(names.value, layer), hidden, hidden, gains.context);
  AddLinear(LayerName(names.attention_output, layer), hidden, hidden);
  AddNorm(LayerName(names.attention_norm, layer), hidden);
  AddLinear(LayerName(names.ffn_up, layer), shape_.intermediate_size, hidden);
  AddLinear(LayerName(names.ffn_down, layer), hidden, shape_.intermediate_size, gains.feed_forward);
  AddNorm(LayerName(names.ffn_norm, layer), hidden);
}

size_t PositionRows(const RandomCheckpoint& shape, const Family& family) {
  const bool offset = family.position_rule == PositionRule::kSkipPadding;
  return shape.positions + (offset ? static_cast<size_t>(family.keys.padding_id.fallback) + 1 : 0);
}

std::vector<TensorSource> Builder::Build() {
  const EncoderNames& names = family_.names;
  const size_t hidden = shape_.hidden_size;
  Add("*" + names.word_embedding + ".weight", {shape_.vocab_size, hidden}, 0.0F, kWordSpread);
  Add("*" + names.position_embedding + ".weight", {PositionRows(shape_, family_), hidden}, 0.0F,
      kPlaceSpread);
  if (!names.type_embedding.empty()) {
    Add("*" + names.type_embedding + ".weight",
        {static_cast<size_t>(family_.keys.type_vocab_size.fallback), hidden}, 0.0F, kPlaceSpread);
  }
  if (!names.relative_bias.empty()) {
    Add("*" + names.relative_bias + ".weight",
        {static_cast<size_t>(family_.keys.bias_buckets.fallback), shape_.heads}, 0.0F, 0.5F);
  }
  AddNorm("*" + names.embedding_norm, hidden);
  for (size_t layer = 0; layer < shape_.layers; ++layer) {
    AddLayer(layer);
  }
  if (shape_.classifier) {
    AddLinear(family_.head.dense, hidden, hidden);
    AddLinear(family_.head.out, shape_.labels, hidden);
  }
  return std::move(tensors_);
}

Json Config(const RandomCheckpoint& shape, const Family& family) {
  const ConfigKeys& keys = family.keys;
  Json config;
  config["architectures"] = {shape.classifier ? family.classifier : family.encoders.front()};
  config["model_type"] = family.model_type;
  const auto set = [&config](const ConfigKey& key, size_t value) {
    if (!key.key.empty()) {
      config[key.key] = value;
    }
  };
  set(keys.vocab_size, shape.vocab_size);
  set(keys.type_vocab_size, static_cast<size_t>(keys.type_vocab_size.fallback));
  set(keys.position_rows, PositionRows(shape, family));
  set(keys.embedding_size, shape.hidden_size);
  set(keys.hidden_size, shape.hidden_size);
  set(keys.layers, shape.layers);
  set(keys.heads, shape.heads);
  set(keys.intermediate_size, shape.intermediate_size);
  set(keys.bias_buckets, static_cast<size_t>(keys.bias_buckets.fallback));
  set(keys.padding_id, static_cast<size_t>(keys.padding_id.fallback));
  config[keys.activation] = "gelu";
  if (!keys.norm_eps.empty()) {
    config[keys.norm_eps] = 1e-12;
  }
  if (shape.classifier) {
    for (size_t label = 0; label < shape.labels; ++label) {
      config["id2label"][std::to_string(label)] = Format("LABEL_{}", label);
    }
  }
  return config;
}

}  // namespace

RandomCheckpoint MiniLmL6Shape() {
  return {};
}

RandomCheckpoint BertBaseShape() {
  RandomCheckpoint shape;
  shape.hidden_size = 768;
  shape.layers = 12;
  shape.intermediate_size = 3072;
  return shape;
}

namespace {

RandomCheckpoint Layers(RandomCheckpoint shape, size_t layers) {
  shape.layers = layers;
  return shape;
}

RandomCheckpoint XlmRoberta(RandomCheckpoint shape) {
  shape.family = "xlm-roberta";
  shape.vocab_size = 250002;
  return shape;
}

struct NamedShape {
  std::string_view name;
  RandomCheckpoint shape;
};

const std::vector<NamedShape>& NamedShapes() {
  static const std::vector<NamedShape> kShapes = [] {
    RandomCheckpoint large = Layers(BertBaseShape(), 24);
    large.hidden_size = 1024;
    large.heads = 16;
    large.intermediate_size = 4096;
    RandomCheckpoint tiny;
    tiny.vocab_size = 1000;
    tiny.hidden_size = 64;
    tiny.layers = 2;
    tiny.heads = 4;
    tiny.intermediate_size = 128;
    return std::vector<NamedShape>{
        {"minilm-l6", MiniLmL6Shape()},   {"minilm-l12", Layers(MiniLmL6Shape(), 12)},
        {"bert-base", BertBaseShape()},   {"bge-base", XlmRoberta(BertBaseShape())},
        {"bge-large", XlmRoberta(large)}, {"tiny", tiny}};
  }();
  return kShapes;
}

}  // namespace

std::optional<RandomCheckpoint> ShapeFromName(std::string_view name) {
  for (const NamedShape& known : NamedShapes()) {
    if (known.name == name) {
      return known.shape;
    }
  }
  return std::nullopt;
}

std::vector<std::string> ShapeNames() {
  std::vector<std::string> names;
  for (const NamedShape& known : NamedShapes()) {
    names.emplace_back(known.name);
  }
  return names;
}

Status WriteRandomCheckpoint(const RandomCheckpoint& shape, const std::filesystem::path& dir) {
  const Family* family = FindFamily(shape.family);
  if (family == nullptr) {
    return InvalidArgument(Format("there is no family of models named \"{}\"", shape.family));
  }
  std::error_code error;
  std::filesystem::create_directories(dir, error);
  if (error) {
    return IoError(Format("cannot make {}: {}", dir.string(), error.message()));
  }
  PODIUM_RETURN_IF_ERROR(
      WriteSafeTensors(dir / "model.safetensors", Builder(shape, *family).Build()));
  return io::WriteFileAtomic(dir / "config.json", io::DumpJson(Config(shape, *family), 2) + "\n");
}

}  // namespace podium::nn
