// The loops around a GEMM tile in reduced numbers. Rows of A are read in place, since a step of
// theirs is the 4 bytes that a lane takes, and weights in panels (packed_matrix.h):
//
//   for a block of rows of A            1024 rows: sums of a panel fit the scratch
//     for every panel of B in the range
//       for a block of steps            so many that this part of the panel stays in L1
//         for every tile of rows        A streams from L2
//
// The sums of a panel wait in the scratch between blocks of steps, as the floats that they are: so
// neither blocks nor tiles change a result.
#include <algorithm>
#include <array>
#include <cstddef>

#include "kernels/kernels_internal.h"

namespace podium::kernels {
namespace {

constexpr size_t kBlockRows = 1024;
constexpr size_t kMaxPanelColumns = 32;
static_assert(kBlockRows * kMaxPanelColumns * sizeof(float) <= kGemmScratchBytes);

constexpr size_t DivideUp(size_t a, size_t b) {
  return (a + b - 1) / b;
}

// The parts of A and of a panel whose products make up a sum. A float is high + low to 2^-17 of it,
// and low is at most 2^-8 of it (a rounding to 8 bits): so is low times low 2^-16 of the product,
// and left out. Small ones first.
struct Segments {
  std::array<TileSegment, 3> items;
  size_t count = 1;

  Segments(Numbers numbers, const std::byte* a, const std::byte* b, size_t a_part, size_t b_part)
      : items{{{a, b}}} {
    if (numbers == Numbers::kSplit) {
      items = {{{a + a_part, b}, {a, b + b_part}, {a, b}}};
      count = 3;
    }
  }
};

// A block of rows on its way over the panels.
struct RowBlock {
  const GemmMicroReduced& micro;
  const GemmArgs& args;
  size_t row = 0;  // the first
  size_t rows = 0;
  size_t tiles = 0;  // of about equal height

  size_t a_stride() const { return RowBytes(args.a.numbers, args.a.stride); }
  size_t tile_begin(size_t tile) const { return rows * tile / tiles; }

  void RunPanel(size_t column, size_t columns, const std::byte* panel) const {
    const size_t width = micro.panel_columns;
    for (size_t step = 0; step == 0 || step < args.b.steps; step += micro.block_steps) {
      const size_t steps = std::min(micro.block_steps, args.b.steps - step);
      for (size_t t = 0; t < tiles; ++t) {
        const size_t begin = tile_begin(t);
        const size_t count = tile_begin(t + 1) - begin;
        void* const sums = static_cast<float*>(args.scratch) + begin * width;
        const auto* const a = static_cast<const std::byte*>(args.a.data) +
                              (row + begin) * a_stride() + step * kStepBytes;
        const Segments segments(args.b.numbers, a, panel + step * width * kStepBytes,
                                args.a.stride * BytesPerElement(args.a.numbers),
                                args.b.steps * width * kStepBytes);
        micro.tile({.segments = segments.items.data(),
                    .segment_count = segments.count,
                    .a_stride = a_stride(),
                    .steps = steps,
                    .rows = count,
                    .sums = sums,
                    .sums_stride = width,
                    .accumulate = step != 0});
        if (step + steps == args.b.steps) {
          Finish(row + begin, count, column, columns, sums);
        }
      }
    }
  }

  void Finish(size_t first, size_t count, size_t column, size_t columns, const void* sums) const {
    const bool scaled = args.b.numbers == Numbers::kI8;
    const Rows& c = args.c;
    const size_t element = BytesPerElement(c.numbers);
    std::byte* const at =
        static_cast<std::byte*>(c.data) + first * RowBytes(c.numbers, c.stride) + column * element;
    const size_t line_end = RowStride(c.numbers, args.b.n);
    const size_t end = column + columns;
    micro.finish({.sums = sums,
                  .sums_stride = micro.panel_columns,
                  .rows = count,
                  .columns = columns,
                  .row_scales = scaled ? args.a.scales + first : nullptr,
                  .column_scales = scaled ? args.b.scales + column : nullptr,
                  .corrections = scaled ? args.b.sums + column : nullptr,
                  .bias = args.bias == nullptr ? nullptr : args.bias + column,
                  .residual = args.residual == nullptr
                                  ? nullptr
                                  : args.residual + first * args.residual_stride + column,
                  .residual_stride = args.residual_stride,
                  .activation = args.activation,
                  .c = {.numbers = c.numbers, .data = at, .stride = c.stride, .scales = nullptr},
                  .padding = end == args.b.n ? line_end - end : 0});
  }
};

}  // namespace

void GemmBlockedReduced(const GemmMicroReduced& micro, const GemmArgs& args) noexcept {
  const size_t width = micro.panel_columns;
  const size_t n_end = args.n_end == 0 ? args.b.n : args.n_end;
  const size_t parts = args.b.numbers == Numbers::kSplit ? 2 : 1;
  const size_t panel_bytes = parts * args.b.steps * width * kStepBytes;
  const auto* const weights = static_cast<const std::byte*>(args.b.data);
  if (micro.begin != nullptr) {
    micro.begin();
  }
  for (size_t row = 0; row < args.m; row += kBlockRows) {
    const size_t rows = std::min(kBlockRows, args.m - row);
    const RowBlock block = {micro, args, row, rows, DivideUp(rows, micro.tile_rows)};
    for (size_t column = args.n_begin; column < n_end; column += width) {
      block.RunPanel(column, std::min(width, n_end - column),
                     weights + column / width * panel_bytes);
    }
  }
  if (micro.end != nullptr) {
    micro.end();
  }
}

}  // namespace podium::kernels
