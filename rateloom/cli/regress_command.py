"""The command regress: whether targets and the oracle agree."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING

import typer

from rateloom.cli.common import EVERY_MODEL, MODELS, console
from rateloom.drivers.support.destinations import check_folder, check_picture_place
from rateloom.drivers.support.errors import InputError
from rateloom.drivers.support.files import write_whole
from rateloom.drivers.terminal.option import Command, CommandLine, Option
from rateloom.drivers.terminal.options import named

if TYPE_CHECKING:
    from rateloom.regression import Regression


def regress(options: CommandLine) -> None:
    """Compare targets with each other and with an independent interpreter. Exit status 1 if they differ.

    \b
    Example:
      rateloom regress montbrio mymodel.xml --targets numba,emulated --noise
    """
    from rateloom.api.loading import load, shipped_models

    shipped = shipped_models() if options["everything"] else ()
    names = list(dict.fromkeys([*(options["models"] or ()), *shipped]))
    if not names:
        raise InputError("nothing to compare; name a model (see: rateloom models), or give --all")
    loaded = [load(name) for name in names]
    json, pictures = options["json"], _pictures(options["plot"], [model.name for model in loaded])
    _check_places(json, pictures, options["overwrite"])
    from rateloom.regression import regress as regress_model
    from rateloom.regression.difference_table import difference_table, json_text, verdict

    regressions: list[Regression] = []
    for model in loaded:
        result = regress_model(
            model,
            [target.strip() for target in options["targets"].split(",")],
            **options.only(
                "connectome", "dtype", "integrator", "noise", "steps", "work_items", "dt", "speed", "seed"
            ),
        )
        console().print(difference_table(result))
        regressions.append(result)
    for result, picture in zip(regressions, pictures, strict=False):
        from rateloom.regression.trace_plot import plot_regression

        plot_regression(result, picture)
        print(f"wrote {picture}")
    if json is not None:
        write_whole(json, json_text(regressions))
        print(f"wrote {json}")
    for result in regressions:
        print(verdict(result))
    if not all(result.within for result in regressions):
        raise typer.Exit(1)


def _pictures(plot: Path | None, names: list[str]) -> list[Path]:
    """One picture a model; of several, each has the model's name."""
    if plot is None:
        return []
    if len(names) == 1:
        return [plot]
    for name in names:
        if names.count(name) > 1:
            raise InputError(f"two of the files hold a model named {name!r}; draw them one by one")
    return [plot.with_stem(f"{plot.stem}_{name}") for name in names]


def _check_places(json: Path | None, pictures: list[Path], overwrite: bool) -> None:
    """Raise InputError if a file cannot be written, or exists and is not to be replaced."""
    for picture in pictures:
        check_picture_place(picture)
    if json is not None:
        if json.is_dir() or not json.name:
            raise InputError(f"--json {json} is a folder; give the name of a file")
        check_folder(json)
    present = [str(path) for path in (*pictures, *((json,) if json else ())) if path.exists()]
    if present and not overwrite:
        raise InputError(f"{' and '.join(present)}: already there; give another name, or --overwrite")


REGRESS = Command(
    "regress",
    (
        MODELS,
        EVERY_MODEL,
        Option(
            "targets", str, "numba,emulated",
            "What to compare: numba, emulated (a GPU's code on the processor), cuda.",
        ),
        *named("dtype", "integrator"),
        Option("noise", bool, False, "With the model's noise."),
        Option("steps", int, 400, "Steps to simulate."),
        Option(
            "work_items", int, 4,
            "Simulations, from 20 % below G (or else the first parameter) to 20 % above it.",
        ),
        Option(
            "connectome", str, "synthetic:16",
            "synthetic:N, tvb76 and the like, or a TVB zip, folder or .npz file.",
        ),
        *named("dt"),
        Option(
            "speed", float, None, unit="mm/ms",
            help="Conduction speed, mm/ms; if left out, the longest delay is a quarter of the run.",
        ),
        *named("seed"),
        Option("json", Path, None, "File to write what was found to."),
        Option(
            "plot", Path, None,
            "Picture of the traces to write, .png, .pdf or .svg; the model's name is added if there are "
            "several.",
        ),
        Option("overwrite", bool, False, "Replace files that are there."),
    ),
    regress,
)  # fmt: skip
