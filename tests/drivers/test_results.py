import json

import numpy as np
import pytest

from rateloom.drivers.planning.grid import Axis, Grid
from rateloom.drivers.results.dataset import Frame, dataset_of
from rateloom.drivers.support.attributes import plain_attributes
from rateloom.drivers.support.errors import InputError

TIMES = np.array([0.5, 1.5, 2.5, 3.5])
EXPOSURES = (("r", "kHz", "firing rate"), ("V", "", ""))


def data_of(n_item, n_node=3, dtype=np.float32):
    values = np.arange(n_item * 4 * n_node, dtype=dtype).reshape(n_item, 4, n_node)
    return {"r": values, "V": -values}


def test_a_sweep():
    grid = Grid((Axis("G", [0.0, 1.0]), Axis("speed", [2.0, 4.0, 8.0])))
    data = data_of(6)
    diverged = np.array([-1, -1, 7, -1, -1, -1])
    result = dataset_of(
        Frame(grid, TIMES, ("a", "b", "c"), EXPOSURES, {"seed": 3}, {"G": "mV"}), data, diverged
    )
    assert list(result.data_vars) == ["r", "V", "diverged_step"]
    assert result.r.dims == ("G", "speed", "time", "node")
    assert result.r.dtype == np.float32
    assert np.shares_memory(result.r.values, data["r"])
    # Item 5 is the last of both axes.
    assert result.r.sel(G=1.0, speed=8.0, time=1.5, node="b") == data["r"][5, 1, 1]
    assert result.diverged_step.sel(G=0.0, speed=8.0) == 7
    assert result.r.attrs == {"unit": "kHz", "description": "firing rate"}
    assert result.V.attrs == {}
    assert result.time.attrs["unit"] == "ms"
    assert result.speed.attrs["unit"] == "mm/ms"
    assert result.G.attrs["unit"] == "mV"
    assert result.attrs == {"seed": 3}


def test_a_single_run():
    result = dataset_of(Frame(Grid(), TIMES, None, EXPOSURES, {}), data_of(1), np.array([-1]))
    assert result.r.dims == ("time", "node")
    assert result.diverged_step.shape == ()
    assert int(result.diverged_step) == -1
    assert result.node.values.tolist() == [0, 1, 2]


def test_labels_that_are_there_twice():
    result = dataset_of(Frame(Grid(), TIMES, ("a", "b", "a"), EXPOSURES, {}), data_of(1), np.array([-1]))
    assert result.node.values.tolist() == [0, 1, 2]
    assert result.label.values.tolist() == ["a", "b", "a"]


@pytest.mark.parametrize(
    ("axis", "exposure", "message"),
    [
        ("time", "r", "sweep time: a result needs the name"),
        ("node", "r", "sweep node"),
        ("G", "G", "exposure G: G is also the name of an axis"),
        ("G", "node", "exposure node: .* a part of every result"),
        ("G", "diverged_step", "exposure diverged_step"),
    ],
)
def test_names_that_collide(axis, exposure, message):
    grid = Grid((Axis(axis, [0.0]),))
    with pytest.raises(InputError, match=message):
        Frame(grid, TIMES, None, ((exposure, "", ""),), {})


def test_attributes_become_plain():
    plain = plain_attributes(
        {
            "none": None,
            "seed": np.int64(3),
            "dt": np.float32(0.5),
            "speed": np.inf,
            "array": np.array([1.0, np.nan]),
            "shape": (2, 3),
            "noise": np.bool_(True),
            "parameters": {"G": np.float64(0.1), "eta": np.array([1, 2]), "other": None},
            "object": 1j,
        }
    )
    assert plain == {
        "seed": 3,
        "dt": 0.5,
        "speed": "inf",
        "array": [1.0, "nan"],
        "shape": [2, 3],
        "noise": True,
        "parameters": '{"G": 0.1, "eta": [1, 2], "other": null}',
        "object": "1j",
    }
    assert type(plain["seed"]) is int
    assert float(plain["speed"]) == np.inf
    json.dumps(plain, allow_nan=False)
