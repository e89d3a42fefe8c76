"""Golden results: a few values of every shipped model from the oracle, in files beside this one.

``python tests/regression/golden.py``, or ``make golden``, writes them again.
"""

from __future__ import annotations

import json
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from rateloom import connectome, load
from rateloom.api.loading import shipped_models
from rateloom.drivers.planning.settings import Settings
from rateloom.generator.schemes.registry import SCHEMES
from rateloom.regression.reference_runs import Series, run_oracle
from rateloom.regression.regression import default_speed
from rateloom.regression.scenario import Scenario, make_scenario

FOLDER = Path(__file__).parent / "golden"
STEPS, WORK_ITEMS, DT, SEED = 16, 2, 0.1, 7
# Kept: these steps, and every third node.
AT_STEPS, NODES = [7, 15], slice(None, None, 3)


def scenario_of(name: str, integrator: str) -> Scenario:
    """Two work items of a shipped model in double precision, with noise unless the scheme is none for it."""
    brain = connectome("synthetic:16")
    settings = Settings(
        duration=STEPS * DT, dt=DT, integrator=integrator, dtype="float64", seed=SEED,
        noise=integrator != "rk4", speed=default_speed(brain, STEPS * DT), threads=1, calibrate=False,
    )  # fmt: skip
    return make_scenario(load(name), brain, settings, WORK_ITEMS)


def kept(values: NDArray[np.float64]) -> NDArray[np.float64]:
    """What is kept of (work item, time, node)."""
    return values[:, AT_STEPS, NODES]


def oracle_values(name: str, integrator: str) -> Series:
    """Kept values of each variable, from the oracle."""
    reference = run_oracle(scenario_of(name, integrator), lambda amount: None)
    return {variable: kept(values) for variable, values in reference.free.items()}


def golden_values(name: str, integrator: str) -> Series:
    """The same from the file."""
    entries = json.loads((FOLDER / f"{name}.json").read_text())[integrator]
    return {variable: np.array(values) for variable, values in entries.items()}


def write(name: str) -> None:
    """Write a model's file, a line a variable."""
    schemes = []
    for integrator in SCHEMES:
        values = oracle_values(name, integrator)
        lines = [f"  {json.dumps(v)}: {json.dumps(array.tolist())}" for v, array in values.items()]
        schemes.append(f" {json.dumps(integrator)}: {{\n" + ",\n".join(lines) + "\n }")
    (FOLDER / f"{name}.json").write_text("{\n" + ",\n".join(schemes) + "\n}\n")


if __name__ == "__main__":
    FOLDER.mkdir(exist_ok=True)
    for shipped in shipped_models():
        write(shipped)
        print(f"wrote {FOLDER / shipped}.json")
