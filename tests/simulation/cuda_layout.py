"""Arrays as generated CUDA kernels want them, and the order in which the kernels are launched.

Lane blocks come first in every array of theirs, lanes last. Work items fill whole lane blocks: where there
are too few, the last lanes repeat the first items and their results are dropped.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any, Protocol

import numpy as np
from numpy.typing import NDArray

from rateloom.drivers.engine import Plan
from rateloom.drivers.lane_block import LaneResult
from rateloom.drivers.parameters import lane_parameters
from rateloom.drivers.random import NOISE, key_of
from rateloom.drivers.states import initial_states
from rateloom.drivers.wiring import Wiring

Values = NDArray[Any]
NEVER = 1 << 62


class Launch(Protocol):
    """Runs one kernel of the model, named without the model's name, on (lane blocks, 1) thread blocks."""

    def __call__(self, kernel: str, lane_blocks: int, arguments: Sequence[Any]) -> None: ...


@dataclass(frozen=True)
class Shape:
    """The kernels' shape, compiled into them."""

    dtype: str
    lanes: int
    groups: int
    block: int
    noise: bool

    @property
    def defines(self) -> dict[str, str]:
        """Macros that the source is compiled with."""
        real = {"float32": "float", "float64": "double"}[self.dtype]
        numbers = {"LANES": self.lanes, "GROUPS": self.groups, "BLOCK": self.block, "NOISE": int(self.noise)}
        return {"REAL": real} | {name: str(number) for name, number in numbers.items()}


def run_group(
    plan: Plan, wiring: Wiring, items: NDArray[np.int64], shape: Shape, launch: Launch, segment: int
) -> LaneResult:
    """Simulate the work items that share their delays, `segment` steps a launch."""
    study, settings, model = plan.study, plan.study.settings, plan.model
    assert wiring.block == shape.block
    real = np.dtype(shape.dtype)
    n_node, n_block = study.connectome.n_node, -(-len(items) // shape.lanes)
    filled = np.resize(items, n_block * shape.lanes)
    parameters = by_block(lane_parameters(plan.table, study.grid, filled, shape.dtype), shape.lanes)
    columns = parameters.shape[2]
    hoisted = np.zeros((n_block, study.module.HOISTED, columns, shape.lanes), real)
    launch("prepare", n_block, [parameters, settings.dt, n_node, columns, hoisted])
    state, history = _beginning(plan, wiring, filled, shape, launch, hoisted)
    sums = np.zeros((n_block, len(model.exposures), n_node, shape.lanes), real)
    diverged = np.full((n_block, shape.groups, shape.lanes), NEVER, np.int64)
    numbers = (filled + study.first_item).astype(np.uint32)
    edges = [wiring.row.astype(np.int32), wiring.source.astype(np.int32), wiring.delay.astype(np.int32)]
    values = plan.inputs.values.astype(real)
    outputs = []
    last, window = settings.n_sample * settings.window, settings.window
    for first in range(0, last, segment):
        steps = min(segment, last - first)
        n_sample = (first + steps) // window - first // window
        output = np.full((n_block, n_sample, len(model.exposures), n_node, shape.lanes), np.nan, real)
        input_row = plan.inputs.rows(first, steps).astype(np.int32)
        launch(settings.integrator, n_block, [
            first, steps, settings.dt, n_node, columns, *edges, wiring.weight, wiring.self_weight,
            wiring.weight_sum, hoisted, numbers, *key_of(settings.seed, NOISE), input_row, values, state,
            history, wiring.horizon, window, n_sample, sums, output, diverged,
        ])  # fmt: skip
        outputs.append(output)
    output = np.concatenate(outputs, axis=1).transpose(0, 4, 2, 1, 3)
    samples = output.reshape(-1, *output.shape[2:])[: len(items)]
    step = diverged.min(axis=1).ravel()[: len(items)]
    return LaneResult(items, samples, np.where(step == NEVER, -1, step))


def by_block(values: Values, lanes: int) -> Values:
    """Arrays (..., item) as (lane block, ..., lane)."""
    return np.ascontiguousarray(np.moveaxis(values.reshape(*values.shape[:-1], -1, lanes), -2, 0))


def _beginning(
    plan: Plan, wiring: Wiring, filled: NDArray[np.int64], shape: Shape, launch: Launch, hoisted: Values
) -> tuple[Values, Values]:
    """States at t = 0 and the ring of what came before: slot 0 is t = 0, the past lies round the ring."""
    study, real = plan.study, np.dtype(shape.dtype)
    n_block, _, columns, lanes = hoisted.shape
    n_node = study.connectome.n_node
    history = np.full((n_block, max(1, study.module.FACTORS), n_node, wiring.horizon, lanes), np.nan, real)

    def fill(states: Values, slot: int) -> Values:
        there = by_block(states.astype(real), lanes)
        launch("fill_history", n_block, [there, hoisted, n_node, columns, slot, wiring.horizon, history])
        return there

    if plan.history is not None:
        past = [np.repeat(states[:, :, None], filled.size, axis=2) for states in plan.history]
        for back in range(wiring.longest_delay, 0, -1):
            fill(past[-1 - back], -back % wiring.horizon)
        return fill(past[-1], 0), history
    numbers = filled + study.first_item
    state = fill(initial_states(plan.model, plan.initial, study.settings.seed, numbers, n_node), 0)
    history[..., 1:, :] = history[..., :1, :]
    return state, history
