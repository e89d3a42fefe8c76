"""Times and speeds on a command line: numbers with a unit or without, or one line that says what is."""

from __future__ import annotations

from fractions import Fraction
from pathlib import Path

import pytest
from command_line import error_of
from hypothesis import given
from hypothesis import strategies as st

from rateloom import cli
from rateloom.drivers.terminal.quantities import UNITS, has_unit, quantity_of

MILLISECONDS = {"us": Fraction(1, 1000), "ms": 1, "s": 1000, "min": 60_000, "h": 3_600_000}


@given(
    st.decimals(-1000, 1000, places=4),
    st.sampled_from(sorted(MILLISECONDS)),
    st.sampled_from(["", " ", "  "]),
)
def test_a_time_is_the_double_nearest_to_what_is_written(number, unit, space):
    assert quantity_of(f"{number}{space}{unit}", "ms") == float(Fraction(number) * MILLISECONDS[unit])
    assert quantity_of(f" {number} ", "ms") == float(number)


@pytest.mark.parametrize(
    ("text", "value"),
    [
        ("3", 3),
        ("3m/s", 3),
        ("1e-999999999m/s", 0),
        ("1e999999999 mm/ms", float("inf")),
        ("2.5 mm/ms", 2.5),
        ("inf", float("inf")),
        ("infm/s", float("inf")),
    ],
)
def test_speeds(text, value):
    assert quantity_of(text, "mm/ms") == value
    assert has_unit(text, "mm/ms") == text.endswith("s")


@pytest.mark.parametrize("text", ["1e-999999999s", "-1e-999999999 h", "0us"])
def test_what_is_nearly_nothing_is_nothing_at_once(text):
    assert quantity_of(text, "ms") == 0


@given(st.text(max_size=50))
def test_any_text_is_a_number_or_refused_in_one_line(text):
    for unit in UNITS:
        try:
            assert isinstance(quantity_of(text, unit), float)
        except ValueError as error:
            assert f"is not a number in {unit}, nor one with a unit (" in str(error)
            assert "\n" not in str(error) and len(str(error)) < 400


@pytest.mark.parametrize("text", ["s", "5 parsec", "2 s s", "1e400s", "0x10ms", "1_0 s", "2m", "³s"])
def test_what_is_no_time_is_refused_or_infinite(text):
    try:
        assert quantity_of(text, "ms") in (float("inf"), 10_000)
    except ValueError as error:
        assert "nor one with a unit (us, ms, s, min, h)" in str(error)


def test_commands_take_units(tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys) -> None:
    import xarray as xr

    monkeypatch.chdir(tmp_path)
    run = ["run", "linear", "--connectome", "synthetic:4", "--dtype", "float64"]
    assert cli.main([*run, "--duration", "0.02s", "--dt", "500us", "--speed", "2m/s", "--out", "a.zarr"]) == 0
    assert cli.main([*run, "--duration", "20", "--dt", "0.5", "--speed", "2", "--out", "b.zarr"]) == 0
    with xr.open_zarr("a.zarr") as one, xr.open_zarr("b.zarr") as other:
        xr.testing.assert_identical(one.load(), other.load())
        assert one.attrs["dt"] == 0.5
    capsys.readouterr()
    assert "'--dt': '1 parsec' is not a number in ms" in error_of([*run, "--dt", "1 parsec"], capsys)


@pytest.mark.parametrize(
    "command", [["run", "linear", "--monitor", "bold"], ["fit", "linear", "--sweep", "G=0,1"]]
)
def test_a_repetition_time_of_seconds_is_asked_for(command, tmp_path, monkeypatch, capsys):
    monkeypatch.chdir(tmp_path)
    said = error_of([*command, "--tr", "2"], capsys)
    assert "'--tr': 2 is 2 ms; if that is meant, write 2ms, else 2s" in said
    assert list(tmp_path.iterdir()) == []
