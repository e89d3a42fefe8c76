"""Simulated neurons against closed forms, Campbell's theorem and the definition of the random numbers."""

import os
import subprocess
import sys
from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest
from scipy.stats import poisson

from rateloom.drivers.model.random import INPUT_EVENTS, key_of, philox4x32
from rateloom.drivers.neurons.neuron import load_neuron
from rateloom.drivers.neurons.neuron_kernel import Protocol, event_thresholds, simulate_neurons
from rateloom.drivers.neurons.transfer_fit import moments
from rateloom.drivers.support.errors import InputError

MODELS = Path(__file__).resolve().parents[2] / "models"
RS = load_neuron(MODELS / "adex_rs.toml")
QUIET = replace(RS, K_e=0.0, K_i=0.0)
ONE = np.array([0.005])
FIELDS = ("rate", "adaptation", "potential", "deviation")


def recorded(cell, nu_e, nu_i, advance=lambda lane_steps: None, **protocol):
    return simulate_neurons(cell, nu_e, nu_i, Protocol(**protocol), advance)


@pytest.mark.parametrize(("e_l", "t_ref"), [(-49.0, 5.0), (-45.0, 0.0), (-40.0, 5.0), (-20.0, 2.0)])
def test_without_noise_a_leaky_neuron_fires_as_its_closed_form_says(e_l, t_ref):
    # delta = 0: V relaxes to E_L and spikes at V_peak, in a whole number of steps
    cell = replace(QUIET, delta=0.0, E_L=e_l, V_peak=-50.0, t_ref=t_ref, b=0.0)
    charge = cell.C_m / cell.g_L * np.log((e_l - cell.V_reset) / (e_l - cell.V_peak))
    interval = np.ceil(charge / 0.1) * 0.1 + t_ref
    found = recorded(cell, ONE, ONE, duration=20_000.0, repetitions=1).rate[0, 0]
    assert abs(found - 1 / interval) <= 1 / 20_000.0


def test_the_exponential_current_moves_the_threshold_as_theory_says():
    # V = V_th, current g_L (V_th - delta - E_L): the rheobase of an exponential neuron, just below and above
    rheobase = RS.V_th - RS.delta
    for shift, fires in ((-0.05, False), (0.05, True)):
        cell = replace(QUIET, E_L=rheobase + shift, b=0.0)
        rate = recorded(cell, ONE, ONE, duration=5000.0, repetitions=1).rate[0, 0]
        assert (rate > 0) == fires


def test_without_input_it_is_silent_and_at_rest():
    found = recorded(QUIET, ONE, ONE, duration=500.0, repetitions=2)
    assert not found.rate.any()
    assert not found.adaptation.any()
    # the exponential current at rest, e**-7 of a slope, is felt
    np.testing.assert_allclose(found.potential, RS.E_L, atol=2e-3)
    assert found.deviation.max() < 1e-6


def test_moments_of_the_potential_are_campbells():
    # no spikes, no exponential current; single events small beside the leak, so that conductance and
    # potential are not correlated, as the theorem's use here assumes
    cell = replace(RS, delta=0.0, V_peak=1e3, b=0.0, Q_e=0.005, Q_i=0.01)
    nu_e, nu_i = np.array([0.002, 0.01, 0.01]), np.array([0.005, 0.0, 0.02])
    found = recorded(cell, nu_e, nu_i, duration=40_000.0, transient=500.0, repetitions=16)
    expected = moments(cell, nu_e, nu_i, np.zeros(3))
    np.testing.assert_allclose(found.potential.mean(axis=1), expected.mean, atol=0.01)
    np.testing.assert_allclose(found.deviation.mean(axis=1), expected.deviation, rtol=0.02)
    # one conductance alone: its shot noise through a membrane of one time constant, in closed form
    total = cell.g_L + cell.Q_e * cell.tau_e * cell.K_e * 0.01
    jump, tau_m = cell.Q_e * (cell.E_e - expected.mean[1]) / total, cell.C_m / total
    variance = cell.K_e * 0.01 * (jump * cell.tau_e) ** 2 / (2 * (cell.tau_e + tau_m))
    np.testing.assert_allclose(expected.deviation[1] ** 2, variance, rtol=1e-12)


@pytest.mark.parametrize("a", [4.0, -5.0])
def test_adaptation_by_the_potential_adds_to_the_leak_or_takes_from_it(a):
    cell = replace(RS, delta=0.0, V_peak=1e3, a=a, tau_w=20.0, Q_e=0.005, Q_i=0.01)
    nu_e, nu_i = np.array([0.01]), np.array([0.02])
    found = recorded(cell, nu_e, nu_i, duration=40_000.0, transient=1000.0, repetitions=16)
    G_e, G_i = cell.K_e * nu_e * cell.Q_e * cell.tau_e, cell.K_i * nu_i * cell.Q_i * cell.tau_i
    leak = cell.g_L + a
    expected = (leak * cell.E_L + G_e * cell.E_e + G_i * cell.E_i) / (leak + G_e + G_i)
    np.testing.assert_allclose(found.potential.mean(), expected, atol=0.1)
    np.testing.assert_allclose(found.adaptation.mean(), a * (expected - cell.E_L), rtol=0.02)


def test_the_refractory_time_bounds_the_rate():
    cell = replace(RS, K_e=4000.0, b=0.0, K_i=0.0)
    rate = recorded(cell, np.array([0.06]), ONE, duration=500.0, repetitions=1).rate[0, 0]
    assert 0.9 / (RS.t_ref + 0.1) < rate <= 1 / RS.t_ref


def test_the_adaptation_that_is_free_is_that_of_its_spikes_and_the_one_held_stays():
    nu_e, nu_i = np.array([0.006]), np.array([0.005])
    free = recorded(RS, nu_e, nu_i, duration=20_000.0, transient=3000.0)
    expected = RS.b * RS.tau_w * free.rate.mean()
    assert free.rate.mean() > 0.01
    np.testing.assert_allclose(free.adaptation.mean(), expected, rtol=0.02)
    held = recorded(RS, nu_e, nu_i, duration=1000.0, adaptation=expected)
    np.testing.assert_allclose(held.adaptation, expected, rtol=1e-12)
    np.testing.assert_allclose(held.rate.mean(), free.rate.mean(), rtol=0.2)
    assert recorded(RS, nu_e, nu_i, duration=1000.0, adaptation=0.0).rate.mean() > free.rate.mean()


@pytest.mark.parametrize("mean", [0.0, 1e-4, 0.3, 4.0, 29.0])
def test_events_of_a_step_are_poisson(mean):
    n = 200_000
    words = philox4x32((np.arange(n), 0, 0, 0), key_of(3, INPUT_EVENTS))[0].astype(np.uint64)
    thresholds = event_thresholds("excitatory", np.array([mean]))[0]
    counts = np.searchsorted(thresholds, words, side="right")
    assert abs(counts.mean() - mean) <= 5 * np.sqrt(mean / n)
    assert abs(counts.var() - mean) <= 5 * np.sqrt((mean + 2 * mean**2) / n)
    edges = np.arange(counts.max() + 2)
    share = poisson.pmf(edges, mean)
    seen = np.bincount(counts, minlength=edges.size) / n
    assert np.abs(seen - share).max() <= 5 * np.sqrt(share.max() / n)


def test_the_kernel_draws_the_words_that_philox_defines():
    # With V unable to spike, what is measured follows from the events alone: repeat it here, step by step.
    cell = replace(RS, delta=0.0, V_peak=1e3)
    rates, seed, n_step = np.array([0.003, 0.008]), 2**40 + 7, 101
    found = recorded(cell, rates, rates, duration=n_step * 0.1, transient=0.0, repetitions=3, seed=seed)
    point, repetition = 1, 2
    key = key_of(seed, INPUT_EVENTS)
    step = np.arange(n_step)
    words = np.array(philox4x32((step // 2, repetition, point, 0), key)).astype(np.uint64)
    v, g, trace = cell.V_reset, np.zeros(2), []
    tau, q = np.array([cell.tau_e, cell.tau_i]), np.array([cell.Q_e, cell.Q_i])
    left = tau / 0.1 * -np.expm1(-0.1 / tau)
    tables = [event_thresholds("", np.array([k * rates[point] * 0.1])) for k in (cell.K_e, cell.K_i)]
    for n in step:
        pair = words[2 * (n % 2) : 2 * (n % 2) + 2, n]
        events = [np.searchsorted(t[0], w, side="right") for t, w in zip(tables, pair, strict=True)]
        mean_g = g * left + q * events * (1 - left)
        g = g * np.exp(-0.1 / tau) + q * events * left
        total = cell.g_L + mean_g.sum()
        target = (cell.g_L * cell.E_L + mean_g @ [cell.E_e, cell.E_i]) / total
        v = target + (v - target) * np.exp(-0.1 * total / cell.C_m)
        trace.append(v)
    np.testing.assert_allclose(found.potential[point, repetition], np.mean(trace), rtol=1e-12)
    np.testing.assert_allclose(found.deviation[point, repetition], np.std(trace), rtol=1e-9)


def test_results_are_the_same_bit_for_bit_by_seed_and_with_any_number_of_threads(monkeypatch):
    nu_e, nu_i = np.array([0.004, 0.008, 0.012]), np.array([0.0, 0.01, 0.02])
    settings = {"duration": 300.0, "transient": 50.0, "repetitions": 3}
    first = recorded(RS, nu_e, nu_i, seed=5, threads=1, **settings)
    # a portion is one lane
    monkeypatch.setattr("rateloom.drivers.neurons.neuron_kernel._PORTION", 1)
    again = recorded(RS, nu_e, nu_i, seed=5, threads=2, **settings)
    other = recorded(RS, nu_e, nu_i, seed=6, threads=2, **settings)
    for name in FIELDS:
        np.testing.assert_array_equal(getattr(first, name), getattr(again, name))
        assert (getattr(first, name) != getattr(other, name)).any()
    assert np.unique(first.deviation).size == first.deviation.size


def test_work_done_is_told():
    told = []
    recorded(RS, ONE, ONE, duration=10.0, transient=5.0, repetitions=4, advance=told.append)
    assert sum(told) == 4 * 150


@pytest.mark.parametrize(
    ("settings", "says"),
    [
        ({"duration": -1.0}, "duration"),
        ({"duration": np.nan}, "duration"),
        ({"dt": 0.0}, "dt"),
        ({"transient": -1.0}, "transient"),
        ({"transient": np.inf}, "transient"),
        ({"transient": 1e12}, "more than 4294967296 steps"),
        ({"seed": -1}, "seed"),
        ({"threads": 0}, "threads"),
        ({"adaptation": np.nan}, "adaptation"),
        ({"dt": 20.0}, "lower dt"),
    ],
)
def test_bad_settings_are_refused(settings, says):
    with pytest.raises(InputError, match=says):
        recorded(RS, ONE, ONE, **settings)


TWICE = """
import sys
from pathlib import Path
import numpy as np
from rateloom.drivers.neurons import neuron_kernel
from rateloom.drivers.neurons.neuron import load_neuron
rates = np.array([0.002, 0.004])
protocol = neuron_kernel.Protocol(duration=10.0, transient=0.0, repetitions=2, threads=1)
measured = neuron_kernel.simulate_neurons(load_neuron(Path(sys.argv[1])), rates, rates, protocol)
print(sum(neuron_kernel._run_lanes.stats.cache_hits.values()), measured.potential.tobytes().hex())
"""


@pytest.mark.slow
def test_the_kernel_is_compiled_once(tmp_path):
    environment = os.environ | {"NUMBA_CACHE_DIR": str(tmp_path)}
    command = [sys.executable, "-c", TWICE, str(MODELS / "adex_rs.toml")]
    lines = [
        subprocess.run(command, env=environment, capture_output=True, text=True, check=True).stdout.split()
        for _ in range(2)
    ]
    assert [hits for hits, _ in lines] == ["0", "1"]
    assert lines[0][1] == lines[1][1]
