"""The scenario of a regression: a model with all states exposed, and work items that differ."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, replace
from typing import Any

import numpy as np
from numpy.typing import NDArray

from rateloom import oracle
from rateloom.drivers.connectome.connectome import Connectome
from rateloom.drivers.planning.grid import Axis, Grid
from rateloom.drivers.planning.parameters import SPEED
from rateloom.drivers.planning.settings import Settings
from rateloom.dsl.model import Exposure, Model, Parameter, StateVariable
from rateloom.dsl.operations import symbol

Array = NDArray[np.float64]

# Work items spread so far to both sides of the default, and so do initial states with one value.
SPREAD = 0.2
# Spread about an initial value of zero, which has no scale: nodes differ, and most models stay near it.
_NEAR_ZERO = 1e-4
# Samples of an input in a run.
_SAMPLES = 5


@dataclass(frozen=True, eq=False)
class Scenario:
    """A simulation of work items, for any target and for the oracle.

    Attributes
    ----------
    model : Model
        Made by `fully_exposed`.
    axis : Axis
        The parameter, or `speed`, in which the work items differ.
    settings : Settings
        Settings of the whole run, every step of which is recorded.
    inputs : mapping of str to array (sample, node)
        Samples, evenly spread over the run.
    """

    model: Model
    connectome: Connectome
    axis: Axis
    settings: Settings
    inputs: Mapping[str, Array]

    @property
    def n_item(self) -> int:
        """Return the number of work items."""
        return self.axis.values.size

    @property
    def grid(self) -> Grid:
        """Return the axis as a grid."""
        return Grid((self.axis,))

    @property
    def variables(self) -> tuple[str, ...]:
        """Return the names of the recorded variables: the model's exposures and states."""
        return tuple(exposure.name for exposure in self.model.exposures)

    @property
    def periods(self) -> dict[str, float]:
        """Return the period of each recorded variable that is an angle."""
        of = {state.name: state.period for state in self.model.state_variables}
        seen = {exposure.name: of.get(str(exposure.value)) for exposure in self.model.exposures}
        return {name: period for name, period in seen.items() if period is not None}

    def experiment(self, item: int, inputs: Mapping[str, Array] | None = None) -> oracle.Experiment:
        """Return one work item for the oracle; constant `inputs` (node,) replace those of the scenario."""
        s, value = self.settings, float(self.axis.values[item])
        constant = {name: (row[None], 1.0) for name, row in (inputs or {}).items()}
        varying = {name: (rows, s.n_step * s.dt / len(rows)) for name, rows in self.inputs.items()}
        return oracle.prepare(
            self.model, self.connectome.weights, self.connectome.tract_lengths, dt=s.dt,
            integrator=s.integrator, noise=s.noise, seed=s.seed, item=item,
            speed=value if self.axis.name == SPEED else s.speed, inputs=constant or varying,
            parameters=_axis_parameter(self.model, self.axis.name, value),
        )  # fmt: skip


def make_scenario(model: Model, connectome: Connectome, settings: Settings, work_items: int) -> Scenario:
    """Make the scenario of a model; the seed of `settings` decides all random values."""
    random = np.random.default_rng(settings.seed)
    inputs = {}
    for declared in model.inputs:
        size = SPREAD * (abs(declared.default) or 1.0)
        inputs[declared.name] = declared.default + random.uniform(-size, size, (_SAMPLES, connectome.n_node))
    return Scenario(
        fully_exposed(model), connectome, axis_of(model, work_items, settings.speed), settings, inputs
    )


def fully_exposed(model: Model) -> Model:
    """Return the model with every state exposed, and with a range for every initial state."""
    exposed = {exposure.name for exposure in model.exposures}
    states = [s for s in model.state_variables if s.name not in exposed]
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
    """Return the axis of the work items: `G`, else the first parameter, else the conduction speed."""
    parameter = next((p for p in model.parameters if p.name == "G" and p.size is None), None)
    parameter = parameter or next(iter(model.parameters), None)
    name, value = (SPEED, speed) if parameter is None else (parameter.elements[0], parameter.values[0])
    low, high = (1 - SPREAD, 1 + SPREAD) if work_items > 1 else (1.0, 1.0)
    if value == 0 and parameter is not None:
        return Axis(name, np.linspace(0.0, SPREAD * _size(parameter), work_items))
    return Axis(name, np.unique(value * np.linspace(low, high, work_items)))


def _size(parameter: Parameter) -> float:
    """Return the scale of a parameter that is zero by default."""
    return parameter.maximum or 1.0


def _axis_parameter(model: Model, name: str, value: float) -> dict[str, Any]:
    """Return the axis's value as the oracle's parameter; other elements of a vector have their defaults."""
    for parameter in model.parameters:
        if parameter.size and name in parameter.elements:
            index = parameter.elements.index(name)
            return {parameter.name: [*parameter.values[:index], value, *parameter.values[index + 1 :]]}
        if parameter.name == name:
            return {name: value}
    return {}
