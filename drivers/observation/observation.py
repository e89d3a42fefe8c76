"""The observation of a simulation: samples of a monitor, or BOLD signals made of these."""

from __future__ import annotations

from dataclasses import dataclass

from rateloom.drivers.support.errors import InputError, shown

from .bold.bold_settings import BoldSettings


@dataclass(frozen=True, eq=False)
class Observation:
    """The samples that are asked for of a simulation, and the BOLD signals to be made from them.

    Attributes
    ----------
    monitor : {"tavg", "raw"}
        Averages over windows of `period`, or every step.
    period : float
        Length of a window in ms.
    bold : BoldSettings, optional
        Where BOLD signals are made of the averages, what with.
    """

    monitor: str = "tavg"
    period: float = 1.0
    bold: BoldSettings | None = None


def observation_of(
    monitor: str, period: float, bold: BoldSettings | None, keep: str | None = None
) -> Observation:
    """Return the observation that the arguments of `rateloom.simulate` or `rateloom.sweep` ask for.

    Parameters
    ----------
    monitor : {"tavg", "raw", "bold"}
        As `rateloom.simulate` takes it. `sample_times` refuses any other.
    bold : BoldSettings, optional
        What BOLD signals are made with, if there are any.
    keep : {"averages", "measures", "bold", "raw"}, optional
        What a sweep keeps.

    Raises
    ------
    InputError
        If `bold` is no settings, or no BOLD signals are made.
    """
    if not (bold is None or isinstance(bold, BoldSettings)):
        raise InputError(f"bold={shown(bold)}: give a rateloom.BoldSettings")
    named = isinstance(monitor, str) and monitor == "bold"
    measured = keep == "measures" and (named or bold is not None)
    of_bold = named if keep is None else keep == "bold" or measured
    if bold is not None and not of_bold:
        option = "monitor" if keep is None else "keep"
        raise InputError(f"bold=: no BOLD signals are kept; ask for them with {option}='bold'")
    if of_bold:
        return Observation("tavg", period, bold or BoldSettings())
    return Observation("raw" if keep == "raw" else monitor, period)
