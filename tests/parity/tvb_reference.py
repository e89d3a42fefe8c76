"""The Virtual Brain as an independent reference: one case for each shipped model, and a run of it in TVB."""

from __future__ import annotations

import functools
import logging
import math
import warnings
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass, field
from typing import Any

import numpy as np
from numpy.typing import NDArray

with warnings.catch_warnings():
    warnings.simplefilter("ignore")  # TVB warns about packages that only surfaces need
    from tvb.datatypes.connectivity import Connectivity
    from tvb.simulator import coupling, history, integrators, models, monitors
    from tvb.simulator.descriptors import NDArray as Descriptor
    from tvb.simulator.simulator import Simulator


for name in ("tvb.simulator.integrators", "tvb.basic.readers"):
    logging.getLogger(name).disabled = True

Array = NDArray[np.float64]

SPEED = 4.0  # mm/ms
STEPS = 500
PERIOD = 1.0  # ms, of the temporal average


@dataclass(frozen=True, eq=False)
class Case:
    """One model as rateloom and TVB know it.

    ``coupling`` is TVB's class, whose scale ``a`` is the model's G (with ``own_g``, TVB's model has a G
    itself and ``a`` is 1). ``parameters`` are those that differ from the defaults, by rateloom's names;
    ``initial`` is the range that each node's initial state is drawn from; ``renamed`` maps rateloom's names
    to the names of the coupling's parameters in TVB; ``variant`` tells cases of one model apart;
    ``ours_alone`` are exposures that TVB's model has not.
    """

    model: str
    tvb: str
    coupling: str
    dt: float
    parameters: Mapping[str, float]
    initial: Mapping[str, tuple[float, float]]
    own_g: bool = False
    renamed: Mapping[str, str] = field(default_factory=dict)
    variant: str = ""
    ours_alone: tuple[str, ...] = ()

    @property
    def name(self) -> str:
        """The model's name, with the variant where there are several."""
        return f"{self.model} ({self.variant})" if self.variant else self.model

    @property
    def window(self) -> int:
        """Steps in a sample of the temporal average."""
        return round(PERIOD / self.dt)


SCHEMES = {
    "euler": integrators.EulerDeterministic,
    "heun": integrators.HeunDeterministic,
    "rk4": integrators.RungeKutta4thOrderDeterministic,
}

JANSEN_RIT_COUPLING = {"cmin": "cmin", "cmax": "cmax", "midpoint": "midpoint", "steepness": "r"}

CASES = (
    Case("linear", "Linear", "Linear", 0.1, {"gamma": -2.0, "G": 0.1}, {"x": (-1, 1)}),
    Case(
        "kuramoto",
        "Kuramoto",
        "Kuramoto",
        0.1,
        {"omega": 0.3, "G": 0.05},
        {"theta": (0, 6.28)},
        ours_alone=("signal",),
    ),
    Case(
        "stuart_landau",
        "SupHopf",
        "Difference",
        0.1,
        {"a": 0.2, "omega": 0.4, "G": 0.02},
        {"x": (-1, 1), "y": (-1, 1)},
    ),
    Case(
        "generic_2d_oscillator",
        "Generic2dOscillator",
        "Linear",
        2**-4,
        {"a": 1.5, "c": 0.3, "g": 0.1, "I": 0.2, "tau": 1.2, "beta": 0.9, "gamma": 0.8, "G": 0.05},
        {"V": (-1, 3), "W": (-3, 3)},
    ),
    Case(
        "montbrio",
        "MontbrioPazoRoxin",
        "Linear",
        0.1,
        {"I": 0.3, "tau": 1.5, "cr": 0.9, "cv": 0.2, "G": 0.2},
        {"r": (0, 0.5), "V": (-2, 1)},
    ),
    Case(
        "wilson_cowan",
        "WilsonCowan",
        "Linear",
        0.1,
        {"P": 0.6, "Q": 0.1, "theta_e": 0.1, "theta_i": 0.2, "alpha_e": 1.2, "r_e": 0.9, "G": 0.05},
        {"E": (0, 1), "I": (0, 1)},
    ),
    Case(
        "wilson_cowan",
        "WilsonCowan",
        "Linear",
        0.1,
        {"shift_sigmoid": 0.0, "P": 0.6, "c_e": 1.1, "k_i": 0.9, "tau_i": 8.0, "G": 0.05},
        {"E": (0, 1), "I": (0, 1)},
        variant="plain sigmoid",
    ),
    Case(
        "jansen_rit",
        "JansenRit",
        "SigmoidalJansenRit",
        2**-4,
        {"mu": 0.15, "cmin": 0.0005, "midpoint": 5.5, "steepness": 0.6, "G": 3.0},
        {"y0": (0, 0.2), "y1": (0, 30), "y2": (0, 20), "y3": (-0.01, 0.01), "y4": (-1, 1), "y5": (-1, 1)},
        renamed=JANSEN_RIT_COUPLING,
    ),
    Case("reduced_wong_wang", "ReducedWongWang", "Linear", 0.1, {"G": 0.1}, {"S": (0, 1)}),
    Case(
        "reduced_wong_wang_exc_inh",
        "ReducedWongWangExcInh",
        "Linear",
        0.1,
        {"lamda": 0.5, "I_ext": 0.02, "G": 0.5},
        {"S_e": (0, 1), "S_i": (0, 1)},
        own_g=True,
    ),
    Case(
        "epileptor",
        "Epileptor",
        "Difference",
        0.05,
        {"Kvf": 0.5, "Kf": 0.3, "Ks": -0.8, "slope": 0.2, "tt": 1.1, "G": 0.1},
        {"x1": (-2, 1), "y1": (-10, 1), "z": (2, 4), "x2": (-1, 0.5), "y2": (0, 1), "g": (-1, 1)},
    ),
    Case(
        "epileptor",
        "Epileptor",
        "Difference",
        0.05,
        {"Iext": 1.5, "c": -2.5, "r": 0.001, "Kvf": 0.5, "Kf": 0.3, "Ks": -0.8, "G": 0.1},
        {"x1": (-2.5, -1.5), "y1": (-20, -10), "z": (-1, 0), "x2": (-1, 0.5), "y2": (0, 1), "g": (-1, 1)},
        variant="negative permittivity",
    ),
    Case(
        "epileptor",
        "Epileptor",
        "Difference",
        0.05,
        {"modification": 1.0, "Kvf": 0.5, "Kf": 0.3, "Ks": -0.8, "G": 0.1},
        {"x1": (-2, 1), "y1": (-10, 1), "z": (2, 4), "x2": (-1, 0.5), "y2": (0, 1), "g": (-1, 1)},
        variant="modification",
    ),
)


@contextmanager
def double_precision() -> Iterator[None]:
    """Make TVB keep weights and history in float64; it truncates both to float32 otherwise."""
    descriptors = [
        attribute
        for owner in (history.BaseHistory, history.DenseHistory, history.SparseHistory)
        for attribute in vars(owner).values()
        if isinstance(attribute, Descriptor) and attribute.dtype == "f"
    ]
    for descriptor in descriptors:
        descriptor.dtype = "d"
    try:
        yield
    finally:
        for descriptor in descriptors:
            descriptor.dtype = "f"


def tvb76() -> tuple[Array, Array]:
    """Weights divided by the largest, and tract lengths in mm, of TVB's 76-region connectome."""
    connectivity = Connectivity.from_file("connectivity_76.zip")
    return connectivity.weights / connectivity.weights.max(), connectivity.tract_lengths


def initial_of(case: Case, n_node: int) -> dict[str, Array]:
    """Initial states that differ from node to node, the same at every call."""
    random = np.random.default_rng(20240521)
    return {name: random.uniform(low, high, n_node) for name, (low, high) in case.initial.items()}


def tvb_model(case: Case) -> Any:
    """TVB's model with the case's parameters; its monitors see all states, then its default variables."""
    kind = getattr(models, case.tvb)
    names = set(kind.declarative_attrs)
    given = {name: value for name, value in case.parameters.items() if name in names}
    model = kind(**{name: np.array([value], getattr(kind, name).dtype) for name, value in given.items()})
    model.variables_of_interest = tuple(kind.state_variables) + tuple(kind.variables_of_interest.default)
    return model


def tvb_coupling(case: Case) -> Any:
    """TVB's coupling with the case's G as its scale."""
    given = {case.renamed[name]: value for name, value in case.parameters.items() if name in case.renamed}
    given["a"] = 1.0 if case.own_g else case.parameters["G"]
    return getattr(coupling, case.coupling)(**{name: np.array([value]) for name, value in given.items()})


def simulate_tvb(
    case: Case, weights: Array, tract_lengths: Array, integrator: str, monitor: str
) -> tuple[dict[str, Array], list[Array]]:
    """Run a case in TVB.

    Returns
    -------
    Each state variable's samples (time, node), and those of TVB's default variables of interest, in order.
    """
    series = _run_tvb(case, weights.tobytes(), tract_lengths.tobytes(), integrator)[monitor]
    names = tvb_model(case).state_variables
    by_name = {name: series[:, i] for i, name in enumerate(names)}
    return by_name, [series[:, i] for i in range(len(names), series.shape[1])]


@functools.lru_cache(maxsize=64)
def _run_tvb(case: Case, weights: bytes, tract_lengths: bytes, integrator: str) -> dict[str, Array]:
    """Return the samples (time, variable, node) of both monitors, of one run for all tests."""
    model, scheme = tvb_model(case), SCHEMES[integrator]
    n_node = math.isqrt(len(weights) // 8)
    lengths = np.frombuffer(tract_lengths).reshape(n_node, n_node)
    connectivity = Connectivity(
        weights=np.frombuffer(weights).reshape(n_node, n_node),
        tract_lengths=lengths,
        speed=np.array([SPEED]),
        region_labels=np.array([str(i) for i in range(n_node)]),
        centres=np.zeros((n_node, 3)),
    )
    # TVB cuts averaging windows by a clock that starts after the history, so that fills whole windows.
    horizon = int(np.rint(lengths.max() / SPEED / case.dt)) + 1
    n_history = -(-horizon // case.window) * case.window + 1
    initial = initial_of(case, n_node)
    states = np.array([initial[name] for name in model.state_variables])
    samples: dict[str, list[Array]] = {"raw": [], "tavg": []}
    with double_precision():
        simulator = Simulator(
            model=model,
            connectivity=connectivity,
            coupling=tvb_coupling(case),
            integrator=scheme(dt=case.dt),
            monitors=(monitors.Raw(), monitors.TemporalAverage(period=PERIOD)),
            initial_conditions=np.tile(states[None, :, :, None], (n_history, 1, 1, 1)),
        )
        simulator.configure()
        for outputs in simulator(n_steps=STEPS):
            for kept, output in zip(samples.values(), outputs, strict=True):
                if output is not None:
                    # TVB updates its state in place, so that each sample is copied as it comes.
                    kept.append(np.array(output[1])[..., 0])
    return {name: np.array(kept) for name, kept in samples.items()}
