// What the tests of the kernels share.
#pragma once

#include <cstddef>
#include <cstdint>
#include <cstdio>
#include <string>
#include <utility>
#include <vector>

#include <gtest/gtest.h>

#include "base/aligned_buffer.h"
#include "kernels/kernels.h"

namespace podium::kernels {

// Tables on an emulated tile unit: amx_emulation_test.cc, which runs tests of other files over
// them.
std::vector<const KernelTable*> EmulatedKernels();

#if defined(PODIUM_TEST_EMULATED_KERNELS)
inline std::vector<const KernelTable*> TestedKernels() {
  return EmulatedKernels();
}
#else
inline std::vector<const KernelTable*> TestedKernels() {
  return AvailableKernels();
}
#endif

// Runs once with every table that this CPU supports.
class KernelsTest : public testing::TestWithParam<const KernelTable*> {
 protected:
  const KernelTable& table() const { return *GetParam(); }
};

inline std::string TableName(const testing::TestParamInfo<const KernelTable*>& info) {
  return info.param->name;
}

#define PODIUM_INSTANTIATE_KERNELS_TEST(Fixture)                                                \
  INSTANTIATE_TEST_SUITE_P(Isa, Fixture, testing::ValuesIn(::podium::kernels::TestedKernels()), \
                           ::podium::kernels::TableName)

// Half an ulp of 1: one rounding's relative error in float.
inline constexpr double kRounding = 0x1p-24;

// Bound on the relative error of n roundings in a row (Higham, Accuracy and Stability of Numerical
// Algorithms, lemma 3.1).
inline double Gamma(size_t n) {
  const double x = static_cast<double>(n) * kRounding;
  return x / (1 - x);
}

// Values in [-1, 1], some of them 128 times smaller, from a fixed seed. A linear congruential
// generator (Knuth's MMIX constants): weights of models take millions of them.
inline std::vector<float> RandomValues(size_t count, uint64_t seed) {
  uint64_t state = seed;
  std::vector<float> values(count);
  for (float& value : values) {
    state = state * 6364136223846793005U + 1442695040888963407U;
    const auto top = static_cast<int32_t>(static_cast<uint32_t>(state >> 32));
    value = static_cast<float>(top) * ((state >> 29) % 8 == 0 ? 0x1p-38F : 0x1p-31F);
  }
  return values;
}

// The greatest of measured error / allowed error that was seen, reported as a test property and on
// stdout.
class WorstCase {
 public:
  explicit WorstCase(std::string what) : what_(std::move(what)) {}
  ~WorstCase() {
    std::printf("[   worst  ] %s: %.3f of the bound%s%s\n", what_.c_str(), ratio_,
                where_.empty() ? "" : " at ", where_.c_str());
  }
  WorstCase(const WorstCase&) = delete;
  WorstCase& operator=(const WorstCase&) = delete;

  // True if |actual - wanted| <= bound.
  template <typename Where>
  bool Within(double actual, double wanted, double bound, Where where) {
    const double error = actual > wanted ? actual - wanted : wanted - actual;
    const double ratio = error == 0 ? 0 : error / bound;
    if (!(ratio <= ratio_)) {
      ratio_ = ratio;
      where_ = where();
    }
    return ratio <= 1;
  }

 private:
  std::string what_;
  double ratio_ = 0;
  std::string where_;
};

}  // namespace podium::kernels
