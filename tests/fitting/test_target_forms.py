"""Targets as people have them: triangles, Fisher's z, pairs and regions without a value."""

import numpy as np
import pandas as pd
import pytest
import scipy.io
import scipy.spatial.distance
import scipy.stats
import xarray as xr

import rateloom
from rateloom.drivers.fitting.data_sources import targets_of
from rateloom.drivers.fitting.orientation import Regions
from rateloom.drivers.fitting.target_form import TargetForm
from rateloom.drivers.measures.data_to_fit import DataToFit
from rateloom.drivers.measures.functional_connectivity import correlation_with
from rateloom.drivers.support.errors import InputError

N = 6
RNG = np.random.default_rng(3)
FC = np.corrcoef(RNG.normal(size=(N, 30)))
FC = np.where(np.eye(N) > 0, 1.0, (FC + FC.T) / 2)  # symmetric to the bit
OTHER = np.corrcoef(RNG.normal(size=(N, 30)))
UPPER, LOWER = FC[np.triu_indices(N, 1)], FC[np.tril_indices(N, -1)]
NAMES = ("left hip", "b", "c", "d", "e", "f")


@pytest.fixture(autouse=True)
def folder(tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    return tmp_path


def read(fc=None, regions=None, **options):
    kinds = {kind: options.pop(kind) for kind in ("fcd", "phase_fcd", "series", "tr") if kind in options}
    targets, warnings = targets_of(
        fc, form=TargetForm(**options), regions=regions or Regions(N, NAMES), **kinds
    )
    return targets, [str(warning) for warning in warnings]


@pytest.mark.parametrize(
    ("values", "triangle", "warns"),
    [
        (UPPER, None, True),
        (UPPER, "upper", False),
        (scipy.spatial.distance.squareform(FC, checks=False), "upper", False),
        (LOWER, "lower", False),
        (LOWER[None, :], "lower", False),
        (LOWER[:, None], "lower", False),
        (FC[np.triu_indices(N)], None, False),
        (FC[np.tril_indices(N)], None, False),
        (FC[np.tril_indices(N)], "lower", False),
    ],
)
def test_triangles(values, triangle, warns):
    (target,), warnings = read(values, triangle=triangle)
    np.testing.assert_array_equal(target.values, FC)
    assert len(warnings) == warns
    assert not warns or "the rows of the upper triangle of 6 x 6" in warnings[0]
    np.savetxt("fc.txt", np.atleast_2d(values))
    np.testing.assert_array_equal(read("fc.txt", triangle=triangle)[0][0].values, target.values)


def test_the_number_of_regions_says_which_triangle_it_is():
    ones = np.ones(15)
    ones[1:] = UPPER[1:]  # 6 x 6 without a diagonal, or 5 x 5 with one
    assert read(ones, triangle="upper")[0][0].values.shape == (6, 6)
    assert read(UPPER, Regions(5), triangle="upper")[0][0].values.shape == (5, 5)
    assert read(UPPER, Regions(), triangle="upper")[0][0].values.shape == (6, 6)


def test_names_of_a_file_order_its_regions():
    order = RNG.permutation(N)
    names = [NAMES[k] for k in order]
    pd.DataFrame(FC[order][:, order], names, names).to_csv("fc.csv")
    pd.DataFrame(FC[order][:, order], columns=names).to_parquet("fc.parquet")
    for file in ("fc.csv", "fc.parquet"):
        (target,), warnings = read(file)
        np.testing.assert_array_equal(target.values, FC)
        assert not warnings
    (target,), warnings = read("fc.csv", Regions(N, tuple("uvwxyz")))
    np.testing.assert_array_equal(target.values, FC[order][:, order])
    assert "none of a connectome's" in warnings[0]
    with pytest.raises(InputError, match="target fc: labels: the connectome's region z is absent from them"):
        read("fc.csv", Regions(N, (*NAMES[:-1], "z")))
    (target,), _ = read(UPPER, labels=[*names], triangle="upper")
    assert target.values[0, 1] == FC[names.index(NAMES[0]), names.index(NAMES[1])]


def test_fisher_z():
    with np.errstate(divide="ignore"):
        z = np.arctanh(np.where(np.eye(N) > 0, 1.0, FC))
    (target,), warnings = read(z, scale="fisher-z")
    np.testing.assert_allclose(target.values, FC, atol=1e-15)
    assert not warnings
    (target,), _ = read(None, fcd=np.array([0.5, 2.0, -1.0]), scale="fisher-z")
    np.testing.assert_allclose(target.values, np.tanh([0.5, 2.0, -1.0]))
    with pytest.raises(InputError, match=r"3 is no correlation.*Fisher's z takes --target-scale fisher-z"):
        read(np.where(np.eye(N) > 0, np.inf, 3 * np.sign(FC) * np.abs(FC) / np.abs(FC)))


@pytest.mark.parametrize("value", [np.nan, np.inf, -np.inf])
def test_a_diagonal_of_nothing(value):
    (target,), warnings = read(np.where(np.eye(N) > 0, value, FC))
    np.testing.assert_array_equal(target.values, np.where(np.eye(N) > 0, 1.0, FC))
    assert not warnings


def test_pairs_and_regions_without_a_value_are_left_out():
    masked = FC.copy()
    masked[2, :] = masked[:, 2] = np.nan
    masked[0, 1] = masked[1, 0] = np.nan
    (target,), (warning,) = read(masked)
    assert warning == "target fc: 6 of 15 pairs are NaN: left out of comparisons"
    pairs = np.tril_indices(N, -1)
    known = np.isfinite(masked[pairs])
    expected = scipy.stats.pearsonr(OTHER[pairs][known], FC[pairs][known]).statistic
    assert correlation_with(OTHER, target.values, "standard") == pytest.approx(expected, abs=1e-12)
    known = np.isfinite(target.values)
    expected = scipy.stats.pearsonr(OTHER[known], target.values[known]).statistic
    assert correlation_with(OTHER, target.values, "published") == pytest.approx(expected, abs=1e-12)


def test_simulations_are_compared_with_what_is_there():
    series = np.cumsum(RNG.normal(size=(300, N)), axis=0)
    masked = FC.copy()
    masked[2, :] = masked[:, 2] = np.nan
    data = xr.Dataset({"x": (("time", "node"), series)}, {"time": 10.0 * np.arange(300)})
    found = rateloom.measures(data, targets=[DataToFit("a", "FC", masked)])
    own = np.corrcoef(np.delete(series, 2, axis=1).T)
    pairs = np.tril_indices(N - 1, -1)
    rest = np.delete(np.delete(FC, 2, 0), 2, 1)
    expected = scipy.stats.pearsonr(own[pairs], rest[pairs]).statistic
    assert float(found["fit_FC_a_x"]) == pytest.approx(expected, abs=1e-6)


def test_series_of_some_regions():
    series = np.cumsum(RNG.normal(size=(300, N)), axis=0)
    masked = series.copy()
    masked[:, 2] = np.nan
    (target,), (warning,) = read(series=masked, tr=10.0)
    own = np.corrcoef(series.T)
    own[2, :] = own[:, 2] = np.nan
    own[2, 2] = 1.0
    np.testing.assert_allclose(target.values, own, atol=1e-9)
    assert (
        "1 of 6 regions are NaN: their pairs are left out of comparisons, and so are the dynamics" in warning
    )
    masked[5, 3] = np.nan
    with pytest.raises(InputError, match="first at row 5, column 3"):
        read(series=masked, tr=10.0)


def test_dynamics_from_text_and_mat(folder):
    values = RNG.uniform(-1, 1, 57)
    np.savetxt("column.txt", values)
    np.savetxt("row.csv", values[None, :], delimiter=",")
    scipy.io.savemat("fcd.mat", {"fcd": values})
    (folder / "holes.csv").write_text("fcd\n" + "\n".join(map(repr, map(float, values))) + "\nNA\n")
    for file in ("column.txt", "row.csv", "fcd.mat"):
        (target,), warnings = read(fcd=file)
        np.testing.assert_allclose(target.values, values, rtol=1e-15)
        assert not warnings
    (target,), (warning,) = read(phase_fcd="holes.csv")
    assert "1 of 58 values are NaN" in warning and target.values.shape == (58,)
    matrix = np.where(np.eye(N) > 0, np.nan, FC)
    assert read(fcd=matrix)[0][0].values[0, 0] == 1.0


@pytest.mark.parametrize(
    ("fc", "options", "says"),
    [
        (UPPER[:-1], {}, "14 numbers are no triangle of 6 x 6 numbers"),
        (np.zeros(1), {}, "1 numbers are no triangle"),
        (FC[np.triu_indices(4, 1)], {}, "6 numbers are no triangle of 6 x 6 numbers, which has n(n-1)/2"),
        (UPPER, {"labels": NAMES[:5]}, "5 names, and the connectome has 6 regions"),
        (np.where(FC[1, 4] == FC, np.inf, FC), {}, "first at row 1, column 4, counted from 0"),
        (np.where(np.arange(N * N).reshape(N, N) == 8, np.nan, FC), {}, "not symmetric"),
        (np.where(np.eye(N) > 0, 1.0, np.nan), {}, "0 of its pairs have a value"),
        (FC, {"scale": "z"}, "scale='z' of targets is unknown; use one of correlation, fisher-z"),
        (FC, {"triangle": "left"}, "triangle='left' is unknown; use one of upper, lower"),
        (FC[:4], {}, "it must be a square matrix"),
    ],
)
def test_what_is_refused(fc, options, says):
    with pytest.raises(InputError) as caught:
        read(fc, **options)
    assert says in str(caught.value) and "\n" not in str(caught.value)
