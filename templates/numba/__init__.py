"""Templates of Numba modules: one for each node of the loops."""
