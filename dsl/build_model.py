"""Turn a tree of the model language into a `Model`, or report every error in it."""

from __future__ import annotations

import math
from collections.abc import Mapping, Sequence
from pathlib import Path

import sympy

from .bodies import expand_plugins
from .checks import check_draft, find_warnings
from .codes import read_codes
from .diagnostics import Diagnostic, ModelError
from .draft import Definition, Draft, Expression, make_draft
from .model import (
    Case,
    Code,
    Coupling,
    DerivedParameter,
    DerivedVariable,
    Exposure,
    Function,
    Input,
    Model,
    Noise,
    Parameter,
    Reference,
    StateVariable,
    TimeDerivative,
)
from .operations import external, symbol
from .schema import check_schema
from .scopes import arguments, dependencies, sort_by_dependency
from .tree import Element


def build_model(root: Element, warnings: Sequence[Diagnostic] = (), folder: Path = Path()) -> Model:
    """Build a model from a dialect-1 tree.

    Parameters
    ----------
    root : Element
        The `Model` element.
    warnings : sequence of Diagnostic
        Warnings of earlier stages; the model carries them and those of this stage.
    folder : Path
        The folder of the files that the model names.

    Raises
    ------
    ModelError
        With every error found.
    """
    errors = list(check_schema(root))
    if root.tag != "Model":
        raise ModelError(errors)
    root, problems = expand_plugins(root)
    codes, unread = read_codes(root, folder)
    errors += [*problems, *unread]
    draft = make_draft(root)
    errors += check_draft(draft)
    if errors:
        raise ModelError(list(dict.fromkeys(errors)))
    return _model(draft, codes, tuple(sorted({*warnings, *find_warnings(draft)})))


def _model(draft: Draft, codes: Mapping[str, Code], warnings: tuple[Diagnostic, ...]) -> Model:
    """Assemble the model of a draft without errors."""
    root = draft.root
    states = tuple(_state_variable(d) for d in draft.of("StateVariable"))
    derivatives = {d.name: d for d in draft.of("TimeDerivative")}
    description = next((child.text for child in root.children if child.tag == "Description"), "")
    return Model(
        name=root.attributes["name"].strip(),
        parameters=tuple(_parameter(d) for d in draft.of("Parameter")),
        derived_parameters=tuple(_derived_parameter(d) for d in _sorted(draft.of("DerivedParameter"))),
        state_variables=states,
        couplings=tuple(_coupling(d) for d in draft.of("Coupling")),
        inputs=tuple(_input(d) for d in draft.of("Input")),
        functions=tuple(_function(d, codes.get(d.name)) for d in _sorted(draft.of("Function"))),
        derived_variables=_variables(draft.of("DerivedVariable", "ConditionalDerivedVariable")),
        time_derivatives=tuple(_time_derivative(derivatives[state.name]) for state in states),
        noises=tuple(Noise(d.name, _one(d, "sigma"), d.where) for d in draft.of("Noise")),
        exposures=_exposures(draft),
        description=description,
        references=tuple(
            Reference(child.attributes.get("doi", "").strip(), child.attributes.get("citation", "").strip())
            for child in root.children
            if child.tag == "Reference"
        ),
        warnings=warnings,
    )


def _sorted(definitions: tuple[Definition, ...]) -> tuple[Definition, ...]:
    by_name = {d.name: d for d in definitions}
    return tuple(by_name[name] for name in sort_by_dependency(dependencies(definitions)))


def _parameter(d: Definition) -> Parameter:
    size = d.element.attributes.get("size")
    return Parameter(
        name=d.name,
        values=_numbers(d, "value"),
        size=None if size is None else int(size),
        minimum=_bound(d, "min"),
        maximum=_bound(d, "max"),
        unit=_text(d, "unit"),
        description=_text(d, "description"),
        where=d.where,
    )


def _derived_parameter(d: Definition) -> DerivedParameter:
    return DerivedParameter(d.name, _one(d, "value"), _text(d, "unit"), _text(d, "description"), d.where)


def _state_variable(d: Definition) -> StateVariable:
    return StateVariable(
        name=d.name,
        initial=_numbers(d, "initial"),
        lower=_bound(d, "lower"),
        upper=_bound(d, "upper"),
        period=_bound(d, "period"),
        unit=_text(d, "unit"),
        description=_text(d, "description"),
        where=d.where,
    )


def _coupling(d: Definition) -> Coupling:
    delays = d.element.attributes.get("delays", "true").strip() == "true"
    return Coupling(d.name, _one(d, "pre"), _one(d, "post"), delays, _text(d, "description"), d.where)


def _input(d: Definition) -> Input:
    return Input(d.name, _numbers(d, "default")[0], _text(d, "unit"), _text(d, "description"), d.where)


def _function(d: Definition, code: Code | None) -> Function:
    if code is None:
        result = next(_one(part, "value") for part in d.parts if part.tag == "Return")
    else:
        result = external(d.name, tuple(symbol(a) for a in arguments(d)))
    return Function(
        name=d.name,
        arguments=arguments(d),
        variables=_variables(tuple(part for part in d.parts if part.tag != "Return")),
        result=result,
        code=code,
        differentiation=_text(d, "differentiation") or "exact",
        step=_numbers(d, "step")[0] if "step" in d.expressions else 0.0,
        description=_text(d, "description"),
        where=d.where,
    )


def _variables(definitions: tuple[Definition, ...]) -> tuple[DerivedVariable, ...]:
    return tuple(_variable(d) for d in _sorted(definitions))


def _variable(d: Definition) -> DerivedVariable:
    if d.tag == "DerivedVariable":
        cases: tuple[Case, ...] = (Case(_one(d, "value")),)
    else:
        cases = tuple(
            Case(_one(part, "value"), _one(part, "condition") if "condition" in part.expressions else None)
            for part in d.parts
        )
    return DerivedVariable(d.name, cases, _text(d, "unit"), _text(d, "description"), d.where)


def _time_derivative(d: Definition) -> TimeDerivative:
    return TimeDerivative(d.name, _one(d, "value"), d.where)


def _exposures(draft: Draft) -> tuple[Exposure, ...]:
    """Return the exposures; a model without any exposes its state variables."""
    units = {
        d.name: _text(d, "unit")
        for d in draft.of("StateVariable", "DerivedVariable", "ConditionalDerivedVariable", "Input")
    }
    listed = draft.of("Exposure")
    if not listed:
        return tuple(
            Exposure(d.name, symbol(d.name), _text(d, "unit"), _text(d, "description"), d.where)
            for d in draft.of("StateVariable")
        )
    return tuple(
        Exposure(
            name=d.name,
            value=_one(d, "value"),
            unit=_text(d, "unit") if "unit" in d.element.attributes else units.get(str(_one(d, "value")), ""),
            description=_text(d, "description"),
            where=d.where,
        )
        for d in listed
    )


def _text(d: Definition, attribute: str) -> str:
    return d.element.attributes.get(attribute, "").strip()


def _one(d: Definition, attribute: str) -> sympy.Expr:
    return d.expressions[attribute][0].parsed.expression


def _numbers(d: Definition, attribute: str) -> tuple[float, ...]:
    return tuple(_number(expression) for expression in d.expressions[attribute])


def _bound(d: Definition, attribute: str) -> float | None:
    """Return a bound or a period, or None if it is absent or infinite."""
    if attribute not in d.expressions:
        return None
    value = _number(d.expressions[attribute][0])
    return value if math.isfinite(value) else None


def _number(expression: Expression) -> float:
    value = expression.parsed.constant
    if value is None:
        raise AssertionError(f"{expression.where}: {expression.label} was checked to be constant")
    return value
