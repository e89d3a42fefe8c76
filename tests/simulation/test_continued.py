"""Runs that go on from the state in which another ended: two parts are the whole, bit for bit."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import numpy as np
import pytest
import xarray as xr
from calls import DRIVEN, DT, N, simulate
from parts import PARTS, assert_whole, in_parts, series
from small_connectomes import far, instant_edges
from special_models import model_of

from rateloom import BoldSettings
from rateloom.drivers.backends.emulated.host_compiler import host_compiler
from rateloom.drivers.runs.divergence import DivergenceWarning
from rateloom.drivers.support.errors import InputError

needs_compiler = pytest.mark.skipif(host_compiler() is None, reason="no C++ compiler on this machine")
PAST = np.random.default_rng(2).uniform(0, 0.9, (40, 3, N))
BACKENDS = ["numba", pytest.param("emulated", marks=needs_compiler)]


def stimulus() -> xr.DataArray:
    """An input that changes in every part of the run."""
    values = np.random.default_rng(1).normal(size=(9, N))
    return xr.DataArray(values, {"time": 2 * DT + 13 * DT * np.arange(9)}, ("time", "node"))


@pytest.mark.parametrize("backend", BACKENDS)
def test_parts_are_the_whole_with_noise_delays_inputs_and_windows_that_are_cut(backend: str) -> None:
    assert_whole(
        DRIVEN, backend=backend, inputs={"stimulus": stimulus(), "gain": 0.7},
        parameters={"G": np.linspace(0.2, 0.4, N)},
    )  # fmt: skip


# Each kind of what is carried beside a backend's way of carrying it: angles and their turns, states that are
# not exposed, sums that cannot be split, several traversals of a step, no history, and one that was given.
PAIRS = [
    ("emulated", "phases", {"dtype": "float32", "lanes": 1}),
    ("emulated", "driven", {"integrator": "heun_renewed", "connectome": instant_edges()}),
    ("emulated", "driven", {"speed": np.inf}),
    ("numba", "driven", {"monitor": "raw", "history": PAST}),
]
SLOW_PAIRS = [
    ("numba", "kuramoto", {"dtype": "float32", "connectome": far(), "block": 16}),
    ("numba", "driven", {"integrator": "heun_renewed", "connectome": instant_edges()}),
    ("numba", "uncoupled", {}),
    ("numba", "constant_pre", {"integrator": "rk4", "noise": False}),
    ("emulated", "phases", {"connectome": far(), "block": 16}),
    ("emulated", "edge_terms", {"dtype": "float32"}),
    ("emulated", "instant", {}),
    ("emulated", "uncoupled", {"integrator": "euler"}),
    ("emulated", "montbrio", {"dtype": "float32", "block": None, "lanes": None, "monitor": "raw"}),
    ("emulated", "jansen_rit", {"dtype": "float32", "integrator": "euler"}),
    ("emulated", "driven", {"history": PAST}),
]
ROWS = [*PAIRS, *(pytest.param(*pair, marks=pytest.mark.slow) for pair in SLOW_PAIRS)]


@pytest.mark.filterwarnings("ignore::rateloom.drivers.planning.parameters.ParameterWarning")
@pytest.mark.parametrize(("backend", "name", "settings"), ROWS)
def test_parts_of_every_kind_are_the_whole(backend: str, name: str, settings: dict[str, Any]) -> None:
    if backend == "emulated" and host_compiler() is None:
        pytest.skip("no C++ compiler on this machine")
    model = model_of(name)
    axis = {"G": 0.1} if any(p.name == "G" for p in model.parameters) else {}
    assert_whole(model, backend=backend, parameters=axis, **settings)


@needs_compiler
def test_a_history_in_half_precision_keeps_its_scales() -> None:
    half = {"backend": "emulated", "history_dtype": "float16", "dtype": "float32"}
    assert_whole(DRIVEN, **half)
    first = simulate(**half, keep_state=True)
    with pytest.raises(InputError, match="history_dtype is 'float16' there and None here"):
        simulate(**{**half, "history_dtype": None}, continue_from=first)


@needs_compiler
def test_a_state_depends_on_no_backend_lane_width_or_block() -> None:
    first, second = (steps * DT for steps in PARTS[:2])
    there = simulate(duration=first, keep_state=True)
    for change in ({"backend": "emulated"}, {"backend": "emulated", "lanes": 1, "block": 2}):
        here = simulate(duration=first, keep_state=True, **change)
        for name in ("final.states", "final.history", "final.sums"):
            np.testing.assert_array_equal(here[name], there[name], err_msg=name)
        expected = simulate(duration=second, continue_from=there)
        xr.testing.assert_equal(series(simulate(duration=second, continue_from=here)), series(expected))
        moved = simulate(duration=second, continue_from=there, **change)
        xr.testing.assert_equal(series(moved), series(expected))


def test_a_store_holds_the_state_as_well(tmp_path: Path) -> None:
    first = simulate(inputs={"stimulus": stimulus()}, duration=PARTS[0] * DT, keep_state=True)
    stored = simulate(
        inputs={"stimulus": stimulus()}, duration=PARTS[0] * DT, keep_state=True, out=tmp_path / "first.zarr"
    )
    assert stored.attrs == first.attrs and set(stored.variables) == set(first.variables)
    expected = simulate(duration=PARTS[1] * DT, continue_from=first)
    for source in (stored, tmp_path / "first.zarr", str(tmp_path / "first.zarr")):
        xr.testing.assert_identical(simulate(duration=PARTS[1] * DT, continue_from=source), expected)


def test_time_noise_and_step_numbers_go_on() -> None:
    first, second = in_parts(DRIVEN, parts=PARTS[:2])
    assert first.attrs["final_step"] == PARTS[0] and "first_step" not in first.attrs
    assert second.attrs["first_step"] == PARTS[0] and second.attrs["final_step"] == sum(PARTS[:2])
    assert second["time"][0] - first["time"][-1] == pytest.approx(7 * DT)
    ends = simulate(duration=PARTS[1] * DT, continue_from=first)
    assert "final_step" not in ends.attrs and not [n for n in ends.variables if str(n).startswith("final.")]
    xr.testing.assert_equal(series(ends), series(second))


def test_parameters_and_inputs_may_change_where_a_run_goes_on() -> None:
    first = simulate(duration=PARTS[0] * DT, keep_state=True, parameters={"G": 0.4}, inputs={"gain": 0.5})
    same = simulate(duration=20 * DT, continue_from=first)
    assert same.attrs["parameters"] == first.attrs["parameters"]
    named = simulate(
        duration=20 * DT, continue_from=first, parameters={"G": 0.4}, inputs={"gain": 0.5, "stimulus": 0.1}
    )
    xr.testing.assert_equal(named, same)
    for change in ({"parameters": {"s": 0.0}}, {"inputs": {"stimulus": 2.0}}):
        assert not series(simulate(duration=20 * DT, continue_from=first, **change)).equals(series(same))


def test_an_array_without_times_is_spread_over_the_part_that_it_is_given_to() -> None:
    ramp = np.repeat(np.arange(1.0, 4.0)[:, None], N, axis=1)
    first = simulate(duration=10 * DT, keep_state=True, inputs={"stimulus": 5.0})
    second = simulate(duration=9 * DT, keep_state=True, continue_from=first, inputs={"stimulus": ramp})
    held = simulate(duration=9 * DT, keep_state=True, continue_from=first)
    for part, steps, values in ((first, [0], [5.0]), (second, [0, 10, 13, 16], [0.1, 1.0, 2.0, 3.0])):
        np.testing.assert_array_equal(part["inputs.change"], steps)
        np.testing.assert_array_equal(part["inputs.values"][:, 0, 0], values)
    assert (held["inputs.values"][:, 0] == 5.0).all()


@pytest.mark.parametrize("backend", BACKENDS)
def test_what_diverged_in_one_part_stays_lost_in_the_next(backend: str) -> None:
    settings = {"backend": backend, "parameters": {"P": [-1.0, 0.5, 9.0]}}
    with pytest.warns(DivergenceWarning):
        whole = simulate(duration=sum(PARTS) * DT, **settings)
        parts = in_parts(**settings)
    assert [int(part["diverged_step"]) for part in parts] == 3 * [int(whole["diverged_step"])]
    assert 0 < int(whole["diverged_step"]) < PARTS[0]
    xr.testing.assert_equal(xr.concat([series(part) for part in parts], "time"), series(whole))


@pytest.fixture(scope="module")
def first() -> xr.Dataset:
    return simulate(duration=PARTS[0] * DT, keep_state=True)


@pytest.mark.parametrize(
    ("change", "message"),
    [
        ({"dt": DT / 2}, "dt is 0.05 there and 0.025 here"),
        ({"integrator": "euler"}, "integrator is 'heun' there and 'euler' here"),
        ({"dtype": "float32"}, "dtype is 'float64' there and 'float32' here"),
        ({"seed": 6}, "seed is 5 there and 6 here"),
        ({"item": 1}, "item is 0 there and 1 here"),
        ({"noise": False}, "noise is True there and False here"),
        ({"speed": np.inf}, "speed is 20.0 there and 'inf' here"),
        ({"period": 6 * DT}, "period is 0.35 there and 0.3 here"),
        ({"monitor": "raw"}, "monitor is 'tavg' there and 'raw' here"),
        ({"math": "libm"}, "math is 'fast' there and 'libm' here"),
        ({"normalize": "row"}, "connectome_hash is"),
        ({"model": "linear"}, "model is 'driven' there and 'linear' here"),
        ({"seed": 6, "speed": 3.0}, "speed is 20.0 there and 3.0 here, seed is 5 there and 6 here"),
        ({"initial": {"x": 1.0}}, "leave them out"),
        ({"history": np.zeros((40, 3, N))}, "leave them out"),
        ({"keep_state": "yes"}, "keep_state='yes': it must be True or False"),
        ({"parameters": 3}, "parameters=3: it must be a mapping"),
        (
            {"monitor": "bold", "bold": BoldSettings(tr=14 * DT)},
            "only one of the two parts has BOLD signals; leave out",
        ),
        ({"duration": 3 * DT}, "there would be no sample"),
    ],
)
def test_a_run_that_does_not_fit_is_refused_in_a_line(
    first: xr.Dataset, change: dict[str, Any], message: str
) -> None:
    with pytest.raises(InputError, match=message) as caught:
        simulate(**{"model": DRIVEN, **change}, continue_from=first)
    assert "\n" not in str(caught.value)


def test_the_equations_of_both_parts_are_the_same(first: xr.Dataset) -> None:
    other = first.assign_attrs(model_hash="0")
    with pytest.raises(InputError, match="model_hash is '0' there and"):
        simulate(continue_from=other)


def test_what_holds_no_state_is_refused(first: xr.Dataset, tmp_path: Path) -> None:
    for source, message in (
        (simulate(), "continue_from: it holds no final state; run it with keep_state=True"),
        (first.drop_vars("final.sums"), "it holds no final state"),
        (first.isel(node=slice(0, 3)), r"has other sizes than this run \(states\)"),
        (first.isel({"final.back": slice(0, 2)}), r"other sizes than this run \(history\)"),
        (first.assign_attrs(parameters="?"), "its attribute parameters cannot be read"),
        (tmp_path / "absent.zarr", "absent.zarr: no such store; give what rateloom run --keep-state wrote"),
        (tmp_path, "is neither a study, a Zarr store nor a netCDF file"),
        (3, "continue_from=3: it must be a path"),
    ):
        with pytest.raises(InputError, match=message) as caught:
            simulate(continue_from=source)
        assert "\n" not in str(caught.value)


def test_a_part_does_not_replace_the_one_that_it_goes_on_from(tmp_path: Path) -> None:
    with pytest.raises(InputError, match=r"a\.zarr: the run goes on from that result; write to another"):
        simulate(continue_from=tmp_path / "a.zarr", out=tmp_path / "b" / ".." / "a.zarr")
