"""Exact derivatives of the model's functions."""
