"""Integration schemes: each a short step around the model's equations."""
