"""Lane blocks on the processor, by kernels that Numba compiles."""
