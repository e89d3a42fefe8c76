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
    """

    monitor: str
    period: float
    dt: float
    window: int
    n_sample: int

    @property
    def step(self) -> float:
        """Time between two samples in ms."""
        return self.window * self.dt

    @property
    def steps_needed(self) -> int:
        """Number of integration steps that the samples take, without those left over."""
        return self.n_sample * self.window

    @property
    def times(self) -> NDArray[np.float64]:
        """Time stamps of the samples in ms: after each step, or the middle of each window."""
        ends = np.arange(1, self.n_sample + 1) * float(self.window)
        return np.asarray((ends if self.monitor == "raw" else ends - self.window / 2) * self.dt)

    @property
    def warnings(self) -> tuple[SettingsWarning, ...]:
        """Warnings of values that are replaced by the nearest possible ones."""
        if self.monitor != "tavg" or abs(self.step - self.period) <= 1e-6 * self.period:
            return ()
        text = f"period={self.period:g} ms is no whole number of steps: samples are {self.step:g} ms apart"
        return (SettingsWarning(text),)


def sample_times(settings: Settings, monitor: str = "tavg", period: float = 1.0) -> SampleTimes:
    """Return the samples that a monitor takes of a run.

    Parameters
    ----------
    monitor : {"tavg", "raw"}
        Averages over windows of `period`, or every step.
    period : float
        Length of an averaging window in ms.

    Raises
    ------
    InputError
        If there is no such monitor, the period is none, or there would be no sample.
    """
    period = positive_number("period", period)
    monitor = one_of("monitor", monitor, MONITORS)
    # a longer one than any run is refused, however long
    steps = min(period / settings.dt, float(MAX_STEPS))
    window = 1 if monitor == "raw" else max(1, int(np.rint(steps)))
    n_sample = settings.n_step // window
    if n_sample == 0:
        raise InputError(
            f"period={period:g} ms exceeds duration={settings.duration:g} ms: there would be no sample"
        )
    return SampleTimes(monitor, period, settings.dt, window, n_sample)


def settings_record(settings: Settings, samples: SampleTimes) -> dict[str, Any]:
    """Return settings with monitor and period by name, as results and plans hold them."""
    others = asdict(settings)
    first = {name: others.pop(name) for name in _BEFORE_MONITOR}
    return first | {"monitor": samples.monitor, "period": samples.period} | others
