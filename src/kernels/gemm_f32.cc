// The loops around a GEMM tile: which blocks of the operands are worked on while they are in which
// cache. The sizes come from GemmMicroF32 (gemm_f32_*.cc derives them); none of them changes a
// result, since every sum is one chain over p whatever the blocks are.
//
//                                           AVX-512               AVX2
//   for a block of rows of A                128 rows              128 rows
//     for a block of k                      384                   512
//       pack the block of A                 192 KiB, in L2        256 KiB, in L2
//       for every panel of B in the range   384 x 32: 48 KiB      512 x 16: 32 KiB
//         for every tile of rows            14 x 32 sums          6 x 16 sums, in registers
//
// A is packed so that the 14 (6) floats of one step of k are one cache line. In place they would be
// 14 lines, whose addresses fall into the same set of L1 whenever lda is a multiple of 1024.
#include <algorithm>

#include "kernels/kernels_internal.h"

namespace podium::kernels {
namespace {

constexpr size_t DivideUp(size_t a, size_t b) {
  return (a + b - 1) / b;
}

// Rows of A in tiles of about equal height: 128 = 8 x 13 + 2 x 12 rather than 9 x 14 + 2.
struct RowTiles {
  size_t rows;
  size_t count;

  RowTiles(size_t rows_in, size_t tile_rows) : rows(rows_in), count(DivideUp(rows_in, tile_rows)) {}
  size_t begin(size_t tile) const { return rows * tile / count; }
};

// One block of A (rows from `row`, packed) and of k ([p, p + depth)) on its way over the panels.
struct Block {
  const GemmMicroF32& micro;
  const GemmArgs& args;
  size_t row = 0;
  size_t p = 0;
  size_t depth = 0;
  RowTiles tiles = {0, 1};
  float* packed = nullptr;

  size_t tile_floats() const { return depth * micro.pack_stride; }
  const float* a() const { return static_cast<const float*>(args.a.data); }
  float* c() const { return static_cast<float*>(args.c.data); }

  void Pack() const {
    for (size_t t = 0; t < tiles.count; ++t) {
      const size_t first = tiles.begin(t);
      micro.pack(a() + (row + first) * args.a.stride + p, args.a.stride, tiles.begin(t + 1) - first,
                 depth, packed + t * tile_floats(), micro.pack_stride);
    }
  }

  // `columns` columns from `column`, whose part of the packed weights `panel` is. `next` comes from
  // L3 meanwhile, a share with each tile.
  void RunPanel(size_t column, size_t columns, const float* panel, const float* next) const {
    const size_t share = DivideUp(micro.panel_columns, tiles.count);
    for (size_t t = 0; t < tiles.count; ++t) {
      const size_t first = row + tiles.begin(t);
      const size_t rows = row + tiles.begin(t + 1) - first;
      const size_t at = first * args.c.stride + column;
      micro.tile({.a = packed + t * tile_floats(),
                  .a_stride = micro.pack_stride,
                  .b = panel,
                  .b_stride = micro.panel_columns,
                  .k = depth,
                  .rows = rows,
                  .columns = columns,
                  .c = c() + at,
                  .ldc = args.c.stride,
                  .accumulate = p != 0,
                  .prefetch = next + t * share * depth,
                  .prefetch_step = share});
      if (p + depth == args.b.k) {
        micro.finish({.c = c() + at,
                      .ldc = args.c.stride,
                      .rows = rows,
                      .columns = columns,
                      .bias = args.bias == nullptr ? nullptr : args.bias + column,
                      .residual = args.residual == nullptr
                                      ? nullptr
                                      : args.residual + first * args.residual_stride + column,
                      .residual_stride = args.residual_stride,
                      .activation = args.activation});
      }
    }
  }
};

}  // namespace

void GemmBlockedF32(const GemmMicroF32& micro, const GemmArgs& args) noexcept {
  const size_t k = args.b.k;
  const size_t width = micro.panel_columns;
  const size_t n_end = args.n_end == 0 ? args.b.n : args.n_end;
  const auto* const weights = static_cast<const float*>(args.b.data);
  for (size_t row = 0; row < args.m; row += micro.block_rows) {
    const RowTiles tiles(std::min(micro.block_rows, args.m - row), micro.tile_rows);
    // A product over nothing (k = 0) still owes bias, activation and residual: one empty round.
    for (size_t p = 0; p == 0 || p < k; p += micro.block_depth) {
      const Block block = {micro,
                           args,
                           row,
                           p,
                           std::min(micro.block_depth, k - p),
                           tiles,
                           static_cast<float*>(args.scratch)};
      block.Pack();
      for (size_t column = args.n_begin; column < n_end; column += width) {
        const float* const panel = weights + column * k + p * width;
        const float* const next = column + width < n_end ? panel + width * k : panel;
        block.RunPanel(column, std::min(width, n_end - column), panel, next);
      }
    }
  }
}

}  // namespace podium::kernels
