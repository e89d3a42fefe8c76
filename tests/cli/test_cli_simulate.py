"""What run and sweep hand to the Python interface, and what they refuse before any work."""

import numpy as np
import pytest

from rateloom import cli, simulation
from rateloom.drivers import plots


@pytest.fixture
def calls(monkeypatch, tmp_path):
    """Record calls of the interface instead of simulating; work in an empty folder."""
    made = []
    monkeypatch.chdir(tmp_path)

    def record(name):
        def call(*arguments, **options):
            made.append((name, arguments, options))
            return "result"

        return call

    for module, names in (
        (simulation, ["simulate", "sweep"]),
        (plots, ["plot_run", "plot_sweep", "plot_grid"]),
    ):
        for name in names:
            monkeypatch.setattr(module, name, record(name), raising=False)
    return made


DEFAULTS = {
    "connectome": "tvb76",
    "normalize": "max",
    "duration": 1000.0,
    "dt": 0.1,
    "integrator": "heun",
    "parameters": {},
    "initial": {},
    "inputs": {},
    "speed": 3.0,
    "monitor": "tavg",
    "period": 1.0,
    "seed": 0,
    "noise": True,
    "backend": "numba",
    "dtype": "float32",
    "threads": None,
}


def test_run_hands_over_the_defaults_and_draws(calls, capsys):
    assert cli.main(["run", "montbrio"]) == 0
    (simulate, (model,), options), (draw, (result, picture), _) = calls
    assert (simulate, draw, result) == ("simulate", "plot_run", "result")
    assert model.name == "montbrio"
    assert {name: options[name] for name in DEFAULTS} == DEFAULTS
    assert str(options["out"]) == "montbrio_run.zarr"
    assert str(picture) == "montbrio_run.png"
    assert capsys.readouterr().out == "wrote montbrio_run.zarr\nwrote montbrio_run.png\n"


def test_run_hands_over_every_option(calls, tmp_path):
    np.savetxt("values.csv", np.arange(4.0))
    given = (
        "run montbrio --connectome synthetic:4 --normalize row --duration 50 --dt 0.05 --integrator euler "
        "--set eta=@values.csv --set G=0.5 --initial r=0.1 --initial V=-2 --speed inf --monitor raw "
        "--period 2 --seed 7 --no-noise --input stimulus=@values.csv --backend numba --dtype float64 "
        "--threads 1 --out new/r.zarr --plot pictures/r.svg"
    )
    assert cli.main(given.split()) == 0
    (_, _, options), (_, (_, picture), _) = calls
    assert options["connectome"] == "synthetic:4"
    assert options["normalize"] == "row"
    assert (options["duration"], options["dt"], options["integrator"]) == (50.0, 0.05, "euler")
    np.testing.assert_array_equal(options["parameters"]["eta"], [0, 1, 2, 3])
    assert options["parameters"]["G"] == 0.5
    assert options["initial"] == {"r": 0.1, "V": -2.0}
    assert options["speed"] == np.inf
    assert (options["monitor"], options["period"]) == ("raw", 2.0)
    assert (options["seed"], options["noise"]) == (7, False)
    np.testing.assert_array_equal(options["inputs"]["stimulus"], [0, 1, 2, 3])
    assert (options["dtype"], options["threads"]) == ("float64", 1)
    assert str(options["out"]) == "new/r.zarr"
    assert str(picture) == "pictures/r.svg"
    assert (tmp_path / "new").is_dir()
    assert (tmp_path / "pictures").is_dir()


def test_sweep_hands_over_axes_memory_and_names(calls, capsys):
    axes = "--sweep G=0:1:3 --sweep eta=-5,-4.6 --sweep nsig=log:1e-9:1e-5:3"
    given = f"sweep montbrio {axes} --memory 4GB --keep raw"
    assert cli.main(given.split()) == 0
    (_, (model, axes), options), (heat, (_, heat_map), _), (grid, (_, series), _) = calls
    assert model.name == "montbrio"
    assert list(axes) == ["G", "eta", "nsig"]
    np.testing.assert_allclose(axes["G"], [0, 0.5, 1])
    np.testing.assert_allclose(axes["eta"], [-5, -4.6])
    np.testing.assert_allclose(axes["nsig"], [1e-9, 1e-7, 1e-5])
    assert {name: options[name] for name in DEFAULTS} == DEFAULTS
    assert (options["memory"], options["keep"], options["overwrite"]) == (4_000_000_000, "raw", False)
    assert (heat, grid) == ("plot_sweep", "plot_grid")
    assert [str(options["out"]), str(heat_map), str(series)] == [
        "montbrio_sweep.zarr",
        "montbrio_sweep.png",
        "montbrio_sweep_series.png",
    ]
    assert capsys.readouterr().out.splitlines() == [
        "wrote montbrio_sweep.zarr",
        "wrote montbrio_sweep.png",
        "wrote montbrio_sweep_series.png",
    ]


SWEEP = ["sweep", "montbrio", "--sweep", "G=0:1:3"]


@pytest.mark.parametrize(
    ("arguments", "says"),
    [
        (["run", "montbro"], "did you mean 'montbrio'"),
        (["run", "no/such.xml"], "no such model file: no/such.xml"),
        (["run", "montbrio", "--set", "eta"], "--set eta"),
        (["run", "montbrio", "--set", "eta=@none.csv"], "none.csv: cannot be read"),
        (["run", "montbrio", "--initial", "r=x"], "'x' is not a number"),
        (["run", "montbrio", "--input", "s=@none.csv"], "none.csv: cannot be read"),
        (["run", "montbrio", "--plot", "x.txt"], "ends in .png"),
        (["run", "montbrio", "--plot", "folder.png"], "is a folder"),
        (["sweep", "montbrio", "--sweep", "G"], "G=0:1:16"),
        (["sweep", "montbrio", "--sweep", "G=0:1:0"], "count"),
        ([*SWEEP, "--sweep", "G=1,2"], "given twice"),
        ([*SWEEP, "--memory", "lots"], "lots"),
        ([*SWEEP, "--memory", "0GB"], "0GB"),
        ([*SWEEP, "--out", "done.zarr"], "done.zarr exists already"),
        ([*SWEEP, "--out", "mine", "--overwrite"], "mine is not a Zarr store"),
        ([*SWEEP, "--out", "notes.txt", "--overwrite"], "notes.txt is not a Zarr store"),
    ],
)
def test_what_cannot_be_done_is_refused_before_any_work(arguments, says, calls, tmp_path, capsys):
    (tmp_path / "done.zarr").mkdir()
    (tmp_path / "done.zarr" / "zarr.json").write_text("{}")
    (tmp_path / "mine").mkdir()
    (tmp_path / "mine" / "thesis.tex").write_text("")
    (tmp_path / "notes.txt").write_text("")
    (tmp_path / "folder.png").mkdir()
    assert cli.main(arguments) == 1
    printed = capsys.readouterr()
    assert printed.err.startswith("rateloom: error: ")
    assert printed.err.count("\n") == 1
    assert says in printed.err
    assert calls == []


def test_a_store_is_replaced_when_asked(calls, tmp_path):
    (tmp_path / "done.zarr").mkdir()
    (tmp_path / "done.zarr" / "zarr.json").write_text("{}")
    assert cli.main([*SWEEP, "--out", "done.zarr", "--overwrite"]) == 0
    assert calls[0][2]["overwrite"] is True


def test_without_a_connectome_and_without_tvb_data_the_error_names_both_ways_out(calls, monkeypatch, capsys):
    monkeypatch.setattr("importlib.util.find_spec", lambda _name: None)
    assert cli.main(["run", "montbrio"]) == 1
    err = capsys.readouterr().err
    assert 'pip install "rateloom[data]"' in err
    assert "--connectome synthetic:76" in err
    assert calls == []
