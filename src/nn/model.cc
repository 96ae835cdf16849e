#include "nn/model.h"

#include <algorithm>
#include <cstring>
#include <span>
#include <utility>

#include "base/format.h"
#include "base/free_list.h"
#include "io/json.h"
#include "nn/models/limits.h"
#include "nn/models/module_chain.h"
#include "nn/models/output.h"
#include "nn/models/precision.h"
#include "nn/models/workspace.h"
#include "nn/weights/checkpoint.h"

namespace podium::nn {
namespace {

Status CheckSequence(const EncoderSpec& spec, const TokenBatch& batch, size_t sequence) {
  const size_t length = batch.length(sequence);
  if (length == 0 || length > spec.max_positions()) {
    return InvalidArgument(Format("sequence {} has {} tokens, expected 1 to {}", sequence, length,
                                  spec.max_positions()));
  }
  for (size_t t = batch.offsets[sequence]; t < batch.offsets[sequence + 1]; ++t) {
    const int32_t id = batch.ids[t];
    if (id < 0 || static_cast<size_t>(id) >= spec.vocab_size) {
      return InvalidArgument(Format("sequence {}, token {}: id {} is outside the vocabulary of {}",
                                    sequence, t - batch.offsets[sequence], id, spec.vocab_size));
    }
    const int32_t type = batch.type_ids[t];
    if (spec.type_vocab_size > 0 &&
        (type < 0 || static_cast<size_t>(type) >= spec.type_vocab_size)) {
      return InvalidArgument(Format("sequence {}, token {}: type id {} is outside the {} types",
                                    sequence, t - batch.offsets[sequence], type,
                                    spec.type_vocab_size));
    }
  }
  return Status::Ok();
}

Status CheckBatch(const EncoderSpec& spec, const TokenBatch& batch) {
  if (batch.offsets.empty() || batch.offsets.front() != 0 ||
      batch.offsets.back() != batch.ids.size() || batch.type_ids.size() != batch.ids.size() ||
      !std::is_sorted(batch.offsets.begin(), batch.offsets.end())) {
    return InvalidArgument(
        Format("a batch of {} ids, {} type ids and {} offsets does not fit together",
               batch.ids.size(), batch.type_ids.size(), batch.offsets.size()));
  }
  for (size_t sequence = 0; sequence < batch.sequences(); ++sequence) {
    PODIUM_RETURN_IF_ERROR(CheckSequence(spec, batch, sequence));
  }
  return Status::Ok();
}

std::string PoolingText(const std::vector<Pooling>& modes) {
  std::string text;
  for (const Pooling mode : modes) {
    text += text.empty() ? "" : "+";
    text += PoolingName(mode);
  }
  return text;
}

}  // namespace

struct Model::Impl {
  ModelInfo info;
  io::ModelWeights weights;  // the word table stays there
  Encoder encoder;
  OutputStage output;
  mutable FreeList<RequestState> states;

  Status LoadOutput(const std::filesystem::path& dir, const LoadOptions& options,
                    const ModelConfig& config, const Arithmetic& arithmetic,
                    Checkpoint& checkpoint);
  void Describe(const std::filesystem::path& dir, const ModelConfig& config);
};

Status Model::Impl::LoadOutput(const std::filesystem::path& dir, const LoadOptions& options,
                               const ModelConfig& config, const Arithmetic& arithmetic,
                               Checkpoint& checkpoint) {
  if (config.task == ModelTask::kClassify) {
    PODIUM_ASSIGN_OR_RETURN(
        output, OutputStage::LoadHead(config.encoder, config.family->head, config.labels.size(),
                                      arithmetic, checkpoint));
    PODIUM_ASSIGN_OR_RETURN(const ScoreRule rule, ReadScoreRule(dir, config));
    info.activation = rule.activation;
    info.activation_source = rule.source;
    return Status::Ok();
  }
  ModuleChain chain;
  if (options.pooling) {
    chain.pooling = {*options.pooling};
    chain.source = "chosen by the caller";
    if (options.normalize) {
      chain.steps.push_back({.kind = ModuleKind::kNormalize});
    }
  } else {
    PODIUM_ASSIGN_OR_RETURN(chain, ReadModuleChain(dir));
  }
  PODIUM_ASSIGN_OR_RETURN(output, OutputStage::LoadChain(config.encoder, config.family->pooler,
                                                         chain, dir, arithmetic, checkpoint));
  info.pooling = PoolingText(chain.pooling);
  info.pooling_source = chain.source;
  info.normalize = !chain.steps.empty() && chain.steps.back().kind == ModuleKind::kNormalize;
  return Status::Ok();
}

void Model::Impl::Describe(const std::filesystem::path& dir, const ModelConfig& config) {
  const EncoderSpec& spec = config.encoder;
  std::error_code ignored;
  const std::filesystem::path absolute = std::filesystem::absolute(dir, ignored);
  info.name = (absolute.has_filename() ? absolute : absolute.parent_path()).filename().string();
  info.family = config.family->model_type;
  info.architecture = config.architecture;
  info.task = config.task;
  info.hidden_size = spec.hidden_size;
  info.layers = spec.layers;
  info.heads = spec.heads;
  info.intermediate_size = spec.intermediate_size;
  info.vocab_size = spec.vocab_size;
  info.type_vocab_size = spec.type_vocab_size;
  info.activation_function = ActivationName(spec.activation);
  info.max_positions = spec.max_positions();
  info.outputs = output.outputs();
  info.first_token_only = output.rows() == Rows::kFirst;
  info.labels = config.labels;
  info.weight_bytes = encoder.bytes();
}

Result<std::unique_ptr<const Model>> Model::Load(const std::filesystem::path& dir,
                                                 const LoadOptions& options) {
  const kernels::KernelTable* table = options.kernels;
  if (table == nullptr) {
    PODIUM_ASSIGN_OR_RETURN(table, kernels::ActiveKernels());
  }
  PODIUM_ASSIGN_OR_RETURN(const PrecisionChoice precision,
                          ChoosePrecision(options.precision, *table));
  const Arithmetic arithmetic = {table, precision.numbers};
  const std::filesystem::path config_path = dir / "config.json";
  PODIUM_ASSIGN_OR_RETURN(const io::Json json, io::ReadJsonFile(config_path));
  PODIUM_ASSIGN_OR_RETURN(const ModelConfig config, ParseModelConfig(json, config_path.string()));
  auto impl = std::make_unique<Impl>();
  PODIUM_ASSIGN_OR_RETURN(Checkpoint checkpoint,
                          Checkpoint::Open(dir, config.family->prefix,
                                           "*" + config.encoder.names.word_embedding + ".weight"));
  // What an embedding needs of the last layer, its modules say later.
  const Rows rows = config.task == ModelTask::kClassify ? Rows::kFirst : Rows::kAll;
  PODIUM_ASSIGN_OR_RETURN(impl->encoder,
                          Encoder::Load(config.encoder, rows, arithmetic, checkpoint));
  PODIUM_RETURN_IF_ERROR(impl->LoadOutput(dir, options, config, arithmetic, checkpoint));
  PODIUM_ASSIGN_OR_RETURN(impl->info.unused_tensors, checkpoint.CheckRest(config.family->ignored));
  PODIUM_ASSIGN_OR_RETURN(const TokenLimit limit,
                          ReadTokenLimit(dir, config.encoder.max_positions()));
  impl->info.max_tokens = limit.tokens;
  impl->info.max_tokens_source = limit.source;
  impl->info.parameters = checkpoint.parameters();
  impl->info.dtype = impl->encoder.word_dtype();
  impl->info.kernels = table->name;
  impl->info.precision = precision.precision;
  impl->info.precision_source = precision.reason;
  impl->Describe(dir, config);
  impl->weights = std::move(checkpoint).TakeWeights();
  return std::unique_ptr<const Model>(new Model(std::move(impl)));
}

Model::Model(std::unique_ptr<const Impl> impl) : impl_(std::move(impl)) {}
Model::~Model() = default;

const ModelInfo& Model::info() const {
  return impl_->info;
}

Result<std::vector<float>> Model::Run(const TokenBatch& batch, ThreadPool& pool,
                                      const RunOptions& options) const {
  PODIUM_RETURN_IF_ERROR(CheckBatch(impl_->encoder.spec(), batch));
  std::vector<float> results(batch.sequences() * impl_->output.outputs());
  Session session(*this, pool, options);
  RequestState& state = *session.state_;
  state.lengths.clear();
  for (size_t i = 0; i < batch.sequences(); ++i) {
    state.lengths.push_back(static_cast<uint32_t>(batch.length(i)));
  }
  state.plan.Make(state.lengths, pool.size());
  pool.ParallelFor(state.plan.size(), [&](size_t index, size_t worker) {
    Block& block = state.workspaces[worker]->block;
    block.Clear();
    for (const uint32_t sequence : state.plan.sequences(index)) {
      block.Add(sequence, batch.length(sequence));
    }
    session.RunBlock(batch, worker, results);
  });
  return results;
}

Model::Session::Session(const Model& model, ThreadPool& pool, const RunOptions& options)
    : model_(*model.impl_), pool_(pool), options_(options), state_(model_.states.Take()) {
  const EncoderSpec& spec = model_.encoder.spec();
  // BlockPlan deals out whole sequences up to a full block, Run fills up to two.
  const size_t tokens = kBlockTokens + std::max(kBlockTokens, spec.max_positions());
  while (state_->workspaces.size() < pool.size()) {
    state_->workspaces.push_back(std::make_unique<Workspace>());
    state_->workspaces.back()->Reserve(spec, model_.output.widest(), tokens);
    state_->scratch.push_back(&state_->workspaces.back()->scratch);
  }
  for (Scratch* scratch : state_->scratch) {
    scratch->clock = {.running = options.stages != nullptr};
  }
}

Model::Session::~Session() {
  if (options_.stages != nullptr) {
    for (const Scratch* scratch : state_->scratch) {
      *options_.stages += scratch->clock.booked;
    }
  }
  model_.states.Give(std::move(state_));
}

Status Model::Session::Run(const TokenBatch& batch, size_t worker, std::span<float> results) {
  PODIUM_RETURN_IF_ERROR(CheckBatch(model_.encoder.spec(), batch));
  if (results.size() != batch.sequences() * model_.output.outputs()) {
    return InvalidArgument(Format("{} sequences with {} outputs each need as many values, found {}",
                                  batch.sequences(), model_.output.outputs(), results.size()));
  }
  Block& block = state_->workspaces[worker]->block;
  block.Clear();
  for (size_t i = 0; i < batch.sequences(); ++i) {
    if (block.size() > 0 && block.tokens() + batch.length(i) > 2 * kBlockTokens) {
      RunBlock(batch, worker, results);
      block.Clear();
    }
    block.Add(static_cast<uint32_t>(i), batch.length(i));
  }
  if (block.size() > 0) {
    RunBlock(batch, worker, results);
  }
  return Status::Ok();
}

void Model::Session::RunBlock(const TokenBatch& batch, size_t worker, std::span<float> results) {
  Workspace& workspace = *state_->workspaces[worker];
  const Block& block = workspace.block;
  Crew crew(pool_, worker, state_->scratch);
  model_.encoder.Forward(batch, block, model_.output.rows(), workspace.act, crew,
                         options_.observer);
  model_.output.Forward(block, workspace.act.x, workspace.out, crew);
  const size_t width = model_.output.outputs();
  for (size_t i = 0; i < block.size(); ++i) {
    std::copy_n(workspace.out.data() + i * width, width,
                results.data() + block.sequences[i] * width);
  }
}

}  // namespace podium::nn
