"""Time series the wrong way round: names of dimensions decide, shapes come before anything is computed."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import numpy as np
import pytest
import xarray as xr
from command_line import error_of

import rateloom
from rateloom.drivers.measures.data_to_fit import FC

N, TIMES = 6, 40
SERIES = np.random.default_rng(8).normal(size=(TIMES, N)).cumsum(axis=0)
CONNECTOME = "synthetic:6"
KNOWN = {"connectome": CONNECTOME}
UPPER = np.triu_indices(N, 1)


def fc_of(series: Any, **given: Any) -> Any:
    made = rateloom.targets(series=series, tr=2000.0, **given)
    return next(entry.values for entry in made if entry.kind == FC)


@pytest.mark.filterwarnings("ignore::UserWarning")
@pytest.mark.parametrize("other", ["node", "region", "roi", "channel"])
def test_names_of_dimensions_decide(other: str) -> None:
    expected = fc_of(SERIES)
    named = xr.DataArray(SERIES, dims=("time", other))
    for series in (named, named.T):
        np.testing.assert_array_equal(fc_of(series), expected)
        np.testing.assert_array_equal(fc_of(series, connectome=CONNECTOME), expected)
    # as many samples as regions: names alone can tell
    square = xr.DataArray(SERIES[:N], dims=("time", other))
    np.testing.assert_array_equal(fc_of(square), fc_of(square.T))
    np.testing.assert_allclose(fc_of(square)[UPPER], np.corrcoef(SERIES[:N].T)[UPPER])


@pytest.mark.parametrize(
    ("series", "given", "says"),
    [
        (SERIES.T, KNOWN, "6 x 40 numbers are 40 regions, .* it looks transposed"),
        (SERIES[:, :5], KNOWN, "40 x 5 numbers are 5 regions, and there are 6: give a row"),
        (SERIES.T, {}, "6 x 40 numbers are 40 regions with fewer samples, which looks transposed"),
        (SERIES[:N], {}, "6 x 6 numbers, and either may be time"),
        (SERIES[:N], KNOWN, "6 x 6 numbers, and either may be time"),
        (
            SERIES.T, {**KNOWN, "labels": [f"r{k}" for k in range(6)]},
            "it looks transposed|labels of targets",
        ),
        (
            xr.DataArray(SERIES[:, :5], dims=("time", "node")), KNOWN,
            "40 x 5 numbers are 5 regions, and there are 6: give",
        ),
    ],
)  # fmt: skip
def test_the_wrong_way_round_is_said(series: Any, given: Any, says: str) -> None:
    with pytest.raises(rateloom.InputError, match=says) as refused:
        fc_of(series, **given)
    assert "\n" not in str(refused.value)


def test_shapes_are_compared_before_anything_is_computed(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.chdir(tmp_path)
    # functional connectivity of 20,000 regions would take 3.2 GB
    np.save("rest.npy", np.zeros((6, 20_000)))
    command = ["fit", "linear", "--connectome", CONNECTOME, "--sweep", "G=0,0.1", "--series", "rest.npy"]
    assert "20000 regions, and there are 6; it looks transposed" in error_of([*command, "--tr", "2s"], capsys)
    assert [path.name for path in tmp_path.iterdir()] == ["rest.npy"]
