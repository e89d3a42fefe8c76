"""RateML's files (dialect 0) as dialect-1 trees, with the lines of the original.

The elements that RateML's templates read are read; each leniency that a file needs gives a warning, see
`rateloom.dsl.dialect0_leniencies`. Errors have codes E401 to E409.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence
from pathlib import Path

from . import dialect0_text as text
from .diagnostics import Diagnostic, ModelError
from .dialect0_couplings import translate_coupling
from .dialect0_elements import unknown_parts
from .dialect0_lems import rateml_part
from .dialect0_leniencies import assumption
from .dialect0_run import has_delays, with_noise, without_speed, without_unused
from .dialect0_values import (
    add_constant,
    constant,
    derived_parameter,
    described,
    state_variable,
    swept_parameter,
)
from .identifiers import did_you_mean, refusal, short
from .tree import Element


def translate(root: Element) -> tuple[Element, tuple[Diagnostic, ...]]:
    """Translate RateML's tree into the tree of a dialect-1 ``Model``.

    Parameters
    ----------
    root : Element
        A ``Lems`` element, or a single ``ComponentType``, in whatever namespace.

    Returns
    -------
    tuple
        The ``Model`` element, named after its file, and a warning for each leniency used.

    Raises
    ------
    ModelError
        With every error, if the file cannot be translated; with one, if it is LEMS's but none of RateML's.
    """
    root, included = rateml_part(root)
    problems = [*included, *unknown_parts(root)]
    derivatives, couplings, noises = _components(root, problems)
    dynamics = [child for child in derivatives.children if child.tag == "Dynamics"]
    members = [child for part in dynamics for child in part.children]
    states = [m.attributes.get("name", "") for m in members if m.tag == "StateVariable"]

    values, summed = _values_and_couplings(derivatives, couplings, states, problems)
    plain = [e for e in summed if e.tag == "DerivedVariable"]
    equations = [*plain, *_equations(members, states, problems)]
    exposed = {*states, *(e.attributes.get("name", "") for e in (*values, *summed, *equations))}
    elements = [
        *values,
        *(state_variable(m, problems) for m in members if m.tag == "StateVariable"),
        *(e for e in summed if e.tag == "Coupling"),
        Element("Dynamics", {}, tuple(equations), dynamics[0].where if dynamics else derivatives.where),
    ]
    if noises:
        elements = with_noise(elements, noises[0].where, states, problems)
    exposures = (child for child in derivatives.children if child.tag == "Exposure")
    elements += _exposures(exposures, exposed, problems)
    elements = without_unused(without_speed(elements, problems), bool(noises), problems)

    errors = [p for p in problems if p.severity == "error"]
    if errors:
        raise ModelError(errors)
    description = " ".join(root.attributes.get("description", "").split())
    if description:
        elements.insert(0, Element("Description", {}, (), root.where, description))
    name = _model_name(root.where.file)
    return Element("Model", {"name": name, "version": "1"}, tuple(elements), root.where), tuple(
        sorted(problems)
    )


def _model_name(file: str) -> str:
    """Make a model's name of its file's: letters, digits and underscores."""
    name = re.sub(r"\W", "_", Path(file).stem, flags=re.ASCII).strip("_")
    return f"model_{name}".strip("_") if refusal(name) else name


def _components(root: Element, problems: list[Diagnostic]) -> tuple[Element, list[Element], list[Element]]:
    """Return the component of the derivatives, those of the couplings and those of the noise."""
    parts = [root] if root.tag == "ComponentType" else [c for c in root.children if c.tag == "ComponentType"]
    derivatives, noises, couplings = [], [], []
    for part in parts:
        name = part.attributes.get("name", "")
        if name == "derivatives":
            derivatives.append(part)
        elif name == "noise":
            noises.append(part)
        elif "coupling" in name:
            couplings.append(part)
        else:
            message = (
                f"ComponentType '{short(name)}' is not read;"
                " it must be 'derivatives', 'noise' or have 'coupling' in its name"
            )
            problems.append(Diagnostic(part.where, "E401", message))
    for extra in derivatives[1:]:
        problems.append(Diagnostic(extra.where, "E401", "a second ComponentType 'derivatives'; keep one"))
    return derivatives[0], couplings, noises


def _values_and_couplings(
    derivatives: Element, couplings: Sequence[Element], states: Sequence[str], problems: list[Diagnostic]
) -> tuple[list[Element], list[Element]]:
    """Return parameters and derived parameters, the couplings' constants among them, and the couplings."""
    values: list[Element] = []
    constants: dict[str, Element] = {}
    for child in derivatives.children:
        if child.tag == "Parameter":
            values.append(swept_parameter(child, problems))
        elif child.tag == "Constant":
            add_constant(constant(child, problems), values, constants, problems)
        elif child.tag == "DerivedParameter":
            values.append(derived_parameter(child))
    delays = has_delays(values)
    summed: list[Element] = []
    for component in couplings:
        new_names: dict[str, str] = {}
        suffix = re.sub(r"\W", "_", component.attributes.get("name", ""))
        for child in (c for c in component.children if c.tag == "Constant"):
            parameter = constant(child, problems)
            name = parameter.attributes["name"]
            new_names[name] = add_constant(parameter, values, constants, problems, f"{name}_{suffix}")
        summed += translate_coupling(component, states, new_names, delays, problems)
    return sorted(values, key=lambda e: e.tag == "DerivedParameter"), summed


def _equations(
    members: Sequence[Element], states: Sequence[str], problems: list[Diagnostic]
) -> Iterator[Element]:
    """Yield derived variables and derivatives, each with its expressions rewritten."""
    for member in members:
        if member.tag == "DerivedVariable":
            value = text.expression(member.attributes.get("value", ""))
            yield Element("DerivedVariable", described(member, value=value), (), member.where)
        elif member.tag == "ConditionalDerivedVariable":
            cases = tuple(_cases(member, problems))
            yield Element("ConditionalDerivedVariable", described(member), cases, member.where)
        elif member.tag == "TimeDerivative":
            yield _time_derivative(member, states, problems)


def _time_derivative(source: Element, states: Sequence[str], problems: list[Diagnostic]) -> Element:
    """Pair ``dr`` with state ``r`` by name; RateML pairs by position."""
    variable = source.attributes.get("variable", "")
    state = next(
        (s for s in (variable[1:] if variable.startswith("d") else "", variable) if s in states), None
    )
    if state is None:
        hint = did_you_mean(variable, (f"d{s}" for s in states))
        message = (
            f"TimeDerivative '{short(variable)}' belongs to no state variable; that of V is called dV{hint}"
        )
        problems.append(Diagnostic(source.where, "E405", message))
    value = text.expression(source.attributes.get("value", ""))
    return Element("TimeDerivative", {"variable": state or variable, "value": value}, (), source.where)


def _cases(source: Element, problems: list[Diagnostic]) -> Iterator[Element]:
    """Yield the cases; the last of several is the otherwise case, whatever its condition says."""
    name = source.attributes.get("name", "")
    last = len(source.children) - 1
    for position, case in enumerate(source.children):
        attributes = {"value": text.expression(case.attributes.get("value", ""))}
        condition = case.attributes.get("condition", "")
        otherwise = text.is_blank(condition) or condition.strip().lower() == "else"
        if otherwise and position < last:
            message = f"an otherwise case of '{short(name)}' before its last; give it a condition or move it"
            problems.append(Diagnostic(case.where, "E409", message))
        elif not otherwise and position == last > 0:
            problems.append(assumption("W314", case.where, name=name, condition=condition))
        elif not otherwise:
            rewritten, bare = text.condition(condition)
            if bare:
                problems.append(assumption("W306", case.where, condition=condition, read=rewritten))
            attributes = {"condition": rewritten, **attributes}
        yield Element("Case", attributes, (), case.where)


def _exposures(
    exposures: Iterator[Element], variable_names: set[str], problems: list[Diagnostic]
) -> Iterator[Element]:
    """Yield exposures of the variable ``name``; ``dimension`` counts only if ``name`` is no variable."""
    for position, source in enumerate(exposures):
        name, dimension = source.attributes.get("name", ""), source.attributes.get("dimension")
        attributes = described(source)
        if not name.isidentifier():
            attributes |= {"name": f"exposure_{position}", "value": text.expression(name)}
            reading = f"'{attributes['name']}' with the value {attributes['value']}"
            problems.append(assumption("W317", source.where, name=name, read=reading))
        elif not text.is_blank(dimension) and dimension != name and dimension is not None:
            if name in variable_names:
                reading = f"the variable '{name}'; dimension='{dimension}' is not looked at, as in RateML"
            else:
                attributes["value"] = text.expression(dimension)
                reading = f"'{dimension}', since there is no variable of that name"
            problems.append(assumption("W317", source.where, name=name, read=reading))
        yield Element("Exposure", attributes, (), source.where)
