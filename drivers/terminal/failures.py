"""The failure of a command: what a user can mend is one line on standard error and exit status 1."""

from __future__ import annotations

import gc
import io
import os
import signal
import sys
import threading
import warnings
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from typing import Any

import typer

from rateloom.drivers.support.errors import InputError

INTERRUPTED = 128 + signal.SIGINT
TERMINATED = 128 + signal.SIGTERM

# Typer has this class from Click or from a copy of its own, by version; it is the same for all usage errors.
_USAGE_ERROR: Any = typer.BadParameter.__bases__[0]


def run_app(
    app: typer.Typer,
    name: str,
    arguments: Sequence[str],
    error_text: Callable[[Exception, str], str | None],
) -> int:
    """Run a command.

    Parameters
    ----------
    app : typer.Typer
        The command.
    name : str
        What it is called in messages.
    arguments : sequence of str
        What follows its name.
    error_text : callable
        What to tell the user about an error, or None where it is a fault of ours.

    Returns
    -------
    int
        The exit status: 0, 1 for an error, 130 after Ctrl-C, 143 after a SIGTERM.
    """

    def show(message: Warning | str, *_details: Any, **_more: Any) -> None:
        text = str(message)
        print(text if ": warning[" in text else f"{name}: warning: {text}", file=sys.stderr)

    with warnings.catch_warnings(), _escaping_output(), _signals_as_interrupts() as received:
        warnings.showwarning = show
        try:
            status = int(app(arguments, prog_name=name, standalone_mode=False) or 0)
            if status == INTERRUPTED:  # some versions of Typer turn Ctrl-C into this
                raise KeyboardInterrupt
            return status
        except (KeyboardInterrupt, typer.Abort):
            terminated = signal.SIGTERM in received
            print(f"{name}: {'terminated' if terminated else 'interrupted'}", file=sys.stderr)
            # Python looks through all objects several times at its end: for seconds, beside threads at work
            gc.freeze()
            return TERMINATED if terminated else INTERRUPTED
        except BrokenPipeError:
            # Whoever read our output has left; Python must not fail again when it flushes at exit.
            os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())
            return 1
        except Exception as error:
            line = error_text(error, name)
            if line is None:
                raise
            print(line, file=sys.stderr)
            return 1


@contextmanager
def _escaping_output() -> Iterator[None]:
    """Let names of files that are no UTF-8 be printed; Python escapes them on standard error alone."""
    stream = sys.stdout
    if not isinstance(stream, io.TextIOWrapper):
        yield
        return
    before = stream.errors
    stream.reconfigure(errors="backslashreplace")
    try:
        yield
    finally:
        stream.reconfigure(errors=before)


@contextmanager
def _signals_as_interrupts() -> Iterator[list[int]]:
    """Let Ctrl-C and SIGTERM end the work in the same way: what is half-written is removed.

    Yields
    ------
    list of int
        The signal that came, once it has come; further ones are ignored, so that the tidying up is done.
    """
    received: list[int] = []

    def interrupt(number: int, _frame: object) -> None:
        if not received:
            received.append(number)
            raise KeyboardInterrupt

    if threading.current_thread() is not threading.main_thread():
        yield received
        return
    before = {number: signal.getsignal(number) for number in (signal.SIGINT, signal.SIGTERM)}
    # what is to be ignored, in the background of a script say, stays ignored
    handlers = {
        number: handler for number, handler in before.items() if handler not in (signal.SIG_IGN, None)
    }
    for number in handlers:
        signal.signal(number, interrupt)
    try:
        yield received
    finally:
        for number, handler in handlers.items():
            signal.signal(number, handler)


def plain_error_text(error: Exception, name: str) -> str | None:
    """Return the line that tells the user of an error of input, usage or the machine; None for any other."""
    if isinstance(error, InputError):
        text = str(error)
    elif isinstance(error, _USAGE_ERROR):
        command = error.ctx.command_path if error.ctx else name
        text = f"{' '.join(error.format_message().split())} (see {command} --help)"
    elif isinstance(error, OSError) and error.strerror:
        text = error.strerror + (f": {error.filename}" if error.filename else "")
    elif isinstance(error, MemoryError):
        text = "out of memory; give a smaller --memory, fewer work items or --keep averages"
    else:
        return None
    # of a length that can be read, and in letters that can be printed, as those of an InputError are
    return f"{name}: error: {InputError(text)}"
