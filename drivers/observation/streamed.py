"""Measures that are made in one pass, while a lane block is simulated, so that its series are not held."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field
from typing import Any

import numpy as np
from numpy.typing import NDArray

from rateloom.drivers.execution.sink import Values
from rateloom.drivers.measures.cleaned_item import is_cleaned
from rateloom.drivers.measures.comoments import BLOCK, Blocks, Running, add_block, gather, running
from rateloom.drivers.measures.context import Context
from rateloom.drivers.measures.data_to_fit import FC
from rateloom.drivers.measures.functional_connectivity import correlation
from rateloom.drivers.measures.item import (
    Measures,
    names_of,
    of_matrix,
    regional_moments,
    spread,
    whole_moments,
)
from rateloom.drivers.measures.moments import Moments
from rateloom.drivers.measures.selection import OF_MATRIX, ONE_PASS
from rateloom.drivers.measures.trend import TREND, mean_share

from .recipe import Part


def in_one_pass(context: Context) -> bool:
    """Tell whether all requested measures of an exposure follow from moments and co-moments."""
    if is_cleaned(context):
        return False
    fits = {name for target in context.targets if target.kind == FC for name in target.measures}
    return set(names_of(context)) <= ONE_PASS | fits


def has_products(context: Context) -> bool:
    """Tell whether functional connectivity is requested."""
    return bool(context.targets) or not OF_MATRIX.isdisjoint(names_of(context))


def working_dtype(context: Context, dtype: Any) -> np.dtype[Any]:
    """Precision that samples are taken in: their own, or, as published, double."""
    return np.dtype(np.float64) if context.convention == "published" else np.dtype(dtype)


def bytes_of_lane(parts: Sequence[Part], n_node: int, dtype: Any) -> int:
    """Return the memory that `Streamed` takes for a work item."""
    total = 0
    for part in parts:
        pairs = n_node * (n_node + 1) // 2 if has_products(part.context) else 0
        total += 8 * (5 * n_node + pairs) + BLOCK * n_node * working_dtype(part.context, dtype).itemsize
    return total


@dataclass(eq=False)
class Streamed:
    """A `Sink` that adds up moments and co-moments, in blocks of samples that begin at fixed numbers.

    So bits do not depend on how many samples come at once.
    """

    parts: Sequence[Part]
    n_lane: int
    n_node: int
    dtype: Any
    states: list[Running] = field(init=False)
    blocks: list[NDArray[Any]] = field(init=False)
    count: int = 0

    def __post_init__(self) -> None:
        kinds = [working_dtype(part.context, self.dtype) for part in self.parts]
        self.states = [
            running(self.n_lane, self.n_node, kind, has_products(part.context))
            for part, kind in zip(self.parts, kinds, strict=True)
        ]
        self.blocks = [np.empty((self.n_lane, self.n_node, BLOCK), kind) for kind in kinds]

    def take(self, first: int, samples: Values) -> None:
        """Add samples; see `Sink`."""
        n_taken = 0
        while n_taken < samples.shape[1]:
            begin = self.count % BLOCK
            end = min(BLOCK, begin + samples.shape[1] - n_taken)
            for k, part in enumerate(self.parts):
                block = self.blocks[k]
                new = samples[part.row, n_taken : n_taken + end - begin]
                gather(new, block.dtype.type(part.scale), block[:, :, begin:end])
            n_taken, self.count = n_taken + end - begin, self.count + end - begin
            if end == BLOCK:
                self._add(BLOCK)

    def _add(self, n: int) -> None:
        for state, block in zip(self.states, self.blocks, strict=True):
            with np.errstate(invalid="ignore"):
                add_block(state, self.count - n, block[:, :, :n])

    def finish(self) -> dict[str, Values]:
        """Measures of each exposure; see `Sink`."""
        if self.count % BLOCK:
            self._add(self.count % BLOCK)
        return results_of(self.parts, self.states, self.count)


def results_of(parts: Sequence[Part], states: Sequence[Running], count: int) -> dict[str, Values]:
    """Measures of each exposure, (lane, ...), from what was added up of `count` samples."""
    result: dict[str, Values] = {}
    for part, state in zip(parts, states, strict=True):
        n_lane, n_node = state.mean.shape
        measures = [_measures(state, lane, count, part.context) for lane in range(n_lane)]
        for name, column in part.columns.items():
            missing = np.full((n_node,) * column.n_node, np.nan)
            result[column.name] = np.array([of_lane.get(name, missing) for of_lane in measures], column.dtype)
        if has_products(part.context):
            result[part.trend] = np.array([of_lane.get(TREND, np.nan) for of_lane in measures])
    return result


def _measures(state: Running, lane: int, count: int, context: Context) -> Measures:
    """Measures of one work item, from what was added up."""
    finite = np.isfinite(state.least[lane]) & np.isfinite(state.most[lane])
    moments = _moments(state, lane, count, finite)
    if not finite.all():
        return spread(regional_moments(moments, context), finite)
    result = regional_moments(moments, context) | whole_moments(moments, context)
    if state.comoments.shape[1]:
        result |= of_matrix(
            _correlation(state.comoments[lane], moments.deviation, count), moments.mean, context
        )
        square = np.where(moments.deviation > 0, state.square[lane], 0.0)
        result[TREND] = mean_share(state.timed[lane], square, count)
    return result


def _moments(state: Running, lane: int, count: int, finite: NDArray[np.bool_]) -> Moments:
    least, most = state.least[lane, finite], state.most[lane, finite]
    varies = least < most
    deviation = np.where(varies, np.sqrt(state.square[lane, finite] / count), 0.0)
    return Moments(np.where(varies, state.mean[lane, finite], least), deviation, least, most)


def _correlation(comoments: NDArray[Any], deviation: NDArray[Any], count: int) -> NDArray[np.float64]:
    """Pearson's correlation, from products of series in units of their deviation, as in `connectivity`."""
    scale = np.divide(1.0, deviation, where=deviation > 0, out=np.zeros_like(deviation))
    row, column = np.tril_indices(len(deviation))
    products = comoments * scale[row] * scale[column]
    return correlation(Blocks(np.array([float(count)]), np.zeros((1, len(deviation))), products[None]))
