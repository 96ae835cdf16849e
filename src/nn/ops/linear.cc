#include "nn/ops/linear.h"

#include <algorithm>

#include "base/format.h"

namespace podium::nn {
namespace {

// Rows that keep a worker's GEMM at full speed: enough for several register tiles per column panel.
// With fewer per worker, sharing the columns costs less.
constexpr size_t kRowsPerShare = 64;

}  // namespace

Result<Linear> Linear::Create(const kernels::KernelTable& table, Numbers numbers,
                              std::span<const float> weight, std::span<const float> bias,
                              size_t outputs, size_t inputs) {
  if (!bias.empty() && bias.size() != outputs) {
    return InvalidArgument(
        Format("a linear layer of {} outputs has {} bias values", outputs, bias.size()));
  }
  Linear linear;
  linear.gemm_ = kernels::GemmFor(table, numbers);
  PODIUM_ASSIGN_OR_RETURN(linear.weight_,
                          kernels::PackedMatrix::Pack(table, numbers, weight, outputs, inputs));
  linear.bias_.Resize(bias.size());
  std::copy(bias.begin(), bias.end(), linear.bias_.data());
  return linear;
}

void Linear::Apply(const Args& args, Crew& crew) const {
  kernels::GemmArgs gemm;
  gemm.a = args.x;
  gemm.m = args.rows;
  gemm.b = weight_.view();
  gemm.bias = bias_.data();
  gemm.residual = args.residual;
  gemm.residual_stride = outputs();
  gemm.activation = args.activation;
  gemm.c = args.y;
  if (args.rows >= kRowsPerShare * crew.size()) {
    crew.Share(args.rows, 1, [&](size_t begin, size_t end, Scratch& scratch) {
      kernels::GemmArgs part = gemm;
      part.a = RowsFrom(gemm.a, begin);
      part.c = RowsFrom(gemm.c, begin);
      part.residual = gemm.residual == nullptr ? nullptr : gemm.residual + begin * outputs();
      part.m = end - begin;
      part.scratch = scratch.gemm.data();
      gemm_(part);
    });
    return;
  }
  crew.Share(outputs(), gemm.b.panel_columns, [&](size_t begin, size_t end, Scratch& scratch) {
    kernels::GemmArgs part = gemm;
    part.n_begin = begin;
    part.n_end = end;
    part.scratch = scratch.gemm.data();
    gemm_(part);
  });
}

}  // namespace podium::nn
