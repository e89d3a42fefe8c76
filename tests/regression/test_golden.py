"""The oracle and the generated kernels give what the oracle gave when the golden results were written."""

from __future__ import annotations

import itertools

import golden
import numpy as np
import pytest
from test_regress import DEFAULT_ROWS

from rateloom.api.generation import code_for
from rateloom.api.loading import shipped_models
from rateloom.drivers.backends.registry import open_backend
from rateloom.generator.schemes.registry import SCHEMES
from rateloom.regression.differences import turned
from rateloom.regression.reference_runs import Runner, Series, run_free

# Sixteen steps round a hundred operations each, and other machines have other elementary functions.
TOLERANCE = 1e-11
CASES = [(name, integrator) for name in shipped_models() for integrator in SCHEMES]
# Numba takes seconds for each kernel, so those come first that the regression has compiled.
COMPILED = [
    (name, integrator) for name, integrator, dtype, noise in DEFAULT_ROWS if dtype == "float64" and noise
]
# Of the others every model has one scheme by default, in turn.
IN_TURN = list(zip(shipped_models(), itertools.cycle(SCHEMES), strict=False))
IN_TURN_CASES = [case if case in IN_TURN else pytest.param(*case, marks=pytest.mark.slow) for case in CASES]
NUMBA_CASES = [case if case in COMPILED else pytest.param(*case, marks=pytest.mark.slow) for case in CASES]


def check(name: str, integrator: str, found: Series) -> None:
    expected = golden.golden_values(name, integrator)
    # a whole turn of an angle is no difference
    found = turned(found, expected, golden.scenario_of(name, integrator).periods)
    assert list(found) == list(expected)
    for variable, values in expected.items():
        scale = np.abs(values).max() or 1.0
        np.testing.assert_allclose(found[variable], values, rtol=0, atol=TOLERANCE * scale, err_msg=variable)


def kernel_values(name: str, integrator: str, backend: str) -> Series:
    scenario = golden.scenario_of(name, integrator)
    runner = Runner(
        backend,
        open_backend(backend),
        code_for(scenario.model, backend, integrator=scenario.settings.integrator),
    )
    found = run_free(scenario, runner, lambda amount: None)
    return {variable: golden.kept(values) for variable, values in found.items()}


# parity holds the oracle against TVB, for every model
@pytest.mark.parametrize(
    ("name", "integrator"),
    [case if case[0] == "montbrio" else pytest.param(*case, marks=pytest.mark.slow) for case in CASES],
)
def test_the_oracle_gives_the_golden_results(name: str, integrator: str) -> None:
    check(name, integrator, golden.oracle_values(name, integrator))


@pytest.mark.parametrize(("name", "integrator"), IN_TURN_CASES)
def test_the_emulated_device_gives_the_golden_results(name: str, integrator: str) -> None:
    check(name, integrator, kernel_values(name, integrator, "emulated"))


@pytest.mark.parametrize(("name", "integrator"), NUMBA_CASES)
def test_numba_gives_the_golden_results(name: str, integrator: str) -> None:
    check(name, integrator, kernel_values(name, integrator, "numba"))


def test_every_shipped_model_has_golden_results_and_they_are_small() -> None:
    files = sorted(golden.FOLDER.glob("*.json"))
    assert [path.stem for path in files] == list(shipped_models())
    assert sum(path.stat().st_size for path in files) < 300_000
