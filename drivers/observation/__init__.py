"""Observations of a run: samples, BOLD signals, and the measures that these are reduced to."""
