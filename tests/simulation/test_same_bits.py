"""Numba's kernels and the emulated device give the same bits, at every level of optimisation."""

from __future__ import annotations

import hashlib
import itertools
import os
import subprocess
import sys
from pathlib import Path

import numpy as np
import pytest
from agreement import kernel_run
from emulation import cuda_run, job_of
from special_models import TEXTS

import rateloom
from rateloom.api.loading import shipped_models
from rateloom.drivers.backends.emulated import host_compiler as emulated
from rateloom.drivers.backends.emulated.host_compiler import host_compiler
from rateloom.generator.schemes.registry import schemes_of

N_NODE = 12
FAST = {("wilson_cowan", "euler", "float64")}
ROWS = [
    row if row in FAST else pytest.param(*row, marks=pytest.mark.slow)
    for row in itertools.product(
        shipped_models(), [s.name for s in schemes_of("heun")], ("float32", "float64")
    )
]


def swept(name, backend="numba", **settings):
    """Three work items with noise, delays, inputs and a parameter that differs between nodes.

    Where the scheme is none for noise there is none.
    """
    model = rateloom.load(name)
    scalars = [p for p in model.parameters if p.size is None]
    axis = next((p for p in scalars if p.name == "G"), scalars[0])
    regional = next(p for p in scalars if p is not axis)
    result = rateloom.sweep(
        model, {axis.name: axis.values[0] * np.array([0.9, 1.0, 1.1]) + 1e-3},
        connectome=f"synthetic:{N_NODE}",
        parameters={regional.name: regional.values[0] * np.linspace(0.99, 1.01, N_NODE)}, duration=20.0,
        inputs={i.name: np.full(N_NODE, 0.1) for i in model.inputs}, monitor="raw", seed=5,
        noise=settings["integrator"] != "rk4",
        backend=backend, threads=1, calibrate=False, progress=False, **settings,
    )  # fmt: skip
    return {e.name: result[e.name].values for e in model.exposures}


@pytest.mark.skipif(host_compiler() is None, reason="no C++ compiler on this machine")
@pytest.mark.filterwarnings("ignore::rateloom.drivers.planning.parameters.ParameterWarning")
@pytest.mark.parametrize(("name", "integrator", "dtype"), ROWS)
def test_numba_and_the_emulated_device_give_the_same_bits(name, integrator, dtype):
    settings = {"integrator": integrator, "dtype": dtype}
    processor, device = (swept(name, backend, **settings) for backend in ("numba", "emulated"))
    for exposure, values in processor.items():
        assert values.dtype == dtype and np.isfinite(values).all()
        # blood does not answer within 20 ms in single precision
        assert np.ptp(values) > 0 or name == "balloon"
        np.testing.assert_array_equal(device[exposure], values, err_msg=exposure)


# unsplit and instant couplings, sums over matrices, inputs, what depends on time, functions
SPECIAL = [
    pytest.param("edge_terms", "float32", 4, marks=pytest.mark.slow),
    pytest.param("instant", "float64", 1, marks=pytest.mark.slow),
    *(
        pytest.param(name, *rest, marks=pytest.mark.slow)
        for name in TEXTS
        for rest in (("float32", 1), ("float64", 4))
        # its functions written by hand for Numba calculate with literals, which are of double precision
        if (name, *rest) != ("transfers", "float32", 1)
    ),
]


@pytest.mark.skipif(host_compiler() is None, reason="no C++ compiler on this machine")
@pytest.mark.parametrize(("name", "dtype", "block"), SPECIAL)
def test_special_models_give_the_same_bits(name, dtype, block):
    job = job_of(name, "heun", dtype, True, block)
    processor, device = kernel_run(job, 33), cuda_run(job, 33)
    for variable in processor.data_vars:
        np.testing.assert_array_equal(device[variable], processor[variable], err_msg=str(variable))


def digest(values):
    return hashlib.sha256(b"".join(v.tobytes() for v in values.values())).hexdigest()


_OF_LEVEL = """
import sys
sys.path.insert(0, {folder!r})
import numba
from test_same_bits import digest, swept
assert numba.config.OPT == {level}
print(digest(swept("montbrio", integrator="euler")))
"""


@pytest.mark.slow
@pytest.mark.parametrize("levels", [(3,), (0, 1, 2)], ids=str)
def test_levels_of_optimisation_change_no_bit(levels, tmp_path):
    # at the level of these tests
    digests = {digest(swept("montbrio", integrator="euler"))}
    for level in levels:
        script = _OF_LEVEL.format(folder=str(Path(__file__).parent), level=level)
        # Numba's cache does not know the level
        environment = os.environ | {"NUMBA_OPT": str(level), "RATELOOM_CACHE": str(tmp_path / str(level))}
        done = subprocess.run(
            [sys.executable, "-c", script], env=environment, capture_output=True, text=True, check=True
        )
        digests.add(done.stdout.strip())
    assert len(digests) == 1 and all(len(digest) == 64 for digest in digests)


@pytest.mark.slow
@pytest.mark.skipif(host_compiler() is None, reason="no C++ compiler on this machine")
def test_levels_of_the_cpp_compiler_change_no_bit(monkeypatch):
    digests, options = set(), emulated.OPTIONS
    for level in ("-O0", "-O1", "-O2"):
        monkeypatch.setattr(emulated, "OPTIONS", (level, *options[1:]))
        # it is not asked for the options
        emulated._load.cache_clear()
        digests.add(digest(swept("montbrio", "emulated", integrator="heun")))
    emulated._load.cache_clear()
    assert len(digests) == 1
