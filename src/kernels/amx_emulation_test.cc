// The AMX kernels on a CPU without AMX: the very source of the library (gemm_amx-inl.h), compiled
// over a tile unit in software (tile_emulation.h), in a table that the tests of
// gemm_reduced_test.cc and attention_bf16_test.cc run over. Every call is checked for what a CPU
// would fault on, for addresses outside the operands, and for a tile unit that is left configured.
#include <algorithm>
#include <cmath>
#include <cstddef>
#include <cstdint>
#include <cstring>
#include <limits>
#include <string>
#include <type_traits>
#include <utility>
#include <vector>

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#define PODIUM_EMULATE_TILES
#include "base/format.h"
#include "kernels/bf16.h"
#include "kernels/exposed_memory.h"
#include "kernels/gemm_amx-inl.h"
#include "kernels/kernels.h"
#include "kernels/kernels_internal.h"
#include "kernels/kernels_test_util.h"
#include "kernels/reduced_test_util.h"
#include "kernels/tile_emulation.h"

namespace podium::kernels {

const GemmMicroReduced& GemmBf16MicroAmxEmulated() noexcept;
void AttentionBf16AmxEmulated(const AttentionBf16Args& args) noexcept;

namespace {

bool HasAvx512Bf16() {
  return TableFor(Isa::kAvx512Bf16) != nullptr;
}

// The rest of the rows' work in AVX-512, as in the library, or in portable code where it must be.
void (*ChooseFinish(const GemmMicroReduced& portable))(const ReducedFinish& finish) noexcept {
#if defined(PODIUM_KERNELS_X86)
  if (HasAvx512Bf16()) {
    return FinishReducedAvx512Bf16;
  }
#endif
  return portable.finish;
}

const GemmMicroReduced& GemmI8MicroAmxEmulated() noexcept {
  static const GemmMicroReduced micro = AmxMicro<DotI8>(ChooseFinish(GemmI8MicroScalar()));
  return micro;
}

void ExpectNoFaultAndReleased() {
  EXPECT_THAT(TileUnit::Here().TakeFaults(), testing::IsEmpty());
  EXPECT_FALSE(TileUnit::Here().configured()) << "tiles were not released";
}

template <const GemmMicroReduced& (*kMicro)() noexcept>
void Multiply(const GemmArgs& args) noexcept {
  GemmBlockedReduced(kMicro(), args);
  ExpectNoFaultAndReleased();
}

#if defined(PODIUM_KERNELS_X86)
void Attend(const AttentionBf16Args& args) noexcept {
  AttentionBf16AmxEmulated(args);
  ExpectNoFaultAndReleased();
}
#endif

KernelTable MakeEmulatedTable() {
  KernelTable table = HasAvx512Bf16() ? *TableFor(Isa::kAvx512Bf16) : *TableFor(Isa::kScalar);
  table.isa = Isa::kAmx;
  table.name = "amx_emulated";
  table.panel_columns = kAmxPanelColumns;
  table.gemm_bf16 = Multiply<GemmBf16MicroAmxEmulated>;
  table.gemm_split = Multiply<GemmBf16MicroAmxEmulated>;
  table.gemm_i8 = Multiply<GemmI8MicroAmxEmulated>;
  table.attention_bf16 = nullptr;
#if defined(PODIUM_KERNELS_X86)
  table.attention_bf16 = HasAvx512Bf16() ? Attend : nullptr;
#endif
  return table;
}

}  // namespace

const GemmMicroReduced& GemmBf16MicroAmxEmulated() noexcept {
  static const GemmMicroReduced micro = AmxMicro<DotBf16>(ChooseFinish(GemmBf16MicroScalar()));
  return micro;
}

std::vector<const KernelTable*> EmulatedKernels() {
  static const KernelTable table = MakeEmulatedTable();
  return {&table};
}

namespace {

// The unit itself.

class TileUnitTest : public testing::Test {
 protected:
  ~TileUnitTest() override {
    unit_.Release();
    EXPECT_THAT(unit_.TakeFaults(), testing::IsEmpty());
  }

  void ExpectFault(const std::string& wanted) {
    EXPECT_THAT(unit_.TakeFaults(), testing::ElementsAre(wanted));
  }

  TileUnit& unit_ = TileUnit::Here();
};

TEST_F(TileUnitTest, StoresTheConfigurationThatItHas) {
  TileConfig config;
  config.rows[3] = 5;
  config.row_bytes[3] = 12;
  unit_.Configure(&config);
  EXPECT_TRUE(unit_.configured());
  TileConfig stored;
  unit_.StoreConfiguration(&stored);
  EXPECT_EQ(std::memcmp(&stored, &config, sizeof config), 0);
  unit_.Release();
  EXPECT_FALSE(unit_.configured());
  unit_.StoreConfiguration(&stored);
  EXPECT_EQ(stored.palette, 0);
  EXPECT_EQ(stored.rows[3], 0);
}

TEST_F(TileUnitTest, RefusesWhatACpuRefusesToConfigure) {
  const auto refuse = [this](auto change, const std::string& wanted) {
    TileConfig config;
    change(config);
    unit_.Configure(&config);
    EXPECT_FALSE(unit_.configured());
    ExpectFault("LDTILECFG: " + wanted);
  };
  refuse([](TileConfig& c) { c.palette = 2; }, "palette 2, start row 0");
  refuse([](TileConfig& c) { c.start_row = 1; }, "palette 1, start row 1");
  refuse([](TileConfig& c) { c.reserved[13] = 1; }, "reserved bytes are not zero");
  refuse([](TileConfig& c) { c.rows[7] = 17; }, "tile 7: 17 rows of 64 bytes");
  refuse([](TileConfig& c) { c.row_bytes[0] = 65; }, "tile 0: 16 rows of 65 bytes");
  refuse([](TileConfig& c) { c.rows[2] = 0; }, "tile 2: 0 rows of 64 bytes");
  refuse([](TileConfig& c) { c.rows[8] = 1, c.row_bytes[8] = 4; }, "tile 8: 1 rows of 4 bytes");
}

TEST_F(TileUnitTest, LoadsAndStoresRowsOfItsConfigurationAlone) {
  TileConfig config;
  config.rows[1] = 3;
  config.row_bytes[1] = 8;
  unit_.Configure(&config);
  constexpr size_t kStride = 20;
  std::vector<uint8_t> from(2 * kStride + 8);
  for (size_t i = 0; i < from.size(); ++i) {
    from[i] = static_cast<uint8_t>(i);
  }
  std::vector<uint8_t> to(from.size(), 0xEE);
  const ExposedMemory read(from.data(), from.size());
  const ExposedMemory written(to.data(), to.size());
  unit_.Load(1, from.data(), kStride);
  unit_.Store(1, to.data(), kStride);
  for (size_t i = 0; i < to.size(); ++i) {
    EXPECT_EQ(to[i], i % kStride < 8 ? from[i] : 0xEE) << i;
  }
  unit_.Zero(1);
  unit_.Store(1, to.data(), kStride);
  EXPECT_EQ(to[0], 0);
}

TEST_F(TileUnitTest, SeesAByteOutside) {
  const TileConfig config;
  unit_.Configure(&config);
  std::vector<uint8_t> memory(16 * 64);
  const ExposedMemory exposed(memory.data() + 1, memory.size() - 2);
  unit_.Load(0, memory.data(), 64);
  ExpectFault("TILELOADD: row 0 of 16 of tile 0 reads what is not there");
  unit_.Load(0, memory.data() + 1, 64);
  ExpectFault("TILELOADD: row 15 of 16 of tile 0 reads what is not there");
  unit_.Store(0, memory.data() + 1, 64);
  ExpectFault("TILESTORED: row 15 of 16 of tile 0 writes where nothing is");
}

TEST_F(TileUnitTest, FaultsWithoutAConfiguration) {
  unit_.Zero(0);
  ExpectFault("TILEZERO: tile 0 is not configured");
  unit_.DotI8(0, 1, 2);
  ExpectFault("TDPBUSD: tile 0 is not configured");
  TileConfig config;
  config.rows[5] = 0;
  config.row_bytes[5] = 0;
  unit_.Configure(&config);
  unit_.DotBf16(0, 5, 6);
  ExpectFault("TDPBF16PS: tile 5 is not configured");
}

TEST_F(TileUnitTest, RefusesProductsOfShapesThatDoNotFit) {
  TileConfig config;
  config.rows[4] = 3;        // of a: the sums have 16
  config.rows[6] = 15;       // of b: a has 16 steps
  config.row_bytes[7] = 32;  // of b: the sums have 16 columns
  unit_.Configure(&config);
  unit_.DotBf16(0, 4, 5);
  ExpectFault("TDPBF16PS: tiles 0, 4, 5: 16 x 64 bytes += 3 x 64 bytes . 16 x 64 bytes");
  unit_.DotBf16(0, 1, 6);
  ExpectFault("TDPBF16PS: tiles 0, 1, 6: 16 x 64 bytes += 16 x 64 bytes . 15 x 64 bytes");
  unit_.DotI8(0, 1, 7);
  ExpectFault("TDPBUSD: tiles 0, 1, 7: 16 x 64 bytes += 16 x 64 bytes . 16 x 32 bytes");
  unit_.DotI8(0, 1, 1);
  ExpectFault("TDPBUSD: tiles 0, 1, 1: 16 x 64 bytes += 16 x 64 bytes . 16 x 64 bytes");
}

// One element of sums, a row of a and a column of b, the rest of the tiles zero.
class TileProductTest : public TileUnitTest {
 protected:
  TileProductTest() {
    const TileConfig config;
    unit_.Configure(&config);
  }

  template <typename T>
  static void Put(ExposedBuffer<uint8_t>& tile, size_t at, T value) {
    std::memcpy(tile.data() + at, &value, sizeof value);
  }
  static ExposedBuffer<uint8_t> ZeroTile() {
    ExposedBuffer<uint8_t> tile(16 * 64);
    std::fill(tile.span().begin(), tile.span().end(), uint8_t{0});
    return tile;
  }

  // Element (kRow, kColumn) after the product of tiles 1 and 2 is added to `sum`.
  template <typename Sum>
  Sum Multiply(Sum sum, const ExposedBuffer<uint8_t>& a, const ExposedBuffer<uint8_t>& b) {
    ExposedBuffer<uint8_t> sums = ZeroTile();
    Put(sums, 64 * kRow + 4 * kColumn, sum);
    unit_.Load(0, sums.data(), 64);
    unit_.Load(1, a.data(), 64);
    unit_.Load(2, b.data(), 64);
    if constexpr (std::is_same_v<Sum, float>) {
      unit_.DotBf16(0, 1, 2);
    } else {
      unit_.DotI8(0, 1, 2);
    }
    unit_.Store(0, sums.data(), 64);
    std::memcpy(&sum, sums.data() + 64 * kRow + 4 * kColumn, sizeof sum);
    return sum;
  }

  // Pairs: x[2k] . y[2k] + x[2k + 1] . y[2k + 1], k ascending.
  float Bf16(float sum, const std::vector<float>& x, const std::vector<float>& y) {
    ExposedBuffer<uint8_t> a = ZeroTile();
    ExposedBuffer<uint8_t> b = ZeroTile();
    for (size_t i = 0; i < x.size(); ++i) {
      Put(a, 64 * kRow + 2 * i, Bits(x[i]));
      Put(b, i / 2 * 64 + 4 * kColumn + i % 2 * 2, Bits(y[i]));
    }
    return Multiply(sum, a, b);
  }

  static constexpr size_t kRow = 11;
  static constexpr size_t kColumn = 6;

 private:
  // Exact, subnormals too.
  static uint16_t Bits(float x) {
    uint32_t bits = 0;
    std::memcpy(&bits, &x, sizeof bits);
    EXPECT_EQ(bits & 0xFFFFU, 0U) << x;
    return static_cast<uint16_t>(bits >> 16);
  }
};

constexpr float kTiny = 0x1p-126F;  // the least normal float

TEST_F(TileProductTest, SumsEvenAndOddElementsApart) {
  // Even: 2^24 + 1 - 2^24, in which the 1 is rounded away; odd: 1. All in one sum would be 2 or 0.
  EXPECT_EQ(Bf16(0, {0x1p12F, 1, 1, 0, -0x1p12F, 0}, {0x1p12F, 1, 1, 0, 0x1p12F, 0}), 1.0F);
  // The same over two products: each starts from zero, so that 1 survives in the second.
  EXPECT_EQ(Bf16(1.0F, {0x1p12F, 0, -0x1p12F, 0}, {0x1p12F, 0, 0x1p12F, 0}), 1.0F);
}

TEST_F(TileProductTest, RoundsAProductAndItsSumOnce) {
  // (1 + 2^-7)^2 = 1 + 2^-6 + 2^-14, less 1: exact in a fused product and sum.
  EXPECT_EQ(Bf16(0, {-1, 0, 1 + 0x1p-7F, 0}, {1, 0, 1 + 0x1p-7F, 0}), 0x1p-6F + 0x1p-14F);
  // 2^24 + 1 is half way, to even; 2^24 + 3 is half way, to even, upwards.
  EXPECT_EQ(Bf16(0, {0x1p12F, 0, 1, 0}, {0x1p12F, 0, 1, 0}), 0x1p24F);
  EXPECT_EQ(Bf16(0, {0x1p12F, 0, 3, 0}, {0x1p12F, 0, 1, 0}), 0x1p24F + 4);
}

TEST_F(TileProductTest, TakesSubnormalsAsZeros) {
  EXPECT_EQ(Bf16(1.0F, {kTiny / 2, 0}, {0x1p100F, 0}), 1.0F);
  EXPECT_EQ(Bf16(0, {kTiny, 0}, {0x1p100F, 0}), 0x1p-26F);
  EXPECT_EQ(Bf16(kTiny / 2, {1, 0}, {kTiny, 0}), kTiny);   // the sum that was there
  EXPECT_EQ(Bf16(0, {0x1p-64F, 0}, {0x1p-64F, 0}), 0.0F);  // a product
  EXPECT_EQ(Bf16(0, {kTiny, -kTiny}, {1.5F, 1}), 0.0F);    // even + odd: subnormal
}

TEST_F(TileProductTest, PropagatesNanAndInfinity) {
  const float infinity = std::numeric_limits<float>::infinity();
  EXPECT_TRUE(std::isnan(Bf16(0, {std::numeric_limits<float>::quiet_NaN(), 0}, {1, 1})));
  EXPECT_TRUE(std::isnan(Bf16(0, {infinity, 0}, {0, 0})));
  EXPECT_EQ(Bf16(0, {infinity, 0}, {2, 0}), infinity);
  EXPECT_EQ(Bf16(0, {0x1p100F, 0}, {-0x1p100F, 0}), -infinity);
}

// Every element of a whole product against a plain loop with the library's fused multiply-add.
TEST_F(TileProductTest, EqualsAPlainLoop) {
  const std::vector<float> x = RandomValues(16 * 32, 1);
  const std::vector<float> y = RandomValues(16 * 32, 2);
  const std::vector<float> sums = RandomValues(16 * 16, 3);
  ExposedBuffer<uint8_t> a(16 * 64);
  ExposedBuffer<uint8_t> b(16 * 64);
  ExposedBuffer<float> c(16 * 16);
  std::copy(sums.begin(), sums.end(), c.data());
  for (size_t i = 0; i < x.size(); ++i) {
    Put(a, 2 * i, Bf16FromFloat(x[i]));
    Put(b, 2 * i, Bf16FromFloat(y[i]));
  }
  unit_.Load(0, c.data(), 64);
  unit_.Load(1, a.data(), 64);
  unit_.Load(2, b.data(), 64);
  unit_.DotBf16(0, 1, 2);
  unit_.Store(0, c.data(), 64);
  for (size_t m = 0; m < 16; ++m) {
    for (size_t n = 0; n < 16; ++n) {
      float even = 0;
      float odd = 0;
      for (size_t k = 0; k < 16; ++k) {
        const size_t p = m * 32 + 2 * k;
        const size_t q = k * 32 + 2 * n;
        even = std::fma(Rounded(Numbers::kBf16, x[p]), Rounded(Numbers::kBf16, y[q]), even);
        odd = std::fma(Rounded(Numbers::kBf16, x[p + 1]), Rounded(Numbers::kBf16, y[q + 1]), odd);
      }
      ASSERT_EQ(c[m * 16 + n], sums[m * 16 + n] + (even + odd)) << m << ' ' << n;
    }
  }
}

TEST_F(TileProductTest, MultipliesUnsignedBySignedBytes) {
  ExposedBuffer<uint8_t> a = ZeroTile();
  ExposedBuffer<uint8_t> b = ZeroTile();
  const uint8_t x[4] = {255, 255, 1, 128};
  const int8_t y[4] = {-128, 127, -1, 1};
  for (size_t i = 0; i < 4; ++i) {
    Put(a, 64 * kRow + 4 * 15 + i, x[i]);
    Put(b, 64 * 15 + 4 * kColumn + i, y[i]);
  }
  EXPECT_EQ(Multiply(int32_t{1000}, a, b), 1000 - 255 * 128 + 255 * 127 - 1 + 128);
  // No saturation: it wraps around.
  EXPECT_EQ(Multiply(std::numeric_limits<int32_t>::min(), a, b),
            std::numeric_limits<int32_t>::max() - 127);
}

// How the kernels use the unit.

class AmxKernelTest : public KernelsTest {
 protected:
  struct Counts {
    size_t configurations;
    size_t products;
  };

  // Of a product in bf16.
  Counts Multiply(size_t m, size_t k, size_t n) const {
    const TestRows a(Numbers::kBf16, m, k, RandomValues(m * k, 1));
    auto packed = PackedMatrix::Pack(table(), Numbers::kBf16, RandomValues(n * k, 2), n, k);
    EXPECT_TRUE(packed.ok());
    const PackedView view = packed->view();
    const ExposedMemory weights(view.data, (n + 31) / 32 * 32 * view.steps * kStepBytes);
    ExposedBuffer<char> scratch(kGemmScratchBytes);
    const TestRows c(Numbers::kF32, m, n);
    GemmArgs args;
    args.a = a.rows();
    args.m = m;
    args.b = view;
    args.c = c.rows();
    args.scratch = scratch.data();
    const TileUnit& unit = TileUnit::Here();
    const Counts before = {unit.configurations(), unit.products()};
    table().gemm_bf16(args);
    return {unit.configurations() - before.configurations, unit.products() - before.products};
  }
};

TEST_P(AmxKernelTest, ConfiguresTheUnitOnceForAProduct) {
  for (const size_t m : {1U, 15U, 16U, 17U, 31U, 32U, 33U, 100U}) {
    EXPECT_EQ(Multiply(m, 96, 70).configurations, 1U) << m;
  }
  EXPECT_EQ(Multiply(1030, 32, 33).configurations, 2U);  // a second block, of 6 rows
}

// No tile of rows is multiplied that the rows do not need: 16 rows x 16 columns x 32 of k each.
TEST_P(AmxKernelTest, MultipliesNoMoreTilesThanThereAre) {
  for (const auto& [m, units] : {std::pair{1U, 1U},
                                 {16U, 1U},
                                 {17U, 2U},
                                 {33U, 3U},
                                 {40U, 3U},
                                 {64U, 4U},
                                 {65U, 5U},
                                 {256U, 16U}}) {
    EXPECT_EQ(Multiply(m, 96, 64).products, units * 3 * 4) << m;
  }
}

TEST_P(AmxKernelTest, AProductOfNothingTouchesNoTile) {
  EXPECT_EQ(Multiply(0, 64, 32).products, 0U);
}

// What a model's rows are: any number of them, lines and columns left over.
TEST_P(AmxKernelTest, EveryHeightDepthAndWidthOfInt8IsExact) {
  const KernelTable& scalar = *TableFor(Isa::kScalar);
  AlignedBuffer<char> portable_scratch(kGemmScratchBytes);
  ExposedBuffer<char> scratch(kGemmScratchBytes);
  const auto run = [](const KernelTable& by, const PackedMatrix& packed, const TestRows& a,
                      const TestRows& c, size_t m, void* memory) {
    GemmArgs args;
    args.a = a.rows();
    args.m = m;
    args.b = packed.view();
    args.c = c.rows();
    args.scratch = memory;
    by.gemm_i8(args);
  };
  for (const size_t k : {1U, 63U, 64U, 65U, 200U}) {
    for (const size_t n : {1U, 16U, 17U, 31U, 32U, 33U, 65U}) {
      const std::vector<float> w = RandomValues(n * k, 2);
      const auto here = PackedMatrix::Pack(table(), Numbers::kI8, w, n, k);
      const auto there = PackedMatrix::Pack(scalar, Numbers::kI8, w, n, k);
      ASSERT_TRUE(here.ok() && there.ok());
      const ExposedMemory weights(here->view().data,
                                  (n + 31) / 32 * 32 * here->view().steps * kStepBytes);
      for (size_t m = 1; m <= 34; m += k == 65 ? 1 : 11) {
        const TestRows a(Numbers::kI8, m, k, RandomValues(m * k, m));
        const TestRows c(Numbers::kF32, m, n);
        const TestRows wanted(Numbers::kF32, m, n);
        run(table(), *here, a, c, m, scratch.data());
        run(scalar, *there, a, wanted, m, portable_scratch.data());
        for (size_t i = 0; i < m; ++i) {
          for (size_t j = 0; j < n; ++j) {
            // Sums are equal; the scales are multiplied in another order.
            ASSERT_NEAR(c.at(i, j), wanted.at(i, j), 4 * kRounding * std::abs(wanted.at(i, j)))
                << m << ' ' << k << ' ' << n;
          }
        }
      }
    }
  }
}

PODIUM_INSTANTIATE_KERNELS_TEST(AmxKernelTest);

}  // namespace
}  // namespace podium::kernels
