// Attention of one head in terms of Vec. Included once by each attention_f32_*.cc.
//
// Queries lie along the lanes, in panels of two vectors (W = 2 * kLanes queries):
//
//   scores   S[j][i] = k[j] . q[i]         a GEMM tile: keys as A (packed once), queries as B
//   softmax  down each column of S         no sum or maximum ever crosses lanes
//   output   O[d][i] = sum v[j][d] S[j][i]  a GEMM tile: v as A in place, S as B
//
// Every number of a query is computed in its own lane, keys ascending, so it does not depend on the
// queries beside it. S (keys x W) of 512 keys is 64 KiB and stays in L2.
#pragma once

#include "kernels/kernels_internal.h"
#include "kernels/math_f32-inl.h"
#include "kernels/pack_f32-inl.h"
#include "kernels/vec-inl.h"

namespace podium::kernels {
namespace {

constexpr size_t kPanelQueries = 2 * kLanes;

constexpr size_t DivideUp(size_t a, size_t b) {
  return (a + b - 1) / b;
}

// Where things lie in AttentionArgs::scratch, and how keys and dimensions are cut into tiles.
struct AttentionPlan {
  size_t key_tiles;
  size_t dim_tiles;
  float* keys;     // [key_tiles][head_dim][kLanes]
  float* scores;   // [keys][kPanelQueries]
  float* queries;  // [head_dim][kPanelQueries]
  float* output;   // [head_dim][kPanelQueries]

  void (*run_tile)(const GemmTile&) noexcept;

  AttentionPlan(const AttentionArgs& args, const GemmMicroF32& micro)
      : key_tiles(DivideUp(args.keys, kTileRows)),
        dim_tiles(DivideUp(args.head_dim, kTileRows)),
        keys(static_cast<float*>(args.scratch)),
        scores(keys + key_tiles * args.head_dim * kLanes),
        queries(scores + args.keys * kPanelQueries),
        output(queries + args.head_dim * kPanelQueries),
        run_tile(micro.tile) {}
};

// scores[j][i] = scale * scores[j][i] + bias[i][j], for `lanes` queries from query `first`.
void AddBias(const AttentionArgs& args, size_t first, size_t lanes, size_t width, float* scores) {
  const Vec scale = Set1(args.scale);
  for (size_t begin = 0; begin < lanes; begin += kLanes) {
    const size_t rows = lanes - begin < kLanes ? lanes - begin : kLanes;
    const float* const bias = args.bias + (first + begin) * args.bias_stride;
    for (size_t j = 0; j < args.keys; j += kLanes) {
      const size_t count = args.keys - j < kLanes ? args.keys - j : kLanes;
      Vec block[kLanes];
      for (size_t r = 0; r < kLanes; ++r) {
        block[r] = r < rows ? LoadFirst(bias + r * args.bias_stride + j, count) : Zero();
      }
      Transpose(block);
      for (size_t i = 0; i < count; ++i) {
        float* const s = scores + (j + i) * width + begin;
        Store(s, Fma(Load(s), scale, block[i]));
      }
    }
  }
}

// scores[j][i] = exp(scale * scores[j][i] - greatest of the column); sums[v] = the columns' sums.
template <size_t kVectors>
void SoftmaxColumns(float* scores, size_t keys, float scale_value, Vec sums[kVectors]) {
  constexpr size_t kWidth = kVectors * kLanes;
  const Vec scale = Set1(scale_value);
  Vec top[kVectors];
  for (size_t v = 0; v < kVectors; ++v) {
    top[v] = Set1(-__builtin_inff());
    sums[v] = Zero();
  }
  for (size_t j = 0; j < keys; ++j) {
    for (size_t v = 0; v < kVectors; ++v) {
      // NaN is passed over here and comes back through Exp.
      top[v] = Max(Load(scores + j * kWidth + v * kLanes) * scale, top[v]);
    }
  }
  for (size_t j = 0; j < keys; ++j) {
    for (size_t v = 0; v < kVectors; ++v) {
      float* const s = scores + j * kWidth + v * kLanes;
      const Vec e = Exp(Load(s) * scale - top[v]);
      Store(s, e);
      sums[v] = sums[v] + e;
    }
  }
}

// Turns output[d][i] / sums[i] back into rows.
template <size_t kVectors>
void StoreOutput(const AttentionArgs& args, size_t first, size_t lanes, const float* output,
                 const Vec sums[kVectors]) {
  for (size_t v = 0; v < kVectors; ++v) {
    const Vec inverse = Set1(1.0F) / sums[v];
    const size_t begin = v * kLanes;
    const size_t rows = lanes - begin < kLanes ? lanes - begin : kLanes;
    for (size_t d = 0; d < args.head_dim; d += kLanes) {
      const size_t count = args.head_dim - d < kLanes ? args.head_dim - d : kLanes;
      Vec block[kLanes];
      for (size_t i = 0; i < kLanes; ++i) {
        block[i] =
            i < count ? Load(output + (d + i) * kVectors * kLanes + begin) * inverse : Zero();
      }
      Transpose(block);
      for (size_t r = 0; r < rows; ++r) {
        StoreFirst(args.out + (first + begin + r) * args.out_stride + d, block[r], count);
      }
    }
  }
}

// `lanes` queries from query `first`, in kVectors vectors.
template <size_t kVectors>
void AttendPanel(const AttentionArgs& args, const AttentionPlan& plan, size_t first, size_t lanes) {
  constexpr size_t kWidth = kVectors * kLanes;
  const size_t dims = args.head_dim;
  for (size_t begin = 0; begin < kWidth; begin += kLanes) {
    const size_t rows = lanes - begin < kLanes ? lanes - begin : kLanes;
    PackTransposed(args.q + (first + begin) * args.q_stride, args.q_stride, rows, dims,
                   plan.queries + begin, kWidth);
  }
  for (size_t t = 0; t < plan.key_tiles; ++t) {
    const size_t j = args.keys * t / plan.key_tiles;
    plan.run_tile({.a = plan.keys + t * dims * kLanes,
                   .a_stride = kLanes,
                   .b = plan.queries,
                   .b_stride = kWidth,
                   .k = dims,
                   .rows = args.keys * (t + 1) / plan.key_tiles - j,
                   .columns = kWidth,
                   .c = plan.scores + j * kWidth,
                   .ldc = kWidth,
                   .accumulate = false,
                   .prefetch = plan.queries});
  }
  if (args.bias != nullptr) {
    AddBias(args, first, lanes, kWidth, plan.scores);
  }
  Vec sums[kVectors];
  SoftmaxColumns<kVectors>(plan.scores, args.keys, args.bias == nullptr ? args.scale : 1.0F, sums);
  for (size_t t = 0; t < plan.dim_tiles; ++t) {
    const size_t d = dims * t / plan.dim_tiles;
    plan.run_tile({.a = args.v + d,
                   .a_stride = args.v_stride,
                   .b = plan.scores,
                   .b_stride = kWidth,
                   .k = args.keys,
                   .rows = dims * (t + 1) / plan.dim_tiles - d,
                   .columns = kWidth,
                   .c = plan.output + d * kWidth,
                   .ldc = kWidth,
                   .accumulate = false,
                   .prefetch = plan.queries});
  }
  StoreOutput<kVectors>(args, first, lanes, plan.output, sums);
}

void Attend(const AttentionArgs& args, const GemmMicroF32& micro) {
  if (args.queries == 0 || args.head_dim == 0) {
    return;
  }
  const AttentionPlan plan(args, micro);
  for (size_t t = 0; t < plan.key_tiles; ++t) {
    const size_t j = args.keys * t / plan.key_tiles;
    PackTransposed(args.k + j * args.k_stride, args.k_stride,
                   args.keys * (t + 1) / plan.key_tiles - j, args.head_dim,
                   plan.keys + t * args.head_dim * kLanes, kLanes);
  }
  for (size_t first = 0; first < args.queries; first += kPanelQueries) {
    const size_t lanes = args.queries - first;
    if (lanes > kLanes) {
      AttendPanel<2>(args, plan, first, lanes < kPanelQueries ? lanes : kPanelQueries);
    } else {
      AttendPanel<1>(args, plan, first, lanes);
    }
  }
}

}  // namespace
}  // namespace podium::kernels
