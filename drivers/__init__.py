"""The runtime: connectomes, sweeps, delays, devices and results. Knows neither the language nor the generator."""
