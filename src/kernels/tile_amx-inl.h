// The tile instructions of AMX, as functions whose template arguments are numbers of tiles. Private
// to the including file. Compiled with PODIUM_EMULATE_TILES they are those of a tile unit in
// software (tile_emulation.h), so that the tests run the very same kernels on a CPU without tiles.
//
// In assembly, because the compiler's own intrinsics do not say that a load reads memory: what C++
// stored before could come to memory after.
#pragma once

#include <cstddef>
#include <cstdint>

#if defined(PODIUM_EMULATE_TILES)
#include "kernels/tile_emulation.h"
#endif

namespace podium::kernels {
namespace {

constexpr size_t kTileRegisters = 8;
constexpr size_t kTileRegisterRows = 16;
constexpr size_t kTileRegisterRowBytes = 64;

// What LDTILECFG reads (Intel SDM, volume 1, 18.3): palette 1 is eight tiles of up to 16 rows of 64
// bytes. All of them are that large unless something else is said.
struct alignas(64) TileConfig {
  uint8_t palette = 1;
  uint8_t start_row = 0;
  uint8_t reserved[14] = {};
  uint16_t row_bytes[16] = {64, 64, 64, 64, 64, 64, 64, 64};
  uint8_t rows[16] = {16, 16, 16, 16, 16, 16, 16, 16};
};
static_assert(sizeof(TileConfig) == 64);

#define PODIUM_TILE_INLINE [[gnu::always_inline]] inline

#if defined(PODIUM_EMULATE_TILES)

PODIUM_TILE_INLINE void TileConfigure(const TileConfig& config) {
  TileUnit::Here().Configure(&config);
}
PODIUM_TILE_INLINE void TileRelease() {
  TileUnit::Here().Release();
}
template <int kTile>
PODIUM_TILE_INLINE void TileZero() {
  TileUnit::Here().Zero(kTile);
}
template <int kTile>
PODIUM_TILE_INLINE void TileLoad(const void* rows, size_t stride) {
  TileUnit::Here().Load(kTile, rows, stride);
}
template <int kTile>
PODIUM_TILE_INLINE void TileLoadOnce(const void* rows, size_t stride) {
  TileUnit::Here().Load(kTile, rows, stride);
}
template <int kTile>
PODIUM_TILE_INLINE void TileStore(void* rows, size_t stride) {
  TileUnit::Here().Store(kTile, rows, stride);
}
template <int kSum, int kA, int kB>
PODIUM_TILE_INLINE void TileDotBf16() {
  TileUnit::Here().DotBf16(kSum, kA, kB);
}
template <int kSum, int kA, int kB>
PODIUM_TILE_INLINE void TileDotI8() {
  TileUnit::Here().DotI8(kSum, kA, kB);
}

#else

PODIUM_TILE_INLINE void TileConfigure(const TileConfig& config) {
  asm volatile("ldtilecfg %0" : : "m"(config));
}

// Back to the state in which a switch of threads saves no tiles.
PODIUM_TILE_INLINE void TileRelease() {
  asm volatile("tilerelease");
}

template <int kTile>
PODIUM_TILE_INLINE void TileZero() {
  asm volatile("tilezero %%tmm%c0" : : "i"(kTile));
}

// `stride` bytes from row to row.
template <int kTile>
PODIUM_TILE_INLINE void TileLoad(const void* rows, size_t stride) {
  asm volatile("tileloadd (%0,%1,1), %%tmm%c2" : : "r"(rows), "r"(stride), "i"(kTile) : "memory");
}

// With the hint that it is read again later, but need not stay in L1 until then.
template <int kTile>
PODIUM_TILE_INLINE void TileLoadOnce(const void* rows, size_t stride) {
  asm volatile("tileloaddt1 (%0,%1,1), %%tmm%c2" : : "r"(rows), "r"(stride), "i"(kTile) : "memory");
}

template <int kTile>
PODIUM_TILE_INLINE void TileStore(void* rows, size_t stride) {
  asm volatile("tilestored %%tmm%c2, (%0,%1,1)" : : "r"(rows), "r"(stride), "i"(kTile) : "memory");
}

// sum += a . b: rows of a times steps of b (kernel_table.h: kStepBytes), pairs of bf16.
template <int kSum, int kA, int kB>
PODIUM_TILE_INLINE void TileDotBf16() {
  asm volatile("tdpbf16ps %%tmm%c2, %%tmm%c1, %%tmm%c0" : : "i"(kSum), "i"(kA), "i"(kB));
}

// The same of four bytes: unsigned ones of a, signed ones of b.
template <int kSum, int kA, int kB>
PODIUM_TILE_INLINE void TileDotI8() {
  asm volatile("tdpbusd %%tmm%c2, %%tmm%c1, %%tmm%c0" : : "i"(kSum), "i"(kA), "i"(kB));
}

#endif

}  // namespace
}  // namespace podium::kernels
