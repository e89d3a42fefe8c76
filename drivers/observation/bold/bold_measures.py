"""Measures of BOLD signals: volumes of a lane block are measured as soon as it is simulated, and dropped."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, replace
from typing import Any

import numpy as np
from numpy.typing import NDArray

from rateloom.drivers.execution.device import Buffer
from rateloom.drivers.execution.device_sink import DeviceRoom, DeviceSink
from rateloom.drivers.execution.reduction import Reduction
from rateloom.drivers.execution.sink import Sink, Values
from rateloom.drivers.model.model_text import ModelText

from .bold_settings import BoldSettings
from .haemodynamics import BOLD, Haemodynamics
from .kept_volumes import bold_reduction

# Takes the volumes (item, volume, node) of a lane block.
Measuring = Callable[[Values], Mapping[str, Values]]


@dataclass(frozen=True, eq=False)
class BoldSource:
    """The source of a study's BOLD signals.

    Attributes
    ----------
    settings : BoldSettings
        With the exposure and the step that are used.
    text : ModelText
        The haemodynamic model's.
    if_lost : str
        What it may be due to that a signal is not finite of a work item that did not diverge.
    """

    haemodynamics: Haemodynamics
    settings: BoldSettings
    text: ModelText
    if_lost: str

    def lost_text(self, lost: int, n_item: int) -> str:
        """Say that so many of the work items did not diverge and have no measures, and why that may be."""
        count_text = f"{lost} of {n_item} work items did not diverge and have no measures of {BOLD}"
        return f"{count_text}: its signals do not vary or are NaN, or {self.if_lost}"


@dataclass(eq=False)
class _Measured:
    """A `Sink` of samples whose volumes are measured."""

    volumes: Sink
    measure: Measuring

    def take(self, first: int, samples: Values) -> None:
        """Feed samples (exposure, time, node, lane)."""
        self.volumes.take(first, samples)

    def finish(self) -> Mapping[str, Values]:
        """Return the measures."""
        return self.measure(self.volumes.finish()[BOLD])


@dataclass(eq=False)
class _MeasuredFromDevice:
    """A `DeviceSink` whose volumes are measured on the host."""

    volumes: DeviceSink
    measure: Measuring

    def take(self, output: Buffer, n_sample: int) -> None:
        """Queue what makes volumes of the samples of a launch."""
        self.volumes.take(output, n_sample)

    def finish(self, n_item: Sequence[int], lost: NDArray[np.int64]) -> Sequence[Mapping[str, Values]]:
        """Return the measures of each lane block."""
        return [self.measure(volumes[BOLD]) for volumes in self.volumes.finish(n_item, lost)]


def measured_bold(
    haemodynamics: Haemodynamics, measure: Measuring, bytes_item: int, bytes_working: int
) -> Reduction:
    """Reduce work items to the measures of their volumes.

    Parameters
    ----------
    bytes_item, bytes_working : int
        What the measures of a work item take, and what taking them takes on each thread.
    """
    reduction = bold_reduction(haemodynamics)
    on_device = reduction.on_device
    assert on_device is not None

    def open_on_device(room: DeviceRoom) -> DeviceSink:
        return _MeasuredFromDevice(on_device(room), measure)

    return replace(
        reduction,
        bytes_item=bytes_item,
        bytes_working=bytes_working,
        sinks=tuple(_opening(open_sink, measure) for open_sink in reduction.sinks),
        bytes_lane=reduction.bytes_lane + bytes_item,
        on_device=open_on_device,
    )


def _opening(open_sink: Callable[[NDArray[np.int64]], Sink], measure: Measuring) -> Any:
    return lambda items: _Measured(open_sink(items), measure)


def for_trial(source: BoldSource, n_sample: int) -> BoldSource:
    """A source that makes volumes, as evenly as can be, of so few samples that none might be among them."""
    timing = source.haemodynamics.timing
    steps = min(timing.steps_volume, n_sample // 2)
    short = replace(timing, steps_volume=steps, skipped=0, n_volume=n_sample // steps)
    return replace(source, haemodynamics=replace(source.haemodynamics, timing=short))
