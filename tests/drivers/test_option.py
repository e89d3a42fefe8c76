"""Commands made of options that are data, and what they are called with."""

from pathlib import Path

import pytest
import typer

from rateloom.drivers.terminal.failures import plain_error_text, run_app
from rateloom.drivers.terminal.option import REQUIRED, Command, Option, add_command
from rateloom.drivers.terminal.options import TABLE, named, of_groups

OPTIONS = (
    Option("model", str, REQUIRED, "What is run.", metavar="MODEL", argument=True),
    Option("step", float, 0.5, "Length of a step."),
    Option("count", int, None, "How many."),
    Option("set_to", str, None, "A value.", flag="--set", metavar="NAME=VALUE", repeatable=True),
    Option("noise", bool, True, "With noise.", flag="--noise/--no-noise"),
    Option("overwrite", bool, False, "Replace what is there."),
    Option("out", Path, None, "Where to."),
)


def called_with(*words):
    """What a command was called with, and the exit status."""
    calls = []
    app = typer.Typer(add_completion=False, rich_markup_mode=None)
    add_command(app, Command("do", OPTIONS, calls.append, "Do it."))
    return calls, run_app(app, "do", words, plain_error_text)


def test_what_is_left_out_has_its_default():
    (line,), status = called_with("linear")
    assert status == 0
    assert line.values == {
        "model": "linear", "step": 0.5, "count": None, "set_to": None, "noise": True, "overwrite": False,
        "out": None,
    }  # fmt: skip
    assert line.typed == {"model": "model"}


def test_what_is_typed_is_known_in_the_order_of_the_table():
    words = [
        "--out",
        "a",
        "--set",
        "G=1",
        "--no-noise",
        "--set",
        "eta=2",
        "linear",
        "--count",
        "3",
        "--overwrite",
        "--step",
        "1e-2",
    ]
    (line,), status = called_with(*words)
    assert status == 0
    assert line.only("step", "count", "set_to") == {"step": 0.01, "count": 3, "set_to": ["G=1", "eta=2"]}
    assert line.only("noise", "overwrite", "out") == {"noise": False, "overwrite": True, "out": Path("a")}
    assert list(line.typed.items()) == [
        ("model", "model"), ("step", "--step"), ("count", "--count"), ("set_to", "--set"),
        ("noise", "--noise"), ("overwrite", "--overwrite"), ("out", "--out"),
    ]  # fmt: skip
    changed = line.changed(step=2.0, more=1)
    assert (changed["step"], changed["more"], changed["count"]) == (2.0, 1, 3)
    assert (line["step"], line.get("more", "absent")) == (0.01, "absent")


@pytest.mark.parametrize(
    ("words", "says"),
    [
        ([], "Missing argument 'MODEL'."),
        (["linear", "--step", "small"], "Invalid value for '--step': 'small' is not a number"),
        (["linear", "--count", "1.5"], "Invalid value for '--count': '1.5' is not a whole number"),
    ],
)
def test_what_cannot_be_read_is_one_line(words, says, capsys):
    calls, status = called_with(*words)
    assert (calls, status) == ([], 1)
    assert capsys.readouterr().err == f"do: error: {says} (see do --help)\n"


def test_the_help_text_has_the_kinds_of_values(capsys):
    called_with("--help")
    text = capsys.readouterr().out
    for line in ("MODEL", "--step NUMBER", "--count INTEGER", "--set NAME=VALUE", "--noise / --no-noise"):
        assert line in text
    assert "--no-overwrite" not in text


def test_options_are_taken_from_the_table_by_group_and_by_name():
    assert {option.group for option in TABLE} == {
        "sweep", "simulation", "monitor", "noise", "input", "backend", "bold", "keeping", "study", "output",
        "continuing",
    }  # fmt: skip
    assert [option.name for option in of_groups("output", "monitor")] == [
        "monitor", "period", "out", "plot", "overwrite",
    ]  # fmt: skip
    assert [option.declared for option in named("settings", "dt", "bold_dt", "calibrate")] == [
        "--set", "--dt", "--bold-dt", "--calibrate/--no-calibrate",
    ]  # fmt: skip
