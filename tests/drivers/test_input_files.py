"""Files of ``--input``: when their rows come, and what is refused since nothing says so."""

import numpy as np
import pytest
import xarray as xr

from rateloom import cli
from rateloom.drivers.support.errors import InputError
from rateloom.drivers.terminal.assignments import in_order, parse_inputs

ROWS = "1,2\n3,4\n5,6\n"
VALUES = np.array([[1.0, 2.0], [3.0, 4.0], [5.0, 6.0]])
MODEL = """<Model name="driven">
  <Input name="s" default="0"/>
  <StateVariable name="x" initial="0"/>
  <Dynamics><TimeDerivative variable="x" value="0 * x"/></Dynamics>
  <Exposure name="heard" value="x + s"/>
</Model>"""


def read(folder, text, step=None, spread=False, name="s.csv"):
    (folder / name).write_text(text)
    return parse_inputs([f"s=@{folder / name}"], step, spread)["s"]


@pytest.mark.parametrize(
    "header", ["time,a,b\n", "t a b\n", '# a note\n\n"Time (ms)",a,b\n', "\ufefft [ms],1,2\n"]
)
def test_a_first_column_time_says_when_rows_come(tmp_path, header):
    found = read(tmp_path, header + "0,1,2\n2.5,3,4\n10,5,6\n")
    np.testing.assert_array_equal(found.times, [0, 2.5, 10])
    np.testing.assert_array_equal(found.values, VALUES)


def test_columns_of_regions_are_put_in_their_order(tmp_path):
    found = read(tmp_path, "time,right,left\n0,1,2\n5,3,4\n")
    (ordered,), _ = in_order({"s": found}, ("left", "right"))[0].values(), None
    assert ordered.dims == ("time", "node")
    np.testing.assert_array_equal(ordered["time"], [0, 5])
    np.testing.assert_array_equal(ordered, [[2, 1], [4, 3]])


def test_a_step_says_it_too_and_spreading_is_asked_for(tmp_path):
    found = read(tmp_path, ROWS, step=10.0)
    np.testing.assert_array_equal(found["time"], [0, 10, 20])
    np.testing.assert_array_equal(found, VALUES)
    spread = read(tmp_path, ROWS, spread=True)
    assert isinstance(spread, np.ndarray)
    np.testing.assert_array_equal(spread, VALUES)
    np.save(tmp_path / "s.npy", VALUES)
    found = parse_inputs([f"s=@{tmp_path / 's.npy'}", "u=2", "v=1,2"], 5.0, False)
    np.testing.assert_array_equal(found["s"]["time"], [0, 5, 10])
    assert found["u"] == 2


@pytest.mark.parametrize(("text", "shape"), [("1,2,3\n", (3,)), ("1\n2\n3\n", (3,)), ("7", (1,))])
def test_one_value_a_node_needs_no_times(tmp_path, text, shape):
    assert read(tmp_path, text).shape == shape


@pytest.mark.parametrize(
    ("text", "options", "says"),
    [
        (
            ROWS,
            {},
            "3 rows of 2 columns, and nothing says when they come; .*-step 10ms .* --input-spread",
        ),
        (ROWS, {"step": 1.0, "spread": True}, "leave one of them out"),
        (ROWS, {"step": 0.0}, "it must be a time greater than 0"),
        (ROWS, {"step": -2.0}, "it must be a time greater than 0"),
        ("time,a\n0,1\n", {"step": 1.0}, "--input-step: no --input is a file with a row a time and without"),
        ("1,2,3\n", {"spread": True}, "--input-spread: no --input is a file with a row a time"),
        ("time (s),a\n0,1\n", {}, "times are in ms, and the header says s"),
        ("time,a\n0,1,2\n", {}, "3 cells, but the header has 2"),
        (
            "time\n0\n",
            {},
            "a header takes the time and one column a region",
        ),
        ("a,b\n1,2\n", {}, "1 rows of 2 columns, and nothing says when they come"),
        ("time,a\n", {}, "no rows come after the header"),
        ("", {}, "holds no numbers"),
        ("time,a\nnan,1\n", {}, "s.csv:2: time is 'nan', no finite number"),
        ("time,a\n0,1\n0,x\n", {}, "s.csv:3: a is 'x', no finite number"),
    ],
)
def test_what_says_no_time_or_two_is_refused(tmp_path, text, options, says):
    with pytest.raises(InputError, match=says) as caught:
        read(tmp_path, text, **options)
    assert "\n" not in str(caught.value)


def first_pulse(folder, duration, *options):
    command = ["run", "driven.xml", "--connectome", "synthetic:2", "--normalize", "none", "--dt", "0.5"]
    command += ["--duration", duration, "--monitor", "raw", "--input", "s=@s.csv", "--out", "r.zarr"]
    assert cli.main([*command, "--overwrite", *options]) == 0
    heard = xr.open_zarr(folder / "r.zarr")["heard"].load()
    return float(heard["time"][heard[:, 0].values > 0][0])


def test_a_pulse_comes_when_it_is_said_to_whatever_the_duration(tmp_path, monkeypatch, capsys):
    monkeypatch.chdir(tmp_path)
    (tmp_path / "driven.xml").write_text(MODEL)
    (tmp_path / "s.csv").write_text("0,0\n1,1\n")
    # the step that begins at 4 ms is sampled at its end
    assert [first_pulse(tmp_path, duration, "--input-step", "4ms") for duration in ("10", "20")] == [4.5, 4.5]
    assert [first_pulse(tmp_path, duration, "--input-spread") for duration in ("10", "20")] == [5.5, 10.5]
    (tmp_path / "s.csv").write_text("t,a,b\n4,1,1\n")
    assert first_pulse(tmp_path, "20") == 4.5
    (tmp_path / "s.csv").write_text("0,0\n1,1\n")
    capsys.readouterr()
    assert cli.main(["run", "driven.xml", "--connectome", "synthetic:2", "--input", "s=@s.csv"]) == 1
    assert "nothing says when they come" in capsys.readouterr().err
