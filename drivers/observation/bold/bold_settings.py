"""Settings of BOLD signals, and their timing: steps of a haemodynamic model, one volume a repetition time."""

from __future__ import annotations

import math
from collections.abc import Mapping
from dataclasses import dataclass
from os import PathLike

import numpy as np
from numpy.typing import ArrayLike, NDArray

from rateloom.drivers.measures.measure_settings import MeasureSettings
from rateloom.drivers.model.description import ModelDescription, check_names, check_no_angles
from rateloom.drivers.support.arguments import finite_number, named_values, optional_text
from rateloom.drivers.support.errors import InputError, shown

# Blood takes a second: steps of some ms are as good as exact, longer averages would smooth what it follows.
_USUAL_STEP = 4.0
_LONGEST_STEP = 100.0
# Sliding windows of functional-connectivity dynamics: ms, and the fewest volumes.
_USUAL_WINDOW = 60_000.0
_LEAST_WINDOW = 10
# Lengths in ms are whole numbers of samples where they are within this part of one.
_NEAR = 1e-6


@dataclass(frozen=True, eq=False)
class BoldSettings:
    """The settings by which BOLD signals are made from a simulation.

    Parameters
    ----------
    exposure : str, optional
        What the haemodynamic model is fed with; the model's first exposure that is no angle by default.
    tr : float
        Repetition time: one volume every `tr` ms.
    dt : float, optional
        Step of the haemodynamic model in ms, a whole number of samples (of `period`), of which it is fed the
        mean; by default the longest one up to 4 ms that `tr` is a multiple of.
    warm_up : float
        Volumes up to this time, ms, are left out.
    model : str or path
        Haemodynamic model: a shipped name or a path to XML. It has one input, no couplings and no noise; its
        first exposure is the BOLD signal.
    parameters : mapping of str to number or array (node,), optional
        Values that differ from the haemodynamic model's.

    Raises
    ------
    InputError
        If a value makes no sense.
    """

    exposure: str | None = None
    tr: float = 2000.0
    dt: float | None = None
    warm_up: float = 0.0
    model: str | PathLike[str] = "balloon"
    parameters: Mapping[str, ArrayLike] | None = None

    def __post_init__(self) -> None:
        lengths = {"tr": _length("tr", self.tr), "warm_up": _length("warm_up", self.warm_up, zero=True)}
        if self.dt is not None:
            lengths["dt"] = _length("dt", self.dt)
        for name, length in lengths.items():
            object.__setattr__(self, name, length)
        optional_text("exposure", self.exposure, "the name of an exposure")
        named_values("parameters", self.parameters, "{'efficacy': 0.1}")


@dataclass(frozen=True)
class BoldTiming:
    """Samples, steps and volumes.

    Attributes
    ----------
    sample : float
        Time between samples in ms.
    samples_step : int
        Samples that a step of the haemodynamic model is fed the mean of.
    steps_volume : int
        Steps between volumes.
    skipped, n_volume : int
        Volumes that are left out at the start or came before the run, and those that are kept.
    first_step : int
        Steps that were done before the run, which goes on with them.
    """

    sample: float
    samples_step: int
    steps_volume: int
    skipped: int
    n_volume: int
    first_step: int = 0

    @property
    def dt(self) -> float:
        """Step of the haemodynamic model in ms."""
        return self.samples_step * self.sample

    @property
    def times(self) -> NDArray[np.float64]:
        """Time of each volume in ms, after the begin of the first samples."""
        volumes = np.arange(self.skipped + 1, self.skipped + self.n_volume + 1)
        return np.asarray(volumes * (self.steps_volume * self.samples_step * self.sample))


def fed_from(settings: BoldSettings, model: ModelDescription) -> int:
    """Return the place of the exposure that feeds the haemodynamic model.

    Raises
    ------
    InputError
        If the model does not have it, or it is an angle.
    """
    names = [exposure.name for exposure in model.exposures]
    if settings.exposure is not None:
        check_names([settings.exposure], names, "exposure", f"model {model.name}")
    fed = settings.exposure or next((name for name in names if name not in model.angles), names[0])
    check_no_angles([fed], model.angles, "BOLD signals")
    return names.index(fed)


def bold_timing(
    settings: BoldSettings, sample: float, n_sample: int, least: int = 1, first_sample: int = 0
) -> BoldTiming:
    """Count steps and volumes of a series.

    Parameters
    ----------
    sample : float
        Time between samples in ms.
    n_sample : int
        Number of samples.
    least : int
        Volumes that have to be left.
    first_sample : int
        Samples that came before: steps and volumes go on from there.

    Raises
    ------
    InputError
        If a length is no whole number of those it is made of, or nothing would be left.
    """
    if sample > _LONGEST_STEP * (1 + _NEAR):
        raise InputError(
            f"samples are {sample:g} ms apart, too far for haemodynamics; keep one every {_USUAL_STEP:g} ms "
            f"(period), {_LONGEST_STEP:g} ms at most"
        )
    samples_volume = _whole("tr", settings.tr, sample, "samples")
    if settings.dt is None:
        most = max(1, math.floor(_USUAL_STEP / sample + _NEAR))
        samples_step = max(k for k in range(1, most + 1) if samples_volume % k == 0)
    else:
        samples_step = _whole("dt of the haemodynamic model", settings.dt, sample, "samples")
        if settings.dt > _LONGEST_STEP:
            raise InputError(f"dt={settings.dt:g} ms of the haemodynamic model: at most {_LONGEST_STEP:g} ms")
        if samples_volume % samples_step:
            raise InputError(
                f"tr={settings.tr:g} ms is no whole number of the haemodynamic model's steps of "
                f"{settings.dt:g} ms; change one of them"
            )
    n_volume = (first_sample + n_sample) // samples_volume
    warm_up, before = math.floor(settings.warm_up / settings.tr + _NEAR), first_sample // samples_volume
    skipped = max(warm_up, before)
    if n_volume - skipped < least:
        spent = f" after warm_up={settings.warm_up:g} ms" if warm_up > before else ""
        shortage = "no volume would be left" if n_volume <= skipped else "one volume would be left"
        need = f", and measures need {least}" if least > 1 else ""
        raise InputError(
            f"{shortage}{need}: the series lasts {n_sample * sample:g} ms and one comes every "
            f"tr={settings.tr:g} ms{spent}; simulate longer"
        )
    return BoldTiming(
        sample, samples_step, samples_volume // samples_step, skipped, n_volume - skipped,
        first_sample // samples_step,
    )  # fmt: skip


def windows_of(settings: BoldSettings) -> MeasureSettings:
    """Return the default settings of measures of BOLD signals: windows of a minute that step by a volume."""
    volumes = max(_LEAST_WINDOW, round(_USUAL_WINDOW / settings.tr))
    return MeasureSettings(fcd_window=volumes * settings.tr, fcd_step=settings.tr)


def _whole(name: str, length: float, unit: float, units: str) -> int:
    count = round(length / unit)
    if count < 1 or abs(count * unit - length) > _NEAR * length:
        raise InputError(
            f"{name}: {length:g} ms is no whole number of {units}, which are {unit:g} ms apart (period)"
        )
    return count


def _length(name: str, value: object, zero: bool = False) -> float:
    number = finite_number(value)
    if number is None or number < 0 or (number == 0 and not zero):
        least = "zero or more" if zero else "above zero"
        raise InputError(f"{name}={shown(value)}: it must be a number of ms, {least} and finite")
    return number
