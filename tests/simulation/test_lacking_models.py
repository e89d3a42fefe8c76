"""Models that lack couplings, parameters or noise, and edges that know the time: the oracle's values."""

from __future__ import annotations

import dataclasses
import itertools

import numpy as np
import pytest
from agreement import kernel_run, of_item, oracle_run, share
from emulation import cuda_run, job_of
from special_models import LACKING

from rateloom.drivers.backends.emulated.host_compiler import host_compiler

pytestmark = pytest.mark.filterwarnings("ignore::rateloom.drivers.planning.parameters.ParameterWarning")
STEPS = 33


# Each row is a kernel of its own: by default a model has one, in turn.
SETTINGS = (("heun", "float64", 4, 4), ("euler", "float32", 32, 1), ("heun", "float64", 1, 16))
IN_TURN = list(zip(LACKING, itertools.cycle(SETTINGS[:2]), strict=False))
ROWS = [
    pytest.param(name, *row, marks=() if (name, row) in IN_TURN else pytest.mark.slow)
    for name, row in itertools.product(LACKING, SETTINGS)
]


@pytest.mark.parametrize(("name", "integrator", "dtype", "lanes", "block"), ROWS)
def test_runs_are_the_oracles(name: str, integrator: str, dtype: str, lanes: int, block: int) -> None:
    job = dataclasses.replace(job_of(name, integrator, dtype, True, block), lanes=lanes)
    runs = [] if host_compiler() is None else [cuda_run(job, STEPS)]
    # Numba takes seconds to compile each: in the slow part
    if not runs or (name, (integrator, dtype, lanes, block)) not in IN_TURN:
        runs.append(kernel_run(job, STEPS))
    for variable in runs[0].data_vars:
        np.testing.assert_array_equal(runs[-1][variable], runs[0][variable], err_msg=str(variable))
    for item in {0, job.n_item - 1}:
        _, expected = oracle_run(job, item, STEPS)
        for exposure, series in expected.items():
            for run in runs:
                # as other runs: rounding, and what the dynamics make of it
                allowed = {"float64": 1e-11, "float32": 1e-3}[dtype]
                assert share(of_item(run, exposure, item), series) <= allowed, (item, exposure)
