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

}  // namespace

void GemmBlockedF32(const GemmMicroF32& micro, const GemmArgs& args) noexcept {
  const size_t k = args.b.k;
  const size_t width = micro.panel_columns;
  const size_t n_end = args.n_end == 0 ? args.b.n : args.n_end;
  const auto* const weights = static_cast<const float*>(args.b.data);
  auto* const packed = static_cast<float*>(args.scratch);
  for (size_t row = 0; row < args.m; row += kBlockRows) {
    const RowTiles tiles(std::min(kBlockRows, args.m - row), micro.tile_rows);
    // A product over nothing (k = 0) still owes bias, activation and residual: one empty round.
    for (size_t p = 0; p == 0 || p < k; p += kBlockDepth) {
      const size_t depth = std::min(kBlockDepth, k - p);
      const size_t tile_floats = depth * micro.pack_stride;
      for (size_t t = 0; t < tiles.count; ++t) {
        const size_t first = tiles.begin(t);
        micro.pack(args.a + (row + first) * args.lda + p, args.lda, tiles.begin(t + 1) - first,
                   depth, packed + t * tile_floats, micro.pack_stride);
      }
      for (size_t column = args.n_begin; column < n_end; column += width) {
        const size_t columns = std::min(width, n_end - column);
        const float* const panel = weights + column * k + p * width;
        // The next panel comes from L3 while this one is worked on, a share with each tile.
        const float* const next = column + width < n_end ? panel + width * k : panel;
        const size_t share = DivideUp(width, tiles.count);
        for (size_t t = 0; t < tiles.count; ++t) {
          const size_t first = row + tiles.begin(t);
          const size_t rows = row + tiles.begin(t + 1) - first;
          float* const c = args.c + first * args.ldc + column;
          micro.tile({.a = packed + t * tile_floats,
                      .a_stride = micro.pack_stride,
                      .b = panel,
                      .b_stride = width,
                      .k = depth,
                      .rows = rows,
                      .columns = columns,
                      .c = c,
                      .ldc = args.ldc,
                      .accumulate = p != 0,
                      .prefetch = next + t * share * depth,
                      .prefetch_step = share});
          if (p + depth == k) {
            micro.finish({.c = c,
                          .ldc = args.ldc,
                          .rows = rows,
                          .columns = columns,
                          .bias = args.bias == nullptr ? nullptr : args.bias + column,
                          .residual = args.residual == nullptr
                                          ? nullptr
                                          : args.residual + first * args.ldc + column,
                          .activation = args.activation});
          }
        }
      }
    }
  }
}

}  // namespace podium::kernels
