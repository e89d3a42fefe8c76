#ifndef BUMPS_CUH
#define BUMPS_CUH

static __device__ __forceinline__ real square(real v) { return v * v; }

// a smooth bump of width w
__device__ real bump(real v, real w)
{
    return real(1) / (real(1) + square(v / w));
}

__device__ real hinge(real v)
{
    real total = 0;
    for (int k = 1; k < 4; k++)
        if (v > real(0.1) * k)
            total += (v - real(0.1) * k) / k;
    return total;
}

#endif
