"""The commands that make code."""

import subprocess
import sys
from pathlib import Path

import pytest
import xarray as xr
from command_line import error_of

from rateloom import cli
from rateloom.api.loading import shipped_models

FILES = ["linear.cu", "linear.json", "linear_driver.py", "linear_numba.py"]


@pytest.fixture(autouse=True)
def folder(tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    return tmp_path


def test_generate_writes_all_files_of_each_model(folder, capsys):
    assert cli.main(["generate", "linear", "montbrio", "linear", "--out", "made"]) == 0
    printed = sorted(line.removeprefix("wrote ") for line in capsys.readouterr().out.splitlines())
    written = sorted(str(path.relative_to(folder)) for path in folder.rglob("*.*"))
    assert printed == written
    assert [name.split("/")[-1] for name in printed[:4]] == FILES
    assert len(printed) == 8


def test_generate_all_makes_every_shipped_model(folder):
    assert cli.main(["generate", "--all", "--target", "numba"]) == 0
    written = sorted(path.name for path in (folder / "generated").rglob("*.*"))
    assert written == sorted(f"{name}{end}" for name in shipped_models() for end in (".json", "_numba.py"))


@pytest.mark.parametrize(
    ("arguments", "says"),
    [
        ([], "nothing to generate"),
        (["linear", "--target", "fortran"], "fortran"),
        (["linear", "montbro"], "did you mean 'montbrio'"),
        (["linear", "copy.xml"], "two of the files hold a model named 'linear'"),
        (["linear", "--out", "copy.xml"], "copy.xml"),
    ],
)
def test_what_cannot_be_generated_is_one_line_and_writes_nothing(arguments, says, folder, capsys):
    (folder / "copy.xml").write_text(shipped_models()["linear"].read_text())
    assert says in error_of(["generate", *arguments], capsys)
    assert [path.name for path in folder.iterdir()] == ["copy.xml"]


@pytest.mark.slow
@pytest.mark.parametrize("dtype", ["float32", "float64"])
def test_compile_prints_registers_and_spills(dtype, capsys):
    pytest.importorskip("cuda.bindings.nvrtc")
    assert cli.main(["compile", "linear", "--arch", "sm_80", "--arch", "sm_90", "--dtype", dtype]) == 0
    printed = capsys.readouterr()
    assert printed.err == ""
    rows = [line.replace("│", " ").split() for line in printed.out.splitlines() if " sm_" in line]
    assert {row[1] for row in rows} == {"sm_80", "sm_90"}
    assert all(0 < int(row[2]) <= 255 for row in rows)
    assert all(row[3:5] == ["0", "0"] for row in rows)


@pytest.mark.parametrize(
    ("arguments", "says"),
    [
        (["montbro"], "did you mean 'montbrio'"),
        (["linear", "--dtype", "half"], "half"),
        (["linear", "--arch", "sm_1"], "sm_1"),
        (["linear", "--arch", "sm_90 -v"], "sm_90 -v"),
    ],
)
def test_what_cannot_be_compiled_is_one_line(arguments, says, capsys):
    pytest.importorskip("cuda.bindings.nvrtc")
    assert says in error_of(["compile", *arguments], capsys)


@pytest.mark.slow
def test_the_kernels_of_a_scheme_with_kernels_of_its_own_are_written_and_run(monkeypatch, capsys):
    monkeypatch.setenv("MPLBACKEND", "Agg")
    assert cli.main(["generate", "linear", "--integrator", "heun_renewed", "--out", "own"]) == 0
    assert "predict_node" in Path("own/linear/linear_numba.py").read_text()
    run = ["--connectome", "synthetic:4", "--duration", "10", "--out", "a.zarr"]
    # a driver takes the scheme that its kernels have
    driver = [sys.executable, "own/linear/linear_driver.py"]
    subprocess.run([*driver, *run], check=True, capture_output=True)
    assert xr.open_zarr("a.zarr").attrs["integrator"] == "heun_renewed"
    done = subprocess.run(
        [*driver, *run, "--overwrite", "--integrator", "euler"], capture_output=True, text=True, check=False
    )
    assert (done.returncode, done.stderr.count("\n")) == (1, 1)
    assert "integrator='euler' is unknown; use one of heun_renewed" in done.stderr
    capsys.readouterr()
    assert cli.main(["generate", "linear", "--integrator", "rk5", "--out", "none"]) == 1
    assert "use one of euler, heun, rk4, heun_renewed" in capsys.readouterr().err
    assert not Path("none").exists()
