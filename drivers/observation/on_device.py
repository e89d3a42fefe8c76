"""Moments and co-moments on a device: a simulation's samples are added up where they are, and stay there."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

from rateloom.drivers.execution.device import Buffer
from rateloom.drivers.execution.device_sink import DeviceRoom
from rateloom.drivers.measures.comoments import Running

from .recipe import Part
from .streamed import has_products, results_of, working_dtype

_SOURCE = Path(__file__).with_name("moments.cu")
_TILE = 4
_DOUBLE = 8


def has_pairs(parts: Sequence[Part]) -> bool:
    """Tell whether an exposure needs the products of all pairs of nodes."""
    return any(has_products(part.context) for part in parts)


def tiles_of(parts: Sequence[Part], n_node: int) -> int:
    """Tiles of pairs of nodes: of the lower triangle, or of the diagonal where that is enough."""
    rows = -(-n_node // _TILE)
    return rows * (rows + 1) // 2 if has_pairs(parts) else rows


def bytes_on_device(parts: Sequence[Part], n_node: int, dtype: Any) -> int:
    """Device memory of a work item: co-moments, means twice, co-moments with time, and extremes."""
    real = int(np.dtype(dtype).itemsize)
    bytes_part: int = _DOUBLE * (tiles_of(parts, n_node) * _TILE * _TILE + 3 * n_node) + 2 * real * n_node
    return len(parts) * bytes_part


@dataclass(eq=False)
class OnDevice:
    """A `DeviceSink` that adds samples up, one after another, so that bits do not depend on launches.

    Attributes
    ----------
    n_exposure : int
        Exposures of the samples, measured or not.
    """

    parts: Sequence[Part]
    n_node: int
    room: DeviceRoom
    n_exposure: int
    count: int = 0
    buffers: dict[str, Buffer] = field(default_factory=dict)
    kernel: Any = None

    def __post_init__(self) -> None:
        room, size = self.room, (self.room.n_block, len(self.parts), self.n_node, self.room.lanes)
        n_tile, real = tiles_of(self.parts, self.n_node), np.dtype(room.dtype)
        defines = {"REAL": "float" if real.itemsize == 4 else "double", "LANES": str(room.lanes)}
        defines |= {"GROUPS": str(self.groups), "PAIRS": str(int(has_pairs(self.parts)))}
        defines["MEASURED"] = ",".join(str(part.row) for part in self.parts)
        self.kernel = room.device.load(_SOURCE.read_text("utf-8"), _SOURCE.name, defines)["moments_update"]
        put = room.put
        self.buffers = {
            "means": put(np.zeros(size)), "other means": put(np.zeros(size)),
            "timed": put(np.zeros(size)),
            "least": put(np.full(size, np.inf, real)), "most": put(np.full(size, -np.inf, real)),
            "comoments": put(np.zeros((*size[:2], n_tile, _TILE, _TILE, room.lanes))),
        }  # fmt: skip

    @property
    def groups(self) -> int:
        """Tiles that a thread block has."""
        return min(8, tiles_of(self.parts, self.n_node))

    def take(self, output: Buffer, n_sample: int) -> None:
        """Add samples (lane block, sample, exposure, node, lane) up; see `DeviceSink`."""
        if not n_sample:
            return
        b, n_part, n_tile = self.buffers, len(self.parts), tiles_of(self.parts, self.n_node)
        numbers = (np.int32(n) for n in (n_sample, self.n_exposure, self.n_node, n_tile, self.count))
        blocks = self.room.n_block * n_part * -(-n_tile // self.groups)
        self.room.device.launch(
            self.kernel, blocks, (self.room.lanes, self.groups),
            [output, *numbers, b["means"], b["other means"], b["least"], b["most"], b["comoments"],
             b["timed"]],
        )  # fmt: skip
        b["means"], b["other means"] = b["other means"], b["means"]
        self.count += n_sample

    def finish(self, n_item: Sequence[int], lost: NDArray[np.int64]) -> Sequence[Mapping[str, NDArray[Any]]]:
        """Measures of each lane block; see `DeviceSink`."""
        room, n_tile = self.room, tiles_of(self.parts, self.n_node)
        size = (room.n_block, len(self.parts), self.n_node, room.lanes)
        buffers = self.buffers
        means, timed = (room.get(buffers[name], size, np.float64) for name in ("means", "timed"))
        least, most = (room.get(buffers[name], size, room.dtype) for name in ("least", "most"))
        tiles = room.get(buffers["comoments"], (*size[:2], n_tile, _TILE, _TILE, room.lanes), np.float64)
        pairs = has_pairs(self.parts)
        measures = [
            results_of(
                self.parts,
                [
                    _running(means[b, k], timed[b, k], (least[b, k], most[b, k]), tiles[b, k], n, part, pairs)
                    for k, part in enumerate(self.parts)
                ],
                self.count,
            )
            for b, n in enumerate(n_item)
        ]
        for of_block, diverged in zip(measures, lost < self.count, strict=True):
            for values in of_block.values():
                values[diverged[: len(values)]] = np.nan
        return measures


def _running(
    mean: NDArray[Any],
    timed: NDArray[Any],
    extremes: tuple[NDArray[Any], NDArray[Any]],
    tiles: NDArray[Any],
    n_item: int,
    part: Part,
    pairs: bool,
) -> Running:
    """Return the sums of an exposure of a lane block, in the units of measures."""
    n_node = len(mean)
    i, j = np.tril_indices(n_node)
    if pairs:
        tile = (i // _TILE) * (i // _TILE + 1) // 2 + j // _TILE
        comoments = tiles[tile, i % _TILE, j % _TILE, :n_item].T
        square = comoments[:, i == j]
    else:
        node = np.arange(n_node)
        square = tiles[node // _TILE, node % _TILE, node % _TILE, :n_item].T
        comoments = np.empty((n_item, 0))
    least, most = extremes
    dtype, scale = working_dtype(part.context, least.dtype), part.scale
    lost = ~np.isfinite(mean[:, :n_item].T)

    def scaled(end: NDArray[Any]) -> NDArray[np.float64]:
        return np.where(lost, np.nan, np.multiply(end[:, :n_item].T, scale, dtype=dtype).astype(np.float64))

    none = np.empty((n_item, 0))
    products = has_products(part.context)
    return Running(
        mean[:, :n_item].T * scale, square * scale**2, scaled(least), scaled(most),
        comoments * scale**2 if products else none, timed[:, :n_item].T * scale if products else none,
        np.empty(0),
    )  # fmt: skip
