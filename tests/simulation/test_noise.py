"""Noise: the same work item has the same random numbers however it is run, and they do what theory says."""

from __future__ import annotations

from typing import Any

import numpy as np
import pytest
import xarray as xr
from numpy.typing import NDArray
from small_connectomes import DT, SPEED, far, middling
from special_models import model_from, model_of

import rateloom
from rateloom.drivers.backends.numba import lane_block
from rateloom.drivers.model.random import normals
from rateloom.oracle.philox import normal

SEED = 2**64 - 5
PHASES = model_of("phases")
GAINS = 0.1 * np.arange(1, 11)

# Only noise moves these, in an order that is not the states'. In one step of 1 ms each state is its deviate.
_ORDER = (3, 0, 4, 1, 2)
WALKS = (
    '<Model name="walks">'
    + "".join(f'<StateVariable name="x{k}" initial="0"/>' for k in range(5))
    + "<Dynamics>"
    + "".join(f'<TimeDerivative variable="x{k}" value="0"/>' for k in range(5))
    + "</Dynamics>"
    + "".join(f'<Noise variable="x{k}" sigma="1"/>' for k in _ORDER)
    + "</Model>"
)


def phases(**changes: Any) -> xr.Dataset:
    """A noisy sweep over the coupling of ten work items on a delayed connectome."""
    settings: dict[str, Any] = {
        "connectome": middling(), "duration": 60 * DT, "dt": DT, "speed": SPEED, "monitor": "raw",
        "seed": SEED, "dtype": "float64", "threads": 1, "lanes": 4, "block": 4, "progress": False,
    }  # fmt: skip
    settings |= changes
    axes = settings.pop("axes", {"G": GAINS})
    if axes is None:
        return rateloom.simulate(PHASES, **settings)
    return rateloom.sweep(PHASES, axes, **settings)


@pytest.fixture(scope="module")
def sweep() -> xr.Dataset:
    return phases()


def same(one: xr.Dataset, other: xr.Dataset) -> bool:
    """Whether all values are the same, bit for bit."""
    assert set(one.data_vars) == set(other.data_vars)
    return all(np.array_equal(one[name].values, other[name].values) for name in one.data_vars)


@pytest.mark.parametrize("item", [0, 3, 9])
def test_an_item_alone_is_that_of_the_sweep_bit_for_bit(sweep: xr.Dataset, item: int) -> None:
    alone = phases(axes=None, item=item, parameters={"G": GAINS[item]})
    assert same(alone, sweep.isel(G=item))


def test_an_item_alone_has_its_initial_states_too(sweep: xr.Dataset) -> None:
    other = phases(axes=None, item=2, parameters={"G": GAINS[3]})
    assert np.abs(other["amplitude"].values - sweep["amplitude"].values[3]).max() > 0.1


@pytest.mark.slow
@pytest.mark.parametrize("lanes", [1, 16])
def test_other_lane_widths_differ_by_rounding_at_most(sweep: xr.Dataset, lanes: int) -> None:
    other = phases(lanes=lanes)
    for name in ("signal", "amplitude", "turn"):
        np.testing.assert_allclose(other[name], sweep[name], rtol=1e-11, atol=1e-12)


@pytest.mark.slow
def test_other_blocks_of_steps_differ_by_rounding_at_most(sweep: xr.Dataset) -> None:
    other = phases(block=1)
    for name in ("signal", "amplitude", "turn"):
        np.testing.assert_allclose(other[name], sweep[name], rtol=1e-11, atol=1e-12)


def test_thread_count_changes_no_bit(sweep: xr.Dataset) -> None:
    assert same(phases(threads=2), sweep)


def test_chunks_of_another_size_change_no_bit(sweep: xr.Dataset, tmp_path: Any) -> None:
    lines: list[str] = []
    # Kept on disk, a lane block at a time is all that has to fit.
    small = phases(memory=130_000, threads=2, out=tmp_path / "small.zarr", announce=lines.append)
    assert "4 at once on 1 thread" in " ".join(lines), lines
    assert same(small, sweep)


def test_segments_of_a_run_change_no_bit(sweep: xr.Dataset, monkeypatch: pytest.MonkeyPatch) -> None:
    n_node, lanes, steps = middling().n_node, 4, 7
    monkeypatch.setattr(lane_block, "_SEGMENT", n_node * lanes * steps)
    assert same(phases(), sweep)


def test_items_keep_their_noise_where_items_of_one_speed_are_put_together() -> None:
    speeds, gains = [20.0, 10.0], GAINS[:3]
    both = phases(axes={"speed": speeds, "G": gains})
    across = phases(axes={"G": gains, "speed": speeds})
    for k, speed in enumerate(speeds):
        for i, gain in enumerate(gains):
            by_speed = phases(axes=None, item=3 * k + i, parameters={"G": gain}, speed=speed)
            assert same(by_speed, both.isel(speed=k, G=i))
            by_gain = phases(axes=None, item=2 * i + k, parameters={"G": gain}, speed=speed)
            assert same(by_gain, across.isel(speed=k, G=i))


def test_a_longer_run_begins_like_a_shorter_one(sweep: xr.Dataset) -> None:
    longer = phases(duration=75 * DT)
    np.testing.assert_array_equal(longer["signal"].values[:, :60], sweep["signal"].values)


@pytest.mark.parametrize("seed", [0, 1, SEED - 1, SEED ^ 2**32])
def test_seeds_differ(sweep: xr.Dataset, seed: int) -> None:
    initial = {"theta": 0.0, "amplitude": 1.0}
    one, other = phases(initial=initial), phases(initial=initial, seed=seed)
    assert np.isclose(one["signal"], other["signal"]).mean() < 0.01


def walks(dtype: str, steps: int, **settings: Any) -> NDArray[np.float64]:
    """Deviates (noise, step, node) in the order in which the model declares the noises."""
    run = rateloom.simulate(
        model_from(WALKS), connectome=far(), duration=float(steps), dt=1.0, integrator="euler", monitor="raw",
        seed=SEED, dtype=dtype, lanes=1, threads=1, progress=False, **settings,
    )  # fmt: skip
    positions = np.array([run[f"x{k}"].values for k in _ORDER], np.float64)
    return np.diff(positions, axis=1, prepend=0.0)


@pytest.mark.parametrize(
    ("dtype", "tolerance"), [("float64", 1e-13), pytest.param("float32", 2e-6, marks=pytest.mark.slow)]
)
def test_five_noises_are_the_documented_deviates(dtype: str, tolerance: float) -> None:
    steps, item, n_node = 9, 7, far().n_node
    ours = walks(dtype, steps, item=item)
    documented = normals(SEED, np.arange(steps)[:, None], np.arange(n_node)[None, :], item, 5)
    np.testing.assert_allclose(ours, documented, rtol=0, atol=tolerance)
    of_oracle = np.array([normal(SEED, n, n_node, item, 5) for n in range(steps)]).swapaxes(0, 1)
    np.testing.assert_allclose(documented, of_oracle, rtol=0, atol=1e-14)


def test_deviates_are_standard_normal_and_independent() -> None:
    deviates = walks("float64", 2000)
    n = deviates[0].size
    # Four standard errors of each statistic.
    assert np.abs(deviates.mean(axis=(1, 2))).max() < 4 / np.sqrt(n)
    assert np.abs(deviates.var(axis=(1, 2)) - 1).max() < 4 * np.sqrt(2 / n)
    assert np.abs((deviates**4).mean(axis=(1, 2)) - 3).max() < 4 * np.sqrt(96 / n)
    flat = deviates.reshape(5, -1)
    between = [flat @ flat.T / n, deviates[:, 1:].reshape(5, -1) @ deviates[:, :-1].reshape(5, -1).T / n]
    across_nodes = np.corrcoef(deviates[0].T)
    assert np.abs(between[0] - np.eye(5)).max() < 5 / np.sqrt(n)
    assert np.abs(between[1]).max() < 5 / np.sqrt(n)
    assert np.abs(across_nodes - np.eye(len(across_nodes))).max() < 5 / np.sqrt(2000)


@pytest.mark.slow
def test_without_noise_nothing_moves_and_nothing_is_random() -> None:
    assert not walks("float64", 9, noise=False).any()


def decay(integrator: str, step: float) -> tuple[float, float]:
    """Stationary variance of dx = -x dt + dW and its standard error, from 4.8 million samples."""
    n, steps, settle = 48, 2200, 200
    silent = rateloom.Connectome(np.zeros((n, n)), np.zeros((n, n)))
    run = rateloom.sweep(
        model_of("decay"), {"s": 1.0 + 1e-12 * np.arange(48)}, connectome=silent, duration=steps * step,
        dt=step, integrator=integrator, monitor="raw", dtype="float64", lanes=4, threads=1, progress=False,
    )  # fmt: skip
    samples = run["x"].values[:, settle:]
    # Successive samples are correlated: squares of a first-order autoregression decay with a**2.
    a = 1 - step + (step**2 / 2 if integrator == "heun" else 0.0)
    variance = float((samples**2).mean())
    return variance, variance * np.sqrt(2 / samples.size * (1 + a**2) / (1 - a**2))


def decay_in_theory(integrator: str, z: float) -> float:
    """The scheme's own stationary variance with step z: x' = a x + b N(0, z) gives b**2 z / (1 - a**2)."""
    a, b = (1 - z, 1.0) if integrator == "euler" else (1 - z + z**2 / 2, 1 - z / 2)
    return b**2 * z / (1 - a**2)


@pytest.mark.parametrize(
    ("integrator", "order"), [("heun", 2), pytest.param("euler", 1, marks=pytest.mark.slow)]
)
def test_stationary_variance_and_weak_order(integrator: str, order: int) -> None:
    errors = {}
    for step in (0.5, 0.25):
        variance, standard_error = decay(integrator, step)
        assert abs(variance - decay_in_theory(integrator, step)) < 4 * standard_error
        errors[step] = variance - 0.5
    # The process itself has a variance of a half; Euler is off by 33 % and 14 %, Heun by 7.6 % and 1.8 %.
    measured = np.log2(errors[0.5] / errors[0.25])
    expected = np.log2((decay_in_theory(integrator, 0.5) - 0.5) / (decay_in_theory(integrator, 0.25) - 0.5))
    assert measured == pytest.approx(expected, abs=0.25)
    assert measured == pytest.approx(order, abs=0.5)
