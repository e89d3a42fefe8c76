"""Fits of simulations to data: data to fit from files, rankings of sweeps, and their pictures."""
