#include "nn/models/output.h"

#include <algorithm>
#include <array>

#include "base/format.h"

namespace podium::nn {

void VectorStack::AddLinear(Linear linear, Activation activation) {
  steps_.emplace_back(Dense{std::move(linear), activation});
}

void VectorStack::AddNorm(LayerNorm norm) {
  steps_.emplace_back(std::move(norm));
}

void VectorStack::AddNormalize() {
  steps_.emplace_back(Normalize{});
}

size_t VectorStack::outputs(size_t inputs) const {
  for (const auto& step : steps_) {
    if (const auto* dense = std::get_if<Dense>(&step)) {
      inputs = dense->linear.outputs();
    }
  }
  return inputs;
}

size_t VectorStack::widest(size_t inputs) const {
  size_t most = inputs;
  for (const auto& step : steps_) {
    if (const auto* dense = std::get_if<Dense>(&step)) {
      most = std::max(most, dense->linear.outputs());
    }
  }
  return most;
}

void VectorStack::Apply(size_t count, AlignedBuffer<float>& x, AlignedBuffer<float>& other,
                        Crew& crew) const {
  for (const auto& step : steps_) {
    if (const auto* dense = std::get_if<Dense>(&step)) {
      other.Resize(count * dense->linear.outputs());
      dense->linear.Apply({.x = FloatRows(x.data(), dense->linear.inputs()),
                           .rows = count,
                           .y = FloatRows(other.data(), dense->linear.outputs()),
                           .activation = dense->activation},
                          crew);
      std::swap(x, other);
    } else if (const auto* norm = std::get_if<LayerNorm>(&step)) {
      norm->Apply(x.data(), count, crew);
    } else {
      const size_t width = x.size() / count;
      for (size_t i = 0; i < count; ++i) {
        NormalizeL2(x.span().subspan(i * width, width));
      }
    }
  }
}

Result<OutputStage> OutputStage::LoadHead(const EncoderSpec& spec, const HeadSpec& head,
                                          size_t labels, const Arithmetic& arithmetic,
                                          Checkpoint& checkpoint) {
  OutputStage stage;
  stage.hidden_ = spec.hidden_size;
  stage.outputs_ = labels;
  stage.rows_ = Rows::kFirst;
  PODIUM_ASSIGN_OR_RETURN(Linear dense, checkpoint.ReadLinear(arithmetic.Exact(), head.dense,
                                                              spec.hidden_size, spec.hidden_size));
  stage.stack_.AddLinear(std::move(dense), head.activation);
  PODIUM_ASSIGN_OR_RETURN(
      Linear out, checkpoint.ReadLinear(arithmetic.Exact(), head.out, labels, spec.hidden_size));
  stage.stack_.AddLinear(std::move(out), Activation::kNone);
  return stage;
}

namespace {

// The weights of one module folder of sentence-transformers.
Status AddModule(const ModuleStep& step, size_t width, const std::filesystem::path& dir,
                 const Arithmetic& arithmetic, VectorStack& stack) {
  if (step.kind == ModuleKind::kNormalize) {
    stack.AddNormalize();
    return Status::Ok();
  }
  const std::filesystem::path folder = dir / step.folder;
  if (step.inputs != width) {
    return InvalidArgument(Format("{}: expects vectors of {} values, the module before it gives {}",
                                  (folder / "config.json").string(), step.inputs, width));
  }
  const std::string name = step.kind == ModuleKind::kDense ? "linear" : "norm";
  PODIUM_ASSIGN_OR_RETURN(Checkpoint weights, Checkpoint::Open(folder, "", name + ".weight"));
  if (step.kind == ModuleKind::kDense) {
    PODIUM_ASSIGN_OR_RETURN(Linear dense, weights.ReadLinear(arithmetic.Exact(), name, step.outputs,
                                                             step.inputs, step.bias));
    stack.AddLinear(std::move(dense), step.activation);
  } else {
    constexpr double kEps = 1e-5;  // torch.nn.LayerNorm's default, which the module uses
    PODIUM_ASSIGN_OR_RETURN(LayerNorm norm,
                            weights.ReadNorm(*arithmetic.table, name, step.inputs, kEps));
    stack.AddNorm(std::move(norm));
  }
  return weights.CheckRest({}).status();
}

}  // namespace

Result<OutputStage> OutputStage::LoadChain(const EncoderSpec& spec, const HeadSpec& pooler,
                                           const ModuleChain& chain,
                                           const std::filesystem::path& dir,
                                           const Arithmetic& arithmetic, Checkpoint& checkpoint) {
  OutputStage stage;
  stage.hidden_ = spec.hidden_size;
  stage.pooling_ = chain.pooling;
  const bool pooler_only = chain.pooling == std::vector{Pooling::kPooler};
  const bool first_only = pooler_only || chain.pooling == std::vector{Pooling::kCls};
  stage.rows_ = first_only ? Rows::kFirst : Rows::kAll;
  if (pooler_only) {
    if (pooler.dense.empty()) {
      return Unsupported(Format("{}: this family of models has no pooler", dir.string()));
    }
    PODIUM_ASSIGN_OR_RETURN(
        Linear dense, checkpoint.ReadLinear(arithmetic.Exact(), pooler.dense, spec.hidden_size,
                                            spec.hidden_size));
    stage.stack_.AddLinear(std::move(dense), pooler.activation);
  }
  size_t width = stage.stack_.outputs(spec.hidden_size * chain.pooling.size());
  for (const ModuleStep& step : chain.steps) {
    PODIUM_RETURN_IF_ERROR(AddModule(step, width, dir, arithmetic, stage.stack_));
    width = stage.stack_.outputs(width);
  }
  stage.outputs_ = width;
  return stage;
}

void OutputStage::PoolSequence(const Block& block, size_t i, std::span<const float> states,
                               std::span<float> out) const {
  const std::span<const float> rows =
      states.subspan(block.offsets[i] * hidden_, block.length(i) * hidden_);
  for (size_t p = 0; p < pooling_.size(); ++p) {
    Pool(pooling_[p], rows, out.subspan((i * pooling_.size() + p) * hidden_, hidden_));
  }
}

size_t OutputStage::widest() const {
  return stack_.widest(hidden_ * std::max<size_t>(pooling_.size(), 1));
}

void OutputStage::Forward(const Block& block, AlignedBuffer<float>& states,
                          AlignedBuffer<float>& out, Crew& crew) const {
  crew.Enter(Stage::kHead);
  const size_t count = block.size();
  if (rows_ == Rows::kFirst) {
    std::swap(states, out);
    out.Resize(count * hidden_);
  } else {
    out.Resize(count * pooling_.size() * hidden_);
    crew.Share(count, 1, [&](size_t begin, size_t end, Scratch&) {
      for (size_t i = begin; i < end; ++i) {
        PoolSequence(block, i, states.span(), out.span());
      }
    });
  }
  stack_.Apply(count, out, states, crew);
}

}  // namespace podium::nn
