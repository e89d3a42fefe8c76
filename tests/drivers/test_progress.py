import io
import time

import pytest
from rich.console import Console

from rateloom.drivers.support import progress
from rateloom.drivers.support.progress import format_count, progress_bar


def terminal():
    return Console(file=io.StringIO(), force_terminal=True, width=120)


def run(console, seconds, enabled=None):
    with progress_bar(1000, "simulating", "node-steps", enabled, console) as advance:
        advance(400)
        time.sleep(seconds)
        advance(600)
    return console.file.getvalue()


def test_shows_rate_and_times_on_a_terminal(monkeypatch):
    monkeypatch.setattr(progress, "_PATIENCE", 0.01)
    shown = run(terminal(), 0.2)
    assert "simulating" in shown
    assert "100%" in shown
    assert "k node-steps/s" in shown
    assert "left" in shown


def test_is_silent_when_short_or_not_a_terminal_or_switched_off(monkeypatch):
    assert run(terminal(), 0.0) == ""
    monkeypatch.setattr(progress, "_PATIENCE", 0.01)
    assert run(Console(file=io.StringIO(), force_terminal=False), 0.05) == ""
    assert run(terminal(), 0.05, enabled=False) == ""


def test_errors_pass_and_the_terminal_is_left_clean(monkeypatch):
    monkeypatch.setattr(progress, "_PATIENCE", 0.01)
    console = terminal()
    with pytest.raises(RuntimeError, match="inside"), progress_bar(10, "x", "steps", console=console):
        time.sleep(0.05)
        raise RuntimeError("inside")
    # The cursor, hidden while the bar is live, is shown again.
    assert console.file.getvalue().rstrip().endswith("\x1b[?25h")


@pytest.mark.parametrize(
    ("number", "text"),
    [(0, "0"), (999, "999"), (999.6, "1 k"), (12_345_678, "12.3 M"), (1.18e8, "118 M"), (2.5e10, "25 G")],
)
def test_counts(number, text):
    assert format_count(number) == text
