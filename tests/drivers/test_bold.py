"""BOLD signals against TVB's analyzer, the oracle, and what is known of the blood's response."""

from __future__ import annotations

from typing import Any

import numpy as np
import pytest
import xarray as xr
from numpy.typing import NDArray

import rateloom
from rateloom import BoldSettings, InputError, oracle
from rateloom.api.generation import code_for
from rateloom.drivers.observation.bold.bold_settings import bold_timing
from rateloom.drivers.observation.bold.haemodynamics import BOLD, haemodynamics_of
from rateloom.drivers.observation.bold.signals import open_bold

Array = NDArray[np.float64]

# Both integrate the same equations by Heun's scheme with the same step: only the order of operations differs,
# by some 1e-15 of a signal of a few per cent.
SAME = 1e-12
STEP = 4.0
FRISTON_2003 = {"tau_s": 1 / 0.65, "tau_f": 1 / 0.41, "tau_o": 0.98, "alpha": 0.32, "E0": 0.34}


def activity(n_time: int = 8000) -> Array:
    """Noise on a wandering rate, a step up and down, white noise, and rest."""
    random = np.random.default_rng(3)
    wandering = 0.1 * np.abs(random.standard_normal(n_time).cumsum() / 30)
    step = np.where((np.arange(n_time) > 500) & (np.arange(n_time) < 2500), 0.8, 0.0)
    return np.stack([wandering, step, random.random(n_time), np.zeros(n_time)], axis=1)


def series(values: Array, distance: float = STEP) -> xr.Dataset:
    """Samples that stand for the time before their stamp, as monitor raw's do."""
    times = distance * np.arange(1, len(values) + 1)
    return xr.Dataset({"E": (("time", "node"), values)}, {"time": times}, {"monitor": "raw"})


def every_step(values: Array, **options: Any) -> Array:
    return rateloom.bold(series(values), tr=STEP, dt=STEP, **options)["BOLD"].values


def tvb_bold(values: Array, **options: Any) -> Array:
    """TVB starts at rest and reads the sample at the end of each step: not the first one."""
    fmri_balloon = pytest.importorskip("tvb.analyzers.fmri_balloon")
    from tvb.datatypes.time_series import TimeSeries

    options = dict(options)
    if "bold_model" in options:
        options["bold_model"] = fmri_balloon.BoldModels(options["bold_model"])
    data = np.concatenate([values[:1], values])[:, None, :, None]
    given = TimeSeries(data=data, time=STEP * np.arange(len(data)), sample_period=STEP)
    found = fmri_balloon.BalloonModel(time_series=given, **options).evaluate()
    return np.asarray(found.data[1:, 0, :, 0])


@pytest.mark.filterwarnings("ignore")
@pytest.mark.parametrize(
    ("theirs", "ours"),
    [
        ({}, {}),
        ({"RBM": False, "bold_model": "linear"}, {"revised": 0, "linear": 1}),
        ({"RBM": True, "bold_model": "linear", "tau_f": 2.44}, {"linear": 1, "tau_f": 2.44}),
        ({"RBM": False, "epsilon": np.array([1.0]), "E0": 0.34}, {"revised": 0, "epsilon": 1, "E0": 0.34}),
    ],
)
def test_bold_is_that_of_tvbs_analyzer(theirs: dict[str, Any], ours: dict[str, float]) -> None:
    values = activity()
    expected, found = tvb_bold(values, **theirs), every_step(values, parameters=ours)
    assert found.dtype == np.float64 and np.ptp(expected[:, :3], axis=0).min() > 0.5
    np.testing.assert_allclose(found, expected, rtol=0, atol=SAME)


def test_bold_is_the_oracles_with_parameters_of_each_node() -> None:
    values = activity(400)
    efficacy = np.array([0.5, 1.0, 2.0, 1.0])
    run = oracle.simulate(
        rateloom.load("balloon"), np.zeros((4, 4)), np.zeros((4, 4)), steps=400, dt=STEP,
        parameters={"efficacy": efficacy, "tau_s": 1.2}, inputs={"x": (values, STEP)},
    )  # fmt: skip
    found = every_step(values, parameters={"efficacy": efficacy, "tau_s": 1.2})
    np.testing.assert_allclose(found, run["raw"]["bold"], rtol=0, atol=SAME)


@pytest.mark.parametrize(("parameters", "peak", "undershoot"), [({}, 2.9, 7.3), (FRISTON_2003, 3.3, 9.4)])
def test_blood_answers_an_impulse_after_seconds_and_undershoots(
    parameters: dict[str, float], peak: float, undershoot: float
) -> None:
    impulse = np.zeros((10_000, 1))
    impulse[0] = 0.1 * 1000 / STEP
    response = every_step(impulse, parameters=parameters)[:, 0]
    seconds = STEP * np.arange(1, 10_001) / 1000
    assert seconds[response.argmax()] == pytest.approx(peak, abs=0.1)
    assert seconds[response.argmin()] == pytest.approx(undershoot, abs=0.1)
    assert abs(response[-1]) < 1e-4 * response.max()
    # the response to a little is the linear one: s and f are a damped oscillator, whose f peaks at
    # atan(w / k) / w with k = 1 / (2 tau_s) and w^2 = 1 / tau_f - k^2; the signal follows within two seconds
    tau_s, tau_f = parameters.get("tau_s", 1.54), parameters.get("tau_f", 1.44)
    damping = 0.5 / tau_s
    frequency = np.sqrt(1 / tau_f - damping**2)
    inflow = np.arctan(frequency / damping) / frequency
    assert inflow < seconds[response.argmax()] < inflow + 2


def test_volumes_do_not_depend_on_how_many_samples_come_at_once() -> None:
    values = activity(1500)[None, :, :, None] * np.array([1.0, 0.5, 0.0])
    settings = BoldSettings(tr=30.0, dt=6.0, warm_up=100.0)
    timing = bold_timing(settings, 2.0, 1500)
    assert (timing.samples_step, timing.steps_volume, timing.skipped, timing.n_volume) == (3, 5, 3, 97)
    haemodynamics = haemodynamics_of(
        code_for(rateloom.load("balloon"), "numba"), settings, timing, (0, 1), 4, "float32"
    )

    def volumes(cuts: list[int]) -> Array:
        sink = open_bold(haemodynamics, np.arange(3))
        for begin, end in zip([0, *cuts], [*cuts, 1500], strict=True):
            sink.take(begin, values[:, begin:end].astype(np.float32))
        return sink.finish()[BOLD]

    whole = volumes([])
    assert whole.shape == (3, 97, 4) and whole.dtype == np.float32
    for cuts in ([1, 2, 3, 5, 700], list(range(7, 1500, 7)), [1499]):
        np.testing.assert_array_equal(volumes(cuts), whole)


def test_steps_are_fed_means_and_the_usual_step_is_four_ms() -> None:
    values = activity(3000)
    coarse = rateloom.bold(series(values.reshape(-1, 4, 4).mean(axis=1), 4.0), tr=200.0)
    fine = rateloom.bold(series(values, 1.0), tr=200.0)
    assert fine.attrs["bold_dt"] == coarse.attrs["bold_dt"] == 4.0
    np.testing.assert_allclose(fine["BOLD"], coarse["BOLD"], rtol=0, atol=SAME)
    np.testing.assert_array_equal(fine["time"], 200.0 * np.arange(1, 16))
    # a quarter of the step, and no mean: Heun's error is of the order of (4 ms / 1 s)^2
    exact = rateloom.bold(series(values, 1.0), tr=200.0, dt=1.0)["BOLD"].values
    np.testing.assert_allclose(fine["BOLD"], exact, rtol=0, atol=1e-3 * np.abs(exact).max())
    assert rateloom.bold(series(values, 1.0), tr=1341.0).attrs["bold_dt"] == 3.0


def test_what_is_not_finite_stays_in_its_node() -> None:
    values = activity(200)
    values[100, 1] = np.nan
    found = rateloom.bold(series(values), tr=40.0)["BOLD"].values
    assert np.isnan(found[10:, 1]).all() and np.isfinite(found[:10]).all()
    assert np.isfinite(found[:, [0, 2, 3]]).all()


def test_a_dataset_of_any_dimensions_keeps_its_axes_and_its_record() -> None:
    values = np.stack([activity(100), 2 * activity(100)])
    dataset = xr.Dataset(
        {"E": (("node", "gain", "time"), values.transpose(2, 0, 1)), "diverged_step": ("gain", [-1, -1])},
        {"time": 10.0 + 4.0 * np.arange(100), "gain": [1.0, 2.0]},
        {"model": "made up"},
    )
    found = rateloom.bold(dataset, "E", tr=100.0)
    assert found["BOLD"].dims == ("gain", "time", "node") and found.attrs["model"] == "made up"
    assert (found.attrs["tr"], found.attrs["bold_from"], found["BOLD"].attrs["unit"]) == (100.0, "E", "%")
    # samples are stamped at their middle, so that these begin at 8 ms
    np.testing.assert_array_equal(found["time"], 108.0 + 100 * np.arange(4))
    alone = rateloom.bold(series(values[1]), tr=100.0)["BOLD"]
    np.testing.assert_array_equal(found["BOLD"][1], alone)


@pytest.mark.parametrize(
    ("options", "message"),
    [
        ({"exposure": "e"}, "the dataset has no exposure 'e'; did you mean 'E'"),
        ({"exposure": 3}, "exposure=3: give the name of an exposure"),
        ({"tr": 0.0}, "tr=0.0: it must be a number of ms, above zero"),
        ({"tr": float("nan")}, "tr=nan: it must be"),
        ({"tr": "2 s"}, "tr='2 s': it must be"),
        ({"tr": 10.0}, "tr: 10 ms is no whole number of samples, which are 4 ms apart"),
        ({"tr": 1e9}, "no volume would be left: the series lasts 400 ms and one comes every tr=1e\\+09 ms"),
        ({"tr": 40.0, "warm_up": 400.0}, "one comes every tr=40 ms after warm_up=400 ms"),
        ({"tr": 40.0, "dt": 6.0}, "dt of the haemodynamic model: 6 ms is no whole number of samples"),
        ({"tr": 40.0, "dt": 12.0}, "tr=40 ms is no whole number of the haemodynamic model's steps of 12 ms"),
        ({"tr": 400.0, "dt": 200.0}, "dt=200 ms of the haemodynamic model: at most 100 ms"),
        ({"tr": 40.0, "warm_up": -1.0}, "warm_up=-1.0: it must be a number of ms, zero or more"),
        ({"tr": 40.0, "parameters": {"tau": 1.0}}, "balloon has no parameter 'tau'; did you mean 'tau_s'"),
        ({"tr": 40.0, "parameters": {"alpha": np.nan}}, "parameter 'alpha' has a value that is not finite"),
        ({"tr": 40.0, "parameters": {"alpha": [1.0] * 3}}, "parameter 'alpha'"),
        ({"tr": 40.0, "parameters": 1.0}, "parameters=1.0: it must be a mapping"),
        (
            {"tr": 40.0, "model": "montbrio"},
            "model montbrio has 0 inputs; a haemodynamic model has one input",
        ),
        ({"tr": 40.0, "model": "blood"}, "blood"),
    ],
)
def test_what_cannot_be_used_is_refused(options: dict[str, Any], message: str) -> None:
    with pytest.raises(InputError, match=message) as caught:
        rateloom.bold(series(activity(100)), **options)
    assert "\n" not in str(caught.value)


def test_a_dataset_that_cannot_be_used_is_refused() -> None:
    with pytest.raises(InputError, match="samples are 200 ms apart, too far for haemodynamics"):
        rateloom.bold(series(activity(100), 200.0))
    with pytest.raises(InputError, match="give an xarray"):
        rateloom.bold(activity(100))  # type: ignore[arg-type]
