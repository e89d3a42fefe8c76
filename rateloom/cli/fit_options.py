"""Options of rateloom fit and search that are not a sweep's: those of targets, of ranking and of a search."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path
from typing import TYPE_CHECKING, Any

from rateloom.drivers.support.errors import InputError
from rateloom.drivers.terminal.option import REQUIRED, CommandLine, Option
from rateloom.drivers.terminal.options import LEAST_BARE_TR

if TYPE_CHECKING:
    from rateloom.drivers.fitting.orientation import Regions
    from rateloom.drivers.measures.cleaning import SignalCleaning
    from rateloom.drivers.observation.bold.bold_settings import BoldSettings

_FILE = "[NAME=]FILE[:VARIABLE][:SLICE]"
_KINDS = "npy, npz, csv, tsv, txt, mat or parquet, one for each --{}."

SOURCE = Option(
    "source", str, REQUIRED, "A model to sweep, or a study, a .zarr store or a .nc file to rank.",
    metavar="SOURCE", argument=True,
)  # fmt: skip

SEARCH = (
    Option(
        "free", str, None, metavar="NAME=RANGE", repeatable=True,
        help="What may vary, once for each: G=0:3, nsig=log:1e-9:1e-4, speed=1:10:0.5 (a step, which "
        "speed takes), eta@node=-6:-4 (one a node), eta@groups.csv=-6:-4 (one a group: a line a node), "
        "eta~map.npy=-6:-4,-1:1 (a number, and a factor of each map of the nodes).",
    ),
    Option("sampler", str, "tpe", "Who chooses: tpe, cmaes, nsgaii, qmc or random."),
    Option("trials", int, 256, "How many work items to simulate."),
    Option("batch", int, None, "How many it asks for at once; 32, or what the sampler needs."),
    Option(
        "maximize", str, None, metavar="MEASURE", repeatable=True,
        help="Measure that is sought instead of likeness to targets: mean_FC_r, of BOLD mean_FC_BOLD.",
    ),
    Option(
        "minimize", str, None, "Likewise, to be made small.", metavar="MEASURE", repeatable=True,
    ),
    Option(
        "resume", Path, None, metavar="DIR",
        help="Go on with the search in a directory, which must be this one but for --trials.",
    ),
)  # fmt: skip

TARGETS = (
    Option(
        "fc", str, None, f"Functional connectivity: {_KINDS.format('fc')}", metavar=_FILE, repeatable=True,
        group="targets",
    ),
    Option(
        "fcd", str, None, metavar=_FILE, repeatable=True, group="targets",
        help=f"Functional-connectivity dynamics, as a matrix or as values: {_KINDS.format('fcd')}",
    ),
    Option(
        "phase_fcd", str, None, "Dynamics of phase coherence, likewise.", metavar=_FILE, repeatable=True,
        group="targets",
    ),
    Option(
        "series", str, None, metavar=_FILE, repeatable=True, group="targets",
        help="Time series, a row a time and a column a node, that all three are made from; with --tr.",
    ),
    Option(
        "samples_apart", float, None, flag="--tr", group="targets", unit="ms", least_bare=LEAST_BARE_TR,
        help="Time between samples of --series, ms, or as 2s, and between volumes with --monitor bold (2000 "
        "if left out).",
    ),
    Option(
        "censor", str, None, metavar=_FILE, repeatable=True, group="targets",
        help="Volumes of --series that are left out: 1 a volume a row where it is, or their numbers from 0. "
        "NAME is that of the series.",
    ),
    Option(
        "band_pass", str, None, metavar="LOW:HIGH", group="targets",
        help="Band-pass recorded and simulated series alike before regions are compared, Hz: 0.01:0.1.",
    ),
    Option(
        "filter_order", int, 2, group="targets",
        help="Order of that Butterworth filter, which runs forwards and backwards.",
    ),
    Option(
        "global_signal_regression", bool, False, flag="--global-signal-regression", group="targets",
        help="Regress the mean over regions out of each region, likewise.",
    ),
    Option(
        "zscore", bool, False, flag="--zscore", group="targets",
        help="Divide regions by their standard deviation before that, so that all count alike in the mean.",
    ),
    Option(
        "target_labels", Path, None, metavar="FILE", group="targets",
        help="Names of the targets' regions, one a line; they are put in the connectome's order. Not needed "
        "where a file names its rows or columns.",
    ),
    Option(
        "target_scale", str, "correlation", group="targets",
        help="What the values of --fc, --fcd and --phase-fcd are: correlation, or fisher-z.",
    ),
    Option(
        "target_triangle", str, None, group="targets",
        help="Where --fc is one row of n(n-1)/2 values: the rows of the upper triangle (squareform) or of "
        "the lower.",
    ),
    Option(
        "target_mask", str, None, metavar="FILE[:VARIABLE]", group="targets",
        help="Regions (a number each) or pairs (a matrix) that --fc and --series are compared over: 1 takes "
        "part, 0 does not. Or left, right, within or between hemispheres, where the connectome has them.",
    ),
    Option(
        "by", str, "fc", group="ranking",
        help="Compare by fc (correlation of functional connectivity), fcd or phase (distance of its "
        "dynamics), or both (fc less fcd; of a search two objectives).",
    ),
    Option("best", int, 10, "How many to say, of each target.", group="ranking"),
    Option(
        "exposure", str, None, group="ranking",
        help="Exposure of the model that is compared; the first that is no angle if left out.",
    ),
    Option(
        "fcd_window", float, None, group="targets", unit="ms",
        help="Sliding window of functional-connectivity dynamics, ms; 1000 if left out, of BOLD a minute.",
    ),
    Option(
        "fcd_step", float, None, "Step of that window, ms; 100 if left out, of BOLD a volume.",
        group="targets", unit="ms",
    ),
    Option(
        "csv", Path, None, "Table of the best fits or of all trials to write; named after --out if left out.",
        group="ranking",
    ),
    Option(
        "series_out", Path, None, group="ranking",
        help="Simulate the best again, and write their time series to this Zarr store.",
    ),
)  # fmt: skip


def with_tr(options: CommandLine) -> CommandLine:
    """Return options whose volumes are as far apart as the samples that they are compared with."""
    return options.changed(tr=options["samples_apart"]) if options["monitor"] == "bold" else options


def targets_of(options: CommandLine, regions: Regions, bold: BoldSettings | None = None) -> tuple[Any, Any]:
    """Targets that options name, and the measures' settings that their dynamics are compared with."""
    from rateloom.drivers.fitting import data_sources
    from rateloom.drivers.fitting.target_form import TargetForm
    from rateloom.drivers.measures.measure_settings import MeasureSettings
    from rateloom.drivers.observation.bold.bold_settings import windows_of
    from rateloom.drivers.support.notices import issue, pass_on
    from rateloom.drivers.tables.labels import read_labels

    windows = MeasureSettings() if bold is None else windows_of(bold)
    lengths = {name: options[name] for name in ("fcd_window", "fcd_step") if options[name] is not None}
    windows = replace(windows, **lengths, cleaning=_cleaning_of(options))
    chosen = options.only("fc", "fcd", "phase_fcd", "series")
    names = None if options["target_labels"] is None else read_labels(options["target_labels"])
    of_form = ("target_scale", "target_triangle", "censor", "target_mask")
    form = TargetForm(names, *(options[name] for name in of_form))
    targets, warnings = data_sources.targets_of(
        **chosen, tr=options["samples_apart"], settings=windows, form=form, regions=regions
    )
    pass_on(issue, warnings)
    return targets, windows


def _cleaning_of(options: CommandLine) -> SignalCleaning | None:
    """Return what is done to signals before they are compared; nothing, where no option asks for it."""
    from rateloom.drivers.measures.cleaning import SignalCleaning

    names = ("band_pass", "filter_order", "zscore", "global_signal_regression")
    if not any(name in options.typed for name in names):
        return None
    if "filter_order" in options.typed and options["band_pass"] is None:
        raise InputError("--filter-order is that of --band-pass; give that too")
    return SignalCleaning(**options.only(*names[1:]), band_pass=_band_of(options["band_pass"]))


def _band_of(text: str | None) -> tuple[float, float] | None:
    """Return the edges of ``LOW:HIGH``."""
    if text is None:
        return None
    try:
        low, high = map(float, text.split(":"))
    except ValueError:
        raise InputError(f"--band-pass {text!r}: give LOW:HIGH in Hz, like 0.01:0.1") from None
    return low, high
