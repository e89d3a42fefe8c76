"""Measures of a user's own: a decorated function of (time, node) arrays, or of batches of these."""

from __future__ import annotations

import inspect
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Any, overload

import numpy as np
from numpy.typing import NDArray

from rateloom.drivers.support.errors import InputError, shown

from .catalogue import BAND_SUFFIX, CATALOGUE, MATRICES

Function = Callable[..., Any]


@dataclass(frozen=True)
class Measure:
    """A measure of a user's own.

    Attributes
    ----------
    name : str
        What it is called in the result, before the exposure's name.
    function : callable
        Takes an array (time, node), or (item, time, node) if `batched`.
    unit, description : str
        For the result's attributes.
    takes_dt : bool
        Whether the function has a parameter ``dt``: the time between samples, ms.
    regional : bool, optional
        Whether it gives one number a node; found out by a trial, where that must be known, if left out.
    """

    name: str
    function: Function
    batched: bool = False
    unit: str = ""
    description: str = ""
    takes_dt: bool = False
    regional: bool | None = None

    def __call__(self, *arguments: Any, **named: Any) -> Any:
        """Call the function itself."""
        return self.function(*arguments, **named)


@overload
def measure(function: Function, /) -> Measure: ...


@overload
def measure(
    *,
    name: str | None = None,
    batched: bool = False,
    unit: str = "",
    description: str = "",
    regional: bool | None = None,
) -> Callable[[Function], Measure]: ...


def measure(
    function: Function | None = None,
    /,
    *,
    name: str | None = None,
    batched: bool = False,
    unit: str = "",
    description: str = "",
    regional: bool | None = None,
) -> Measure | Callable[[Function], Measure]:
    """Make a function a measure, for ``custom=[function]`` of `rateloom.measures` and `rateloom.sweep`.

    Parameters
    ----------
    function : callable
        Takes the array (time, node) of one exposure of one work item, in Hz if it is a rate, and returns a
        number or one a node, (node,). With `batched` it takes (item, time, node) and returns (item,) or
        (item, node). If it has a parameter ``dt``, that is given the time between samples in ms.
    name : str, optional
        What the measure is called; the function's name by default.
    batched : bool
        Whether the function takes many work items at once.
    unit, description : str
        For the result's attributes; the description is the first line of the docstring by default.
    regional : bool, optional
        Whether it gives one number a node. A sweep must know before it starts: if left out, it tries the
        function with noise.

    Returns
    -------
    Measure
        Which can be called like the function; without a function, a decorator.

    Raises
    ------
    InputError
        If what is decorated is no function, or the name cannot be used.
    """
    if function is None:
        return lambda decorated: _made(decorated, name, batched, unit, description, regional)
    return _made(function, name, batched, unit, description, regional)


def _made(
    function: Function, name: str | None, batched: bool, unit: str, description: str, regional: bool | None
) -> Measure:
    if not callable(function):
        raise InputError(f"measure({function!r}): decorate a function of an array (time, node)")
    called = name if name is not None else getattr(function, "__name__", "")
    if not isinstance(called, str) or not called.isidentifier():
        raise InputError(f"measure {called!r}: give it a name of letters, digits and underscores, name='...'")
    if called in CATALOGUE or called in MATRICES or called.endswith(BAND_SUFFIX):
        raise InputError(f"measure {called}: there is one of this name; give it another, name='...'")
    doc = (inspect.getdoc(function) or "").partition("\n")[0]
    takes_dt = "dt" in inspect.signature(function).parameters
    if not (regional is None or isinstance(regional, bool)):
        raise InputError(f"measure {called}: regional={shown(regional)} must be True, False or None")
    return Measure(called, function, batched, unit, description or doc, takes_dt, regional)


def check_measures(custom: Sequence[Measure]) -> None:
    """Refuse what is no measure, and two of one name."""
    if not isinstance(custom, Sequence):
        raise InputError(f"custom={custom!r}: it must be a list of functions decorated with rateloom.measure")
    for entry in custom:
        if not isinstance(entry, Measure):
            raise InputError(f"custom: {entry!r} is no measure; decorate the function with rateloom.measure")
    names = [entry.name for entry in custom]
    for name in names:
        if names.count(name) > 1:
            raise InputError(f"custom: two measures are called {name}; rename one with name='...'")


def apply(measure: Measure, values: NDArray[Any], dt: float) -> NDArray[np.float64]:
    """The measure of each work item of an array (item, time, node): (item,) or (item, node).

    Raises
    ------
    InputError
        If the function raises, or returns something of another shape.
    """
    named = {"dt": dt} if measure.takes_dt else {}
    try:
        if measure.batched:
            given = np.asarray(measure.function(values, **named))
        else:
            given = np.asarray([measure.function(one, **named) for one in values])
    except (Exception, SystemExit) as error:
        first = str(error).partition("\n")[0]
        raise InputError(f"measure {measure.name} raises {type(error).__name__}: {first}") from None
    n_item, _, n_node = values.shape
    if given.dtype.kind not in "biuf" or given.shape not in ((n_item,), (n_item, n_node)):
        wanted = "(item,) or (item, node)" if measure.batched else "a number, or one a node"
        raise InputError(f"measure {measure.name} returns {_form(given)}; return {wanted}")
    return given.astype(np.float64)


def is_regional(measure: Measure, n_time: int, n_node: int, dt: float, dtype: Any) -> bool:
    """Whether a measure gives one number a node: what it says, or else what it gives for noise.

    Raises
    ------
    InputError
        If it cannot be taken of noise.
    """
    if measure.regional is not None:
        return measure.regional
    noise = np.random.default_rng(0).standard_normal((1, n_time, n_node)).astype(dtype)
    try:
        return apply(measure, noise + dtype(10), dt).ndim == 2
    except InputError as problem:
        raise InputError(f"{problem} (tried with noise; say regional=True or False to do without)") from None


def taken(measure: Measure, values: NDArray[Any], dt: float, regional: bool) -> NDArray[np.float64]:
    """The measure of each work item, one number a node or not, as was found out before.

    Raises
    ------
    InputError
        If it is not what was found out, or the function fails.
    """
    found = apply(measure, values, dt)
    if found.ndim != 1 + regional:
        said = "one number a node" if regional else "a number"
        raise InputError(f"measure {measure.name} is to return {said}, and returns {_form(found[0])}")
    return found


def _form(array: NDArray[Any]) -> str:
    if array.dtype.kind in "biuf":
        return f"an array of shape {array.shape}"
    return "what is no real number"
