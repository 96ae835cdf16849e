// The fastest multiply-adds of AMX; peak.cc takes their time.
//
// REQUIRES of the caller: the process may use tiles, which a table of Isa::kAmx is the proof of.
#include <immintrin.h>

#include <cstddef>
#include <cstdint>

#include "kernels/peak_internal.h"

namespace podium::kernels {
namespace {

// Tiles 0 to 3 are sums, 4 and 5 the left operand, 6 and 7 the right: the arrangement of a product
// of 32 x 32, which needs no more loads than it has multiplications. All are 16 rows of 64 bytes.
struct alignas(64) TileConfig {
  uint8_t palette = 1;
  uint8_t start_row = 0;
  uint8_t reserved[14] = {};
  uint16_t row_bytes[16] = {64, 64, 64, 64, 64, 64, 64, 64};
  uint8_t rows[16] = {16, 16, 16, 16, 16, 16, 16, 16};
};

constexpr double kTilesPerRound = 4;

void BeginTiles() {
  const TileConfig config;
  _tile_loadconfig(&config);
  _tile_zero(0);
  _tile_zero(1);
  _tile_zero(2);
  _tile_zero(3);
  _tile_zero(4);
  _tile_zero(5);
  _tile_zero(6);
  _tile_zero(7);
}

}  // namespace

double PeakBf16Amx(size_t rounds) noexcept {
  BeginTiles();
  for (size_t round = 0; round < rounds; ++round) {
    _tile_dpbf16ps(0, 4, 6);
    _tile_dpbf16ps(1, 4, 7);
    _tile_dpbf16ps(2, 5, 6);
    _tile_dpbf16ps(3, 5, 7);
  }
  _tile_release();
  return static_cast<double>(rounds) * kTilesPerRound * 2 * 16 * 16 * 32;
}

double PeakI8Amx(size_t rounds) noexcept {
  BeginTiles();
  for (size_t round = 0; round < rounds; ++round) {
    _tile_dpbusd(0, 4, 6);
    _tile_dpbusd(1, 4, 7);
    _tile_dpbusd(2, 5, 6);
    _tile_dpbusd(3, 5, 7);
  }
  _tile_release();
  return static_cast<double>(rounds) * kTilesPerRound * 2 * 16 * 16 * 64;
}

}  // namespace podium::kernels
