"""The oracle: a slow, plain interpreter of models that generated kernels are held against.

It imports the language's `Model` and nothing else of ours, so that no mistake can be on both sides.
"""

from .interpreter import Experiment, initial_state, inputs_at, prepare, simulate, step, tavg

__all__ = ["Experiment", "initial_state", "inputs_at", "prepare", "simulate", "step", "tavg"]
