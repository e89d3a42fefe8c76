"""A model at run time: its description, and the values that a run gives it."""
