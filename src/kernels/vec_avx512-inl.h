// Sixteen floats in a ZMM register, with the operations that the vector kernels are written in.
// Included by *_avx512.cc only. Everything is in an anonymous namespace, so that no function
// compiled for AVX-512 can be linked into code that runs on a lesser CPU.
#pragma once

#include <immintrin.h>

#include <cstddef>
#include <cstdint>

namespace podium::kernels {
namespace {

#define PODIUM_VEC_INLINE [[gnu::always_inline]] inline

struct Vec {
  __m512 v;
};

constexpr size_t kLanes = 16;
// The GEMM tile: rows x 2 vectors. 14 x 2 sums + 2 vectors of B + 1 broadcast of A = 31 of the 32
// registers. Two FMA ports x 4 cycles of latency need 8 sums in flight: 28 are.
constexpr size_t kTileRows = 14;

PODIUM_VEC_INLINE __mmask16 FirstLanes(size_t count) {
  return count >= kLanes ? __mmask16{0xFFFF} : static_cast<__mmask16>((1U << count) - 1U);
}

PODIUM_VEC_INLINE Vec Zero() {
  return {_mm512_setzero_ps()};
}
PODIUM_VEC_INLINE Vec Set1(float x) {
  return {_mm512_set1_ps(x)};
}
PODIUM_VEC_INLINE Vec Load(const float* p) {
  return {_mm512_loadu_ps(p)};
}
PODIUM_VEC_INLINE void Store(float* p, Vec a) {
  _mm512_storeu_ps(p, a.v);
}

// Asks for the cache line of *p to come into L2.
PODIUM_VEC_INLINE void PrefetchL2(const float* p) {
  _mm_prefetch(reinterpret_cast<const char*>(p), _MM_HINT_T1);
}

// The first `count` lanes, at most all; the others load as zero and are not stored. Memory past
// them is not touched.
PODIUM_VEC_INLINE Vec LoadFirst(const float* p, size_t count) {
  return {_mm512_maskz_loadu_ps(FirstLanes(count), p)};
}
PODIUM_VEC_INLINE void StoreFirst(float* p, Vec a, size_t count) {
  _mm512_mask_storeu_ps(p, FirstLanes(count), a.v);
}
PODIUM_VEC_INLINE Vec KeepFirst(Vec a, size_t count) {
  return {_mm512_maskz_mov_ps(FirstLanes(count), a.v)};
}

PODIUM_VEC_INLINE Vec operator+(Vec a, Vec b) {
  return {_mm512_add_ps(a.v, b.v)};
}
PODIUM_VEC_INLINE Vec operator-(Vec a, Vec b) {
  return {_mm512_sub_ps(a.v, b.v)};
}
PODIUM_VEC_INLINE Vec operator*(Vec a, Vec b) {
  return {_mm512_mul_ps(a.v, b.v)};
}
PODIUM_VEC_INLINE Vec operator/(Vec a, Vec b) {
  return {_mm512_div_ps(a.v, b.v)};
}
// a * b + c and c - a * b, rounded once.
PODIUM_VEC_INLINE Vec Fma(Vec a, Vec b, Vec c) {
  return {_mm512_fmadd_ps(a.v, b.v, c.v)};
}
PODIUM_VEC_INLINE Vec NegFma(Vec a, Vec b, Vec c) {
  return {_mm512_fnmadd_ps(a.v, b.v, c.v)};
}
// If either is NaN, b.
PODIUM_VEC_INLINE Vec Min(Vec a, Vec b) {
  return {_mm512_min_ps(a.v, b.v)};
}
PODIUM_VEC_INLINE Vec Max(Vec a, Vec b) {
  return {_mm512_max_ps(a.v, b.v)};
}
PODIUM_VEC_INLINE Vec Sqrt(Vec a) {
  return {_mm512_sqrt_ps(a.v)};
}
PODIUM_VEC_INLINE Vec Abs(Vec a) {
  return {_mm512_abs_ps(a.v)};
}
// The magnitude of a with the sign of b. REQUIRES: a >= 0 or NaN.
PODIUM_VEC_INLINE Vec WithSign(Vec a, Vec b) {
  const __m512 sign = _mm512_set1_ps(-0.0F);
  return {_mm512_or_ps(a.v, _mm512_and_ps(sign, b.v))};
}
// yes where a < b, else no (also where a or b is NaN).
PODIUM_VEC_INLINE Vec IfLess(Vec a, Vec b, Vec yes, Vec no) {
  return {_mm512_mask_mov_ps(no.v, _mm512_cmp_ps_mask(a.v, b.v, _CMP_LT_OQ), yes.v)};
}
// Zero where a > b, else x (also where a or b is NaN).
PODIUM_VEC_INLINE Vec ZeroIfGreater(Vec a, Vec b, Vec x) {
  return {_mm512_maskz_mov_ps(_mm512_cmp_ps_mask(a.v, b.v, _CMP_NGT_UQ), x.v)};
}
// p * 2^n for whole n in [-160, 160], rounded once.
PODIUM_VEC_INLINE Vec TimesPowerOf2(Vec p, Vec n) {
  return {_mm512_scalef_ps(p.v, n.v)};
}

// Sum and greatest of all lanes, by halves: a fixed order.
PODIUM_VEC_INLINE float ReduceAdd(Vec a) {
  const __m256 half = _mm256_add_ps(_mm512_castps512_ps256(a.v), _mm512_extractf32x8_ps(a.v, 1));
  __m128 q = _mm_add_ps(_mm256_castps256_ps128(half), _mm256_extractf128_ps(half, 1));
  q = _mm_add_ps(q, _mm_movehl_ps(q, q));
  return _mm_cvtss_f32(_mm_add_ss(q, _mm_movehdup_ps(q)));
}
PODIUM_VEC_INLINE float ReduceMax(Vec a) {
  const __m256 half = _mm256_max_ps(_mm512_castps512_ps256(a.v), _mm512_extractf32x8_ps(a.v, 1));
  __m128 q = _mm_max_ps(_mm256_castps256_ps128(half), _mm256_extractf128_ps(half, 1));
  q = _mm_max_ps(q, _mm_movehl_ps(q, q));
  return _mm_cvtss_f32(_mm_max_ss(q, _mm_movehdup_ps(q)));
}

// Sixteen 32-bit integers.
struct VecI {
  __m512i v;
};

PODIUM_VEC_INLINE VecI ZeroI() {
  return {_mm512_setzero_si512()};
}
PODIUM_VEC_INLINE VecI LoadI(const void* p) {
  return {_mm512_loadu_si512(p)};
}
PODIUM_VEC_INLINE void StoreI(void* p, VecI a) {
  _mm512_storeu_si512(p, a.v);
}
// The 4 bytes at p in every lane.
PODIUM_VEC_INLINE VecI Repeat4(const void* p) {
  int32_t bits;
  __builtin_memcpy(&bits, p, sizeof bits);
  return {_mm512_set1_epi32(bits)};
}
PODIUM_VEC_INLINE VecI operator-(VecI a, VecI b) {
  return {_mm512_sub_epi32(a.v, b.v)};
}
PODIUM_VEC_INLINE VecI operator+(VecI a, VecI b) {
  return {_mm512_add_epi32(a.v, b.v)};
}
PODIUM_VEC_INLINE Vec ToFloat(VecI a) {
  return {_mm512_cvtepi32_ps(a.v)};
}
// To nearest, ties to even. REQUIRES: |a| < 2^31 or the lane is not used.
PODIUM_VEC_INLINE VecI Round(Vec a) {
  return {_mm512_cvtps_epi32(a.v)};
}
PODIUM_VEC_INLINE VecI MaxI(VecI a, VecI b) {
  return {_mm512_max_epu32(a.v, b.v)};
}
// The greater of each lane of `top` and the bits of |x|.
PODIUM_VEC_INLINE VecI MaxMagnitude(VecI top, Vec x) {
  return MaxI(top, {_mm512_castps_si512(Abs(x).v)});
}
PODIUM_VEC_INLINE uint32_t ReduceMax(VecI a) {
  return _mm512_reduce_max_epu32(a.v);
}
// The lowest bytes of the first `count` lanes.
PODIUM_VEC_INLINE void StoreBytesFirst(uint8_t* p, VecI a, size_t count) {
  _mm512_mask_cvtepi32_storeu_epi8(p, FirstLanes(count), a.v);
}

#if defined(__AVX512BF16__)
// The first `count` 16-bit words, at most 32; the others are zero.
PODIUM_VEC_INLINE __m512i LoadWordsFirst(const uint16_t* p, size_t count) {
  const __mmask32 mask =
      count >= 32 ? ~__mmask32{0} : static_cast<__mmask32>((uint32_t{1} << count) - 1U);
  return _mm512_maskz_loadu_epi16(mask, p);
}
PODIUM_VEC_INLINE Vec LoadBf16First(const uint16_t* p, size_t count) {
  const __m512i wide = _mm512_cvtepu16_epi32(_mm256_maskz_loadu_epi16(FirstLanes(count), p));
  return {_mm512_castsi512_ps(_mm512_slli_epi32(wide, 16))};
}
struct Bf16Half {
  __m256i v;
};
PODIUM_VEC_INLINE Bf16Half ToBf16(Vec a) {
  return {reinterpret_cast<__m256i>(_mm512_cvtneps_pbh(a.v))};
}
PODIUM_VEC_INLINE Vec ToFloat(Bf16Half a) {
  return {_mm512_castsi512_ps(_mm512_slli_epi32(_mm512_cvtepu16_epi32(a.v), 16))};
}
// 32 values, 64-byte aligned or not.
PODIUM_VEC_INLINE void StoreBf16Line(uint16_t* p, Vec low, Vec high) {
  _mm512_storeu_si512(p, reinterpret_cast<__m512i>(_mm512_cvtne2ps_pbh(high.v, low.v)));
}
PODIUM_VEC_INLINE void StoreBf16First(uint16_t* p, Bf16Half a, size_t count) {
  _mm256_mask_storeu_epi16(p, FirstLanes(count), a.v);
}
#endif

// Rows become columns.
PODIUM_VEC_INLINE void Transpose(Vec m[kLanes]) {
  __m512 t[16];
  // 2 x 2 blocks of single floats, then of pairs: afterwards each quarter of t[] is transposed.
  for (size_t i = 0; i < 16; i += 4) {
    const __m512 a = _mm512_unpacklo_ps(m[i].v, m[i + 1].v);
    const __m512 b = _mm512_unpackhi_ps(m[i].v, m[i + 1].v);
    const __m512 c = _mm512_unpacklo_ps(m[i + 2].v, m[i + 3].v);
    const __m512 d = _mm512_unpackhi_ps(m[i + 2].v, m[i + 3].v);
    t[i] = _mm512_castpd_ps(_mm512_unpacklo_pd(_mm512_castps_pd(a), _mm512_castps_pd(c)));
    t[i + 1] = _mm512_castpd_ps(_mm512_unpackhi_pd(_mm512_castps_pd(a), _mm512_castps_pd(c)));
    t[i + 2] = _mm512_castpd_ps(_mm512_unpacklo_pd(_mm512_castps_pd(b), _mm512_castps_pd(d)));
    t[i + 3] = _mm512_castpd_ps(_mm512_unpackhi_pd(_mm512_castps_pd(b), _mm512_castps_pd(d)));
  }
  // 128-bit quarters: t[4 * r + i] holds, in quarter q, rows 4r..4r+3 of column 4q + i.
  for (size_t i = 0; i < 4; ++i) {
    const __m512 a = _mm512_shuffle_f32x4(t[i], t[4 + i], 0x88);       // quarters 0, 2
    const __m512 b = _mm512_shuffle_f32x4(t[i], t[4 + i], 0xDD);       // quarters 1, 3
    const __m512 c = _mm512_shuffle_f32x4(t[8 + i], t[12 + i], 0x88);  // quarters 0, 2
    const __m512 d = _mm512_shuffle_f32x4(t[8 + i], t[12 + i], 0xDD);  // quarters 1, 3
    m[i].v = _mm512_shuffle_f32x4(a, c, 0x88);
    m[8 + i].v = _mm512_shuffle_f32x4(a, c, 0xDD);
    m[4 + i].v = _mm512_shuffle_f32x4(b, d, 0x88);
    m[12 + i].v = _mm512_shuffle_f32x4(b, d, 0xDD);
  }
}

}  // namespace
}  // namespace podium::kernels
