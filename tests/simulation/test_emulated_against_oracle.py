"""The generated CUDA source on the emulated device against the oracle."""

from __future__ import annotations

import numpy as np
import pytest
from agreement import Job, of_item, oracle_run, pairwise, share
from emulation import SEGMENT, cuda_run, job_of
from small_connectomes import BY_BLOCK, SPEED, far, middling
from special_models import SHIPPED, TEXTS

from rateloom import oracle
from rateloom.drivers.backends.emulated.host_compiler import host_compiler

pytestmark = [
    pytest.mark.skipif(host_compiler() is None, reason="no C++ compiler on this machine"),
    # Sweeping whatever parameter comes first leaves some ranges.
    pytest.mark.filterwarnings("ignore::rateloom.drivers.planning.parameters.ParameterWarning"),
]

# 33 steps are eight blocks of four and one step.
STEPS, WINDOW = 33, 6
# A step rounds up to a hundred operations, a run amplifies that.
WHOLE_RUN = {"float64": 1e-11, "float32": 1e-3}

FACTORS = (tuple(TEXTS), ("heun", "euler"), ("float64", "float32"), (True, False), (4, 1))
PAIRWISE = pairwise(FACTORS)
# By default every value of every factor; else all triples; of the shipped models, which regression tests hold
# against the oracle, too, pairs.
DEFAULT = pairwise(FACTORS, 1)
REST = [row for row in dict.fromkeys((*PAIRWISE, *pairwise(FACTORS, 3))) if row not in DEFAULT]
REST += pairwise((tuple(SHIPPED), *FACTORS[1:]))
ROWS = [*DEFAULT, *(pytest.param(*row, marks=pytest.mark.slow) for row in REST)]


@pytest.mark.parametrize(("name", "integrator", "dtype", "noise", "block"), ROWS)
def test_runs_are_the_oracles(name: str, integrator: str, dtype: str, noise: bool, block: int) -> None:
    for number in range(len(BY_BLOCK[block])):
        job = job_of(name, integrator, dtype, noise, block, number, regional=number != 1)
        raw, averaged = cuda_run(job, STEPS), cuda_run(job, STEPS, window=WINDOW)
        assert (raw.diverged_step == -1).all() and raw.diverged_step.size == job.n_item
        for item in {0, job.n_item - 1}:
            _, expected = oracle_run(job, item, STEPS)
            for exposure, series in expected.items():
                at, period = (job.connectome.name, item, exposure), job.periods.get(exposure)
                means = oracle.tavg(series, WINDOW, period)
                assert share(of_item(raw, exposure, item), series, period) <= WHOLE_RUN[dtype], at
                assert share(of_item(averaged, exposure, item), means, period) <= WHOLE_RUN[dtype], at


@pytest.mark.parametrize("segment", [1, 5, STEPS])
def test_launches_of_other_lengths_change_no_bit(segment: int) -> None:
    job = job_of("driven", "heun", "float64", True, 4)
    one, other = (cuda_run(job, STEPS, window=WINDOW, segment=s) for s in (SEGMENT, segment))
    assert one.identical(other)


@pytest.mark.parametrize("name", ["driven", "edge_terms"])
def test_a_given_history_is_read_where_it_belongs(name: str) -> None:
    job = job_of(name, "heun", "float64", True, 4)
    states, _ = oracle_run(job_of(name, "heun", "float64", True, 4), 0, 20)
    result = cuda_run(job, 1, history=states)
    _, expected = oracle.step(job.experiment(0), states, 0)
    for exposure, reference in expected.items():
        assert share(of_item(result, exposure, 0)[0], reference) <= 1e-12, exposure


@pytest.mark.parametrize("steps", [1, 3, 4, 5, 47, 130])
def test_the_ring_is_gone_round_in_any_number_of_steps(steps: int) -> None:
    """Delays up to 40 steps and blocks of four make a ring of 45 slots."""
    job = Job("phases", far(), SPEED, "euler", "float64", False, 2, 4)
    result = cuda_run(job, steps, segment=1000)
    _, expected = oracle_run(job, 2, steps)
    for exposure, series in expected.items():
        assert share(of_item(result, exposure, 2), series) <= 1e-10


@pytest.mark.filterwarnings("ignore:overflow")
def test_an_item_that_diverges_disturbs_no_other() -> None:
    job = Job("bursting", middling(), SPEED, "euler", "float64", False, 8, 4, regional=False)
    steps = 27
    result = cuda_run(job, steps)
    for item in range(job.n_item):
        _, expected = oracle_run(job, item, steps)
        finite = np.isfinite(expected["x"]).all(axis=1)
        assert result.diverged_step.values[item] == (-1 if finite.all() else np.flatnonzero(~finite)[0])
        # each step squares the state where it bursts, and doubles the share that rounding is of it
        assert share(of_item(result, "x", item)[finite], expected["x"][finite]) <= WHOLE_RUN["float64"]
    assert -1 in result.diverged_step.values and len(np.unique(result.diverged_step)) > 2
