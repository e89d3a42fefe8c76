"""The samples that a monitor takes of a run: how many steps make one, how many there are, and when."""

from __future__ import annotations

from dataclasses import asdict, dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray

from rateloom.drivers.support.arguments import one_of, positive_number
from rateloom.drivers.support.errors import InputError

from .settings import MAX_STEPS, Settings, SettingsWarning

MONITORS = ("raw", "tavg")
# Results and plans hold these settings first, then monitor and period, then the others.
_BEFORE_MONITOR = ("duration", "dt", "integrator", "speed")


@dataclass(frozen=True)
class SampleTimes:
    """The samples of a run, made by `sample_times`.

    Attributes
    ----------
    monitor : {"tavg", "raw"}
        Averages over windows, or every step.
    period : float
        Length of a window in ms, as it was asked for.
    dt : float
        Integration step in ms.
    window : int
        Number of steps that make one sample.
    n_sample : int
        Number of samples; steps left over at the end give none.
    first_step : int
        Steps that were done before the run, which goes on with them.
    left_over : int
        Steps after the last sample that are done too, since the run may be gone on with.
    """

    monitor: str
    period: float
    dt: float
    window: int
    n_sample: int
    first_step: int = 0
    left_over: int = 0

    @property
    def step(self) -> float:
        """Time between two samples in ms."""
        return self.window * self.dt

    @property
    def steps_needed(self) -> int:
        """Number of integration steps that are done: those that the samples take, and those left over."""
        return self.end_step - self.first_step

    @property
    def end_step(self) -> int:
        """Number of steps that are done when the run ends, those before it included."""
        return (self.first_sample + self.n_sample) * self.window + self.left_over

    @property
    def first_sample(self) -> int:
        """Number of samples that were taken before the run."""
        return self.first_step // self.window

    @property
    def times(self) -> NDArray[np.float64]:
        """Time stamps of the samples in ms: after each step, or the middle of each window."""
        ends = (self.first_sample + np.arange(1, self.n_sample + 1)) * float(self.window)
        return np.asarray((ends if self.monitor == "raw" else ends - self.window / 2) * self.dt)

    @property
    def warnings(self) -> tuple[SettingsWarning, ...]:
        """Warnings of values that are replaced by the nearest possible ones."""
        if self.monitor != "tavg" or abs(self.step - self.period) <= 1e-6 * self.period:
            return ()
        text = f"period={self.period:g} ms is no whole number of steps: samples are {self.step:g} ms apart"
        return (SettingsWarning(text),)


def sample_times(
    settings: Settings,
    monitor: str = "tavg",
    period: float = 1.0,
    first_step: int = 0,
    keep_state: bool = False,
) -> SampleTimes:
    """Return the samples that a monitor takes of a run.

    Parameters
    ----------
    monitor : {"tavg", "raw"}
        Averages over windows of `period`, or every step.
    period : float
        Length of an averaging window in ms.
    first_step : int
        Steps that were done before the run: windows and times go on from there.
    keep_state : bool
        Whether the run may be gone on with, so that all of its steps have to be done.

    Raises
    ------
    InputError
        If there is no such monitor, the period is none, there would be no sample, or too many steps.
    """
    period = positive_number("period", period)
    monitor = one_of("monitor", monitor, MONITORS)
    # a longer one than any run is refused, however long
    steps = min(period / settings.dt, float(MAX_STEPS))
    window = 1 if monitor == "raw" else max(1, int(np.rint(steps)))
    end_step = first_step + settings.n_step
    if end_step >= MAX_STEPS:
        raise InputError(
            f"duration={settings.duration:g} ms: there would be {end_step} steps, with those before; there "
            f"must be fewer than {MAX_STEPS}"
        )
    n_sample = end_step // window - first_step // window
    # however much of a window was done before, so that it does not matter where a run was cut
    if settings.n_step < window:
        raise InputError(
            f"period={period:g} ms exceeds duration={settings.duration:g} ms: there would be no sample"
        )
    left_over = end_step % window if keep_state else 0
    return SampleTimes(monitor, period, settings.dt, window, n_sample, first_step, left_over)


def settings_record(settings: Settings, samples: SampleTimes) -> dict[str, Any]:
    """Return settings with monitor and period by name, as results and plans hold them."""
    others = asdict(settings)
    first = {name: others.pop(name) for name in _BEFORE_MONITOR}
    return first | {"monitor": samples.monitor, "period": samples.period} | others
