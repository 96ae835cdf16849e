#include "nn/ops/matrix.h"

namespace podium::nn {

kernels::ConstRows AsOperand(const kernels::KernelTable& table, const kernels::ConstRows& from,
                             Shape shape, Numbers numbers, Matrix& to, Crew& crew) {
  if (from.numbers == numbers) {
    return from;
  }
  to.Resize(numbers, shape.rows, shape.columns);
  const kernels::Rows target = to.rows();
  crew.Share(shape.rows, 1, [&](size_t begin, size_t end, Scratch&) {
    table.convert({.from = RowsFrom(from, begin),
                   .to = RowsFrom(target, begin),
                   .rows = end - begin,
                   .cols = shape.columns});
  });
  return target;
}

}  // namespace podium::nn
