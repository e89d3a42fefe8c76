"""Connectomes, their files, and their edges in the kernels' order."""
