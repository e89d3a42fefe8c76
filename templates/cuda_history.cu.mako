#if HALF_HISTORY
typedef unsigned short kept;
#else
typedef real kept;
#endif
% if factors:
#if HALF_HISTORY
#ifdef __CUDACC__
static __device__ __forceinline__ real recall(kept bits)
{
    float value;
    asm("cvt.f32.f16 %0, %1;" : "=f"(value) : "h"(bits));
    return real(value);
}
static __device__ __forceinline__ kept keep(real value)
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
static __device__ __forceinline__ real recall(kept value) { return value; }
static __device__ __forceinline__ kept keep(real value) { return value; }
#endif
% endif
