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
