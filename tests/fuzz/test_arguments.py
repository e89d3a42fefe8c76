"""Whatever is given for an argument of a public function ends in a result or in one line of ours."""

from __future__ import annotations

import inspect
from collections.abc import Callable
from pathlib import Path
from typing import Any

import numpy as np
import pytest
import xarray as xr
from odd_values import ODD
from small_connectomes import middling

import rateloom
from rateloom.drivers.search.free import unknowns_of

AXES = {"G": [0.1, 0.2, 0.3]}
FC = np.corrcoef(np.random.default_rng(0).normal(size=(6, 30)))
SERIES = np.random.default_rng(0).normal(size=(40, 6))
# Of functions that pass their options on, some of each kind.
PASSED_ON = {
    "fit": ("connectome", "duration", "seed", "measures", "bold", "parameters", "threads", "monitor"),
    "search": ("duration", "dt", "seed", "parameters", "initial", "inputs", "history", "monitor", "period"),
}
# What a function of the user's own raises is the user's, and so is what it does.
OWN = {"announce": ("function", "type")}
# Each once ended in an exception of Python's or NumPy's.
ONCE = [
    ("BoldSettings", "tr", "hugely_negative"),
    ("Connectome", "labels", "liar"),
    ("Free", "log", "switches"),
    ("Free", "per", "huge"),
    ("Free", "step", "tiny"),
    ("MeasureSettings", "fcd_apart", "int8"),
    ("connectome", "lengths", "zero"),
    ("fit", "labels", "int8"),
    ("fit of a store", "duration", "None"),
    ("fit", "exposure", "texts"),
    ("generate", "standalone", "switches"),
    ("measure", "function", "type"),
    ("measures", "progress", "switches"),
    ("plot", "kind", "switches"),
    ("plot", "measures", "zero"),
    ("plot", "at", "numbers"),
    ("plot", "item", "int8"),
    ("plot", "item", "no_numbers"),
    ("report", "overwrite", "switches"),
    ("simulate", "speed", "tiny"),
    ("simulate", "speed", "hugely_negative"),
    ("simulate", "inputs", "text_times"),
    ("simulate", "seed", "int8"),
    ("simulate", "overwrite", "numbers"),
    ("simulate", "out", "long_text"),
    ("simulate", "parameters", "surrogate_names"),
    ("sweep", "custom", "objects"),
    ("sweep", "executor", "records"),
    ("sweep of measures", "axes", "dataset"),
    ("sweep of measures", "out", "long_text"),
    ("time_series", "items", "ragged"),
]

pytestmark = pytest.mark.filterwarnings("ignore")


@pytest.fixture(scope="module")
def calls(made: Path, model: Path, how: dict[str, Any], tmp_path_factory: pytest.TempPathFactory) -> Any:
    """A call of each public function, as its function and its arguments."""
    # one shape of kernels, whatever a value makes of the delays
    run = {**how, "block": 1}
    del run["normalize"]
    folder = tmp_path_factory.mktemp("written")
    dataset = rateloom.simulate(model, **run)
    series, study = made / "store.zarr", made / "study"
    few = {"maximize": "mean_FC_x", "sampler": "random", "trials": 1, "batch": 1}
    found = rateloom.search(model, {"G": (0, 1)}, **few, **run)
    quiet = {"threads": 1, "progress": False}

    def free(**arguments: Any) -> Any:
        return unknowns_of({"G": rateloom.Free(**arguments)}, 6, None)

    def measure(function: Any, **arguments: Any) -> Any:
        return rateloom.measure(function, **arguments)

    def shape_of(x: Any) -> Any:
        return 1.0

    return {
        "BoldSettings": (rateloom.BoldSettings, {}),
        "Connectome": (
            rateloom.Connectome, {"weights": middling().weights, "tract_lengths": middling().tract_lengths},
        ),
        "Free": (free, {"low": 0, "high": 1}),
        "MeasureSettings": (rateloom.MeasureSettings, {}),
        "SignalCleaning": (rateloom.SignalCleaning, {"band_pass": (0.01, 0.1)}),
        "TransferFunction": (rateloom.TransferFunction, {"result": 1}),
        "bold": (rateloom.bold, {"dataset": dataset, "tr": 0.4, "progress": False}),
        "connectome": (rateloom.connectome, {"source": middling()}),
        "fit": (rateloom.fit, {"source": model, "axes": AXES, "fc": FC, **run}),
        "fit of a store": (rateloom.fit, {"source": series, "fc": FC}),
        "fit of a study": (rateloom.fit, {"source": study}),
        "generate": (rateloom.generate, {"model": model, "targets": ("driver",), "out": folder}),
        "load": (rateloom.load, {"source": model}),
        "measure": (measure, {"function": shape_of}),
        "measures": (rateloom.measures, {"dataset": dataset, "measures": ["mean_FC"], **quiet}),
        "plot": (rateloom.plot, {"study": study}),
        "plot of coordinates": (rateloom.plot, {"study": study, "kind": "parallel"}),
        "report": (
            rateloom.report, {"study": study, "out": folder / "r.html", "series": 0, "overwrite": True},
        ),
        "rerun": (rateloom.rerun, {"result": dataset, **quiet}),
        "resume": (rateloom.resume, {"study": study, **quiet}),
        "search": (rateloom.search, {"model": model, "free": {"G": (0, 1)}, **few, **run}),
        "simulate": (rateloom.simulate, {"model": model, **run}),
        "sweep": (rateloom.sweep, {"model": model, "axes": AXES, **run}),
        "sweep of measures": (
            rateloom.sweep,
            {"model": model, "axes": AXES, "keep": "measures", "measures": ["mean_FC"], **run},
        ),
        "targets": (rateloom.targets, {"fc": FC}),
        "targets of series": (rateloom.targets, {"series": SERIES, "tr": 100.0}),
        "time_series": (rateloom.time_series, {"study": study, "items": [0], **quiet}),
        "transfer_function": (rateloom.transfer_function, {"name": "odd"}),
        "trial": (rateloom.trial, {"found": found, "number": 0}),
        "work_items": (rateloom.work_items, {"values": {"G": [0.1, 0.2]}}),
    }  # fmt: skip


CALLS = (
    "BoldSettings", "Connectome", "Free", "MeasureSettings", "SignalCleaning", "TransferFunction", "bold",
    "connectome", "fit", "fit of a store", "fit of a study", "generate", "load", "measure", "measures",
    "plot", "plot of coordinates", "report", "rerun", "resume", "search", "simulate", "sweep",
    "sweep of measures", "targets", "targets of series", "time_series", "transfer_function", "trial",
    "work_items",
)  # fmt: skip


@pytest.fixture(autouse=True)
def _elsewhere(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """What is written under an odd name is written here."""
    monkeypatch.chdir(tmp_path)


def arguments_of(name: str) -> list[str]:
    function = name.split(" of ")[0]
    signature = inspect.signature(getattr(rateloom, function))
    named = [p.name for p in signature.parameters.values() if p.kind is not p.VAR_KEYWORD]
    return [*named, *PASSED_ON.get(function, ())]


def works_or_is_refused(function: Callable[..., Any], arguments: dict[str, Any]) -> None:
    try:
        function(**arguments)
    except rateloom.ModelError:
        pass
    except rateloom.InputError as error:
        assert "\n" not in str(error)
        str(error).encode()
        assert len(str(error)) < 700
    except ValueError as error:
        # the language knows no InputError
        assert function is rateloom.transfer_function
        assert str(error).startswith("transfer_function cannot register")


def tried(calls: Any, name: str, argument: str, odd: str) -> None:
    if odd in OWN.get(argument, ()):
        return
    function, arguments = calls[name]
    try:
        works_or_is_refused(function, {**arguments, argument: ODD[odd]()})
    except Exception as problem:
        problem.add_note(f"{name}: {argument} is {odd}")
        raise


def test_every_public_function_is_called(calls: Any) -> None:
    functions = {
        name
        for name in rateloom.__all__
        if callable(value := getattr(rateloom, name))
        and not (isinstance(value, type) and issubclass(value, BaseException))
    }
    assert {name.split(" of ")[0] for name in CALLS} == functions
    assert tuple(calls) == CALLS


@pytest.mark.parametrize(("name", "argument", "odd"), ONCE, ids=[" ".join(once) for once in ONCE])
def test_what_once_ended_in_an_exception(calls: Any, name: str, argument: str, odd: str) -> None:
    tried(calls, name, argument, odd)


@pytest.mark.slow
@pytest.mark.parametrize("name", CALLS)
def test_every_argument_with_every_odd_value(calls: Any, name: str) -> None:
    import matplotlib.pyplot as plt

    for argument in arguments_of(name):
        for odd in ODD:
            tried(calls, name, argument, odd)
        plt.close("all")


@pytest.mark.slow
@pytest.mark.parametrize("odd", ODD)
def test_odd_values_in_place_of_subjects(model: Path, how: dict[str, Any], odd: str) -> None:
    def of_subjects(subjects: Any) -> Any:
        alone = {name: value for name, value in how.items() if name != "connectome"}
        return rateloom.sweep(model, {"connectome": subjects}, **{**alone, "block": 1})

    works_or_is_refused(of_subjects, {"subjects": ODD[odd]()})
    works_or_is_refused(of_subjects, {"subjects": [middling(), ODD[odd]()]})


def test_more_work_items_than_can_be_listed(monkeypatch: pytest.MonkeyPatch) -> None:
    """As many as there may be, 2**32, would be 100 GB before anything is planned."""
    from rateloom.drivers.planning.checked_study import _check_count

    monkeypatch.setattr("rateloom.drivers.planning.checked_study.available_memory", lambda: 10**9)
    lists = "a sweep of 4294967296 work items: 103 GB to list them, and 1.00 GB are free; sweep fewer values"
    with pytest.raises(rateloom.InputError, match=lists):
        _check_count(2**32)


def test_small_integers_are_taken_for_what_they_are(model: Path, how: dict[str, Any]) -> None:
    """An int8 overflows beyond 127; the random numbers of a seed do not."""
    small = rateloom.simulate(model, **{**how, "seed": np.int8(100), "threads": np.int8(1)})
    plain = rateloom.simulate(model, **{**how, "seed": 100})
    xr.testing.assert_equal(small, plain)


def test_a_lock_that_is_a_folder(made: Path) -> None:
    from rateloom.drivers.studies.folder import locked

    lock = made / "study" / "lock"
    lock.unlink(missing_ok=True)
    lock.mkdir()
    try:
        with pytest.raises(rateloom.InputError, match="lock: cannot be locked"), locked(made / "study"):
            pass
    finally:
        lock.rmdir()
