"""A model simulated on three nodes: by a backend, by the oracle; and the warnings of its CUDA source."""

import numpy as np
import pytest

import rateloom
from rateloom import oracle
from rateloom.api.generation import kernel_source
from rateloom.drivers.backends.cuda.nvrtc import compile_cuda

WEIGHTS = np.array([[0.0, 1.0, 0.5], [0.3, 0.2, 0.0], [0.0, 0.7, 0.0]])
LENGTHS = np.array([[0.0, 10.0, 20.0], [10.0, 0.0, 5.0], [20.0, 5.0, 0.0]])


def simulate(model, **settings):
    return rateloom.simulate(
        model,
        connectome=rateloom.Connectome(WEIGHTS, LENGTHS),
        duration=3.0,
        speed=5.0,
        dtype="float64",
        monitor="raw",
        seed=3,
        **settings,
    )


def of_the_oracle(model):
    """The same run by the oracle, which compiles nothing."""
    settings = {"dt": 0.1, "speed": 5.0, "seed": 3, "integrator": "heun", "noise": True, "item": 0}
    return oracle.simulate(model, WEIGHTS, LENGTHS, steps=30, **settings)["raw"]


def warnings_of(model, **defines):
    pytest.importorskip("cuda.bindings.nvrtc")
    return compile_cuda(kernel_source(model, "cuda"), "sm_90", defines).warnings
