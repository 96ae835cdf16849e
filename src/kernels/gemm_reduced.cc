// The loops around a GEMM tile in reduced numbers. Rows of A are read in place, since a step of
// theirs is the 4 bytes that a lane takes, and weights in panels (packed_matrix.h):
//
//   for a block of rows of A            1024 rows: sums of a panel fit the scratch
//     for every panel of B in the range
//       for a block of steps            so many that this part of the panel stays in L1
//         for every tile of rows        A streams from L2
//
// The sums of a panel wait in the scratch between blocks of steps, as the floats that they are: so
// neither blocks nor tiles change a result. What follows in B is asked for meanwhile, a share with
// each tile, if the micro kernel does so; and one that multiplies in a unit of its own finishes the
// rows of the tile before (bias, activation, conversion) beside it.
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

  // `next`: of what follows b, or null. a_part and b_part: from the high part of either to the low.
  Segments(Numbers numbers, const TileSegment& high, size_t a_part, size_t b_part) : items{high} {
    if (numbers == Numbers::kSplit) {
      const std::byte* const next = high.next == nullptr ? nullptr : high.next + b_part;
      items = {{{high.a + a_part, high.b, high.next},
                {high.a, high.b + b_part, next},
                {high.a, high.b, nullptr}}};
      count = 3;
    }
  }
};

// A block of rows on its way over the panels.
struct RowBlock {
  const GemmMicroReduced& micro;
  const GemmArgs& args;
  size_t row;  // the first
  TiledRows tiles;
  ReducedFinish& pending;  // of the last tile, if the micro kernel finishes beside the next one

  size_t a_stride() const { return RowBytes(args.a.numbers, args.a.stride); }
  size_t step_bytes() const { return micro.panel_columns * kStepBytes; }  // of a panel

  // `columns` columns from `column`, whose weights `panel` is; `next_panel` may be null.
  void RunPanel(size_t column, size_t columns, const std::byte* panel,
                const std::byte* next_panel) const {
    const size_t end = args.b.steps;
    for (size_t step = 0; step == 0 || step < end; step += micro.block_steps) {
      const size_t steps = std::min(micro.block_steps, end - step);
      const std::byte* const b = panel + step * step_bytes();
      const std::byte* const next = step + steps < end ? b + steps * step_bytes() : next_panel;
      for (size_t t = 0; t < tiles.count; ++t) {
        RunTile(t, step, steps, b, next);
        if (step + steps == end) {
          Finish(t, column, columns);
        }
      }
    }
  }

 private:
  float* sums(size_t tile) const {
    return static_cast<float*>(args.scratch) + tiles.begin(tile) * micro.panel_columns;
  }
  size_t rows(size_t tile) const { return tiles.begin(tile + 1) - tiles.begin(tile); }

  void RunTile(size_t tile, size_t step, size_t steps, const std::byte* b,
               const std::byte* next) const {
    const auto* const a = static_cast<const std::byte*>(args.a.data) +
                          (row + tiles.begin(tile)) * a_stride() + step * kStepBytes;
    // 16 steps of a panel are panel_columns lines: each tile asks for its share of what follows.
    const size_t share = DivideUp(micro.panel_columns, tiles.count);
    const size_t skipped = tile * share * steps * kStepBytes;
    const Segments segments(args.b.numbers, {a, b, next == nullptr ? nullptr : next + skipped},
                            args.a.stride * BytesPerElement(args.a.numbers),
                            args.b.steps * step_bytes());
    micro.tile({.segments = segments.items.data(),
                .segment_count = segments.count,
                .a_stride = a_stride(),
                .steps = steps,
                .rows = rows(tile),
                .sums = sums(tile),
                .sums_stride = micro.panel_columns,
                .accumulate = step != 0,
                .prefetch_lines = share,
                .beside = pending.rows == 0 ? nullptr : &pending,
                .finish = micro.finish});
    pending.rows = 0;
  }

  void Finish(size_t tile, size_t column, size_t columns) const {
    const ReducedFinish finish = FinishOf(tile, column, columns);
    if (micro.finishes_beside) {
      pending = finish;
    } else {
      micro.finish(finish);
    }
  }

  ReducedFinish FinishOf(size_t tile, size_t column, size_t columns) const {
    const size_t first = row + tiles.begin(tile);
    const bool scaled = args.b.numbers == Numbers::kI8;
    const Rows& c = args.c;
    const size_t element = BytesPerElement(c.numbers);
    std::byte* const at =
        static_cast<std::byte*>(c.data) + first * RowBytes(c.numbers, c.stride) + column * element;
    const size_t line_end = RowStride(c.numbers, args.b.n);
    const size_t end = column + columns;
    return {.sums = sums(tile),
            .sums_stride = micro.panel_columns,
            .rows = rows(tile),
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
            .padding = end == args.b.n ? line_end - end : 0};
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
  ReducedFinish pending;
  for (size_t row = 0; row < args.m; row += kBlockRows) {
    const TiledRows tiles(std::min(kBlockRows, args.m - row), micro);
    const RowBlock block = {micro, args, row, tiles, pending};
    for (size_t column = args.n_begin; column < n_end; column += width) {
      const std::byte* const panel = weights + column / width * panel_bytes;
      block.RunPanel(column, std::min(width, n_end - column), panel,
                     column + width < n_end ? panel + panel_bytes : nullptr);
    }
  }
  if (pending.rows != 0) {
    micro.finish(pending);
  }
  if (micro.end != nullptr) {
    micro.end();
  }
}

}  // namespace podium::kernels
