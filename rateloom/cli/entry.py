"""The command ``rateloom``: what can be called, and how errors end.

Nothing heavy is imported here: ``rateloom --help`` must answer at once. The commands import what they need.
"""

from __future__ import annotations

import sys
from collections.abc import Sequence
from typing import Annotated

import typer

from rateloom import __version__
from rateloom.cli.fit_command import FIT
from rateloom.cli.generate_commands import COMPILE, GENERATE
from rateloom.cli.model_commands import CHECK, CONVERT, MODELS, NEW, SHOW
from rateloom.cli.picture_commands import PLOT, REPORT
from rateloom.cli.regress_command import REGRESS
from rateloom.cli.search_command import SEARCH
from rateloom.cli.simulate_commands import RUN, SWEEP
from rateloom.cli.study_commands import QUERY
from rateloom.cli.transfer_function_command import FIT_TRANSFER_FUNCTION
from rateloom.drivers.support.errors import printable
from rateloom.drivers.terminal.failures import plain_error_text, run_app
from rateloom.drivers.terminal.option import add_command
from rateloom.dsl.diagnostics import ModelError

app = typer.Typer(
    name="rateloom",
    help="Mean-field brain models written as XML, run as fast kernels over a connectome.\n\n"
    "\b\nExample:\n  rateloom sweep linear --sweep G=0:0.05:16 --sweep speed=1:10:16",
    add_completion=False,
    rich_markup_mode=None,
    pretty_exceptions_enable=False,
)


def _print_version(requested: bool) -> None:
    """Print the version and stop, if it was asked for."""
    if requested:
        typer.echo(f"rateloom {__version__}")
        raise typer.Exit


@app.callback()
def _options(
    version: Annotated[
        bool, typer.Option("--version", callback=_print_version, is_eager=True, help="Print the version.")
    ] = False,
) -> None:
    """Take the options that belong to no command."""


for _command in (
    MODELS, CHECK, SHOW, NEW, CONVERT, GENERATE, COMPILE, RUN, SWEEP, QUERY, PLOT, REPORT, FIT, SEARCH,
    REGRESS, FIT_TRANSFER_FUNCTION,
):  # fmt: skip
    add_command(app, _command)


def main(arguments: Sequence[str] | None = None) -> int:
    """Run one command; what a user can mend ends with one line on standard error.

    Returns
    -------
    int
        The exit status: 0, 1 for an error, 130 after Ctrl-C.
    """
    words = list(sys.argv[1:] if arguments is None else arguments)
    return run_app(app, "rateloom", words or ["--help"], error_text)


def error_text(error: Exception, name: str = "rateloom") -> str | None:
    """Return the text that tells the user of an error that is theirs to mend, else None."""
    if isinstance(error, ModelError):
        return printable(str(error))  # a line for each diagnostic, with file and line number
    return plain_error_text(error, name)
