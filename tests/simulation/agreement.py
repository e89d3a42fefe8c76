"""One job, run by the Numba kernels and by the oracle."""

from __future__ import annotations

import functools
import itertools
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

import numpy as np
import xarray as xr
from numpy.typing import NDArray
from small_connectomes import DT
from special_models import model_of

from rateloom import Connectome, oracle
from rateloom.api.generation import code_for
from rateloom.drivers.model.artifact import ModelCode
from rateloom.drivers.planning.grid import Axis, Grid
from rateloom.drivers.planning.sample_times import sample_times
from rateloom.drivers.planning.settings import Settings
from rateloom.drivers.planning.study import Study
from rateloom.drivers.runs.run import run_study
from rateloom.drivers.support.notices import Reports
from rateloom.dsl.model import Model

Array = NDArray[np.float64]
SEED = 2**63 + 11


@dataclass(frozen=True, eq=False)
class Job:
    """A model on a connectome, with more work items than one lane block holds."""

    name: str
    connectome: Connectome
    speed: float
    integrator: str
    dtype: str
    noise: bool
    lanes: int
    block: int
    regional: bool = True
    inputs: dict[str, Array] = field(default_factory=dict)

    @property
    def model(self) -> Model:
        return model_of(self.name)

    @property
    def periods(self) -> Mapping[str, float]:
        """Exposures that are angles, with their periods."""
        return code_of(self.name, "numba").model.angles

    @property
    def swept(self) -> Axis | None:
        """The first scalar parameter, where there is one, at a few values near its default."""
        scalar = next((p for p in self.model.parameters if p.size is None), None)
        if scalar is None:
            return None
        return Axis(scalar.name, scalar.values[0] * (1 + 0.1 * np.arange(self.lanes + 1)) + 1e-3)

    @property
    def n_item(self) -> int:
        return self.swept.values.size if self.swept else 1

    @property
    def parameters(self) -> dict[str, Any]:
        """Every parameter that is not swept, a little different at every node."""
        if not self.regional:
            return {}
        random = np.random.default_rng(99)
        n_node, swept = self.connectome.n_node, self.swept
        values = {}
        for p in self.model.parameters:
            if swept is None or p.name != swept.name:
                size = (p.size, n_node) if p.size else n_node
                default = np.array(p.values)[:, None] if p.size else p.values[0]
                value = default * random.uniform(0.97, 1.03, size)
                low = -np.inf if p.minimum is None else p.minimum
                values[p.name] = np.clip(value, low, np.inf if p.maximum is None else p.maximum)
        return values

    def experiment(self, item: int, steps: int = 1) -> oracle.Experiment:
        """A work item for the oracle; arrays of inputs are spread over `steps` steps."""
        swept = {self.swept.name: self.swept.values[item]} if self.swept else {}
        inputs = {
            name: (value, steps * DT / len(value)) if value.ndim == 2 else (value[None], 1.0)
            for name, value in self.inputs.items()
        }
        return oracle.prepare(
            self.model, self.connectome.weights, self.connectome.tract_lengths, dt=DT, speed=self.speed,
            integrator=self.integrator, noise=self.noise, seed=SEED, item=item, inputs=inputs,
            parameters={**self.parameters, **swept},
        )  # fmt: skip


@functools.cache
def code_of(name: str, backend: str, integrator: str = "heun") -> ModelCode:
    return code_for(model_of(name), backend, integrator=integrator)


def study_of(job: Job, steps: int, *, window: int = 1, history: Array | None = None) -> Study:
    """The job for the drivers; a window of one step is the raw monitor."""
    settings = Settings(
        duration=steps * DT, dt=DT, integrator=job.integrator, speed=job.speed, seed=SEED, noise=job.noise,
        dtype=job.dtype, threads=1, lanes=job.lanes, block=job.block,
    )  # fmt: skip
    samples = sample_times(settings, "tavg" if window > 1 else "raw", window * DT)
    grid = Grid((job.swept,)) if job.swept else Grid()
    return Study(
        code_of(job.name, "numba", job.integrator), job.connectome, settings, samples, grid,
        parameters=job.parameters, inputs=job.inputs, history=history,
    )  # fmt: skip


def kernel_run(job: Job, steps: int, *, window: int = 1, history: Array | None = None) -> xr.Dataset:
    """Run every work item with the compiled kernels."""
    return run_study(study_of(job, steps, window=window, history=history), reports=Reports(progress=False))


def oracle_run(job: Job, item: int, steps: int) -> tuple[Array, dict[str, Array]]:
    """States (steps + 1, n_state, n_node) and raw exposures (steps, n_node) of one work item."""
    experiment = job.experiment(item, steps)
    states = [oracle.initial_state(experiment)]
    seen = []
    for n in range(steps):
        after, exposures = oracle.step(experiment, np.array(states), n)
        states.append(after)
        seen.append(exposures)
    return np.array(states), {name: np.array([s[name] for s in seen]) for name in seen[0]}


def of_item(result: xr.Dataset, exposure: str, item: int) -> Array:
    """Samples (time, node) of one work item."""
    values = result[exposure].values.astype(np.float64)
    return values.reshape(-1, *values.shape[-2:])[item]


def share(ours: Array, reference: Array, period: float | None = None) -> float:
    """Largest difference as a share of the variable's largest value; whole turns of an angle do not count.

    The terms that a variable is made of are of order one: what cancels to less than a thousandth is held
    against that, and what cancels altogether against one.
    """
    assert np.isfinite(reference).all()
    assert np.isfinite(ours).all()
    largest = float(np.abs(reference).max())
    difference = ours - reference
    if period is not None:
        difference -= period * np.round(difference / period)
    return float(np.abs(difference).max()) / (max(largest, 1e-3) if largest else 1.0)


def pairwise(factors: Sequence[Sequence[Any]], strength: int = 2) -> list[tuple[Any, ...]]:
    """Rows in which every `strength` values of as many factors meet; each row covers most that is new."""
    candidates = list(itertools.product(*(range(len(values)) for values in factors)))
    left = {meeting for row in candidates for meeting in _meetings(row, strength)}
    rows: list[tuple[int, ...]] = []
    while left:
        best = max(candidates, key=lambda row: len(left.intersection(_meetings(row, strength))))
        left.difference_update(_meetings(best, strength))
        rows.append(best)
    return [tuple(values[i] for values, i in zip(factors, row, strict=True)) for row in rows]


def _meetings(row: Sequence[int], strength: int) -> Iterable[tuple[tuple[int, int], ...]]:
    return itertools.combinations(enumerate(row), strength)
