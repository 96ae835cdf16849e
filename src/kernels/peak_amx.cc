// The fastest multiply-adds of AMX; peak.cc takes their time.
//
// REQUIRES of the caller: the process may use tiles, which a table of Isa::kAmx is the proof of.
#include <cstddef>

#include "kernels/peak_internal.h"
#include "kernels/tile_amx-inl.h"

namespace podium::kernels {
namespace {

// Tiles 0 to 3 are sums, 4 and 5 the left operand, 6 and 7 the right: the arrangement of a product
// of 32 x 32, which needs no more loads than it has multiplications. Configuring clears all.
constexpr double kTilesPerRound = 4;

double Operations(size_t rounds, double k) {
  return static_cast<double>(rounds) * kTilesPerRound * 2 * 16 * 16 * k;
}

}  // namespace

double PeakBf16Amx(size_t rounds) noexcept {
  TileConfigure(TileConfig());
  for (size_t round = 0; round < rounds; ++round) {
    TileDotBf16<0, 4, 6>();
    TileDotBf16<1, 4, 7>();
    TileDotBf16<2, 5, 6>();
    TileDotBf16<3, 5, 7>();
  }
  TileRelease();
  return Operations(rounds, 32);
}

double PeakI8Amx(size_t rounds) noexcept {
  TileConfigure(TileConfig());
  for (size_t round = 0; round < rounds; ++round) {
    TileDotI8<0, 4, 6>();
    TileDotI8<1, 4, 7>();
    TileDotI8<2, 5, 6>();
    TileDotI8<3, 5, 7>();
  }
  TileRelease();
  return Operations(rounds, 64);
}

}  // namespace podium::kernels
