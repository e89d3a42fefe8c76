"""The results that a sweep keeps of each work item: samples, BOLD signals, or measures of these."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING

from rateloom.drivers.measures.measure_settings import MeasureSettings, check_convention
from rateloom.drivers.measures.selection import chosen
from rateloom.drivers.support.arguments import switch
from rateloom.drivers.support.errors import InputError, shown

if TYPE_CHECKING:
    from rateloom.drivers.measures.custom import Measure
    from rateloom.drivers.measures.data_to_fit import DataToFit

KEEPS = ("averages", "measures", "bold", "raw")


@dataclass(frozen=True, eq=False)
class Keep:
    """The results kept of each work item; see `rateloom.sweep`.

    Parameters
    ----------
    kind : {"averages", "measures", "bold", "raw"}
        Samples, measures, BOLD signals, or every step.
    measures : sequence of str, optional
        Families and names; all of them by default.
    custom : sequence of Measure
        Further measures.
    matrices : bool
        Whether functional connectivity and phase-lag index are kept as well.
    convention : {"standard", "published"}
        Whose definitions.
    settings : MeasureSettings, optional
        Bands, thresholds and windows, and the cleaning of signals.
    targets : sequence of DataToFit
        What each work item is compared with as well.

    Raises
    ------
    InputError
        For the first thing that cannot be used, or that is for measures where there are none.
    """

    kind: str = "averages"
    measures: Sequence[str] | None = None
    custom: Sequence[Measure] = ()
    matrices: bool = False
    convention: str = "standard"
    settings: MeasureSettings | None = None
    targets: Sequence[DataToFit] = ()

    def __post_init__(self) -> None:
        check_keep(self.kind)
        if self.kind == "measures":
            self._check_measures()
            return
        requested = {
            "targets": not _is_empty(self.targets),
            "measures": self.measures is not None,
            "custom": not _is_empty(self.custom),
            "matrices": switch("matrices", self.matrices),
        }
        for name, is_requested in requested.items():
            if is_requested:
                raise InputError(
                    f"{name}=: no measures are taken with keep={self.kind!r}; give keep='measures'"
                )

    def _check_measures(self) -> None:
        check_convention(self.convention)
        if not (self.settings is None or isinstance(self.settings, MeasureSettings)):
            raise InputError(f"settings of measures={shown(self.settings)}: give a rateloom.MeasureSettings")
        chosen(self.measures, self.settings or MeasureSettings())
        switch("matrices", self.matrices)
        # the modules that know what these are take long to import
        if not _is_empty(self.custom):
            from rateloom.drivers.measures.custom import check_measures

            check_measures(self.custom)
        if not _is_empty(self.targets):
            from rateloom.drivers.measures.data_to_fit import check_targets

            check_targets(self.targets)


def check_keep(keep: object) -> str:
    """Return `keep`, or raise InputError if it is unknown."""
    if not isinstance(keep, str) or keep not in KEEPS:
        raise InputError(f"keep={shown(keep)} is unknown; use one of {', '.join(KEEPS)}")
    return keep


def _is_empty(values: object) -> bool:
    return isinstance(values, tuple | list) and not values
