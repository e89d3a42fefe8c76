"""What a command says when it ends in an error."""

from __future__ import annotations

from collections.abc import Sequence

import pytest

from rateloom import cli


def error_of(arguments: Sequence[str], capsys: pytest.CaptureFixture[str]) -> str:
    """The one line that a command that fails ends with."""
    assert cli.main(arguments) == 1
    error = capsys.readouterr().err
    assert error.startswith("rateloom: error: ") and error.count("\n") == 1, error
    return error
