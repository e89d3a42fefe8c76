"""States in single precision that move little in a step: what rounding left of one step is in the next."""

from __future__ import annotations

from collections.abc import Mapping

import numpy as np
import pytest

import rateloom
from rateloom import oracle
from rateloom.drivers.backends.emulated.host_compiler import host_compiler
from rateloom.dsl.load import load_model
from rateloom.dsl.model import Model

DT = 0.1
ALONE = np.zeros((1, 1))
ONE_NODE = rateloom.Connectome(ALONE, ALONE, name="one_node")
SLOPE, RATE = 1e-6, 9.87654321
MANY = [10**6, pytest.param(10**7, marks=pytest.mark.slow)]


def model(states: Mapping[str, tuple[str, str]]) -> Model:
    """States by name: attributes beside the name, and the right-hand side."""
    text = "".join(f'<StateVariable name="{name}" {of}/>' for name, (of, _) in states.items())
    slopes = "".join(f'<TimeDerivative variable="{n}" value="{v}"/>' for n, (_, v) in states.items())
    seen = "".join(f'<Exposure name="{name}"/>' for name in states)
    dynamics = f"<Dynamics>{slopes}</Dynamics>"
    own = f'<Parameter name="s" value="{SLOPE}"/>'
    return load_model("m.xml", f'<Model name="m" version="1">{own}{text}{dynamics}{seen}</Model>')


GROWING = model({"slow": ('initial="10"', "s"), "integral": ('initial="0"', f"{RATE}")})


def clamped(steps: int) -> Model:
    """A state that is pushed against its upper bound for half of the time, and then drawn away from it."""
    turn = steps * DT / 2
    return model(
        {
            "high": ('initial="1" upper="1"', f"10 * s * (1 - 2 * heaviside(t - {turn}))"),
            "low": ('initial="1" lower="1"', f"-10 * s * (1 - 2 * heaviside(t - {turn}))"),
        }
    )


def last(model: Model, steps: int, integrator: str = "euler", backend: str = "numba") -> dict[str, float]:
    result = rateloom.simulate(
        model, connectome=ONE_NODE, duration=steps * DT, dt=DT, monitor="raw", dtype="float32", threads=1,
        integrator=integrator, noise=False, progress=False, backend=backend,
    )  # fmt: skip
    return {e.name: float(result[e.name].values.ravel()[-1]) for e in model.exposures}


@pytest.mark.parametrize("steps", MANY)
@pytest.mark.parametrize(
    "integrator", ["heun", *(pytest.param(name, marks=pytest.mark.slow) for name in ("euler", "rk4"))]
)
def test_a_slow_state_and_an_integral_grow_as_they_should(steps: int, integrator: str) -> None:
    values = last(GROWING, steps, integrator)
    time = steps * DT
    assert values["slow"] == pytest.approx(10 + SLOPE * time, rel=2**-23)
    # the slope and the step are rounded themselves
    assert values["integral"] == pytest.approx(RATE * time, rel=2**-22)


@pytest.mark.parametrize("steps", [20_000, pytest.param(10**6, marks=pytest.mark.slow)])
def test_what_a_bound_holds_back_is_not_carried_on(steps: int) -> None:
    model, reference = clamped(steps), 10 * SLOPE * steps * DT / 2
    values = last(model, steps, "heun")
    # a step is of the size of what single precision resolves at one
    assert values["high"] == pytest.approx(1 - reference, abs=2**-22)
    assert values["low"] == pytest.approx(1 + reference, abs=2**-22)


# each is a kernel of its own
@pytest.mark.parametrize(
    ("model", "integrator"),
    [
        pytest.param(model, integrator, id=f"{name}-{integrator}", marks=marks)
        for name, model, schemes in (
            ("growing", GROWING, {"heun": (), "euler": pytest.mark.slow, "rk4": pytest.mark.slow}),
            ("clamped", clamped(3000), {"euler": (), "heun": pytest.mark.slow, "rk4": pytest.mark.slow}),
        )
        for integrator, marks in schemes.items()
    ],
)
def test_the_oracle_in_single_precision_carries_as_much(model: Model, integrator: str) -> None:
    steps = 3000
    run = oracle.simulate(model, ALONE, ALONE, steps=steps, dt=DT, integrator=integrator, dtype="float32")
    assert run["states"].dtype == np.float32
    values = last(model, steps, integrator)
    for state, reference in zip(values.values(), run["states"][-1, :, 0], strict=True):
        assert state == pytest.approx(reference, rel=2**-22)


@pytest.mark.slow
@pytest.mark.skipif(host_compiler() is None, reason="no C++ compiler on this machine")
def test_the_emulated_device_carries_as_much() -> None:
    for model in (GROWING, clamped(4000)):
        assert last(model, 4000, backend="emulated") == last(model, 4000)
