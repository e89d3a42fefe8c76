"""A generated driver script: the model's parameters as options, and the results of the Python interface."""

import subprocess
import sys
from pathlib import Path

import numpy as np
import pytest
import xarray as xr

import rateloom
from rateloom.drivers.terminal.script import main

SETTINGS = {"connectome": "synthetic:5", "duration": 20.0, "dt": 0.5, "seed": 2, "dtype": "float64"}
OPTIONS = [part for name, value in SETTINGS.items() for part in (f"--{name}", str(value))]


@pytest.fixture
def kernels(tmp_path, monkeypatch):
    """The path of the description beside generated code, in an empty working folder."""
    monkeypatch.chdir(tmp_path)
    return rateloom.generate("linear", out=tmp_path / "generated")[-1]


def status(path, *arguments):
    with pytest.raises(SystemExit) as end:
        main(path, arguments)
    return end.value.code


def test_a_sweep_gives_what_the_python_interface_gives(kernels, capsys):
    assert status(kernels, *OPTIONS, "--gamma", "-0.2", "--sweep", "G=0,0.1", "--out", "s.zarr") == 0
    expected = rateloom.sweep("linear", {"G": [0.0, 0.1]}, parameters={"gamma": -0.2}, **SETTINGS)
    with xr.open_zarr("s.zarr") as written:
        np.testing.assert_array_equal(written["x"].values, expected["x"].values)
    assert "wrote s.png" in capsys.readouterr().out


def test_without_a_sweep_it_is_one_simulation(kernels):
    assert status(kernels, *OPTIONS, "--set", "gamma=-0.3") == 0
    with xr.open_zarr("linear_run.zarr") as written:
        assert written["x"].dims == ("time", "node")


def test_bold_signals_are_those_of_the_python_interface(kernels, capsys):
    rateloom.generate("balloon", out=kernels.parent.parent)
    given = ["--monitor", "bold", "--tr", "2ms", "--warm-up", "4ms", "--bold-set", "efficacy=0.5"]
    assert status(kernels, *OPTIONS, *given, "--sweep", "G=0,0.1", "--out", "s.zarr") == 0
    assert "; volumes: 8, of 10 samples" in capsys.readouterr().out
    bold = rateloom.BoldSettings(tr=2.0, warm_up=4.0, parameters={"efficacy": 0.5})
    expected = rateloom.sweep("linear", {"G": [0.0, 0.1]}, keep="bold", bold=bold, **SETTINGS)
    with xr.open_zarr("s.zarr") as written:
        np.testing.assert_array_equal(written["BOLD"].values, expected["BOLD"].values)
    # and so where --keep says it
    assert status(kernels, *OPTIONS, "--keep", "bold", *given[2:], "--out", "one.zarr") == 0
    with xr.open_zarr("one.zarr") as written:
        assert written["BOLD"].dims == ("time", "node")


@pytest.mark.parametrize(
    ("arguments", "message"),
    [
        (["--gamma", "x"], "not a number"),
        (["--gamma", "1", "--sweep", "gamma=0,1"], "both set and swept"),
        (["--keep", "all"], "keep='all' is unknown"),
        (["--monitor", "bold", "--tr", "5s"], "no volume would be left"),
        (["--keep", "measures"], "a driver keeps averages, bold or raw; rateloom sweep keeps measures"),
        (["--tr", "5s"], "--tr: no BOLD signals are made; ask for them with --monitor bold"),
        (
            ["--monitor", "bold", "--tr", "2ms"],
            "balloon.json is not there, and BOLD signals need it; generate",
        ),
        (["--sweep", "gama=0,1"], "did you mean 'gamma'?"),
        (["--nonsense"], "--nonsense"),
        (["--connectome", "tvb67"], "tvb67"),
        (["--gamma", "-1", "--set", "gamma=-1"], "'gamma' is given with --gamma and --set"),
        (["--threads", "two"], "'two' is not a whole number"),
        (["--out", "/dev/null/x.zarr"], "/dev/null is not a folder"),
        (["--plot", "x.gif"], "--plot x.gif"),
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


NAMES = ("help", "seed", "out", "duration", "sweep", "set", "input", "noise", "no-noise", "axes", "dt_")
CLASHING = """<Model name="clashing">
{parameters}
  <StateVariable name="x" initial="1"/>
  <Dynamics><TimeDerivative variable="x" value="-x + {total}"/></Dynamics>
</Model>"""


@pytest.fixture
def clashing(tmp_path, monkeypatch):
    """A driver of a model whose parameters are named like options."""
    monkeypatch.chdir(tmp_path)
    names = [name for name in NAMES if name.isidentifier()]
    parameters = "\n".join(f'<Parameter name="{name}" value="0"/>' for name in names)
    Path("clashing.xml").write_text(CLASHING.format(parameters=parameters, total=" + ".join(names)))
    return rateloom.generate("clashing.xml", out="generated")[-1]


def test_parameters_named_like_options_are_set_with_set(clashing, capsys):
    assert status(clashing, "--help") == 0
    text = " ".join(capsys.readouterr().out.split())
    assert "set with --set: help, seed, out, duration, sweep, set, input, noise." in text
    assert "--axes VALUE" in text
    assert "--dt_ VALUE" in text
    assert text.count("--seed") == 1
    given = ["--set", "help=0.5", "--set", "seed=0.25", "--sweep", "duration=1,2", "--axes", "0.125"]
    assert (
        status(clashing, *OPTIONS, *given, "--integrator", "euler", "--monitor", "raw", "--out", "c.zarr")
        == 0
    )
    with xr.open_zarr("c.zarr") as written:
        assert written.attrs["seed"] == 2
        assert written.attrs["duration"] == 20
        # one Euler step of 0.5 ms from 1
        first = 1 + 0.5 * (-1 + 0.5 + 0.25 + 0.125 + np.array([1.0, 2.0]))
        np.testing.assert_allclose(written["x"][:, 0, 0].values, first, rtol=1e-15)


def test_a_driver_whose_description_is_none_says_so(tmp_path):
    for text in ('{"model":', "[1]", '{"model": {}}', "null", "[" * 2000):
        (tmp_path / "x.json").write_text(text)
        assert "x.json is no description of a model" in status(tmp_path / "x.json", *OPTIONS)
    assert "cannot be read" in status(tmp_path / "none.json", *OPTIONS)


def test_a_driver_without_code_for_its_backend_says_so(kernels, capsys):
    kernels.with_name("linear_numba.py").unlink()
    assert status(kernels, *OPTIONS) == 1
    assert "linear_numba.py is not there; generate it with: rateloom generate" in capsys.readouterr().err


def test_a_driver_finds_wrong_values_before_it_imports_anything_slow(kernels):
    script = kernels.with_name("linear_driver.py")
    code = (
        "import runpy, sys\n"
        f"sys.argv = [{str(script)!r}, '--connectome', 'tvb76', '--sweep', 'g=0,1']\n"
        "try:\n"
        f"    runpy.run_path({str(script)!r}, run_name='__main__')\n"
        "except SystemExit as end:\n"
        "    print(end.code, [name for name in ('numba', 'xarray', 'scipy') if name in sys.modules])\n"
    )
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=False)
    assert done.stdout == "1 []\n"
    assert "did you mean 'G'" in done.stderr
