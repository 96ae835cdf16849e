// The loops around a GEMM tile: which blocks of the operands are worked on while they are in which
// cache. Nothing here depends on the ISA but the sizes in GemmMicroF32, and no choice here changes
// a result, since every sum is one chain over p whatever the blocks are.
//
//   for 256 rows of A (one block)             A block: 256 x 256 floats = 256 KiB, packed, in L2
//     for 256 of k                            (2 MiB on Sapphire Rapids, 256 KiB-1 MiB elsewhere)
//       for every panel of B in the range     panel block: 256 x 32 floats = 32 KiB, in L1 (48 KiB)
//         for every tile of rows              tile of A: 256 x 14 floats = 14 KiB, from L2
//                                             sums: 14 x 32, in registers
//
// Per step of k a 14 x 32 tile does 28 FMAs (14 cycles on two ports) and reads 128 bytes of B from
// L1 and 56 bytes of A. Packing A makes those 14 floats one cache line: in place they would be 14
// lines, whose addresses fall into the same L1 set whenever lda is a multiple of 1024.
#include <algorithm>

#include "kernels/kernels_internal.h"

namespace podium::kernels {
namespace {

constexpr size_t kBlockRows = 256;
constexpr size_t kBlockDepth = 256;

// A packed tile takes pack_stride floats for its tile_rows rows: 16 for 14, or 8 for 6. So a block
// takes at most 4/3 of its rows and a tile.
static_assert((kBlockRows * 4 / 3 + 16) * kBlockDepth * sizeof(float) <= kGemmScratchBytes);

constexpr size_t DivideUp(size_t a, size_t b) {
  return (a + b - 1) / b;
}

// Rows of A in tiles of about equal height: 256 = 9 x 14 + 10 x 13 rather than 18 x 14 + 4.
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
  size_t row;
  size_t p;
  size_t depth;
  RowTiles tiles;
  float* packed;

  size_t tile_floats() const { return depth * micro.pack_stride; }

  void Pack() const {
    for (size_t t = 0; t < tiles.count; ++t) {
      const size_t first = tiles.begin(t);
      micro.pack(args.a + (row + first) * args.lda + p, args.lda, tiles.begin(t + 1) - first, depth,
                 packed + t * tile_floats(), micro.pack_stride);
    }
  }

  // `columns` columns from `column`, whose part of the packed weights `panel` is. `next` comes from
  // L3 meanwhile, a share with each tile.
  void RunPanel(size_t column, size_t columns, const float* panel, const float* next) const {
    const size_t share = DivideUp(micro.panel_columns, tiles.count);
    for (size_t t = 0; t < tiles.count; ++t) {
      const size_t first = row + tiles.begin(t);
      const size_t rows = row + tiles.begin(t + 1) - first;
      const size_t at = first * args.ldc + column;
      micro.tile({.a = packed + t * tile_floats(),
                  .a_stride = micro.pack_stride,
                  .b = panel,
                  .b_stride = micro.panel_columns,
                  .k = depth,
                  .rows = rows,
                  .columns = columns,
                  .c = args.c + at,
                  .ldc = args.ldc,
                  .accumulate = p != 0,
                  .prefetch = next + t * share * depth,
                  .prefetch_step = share});
      if (p + depth == args.b.k) {
        micro.finish({.c = args.c + at,
                      .ldc = args.ldc,
                      .rows = rows,
                      .columns = columns,
                      .bias = args.bias == nullptr ? nullptr : args.bias + column,
                      .residual = args.residual == nullptr ? nullptr : args.residual + at,
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
  for (size_t row = 0; row < args.m; row += kBlockRows) {
    const RowTiles tiles(std::min(kBlockRows, args.m - row), micro.tile_rows);
    // A product over nothing (k = 0) still owes bias, activation and residual: one empty round.
    for (size_t p = 0; p == 0 || p < k; p += kBlockDepth) {
      const Block block = {micro,
                           args,
                           row,
                           p,
                           std::min(kBlockDepth, k - p),
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
