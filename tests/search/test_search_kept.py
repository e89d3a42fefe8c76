"""Searches in a directory: what is written, going on, and what is refused."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import numpy as np
import pytest
import xarray as xr
from search_cases import bowl, search

import rateloom
from rateloom.drivers.search import search_run as search_run

FREE: dict[str, Any] = {
    "G": (0.001, 0.05),
    "gamma": rateloom.Free(-1, -0.2, per="node"),
    "speed": (1.0, 4.0, 1.0),
}
WHAT: dict[str, Any] = {"maximize": "mean_FC_x", "noise": True, "duration": 30.0}


def linear(**changes: Any) -> xr.Dataset:
    return search("linear", FREE, **{**WHAT, **changes})


def stopped_after(monkeypatch: pytest.MonkeyPatch, n_batch: int) -> None:
    real, calls = search_run.simulate, []

    def simulate(*arguments: Any) -> Any:
        calls.append(arguments)
        if len(calls) > n_batch:
            raise KeyboardInterrupt
        return real(*arguments)

    monkeypatch.setattr(search_run, "simulate", simulate)


SLOW = pytest.mark.slow


@pytest.mark.parametrize(
    "sampler",
    ["tpe", *(pytest.param(name, marks=SLOW) for name in ("cmaes", "nsgaii", "qmc", "random"))],
)
def test_going_on_is_not_having_stopped(
    sampler: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    how = {"sampler": sampler, "trials": 40, "batch": 16}
    whole = linear(**how)
    with monkeypatch.context() as patch:
        stopped_after(patch, 2)
        with pytest.raises(KeyboardInterrupt):
            linear(out=tmp_path / "s", **how)
    found = linear(out=tmp_path / "s", resume=True, **how)
    xr.testing.assert_identical(found, whole)


def test_a_journal_that_was_cut_anywhere_goes_on_to_the_same(tmp_path: Path) -> None:
    whole = linear(out=tmp_path / "s", trials=24)
    journal = tmp_path / "s" / "trials.journal"
    content = journal.read_bytes()
    for cut in np.linspace(0, len(content) - 1, 4).astype(int):
        journal.write_bytes(content[:cut])
        journal.with_name("trials.journal.lock").touch()
        xr.testing.assert_identical(linear(out=tmp_path / "s", trials=24, resume=True), whole)


def test_more_trials_are_the_longer_search(tmp_path: Path) -> None:
    linear(out=tmp_path / "s", trials=13)
    longer = linear(out=tmp_path / "s", trials=30, resume=True)
    xr.testing.assert_identical(longer, linear(trials=30))
    # fewer are no less than there are
    assert linear(out=tmp_path / "s", trials=5, resume=True).sizes["trial"] == 30


def test_optuna_reads_the_journal(tmp_path: Path) -> None:
    import optuna
    from optuna.storages import JournalStorage
    from optuna.storages.journal import JournalFileBackend

    found = linear(out=tmp_path / "s", trials=8)
    opened = optuna.load_study(
        study_name="rateloom",
        storage=JournalStorage(JournalFileBackend(str(tmp_path / "s" / "trials.journal"))),
    )
    assert opened.best_trial.number == found.attrs["best"][0]
    assert opened.best_value == float(found["mean_FC_x"].max())
    assert [trial.params["G"] for trial in opened.trials] == found["G"].values.tolist()
    assert not any(trial.system_attrs for trial in opened.trials)


@pytest.mark.parametrize(
    ("changes", "message"),
    [
        ({"seed": 8}, "settings.seed is 7 there and 8 here"),
        ({"sampler": "random"}, "method.sampler"),
        ({"maximize": "mean_PLI_x"}, "objectives"),
        ({"parameters": {"nsig": 0.2}}, "given.parameters.nsig"),
    ],
)
def test_another_search_is_not_gone_on_with(changes: Any, message: str, tmp_path: Path) -> None:
    linear(out=tmp_path / "s", trials=8)
    with pytest.raises(rateloom.InputError, match=message) as told:
        linear(out=tmp_path / "s", trials=16, resume=True, **changes)
    assert "\n" not in str(told.value)


def test_what_is_there_is_not_replaced_unasked(tmp_path: Path) -> None:
    first = linear(out=tmp_path / "s", trials=8)
    with pytest.raises(rateloom.InputError, match="a search is there already"):
        linear(out=tmp_path / "s", trials=8)
    with pytest.raises(rateloom.InputError, match=r"no search is there \(search.json is absent\)"):
        linear(out=tmp_path / "t", trials=8, resume=True)
    (tmp_path / "u").mkdir()
    (tmp_path / "u" / "mine").touch()
    with pytest.raises(rateloom.InputError, match="a folder that is not a search is not overwritten"):
        linear(out=tmp_path / "u", trials=8, overwrite=True)
    again = linear(out=tmp_path / "s", trials=8, overwrite=True)
    xr.testing.assert_identical(again, first)


@pytest.mark.parametrize(
    "damage",
    [b"\x00\xff\n", b'{"op_code": 99}\n', b"[1]\n", b'{"op_code": 4, "worker_id": "x"}\n'],
)
def test_a_damaged_journal_is_one_line(damage: bytes, tmp_path: Path) -> None:
    linear(out=tmp_path / "s", trials=8)
    journal = tmp_path / "s" / "trials.journal"
    journal.write_bytes(damage + journal.read_bytes())
    with pytest.raises(rateloom.InputError, match="it is no journal of a search") as told:
        linear(out=tmp_path / "s", trials=16, resume=True)
    assert "\n" not in str(told.value)


def test_trials_that_the_optimiser_does_not_ask_for_are_refused(tmp_path: Path) -> None:
    linear(out=tmp_path / "s", trials=8)
    journal = tmp_path / "s" / "trials.journal"
    lines = [json.loads(line) for line in journal.read_text().splitlines()]
    lines[-1]["params"]["G"] = 0.04
    journal.write_text("".join(f"{json.dumps(line)}\n" for line in lines))
    with pytest.raises(rateloom.InputError, match="asks for other candidates"):
        linear(out=tmp_path / "s", trials=16, resume=True)


@pytest.mark.parametrize(
    ("free", "changes", "message"),
    [
        ({}, {}, "give a mapping like"),
        ([("a", 1)], {}, "give a mapping like"),
        ({"a": 1.0}, {}, r"give \(low, high\)"),
        ({"a": (1.0,)}, {}, r"give \(low, high\)"),
        ({"a": (1.0, 1.0)}, {}, "the first must be below the second"),
        ({"a": (2.0, 1.0)}, {}, "the first must be below the second"),
        ({"a": (0.0, np.nan)}, {}, "must be finite numbers"),
        ({"a": (0.0, 10**400)}, {}, "must be finite numbers"),
        ({"a": ("x", 1)}, {}, "must be finite numbers"),
        ({"a": (0.0, 1.0, 2.0)}, {}, "a step of 2 does not fit in"),
        ({"a": rateloom.Free(1, 2, log=True), "c": (0, 1)}, {}, "no parameter 'c'"),
        ({"speed": (1.0, 2.0)}, {}, "it is one number with a step"),
        ({"a": rateloom.Free(0, 1, per=["x"])}, {}, "groups of 1 nodes are given; the connectome has 4"),
        ({"a": rateloom.Free(0, 1, maps={"m": ([1, 2], 0, 1)})}, {}, "2 values are given"),
        ({"a": rateloom.Free(0, 1, maps={"m": ([1, 2, 3, np.inf], 0, 1)})}, {}, "not finite"),
        ({"a": rateloom.Free(0, 1, maps={"m": [1, 2, 3, 4]})}, {}, "give .values of the nodes, low, high."),
        ({"P": (0.0, 1.0)}, {}, "no parameter 'P'"),
        ({"a": (0, 1)}, {"maximize": ()}, "nothing to search for"),
        ({"a": (0, 1)}, {"maximize": 3}, "maximize=3: give the name of a measure"),
        ({"a": (0, 1)}, {"minimize": None}, "minimize=None: give the name of a measure"),
        ({"a": (0, 1)}, {"maximize": ["mean_near_all", 3]}, "maximize=.*: give the name of a measure"),
        ({"a": (0, 1)}, {"maximize": "mean_near"}, "no measure of the whole brain 'mean_near'"),
        ({"a": (0, 1)}, {"minimize": "mean_near_all"}, "a measure is given twice"),
        ({"a": (0, 1)}, {"sampler": "best"}, "sampler='best' is unknown; use one of tpe, cmaes"),
        ({"a": (0, 1)}, {"sampler": "cmaes"}, "needs two free numbers"),
        ({"a": (0, 1), "b": (0, 1)}, {"sampler": "cmaes", "minimize": "std_far_all"}, "has one objective"),
        ({"a": (0, 1), "speed": (1, 2, 0.5)}, {"sampler": "cmaes"}, "needs 16 candidates at once"),
        ({"a": (0, 1)}, {"trials": 0}, "trials=0"),
        ({"a": (0, 1)}, {"trials": 1.5}, "trials=1.5"),
        ({"a": (0, 1)}, {"batch": 0}, "batch=0"),
        ({"a": (0, 1)}, {"batch": "x"}, "batch='x'"),
        ({"a": (0, 1)}, {"bacth": 8}, "'bacth' is no option"),
        ({"a": (0, 1)}, {"resume": True}, "give the search's directory"),
        ({"a": (0, 1)}, {"out": "x\0y"}, "it must be a path"),
        ({"a": (0, 1)}, {"parameters": {"a": 1}}, "both set and swept"),
        ({"a": (0, 1)}, {"announce": 3}, "announce=3"),
        ({"a": (0, 1)}, {"memory": 10}, "take"),
    ],
)
def test_what_cannot_be_searched_is_one_line(free: Any, changes: Any, message: str, tmp_path: Path) -> None:
    with pytest.raises(rateloom.InputError, match=message) as told:
        search(bowl(tmp_path), free, **{"maximize": "mean_near_all", "trials": 8, **changes})
    assert "\n" not in str(told.value)


def test_trials_that_there_are_not_are_refused(tmp_path: Path) -> None:
    found = search(bowl(tmp_path), {"a": (0, 1)}, maximize="mean_near_all", trials=8)
    for number, message in ((8, "there are trials 0 to 7"), (-1, "trials 0 to 7"), (1.5, "whole number")):
        with pytest.raises(rateloom.InputError, match=message):
            rateloom.trial(found, number)  # type: ignore[arg-type]
    with pytest.raises(rateloom.InputError, match=r"give what rateloom\.search returned"):
        rateloom.trial(found.drop_attrs(), 0)


def test_a_search_without_optuna_says_what_to_install(
    monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    import sys

    monkeypatch.setitem(sys.modules, "optuna", None)
    with pytest.raises(rateloom.InputError, match=r"pip install 'rateloom\[search\]'"):
        search(bowl(tmp_path), {"a": (0, 1)}, maximize="mean_near_all", trials=8)
