"""The transfer function once more, differentiated with 70 digits, and what generated kernels make of it."""

from __future__ import annotations

import dataclasses
from collections.abc import Sequence
from typing import Any

import mpmath
import numpy as np
import sympy
from adex_parity import differentiated, models
from numpy.typing import NDArray

import rateloom
from rateloom.dsl.model import Exposure, Input, Model, StateVariable, TimeDerivative
from rateloom.dsl.operations import call, symbol

Array = NDArray[np.float64]

ARGUMENTS = ("nu_e", "nu_i", "external_e", "external_i", "W")
DERIVATIVES: tuple[tuple[str, ...], ...] = (
    (),
    ("nu_e",),
    ("nu_i",),
    ("nu_e", "nu_e"),
    ("nu_e", "nu_i"),
    ("nu_i", "nu_i"),
)
NAMES = ("F", "F_e", "F_i", "F_ee", "F_ei", "F_ii")
POPULATIONS = ("e", "i")
SHARED = (
    "g_L", "C_m", "Q_e", "Q_i", "E_e", "E_i", "tau_e", "tau_i",
    "N_tot", "p_connect_e", "p_connect_i", "g", "K_ext_e", "K_ext_i",
)  # fmt: skip


def random_points(count: int, seed: int = 0) -> Array:
    """Points (5, count): rates of 0 to 0.2 kHz, W of 0 to 500 pA; a tenth of each exactly zero."""
    random = np.random.default_rng(seed)

    def rates(largest: float) -> Array:
        spread = np.where(
            random.random(count) < 0.5,
            random.uniform(0, largest, count),
            np.exp(random.uniform(np.log(1e-6), np.log(largest), count)),
        )
        return np.where(random.random(count) < 0.1, 0.0, spread)

    W = np.where(random.random(count) < 0.1, 0.0, random.uniform(0, 500, count))
    return np.array([rates(0.2), rates(0.2), rates(0.05), rates(0.05), W])


def tiny_model(name: str = "zerlaut_second_order", step: float | None = None) -> Model:
    """A model of a shipped one's functions, with their value and derivatives at its inputs as exposures.

    With a step, derivatives are central differences.
    """
    whole = differentiated(name, step)
    actual = tuple(symbol(a) for a in ARGUMENTS)
    exposures = tuple(
        Exposure(f"{population}_{label}", call(f"F_{population}", actual, wrt))
        for population in POPULATIONS
        for label, wrt in zip(NAMES, DERIVATIVES, strict=True)
    )
    return dataclasses.replace(
        whole,
        name="tiny",
        state_variables=(StateVariable("idle", (0.0,)),),
        couplings=(),
        inputs=tuple(Input(a) for a in ARGUMENTS),
        derived_variables=(),
        time_derivatives=(TimeDerivative("idle", sympy.Integer(0)),),
        noises=(),
        exposures=exposures,
    )


def evaluate_kernel(
    points: Array, dtype: str, model: Model | None = None, n_node: int = 50, backend: str = "numba"
) -> Array:
    """Values and derivatives (population, 6, count) as generated kernels compute them."""
    steps = points.shape[1] // n_node
    inputs = {a: row.reshape(steps, n_node) for a, row in zip(ARGUMENTS, points, strict=True)}
    none = np.zeros((n_node, n_node))
    result = rateloom.simulate(
        model or tiny_model(),
        connectome=rateloom.Connectome(none, none),
        normalize="none",
        duration=float(steps),
        dt=1.0,
        integrator="euler",
        monitor="raw",
        inputs=inputs,
        dtype=dtype,
        backend=backend,
    )
    return np.array(
        [[result[f"{p}_{label}"].values.ravel() for label in NAMES] for p in POPULATIONS], dtype=float
    )


def parameters(population: str) -> dict[str, Any]:
    """TVB's defaults of one population, taken from TVB itself."""
    kind = models.ZerlautAdaptationSecondOrder()
    values = {name: float(getattr(kind, name)[0]) for name in SHARED}
    values["E_L"] = float(getattr(kind, f"E_L_{population}")[0])
    return {**values, "P": [float(p) for p in getattr(kind, f"P_{population}")]}


def transfer(arguments: Sequence[Any], p: dict[str, Any]) -> Any:
    """Output rate, equations 5 to 11 of di Volo et al. 2019 (doi 10.1162/neco_a_01173), with mpmath."""
    nu_e, nu_i, external_e, external_i, W = arguments
    one = mpmath.mpf(1)
    release = mpmath.mpf(1e-6)
    f_e = (nu_e + release) * (one - p["g"]) * p["p_connect_e"] * p["N_tot"] + external_e * p["K_ext_e"]
    f_i = (nu_i + release) * p["g"] * p["p_connect_i"] * p["N_tot"] + external_i * p["K_ext_i"]
    G_e, G_i = p["Q_e"] * p["tau_e"] * f_e, p["Q_i"] * p["tau_i"] * f_i
    G = p["g_L"] + G_e + G_i
    T_m = p["C_m"] / G
    mu = (G_e * p["E_e"] + G_i * p["E_i"] + p["g_L"] * p["E_L"] - W) / G
    U_e, U_i = p["Q_e"] / G * (p["E_e"] - mu), p["Q_i"] / G * (p["E_i"] - mu)
    s_e, s_i = f_e * (U_e * p["tau_e"]) ** 2, f_i * (U_i * p["tau_i"]) ** 2
    below = s_e / (p["tau_e"] + T_m) + s_i / (p["tau_i"] + T_m)
    sigma, T_V = mpmath.sqrt(below / 2), (s_e + s_i) / below
    V, S, T = (mu + 60) / 10, (sigma - 4) / 6, T_V * p["g_L"] / p["C_m"] - one / 2
    terms = (one, V, S, T, V * V, S * S, T * T, V * S, V * T, S * T)
    threshold = 1000 * sum(a * b for a, b in zip(p["P"], terms, strict=True))
    return mpmath.erfc((threshold - mu) / (mpmath.sqrt(2) * sigma)) / (2 * T_V)


def evaluate_mpmath(points: Array) -> list[list[list[Any]]]:
    """The same [population][6][count] in mpmath: central differences of 1e-20 kHz with 70 digits."""
    with mpmath.workdps(70):
        h = mpmath.mpf(10) ** -20
        known = [{k: _exactly(v) for k, v in parameters(p).items()} for p in POPULATIONS]
        per_point = [[_derivatives([mpmath.mpf(float(a)) for a in x], p, h) for x in points.T] for p in known]
    return [[[d[k] for d in rows] for k in range(6)] for rows in per_point]


def _exactly(value: Any) -> Any:
    return [mpmath.mpf(v) for v in value] if isinstance(value, list) else mpmath.mpf(value)


def _derivatives(x: list[Any], p: dict[str, Any], h: Any) -> tuple[Any, ...]:
    """Value, first and second derivatives by the two rates."""
    f = {(i, j): transfer([x[0] + i * h, x[1] + j * h, *x[2:]], p) for i in (-1, 0, 1) for j in (-1, 0, 1)}
    return (
        f[0, 0],
        (f[1, 0] - f[-1, 0]) / (2 * h),
        (f[0, 1] - f[0, -1]) / (2 * h),
        (f[1, 0] - 2 * f[0, 0] + f[-1, 0]) / h**2,
        (f[1, 1] - f[1, -1] - f[-1, 1] + f[-1, -1]) / (4 * h**2),
        (f[0, 1] - 2 * f[0, 0] + f[0, -1]) / h**2,
    )


def evaluate_tvb(points: Array, step: float = 1e-7) -> Array:
    """The same as TVB computes it: central differences in float64, without its factors of 1e-3 and 1e-6."""
    model = models.ZerlautAdaptationSecondOrder()
    nu_e, nu_i, *rest = points
    rows = []
    for function in (model.TF_excitatory, model.TF_inhibitory):
        f = {
            (i, j): function(nu_e + i * step, nu_i + j * step, *rest) for i in (-1, 0, 1) for j in (-1, 0, 1)
        }
        rows.append([
            f[0, 0],
            (f[1, 0] - f[-1, 0]) / (2 * step),
            (f[0, 1] - f[0, -1]) / (2 * step),
            (f[1, 0] - 2 * f[0, 0] + f[-1, 0]) / step**2,
            (f[1, 1] - f[1, -1] - f[-1, 1] + f[-1, -1]) / (4 * step**2),
            (f[0, 1] - 2 * f[0, 0] + f[0, -1]) / step**2,
        ])  # fmt: skip
    return np.array(rows)


def as_floats(exact: list[list[list[Any]]]) -> Array:
    """The reference rounded to float64; what is below its range becomes zero."""
    return np.array([[[float(v) for v in row] for row in rows] for rows in exact])


def local_scale(reference: Array) -> Array:
    """Scale of each derivative at each point: its size, or where it crosses zero what the others say.

    For the derivative by a and b that is F (dF/da / F) (dF/db / F), for the one by a the root of F times the
    second one.
    """
    F, F_e, F_i, F_ee, F_ei, F_ii = np.abs(reference).transpose(1, 0, 2)
    with np.errstate(all="ignore"):
        scales = [
            F,
            np.maximum(F_e, np.sqrt(F * F_ee)),
            np.maximum(F_i, np.sqrt(F * F_ii)),
            np.fmax(F_ee, F_e * F_e / F),
            np.fmax(F_ei, F_e * F_i / F),
            np.fmax(F_ii, F_i * F_i / F),
        ]
    return np.array(scales).transpose(1, 0, 2)


def local_errors(values: Array, reference: Array) -> Array:
    """Largest error of each quantity relative to its scale at the point; where that is below 1e-290, none."""
    scale = local_scale(reference)
    return np.where(scale > 1e-290, np.abs(values - reference) / np.fmax(scale, 1e-290), 0).max(axis=(0, 2))


def range_errors(values: Array, reference: Array) -> Array:
    """Largest error of each quantity relative to its largest value over all points."""
    apart = np.abs(values - reference).max(axis=2)
    return np.asarray((apart / np.abs(reference).max(axis=2)).max(axis=0))
