"""BOLD signals: a generated haemodynamic model, fed with the samples of a simulation while these come.

The haemodynamic model has no couplings, so each node of each work item is a node of one large lane block of a
single lane, and a simulation's samples are that one's input as they lie in memory.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from rateloom.drivers.backends.numba.kernels import Kernels, build_kernels, node_width
from rateloom.drivers.connectome.wiring import Wiring, visits_of
from rateloom.drivers.execution.sink import Sink, Values
from rateloom.drivers.planning.kept_state import HAEMODYNAMICS

from .haemodynamics import BOLD, Haemodynamics, lost_columns

_BLOCK = 16
# Steps at once: more only takes memory.
STEPS = 128
# A step changes the states by a thousandth of what they are: in single precision most of it would be lost.
_REAL = np.float64


@dataclass(eq=False)
class _Bold:
    """The haemodynamics of a lane block: a `rateloom.drivers.execution.sink.Sink`.

    Columns of every array are nodes of work items, lanes innermost.

    Attributes
    ----------
    waiting : (n, column) array
        Samples that do not fill a step yet.
    step : int
        Steps that are done.
    lost : (column,) array of bool
        Whether a volume was not finite.
    """

    haemodynamics: Haemodynamics
    n_lane: int
    wiring: Wiring
    visits: NDArray[np.int64]
    hoisted: NDArray[np.float64]
    state: NDArray[np.float64]
    waiting: NDArray[np.float64]
    volumes: Values
    lost: NDArray[np.bool_]
    step: int

    def take(self, first: int, samples: Values) -> None:
        """Feed samples (exposure, time, node, lane)."""
        timing, n_column = self.haemodynamics.timing, self.state.shape[1]
        new = samples[self.haemodynamics.exposure].astype(_REAL).reshape(-1, n_column)
        steps = np.concatenate([self.waiting, new])
        n_step = len(steps) // timing.samples_step
        by_step = steps[: n_step * timing.samples_step].reshape(n_step, timing.samples_step, n_column)
        self.waiting = steps[n_step * timing.samples_step :].copy()
        # one after the other, so that the sum does not depend on how many samples come at once
        activity = by_step[:, 0].copy()
        for k in range(1, timing.samples_step):
            activity += by_step[:, k]
        activity /= timing.samples_step
        for begin in range(0, n_step, STEPS):
            self._advance(activity[begin : begin + STEPS])

    def _advance(self, activity: NDArray[np.float64]) -> None:
        """Advance by a step for each row of activity, and keep the volumes among them."""
        haemodynamics, n_step, n_column = self.haemodynamics, len(activity), self.state.shape[1]
        signals = np.empty((n_step, len(haemodynamics.model.exposures), n_column))
        w, kernels = self.wiring, _kernels(haemodynamics)
        kernels.call(
            "advance",
            first=self.step, steps=n_step, step_size=haemodynamics.timing.dt, parts=w.parts,
            visits=self.visits, source=w.source, delay=w.delay, weight=w.weight, self_weight=w.self_weight,
            weight_sums=w.weight_sum, hoisted=self.hoisted, items=np.zeros(1, np.uint32), key0=0, key1=0,
            input_row=np.arange(n_step), input_values=np.ascontiguousarray(activity[:, None]),
            state=self.state, history=np.empty(1), horizon=w.horizon, window=1,
            sums=np.zeros((haemodynamics.code.counts.sum_rows, n_column)), output=signals,
            diverged=np.zeros(1, np.int64), **kernels.room(w.parts, self.visits),
        )  # fmt: skip
        per_volume = haemodynamics.timing.steps_volume
        first_volume = self.step // per_volume
        for volume in range(first_volume, (self.step + n_step) // per_volume):
            self._keep(
                volume - haemodynamics.timing.skipped, signals[(volume + 1) * per_volume - self.step - 1, 0]
            )
        self.step += n_step

    def _keep(self, volume: int, signal: NDArray[np.float64]) -> None:
        """Keep a volume; where one was not finite, all that follow are NaN."""
        if 0 <= volume < len(self.volumes):
            with np.errstate(over="ignore"):
                self.volumes[volume] = signal
            self.lost |= ~np.isfinite(self.volumes[volume])
            self.volumes[volume, self.lost] = np.nan

    def finish(self) -> Mapping[str, Values]:
        """Return the volumes (lane, volume, node), and the states where they are kept."""
        haemodynamics = self.haemodynamics
        by_lane = self.volumes.reshape(-1, haemodynamics.n_node, self.n_lane)
        volumes = {BOLD: np.ascontiguousarray(by_lane.transpose(2, 0, 1))}
        if not haemodynamics.keep_state:
            return volumes
        return volumes | {HAEMODYNAMICS: haemodynamics.last_states(self.state, self.lost)}


def open_bold(haemodynamics: Haemodynamics, items: NDArray[np.int64]) -> Sink:
    """Make the haemodynamics of some work items, at rest or where they go on."""
    n_lane = len(items)
    n_column = haemodynamics.n_node * n_lane
    parameters = np.ascontiguousarray(haemodynamics.parameter_columns(n_lane)[:, :, None])
    hoisted = np.empty((haemodynamics.n_hoisted, parameters.shape[1], 1))
    _kernels(haemodynamics).call(
        "prepare", parameters=parameters, step_size=haemodynamics.timing.dt, n_node=n_column, hoisted=hoisted
    )
    wiring = _uncoupled(n_column)
    volumes = np.empty((haemodynamics.timing.n_volume, n_column), haemodynamics.dtype)
    state = haemodynamics.first_columns(items)
    return _Bold(
        haemodynamics, n_lane, wiring, visits_of(wiring, node_width(1)), hoisted, state,
        np.empty((0, n_column)), volumes, lost_columns(state), haemodynamics.timing.first_step,
    )  # fmt: skip


def _uncoupled(n_node: int) -> Wiring:
    """Nodes without edges."""
    nowhere, nothing = np.empty(0, np.int64), np.zeros(n_node)
    return Wiring(
        parts=np.zeros((2, n_node + 1), np.int64), source=nowhere, delay=nowhere, weight=np.empty(0),
        self_weight=nothing, weight_sum=nothing, block=_BLOCK, stride=_BLOCK, horizon=1, longest_delay=0,
    )  # fmt: skip


def _kernels(haemodynamics: Haemodynamics) -> Kernels:
    return build_kernels(haemodynamics.code, "float64", 1, node_width(1), _BLOCK, False, "heun")
