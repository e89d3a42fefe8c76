"""Calibration: what is measured, when, and that it is remembered."""

from __future__ import annotations

import json
import shutil
from dataclasses import replace
from types import SimpleNamespace

import numpy as np
import pytest

import rateloom
from rateloom.api.generation import code_for
from rateloom.drivers.backends.numba import calibration
from rateloom.drivers.backends.numba.thread_backend import ThreadBackend
from rateloom.drivers.planning.grid import Axis, Grid
from rateloom.drivers.planning.sample_times import sample_times
from rateloom.drivers.planning.settings import Settings
from rateloom.drivers.planning.study import Study


@pytest.fixture(autouse=True)
def cache(tmp_path, monkeypatch):
    monkeypatch.setattr(calibration, "cache_folder", lambda: tmp_path)
    return tmp_path / "calibration.json"


@pytest.fixture
def speeds(monkeypatch):
    """Speeds that are told instead of measured; what was asked for is counted."""
    told = {(16, 16): 1.0, (8, 16): 3.0, (32, 16): 2.0, (16, 32): 0.5, (1, 16): 1.0, (1, 32): 2.0}
    asked = []

    def speed(backend, study, lanes, block):
        asked.append((lanes, block))
        return told[lanes, block]

    monkeypatch.setattr(calibration, "_speed", speed)
    return asked


def study_of(n_item=64, **settings):
    grid = Grid((Axis("G", np.linspace(0, 1, n_item)),))
    brain = rateloom.connectome("synthetic:5")
    how = Settings(duration=10.0, **settings)
    return Study(code_for(rateloom.load("linear"), "numba"), brain, how, sample_times(how), grid)


def chosen(study):
    settings = ThreadBackend().calibrated(study).settings
    return settings.lanes, settings.block


def test_the_fastest_is_taken_and_remembered(speeds, cache):
    assert chosen(study_of(calibrate=True)) == (8, 16)
    assert len(speeds) == 4
    # by a short study, too
    assert chosen(study_of()) == (8, 16)
    assert len(speeds) == 4
    (kept,) = json.loads(cache.read_text()).values()
    assert kept["8x16"] == 3.0


@pytest.mark.parametrize(
    "other",
    [{"integrator": "euler"}, {"dtype": "float64"}, {"noise": False}, {"speed": 6.0}, {"dt": 0.05}],
    ids=lambda d: next(iter(d)),
)
def test_what_the_fastest_depends_on_is_measured_again(other, speeds):
    chosen(study_of(calibrate=True))
    chosen(study_of(calibrate=True, **other))
    assert len(speeds) == 8


def test_lanes_that_no_work_item_fills_are_not_tried(speeds):
    assert chosen(study_of(n_item=8, calibrate=True)) == (8, 16)
    assert chosen(study_of(n_item=1, calibrate=True)) == (1, 32)
    assert set(speeds) == {(8, 16), (1, 16), (1, 32)}


def test_lanes_are_filled_by_work_items_of_one_speed_seed_and_connectome(speeds):
    study = study_of(n_item=8, calibrate=True)
    seeds = Axis("seed", np.arange(10.0))
    assert chosen(replace(study, grid=Grid((*study.grid.axes, seeds)))) == (8, 16)
    assert set(speeds) == {(8, 16)}


@pytest.mark.parametrize(
    "settings", [{}, {"calibrate": False}, {"lanes": 4, "calibrate": True}, {"block": 2, "calibrate": True}]
)
def test_short_fixed_and_refused(settings, speeds):
    study = study_of(**settings)
    assert ThreadBackend().calibrated(study) is study
    assert speeds == []


def test_a_long_study_is_calibrated_unasked(speeds, monkeypatch):
    monkeypatch.setattr(calibration, "WORTH_IT", 5 * 100 * 64)
    assert chosen(study_of()) == (8, 16)


@pytest.mark.parametrize("text", ["", "{", "[]", '{"a": 3}', '{"a": {"8x16": "fast"}}', "\x00"])
def test_a_file_that_cannot_be_read_is_as_good_as_none(text, speeds, cache):
    cache.write_text(text)
    assert chosen(study_of(calibrate=True)) == (8, 16)


def test_a_folder_that_cannot_be_written_does_no_harm(speeds, monkeypatch, tmp_path):
    (tmp_path / "file").write_text("")
    monkeypatch.setattr(calibration, "cache_folder", lambda: tmp_path / "file")
    assert chosen(study_of(calibrate=True)) == (8, 16)


@pytest.mark.slow
def test_a_calibrated_sweep_is_the_same_but_for_the_order_of_sums(monkeypatch):
    monkeypatch.setattr(calibration, "CANDIDATES", ((1, 1), (2, 2)))
    monkeypatch.setattr(calibration, "_TRIAL", 100)
    said = []
    settings = {"connectome": "synthetic:5", "duration": 5.0, "noise": False, "dtype": "float64"}
    axes = {"G": [0.1, 0.2, 0.3]}
    plain = rateloom.sweep("linear", axes, **settings)
    result = rateloom.sweep("linear", axes, calibrate=True, announce=said.append, **settings)
    assert result.attrs["lanes"] in (1, 2)
    # A first run says beforehand that it compiles kernels.
    assert [line.split(":")[0] for line in said].count("calibrated") == 1
    np.testing.assert_allclose(result.x, plain.x, rtol=1e-13)


def test_only_true_and_false_are_answers():
    with pytest.raises(rateloom.InputError, match="calibrate='yes'"):
        Settings(calibrate="yes")


@pytest.mark.parametrize("keep", ["averages", "measures"])
def test_a_result_that_does_not_fit_is_refused_before_anything_is_measured(keep, speeds):
    settings = {"connectome": "synthetic:5", "duration": 5.0, "calibrate": True, "keep": keep}
    with pytest.raises(rateloom.InputError, match="the result takes"):
        rateloom.sweep("linear", {"G": np.linspace(0, 1, 20_000)}, memory="1MB", **settings)
    assert speeds == []


@pytest.mark.parametrize("keep", ["averages", "measures"])
def test_a_result_that_the_disk_cannot_hold_is_refused_before_anything_is_measured(
    keep, speeds, tmp_path, monkeypatch
):
    monkeypatch.setattr(shutil, "disk_usage", lambda _folder: SimpleNamespace(free=100))
    settings = {"connectome": "synthetic:5", "duration": 5.0, "calibrate": True, "keep": keep}
    with pytest.raises(rateloom.InputError, match=r"the result needs .* and 100 bytes of the disk is free"):
        rateloom.sweep("linear", {"G": np.linspace(0, 1, 64)}, out=tmp_path / "sweep.zarr", **settings)
    assert speeds == []
