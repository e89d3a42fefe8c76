"""Basic functions for all other packages: errors, files, memory, progress, tables."""
