"""The functions that `rateloom` offers, a family a file."""
