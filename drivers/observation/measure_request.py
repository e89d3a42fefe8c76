"""A request for measures, and what it comes to for an exposure of some nodes and samples."""

from __future__ import annotations

from collections.abc import Collection, Sequence
from dataclasses import dataclass

from rateloom.drivers.connectome.connectome import Connectome
from rateloom.drivers.measures.cleaned_item import is_cleaned
from rateloom.drivers.measures.cleaning import check_cleaning
from rateloom.drivers.measures.context import Context
from rateloom.drivers.measures.custom import Measure
from rateloom.drivers.measures.data_to_fit import DataToFit, check_cleaned_alike, check_n_node
from rateloom.drivers.measures.default_mode import default_mode
from rateloom.drivers.measures.item import too_short
from rateloom.drivers.measures.measure_settings import MeasureSettings
from rateloom.drivers.measures.selection import OF_ANGLES, chosen
from rateloom.drivers.model.description import measurable
from rateloom.drivers.planning.settings import SettingsWarning

# Units that are rates, and what makes them Hz.
RATES = {"kHz": 1000.0, "Hz": 1.0}


@dataclass(frozen=True, eq=False)
class MeasureRequest:
    """A request for measures: which ones, and how they are taken.

    Attributes
    ----------
    connectome : Connectome, optional
        What functional connectivity is compared with.
    convention : {"standard", "published"}
        Whose definitions.
    custom : sequence of Measure
        Further measures.
    matrices : bool
        Whether to give functional connectivity and phase-lag index as well.
    targets : tuple of DataToFit
        What functional connectivity and its dynamics are compared with.
    names : tuple of str, optional
        What is asked for, by families and names; all by default.
    subjects : tuple of Connectome
        Those of the axis of connectomes, if there is one: work items are compared with their own.
    """

    connectome: Connectome | None
    convention: str
    settings: MeasureSettings
    custom: Sequence[Measure]
    matrices: bool
    targets: tuple[DataToFit, ...] = ()
    names: tuple[str, ...] | None = None
    subjects: tuple[Connectome, ...] = ()


def measured_exposures(
    exposures: Sequence[str], angles: Collection[str], request: MeasureRequest, otherwise: str = ""
) -> list[str]:
    """Return the exposures that are measured: angles last, since most measures are not taken of them.

    Parameters
    ----------
    otherwise : str
        What else can be done where all are angles.

    Raises
    ------
    InputError
        If all are angles, and something is asked for that is not taken of them.
    """
    names = chosen(request.names, request.settings) or ()
    if request.custom or request.targets or request.matrices or not set(names) <= set(OF_ANGLES):
        measurable(exposures, angles, "measures but those of synchrony", otherwise)
    return sorted(exposures, key=lambda name: name in angles)


def context_of(
    request: MeasureRequest,
    unit: str,
    dt: float,
    labels: Sequence[str],
    n_node: int,
    period: float | None = None,
) -> Context:
    """Return what measures need beside the values of an exposure.

    Parameters
    ----------
    unit : str
        Of the exposure.
    dt : float
        Time between samples, ms.
    labels : sequence of str
        Names of the nodes, or none.
    period : float, optional
        Length of a turn, where the exposure is an angle.
    """
    conn, settings = request.connectome, request.settings
    check_n_node(request.targets, n_node)
    check_cleaned_alike(request.targets, settings.cleaning)
    names = chosen(request.names, settings)
    return Context(
        dt, unit in RATES, request.convention, settings,
        None if conn is None else conn.weights, None if conn is None else conn.tract_lengths,
        default_mode(labels, n_node, settings, request.convention), request.matrices, request.targets,
        None if names is None else frozenset(names), period,
    )  # fmt: skip


def check_signals(exposure: str, context: Context, n_time: int) -> None:
    """Raise InputError if an exposure's series cannot be cleaned as is asked for; see `check_cleaning`."""
    if context.settings.cleaning is not None and is_cleaned(context):
        check_cleaning(f"exposure {exposure}", context.settings.cleaning, context.dt, n_time)


def own_measures(context: Context, request: MeasureRequest) -> Sequence[Measure]:
    """Return the measures of a user's own that are taken of an exposure: none of an angle."""
    return request.custom if context.period is None else ()


def window_warnings(exposure: str, context: Context, n_time: int) -> tuple[SettingsWarning, ...]:
    """Return a warning of the measures of an exposure that are NaN since its series is too short."""
    names, settings = too_short(context, n_time), context.settings
    if not names:
        return ()
    return (
        SettingsWarning(
            f"{exposure}: {n_time * context.dt:g} ms of samples are too short for {', '.join(names)}, which "
            f"will be NaN: windows have {settings.fcd_window:g} ms and steps {settings.fcd_step:g} ms; "
            "simulate longer, set fcd_window and fcd_step of the measures, or leave these measures out"
        ),
    )
