// The history's type, and how its values are read and written.
#if HALF_HISTORY
typedef unsigned short kept;
#ifdef __CUDACC__
INLINE real recall(kept bits)
{
    float value;
    asm("cvt.f32.f16 %0, %1;" : "=f"(value) : "h"(bits));
    return real(value);
}
INLINE kept keep(real value)
{
    kept bits;
    asm("cvt.rn.f16.f32 %0, %1;" : "=h"(bits) : "f"(float(value)));
    return bits;
}
#else
static inline real recall(kept bits) { return real(cuda_on_host_float_of_half(bits)); }
static inline kept keep(real value) { return cuda_on_host_half_of_float(float(value)); }
#endif
#else
typedef real kept;
INLINE real recall(kept value) { return value; }
INLINE kept keep(real value) { return value; }
#endif
