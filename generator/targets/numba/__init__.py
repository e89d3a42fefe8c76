"""Python that Numba compiles."""
