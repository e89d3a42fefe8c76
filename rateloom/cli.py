"""The command ``rateloom``: what can be called, and how errors end.

Nothing heavy is imported here: ``rateloom --help`` must answer at once. The commands import what they need.
"""

from __future__ import annotations

import os
import signal
import sys
import warnings
from collections.abc import Sequence
from typing import Annotated, Any

import typer

from rateloom import __version__
from rateloom.cli_generate import compile_model, generate
from rateloom.cli_models import check, convert, models, new, show
from rateloom.cli_simulate import run, sweep
from rateloom.drivers.errors import InputError
from rateloom.dsl.diagnostics import ModelError

app = typer.Typer(
    name="rateloom",
    help="Mean-field brain models written as XML, run as fast kernels over a connectome.\n\n"
    "\b\nExample:\n  rateloom sweep kuramoto --sweep G=0:0.05:16 --sweep speed=1:10:16",
    add_completion=False,
    rich_markup_mode=None,
    pretty_exceptions_enable=False,
)

INTERRUPTED = 128 + signal.SIGINT


def _print_version(wanted: bool) -> None:
    """Print the version and stop, if it was asked for."""
    if wanted:
        typer.echo(f"rateloom {__version__}")
        raise typer.Exit


@app.callback()
def _options(
    version: Annotated[
        bool, typer.Option("--version", callback=_print_version, is_eager=True, help="Print the version.")
    ] = False,
) -> None:
    """Take the options that belong to no command."""


app.command()(models)
app.command()(check)
app.command()(show)
app.command()(new)
app.command()(convert)
app.command()(generate)
app.command("compile")(compile_model)
app.command()(run)
app.command()(sweep)


def main(arguments: Sequence[str] | None = None) -> int:
    """Run one command; what a user can mend ends with one line on standard error.

    Returns
    -------
    int
        The exit status: 0, 1 for an error, 130 after Ctrl-C.
    """
    given = list(sys.argv[1:] if arguments is None else arguments)
    with warnings.catch_warnings():
        warnings.showwarning = _show_warning
        try:
            status = int(app(given or ["--help"], prog_name="rateloom", standalone_mode=False) or 0)
            if status == INTERRUPTED:  # some versions of Typer turn Ctrl-C into this
                raise KeyboardInterrupt
            return status
        except (KeyboardInterrupt, typer.Abort):
            print("rateloom: interrupted", file=sys.stderr)
            return INTERRUPTED
        except BrokenPipeError:
            # Whoever read our output has left; Python must not fail again when it flushes at exit.
            os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())
            return 1
        except Exception as error:
            line = error_text(error)
            if line is None:
                raise
            print(line, file=sys.stderr)
            return 1


def error_text(error: Exception) -> str | None:
    """What to tell the user about an error that is theirs to mend, else None."""
    if isinstance(error, ModelError):
        return str(error)  # a line for each diagnostic, with file and line number
    if isinstance(error, InputError):
        return f"rateloom: error: {error}"
    if isinstance(error, _USAGE_ERROR):
        command = error.ctx.command_path if error.ctx else "rateloom"
        return f"rateloom: error: {' '.join(error.format_message().split())} (see {command} --help)"
    if isinstance(error, OSError) and error.strerror:
        return f"rateloom: error: {error.strerror}" + (f": {error.filename}" if error.filename else "")
    if isinstance(error, MemoryError):
        return "rateloom: error: out of memory; give a smaller --memory, fewer work items or --keep averages"
    return None


def _show_warning(message: Warning | str, *_details: Any, **_more: Any) -> None:
    """Print a warning as one line."""
    text = str(message)
    print(text if ": warning[" in text else f"rateloom: warning: {text}", file=sys.stderr)


# Typer has this class from Click or from a copy of its own, by version; it is the same for all usage errors.
_USAGE_ERROR: Any = typer.BadParameter.__bases__[0]

if __name__ == "__main__":
    sys.exit(main())
