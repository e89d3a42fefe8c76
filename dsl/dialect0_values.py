"""RateML's parameters, constants and state variables, whose attributes have several uses."""

from __future__ import annotations

from . import dialect0_text as text
from .diagnostics import Diagnostic
from .dialect0_leniencies import assumption
from .identifiers import short
from .tree import Element


def add_constant(
    constant: Element,
    values: list[Element],
    constants: dict[str, Element],
    problems: list[Diagnostic],
    other_name: str | None = None,
) -> str:
    """Add a constant to the values unless it is among the constants already; return its name in the model.

    A second constant of the same name with another value gets ``other_name``. Without ``other_name``, both
    are kept, and the reader of dialect 1 reports them.
    """
    name = constant.attributes["name"]
    same = constants.setdefault(name, constant)
    if same is constant:
        values.append(constant)
    elif same.attributes["value"] == constant.attributes["value"]:
        problems.append(assumption("W301", constant.where, name=name))
    elif other_name is None:
        values.append(constant)
    else:
        values.append(Element(constant.tag, {**constant.attributes, "name": other_name}, (), constant.where))
        problems.append(assumption("W313", constant.where, name=name, read=other_name))
        return other_name
    return name


def described(source: Element, **attributes: str) -> dict[str, str]:
    """Return the attributes of a translated element: its name, ``attributes``, and its description if any."""
    description = " ".join(source.attributes.get("description", "").split())
    translated = {"name": source.attributes.get("name", ""), **attributes}
    return {**translated, "description": description} if description else translated


def swept_parameter(source: Element, problems: list[Diagnostic]) -> Element:
    """Translate a parameter; ``dimension="low, high"`` is its range, the lower end its default."""
    name, dimension = source.attributes.get("name", ""), source.attributes.get("dimension", "")
    interval = text.pair(dimension)
    if interval is None:
        message = (
            f"Parameter '{short(name)}' has no range in dimension='{short(dimension)}'; write 'low, high'"
        )
        problems.append(Diagnostic(source.where, "E404", message))
        return Element("Parameter", described(source, value="0"), (), source.where)
    low, high = _in_order(source, *interval, problems)
    attributes = {"value": text.number_text(low)}
    if low < high:
        problems.append(assumption("W308", source.where, name=name, value=attributes["value"]))
        attributes |= {"min": text.number_text(low), "max": text.number_text(high)}
    return Element("Parameter", described(source, **attributes), (), source.where)


def _in_order(source: Element, low: float, high: float, problems: list[Diagnostic]) -> tuple[float, float]:
    """Return a range with its lower end first."""
    if low <= high:
        return low, high
    name, dimension = source.attributes.get("name", ""), source.attributes["dimension"]
    ordered = f"{text.number_text(high)}, {text.number_text(low)}"
    problems.append(assumption("W302", source.where, name=name, range=dimension, read=ordered))
    return high, low


def constant(source: Element, problems: list[Diagnostic]) -> Element:
    """Translate a constant with ``dimension="lo=…, hi=…, step=…"``; an expression makes it derived."""
    value = text.number(source.attributes.get("value", ""))
    if value is None:
        return derived_parameter(source)
    attributes = {"value": text.number_text(value)}
    domain = text.domain(source.attributes.get("dimension"))
    if domain is None:
        message = (
            f"Constant '{short(source.attributes.get('name', ''))}' has no range in"
            f" dimension='{short(source.attributes['dimension'])}'; write 'lo=…, hi=…, step=…' or nothing"
        )
        problems.append(Diagnostic(source.where, "E404", message))
    elif {"lo", "hi"} <= domain.keys():
        low, high = _in_order(source, domain["lo"], domain["hi"], problems)
        attributes |= {"min": text.number_text(low), "max": text.number_text(high)}
    return Element("Parameter", described(source, **attributes), (), source.where)


def derived_parameter(source: Element) -> Element:
    """Translate a value that is computed from others."""
    value = text.expression(source.attributes.get("value", ""))
    return Element("DerivedParameter", described(source, value=value), (), source.where)


def state_variable(source: Element, problems: list[Diagnostic]) -> Element:
    """Translate a state variable; ``dimension`` is its initial range, ``exposure`` its two bounds."""
    name, dimension = source.attributes.get("name", ""), source.attributes.get("dimension", "")
    interval, clamp = text.pair(dimension), text.bounds(source.attributes.get("exposure"))
    if interval is None:
        message = (
            f"StateVariable '{short(name)}' has no initial range in dimension='{short(dimension)}';"
            " write two numbers 'low, high'"
        )
        problems.append(Diagnostic(source.where, "E406", message))
        interval = (0.0, 0.0)
    if clamp is None:
        message = (
            f"StateVariable '{short(name)}' has no bounds in"
            f" exposure='{short(source.attributes['exposure'])}'; write 'lower, upper',"
            " with None for one that is not there"
        )
        problems.append(Diagnostic(source.where, "E406", message))
        clamp = (None, None)
    low, high = _in_order(source, *interval, problems)
    lower, upper = clamp
    inside = [
        max(v if upper is None else min(v, upper), lower if lower is not None else v) for v in (low, high)
    ]
    initial = ", ".join(text.number_text(v) for v in dict.fromkeys(inside))
    if inside != [low, high]:
        problems.append(assumption("W303", source.where, name=name, range=dimension, read=initial))
    attributes = {"initial": initial}
    attributes |= {
        key: text.number_text(v) for key, v in (("lower", lower), ("upper", upper)) if v is not None
    }
    return Element("StateVariable", described(source, **attributes), (), source.where)
