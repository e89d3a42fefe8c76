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
