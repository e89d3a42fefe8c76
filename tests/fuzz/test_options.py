"""Whatever is written for an option of a command ends in a result or in one line of ours, and soon."""

from __future__ import annotations

import os
import shutil
import signal
from collections.abc import Iterator
from contextlib import contextmanager
from itertools import count
from pathlib import Path
from typing import Any

import matplotlib
import numpy as np
import pytest
import typer
from fake_backend import FakeBackend

from rateloom import cli
from rateloom.drivers.backends import registry

# made in the folder where commands run: a folder, a link to a device without end, a pipe that nobody fills
FOLDER, DEVICE, PIPE = "folder", "device.csv", "pipe.csv"
TEXTS = (
    "", "-", "nan", "-1", "0", "1e999", "9" * 23, "x=y", "=", "a=b=c", "G=", "G=0:1:0", "G=log:-1:1:3",
    "seed=-1", "speed=0", "G=@", f"G=@{DEVICE}", ":", ",", "[/red]", "b\udcff", "a\0b", "two\nlines",
    "y" * 5000, FOLDER, DEVICE, PIPE,
)  # fmt: skip
# Of an option that stands in several commands, the other ones try every so many of them.
SHARED = 14
SECONDS = 10.0
TINY = ["--connectome", "synthetic:3", "--duration", "20", "--dt", "0.5", "--overwrite", "--no-calibrate"]
# Calls of each command, which each option is added to.
LINES = {
    "models": ["models"],
    "check": ["check", "linear"],
    "show": ["show", "linear"],
    "new": ["new", "fresh", "--force"],
    "convert": ["convert", "linear"],
    "generate": ["generate", "linear", "--target", "numba"],
    "compile": ["compile", "linear"],
    "run": ["run", "linear", *TINY],
    "sweep": ["sweep", "linear", "--sweep", "G=0,0.1", "--measures", "mean_FC", "--dry-run", *TINY],
    "query": ["query", "study"],
    "plot": ["plot", "study", "--overwrite"],
    "plot of coordinates": ["plot", "study", "--kind", "parallel", "--overwrite"],
    "report": ["report", "study", "--series", "0", "--overwrite"],
    "fit": ["fit", "linear", "--sweep", "G=0,0.1", "--fc", "fc.npy", *TINY],
    "search": [
        "search", "linear", "--free", "G=0:1", "--trials", "2", "--batch", "1", "--sampler", "random",
        "--maximize", "mean_FC_x", *TINY,
    ],
    "fit of a study": ["fit", "study"],
    "regress": ["regress", "linear", "--targets", "numba", "--connectome", "synthetic:3", "--steps", "4"],
    "fit-transfer-function": [
        "fit-transfer-function", "adex_rs", "--nu-e", "1:9:4", "--nu-i", "1:9:4", "--duration", "10",
        "--transient", "0", "--repetitions", "1", "--overwrite",
    ],
}  # fmt: skip
# Every shipped model takes minutes.
NOT_TRIED = {"everything"}


class Hung(BaseException):
    """A command that goes on for too long."""


@contextmanager
def ended_within(seconds: float) -> Iterator[None]:
    def stop(*_: Any) -> None:
        raise Hung(f"it goes on after {seconds} s")

    before = signal.signal(signal.SIGALRM, stop)
    signal.setitimer(signal.ITIMER_REAL, seconds)
    try:
        yield
    finally:
        signal.setitimer(signal.ITIMER_REAL, 0)
        signal.signal(signal.SIGALRM, before)


@pytest.fixture(scope="module")
def study(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Path]:
    """A folder with a study and a target, while backends compute nothing and pictures are empty."""
    matplotlib.use("agg")
    folder, backend = tmp_path_factory.mktemp("options"), FakeBackend()
    with pytest.MonkeyPatch.context() as patch:
        patch.chdir(folder)
        patch.setattr("matplotlib.figure.Figure.savefig", lambda figure, file, **how: Path(file).touch())
        for name in registry.OPENERS:
            patch.setitem(registry.OPENERS, name, backend.open)
        np.save("fc.npy", np.corrcoef(np.random.default_rng(0).normal(size=(3, 20))))
        assert cli.main([*LINES["fit"], "--out", "study"]) == 0
        yield folder


@pytest.fixture
def place(study: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A folder where a command finds the same whatever others have written."""
    shutil.copytree(study, tmp_path, dirs_exist_ok=True)
    monkeypatch.chdir(tmp_path)
    return tmp_path


def furnish() -> None:
    """Make again what a command may have written over."""
    Path(FOLDER).mkdir(exist_ok=True)
    for name in (DEVICE, PIPE):
        Path(name).unlink(missing_ok=True)
    Path(DEVICE).symlink_to("/dev/zero")
    os.mkfifo(PIPE)


def parameters_of(command: str) -> list[Any]:
    """The options and arguments of a command, as Typer has them."""
    tree: Any = typer.main.get_command(cli.app)
    return [p for p in tree.commands[command].params if p.name not in NOT_TRIED and p.name != "help"]


def lines_with(call: list[str], parameter: Any, texts: tuple[str, ...]) -> Iterator[list[str]]:
    """The command lines that a call becomes with an option, or with another first argument."""
    if getattr(parameter, "is_flag", False):
        yield from ([*call, flag] for flag in (*parameter.opts, *parameter.secondary_opts))
    elif parameter.param_type_name == "argument":
        yield from ([call[0], text, *call[2:]] for text in texts)
    else:
        yield from ([*call, parameter.opts[-1], text] for text in texts)


def complaint_of(line: list[str], capsys: pytest.CaptureFixture[str]) -> str:
    """What is wrong with how a command ends, or nothing."""
    try:
        with ended_within(SECONDS):
            status = cli.main(line)
    except SystemExit as end:
        return f"it left with {end.code}"
    except Hung as hung:
        return str(hung)
    except Exception as problem:
        return f"{type(problem).__name__}: {problem}"
    finally:
        printed = capsys.readouterr()
    errors = [text for text in printed.err.splitlines() if ": warning" not in text]
    if status not in (0, 1, 2) or "Traceback" in printed.err:
        return f"status {status}: {printed.err[-300:]}"
    of_ours = all(text.startswith("rateloom: error: ") or ": error[" in text for text in errors)
    if len(errors) > 1 or not of_ours or any(len(text) > 900 for text in errors):
        return f"{len(errors)} lines: {printed.err[:300]}"
    return ""


def tried_texts() -> dict[str, list[tuple[Any, tuple[str, ...]]]]:
    """The texts that each option of each call is tried with: all of them in the first call that has it."""
    numbers, before = count(), set[tuple[str, ...]]()
    chosen: dict[str, list[tuple[Any, tuple[str, ...]]]] = {}
    for name, call in LINES.items():
        chosen[name] = []
        for parameter in parameters_of(call[0]):
            of_option = (*parameter.opts, str(getattr(parameter, "help", call[0])))
            fewer = of_option in before
            chosen[name].append((parameter, TEXTS[next(numbers) % SHARED :: SHARED] if fewer else TEXTS))
            before.add(of_option)
    return chosen


def test_every_command_is_called() -> None:
    tree: Any = typer.main.get_command(cli.app)
    assert {call[0] for call in LINES.values()} == set(tree.commands)


@pytest.mark.slow
@pytest.mark.parametrize("name", LINES)
def test_every_option_with_every_odd_text(name: str, place: Path, capsys: pytest.CaptureFixture[str]) -> None:
    wrong = list[str]()
    for parameter, texts in tried_texts()[name]:
        furnish()
        for line in lines_with(LINES[name], parameter, texts):
            complaint = complaint_of(line, capsys)
            if complaint:
                wrong.append(f"{[word[:60] for word in line]}: {complaint}")
    assert not wrong, "\n".join(wrong)
