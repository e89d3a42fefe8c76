"""The elementary functions that generated Numba modules carry, as templates."""
