"""Comparisons with targets against SciPy and plain NumPy, on small series and degenerate ones."""

import numpy as np
import pytest
import scipy.signal
import scipy.stats
import xarray as xr

import rateloom
from rateloom.drivers.measures.data_to_fit import DataToFit, phase_dynamics
from rateloom.drivers.support.errors import InputError

DT = 10.0
RNG = np.random.default_rng(5)
N_TIME, N_NODE = 400, 7
# correlated and slow, so that connectivity changes from window to window
SERIES = np.cumsum(RNG.normal(size=(3, N_TIME, N_NODE)), axis=1) @ RNG.normal(size=(N_NODE, N_NODE))
PAIRS = np.triu_indices(N_NODE, 1)
FC = np.corrcoef(RNG.normal(size=(N_NODE, 30)))
VALUES = RNG.uniform(-1, 1, 57)
SETTINGS = rateloom.MeasureSettings(fcd_window=600.0, fcd_step=100.0)
TARGETS = (DataToFit("a", "FC", FC), DataToFit("a", "FCD", VALUES), DataToFit("b", "phFCD", VALUES))


def dataset(values, unit=""):
    times = DT * np.arange(values.shape[1])
    return xr.Dataset({"x": (("G", "time", "node"), values, {"unit": unit})}, {"time": times})


def windows(series, step=10, length=60):
    return [series[k : k + length] for k in range(0, len(series) - length + 1, step)]


def distribution(matrix):
    """Entries two steps or more above the diagonal, which is `fcd_apart`."""
    return matrix[np.triu_indices(len(matrix), 2)]


@pytest.fixture(scope="module")
def found():
    return rateloom.measures(dataset(SERIES), targets=TARGETS, settings=SETTINGS)


def test_connectivity_is_compared_by_pearson(found):
    for k, series in enumerate(SERIES):
        own = np.corrcoef(series.T)
        expected = scipy.stats.pearsonr(own[PAIRS], FC[PAIRS]).statistic
        assert float(found["fit_FC_a_x"][k]) == pytest.approx(expected, abs=1e-9)
        whole = scipy.stats.pearsonr(own.ravel(), FC.ravel()).statistic
        assert float(found["fit_FCwhole_a_x"][k]) == pytest.approx(whole, abs=1e-9)


def test_dynamics_are_compared_by_kolmogorov_and_smirnov(found):
    for k, series in enumerate(SERIES):
        own = np.corrcoef([np.corrcoef(one.T)[PAIRS] for one in windows(series)])
        expected = scipy.stats.ks_2samp(distribution(own), VALUES).statistic
        assert float(found["fit_FCD_a_x"][k]) == pytest.approx(expected, abs=1e-12)


def test_phases_are_compared_by_the_cosines_of_their_differences(found):
    for k, series in enumerate(SERIES):
        phases = np.angle(scipy.signal.hilbert(series - series.mean(axis=0), axis=0))[5::10]
        coherence = np.array([np.cos(p[:, None] - p[None, :])[PAIRS] for p in phases])
        norms = np.linalg.norm(coherence, axis=1)
        own = coherence @ coherence.T / np.outer(norms, norms)
        expected = scipy.stats.ks_2samp(distribution(own), VALUES).statistic
        assert float(found["fit_phFCD_b_x"][k]) == pytest.approx(expected, abs=1e-12)


def test_a_simulation_fits_itself():
    targets = rateloom.targets(series={"self": SERIES[1]}, tr=DT, settings=SETTINGS)
    assert [target.kind for target in targets] == ["FC", "FCD", "phFCD"]
    found = rateloom.measures(dataset(SERIES), targets=targets, settings=SETTINGS)
    np.testing.assert_allclose(found["fit_FC_self_x"][1], 1.0, atol=1e-12)
    np.testing.assert_allclose(found["fit_FCD_self_x"][1], 0.0, atol=1e-12)
    np.testing.assert_allclose(found["fit_phFCD_self_x"][1], 0.0, atol=1e-12)
    assert (found["fit_FC_self_x"][[0, 2]] < 0.999).all() and (found["fit_FCD_self_x"][[0, 2]] > 0).all()


def test_short_series_have_no_dynamics():
    short = rateloom.targets(series={"s": SERIES[0, :65]}, tr=DT, settings=SETTINGS)
    assert [target.kind for target in short] == ["FC", "phFCD"]


def test_names_units_and_descriptions(found):
    fits = [str(name) for name in found if str(name).startswith("fit_")]
    assert fits == ["fit_FC_a_x", "fit_FCwhole_a_x", "fit_FCD_a_x", "fit_phFCD_b_x"]
    assert "of a, over pairs of regions" in found["fit_FC_a_x"].attrs["description"]
    assert all("unit" not in found[name].attrs for name in fits)
    rates = rateloom.measures(dataset(np.abs(SERIES), "Hz"), targets=TARGETS)
    assert "fit_FC_a_x" in rates and "fit_FCwhole_a_x" in rates


def test_the_convention_and_the_other_measures_change_nothing(found):
    published = rateloom.measures(dataset(SERIES), "synthetic:7", "published", targets=TARGETS[:1])
    np.testing.assert_allclose(published["fit_FC_a_x"], found["fit_FC_a_x"], rtol=1e-6)
    plain = rateloom.measures(dataset(SERIES), settings=SETTINGS)
    xr.testing.assert_equal(plain, found[list(plain.data_vars)])


def test_degenerate_series_have_no_fit_and_rest_is_left_out():
    still, one_rests, with_nan = np.array([0, 1, 1])[:, None, None] * SERIES
    one_rests[:, 2], with_nan[5, 3] = 1.0, np.nan
    found = rateloom.measures(
        dataset(np.stack([still, one_rests, with_nan])), targets=TARGETS, settings=SETTINGS
    )
    assert np.isnan(found["fit_FC_a_x"].values[[0, 2]]).all()
    assert np.isnan(found["fit_FCD_a_x"].values[[0, 2]]).all()
    assert np.isnan(found["fit_phFCD_b_x"].values[[0, 2]]).all()
    own = np.corrcoef(np.delete(one_rests, 2, axis=1).T)
    target = np.delete(np.delete(FC, 2, axis=0), 2, axis=1)
    pairs = np.triu_indices(N_NODE - 1, 1)
    expected = scipy.stats.pearsonr(own[pairs], target[pairs]).statistic
    assert float(found["fit_FC_a_x"][1]) == pytest.approx(expected, abs=1e-9)
    assert np.isfinite(found["fit_phFCD_b_x"].values[1])


def test_two_regions_have_no_dynamics_of_phases():
    assert phase_dynamics(SERIES[0, :, :2].T, SERIES[1, :, :2].T, 10).size == 0


@pytest.mark.parametrize(
    ("name", "kind", "values", "says"),
    [
        ("a", "FC", FC[:, :5], "it must be a square matrix"),
        ("a", "FC", VALUES, "it must be a square matrix"),
        ("a", "FC", FC[:2, :2], "a comparison takes more"),
        ("a", "FCD", VALUES[:1], "a comparison takes more"),
        ("a", "FCD", FC[:5], "or one row of values"),
        ("a", "FC", np.where(np.tri(N_NODE, k=-1) > 0, np.inf, FC), "not a finite number"),
        ("a", "FC", 3 * FC, "is no correlation"),
        ("a", "FC", np.triu(FC), "not symmetric"),
        ("a", "FC", np.eye(N_NODE), "all pairs have the value 0"),
        ("a", "SC", FC, "use FC, FCD, phFCD"),
        ("a b", "FC", FC, "letters, digits and underscores"),
        (3, "FC", FC, "letters, digits and underscores"),
        ("", "FC", FC, "letters, digits and underscores"),
        ("a", "FC", [["a"]], "numbers"),
    ],
)
def test_what_is_no_target_is_refused(name, kind, values, says):
    with pytest.raises(InputError) as error:
        DataToFit(name, kind, values)
    assert says in str(error.value) and "\n" not in str(error.value)


@pytest.mark.parametrize(
    ("given", "says"),
    [
        ({"targets": [FC]}, "is no target"),
        ({"targets": "FC"}, "give a list of targets"),
        ({"targets": 3}, "give a list of targets"),
        ({"targets": [TARGETS[0], DataToFit("A", "FC", FC)]}, "two FC are called a"),
        ({"targets": [DataToFit("a", "FC", FC[:5, :5])]}, "it has 5 regions and the simulation 7"),
    ],
)
def test_targets_that_do_not_go_together_are_refused(given, says):
    with pytest.raises(InputError, match=says):
        rateloom.measures(dataset(SERIES), **given)
