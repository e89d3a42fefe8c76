"""The fit recovers coefficients that it can know, and refuses points that do not determine them."""

from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest

from rateloom.drivers.neurons.neuron import load_neuron
from rateloom.drivers.neurons.transfer_fit import (
    PotentialMoments,
    fit_transfer_function,
    moments,
    terms,
    transfer_rate,
)
from rateloom.drivers.support.errors import InputError

MODELS = Path(__file__).resolve().parents[2] / "models"
CELL = load_neuron(MODELS / "adex_fs.toml")
P_I = np.array(
    [
        *(-0.05149122024209484, 0.004003689190271077, -0.008352013668528155, 0.0002414237992765705),
        *(-0.0005070645080016026, 0.0014345394104282397, -0.014686689498949967),
        *(0.004502706285435741, 0.0028472190352532454, -0.015357804594594548),
    ]
)


def grid(n_e=20, n_i=12):
    e, i = np.meshgrid(np.linspace(0.5, 15, n_e) * 1e-3, np.linspace(0, 30, n_i) * 1e-3, indexing="ij")
    return e.ravel(), i.ravel(), np.linspace(0, 50, e.size)


def test_known_coefficients_are_recovered_from_the_rates_they_give():
    at = moments(CELL, *grid())
    rates = transfer_rate(at, P_I)
    fit = fit_transfer_function(at, rates, 0.05)
    # the tails, which are rates of 1e-9 Hz, are in the threshold just as the others are
    np.testing.assert_allclose(fit.threshold_coefficients, P_I, atol=1e-6)
    np.testing.assert_allclose(fit.coefficients, P_I, atol=1e-6)
    np.testing.assert_allclose(fit.rates[fit.fitted], rates[fit.fitted], atol=1e-10)
    assert fit.r_squared > 1 - 1e-12
    assert fit.rms < 1e-9


def test_the_fit_on_rates_is_at_least_as_close_as_the_one_on_the_threshold():
    at = moments(CELL, *grid())
    generator = np.random.default_rng(1)
    rates = generator.poisson(20_000 * transfer_rate(at, P_I)) / 20_000
    fit = fit_transfer_function(at, rates, 0.05)
    assert fit.rms < fit.threshold_rms
    # of Poisson counts in 20 s, the error is that of counting, less what ten coefficients take up
    expected = np.sqrt(np.mean(transfer_rate(at, P_I)[fit.fitted] / 20_000))
    assert 0.6 * expected < fit.rms < 1.1 * expected
    difference = fit.rates[fit.fitted] - rates[fit.fitted]
    np.testing.assert_allclose(fit.rms, np.sqrt(np.mean(difference**2)), rtol=1e-12)
    assert not fit.on_threshold[rates == 0].any()
    assert fit.fitted[rates == 0].all()
    assert not fit.fitted[rates > 0.05].any()


def test_moments_and_rates_are_tvbs():
    zerlaut = pytest.importorskip("tvb.simulator.models.zerlaut").ZerlautAdaptationFirstOrder
    nu_e, nu_i, w = grid(4, 3)
    n = replace(CELL, E_L=-65.0)
    model = zerlaut(P_e=P_I, E_L_e=np.array([n.E_L]))
    expected = model.TF_excitatory(nu_e - 1e-6, nu_i - 1e-6, 0.0, 0.0, w)
    np.testing.assert_allclose(transfer_rate(moments(n, nu_e, nu_i, w), P_I), expected, rtol=1e-10)


def test_terms_at_their_centres_and_one_unit_off():
    at = PotentialMoments(
        np.array([-60.0, -50, -60, -60]),
        np.array([4.0, 4, 10, 4]),
        np.ones(4),
        np.array([0.5, 0.5, 0.5, 1.5]),
    )
    expected = np.zeros((4, 10))
    expected[:, 0] = 1
    for row in (1, 2, 3):
        expected[row, [row, row + 3]] = 1
    np.testing.assert_array_equal(terms(at), expected)


def test_points_that_do_not_determine_ten_coefficients_are_refused():
    nu_e, nu_i, w = grid()
    at = moments(CELL, nu_e, nu_i, w)
    with pytest.raises(InputError, match="at only 0 of 240 grid points the neuron fires"):
        fit_transfer_function(at, np.zeros(nu_e.size))
    same = moments(CELL, np.full(20, 0.01), np.full(20, 0.01), np.zeros(20))
    with pytest.raises(InputError, match="determine only 1 of the 10 coefficients"):
        fit_transfer_function(same, np.linspace(0.001, 0.002, 20))
    silent = moments(replace(CELL, K_e=0.0, K_i=0.0), nu_e, nu_i, w)
    with pytest.raises(InputError, match="at only 0 of"):
        fit_transfer_function(silent, np.full(nu_e.size, 0.01))
