"""What run and sweep build of their options, and what they refuse before any work."""

import os
import subprocess
import sys

import numpy as np
import pytest
from command_line import error_of

from rateloom import cli
from rateloom.api import running
from rateloom.drivers.pictures import plots
from rateloom.drivers.planning.sample_times import settings_record
from rateloom.drivers.terminal.options import named
from rateloom.generator.schemes.registry import SCHEMES

RESULT = {"diverged_step": np.array(-1)}


@pytest.fixture
def calls(monkeypatch, tmp_path):
    """Record what would be simulated instead of doing so; work in an empty folder."""
    made = []
    monkeypatch.chdir(tmp_path)

    def record(name):
        def call(*arguments, **options):
            made.append((name, arguments, options))
            return RESULT

        return call

    for module, names in (
        (running, ["run_series", "run_sweep"]),
        (plots, ["plot_run", "plot_sweep", "plot_grid"]),
    ):
        for name in names:
            monkeypatch.setattr(module, name, record(name), raising=False)
    return made


DEFAULTS = {
    "duration": 1000.0,
    "dt": 0.1,
    "integrator": "heun",
    "speed": 3.0,
    "monitor": "tavg",
    "period": 1.0,
    "seed": 0,
    "noise": True,
    "backend": "numba",
    "dtype": "float32",
    "threads": None,
}
GIVEN = {"normalize": "max", "math": "fast", "parameters": {}, "initial": {}, "inputs": {}}


def fields_of(built, names):
    return {name: getattr(built, name) for name in names}


def settings_of(setup):
    record = settings_record(setup.settings, setup.samples)
    return {name: record[name] for name in DEFAULTS}


def test_run_hands_over_the_defaults_and_draws(calls, capsys):
    assert cli.main(["run", "montbrio"]) == 0
    (simulate, (setup, _, destination), _), (draw, (result, picture), _) = calls
    assert (simulate, draw) == ("run_series", "plot_run")
    assert result is RESULT
    assert setup.connectome.name == "tvb76"
    assert setup.model.name == "montbrio"
    assert settings_of(setup) == DEFAULTS
    assert fields_of(setup, GIVEN) == GIVEN
    assert str(destination.out) == "montbrio_run.zarr"
    assert str(picture) == "montbrio_run.png"
    assert capsys.readouterr().out == "wrote montbrio_run.zarr\nwrote montbrio_run.png\n"


def test_run_hands_over_every_option(calls, tmp_path):
    np.savetxt("values.csv", np.arange(4.0))
    given = (
        "run montbrio --connectome synthetic:4 --normalize row --duration 50 --dt 0.05 --integrator euler "
        "--set eta=@values.csv --set G=0.5 --initial r=0.1 --initial V=-2 --speed inf --monitor raw "
        "--period 2 --seed 7 --no-noise --backend numba --dtype float64 "
        "--threads 1 --out new/r.zarr --plot pictures/r.svg"
    )
    assert cli.main(given.split()) == 0
    (_, (setup, _, destination), _), (_, (_, picture), _) = calls
    assert setup.connectome.name == "synthetic:4"
    # not normalized yet: the sum of a row is not 1
    assert not np.allclose(setup.connectome.weights.sum(axis=1), 1)
    assert setup.normalize == "row"
    np.testing.assert_array_equal(setup.parameters["eta"], [0, 1, 2, 3])
    assert setup.parameters["G"] == 0.5
    assert setup.initial == {"r": 0.1, "V": -2.0}
    s = setup.settings
    assert (s.duration, s.dt, s.integrator) == (50.0, 0.05, "euler")
    assert s.speed == np.inf
    assert (setup.samples.monitor, setup.samples.period, setup.bold) == ("raw", 2.0, None)
    assert (s.seed, s.noise) == (7, False)
    assert (s.dtype, s.threads) == ("float64", 1)
    assert str(destination.out) == "new/r.zarr"
    assert str(picture) == "pictures/r.svg"
    assert not (tmp_path / "new").exists()  # made when the store is


def test_sweep_hands_over_axes_memory_and_names(calls, capsys):
    axes = "--sweep G=0:1:3 --sweep eta=-5,-4.6 --sweep nsig=log:1e-9:1e-5:3"
    given = f"sweep montbrio {axes} --memory 4GB --keep raw"
    assert cli.main(given.split()) == 0
    (_, (setup, keep, run, destination), _), (heat, (_, heat_map), _), (grid, (_, series), _) = calls
    assert setup.model.name == "montbrio"
    axes = {axis.name: axis.values for axis in setup.grid.axes}
    assert list(axes) == ["G", "eta", "nsig"]
    np.testing.assert_allclose(axes["G"], [0, 0.5, 1])
    np.testing.assert_allclose(axes["eta"], [-5, -4.6])
    np.testing.assert_allclose(axes["nsig"], [1e-9, 1e-7, 1e-5])
    assert settings_of(setup) == DEFAULTS | {"monitor": "raw"}
    assert fields_of(setup, GIVEN) == GIVEN
    assert (run.memory, keep.kind, destination.overwrite) == (4_000_000_000, "raw", False)
    assert (heat, grid) == ("plot_sweep", "plot_grid")
    assert [str(destination.out), str(heat_map), str(series)] == [
        "montbrio_sweep.zarr",
        "montbrio_sweep.png",
        "montbrio_sweep_series.png",
    ]
    assert capsys.readouterr().out.splitlines() == [
        "wrote montbrio_sweep.zarr",
        "wrote montbrio_sweep.png",
        "wrote montbrio_sweep_series.png",
    ]


SWEEP = ["sweep", "montbrio", "--keep", "averages", "--sweep", "G=0:1:3"]


@pytest.mark.parametrize(
    ("arguments", "says"),
    [
        (["run", "montbro"], "did you mean 'montbrio'"),
        (["run", "no/such.xml"], "no such model file: no/such.xml"),
        (["run", "montbrio", "--set", "eta"], "--set eta"),
        (["run", "montbrio", "--set", "eta=@none.csv"], "none.csv: cannot be read"),
        (["run", "montbrio", "--initial", "r=x"], "'x' is not a number"),
        (["run", "montbrio", "--input", "s=@none.csv"], "none.csv: cannot be read"),
        (["run", "montbrio", "--connectome", ""], "connectome ''"),
        (["run", "montbrio", "--plot", "x.txt"], "ends in .png"),
        (["run", "montbrio", "--plot", "folder.png"], "is a folder"),
        (["sweep", "montbrio", "--sweep", "G"], "G=0:1:16"),
        (["sweep", "montbrio", "--sweep", "G=0:1:0"], "count"),
        ([*SWEEP, "--sweep", "G=1,2"], "given twice"),
        ([*SWEEP, "--memory", "lots"], "lots"),
        ([*SWEEP, "--memory", "0GB"], "0GB"),
        ([*SWEEP, "--out", "done.zarr"], "done.zarr exists already"),
        ([*SWEEP, "--out", "mine", "--overwrite"], "mine: a folder that is not a Zarr store"),
        ([*SWEEP, "--out", "notes.txt", "--overwrite"], "notes.txt: a file of that name is in the way"),
        ([*SWEEP, "--out", "notes.txt/a.zarr"], "notes.txt is not a folder"),
        ([*SWEEP, "--plot", "notes.txt/a.png"], "notes.txt is not a folder"),
        ([*SWEEP, "--plot", "done.zarr/../there_series.png"], "done.zarr/../there_series.png exists already"),
        ([*SWEEP, "--plot", "there.png"], "there_series.png exists already"),
        ([*SWEEP, "--out", "a.png", "--plot", "a.png"], "a.png: results are not written as .png"),
        (["run", "montbrio", "--out", "new.zarr", "--plot", "new.zarr/a.png"], "lies in --out new.zarr"),
        (["sweep", "montbrio", "--sweep", "G=-1e308:1e308:3"], "too far apart to count between them"),
        ([*SWEEP, "--memory=-4GB"], "-4GB"),
        (["sweep", "montbrio", "--sweep", "g=0,1"], "did you mean 'G'"),
        (["run", "montbrio", "--threads", "two"], "'--threads': 'two' is not a whole number"),
        (["run", "montbrio", "--seed", "1.5"], "'--seed': '1.5' is not a whole number"),
        (["run", "montbrio", "--dt", "small"], "'--dt': 'small' is not a number"),
        (["run", "montbrio", "--input", "stimulus=1"], "no input 'stimulus'"),
    ],
)
def test_what_cannot_be_done_is_refused_before_any_work(arguments, says, calls, tmp_path, capsys):
    (tmp_path / "done.zarr").mkdir()
    (tmp_path / "done.zarr" / "zarr.json").write_text("{}")
    (tmp_path / "mine").mkdir()
    (tmp_path / "mine" / "thesis.tex").write_text("")
    (tmp_path / "notes.txt").write_text("")
    (tmp_path / "folder.png").mkdir()
    (tmp_path / "there_series.png").write_text("")
    assert says in error_of(arguments, capsys)
    assert calls == []


def test_a_store_is_replaced_when_asked(calls, tmp_path):
    (tmp_path / "done.zarr").mkdir()
    (tmp_path / "done.zarr" / "zarr.json").write_text("{}")
    assert cli.main([*SWEEP, "--out", "done.zarr", "--overwrite"]) == 0
    assert calls[0][1][-1].overwrite is True


def test_without_a_connectome_and_without_tvb_data_the_error_names_both_ways_out(calls, monkeypatch, capsys):
    monkeypatch.setattr("importlib.util.find_spec", lambda _name: None)
    assert cli.main(["run", "montbrio"]) == 1
    err = capsys.readouterr().err
    assert 'pip install "rateloom[data]"' in err
    assert "--connectome synthetic:76" in err
    assert calls == []


@pytest.mark.parametrize(
    "arguments",
    [
        ["--dt", "0"],
        ["--threads", "two"],
        ["--threads", "0"],
        ["--monitor", "fmri"],
        ["--normalize", "most"],
        ["--set", "eta=x"],
        ["--plot", "a.txt"],
        ["--out", "/dev/null/a.zarr"],
        ["--sweep", "G=0:1"],
        ["--memory", "lots"],
        ["--keep", "all"],
    ],
)
def test_a_wrong_value_is_found_before_anything_slow_is_imported(arguments, tmp_path):
    slow = ("numba", "xarray", "zarr", "matplotlib", "scipy", "sympy")
    code = (
        "import sys\n"
        "from rateloom import cli\n"
        f"status = cli.main(['sweep', 'montbrio', '--sweep', 'eta=-5,-4', *{arguments}])\n"
        f"print(status, [name for name in {slow} if name in sys.modules])\n"
    )
    done = subprocess.run(
        [sys.executable, "-c", code], capture_output=True, text=True, check=False, cwd=tmp_path
    )
    assert done.stdout == "1 []\n", done.stderr


@pytest.mark.parametrize(
    "arguments",
    [
        ["--set", "gama=1"],
        *(
            pytest.param(a, marks=pytest.mark.slow)
            for a in (["--integrator", "leapfrog"], ["--sweep", "g=0,1"], ["--initial", "y=1"])
        ),
    ],
)  # fmt: skip
def test_a_wrong_name_is_found_before_a_kernel_is_made(arguments, tmp_path):
    code = (
        "import sys\n"
        "from rateloom import cli\n"
        f"given = ['sweep', 'linear', '--connectome', 'tvb76', '--sweep', 'nsig=0,1', *{arguments}]\n"
        "status = cli.main(given)\n"
        "print(status, [name for name in ('numba', 'xarray', 'zarr', 'matplotlib') if name in sys.modules])\n"
    )
    done = subprocess.run(
        [sys.executable, "-c", code], capture_output=True, text=True, check=False, cwd=tmp_path
    )
    assert done.stdout == "1 []\n", done.stderr


@pytest.mark.skipif(os.geteuid() == 0, reason="root may write anywhere")
def test_a_folder_that_is_closed_is_refused(calls, tmp_path, capsys):
    (tmp_path / "closed").mkdir(mode=0o500)
    assert cli.main([*SWEEP, "--out", "closed/new/a.zarr"]) == 1
    assert "cannot be written to" in capsys.readouterr().err
    assert calls == []


def test_help_names_every_integration_scheme():
    (option,) = named("integrator")
    assert set(SCHEMES) <= set(option.help.replace(",", "").split())
