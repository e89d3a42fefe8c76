"""Recorded series that are cleaned and censored, and the simulations that are compared with them."""

import json

import numpy as np
import pandas as pd
import pytest
import xarray as xr

import rateloom
from rateloom import InputError, SignalCleaning
from rateloom.drivers.fitting.data_sources import targets_of
from rateloom.drivers.fitting.fit_plot import connectivity
from rateloom.drivers.fitting.target_form import TargetForm
from rateloom.drivers.measures.cleaning import cleaned
from rateloom.drivers.planning.settings import SettingsWarning

TR, N_NODE, N_TIME = 2000.0, 6, 200
BAND = (0.02, 0.1)
RNG = np.random.default_rng(11)
SERIES = np.cumsum(RNG.normal(size=(N_TIME, N_NODE)), axis=0) + RNG.normal(size=(N_TIME, 1))
CENSORED = [0, 30, 31, 32, 90, 199]
MASK = np.isin(np.arange(N_TIME), CENSORED)
CLEANING = SignalCleaning(BAND, global_signal_regression=True)
SETTINGS = rateloom.MeasureSettings(fcd_window=30 * TR, fcd_step=2 * TR, cleaning=CLEANING)
PLAIN = rateloom.MeasureSettings(fcd_window=30 * TR, fcd_step=2 * TR)


@pytest.fixture(autouse=True)
def folder(tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    return tmp_path


def read(series=SERIES, settings=SETTINGS, **form):
    targets, warnings = targets_of(series=series, tr=TR, settings=settings, form=TargetForm(**form))
    return targets, [str(warning) for warning in warnings]


def test_a_series_and_the_same_one_simulated_have_the_same():
    targets, warnings = read({"own": SERIES})
    assert [target.kind for target in targets] == ["FC", "FCD", "phFCD"] and not warnings
    expected = np.corrcoef(cleaned(SERIES.T, TR, CLEANING))
    np.testing.assert_allclose(targets[0].values, expected, atol=1e-12)
    simulated = xr.Dataset({"x": (("time", "node"), SERIES)}, {"time": TR * np.arange(N_TIME)})
    found = rateloom.measures(simulated, targets=targets, settings=SETTINGS, measures=["mean_FC"])
    assert float(found["fit_FC_own_x"]) == pytest.approx(1, abs=1e-12)
    assert float(found["fit_FCD_own_x"]) == float(found["fit_phFCD_own_x"]) == 0
    best = rateloom.fit(
        simulated.expand_dims(G=[0.0]), series={"own": SERIES}, tr=TR, measure_settings=SETTINGS
    )
    assert best.best["score"].iloc[0] == pytest.approx(1, abs=1e-12)
    np.testing.assert_allclose(connectivity(SERIES, TR, CLEANING), expected, atol=1e-12)
    assert np.isnan(connectivity(np.where(SERIES[3, 4] == SERIES, np.nan, SERIES), TR, CLEANING)[4, 0])


@pytest.mark.parametrize(
    "censor",
    [
        MASK,
        MASK.astype(int),
        MASK[:, None],
        MASK[None],
        np.stack([MASK & (np.arange(N_TIME) < 40), MASK & (np.arange(N_TIME) > 40)], 1),
        CENSORED,
        np.array(CENSORED[::-1], np.int16),
        {"data": MASK},
    ],
)
def test_censored_volumes_are_left_out(censor):
    for series in (SERIES, np.where(MASK[:, None], np.nan, SERIES)):
        (target,), (warning,) = read(series, censor=censor)
        expected = np.corrcoef(cleaned(SERIES.T, TR, CLEANING, ~MASK))
        np.testing.assert_allclose(target.values, expected, atol=1e-12)
        assert "functional connectivity is that of 194 of 200 volumes; dynamics are left out" in warning
        (target,), _ = read(series, PLAIN, censor=censor)
        np.testing.assert_allclose(target.values, np.corrcoef(SERIES[~MASK].T), atol=1e-12)


def test_nothing_censored_changes_nothing():
    for censor in (None, [], np.zeros(N_TIME), {}):
        targets, warnings = read(censor=censor)
        assert len(targets) == 3 and not warnings


def test_files_of_censored_volumes():
    np.savetxt("marks.txt", MASK, "%d")
    np.savetxt("marks.1D", MASK, "%d")
    np.savetxt("numbers.txt", CENSORED, "%d")
    np.save("marks.npy", MASK)
    pd.DataFrame({"fd": RNG.random(N_TIME), "outlier": MASK.astype(int)}).to_csv("motion.tsv", sep="\t")
    np.save("other.npy", SERIES[::-1])
    expected = read(censor=MASK)[0][0].values
    for file in ("marks.txt", "numbers.txt", "marks.npy", "motion.tsv:outlier", "data=marks.txt"):
        np.testing.assert_array_equal(read(censor=[file])[0][0].values, expected, err_msg=file)
    two = {"a": SERIES, "b": "other.npy"}
    targets, _ = read(two, censor=["a=marks.txt"])
    assert [(t.name, t.kind) for t in targets] == [
        ("a", "FC"),
        *(("b", kind) for kind in ("FC", "FCD", "phFCD")),
    ]
    np.testing.assert_array_equal(targets[0].values, expected)
    with pytest.raises(InputError, match="censor: no series is called marks; there are a, b; give NAME=FILE"):
        read(two, censor=["marks.txt"])
    with pytest.raises(InputError, match=r"files that end in .npy"):
        read(censor=["marks.1D"])
    # a name that is given has to be right, of one series as well
    with pytest.raises(InputError, match="censor: no series is called b; there are data; give NAME=FILE"):
        read(censor=["b=marks.txt"])


@pytest.mark.parametrize(
    ("censor", "says"),
    [
        (MASK[:-1], "censor of series data: 199 numbers, and there are 200 volumes; give a volume a row"),
        ([3, 3], "2 numbers, and there are 200 volumes"),
        ([200], "1 numbers, and there"),
        ([-1], "the numbers of volumes, counted from 0"),
        ([1.5], "1 numbers"),
        ([np.nan], "1 numbers"),
        (7, "a single numbers"),
        (np.ones((200, 2, 1, 3)), "200 x 2 x 1 x 3 numbers"),
        (np.full(200, 0.3), "200 numbers"),
        (~MASK & (np.arange(N_TIME) > 3), "^censor .* 1 marks one that is left out"),
        (np.ones(N_TIME), "0 of 200 volumes are left, and 3 are needed; 1 marks one that is left out"),
        ({"rest": MASK}, "no series is called rest; there are data"),
        ("absent.txt", "no such file"),
        (object(), "give a file, an array"),
        ({"data": ["a"]}, "give a file, an array"),
    ],
)
def test_what_cannot_be_censored_is_refused(censor, says):
    if "^" in says:
        with pytest.warns(SettingsWarning, match=says):
            rateloom.targets(series=SERIES, tr=TR, censor=censor, settings=PLAIN)
        return
    with pytest.raises(InputError, match=says) as error:
        rateloom.targets(series=SERIES, tr=TR, censor=censor, settings=SETTINGS)
    assert "\n" not in str(error.value)


def test_series_that_cannot_be_cleaned_are_refused():
    with pytest.raises(InputError, match="censor: no series is called censor; there is no series"):
        rateloom.targets(fc=np.corrcoef(SERIES.T), censor=MASK)
    with pytest.raises(
        InputError, match=r"series data: band_pass of 0\.02 to 0\.1 Hz takes 50000 ms at least"
    ):
        read(SERIES[:24])
    with pytest.raises(InputError, match="the series has 18000 ms"):
        read(censor=np.abs(np.arange(N_TIME) - 50) > 4)
    same = np.repeat(SERIES[:, :1], N_NODE, axis=1)
    with pytest.raises(
        InputError, match=r"column 0 .of 200 x 6, a column a region. does not vary once it is cleaned"
    ):
        read(same)
    with pytest.raises(InputError, match=r"column 2 .* does not vary$"):
        read(np.where(np.arange(N_NODE) == 2, 1e9 * MASK[:, None], SERIES), censor=MASK)


def test_regions_without_a_series_are_not_in_the_global_signal():
    holes = np.where(np.arange(N_NODE) == 4, np.nan, SERIES)
    (target,), warnings = read(holes)
    expected = np.corrcoef(cleaned(np.delete(SERIES, 4, 1).T, TR, CLEANING))
    rest = [k for k in range(N_NODE) if k != 4]
    np.testing.assert_allclose(target.values[np.ix_(rest, rest)], expected, atol=1e-12)
    assert np.isnan(target.values[4, :4]).all()
    assert "its global signal is that of the other regions, and that of simulations is of all" in warnings[1]
    with pytest.raises(InputError, match="4 of 6 regions are NaN"):
        read(np.where(np.arange(N_NODE) < 4, np.nan, SERIES))


RUN = {"connectome": "synthetic:6", "duration": 300.0, "dt": 0.1, "seed": 3}
BRIEF = rateloom.MeasureSettings(
    fcd_window=60.0, fcd_step=10.0, cleaning=SignalCleaning((10.0, 100.0), global_signal_regression=True)
)
AXES = {"G": [0.0, 0.05]}


@pytest.mark.slow
def test_a_study_cleans_what_its_series_would_be(folder):
    series = rateloom.sweep("linear", AXES, **RUN)
    recorded = series["x"].isel(G=1)
    targets = rateloom.targets(series={"own": recorded}, tr=1.0, settings=BRIEF)
    how = {"keep": "measures", "targets": targets, "measure_settings": BRIEF, **RUN}
    found = rateloom.sweep("linear", AXES, out="study", **how)
    expected = rateloom.measures(series, "synthetic:6", targets=targets, settings=BRIEF)
    xr.testing.assert_equal(found.drop_attrs(), expected.drop_attrs())
    assert float(found["fit_FC_own_x"][1]) == pytest.approx(1, abs=1e-6)
    plan = json.loads((folder / "study" / "plan.json").read_text())
    assert plan["measures"]["settings"]["cleaning"]["band_pass"] == [10.0, 100.0]
    assert json.loads(found.attrs["measure_settings"])["cleaning"]["global_signal_regression"] is True
    xr.testing.assert_equal(rateloom.resume("study"), found)
    other = rateloom.MeasureSettings(fcd_window=60.0, fcd_step=10.0)
    with pytest.raises(InputError, match=r"another study is in it.*measures\.settings\.cleaning"):
        rateloom.sweep(
            "linear", AXES, out="study", resume=True, **how | {"measure_settings": other, "targets": ()}
        )
    with pytest.raises(
        InputError, match=r"target own: its series was cleaned by .* give both the same settings"
    ):
        rateloom.sweep("linear", AXES, **how | {"measure_settings": other})
    slow = rateloom.MeasureSettings(cleaning=SignalCleaning(BAND))
    with pytest.raises(InputError, match=r"exposure x: band_pass .* takes 50000 ms at least"):
        rateloom.fit("linear", AXES, fc=np.corrcoef(SERIES.T), measure_settings=slow, **RUN)
