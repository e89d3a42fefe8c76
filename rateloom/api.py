"""The Python interface: load a model, take a connectome, generate code, simulate, sweep."""

from rateloom.generation import generate
from rateloom.loading import connectome, default_connectome, load, model_file, shipped_models
from rateloom.simulation import simulate, sweep

__all__ = [
    "connectome",
    "default_connectome",
    "generate",
    "load",
    "model_file",
    "shipped_models",
    "simulate",
    "sweep",
]
