"""The Numba kernels against the oracle, over models, schemes, precisions, noise, monitors and connectomes."""

from __future__ import annotations

import itertools
from typing import Any

import numpy as np
import pytest
import xarray as xr
from agreement import Array, Job, kernel_run, of_item, oracle_run, pairwise, share
from small_connectomes import BY_BLOCK
from special_models import SHIPPED, TEXTS, model_of

from rateloom import oracle
from rateloom.drivers.backends.numba import lane_threads
from rateloom.drivers.connectome import tiles
from rateloom.drivers.connectome.wiring import Wiring

# Sweeping whatever parameter comes first leaves some ranges.
pytestmark = pytest.mark.filterwarnings("ignore::rateloom.drivers.planning.parameters.ParameterWarning")

# 84 steps and 3 that fill no window.
STEPS, WINDOW = 87, 7
# A step rounds up to a hundred operations, in single precision by 6e-8 each; some of its sums cancel.
ONE_STEP = {"float64": 1e-12, "float32": 3e-5}
# BOLD signals near rest are a few millionths of the volumes, near one, whose differences they are.
CANCELS = {"balloon": 4}
# A run amplifies what its steps round by the model's own dynamics, 87 steps of 0.05 ms.
WHOLE_RUN = {"float64": 1e-11, "float32": 1e-3}

FACTORS = (tuple(TEXTS), ("euler", "heun"), ("float64", "float32"), (True, False), (1, 4, 16), (1, 4, 16))
IDS = ("name", "integrator", "dtype", "noise", "lanes", "block")
PAIRWISE = pairwise(FACTORS)
# All triples; of the shipped models, which a test of their own holds against the oracle over a human
# connectome, pairs.
REST = [row for row in pairwise(FACTORS, 3) if row not in PAIRWISE]
REST += pairwise((tuple(SHIPPED), *FACTORS[1:]))
# Each row is a kernel of its own, which takes seconds: one by default. The emulated device, which gives the
# same bits, is held against the oracle in every pair.
DEFAULT = pairwise(FACTORS, 1)[:1]
ROWS = [row if row in DEFAULT else pytest.param(*row, marks=pytest.mark.slow) for row in
        dict.fromkeys((*DEFAULT, *PAIRWISE, *REST))]  # fmt: skip


def jobs_of(name: str, integrator: str, dtype: str, noise: bool, lanes: int, block: int) -> list[Job]:
    """One job on each connectome that allows such blocks."""
    jobs = []
    for number, (connectome, speed) in enumerate(BY_BLOCK[block]):
        random = np.random.default_rng(number)
        # In turn for each node, and for each node and a few times.
        sizes = itertools.cycle([(connectome.n_node,), (5, connectome.n_node)])
        inputs = {
            i.name: random.uniform(-1, 1, size) for i, size in zip(model_of(name).inputs, sizes, strict=False)
        }
        regional = number != 1
        jobs.append(Job(name, connectome, speed, integrator, dtype, noise, lanes, block, regional, inputs))
    return jobs


def test_the_selection_is_pairwise() -> None:
    for a, b in itertools.combinations(range(len(FACTORS)), 2):
        assert {(row[a], row[b]) for row in PAIRWISE} == set(itertools.product(FACTORS[a], FACTORS[b]))


@pytest.mark.parametrize(IDS, ROWS)
def test_runs_and_single_steps_are_the_oracles(
    name: str, integrator: str, dtype: str, noise: bool, lanes: int, block: int
) -> None:
    for job in jobs_of(name, integrator, dtype, noise, lanes, block):
        states = check_run(job)
        check_steps(job, states, range(0, STEPS, 11))


@pytest.mark.parametrize(
    ("name", "dtype", "lanes"),
    [
        pytest.param("edge_terms", "float64", 4, marks=pytest.mark.slow),
        pytest.param("instant", "float64", 1, marks=pytest.mark.slow),
        # one node at a time, and a sum that parameters switch off
        pytest.param("montbrio", "float32", 32, marks=pytest.mark.slow),
        pytest.param("montbrio", "float64", 16, marks=pytest.mark.slow),
    ],
)
def test_sources_in_tiles_change_no_bit(
    name: str, dtype: str, lanes: int, monkeypatch: pytest.MonkeyPatch
) -> None:
    jobs = jobs_of(name, "heun", dtype, True, lanes, 16)
    whole = [kernel_run(job, STEPS) for job in jobs]
    # as if the caches held a few slots of one source
    for limit, value in (("_SMALL", 1), ("_EDGES", 1), ("_TILES", 2)):
        monkeypatch.setattr(tiles, limit, value)
    counts = []

    def counted(*arguments: Any) -> Wiring:
        wiring = tiles.in_tiles(*arguments)
        counts.append(len(wiring.parts) - 1)
        return wiring

    monkeypatch.setattr(lane_threads, "in_tiles", counted)
    for job, expected in zip(jobs, whole, strict=True):
        xr.testing.assert_identical(kernel_run(job, STEPS), expected)
        check_run(job)
    assert max(counts) > 5


def check_run(job: Job) -> Array:
    """Compare a whole run, raw and averaged, of the first and the last work item.

    Returns the first one's states.
    """
    raw, averaged = kernel_run(job, STEPS), kernel_run(job, STEPS, window=WINDOW)
    for item in {job.n_item - 1, 0}:
        states, expected = oracle_run(job, item, STEPS)
        for exposure, series in expected.items():
            at, period = (job.connectome.name, item, exposure), job.periods.get(exposure)
            assert share(of_item(raw, exposure, item), series, period) <= WHOLE_RUN[job.dtype], at
            means = oracle.tavg(series, WINDOW, period)
            assert share(of_item(averaged, exposure, item), means, period) <= WHOLE_RUN[job.dtype], at
    return states


def check_steps(job: Job, states: Array, steps: range) -> None:
    """Restart the kernel from the oracle's states before each of the steps, and compare one step."""
    experiments = {item: job.experiment(item) for item in (0, job.n_item - 1)}
    held = np.repeat(states[:1], experiments[0].delay.max(initial=0) + 1, axis=0)
    for n in steps:
        past = np.concatenate([held, states[: n + 1]])
        result = kernel_run(job, 1, history=past)
        for item, experiment in experiments.items():
            # A restarted run counts its steps, and so its noise and its time, from nought.
            _, expected = oracle.step(experiment, past, 0)
            for exposure, reference in expected.items():
                difference = share(of_item(result, exposure, item)[0], reference, job.periods.get(exposure))
                allowed = CANCELS.get(job.name, 1) * ONE_STEP[job.dtype]
                assert difference <= allowed, (job.connectome.name, n, item, exposure)
