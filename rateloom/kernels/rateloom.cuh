// What generated CUDA kernels call, whatever the model: precision, history, random numbers, sums over edges.
// Written by rateloom.generator.targets.support_files from templates/cuda/header.mako.
//
// A thread block is one lane block: LANES neighbouring work items (threadIdx.x) times GROUPS groups of nodes
// (threadIdx.y). Each node is advanced by BLOCK steps at once; then the thread block synchronises.
//
// REAL: the working precision. STEP: the integration scheme. NOISE, REGIONAL: whether there is noise, and whether
// a parameter differs between nodes (`columns` > 1). HALF_HISTORY: the history is in half precision. MIN_BLOCKS:
// thread blocks that a multiprocessor is to hold, which limits registers. For connectomes without delays, where
// BLOCK is 1: IN_SHARED keeps state, sums and history of a lane block in shared memory while the kernel runs; ROWS
// is the number of nodes whose sums over edges a group computes together, as a product with `dense`: weights
// (tile of ROWS receiving nodes, source, receiving node). OWN_INPUTS: each lane block has values of its inputs, of
// type GIVEN. NATIVE_MATH: equations in single precision call the device's own elementary functions. Without it,
// and always in double precision and in the noise, functions are the processor's, to the bit. Nothing is fused but
// what is written so: compile with --fmad=false.
#ifndef REAL
#define REAL float
#endif
#ifndef STEP
#define STEP heun
#endif
// what a source has for each scheme, by the scheme's name
#define JOINED(stem, name) stem##name
#define NAMED(stem, name) JOINED(stem, name)
#define STAGES NAMED(stages_, STEP)
#ifndef LANES
#define LANES 32
#endif
#ifndef GROUPS
#define GROUPS 8
#endif
#ifndef BLOCK
#define BLOCK 8
#endif
#ifndef ROWS
#define ROWS 1
#endif
#ifndef NOISE
#define NOISE 1
#endif
#ifndef REGIONAL
#define REGIONAL 1
#endif
#ifndef IN_SHARED
#define IN_SHARED 0
#endif
#ifndef MIN_BLOCKS
#define MIN_BLOCKS 1
#endif
#ifndef HALF_HISTORY
#define HALF_HISTORY 0
#endif
#ifndef OWN_INPUTS
#define OWN_INPUTS 0
#endif
#ifndef GIVEN
#define GIVEN REAL
#endif
#ifndef NATIVE_MATH
#ifdef __CUDACC__
#define NATIVE_MATH 1
#else
#define NATIVE_MATH 0
#endif
#endif
#ifndef DYNAMIC_SHARED
#define DYNAMIC_SHARED(type, name) extern __shared__ type name[]
#endif
#define INLINE static __device__ __forceinline__
#ifdef __CUDACC__
// a model need not use all that is here
#pragma nv_diag_suppress 177
#endif

typedef REAL real;

// The history's type, and how its values are written and read. In half precision a factor of a work item is divided
// by a scale of its own, a power of two, and what is beyond the range even so becomes the nearest number there is.
// `scales` (factor, scale and its inverse, lane) begins at a lane, and `largest` (factor, group, lane) has the
// greatest sizes of factors so far, from which the host takes scales. In full precision none of that is read.
#if HALF_HISTORY
typedef unsigned short kept;
#ifdef __CUDACC__
INLINE real recall(kept bits)
{
    float value;
    asm("cvt.f32.f16 %0, %1;" : "=f"(value) : "h"(bits));
    return real(value);
}
INLINE kept half_of(real value)
{
    kept bits;
    asm("cvt.rn.f16.f32 %0, %1;" : "=h"(bits) : "f"(float(value)));
    return bits;
}
#else
static inline real recall(kept bits) { return real(cuda_on_host_float_of_half(bits)); }
static inline kept half_of(real value) { return cuda_on_host_half_of_float(float(value)); }
#endif
INLINE kept keep(real value, const real* scales, int factor)
{
    const real scaled = value * scales[(2 * factor + 1) * LANES], most = real(65504.0);
    return half_of(scaled > most ? most : scaled < -most ? -most : scaled);
}
// A value that was recalled, or a sum of these, in its own size.
INLINE real rescaled(real value, const real* scales, int factor) { return value * scales[2 * factor * LANES]; }
INLINE void note_size(real factor, real& largest)
{
    const real size = fabs(factor);
    if (size > largest && size - size == real(0.0)) largest = size;  // not an infinite one
}
#else
typedef real kept;
INLINE real recall(kept value) { return value; }
INLINE kept keep(real value, const real*, int) { return value; }
INLINE real rescaled(real value, const real*, int) { return value; }
INLINE void note_size(real, const real&) {}
#endif

// Elementary functions without branches, each the same arithmetic as on the processor.
namespace elementary {
__device__ __forceinline__ unsigned int to_bits(float x) { return __float_as_uint(x); }
__device__ __forceinline__ unsigned long long to_bits(double x) { return __double_as_longlong(x); }
__device__ __forceinline__ float from_bits(unsigned int word) { return __uint_as_float(word); }
__device__ __forceinline__ double from_bits(unsigned long long word) { return __longlong_as_double(word); }

// A value with no sign, with that of x.
__device__ __forceinline__ float with_sign(float value, float x)
{
    return from_bits(to_bits(value) | (to_bits(x) & 0x80000000u));
}

// A value with no sign, with that of x.
__device__ __forceinline__ double with_sign(double value, double x)
{
    return from_bits(to_bits(value) | (to_bits(x) & 0x8000000000000000ull));
}

// e^x.
__device__ __forceinline__ float exp(float x)
{
    auto y = x < -105.0f ? -105.0f : x;
    y = y > 90.0f ? 90.0f : y;
    auto t = fma(y, 1.442695f, 12583166.0f);
    auto n = t - 12583166.0f;
    auto r = fma(n, -0.6931472f, y);
    r = fma(n, 1.9046542e-09f, r);
    auto q = 0.0013940436f;
    q = fma(q, r, 0.008366435f);
    q = fma(q, r, 0.041666407f);
    q = fma(q, r, 0.16666545f);
    auto e = fma(r * r, fma(q, r, 0.5f), r);
    auto word = to_bits(t);
    auto half = word >> 1u;
    auto other = word - half;
    auto scaled = (1.0f + e) * from_bits(half << 23u);
    return scaled * from_bits(other << 23u);
}

// e^x.
__device__ __forceinline__ double exp(double x)
{
    auto y = x < -747.0 ? -747.0 : x;
    y = y > 711.0 ? 711.0 : y;
    auto t = fma(y, 1.4426950408889634, 6755399441057790.0);
    auto n = t - 6755399441057790.0;
    auto r = fma(n, -0.6931471805599453, y);
    r = fma(n, -2.3190468138462996e-17, r);
    auto q = 2.511243116336415e-08;
    q = fma(q, r, 2.762229136770667e-07);
    q = fma(q, r, 2.755723489277899e-06);
    q = fma(q, r, 2.480151618942773e-05);
    q = fma(q, r, 0.00019841269894619885);
    q = fma(q, r, 0.0013888888920630164);
    q = fma(q, r, 0.008333333333318824);
    q = fma(q, r, 0.0416666666666197);
    q = fma(q, r, 0.1666666666666668);
    auto e = fma(r * r, fma(q, r, 0.5), r);
    auto word = to_bits(t);
    auto half = word >> 1ull;
    auto other = word - half;
    auto scaled = (1.0 + e) * from_bits(half << 52ull);
    return scaled * from_bits(other << 52ull);
}

// e^x + summand, rounded once: no value in between is too small for a fast processor.
__device__ __forceinline__ float exp_plus(float x, float summand)
{
    auto y = x < -105.0f ? -105.0f : x;
    y = y > 90.0f ? 90.0f : y;
    auto t = fma(y, 1.442695f, 12583166.0f);
    auto n = t - 12583166.0f;
    auto r = fma(n, -0.6931472f, y);
    r = fma(n, 1.9046542e-09f, r);
    auto q = 0.0013940436f;
    q = fma(q, r, 0.008366435f);
    q = fma(q, r, 0.041666407f);
    q = fma(q, r, 0.16666545f);
    auto e = fma(r * r, fma(q, r, 0.5f), r);
    auto word = to_bits(t);
    auto half = word >> 1u;
    auto other = word - half;
    auto scaled = (1.0f + e) * from_bits(half << 23u);
    return fma(scaled, from_bits(other << 23u), summand);
}

// e^x + summand, rounded once: no value in between is too small for a fast processor.
__device__ __forceinline__ double exp_plus(double x, double summand)
{
    auto y = x < -747.0 ? -747.0 : x;
    y = y > 711.0 ? 711.0 : y;
    auto t = fma(y, 1.4426950408889634, 6755399441057790.0);
    auto n = t - 6755399441057790.0;
    auto r = fma(n, -0.6931471805599453, y);
    r = fma(n, -2.3190468138462996e-17, r);
    auto q = 2.511243116336415e-08;
    q = fma(q, r, 2.762229136770667e-07);
    q = fma(q, r, 2.755723489277899e-06);
    q = fma(q, r, 2.480151618942773e-05);
    q = fma(q, r, 0.00019841269894619885);
    q = fma(q, r, 0.0013888888920630164);
    q = fma(q, r, 0.008333333333318824);
    q = fma(q, r, 0.0416666666666197);
    q = fma(q, r, 0.1666666666666668);
    auto e = fma(r * r, fma(q, r, 0.5), r);
    auto word = to_bits(t);
    auto half = word >> 1ull;
    auto other = word - half;
    auto scaled = (1.0 + e) * from_bits(half << 52ull);
    return fma(scaled, from_bits(other << 52ull), summand);
}

// e^(x + low), where low is far smaller than x.
__device__ __forceinline__ float exp_sum(float x, float low)
{
    auto y = x < -105.0f ? -105.0f : x;
    y = y > 90.0f ? 90.0f : y;
    auto t = fma(y, 1.442695f, 12583166.0f);
    auto n = t - 12583166.0f;
    auto r = fma(n, -0.6931472f, y);
    r = fma(n, 1.9046542e-09f, r);
    r += low;
    auto q = 0.0013940436f;
    q = fma(q, r, 0.008366435f);
    q = fma(q, r, 0.041666407f);
    q = fma(q, r, 0.16666545f);
    auto e = fma(r * r, fma(q, r, 0.5f), r);
    auto word = to_bits(t);
    auto half = word >> 1u;
    auto other = word - half;
    auto scaled = (1.0f + e) * from_bits(half << 23u);
    return scaled * from_bits(other << 23u);
}

// e^(x + low), where low is far smaller than x.
__device__ __forceinline__ double exp_sum(double x, double low)
{
    auto y = x < -747.0 ? -747.0 : x;
    y = y > 711.0 ? 711.0 : y;
    auto t = fma(y, 1.4426950408889634, 6755399441057790.0);
    auto n = t - 6755399441057790.0;
    auto r = fma(n, -0.6931471805599453, y);
    r = fma(n, -2.3190468138462996e-17, r);
    r += low;
    auto q = 2.511243116336415e-08;
    q = fma(q, r, 2.762229136770667e-07);
    q = fma(q, r, 2.755723489277899e-06);
    q = fma(q, r, 2.480151618942773e-05);
    q = fma(q, r, 0.00019841269894619885);
    q = fma(q, r, 0.0013888888920630164);
    q = fma(q, r, 0.008333333333318824);
    q = fma(q, r, 0.0416666666666197);
    q = fma(q, r, 0.1666666666666668);
    auto e = fma(r * r, fma(q, r, 0.5), r);
    auto word = to_bits(t);
    auto half = word >> 1ull;
    auto other = word - half;
    auto scaled = (1.0 + e) * from_bits(half << 52ull);
    return scaled * from_bits(other << 52ull);
}

// e^x / 2, which overflows later than e^x.
__device__ __forceinline__ float half_exp(float x)
{
    auto y = x < -105.0f ? -105.0f : x;
    y = y > 90.0f ? 90.0f : y;
    auto t = fma(y, 1.442695f, 12583166.0f);
    auto n = t - 12583166.0f;
    auto r = fma(n, -0.6931472f, y);
    r = fma(n, 1.9046542e-09f, r);
    auto q = 0.0013940436f;
    q = fma(q, r, 0.008366435f);
    q = fma(q, r, 0.041666407f);
    q = fma(q, r, 0.16666545f);
    auto e = fma(r * r, fma(q, r, 0.5f), r);
    auto word = to_bits(t);
    auto half = word >> 1u;
    auto other = word - half - 1u;
    auto scaled = (1.0f + e) * from_bits(half << 23u);
    return scaled * from_bits(other << 23u);
}

// e^x / 2, which overflows later than e^x.
__device__ __forceinline__ double half_exp(double x)
{
    auto y = x < -747.0 ? -747.0 : x;
    y = y > 711.0 ? 711.0 : y;
    auto t = fma(y, 1.4426950408889634, 6755399441057790.0);
    auto n = t - 6755399441057790.0;
    auto r = fma(n, -0.6931471805599453, y);
    r = fma(n, -2.3190468138462996e-17, r);
    auto q = 2.511243116336415e-08;
    q = fma(q, r, 2.762229136770667e-07);
    q = fma(q, r, 2.755723489277899e-06);
    q = fma(q, r, 2.480151618942773e-05);
    q = fma(q, r, 0.00019841269894619885);
    q = fma(q, r, 0.0013888888920630164);
    q = fma(q, r, 0.008333333333318824);
    q = fma(q, r, 0.0416666666666197);
    q = fma(q, r, 0.1666666666666668);
    auto e = fma(r * r, fma(q, r, 0.5), r);
    auto word = to_bits(t);
    auto half = word >> 1ull;
    auto other = word - half - 1ull;
    auto scaled = (1.0 + e) * from_bits(half << 52ull);
    return scaled * from_bits(other << 52ull);
}

// e^x - 1.
__device__ __forceinline__ float expm1(float x)
{
    auto y = x < -25.0f ? -25.0f : x;
    y = y > 89.0f ? 89.0f : y;
    auto t = fma(y, 1.442695f, 12583038.0f);
    auto n = t - 12583038.0f;
    auto r = fma(n, -0.6931472f, y);
    r = fma(n, 1.9046542e-09f, r);
    auto q = 0.0013940436f;
    q = fma(q, r, 0.008366435f);
    q = fma(q, r, 0.041666407f);
    q = fma(q, r, 0.16666545f);
    auto e = fma(r * r, fma(q, r, 0.5f), r);
    auto half = from_bits(to_bits(t) << 23u);
    auto value = 2.0f * fma(e, half, half - 0.5f);
    return fabs(x) < 1.1754944e-38f ? x : value;
}

// e^x - 1.
__device__ __forceinline__ double expm1(double x)
{
    auto y = x < -45.0 ? -45.0 : x;
    y = y > 710.0 ? 710.0 : y;
    auto t = fma(y, 1.4426950408889634, 6755399441056766.0);
    auto n = t - 6755399441056766.0;
    auto r = fma(n, -0.6931471805599453, y);
    r = fma(n, -2.3190468138462996e-17, r);
    auto q = 2.511243116336415e-08;
    q = fma(q, r, 2.762229136770667e-07);
    q = fma(q, r, 2.755723489277899e-06);
    q = fma(q, r, 2.480151618942773e-05);
    q = fma(q, r, 0.00019841269894619885);
    q = fma(q, r, 0.0013888888920630164);
    q = fma(q, r, 0.008333333333318824);
    q = fma(q, r, 0.0416666666666197);
    q = fma(q, r, 0.1666666666666668);
    auto e = fma(r * r, fma(q, r, 0.5), r);
    auto half = from_bits(to_bits(t) << 52ull);
    auto value = 2.0 * fma(e, half, half - 0.5);
    return fabs(x) < 2.2250738585072014e-308 ? x : value;
}

// Natural logarithm.
__device__ __forceinline__ float log(float x)
{
    auto tiny = x < 1.1754944e-38f;
    auto word = to_bits(tiny ? x * 33554432.0f : x) + 0x4afb0du;
    auto exponent = word >> 23u;
    auto f = from_bits((word & 0x7fffffu) + 0x3f3504f3u) - 1.0f;
    auto k = from_bits(exponent | 0x4b000000u);
    k -= tiny ? 8388760.0f : 8388735.0f;
    auto q = -0.07859603f;
    q = fma(q, f, 0.12881723f);
    q = fma(q, f, -0.13128789f);
    q = fma(q, f, 0.1418118f);
    q = fma(q, f, -0.16624549f);
    q = fma(q, f, 0.20002288f);
    q = fma(q, f, -0.2500081f);
    q = fma(q, f, 0.33333316f);
    auto square = f * f;
    auto tail = fma(f * square, q, fma(k, -1.9046542e-09f, -0.5f * square));
    auto value = fma(k, 0.6931472f, f + tail);
    value = x < from_bits(0x7f800000u) ? value : x;
    value = x == 0.0f ? -from_bits(0x7f800000u) : value;
    return x < 0.0f ? from_bits(0x7fc00000u) : value;
}

// Natural logarithm.
__device__ __forceinline__ double log(double x)
{
    auto tiny = x < 2.2250738585072014e-308;
    auto word = to_bits(tiny ? x * 1.8014398509481984e+16 : x) + 0x95f619980c433ull;
    auto exponent = word >> 52ull;
    auto f = from_bits((word & 0xfffffffffffffull) + 0x3fe6a09e667f3bcdull) - 1.0;
    auto k = from_bits(exponent | 0x4330000000000000ull);
    k -= tiny ? 4503599627371573.0 : 4503599627371519.0;
    auto s = f / (2.0 + f);
    auto z = s * s;
    auto q = 0.1479612493804674;
    q = fma(q, z, 0.15314034321557154);
    q = fma(q, z, 0.18183564904445756);
    q = fma(q, z, 0.22222198563275763);
    q = fma(q, z, 0.28571428742470595);
    q = fma(q, z, 0.39999999999414376);
    q = fma(q, z, 0.6666666666666734);
    auto square = 0.5 * f * f;
    auto tail = fma(s, fma(z, q, square), k * 5.497923018708371e-14);
    auto value = fma(k, 0.6931471805598903, f - (square - tail));
    value = x < from_bits(0x7ff0000000000000ull) ? value : x;
    value = x == 0.0 ? -from_bits(0x7ff0000000000000ull) : value;
    return x < 0.0 ? from_bits(0x7ff8000000000000ull) : value;
}

// Logarithm of 1 + x.
__device__ __forceinline__ float log1p(float x)
{
    auto u = 1.0f + x;
    auto lost = x > 1.0f ? 1.0f - (u - x) : x - (u - 1.0f);
    auto tiny = u < 1.1754944e-38f;
    auto word = to_bits(tiny ? u * 33554432.0f : u) + 0x4afb0du;
    auto exponent = word >> 23u;
    auto f = from_bits((word & 0x7fffffu) + 0x3f3504f3u) - 1.0f;
    auto k = from_bits(exponent | 0x4b000000u);
    k -= tiny ? 8388760.0f : 8388735.0f;
    auto scale = from_bits((254u - exponent) << 23u);
    f = x > 33554432.0f ? f : fma(lost, scale, f);
    auto q = -0.07859603f;
    q = fma(q, f, 0.12881723f);
    q = fma(q, f, -0.13128789f);
    q = fma(q, f, 0.1418118f);
    q = fma(q, f, -0.16624549f);
    q = fma(q, f, 0.20002288f);
    q = fma(q, f, -0.2500081f);
    q = fma(q, f, 0.33333316f);
    auto square = f * f;
    auto tail = fma(f * square, q, fma(k, -1.9046542e-09f, -0.5f * square));
    auto value = fma(k, 0.6931472f, f + tail);
    value = x == 0.0f ? x : value;
    value = x < from_bits(0x7f800000u) ? value : x;
    value = x == -1.0f ? -from_bits(0x7f800000u) : value;
    return x < -1.0f ? from_bits(0x7fc00000u) : value;
}

// Logarithm of 1 + x.
__device__ __forceinline__ double log1p(double x)
{
    auto u = 1.0 + x;
    auto lost = x > 1.0 ? 1.0 - (u - x) : x - (u - 1.0);
    auto tiny = u < 2.2250738585072014e-308;
    auto word = to_bits(tiny ? u * 1.8014398509481984e+16 : u) + 0x95f619980c433ull;
    auto exponent = word >> 52ull;
    auto f = from_bits((word & 0xfffffffffffffull) + 0x3fe6a09e667f3bcdull) - 1.0;
    auto k = from_bits(exponent | 0x4330000000000000ull);
    k -= tiny ? 4503599627371573.0 : 4503599627371519.0;
    auto scale = from_bits((2046ull - exponent) << 52ull);
    f = x > 1.8014398509481984e+16 ? f : fma(lost, scale, f);
    auto s = f / (2.0 + f);
    auto z = s * s;
    auto q = 0.1479612493804674;
    q = fma(q, z, 0.15314034321557154);
    q = fma(q, z, 0.18183564904445756);
    q = fma(q, z, 0.22222198563275763);
    q = fma(q, z, 0.28571428742470595);
    q = fma(q, z, 0.39999999999414376);
    q = fma(q, z, 0.6666666666666734);
    auto square = 0.5 * f * f;
    auto tail = fma(s, fma(z, q, square), k * 5.497923018708371e-14);
    auto value = fma(k, 0.6931471805598903, f - (square - tail));
    value = x == 0.0 ? x : value;
    value = x < from_bits(0x7ff0000000000000ull) ? value : x;
    value = x == -1.0 ? -from_bits(0x7ff0000000000000ull) : value;
    return x < -1.0 ? from_bits(0x7ff8000000000000ull) : value;
}

// Logarithm to the base 10.
__device__ __forceinline__ float log10(float x)
{
    auto tiny = x < 1.1754944e-38f;
    auto word = to_bits(tiny ? x * 33554432.0f : x) + 0x4afb0du;
    auto exponent = word >> 23u;
    auto f = from_bits((word & 0x7fffffu) + 0x3f3504f3u) - 1.0f;
    auto k = from_bits(exponent | 0x4b000000u);
    k -= tiny ? 8388760.0f : 8388735.0f;
    auto q = -0.07859603f;
    q = fma(q, f, 0.12881723f);
    q = fma(q, f, -0.13128789f);
    q = fma(q, f, 0.1418118f);
    q = fma(q, f, -0.16624549f);
    q = fma(q, f, 0.20002288f);
    q = fma(q, f, -0.2500081f);
    q = fma(q, f, 0.33333316f);
    auto square = f * f;
    auto tail = fma(f * square, q, fma(k, -1.9046542e-09f, -0.5f * square));
    auto value = fma(k, 0.6931472f, f + tail);
    value = fma(value, 0.4342945f, value * -1.010305e-08f);
    value = x < from_bits(0x7f800000u) ? value : x;
    value = x == 0.0f ? -from_bits(0x7f800000u) : value;
    return x < 0.0f ? from_bits(0x7fc00000u) : value;
}

// Logarithm to the base 10.
__device__ __forceinline__ double log10(double x)
{
    auto tiny = x < 2.2250738585072014e-308;
    auto word = to_bits(tiny ? x * 1.8014398509481984e+16 : x) + 0x95f619980c433ull;
    auto exponent = word >> 52ull;
    auto f = from_bits((word & 0xfffffffffffffull) + 0x3fe6a09e667f3bcdull) - 1.0;
    auto k = from_bits(exponent | 0x4330000000000000ull);
    k -= tiny ? 4503599627371573.0 : 4503599627371519.0;
    auto s = f / (2.0 + f);
    auto z = s * s;
    auto q = 0.1479612493804674;
    q = fma(q, z, 0.15314034321557154);
    q = fma(q, z, 0.18183564904445756);
    q = fma(q, z, 0.22222198563275763);
    q = fma(q, z, 0.28571428742470595);
    q = fma(q, z, 0.39999999999414376);
    q = fma(q, z, 0.6666666666666734);
    auto square = 0.5 * f * f;
    auto tail = fma(s, fma(z, q, square), k * 5.497923018708371e-14);
    auto value = fma(k, 0.6931471805598903, f - (square - tail));
    value = fma(value, 0.4342944819032518, value * 1.098319650216765e-17);
    value = x < from_bits(0x7ff0000000000000ull) ? value : x;
    value = x == 0.0 ? -from_bits(0x7ff0000000000000ull) : value;
    return x < 0.0 ? from_bits(0x7ff8000000000000ull) : value;
}

// Sine.
__device__ __forceinline__ float sin(float x)
{
    auto t = fma(x, 0.63661975f, 12582912.0f);
    auto n = t - 12582912.0f;
    auto r = fma(n, -1.5707964f, x);
    r = fma(n, 4.371139e-08f, r);
    r = fma(n, 1.7151245e-15f, r);
    auto word = to_bits(t);
    auto z = r * r;
    auto odd = -0.00019516685f;
    odd = fma(odd, z, 0.008332174f);
    odd = fma(odd, z, -0.16666655f);
    odd = fma(r * z, odd, r);
    auto even = 2.443773e-05f;
    even = fma(even, z, -0.0013887362f);
    even = fma(even, z, 0.041666646f);
    even = fma(z * z, even, fma(z, -0.5f, 1.0f));
    auto swapped = (word & 1u) != 0u;
    auto value = swapped ? even : odd;
    auto sign = (word & 2u) << 30u;
    value = from_bits(to_bits(value) ^ sign);
    value = x == 0.0f ? x : value;
    return fabs(x) <= 1048576.0f ? value : from_bits(0x7fc00000u);
}

// Sine.
__device__ __forceinline__ double sin(double x)
{
    auto t = fma(x, 0.6366197723675814, 6755399441055744.0);
    auto n = t - 6755399441055744.0;
    auto r = fma(n, -1.5707963267948966, x);
    r = fma(n, -6.123233995736766e-17, r);
    r = fma(n, 1.4973849048591698e-33, r);
    auto word = to_bits(t);
    auto z = r * r;
    auto odd = 1.5896504053400118e-10;
    odd = fma(odd, z, -2.5050753257329233e-08);
    odd = fma(odd, z, 2.7557313662079947e-06);
    odd = fma(odd, z, -0.0001984126982972554);
    odd = fma(odd, z, 0.008333333333322316);
    odd = fma(odd, z, -0.16666666666666632);
    odd = fma(r * z, odd, r);
    auto even = -1.135945150527588e-11;
    even = fma(even, z, 2.08757196131814e-09);
    even = fma(even, z, -2.755731432643042e-07);
    even = fma(even, z, 2.4801587289396315e-05);
    even = fma(even, z, -0.0013888888888873992);
    even = fma(even, z, 0.0416666666666666);
    even = fma(z * z, even, fma(z, -0.5, 1.0));
    auto swapped = (word & 1ull) != 0ull;
    auto value = swapped ? even : odd;
    auto sign = (word & 2ull) << 62ull;
    value = from_bits(to_bits(value) ^ sign);
    value = x == 0.0 ? x : value;
    return fabs(x) <= 562949953421312.0 ? value : from_bits(0x7ff8000000000000ull);
}

// Cosine.
__device__ __forceinline__ float cos(float x)
{
    auto t = fma(x, 0.63661975f, 12582912.0f);
    auto n = t - 12582912.0f;
    auto r = fma(n, -1.5707964f, x);
    r = fma(n, 4.371139e-08f, r);
    r = fma(n, 1.7151245e-15f, r);
    auto word = to_bits(t);
    auto z = r * r;
    auto odd = -0.00019516685f;
    odd = fma(odd, z, 0.008332174f);
    odd = fma(odd, z, -0.16666655f);
    odd = fma(r * z, odd, r);
    auto even = 2.443773e-05f;
    even = fma(even, z, -0.0013887362f);
    even = fma(even, z, 0.041666646f);
    even = fma(z * z, even, fma(z, -0.5f, 1.0f));
    auto swapped = (word & 1u) != 0u;
    auto value = swapped ? odd : even;
    auto sign = ((word + 1u) & 2u) << 30u;
    value = from_bits(to_bits(value) ^ sign);
    return fabs(x) <= 1048576.0f ? value : from_bits(0x7fc00000u);
}

// Cosine.
__device__ __forceinline__ double cos(double x)
{
    auto t = fma(x, 0.6366197723675814, 6755399441055744.0);
    auto n = t - 6755399441055744.0;
    auto r = fma(n, -1.5707963267948966, x);
    r = fma(n, -6.123233995736766e-17, r);
    r = fma(n, 1.4973849048591698e-33, r);
    auto word = to_bits(t);
    auto z = r * r;
    auto odd = 1.5896504053400118e-10;
    odd = fma(odd, z, -2.5050753257329233e-08);
    odd = fma(odd, z, 2.7557313662079947e-06);
    odd = fma(odd, z, -0.0001984126982972554);
    odd = fma(odd, z, 0.008333333333322316);
    odd = fma(odd, z, -0.16666666666666632);
    odd = fma(r * z, odd, r);
    auto even = -1.135945150527588e-11;
    even = fma(even, z, 2.08757196131814e-09);
    even = fma(even, z, -2.755731432643042e-07);
    even = fma(even, z, 2.4801587289396315e-05);
    even = fma(even, z, -0.0013888888888873992);
    even = fma(even, z, 0.0416666666666666);
    even = fma(z * z, even, fma(z, -0.5, 1.0));
    auto swapped = (word & 1ull) != 0ull;
    auto value = swapped ? odd : even;
    auto sign = ((word + 1ull) & 2ull) << 62ull;
    value = from_bits(to_bits(value) ^ sign);
    return fabs(x) <= 562949953421312.0 ? value : from_bits(0x7ff8000000000000ull);
}

// Tangent.
__device__ __forceinline__ float tan(float x)
{
    auto t = fma(x, 0.63661975f, 12582912.0f);
    auto n = t - 12582912.0f;
    auto r = fma(n, -1.5707964f, x);
    r = fma(n, 4.371139e-08f, r);
    r = fma(n, 1.7151245e-15f, r);
    auto word = to_bits(t);
    auto z = r * r;
    auto odd = -0.00019516685f;
    odd = fma(odd, z, 0.008332174f);
    odd = fma(odd, z, -0.16666655f);
    odd = fma(r * z, odd, r);
    auto even = 2.443773e-05f;
    even = fma(even, z, -0.0013887362f);
    even = fma(even, z, 0.041666646f);
    even = fma(z * z, even, fma(z, -0.5f, 1.0f));
    auto swapped = (word & 1u) != 0u;
    auto value = (swapped ? -even : odd) / (swapped ? odd : even);
    value = x == 0.0f ? x : value;
    return fabs(x) <= 1048576.0f ? value : from_bits(0x7fc00000u);
}

// Tangent.
__device__ __forceinline__ double tan(double x)
{
    auto t = fma(x, 0.6366197723675814, 6755399441055744.0);
    auto n = t - 6755399441055744.0;
    auto r = fma(n, -1.5707963267948966, x);
    r = fma(n, -6.123233995736766e-17, r);
    r = fma(n, 1.4973849048591698e-33, r);
    auto word = to_bits(t);
    auto z = r * r;
    auto odd = 1.5896504053400118e-10;
    odd = fma(odd, z, -2.5050753257329233e-08);
    odd = fma(odd, z, 2.7557313662079947e-06);
    odd = fma(odd, z, -0.0001984126982972554);
    odd = fma(odd, z, 0.008333333333322316);
    odd = fma(odd, z, -0.16666666666666632);
    odd = fma(r * z, odd, r);
    auto even = -1.135945150527588e-11;
    even = fma(even, z, 2.08757196131814e-09);
    even = fma(even, z, -2.755731432643042e-07);
    even = fma(even, z, 2.4801587289396315e-05);
    even = fma(even, z, -0.0013888888888873992);
    even = fma(even, z, 0.0416666666666666);
    even = fma(z * z, even, fma(z, -0.5, 1.0));
    auto swapped = (word & 1ull) != 0ull;
    auto value = (swapped ? -even : odd) / (swapped ? odd : even);
    value = x == 0.0 ? x : value;
    return fabs(x) <= 562949953421312.0 ? value : from_bits(0x7ff8000000000000ull);
}

// The same of any angle: of a large one by the library.
__device__ __forceinline__ float any_sin(float x)
{
    return fabs(x) <= 1048576.0f ? sin(x) : ::sin(x);
}

// The same of any angle: of a large one by the library.
__device__ __forceinline__ double any_sin(double x)
{
    return fabs(x) <= 562949953421312.0 ? sin(x) : ::sin(x);
}

// The same of any angle: of a large one by the library.
__device__ __forceinline__ float any_cos(float x)
{
    return fabs(x) <= 1048576.0f ? cos(x) : ::cos(x);
}

// The same of any angle: of a large one by the library.
__device__ __forceinline__ double any_cos(double x)
{
    return fabs(x) <= 562949953421312.0 ? cos(x) : ::cos(x);
}

// The same of any angle: of a large one by the library.
__device__ __forceinline__ float any_tan(float x)
{
    return fabs(x) <= 1048576.0f ? tan(x) : ::tan(x);
}

// The same of any angle: of a large one by the library.
__device__ __forceinline__ double any_tan(double x)
{
    return fabs(x) <= 562949953421312.0 ? tan(x) : ::tan(x);
}

// Inverse sine.
__device__ __forceinline__ float asin(float x)
{
    auto a = fabs(x);
    auto far = a > 0.5f;
    auto z = far ? 0.5f * (1.0f - a) : a * a;
    auto root = far ? sqrt(z) : a;
    auto q = 0.042230558f;
    q = fma(q, z, 0.024141002f);
    q = fma(q, z, 0.045478337f);
    q = fma(q, z, 0.07495233f);
    q = fma(q, z, 0.16666754f);
    auto value = fma(root * z, q, root);
    auto beyond = 1.5707964f - (2.0f * value - -4.371139e-08f);
    return with_sign(far ? beyond : value, x);
}

// Inverse sine.
__device__ __forceinline__ double asin(double x)
{
    auto a = fabs(x);
    auto far = a > 0.5;
    auto z = far ? 0.5 * (1.0 - a) : a * a;
    auto root = far ? sqrt(z) : a;
    auto q = 0.031981155515658624;
    q = fma(q, z, -0.016325816440485516);
    q = fma(q, z, 0.019593712739202632);
    q = fma(q, z, 0.006503778757020741);
    q = fma(q, z, 0.012174875064778204);
    q = fma(q, z, 0.013884361942567957);
    q = fma(q, z, 0.017359794343775072);
    q = fma(q, z, 0.02237175203356753);
    q = fma(q, z, 0.030381959391032415);
    q = fma(q, z, 0.04464285682209683);
    q = fma(q, z, 0.07500000000344634);
    q = fma(q, z, 0.16666666666665378);
    auto value = fma(root * z, q, root);
    auto beyond = 1.5707963267948966 - (2.0 * value - 6.123233995736766e-17);
    return with_sign(far ? beyond : value, x);
}

// Inverse cosine.
__device__ __forceinline__ float acos(float x)
{
    auto a = fabs(x);
    auto far = a > 0.5f;
    auto z = far ? 0.5f * (1.0f - a) : a * a;
    auto root = far ? sqrt(z) : a;
    auto q = 0.042230558f;
    q = fma(q, z, 0.024141002f);
    q = fma(q, z, 0.045478337f);
    q = fma(q, z, 0.07495233f);
    q = fma(q, z, 0.16666754f);
    auto value = fma(root * z, q, root);
    auto near = 1.5707964f - (with_sign(value, x) - -4.371139e-08f);
    auto twice = 2.0f * value;
    auto beyond = x > 0.0f ? twice : 3.1415927f - (twice - -8.742278e-08f);
    return far ? beyond : near;
}

// Inverse cosine.
__device__ __forceinline__ double acos(double x)
{
    auto a = fabs(x);
    auto far = a > 0.5;
    auto z = far ? 0.5 * (1.0 - a) : a * a;
    auto root = far ? sqrt(z) : a;
    auto q = 0.031981155515658624;
    q = fma(q, z, -0.016325816440485516);
    q = fma(q, z, 0.019593712739202632);
    q = fma(q, z, 0.006503778757020741);
    q = fma(q, z, 0.012174875064778204);
    q = fma(q, z, 0.013884361942567957);
    q = fma(q, z, 0.017359794343775072);
    q = fma(q, z, 0.02237175203356753);
    q = fma(q, z, 0.030381959391032415);
    q = fma(q, z, 0.04464285682209683);
    q = fma(q, z, 0.07500000000344634);
    q = fma(q, z, 0.16666666666665378);
    auto value = fma(root * z, q, root);
    auto near = 1.5707963267948966 - (with_sign(value, x) - 6.123233995736766e-17);
    auto twice = 2.0 * value;
    auto beyond = x > 0.0 ? twice : 3.141592653589793 - (twice - 1.2246467991473532e-16);
    return far ? beyond : near;
}

// Inverse tangent.
__device__ __forceinline__ float atan(float x)
{
    auto a = fabs(x);
    auto far = a > 2.4142137f;
    auto near = a < 0.41421357f;
    auto above = far ? -1.0f : (near ? a : a - 1.0f);
    auto below = far ? a : (near ? 1.0f : a + 1.0f);
    auto u = above / below;
    auto z = u * u;
    auto q = -0.060811717f;
    q = fma(q, z, 0.105951436f);
    q = fma(q, z, -0.14243738f);
    q = fma(q, z, 0.19998483f);
    q = fma(q, z, -0.33333316f);
    auto high = far ? 1.5707964f : (near ? 0.0f : 0.7853982f);
    auto low = far ? -4.371139e-08f : (near ? 0.0f : -2.1855694e-08f);
    return with_sign(high + (fma(u * z, q, u) + low), x);
}

// Inverse tangent.
__device__ __forceinline__ double atan(double x)
{
    auto a = fabs(x);
    auto far = a > 2.414213562373095;
    auto near = a < 0.41421356237309515;
    auto above = far ? -1.0 : (near ? a : a - 1.0);
    auto below = far ? a : (near ? 1.0 : a + 1.0);
    auto u = above / below;
    auto z = u * u;
    auto q = -0.017907406773661563;
    q = fma(q, z, 0.038065006336156185);
    q = fma(q, z, -0.050393325355731294);
    q = fma(q, z, 0.058478976812727186);
    q = fma(q, z, -0.06663105480268572);
    q = fma(q, z, 0.07692060362376707);
    q = fma(q, z, -0.09090897767013269);
    q = fma(q, z, 0.11111110783808612);
    q = fma(q, z, -0.1428571428020384);
    q = fma(q, z, 0.1999999999995366);
    q = fma(q, z, -0.333333333333332);
    auto high = far ? 1.5707963267948966 : (near ? 0.0 : 0.7853981633974483);
    auto low = far ? 6.123233995736766e-17 : (near ? 0.0 : 3.061616997868383e-17);
    return with_sign(high + (fma(u * z, q, u) + low), x);
}

// Hyperbolic sine.
__device__ __forceinline__ float sinh(float x)
{
    auto a = fabs(x);
    auto half = half_exp(a);
    auto z = x * x;
    auto q = 2.817501e-06f;
    q = fma(q, z, 0.00019836056f);
    q = fma(q, z, 0.0083333505f);
    q = fma(q, z, 0.16666667f);
    auto value = a < 1.0f ? fma(a * z, q, a) : half - 0.25f / half;
    return with_sign(value, x);
}

// Hyperbolic sine.
__device__ __forceinline__ double sinh(double x)
{
    auto a = fabs(x);
    auto half = half_exp(a);
    auto z = x * x;
    auto q = 2.8484360025941073e-15;
    q = fma(q, z, 7.646474961383961e-13);
    q = fma(q, z, 1.6059050726808497e-10);
    q = fma(q, z, 2.505210834548006e-08);
    q = fma(q, z, 2.7557319224120922e-06);
    q = fma(q, z, 0.0001984126984126959);
    q = fma(q, z, 0.008333333333333333);
    q = fma(q, z, 0.16666666666666666);
    auto value = a < 1.0 ? fma(a * z, q, a) : half - 0.25 / half;
    return with_sign(value, x);
}

// Hyperbolic cosine.
__device__ __forceinline__ float cosh(float x)
{
    auto half = half_exp(fabs(x));
    return half + 0.25f / half;
}

// Hyperbolic cosine.
__device__ __forceinline__ double cosh(double x)
{
    auto half = half_exp(fabs(x));
    return half + 0.25 / half;
}

// Hyperbolic tangent.
__device__ __forceinline__ float tanh(float x)
{
    auto e = expm1(-2.0f * fabs(x));
    return with_sign(-e / (2.0f + e), x);
}

// Hyperbolic tangent.
__device__ __forceinline__ double tanh(double x)
{
    auto e = expm1(-2.0 * fabs(x));
    return with_sign(-e / (2.0 + e), x);
}

// Error function, from the logarithm of its complement.
__device__ __forceinline__ float erf(float x)
{
    auto a = fabs(x);
    a = a > 4.0f ? 4.0f : a;
    auto q = -9.1216625e-06f;
    q = fma(q, a, 0.00011638066f);
    q = fma(q, a, -0.0006280937f);
    q = fma(q, a, 0.0016577931f);
    q = fma(q, a, -0.00015041193f);
    q = fma(q, a, -0.019159041f);
    q = fma(q, a, 0.10277969f);
    q = fma(q, a, 0.63661915f);
    q = fma(q, a, 1.1283792f);
    return with_sign(-expm1(-a * q), x);
}

// Error function, from the logarithm of its complement.
__device__ __forceinline__ double erf(double x)
{
    auto a = fabs(x);
    a = a > 6.0 ? 6.0 : a;
    auto q = -1.2169952538287773e-16;
    q = fma(q, a, 6.562288384556005e-15);
    q = fma(q, a, -1.6641369612341915e-13);
    q = fma(q, a, 2.6383990548840827e-12);
    q = fma(q, a, -2.931150328878961e-11);
    q = fma(q, a, 2.421828724986973e-10);
    q = fma(q, a, -1.539209618882276e-09);
    q = fma(q, a, 7.655924397068331e-09);
    q = fma(q, a, -2.987112982029806e-08);
    q = fma(q, a, 8.971606279415735e-08);
    q = fma(q, a, -1.9391983290219047e-07);
    q = fma(q, a, 2.290333964080489e-07);
    q = fma(q, a, 2.0546616419047964e-07);
    q = fma(q, a, -1.5910932182651563e-06);
    q = fma(q, a, 2.6965332618924917e-06);
    q = fma(q, a, 3.5086513504947116e-06);
    q = fma(q, a, -2.9782151780910486e-05);
    q = fma(q, a, 6.451748245520782e-05);
    q = fma(q, a, 2.5870126398193468e-05);
    q = fma(q, a, -0.0005901235207104427);
    q = fma(q, a, 0.0016962060509103402);
    q = fma(q, a, -0.0002091946600974244);
    q = fma(q, a, -0.019128447006953316);
    q = fma(q, a, 0.10277260330180903);
    q = fma(q, a, 0.6366197723675857);
    q = fma(q, a, 1.1283791670955126);
    return with_sign(-expm1(-a * q), x);
}

// Complementary error function: exp(-x^2) q(t) / (1 + 2 x) with t = (x - 4) / (x + 4) from zero on.
__device__ __forceinline__ float erfc(float x)
{
    auto a = fabs(x);
    a = a > 11.0f ? 11.0f : a;
    auto below = a + 4.0f;
    auto above = a - 4.0f;
    auto doubled = fma(2.0f, a, 1.0f);
    auto inverse = 1.0f / (below * doubled);
    auto t = above * (doubled * inverse);
    t = fma(fma(-t, below, above), doubled * inverse, t);
    auto q = 0.0048001986f;
    q = fma(q, t, -0.017159238f);
    q = fma(q, t, 0.03722564f);
    q = fma(q, t, -0.06583681f);
    q = fma(q, t, 0.093740836f);
    q = fma(q, t, -0.10114778f);
    q = fma(q, t, 0.06809382f);
    q = fma(q, t, 0.015388251f);
    q = fma(q, t, -0.13962099f);
    q = fma(q, t, 1.232995f);
    auto square = a * a;
    auto lost = fma(a, a, -square);
    auto value = exp_sum(-square, -lost) * (q * (below * inverse));
    return x < 0.0f ? 2.0f - value : value;
}

// Complementary error function: exp(-x^2) q(t) / (1 + 2 x) with t = (x - 4) / (x + 4) from zero on.
__device__ __forceinline__ double erfc(double x)
{
    auto a = fabs(x);
    a = a > 28.0 ? 28.0 : a;
    auto below = a + 4.0;
    auto above = a - 4.0;
    auto doubled = fma(2.0, a, 1.0);
    auto inverse = 1.0 / (below * doubled);
    auto t = above * (doubled * inverse);
    t = fma(fma(-t, below, above), doubled * inverse, t);
    auto q = -1.717693289781494e-09;
    q = fma(q, t, -1.3386454159346914e-08);
    q = fma(q, t, -7.778850462785325e-09);
    q = fma(q, t, 1.1456186302652638e-07);
    q = fma(q, t, 6.23893487754236e-08);
    q = fma(q, t, -8.342410428097089e-07);
    q = fma(q, t, 3.0195594082801666e-07);
    q = fma(q, t, 5.7172956134444835e-06);
    q = fma(q, t, -1.1225282682517814e-05);
    q = fma(q, t, -2.440294160422323e-05);
    q = fma(q, t, 0.0001506224714196308);
    q = fma(q, t, -0.00019925556126257243);
    q = fma(q, t, -0.0007577734048241805);
    q = fma(q, t, 0.005031969763575249);
    q = fma(q, t, -0.016197734048429682);
    q = fma(q, t, 0.037167515561851036);
    q = fma(q, t, -0.06633036581256353);
    q = fma(q, t, 0.09373283499682397);
    q = fma(q, t, -0.10103906603630115);
    q = fma(q, t, 0.0680970542547366);
    q = fma(q, t, 0.015379652102619764);
    q = fma(q, t, -0.1396211168405629);
    q = fma(q, t, 1.2329951186255526);
    auto square = a * a;
    auto lost = fma(a, a, -square);
    auto value = exp_sum(-square, -lost) * (q * (below * inverse));
    return x < 0.0 ? 2.0 - value : value;
}

// x^y: the logarithm of |x| in two parts (high, low), times y, then the exponential.
__device__ __forceinline__ float pow(float x, float y)
{
    auto a = fabs(x);
    auto tiny = a < 1.1754944e-38f;
    auto word = to_bits(tiny ? a * 33554432.0f : a) + 0x4afb0du;
    auto exponent = word >> 23u;
    auto f = from_bits((word & 0x7fffffu) + 0x3f3504f3u) - 1.0f;
    auto k = from_bits(exponent | 0x4b000000u);
    k -= tiny ? 8388760.0f : 8388735.0f;
    auto d = 2.0f + f;
    auto inverse = 1.0f / d;
    auto s = f * inverse;
    auto s_low = fma(-s, f - (d - 2.0f), fma(-s, d, f)) * inverse;
    auto z = s * s;
    auto z_low = fma(2.0f * s, s_low, fma(s, s, -z));
    auto q = 0.11709332f;
    q = fma(q, z, 0.14273565f);
    q = fma(q, z, 0.20000076f);
    q *= z;
    auto third = 0.33333334f + q;
    auto third_low = 0.33333334f - third + q + -9.934108e-09f;
    auto u = z * third;
    auto u_low = fma(z, third, -u) + fma(z, third_low, z_low * third);
    auto v = s * u;
    auto v_low = fma(s, u, -v) + fma(s, u_low, s_low * u);
    auto half = s + v;
    auto half_low = s - half + v + (s_low + v_low);
    auto whole = k * 0.69314575f;
    auto total = whole + 2.0f * half;
    auto total_low = whole - total + 2.0f * half;
    total_low += fma(k, 1.4286068e-06f, 2.0f * half_low);
    auto high = total + total_low;
    auto low = total - high + total_low;
    high = a == 0.0f ? -from_bits(0x7f800000u) : (a < from_bits(0x7f800000u) ? high : a);
    auto product = y * high;
    auto product_low = fma(y, low, fma(y, high, -product));
    product_low = fabs(product) < 180.0f ? product_low : 0.0f;
    auto value = exp_sum(product, product_low);
    value = a == 1.0f ? 1.0f : value;
    auto whole_y = floor(y) == y;
    auto half_y = 0.5f * y;
    auto sign = to_bits(x) & 0x80000000u;
    sign = whole_y && floor(half_y) != half_y ? sign : 0u;
    value = from_bits(to_bits(value) | sign);
    value = x < 0.0f && a < from_bits(0x7f800000u) && !whole_y ? from_bits(0x7fc00000u) : value;
    return y == 0.0f ? 1.0f : value;
}

// x^y: the logarithm of |x| in two parts (high, low), times y, then the exponential.
__device__ __forceinline__ double pow(double x, double y)
{
    auto a = fabs(x);
    auto tiny = a < 2.2250738585072014e-308;
    auto word = to_bits(tiny ? a * 1.8014398509481984e+16 : a) + 0x95f619980c433ull;
    auto exponent = word >> 52ull;
    auto f = from_bits((word & 0xfffffffffffffull) + 0x3fe6a09e667f3bcdull) - 1.0;
    auto k = from_bits(exponent | 0x4330000000000000ull);
    k -= tiny ? 4503599627371573.0 : 4503599627371519.0;
    auto d = 2.0 + f;
    auto inverse = 1.0 / d;
    auto s = f * inverse;
    auto s_low = fma(-s, f - (d - 2.0), fma(-s, d, f)) * inverse;
    auto z = s * s;
    auto z_low = fma(2.0 * s, s_low, fma(s, s, -z));
    auto q = 0.06598169257554845;
    q = fma(q, z, 0.06628408472868058);
    q = fma(q, z, 0.07693378678377619);
    q = fma(q, z, 0.09090892183332701);
    q = fma(q, z, 0.11111111259964555);
    q = fma(q, z, 0.14285714285049755);
    q = fma(q, z, 0.20000000000001128);
    q *= z;
    auto third = 0.3333333333333333 + q;
    auto third_low = 0.3333333333333333 - third + q + 1.850371707708594e-17;
    auto u = z * third;
    auto u_low = fma(z, third, -u) + fma(z, third_low, z_low * third);
    auto v = s * u;
    auto v_low = fma(s, u, -v) + fma(s, u_low, s_low * u);
    auto half = s + v;
    auto half_low = s - half + v + (s_low + v_low);
    auto whole = k * 0.6931471805598903;
    auto total = whole + 2.0 * half;
    auto total_low = whole - total + 2.0 * half;
    total_low += fma(k, 5.497923018708371e-14, 2.0 * half_low);
    auto high = total + total_low;
    auto low = total - high + total_low;
    high = a == 0.0 ? -from_bits(0x7ff0000000000000ull) : (a < from_bits(0x7ff0000000000000ull) ? high : a);
    auto product = y * high;
    auto product_low = fma(y, low, fma(y, high, -product));
    product_low = fabs(product) < 1422.0 ? product_low : 0.0;
    auto value = exp_sum(product, product_low);
    value = a == 1.0 ? 1.0 : value;
    auto whole_y = floor(y) == y;
    auto half_y = 0.5 * y;
    auto sign = to_bits(x) & 0x8000000000000000ull;
    sign = whole_y && floor(half_y) != half_y ? sign : 0ull;
    value = from_bits(to_bits(value) | sign);
    value = x < 0.0 && a < from_bits(0x7ff0000000000000ull) && !whole_y ? from_bits(0x7ff8000000000000ull) : value;
    return y == 0.0 ? 1.0 : value;
}
}  // namespace elementary

// What equations call.
namespace math {
__device__ __forceinline__ double exp(double x) { return elementary::exp(x); }
__device__ __forceinline__ float exp(float x)
{ return NATIVE_MATH ? ::exp(x) : elementary::exp(x); }
__device__ __forceinline__ double exp_plus(double x, double summand) { return elementary::exp_plus(x, summand); }
__device__ __forceinline__ float exp_plus(float x, float summand)
{ return NATIVE_MATH ? ::exp(x) + summand : elementary::exp_plus(x, summand); }
__device__ __forceinline__ double expm1(double x) { return elementary::expm1(x); }
__device__ __forceinline__ float expm1(float x)
{ return NATIVE_MATH ? ::expm1(x) : elementary::expm1(x); }
__device__ __forceinline__ double log(double x) { return elementary::log(x); }
__device__ __forceinline__ float log(float x)
{ return NATIVE_MATH ? ::log(x) : elementary::log(x); }
__device__ __forceinline__ double log1p(double x) { return elementary::log1p(x); }
__device__ __forceinline__ float log1p(float x)
{ return NATIVE_MATH ? ::log1p(x) : elementary::log1p(x); }
__device__ __forceinline__ double log10(double x) { return elementary::log10(x); }
__device__ __forceinline__ float log10(float x)
{ return NATIVE_MATH ? ::log10(x) : elementary::log10(x); }
__device__ __forceinline__ double sin(double x) { return elementary::any_sin(x); }
__device__ __forceinline__ float sin(float x)
{ return NATIVE_MATH ? ::sin(x) : elementary::any_sin(x); }
__device__ __forceinline__ double cos(double x) { return elementary::any_cos(x); }
__device__ __forceinline__ float cos(float x)
{ return NATIVE_MATH ? ::cos(x) : elementary::any_cos(x); }
__device__ __forceinline__ double tan(double x) { return elementary::any_tan(x); }
__device__ __forceinline__ float tan(float x)
{ return NATIVE_MATH ? ::tan(x) : elementary::any_tan(x); }
__device__ __forceinline__ double asin(double x) { return elementary::asin(x); }
__device__ __forceinline__ float asin(float x)
{ return NATIVE_MATH ? ::asin(x) : elementary::asin(x); }
__device__ __forceinline__ double acos(double x) { return elementary::acos(x); }
__device__ __forceinline__ float acos(float x)
{ return NATIVE_MATH ? ::acos(x) : elementary::acos(x); }
__device__ __forceinline__ double atan(double x) { return elementary::atan(x); }
__device__ __forceinline__ float atan(float x)
{ return NATIVE_MATH ? ::atan(x) : elementary::atan(x); }
__device__ __forceinline__ double sinh(double x) { return elementary::sinh(x); }
__device__ __forceinline__ float sinh(float x)
{ return NATIVE_MATH ? ::sinh(x) : elementary::sinh(x); }
__device__ __forceinline__ double cosh(double x) { return elementary::cosh(x); }
__device__ __forceinline__ float cosh(float x)
{ return NATIVE_MATH ? ::cosh(x) : elementary::cosh(x); }
__device__ __forceinline__ double tanh(double x) { return elementary::tanh(x); }
__device__ __forceinline__ float tanh(float x)
{ return NATIVE_MATH ? ::tanh(x) : elementary::tanh(x); }
__device__ __forceinline__ double erf(double x) { return elementary::erf(x); }
__device__ __forceinline__ float erf(float x)
{ return NATIVE_MATH ? ::erf(x) : elementary::erf(x); }
__device__ __forceinline__ double erfc(double x) { return elementary::erfc(x); }
__device__ __forceinline__ float erfc(float x)
{ return NATIVE_MATH ? ::erfc(x) : elementary::erfc(x); }
__device__ __forceinline__ double pow(double x, double y) { return elementary::pow(x, y); }
__device__ __forceinline__ float pow(float x, float y)
{ return NATIVE_MATH ? ::pow(x, y) : elementary::pow(x, y); }
}  // namespace math

// Square root, correctly rounded whatever the compiler is told of other roots.
INLINE float root(float x) { return __fsqrt_rn(x); }
INLINE double root(double x) { return sqrt(x); }

// The larger and the smaller of two numbers; a value that is NaN stays so.
INLINE real at_least(real value, real limit) { return value < limit ? limit : value; }
INLINE real at_most(real value, real limit) { return value > limit ? limit : value; }

// What is lost where a state and a smaller increment are added up; what double precision loses is left out.
INLINE float rounding_error(float state, float increment, float following) { return increment - (following - state); }
INLINE double rounding_error(double, double, double) { return 0.0; }

// Add a value to a sum and to what rounding left of it: nothing where the sum is not finite, or in double precision.
INLINE void add_up(float& total, float& rest, float value)
{
    const float increment = value + rest, following = total + increment;
    const float lost = increment - (following - total);
    rest = lost == lost ? lost : 0.0f;
    total = following;
}
INLINE void add_up(double& total, double&, double value) { total += value; }

// An angle without whole turns, from 0 up to the period; rounding may leave less than nothing, which is carried.
INLINE real wrapped(real angle, double period)
{
    const real turn = real(period), left = fma(-floor(angle * real(1.0 / period)), turn, angle);
    const real below = left >= turn ? left - turn : left;
    return below < real(0.0) ? real(0.0) : below;
}

// Whole turns that were taken off.
INLINE real turns_between(real angle, real left, double period)
{
    return floor(fma(angle - left, real(1.0 / period), real(0.5)));
}

// What that lost: by rounding, and because a turn in single precision is not the period.
INLINE real wrapping_error(real angle, real left, double period)
{
    const real turn = real(period), turns = turns_between(angle, left, period);
    return fma(-turns, real(period - double(turn)), angle - fma(turns, turn, left));
}

// Philox4x32-10 (doi 10.1145/2063384.2063405): four random words from a counter and a key.
struct Words { unsigned int word[4]; };

INLINE Words philox(
    unsigned int counter0, unsigned int counter1, unsigned int counter2, unsigned int counter3,
    unsigned int subkey0, unsigned int subkey1)
{
    for (int turn = 0; turn < 10; turn++) {
        const unsigned int high0 = __umulhi(0xD2511F53u, counter0), low0 = 0xD2511F53u * counter0;
        const unsigned int high1 = __umulhi(0xCD9E8D57u, counter2), low1 = 0xCD9E8D57u * counter2;
        counter0 = high1 ^ counter1 ^ subkey0;
        counter1 = low1;
        counter2 = high0 ^ counter3 ^ subkey1;
        counter3 = low0;
        subkey0 += 0x9E3779B9u;
        subkey1 += 0xBB67AE85u;
    }
    return {{counter0, counter1, counter2, counter3}};
}

// Two normal deviates of two words, by Box and Muller.
INLINE void normal_pair(unsigned int word0, unsigned int word1, real& first, real& second)
{
    const real radius = root(real(-2.0) * elementary::log((real(word0) + real(0.5)) * real(2.3283064365386963e-10)));
    const real angle = real(word1) * real(1.4629180792671596e-09);
    first = radius * elementary::cos(angle);
    second = radius * elementary::sin(angle);
}

// The first of them alone.
INLINE real one_normal(unsigned int word0, unsigned int word1)
{
    real first, second;
    normal_pair(word0, word1, first, second);
    return first;
}

// Hoisted values of a node: in registers, or read from memory where they are needed.
template <int COUNT> struct Registers {
    real value[COUNT > 0 ? COUNT : 1];
    __device__ Registers(const real* hoisted, int columns, int node, int lane)
    {
        #pragma unroll
        for (int k = 0; k < COUNT; k++)
            value[k] = hoisted[((size_t)k * columns + (REGIONAL && columns > 1 ? node : 0)) * LANES + lane];
    }
    __device__ real operator[](int k) const { return value[k]; }
};
struct Memory {
    const volatile real* value;
    unsigned int stride;
    __device__ Memory(const volatile real* hoisted, int columns, int node, int lane)
        : value(hoisted + (size_t)(REGIONAL && columns > 1 ? node : 0) * LANES + lane),
          stride((REGIONAL ? columns : 1) * LANES) {}
    __device__ real operator[](int k) const
    {
        unsigned int apart = stride;
#if REGIONAL && defined(__CUDACC__)
        // hides that a row lies where it lay before: its place is computed anew, not kept in two registers
        asm volatile("" : "+r"(apart));
#endif
        return value[(size_t)k * apart];
    }
};

// A number of the history's slots. Where 2^32 slots of a lane block are 256 GiB or more, they are fewer.
template <bool FEW> struct Count { typedef unsigned int type; };
template <> struct Count<false> { typedef size_t type; };
typedef Count<(LANES * sizeof(kept) >= 64)>::type Slots;

// The edges of a connectome by receiving node, with delays in steps.
struct Edges {
    const int* row;
    const int* source;
    const int* delay;
    const real* weight;
    int n_node, horizon;
};

#if ROWS == 1
// Sums over the edges into a node for a block of steps, two edges at a time, of the factors FACTOR of the history.
template <unsigned DELAYED, int... FACTOR, class Sums>
INLINE void sum_edges(
    const Edges& edges, int node, int at, const kept* history, const bool* on, Sums& coupled, int group, int lane)
{
    constexpr int factor[] = {FACTOR...}, n = sizeof...(FACTOR);
    real total[n][BLOCK];
    bool any = false;
    #pragma unroll
    for (int k = 0; k < n; k++) {
        any |= on[k];
        #pragma unroll
        for (int ahead = 0; ahead < BLOCK; ahead++) total[k][ahead] = real(0.0);
    }
    const int horizon = edges.horizon, last = edges.row[node + any];
    for (int edge = edges.row[node]; edge < last; edge += 2) {
        // an odd edge at the end is added once more with no weight
        const int other = edge + 1 < last ? edge + 1 : edge;
        const real weight_0 = edges.weight[edge], weight_1 = edge + 1 < last ? edges.weight[other] : real(0.0);
        const Slots from_0 = (Slots)edges.source[edge] * horizon, from_1 = (Slots)edges.source[other] * horizon;
        int slot_0 = at - edges.delay[edge], slot_1 = at - edges.delay[other];
        slot_0 += slot_0 < 0 ? horizon : 0;
        slot_1 += slot_1 < 0 ? horizon : 0;
        const bool in_one_part = (slot_0 > slot_1 ? slot_0 : slot_1) + BLOCK <= horizon;
        #pragma unroll
        for (int k = 0; k < n; k++) {
            if (!on[k]) continue;
            const kept* past = history + (size_t)factor[k] * edges.n_node * horizon * LANES + lane;
            if (!(DELAYED >> k & 1)) {
                // what is taken now is there for one step alone: BLOCK is 1
                total[k][0] = fma(weight_0, recall(past[(size_t)(from_0 + at) * LANES]), total[k][0]);
                total[k][0] = fma(weight_1, recall(past[(size_t)(from_1 + at) * LANES]), total[k][0]);
            } else if (in_one_part) {
                const kept *past_0 = past + (size_t)(from_0 + slot_0) * LANES, *past_1 = past + (size_t)(from_1 +
                    slot_1) * LANES;
                #pragma unroll
                for (int ahead = 0; ahead < BLOCK; ahead++) {
                    total[k][ahead] = fma(weight_0, recall(past_0[ahead * LANES]), total[k][ahead]);
                    total[k][ahead] = fma(weight_1, recall(past_1[ahead * LANES]), total[k][ahead]);
                }
            } else {
                #pragma unroll
                for (int ahead = 0; ahead < BLOCK; ahead++) {
                    const int then_0 = slot_0 + ahead - (slot_0 + ahead < horizon ? 0 : horizon);
                    const int then_1 = slot_1 + ahead - (slot_1 + ahead < horizon ? 0 : horizon);
                    total[k][ahead] = fma(weight_0, recall(past[(size_t)(from_0 + then_0) * LANES]), total[k][ahead]);
                    total[k][ahead] = fma(weight_1, recall(past[(size_t)(from_1 + then_1) * LANES]), total[k][ahead]);
                }
            }
        }
    }
    #pragma unroll
    for (int k = 0; k < n; k++) {
        #pragma unroll
        for (int ahead = 0; ahead < BLOCK; ahead++) coupled[k][group * BLOCK + ahead][lane] = total[k][ahead];
    }
}
template <int... FACTOR, class Sums>
INLINE void multiply_edges(const real*, const kept*, int, int, int, const bool*, Sums&, int, int) {}
#else
// In a product of matrices a thread takes as many lanes as there are parts of a group's rows, and one part.
#define SIDE (LANES < 4 ? LANES : 4)
#define SLOTS (BLOCK + 1)
// numbers of them, powers of two, that are read at once
#define ALIGNED(bytes) __align__((bytes) < 16 ? (bytes) : 16)
struct ALIGNED(ROWS / SIDE * sizeof(real)) Weights { real weight[ROWS / SIDE]; };
struct ALIGNED(SIDE * sizeof(kept)) Values { kept lane[SIDE]; };

// Sums over the edges into ROWS nodes for one step, of one factor: a product of the weights and the values now.
template <class Sums>
INLINE void multiply_weights(
    const real* dense, const kept* values_now, int n_node, int sources, int tile, Sums& sums, int group, int lane)
{
    const Weights* weights = (const Weights*)(dense + (size_t)tile * n_node * ROWS) + lane % SIDE;
    const Values* values = (const Values*)(values_now + lane / SIDE * SIDE);
    real total[ROWS / SIDE][SIDE] = {};
    #pragma unroll 4
    for (int other = 0; other < sources; other++) {
        const Weights by_row = weights[(size_t)other * SIDE];
        const Values by_lane = values[(size_t)other * SLOTS * (LANES / SIDE)];
        #pragma unroll
        for (int k = 0; k < ROWS / SIDE; k++) {
            #pragma unroll
            for (int m = 0; m < SIDE; m++) total[k][m] = fma(by_row.weight[k], recall(by_lane.lane[m]), total[k][m]);
        }
    }
    #pragma unroll
    for (int k = 0; k < ROWS / SIDE; k++) {
        const int nth = group * ROWS + lane % SIDE * (ROWS / SIDE) + k;
        #pragma unroll
        for (int m = 0; m < SIDE; m++) sums[nth][lane / SIDE * SIDE + m] = total[k][m];
    }
}

// Sums over the edges into nodes from first_node on, of the factors FACTOR: each group takes ROWS nodes.
template <int... FACTOR, class Sums>
INLINE void multiply_edges(
    const real* dense, const kept* history, int n_node, int at, int first_node, const bool* on, Sums& coupled,
    int group, int lane)
{
    constexpr int factor[] = {FACTOR...}, n = sizeof...(FACTOR);
    if (first_node) __syncthreads();  // the sums before these have been used
    const int tile = first_node / ROWS + group;
    if (tile * ROWS < n_node) {
        #pragma unroll
        for (int k = 0; k < n; k++) {
            const kept* now = history + ((size_t)factor[k] * n_node * SLOTS + at) * LANES;
            multiply_weights(dense, now, n_node, on[k] ? n_node : 0, tile, coupled[k], group, lane);
        }
    }
    __syncthreads();
}
template <unsigned DELAYED, int... FACTOR, class Sums>
INLINE void sum_edges(const Edges&, int, int, const kept*, const bool*, Sums&, int, int) {}
#endif

// Write factors of a node into `count` slots of the ring from `slot` on.
template <int COUNT>
INLINE void fill_slots(
    kept* history, const real (&factors)[COUNT], const real* scales, real* largest, int n_node, int node, int horizon,
    int slot, int count, int group, int lane)
{
    for (int k = 0; k < COUNT; k++) {
        note_size(factors[k], largest[(k * GROUPS + group) * LANES + lane]);
        for (int there = slot; there < slot + count; there++)
            history[(((size_t)k * n_node + node) * horizon + there) * LANES + lane] = keep(factors[k], scales, k);
    }
}

// Copy rows of LANES values, a row a group at a time.
template <class Value>
INLINE void copy_rows(Value* destination, const Value* source, int rows, int group, int lane)
{
    for (size_t k = group; k < rows; k += GROUPS) destination[k * LANES + lane] = source[k * LANES + lane];
}

// Where a lane block's state, sums and history come from while they are in shared memory, and how many rows.
struct Home {
#if IN_SHARED
    real *state, *sums;
    kept* history;
    int states, exposures, slots;
#endif
};

// Take them into shared memory, if they are to be there.
INLINE Home move_in(
    real*& state, real*& sums, kept*& history, int states, int exposures, int slots, int group, int lane)
{
#if IN_SHARED
    DYNAMIC_SHARED(real, pool);
    const Home home = {state, sums, history, states, exposures, slots};
    state = pool;
    sums = state + states * LANES;
    history = (kept*)(sums + exposures * LANES);
    copy_rows(state, home.state, states, group, lane);
    copy_rows(sums, home.sums, exposures, group, lane);
    copy_rows(history, home.history, slots, group, lane);
    __syncthreads();
    return home;
#else
    return {};
#endif
}

// Bring them back.
INLINE void move_out(const Home& home, const real* state, const real* sums, const kept* history, int group, int lane)
{
#if IN_SHARED
    copy_rows(home.state, state, home.states, group, lane);
    copy_rows(home.sums, sums, home.exposures, group, lane);
    copy_rows(home.history, history, home.slots, group, lane);
#endif
}

// Find out which hoisted rows are not zero for all work items and nodes.
template <int COUNT>
INLINE void find_switches(
    bool (&on)[COUNT], const int (&rows)[COUNT], const real* hoisted, int columns, int group, int lane)
{
    if (group == 0)
        for (int k = lane; k < COUNT; k += LANES) on[k] = false;
    __syncthreads();
    for (int node = group; node < columns; node += GROUPS)
        for (int k = 0; k < COUNT; k++)
            if (hoisted[((size_t)rows[k] * columns + node) * LANES + lane] != real(0.0)) on[k] = true;
    __syncthreads();
}
