// The speed of light for products: what one core's arithmetic units reach with nothing else to do.
#pragma once

#include "kernels/kernel_table.h"

namespace podium::kernels {

// Measured now, on this core, within some 10 ms: billions of operations (a multiplication and an
// addition are two) a second in a loop of nothing but the instruction that the table's product of
// these numbers is made of, on operands in registers and independent sums. kSplit: a third of
// kBf16, since it multiplies three times. 0 where there is no such instruction: the scalar table,
// and kI8 without VPDPBUSD.
// REQUIRES: the CPU has the table's instruction set (TableFor gave the table).
double PeakGops(const KernelTable& table, Numbers numbers);

}  // namespace podium::kernels
