"""Checks of numbers: finite, in order, within bounds, and as many as the element needs."""

from __future__ import annotations

import math
from collections.abc import Iterator

from . import limits
from .diagnostics import Diagnostic
from .draft import Definition, Draft

_FINITE = {"Parameter": "value", "StateVariable": "initial", "Input": "default"}
_BOUNDS = {"Parameter": ("min", "max"), "StateVariable": ("lower", "upper")}


def infinite_values(draft: Draft) -> Iterator[Diagnostic]:
    """Report defaults that are infinite, and bounds that leave no value."""
    for d in draft.of(*_FINITE):
        for expression in d.expressions.get(_FINITE[d.tag], ()):
            value = expression.parsed.constant
            if value is not None and not math.isfinite(value):
                yield Diagnostic(d.where, "E112", f"{expression.label} is infinite; give a finite number")
    for d in draft.of(*_BOUNDS):
        for attribute, wrong in zip(_BOUNDS[d.tag], (math.inf, -math.inf), strict=True):
            if constant(d, attribute) == wrong:
                yield Diagnostic(d.where, "E112", f"{attribute} of {d.label} leaves no value; leave it out")


def sizes(draft: Draft) -> Iterator[Diagnostic]:
    """Report vectors, scalars and ranges with a wrong number of values."""
    for d in draft.of("Parameter"):
        n_value = len(d.expressions.get("value", ()))
        text = d.element.attributes.get("size", "").strip()
        if "size" not in d.element.attributes:
            if n_value > 1:
                message = f'{d.label} has {n_value} values; for a vector, add size="{n_value}"'
                yield Diagnostic(d.where, "E118", message)
        elif not (
            text.isascii() and text.isdigit() and len(text) < 6 and 0 < int(text) <= limits.VECTOR_SIZE
        ):
            message = f"size of {d.label} must be a whole number from 1 to {limits.VECTOR_SIZE}"
            yield Diagnostic(d.where, "E118", message)
        elif n_value and n_value != int(text):
            message = f"{d.label} has size {int(text)} but {n_value} value{'' if n_value == 1 else 's'}"
            yield Diagnostic(d.where, "E118", message)
    for d in draft.of("StateVariable"):
        if len(d.expressions.get("initial", ())) > 2:
            message = f"initial of {d.label} must be one value, or a range of two"
            yield Diagnostic(d.where, "E111", message)


def bounds(draft: Draft) -> Iterator[Diagnostic]:
    """Report lower bounds that do not lie below the upper ones."""
    for d in draft.of(*_BOUNDS):
        low, high = (constant(d, attribute) for attribute in _BOUNDS[d.tag])
        if low is None or high is None:
            continue
        below, above = _BOUNDS[d.tag]
        if low > high or (low == high and d.tag == "StateVariable"):
            message = f"{below} of {d.label} is {low:g}, but must lie below {above}, which is {high:g}"
            yield Diagnostic(d.where, "E110", message)


def periods(draft: Draft) -> Iterator[Diagnostic]:
    """Report periods that are none, and bounds of angles."""
    for d in draft.of("StateVariable"):
        period = constant(d, "period")
        if period is not None and not 0 < period < math.inf:
            message = f"period of {d.label} is {period:g}, but must be a finite number above zero"
            yield Diagnostic(d.where, "E133", message)
        if "period" in d.expressions and ("lower" in d.expressions or "upper" in d.expressions):
            message = f"{d.label} has a period, which keeps it in range; leave its bounds out"
            yield Diagnostic(d.where, "E133", message)


def sizes_of_noise(draft: Draft) -> Iterator[Diagnostic]:
    """Report noise whose size is a number that no size can be."""
    for d in draft.of("Noise"):
        sigma = constant(d, "sigma")
        if sigma is not None and not 0 <= sigma < math.inf:
            message = f"sigma of {d.label} is {sigma:g}, but must be a finite number of zero or more"
            yield Diagnostic(d.where, "E134", message)


def initial_values(draft: Draft) -> Iterator[Diagnostic]:
    """Report initial values outside the bounds, and reversed ranges."""
    for d in draft.of("StateVariable"):
        values = [e.parsed.constant for e in d.expressions.get("initial", ())]
        finite = [value for value in values if value is not None and math.isfinite(value)]
        if len(finite) == 2 and finite[0] > finite[1]:
            message = f"the initial range of {d.label} is reversed; write '{finite[1]:g}, {finite[0]:g}'"
            yield Diagnostic(d.where, "E111", message)
        low, high = constant(d, "lower"), constant(d, "upper")
        if low is not None and high is not None and low >= high:
            continue
        for value in dict.fromkeys(finite):
            if (low is not None and value < low) or (high is not None and value > high):
                span = f"{'-inf' if low is None else f'{low:g}'} to {'inf' if high is None else f'{high:g}'}"
                message = f"the initial value {value:g} of {d.label} lies outside its bounds, {span}"
                yield Diagnostic(d.where, "E111", message)


def constant(d: Definition, attribute: str) -> float | None:
    """Return the number of an attribute; None if it is absent or wrong."""
    return d.expressions[attribute][0].parsed.constant if attribute in d.expressions else None
