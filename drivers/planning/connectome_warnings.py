"""Warnings of a connectome whose numbers cannot mean what they say: of delays, and of one scale for all."""

from __future__ import annotations

from collections.abc import Iterable, Sequence

import numpy as np

from rateloom.drivers.connectome.connectome import Connectome
from rateloom.drivers.connectome.normalization import check_normalize
from rateloom.drivers.connectome.subjects import Subject

from .grid import Grid
from .parameters import SPEED
from .settings import Settings, SettingsWarning

# A self-connection that is this many times the largest other weight sets the scale of all of them.
_OUTLIER = 2.0


def connectome_warnings(
    subjects: Sequence[Subject], settings: Settings, grid: Grid
) -> tuple[SettingsWarning, ...]:
    """Return warnings of connectomes, and of how they are to be used; of several alike, one.

    Parameters
    ----------
    subjects : sequence of Subject
        All connectomes of a study: one, unless they are swept.

    Raises
    ------
    InputError
        If there is no such normalization.
    """
    for subject in subjects:
        check_normalize(subject.normalize)
    of_scale = (_of_scale(subject.connectome, subject.normalize) for subject in subjects)
    of_delays = (_of_delays(subject.connectome, settings, grid) for subject in subjects)
    return (*_together(of_scale), *_together(of_delays))


def _together(texts: Iterable[str | None]) -> tuple[SettingsWarning, ...]:
    """Return one warning of connectomes that are all to be warned of, if there are any."""
    said = [text for text in texts if text]
    if len(said) > 1:
        return (SettingsWarning(f"{said[0]} (likewise {len(said) - 1} other connectomes of the sweep)"),)
    return tuple(map(SettingsWarning, said))


def _of_scale(connectome: Connectome, normalize: str) -> str | None:
    if normalize != "max" or connectome.n_node < 2:
        return None
    sizes = np.abs(connectome.weights)
    selves = np.diag(sizes).copy()
    np.fill_diagonal(sizes, 0.0)
    between, node = float(sizes.max()), int(np.argmax(selves))
    if between == 0 or selves[node] <= _OUTLIER * between:
        return None
    name = f"node {node}" + (f" ({connectome.labels[node]})" if connectome.labels else "")
    return (
        f"connectome {connectome.name}: the largest weight, {selves[node]:.4g}, is that of {name} with "
        f"itself, and the largest between two nodes is {between:.4g}: normalized by the largest, these "
        "are weak. Set the diagonal to zero, or normalize by row, column or none"
    )


def _of_delays(connectome: Connectome, settings: Settings, grid: Grid) -> str | None:
    between = connectome.weights != 0
    np.fill_diagonal(between, False)
    longest = float(connectome.tract_lengths.max(initial=0.0, where=between))
    speeds = np.asarray(grid.swept.get(SPEED, settings.speed), np.float64)
    slowest = float(speeds.min())
    # speeds that are no numbers above zero are refused elsewhere
    if longest == 0 or not np.isfinite(slowest) or not slowest > 0:
        return None
    if np.rint((longest / slowest) / settings.dt) > 0:
        return None
    return (
        f"connectome {connectome.name}: every delay is 0 steps: the longest tract, {longest:.4g} mm, "
        f"takes {longest / slowest:.3g} ms at speed={slowest:g} mm/ms, and a step is {settings.dt:g} ms. "
        "Lengths in m or cm take --lengths m or cm (lengths=)"
    )
