"""A generated driver script: the model's parameters as options, and the results of the Python interface."""

import subprocess
import sys

import numpy as np
import pytest
import xarray as xr

import rateloom
from rateloom.drivers.script import main

SETTINGS = {"connectome": "synthetic:5", "duration": 20.0, "dt": 0.5, "seed": 2, "dtype": "float64"}
OPTIONS = [part for name, value in SETTINGS.items() for part in (f"--{name}", str(value))]


@pytest.fixture
def kernels(tmp_path, monkeypatch):
    """The path of a generated Numba module, in an empty working folder."""
    monkeypatch.chdir(tmp_path)
    return rateloom.generate("linear", out=tmp_path / "generated")[0]


def status(path, *arguments):
    with pytest.raises(SystemExit) as end:
        main(path, arguments)
    return end.value.code


def test_a_sweep_gives_what_the_python_interface_gives(kernels, capsys):
    assert status(kernels, *OPTIONS, "--gamma", "-0.2", "--sweep", "G=0,0.1", "--out", "s.zarr") == 0
    expected = rateloom.sweep("linear", {"G": [0.0, 0.1]}, parameters={"gamma": -0.2}, **SETTINGS)
    with xr.open_zarr("s.zarr") as written:
        np.testing.assert_array_equal(written["x"].values, expected["x"].values)
    assert "wrote linear_sweep.png" in capsys.readouterr().out


def test_without_a_sweep_it_is_one_simulation(kernels):
    assert status(kernels, *OPTIONS, "--set", "gamma=-0.3") == 0
    with xr.open_zarr("linear_run.zarr") as written:
        assert written["x"].dims == ("time", "node")


@pytest.mark.parametrize(
    ("arguments", "message"),
    [
        (["--gamma", "x"], "not a number"),
        (["--gamma", "1", "--sweep", "gamma=0,1"], "both set and swept"),
        (["--keep", "all"], "keep='all' is unknown"),
        (["--sweep", "gama=0,1"], "did you mean 'gamma'?"),
        (["--nonsense"], "--nonsense"),
        (["--connectome", "tvb67"], "tvb67"),
    ],
)
def test_bad_arguments_are_one_line_and_status_1(kernels, capsys, arguments, message):
    assert status(kernels, *OPTIONS, *arguments) == 1
    lines = capsys.readouterr().err.splitlines()
    assert len(lines) == 1
    assert lines[0].startswith("linear_driver.py: error: ")
    assert message in lines[0]


def test_the_script_itself_runs(kernels):
    script = kernels.with_name("linear_driver.py")
    run = subprocess.run([sys.executable, script, "--help"], capture_output=True, text=True, check=False)
    assert run.returncode == 0
    assert "--gamma VALUE" in run.stdout
