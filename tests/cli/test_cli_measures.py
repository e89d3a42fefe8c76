"""Measures that a sweep takes, on the command line."""

from pathlib import Path

import pytest
import xarray as xr
from command_line import error_of
from small_sweep import OPTIONS, SWEEP

from rateloom import cli

pytestmark = pytest.mark.usefixtures("folder")


def test_a_sweep_of_phases_measures_their_sines(folder, capsys):
    assert cli.main(["sweep", "kuramoto", *OPTIONS, "--sweep", "G=0,0.1"]) == 0
    with xr.open_zarr("kuramoto_sweep/measures.zarr") as written:
        assert "mean_FC_signal" in written
        of_angle = {str(name) for name in written if str(name).endswith("_theta")}
        assert of_angle == {"kuramoto_order_theta", "metastability_theta"}


def test_a_sweep_takes_the_measures_that_are_named(folder, capsys):
    Path("own.py").write_text(
        "import rateloom\n\n\n@rateloom.measure\ndef first(values):\n    return values[0, 0]\n"
    )
    asked = ["--measures", "mean_FC, moments", "--custom", "own.py", "--matrices"]
    assert cli.main([*SWEEP, *asked, "--out", "some"]) == 0
    with xr.open_zarr("some/measures.zarr") as found:
        assert {"first_x", "mean_FC_x", "FC_x", "PLI_x", "std_x_all"} < set(found.data_vars)
        assert "varFCD_x" not in found
    capsys.readouterr()
    assert cli.main(["sweep", "--resume", "some"]) == 0
    assert f"runs {folder / 'own.py'}: measure first\n" in capsys.readouterr().out
    assert cli.main([*SWEEP, *asked, "--resume", "some"]) == 0
    capsys.readouterr()
    own = Path("own.py").read_text()
    Path("own.py").write_text(own.replace("values[0, 0]", "values[0, 1]"))
    assert "another study is in it: the source of measure first changed;" in error_of(
        ["sweep", "--resume", "some"], capsys
    )
    Path("own.py").write_text(own)
    assert cli.main([*SWEEP, *asked[:2], "--resume", "some"]) == 1
    assert "another study is in it: measures.asked has FC PLI there alone" in capsys.readouterr().err


@pytest.mark.parametrize(
    ("options", "says"),
    [
        (["--measures", "mean_FCs"], "measures: there is no 'mean_FCs'; did you mean mean_FC"),
        (["--measures", ""], "measures: there is no ''; families are moments"),
        (
            ["--measures", "mean_FC", "--keep", "averages"],
            "--measures: no measures are taken with --keep averages",
        ),
        (["--measures", "default_mode"], "default_mode cannot be taken here; the regions' labels name no"),
        (["--measures", "states"], "states cannot be taken here; it is one of rates"),
        (["--executor", "dask", "--scheduler", "absent.json"], "scheduler absent.json: no such file"),
        (["--matrices", "--keep", "raw"], "--matrices: no measures are taken with --keep raw"),
        (["--custom", "absent.py"], "absent.py: no such file"),
        (["--custom", "."], "own measures are in Python files, .py, and this is none"),
        (["--custom", "leaves.py"], "leaves.py: it cannot be run (SystemExit: 3)"),
        (["--custom", "left.py"], "measure left raises SystemExit: 2"),
        (["--custom", "taken.py"], "taken.py: measure mean_FC: there is one of this name; give it another"),
        (["--custom", "empty.py"], "empty.py: no measure is in it; decorate functions with rateloom.measure"),
        (["--custom", "wrong.py"], "wrong.py: it cannot be run (ZeroDivisionError: division by zero)"),
    ],
)
def test_measures_that_cannot_be_taken_end_in_one_line(options, says, folder, capsys):
    Path("empty.py").write_text("")
    Path("wrong.py").write_text("1 / 0\n")
    Path("leaves.py").write_text("import sys\nsys.exit(3)\n")
    own = "import rateloom\n@rateloom.measure\ndef {}(v):\n    raise SystemExit(2)\n"
    Path("left.py").write_text(own.format("left"))
    Path("taken.py").write_text(own.format("mean_FC"))
    assert cli.main([*SWEEP, *options, "--out", "none"]) == 1
    error = capsys.readouterr().err
    assert says in error and error.count("\n") == 1
    assert not Path("none").exists()


@pytest.mark.parametrize("named", ["mean_FC", "freq_dom", "FC"])
def test_any_measures_have_a_picture_but_matrices(named, folder, capsys):
    assert cli.main([*SWEEP, "--measures", named, "--out", "some"]) == 0
    wrote = ["wrote some"] if named == "FC" else ["wrote some", "wrote some.png"]
    assert [line for line in capsys.readouterr().out.splitlines() if line.startswith("wrote")] == wrote
    assert (folder / "some.png").exists() == (named != "FC")
