"""The AdEx mean fields in TVB and in rateloom from the same initial states."""

from __future__ import annotations

import dataclasses
import re
import types
import warnings
from pathlib import Path

import numpy as np
from numpy.typing import NDArray
from tvb_reference import double_precision

import rateloom
from rateloom.dsl.load import load_model
from rateloom.dsl.model import Exposure, Model
from rateloom.dsl.operations import symbol

with warnings.catch_warnings():
    warnings.simplefilter("ignore")
    from tvb.datatypes.connectivity import Connectivity
    from tvb.simulator import coupling, integrators, models, monitors
    from tvb.simulator.simulator import Simulator

Array = NDArray[np.float64]

MODELS = Path(__file__).parents[2] / "models"
TVB = {
    "zerlaut_first_order": "ZerlautAdaptationFirstOrder",
    "zerlaut_second_order": "ZerlautAdaptationSecondOrder",
}
SPEED = 4.0  # mm/ms
DT = 0.1
STEPS = 2000
G = 0.3
DRIVE = 0.000315  # kHz, without which the network falls silent


def differentiated(name: str, step: float | None) -> Model:
    """A shipped model; with a step, its file says that transfer functions take central differences of it."""
    path = MODELS / f"{name}.xml"
    text = path.read_text(encoding="utf-8")
    if step is not None:
        text, changed = re.subn(
            '(<Function name="F_[ei]")', rf'\1 differentiation="central" step="{step}"', text
        )
        assert changed == 2
    return load_model(path, text)


def shipped(name: str, step: float | None = None) -> Model:
    """A shipped model with all its states exposed; see `differentiated`."""
    model = differentiated(name, step)
    states = tuple(Exposure(s.name, symbol(s.name)) for s in model.state_variables)
    return dataclasses.replace(model, exposures=states)


def tvb68() -> tuple[Array, Array]:
    """Weights that sum to 1 over what comes into a node, and tract lengths in mm."""
    connectome = rateloom.connectome("tvb68", normalize="row")
    return connectome.weights, connectome.tract_lengths


def initial_states(model: Model, n_node: int) -> Array:
    """States (n_state, n_node) that differ from node to node, near a resting network's."""
    random = np.random.default_rng(11)
    ranges: dict[str, tuple[float, float]] = {
        "E": (0, 0.02),
        "I": (0, 0.03),
        "W_e": (0, 100),
        "C_ee": (0, 1e-5),
        "C_ii": (0, 1e-5),
        "ou_drift": (-1e-5, 1e-5),
    }
    return np.array([random.uniform(*ranges.get(s.name, (0, 0)), n_node) for s in model.state_variables])


def run_tvb(
    name: str, states: Array, integrator: str, b_e: float, step: float = 1e-7, steps: int = STEPS
) -> Array:
    """Every state after each step in TVB, (time, state, node); `step` is that of its differences."""
    weights, lengths = tvb68()
    kind = getattr(models, TVB[name])
    if step != 1e-7:
        kind = with_step(kind, step)
    model = kind(
        b_e=np.array([b_e]), external_input_ex_ex=np.array([DRIVE]), external_input_in_ex=np.array([DRIVE])
    )
    model.variables_of_interest = tuple(model.state_variables)
    scheme = {"euler": integrators.EulerDeterministic, "heun": integrators.HeunDeterministic}[integrator]
    n_node = len(weights)
    connectivity = Connectivity(
        weights=weights,
        tract_lengths=lengths,
        speed=np.array([SPEED]),
        region_labels=np.array([str(i) for i in range(n_node)]),
        centres=np.zeros((n_node, 3)),
    )
    horizon = int(np.rint(lengths.max() / SPEED / DT)) + 2
    with double_precision():
        simulator = Simulator(
            model=model,
            connectivity=connectivity,
            coupling=coupling.Linear(a=np.array([G]), b=np.array([0.0])),
            integrator=scheme(dt=DT),
            monitors=(monitors.Raw(),),
            initial_conditions=np.tile(states[None, :, :, None], (horizon, 1, 1, 1)),
        )
        simulator.configure()
        samples = [np.array(output[0][1])[..., 0] for output in simulator(n_steps=steps)]
    return np.array(samples)


def with_step(kind: type, step: float) -> type:
    """TVB's model with another step of its differences, a default argument of functions inside ``dfun``."""

    def mended(code: types.CodeType) -> types.CodeType:
        constants = tuple(
            mended(c)
            if isinstance(c, types.CodeType)
            else step
            if c == 1e-7
            else tuple(step if x == 1e-7 else x for x in c)
            if isinstance(c, tuple)
            else c
            for c in code.co_consts
        )
        return code.replace(co_consts=constants)

    dfun = vars(kind)["dfun"]
    changed = types.FunctionType(
        mended(dfun.__code__), dfun.__globals__, "dfun", dfun.__defaults__, dfun.__closure__
    )
    return type(kind.__name__, (kind,), {"dfun": changed})


def run_rateloom(model: Model, states: Array, integrator: str, b_e: float, steps: int = STEPS) -> Array:
    """Every state after each step in rateloom, (time, state, node)."""
    names = [s.name for s in model.state_variables]
    result = rateloom.simulate(
        model,
        connectome=rateloom.Connectome(*tvb68()),
        normalize="none",
        duration=steps * DT,
        dt=DT,
        integrator=integrator,
        parameters={"b_e": b_e, "G": G, "external_input_ex_ex": DRIVE, "external_input_in_ex": DRIVE},
        initial=dict(zip(names, states, strict=True)),
        speed=SPEED,
        monitor="raw",
        noise=False,
        dtype="float64",
    )
    return np.stack([result[name].values for name in names], axis=1)


def difference(ours: Array, reference: Array) -> float:
    """Largest difference of any state as a share of its largest value; infinite if anything is not finite."""
    if not (np.isfinite(ours).all() and np.isfinite(reference).all()):
        return np.inf
    largest = np.abs(reference).max(axis=(0, 2))
    apart = np.abs(ours - reference).max(axis=(0, 2))
    return float((apart[largest > 0] / largest[largest > 0]).max())
