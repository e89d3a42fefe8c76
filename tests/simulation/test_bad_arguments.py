"""Every bad argument of `simulate` and `sweep` is refused at once, in one line that says what and why."""

from __future__ import annotations

import re
from pathlib import Path
from typing import Any

import numpy as np
import pytest
import xarray as xr
from small_connectomes import middling
from special_models import model_of

import rateloom

DRIVEN = model_of("driven")
N = middling().n_node
STATES = len(DRIVEN.state_variables)


def signal(
    times: Any, shape: tuple[int, ...] = (2, N), dims: tuple[str, ...] = ("time", "node")
) -> xr.DataArray:
    return xr.DataArray(np.zeros(shape), dims=dims, coords={dims[0]: times})


# Both functions take these; the second part is what the line says.
SHARED: list[tuple[dict[str, Any], str]] = [
    ({"parameters": {"GG": 1.0}}, "driven has no parameter 'GG'; did you mean 'G'"),
    ({"parameters": {"speed": 3.0}}, "has no parameter 'speed'"),
    ({"parameters": {"P[0]": 3.0}}, "has no parameter 'P\\[0\\]'"),
    ({"parameters": {"G": np.nan}}, "parameter 'G' has a value that is not finite"),
    ({"parameters": {"G": 1e400}}, "parameter 'G' has a value that is not finite"),
    ({"parameters": {"G": "much"}}, "parameter 'G': 'much' is not a number"),
    ({"parameters": {"G": 1j}}, "parameter 'G': 1j is not a number"),
    ({"parameters": {"G": [1.0, 2.0]}}, "parameter 'G': 2 values were given; it takes one value or 6"),
    ({"parameters": {"G": [[1.0], [2.0, 3.0]]}}, "parameter 'G': .* is not a number"),
    ({"parameters": {"P": 1.0}}, "parameter 'P': one values? .*it takes 3 values, or 3 x 6"),
    ({"parameters": {"P": np.ones((2, N))}}, "parameter 'P': 2 x 6 values were given"),
    ({"parameters": {"G": 1e39}, "dtype": "float32"}, "parameter 'G' .* too large for float32"),
    ({"parameters": 3.0}, "parameters=3.0: .* names"),
    ({"initial": {"xx": 0.0}}, "has no state variable 'xx'; did you mean 'x'"),
    ({"initial": {"x": np.inf}}, "initial 'x' has a value that is not finite"),
    ({"initial": {"x": [1, 2, 3]}}, "initial 'x': 3 values were given; it takes one or 6"),
    ({"initial": {"x": None}}, "initial 'x'"),
    ({"initial": {"x": -1e39}, "dtype": "float32"}, "initial 'x' .* too large for float32"),
    ({"initial": [1.0]}, "initial=\\[1.0\\]: .* names"),
    (
        {"history": np.zeros((20, STATES, N)), "initial": {"x": 0.0}},
        "initial states and a history were given",
    ),
    ({"history": np.zeros((3, STATES, N)), "speed": 20.0, "dt": 0.05}, "history has 3 steps; .* needs \\d+"),
    ({"history": np.zeros((20, N))}, "history is 20 x 6; it takes \\(time, 3 states, 6 nodes\\)"),
    ({"history": np.full((99, STATES, N), np.nan)}, "history has a value that is not finite"),
    ({"history": "before"}, "history .* numbers"),
    ({"inputs": {"stimulu": 1.0}}, "has no input 'stimulu'; did you mean 'stimulus'"),
    ({"inputs": {"stimulus": np.nan}}, "input 'stimulus' has a value that is not finite"),
    ({"inputs": {"stimulus": np.zeros((5, N + 1))}}, "input 'stimulus' is 5 x 7; it takes"),
    ({"inputs": {"stimulus": np.zeros((0, N))}}, "input 'stimulus' is 0 x 6; it takes"),
    ({"inputs": {"stimulus": "loud"}}, "input 'stimulus': 'loud' is not a number"),
    ({"inputs": {"stimulus": signal([0, 1], dims=("t", "node"))}}, "input 'stimulus' has dimensions"),
    ({"inputs": {"stimulus": xr.DataArray(np.zeros((2, N)), dims=("time", "node"))}}, "no coordinate time"),
    ({"inputs": {"stimulus": signal([1.0, 1.0])}}, "input 'stimulus': its times do not rise"),
    (
        {"inputs": {"stimulus": signal([np.nan, 1.0])}},
        "input 'stimulus': its times do not rise, or one of them is not finite",
    ),
    ({"inputs": {"stimulus": 1e39}, "dtype": "float32"}, "input 'stimulus' .* too large for float32"),
    ({"inputs": "loud"}, "inputs='loud': .* names"),
    ({"dt": -0.1}, "dt=-0.1 ms: it must be above zero"),
    ({"dt": 0}, "dt=0 ms: it must be above zero"),
    ({"dt": np.nan}, "dt=nan ms: it must be above zero"),
    ({"dt": "0.1"}, "dt='0.1': it must be a number of ms"),
    ({"dt": 10**400}, "dt=.*: it must be"),
    ({"duration": np.inf}, "duration=inf ms: it must be above zero and finite"),
    ({"duration": True}, "duration=True: it must be a number"),
    ({"duration": 0.01}, "duration=0.01 ms is 0 steps"),
    ({"duration": 1e12}, "duration=1e\\+12 ms is .* steps"),
    ({"duration": 1e300, "dt": 1e-300}, "duration=1e\\+300 ms is .* steps"),
    ({"period": -1.0}, "period=-1 ms: it must be above zero"),
    ({"period": 101.0}, "period=101 ms exceeds duration=100 ms"),
    ({"period": 1e300, "dt": 1e-10, "duration": 1e-9}, "period=1e\\+300 ms exceeds duration"),
    ({"speed": 0.0}, "speed=0 mm/ms: it must be above zero \\(inf for no delays\\)"),
    ({"speed": 1e-12}, "speed=1e-12 mm/ms .* delay"),
    ({"integrator": "leapfrog"}, "integrator='leapfrog' is unknown; use one of euler, heun, rk4"),
    (
        {"integrator": "rk4"},
        "integrator='rk4' is for equations without noise; .* or take euler or heun",
    ),
    ({"monitor": "fmri"}, "monitor='fmri' is unknown; use one of raw, tavg"),
    ({"backend": "fortran"}, "backend='fortran' is unknown; use one of numba"),
    ({"dtype": "float16"}, "dtype='float16' is unknown; use one of float32, float64"),
    ({"dtype": np.float64}, "dtype=.* is unknown; use one of float32, float64"),
    ({"noise": "off"}, "noise='off' is unknown; use one of True, False"),
    ({"seed": -1}, "seed=-1: it must be a whole number from 0 to"),
    ({"seed": 2**64}, "seed=18446744073709551616: it must be a whole number from 0 to"),
    ({"seed": 1.0}, "seed=1.0: it must be a whole number"),
    ({"threads": 0}, "threads=0: it must be a whole number from 1"),
    ({"lanes": 3}, "lanes=3 is unknown; use one of 1, "),
    ({"block": 5}, "block=5 is unknown; use one of 1, "),
    ({"normalize": "min"}, "normalize"),
    ({"connectome": "tvb77"}, "tvb77"),
    ({"out": "/dev/null/folder/run.zarr"}, "/dev/null is not a folder"),
]
SWEEPS: list[tuple[Any, dict[str, Any], str]] = [
    ({"GG": [1.0]}, {}, "has no parameter 'GG'; did you mean 'G'"),
    ({"P": [1.0]}, {}, "has no parameter 'P'"),
    ({"P[3]": [1.0]}, {}, "has no parameter 'P\\[3\\]'"),
    ({"G": []}, {}, "sweep G: no values"),
    ({"G": [0.0, np.nan]}, {}, "sweep G: nan is not a finite number"),
    ({"G": [1.0, 1.0]}, {}, "sweep G: the value 1 is there more than once"),
    ({"G": [[1.0]]}, {}, "sweep G: its values must be a flat list"),
    ({"G": ["a"]}, {}, "sweep G: its values must be a flat list of real numbers"),
    ({"G": 1.0}, {}, "sweep G: its values must be a flat list"),
    ({"speed": [3.0, -1.0]}, {}, "speed=-1 mm/ms: it must be above zero"),
    ({"G": [1e39]}, {"dtype": "float32"}, "parameter 'G' .* too large for float32"),
    ({"G": [1.0]}, {"parameters": {"G": 2.0}}, "parameter 'G' is both set and swept"),
    ({"P[1]": [1.0]}, {"parameters": {"P": [1, 2, 3]}}, "parameter 'P\\[1\\]' is both set and swept"),
    ({f"{n}": np.arange(2**12) for n in ("G", "s", "P[0]")}, {}, "at most 4294967296 are possible"),
    ({"G": [1.0]}, {"keep": "everything"}, "keep='everything' is unknown; use one of"),
    ({"G": np.arange(4096)}, {"memory": 10**6}, "the result takes .* MB and 1.00 MB may be used"),
    ({"G": [1.0]}, {"memory": 20_000}, "(the result takes|work items? at once take) .* kB and"),
    ({"G": [1.0]}, {"memory": "lots"}, "memory 'lots' is not an amount"),
    (
        {"G": [1.0]},
        {"duration": 1e8, "monitor": "raw", "memory": "1GB"},
        "the result takes .* GB and 1.00 GB",
    ),
    (
        {"G": np.arange(2**16)},
        {"duration": 1e7, "period": 1e3, "memory": "1GB"},
        "the result takes .* GB and",
    ),
]


def refuses(call: Any, pattern: str) -> None:
    with pytest.raises(rateloom.InputError) as refusal:
        call()
    text = str(refusal.value)
    assert re.search(pattern, text), text
    assert "\n" not in text and len(text) < 400


@pytest.mark.parametrize(("arguments", "pattern"), SHARED, ids=[str(k) for k in range(len(SHARED))])
def test_of_a_simulation(arguments: dict[str, Any], pattern: str) -> None:
    settings: dict[str, Any] = {"connectome": middling(), "duration": 100.0, "progress": False, **arguments}
    refuses(lambda: rateloom.simulate(DRIVEN, **settings), pattern)


@pytest.mark.parametrize(("arguments", "pattern"), SHARED[:2] + SHARED[-2:], ids=["0", "1", "-2", "-1"])
def test_of_a_sweep_as_of_a_simulation(arguments: dict[str, Any], pattern: str) -> None:
    settings: dict[str, Any] = {"connectome": middling(), "duration": 100.0, "progress": False, **arguments}
    refuses(lambda: rateloom.sweep(DRIVEN, {"s": [0.1]}, **settings), pattern)


@pytest.mark.parametrize(("axes", "arguments", "pattern"), SWEEPS, ids=[str(k) for k in range(len(SWEEPS))])
def test_of_a_sweep(axes: Any, arguments: dict[str, Any], pattern: str) -> None:
    # what takes long is calibrated before its memory is planned
    settings: dict[str, Any] = {
        "connectome": middling(), "duration": 100.0, "progress": False, "calibrate": False, **arguments,
    }  # fmt: skip
    refuses(lambda: rateloom.sweep(DRIVEN, axes, **settings), pattern)


@pytest.mark.parametrize("item", [-1, 2**32, 0.5, True])
def test_a_work_item_that_no_sweep_has(item: Any) -> None:
    refuses(lambda: rateloom.simulate(DRIVEN, connectome=middling(), item=item), f"item={item}: ")


@pytest.mark.parametrize("model", ["montbri", "no/such/model.xml", "model.xml"])
def test_no_such_model(model: Any) -> None:
    hint = "did you mean 'montbrio'" if model == "montbri" else str(model)
    refuses(lambda: rateloom.simulate(model, connectome=middling()), hint)


def test_a_target_that_is_taken_or_cannot_be_written(tmp_path: Path) -> None:
    run = {"connectome": middling(), "duration": 1.0, "progress": False}
    taken = tmp_path / "taken.zarr"
    taken.mkdir()
    refuses(lambda: rateloom.simulate(DRIVEN, out=taken, **run), "already there")
    (taken / "precious.txt").write_text("keep me")
    refuses(lambda: rateloom.simulate(DRIVEN, out=taken, overwrite=True, **run), "not a Zarr store")
    assert (taken / "precious.txt").read_text() == "keep me"
    file = tmp_path / "file"
    file.write_text("")
    refuses(lambda: rateloom.simulate(DRIVEN, out=file, **run), "a file of that name is in the way")
    refuses(lambda: rateloom.simulate(DRIVEN, out=file / "a.zarr", **run), "file is not a folder")
    refuses(lambda: rateloom.simulate(DRIVEN, out="", **run), "not a name for a store")


@pytest.mark.skipif(not Path("/proc/self").is_dir(), reason="no folder that nobody may write to")
def test_a_folder_that_cannot_be_written_to() -> None:
    run = {"connectome": middling(), "duration": 1.0, "progress": False}
    refuses(lambda: rateloom.simulate(DRIVEN, out="/proc/self/a.zarr", **run), "cannot be written")
