"""`rateloom plot` and `rateloom.plot` on studies and stores: every kind of picture, and what is refused."""

import json
import shutil
import sqlite3

import numpy as np
import pytest
import xarray as xr
from command_line import error_of
from matplotlib.image import imread

import rateloom
from rateloom import cli
from rateloom.api.opening import opened
from rateloom.api.resimulation import simulate_items
from rateloom.drivers.pictures.measured import open_study, values_of
from rateloom.drivers.studies.plan_file import sealed
from rateloom.drivers.support.errors import InputError

HOW = {"connectome": "synthetic:6", "duration": 40.0, "dt": 0.1, "seed": 3, "dtype": "float64"}
AXES = {"G": [0.0, 0.05, 0.1], "speed": [2.0, 4.0]}
KINDS = ("maps", "series", "regions", "connectivity", "parallel")


@pytest.fixture(scope="module")
def made(tmp_path_factory):
    """A study, and a store of the same sweep."""
    folder = tmp_path_factory.mktemp("made")
    rateloom.sweep("linear", AXES, keep="measures", out=folder / "pilot", **HOW)
    rateloom.sweep("linear", AXES, out=folder / "series.zarr", **HOW)
    return folder


@pytest.fixture
def folder(made, tmp_path, monkeypatch):
    """A copy of them to work in."""
    shutil.copytree(made, tmp_path, dirs_exist_ok=True)
    monkeypatch.chdir(tmp_path)
    return tmp_path


@pytest.fixture
def partly(folder):
    """The study as it is while it runs: work items 1 and 2 are not there, and there are no arrays."""
    shutil.rmtree(folder / "pilot" / "measures.zarr")
    connection = sqlite3.connect(folder / "pilot" / "measures.sqlite")
    for table in ("work_items", "regions"):
        connection.execute(f"DELETE FROM {table} WHERE item IN (1, 2)")
    connection.commit()
    connection.close()
    return folder / "pilot"


def test_series_that_are_simulated_again_are_those_that_were_measured(folder):
    again = simulate_items(folder / "pilot", [5, 2])
    stored = xr.open_zarr(folder / "series.zarr")["x"].values.reshape(6, -1, 6)
    np.testing.assert_array_equal(again["x"].values, stored[[5, 2]])
    assert again["item"].values.tolist() == [5, 2]
    found = rateloom.measures(again, "synthetic:6")
    measured = xr.open_zarr(folder / "pilot" / "measures.zarr")
    for name in ("mean_FC_x", "varFCD_x", "corr_FC_SC_x", "std_x_all"):
        np.testing.assert_array_equal(found[name].values, measured[name].values.ravel()[[5, 2]])


@pytest.mark.parametrize(
    "kind",
    [kind if kind in ("maps", "series") else pytest.param(kind, marks=pytest.mark.slow) for kind in KINDS],
)
def test_every_kind_is_drawn_from_a_study_and_from_a_store(kind, folder, capsys):
    assert cli.main(["plot", "pilot", "--kind", kind]) == 0
    assert capsys.readouterr().out.endswith(f"wrote pilot_{kind}.png\n")
    assert imread(folder / f"pilot_{kind}.png").std() > 0.02
    assert len(rateloom.plot("series.zarr", kind).axes) == len(rateloom.plot("pilot", kind).axes)


def test_a_store_and_a_study_have_the_same_measures(folder):
    study, store = opened(folder / "pilot"), opened(folder / "series.zarr")
    held = {"speed": 1}
    for name in ("mean_FC_x", "std_x_all", "mean_x"):
        expected = values_of(study.measured(held), name, held)
        np.testing.assert_array_equal(values_of(store.measured(held), name, held), expected)
    # a store's values are compared with the connectome that its name still leads to
    assert store.results.measures["corr_FC_SC_x"] == study.results.measures["corr_FC_SC_x"]
    assert len(study.connectomes()) == 1


def test_what_is_there_of_a_study_that_runs_is_drawn(partly, capsys):
    results = open_study(partly)
    assert results.simulated.tolist() == [True, False, False, True, True, True]
    whole = values_of(results, "mean_FC_x", {})
    assert np.isnan(whole.values).tolist() == [[False, True], [True, False], [False, False]]
    regional = values_of(results, "mean_x", {"speed": 0})
    assert regional.shape == (3, 6)
    assert np.isnan(regional.values[1]).all() and np.isfinite(regional.values[[0, 2]]).all()
    for kind in KINDS:
        assert rateloom.plot(partly, kind).axes
    figure = rateloom.plot(partly, measures="mean_FC_x")
    assert "4 of 6 work items are done" in figure.get_suptitle()


def test_columns_that_were_added_to_the_tables_are_measures_too(folder):
    connection = sqlite3.connect(folder / "pilot" / "measures.sqlite")
    connection.execute("ALTER TABLE work_items ADD COLUMN fit_FC_rest_x REAL")
    connection.execute("UPDATE work_items SET fit_FC_rest_x = item / 10.0")
    connection.commit()
    connection.close()
    figure = rateloom.plot(folder / "pilot", "parallel", best=3)
    assert "the 3 work items with the highest fit_FC_rest_x" in figure.get_suptitle()
    values = rateloom.plot(folder / "pilot", measures=["fit_FC_rest_x"]).axes[0].collections[0].get_array()
    np.testing.assert_allclose(values, [[0, 0.2, 0.4], [0.1, 0.3, 0.5]])


def test_one_work_item_by_its_number_or_its_values(folder):
    for kind in ("series", "connectivity"):
        for given in ({"item": 3}, {"at": {"G": 0.051, "speed": 5}}):
            figure = rateloom.plot(folder / "pilot", kind, **given)
            assert "work item 3, G = 0.05 1/ms, speed = 4 mm/ms" in figure.get_suptitle()


@pytest.mark.parametrize(
    ("arguments", "says"),
    [
        (["none"], "none is not there; give what rateloom sweep wrote"),
        (["mine"], "mine is neither a study, a Zarr store nor a netCDF file (.nc)"),
        (["pilot", "--kind", "pie"], "kind='pie' is unknown; use one of maps, series, regions"),
        (["pilot", "--measure", "mean_fc_x"], "no measure 'mean_fc_x'; did you mean 'mean_FC_x'?"),
        (["pilot", "--x", "g"], "no axis 'g'; did you mean 'G'"),
        (["pilot", "--x", "G", "--y", "G"], "G is wanted twice"),
        (["pilot", "--at", "G"], "--at G: write it like --at G=0.5"),
        (["pilot", "--at", "G=1", "--at", "G=2"], "G is set twice"),
        (["pilot", "--at", "G=much"], "G='much': it must be a number"),
        (["pilot", "--item", "3"], "a picture of kind maps takes no item"),
        (["pilot", "--kind", "series", "--measure", "mean_FC_x"], "kind series takes no measures"),
        (["pilot", "--kind", "series", "--item", "6"], "item=6: pilot has the work items 0 to 5"),
        (["pilot", "--kind", "connectivity", "--item", "1", "--at", "G=0"], "not by both"),
        (["pilot", "--kind", "parallel", "--best", "0"], "best=0: it must be a whole number, at least 1"),
        (["pilot", "--kind", "parallel", "--by", "mean_x"], "measure mean_x has a value a region"),
        (["pilot", "--kind", "regions", "--measure", "mean_FC_x"], "mean_FC_x has one value a work item"),
        (["pilot", "--out", "x.bmp"], "the name of a picture ends in .png, .pdf or .svg"),
        (["pilot", "--out", "there.png"], "there.png exists already"),
    ],
)
def test_what_cannot_be_drawn_is_refused_in_a_line(arguments, says, folder, capsys):
    (folder / "mine").mkdir()
    (folder / "there.png").write_text("")
    there = sorted(path.name for path in folder.rglob("*"))
    assert says in error_of(["plot", *arguments], capsys)
    assert sorted(path.name for path in folder.rglob("*")) == there


def test_a_study_with_nothing_done_or_without_tables_is_refused(folder, capsys):
    shutil.rmtree(folder / "pilot" / "measures.zarr")
    connection = sqlite3.connect(folder / "pilot" / "measures.sqlite")
    connection.execute("DELETE FROM work_items")
    connection.commit()
    connection.close()
    assert "pilot: no work item is done yet; go on with: rateloom sweep --resume pilot" in error_of(
        ["plot", "pilot"], capsys
    )
    (folder / "pilot" / "measures.sqlite").unlink()
    assert "measures.sqlite is absent" in error_of(["plot", "pilot"], capsys)
    assert "/: neither a study nor a store" in error_of(["plot", "/"], capsys)
    (folder / "pilot" / "plan.json").write_text("{")
    assert "plan.json: cannot be read" in error_of(["plot", "pilot"], capsys)


def test_a_single_run_is_drawn_as_series_alone(folder, capsys):
    rateloom.simulate("linear", out="run.zarr", **HOW)
    assert "it is one simulation" in error_of(["plot", "run.zarr"], capsys)
    assert cli.main(["plot", "run.zarr", "--kind", "series"]) == 0
    # a store of measures has no series
    rateloom.measures(rateloom.simulate("linear", **HOW)).to_zarr("kept.zarr", zarr_format=2)
    with pytest.raises(InputError, match=r"kept\.zarr holds measures and no time series"):
        rateloom.plot("kept.zarr", "series")
    # with no measure of the whole brain, one of each region is averaged over them
    found = rateloom.measures(rateloom.sweep("linear", {"G": [0.0, 0.1]}, **HOW))[["diverged_step", "mean_x"]]
    found.to_zarr("regional.zarr", zarr_format=2)
    (line,) = rateloom.plot("regional.zarr").axes[0].lines
    np.testing.assert_allclose(line.get_ydata(), found["mean_x"].mean("node"))
    rateloom.report("regional.zarr", out="regional.html")


def test_kernels_other_than_the_studys_are_refused(folder):
    plan = folder / "pilot" / "plan.json"
    text = plan.read_text("utf-8")
    record = json.loads(text)
    record["variant"]["compiler"] = "another"
    plan.write_text(json.dumps(sealed(record)), "utf-8")
    with pytest.raises(
        InputError,
        match="would simulate other bits than were measured: compiler is 'another' there and 'numba",
    ):
        simulate_items(folder / "pilot", [5])


@pytest.mark.parametrize(
    ("arguments", "says"),
    [
        (["plot", "pilot", "--measure", "nope"], "no measure 'nope'"),
        (["plot", "pilot", "--x", "nope"], "no axis 'nope'"),
        (["plot", "pilot", "--at", "nope=1"], "no axis 'nope'"),
        (["plot", "pilot", "--kind", "parallel", "--by", "nope"], "no measure 'nope'"),
        (["report", "pilot", "--measure", "nope"], "no measure 'nope'"),
    ],
)
def test_a_wrong_name_is_said_before_a_picture_that_is_there(arguments, says, folder, capsys):
    for name in ("pilot_maps.png", "pilot_parallel.png", "pilot_report.html"):
        (folder / name).write_text("precious")
    assert cli.main(arguments) == 1
    assert says in capsys.readouterr().err
