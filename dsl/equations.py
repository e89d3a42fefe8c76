"""A model's equations as text and as LaTeX, and its parameters and states as rows of a table."""

from __future__ import annotations

from collections.abc import Iterable, Iterator

import sympy

from .latex import expression_latex, name_latex
from .model import Case, Coupling, DerivedVariable, Exposure, Function, Model
from .operations import symbol
from .text import expression_text

PARAMETER_COLUMNS = ("parameter", "default", "range", "unit", "description")
STATE_COLUMNS = ("state variable", "initial", "bounds", "unit", "description")


def parameter_rows(model: Model) -> tuple[tuple[str, ...], ...]:
    """Return a row for each parameter, in the columns of ``PARAMETER_COLUMNS``."""
    return tuple(
        (
            p.name if p.size is None else f"{p.name}[{p.size}]",
            ", ".join(_number(v) for v in p.values),
            _range(p.minimum, p.maximum),
            p.unit,
            p.description,
        )
        for p in model.parameters
    )


def state_rows(model: Model) -> tuple[tuple[str, ...], ...]:
    """Return a row for each state variable, in the columns of ``STATE_COLUMNS``."""
    return tuple(
        (s.name, " … ".join(_number(v) for v in s.initial), _range(s.lower, s.upper), s.unit, s.description)
        for s in model.state_variables
    )


def equations_text(model: Model) -> str:
    """Write a model for reading: its description, references and equations, in the order of the computation.

    Parameters
    ----------
    model : Model
        A checked model.

    Returns
    -------
    str
        Several lines of plain text; expressions are in the model language.
    """
    parts = [model.name, model.description, *_references(model)]
    sections = {
        "Inputs": [
            f"{i.name} = {_number(i.default)} unless given at run time{_unit(i.unit)}" for i in model.inputs
        ],
        "Derived parameters": [
            f"{p.name} = {expression_text(p.value)}{_unit(p.unit)}" for p in model.derived_parameters
        ],
        "Functions": [line for f in model.functions for line in _function(f)],
        "Couplings": [line for c in model.couplings for line in _coupling(c)],
        "Dynamics": [
            *(line for v in model.derived_variables for line in _variable(v)),
            *(f"d{d.variable}/dt = {expression_text(d.value)}" for d in model.time_derivatives),
        ],
        "Noise": [f"d{n.variable} += {_factor(n.sigma)} dW" for n in model.noises],
        "Exposures": [_exposure(e) for e in model.exposures],
    }
    blocks = ["\n".join(part for part in parts if part)]
    blocks += [
        "\n".join([title, *(f"  {line}" for line in lines)]) for title, lines in sections.items() if lines
    ]
    return "\n\n".join(blocks) + "\n"


def latex_equations(model: Model) -> tuple[tuple[str, str], ...]:
    """Return the left and right side of each equation, in LaTeX, in the order of the computation."""
    return tuple(_latex_pairs(model))


def equations_latex(model: Model) -> str:
    """Write a model's equations as one ``align`` environment of LaTeX's amsmath package."""
    rows = (f"  {left} &= {right}" for left, right in latex_equations(model))
    body = " \\\\\n".join(rows)
    return f"\\begin{{align}}\n{body}\n\\end{{align}}\n"


def _number(value: float) -> str:
    return f"{value:.15g}"


def _range(low: float | None, high: float | None) -> str:
    if low is None and high is None:
        return ""
    return f"{'' if low is None else _number(low)} … {'' if high is None else _number(high)}".strip()


def _unit(unit: str) -> str:
    return f"  [{unit}]" if unit else ""


def _references(model: Model) -> Iterator[str]:
    for reference in model.references:
        link = f"https://doi.org/{reference.doi}" if reference.doi else ""
        yield "Reference: " + ", ".join(part for part in (reference.citation, link) if part)


def _coupling(coupling: Coupling) -> Iterator[str]:
    when = "delayed" if coupling.delays else "without delay"
    yield f"{coupling.name} = {expression_text(coupling.post)}"
    yield f"    where gx = sum over source nodes of w_ij * {_factor(coupling.pre)}, {when}"


def _factor(expression: sympy.Expr) -> str:
    """Write an expression as a factor of a product."""
    text = expression_text(expression)
    return f"({text})" if isinstance(expression, sympy.Add) else text


def _exposure(exposure: Exposure) -> str:
    value = "" if _is_itself(exposure) else f" = {expression_text(exposure.value)}"
    return f"{exposure.name}{value}{_unit(exposure.unit)}"


def _is_itself(exposure: Exposure) -> bool:
    """Tell whether an exposure shows the variable after which it is named."""
    return bool(exposure.value == symbol(exposure.name))


def _variable(variable: DerivedVariable) -> Iterator[str]:
    if len(variable.cases) == 1:
        yield f"{variable.name} = {expression_text(variable.cases[0].value)}{_unit(variable.unit)}"
        return
    margin = " " * len(variable.name)
    for position, case in enumerate(variable.cases):
        start = f"{variable.name} =" if position == 0 else f"{margin}  "
        yield f"{start} {expression_text(case.value)}  {_case(case)}"


def _case(case: Case) -> str:
    return "otherwise" if case.condition is None else f"if {expression_text(case.condition)}"


def _function(function: Function) -> Iterator[str]:
    method = f"  [differences of step {function.step:g}]" if function.differentiation == "central" else ""
    left = f"{function.name}({', '.join(function.arguments)})"
    if function.code is not None:
        files = " and ".join(file.name for file in function.code.files)
        yield f"{left} = {function.code.symbol} in {files}{method}"
        return
    yield f"{left} = {expression_text(function.result)}{method}"
    for variable in function.variables:
        yield from (f"    {line}" for line in _variable(variable))


def _latex_pairs(model: Model) -> Iterator[tuple[str, str]]:
    for parameter in model.derived_parameters:
        yield name_latex(parameter.name), expression_latex(parameter.value)
    # functions that exist only as code have no equation
    for function in (f for f in model.functions if f.code is None):
        yield from _latex_variables(function.variables)
        arguments = ", ".join(name_latex(a) for a in function.arguments)
        yield f"{name_latex(function.name)}\\left({arguments}\\right)", expression_latex(function.result)
    for coupling in model.couplings:
        total = _latex_sum(coupling, [s.name for s in model.state_variables])
        yield name_latex(coupling.name), expression_latex(coupling.post, {"gx": total})
    yield from _latex_variables(model.derived_variables)
    noises = {n.variable: n.sigma for n in model.noises}
    for derivative in model.time_derivatives:
        left = f"\\frac{{d {name_latex(derivative.variable)}}}{{dt}}"
        right = expression_latex(derivative.value)
        if derivative.variable in noises:
            sigma = expression_latex(noises[derivative.variable])
            right += f" + \\left({sigma}\\right) {name_latex('xi', name_latex(derivative.variable))}"
        yield left, right
    for exposure in model.exposures:
        if not _is_itself(exposure):
            yield name_latex(exposure.name), expression_latex(exposure.value)


def _latex_sum(coupling: Coupling, states: Iterable[str]) -> str:
    """Write the sum over source nodes j into node i."""
    time = "\\left(t - d_{ij}\\right)" if coupling.delays else ""
    names = {f"{s}_j": name_latex(s, "j") + time for s in states} | {s: name_latex(s, "i") for s in states}
    return f"\\left(\\sum_{{j}} w_{{ij}} \\left({expression_latex(coupling.pre, names)}\\right)\\right)"


def _latex_variables(variables: Iterable[DerivedVariable]) -> Iterator[tuple[str, str]]:
    for variable in variables:
        if len(variable.cases) == 1:
            yield name_latex(variable.name), expression_latex(variable.cases[0].value)
        else:
            rows = " \\\\ ".join(_latex_case(case) for case in variable.cases)
            yield name_latex(variable.name), f"\\begin{{cases}} {rows} \\end{{cases}}"


def _latex_case(case: Case) -> str:
    when = "\\text{otherwise}"
    if case.condition is not None:
        when = f"\\text{{if }} {expression_latex(case.condition)}"
    return f"{expression_latex(case.value)} & {when}"
