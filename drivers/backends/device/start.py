"""The start of a chunk of lane blocks: states, the history of what came before, and its scales."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from functools import cached_property

import numpy as np

from rateloom.drivers.connectome.wiring import slots_of
from rateloom.drivers.execution.device import Buffer
from rateloom.drivers.execution.sink import Values
from rateloom.drivers.model.states import initial_states, with_carries
from rateloom.drivers.planning.parameters import lane_parameters

from .chunk import Chunk, by_block
from .history_scales import scales_of, with_inverses


@dataclass(frozen=True, eq=False)
class Start:
    """The buffers that a chunk begins with on the device.

    Attributes
    ----------
    hoisted, state, history
        Hoisted values, states at t = 0, and the ring of what came before.
    scales, largest
        Scales of the history's factors, and their greatest sizes so far; one number each in full precision.
    """

    chunk: Chunk
    hoisted: Buffer
    state: Buffer
    history: Buffer
    scales: Buffer
    largest: Buffer

    def write_factors(self, slot: int, count: int) -> None:
        """Write factors of the states that are there into slots; in half precision, note their sizes."""
        study = self.chunk.plan.study
        self.chunk.launch(
            "fill_history",
            state=self.state, hoisted=self.hoisted, n_node=study.connectome.n_node,
            columns=self.chunk.plan.table.values.shape[1], slot=slot, count=count,
            horizon=self.chunk.group.wiring.horizon, scales=self.scales, history=self.history,
            largest=self.largest,
        )  # fmt: skip

    def fill(self) -> None:
        """Put states at t = 0 and before it in their places.

        Slot 0 of the ring is t = 0; the past lies before it, round the ring.
        """
        chunk, plan, wiring = self.chunk, self.chunk.plan, self.chunk.group.wiring
        if plan.history is None:
            chunk.device.copy_in(self.state, self._initial)
            self.write_factors(0, wiring.horizon)
            return
        for back in range(wiring.longest_delay, -1, -1):
            past = np.repeat(plan.history[-1 - back][:, :, None], chunk.filled.size, axis=2)
            chunk.device.copy_in(self.state, self._rows(past))
            for slot in slots_of(back, plan.study.code.counts.traversals, wiring.horizon):
                self.write_factors(slot, 1)

    @cached_property
    def _initial(self) -> Values:
        """States at t = 0: a history in half precision begins with them three times."""
        chunk, plan, study = self.chunk, self.chunk.plan, self.chunk.plan.study
        seed, numbers = study.seed_of(chunk.filled), study.numbers_of(chunk.filled)
        n_node = study.connectome.n_node
        return self._rows(initial_states(plan.model, plan.initial, seed, numbers, n_node))

    def _rows(self, states: Values) -> Values:
        """Return states as the device has them, by lane block and with nothing left of a step before."""
        shape, rows = self.chunk.group.shape, self.chunk.plan.study.code.counts.state_rows
        return by_block(with_carries(states, rows), shape.lanes).astype(shape.dtype)

    def choose_scales(self) -> None:
        """Take the scales of a history in half precision from the greatest sizes so far."""
        device, shape = self.chunk.device, self.chunk.group.shape
        factors = self.chunk.plan.study.code.counts.factors
        largest = device.host_array((self.chunk.n_block, factors, shape.groups, shape.lanes), shape.dtype)
        device.fetch(self.largest, largest).wait()
        device.copy_in(self.scales, with_inverses(scales_of(largest.max(axis=2)), shape.dtype))


def start_of(chunk: Chunk, room: Callable[..., Buffer], put: Callable[..., Buffer]) -> Start:
    """Hoisted values, states at t = 0 and the ring of what came before."""
    plan, wiring, shape = chunk.plan, chunk.group.wiring, chunk.group.shape
    study, real, n_node = plan.study, np.dtype(shape.dtype), plan.study.connectome.n_node
    parameters = by_block(lane_parameters(plan.table, study.grid, chunk.filled, shape.dtype), shape.lanes)
    columns, counts = parameters.shape[2], study.code.counts
    hoisted = room((chunk.n_block, max(1, counts.hoisted), columns, shape.lanes), real)
    chunk.launch(
        "prepare",
        parameters=put(parameters, real), step_size=study.settings.dt, n_node=n_node, columns=columns,
        hoisted=hoisted,
    )  # fmt: skip
    half, factors = shape.history == "float16", max(1, counts.factors)
    stored_type = np.uint16 if half else np.dtype(shape.history)
    start = Start(
        chunk,
        hoisted=hoisted,
        state=room((chunk.n_block, counts.state_rows, n_node, shape.lanes), real),
        history=room((chunk.n_block, factors, n_node, wiring.horizon, shape.lanes), stored_type),
        scales=put(np.ones((chunk.n_block, factors, 2, shape.lanes) if half else 1), real),
        largest=put(np.zeros((chunk.n_block, factors, shape.groups, shape.lanes) if half else 1), real),
    )
    if study.continued is None:
        start.fill()
    return start
