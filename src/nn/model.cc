#include "nn/model.h"

#include <algorithm>
#include <cstring>
#include <span>
#include <utility>

#include "base/format.h"
#include "io/json.h"
#include "nn/models/block_plan.h"
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
  mutable WorkspacePool workspaces;

  Status LoadOutput(const std::filesystem::path& dir, const LoadOptions& options,
                    const ModelConfig& config, const Arithmetic& arithmetic,
                    Checkpoint& checkpoint);
  void Describe(const std::filesystem::path& dir, const ModelConfig& config);
  void RunBlock(const TokenBatch& batch, const Block& block, Workspace& workspace, Crew& crew,
                const StateObserver& observer, std::span<float> results) const;
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

void Model::Impl::RunBlock(const TokenBatch& batch, const Block& block, Workspace& workspace,
                           Crew& crew, const StateObserver& observer,
                           std::span<float> results) const {
  encoder.Forward(batch, block, output.rows(), workspace.act, crew, observer);
  output.Forward(block, workspace.act.x, workspace.out, crew);
  const size_t width = output.outputs();
  for (size_t i = 0; i < block.size(); ++i) {
    std::copy_n(workspace.out.data() + i * width, width,
                results.data() + block.sequences[i] * width);
  }
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
  PODIUM_ASSIGN_OR_RETURN(impl->encoder, Encoder::Load(config.encoder, arithmetic, checkpoint));
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
  const BlockPlan plan = PlanBlocks(batch, pool.size());
  std::vector<WorkspacePool::Lease> leases(pool.size());
  const auto lease_to = [&](size_t worker) {
    leases[worker] = impl_->workspaces.Acquire();
    leases[worker]->scratch.clock = {.running = options.stages != nullptr};
  };
  if (plan.together) {
    std::vector<Scratch*> scratch;
    for (size_t worker = 0; worker < pool.size(); ++worker) {
      lease_to(worker);
      scratch.push_back(&leases[worker]->scratch);
    }
    Crew crew(pool, scratch);
    for (const Block& block : plan.blocks) {
      impl_->RunBlock(batch, block, *leases.front(), crew, options.observer, results);
    }
  } else {
    pool.ParallelFor(plan.blocks.size(), [&](size_t index, size_t worker) {
      if (!leases[worker]) {
        lease_to(worker);
      }
      Crew crew(leases[worker]->scratch);
      impl_->RunBlock(batch, plan.blocks[index], *leases[worker], crew, options.observer, results);
    });
  }
  for (const WorkspacePool::Lease& lease : leases) {
    if (options.stages != nullptr && lease) {
      *options.stages += lease->scratch.clock.booked;
    }
  }
  return results;
}

}  // namespace podium::nn
