"""Settings of the measures: bands, thresholds, windows. The defaults are the published study's."""

from __future__ import annotations

import math
from collections.abc import Mapping
from dataclasses import dataclass, field, fields
from typing import Any

from rateloom.drivers.support.arguments import count, edges, finite_number, one_of, text, texts
from rateloom.drivers.support.errors import InputError, shown

from .cleaning import SignalCleaning

CONVENTIONS = ("standard", "published")
BANDS = {
    "delta": (0.5, 4.0),
    "theta": (4.0, 8.0),
    "alpha": (8.0, 12.0),
    "beta": (12.0, 30.0),
    "gamma": (30.0, 100.0),
}


@dataclass(frozen=True)
class MeasureSettings:
    """Bands, thresholds and windows of the measures.

    Parameters
    ----------
    bands : mapping of str to (float, float)
        Lower and upper edge of each frequency band, Hz.
    slope_range : (float, float)
        Frequencies between which the spectrum's slope is fitted, Hz.
    frequency_resolution : float
        Resolution of the spectra of each region's dominant frequency, Hz.
    up_ratio, up_least : float
        A region is up where its smoothed rate exceeds `up_ratio` of its maximum by more than `up_least` Hz.
    up_smoothing, up_shortest : float
        Standard deviation of the smoothing Gaussian, and the shortest length of a state, ms.
    fcd_window, fcd_step : float
        Length of the sliding window of functional-connectivity dynamics and its step, ms; the window is a
        whole number of steps.
    fcd_apart : int
        Least distance of compared windows, in steps.
    high_rate : float
        Rate above which a region is at the high-rate fixed point, Hz.
    default_mode : tuple of str
        Ends of the labels of the default mode network's regions.
    default_mode_seed : str
        End of the label of the network's seed, whose correlations are counted.
    most_active : int
        Number of regions of which the network's share is taken.
    cleaning : SignalCleaning, optional
        What is done to series before regions are compared, and to series that targets are made from; nothing
        by default.

    Raises
    ------
    InputError
        If a value cannot be used.
    """

    bands: Mapping[str, tuple[float, float]] = field(default_factory=lambda: dict(BANDS))
    slope_range: tuple[float, float] = (0.1, 1000.0)
    frequency_resolution: float = 1.0
    up_ratio: float = 0.3
    up_least: float = 0.2
    up_smoothing: float = 10.0
    up_shortest: float = 20.0
    fcd_window: float = 1000.0
    fcd_step: float = 100.0
    fcd_apart: int = 2
    high_rate: float = 100.0
    default_mode: tuple[str, ...] = (
        "medialorbitofrontal", "rostralanteriorcingulate", "posteriorcingulate", "precuneus",
    )  # fmt: skip
    default_mode_seed: str = "l_posteriorcingulate"
    most_active: int = 10
    cleaning: SignalCleaning | None = None

    def __post_init__(self) -> None:
        for entry in fields(self):
            value = getattr(self, entry.name)
            if isinstance(entry.default, float):
                number = finite_number(value)
                if number is None:
                    raise InputError(f"{entry.name}={shown(value)}: it must be a finite number")
                object.__setattr__(self, entry.name, number)
        for name in ("frequency_resolution", "fcd_window", "fcd_step"):
            if not getattr(self, name) > 0:
                raise InputError(f"{name}={getattr(self, name):g}: it must be greater than 0")
        for name in ("up_smoothing", "up_shortest"):
            if getattr(self, name) < 0:
                raise InputError(f"{name}={getattr(self, name):g}: it must not be negative")
        for name in ("fcd_apart", "most_active"):
            object.__setattr__(self, name, count(name, getattr(self, name)))
        steps = self.fcd_window / self.fcd_step
        if not math.isfinite(steps) or abs(steps - round(steps)) > 1e-9 * steps or steps < 1:
            raise InputError(
                f"fcd_window={self.fcd_window:g} ms is no whole number of steps of {self.fcd_step:g} ms; "
                "change fcd_window or fcd_step"
            )
        if not isinstance(self.bands, Mapping):
            raise InputError(
                f"bands={shown(self.bands)}: it must be a mapping of names to (lower, upper) in Hz"
            )
        bands = {text("bands", name, "a text for a name"): edges(name, e) for name, e in self.bands.items()}
        object.__setattr__(self, "bands", bands)
        object.__setattr__(self, "slope_range", edges("slope_range", self.slope_range))
        endings = texts("default_mode", self.default_mode, "the ends of labels")
        object.__setattr__(self, "default_mode", endings)
        text("default_mode_seed", self.default_mode_seed, "the end of a label")
        if not (self.cleaning is None or isinstance(self.cleaning, SignalCleaning)):
            raise InputError(f"cleaning={shown(self.cleaning)}: give a rateloom.SignalCleaning")


def recorded_settings(record: Mapping[str, Any]) -> MeasureSettings:
    """Return the settings that ``dataclasses.asdict`` made a record of, which may have been JSON since."""
    values: dict[str, Any] = {name: tuple(v) if isinstance(v, list) else v for name, v in record.items()}
    cleaning = values.pop("cleaning", None)
    return MeasureSettings(**values, cleaning=None if cleaning is None else SignalCleaning(**cleaning))


def check_convention(convention: object) -> None:
    """Raise InputError if a convention is none of `CONVENTIONS`."""
    one_of("convention", convention, CONVENTIONS)
