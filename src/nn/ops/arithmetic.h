// What a model computes with: the kernels, and the numbers of its matrix products.
#pragma once

#include "kernels/kernels.h"
#include "nn/ops/matrix.h"

namespace podium::nn {

struct Arithmetic {
  const kernels::KernelTable* table = nullptr;
  Numbers numbers = Numbers::kF32;  // of products; sums, norms, softmax and residuals are float

  // What a product delivers to another operation than a product: bf16 where that is as good as
  // what the product works in, and the table goes on from there.
  Numbers Between() const {
    const bool reduced = numbers == Numbers::kBf16 || numbers == Numbers::kI8;
    return reduced && table->attention_bf16 != nullptr ? Numbers::kBf16 : Numbers::kF32;
  }

  // The same kernels in float: for small layers, where time is not spent and errors would tell.
  Arithmetic Exact() const { return {table, Numbers::kF32}; }

  // The same kernels where products have few rows and a model's result comes straight from them:
  // int8 would save no time there that counts, and its errors would tell most.
  Arithmetic ForFewRows() const {
    if (numbers != Numbers::kI8) {
      return *this;
    }
    return {table, table->gemm_bf16 == nullptr ? Numbers::kF32 : Numbers::kBf16};
  }
};

}  // namespace podium::nn
