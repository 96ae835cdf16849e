// Attention of one head in bf16, in terms of Vec and of the tile of a product in bf16. Included
// once by each attention_bf16_*.cc. Everything is private to the including file.
//
//   S = Q K^T    a product with queries in place as A, and keys packed in panels of 32 as B
//   P = exp(scale S + bias - greatest of the row), rounded to bf16; the row's sum stays float
//   O = P V      a product with P as A, and values packed in panels of 32 dimensions as B
//
// for a tile of queries at a time, so that S (tile x keys) stays in the core's own caches. What a
// query gets depends on its own row of S alone.
#pragma once

#include <cstddef>
#include <cstdint>

#include "kernels/kernels_internal.h"
#include "kernels/loops_f32-inl.h"
#include "kernels/math_bf16-inl.h"
#include "kernels/vec-inl.h"

namespace podium::kernels {
namespace {

constexpr size_t kPanelColumns = 2 * kLanes;
constexpr size_t kMaxTileQueries = 32;

constexpr size_t RoundUp(size_t a, size_t unit) {
  return (a + unit - 1) / unit * unit;
}

// Where things lie in AttentionArgs::scratch.
struct Bf16Plan {
  size_t key_columns;  // keys in whole panels
  size_t dim_columns;  // dimensions in whole panels
  size_t dim_steps;    // pairs of dimensions: the depth of S
  size_t key_steps;    // pairs of keys: the depth of O
  uint32_t* keys;      // [key_columns / 32][dim_steps][32]
  uint32_t* values;    // [dim_columns / 32][key_steps][32]
  float* scores;       // [tile][key_columns]
  float* output;       // [tile][dim_columns]
  uint16_t* weights;   // P: [tile][key_columns]

  Bf16Plan(const AttentionBf16Args& args, size_t step_multiple)
      : key_columns(RoundUp(args.keys, kPanelColumns)),
        dim_columns(RoundUp(args.head_dim, kPanelColumns)),
        dim_steps(RoundUp((args.head_dim + 1) / 2, step_multiple)),
        key_steps(RoundUp((args.keys + 1) / 2, step_multiple)),
        keys(static_cast<uint32_t*>(args.scratch)),
        values(keys + key_columns * dim_columns / 2),
        scores(reinterpret_cast<float*>(values + key_columns * dim_columns / 2)),
        output(scores + kMaxTileQueries * key_columns),
        weights(reinterpret_cast<uint16_t*>(output + kMaxTileQueries * dim_columns)) {}
};

// keys[panel][step][key]: dimensions 2 step and 2 step + 1 of a key.
void PackKeys(const AttentionBf16Args& args, const Bf16Plan& plan) {
  for (size_t first = 0; first < plan.key_columns; first += kLanes) {
    uint32_t* const panel =
        plan.keys + first / kPanelColumns * plan.dim_steps * kPanelColumns + first % kPanelColumns;
    for (size_t step = 0; step < plan.dim_steps; step += kLanes) {
      const size_t dim = 2 * step;
      Vec block[kLanes];
      PODIUM_UNROLL
      for (size_t r = 0; r < kLanes; ++r) {
        const bool inside = first + r < args.keys && dim < args.head_dim;
        const uint16_t* const row = args.k + (first + r) * args.k_stride + dim;
        block[r] =
            inside ? Vec{_mm512_castsi512_ps(LoadWordsFirst(row, args.head_dim - dim))} : Zero();
      }
      Transpose(block);
      const size_t count = plan.dim_steps - step < kLanes ? plan.dim_steps - step : kLanes;
      for (size_t s = 0; s < count; ++s) {
        Store(reinterpret_cast<float*>(panel + (step + s) * kPanelColumns), block[s]);
      }
    }
  }
}

// values[panel][step][dim]: keys 2 step and 2 step + 1 of a dimension.
void PackValues(const AttentionBf16Args& args, const Bf16Plan& plan) {
  // Words of two rows by turns: 0 0' 1 1' …
  alignas(64) static constexpr uint16_t kTurns[32] = {0,  32, 1,  33, 2,  34, 3,  35, 4,  36, 5,
                                                      37, 6,  38, 7,  39, 8,  40, 9,  41, 10, 42,
                                                      11, 43, 12, 44, 13, 45, 14, 46, 15, 47};
  const __m512i low = _mm512_load_si512(kTurns);
  const __m512i high = _mm512_add_epi16(low, _mm512_set1_epi16(16));
  for (size_t dim = 0; dim < args.head_dim; dim += kPanelColumns) {
    const size_t count = args.head_dim - dim;
    uint32_t* out = plan.values + dim * plan.key_steps;
    for (size_t key = 0; key < 2 * plan.key_steps; key += 2, out += kPanelColumns) {
      const uint16_t* const row = args.v + key * args.v_stride + dim;
      const __m512i zero = _mm512_setzero_si512();
      const __m512i a = key < args.keys ? LoadWordsFirst(row, count) : zero;
      const __m512i b = key + 1 < args.keys ? LoadWordsFirst(row + args.v_stride, count) : zero;
      _mm512_store_si512(out, _mm512_permutex2var_epi16(a, low, b));
      _mm512_store_si512(out + kLanes, _mm512_permutex2var_epi16(a, high, b));
    }
  }
}

// scores = scale * scores + bias, in place.
void AddBias(const AttentionBf16Args& args, const float* bias, float* scores) {
  const Vec scale = Set1(args.scale);
  for (size_t j = 0; j < args.keys; j += kLanes) {
    const size_t n = args.keys - j;
    StoreFirst(scores + j, Fma(LoadFirst(scores + j, n), scale, LoadFirst(bias + j, n)), n);
  }
}

// weights[j] = exp(scale * (scores[j] - the greatest)) for j < keys, zero up to `columns`; returns
// their sum. REQUIRES: scale > 0.
float SoftmaxToBf16(const float* scores, size_t keys, float scale, uint16_t* weights,
                    size_t columns) {
  Vec top = Set1(-__builtin_inff());
  const Vec lowest = top;
  size_t j = 0;
  for (; j + kLanes <= keys; j += kLanes) {
    top = Max(Load(scores + j), top);  // NaN is passed over here and comes back through exp
  }
  if (j < keys) {
    const Vec rest = LoadFirst(scores + j, keys - j);
    top = Max(Vec{_mm512_mask_mov_ps(lowest.v, FirstLanes(keys - j), rest.v)}, top);
  }
  // exp(scale (s - top)) = 2^(factor s - shift)
  const Vec factor = Set1(scale * kLog2E);
  const Vec shift = Set1(ReduceMax(top)) * factor;
  const auto exp = [=](Vec s)
                       PODIUM_VEC_LAMBDA { return FastExp2(Fma(s, factor, Zero() - shift)); };
  Vec sums[2] = {Zero(), Zero()};
  for (j = 0; j + kPanelColumns <= keys; j += kPanelColumns) {
    const Vec low = exp(Load(scores + j));
    const Vec high = exp(Load(scores + j + kLanes));
    sums[0] = sums[0] + low;
    sums[1] = sums[1] + high;
    StoreBf16Line(weights + j, low, high);
  }
  for (; j < columns; j += kLanes) {
    const size_t n = j < keys ? keys - j : 0;
    const Vec e = KeepFirst(exp(LoadFirst(scores + j, n)), n);
    sums[0] = sums[0] + e;
    StoreBf16First(weights + j, ToBf16(e), kLanes);
  }
  return ReduceAdd(sums[0] + sums[1]);
}

void StoreQuery(const AttentionBf16Args& args, size_t query, const float* output, float sum) {
  const Vec inverse = Set1(1.0F / sum);
  uint16_t* const out = args.out + query * args.out_stride;
  for (size_t d = 0; d < args.head_dim; d += kLanes) {
    StoreBf16First(out + d, ToBf16(Load(output + d) * inverse), args.head_dim - d);
  }
}

// Queries [first, first + rows).
void AttendTile(const AttentionBf16Args& args, const Bf16Plan& plan, const GemmMicroReduced& micro,
                size_t first, size_t rows) {
  for (size_t key = 0; key < plan.key_columns; key += kPanelColumns) {
    const TileSegment segment = {
        reinterpret_cast<const std::byte*>(args.q + first * args.q_stride),
        reinterpret_cast<const std::byte*>(plan.keys + key * plan.dim_steps)};
    micro.tile({.segments = &segment,
                .segment_count = 1,
                .a_stride = args.q_stride * sizeof(uint16_t),
                .steps = plan.dim_steps,
                .rows = rows,
                .sums = plan.scores + key,
                .sums_stride = plan.key_columns,
                .accumulate = false});
  }
  float sums[kMaxTileQueries];
  for (size_t r = 0; r < rows; ++r) {
    float* const scores = plan.scores + r * plan.key_columns;
    float scale = args.scale;
    if (args.bias != nullptr) {
      AddBias(args, args.bias + (first + r) * args.bias_stride, scores);
      scale = 1.0F;
    }
    sums[r] = SoftmaxToBf16(scores, args.keys, scale, plan.weights + r * plan.key_columns,
                            plan.key_columns);
  }
  for (size_t dim = 0; dim < args.head_dim; dim += kPanelColumns) {
    const TileSegment segment = {
        reinterpret_cast<const std::byte*>(plan.weights),
        reinterpret_cast<const std::byte*>(plan.values + dim * plan.key_steps)};
    micro.tile({.segments = &segment,
                .segment_count = 1,
                .a_stride = plan.key_columns * sizeof(uint16_t),
                .steps = plan.key_steps,
                .rows = rows,
                .sums = plan.output + dim,
                .sums_stride = plan.dim_columns,
                .accumulate = false});
  }
  for (size_t r = 0; r < rows; ++r) {
    StoreQuery(args, first + r, plan.output + r * plan.dim_columns, sums[r]);
  }
}

void AttendBf16(const AttentionBf16Args& args, const GemmMicroReduced& micro) {
  if (args.queries == 0 || args.head_dim == 0) {
    return;
  }
  const Bf16Plan plan(args, micro.step_multiple);
  if (micro.begin != nullptr) {
    micro.begin();
  }
  PackKeys(args, plan);
  PackValues(args, plan);
  const TiledRows tiles(args.queries, micro);
  for (size_t t = 0; t < tiles.count; ++t) {
    AttendTile(args, plan, micro, tiles.begin(t), tiles.begin(t + 1) - tiles.begin(t));
  }
  if (micro.end != nullptr) {
    micro.end();
  }
}

}  // namespace
}  // namespace podium::kernels
