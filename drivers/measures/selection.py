"""The selection of measures: all of them, or those of some families and names."""

from __future__ import annotations

import difflib
from collections.abc import Iterable, Sequence, Set

from rateloom.drivers.support.errors import InputError, shown

from .catalogue import BAND_SUFFIX, CATALOGUE, FIT, MATRICES, ordered
from .measure_settings import MeasureSettings

FAMILIES: dict[str, tuple[str, ...]] = {
    "moments": tuple(
        f"{name}{end}"
        for name in ("mean_FR", "std_FR", "coeff_var", "max_FR", "min_FR")
        for end in ("", "_all")
    ),
    "connectivity": ("mean_FC", "corr_FC_SC", "corr_FC_tract"),
    "phase": ("mean_PLI",),
    "synchrony": ("kuramoto_order", "metastability"),
    "states": ("mean_up", "mean_down", "ratio_AI", "high_rate_visits"),
    "spectrum": (
        "fmax_amp", "pmax_amp", "fmax_prom", "pmax_prom", "freq_dom", "slope_PSD", "score_PSD",
    ),
    "bands": (),
    "dynamics": ("varFCD",),
    "default_mode": ("ratio_frmean_dmn", "ratio_zscore_dmn"),
}  # fmt: skip
# Measures that follow from the matrix of functional connectivity and the moments alone.
OF_MATRIX = frozenset((*FAMILIES["connectivity"], *FAMILIES["default_mode"], "FC"))
# Those that an angle has: no others are the same wherever its turns begin.
OF_ANGLES = FAMILIES["synchrony"]
# Measures that compare regions: where signals are cleaned, of cleaned ones, as fits to targets are.
_COMPARING = frozenset((
    *FAMILIES["connectivity"], *FAMILIES["phase"], *FAMILIES["synchrony"], *FAMILIES["dynamics"],
    "ratio_zscore_dmn", *MATRICES,
))  # fmt: skip
ONE_PASS = OF_MATRIX | frozenset(FAMILIES["moments"])


def chosen(measures: Sequence[str] | None, settings: MeasureSettings) -> tuple[str, ...] | None:
    """Return the catalogue's names of requested families and measures; None stands for all of them.

    Raises
    ------
    InputError
        If an entry is neither a family nor a measure; the message suggests similar names.
    """
    if measures is None:
        return None
    if isinstance(measures, str) or not isinstance(measures, Sequence):
        raise InputError(f"measures={shown(measures)}: give a list of names, like ['mean_FR', 'mean_FC']")
    bands = tuple(f"{name}{BAND_SUFFIX}" for name in settings.bands)
    families = FAMILIES | {"bands": bands}
    single = [*CATALOGUE, *bands, *MATRICES]
    names: list[str] = []
    for name in measures:
        if not isinstance(name, str) or (name not in families and name not in single):
            raise InputError(f"measures: there is no {shown(name)}; {_hint(str(name), single, families)}")
        names += families.get(name, (name,))
    matrices = [name for name in MATRICES if name in names]
    return (*ordered(set(names) - set(matrices)), *matrices)


def _hint(name: str, single: Iterable[str], families: Iterable[str]) -> str:
    text = name[:64].lower()
    by_lower_name = {entry.lower(): entry for entry in (*families, *single)}
    close = difflib.get_close_matches(text, by_lower_name, n=3)
    if close:
        return f"did you mean {' or '.join(by_lower_name[match] for match in close)}?"
    return f"families are {', '.join(families)}, and docs/measures.md lists the names"


def wants_any(requested: Set[str], *families: str) -> bool:
    """Tell whether a measure of one of the families is requested."""
    names = {name for family in families for name in FAMILIES[family]}
    return not requested.isdisjoint(names) or (
        "bands" in families and any(name.endswith(BAND_SUFFIX) for name in requested)
    )


def compares_regions(name: str) -> bool:
    """Tell whether a measure compares regions, and is taken of cleaned signals where these are asked for."""
    return name in _COMPARING or name.startswith(FIT)


def check_taken(requested: Sequence[str] | None, available_names: Set[str]) -> None:
    """Check that an exposure has each requested measure.

    Raises
    ------
    InputError
        If no exposure has one; the message says what the measure needs.
    """
    absent = [name for name in requested or () if name not in FAMILIES and name not in available_names]
    if not absent:
        return
    raise InputError(lacking(absent[0]))


def lacking(name: str) -> str:
    """Return a message why a measure or a family cannot be taken."""
    reason = "give connectome= with it"
    if name in ("states", *FAMILIES["states"]):
        reason = "it is one of rates, exposures whose unit is kHz or Hz"
    if name in ("default_mode", *FAMILIES["default_mode"]):
        reason = "the regions' labels name no default mode network"
    return f"measures: {name} cannot be taken here; {reason}"
