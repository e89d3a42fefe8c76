"""The commands on the directory of a study: resume it, and query its tables."""

from __future__ import annotations

import sys
from collections.abc import Callable
from dataclasses import replace
from pathlib import Path
from typing import Any

from rateloom.cli.common import print_rows
from rateloom.drivers.support.destinations import PLAN, check_file_place
from rateloom.drivers.support.errors import InputError
from rateloom.drivers.terminal.ending import finish
from rateloom.drivers.terminal.option import REQUIRED, Command, CommandLine, Option
from rateloom.drivers.terminal.output_files import Targets, check_apart, check_unused, study_targets

# What may be given beside --resume: it changes no result.
_ALLOWED_WITH_RESUME = (
    "resume", "threads", "device", "memory", "executor", "scheduler", "plot", "list_devices", "overwrite",
)  # fmt: skip
_MOST_ROWS = 50
_MOST_LETTERS = 500


def resume_study(options: CommandLine, executor: object) -> None:
    """Resume a study from its plan alone, on an executor."""
    folder, plot = options["resume"], options["plot"]
    if not (folder / PLAN).is_file():
        raise InputError(f"{folder}: no study is there ({PLAN} is absent); start one with --out")
    for name, flag in options.typed.items():
        if name not in _ALLOWED_WITH_RESUME:
            raise InputError(f"--resume without a model: the plan of {folder} says all; leave {flag} out")
    from rateloom.api.study_sweeps import resume
    from rateloom.drivers.support.memory import parse_memory

    shared = options.only("threads", "device", "scheduler") | {"executor": executor}
    memory = None if options["memory"] is None else parse_memory(options["memory"])
    targets = resumed_targets(study_targets("", folder, plot), plot, options["overwrite"])
    finish(stoppable(lambda: resume(folder, memory=memory, announce=print, **shared), folder), targets)


def resumed_targets(targets: Targets, plot: Path | None, overwrite: bool) -> Targets:
    """Return what resuming a study writes: the picture named after it only where there is none yet.

    Parameters
    ----------
    targets : Targets
        What a sweep that begins would write.
    plot : Path, optional
        The picture asked for.
    overwrite : bool
        Whether pictures that are there are drawn anew.

    Returns
    -------
    Targets

    Raises
    ------
    InputError
        If the picture that is asked for is there already.
    """
    if plot is not None:
        check_unused((plot,), overwrite, "--plot")
    elif not overwrite and (present := [path for path in targets.pictures if path.exists()]):
        print(f"{present[0]} is there already and stays as it is; --overwrite draws it anew")
        return replace(targets, pictures=())
    return targets


def refuse_model(folder: Path, model: str) -> None:
    """Raise InputError for a model that is given with --resume but without axes."""
    from rateloom.drivers.studies.plan_file import read_record

    model_of_plan = read_record(folder).get("model", {}).get("name")
    raise InputError(
        f"--resume {folder}: the plan of this sweep of {model_of_plan} says all; leave the model "
        f"({model}) and all else out, or give --sweep and every option as they were"
    )


def study_to_resume(folder: Path, out: Path | None, keep: str) -> Path:
    """Return the directory to resume, where a model and options are given as well."""
    if out is not None and out != folder:
        raise InputError(f"--resume {folder} and --out {out} are two directories; leave --out out")
    if keep != "measures":
        raise InputError(f"--resume: only --keep measures can be gone on with, not --keep {keep}")
    return folder


def stoppable(work: Callable[[], Any], folder: Path) -> Any:
    """Do the work of a study; after an interruption, print how to resume it."""
    try:
        return work()
    except KeyboardInterrupt:
        if (folder / PLAN).is_file():
            print(f"go on with: rateloom sweep --resume {folder}", file=sys.stderr)
        raise


def query(options: CommandLine) -> None:
    """Query the measures of a sweep, finished or not. Nothing in the study is changed.

    \b
    Example:
      rateloom query pilot --csv pilot.csv
      rateloom query pilot "SELECT G, eta, mean_FC_r FROM work_items ORDER BY mean_FC_r DESC LIMIT 10"
      rateloom query pilot "SELECT * FROM columns"
    """
    study, csv, parquet = (options[name] for name in ("study", "csv", "parquet"))
    files = [path for path in (csv, parquet) if path is not None]
    for path, option in ((csv, "--csv"), (parquet, "--parquet")):
        if path is not None:
            check_file_place(path, option)
            check_apart({"the study": study, option: path})
            check_unused([path], options["overwrite"], option)
    sql, timeout = options["sql"], options["timeout"]
    if not timeout > 0:
        raise InputError(f"--timeout {timeout:g}: it must be a time greater than 0, or inf")
    from rateloom.drivers.studies.query import first_rows, write_query

    for path in files:
        count = write_query(study, sql, path, "csv" if path == csv else "parquet", timeout)
        print(f"wrote {path} ({count} rows)")
    if not files:
        _print_rows(*first_rows(study, sql, _MOST_ROWS, timeout))


def _print_rows(names: list[str], rows: list[tuple[Any, ...]], count: int) -> None:
    texts = [[_text(value) for value in row] for row in rows]
    printed = print_rows(names, texts)
    if count > printed:
        print(f"the first {printed} of {count} rows; --csv FILE writes all of them")


def _text(value: object) -> str:
    """Return a value as it is printed; what is long is cut."""
    text = f"{value:.6g}" if isinstance(value, float) else str(value)
    return text if len(text) <= _MOST_LETTERS else f"{text[:_MOST_LETTERS]}…"


QUERY = Command(
    "query",
    (
        Option("study", Path, REQUIRED, "Directory of a study.", metavar="DIR", argument=True),
        Option(
            "sql", str, "SELECT * FROM work_items", metavar="SQL", argument=True,
            help="A SELECT on the tables work_items, regions, nodes, columns.",
        ),
        Option("csv", Path, None, "Write the rows to a CSV file.", metavar="FILE"),
        Option("parquet", Path, None, "Write the rows to a Parquet file (extra: parquet).", metavar="FILE"),
        Option(
            "timeout", float, 60.0, unit="s",
            help="Most time that the query may take, s, or as 10min; inf for no limit.",
        ),
        Option("overwrite", bool, False, "Replace files that are there."),
    ),
    query,
)  # fmt: skip
