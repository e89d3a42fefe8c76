"""The request that a command line makes, checked before anything slow is imported."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from concurrent.futures import Executor
from dataclasses import dataclass, fields, replace
from importlib.util import find_spec
from pathlib import Path
from typing import Any

from rateloom.drivers.connectome.connectome_sources import load_connectome
from rateloom.drivers.connectome.lengths import check_lengths
from rateloom.drivers.connectome.normalization import check_normalize
from rateloom.drivers.connectome.subjects import Subject, load_subjects
from rateloom.drivers.model.description import ModelDescription, check_names
from rateloom.drivers.model.states import initial_values
from rateloom.drivers.observation.bold.bold_settings import BoldSettings, bold_timing, fed_from
from rateloom.drivers.observation.keep import Keep, check_keep
from rateloom.drivers.planning.axis_text import parse_axis
from rateloom.drivers.planning.grid import Grid
from rateloom.drivers.planning.parameters import parameter_table
from rateloom.drivers.planning.sample_times import MONITORS, SampleTimes, sample_times
from rateloom.drivers.planning.settings import Settings
from rateloom.drivers.planning.subject_axis import subject_axis
from rateloom.drivers.support.errors import InputError, shown
from rateloom.drivers.support.memory import parse_memory
from rateloom.drivers.support.notices import Warn
from rateloom.drivers.terminal.output_files import check_places

from .assignments import in_order, parse_inputs, parse_settings
from .item_table import read_item_table
from .option import CommandLine
from .subject_sources import subject_sources

# What options of BOLD signals are called in a command, and in `BoldSettings`.
_BOLD = {
    "--bold-from": ("bold_from", "exposure"),
    "--tr": ("tr", "tr"),
    "--bold-dt": ("bold_dt", "dt"),
    "--warm-up": ("warm_up", "warm_up"),
    "--bold-set": ("bold_settings", "parameters"),
}
EXECUTORS = ("threads", "mpi", "dask")


@dataclass(frozen=True, eq=False)
class Request:
    """The options of a run or sweep, as what they mean.

    Attributes
    ----------
    parameters, initial, inputs : mapping of str to number, array or RegionValues
        Values of regions by name until `with_regions`.
    bold : BoldSettings, optional
        What BOLD signals are made with, if there are any.
    subjects : tuple of str
        Names and paths of swept connectomes; none where they are no axis.
    keep : Keep
        Without measures of the user's own, and targets, which take long to read.
    memory : int or None
        In bytes.
    goes_on : bool
        Whether the run goes on from the state of another, whose samples come before its own.
    """

    settings: Settings
    samples: SampleTimes
    bold: BoldSettings | None
    grid: Grid
    parameters: Mapping[str, Any]
    initial: Mapping[str, Any]
    inputs: Mapping[str, Any]
    normalize: str
    lengths: str | None
    keep: Keep
    memory: int | None
    goes_on: bool = False
    subjects: tuple[str, ...] = ()


def read_request(options: CommandLine) -> Request:
    """Read the options of a run or sweep.

    Parameters
    ----------
    options : CommandLine
        Options of `rateloom.drivers.terminal.options`.

    Raises
    ------
    InputError
        For the first one that cannot be used, whatever the model.
    """
    chosen = {f.name: options[f.name] for f in fields(Settings) if f.name in options.values}
    monitor = options["monitor"]
    of_bold = monitor == "bold"
    if "bold_from" in options.values and monitor not in (monitors := (*MONITORS, "bold")):
        raise InputError(f"monitor={shown(monitor)} is unknown; use one of {', '.join(monitors)}")
    keep = check_keep(options.get("keep", "bold" if of_bold else "averages"))
    if of_bold and keep not in ("bold", "measures"):
        raise InputError(f"--monitor bold and --keep {keep}: leave one of them out")
    if of_bold or keep in ("raw", "bold"):
        monitor = "raw" if keep == "raw" else "tavg"
    check_executor(options.get("executor"), options.get("scheduler"))
    if not is_here(options.get("executor")) and keep != "measures":
        raise InputError(
            f"--executor {options['executor']}: only measures are made elsewhere, not --keep {keep}"
        )
    keep_settings = Keep(keep, _measure_names(options, keep))
    check_normalize(options["normalize"])
    if options["lengths"] is not None:
        check_lengths(options["lengths"])
    settings = Settings(**chosen)
    grid, subjects = _grid(options)
    request = Request(
        settings=settings,
        samples=sample_times(settings, monitor, options["period"]),
        grid=grid,
        subjects=subjects,
        parameters=parse_settings("--set", options["settings"] or ()),
        initial=parse_settings("--initial", options["initial"] or ()),
        inputs=parse_inputs(options["inputs"] or (), options["input_step"], options["input_spread"]),
        normalize=options["normalize"],
        lengths=options["lengths"],
        keep=keep_settings,
        memory=None if options.get("memory") is None else parse_memory(options["memory"]),
        bold=_bold(options, of_bold or keep == "bold"),
        goes_on=options.get("continue_from") is not None,
    )
    check_places(options["out"], options["plot"], keep == "measures")
    return request


def _grid(options: CommandLine) -> tuple[Grid, tuple[str, ...]]:
    """Return the work items, of the axes or of a table, and the connectomes of an axis of these."""
    texts, items = options.get("axes") or (), options.get("items")
    if items is None:
        sources = [subject_sources(text) for text in texts]
        if any(sources) and "connectome" in options.typed:
            raise InputError("--connectome and --sweep connectome=: leave one of them out")
        axes = (
            parse_axis(text) if own is None else subject_axis(own)
            for text, own in zip(texts, sources, strict=True)
        )
        return Grid(tuple(axes)), next(filter(None, sources), ())
    if texts:
        raise InputError("--items and --sweep: work items are listed or combined; leave one of them out")
    return read_item_table(items), ()


def given_connectomes(request: Request, connectome: str, warn: Warn) -> tuple[Subject, ...]:
    """Load the connectomes of a request, as they are given: those of its axis of them, or one.

    Parameters
    ----------
    connectome : str
        The one, where they are no axis.

    Raises
    ------
    InputError
        If one cannot be used.
    """
    if request.subjects:
        return load_subjects(request.subjects, request.normalize, request.lengths, warn)
    return (Subject(load_connectome(connectome, "none", request.lengths, warn), request.normalize),)


def _measure_names(options: CommandLine, keep: str) -> tuple[str, ...] | None:
    """Return the names of the requested measures; None for all."""
    for name in ("measures", "custom", "matrices"):
        if options.get(name) and keep != "measures":
            raise InputError(f"--{name}: no measures are taken with --keep {keep}; leave it out")
    text = options.get("measures")
    if text is None:
        return None
    return tuple(name.strip() for name in text.split(","))


def is_here(executor: object) -> bool:
    """Tell whether an executor is this process."""
    return executor is None or (isinstance(executor, str) and executor == "threads")


def check_executor(executor: object, scheduler: object) -> None:
    """Check that an executor exists and that what it needs is installed and given.

    Raises
    ------
    InputError
        If it does not; the message says how to mend it.
    """
    is_known = isinstance(executor, str) and executor in EXECUTORS
    if not (is_known or executor is None or isinstance(executor, Executor)):
        raise InputError(
            f"executor={shown(executor)} is unknown; use one of {', '.join(EXECUTORS)}, or in Python an "
            "Executor of concurrent.futures"
        )
    if scheduler is not None and executor != "dask":
        raise InputError("scheduler is Dask's: it goes with executor='dask' (--executor dask)")
    if executor == "mpi" and find_spec("mpi4py") is None:
        raise InputError('executor mpi takes mpi4py: pip install "rateloom[mpi]"')
    if executor == "dask":
        if find_spec("distributed") is None:
            raise InputError('executor dask takes distributed: pip install "rateloom[dask]"')
        if scheduler is None:
            raise InputError(
                "executor dask: no scheduler was given; start one (dask scheduler) and give its address or "
                "its file: --scheduler tcp://HOST:8786"
            )
        if str(scheduler).endswith(".json") and not Path(str(scheduler)).is_file():
            raise InputError(
                f"scheduler {scheduler}: no such file; dask scheduler --scheduler-file writes it"
            )


def _bold(options: CommandLine, needed: bool) -> BoldSettings | None:
    """Return the settings of BOLD signals; raise InputError for an option of theirs where none are kept."""
    bold_options: dict[str, Any] = {flag: options.get(name) for flag, (name, _) in _BOLD.items()}
    bold_options = {flag: value for flag, value in bold_options.items() if value not in (None, [], ())}
    if not needed:
        if bold_options:
            flags = " and ".join(bold_options)
            raise InputError(f"{flags}: no BOLD signals are made; ask for them with --monitor bold")
        return None
    chosen = {_BOLD[flag][1]: value for flag, value in bold_options.items()}
    chosen["parameters"] = parse_settings("--bold-set", chosen.get("parameters", ()))
    return BoldSettings(**chosen)


def with_regions(request: Request, labels: Sequence[str] | None) -> tuple[Request, tuple[Warning, ...]]:
    """Put values of regions by name in the order of a connectome's labels.

    Raises
    ------
    InputError
        If a region of the connectome has no value, or two.
    """
    kinds = {kind: in_order(getattr(request, kind), labels) for kind in ("parameters", "initial", "inputs")}
    warnings = [warning for _, assumed in kinds.values() for warning in assumed]
    bold = request.bold
    if bold is not None:
        of_bold, assumed = in_order(bold.parameters or {}, labels)  # type: ignore[arg-type]
        bold = replace(bold, parameters=of_bold)
        warnings += assumed
    changed = {kind: values for kind, (values, _) in kinds.items()}
    return replace(request, bold=bold, **changed), tuple(warnings)  # type: ignore[arg-type]


def check_request(request: Request, model: ModelDescription, n_node: int) -> None:
    """Check names and shapes against a model and a connectome, as the run will again.

    Raises
    ------
    InputError
        For a name that the model does not have or a value that does not fit.
    """
    parameter_table(model, request.parameters, request.grid, n_node)
    initial_values(model, request.initial, n_node)
    check_names(request.inputs, (i.name for i in model.inputs), "input", model.name)
    if request.bold is not None:
        fed_from(request.bold, model)
        if request.goes_on:
            return
        least = 2 if request.keep.kind == "measures" else 1
        bold_timing(request.bold, request.samples.step, request.samples.n_sample, least)
