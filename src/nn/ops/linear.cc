#include "nn/ops/linear.h"

#include <algorithm>

#include "base/format.h"

namespace podium::nn {
namespace {

// Rows that keep a worker's GEMM at full speed: enough for several register tiles per column panel.
// With fewer per worker, sharing the columns costs less.
constexpr size_t kRowsPerShare = 64;

}  // namespace

Result<Linear> Linear::Create(const kernels::KernelTable& table, std::span<const float> weight,
                              std::span<const float> bias, size_t outputs, size_t inputs) {
  if (!bias.empty() && bias.size() != outputs) {
    return InvalidArgument(
        Format("a linear layer of {} outputs has {} bias values", outputs, bias.size()));
  }
  Linear linear;
  linear.table_ = &table;
  PODIUM_ASSIGN_OR_RETURN(linear.weight_,
                          kernels::PackedMatrix::Pack(table, weight, outputs, inputs));
  linear.bias_.Resize(bias.size());
  std::copy(bias.begin(), bias.end(), linear.bias_.data());
  return linear;
}

void Linear::Apply(const Args& args, Crew& crew) const {
  kernels::GemmArgs gemm;
  gemm.a = args.x;
  gemm.lda = inputs();
  gemm.m = args.rows;
  gemm.b = weight_.view();
  gemm.bias = bias_.data();
  gemm.residual = args.residual;
  gemm.activation = args.activation;
  gemm.c = args.y;
  gemm.ldc = outputs();
  if (args.rows >= kRowsPerShare * crew.size()) {
    crew.Share(args.rows, 1, [&](size_t begin, size_t end, Scratch& scratch) {
      kernels::GemmArgs part = gemm;
      part.a += begin * gemm.lda;
      part.c += begin * gemm.ldc;
      part.residual = gemm.residual == nullptr ? nullptr : gemm.residual + begin * gemm.ldc;
      part.m = end - begin;
      part.scratch = scratch.gemm.data();
      table_->gemm_f32(part);
    });
    return;
  }
  crew.Share(outputs(), gemm.b.panel_columns, [&](size_t begin, size_t end, Scratch& scratch) {
    kernels::GemmArgs part = gemm;
    part.n_begin = begin;
    part.n_end = end;
    part.scratch = scratch.gemm.data();
    table_->gemm_f32(part);
  });
}

}  // namespace podium::nn
