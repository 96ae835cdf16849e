// One tile of a matrix product in terms of Vec. Everything is private to the including file, one
// for each ISA: the sizes of a tile make 28 functions.
#pragma once

#include "kernels/kernels_internal.h"
#include "kernels/math_f32-inl.h"
#include "kernels/vec-inl.h"

namespace podium::kernels {
namespace {

// kRows x kVectors sums stay in registers over the whole of k, each one chain of fused
// multiply-adds with p ascending: so a sum is the same whatever tile it falls into, and also when k
// is cut into blocks, since `accumulate` takes up the chain where the stored float left it.
template <size_t kRows, size_t kVectors>
void Tile(const GemmTile& t) noexcept {
  Vec sums[kRows][kVectors];
  const size_t last = t.columns - (kVectors - 1) * kLanes;  // lanes used of the last vector
  PODIUM_UNROLL
  for (size_t r = 0; r < kRows; ++r) {
    PODIUM_UNROLL
    for (size_t v = 0; v < kVectors; ++v) {
      sums[r][v] = Zero();
      if (t.accumulate) {
        const float* c = t.c + r * t.ldc + v * kLanes;
        sums[r][v] = v + 1 == kVectors ? LoadFirst(c, last) : Load(c);
      }
    }
  }
  const float* a = t.a;
  const float* b = t.b;
  const float* prefetch = t.prefetch;
  for (size_t p = 0; p < t.k; ++p) {
    Vec columns[kVectors];
    PODIUM_UNROLL
    for (size_t v = 0; v < kVectors; ++v) {
      columns[v] = Load(b + v * kLanes);
    }
    PODIUM_UNROLL
    for (size_t r = 0; r < kRows; ++r) {
      const Vec x = Set1(a[r]);
      PODIUM_UNROLL
      for (size_t v = 0; v < kVectors; ++v) {
        sums[r][v] = Fma(x, columns[v], sums[r][v]);
      }
    }
    PrefetchL2(prefetch);
    prefetch += t.prefetch_step;
    a += t.a_stride;
    b += t.b_stride;
  }
  PODIUM_UNROLL
  for (size_t r = 0; r < kRows; ++r) {
    PODIUM_UNROLL
    for (size_t v = 0; v < kVectors; ++v) {
      float* c = t.c + r * t.ldc + v * kLanes;
      if (v + 1 == kVectors) {
        StoreFirst(c, sums[r][v], last);
      } else {
        Store(c, sums[r][v]);
      }
    }
  }
}

using TileFunction = void (*)(const GemmTile&) noexcept;

struct TileTable {
  TileFunction one[kTileRows];  // [rows - 1], one vector of columns
  TileFunction two[kTileRows];
};

template <size_t kRows = kTileRows>
constexpr void FillTileTable(TileTable& table) {
  table.one[kRows - 1] = Tile<kRows, 1>;
  table.two[kRows - 1] = Tile<kRows, 2>;
  if constexpr (kRows > 1) {
    FillTileTable<kRows - 1>(table);
  }
}

constexpr TileTable MakeTileTable() {
  TileTable table = {};
  FillTileTable(table);
  return table;
}

// REQUIRES: 0 < t.rows <= kTileRows, 0 < t.columns <= 2 * kLanes.
void RunTile(const GemmTile& t) noexcept {
  static constexpr TileTable kTiles = MakeTileTable();
  (t.columns > kLanes ? kTiles.two : kTiles.one)[t.rows - 1](t);
}

// Applied to a tile right after its last sum, while it is in L1.
void FinishTile(const GemmFinish& t) noexcept {
  WithActivation(t.activation, [&t](auto activate) PODIUM_VEC_LAMBDA {
    for (size_t r = 0; r < t.rows; ++r) {
      float* const c = t.c + r * t.ldc;
      const float* const residual =
          t.residual == nullptr ? nullptr : t.residual + r * t.residual_stride;
      for (size_t j = 0; j < t.columns; j += kLanes) {
        const size_t n = t.columns - j;
        Vec x = LoadFirst(c + j, n);
        if (t.bias != nullptr) {
          x = x + LoadFirst(t.bias + j, n);
        }
        x = activate(x);
        if (residual != nullptr) {
          x = x + LoadFirst(residual + j, n);
        }
        StoreFirst(c + j, x, n);
      }
    }
  });
}

}  // namespace
}  // namespace podium::kernels
