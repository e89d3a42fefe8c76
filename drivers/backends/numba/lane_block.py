"""One lane block: some work items with one delay pattern, from their initial states to their samples."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from rateloom.drivers.connectome.wiring import Wiring, slots_of
from rateloom.drivers.execution.lane_result import LaneResult
from rateloom.drivers.execution.ring import roll, unrolled
from rateloom.drivers.execution.sink import NEVER, Sink, feed, finished, lose
from rateloom.drivers.model.inputs import InputTable
from rateloom.drivers.model.random import NOISE, key_of
from rateloom.drivers.model.states import with_carries
from rateloom.drivers.planning.kept_state import KeptState
from rateloom.drivers.planning.sample_times import SampleTimes
from rateloom.drivers.planning.settings import Settings

from .kernels import Kernels

# node-steps between two looks at whether to stop: a fraction of a second
_SEGMENT = 1_000_000


@dataclass(frozen=True, eq=False)
class LaneBlock:
    """The values that one lane block starts from, and the sinks that its samples go to.

    Attributes
    ----------
    items : (n_lane,) array of int64
        Indices of the work items in the grid; fewer than the kernels' lanes are filled up.
    seed : int
        Of random numbers.
    numbers : (n_lane,) array of int64
        What the random numbers know them by.
    parameters : (n_row, n_node or 1, n_lane) array
    states : (n_state, n_node, n_lane) array
        At t = 0.
    history : (n_time, n_state, n_node) array, optional
        States before, the last one at t = 0.
    sinks : sequence of Sink
        What is fed the samples as they come; what comes of them is in the result's measures.
    store_samples : bool
        Whether samples are stored for the result.
    continued : KeptState, optional
        The state that the run goes on from, in place of `states` and `history`.
    keep_state : bool
        Whether the state in which it ends is kept.
    """

    items: NDArray[np.int64]
    seed: int
    numbers: NDArray[np.int64]
    parameters: NDArray[np.floating]
    states: NDArray[np.floating]
    history: NDArray[np.floating] | None = None
    sinks: Sequence[Sink] = ()
    store_samples: bool = True
    continued: KeptState | None = None
    keep_state: bool = False


@dataclass(frozen=True, eq=False)
class _Carried:
    """The arrays that kernels carry from step to step.

    Attributes
    ----------
    state : (state_row, n_node * lanes) array
    history : array
        The ring: (factor, n_node, horizon + block, lanes), in a row.
    sums : (sum_row, n_node * lanes) array
        Over the window that has not ended.
    diverged : (lanes,) array of int64
        Steps of divergence, or `NEVER`.
    """

    state: NDArray[np.floating]
    history: NDArray[np.floating]
    sums: NDArray[np.floating]
    diverged: NDArray[np.int64]


def run_lane_block(
    kernels: Kernels,
    wiring: Wiring,
    visits: NDArray[np.int64],
    inputs: InputTable,
    start: LaneBlock,
    settings: Settings,
    samples: SampleTimes,
    tick: Callable[[int], bool],
) -> LaneResult | None:
    """Simulate one lane block.

    Parameters
    ----------
    visits : (n_visit, 4) array of int64
        See `rateloom.drivers.connectome.wiring.visits_of`.
    tick : callable
        Called with the number of node-steps done since the last call; false stops the run.

    Returns
    -------
    LaneResult, or None if stopped
    """
    real, window = np.dtype(kernels.dtype), samples.window
    _, n_node, n_item = start.states.shape
    filled = np.arange(kernels.lanes) % n_item
    parameters = np.ascontiguousarray(start.parameters[:, :, filled], dtype=real)
    hoisted = np.empty((kernels.code.counts.hoisted, parameters.shape[1], kernels.lanes), real)
    kernels.call("prepare", parameters=parameters, step_size=settings.dt, n_node=n_node, hoisted=hoisted)
    if start.continued is None:
        carried = _begun(kernels, wiring, start, hoisted)
    else:
        carried = _continued(kernels, wiring, start.continued.of(filled))
    n_exposure = len(kernels.code.model.exposures)
    segment = segment_steps(n_node, kernels.lanes, kernels.block)
    rows = samples_at_once(samples, segment)
    output = np.empty((rows, n_exposure, n_node * kernels.lanes), real)
    by_lane = output.reshape(rows, n_exposure, n_node, kernels.lanes)[..., :n_item]
    n_stored = samples.n_sample if start.store_samples else 0
    stored = np.empty((n_item, n_exposure, n_stored, n_node), real)
    key = tuple(np.uint32(k) for k in key_of(start.seed, NOISE))
    items = start.numbers[filled].astype(np.uint32)
    values = inputs.values.astype(real)
    fixed = {
        "step_size": settings.dt, "parts": wiring.parts, "visits": visits, "source": wiring.source,
        "delay": wiring.delay, "weight": wiring.weight, "self_weight": wiring.self_weight,
        "weight_sums": wiring.weight_sum, "hoisted": hoisted, "items": items, "key0": key[0], "key1": key[1],
        "input_values": values, "horizon": wiring.horizon, "window": window,
        **kernels.room(wiring.parts, visits),
    }  # fmt: skip
    # steps left over after the last window would change no sample
    for first in range(samples.first_step, samples.end_step, segment):
        steps = min(segment, samples.end_step - first)
        sample, stop = first // window, (first + steps) // window
        kernels.call(
            "advance",
            first=first, steps=steps, input_row=inputs.rows(first, steps), output=output,
            **fixed, **vars(carried),
        )  # fmt: skip
        new = by_lane[: stop - sample]
        lose(new, sample, window, carried.diverged[:n_item])
        sample, stop = sample - samples.first_sample, stop - samples.first_sample
        feed(start.sinks, sample, new.swapaxes(0, 1))
        if start.store_samples:  # while they are in the processor's caches
            stored[:, :, sample:stop] = new.transpose(3, 1, 0, 2)
        if not tick(n_node * n_item * steps):
            return None
    step = np.where(carried.diverged == NEVER, -1, carried.diverged)[:n_item]
    kept = _kept(kernels, wiring, carried, samples.end_step, step) if start.keep_state else None
    return LaneResult(start.items, stored, step, finished(start.sinks), kept)


def segment_steps(n_node: int, lanes: int, block: int) -> int:
    """Steps between two looks at whether to stop."""
    return -(-_SEGMENT // (n_node * lanes * block)) * block


def samples_at_once(samples: SampleTimes, segment: int) -> int:
    """Samples that a segment completes at most."""
    return min(samples.n_sample, segment // samples.window + 1)


def _begun(kernels: Kernels, wiring: Wiring, start: LaneBlock, hoisted: NDArray[np.floating]) -> _Carried:
    """Begin with the initial states."""
    counts, real = kernels.code.counts, np.dtype(kernels.dtype)
    n_state, n_node, n_item = start.states.shape
    state = start.states[:, :, np.arange(kernels.lanes) % n_item].astype(real).reshape(n_state, -1)
    state = with_carries(state, counts.state_rows)
    return _Carried(
        state,
        _history(kernels, wiring, start.history, state, hoisted),
        np.zeros((counts.sum_rows, n_node * kernels.lanes), real),
        np.full(kernels.lanes, NEVER),
    )


def _continued(kernels: Kernels, wiring: Wiring, kept: KeptState) -> _Carried:
    """Go on from the state of every lane."""
    ring, counts = np.zeros(_ring_shape(kernels, wiring), kernels.dtype), kernels.code.counts
    horizon = wiring.horizon
    history = kept.history[:, :, : wiring.longest_delay + 1]
    roll(history, ring[: counts.factors], kept.step, counts.traversals, horizon)
    # the ring's beginning once more, so that a block of steps can be read without a break
    ring[:, :, horizon:] = ring[:, :, : kernels.block]

    def by_row(values: NDArray[np.floating]) -> NDArray[np.floating]:
        return np.ascontiguousarray(np.moveaxis(values, 0, -1).reshape(values.shape[1], -1), kernels.dtype)

    diverged = np.where(kept.diverged_step < 0, NEVER, kept.diverged_step)
    return _Carried(by_row(kept.states), ring.reshape(-1), by_row(kept.sums), diverged)


def _kept(
    kernels: Kernels, wiring: Wiring, carried: _Carried, step: int, diverged_step: NDArray[np.int64]
) -> KeptState:
    """The state of the work items after some steps."""
    n_item, lanes, counts = len(diverged_step), kernels.lanes, kernels.code.counts
    ring = carried.history.reshape(_ring_shape(kernels, wiring))[: counts.factors, ..., :n_item]
    states, sums = (
        np.moveaxis(rows.reshape(len(rows), -1, lanes)[..., :n_item], -1, 0)
        for rows in (carried.state, carried.sums)
    )
    n_back = wiring.longest_delay + 1
    history = unrolled(ring, step, n_back, counts.traversals, wiring.horizon)
    return KeptState(step, states, history, sums, diverged_step)


def _ring_shape(kernels: Kernels, wiring: Wiring) -> tuple[int, int, int, int]:
    factors = max(1, kernels.code.counts.factors)
    return factors, wiring.n_node, wiring.horizon + kernels.block, kernels.lanes


def _history(
    kernels: Kernels,
    wiring: Wiring,
    past: NDArray[np.floating] | None,
    state: NDArray[np.floating],
    hoisted: NDArray[np.floating],
) -> NDArray[np.floating]:
    """Fill the ring: slot 0 is t = 0, the slots before it, counted round the ring, what came before."""
    lanes, slots = kernels.lanes, wiring.horizon + kernels.block
    history = np.empty(int(np.prod(_ring_shape(kernels, wiring))), state.dtype)

    def fill(states: NDArray[np.floating], slot: int, count: int) -> None:
        kernels.call(
            "fill_history",
            state=states, hoisted=hoisted, slot=slot, count=count, history=history, horizon=wiring.horizon,
        )  # fmt: skip

    if past is None:
        fill(state, 0, slots)
        return history
    for back in range(wiring.longest_delay + 1):
        then = np.repeat(past[len(past) - 1 - back], lanes, axis=1).astype(state.dtype)
        for slot in slots_of(back, kernels.code.counts.traversals, wiring.horizon):
            fill(then, slot, 1)
            if slot < kernels.block:
                fill(then, slot + wiring.horizon, 1)
    return history
