"""Results as datasets, in memory and on disk."""
