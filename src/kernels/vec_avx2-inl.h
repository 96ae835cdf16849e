// Eight floats in a YMM register, with the operations that the vector kernels are written in.
// Included by *_avx2.cc only. Everything is in an anonymous namespace, so that no function compiled
// for AVX2 can be linked into code that runs on a lesser CPU. vec_avx512-inl.h has the same names.
#pragma once

#include <immintrin.h>

#include <cstddef>
#include <cstdint>

namespace podium::kernels {
namespace {

#define PODIUM_VEC_INLINE [[gnu::always_inline]] inline

struct Vec {
  __m256 v;
};

constexpr size_t kLanes = 8;
// The GEMM tile: rows x 2 vectors. 6 x 2 sums + 2 vectors of B + 1 broadcast of A = 15 of the 16
// registers. Two FMA ports x 4 or 5 cycles of latency need 8 to 10 sums in flight: 12 are.
constexpr size_t kTileRows = 6;

PODIUM_VEC_INLINE __m256i FirstLanes(size_t count) {
  alignas(32) static constexpr int32_t kMasks[16] = {-1, -1, -1, -1, -1, -1, -1, -1};
  const size_t used = count < kLanes ? count : kLanes;
  return _mm256_loadu_si256(reinterpret_cast<const __m256i*>(kMasks + (kLanes - used)));
}

PODIUM_VEC_INLINE Vec Zero() {
  return {_mm256_setzero_ps()};
}
PODIUM_VEC_INLINE Vec Set1(float x) {
  return {_mm256_set1_ps(x)};
}
PODIUM_VEC_INLINE Vec Load(const float* p) {
  return {_mm256_loadu_ps(p)};
}
PODIUM_VEC_INLINE void Store(float* p, Vec a) {
  _mm256_storeu_ps(p, a.v);
}

// Asks for the cache line of *p to come into L2.
PODIUM_VEC_INLINE void PrefetchL2(const float* p) {
  _mm_prefetch(reinterpret_cast<const char*>(p), _MM_HINT_T1);
}

// The first `count` lanes, at most all; the others load as zero and are not stored. Memory past
// them is not touched.
PODIUM_VEC_INLINE Vec LoadFirst(const float* p, size_t count) {
  return count >= kLanes ? Load(p) : Vec{_mm256_maskload_ps(p, FirstLanes(count))};
}
PODIUM_VEC_INLINE void StoreFirst(float* p, Vec a, size_t count) {
  if (count >= kLanes) {
    Store(p, a);
  } else {
    _mm256_maskstore_ps(p, FirstLanes(count), a.v);
  }
}
PODIUM_VEC_INLINE Vec KeepFirst(Vec a, size_t count) {
  return {_mm256_and_ps(a.v, _mm256_castsi256_ps(FirstLanes(count)))};
}

PODIUM_VEC_INLINE Vec operator+(Vec a, Vec b) {
  return {_mm256_add_ps(a.v, b.v)};
}
PODIUM_VEC_INLINE Vec operator-(Vec a, Vec b) {
  return {_mm256_sub_ps(a.v, b.v)};
}
PODIUM_VEC_INLINE Vec operator*(Vec a, Vec b) {
  return {_mm256_mul_ps(a.v, b.v)};
}
PODIUM_VEC_INLINE Vec operator/(Vec a, Vec b) {
  return {_mm256_div_ps(a.v, b.v)};
}
// a * b + c and c - a * b, rounded once.
PODIUM_VEC_INLINE Vec Fma(Vec a, Vec b, Vec c) {
  return {_mm256_fmadd_ps(a.v, b.v, c.v)};
}
PODIUM_VEC_INLINE Vec NegFma(Vec a, Vec b, Vec c) {
  return {_mm256_fnmadd_ps(a.v, b.v, c.v)};
}
// If either is NaN, b.
PODIUM_VEC_INLINE Vec Min(Vec a, Vec b) {
  return {_mm256_min_ps(a.v, b.v)};
}
PODIUM_VEC_INLINE Vec Max(Vec a, Vec b) {
  return {_mm256_max_ps(a.v, b.v)};
}
PODIUM_VEC_INLINE Vec Sqrt(Vec a) {
  return {_mm256_sqrt_ps(a.v)};
}
PODIUM_VEC_INLINE Vec Abs(Vec a) {
  return {_mm256_andnot_ps(_mm256_set1_ps(-0.0F), a.v)};
}
// The magnitude of a with the sign of b. REQUIRES: a >= 0 or NaN.
PODIUM_VEC_INLINE Vec WithSign(Vec a, Vec b) {
  return {_mm256_or_ps(a.v, _mm256_and_ps(_mm256_set1_ps(-0.0F), b.v))};
}
// yes where a < b, else no (also where a or b is NaN).
PODIUM_VEC_INLINE Vec IfLess(Vec a, Vec b, Vec yes, Vec no) {
  return {_mm256_blendv_ps(no.v, yes.v, _mm256_cmp_ps(a.v, b.v, _CMP_LT_OQ))};
}
// Zero where a > b, else x (also where a or b is NaN).
PODIUM_VEC_INLINE Vec ZeroIfGreater(Vec a, Vec b, Vec x) {
  return {_mm256_and_ps(_mm256_cmp_ps(a.v, b.v, _CMP_NGT_UQ), x.v)};
}
// p * 2^n for whole n in [-160, 160], rounded once: n is split in halves, so that each factor is a
// normal float and the first product is exact.
PODIUM_VEC_INLINE Vec TimesPowerOf2(Vec p, Vec n) {
  const __m256i whole = _mm256_cvtps_epi32(n.v);
  const __m256i half = _mm256_srai_epi32(whole, 1);
  const __m256i rest = _mm256_sub_epi32(whole, half);
  const __m256i bias = _mm256_set1_epi32(127);
  const __m256i a = _mm256_slli_epi32(_mm256_add_epi32(half, bias), 23);
  const __m256i b = _mm256_slli_epi32(_mm256_add_epi32(rest, bias), 23);
  return {_mm256_mul_ps(_mm256_mul_ps(p.v, _mm256_castsi256_ps(a)), _mm256_castsi256_ps(b))};
}

// Sum and greatest of all lanes, by halves: a fixed order.
PODIUM_VEC_INLINE float ReduceAdd(Vec a) {
  __m128 q = _mm_add_ps(_mm256_castps256_ps128(a.v), _mm256_extractf128_ps(a.v, 1));
  q = _mm_add_ps(q, _mm_movehl_ps(q, q));
  return _mm_cvtss_f32(_mm_add_ss(q, _mm_movehdup_ps(q)));
}
PODIUM_VEC_INLINE float ReduceMax(Vec a) {
  __m128 q = _mm_max_ps(_mm256_castps256_ps128(a.v), _mm256_extractf128_ps(a.v, 1));
  q = _mm_max_ps(q, _mm_movehl_ps(q, q));
  return _mm_cvtss_f32(_mm_max_ss(q, _mm_movehdup_ps(q)));
}

// Eight 32-bit integers.
struct VecI {
  __m256i v;
};

PODIUM_VEC_INLINE VecI ZeroI() {
  return {_mm256_setzero_si256()};
}
PODIUM_VEC_INLINE VecI LoadI(const void* p) {
  return {_mm256_loadu_si256(static_cast<const __m256i*>(p))};
}
PODIUM_VEC_INLINE void StoreI(void* p, VecI a) {
  _mm256_storeu_si256(static_cast<__m256i*>(p), a.v);
}
// The 4 bytes at p in every lane.
PODIUM_VEC_INLINE VecI Repeat4(const void* p) {
  int32_t bits;
  __builtin_memcpy(&bits, p, sizeof bits);
  return {_mm256_set1_epi32(bits)};
}
PODIUM_VEC_INLINE VecI operator-(VecI a, VecI b) {
  return {_mm256_sub_epi32(a.v, b.v)};
}
PODIUM_VEC_INLINE VecI operator+(VecI a, VecI b) {
  return {_mm256_add_epi32(a.v, b.v)};
}
PODIUM_VEC_INLINE Vec ToFloat(VecI a) {
  return {_mm256_cvtepi32_ps(a.v)};
}
// To nearest, ties to even. REQUIRES: |a| < 2^31 or the lane is not used.
PODIUM_VEC_INLINE VecI Round(Vec a) {
  return {_mm256_cvtps_epi32(a.v)};
}
PODIUM_VEC_INLINE VecI MaxI(VecI a, VecI b) {
  return {_mm256_max_epu32(a.v, b.v)};
}
// The greater of each lane of `top` and the bits of |x|.
PODIUM_VEC_INLINE VecI MaxMagnitude(VecI top, Vec x) {
  return MaxI(top, {_mm256_castps_si256(Abs(x).v)});
}
PODIUM_VEC_INLINE uint32_t ReduceMax(VecI a) {
  const __m128i q = _mm_max_epu32(_mm256_castsi256_si128(a.v), _mm256_extracti128_si256(a.v, 1));
  const __m128i pair = _mm_max_epu32(q, _mm_shuffle_epi32(q, _MM_SHUFFLE(1, 0, 3, 2)));
  const __m128i one = _mm_max_epu32(pair, _mm_shuffle_epi32(pair, _MM_SHUFFLE(2, 3, 0, 1)));
  return static_cast<uint32_t>(_mm_cvtsi128_si32(one));
}
// The lowest bytes of the first `count` lanes; a lane outside [0, 255] becomes its nearest end.
PODIUM_VEC_INLINE void StoreBytesFirst(uint8_t* p, VecI a, size_t count) {
  const __m128i words =
      _mm_packus_epi32(_mm256_castsi256_si128(a.v), _mm256_extracti128_si256(a.v, 1));
  const int64_t bytes = _mm_cvtsi128_si64(_mm_packus_epi16(words, words));
  __builtin_memcpy(p, &bytes, count < kLanes ? count : kLanes);
}

// Rows become columns.
PODIUM_VEC_INLINE void Transpose(Vec m[kLanes]) {
  __m256 t[8];
  // 4 x 4 blocks within each 128-bit half: unpack singles, then pairs.
  for (size_t i = 0; i < 8; i += 4) {
    const __m256 a = _mm256_unpacklo_ps(m[i].v, m[i + 1].v);
    const __m256 b = _mm256_unpackhi_ps(m[i].v, m[i + 1].v);
    const __m256 c = _mm256_unpacklo_ps(m[i + 2].v, m[i + 3].v);
    const __m256 d = _mm256_unpackhi_ps(m[i + 2].v, m[i + 3].v);
    t[i] = _mm256_shuffle_ps(a, c, 0x44);
    t[i + 1] = _mm256_shuffle_ps(a, c, 0xEE);
    t[i + 2] = _mm256_shuffle_ps(b, d, 0x44);
    t[i + 3] = _mm256_shuffle_ps(b, d, 0xEE);
  }
  for (size_t i = 0; i < 4; ++i) {
    m[i].v = _mm256_permute2f128_ps(t[i], t[4 + i], 0x20);
    m[4 + i].v = _mm256_permute2f128_ps(t[i], t[4 + i], 0x31);
  }
}

}  // namespace
}  // namespace podium::kernels
