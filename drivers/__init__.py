"""The runtime: connectomes, sweeps, delays, devices and results. Knows no model language and no generator."""
