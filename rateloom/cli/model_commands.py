"""Commands about model files: models, check, show, new, convert."""

from __future__ import annotations

import sys
from collections.abc import Sequence
from pathlib import Path
from typing import TYPE_CHECKING

import typer

from rateloom.cli.common import MODEL, console
from rateloom.drivers.support.errors import InputError
from rateloom.drivers.support.files import write_whole
from rateloom.drivers.terminal.option import REQUIRED, Command, CommandLine, Option
from rateloom.dsl.diagnostics import ModelError

if TYPE_CHECKING:
    from rateloom.dsl.model import Model

_FORCE = Option("force", bool, False, "Replace the file if it exists.")


def models(options: CommandLine) -> None:
    """List the models that come with rateloom.

    \b
    Example:
      rateloom models
    """
    from rateloom.api.loading import shipped_models
    from rateloom.dsl.load import load_model

    rows = []
    for name, path in shipped_models().items():
        model = load_model(path)
        states = " ".join(state.name for state in model.state_variables)
        sources = " ".join(f"doi:{reference.doi}" for reference in model.references if reference.doi)
        rows.append((name, first_sentence(model.description), states, str(len(model.parameters)), sources))
    _print_table(("model", "description", "states", "parameters", "reference"), rows)


def check(options: CommandLine) -> None:
    """Check model files. Every error and warning is one line, with file and line number.

    \b
    Example:
      rateloom check mymodel.xml
    """
    from rateloom.api.loading import model_file
    from rateloom.dsl.load import load_model

    failed = False
    for file in options["files"]:
        try:
            model = load_model(model_file(file))
        except ModelError as error:
            print(error, file=sys.stderr)
            failed = True
            continue
        except InputError as error:
            print(f"rateloom: error: {error}", file=sys.stderr)
            failed = True
            continue
        for warning in model.warnings:
            print(warning, file=sys.stderr)
        count = len(model.warnings)
        failed = failed or (options["strict"] and count > 0)
        print(f"{file}: ok" + (f", {count} warning{'s' * (count > 1)}" if count else ""))
    if failed:
        raise typer.Exit(1)


def show(options: CommandLine) -> None:
    """Print a model's equations, parameters and couplings, or what it costs.

    \b
    Example:
      rateloom show montbrio --latex
      rateloom show montbrio --cost --connectome synthetic:1000
    """
    from rateloom.api.loading import load
    from rateloom.dsl import equations

    loaded = load(options["model"])
    of_cost = options.only("connectome", "dtype", "machine")
    if options["cost"]:
        _print_cost(loaded, **of_cost)
        return
    for name, value in of_cost.items():
        if value is not None:
            raise InputError(f"--{name} says nothing without --cost; give that too")
    if options["latex"]:
        print(equations.equations_latex(loaded), end="")
        return
    print(equations.equations_text(loaded), end="")
    print("\nAs they are computed: constants are folded, and terms are in an order of their own.")
    _print_table(equations.STATE_COLUMNS, equations.state_rows(loaded))
    _print_table(equations.PARAMETER_COLUMNS, equations.parameter_rows(loaded))


def new(options: CommandLine) -> None:
    """Write a small complete model to start from.

    \b
    Example:
      rateloom new mymodel
    """
    from rateloom.dsl.scaffold import new_model

    name = options["name"]
    try:
        text = new_model(name)
    except ModelError as error:  # about the name: there is no file yet that it could point to
        raise InputError("; ".join(d.message for d in error.diagnostics)) from None
    write_text(options["out"] or Path(f"{name}.xml"), text, options["force"])


def convert(options: CommandLine) -> None:
    """Write a model of RateML's as one of rateloom's.

    \b
    Example:
      rateloom convert rateml/kuramoto.xml --out kuramoto.xml
    """
    from rateloom.api.loading import model_file
    from rateloom.dsl.dialect0 import translate
    from rateloom.dsl.load import load_model
    from rateloom.dsl.tree import read_tree
    from rateloom.dsl.writer import write_tree

    file, out = options["file"], options["out"]
    path = model_file(file)
    tree = read_tree(path)
    if tree.tag == "Model":
        raise InputError(f"{file} is written in rateloom's language already; there is nothing to convert")
    converted, warnings = translate(tree)
    text = write_tree(converted)
    load_model(path, text)  # what is written must load
    for warning in warnings:
        print(warning, file=sys.stderr)
    if out is None:
        print(text, end="")
    else:
        write_text(out, text, options["force"])


def first_sentence(text: str) -> str:
    """First sentence of a description, on one line."""
    line = " ".join(text.split())
    return line.split(". ")[0].rstrip(".")


def write_text(path: Path, text: str, force: bool) -> None:
    """Write a file whole or not at all, and say so.

    Raises
    ------
    InputError
        If it exists already and is not to be replaced.
    """
    if path.exists() and not force:
        raise InputError(f"{path} exists already; give another --out, or --force to replace it")
    write_whole(path, text)
    print(f"wrote {path}")


def _print_cost(model: Model, connectome: str | None, dtype: str | None, machine: Path | None) -> None:
    from rateloom.api import loading
    from rateloom.api.machines import load_machine
    from rateloom.cli.cost_tables import cost_tables

    brain = loading.connectome(loading.default_connectome() if connectome is None else connectome)
    measured = load_machine(machine) if machine else None
    for table in cost_tables(model, brain, dtype or "float32", measured):
        _print_table(table.headings, table.rows, table.title)


def _print_table(headings: Sequence[str], rows: Sequence[Sequence[str]], title: str = "") -> None:
    """Print a table, if it has rows."""
    from rich.table import Table
    from rich.text import Text

    if not rows:
        return
    table = Table(box=None, header_style="bold", pad_edge=False)
    for heading in headings:
        table.add_column(heading, overflow="fold")
    for row in rows:
        table.add_row(*(Text(cell) for cell in row))  # Text: brackets in a description are no markup
    console().print()
    if title:
        console().print(Text(title, style="bold"))
    console().print(table)


MODELS = Command("models", (), models)
CHECK = Command(
    "check",
    (
        Option(
            "files", str, REQUIRED, "XML files, or names of shipped models.", metavar="FILE...",
            argument=True, repeatable=True,
        ),
        Option("strict", bool, False, "Let warnings fail too."),
    ),
    check,
)  # fmt: skip
SHOW = Command(
    "show",
    (
        MODEL,
        Option("latex", bool, False, "Print the equations as LaTeX."),
        Option("cost", bool, False, "Print operations and bytes of a step instead of the equations."),
        Option(
            "connectome", str, None,
            "With --cost: the connectome whose edges count; tvb76 if left out.",
        ),
        Option("dtype", str, None, "With --cost: float32 (default) or float64."),
        Option(
            "machine", Path, None,
            "With --cost: file that benchmarks/machine.py wrote; adds what it allows at most.",
        ),
    ),
    show,
)  # fmt: skip
NEW = Command(
    "new",
    (
        Option("name", str, REQUIRED, "Name of the model.", metavar="NAME", argument=True),
        Option("out", Path, None, "File to write; NAME.xml if left out."),
        _FORCE,
    ),
    new,
)
CONVERT = Command(
    "convert",
    (
        Option(
            "file", str, REQUIRED, "A model file, for instance one of RateML's.", metavar="FILE",
            argument=True,
        ),
        Option("out", Path, None, "File to write; standard output if left out."),
        _FORCE,
    ),
    convert,
)  # fmt: skip
