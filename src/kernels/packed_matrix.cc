#include "kernels/packed_matrix.h"

#include <algorithm>
#include <cmath>
#include <limits>

#include "base/format.h"
#include "kernels/bf16.h"

namespace podium::kernels {

Result<PackedMatrix> PackedMatrix::Pack(const KernelTable& table, Numbers numbers,
                                        std::span<const float> weights, size_t n, size_t k) {
  const bool overflow = k != 0 && n > std::numeric_limits<size_t>::max() / sizeof(float) / k;
  if (overflow || weights.size() != n * k) {
    return InvalidArgument(
        Format("a weight matrix of {} x {} needs as many values, found {}", n, k, weights.size()));
  }
  if (GemmFor(table, numbers) == nullptr) {
    return Unsupported(
        Format("the {} kernels have no product in {}", table.name, NumbersName(numbers)));
  }
  PackedMatrix packed;
  packed.numbers_ = numbers;
  packed.panel_columns_ = table.panel_columns;
  packed.n_ = n;
  packed.k_ = k;
  packed.steps_ = RowStride(numbers, k) * BytesPerElement(numbers) / kStepBytes;
  switch (numbers) {
    case Numbers::kF32: packed.PackF32(weights.data()); break;
    case Numbers::kBf16:
    case Numbers::kSplit: packed.PackBf16(weights.data()); break;
    case Numbers::kI8: packed.PackI8(weights.data()); break;
  }
  return packed;
}

void PackedMatrix::PackF32(const float* weights) {
  const size_t width = panel_columns_;
  const size_t panels = (n_ + width - 1) / width;
  data_.Resize(panels * width * k_ * sizeof(float));
  auto* out = reinterpret_cast<float*>(data_.data());
  for (size_t first = 0; first < n_; first += width) {
    const size_t used = std::min(width, n_ - first);
    for (size_t p = 0; p < k_; ++p) {
      for (size_t j = 0; j < used; ++j) {
        out[j] = weights[(first + j) * k_ + p];
      }
      std::fill(out + used, out + width, 0.0F);
      out += width;
    }
  }
}

void PackedMatrix::PackBf16(const float* weights) {
  const size_t width = panel_columns_;
  const size_t panels = (n_ + width - 1) / width;
  const size_t parts = numbers_ == Numbers::kSplit ? 2 : 1;
  const size_t part = steps_ * width * 2;  // elements
  data_.Resize(panels * parts * part * sizeof(uint16_t));
  std::fill(data_.span().begin(), data_.span().end(), std::byte{0});
  auto* const out = reinterpret_cast<uint16_t*>(data_.data());
  for (size_t j = 0; j < n_; ++j) {
    uint16_t* const column = out + j / width * parts * part + j % width * 2;
    for (size_t p = 0; p < k_; ++p) {
      const float w = weights[j * k_ + p];
      const size_t at = p / 2 * width * 2 + p % 2;
      column[at] = Bf16FromFloat(w);
      if (parts == 2) {
        column[part + at] = Bf16FromFloat(w - FloatFromBf16(column[at]));
      }
    }
  }
}

void PackedMatrix::PackI8(const float* weights) {
  const size_t width = panel_columns_;
  const size_t panels = (n_ + width - 1) / width;
  data_.Resize(panels * steps_ * width * kStepBytes);
  std::fill(data_.span().begin(), data_.span().end(), std::byte{0});
  scales_.Resize(panels * width);
  sums_.Resize(panels * width);
  std::fill(scales_.span().begin(), scales_.span().end(), 0.0F);
  std::fill(sums_.span().begin(), sums_.span().end(), 0);
  auto* const out = reinterpret_cast<int8_t*>(data_.data());
  for (size_t j = 0; j < n_; ++j) {
    const float* const row = weights + j * k_;
    float greatest = 0.0F;
    for (size_t p = 0; p < k_; ++p) {
      greatest = std::max(greatest, std::abs(row[p]));
    }
    const float inverse = greatest >= kLeastI8Magnitude ? 127.0F / greatest : 0.0F;
    scales_[j] = inverse > 0.0F ? greatest / 127.0F : 0.0F;
    int8_t* const column = out + (j / width * steps_ * width + j % width) * kStepBytes;
    for (size_t p = 0; p < k_; ++p) {
      const auto q = static_cast<int8_t>(std::nearbyint(row[p] * inverse));
      column[p / 4 * width * kStepBytes + p % 4] = q;
      sums_[j] += 128 * q;
    }
  }
}

Gemm GemmFor(const KernelTable& table, Numbers numbers) {
  switch (numbers) {
    case Numbers::kF32: return table.gemm_f32;
    case Numbers::kBf16: return table.gemm_bf16;
    case Numbers::kSplit: return table.gemm_split;
    case Numbers::kI8: return table.gemm_i8;
  }
  return nullptr;
}

const char* NumbersName(Numbers numbers) {
  switch (numbers) {
    case Numbers::kF32: return "fp32";
    case Numbers::kBf16: return "bf16";
    case Numbers::kSplit: return "bf16x3";
    case Numbers::kI8: return "int8";
  }
  return "unknown";
}

}  // namespace podium::kernels
