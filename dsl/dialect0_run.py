"""Settings that RateML keeps in a model and rateloom in a run: the conduction speed, the noise's step."""

from __future__ import annotations

from collections.abc import Iterable, Sequence

import sympy

from . import dialect0_text as text
from .diagnostics import Diagnostic, Location
from .dialect0_leniencies import assumption
from .operations import symbol
from .parser import ExpressionError, parse_expression
from .text import expression_text
from .tree import Element

_DELAY_FACTOR = "rec_speed_dt"
_NOISE_SIZE = "nsig"


def has_delays(elements: Iterable[Element]) -> bool:
    """Tell whether RateML would read delays: only if ``rec_speed_dt`` is there and not 0."""
    factors = [e for e in elements if e.attributes.get("name") == _DELAY_FACTOR]
    return any(text.number(e.attributes.get("value", "0")) != 0 for e in factors)


def without_speed(elements: Sequence[Element], problems: list[Diagnostic]) -> list[Element]:
    """Drop ``rec_speed_dt`` and the parameter that holds the speed, unless another element uses them.

    RateML's delay in steps is ``length * rec_speed_dt``, so the speed is ``1 / (rec_speed_dt * dt)``.
    """
    factor = next((e for e in elements if e.attributes.get("name") == _DELAY_FACTOR), None)
    if factor is None or _DELAY_FACTOR in _names(elements):
        return list(elements)
    remaining = [e for e in elements if e is not factor]
    used = _names(remaining)
    speed = _parsed(f"1 / (({factor.attributes.get('value', '')}) * dt)")
    speed_text = "…" if speed is None else expression_text(speed).removeprefix("1.0*")
    dropped = [_DELAY_FACTOR]
    for holder in [
        e
        for e in remaining
        if speed is not None and symbol(e.attributes.get("name", "")) in speed.free_symbols
    ]:
        name, value = holder.attributes["name"], holder.attributes.get("value", "")
        low, high = holder.attributes.get("min", value), holder.attributes.get("max", value)
        if (text.number(low) or 0.0) <= 0:
            problems.append(assumption("W307", holder.where, name=name, low=low))
        speed_text = speed_text.replace(name, low if low == high else f"{low} … {high}")
        if name not in used:
            remaining.remove(holder)
            dropped.append(name)
            # Its default no longer matters.
            problems[:] = [p for p in problems if (p.code, p.where) != ("W308", holder.where)]
    listed = " and ".join(f"'{name}'" for name in dropped) + (" is" if len(dropped) == 1 else " are")
    problems.append(assumption("W309", factor.where, names=listed, speed=speed_text))
    return remaining


def with_noise(
    elements: Sequence[Element], where: Location, states: Sequence[str], problems: list[Diagnostic]
) -> list[Element]:
    """Add noise on every state: RateML adds ``nsig * N(0, 1)`` a step, so sigma is ``nsig / sqrt(dt)``.

    Where ``nsig`` has no ``sqrt(dt)`` in it, the factor was forgotten, and ``nsig`` itself is sigma.
    """
    size = next((e for e in elements if e.attributes.get("name") == _NOISE_SIZE), None)
    if size is None:
        problems.append(assumption("W311", where))
        sigma, result = "1", list(elements)
    else:
        sigma, result = _NOISE_SIZE, [_per_root_of_time(e, problems) if e is size else e for e in elements]
    return [*result, *(Element("Noise", {"variable": s, "sigma": sigma}, (), where) for s in states)]


def _per_root_of_time(size: Element, problems: list[Diagnostic]) -> Element:
    """Turn ``nsig`` into sigma; it is a parameter, which runs can set, if its value is a number."""
    value = _parsed(size.attributes.get("value", ""))
    if value is None:
        return size
    root = sympy.Symbol("root_of_dt", positive=True)
    split = sympy.expand_power_base(value.xreplace({symbol("dt"): root**2}))
    if root not in split.free_symbols:
        problems.append(assumption("W310", size.where))
        sigma = value
    elif root not in (split / root).free_symbols:
        sigma = split / root
    else:
        problems.append(assumption("W318", size.where))
        sigma = value / sympy.sqrt(symbol("dt"))
    sigma_text = expression_text(sigma)
    number = text.number(sigma_text)
    if number is None:
        return Element(size.tag, {**size.attributes, "value": sigma_text}, (), size.where)
    return Element("Parameter", {**size.attributes, "value": text.number_text(number)}, (), size.where)


def without_unused(elements: Sequence[Element], noisy: bool, problems: list[Diagnostic]) -> list[Element]:
    """Drop RateML's customary names if no expression uses them."""
    reasons = {"rec_n": "", _NOISE_SIZE: "" if noisy else ": the file has no ComponentType 'noise'"}
    used = _names(elements)
    result = []
    for element in elements:
        name = element.attributes.get("name", "")
        if name in reasons and name not in used:
            problems.append(assumption("W316", element.where, name=name, why=reasons[name]))
        else:
            result.append(element)
    return result


def _parsed(value: str) -> sympy.Expr | None:
    """Parse a text; return None if that fails, since the reader of dialect 1 then reports it."""
    try:
        return parse_expression(text.expression(value))
    except ExpressionError:
        return None


def _names(elements: Iterable[Element]) -> set[str]:
    """Return all names in the expressions of elements and of their children."""
    names: set[str] = set()
    for element in elements:
        for key in ("value", "condition", "pre", "post", "sigma"):
            names |= text.names(element.attributes.get(key, ""))
        names |= _names(element.children)
    return names
