"""What fuzzing needs: the models and connectomes of tests/simulation, and results to spoil."""

from __future__ import annotations

import shutil
import sys
from pathlib import Path
from typing import Any

import matplotlib
import pytest

sys.path.insert(0, str(Path(__file__).parents[1] / "simulation"))
matplotlib.use("agg")


@pytest.fixture(scope="session")
def how() -> dict[str, Any]:
    """Settings of a short run, of kernels that the tests of simulations compile as well."""
    from calls import SETTINGS

    return {**SETTINGS, "duration": 2.0, "dt": 0.05, "period": 0.1}


@pytest.fixture(scope="session")
def model(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A small model in a file."""
    from special_models import DRIVEN

    path = tmp_path_factory.mktemp("model") / "driven.xml"
    path.write_text(DRIVEN)
    return path


@pytest.fixture(scope="session")
def made(model: Path, how: dict[str, Any], tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A folder with a store, a study, a search, a kept state and generated code."""
    import rateloom

    folder, axes = tmp_path_factory.mktemp("made"), {"G": [0.1, 0.2, 0.3]}
    rateloom.sweep(model, axes, out=folder / "store.zarr", **how)
    rateloom.sweep(model, axes, out=folder / "study", keep="measures", measures=["mean_FC", "mean_FR"], **how)
    few = {"sampler": "random", "trials": 4, "batch": 4}
    rateloom.search(model, {"G": (0, 1)}, maximize="mean_FC_x", out=folder / "search", **few, **how)
    rateloom.simulate(model, keep_state=True, out=folder / "kept.nc", **how)
    rateloom.generate(model, targets=("numba",), out=folder)
    shutil.move(folder / "driven", folder / "code")
    return folder
