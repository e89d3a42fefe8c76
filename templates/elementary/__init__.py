"""Templates of the elementary functions."""
