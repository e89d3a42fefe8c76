"""Connectomes of subjects as an axis on the command line, and where they are named after it."""

import csv
from pathlib import Path

import numpy as np
import pytest
import xarray as xr
from command_line import error_of
from small_sweep import HOW, OPTIONS

import rateloom
from rateloom import cli
from rateloom.api.opening import connectome_of_item, opened
from rateloom.api.report_data import report_data
from rateloom.api.sweep_pictures import plot
from rateloom.drivers.pictures.measured import values_of

ALONE = {name: value for name, value in HOW.items() if name != "connectome"}
OF_SUBJECTS = ["sweep", "linear", *OPTIONS[2:], "--sweep", "G=0:0.1:3"]
NAMES = ["sub-01", "sub-02"]


@pytest.fixture
def cohort(folder):
    """Folders of subjects, as a data set has them, with a file of one name in each, and one without order."""
    for k, name in enumerate(NAMES, start=1):
        brain = rateloom.connectome(f"synthetic:6:{k}", "none")
        arrays = {"weights": brain.weights, "tract_lengths": brain.tract_lengths}
        Path("data", name).mkdir(parents=True)
        np.savez(Path("data", name, "sc.npz"), **arrays)
        np.savez(Path("data", f"{name}.npz"), **arrays)
        np.savetxt(Path("data", f"{name}_w.csv"), brain.weights, delimiter=",")
        np.savetxt(Path("data", f"{name}_l.csv"), brain.tract_lengths, delimiter=",")
    Path("subjects.txt").write_text("# pairs\ndata/sub-01_w.csv,data/sub-01_l.csv\ndata/sub-02.npz\n")
    return folder


@pytest.mark.parametrize(
    ("given", "names"),
    [
        ("data/sub-01.npz,data/sub-02.npz", NAMES),
        pytest.param("data/sub-??.npz", NAMES, marks=pytest.mark.slow),
        pytest.param("data/*/sc.npz", ["sub-01/sc", "sub-02/sc"], marks=pytest.mark.slow),
        ("@subjects.txt", ["sub-01_w", "sub-02"]),
    ],
)
def test_lists_patterns_and_files_name_subjects(given, names, cohort, capsys):
    assert cli.main([*OF_SUBJECTS, "--sweep", f"connectome={given}", "--out", "s.zarr"]) == 0
    assert "linear on 2 connectomes, 6 nodes" in capsys.readouterr().out
    with xr.open_zarr("s.zarr") as found:
        assert found["connectome"].values.tolist() == names
        for place, name in enumerate(NAMES):
            expected = rateloom.sweep("linear", {"G": [0, 0.05, 0.1]}, connectome=f"data/{name}.npz", **ALONE)
            np.testing.assert_array_equal(found["x"][:, place].values, expected["x"].values)


@pytest.mark.parametrize(
    ("given", "says"),
    [
        ("data/none-*.npz", "no file fits 'data/none-*.npz'"),
        ("@none.txt", "'none.txt' cannot be read (No such file or directory)"),
        ("@data", "'data' cannot be read"),
        ("@empty.txt", "empty.txt lists no connectomes; write one a line"),
        ("data/sub-01_w.csv,data/sub-01_l.csv", "list pairs WEIGHTS,LENGTHS in a file"),
        ("data/sub-01.npz,", "a name is empty"),
        ("data/sub-01.npz,nobody.zip", "'nobody.zip': no such file or name"),
        ("data/sub-01.npz,data/sub-01/sc.npz", "have the same weights and lengths"),
        ("1,2", "numbers are no connectomes"),
        ("0:1:3", "numbers are no connectomes"),
    ],
)
def test_what_names_no_subjects_is_refused(given, says, cohort, capsys):
    Path("empty.txt").write_text("\n# nobody\n")
    assert says in error_of([*OF_SUBJECTS, "--sweep", f"connectome={given}", "--out", "s"], capsys)
    assert not Path("s").exists()


def test_one_connectome_or_an_axis_of_them(folder, capsys):
    axis = ["--sweep", "connectome=synthetic:6:1,synthetic:6:2"]
    error = error_of([*OF_SUBJECTS, *axis, "--connectome", "synthetic:6"], capsys)
    assert "--connectome and --sweep connectome=: leave one of them out" in error
    assert "given twice" in error_of([*OF_SUBJECTS, *axis, *axis], capsys)


def test_a_study_of_subjects_names_them(cohort, capsys):
    axis = ["--sweep", "connectome=data/sub-??.npz"]
    command = [*OF_SUBJECTS, *axis, "--measures", "connectivity,moments", "--out", "cohort"]
    assert cli.main(command) == 0
    for path in Path("data").glob("*.npz"):
        path.unlink()  # the plan has them
    assert cli.main(["sweep", "--resume", "cohort"]) == 0
    assert cli.main(["query", "cohort", "--csv", "rows.csv"]) == 0
    with Path("rows.csv").open() as stream:
        rows = list(csv.DictReader(stream))
    assert [row["connectome"] for row in rows] == NAMES * 3
    for kind in ("maps", "series", "regions", "parallel", "connectivity"):
        held = [] if kind == "parallel" else ["--at", "connectome=sub-02"]
        assert cli.main(["plot", "cohort", "--kind", kind, *held]) == 0
    error = error_of(["plot", "cohort", "--at", "connectome=sub-03", "--out", "x.png"], capsys)
    assert "cohort has no connectome 'sub-03'" in error
    figure = plot("cohort", x="connectome", y="G", measures="mean_FC_x")
    assert [text.get_text() for text in figure.axes[0].get_xticklabels()] == NAMES
    source = opened(Path("cohort"))
    assert connectome_of_item(source, 3).name == "data/sub-02.npz"
    data = report_data(source, source.results, ["mean_FC_x"], [0])
    assert data["axes"][1]["names"] == NAMES and data["weights"] is None


def test_best_fits_name_their_subjects(cohort, capsys):
    np.save("fc.npy", np.corrcoef(np.random.default_rng(0).normal(size=(6, 40))))
    axis = ["--sweep", "connectome=data/sub-??.npz", "--fc", "rest=fc.npy"]
    assert cli.main(["fit", *OF_SUBJECTS[1:], *axis, "--out", "fitted"]) == 0
    assert "sub-01" in capsys.readouterr().out
    with Path("fitted_best.csv").open() as stream:
        best = list(csv.DictReader(stream))
    assert {row["connectome"] for row in best} == set(NAMES)
    subjects = {"connectome": [f"data/{name}.npz" for name in NAMES], "G": [0, 0.05, 0.1]}
    found = rateloom.fit("linear", subjects, fc={"rest": "fc.npy"}, **ALONE)
    assert found.best["connectome"].tolist() == [row["connectome"] for row in best]
    np.testing.assert_allclose(found.best["score"], [float(row["score"]) for row in best], rtol=1e-12)


@pytest.mark.slow
def test_a_store_of_subjects_is_drawn_as_their_study_is(folder):
    axis = ["--sweep", "connectome=synthetic:6:1,synthetic:6:2"]
    assert cli.main([*OF_SUBJECTS, *axis, "--out", "s.zarr"]) == 0
    assert cli.main([*OF_SUBJECTS, *axis, "--measures", "mean_FC,corr_FC_SC", "--out", "cohort"]) == 0
    store, study = opened(Path("s.zarr")), opened(Path("cohort"))
    for held in ({}, {"connectome": 1}):
        found, expected = (
            values_of(source.measured(held), "corr_FC_SC_x", held).values for source in (store, study)
        )
        # made in one pass, or of whole series: to rounding
        np.testing.assert_allclose(found, expected, rtol=0, atol=1e-12)
    assert connectome_of_item(store, 1).name == "synthetic:6:2"
    assert plot("s.zarr", x="connectome", y="G", measures="mean_FC_x").axes
