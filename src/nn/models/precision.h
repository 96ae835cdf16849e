// From the precision that was asked for to the numbers of matrix products.
#pragma once

#include <string>

#include "podium/precision.h"
#include "podium/status.h"

#include "kernels/kernels.h"

namespace podium::nn {

struct PrecisionChoice {
  Precision precision = Precision::kFp32;  // never kAuto
  kernels::Numbers numbers = kernels::Numbers::kF32;
  std::string reason;  // "asked for", or why it is the automatic choice
};

// kAuto is bf16 where the kernels multiply it at hardware speed, else fp32. Unsupported: the
// kernels have no product in what was asked for.
Result<PrecisionChoice> ChoosePrecision(Precision wanted, const kernels::KernelTable& table);

}  // namespace podium::nn
