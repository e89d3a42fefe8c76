"""Sweeps that are compared with targets as they run: in memory, in a study that is gone on with."""

import warnings
from pathlib import Path
from typing import Any

import numpy as np
import pytest
import xarray as xr
from calls import SETTINGS, N
from interruptions import stopped_after
from small_connectomes import DT, middling
from special_models import DRIVEN

import rateloom
from rateloom.drivers.planning.settings import SettingsWarning
from rateloom.drivers.support.errors import InputError

# 50 samples; the model's exposures are x and y
HOW: dict[str, Any] = {**SETTINGS, "duration": 400 * DT, "period": 8 * DT}
AXES: dict[str, Any] = {"G": np.linspace(0.1, 0.9, 5), "speed": [20.0, 9.0]}
N_ITEM = 10
SAMPLE = 8 * DT
WINDOWS = rateloom.MeasureSettings(fcd_window=10 * SAMPLE, fcd_step=2 * SAMPLE)
FC = np.corrcoef(np.random.default_rng(1).normal(size=(N, 40)))


@pytest.fixture(scope="module")
def series(model: Path) -> xr.Dataset:
    return rateloom.sweep(model, AXES, **HOW)


@pytest.fixture(scope="module")
def targets(series: xr.Dataset) -> Any:
    """A matrix of its own, and all that work item 3 says of itself."""
    item = series.isel(G=1, speed=1)["x"]
    made = rateloom.targets({"other": FC}, series={"item3": item}, tr=SAMPLE, settings=WINDOWS)
    assert [(t.name, t.kind) for t in made] == [
        ("other", "FC"), ("item3", "FC"), ("item3", "FCD"), ("item3", "phFCD"),
    ]  # fmt: skip
    return made


@pytest.fixture(scope="module")
def study(model: Path, targets: Any, tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = tmp_path_factory.mktemp("study") / "pilot"
    swept(model, targets, folder)
    return folder


def swept(model: Path, targets: Any, out: Path | None, **changes: Any) -> xr.Dataset:
    how = {"keep": "measures", "targets": targets, "measure_settings": WINDOWS, "out": out, **HOW, **changes}
    return rateloom.sweep(model, AXES, **how)


def test_fits_of_a_sweep_are_those_of_its_series(model: Path, series: xr.Dataset, targets: Any) -> None:
    found = swept(model, targets, None)
    expected = rateloom.measures(series, middling(), targets=targets, settings=WINDOWS)
    xr.testing.assert_equal(found, expected)
    assert float(found["fit_FC_item3_x"][1, 1]) == pytest.approx(1.0, abs=1e-6)
    # the windows' correlations are in single precision, and the target's in double
    assert float(found["fit_FCD_item3_x"][1, 1]) < 0.02


def test_the_plan_holds_the_targets(model: Path, targets: Any, study: Path, tmp_path: Path) -> None:
    with np.load(study / "given.npz") as given:
        np.testing.assert_array_equal(given["target.FC.other"], FC)
    with pytest.raises(InputError, match=r"another study is in it.*target\.FC\.other"):
        swept(model, targets[1:], study, resume=True)
    again = rateloom.resume(study)
    assert "fit_phFCD_item3_y" in again


@pytest.mark.slow
def test_a_fit_that_was_stopped_is_gone_on_with(
    model: Path, targets: Any, study: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    stopped_after(monkeypatch, 1, KeyboardInterrupt)
    with pytest.raises(KeyboardInterrupt):
        swept(model, targets, tmp_path / "again")
    monkeypatch.undo()
    part = rateloom.fit(tmp_path / "again", best=N_ITEM).best
    assert 0 < len(part) < 2 * N_ITEM
    xr.testing.assert_equal(rateloom.resume(tmp_path / "again"), xr.open_zarr(study / "measures.zarr"))


@pytest.mark.parametrize(("by", "best"), [("fc", 1.0), ("fcd", 0.0), ("phase", 0.0), ("both", 1.0)])
def test_what_fits_itself_comes_first(study: Path, by: str, best: float) -> None:
    found = rateloom.fit(study, by=by, best=4, exposure="x").best
    own = found[found["target"] == "item3"]
    assert own["rank"].tolist() == [1, 2, 3, 4] and own["item"].iloc[0] == 3
    assert own["score"].iloc[0] == pytest.approx(best, abs=0.02)
    assert own["score"].is_monotonic_decreasing
    assert (own["G"].iloc[0], own["speed"].iloc[0]) == (AXES["G"][1], 9.0)


def test_a_study_its_measures_and_its_series_are_ranked_alike(
    model: Path, series: xr.Dataset, study: Path, tmp_path: Path
) -> None:
    given: dict[str, Any] = {"fc": {"other": FC}, "exposure": "y", "best": N_ITEM}
    given["measure_settings"] = WINDOWS
    in_memory = rateloom.fit(model, AXES, **given, **HOW)
    series.to_zarr(tmp_path / "s.zarr", zarr_format=2)
    of_study = rateloom.fit(study, exposure="y", best=N_ITEM).best
    tables = [
        of_study[of_study["target"] == "other"],
        in_memory.best,
        rateloom.fit(series, **given).best,
        rateloom.fit(tmp_path / "s.zarr", **given).best,
    ]
    assert in_memory.measures is not None
    fits = in_memory.measures["fit_FC_other_y"].values.ravel()
    for table in tables:
        assert table["item"].tolist() == np.argsort(-fits).tolist()
        for name in ("score", "fit_FC_other_y", "G", "speed", "mean_FC_x"):
            np.testing.assert_array_equal(table[name].to_numpy(), tables[0][name].to_numpy(), err_msg=name)


def test_series_of_work_items_are_simulated_again_bit_for_bit(series: xr.Dataset, study: Path) -> None:
    again = rateloom.time_series(study, [7, 3, 7])
    assert again["x"].dims == ("item", "time", "node")
    for k, (g, speed) in enumerate([(3, 1), (1, 1), (3, 1)]):
        one = series.isel(G=g, speed=speed)
        np.testing.assert_array_equal(again["x"][k], one["x"])
        assert float(again["G"][k]) == float(one["G"]) and float(again["speed"][k]) == float(one["speed"])


@pytest.mark.filterwarnings("ignore:series s")
def test_targets_are_put_in_the_order_of_the_connectome() -> None:
    names = [f"region{k}" for k in range(N)]
    brain = rateloom.Connectome(middling().weights, middling().tract_lengths, labels=names)
    order = np.random.default_rng(2).permutation(N)
    series = np.random.default_rng(3).normal(size=(50, N))
    with pytest.warns(
        SettingsWarning, match="^series s: 50 ms are too few windows for FCD and phFCD: left out"
    ):
        plain = rateloom.targets({"a": FC}, series={"s": series}, tr=1.0)
    assert [target.kind for target in plain] == ["FC", "FC"]
    labels = [names[k] for k in order] + ["thalamus"]
    wide = np.full((N + 1, N + 1), 0.5)
    wide[:N, :N] = FC[np.ix_(order, order)]
    turned = rateloom.targets(
        {"a": wide},
        series={"s": np.c_[series[:, order], series[:, 0]]},
        tr=1.0,
        labels=labels,
        connectome=brain,
    )
    assert [t.kind for t in turned] == [t.kind for t in plain]
    for one, other in zip(plain, turned, strict=True):
        np.testing.assert_allclose(other.values, one.values, atol=1e-12)


@pytest.mark.parametrize(
    ("given", "says"),
    [
        (
            {"fc": np.eye(N + 2)},
            f"target fc: {N + 2} x {N + 2} numbers, and {N} labels .* a row and a col",
        ),
        ({"fc": np.ones((N, N + 1))}, f"{N} x {N + 1} numbers"),
        ({"fc": np.ones((N + 1, N))}, f"{N + 1} x {N} numbers"),
        ({"fc": np.ones(N)}, f"target fc: {N} numbers"),
        ({"fc": np.eye(N - 1)}, f"{N - 1} x {N - 1} numbers"),
        ({"series": np.ones((40, N + 1)), "tr": 1.0}, f"40 x {N + 1} numbers, .* give a column a label"),
    ],
)
def test_a_target_of_another_size_than_its_labels_is_refused(given: dict[str, Any], says: str) -> None:
    names = [f"region{k}" for k in range(N)]
    brain = rateloom.Connectome(middling().weights, middling().tract_lengths, labels=names)
    with pytest.raises(InputError, match=says) as error:
        rateloom.targets(**given, labels=names[::-1], connectome=brain)
    assert "\n" not in str(error.value)


def test_targets_of_series_are_put_in_the_order_of_their_own_regions(
    series: xr.Dataset, tmp_path: Path
) -> None:
    names = [f"region{k}" for k in range(N)]
    order = np.random.default_rng(4).permutation(N)
    labels = [names[k] for k in order]
    how: dict[str, Any] = {"fc": FC[np.ix_(order, order)], "labels": labels, "exposure": "x"}
    expected = rateloom.fit(series, fc=FC, exposure="x").best
    named = series.assign_coords(label=("node", names))
    named.to_zarr(tmp_path / "s.zarr", zarr_format=2)
    brain = rateloom.Connectome(middling().weights, middling().tract_lengths, labels=names)
    for one in (
        rateloom.fit(named, **how),
        rateloom.fit(tmp_path / "s.zarr", **how),
        rateloom.fit(series.drop_vars("label", errors="ignore"), **how, connectome=brain),
    ):
        assert one.best["item"].tolist() == expected["item"].tolist()
        np.testing.assert_allclose(one.best["score"], expected["score"], atol=1e-12)
    with pytest.raises(InputError, match="has none that they could be matched with"):
        rateloom.fit(series.drop_vars("label", errors="ignore"), **how)


@pytest.mark.parametrize("given", [{"labels": ["a"] * N}, {"tr": 1.0}, {"fc": FC}])
def test_a_study_takes_nothing_of_other_targets(study: Path, given: dict[str, Any]) -> None:
    with pytest.raises(InputError, match="has the targets that it was swept with; leave others out"):
        rateloom.fit(study, **given)


@pytest.mark.parametrize(
    ("given", "says"),
    [
        ({}, "nothing to compare with"),
        ({"fc": FC, "by": "cost"}, "rank by one of fc, fcd, phase, both"),
        ({"fc": FC, "best": 0}, "at least 1"),
        ({"fc": FC, "best": 1.5}, "at least 1"),
        ({"fc": FC, "keep": "raw"}, "leave keep= out"),
        ({"fc": FC[:3, :3]}, "it has 3 regions"),
        ({"fc": 3}, "must be a square matrix"),
        ({"fc": object()}, "give a file, an array"),
        ({"fc": {"a": "absent.npy"}}, "no such file"),
        ({"series": np.zeros((40, N)), "tr": 1.0}, "column 0 .* does not vary"),
        ({"series": FC}, r"how far apart its samples are"),
        ({"series": FC, "tr": -1.0}, "it must be above zero and finite"),
        ({"series": np.zeros((2, N)), "tr": 1.0}, "three at least"),
        ({"series": np.full((9, N), np.nan), "tr": 1.0}, "not a finite number"),
        ({"fc": FC, "labels": ["a"] * N}, "the connectome"),
        ({"fc": FC, "measure_settings": 3}, "give a rateloom.MeasureSettings"),
    ],
)
def test_what_cannot_be_fitted_is_refused(model: Path, given: dict[str, Any], says: str) -> None:
    with pytest.raises(InputError, match=says) as error:
        rateloom.fit(model, AXES, **{**HOW, **given})
    assert "\n" not in str(error.value)


def test_what_cannot_be_ranked_is_refused(model: Path, study: Path, tmp_path: Path) -> None:
    with pytest.raises(InputError, match="has the targets that it was swept with"):
        rateloom.fit(study, fc=FC)
    with pytest.raises(InputError, match="exposure 'w' was not measured; there are x, z, y"):
        rateloom.fit(study, exposure="w")
    with pytest.raises(InputError, match="a model takes axes"):
        rateloom.fit(tmp_path)
    with pytest.raises(InputError, match="no work item 10; they count from 0 to 9"):
        rateloom.time_series(study, [10])
    with pytest.raises(InputError, match="a list of numbers of work items"):
        rateloom.time_series(study, 0.5)
    swept(model, (), tmp_path / "plain")
    with pytest.raises(InputError, match="nothing was compared with a target"):
        rateloom.fit(tmp_path / "plain")
    with pytest.raises(InputError, match="by=both: no target has FC and FCD"):
        rateloom.fit(model, AXES, fc=FC, by="both", **HOW)
    with pytest.raises(InputError, match="targets=: no measures are taken"):
        rateloom.sweep(model, AXES, targets=rateloom.targets(FC), **HOW)


@pytest.mark.slow
def test_exposures_that_differ_in_case_are_ranked_apart(tmp_path: Path) -> None:
    path = tmp_path / "cased.xml"
    path.write_text(DRIVEN.replace('<Exposure name="y"', '<Exposure name="X" value="y"'))
    given: dict[str, Any] = {"fc": {"other": FC}, "best": N_ITEM}
    in_memory = rateloom.fit(path, AXES, exposure="X", **given, **HOW).best
    swept(path, rateloom.targets({"other": FC}), tmp_path / "study")
    of_study = rateloom.fit(tmp_path / "study", exposure="X", best=N_ITEM).best
    assert of_study["item"].tolist() == in_memory["item"].tolist()
    for name in ("score", "fit_FC_other_x", "fit_FC_other_X", "mean_FC_X"):
        # some roundings of a correlation; the columns of the two exposures are much further apart
        np.testing.assert_allclose(of_study[name], in_memory[name], atol=1e-12, err_msg=name)
    assert np.ptp(of_study["fit_FC_other_x"] - of_study["fit_FC_other_X"]) > 0.01


def test_a_target_that_is_not_ranked_is_named() -> None:
    matrix = np.corrcoef(np.random.default_rng(1).standard_normal((4, 30)))
    values = np.linspace(-0.5, 0.5, 9)
    series = rateloom.simulate("linear", connectome="synthetic:4", duration=300.0, progress=False)
    windows = rateloom.MeasureSettings(fcd_window=60.0, fcd_step=20.0)
    options = {"fc": {"a": matrix, "b": matrix}, "fcd": {"a": values}, "measure_settings": windows}
    message = "^target b: not ranked, since by=both takes FC and FCD and it has FC; give what is absent"
    with pytest.warns(SettingsWarning, match=message):
        found = rateloom.fit(series, by="both", **options)
    assert set(found.best["target"]) == {"a"}
    with warnings.catch_warnings():
        warnings.simplefilter("error")
        assert set(rateloom.fit(series, by="fc", **options).best["target"]) == {"a", "b"}
