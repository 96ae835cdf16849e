// Speed of the kernels of every table that the CPU supports:
//
//   kernels_bench --benchmark_filter='GemmF32/avx512'
//
// GEMM and attention report GFLOP/s, and GEMM its share of the machine's peak: what a loop of
// nothing but independent fused multiply-adds reaches on the same core just before. Each benchmark
// checks its answer before it is timed. To be read with the machine otherwise idle.
#if defined(__x86_64__)
#include <immintrin.h>
#endif

#include <algorithm>
#include <chrono>
#include <cmath>
#include <random>
#include <string>
#include <vector>

#include <benchmark/benchmark.h>

#include "base/aligned_buffer.h"
#include "base/format.h"
#include "kernels/kernels.h"

namespace podium::kernels {
namespace {

constexpr Isa kIsas[] = {Isa::kScalar, Isa::kAvx2, Isa::kAvx512};

AlignedBuffer<float> Random(size_t count, uint32_t seed, float scale = 1.0F) {
  std::mt19937 random(seed);
  std::uniform_real_distribution<float> uniform(-scale, scale);
  AlignedBuffer<float> values(count);
  std::generate(values.data(), values.data() + count, [&] { return uniform(random); });
  return values;
}

#if defined(__x86_64__)
[[gnu::target("avx512f")]] float Fmas512(size_t rounds) {
  __m512 sums[16];
  for (auto& sum : sums) {
    sum = _mm512_set1_ps(1.0F);
  }
  const __m512 x = _mm512_set1_ps(0.999F);
  for (size_t i = 0; i < rounds; ++i) {
#pragma GCC unroll 16
    for (auto& sum : sums) {
      sum = _mm512_fmadd_ps(sum, x, x);
    }
  }
  __m512 total = sums[0];
  for (const auto& sum : sums) {
    total = _mm512_add_ps(total, sum);
  }
  return _mm512_cvtss_f32(total);
}

[[gnu::target("avx2,fma")]] float Fmas256(size_t rounds) {
  __m256 sums[12];
  for (auto& sum : sums) {
    sum = _mm256_set1_ps(1.0F);
  }
  const __m256 x = _mm256_set1_ps(0.999F);
  for (size_t i = 0; i < rounds; ++i) {
#pragma GCC unroll 16
    for (auto& sum : sums) {
      sum = _mm256_fmadd_ps(sum, x, x);
    }
  }
  __m256 total = sums[0];
  for (const auto& sum : sums) {
    total = _mm256_add_ps(total, sum);
  }
  return _mm256_cvtss_f32(total);
}
#endif

// GFLOP/s of independent FMAs of the table's width: the best of several tries of a millisecond. 0
// for the scalar table, which has no peak of its own.
double PeakGflops(Isa isa) {
  double best = 0;
#if defined(__x86_64__)
  constexpr size_t kRounds = 100'000;
  for (int i = 0; i < 20 && isa != Isa::kScalar; ++i) {
    const auto start = std::chrono::steady_clock::now();
    benchmark::DoNotOptimize(isa == Isa::kAvx512 ? Fmas512(kRounds) : Fmas256(kRounds));
    const std::chrono::duration<double> seconds = std::chrono::steady_clock::now() - start;
    const double flops = kRounds * (isa == Isa::kAvx512 ? 16 * 16 * 2 : 12 * 8 * 2);
    best = std::max(best, flops / seconds.count() * 1e-9);
  }
#else
  (void)isa;
#endif
  return best;
}

struct Shape {
  size_t m;
  size_t k;
  size_t n;
};

void BM_GemmF32(benchmark::State& state, const KernelTable* table, Shape shape) {
  const auto [m, k, n] = shape;
  const AlignedBuffer<float> a = Random(m * k, 1);
  const AlignedBuffer<float> w = Random(n * k, 2);
  const AlignedBuffer<float> bias = Random(n, 3);
  AlignedBuffer<float> c(m * n);
  AlignedBuffer<char> scratch(kGemmScratchBytes);
  auto packed = PackedMatrix::Pack(*table, Numbers::kF32, w.span(), n, k);
  if (!packed.ok()) {
    state.SkipWithError(packed.status().message().c_str());
    return;
  }
  GemmArgs args;
  args.a = {Numbers::kF32, a.data(), k};
  args.m = m;
  args.b = packed->view();
  args.bias = bias.data();
  args.c = {.numbers = Numbers::kF32, .data = c.data(), .stride = n};
  args.scratch = scratch.data();
  table->gemm_f32(args);
  double wanted = bias[n - 1];
  for (size_t p = 0; p < k; ++p) {
    wanted += double{a[(m - 1) * k + p]} * w[(n - 1) * k + p];
  }
  if (std::abs(wanted - c[m * n - 1]) > 1e-3) {
    state.SkipWithError("wrong result");
    return;
  }
  const double peak = PeakGflops(table->isa);
  for (auto _ : state) {
    table->gemm_f32(args);
    benchmark::ClobberMemory();
  }
  const double flops = 2.0 * static_cast<double>(m) * static_cast<double>(k) *
                       static_cast<double>(n) * static_cast<double>(state.iterations());
  state.counters["GFLOP/s"] = benchmark::Counter(flops * 1e-9, benchmark::Counter::kIsRate);
  if (peak > 0) {
    state.counters["of_peak"] =
        benchmark::Counter(flops * 1e-9 / peak, benchmark::Counter::kIsRate);
  }
}

void BM_AttentionF32(benchmark::State& state, const KernelTable* table, size_t tokens,
                     size_t dims) {
  const AlignedBuffer<float> qkv = Random(3 * tokens * dims, 1);
  AlignedBuffer<float> out(tokens * dims);
  AlignedBuffer<float> scratch(AttentionScratchFloats(tokens, dims));
  const AttentionArgs args = {.q = qkv.data(),
                              .k = qkv.data() + dims,
                              .v = qkv.data() + 2 * dims,
                              .out = out.data(),
                              .q_stride = 3 * dims,
                              .k_stride = 3 * dims,
                              .v_stride = 3 * dims,
                              .out_stride = dims,
                              .queries = tokens,
                              .keys = tokens,
                              .head_dim = dims,
                              .scale = 0.125F,
                              .scratch = scratch.data()};
  table->attention_f32(args);
  double sum = 0;
  double value = 0;
  for (size_t j = 0; j < tokens; ++j) {
    double dot = 0;
    for (size_t d = 0; d < dims; ++d) {
      dot += double{args.q[d]} * args.k[j * 3 * dims + d];
    }
    sum += std::exp(dot * 0.125);
    value += std::exp(dot * 0.125) * args.v[j * 3 * dims];
  }
  if (std::abs(value / sum - out[0]) > 1e-5) {
    state.SkipWithError("wrong result");
    return;
  }
  for (auto _ : state) {
    table->attention_f32(args);
    benchmark::ClobberMemory();
  }
  const double flops =
      4.0 * static_cast<double>(tokens * tokens * dims) * static_cast<double>(state.iterations());
  state.counters["GFLOP/s"] = benchmark::Counter(flops * 1e-9, benchmark::Counter::kIsRate);
}

void BM_LayerNorm(benchmark::State& state, const KernelTable* table, size_t cols) {
  constexpr size_t kRows = 256;
  const AlignedBuffer<float> x = Random(kRows * cols, 1);
  const AlignedBuffer<float> residual = Random(kRows * cols, 2);
  const AlignedBuffer<float> gamma = Random(cols, 3);
  AlignedBuffer<float> y(kRows * cols);
  for (auto _ : state) {
    table->layer_norm({.x = x.data(),
                       .residual = residual.data(),
                       .gamma = gamma.data(),
                       .beta = gamma.data(),
                       .eps = 1e-12F,
                       .rows = kRows,
                       .cols = cols,
                       .y = y.data()});
    benchmark::ClobberMemory();
  }
  // x and residual in, y out.
  state.counters["GB/s"] =
      benchmark::Counter(static_cast<double>(3 * sizeof(float) * kRows * cols) * 1e-9 *
                             static_cast<double>(state.iterations()),
                         benchmark::Counter::kIsRate);
}

void BM_Activate(benchmark::State& state, const KernelTable* table, Activation activation) {
  constexpr size_t kCount = 8192;  // 32 KiB: stays in L1
  const AlignedBuffer<float> x = Random(kCount, 1, 4.0F);
  AlignedBuffer<float> y(kCount);
  for (auto _ : state) {
    std::copy(x.data(), x.data() + kCount, y.data());
    table->activate(activation, y.data(), kCount);
    benchmark::ClobberMemory();
  }
  state.counters["Gelem/s"] = benchmark::Counter(
      static_cast<double>(kCount) * 1e-9 * static_cast<double>(state.iterations()),
      benchmark::Counter::kIsRate);
}

void BM_Softmax(benchmark::State& state, const KernelTable* table, size_t cols) {
  constexpr size_t kRows = 64;
  AlignedBuffer<float> x = Random(kRows * cols, 1);
  for (auto _ : state) {
    table->softmax(x.data(), kRows, cols);
    benchmark::ClobberMemory();
  }
  state.counters["Gelem/s"] = benchmark::Counter(
      static_cast<double>(kRows * cols) * 1e-9 * static_cast<double>(state.iterations()),
      benchmark::Counter::kIsRate);
}

void RegisterAll(const KernelTable* table) {
  const auto name = [table](const std::string& what) { return Format("{}/{}", what, table->name); };
  for (const size_t m : {1U, 16U, 128U, 256U, 512U}) {
    for (const Shape s :
         {Shape{m, 384, 384}, Shape{m, 384, 1536}, Shape{m, 1536, 384}, Shape{m, 768, 768},
          Shape{m, 768, 3072}, Shape{m, 3072, 768}, Shape{m, 1024, 4096}, Shape{m, 4096, 1024}}) {
      benchmark::RegisterBenchmark(
          Format("BM_GemmF32/{}/M:{}/K:{}/N:{}", table->name, s.m, s.k, s.n).c_str(), BM_GemmF32,
          table, s);
    }
  }
  for (const size_t dims : {32U, 64U}) {
    for (const size_t tokens : {16U, 64U, 128U, 200U, 512U}) {
      benchmark::RegisterBenchmark(
          Format("BM_AttentionF32/{}/T:{}/D:{}", table->name, tokens, dims).c_str(),
          BM_AttentionF32, table, tokens, dims);
    }
  }
  for (const size_t cols : {384U, 768U}) {
    benchmark::RegisterBenchmark(Format("{}/cols:{}", name("BM_LayerNorm"), cols).c_str(),
                                 BM_LayerNorm, table, cols);
    benchmark::RegisterBenchmark(Format("{}/cols:{}", name("BM_Softmax"), cols).c_str(), BM_Softmax,
                                 table, cols);
  }
  const std::pair<const char*, Activation> activations[] = {{"gelu_erf", Activation::kGeluErf},
                                                            {"gelu_tanh", Activation::kGeluTanh},
                                                            {"silu", Activation::kSilu},
                                                            {"tanh", Activation::kTanh}};
  for (const auto& [label, activation] : activations) {
    benchmark::RegisterBenchmark(Format("{}/{}", name("BM_Activate"), label).c_str(), BM_Activate,
                                 table, activation);
  }
}

}  // namespace
}  // namespace podium::kernels

int main(int argc, char** argv) {
  for (const podium::kernels::Isa isa : podium::kernels::kIsas) {
    if (const auto* table = podium::kernels::TableFor(isa); table != nullptr) {
      podium::kernels::RegisterAll(table);
    }
  }
  benchmark::Initialize(&argc, argv);
  benchmark::RunSpecifiedBenchmarks();
  return 0;
}
