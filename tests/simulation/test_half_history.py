"""A history in half precision: a factor has all of its eleven bits there, whatever its size."""

from __future__ import annotations

import json
from collections.abc import Mapping
from pathlib import Path
from typing import Any

import numpy as np
import pytest
import xarray as xr
from agreement import Job
from emulation import cuda_run
from run_on_host import run_on_host
from small_connectomes import DT, SPEED, far, middling
from special_models import model_from

import rateloom
from rateloom import oracle
from rateloom.drivers.backends.device.history_scales import RULE, scales_of, with_inverses
from rateloom.drivers.backends.emulated.host_compiler import host_compiler
from rateloom.generator.targets.cuda.support import support_text

needs_compiler = pytest.mark.skipif(host_compiler() is None, reason="no C++ compiler on this machine")
STEPS = 60
SETTINGS: dict[str, Any] = {
    "duration": STEPS * DT, "dt": DT, "speed": SPEED, "connectome": middling(), "monitor": "raw", "seed": 7,
    "normalize": "none", "backend": "emulated", "history_dtype": "float16", "dtype": "float32", "lanes": 4,
    "progress": False,
}  # fmt: skip
# Delayed values are off by 2**-11 of themselves at most; runs of so few steps are by half of that.
HALF = 2.0**-12
# What sources send: a state, what is made of one, and what needs both ends of an edge.
SENT = {
    "state": "{v}_j",
    "made": "{v}_j / (1 + ({v}_j / {v}_unit)^2)",
    "edge": "{v}_j / (1 + abs({v}_j - {v}) / {v}_unit)",
}


def model_of(folder: Path, sent: str, initial: Mapping[str, str]) -> Any:
    """States that have nothing to do with one another, each driven through its own coupling."""
    units = "".join(f'<Parameter name="{v}_unit" value="1"/>' for v in initial if "unit" in SENT[sent])
    each = "".join(
        f'<Parameter name="{v}_drive" value="0"/>'
        f'<Parameter name="{v}_growth" value="-1"/><StateVariable name="{v}" initial="{values}"/>'
        f'<Coupling name="c_{v}" pre="{SENT[sent].format(v=v)}" post="gx / 4"/>'
        for v, values in initial.items()
    )
    slopes = "".join(
        f'<TimeDerivative variable="{v}" value="c_{v} + {v}_growth * {v} + {v}_drive"/>' for v in initial
    )
    seen = "".join(f'<Exposure name="{v}"/>' for v in initial)
    path = folder / "sizes.xml"
    path.write_text(f'<Model name="sizes">{units}{each}<Dynamics>{slopes}</Dynamics>{seen}</Model>', "utf-8")
    return rateloom.load(path)


def expected(model: Any, settings: Mapping[str, Any], parameters: Mapping[str, float]) -> dict[str, Any]:
    """What the oracle makes of it, in double precision."""
    connectome = settings["connectome"]
    experiment = oracle.prepare(
        model, connectome.weights, connectome.tract_lengths, dt=DT, speed=settings["speed"], noise=False,
        integrator="heun", seed=settings["seed"], item=0, inputs={}, parameters=parameters,
    )  # fmt: skip
    states, seen = [oracle.initial_state(experiment)], []
    for n in range(STEPS):
        after, exposures = oracle.step(experiment, np.array(states), n)
        states.append(after)
        seen.append(exposures)
    return {name: np.array([one[name] for one in seen]) for name in seen[0]}


def errors(result: xr.Dataset, reference: Mapping[str, Any]) -> list[float]:
    """Largest differences as shares of the largest values, however small these are."""
    assert int(result.diverged_step) == -1
    return [
        float(np.abs(result[name].values.astype(float) - values).max() / np.abs(values).max())
        for name, values in reference.items()
    ]


@needs_compiler
@pytest.mark.parametrize("sent", SENT)
def test_small_and_large_factors_of_one_model(tmp_path: Path, sent: str) -> None:
    sizes = {"x": 1e-6, "y": 1e5}
    model = model_of(tmp_path, sent, {v: f"{size / 2}, {1.5 * size}" for v, size in sizes.items()})
    parameters = {f"{v}_unit": size for v, size in sizes.items() if "unit" in SENT[sent]}
    for connectome, speed in ((middling(), SPEED), (far(), np.inf)):
        settings = {**SETTINGS, "connectome": connectome, "speed": speed}
        half = rateloom.simulate(model, parameters=parameters, **settings)
        found = errors(half, expected(model, settings, parameters))
        assert max(found) < HALF
        assert min(found) > 2e-7, "what is in half precision is seen"


@needs_compiler
@pytest.mark.parametrize("dtype", ["float32", pytest.param("float64", marks=pytest.mark.slow)])
def test_the_error_does_not_depend_on_the_size(tmp_path: Path, dtype: str) -> None:
    found = []
    for size in (1e-8, 1.0, 1e6):
        model = model_of(tmp_path, "state", {"x": f"{size / 2}, {1.5 * size}"})
        half = rateloom.simulate(model, **(SETTINGS | {"dtype": dtype}))
        found += errors(half, expected(model, SETTINGS, {}))
    assert max(found) < HALF
    assert max(found) < 4 * min(found)


@needs_compiler
def test_sizes_that_are_powers_of_two_apart_give_the_same_bits(tmp_path: Path) -> None:
    """Scaling rounds nothing."""
    results = []
    for power in (-40, 0, 30):
        size = 2.0**power
        model = model_of(tmp_path, "state", {"x": f"{size / 2}, {1.5 * size}"})
        results.append(rateloom.simulate(model, **SETTINGS)["x"].values / np.float32(size))
    assert np.array_equal(results[0], results[1])
    assert np.array_equal(results[0], results[2])


@needs_compiler
def test_a_work_item_that_starts_from_zero_is_scaled_by_what_it_does_first(tmp_path: Path) -> None:
    """Each work item is scaled by itself: alone it gives the same bits."""
    model = model_of(tmp_path, "state", {"x": "0"})
    drives = [1e-9, 0.0, 1e7, 1.0, -1e-3]
    swept = rateloom.sweep(model, {"x_drive": drives}, **SETTINGS)
    for k, drive in enumerate(drives):
        parameters = {"x_drive": drive}
        alone = rateloom.simulate(model, parameters=parameters, item=k, **(SETTINGS | {"lanes": 1}))
        assert np.array_equal(swept["x"].values[k], alone["x"].values)
        if drive:
            assert errors(alone, expected(model, SETTINGS, parameters))[0] < HALF
        else:
            assert not alone["x"].values.any()


@pytest.mark.slow
@needs_compiler
def test_neither_the_shape_nor_the_order_of_threads_changes_a_bit() -> None:
    """As a product of matrices a thread sums lanes that are not its own, each with a scale of its own."""
    job = Job("instant", far(), np.inf, "heun", "float32", True, 8, 1)
    visited = cuda_run(job, 23, half=True, changes={"rows": 1, "groups": 3}).drop_attrs()
    for rows, groups in ((4, 2), (16, 1)):
        changes = {"rows": rows, "groups": groups}
        assert cuda_run(job, 23, half=True, changes=changes).drop_attrs().identical(visited)
    assert cuda_run(job, 23, half=True, backend="emulated-debug").drop_attrs().identical(visited)


@needs_compiler
def test_states_before_the_start_count_too(tmp_path: Path) -> None:
    """What is heard first is large, and what follows is small."""
    model = model_of(tmp_path, "state", {"x": "1"})
    past = np.geomspace(1e5, 1.0, 40)[:, None, None] * np.linspace(0.5, 1.0, middling().n_node)
    half, whole = (
        rateloom.simulate(model, history=past, **(SETTINGS | {"history_dtype": kept}))
        for kept in ("float16", None)
    )
    assert errors(half, {"x": whole["x"].values.astype(float)})[0] < HALF


@needs_compiler
def test_what_outgrows_its_scale_stays_finite(tmp_path: Path) -> None:
    """A state that grows by ten orders of magnitude, sent to neighbours by a weak coupling."""
    model = model_of(tmp_path, "state", {"x": "1"})
    half = rateloom.simulate(model, parameters={"x_growth": 8.0}, **SETTINGS)
    assert int(half.diverged_step) == -1
    assert half["x"].values[-1].min() > 1e9


@needs_compiler
def test_values_beyond_the_range_are_kept_as_the_greatest_there_is() -> None:
    source = f"""{support_text()}
    extern "C" __global__ void there_and_back(const real* x, const real* scales, real* back)
    {{
        back[threadIdx.y] = rescaled(recall(keep(x[threadIdx.y], scales, 1)), scales, 1);
    }}"""
    x = np.array([65504.0, 65519.0, 1e30, np.inf, -1e30, 3.0, np.nan, 0.0], np.float32)
    for scale in (1.0, 2.0**20, 2.0**-30):
        scales, back = with_inverses(np.array([[7.0], [scale]]), np.float32), np.zeros_like(x)
        arguments = [(x * np.float32(scale)), np.ascontiguousarray(scales), back]
        run_on_host(source, "there_and_back", (1, 1), (1, 8), arguments, {"HALF_HISTORY": "1", "LANES": "1"})
        most = 65504.0
        expected = np.array([most, most, most, most, -most, 3.0, np.nan, 0.0]) * scale
        np.testing.assert_array_equal(back, expected)


def test_scales_are_powers_of_two_that_bring_the_largest_between_one_and_two() -> None:
    largest = 10.0 ** np.random.default_rng(1).uniform(-30, 30, (5, 200))
    scales = scales_of(largest)
    assert (np.frexp(scales)[0] == 0.5).all()
    assert (largest >= scales).all() and (largest < 2 * scales).all()
    assert (scales_of(np.array([1.0, 1.5, 2.0, 0.25])) == [1.0, 1.0, 2.0, 0.25]).all()
    assert scales_of(np.zeros(1)) == 1.0


def test_scales_and_their_inverses_are_numbers_of_single_precision() -> None:
    largest = np.array([[[1e-300, 5e-324, 1e300, 1.7e308, 0.0]]])
    both = with_inverses(scales_of(largest), np.float32)
    assert both.shape == (1, 1, 2, 5)
    assert (both[0, 0, 0] * both[0, 0, 1] == 1.0).all()
    assert (np.finfo(np.float32).tiny <= both).all() and np.isfinite(both * np.float32(65504)).all()


@needs_compiler
def test_a_result_says_how_its_history_was_scaled(tmp_path: Path) -> None:
    model = model_of(tmp_path, "state", {"x": "1"})
    for kept, rule in (("float16", RULE), (None, None)):
        result = rateloom.simulate(model, **(SETTINGS | {"history_dtype": kept}))
        assert json.loads(result.attrs["variant"]).get("history_scales") == rule


@pytest.mark.slow
@needs_compiler
def test_scales_depend_on_no_block() -> None:
    """A model that starts from zero: what it is after as many steps, whatever is advanced at once."""
    text = """
    <Model name="grown">
      <StateVariable name="x" initial="0"/> <StateVariable name="y" initial="1e-3"/>
      <Coupling name="c" pre="x_j" post="0.01 * gx"/>
      <Dynamics>
        <TimeDerivative variable="x" value="y + c"/> <TimeDerivative variable="y" value="0.3 * y"/>
      </Dynamics>
      <Exposure name="x"/>
    </Model>"""
    for block, integrator in ((1, "heun"), (4, "heun"), (1, "heun_renewed")):
        run = SETTINGS | {"block": block, "integrator": integrator}
        half, full = (
            rateloom.simulate(model_from(text), **run | {"history_dtype": dtype})["x"].values
            for dtype in ("float16", None)
        )
        assert np.abs(half - full).max() <= HALF * np.abs(full).max(), (block, integrator)
