// Speed of the kernels of every table that the CPU supports:
//
//   kernels_bench --benchmark_filter='GemmF32/avx512'
//
// GEMM and attention report GFLOP/s (int8 the same operations, as GOP/s), and GEMM its share of the
// core's peak in these numbers, measured just before (peak.h). Each benchmark checks its answer
// before it is timed. To be read with the machine otherwise idle.
#include <algorithm>
#include <cmath>
#include <cstddef>
#include <cstdint>
#include <random>
#include <string>
#include <type_traits>
#include <utility>

#include <benchmark/benchmark.h>

#include "base/aligned_buffer.h"
#include "base/format.h"
#include "kernels/bf16.h"
#include "kernels/kernels.h"
#include "kernels/peak.h"

namespace podium::kernels {
namespace {

AlignedBuffer<float> Random(size_t count, uint32_t seed, float scale = 1.0F) {
  std::mt19937 random(seed);
  std::uniform_real_distribution<float> uniform(-scale, scale);
  AlignedBuffer<float> values(count);
  std::generate(values.data(), values.data() + count, [&] { return uniform(random); });
  return values;
}

struct Shape {
  size_t m;
  size_t k;
  size_t n;
};

// The operands of a product in some numbers, and room for its result.
class Product {
 public:
  // `a` is converted by the table itself, as a model's activations are.
  Product(const KernelTable& table, Numbers numbers, Shape shape, Numbers out)
      : numbers_(numbers),
        shape_(shape),
        a_(Random(shape.m * shape.k, 1)),
        w_(Random(shape.n * shape.k, 2)),
        bias_(Random(shape.n, 3)),
        operand_(shape.m * RowBytes(numbers, RowStride(numbers, shape.k))),
        operand_scales_(shape.m),
        c_(shape.m * RowBytes(out, RowStride(out, shape.n))),
        scratch_(kGemmScratchBytes) {
    auto packed = PackedMatrix::Pack(table, numbers, w_.span(), shape.n, shape.k);
    if (packed.ok()) {
      packed_ = std::move(packed).value();
    }
    const ConstRows floats = {Numbers::kF32, a_.data(), shape.k};
    args.a = floats;
    if (numbers != Numbers::kF32) {
      const Rows operand = {numbers, operand_.data(), RowStride(numbers, shape.k),
                            operand_scales_.data()};
      table.convert({.from = floats, .to = operand, .rows = shape.m, .cols = shape.k});
      args.a = operand;
    }
    args.m = shape.m;
    args.b = packed_.view();
    args.bias = bias_.data();
    args.c = {.numbers = out, .data = c_.data(), .stride = RowStride(out, shape.n)};
    args.scratch = scratch_.data();
  }

  // Whether the last element of the last row, without an activation, is right but for the rounding
  // of both operands (kI8: of the greatest magnitude, 1, to 1/254) and of the result.
  bool LastIsRight() const {
    double wanted = bias_[shape_.n - 1];
    double magnitude = std::abs(wanted);
    double sizes = 0;
    for (size_t p = 0; p < shape_.k; ++p) {
      const double a = a_[(shape_.m - 1) * shape_.k + p];
      const double w = w_[(shape_.n - 1) * shape_.k + p];
      wanted += a * w;
      magnitude += std::abs(a * w);
      sizes += std::abs(a) + std::abs(w);
    }
    const double bound = numbers_ == Numbers::kBf16    ? 0x1p-7 * magnitude
                         : numbers_ == Numbers::kSplit ? 0x1p-14 * magnitude
                         : numbers_ == Numbers::kI8    ? 1.01 / 254 * sizes
                                                       : 1e-3;
    return std::abs(wanted - Last()) <= bound;
  }

  GemmArgs args;

 private:
  double Last() const {
    const std::byte* const row =
        c_.data() + (shape_.m - 1) * RowBytes(args.c.numbers, args.c.stride);
    if (args.c.numbers == Numbers::kF32) {
      return reinterpret_cast<const float*>(row)[shape_.n - 1];
    }
    const uint16_t* const high = reinterpret_cast<const uint16_t*>(row) + shape_.n - 1;
    const float low = args.c.numbers == Numbers::kSplit ? FloatFromBf16(high[args.c.stride]) : 0;
    return FloatFromBf16(*high) + low;
  }

  Numbers numbers_;
  Shape shape_;
  AlignedBuffer<float> a_;
  AlignedBuffer<float> w_;
  AlignedBuffer<float> bias_;
  AlignedBuffer<std::byte> operand_;
  AlignedBuffer<float> operand_scales_;
  AlignedBuffer<std::byte> c_;
  AlignedBuffer<char> scratch_;
  PackedMatrix packed_;
};

void BM_Gemm(benchmark::State& state, const KernelTable* table, Numbers numbers, Shape shape,
             Activation activation, Numbers out) {
  Product product(*table, numbers, shape, out);
  const Gemm gemm = GemmFor(*table, numbers);
  gemm(product.args);
  if (!product.LastIsRight()) {
    state.SkipWithError("wrong result");
    return;
  }
  product.args.activation = activation;
  const double peak = MeasurePeak(*table, numbers).gflops;
  for (auto _ : state) {
    gemm(product.args);
    benchmark::ClobberMemory();
  }
  const double flops = 2.0 * static_cast<double>(shape.m * shape.k * shape.n) *
                       static_cast<double>(state.iterations());
  state.counters["GFLOP/s"] = benchmark::Counter(flops * 1e-9, benchmark::Counter::kIsRate);
  if (peak > 0) {
    state.counters["of_peak"] =
        benchmark::Counter(flops * 1e-9 / peak, benchmark::Counter::kIsRate);
  }
}

float Value(float x) {
  return x;
}
float Value(uint16_t x) {
  return FloatFromBf16(x);
}

// q, k and v side by side, as a model's fused projection leaves them.
template <typename Element>
AlignedBuffer<Element> RandomElements(size_t count) {
  const AlignedBuffer<float> values = Random(count, 1);
  AlignedBuffer<Element> elements(count);
  std::transform(values.data(), values.data() + count, elements.data(), [](float x) {
    return std::is_same_v<Element, float> ? static_cast<Element>(x)
                                          : static_cast<Element>(Bf16FromFloat(x));
  });
  return elements;
}

// Whether the first dimension of the first query's result is within `bound`.
template <typename Element>
bool FirstIsRight(const AttentionArgsOf<Element>& args, double bound) {
  double sum = 0;
  double value = 0;
  for (size_t j = 0; j < args.keys; ++j) {
    double dot = 0;
    for (size_t d = 0; d < args.head_dim; ++d) {
      dot += double{Value(args.q[d])} * Value(args.k[j * args.k_stride + d]);
    }
    const double p = std::exp(dot * args.scale);
    sum += p;
    value += p * Value(args.v[j * args.v_stride]);
  }
  return std::abs(value / sum - Value(args.out[0])) <= bound;
}

template <typename Element>
void RunAttention(benchmark::State& state,
                  void (*attention)(const AttentionArgsOf<Element>& args) noexcept,
                  AttentionArgsOf<Element> args, double bound) {
  const size_t tokens = args.keys;
  const size_t dims = args.head_dim;
  const AlignedBuffer<Element> qkv = RandomElements<Element>(3 * tokens * dims);
  AlignedBuffer<Element> out(tokens * dims);
  args.q = qkv.data();
  args.k = qkv.data() + dims;
  args.v = qkv.data() + 2 * dims;
  args.out = out.data();
  args.q_stride = args.k_stride = args.v_stride = 3 * dims;
  args.out_stride = dims;
  args.queries = tokens;
  args.scale = 0.125F;
  attention(args);
  if (!FirstIsRight(args, bound)) {
    state.SkipWithError("wrong result");
    return;
  }
  for (auto _ : state) {
    attention(args);
    benchmark::ClobberMemory();
  }
  const double flops =
      4.0 * static_cast<double>(tokens * tokens * dims) * static_cast<double>(state.iterations());
  state.counters["GFLOP/s"] = benchmark::Counter(flops * 1e-9, benchmark::Counter::kIsRate);
}

void BM_AttentionF32(benchmark::State& state, const KernelTable* table, size_t tokens,
                     size_t dims) {
  AlignedBuffer<float> scratch(AttentionScratchFloats(tokens, dims));
  RunAttention<float>(state, table->attention_f32,
                      {.keys = tokens, .head_dim = dims, .scratch = scratch.data()}, 1e-5);
}

// Probabilities and results are rounded to 2^-8 of them, the former within 7.6e-5 of exp besides
// (math_bf16-inl.h); values are at most 1.
void BM_AttentionBf16(benchmark::State& state, const KernelTable* table, size_t tokens,
                      size_t dims) {
  AlignedBuffer<std::byte> scratch(AttentionBf16ScratchBytes(tokens, dims));
  RunAttention<uint16_t>(state, table->attention_bf16,
                         {.keys = tokens, .head_dim = dims, .scratch = scratch.data()}, 0x1p-6);
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

void RegisterProducts(const KernelTable* table) {
  const std::pair<const char*, Numbers> products[] = {{"BM_GemmF32", Numbers::kF32},
                                                      {"BM_GemmBf16", Numbers::kBf16},
                                                      {"BM_GemmSplit", Numbers::kSplit},
                                                      {"BM_GemmI8", Numbers::kI8}};
  for (const auto& [what, numbers] : products) {
    if (GemmFor(*table, numbers) == nullptr) {
      continue;
    }
    const auto add = [what = what, numbers = numbers, table](const char* variant, Shape s,
                                                             Activation activation, Numbers out) {
      benchmark::RegisterBenchmark(
          Format("{}{}/{}/M:{}/K:{}/N:{}", what, variant, table->name, s.m, s.k, s.n).c_str(),
          BM_Gemm, table, numbers, s, activation, out);
    };
    for (const size_t m : {1U, 16U, 128U, 256U, 512U}) {
      for (const Shape s :
           {Shape{m, 384, 384}, Shape{m, 384, 1536}, Shape{m, 1536, 384}, Shape{m, 768, 768},
            Shape{m, 768, 3072}, Shape{m, 3072, 768}, Shape{m, 1024, 4096}, Shape{m, 4096, 1024}}) {
        add("", s, Activation::kNone, Numbers::kF32);
      }
    }
    // The first half of a feed-forward block, as an encoder runs it: its result is an operand.
    const Numbers out = numbers == Numbers::kI8 && table->gemm_bf16 != nullptr ? Numbers::kBf16
                        : numbers == Numbers::kI8                              ? Numbers::kF32
                                                                               : numbers;
    for (const Shape s : {Shape{256, 384, 1536}, Shape{256, 768, 3072}}) {
      add("Gelu", s, Activation::kGeluErf, out);
    }
  }
}

void RegisterAttention(const KernelTable* table) {
  for (const size_t dims : {32U, 64U}) {
    for (const size_t tokens : {16U, 64U, 128U, 200U, 512U}) {
      const std::string where = Format("{}/T:{}/D:{}", table->name, tokens, dims);
      benchmark::RegisterBenchmark(("BM_AttentionF32/" + where).c_str(), BM_AttentionF32, table,
                                   tokens, dims);
      if (table->attention_bf16 != nullptr) {
        benchmark::RegisterBenchmark(("BM_AttentionBf16/" + where).c_str(), BM_AttentionBf16, table,
                                     tokens, dims);
      }
    }
  }
}

void RegisterRows(const KernelTable* table) {
  const auto name = [table](const std::string& what) { return Format("{}/{}", what, table->name); };
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
  for (const auto* table : podium::kernels::AvailableKernels()) {
    podium::kernels::RegisterProducts(table);
    podium::kernels::RegisterAttention(table);
    podium::kernels::RegisterRows(table);
  }
  benchmark::Initialize(&argc, argv);
  benchmark::RunSpecifiedBenchmarks();
  return 0;
}
