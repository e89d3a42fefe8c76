"""A slow, plain interpreter of a `Model`: an independent implementation of the numerics.

It shares no code with the generator, the templates or the drivers: it draws its own random numbers, computes
its own delays, clamps, couplings and averages, and evaluates the model's expressions one by one.

Expressions are evaluated in double precision. In its form for float32, states and what rounding left of them
are kept in single precision.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

import numpy as np
from numpy.typing import ArrayLike, NDArray

from rateloom.dsl.model import Model

from .evaluator import Scope, evaluate
from .philox import normal, uniform

Array = NDArray[np.float64]
Inputs = Mapping[str, tuple[Array, float]]


@dataclass(frozen=True, eq=False)
class Experiment:
    """A model on a connectome with all data of a step; made by `prepare`.

    ``parameters`` holds every parameter and derived parameter as an array (n_node,); ``row``, ``source``,
    ``weight`` and ``delay`` describe the edges with a weight other than zero.
    """

    model: Model
    n_node: int
    dt: float
    integrator: str
    parameters: dict[str, Any]
    row: NDArray[np.int64]
    source: NDArray[np.int64]
    weight: Array
    delay: NDArray[np.int64]
    noise: bool = False
    seed: int = 0
    item: int = 0
    inputs: Inputs = field(default_factory=dict)
    dtype: str = "float64"

    @property
    def scope(self) -> Scope:
        """Return the model's functions with the parameters that they use."""
        return Scope({function.name: function for function in self.model.functions}, self.parameters)

    @property
    def edge_scope(self) -> Scope:
        """Return the scope of each edge, with the source node's parameters."""
        return Scope(
            self.scope.functions, {name: value[self.source] for name, value in self.parameters.items()}
        )


def prepare(
    model: Model,
    weights: ArrayLike,
    tract_lengths: ArrayLike,
    *,
    dt: float = 0.1,
    speed: float = np.inf,
    parameters: Mapping[str, ArrayLike] | None = None,
    inputs: Inputs | None = None,
    **fields: Any,
) -> Experiment:
    """Set up an experiment.

    ``weights[i, j]`` is the weight into i from j; lengths are in mm, ``speed`` in mm/ms, ``dt`` in ms. A
    parameter is a number, one number a node, or for a vector parameter ``size`` of either. An input is its
    values (time, node) and the time between them in ms; it keeps each value until the next. `fields` are
    others of the experiment: ``integrator``, ``noise``, ``seed``, ``item``, and ``dtype``, the precision of
    the states.
    """
    integrator, noise = fields.pop("integrator", "heun"), fields.get("noise", False)
    known = ("euler", "heun", "rk4", "heun_renewed")
    assert integrator in known, f"the oracle has no integrator {integrator}"
    assert not (integrator == "rk4" and noise and model.noises), "rk4 is for equations without noise"
    weight, length = np.asarray(weights, float), np.asarray(tract_lengths, float)
    row, source = np.nonzero(weight)
    delay = np.rint((length[row, source] / speed) / dt).astype(np.int64)
    values = _parameters(model, parameters or {}, len(weight), dt)
    return Experiment(
        model, len(weight), dt, integrator, values, row, source, weight[row, source], delay,
        inputs=inputs or {}, **fields,
    )  # fmt: skip


def _parameters(model: Model, settings: Mapping[str, ArrayLike], n_node: int, dt: float) -> dict[str, Any]:
    """Return the value of every constant name of the model at every node."""
    unknown = set(settings) - {parameter.name for parameter in model.parameters}
    assert not unknown, f"the model has no parameter {unknown}"
    values: dict[str, Any] = {"dt": np.full(n_node, dt), "n_node": np.full(n_node, float(n_node))}
    for parameter in model.parameters:
        value: Any = settings.get(parameter.name, parameter.values if parameter.size else parameter.values[0])
        rows: Sequence[Any] = value if parameter.size else [value]
        for name, row in zip(parameter.elements, rows, strict=True):
            values[name] = np.broadcast_to(np.asarray(row, float), (n_node,)).copy()
    scope = Scope({function.name: function for function in model.functions}, values)
    for derived in model.derived_parameters:
        values[derived.name] = np.broadcast_to(evaluate(derived.value, values, scope), (n_node,))
    return values


def initial_state(experiment: Experiment, initial: Mapping[str, ArrayLike] | None = None) -> Array:
    """Return the states before the first step (n_state, n_node): `initial`, else the model's values."""
    rows = []
    for index, state in enumerate(experiment.model.state_variables):
        if initial and state.name in initial:
            value = np.asarray(initial[state.name], float)
        elif len(state.initial) == 1:
            value = np.asarray(state.initial[0])
        else:
            low, high = state.initial
            value = low + (high - low) * uniform(experiment.seed, experiment.n_node, experiment.item, index)
        rows.append(np.broadcast_to(value, (experiment.n_node,)))
    return np.array(rows)


def couplings(experiment: Experiment, past: Array, t: float) -> dict[str, Array]:
    """Return each coupling's value at each node; ``past[-1 - d]`` is the state d steps ago."""
    model, row, scope = experiment.model, experiment.row, experiment.edge_scope
    states = [state.name for state in model.state_variables]
    now = dict(zip(states, past[-1].astype(float), strict=True))
    result = {}
    for coupling in model.couplings:
        delay = experiment.delay if coupling.delays else np.zeros_like(experiment.delay)
        # Before the first state, the states are constant.
        then = past[np.maximum(len(past) - 1 - delay, 0), :, experiment.source].T.astype(float)
        edge: dict[str, Any] = {**scope.parameters, "t": t}
        edge |= {name: value[row] for name, value in now.items()}
        edge |= {f"{name}_j": value for name, value in zip(states, then, strict=True)}
        pre = np.broadcast_to(evaluate(coupling.pre, edge, scope), row.shape)
        gx = np.bincount(row, experiment.weight * pre, experiment.n_node)
        values = {**experiment.parameters, **now, "t": t, "gx": gx}
        result[coupling.name] = evaluate(coupling.post, values, experiment.scope)
    return result


def inputs_at(experiment: Experiment, n: int) -> dict[str, Any]:
    """Return each input's value at step ``n``: the latest sample at or before its time, else the default."""
    values: dict[str, Any] = {}
    for declared in experiment.model.inputs:
        if declared.name not in experiment.inputs:
            values[declared.name] = declared.default
            continue
        samples, period = experiment.inputs[declared.name]
        # A sample at the time of a step counts for it, although n * dt / period may be rounded down.
        values[declared.name] = samples[min(int(n * experiment.dt / period + 1e-9), len(samples) - 1)]
    return values


def variables(experiment: Experiment, state: Array, fixed: Mapping[str, Any], t: float) -> dict[str, Any]:
    """Return each name's value at one state: parameters, states, the step's ``fixed`` and derived values."""
    values: dict[str, Any] = {**experiment.parameters, **fixed, "t": t}
    values |= {
        variable.name: row for variable, row in zip(experiment.model.state_variables, state, strict=True)
    }
    for derived in experiment.model.derived_variables:
        values[derived.name] = evaluate(derived.value, values, experiment.scope)
    return values


def derivatives(experiment: Experiment, values: Mapping[str, Any]) -> Array:
    """Return the right-hand sides, shape (n_state, n_node)."""
    scope, shape = experiment.scope, (experiment.n_node,)
    rows = [evaluate(d.value, values, scope) for d in experiment.model.time_derivatives]
    return np.array([np.broadcast_to(row, shape) for row in rows], float)


def clamp(model: Model, state: Array) -> Array:
    """Clamp each state variable to its bounds."""
    rows = []
    for variable, row in zip(model.state_variables, state, strict=True):
        row = row if variable.lower is None else np.maximum(row, variable.lower)
        rows.append(row if variable.upper is None else np.minimum(row, variable.upper))
    return np.array(rows)


def noise_of(experiment: Experiment, values: Mapping[str, Any], n: int) -> Array:
    """Return the noise added to each state variable in step ``n``, shape (n_state, n_node)."""
    model = experiment.model
    result = np.zeros((len(model.state_variables), experiment.n_node))
    if not experiment.noise:
        return result
    names = [state.name for state in model.state_variables]
    deviates = normal(experiment.seed, n, experiment.n_node, experiment.item, len(model.noises))
    for noise, deviate in zip(model.noises, deviates, strict=True):
        sigma = evaluate(noise.sigma, values, experiment.scope)
        result[names.index(noise.variable)] += sigma * np.sqrt(experiment.dt) * deviate
    return result
