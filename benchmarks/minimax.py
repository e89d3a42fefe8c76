"""Derive the minimax coefficients of the elementary functions: Remez exchange in 60 digits.

    python benchmarks/minimax.py            # every table of templates/elementary, with its error
    python benchmarks/minimax.py sin cos    # some of them

Each table says the largest error, relative to the function that it serves, with the coefficients rounded.
"""

from __future__ import annotations

import sys
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Any

import mpmath as mp
import numpy as np

Real = Callable[[mp.mpf], mp.mpf]
mp.mp.dps = 60


@dataclass(frozen=True)
class Task:
    """A function to approximate by a polynomial.

    Attributes
    ----------
    function, weight : callable
        What to approximate, and what its error is multiplied by: the error relative to the final result.
    low, high : mpf
        The interval.
    degrees : (int, int)
        For float32 and for float64; 0 if not wanted.
    exact : float, optional
        Where the polynomial, computed in the precision, must be the function to the last bit.
    """

    function: Real
    weight: Real
    low: mp.mpf
    high: mp.mpf
    degrees: tuple[int, int]
    exact: float | None = None


def remez(
    f: Real, weight: Real, low: mp.mpf, high: mp.mpf, powers: Sequence[int]
) -> tuple[list[mp.mpf], mp.mpf]:
    """Return the coefficients of the powers with the least largest weighted error, and that error."""
    n = len(powers)
    points = _points(low, high, 24 * (n + 1))
    nodes = points[12 :: len(points) // (n + 1)][: n + 1]
    for _ in range(40):
        rows = [[x**k for k in powers] + [(-1) ** i / weight(x)] for i, x in enumerate(nodes)]
        solution = mp.lu_solve(mp.matrix(rows), mp.matrix([f(x) for x in nodes]))
        coefficients = list(solution)[:n]

        def error(x: mp.mpf, c: list[mp.mpf] = coefficients) -> mp.mpf:
            return weight(x) * (f(x) - mp.fsum(a * x**k for a, k in zip(c, powers, strict=True)))

        nodes, peaks = _extrema(error, points, n + 1)
        if len(nodes) < n + 1:
            raise ArithmeticError("too few extrema: the error is below the working precision")
        if max(peaks) < min(peaks) * mp.mpf("1.001"):
            break
    return coefficients, max(peaks)


def _points(low: mp.mpf, high: mp.mpf, count: int) -> list[mp.mpf]:
    """Return Chebyshev's points, without those so near zero that the weight says nothing there."""
    middle, half = (low + high) / 2, (high - low) / 2
    points = [middle - half * mp.cos(mp.pi * i / count) for i in range(count + 1)]
    return [x for x in points if abs(x) > half / 100]


def _extrema(error: Real, points: Sequence[mp.mpf], n: int) -> tuple[list[mp.mpf], list[mp.mpf]]:
    """Return the n alternating extrema of the error that are largest, and their sizes."""
    values = [error(x) for x in points]
    found: list[tuple[mp.mpf, mp.mpf]] = []
    for point in zip(points, values, strict=True):
        if found and found[-1][1] * point[1] > 0:
            if abs(point[1]) > abs(found[-1][1]):
                found[-1] = point
        else:
            found.append(point)
    while len(found) > n:
        found.pop(0 if abs(found[0][1]) < abs(found[-1][1]) else -1)
    return [x for x, _ in found], [abs(v) for _, v in found]


def rounded(task: Task, degree: int, single: bool) -> tuple[list[float], mp.mpf]:
    """Return coefficients in the precision, lowest power first, and the largest weighted error with them."""
    best, _ = remez(task.function, task.weight, task.low, task.high, range(degree + 1))
    real = np.float32 if single else np.float64
    coefficients = [float(real(float(c))) for c in best]
    if task.exact is not None:
        coefficients = _exact_at(task.exact, float(task.function(mp.mpf(task.exact))), coefficients, real)

    def error(x: mp.mpf) -> mp.mpf:
        return abs(task.weight(x) * (task.function(x) - mp.polyval(coefficients[::-1], x)))

    return coefficients, max(error(x) for x in _points(task.low, task.high, 500))


def _exact_at(x: float, value: float, coefficients: list[float], real: Any) -> list[float]:
    """Move the second coefficient by as few last places as make the polynomial exact at a point."""
    for places in (0, 1, -1, 2, -2, 3, -3):
        moved = list(coefficients)
        for _ in range(abs(places)):
            moved[1] = float(np.nextafter(real(moved[1]), real(-np.inf if places > 0 else np.inf)))
        if _horner(x, moved, real) == value:
            return moved
    raise ArithmeticError(f"no second coefficient makes the polynomial {value} at {x}")


def _horner(x: float, coefficients: list[float], real: Any) -> float:
    """Evaluate a polynomial as the kernels do: each product and sum rounded once."""
    value = coefficients[-1]
    for coefficient in coefficients[-2::-1]:
        value = float(real(float(mp.mpf(value) * x + coefficient)))
    return value


def _series(f: Real, at_zero: Callable[[mp.mpf], mp.mpf]) -> Real:
    """Avoid the cancellation of a removable singularity at zero."""
    return lambda x: at_zero(x) if abs(x) < mp.mpf(10) ** -12 else f(x)


def tasks() -> dict[str, Task]:
    """Return what is to be approximated, by the name of its table."""
    half_ln2 = mp.log(2) / 2 * mp.mpf("1.0001")
    quarter = (mp.pi / 4 * mp.mpf("1.001")) ** 2
    root = mp.sqrt
    edge = (root(2) - 1) / (root(2) + 1)
    return {
        # e^r = 1 + r + r^2 / 2 + r^3 p(r)
        "exp": Task(
            _series(lambda r: (mp.expm1(r) - r - r * r / 2) / r**3, lambda r: mp.mpf(1) / 6 + r / 24),
            lambda r: r * r,
            -half_ln2, half_ln2, (3, 8),
        ),
        # log(1 + f) = f - f^2 / 2 + f^3 p(f)
        "log": Task(
            _series(
                lambda f: (mp.log1p(f) - f + f * f / 2) / f**3, lambda f: mp.mpf(1) / 3 - f / 4 + f * f / 5
            ),
            lambda f: f * f,
            root(mp.mpf(1) / 2) - 1, root(2) - 1, (7, 0),
        ),
        # log((1 + s) / (1 - s)) = 2 s + s z p(z), z = s^2
        "log_quotient": Task(
            _series(lambda z: (2 * mp.atanh(root(z)) / root(z) - 2) / z, lambda z: mp.mpf(2) / 3 + z * 2 / 5),
            lambda z: z / 2,
            mp.mpf(0), edge**2 * mp.mpf("1.0001"), (0, 6),
        ),
        # atanh(s) = s (1 + z (1 / 3 + z p(z))), z = s^2
        "pow": Task(
            _series(
                lambda z: ((mp.atanh(root(z)) / root(z) - 1) / z - mp.mpf(1) / 3) / z,
                lambda z: mp.mpf(1) / 5 + z / 7,
            ),
            lambda z: z * z,
            mp.mpf(0), edge**2 * mp.mpf("1.0001"), (2, 6),
        ),
        # sin(r) = r + r z p(z), z = r^2
        "sin": Task(
            _series(lambda z: (mp.sin(root(z)) / root(z) - 1) / z, lambda z: -mp.mpf(1) / 6 + z / 120),
            lambda z: z,
            mp.mpf(0), quarter, (2, 5),
        ),
        # cos(r) = 1 - z / 2 + z^2 p(z)
        "cos": Task(
            _series(lambda z: (mp.cos(root(z)) - 1 + z / 2) / z**2, lambda z: mp.mpf(1) / 24 - z / 720),
            lambda z: z * z,
            mp.mpf(0), quarter, (2, 5),
        ),
        # sinh(x) = x + x z p(z) below 1
        "sinh": Task(
            _series(lambda z: (mp.sinh(root(z)) / root(z) - 1) / z, lambda z: mp.mpf(1) / 6 + z / 120),
            lambda z: z,
            mp.mpf(0), mp.mpf("1.001"), (3, 7),
        ),
        # asin(x) = x + x z p(z) below 1 / 2
        "asin": Task(
            _series(lambda z: (mp.asin(root(z)) / root(z) - 1) / z, lambda z: mp.mpf(1) / 6 + z * 3 / 40),
            lambda z: z,
            mp.mpf(0), mp.mpf("0.2501"), (4, 11),
        ),
        # atan(x) = x + x z p(z) below tan(pi / 8)
        "atan": Task(
            _series(lambda z: (mp.atan(root(z)) / root(z) - 1) / z, lambda z: -mp.mpf(1) / 3 + z / 5),
            lambda z: z,
            mp.mpf(0), (root(2) - 1) ** 2 * mp.mpf("1.001"), (4, 10),
        ),
        # erfc(x) = exp(-x^2) (1 / (1 + 2 x)) p(t), t = (x - 4) / (x + 4)
        "erfc": Task(
            lambda t: _scaled_erfc(4 * (1 + t) / (1 - t)),
            lambda t: 1 / _scaled_erfc(4 * (1 + t) / (1 - t)),
            mp.mpf(-1), (mp.mpf(28) - 4) / (28 + 4), (9, 22), exact=-1.0,
        ),
        # -log(erfc(x)) = x p(x)
        "erf_single": Task(
            _series(lambda x: -mp.log(mp.erfc(x)) / x, lambda x: (2 / root(mp.pi)) * (1 + x / root(mp.pi))),
            _erf_weight, mp.mpf(0), mp.mpf("4.1"), (8, 0),
        ),
        "erf_double": Task(
            _series(lambda x: -mp.log(mp.erfc(x)) / x, lambda x: (2 / root(mp.pi)) * (1 + x / root(mp.pi))),
            _erf_weight, mp.mpf(0), mp.mpf("6.1"), (0, 25),
        ),
    }  # fmt: skip


def _scaled_erfc(x: mp.mpf) -> mp.mpf:
    return (1 + 2 * x) * mp.exp(x * x) * mp.erfc(x)


def _erf_weight(x: mp.mpf) -> mp.mpf:
    """Relative change of erf with x p(x), which is -log(erfc(x)): x erfc / erf."""
    return mp.sqrt(mp.pi) / 2 if x < mp.mpf(10) ** -12 else x * mp.erfc(x) / mp.erf(x)


def main(names: Sequence[str]) -> None:
    """Print the tables."""
    known = tasks()
    for name in names or known:
        for degree, single in zip(known[name].degrees, (True, False), strict=True):
            if degree:
                coefficients, worst = rounded(known[name], degree, single)
                label = "float32" if single else "float64"
                print(f"{name} {label}: error 2^{float(mp.log(worst, 2)):.1f}")
                print("    " + ", ".join(str(np.float32(c)) if single else repr(c) for c in coefficients))


if __name__ == "__main__":
    main(sys.argv[1:])
