"""Custom measures: decorated functions of (time, node) arrays, or of batches of them."""

from __future__ import annotations

import inspect
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Any, overload

import numpy as np
from numpy.typing import NDArray

from rateloom.drivers.support.arguments import optional_switch, switch, text
from rateloom.drivers.support.errors import InputError, shown
from rateloom.drivers.support.regular_files import reason_of

from .catalogue import BAND_SUFFIX, CATALOGUE, MATRICES

Function = Callable[..., Any]


@dataclass(frozen=True)
class Measure:
    """A custom measure.

    Attributes
    ----------
    name : str
        Its name in the result, before the exposure's name.
    function : callable
        Takes an array (time, node), or (item, time, node) if `batched`.
    unit, description : str
        For the result's attributes.
    takes_dt : bool
        Whether the function has a parameter ``dt``: the time between samples, ms.
    regional : bool, optional
        Whether it gives one number a node. If None, a trial with noise finds out when needed.
    """

    name: str
    function: Function
    batched: bool = False
    unit: str = ""
    description: str = ""
    takes_dt: bool = False
    regional: bool | None = None

    def __call__(self, *arguments: Any, **keywords: Any) -> Any:
        """Call the function itself."""
        return self.function(*arguments, **keywords)


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
    """Turn a function into a measure, for ``custom=[function]`` of `rateloom.measures` and `rateloom.sweep`.

    Parameters
    ----------
    function : callable
        Takes the array (time, node) of one exposure of one work item, in Hz if it is a rate, and returns one
        number, or an array (node,). With `batched` it takes (item, time, node) and returns (item,) or
        (item, node). A parameter ``dt`` gets the time between samples in ms.
    name : str, optional
        The measure's name; the function's name by default.
    batched : bool
        Whether the function takes many work items at once.
    unit, description : str
        For the result's attributes; the description is the first line of the docstring by default.
    regional : bool, optional
        Whether it gives one number a node. A sweep must know before it starts: if None, it tries the function
        with noise.

    Returns
    -------
    Measure
        A measure, which can be called like the function; without `function`, a decorator.

    Raises
    ------
    InputError
        If the decorated object is no function, or the name cannot be used.
    """
    if function is None:
        return lambda decorated: _measure_of(decorated, name, batched, unit, description, regional)
    return _measure_of(function, name, batched, unit, description, regional)


def _measure_of(
    function: Function, name: str | None, batched: bool, unit: str, description: str, regional: bool | None
) -> Measure:
    if not callable(function):
        raise InputError(f"measure({shown(function)}): decorate a function of an array (time, node)")
    measure_name = name if name is not None else getattr(function, "__name__", "")
    if not isinstance(measure_name, str) or not measure_name.isidentifier():
        raise InputError(
            f"measure {shown(measure_name)}: give it a name of letters, digits and underscores, name='...'"
        )
    if measure_name in CATALOGUE or measure_name in MATRICES or measure_name.endswith(BAND_SUFFIX):
        raise InputError(f"measure {measure_name}: there is one of this name; give it another, name='...'")
    doc = (inspect.getdoc(function) or "").partition("\n")[0]
    try:
        takes_dt = "dt" in inspect.signature(function).parameters
    except (TypeError, ValueError):  # of some functions written in C nothing is known
        takes_dt = False
    return Measure(
        measure_name,
        function,
        switch("batched", batched),
        text("unit", unit, "a text"),
        text("description", description, "a text") or doc,
        takes_dt,
        optional_switch(f"measure {measure_name}: regional", regional),
    )


def check_measures(custom: Sequence[Measure]) -> None:
    """Check custom measures.

    Raises
    ------
    InputError
        If an entry is no measure, or two have one name.
    """
    if not isinstance(custom, Sequence):
        raise InputError(
            f"custom={shown(custom)}: it must be a list of functions decorated with rateloom.measure"
        )
    for entry in custom:
        if not isinstance(entry, Measure):
            raise InputError(
                f"custom: {shown(entry)} is no measure; decorate the function with rateloom.measure"
            )
    names = [entry.name for entry in custom]
    for name in names:
        if names.count(name) > 1:
            raise InputError(f"custom: two measures are called {name}; rename one with name='...'")


def apply(measure: Measure, values: NDArray[Any], dt: float) -> NDArray[np.float64]:
    """Take a custom measure of each work item of an array (item, time, node): (item,) or (item, node).

    Raises
    ------
    InputError
        If the function raises, or returns an array of another shape.
    """
    keywords = {"dt": dt} if measure.takes_dt else {}
    try:
        if measure.batched:
            output = np.asarray(measure.function(values, **keywords))
        else:
            output = np.asarray([measure.function(series, **keywords) for series in values])
    except (Exception, SystemExit) as error:
        raise InputError(
            f"measure {measure.name} raises {type(error).__name__}: {reason_of(error)}"
        ) from None
    n_item, _, n_node = values.shape
    if output.dtype.kind not in "biuf" or output.shape not in ((n_item,), (n_item, n_node)):
        expected = "(item,) or (item, node)" if measure.batched else "a number, or one a node"
        raise InputError(f"measure {measure.name} returns {_form(output)}; return {expected}")
    return output.astype(np.float64)


def is_regional(measure: Measure, n_time: int, n_node: int, dt: float, dtype: Any) -> bool:
    """Tell whether a measure gives one number a node, by its attribute or by a trial with noise.

    Raises
    ------
    InputError
        If the trial fails.
    """
    if measure.regional is not None:
        return measure.regional
    noise = np.random.default_rng(0).standard_normal((1, n_time, n_node)).astype(dtype)
    try:
        return apply(measure, noise + dtype(10), dt).ndim == 2
    except InputError as problem:
        raise InputError(f"{problem} (tried with noise; say regional=True or False to do without)") from None


def taken(measure: Measure, values: NDArray[Any], dt: float, regional: bool) -> NDArray[np.float64]:
    """Take a custom measure of each work item, whose shape is known from `is_regional`.

    Raises
    ------
    InputError
        If the output has another shape, or the function fails.
    """
    output = apply(measure, values, dt)
    if output.ndim != 1 + regional:
        expected = "one number a node" if regional else "a number"
        raise InputError(f"measure {measure.name} is to return {expected}, and returns {_form(output[0])}")
    return output


def _form(array: NDArray[Any]) -> str:
    if array.dtype.kind in "biuf":
        return f"an array of shape {array.shape}"
    return "what is no real number"
