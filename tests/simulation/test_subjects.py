"""An axis of connectomes: each subject gives, bit for bit, what a sweep on that connectome alone gives."""

from __future__ import annotations

import shutil
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from typing import Any

import numpy as np
import pytest
import xarray as xr
from calls import DRIVEN, SETTINGS, sweep
from small_connectomes import instant_edges, middling
from special_models import DRIVEN as DRIVEN_TEXT

import rateloom
from rateloom.drivers.backends.emulated.host_compiler import host_compiler
from rateloom.drivers.planning import checked_study
from rateloom.drivers.studies.item_tables import connected
from rateloom.drivers.studies.query import rows_of

pytestmark = pytest.mark.filterwarnings("ignore:.*too short for varFCD")

HOW = {name: value for name, value in SETTINGS.items() if name != "connectome"}
VALUES: dict[str, Any] = {"G": [0.2, 0.4, 0.6, 0.1, 0.9]}
MEASURED = {"keep": "measures", "period": 0.1, "duration": 5.0}


def subjects() -> list[rateloom.Connectome]:
    """One brain, another with other weights and longer delays, and one with fewer edges and short delays."""
    first, random = middling(), np.random.default_rng(1)
    weights, lengths = first.weights, first.tract_lengths
    return [
        first,
        rateloom.Connectome(weights * random.uniform(0.5, 2, weights.shape), 1.7 * lengths + 1, name="other"),
        rateloom.Connectome(
            weights * (random.uniform(size=weights.shape) < 0.6), 0.3 * lengths, name="third"
        ),
    ]


def of_subjects(axes: Any, model: Any = DRIVEN, **changes: Any) -> xr.Dataset:
    return rateloom.sweep(model, axes, **{**HOW, **changes})


@pytest.fixture
def driven(tmp_path: Path) -> Path:
    path = tmp_path / "driven.xml"
    path.write_text(DRIVEN_TEXT)
    return path


@pytest.mark.parametrize("backend", ["numba", "emulated"])
@pytest.mark.parametrize(
    "order",
    [
        ("connectome", "G"),
        pytest.param(("G", "connectome"), marks=pytest.mark.slow),
        ("speed", "connectome", "seed", "G"),
    ],
)
def test_a_subject_is_a_sweep_on_its_connectome(backend: str, order: tuple[str, ...]) -> None:
    if backend == "emulated" and host_compiler() is None:
        pytest.skip("no C++ compiler on this machine")
    how = {"backend": backend, "duration": 1.0}
    values = {"connectome": subjects(), "speed": [20.0, 9.0], "seed": [7, 0], **VALUES}
    axes = {name: values[name] for name in order}
    found = of_subjects(axes, **how)
    assert found["x"].dims[: len(order)] == order
    assert found["connectome"].values.tolist() == ["middling", "other", "third"]
    alone = {name: given for name, given in axes.items() if name != "connectome"}
    for name, brain in zip(found["connectome"].values, subjects(), strict=True):
        expected = sweep(alone, connectome=brain, **how)
        for variable in expected.data_vars:
            subject = found[variable].sel(connectome=name).values
            np.testing.assert_array_equal(subject, expected[variable].values, err_msg=f"{variable} {name}")
    assert (found["x"][{"connectome": 0}] != found["x"][{"connectome": 1}]).any()


@pytest.mark.slow
def test_half_the_histories_of_subjects_are_theirs() -> None:
    if host_compiler() is None:
        pytest.skip("no C++ compiler on this machine")
    how = {"backend": "emulated", "history_dtype": "float16", "duration": 1.0}
    found = of_subjects({"connectome": subjects()[:2], "G": [0.2, 0.4]}, **how)
    for place, brain in enumerate(subjects()[:2]):
        expected = sweep({"G": [0.2, 0.4]}, connectome=brain, **how)
        np.testing.assert_array_equal(found["x"][place].values, expected["x"].values)


def test_each_connectome_is_normalized_as_it_would_be_alone(tmp_path: Path) -> None:
    first, second, _ = subjects()
    file = tmp_path / "sub-02.npz"
    np.savez(file, weights=second.weights, tract_lengths=second.tract_lengths)
    sources = [first, file]
    found = of_subjects({"connectome": sources, "G": [0.5]}, normalize=None)
    assert found.attrs["normalize"] == ["none", "max"]
    assert found["connectome"].values.tolist() == ["middling", "sub-02"]
    for place, source in enumerate(sources):
        expected = sweep({"G": [0.5]}, connectome=source, normalize=None)
        np.testing.assert_array_equal(found["x"][place].values, expected["x"].values)
        assert found.attrs["connectome_hash"][place] == expected.attrs["connectome_hash"]
    by_rows = of_subjects({"connectome": sources, "G": [0.5]}, normalize="row")
    expected = sweep({"G": [0.5]}, connectome=file, normalize="row")
    np.testing.assert_array_equal(by_rows["x"][1].values, expected["x"].values)


@pytest.mark.parametrize("measures", [None, ["connectivity"]])
@pytest.mark.parametrize("backend", ["numba", "emulated"])
def test_a_subject_is_compared_with_its_own_connectome(backend: str, measures: Any, driven: Path) -> None:
    if backend == "emulated" and host_compiler() is None:
        pytest.skip("no C++ compiler on this machine")
    how = {**MEASURED, "model": driven, "backend": backend, "measures": measures}
    found = of_subjects({"G": [0.2, 0.6], "connectome": subjects()}, **how)
    for place, brain in enumerate(subjects()):
        expected = sweep({"G": [0.2, 0.6]}, connectome=brain, **how)
        for name in expected.data_vars:
            np.testing.assert_array_equal(found[name].values[:, place], expected[name].values, err_msg=name)
    # against NumPy: Pearson's correlation of a matrix of correlations with weights, over pairs of regions
    series = of_subjects({"G": [0.2, 0.6], "connectome": subjects()}, period=0.1, duration=5.0)
    connectivity = np.corrcoef(series["x"].values[1, 2].T)
    weights, pairs = subjects()[2].weights, np.tril_indices(6, -1)
    by_hand = np.corrcoef(connectivity[pairs], (weights + weights.T)[pairs])[0, 1]
    assert found["corr_FC_SC_x"].values[1, 2] == pytest.approx(by_hand, abs=1e-9)  # rounding of sums


def test_series_of_subjects_are_compared_with_a_list_of_connectomes(driven: Path) -> None:
    axes = {"connectome": subjects(), "G": [0.2, 0.6]}
    series = of_subjects(axes, model=driven, period=0.1, duration=5.0)
    measured = of_subjects(axes, model=driven, **MEASURED)
    found = rateloom.measures(series, subjects())
    for name in measured.data_vars:
        np.testing.assert_array_equal(found[name].values, measured[name].values, err_msg=str(name))
    assert found.indexes["connectome"].tolist() == ["middling", "other", "third"]
    with pytest.raises(rateloom.InputError, match="2 are given, and the dataset has 3 connectomes"):
        rateloom.measures(series, subjects()[:2])
    with pytest.raises(rateloom.InputError, match="1 are given, and the dataset has no axis connectome"):
        rateloom.measures(series.isel(connectome=0), subjects()[:1])


def test_measures_of_bold_signals_are_compared_with_each_connectome() -> None:
    how = {
        "keep": "measures", "measures": ["connectivity"], "duration": 400.0, "dt": 0.1, "seed": 3, "lanes": 2,
        "bold": rateloom.BoldSettings("r", tr=60.0), "progress": False,
    }  # fmt: skip
    names, axes = ["synthetic:5", "synthetic:5:1"], {"G": [0.1, 0.2]}
    found = rateloom.sweep("montbrio", {"connectome": names, **axes}, **how)
    expected = rateloom.sweep("montbrio", axes, connectome=names[1], **how)
    np.testing.assert_array_equal(found["corr_FC_SC_BOLD"][1], expected["corr_FC_SC_BOLD"])
    assert (found["corr_FC_SC_BOLD"][0] != found["corr_FC_SC_BOLD"][1]).all()


def test_a_study_of_subjects_goes_on_and_gives_series(driven: Path, tmp_path: Path) -> None:
    study, axes = tmp_path / "study", {"connectome": subjects(), "G": [0.2, 0.4]}
    how = {**MEASURED, "model": driven}
    whole = of_subjects(axes, out=study, **how).load()
    xr.testing.assert_equal(whole, of_subjects(axes, **how))
    with ThreadPoolExecutor(2) as pool:
        xr.testing.assert_equal(whole, of_subjects(axes, executor=pool, **how))
    rows = rows_of(study, "SELECT item, connectome, corr_FC_SC_x FROM work_items WHERE connectome = 'other'")
    assert rows["item"].tolist() == [2, 3]
    np.testing.assert_array_equal(rows["corr_FC_SC_x"], whole["corr_FC_SC_x"].sel(connectome="other"))
    with connected(study) as tables:
        tables.execute("DELETE FROM work_items WHERE item % 2 = 1")
        tables.execute("DELETE FROM regions WHERE item % 2 = 1")
    shutil.rmtree(study / "measures.zarr")
    xr.testing.assert_identical(rateloom.resume(study, progress=False).load(), whole)
    series = rateloom.time_series(study, [5, 0], progress=False)
    assert series["connectome"].values.tolist() == ["third", "middling"]
    kept = of_subjects(axes, model=driven, period=0.1, duration=5.0)
    np.testing.assert_array_equal(series["x"].values, kept["x"].values[[2, 0], [1, 0]])
    arrays = dict(np.load(study / "given.npz"))
    np.savez(study / "given.npz", **arrays | {"subject.1.weights": 2 * arrays["subject.1.weights"]})
    with pytest.raises(rateloom.InputError, match=r"subject\.1\.weights was changed"):
        rateloom.resume(study, progress=False)


@pytest.mark.parametrize("name", ["s.zarr", "s.nc"])
def test_series_of_subjects_are_kept_and_run_again(name: str, tmp_path: Path) -> None:
    axes = {"G": [0.2, 0.4], "connectome": subjects()}
    found = of_subjects(axes)
    kept = of_subjects(axes, out=tmp_path / name).load()
    xr.testing.assert_equal(kept, found)
    for result in (found, kept):
        xr.testing.assert_equal(rateloom.rerun(result, progress=False), found)
    named = of_subjects({"connectome": ["synthetic:5:1", "synthetic:5:2"]}, normalize=None)
    assert "connectome.weight" not in named and named["connectome"].values[1] == "synthetic:5:2"
    xr.testing.assert_identical(rateloom.rerun(named, progress=False), named)
    with pytest.raises(rateloom.InputError, match="it lacks its connectome"):
        rateloom.rerun(found.isel(connectome=[0, 1]))


@pytest.mark.parametrize("backend", ["numba", "emulated"])
def test_subjects_go_on_from_their_states(backend: str, tmp_path: Path) -> None:
    if backend == "emulated" and host_compiler() is None:
        pytest.skip("no C++ compiler on this machine")
    axes, how = {"connectome": subjects(), "G": [0.2, 0.4]}, {"backend": backend, "period": 0.1}
    whole = of_subjects(axes, duration=2.0, **how)
    first = of_subjects(axes, duration=1.0, keep_state=True, out=tmp_path / "first.zarr", **how)
    then = of_subjects(axes, duration=1.0, continue_from=tmp_path / "first.zarr", **how)
    parts = np.concatenate([first["x"].values, then["x"].values], axis=2)
    np.testing.assert_array_equal(parts, whole["x"].values)
    other = {
        **axes,
        "connectome": [*subjects()[:2], rateloom.Connectome(np.eye(6), np.ones((6, 6)), name="third")],
    }
    with pytest.raises(rateloom.InputError, match="connectome_hash has"):
        of_subjects(other, duration=1.0, continue_from=first, **how)
    with pytest.raises(rateloom.InputError, match="other values of connectome"):
        of_subjects({**axes, "connectome": subjects()[:2]}, duration=1.0, continue_from=first, **how)


def test_edges_that_do_not_fit_into_memory_are_refused(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(checked_study, "available_memory", lambda: 2000)
    with pytest.raises(rateloom.InputError, match=r"6 combinations of connectomes and speeds: .* free"):
        of_subjects({"connectome": subjects(), "speed": [20.0, 9.0]})


@pytest.mark.parametrize(
    ("sources", "message"),
    [
        ([], "0 connectomes; give 1 to 65536"),
        ("synthetic:6", "'synthetic:6': give a list of Connectomes, names or paths"),
        ([1.0, 2.0], "1.0: give Connectomes, names or paths"),
        (["synthetic:6", None], "None: give Connectomes, names or paths"),
        (["synthetic:6", "synthetic:5"], "synthetic:6 and synthetic:5 have 6 and 5 nodes"),
        (["synthetic:6", "synthetic:6"], "synthetic:6 is there more than once; repetitions, .* seed=0:9"),
        (["synthetic:6", "synthetic:6:0"], "synthetic:6 and synthetic:6:0 have the same weights and lengths"),
        ([middling(), "synthetic:6"], "middling and synthetic:6 do not have the same names of regions"),
        ([middling(), instant_edges()], "middling and instant_edges have 6 and 5 nodes"),
        (["no-such.zip"], "'no-such.zip': no such file or name"),
    ],
)
def test_connectomes_that_are_no_axis_are_refused(sources: Any, message: str) -> None:
    with pytest.raises(rateloom.InputError, match=message):
        of_subjects({"connectome": sources, "G": [0.2]})


def test_connectomes_are_an_axis_of_a_grid_and_of_no_list() -> None:
    with pytest.raises(rateloom.InputError, match="both set and swept"):
        sweep({"connectome": subjects()})
    with pytest.raises(rateloom.InputError, match="no column of a list of work items"):
        of_subjects(rateloom.work_items({"connectome": [0, 1]}))
    with pytest.raises(rateloom.InputError, match="'connectome' must be numbers"):
        rateloom.work_items({"connectome": ["synthetic:6"]})
    with pytest.raises(rateloom.InputError, match=r"more than once; repetitions, .* are an axis seed=0:9"):
        of_subjects({"connectome": subjects(), "G": [0.2, 0.2]})


def test_many_connectomes_are_warned_of_once() -> None:
    short = [rateloom.Connectome(b.weights, b.tract_lengths / 1000, name=b.name) for b in subjects()]
    with pytest.warns(UserWarning, match=r"every delay is 0 steps.*\(likewise 2 other connectomes"):
        of_subjects({"connectome": short}, duration=0.5)
