// What the tests of attention share: a problem in floats or in bf16, and the check of its result
// against double.
#pragma once

#include <algorithm>
#include <cmath>
#include <cstddef>
#include <cstdint>
#include <limits>
#include <type_traits>
#include <vector>

#include "base/format.h"
#include "kernels/bf16.h"
#include "kernels/exposed_memory.h"
#include "kernels/kernels_test_util.h"

namespace podium::kernels {

inline constexpr float kMasked = -std::numeric_limits<float>::infinity();

// How Element stands for numbers, and the relative errors that attention in Element makes beside
// those of sums: of a probability before it meets a value, and of what is stored.
template <typename Element>
struct AttentionElement;

template <>
struct AttentionElement<float> {
  static constexpr float kUntouched = -12345.0F;
  static constexpr double kProbability = 0;
  static constexpr double kStored = 0;
  static float FromFloat(float x) { return x; }
  static float ToFloat(float x) { return x; }
  static size_t ScratchBytes(size_t keys, size_t dims) {
    return AttentionScratchFloats(keys, dims) * sizeof(float);
  }
  static void Attend(const KernelTable& table, const AttentionArgs& args) {
    table.attention_f32(args);
  }
};

template <>
struct AttentionElement<uint16_t> {
  static constexpr uint16_t kUntouched = 0xC640;
  // Rounded to nearest; exp itself is within 7.6e-5 (math_bf16-inl.h), in numerator and
  // denominator.
  static constexpr double kProbability = 0x1p-8 + 2 * 7.6e-5;
  static constexpr double kStored = 0x1p-8;
  static uint16_t FromFloat(float x) { return Bf16FromFloat(x); }
  static float ToFloat(uint16_t x) { return FloatFromBf16(x); }
  static size_t ScratchBytes(size_t keys, size_t dims) {
    return AttentionBf16ScratchBytes(keys, dims);
  }
  static void Attend(const KernelTable& table, const AttentionBf16Args& args) {
    table.attention_bf16(args);
  }
};

// q, k and v side by side in one matrix, as a model's fused projection leaves them.
template <typename Element>
struct AttentionProblem {
  using Traits = AttentionElement<Element>;
  static constexpr Element kUntouched = Traits::kUntouched;

  size_t queries;
  size_t keys;
  size_t dims;
  size_t stride;
  size_t out_stride;
  size_t bias_stride;
  ExposedBuffer<Element> qkv;
  std::vector<float> bias;
  ExposedBuffer<std::byte> scratch;
  float scale;

  AttentionProblem(size_t queries_in, size_t keys_in, size_t dims_in)
      : queries(queries_in),
        keys(keys_in),
        dims(dims_in),
        stride(3 * dims + 1),
        out_stride(dims + 2),
        bias_stride(keys + 3),
        // A query may be read 31 elements past its end, in bf16.
        qkv(std::max(queries, keys) * stride + 31),
        bias(RandomValues(queries * bias_stride, 2)),
        scratch(Traits::ScratchBytes(keys, dims)),
        scale(2.0F / std::sqrt(static_cast<float>(dims))) {
    const std::vector<float> values = RandomValues(qkv.size(), 1);
    std::transform(values.begin(), values.end(), qkv.data(), Traits::FromFloat);
    // Nothing may depend on what was there before.
    std::fill(scratch.span().begin(), scratch.span().end(), std::byte{0xFF});
  }

  double query(size_t i, size_t d) const { return Traits::ToFloat(qkv[i * stride + d]); }
  double key(size_t j, size_t d) const { return Traits::ToFloat(qkv[j * stride + dims + d]); }
  double value(size_t j, size_t d) const { return Traits::ToFloat(qkv[j * stride + 2 * dims + d]); }

  AttentionArgsOf<Element> Args(std::vector<Element>& out, bool with_bias) {
    return {.q = qkv.data(),
            .k = qkv.data() + dims,
            .v = qkv.data() + 2 * dims,
            .out = out.data(),
            .q_stride = stride,
            .k_stride = stride,
            .v_stride = stride,
            .out_stride = out_stride,
            .queries = queries,
            .keys = keys,
            .head_dim = dims,
            .scale = scale,
            .bias = with_bias ? bias.data() : nullptr,
            .bias_stride = bias_stride,
            .scratch = scratch.data()};
  }

  std::vector<Element> Run(const KernelTable& table, bool with_bias) {
    std::vector<Element> out(queries * out_stride, kUntouched);
    Traits::Attend(table, Args(out, with_bias));
    return out;
  }

  // Query i alone, from the given one of its rows on.
  std::vector<Element> RunOne(const KernelTable& table, size_t i, bool with_bias) {
    std::vector<Element> out(out_stride, kUntouched);
    AttentionArgsOf<Element> args = Args(out, with_bias);
    args.q += i * stride;
    args.queries = 1;
    args.bias = with_bias ? args.bias + i * bias_stride : nullptr;
    Traits::Attend(table, args);
    return out;
  }
};

// Probabilities of a query in double (of which the greatest is 1, before the division by `sum`),
// and their relative error.
struct Probabilities {
  std::vector<double> values;
  double sum = 0;
  double error = 0;

  // A score is off by at most d = gamma(D + 2) (|scale| |q| . |k| + |bias|), a probability then by
  // the factor exp(2d) and the roundings of exp, and the sums over keys by gamma(T) each.
  template <typename Element>
  Probabilities(const AttentionProblem<Element>& p, size_t i, bool with_bias) : values(p.keys) {
    double top = -std::numeric_limits<double>::infinity();
    double score_error = 0;
    for (size_t j = 0; j < p.keys; ++j) {
      const double bias = with_bias ? p.bias[i * p.bias_stride + j] : 0.0;
      double dot = 0;
      double magnitude = 0;
      for (size_t d = 0; d < p.dims; ++d) {
        const double term = p.query(i, d) * p.key(j, d);
        dot += term;
        magnitude += std::abs(term);
      }
      values[j] = dot * p.scale + bias;
      top = std::max(top, values[j]);
      if (!std::isinf(bias)) {
        score_error =
            std::max(score_error, Gamma(p.dims + 2) * (magnitude * p.scale + std::abs(bias)));
      }
    }
    for (double& value : values) {
      value = std::exp(value - top);
      sum += value;
    }
    // exp's argument is a difference, rounded once at a size of at most the scores' range; exp
    // itself is good to 2 roundings; then the division.
    error = std::expm1(2 * score_error + 2 * kRounding * std::abs(top)) + 2 * Gamma(p.keys + 4) +
            AttentionElement<Element>::kProbability;
  }
};

// One query against double.
template <typename Element>
bool CheckQuery(const AttentionProblem<Element>& p, size_t i, bool with_bias, const Element* out,
                WorstCase& worst) {
  using Traits = AttentionElement<Element>;
  const Probabilities probabilities(p, i, with_bias);
  for (size_t d = 0; d < p.dims; ++d) {
    double wanted = 0;
    double magnitude = 0;
    for (size_t j = 0; j < p.keys; ++j) {
      const double term = probabilities.values[j] / probabilities.sum * p.value(j, d);
      wanted += term;
      magnitude += std::abs(term);
    }
    const double error = probabilities.error * magnitude;
    const double bound = error + Traits::kStored * (std::abs(wanted) + error);
    if (!worst.Within(Traits::ToFloat(out[d]), wanted, bound, [&] {
          return Format("queries {} keys {} D {}", p.queries, p.keys, p.dims);
        })) {
      return false;
    }
  }
  return true;
}

// All queries, and that nothing is written past a row's end.
template <typename Element>
bool Check(const AttentionProblem<Element>& p, bool with_bias, const std::vector<Element>& out,
           WorstCase& worst) {
  for (size_t i = 0; i < p.queries; ++i) {
    const Element* row = out.data() + i * p.out_stride;
    if (!CheckQuery(p, i, with_bias, row, worst) || row[p.dims] != p.kUntouched ||
        row[p.dims + 1] != p.kUntouched) {
      return false;
    }
  }
  return true;
}

}  // namespace podium::kernels
