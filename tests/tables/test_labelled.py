"""Values of pandas and xarray by the names of regions: in any order, or refused in a line."""

from __future__ import annotations

import json
from typing import Any

import numpy as np
import pandas as pd
import pytest
import xarray as xr

import rateloom
from rateloom.drivers.tables.labelled import by_region

LABELS = ("left", "right", "top", "bottom")
VALUES = np.array([1.0, 2.0, 3.0, 4.0])
# the regions as others list them, one more among them
NAMES = ["top", "left", "thalamus", "bottom", "right"]
SHUFFLED = np.array([3.0, 1.0, 9.0, 4.0, 2.0])
TIMES = np.array([0.0, 2.5])
ROWS = np.stack([SHUFFLED, -SHUFFLED])


def ordered(value: Any, labels: Any = LABELS) -> Any:
    return by_region("parameter 'a'", value, labels, 4)


@pytest.mark.parametrize(
    "value",
    [
        pd.Series(SHUFFLED, NAMES),
        pd.DataFrame({"a": SHUFFLED}, NAMES),
        pd.DataFrame([SHUFFLED], columns=NAMES),
        xr.DataArray(SHUFFLED, {"node": NAMES}, ("node",)),
        xr.DataArray(SHUFFLED, {"parcel": NAMES}, ("parcel",)),
    ],
    ids=["series", "column", "row", "node", "dimension"],
)
def test_values_are_taken_by_the_names_of_their_regions(value: Any) -> None:
    np.testing.assert_array_equal(ordered(value), VALUES)


@pytest.mark.parametrize(
    "value",
    [
        pd.DataFrame(ROWS, pd.Index(TIMES, name="time"), NAMES),
        xr.DataArray(ROWS, {"time": TIMES, "node": NAMES}, ("time", "node")),
        xr.DataArray(ROWS.T, {"node": NAMES, "time": TIMES}, ("node", "time")),
    ],
    ids=["frame", "array", "transposed"],
)
def test_rows_with_times_keep_them(value: Any) -> None:
    rows = ordered(value)
    assert rows.dims == ("time", "node")
    np.testing.assert_array_equal(rows.values, [VALUES, -VALUES])
    np.testing.assert_array_equal(rows["time"], TIMES)


@pytest.mark.parametrize(
    "value",
    [
        0.5,
        [1, 2, 3, 4],
        pd.Series(VALUES),
        pd.Series(VALUES, [2, 5, 7, 11]),
        pd.Series([0.5], ["G"]),
        pd.Series([1.0, 2.0, 3.0], ["x", "y", "z"]),
        xr.DataArray(VALUES, dims=("node",)),
        xr.DataArray(VALUES, {"node": range(4)}, ("node",)),
    ],
    ids=["number", "list", "range", "rising", "one", "elements", "unnamed", "numbered"],
)
def test_what_names_no_regions_stays_as_it_is(value: Any) -> None:
    assert ordered(value) is value


@pytest.mark.parametrize(
    ("value", "labels", "message"),
    [
        (pd.Series(SHUFFLED[:4], NAMES[:4]), LABELS, "the connectome's region right is absent from them"),
        (pd.Series(VALUES[:3], LABELS[:3]), LABELS, "3 names, and the connectome has 4 regions"),
        (pd.Series(SHUFFLED, [*NAMES[:4], "top"]), LABELS, "region right is absent from them"),
        (pd.Series([*SHUFFLED, 8.0], [*NAMES, "top"]), LABELS, "region top is more than once in them"),
        (pd.Series(VALUES, list("abcd")), LABELS, "region left is absent from them"),
        (pd.Series(VALUES, list("abcd")), None, "the connectome has none that they could be matched with"),
        (pd.Series(VALUES, [3, 0, 2, 1]), LABELS, "its index is of numbers that do not rise"),
        (
            xr.DataArray(ROWS[:, :4], {"time": TIMES, "node": list("abcd")}, ("time", "node")),
            LABELS,
            "region left is absent from them",
        ),
    ],
)
def test_names_that_do_not_fit_are_refused(value: Any, labels: Any, message: str) -> None:
    with pytest.raises(rateloom.InputError, match=f"^parameter 'a': .*{message}"):
        ordered(value, labels)


def test_runs_take_values_by_region() -> None:
    brain = rateloom.connectome("synthetic:4")
    labels, order = list(brain.labels or ()), [2, 0, 3, 1]
    names = [labels[k] for k in order]
    gamma, start = np.array([-0.1, -0.2, -0.3, -0.4]), np.array([0.1, 0.2, 0.3, 0.4])
    how: dict[str, Any] = {"connectome": brain, "duration": 20.0, "seed": 1}
    expected = rateloom.simulate("linear", parameters={"gamma": gamma}, initial={"x": start}, **how)
    found = rateloom.simulate(
        "linear",
        parameters={"gamma": pd.Series(gamma[order], names)},
        initial={"x": xr.DataArray(start[order], {"node": names}, ("node",))},
        **how,
    )
    np.testing.assert_array_equal(found["x"], expected["x"])
    # and a sweep, whose record holds them in the connectome's order
    swept = rateloom.sweep(
        "linear", {"G": [0.0]}, parameters={"gamma": pd.Series(gamma[order], names)}, **how
    )
    np.testing.assert_array_equal(np.array(json.loads(swept.attrs["parameters"])["gamma"]), gamma)
    bold = rateloom.BoldSettings(tr=4.0, parameters={"efficacy": pd.Series(gamma[order], names)})
    volumes = rateloom.simulate("linear", monitor="bold", bold=bold, **how)
    plain = rateloom.BoldSettings(tr=4.0, parameters={"efficacy": gamma})
    series = rateloom.simulate("linear", period=4.0, **how)
    np.testing.assert_array_equal(
        rateloom.bold(series, tr=4.0, parameters=bold.parameters)["BOLD"],
        rateloom.bold(series, tr=4.0, parameters={"efficacy": gamma})["BOLD"],
    )
    np.testing.assert_array_equal(
        volumes["BOLD"], rateloom.simulate("linear", monitor="bold", bold=plain, **how)["BOLD"]
    )


@pytest.mark.parametrize("kind", ["frame", "array"])
def test_work_items_take_values_by_region(kind: str) -> None:
    brain = rateloom.connectome("synthetic:4")
    labels, order = list(brain.labels or ()), [2, 0, 3, 1]
    names = [labels[k] for k in order]
    gamma = np.array([[-0.1, -0.2, -0.3, -0.4], [-0.5, -0.6, -0.7, -0.8]])
    given: Any = pd.DataFrame(gamma[:, order], columns=names)
    if kind == "array":
        given = xr.DataArray(gamma[:, order], {"node": names}, ("item", "node"))
    how: dict[str, Any] = {"connectome": brain, "duration": 20.0, "seed": 1}
    expected, found = (
        rateloom.sweep("linear", rateloom.work_items({"gamma": value}), **how) for value in (gamma, given)
    )
    np.testing.assert_array_equal(found["x"], expected["x"])
    np.testing.assert_array_equal(found["gamma"], gamma)
    with pytest.raises(rateloom.InputError, match="work items: gamma: names of regions: the connectome"):
        wrong = rateloom.work_items({"gamma": pd.DataFrame(gamma, columns=list("abcd"))})
        rateloom.sweep("linear", wrong, **how)


def test_free_groups_and_maps_are_taken_by_region() -> None:
    from rateloom.drivers.search.free import Free, unknowns_of

    groups = pd.Series(["a", "b", "z", "a", "b"], NAMES)
    maps: dict[str, tuple[Any, float, float]] = {"m": (pd.Series(SHUFFLED, NAMES), -1.0, 1.0)}
    by_group, by_map = unknowns_of({"x": Free(0, 1, per=groups), "y": Free(0, 1, maps=maps)}, 4, LABELS)
    assert by_group.numbers == ("x@b", "x@a")
    np.testing.assert_array_equal(by_group.basis, [[1, 1, 0, 0], [0, 0, 1, 1]])
    np.testing.assert_array_equal(by_map.basis, [np.ones(4), VALUES])
