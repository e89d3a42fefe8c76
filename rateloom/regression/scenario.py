"""What is simulated on every target: a model, all of it seen, and work items that differ."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, replace
from typing import Any

import numpy as np
from numpy.typing import NDArray

from rateloom import oracle
from rateloom.drivers.connectome.connectome import Connectome
from rateloom.drivers.model.parameters import SPEED
from rateloom.drivers.planning.grid import Axis, Grid
from rateloom.drivers.planning.settings import Settings
from rateloom.dsl.model import Exposure, Model, Parameter, StateVariable
from rateloom.dsl.operations import symbol

Array = NDArray[np.float64]

# Work items lie this far on both sides of the default, as do initial states that have one value.
SPREAD = 0.2
# A zero says nothing of how large values are; this tells nodes apart and leaves most models where they were.
_NEAR_ZERO = 1e-4
# An input changes this often in a run.
_SAMPLES = 5


@dataclass(frozen=True, eq=False)
class Job:
    """One simulation of some work items, for any target and for the oracle.

    Attributes
    ----------
    model : Model
        As `all_seen` makes it.
    axis : Axis
        What the work items differ in; also `speed`.
    settings : Settings
        Of the whole run, every step of which is seen.
    inputs : mapping of str to array (sample, node)
        Spread evenly over the run.
    """

    model: Model
    connectome: Connectome
    axis: Axis
    settings: Settings
    inputs: Mapping[str, Array]

    @property
    def n_item(self) -> int:
        """Number of work items."""
        return self.axis.values.size

    @property
    def grid(self) -> Grid:
        """The axis as a sweep."""
        return Grid((self.axis,))

    @property
    def variables(self) -> tuple[str, ...]:
        """Names of what is seen: states, and the model's exposures."""
        return tuple(exposure.name for exposure in self.model.exposures)

    def experiment(self, item: int, inputs: Mapping[str, Array] | None = None) -> oracle.Experiment:
        """One work item for the oracle; `inputs` (node,) replace the job's and are held."""
        s, value = self.settings, float(self.axis.values[item])
        held = {name: (row[None], 1.0) for name, row in (inputs or {}).items()}
        spread = {name: (rows, s.n_step * s.dt / len(rows)) for name, rows in self.inputs.items()}
        return oracle.prepare(
            self.model, self.connectome.weights, self.connectome.tract_lengths, dt=s.dt,
            integrator=s.integrator, noise=s.noise, seed=s.seed, item=item,
            speed=value if self.axis.name == SPEED else s.speed, inputs=held or spread,
            parameters=_setting(self.model, self.axis.name, value),
        )  # fmt: skip


def make_job(model: Model, connectome: Connectome, settings: Settings, work_items: int) -> Job:
    """Make what is simulated of a model; the seed of `settings` fixes all that is drawn."""
    random = np.random.default_rng(settings.seed)
    inputs = {}
    for declared in model.inputs:
        size = SPREAD * (abs(declared.default) or 1.0)
        inputs[declared.name] = declared.default + random.uniform(-size, size, (_SAMPLES, connectome.n_node))
    return Job(all_seen(model), connectome, axis_of(model, work_items, settings.speed), settings, inputs)


def all_seen(model: Model) -> Model:
    """The model with every state among what monitors see, and every initial state drawn from a range."""
    seen = {exposure.name for exposure in model.exposures}
    states = [s for s in model.state_variables if s.name not in seen]
    return replace(
        model,
        exposures=(*model.exposures, *(Exposure(s.name, symbol(s.name), s.unit) for s in states)),
        state_variables=tuple(_with_range(s) for s in model.state_variables),
    )


def _with_range(state: StateVariable) -> StateVariable:
    if len(state.initial) > 1:
        return state
    value = state.initial[0]
    half = SPREAD * abs(value) or _NEAR_ZERO
    low = value - half if state.lower is None else max(value - half, state.lower)
    high = value + half if state.upper is None else min(value + half, state.upper)
    return replace(state, initial=(low, high))


def axis_of(model: Model, work_items: int, speed: float) -> Axis:
    """What work items differ in: `G`, else the first parameter, else the conduction speed."""
    found = next((p for p in model.parameters if p.name == "G" and p.size is None), None)
    found = found or next(iter(model.parameters), None)
    name, value = (SPEED, speed) if found is None else (found.elements[0], found.values[0])
    low, high = (1 - SPREAD, 1 + SPREAD) if work_items > 1 else (1.0, 1.0)
    if value == 0 and found is not None:
        return Axis(name, np.linspace(0.0, SPREAD * _size(found), work_items))
    return Axis(name, np.unique(value * np.linspace(low, high, work_items)))


def _size(parameter: Parameter) -> float:
    """How large a parameter may be that is zero by default."""
    return parameter.maximum or 1.0


def _setting(model: Model, name: str, value: float) -> dict[str, Any]:
    """Value of the axis as the oracle takes it: an element of a vector with the others' defaults."""
    for parameter in model.parameters:
        if parameter.size and name in parameter.elements:
            where = parameter.elements.index(name)
            return {parameter.name: [*parameter.values[:where], value, *parameter.values[where + 1 :]]}
        if parameter.name == name:
            return {name: value}
    return {}
