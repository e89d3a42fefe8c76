"""Commands with data of one's own: values by region, pairs of weights and lengths, other lengths."""

import numpy as np
import pandas as pd
import pytest
import xarray as xr

from rateloom import cli

NAMES = ["left hip", "b", "c", "d"]
WEIGHTS = np.random.default_rng(0).uniform(size=(4, 4)) * (1 - np.eye(4))
LENGTHS = 100 * WEIGHTS
RUN = ["run", "linear", "--duration", "10", "--no-noise", "--initial", "x=@start.csv"]


@pytest.fixture(autouse=True)
def folder(tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    pd.DataFrame(WEIGHTS, NAMES, NAMES).to_csv("w.csv")
    pd.DataFrame(LENGTHS / 1000, NAMES, NAMES).to_csv("l.csv")
    np.savez("plain.npz", weights=WEIGHTS, tract_lengths=LENGTHS, labels=NAMES)
    pd.DataFrame({"label": NAMES[::-1], "value": [-0.4, -0.3, -0.2, -0.1]}).to_csv("map.csv", index=False)
    np.savetxt("map.txt", [-0.1, -0.2, -0.3, -0.4])
    (tmp_path / "start.csv").write_text("d,c,b,left hip\n4,3,2,1\n")
    return tmp_path


def values(*arguments):
    assert cli.main([*RUN, *arguments, "--out", "one.zarr", "--overwrite"]) == 0
    return xr.open_zarr("one.zarr")["x"].values


def test_values_by_region_and_lengths_in_metres():
    by_name = values("--connectome", "w.csv,l.csv", "--lengths", "m", "--set", "gamma=@map.csv")
    in_order = values("--connectome", "plain.npz", "--set", "gamma=@map.txt")
    np.testing.assert_array_equal(by_name, in_order)
    assert np.all(np.diff(by_name[0]) > 0)  # 1, 2, 3 and 4 after a step


@pytest.mark.slow
def test_no_lengths_are_no_delays():
    np.testing.assert_array_equal(
        values("--connectome", "w.csv", "--lengths", "none"),
        values("--connectome", "plain.npz", "--speed", "inf"),
    )


def test_metres_taken_for_mm_are_warned_of(capsys):
    values("--connectome", "w.csv,l.csv")
    warning = capsys.readouterr().err
    assert "every delay is 0 steps" in warning and "take --lengths m or cm" in warning


@pytest.mark.parametrize(
    ("arguments", "says"),
    [
        (["--connectome", "w.csv"], "weights alone; give lengths as well"),
        (["--connectome", "w.csv,l.csv", "--lengths", "km"], "lengths='km' is unknown"),
        (["--connectome", "w.csv,l.csv", "--set", "gamma=@short.csv"], "region d is absent from them"),
        (["--connectome", "plain.npz", "--lengths", "centres"], "but it has no centres"),
    ],
)
def test_errors_are_one_line(folder, capsys, arguments, says):
    (folder / "short.csv").write_text("label,value\nleft hip,1\nb,2\nc,3\nelse,4\n")
    before = sorted(folder.iterdir())
    assert cli.main([*RUN, *arguments]) == 1
    error = capsys.readouterr().err
    assert says in error and error.count("\n") == 1
    assert sorted(folder.iterdir()) == before
