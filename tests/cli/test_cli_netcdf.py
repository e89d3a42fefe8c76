"""Results as netCDF files: the same numbers and settings as in a store, read by what reads stores."""

import numpy as np
import pytest
import xarray as xr

import rateloom
from rateloom import cli
from rateloom.drivers.results import result_files
from rateloom.drivers.results.result_files import open_result, write_netcdf
from rateloom.drivers.support.errors import InputError

OPTIONS = ["--connectome", "synthetic:6", "--duration", "20", "--dt", "0.5", "--seed", str(2**40)]


@pytest.fixture
def folder(tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    return tmp_path


def names_in(folder):
    return sorted(path.name for path in folder.iterdir())


GRID = ["--sweep", "G=0,0.1", "--sweep", "gamma=-0.1,-0.2,-0.3", "--keep", "averages"]


@pytest.mark.parametrize("command", [["run", "linear"], ["sweep", "linear", *GRID]])
def test_a_netcdf_file_holds_what_a_store_does(folder, command):
    for out in ("a.zarr", "deep/a.nc"):
        assert cli.main([*command, *OPTIONS, "--out", out]) == 0
    store, file = open_result(folder / "a.zarr").load(), open_result(folder / "deep/a.nc").load()
    assert (folder / "deep/a.nc").is_file()
    xr.testing.assert_equal(file[list(store.data_vars)], store)
    assert {name: array.dtype for name, array in file.data_vars.items()} == {
        name: array.dtype for name, array in store.data_vars.items()
    }
    assert file.attrs == store.attrs
    # attributes of a file that xarray opens have its types: switches and lists are text
    with xr.open_dataset("deep/a.nc", engine=result_files.engine()) as opened:
        again = rateloom.rerun(opened, progress=False)
    xr.testing.assert_identical(rateloom.rerun("a.zarr", progress=False), again)
    np.testing.assert_array_equal(again["x"], store["x"])
    assert file["x"].attrs == store["x"].attrs
    assert [name for name in names_in(folder / "deep") if not name.startswith("a")] == []


def test_it_is_plotted_reported_fitted_and_measured_as_a_store_is(folder, capsys):
    sweep = ["sweep", "linear", "--sweep", "G=0,0.1", *OPTIONS]
    assert cli.main([*sweep, "--out", "a.nc"]) == 0
    assert "wrote a.nc\nwrote a.png\nwrote a_series.png" in capsys.readouterr().out
    assert cli.main(["plot", "a.nc", "--measure", "mean_FC_x"]) == 0
    assert cli.main(["plot", "a.nc", "--kind", "series", "--out", "s.png"]) == 0
    assert {"a_maps.png", "s.png"} <= set(names_in(folder))
    np.save("fc.npy", np.corrcoef(np.random.default_rng(0).standard_normal((6, 30))))
    assert cli.main(["fit", "a.nc", "--fc", "fc.npy", "--best", "1", "--series-out", "best.nc"]) == 0
    found = rateloom.fit("a.nc", fc="fc.npy", best=1)
    best = int(found.best["item"][0])
    np.testing.assert_array_equal(
        open_result(folder / "best.nc")["x"][0], open_result(folder / "a.nc")["x"][best]
    )
    assert cli.main(["report", "a.nc"]) == 0


def test_files_are_replaced_when_that_is_asked_for(folder, capsys):
    command = ["run", "linear", *OPTIONS, "--out", "a.nc"]
    assert cli.main(command) == 0
    before = (folder / "a.nc").read_bytes()
    assert cli.main(command) == 1
    assert "already" in capsys.readouterr().err
    assert (folder / "a.nc").read_bytes() == before
    assert cli.main([*command, "--overwrite", "--initial", "x=0.5"]) == 0
    assert (folder / "a.nc").read_bytes() != before


@pytest.mark.parametrize(
    ("command", "says"),
    [
        (
            ["run", "linear", "--out", "r.mat"],
            "r.mat: results are not written as .mat; end the name in .zarr",
        ),
        (["sweep", "linear", "--sweep", "G=0", "--keep", "averages", "--out", "r.h5"], "not written as .h5"),
        (["sweep", "linear", "--sweep", "G=0", "--out", "r.mat"], "r.mat: measures are kept in a directory"),
        (["plot", "r.nc"], "r.nc is not there"),
        (["plot", "broken.nc"], "broken.nc: not a netCDF file"),
        (["run", "linear", "--out", "folder.nc"], "folder.nc is a folder"),
    ],
)
def test_other_endings_and_what_is_no_netcdf_are_refused_in_one_line(folder, capsys, command, says):
    (folder / "broken.nc").write_text("no numbers")
    (folder / "folder.nc").mkdir()
    assert cli.main([*command, *(OPTIONS if command[0] != "plot" else ())]) == 1
    error = capsys.readouterr().err
    assert says in error and error.count("\n") == 1
    assert names_in(folder) == ["broken.nc", "folder.nc"]


def test_a_number_is_no_ending(folder):
    assert cli.main(["run", "linear", *OPTIONS, "--out", "pilot_0.5"]) == 0
    assert (folder / "pilot_0.5").is_dir()


def test_attributes_of_every_kind_and_nothing_half_written(folder, monkeypatch):
    kinds = {
        "names": ["a", "b"],
        "none": [],
        "yes": True,
        "large": 2**60,
        "small": -3,
        "half": 0.5,
        "text": "1",
    }
    result = xr.Dataset({"x": ("time", [1.0, np.nan])}, {"time": [0.5, 1.5]}, kinds)
    write_netcdf(result, folder / "a.nc")
    assert open_result(folder / "a.nc").attrs == kinds
    with pytest.raises(InputError, match=r"b\.nc: cannot be written"):
        write_netcdf(result.assign(broken=("time", np.array([1, {}], object))), folder / "b.nc")
    monkeypatch.setattr(result_files, "_MOST_SCIPY", 10)
    with pytest.raises(InputError, match=r"netCDF files of version 3 hold 10 bytes; write a store \(.zarr\)"):
        write_netcdf(result, folder / "b.nc")
    assert names_in(folder) == ["a.nc"]


def test_a_damaged_file_is_one_line(folder):
    write_netcdf(xr.Dataset({"x": ("time", np.arange(40.0))}, {"time": np.arange(40.0)}), folder / "a.nc")
    whole = (folder / "a.nc").read_bytes()
    rng = np.random.default_rng(0)
    for length in rng.integers(4, 200, 40):
        (folder / "b.nc").write_bytes(whole[:length])
        try:
            open_result(folder / "b.nc").load()
        except InputError as error:
            assert "\n" not in str(error)
    (folder / "c.nc").write_bytes(b"\x89HDF\r\n")
    with pytest.raises(InputError, match=r"h5netcdf|cannot be opened"):
        open_result(folder / "c.nc")
