// What the arithmetic units of this CPU do at most: the yardstick of benchmarks.
#pragma once

#include "kernels/kernel_table.h"

namespace podium::kernels {

struct Peak {
  // Of one thread, in operations of the product itself: of kSplit, which takes three products of
  // bf16 for one, a third of theirs. 0 where there is nothing to measure: the portable table has no
  // instruction of its own, and a table may have no product of these numbers.
  double gflops = 0;
  const char* instruction = "";  // "VFMADD (ZMM)", …
};

// Runs the instruction that the table multiplies `numbers` with on registers alone, and gives the
// best of some tries, in all about 30 ms. Threads that measure at the same time share what they
// share: clock and power, and the units where two run on one core.
Peak MeasurePeak(const KernelTable& table, Numbers numbers);

}  // namespace podium::kernels
