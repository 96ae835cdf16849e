#include "nn/layers/embedding.h"

#include <array>

namespace podium::nn {
namespace {

std::string Weight(const std::string& name) {
  return "*" + name + ".weight";
}

// Rows of the word table lie anywhere in memory: they are asked for a few tokens ahead, so that
// several are on their way at once.
constexpr size_t kPrefetchDistance = 4;

void Prefetch(const char* begin, size_t bytes) {
  constexpr size_t kLine = 64;
  for (size_t at = 0; at < bytes; at += kLine) {
    __builtin_prefetch(begin + at);
  }
}

size_t IdAt(const TokenBatch& batch, size_t token) {
  return static_cast<size_t>(batch.ids[token]);
}

}  // namespace

void FillPositions(PositionRule rule, int32_t padding_id, std::span<const int32_t> ids,
                   std::span<int32_t> positions) {
  int32_t counted = 0;
  for (size_t t = 0; t < ids.size(); ++t) {
    switch (rule) {
      case PositionRule::kSequential: positions[t] = static_cast<int32_t>(t); break;
      case PositionRule::kSkipPadding:
        positions[t] = ids[t] == padding_id ? padding_id : padding_id + ++counted;
        break;
    }
  }
}

Result<Embedding> Embedding::Load(const EncoderSpec& spec, const Arithmetic& arithmetic,
                                  Checkpoint& checkpoint) {
  Embedding embedding;
  const kernels::KernelTable& table = *arithmetic.table;
  embedding.table_ = &table;
  embedding.rule_ = spec.position_rule;
  embedding.padding_id_ = spec.padding_id;
  const size_t width = spec.embedding_size;
  embedding.width_ = width;
  const EncoderNames& names = spec.names;
  PODIUM_ASSIGN_OR_RETURN(embedding.words_, checkpoint.View(Weight(names.word_embedding),
                                                            std::array{spec.vocab_size, width}));
  PODIUM_ASSIGN_OR_RETURN(
      embedding.positions_,
      checkpoint.Read(Weight(names.position_embedding), std::array{spec.position_rows, width}));
  if (!names.type_embedding.empty()) {
    PODIUM_ASSIGN_OR_RETURN(
        embedding.types_,
        checkpoint.Read(Weight(names.type_embedding), std::array{spec.type_vocab_size, width}));
  }
  PODIUM_ASSIGN_OR_RETURN(embedding.norm_, checkpoint.ReadNorm(table, "*" + names.embedding_norm,
                                                               width, spec.norm_eps));
  if (!names.embedding_projection.empty()) {
    PODIUM_ASSIGN_OR_RETURN(
        embedding.projection_,
        checkpoint.ReadLinear(arithmetic.Exact(), "*" + names.embedding_projection,
                              spec.hidden_size, width));
  }
  return embedding;
}

// Rows of the block's sequences [begin, end).
void Embedding::Sum(const TokenBatch& batch, const Block& block, const Activations& act,
                    size_t begin, size_t end, float* out) const {
  const size_t row_bytes = width_ * io::DTypeBytes(words_.dtype);
  io::TensorView word = words_;
  for (size_t i = begin; i < end; ++i) {
    const size_t first = batch.offsets[block.sequences[i]];
    for (size_t t = 0; t < block.length(i); ++t) {
      if (t + kPrefetchDistance < block.length(i)) {
        Prefetch(words_.bytes.data() + IdAt(batch, first + t + kPrefetchDistance) * row_bytes,
                 row_bytes);
      }
      const size_t row = block.offsets[i] + t;
      float* x = out + row * width_;
      word.bytes = words_.bytes.substr(IdAt(batch, first + t) * row_bytes, row_bytes);
      // Cannot fail: the type was read at load time and the sizes agree.
      static_cast<void>(io::ReadF32Into(word, {x, width_}, io::NonFinite::kAllow).ok());
      if (!types_.empty()) {
        const auto type = static_cast<size_t>(batch.type_ids[first + t]);
        table_->add(x, types_.data() + type * width_, width_, x);
      }
      const auto position = static_cast<size_t>(act.positions[row]);
      table_->add(x, positions_.data() + position * width_, width_, x);
    }
  }
}

void Embedding::Forward(const TokenBatch& batch, const Block& block, Numbers next, Activations& act,
                        Crew& crew) const {
  crew.Enter(Stage::kEmbed);
  act.positions.Resize(block.tokens());
  for (size_t i = 0; i < block.size(); ++i) {
    const size_t first = batch.offsets[block.sequences[i]];
    FillPositions(rule_, padding_id_, std::span(batch.ids).subspan(first, block.length(i)),
                  act.positions.span().subspan(block.offsets[i], block.length(i)));
  }
  float* sums = projection_ ? act.y.data() : act.x.data();
  crew.Share(block.size(), 1,
             [&](size_t begin, size_t end, Scratch&) { Sum(batch, block, act, begin, end, sums); });
  if (!projection_) {
    act.input = norm_.Apply(sums, block.tokens(), next, act.operand, crew);
    return;
  }
  norm_.Apply(sums, block.tokens(), crew);
  const size_t hidden = projection_->outputs();
  const kernels::Rows states = FloatRows(act.x.data(), hidden);
  projection_->Apply({.x = FloatRows(sums, width_), .rows = block.tokens(), .y = states}, crew);
  act.input = AsOperand(*table_, states, {block.tokens(), hidden}, next, act.operand, crew);
}

}  // namespace podium::nn
