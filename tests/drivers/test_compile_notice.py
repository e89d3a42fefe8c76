"""A line says where kernels are compiled, once, and none where they are found again."""

from __future__ import annotations

import numba
import pytest

from rateloom import cli
from rateloom.drivers.support.compile_notice import COMPILING, compiling_announced


def compiled(value: float, module: str) -> float:
    """Compile a function of a module anew, and call it."""

    def twice(x: float) -> float:
        return 2 * x

    twice.__module__ = module
    result: float = numba.njit(twice)(value)
    return result


def test_compiling_is_said_once_of_kernels_alone() -> None:
    lines: list[str] = []
    with compiling_announced(lines.append):
        assert compiled(1.0, "elsewhere.functions") == 2
        assert lines == []
        assert compiled(2.0, "rateloom_kernels_abc") == 4
        assert compiled(3.0, "rateloom_kernels_abc") == 6
    assert lines == [COMPILING]
    with compiling_announced(None):
        compiled(4.0, "rateloom_kernels_abc")
    compiled(5.0, "rateloom_kernels_abc")
    assert lines == [COMPILING]


def test_a_run_says_what_it_will_run(
    tmp_path: object, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.chdir(str(tmp_path))
    command = ["run", "linear", "--connectome", "synthetic:4", "--duration", "20", "--overwrite"]
    assert cli.main(command) == 0
    lines = capsys.readouterr().out.splitlines()
    assert lines[0] == "linear on synthetic:4, 4 nodes"
    assert lines[1].startswith("work items: 1 = one simulation")
    # the kernels are there now
    assert cli.main(command) == 0
    assert COMPILING not in capsys.readouterr().out
