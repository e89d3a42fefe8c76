"""A model's equations as MathML, in the order of the computation."""

from __future__ import annotations

from collections.abc import Iterable, Iterator

from .mathml import cases_mathml, expression_mathml, name_mathml
from .model import Coupling, DerivedVariable, Model
from .operations import symbol

_EQUALS = "<mo>=</mo>"


def mathml_equations(model: Model) -> tuple[str, ...]:
    """Write each equation as an element ``math``; functions that exist only as code have none.

    Parameters
    ----------
    model : Model
        A checked model.

    Returns
    -------
    tuple of str
        Elements that HTML can hold; every name in them is escaped.
    """
    space = 'xmlns="http://www.w3.org/1998/Math/MathML"'
    return tuple(f'<math {space} display="block">{row}</math>' for row in _rows(model))


def _rows(model: Model) -> Iterator[str]:
    for parameter in model.derived_parameters:
        yield name_mathml(parameter.name) + _EQUALS + expression_mathml(parameter.value)
    for function in (f for f in model.functions if f.code is None):
        yield from _variables(function.variables)
        arguments = "<mo>,</mo>".join(name_mathml(a) for a in function.arguments)
        left = f"<mrow>{name_mathml(function.name)}<mo>(</mo>{arguments}<mo>)</mo></mrow>"
        yield left + _EQUALS + expression_mathml(function.result)
    for coupling in model.couplings:
        total = _sum(coupling, [s.name for s in model.state_variables])
        yield name_mathml(coupling.name) + _EQUALS + expression_mathml(coupling.post, {"gx": total})
    yield from _variables(model.derived_variables)
    noises = {n.variable: n.sigma for n in model.noises}
    for derivative in model.time_derivatives:
        name = name_mathml(derivative.variable)
        left = f"<mfrac><mrow><mi>d</mi>{name}</mrow><mrow><mi>d</mi><mi>t</mi></mrow></mfrac>"
        right = expression_mathml(derivative.value)
        if derivative.variable in noises:
            sigma = expression_mathml(noises[derivative.variable])
            right += f"<mo>+</mo><mo>(</mo>{sigma}<mo>)</mo><msub><mi>ξ</mi>{name}</msub>"
        yield left + _EQUALS + right
    for exposure in model.exposures:
        if exposure.value != symbol(exposure.name):
            yield name_mathml(exposure.name) + _EQUALS + expression_mathml(exposure.value)


def _sum(coupling: Coupling, states: Iterable[str]) -> str:
    """Write the sum over source nodes j into node i."""
    delayed = "<mrow><mo>(</mo><mi>t</mi><mo>-</mo><msub><mi>d</mi><mtext>ij</mtext></msub><mo>)</mo></mrow>"
    time = delayed if coupling.delays else ""
    names = {f"{s}_j": f"<mrow>{name_mathml(s, 'j')}{time}</mrow>" for s in states}
    names |= {s: name_mathml(s, "i") for s in states}
    weight = "<msub><mi>w</mi><mtext>ij</mtext></msub>"
    term = f"<mrow><mo>(</mo>{expression_mathml(coupling.pre, names)}<mo>)</mo></mrow>"
    total = f"<munder><mo>∑</mo><mi>j</mi></munder>{weight}{term}"
    return f"<mrow><mo>(</mo>{total}<mo>)</mo></mrow>"


def _variables(variables: Iterable[DerivedVariable]) -> Iterator[str]:
    for variable in variables:
        if len(variable.cases) == 1:
            right = expression_mathml(variable.cases[0].value)
        else:
            right = cases_mathml([
                (expression_mathml(c.value), None if c.condition is None else expression_mathml(c.condition))
                for c in variable.cases
            ])  # fmt: skip
        yield name_mathml(variable.name) + _EQUALS + right
