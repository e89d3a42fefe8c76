"""The statements of a plug-in, checked and written with the model's names as elements of the language."""

from __future__ import annotations

from collections.abc import Collection, Iterator, Mapping
from typing import Any, NoReturn

import sympy

from .diagnostics import Location
from .identifiers import refusal, short
from .operations import Comparison, Operation, Select, symbol
from .plugins import Builder, PluginError, TransferFunction, one_line
from .text import expression_text
from .tree import Element

Values = Mapping[str, sympy.Expr | tuple[sympy.Expr, ...]]


class _MissingParameterError(Exception):
    """The plug-in reads a parameter that the model does not define for it."""


class _Parameters(dict[str, Any]):
    def __missing__(self, name: object) -> NoReturn:
        raise _MissingParameterError(str(name))


def plugin_statements(
    build: Builder, arguments: tuple[str, ...], values: Values, where: Location
) -> tuple[Element, ...]:
    """Run a plug-in and return the elements of a function's body.

    Parameters
    ----------
    build : callable
        The plug-in.
    arguments : tuple of str
        The function's formal arguments.
    values : mapping
        The model's expressions for the plug-in's parameters.
    where : Location
        The place of the function, which its statements get.

    Raises
    ------
    PluginError
        If the plug-in raises (E128), or its return value cannot be used (E129).
    """
    # A plug-in gets stand-ins of its arguments and parameters, so that none of its names can clash with them.
    actual = tuple(sympy.Dummy(name) for name in arguments)
    stand_ins: dict[sympy.Basic, sympy.Expr] = {
        a: symbol(name) for a, name in zip(actual, arguments, strict=True)
    }
    parameters = _Parameters({name: _stand_in(name, value, stand_ins) for name, value in values.items()})
    try:
        returned = build(actual, parameters)
    except _MissingParameterError as missing:
        message = f"it asks for a parameter '{missing}'; add {missing}=... to parameters"
        raise PluginError("E128", message) from None
    except (Exception, SystemExit) as error:
        raise PluginError("E128", f"it fails with {one_line(error)}") from None
    variables, result = _parts(returned)
    used_names = {*arguments, *(s.name for value in stand_ins.values() for s in value.free_symbols)}
    names = _own_names([name for name, _ in variables], used_names)
    images = stand_ins | {symbol(name): symbol(new) for name, new in names.items()}
    elements: list[Element] = []
    used_names |= set(names.values())
    for name, value in variables:
        elements += _variable(
            names[name], _translated(value, images, f"variable '{name}'"), used_names, where
        )
    *lifted, last = _variable("result", _translated(result, images, "the result"), used_names, where)
    if last.tag == "ConditionalDerivedVariable":
        name = _free("result", used_names)
        lifted.append(Element(last.tag, {"name": name}, last.children, where))
        last = Element("DerivedVariable", {"value": name}, (), where)
    return (*elements, *lifted, Element("Return", {"value": last.attributes["value"]}, (), where))


def _stand_in(name: str, value: Any, stand_ins: dict[sympy.Basic, sympy.Expr]) -> Any:
    """Return a stand-in for a value; a number stands for itself."""
    if isinstance(value, tuple):
        return tuple(_stand_in(f"{name}[{i}]", element, stand_ins) for i, element in enumerate(value))
    if value.is_number:
        return value
    stand_in = sympy.Dummy(name)
    stand_ins[stand_in] = value
    return stand_in


def _parts(returned: Any) -> tuple[list[tuple[str, Any]], Any]:
    """Return the variables, by name and value, and the result of a plug-in's return value."""
    if not isinstance(returned, TransferFunction):
        message = f"it returns {type(returned).__name__}; return rateloom.TransferFunction(result, variables)"
        raise PluginError("E129", message)
    try:
        variables = [(name, value) for name, value in returned.variables]
    except (TypeError, ValueError):
        raise PluginError("E129", "its variables are no list of names and values") from None
    except (Exception, SystemExit) as error:
        # they may be made one by one while they are read
        raise PluginError("E128", f"it fails with {one_line(error)}") from None
    for name, _ in variables:
        reason = refusal(name) if isinstance(name, str) else "a name is text"
        if reason is not None:
            shown = short(name) if isinstance(name, str) else type(name).__name__
            raise PluginError("E129", f"it names a variable '{shown}': {reason}")
    names = [name for name, _ in variables]
    for name in names:
        if names.count(name) > 1:
            raise PluginError("E129", f"it has two variables '{name}'")
    return variables, returned.result


def _own_names(names: list[str], used_names: Collection[str]) -> dict[str, str]:
    """Rename the plug-in's variables where the model uses the same name in this function."""
    all_names = {*used_names, *names}
    return {name: _free(name, all_names) if name in used_names else name for name in names}


def _free(name: str, used_names: set[str] | frozenset[str]) -> str:
    number = 2
    while f"{name}_{number}" in used_names:
        number += 1
    return f"{name}_{number}" if name in used_names else name


def _translated(value: Any, images: Mapping[sympy.Basic, sympy.Expr], label: str) -> sympy.Expr:
    """Check an expression and write it with the model's names."""
    if isinstance(value, int | float) and not isinstance(value, bool):
        value = sympy.sympify(value)
    if not isinstance(value, sympy.Expr) or isinstance(value, Comparison):
        raise PluginError("E129", f"{label} is of type {type(value).__name__}, no expression of SymPy's")
    for part in sympy.preorder_traversal(value):
        _check(part, images, label)
    return value.xreplace({s: _image(s, images) for s in value.free_symbols})


def _check(part: sympy.Basic, images: Mapping[sympy.Basic, sympy.Expr], label: str) -> None:
    if isinstance(part, sympy.Symbol):
        if _image(part, images) is None:
            message = (
                f"{label} uses '{short(part.name)}', which is neither an argument, a parameter nor a "
                "variable of the plug-in"
            )
            raise PluginError("E129", message)
    elif part.is_Number or part is sympy.pi:
        if not part.is_finite:
            raise PluginError("E129", f"{label} is not finite: it holds {part}")
    elif not (part.is_Add or part.is_Mul or part.is_Pow or isinstance(part, Operation)):
        name = short(str(getattr(part, "func", type(part)).__name__))
        message = f"{label} holds {name} of SymPy; the language's own functions are in rateloom.functions"
        raise PluginError("E129", message)


def _image(s: sympy.Symbol, images: Mapping[sympy.Basic, sympy.Expr]) -> sympy.Expr | None:
    """Return the image of a symbol, whose assumptions do not count; None if it has none."""
    return images.get(s, None if isinstance(s, sympy.Dummy) else images.get(symbol(s.name)))


def _variable(name: str, value: sympy.Expr, used_names: set[str], where: Location) -> Iterator[Element]:
    """Write a variable as elements: first the conditionals in it, then the variable itself."""
    lifted: list[Element] = []

    def lift(e: sympy.Basic, top: bool) -> sympy.Basic:
        if not e.has(Select):
            return e
        # the last argument of a conditional is its next case
        args = [lift(a, top and isinstance(e, Select) and i == 2) for i, a in enumerate(e.args)]
        e = e.func(*args)
        if not isinstance(e, Select) or top:
            return e
        case = _free(f"{name}_case", used_names)
        used_names.add(case)
        lifted.append(_conditional(case, e, where))
        return symbol(case)

    final = lift(value, isinstance(value, Select))
    yield from lifted
    if isinstance(final, Select):
        yield _conditional(name, final, where)
    else:
        yield Element("DerivedVariable", {"name": name, "value": expression_text(final)}, (), where)


def _conditional(name: str, e: sympy.Basic, where: Location) -> Element:
    cases = []
    while isinstance(e, Select):
        condition, value, e = e.args
        attributes = {"condition": expression_text(condition), "value": expression_text(value)}
        cases.append(Element("Case", attributes, (), where))
    cases.append(Element("Case", {"value": expression_text(e)}, (), where))
    return Element("ConditionalDerivedVariable", {"name": name}, tuple(cases), where)
