// A tile of a product in reduced numbers on AMX: 32 rows x 32 columns of sums in four tile
// registers. Included once by each gemm_*_amx.cc, and by the tests with an emulated tile unit.
// Everything is private to the including file. docs/kernels.md has the model behind the numbers.
//
//        B, 16 steps: a panel of 32 columns, 128 bytes a step
//                     b0: 16 columns   b1: 16 columns         loaded with stride 128
//      a0: 16 rows    sums 00          sums 01
//      a1: 16 rows    sums 10          sums 11                4 + 2 + 2 = all 8 registers
//      A, in place: a line of 64 bytes of each row
//
// Per 16 steps four loads and four products, each on sums of its own: a product takes 16 cycles and
// has its result after 52, so that four in flight keep the unit busy (4 x 16 > 52).
//
// REQUIRES of what comes in: steps a multiple of 16, sums 64-byte aligned with whole panels.
#pragma once

#include <cstddef>
#include <cstdint>

#include "kernels/kernels_internal.h"
#include "kernels/tile_amx-inl.h"

namespace podium::kernels {
namespace {

// Registers.
constexpr int kSums00 = 0;
constexpr int kSums01 = 1;
constexpr int kSums10 = 2;
constexpr int kSums11 = 3;
constexpr int kA0 = 4;
constexpr int kA1 = 5;
constexpr int kB0 = 6;
constexpr int kB1 = 7;

constexpr size_t kSumBytes = 4;
constexpr size_t kUnitRows = kTileRegisterRows;
constexpr size_t kAmxTileRows = 2 * kUnitRows;
constexpr size_t kAmxPanelColumns = 2 * kTileRegisterRowBytes / kStepBytes;
constexpr size_t kPanelStepBytes = kAmxPanelColumns * kStepBytes;
constexpr size_t kPanelLineBytes = kStepsPerLine * kPanelStepBytes;  // of B, for a line of A

// 256 steps of a panel are 32 KiB: they stay in an L1 of 48 KiB, beside the sums of this tile and
// of the one that is finished meanwhile (4 KiB each), while one tile of rows after another passes.
// Each of those brings as many bytes of A from L2, once: hence TileLoadOnce. From L2 a product
// would need 64 bytes a cycle, all that it can deliver; with B in L1 it is 32.
constexpr size_t kAmxBlockSteps = 256;
static_assert(kAmxBlockSteps * kPanelStepBytes == size_t{32} << 10);

// Rows that the tile unit of this thread is configured for: 0 if released.
thread_local size_t configured_rows = 0;

// Full tiles, but for `rows` of A and of sums: 16 in all products but those of fewer rows.
void ConfigureFor(size_t rows) {
  if (configured_rows == rows) {
    return;
  }
  TileConfig config;
  for (int tile = 0; tile < kB0; ++tile) {  // sums and A
    config.rows[tile] = static_cast<uint8_t>(rows);
  }
  TileConfigure(config);
  configured_rows = rows;
}

void EndTiles() noexcept {
  TileRelease();
  configured_rows = 0;
}

// Vector units finish the rows of the tile before, some with each line of A, while the tile unit
// multiplies.
class BesideRows {
 public:
  BesideRows(const ReducedTile& t, size_t lines) : finish_(t.finish) {
    if (t.beside != nullptr) {
      rest_ = *t.beside;
      share_ = lines == 0 ? rest_.rows : (rest_.rows + lines - 1) / lines;
    }
  }

  PODIUM_TILE_INLINE void FinishSome() {
    if (rest_.rows != 0) {
      FinishFirst(rest_.rows < share_ ? rest_.rows : share_);
    }
  }

 private:
  [[gnu::noinline]] void FinishFirst(size_t rows) {
    ReducedFinish some = rest_;
    some.rows = rows;
    finish_(some);
    rest_.rows -= rows;
    rest_.sums = static_cast<const std::byte*>(rest_.sums) + rows * rest_.sums_stride * kSumBytes;
    rest_.row_scales = rest_.row_scales == nullptr ? nullptr : rest_.row_scales + rows;
    rest_.residual =
        rest_.residual == nullptr ? nullptr : rest_.residual + rows * rest_.residual_stride;
    rest_.c.data =
        static_cast<std::byte*>(rest_.c.data) + rows * RowBytes(rest_.c.numbers, rest_.c.stride);
  }

  void (*finish_)(const ReducedFinish& finish) noexcept;
  ReducedFinish rest_;
  size_t share_ = 0;
};

// Where the second 16 rows lie, in bytes from the first. They are the tile's last: where it has
// fewer than 32 they take up some of the first once more, with the same result, so that no row is
// read that does not exist and the tile unit stays as it is configured.
struct SecondUnit {
  size_t a_offset;
  size_t sums_offset;
  size_t sums_stride;  // from row to row

  explicit SecondUnit(const ReducedTile& t) : sums_stride(t.sums_stride * kSumBytes) {
    const size_t first = t.rows > kUnitRows ? t.rows - kUnitRows : 0;
    a_offset = first * t.a_stride;
    sums_offset = first * sums_stride;
  }
};

// Dot: `template <int kSum, int kA, int kB> static void Add()`. kTwo: more than 16 rows.
template <typename Dot, bool kTwo>
PODIUM_TILE_INLINE void AddLine(const std::byte* a, size_t a_stride, size_t a_offset,
                                const std::byte* b) {
  TileLoad<kB0>(b, kPanelStepBytes);
  TileLoadOnce<kA0>(a, a_stride);
  Dot::template Add<kSums00, kA0, kB0>();
  TileLoad<kB1>(b + kTileRegisterRowBytes, kPanelStepBytes);
  Dot::template Add<kSums01, kA0, kB1>();
  if constexpr (kTwo) {
    TileLoadOnce<kA1>(a + a_offset, a_stride);
    Dot::template Add<kSums10, kA1, kB0>();
    Dot::template Add<kSums11, kA1, kB1>();
  }
}

template <typename Dot, bool kTwo>
void AddSegment(const ReducedTile& t, const TileSegment& segment, size_t a_offset,
                BesideRows& beside) {
  const std::byte* a = segment.a;
  const std::byte* b = segment.b;
  const std::byte* next = segment.next;
  const size_t prefetch_lines = next == nullptr ? 0 : t.prefetch_lines;
  const size_t a_stride = t.a_stride;
  for (const std::byte* const end = a + t.steps * kStepBytes; a != end;) {
    AddLine<Dot, kTwo>(a, a_stride, a_offset, b);
    a += kTileRegisterRowBytes;
    b += kPanelLineBytes;
    for (size_t i = 0; i < prefetch_lines; ++i, next += kTileRegisterRowBytes) {
      __builtin_prefetch(next, 0, 2);  // into L2
    }
    beside.FinishSome();
  }
}

template <bool kTwo>
PODIUM_TILE_INLINE void LoadSums(const ReducedTile& t, const SecondUnit& second) {
  if (!t.accumulate) {
    TileZero<kSums00>();
    TileZero<kSums01>();
    if constexpr (kTwo) {
      TileZero<kSums10>();
      TileZero<kSums11>();
    }
    return;
  }
  const auto* const sums = static_cast<const std::byte*>(t.sums);
  TileLoad<kSums00>(sums, second.sums_stride);
  TileLoad<kSums01>(sums + kTileRegisterRowBytes, second.sums_stride);
  if constexpr (kTwo) {
    TileLoad<kSums10>(sums + second.sums_offset, second.sums_stride);
    TileLoad<kSums11>(sums + second.sums_offset + kTileRegisterRowBytes, second.sums_stride);
  }
}

template <bool kTwo>
PODIUM_TILE_INLINE void StoreSums(const ReducedTile& t, const SecondUnit& second) {
  auto* const sums = static_cast<std::byte*>(t.sums);
  TileStore<kSums00>(sums, second.sums_stride);
  TileStore<kSums01>(sums + kTileRegisterRowBytes, second.sums_stride);
  if constexpr (kTwo) {
    TileStore<kSums10>(sums + second.sums_offset, second.sums_stride);
    TileStore<kSums11>(sums + second.sums_offset + kTileRegisterRowBytes, second.sums_stride);
  }
}

template <typename Dot, bool kTwo>
void RunUnits(const ReducedTile& t) {
  const SecondUnit second(t);
  BesideRows beside(t, t.segment_count * t.steps / kStepsPerLine);
  LoadSums<kTwo>(t, second);
  for (size_t g = 0; g < t.segment_count; ++g) {
    AddSegment<Dot, kTwo>(t, t.segments[g], second.a_offset, beside);
  }
  beside.FinishSome();  // all, if there was nothing to multiply
  StoreSums<kTwo>(t, second);
}

// REQUIRES: 0 < t.rows <= kAmxTileRows.
template <typename Dot>
void RunAmxTile(const ReducedTile& t) noexcept {
  ConfigureFor(t.rows < kUnitRows ? t.rows : kUnitRows);
  if (t.rows > kUnitRows) {
    RunUnits<Dot, true>(t);
  } else {
    RunUnits<Dot, false>(t);
  }
}

struct DotBf16 {
  template <int kSum, int kA, int kB>
  PODIUM_TILE_INLINE static void Add() {
    TileDotBf16<kSum, kA, kB>();
  }
};

struct DotI8 {
  template <int kSum, int kA, int kB>
  PODIUM_TILE_INLINE static void Add() {
    TileDotI8<kSum, kA, kB>();
  }
};

// The tile unit is configured by the first tile, whose height it depends on.
template <typename Dot>
constexpr GemmMicroReduced AmxMicro(void (*finish)(const ReducedFinish& finish) noexcept) {
  return {.tile_rows = kAmxTileRows,
          .panel_columns = kAmxPanelColumns,
          .step_multiple = kStepsPerLine,
          .block_steps = kAmxBlockSteps,
          .row_unit = kUnitRows,
          .finishes_beside = true,
          .begin = nullptr,
          .end = EndTiles,
          .tile = RunAmxTile<Dot>,
          .finish = finish};
}

}  // namespace
}  // namespace podium::kernels
