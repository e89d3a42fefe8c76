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
