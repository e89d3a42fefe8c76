"""Sizes of noise that parameters alone decide, which are known before anything runs."""

from __future__ import annotations

from collections.abc import Iterator, Sequence

import numpy as np
import sympy
from numpy.typing import NDArray

from rateloom.drivers.planning.parameters import lane_parameters, parameter_table
from rateloom.drivers.planning.study import Study
from rateloom.drivers.support.arguments import named_values
from rateloom.drivers.support.errors import InputError
from rateloom.dsl.model import Model, Noise

# Work items at once, and of how many at most: of more, those that are as far apart.
_AT_ONCE, _MOST = 4096, 1_000_000


def check_noise_sizes(model: Model, study: Study) -> None:
    """Check the sizes of noise, as E134 does those that are numbers in the model's text.

    A size in which states, inputs or functions take part is known to the run alone.

    Raises
    ------
    InputError
        If one is below zero or no number; the message has the parameters that make it so.
    """
    sizes = [(noise, size) for noise in model.noises if (size := _of_parameters(model, noise)) is not None]
    if not study.settings.noise or not sizes:
        return
    given = named_values("parameters", study.parameters, "{'x': 0.1}")
    table = parameter_table(study.code.model, given, study.grid, study.connectome.n_node)
    for noise, size in sizes:
        symbols = sorted(size.free_symbols, key=lambda symbol: str(symbol.name))
        names = [str(symbol.name) for symbol in symbols]
        # names such as P[0] are none of Python's
        dummies = [sympy.Dummy() for _ in symbols]
        value_of = sympy.lambdify(dummies, size.xreplace(dict(zip(symbols, dummies, strict=True))), "numpy")
        rows = [table.names.index(name) for name in names]
        for items in _items(study, names):
            values = lane_parameters(table, study.grid, items, "float64")[rows]
            with np.errstate(all="ignore"):
                found = np.broadcast_to(value_of(*values), values.shape[1:])
            _check(noise, names, values, found)


def _of_parameters(model: Model, noise: Noise) -> sympy.Expr | None:
    """Return a size as an expression of parameters alone, or None where others or functions take part."""
    size = noise.sigma
    for derived in reversed(model.derived_parameters):
        size = size.xreplace({sympy.Symbol(derived.name): derived.value})
    known = {name for parameter in model.parameters for name in parameter.elements}
    plain = all(type(node).__module__.startswith("sympy.") for node in sympy.preorder_traversal(size))
    return size if plain and {str(symbol.name) for symbol in size.free_symbols} <= known else None


def _items(study: Study, names: Sequence[str]) -> Iterator[NDArray[np.int64]]:
    """Yield numbers of the work items that differ in some parameters."""
    if not set(names) & set(study.grid.swept):
        yield np.zeros(1, np.int64)
        return
    n_item = study.grid.n_item
    numbers = np.arange(n_item) if n_item <= _MOST else np.linspace(0, n_item - 1, _MOST).astype(np.int64)
    for begin in range(0, len(numbers), _AT_ONCE):
        yield numbers[begin : begin + _AT_ONCE].astype(np.int64)


def _check(
    noise: Noise, names: Sequence[str], values: NDArray[np.floating], sizes: NDArray[np.floating]
) -> None:
    """Raise InputError if a size (node or 1, item) is not zero or more."""
    wrong = np.argwhere(~(sizes >= 0))
    if not len(wrong):
        return
    node, item = wrong[0]
    given = ", ".join(f"{name}={value:g}" for name, value in zip(names, values[:, node, item], strict=True))
    size, place = float(sizes[node, item]), f" of node {node}" if len(sizes) > 1 else ""
    fault = "no number" if np.isnan(size) else f"{size:g}"
    raise InputError(
        f"noise of {noise.variable}: with {given}{place} its sigma is {fault}; it must be zero or more, and "
        "noise=False (--no-noise) leaves it out"
    )
