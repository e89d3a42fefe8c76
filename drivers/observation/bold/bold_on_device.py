"""BOLD signals on a device: the haemodynamic model's input is a simulation's samples, where these lie.

Each lane block of the simulation is one of the haemodynamic model: its nodes are the nodes of all its work
items, in a single lane, so that what a launch of the simulation wrote is read as it is.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

import numpy as np
from numpy.typing import NDArray

from rateloom.drivers.backends.device.kernel_shape import Shape
from rateloom.drivers.execution.device import Buffer, Kernel, Transfer
from rateloom.drivers.execution.device_sink import DeviceRoom
from rateloom.drivers.execution.sink import Values
from rateloom.drivers.model.artifact import CUDA
from rateloom.drivers.model.kernel_signature import ordered_arguments
from rateloom.drivers.planning.kept_state import HAEMODYNAMICS

from .haemodynamics import BOLD, Haemodynamics, lost_columns

_BLOCK = 8
# Nodes that a thread block advances side by side.
_GROUPS = 128
# A window that never ends, so that steps leave no sample.
_NEVER = 2**31 - 1
_REALS = {"float32": "float", "float64": "double"}


@dataclass(eq=False)
class _DeviceBold:
    """The haemodynamics of a chunk: a `rateloom.drivers.execution.device_sink.DeviceSink`.

    Attributes
    ----------
    groups : int
    fixed : mapping of str to argument
        Arguments of the kernel that are the same for every launch.
    rows, most : buffer, int
        The rows of the input that the steps of a launch read, and how many there are; room for so many steps.
    sums : list of buffers
        Of launches without samples, and with one.
    outputs, landed : lists
        One volume each, on the device and here.
    volumes : (lane block, volume, column) array
    lost : (lane block, column) array of bool
        Whether a volume before these was not finite.
    under_way : dict
        For each of `outputs`, its transfer and which volume that is.
    step : int
        Steps that are queued.
    """

    haemodynamics: Haemodynamics
    room: DeviceRoom
    kernel: Kernel
    groups: int
    fixed: Mapping[str, Any]
    sums: list[Buffer]
    outputs: list[Buffer]
    landed: list[Values]
    volumes: Values
    lost: NDArray[np.bool_]
    step: int
    under_way: dict[int, tuple[Transfer, int]] = field(default_factory=dict)
    rows: Buffer = None
    most: int = 0

    def take(self, output: Buffer, n_sample: int) -> None:
        """Queue the steps that are fed with the samples of a launch, and the volumes among them."""
        timing, begin = self.haemodynamics.timing, self.step
        if n_sample > self.most:
            self.most = max(n_sample, 2 * self.most)
            self.rows = self.room.put(np.zeros(self.most + 1, np.int32))
        end = begin + n_sample
        while self.step < end:
            volume = self.step // timing.steps_volume
            last = (volume + 1) * timing.steps_volume - 1
            kept_volume = volume - timing.skipped
            if not 0 <= kept_volume < timing.n_volume or end <= last:
                self._advance(output, n_sample, begin, min(end, last + 1) - self.step, None)
                continue
            self._advance(output, n_sample, begin, last - self.step, None)
            self._advance(output, n_sample, begin, 1, kept_volume)

    def _advance(self, output: Buffer, n_sample: int, begin: int, steps: int, volume: int | None) -> None:
        """Queue some steps; where these are the one of a volume, fetch it."""
        if not steps:
            return
        side = 0 if volume is None else volume % 2
        if volume is not None:
            self._settle(side)
        n_exposure = self.haemodynamics.n_exposure
        rows = (
            np.arange(self.step - begin, self.step - begin + steps) * n_exposure + self.haemodynamics.exposure
        )
        self.room.device.copy_in(self.rows, np.append(rows, n_sample * n_exposure).astype(np.int32))
        window = _NEVER if volume is None else 1
        arguments = ordered_arguments(
            self.haemodynamics.code.signatures[CUDA]["advance"],
            {
                **self.fixed, "first": self.step, "steps": steps, "input_row": self.rows,
                "input_values": output, "window": window, "sums": self.sums[volume is not None],
                "output": self.outputs[side],
            },
        )  # fmt: skip
        self.room.device.launch(self.kernel, self.room.n_block, (1, self.groups), arguments)
        self.step += steps
        if volume is not None:
            self.under_way[side] = self.room.device.fetch(self.outputs[side], self.landed[side]), volume

    def _settle(self, side: int) -> None:
        """Put a volume that is here where it belongs."""
        if side in self.under_way:
            transfer, volume = self.under_way.pop(side)
            transfer.wait()
            with np.errstate(over="ignore"):
                self.volumes[:, volume] = self.landed[side][:, 0]

    def finish(self, n_item: Sequence[int], lost: NDArray[np.int64]) -> Sequence[Mapping[str, Values]]:
        """Return the volumes (item, volume, node) of each lane block, and the states where they are kept."""
        for side in (0, 1):
            self._settle(side)
        haemodynamics, timing = self.haemodynamics, self.haemodynamics.timing
        bad = np.logical_or.accumulate(~np.isfinite(self.volumes), axis=1)
        self.volumes[bad | self.lost[:, None]] = np.nan
        by_lane = self.volumes.reshape(
            self.room.n_block, timing.n_volume, haemodynamics.n_node, self.room.lanes
        )
        first = np.maximum(lost // timing.steps_volume - timing.skipped, 0)
        for block, lane in np.argwhere(first < timing.n_volume):
            by_lane[block, first[block, lane] :, :, lane] = np.nan
        results = [
            {BOLD: np.ascontiguousarray(values.transpose(2, 0, 1)[:n])}
            for n, values in zip(n_item, by_lane, strict=True)
        ]
        if not haemodynamics.keep_state:
            return results
        n_row, n_column = haemodynamics.code.counts.state_rows, self.volumes.shape[-1]
        states = self.room.get(self.fixed["state"], (self.room.n_block, n_row, n_column), np.float64)
        # the last volume is lost where any was
        kept = map(haemodynamics.last_states, states, np.isnan(self.volumes[:, -1]))
        return [
            {**result, HAEMODYNAMICS: of_block[:n]}
            for n, result, of_block in zip(n_item, results, kept, strict=True)
        ]


def open_device_bold(haemodynamics: Haemodynamics, room: DeviceRoom) -> _DeviceBold:
    """Make the haemodynamics of some lane blocks, at rest or where they go on."""
    n_column, name, put = haemodynamics.n_node * room.lanes, haemodynamics.model.name, room.put
    parameters = haemodynamics.parameter_columns(room.lanes)
    columns, groups = parameters.shape[1], min(_GROUPS, n_column)
    shape = Shape("float64", "float64", 1, groups, _BLOCK, "heun", noise=False, regional=columns > 1)
    own = {"OWN_INPUTS": "1", "GIVEN": _REALS[room.dtype]}
    kernels = room.device.load(haemodynamics.code.texts[CUDA].text, f"{name}.cu", shape.defines | own)

    def put_in_each_block(values: Values) -> Buffer:
        return put(np.repeat(values[None], room.n_block, axis=0))

    states = np.stack(
        [haemodynamics.first_columns(items) for items in room.items.reshape(room.n_block, room.lanes)]
    )
    signatures = haemodynamics.code.signatures[CUDA]
    sizes = {"n_node": n_column, "columns": columns}
    hoisted = put(np.zeros((room.n_block, max(1, haemodynamics.n_hoisted), columns)))
    prepare = ordered_arguments(
        signatures["prepare"],
        {
            "parameters": put_in_each_block(parameters),
            "step_size": haemodynamics.timing.dt,
            "hoisted": hoisted,
            **sizes,
        },
    )
    room.device.launch(kernels[f"{name}_prepare"], room.n_block, (1, groups), prepare)
    fixed = {
        "step_size": haemodynamics.timing.dt, **sizes, "row": put(np.zeros(n_column + 1, np.int32)),
        "source": put(np.zeros(1, np.int32)), "delay": put(np.zeros(1, np.int32)),
        "weight": put(np.zeros(1)), "dense": put(np.zeros(1)), "self_weight": put(np.zeros(n_column)),
        "weight_sums": put(np.zeros(n_column)), "hoisted": hoisted,
        "items": put(np.zeros(room.n_block, np.uint32)), "key0": 0, "key1": 0,
        "state": put(states), "history": put(np.zeros(1)),
        "horizon": 1, "samples": 1, "scales": put(np.ones(1)),
        "diverged": put(np.zeros((room.n_block, groups), np.int64)),
    }  # fmt: skip
    volume_shape = room.n_block, len(haemodynamics.model.exposures), n_column
    return _DeviceBold(
        haemodynamics, room, kernels[f"{name}_advance"], groups, fixed,
        sums=[put(np.zeros((room.n_block, haemodynamics.code.counts.sum_rows, n_column))) for _ in range(2)],
        outputs=[put(np.zeros(volume_shape)) for _ in range(2)],
        landed=[room.device.host_array(volume_shape, np.float64) for _ in range(2)],
        volumes=np.full((room.n_block, haemodynamics.timing.n_volume, n_column), np.nan, haemodynamics.dtype),
        lost=np.array([lost_columns(columns) for columns in states]),
        step=haemodynamics.timing.first_step,
    )  # fmt: skip
