// Tiles of a product in reduced numbers, in terms of Vec and of a type Dot that the including file
// defines: what one lane does with 4 bytes of either operand.
//
//   struct Dot {
//     using Sum = …;                                 // Vec or VecI
//     static Sum None();                             // of zeros
//     struct Weights { … };                          // a vector of B, prepared
//     static Weights Prepare(VecI b);
//     struct Row { … };                              // 4 bytes of A in every lane, prepared
//     static Row PrepareRow(const std::byte* a);
//     static Sum Add(Sum sum, Row a, Weights b);     // sum + a . b
//   };
//
// Everything is private to the including file.
#pragma once

#include <cstddef>
#include <cstdint>

#include "kernels/kernels_internal.h"
#include "kernels/math_f32-inl.h"
#include "kernels/store_reduced-inl.h"
#include "kernels/vec-inl.h"
#if defined(__AVX512BF16__)
#include "kernels/math_bf16-inl.h"
#endif

namespace podium::kernels {
namespace {

constexpr size_t kTileVectors = 2;

PODIUM_VEC_INLINE void LoadSum(const void* sums, size_t at, Vec& sum) {
  sum = Load(static_cast<const float*>(sums) + at);
}
PODIUM_VEC_INLINE void LoadSum(const void* sums, size_t at, VecI& sum) {
  sum = LoadI(static_cast<const int32_t*>(sums) + at);
}
PODIUM_VEC_INLINE void StoreSum(void* sums, size_t at, Vec sum) {
  Store(static_cast<float*>(sums) + at, sum);
}
PODIUM_VEC_INLINE void StoreSum(void* sums, size_t at, VecI sum) {
  StoreI(static_cast<int32_t*>(sums) + at, sum);
}

// As Tile of gemm_f32-inl.h: kRows x 2 vectors of sums stay in registers, each one chain over
// segments and steps, ascending.
template <typename Dot, size_t kRows>
void TileOfRows(const ReducedTile& t) noexcept {
  typename Dot::Sum sums[kRows][kTileVectors];
  PODIUM_UNROLL
  for (size_t r = 0; r < kRows; ++r) {
    PODIUM_UNROLL
    for (size_t v = 0; v < kTileVectors; ++v) {
      sums[r][v] = Dot::None();
      if (t.accumulate) {
        LoadSum(t.sums, r * t.sums_stride + v * kLanes, sums[r][v]);
      }
    }
  }
  for (size_t g = 0; g < t.segment_count; ++g) {
    const std::byte* a = t.segments[g].a;
    const std::byte* b = t.segments[g].b;
    for (size_t s = 0; s < t.steps; ++s) {
      const typename Dot::Weights b0 = Dot::Prepare(LoadI(b));
      const typename Dot::Weights b1 = Dot::Prepare(LoadI(b + kLanes * kStepBytes));
      PODIUM_UNROLL
      for (size_t r = 0; r < kRows; ++r) {
        const typename Dot::Row x = Dot::PrepareRow(a + r * t.a_stride);
        sums[r][0] = Dot::Add(sums[r][0], x, b0);
        sums[r][1] = Dot::Add(sums[r][1], x, b1);
      }
      a += kStepBytes;
      b += kTileVectors * kLanes * kStepBytes;
    }
  }
  PODIUM_UNROLL
  for (size_t r = 0; r < kRows; ++r) {
    PODIUM_UNROLL
    for (size_t v = 0; v < kTileVectors; ++v) {
      StoreSum(t.sums, r * t.sums_stride + v * kLanes, sums[r][v]);
    }
  }
}

using ReducedTileFunction = void (*)(const ReducedTile&) noexcept;

template <size_t kCount>
struct ReducedTileTable {
  ReducedTileFunction rows[kCount];
};

template <typename Dot, size_t kCount, size_t kRows = kCount>
constexpr void FillReducedTiles(ReducedTileTable<kCount>& table) {
  table.rows[kRows - 1] = TileOfRows<Dot, kRows>;
  if constexpr (kRows > 1) {
    FillReducedTiles<Dot, kCount, kRows - 1>(table);
  }
}

template <typename Dot, size_t kCount>
constexpr ReducedTileTable<kCount> MakeReducedTiles() {
  ReducedTileTable<kCount> table = {};
  FillReducedTiles<Dot, kCount>(table);
  return table;
}

// REQUIRES: 0 < t.rows <= kCount.
template <typename Dot, size_t kCount>
void RunReducedTile(const ReducedTile& t) noexcept {
  static constexpr ReducedTileTable<kCount> kTiles = MakeReducedTiles<Dot, kCount>();
  kTiles.rows[t.rows - 1](t);
}

// What a row of sums stands for, a vector from column j on.
struct SumReader {
  const ReducedFinish& f;

  PODIUM_VEC_INLINE Vec At(size_t r, size_t j, size_t n) const {
    const Vec bias = f.bias == nullptr ? Zero() : LoadFirst(f.bias + j, n);
    const size_t at = r * f.sums_stride + j;
    if (f.row_scales == nullptr) {
      return Load(static_cast<const float*>(f.sums) + at) + bias;
    }
    const VecI sum = LoadI(static_cast<const int32_t*>(f.sums) + at) - LoadI(f.corrections + j);
    return Fma(ToFloat(sum), Set1(f.row_scales[r]) * Load(f.column_scales + j), bias);
  }
};

// store(r, j, n, x): columns [j, j + n) of row r. With kWhole all vectors are full, and what
// handles the rest folds away.
template <bool kWhole, typename Activate, typename Store>
PODIUM_VEC_INLINE void FinishVectors(const ReducedFinish& f, Activate activate, Store store) {
  const SumReader sums = {f};
  for (size_t r = 0; r < f.rows; ++r) {
    const float* const residual =
        f.residual == nullptr ? nullptr : f.residual + r * f.residual_stride;
    for (size_t j = 0; j < f.columns; j += kLanes) {
      const size_t n = kWhole ? kLanes : f.columns - j;
      Vec x = activate(sums.At(r, j, n));
      if (residual != nullptr) {
        x = x + LoadFirst(residual + j, n);
      }
      store(r, j, n, x);
    }
  }
}

template <typename Activate, typename Store>
PODIUM_VEC_INLINE void FinishRows(const ReducedFinish& f, Activate activate, Store store) {
  if (f.columns % kLanes == 0) {
    FinishVectors<true>(f, activate, store);
  } else {
    FinishVectors<false>(f, activate, store);
  }
}

void FinishF32(const ReducedFinish& f) {
  auto* const c = static_cast<float*>(f.c.data);
  const size_t stride = f.c.stride;
  WithActivation(f.activation, [&](auto activate) PODIUM_VEC_LAMBDA {
    FinishRows(f, activate, [=](size_t r, size_t j, size_t n, Vec x) PODIUM_VEC_LAMBDA {
      StoreFirst(c + r * stride + j, x, n);
    });
  });
}

#if defined(__AVX512BF16__)
// Columns past the last are written as the zeros that they are, up to the padding's end.
PODIUM_VEC_INLINE size_t StoredColumns(const ReducedFinish& f, size_t n) {
  return n >= kLanes ? kLanes : n + f.padding;
}

PODIUM_VEC_INLINE void ClearPadding(const ReducedFinish& f, uint16_t* row, size_t parts) {
  const size_t written = (f.columns + kLanes - 1) / kLanes * kLanes;
  for (size_t p = 0; p < parts; ++p) {
    for (size_t j = written; j < f.columns + f.padding; ++j) {
      row[p * f.c.stride + j] = 0;
    }
  }
}

// A panel of two whole vectors a row, stored as one, without a residual: what runs in models.
template <typename Activate>
PODIUM_VEC_INLINE void FinishBf16Lines(const ReducedFinish& f, Activate activate) {
  const SumReader sums = {f};
  auto* c = static_cast<uint16_t*>(f.c.data);
  for (size_t r = 0; r < f.rows; ++r, c += f.c.stride) {
    const Vec low = activate(sums.At(r, 0, kLanes));
    const Vec high = activate(sums.At(r, kLanes, kLanes));
    StoreBf16Line(c, low, high);
  }
}

void FinishBf16(const ReducedFinish& f) {
  auto* const c = static_cast<uint16_t*>(f.c.data);
  const size_t stride = f.c.stride;
  if (f.columns == 2 * kLanes && f.residual == nullptr) {
    WithFastActivation(f.activation,
                       [&](auto activate) PODIUM_VEC_LAMBDA { FinishBf16Lines(f, activate); });
    return;
  }
  WithFastActivation(f.activation, [&](auto activate) PODIUM_VEC_LAMBDA {
    FinishRows(f, activate, [&](size_t r, size_t j, size_t n, Vec x) PODIUM_VEC_LAMBDA {
      StoreBf16First(c + r * stride + j, ToBf16(KeepFirst(x, n)), StoredColumns(f, n));
    });
  });
  for (size_t r = 0; f.padding > 0 && r < f.rows; ++r) {
    ClearPadding(f, c + r * stride, 1);
  }
}

void FinishSplit(const ReducedFinish& f) {
  auto* const c = static_cast<uint16_t*>(f.c.data);
  const size_t stride = 2 * f.c.stride;
  WithActivation(f.activation, [&](auto activate) PODIUM_VEC_LAMBDA {
    FinishRows(f, activate, [&](size_t r, size_t j, size_t n, Vec x) PODIUM_VEC_LAMBDA {
      StoreReduced(f.c, c + r * stride, j, KeepFirst(x, n), StoredColumns(f, n));
    });
  });
  for (size_t r = 0; f.padding > 0 && r < f.rows; ++r) {
    ClearPadding(f, c + r * stride, 2);
  }
}
#endif

void FinishReduced(const ReducedFinish& f) noexcept {
#if defined(__AVX512BF16__)
  if (f.c.numbers == Numbers::kBf16) {
    FinishBf16(f);
    return;
  }
  if (f.c.numbers == Numbers::kSplit) {
    FinishSplit(f);
    return;
  }
#endif
  FinishF32(f);
}

}  // namespace
}  // namespace podium::kernels
