"""What the kernels' shape may change: no bit, save where the history is in half precision."""

from __future__ import annotations

from typing import Any

import numpy as np
import pytest
from agreement import Job, of_item, oracle_run, share
from emulation import cuda_run, job_of
from small_connectomes import SPEED, alone, far, instant_edges, middling, silent
from special_models import TEXTS

from rateloom.drivers.backends.emulated.host_compiler import host_compiler

pytestmark = [
    pytest.mark.skipif(host_compiler() is None, reason="no C++ compiler on this machine"),
    pytest.mark.filterwarnings("ignore::rateloom.drivers.planning.parameters.ParameterWarning"),
]
STEPS, WINDOW = 23, 5

# Undelayed couplings beside delayed ones; the others compile long.
NAMES = [pytest.param(name, marks=() if name == "instant" else pytest.mark.slow) for name in TEXTS]

# Without delays; dense enough, or not, for the product of matrices to be chosen.
UNDELAYED = [(far(), np.inf), (middling(), np.inf), (alone(), np.inf)]


def undelayed(name: str, connectome: Any, speed: float) -> Job:
    return Job(name, connectome, speed, "heun", "float64", True, 8, 1, regional=name != "instant")


def run(job: Job, **changes: Any) -> Any:
    return cuda_run(job, STEPS, window=WINDOW, changes=changes).drop_attrs()


@pytest.mark.parametrize("number", [0, *(pytest.param(n, marks=pytest.mark.slow) for n in (1, 2))])
@pytest.mark.parametrize("name", NAMES)
def test_a_product_of_matrices_and_shared_memory_change_no_bit(name: str, number: int) -> None:
    job = undelayed(name, *UNDELAYED[number])
    visited = run(job, rows=1, shared=0)
    for rows, groups in ((4, 2), (8, 3), (16, 1)):
        assert run(job, rows=rows, groups=groups, shared=0).identical(visited)
    assert run(job, rows=8, shared=200 * 1024).identical(visited)
    assert run(job, rows=1, shared=200 * 1024).identical(visited)


@pytest.mark.parametrize("name", ["driven", pytest.param("edge_terms", marks=pytest.mark.slow)])
def test_groups_change_no_bit(name: str) -> None:
    job = job_of(name, "euler", "float32", True, 4)
    first = run(job, groups=1)
    for groups in (2, 5, 8):
        assert run(job, groups=groups).identical(first)


def test_parameters_may_count_as_regional_when_they_are_not() -> None:
    """Eight lane blocks' worth of code for few parameters, and the code for many."""
    for name in ("driven", "transfers"):
        job = job_of(name, "heun", "float64", True, 4, regional=False)
        assert run(job, regional=True).identical(run(job, regional=False))


@pytest.mark.parametrize("name", NAMES)
def test_no_order_of_the_threads_changes_a_bit(name: str) -> None:
    for job in (job_of(name, "heun", "float32", True, 4), undelayed(name, far(), np.inf)):
        usual = cuda_run(job, STEPS, window=WINDOW).drop_attrs()
        assert cuda_run(job, STEPS, window=WINDOW, backend="emulated-debug").drop_attrs().identical(usual)


# Half precision has 11 bits: delayed values are off by 2**-12 at most, and a run hands that on.
HALF = 2.0**-12


@pytest.mark.parametrize(
    ("connectome", "speed"), [(far(), SPEED), (middling(), SPEED), (instant_edges(), SPEED)]
)
@pytest.mark.parametrize("name", ["phases", pytest.param("instant", marks=pytest.mark.slow)])
def test_a_history_in_half_precision_is_off_by_its_rounding(name: str, connectome: Any, speed: float) -> None:
    job = Job(name, connectome, speed, "heun", "float32", False, 4, 4)
    result = cuda_run(job, STEPS, half=True)
    _, expected = oracle_run(job, 2, STEPS)
    errors = [share(of_item(result, exposure, 2), series) for exposure, series in expected.items()]
    assert max(errors) <= 8 * HALF
    if connectome.name != "silent":
        assert max(errors) > 1e-6, "what is in half precision is seen"


def test_half_precision_concerns_nothing_but_couplings() -> None:
    for job in (Job("uncoupled", middling(), SPEED, "heun", "float32", True, 4, 4),
                Job("driven", silent(), SPEED, "heun", "float32", True, 4, 4)):  # fmt: skip
        half, whole = (cuda_run(job, STEPS, half=h).drop_attrs() for h in (True, False))
        assert half.identical(whole)
