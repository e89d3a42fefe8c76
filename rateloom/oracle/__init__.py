"""The oracle: a slow, plain interpreter of models, the reference of generated kernels.

Of this project it imports only the language's `Model`, so that it shares no mistake with the kernels.
"""

from .interpreter import Experiment, initial_state, inputs_at, prepare
from .steps import advance, simulate, step, tavg

__all__ = ["Experiment", "advance", "initial_state", "inputs_at", "prepare", "simulate", "step", "tavg"]
