"""Templates of CUDA source: one for each node of the loops, and the header."""
