"""How weights are normalized unasked: those of names by the largest, those of a `Connectome` not at all."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import numpy as np
import pytest
from special_models import model_from

import rateloom

# x grows by dt times the sum of what comes in, from 1 everywhere: one step tells the sums of the rows
SUMS = model_from("""
<Model name="sums">
  <StateVariable name="x" initial="1"/> <Coupling name="c" pre="x_j" post="gx"/>
  <Dynamics> <TimeDerivative variable="x" value="c"/> </Dynamics>
  <Exposure name="x"/>
</Model>""")
WEIGHTS = np.array([[0.0, 3.0, 5.0], [2.0, 0.0, 0.0], [0.0, 1.0, 7.0]])
LENGTHS = np.full((3, 3), 30.0)
RUN: dict[str, Any] = {
    "duration": 1.0, "dt": 1.0, "integrator": "euler", "monitor": "raw", "dtype": "float64",
    "progress": False,
}  # fmt: skip


def sums_of_rows(connectome: Any, **changes: Any) -> Any:
    run = rateloom.simulate(SUMS, connectome=connectome, **RUN, **changes)
    return run["x"].values[0] - 1, run.attrs["normalize"]


def test_a_connectome_is_used_as_it_is() -> None:
    brain = rateloom.Connectome(WEIGHTS, LENGTHS)
    found, normalization = sums_of_rows(brain)
    np.testing.assert_allclose(found, WEIGHTS.sum(axis=1), rtol=1e-14)
    assert normalization == "none"
    # whatever it was normalized by before
    for by, expected in (("row", [1, 1, 1]), ("max", WEIGHTS.sum(axis=1) / 7)):
        found, normalization = sums_of_rows(rateloom.connectome(brain, normalize=by))
        np.testing.assert_allclose(found, expected, rtol=1e-14)
        assert normalization == "none"
    swept = rateloom.sweep(SUMS, {"speed": [3.0, 4.0]}, connectome=brain, **RUN)
    np.testing.assert_allclose(swept["x"][:, 0] - 1, [WEIGHTS.sum(axis=1)] * 2, rtol=1e-14)
    assert rateloom.connectome(brain).weights.max() == 7


def test_names_and_files_are_normalized_by_the_largest_weight(tmp_path: Path) -> None:
    np.savez(tmp_path / "brain.npz", weights=WEIGHTS, tract_lengths=LENGTHS)
    found, normalization = sums_of_rows(tmp_path / "brain.npz")
    np.testing.assert_allclose(found, WEIGHTS.sum(axis=1) / 7, rtol=1e-14)
    assert normalization == "max"
    assert rateloom.connectome("synthetic:5").weights.max() == 1


@pytest.mark.parametrize(
    ("by", "sums"), [("max", WEIGHTS.sum(axis=1) / 7), ("none", WEIGHTS.sum(axis=1)), ("row", np.ones(3))]
)
def test_what_is_asked_for_is_done_and_recorded(by: str, sums: Any) -> None:
    found, normalization = sums_of_rows(rateloom.Connectome(WEIGHTS, LENGTHS), normalize=by)
    np.testing.assert_allclose(found, sums, rtol=1e-14)
    assert normalization == by
