// A tile unit in software, instruction for instruction as the Intel 64 and IA-32 Architectures
// Software Developer's Manual has AMX (volume 1, chapter 18, and the pages of the instructions in
// volume 2). For tests: tile_amx-inl.h puts it under the AMX kernels, so that their results, and
// every address that they touch, are checked on a CPU without tiles.
//
// What a CPU would fault on is recorded and otherwise without effect, as is an address outside
// ExposedMemory.
#pragma once

#include <array>
#include <cstddef>
#include <cstdint>
#include <string>
#include <vector>

namespace podium::kernels {

class TileUnit {
 public:
  static constexpr size_t kTiles = 8;
  static constexpr size_t kMaxRows = 16;
  static constexpr size_t kMaxRowBytes = 64;

  // This thread's.
  static TileUnit& Here();

  // LDTILECFG, STTILECFG: 64 bytes. Loading a configuration clears all tiles.
  void Configure(const void* config);
  void StoreConfiguration(void* config) const;
  // TILERELEASE
  void Release();

  // TILEZERO, TILELOADD, TILESTORED
  void Zero(size_t tile);
  void Load(size_t tile, const void* rows, size_t stride);
  void Store(size_t tile, void* rows, size_t stride);

  // TDPBF16PS: subnormal operands and results are zeros of their sign, rounding is to nearest even
  // and each product and its sum round once, whatever the thread's mode. For each row of a and
  // column of b, two sums start from zero: of the even elements of pairs and of the odd ones, over
  // the pairs ascending. Their sum is added to the element.
  void DotBf16(size_t sums, size_t a, size_t b);
  // TDPBUSD: unsigned bytes of a by signed bytes of b; sums wrap around.
  void DotI8(size_t sums, size_t a, size_t b);

  bool configured() const { return configured_; }
  // What went wrong since the last call.
  std::vector<std::string> TakeFaults();

  // Instructions since the thread began.
  size_t configurations() const { return configurations_; }
  size_t products() const { return products_; }

 private:
  struct Tile {
    size_t rows = 0;
    size_t row_bytes = 0;
    alignas(64) std::array<std::array<uint8_t, kMaxRowBytes>, kMaxRows> data = {};
  };

  // Whether the tile exists and is configured; if not, that is recorded.
  bool Ready(const char* instruction, size_t tile);
  bool ProductFits(const char* instruction, size_t sums, size_t a, size_t b);
  void Fault(const char* instruction, const std::string& what);
  void Clear();

  std::array<Tile, kTiles> tiles_;
  bool configured_ = false;
  std::vector<std::string> faults_;
  size_t configurations_ = 0;
  size_t products_ = 0;
};

}  // namespace podium::kernels
