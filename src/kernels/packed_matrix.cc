#include "kernels/packed_matrix.h"

#include <algorithm>
#include <limits>

#include "base/format.h"

namespace podium::kernels {

Result<PackedMatrix> PackedMatrix::Pack(const KernelTable& table, std::span<const float> weights,
                                        size_t n, size_t k) {
  const bool overflow = k != 0 && n > std::numeric_limits<size_t>::max() / sizeof(float) / k;
  if (overflow || weights.size() != n * k) {
    return InvalidArgument(
        Format("a weight matrix of {} x {} needs as many values, found {}", n, k, weights.size()));
  }
  const size_t width = table.panel_columns;
  PackedMatrix packed;
  packed.panel_columns_ = width;
  packed.n_ = n;
  packed.k_ = k;
  const size_t panels = (n + width - 1) / width;
  packed.values_.Resize(panels * width * k);
  float* out = packed.values_.data();
  for (size_t panel = 0; panel < panels; ++panel) {
    const size_t first = panel * width;
    const size_t used = std::min(width, n - first);
    for (size_t p = 0; p < k; ++p) {
      for (size_t j = 0; j < used; ++j) {
        out[j] = weights[(first + j) * k + p];
      }
      std::fill(out + used, out + width, 0.0F);
      out += width;
    }
  }
  return packed;
}

}  // namespace podium::kernels
