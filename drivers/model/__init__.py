"""What the runtime knows of a model: its description, and the values that a run gives it."""
