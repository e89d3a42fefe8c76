"""Fitting simulations to data: targets from files, the ranking of a sweep, and its pictures."""
