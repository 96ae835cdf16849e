// The vector type of the instruction set that the including file is compiled for.
#pragma once

#if defined(__AVX512F__)
#include "kernels/vec_avx512-inl.h"
#elif defined(__AVX2__)
#include "kernels/vec_avx2-inl.h"
#else
#error "vector kernels are compiled with the flags of src/kernels/CMakeLists.txt"
#endif

// Both must be inlined wherever they are used: a Vec lives in registers.
#define PODIUM_VEC_LAMBDA __attribute__((always_inline))

// Unrolls the loop that follows, so that arrays of Vec with constant bounds become registers.
#if defined(__clang__)
#define PODIUM_UNROLL _Pragma("unroll")
#else
#define PODIUM_UNROLL _Pragma("GCC unroll 16")
#endif
