#include "kernels/tile_emulation.h"

#include <algorithm>
#include <cmath>
#include <cstring>
#include <utility>

#include "base/format.h"
#include "kernels/bf16.h"
#include "kernels/exposed_memory.h"

namespace podium::kernels {
namespace {

constexpr size_t kConfigBytes = 64;
constexpr size_t kRowBytesAt = 16;  // in the configuration: 16 x uint16_t
constexpr size_t kRowsAt = 48;      // 16 x uint8_t
constexpr size_t kNamedTiles = 16;  // in the configuration; palette 1 has the first 8

// A subnormal float is a zero of its sign.
float DenormalAsZero(float x) {
  return std::abs(x) < 0x1p-126F ? std::copysign(0.0F, x) : x;
}

// To float, a subnormal result to zero of its sign. Whether a result is subnormal is decided after
// rounding to 24 bits: from 2^-126 (1 - 2^-25) on it is not.
float RoundAndFlush(double x) {
  constexpr double kLeast = 0x1p-126 * (1 - 0x1p-25);
  return std::abs(x) < kLeast ? static_cast<float>(std::copysign(0.0, x)) : static_cast<float>(x);
}

// sum + x y, rounded once. In double the product of two bf16 is exact; the sum is rounded to 53
// bits, and that never decides the rounding to 24: it is exact but where one of both, of 24 and 16
// bits, is more than 2^37 times the other, and then the result is the greater one.
float FusedMultiplyAdd(float sum, float x, float y) {
  return RoundAndFlush(double{sum} + double{x} * y);
}

// Two floats: 53 bits are enough for the second rounding to be innocuous.
float Add(float x, float y) {
  return RoundAndFlush(double{DenormalAsZero(x)} + DenormalAsZero(y));
}

float Bf16At(const uint8_t* p) {
  uint16_t bits = 0;
  std::memcpy(&bits, p, sizeof bits);
  return DenormalAsZero(FloatFromBf16(bits));
}

}  // namespace

TileUnit& TileUnit::Here() {
  thread_local TileUnit unit;
  return unit;
}

void TileUnit::Configure(const void* config) {
  uint8_t bytes[kConfigBytes];
  std::memcpy(bytes, config, sizeof bytes);
  ++configurations_;
  Clear();
  if (bytes[0] == 0) {
    return;  // palette 0: no tiles
  }
  if (bytes[0] != 1 || bytes[1] != 0) {
    return Fault("LDTILECFG", Format("palette {}, start row {}", bytes[0], bytes[1]));
  }
  if (std::any_of(bytes + 2, bytes + kRowBytesAt, [](uint8_t byte) { return byte != 0; })) {
    return Fault("LDTILECFG", "reserved bytes are not zero");
  }
  for (size_t i = 0; i < kNamedTiles; ++i) {
    uint16_t row_bytes = 0;
    std::memcpy(&row_bytes, bytes + kRowBytesAt + 2 * i, sizeof row_bytes);
    const size_t rows = bytes[kRowsAt + i];
    const bool absent = i >= kTiles && (rows != 0 || row_bytes != 0);
    if (rows > kMaxRows || row_bytes > kMaxRowBytes || (rows == 0) != (row_bytes == 0) || absent) {
      Clear();
      return Fault("LDTILECFG", Format("tile {}: {} rows of {} bytes", i, rows, row_bytes));
    }
    if (i < kTiles) {
      tiles_[i].rows = rows;
      tiles_[i].row_bytes = row_bytes;
    }
  }
  configured_ = true;
}

void TileUnit::StoreConfiguration(void* config) const {
  uint8_t bytes[kConfigBytes] = {};
  bytes[0] = configured_ ? 1 : 0;
  for (size_t i = 0; i < kTiles; ++i) {
    const auto row_bytes = static_cast<uint16_t>(tiles_[i].row_bytes);
    std::memcpy(bytes + kRowBytesAt + 2 * i, &row_bytes, sizeof row_bytes);
    bytes[kRowsAt + i] = static_cast<uint8_t>(tiles_[i].rows);
  }
  std::memcpy(config, bytes, sizeof bytes);
}

void TileUnit::Release() {
  Clear();
}

void TileUnit::Clear() {
  tiles_.fill(Tile());
  configured_ = false;
}

void TileUnit::Zero(size_t tile) {
  if (Ready("TILEZERO", tile)) {
    tiles_[tile].data = {};
  }
}

void TileUnit::Load(size_t tile, const void* rows, size_t stride) {
  if (!Ready("TILELOADD", tile)) {
    return;
  }
  Tile& to = tiles_[tile];
  to.data = {};  // also what lies past its columns and rows
  for (size_t r = 0; r < to.rows; ++r) {
    const auto* const row = static_cast<const uint8_t*>(rows) + r * stride;
    if (!ExposedMemory::Covers(row, to.row_bytes)) {
      return Fault("TILELOADD",
                   Format("row {} of {} of tile {} reads what is not there", r, to.rows, tile));
    }
    std::memcpy(to.data[r].data(), row, to.row_bytes);
  }
}

void TileUnit::Store(size_t tile, void* rows, size_t stride) {
  if (!Ready("TILESTORED", tile)) {
    return;
  }
  const Tile& from = tiles_[tile];
  for (size_t r = 0; r < from.rows; ++r) {
    auto* const row = static_cast<uint8_t*>(rows) + r * stride;
    if (!ExposedMemory::Covers(row, from.row_bytes)) {
      return Fault("TILESTORED",
                   Format("row {} of {} of tile {} writes where nothing is", r, from.rows, tile));
    }
    std::memcpy(row, from.data[r].data(), from.row_bytes);
  }
}

void TileUnit::DotBf16(size_t sums, size_t a, size_t b) {
  if (!ProductFits("TDPBF16PS", sums, a, b)) {
    return;
  }
  constexpr size_t kMaxColumns = kMaxRowBytes / 4;
  const size_t columns = tiles_[sums].row_bytes / 4;
  for (size_t m = 0; m < tiles_[sums].rows; ++m) {
    float even[kMaxColumns] = {};
    float odd[kMaxColumns] = {};
    for (size_t k = 0; k < tiles_[b].rows; ++k) {
      const uint8_t* const pair = tiles_[a].data[m].data() + 4 * k;
      const uint8_t* const step = tiles_[b].data[k].data();
      const float x = Bf16At(pair);
      const float y = Bf16At(pair + 2);
      for (size_t n = 0; n < columns; ++n) {
        even[n] = FusedMultiplyAdd(even[n], x, Bf16At(step + 4 * n));
        odd[n] = FusedMultiplyAdd(odd[n], y, Bf16At(step + 4 * n + 2));
      }
    }
    uint8_t* const row = tiles_[sums].data[m].data();
    for (size_t n = 0; n < columns; ++n) {
      float sum = 0;
      std::memcpy(&sum, row + 4 * n, sizeof sum);
      sum = Add(sum, Add(even[n], odd[n]));
      std::memcpy(row + 4 * n, &sum, sizeof sum);
    }
  }
}

void TileUnit::DotI8(size_t sums, size_t a, size_t b) {
  if (!ProductFits("TDPBUSD", sums, a, b)) {
    return;
  }
  const size_t columns = tiles_[sums].row_bytes / 4;
  for (size_t m = 0; m < tiles_[sums].rows; ++m) {
    uint8_t* const row = tiles_[sums].data[m].data();
    for (size_t n = 0; n < columns; ++n) {
      uint32_t sum = 0;
      std::memcpy(&sum, row + 4 * n, sizeof sum);
      for (size_t k = 0; k < tiles_[b].rows; ++k) {
        const uint8_t* const x = tiles_[a].data[m].data() + 4 * k;
        const uint8_t* const y = tiles_[b].data[k].data() + 4 * n;
        for (size_t i = 0; i < 4; ++i) {
          sum += static_cast<uint32_t>(int32_t{x[i]} * static_cast<int8_t>(y[i]));
        }
      }
      std::memcpy(row + 4 * n, &sum, sizeof sum);
    }
  }
}

std::vector<std::string> TileUnit::TakeFaults() {
  return std::exchange(faults_, {});
}

bool TileUnit::Ready(const char* instruction, size_t tile) {
  if (!configured_ || tile >= kTiles || tiles_[tile].rows == 0) {
    Fault(instruction, Format("tile {} is not configured", tile));
    return false;
  }
  return true;
}

bool TileUnit::ProductFits(const char* instruction, size_t sums, size_t a, size_t b) {
  ++products_;
  if (!Ready(instruction, sums) || !Ready(instruction, a) || !Ready(instruction, b)) {
    return false;
  }
  const Tile& c = tiles_[sums];
  const bool fits = sums != a && sums != b && a != b && c.row_bytes % 4 == 0 &&
                    tiles_[a].row_bytes == 4 * tiles_[b].rows && c.rows == tiles_[a].rows &&
                    c.row_bytes == tiles_[b].row_bytes;
  if (!fits) {
    Fault(instruction, Format("tiles {}, {}, {}: {} x {} bytes += {} x {} bytes . {} x {} bytes",
                              sums, a, b, c.rows, c.row_bytes, tiles_[a].rows, tiles_[a].row_bytes,
                              tiles_[b].rows, tiles_[b].row_bytes));
  }
  return fits;
}

void TileUnit::Fault(const char* instruction, const std::string& what) {
  faults_.push_back(Format("{}: {}", instruction, what));
}

}  // namespace podium::kernels
