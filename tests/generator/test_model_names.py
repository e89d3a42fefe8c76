"""Names in generated code are those that the model gave, or made of them."""

import re
from collections import Counter

import pytest

from rateloom.api.loading import load, shipped_models
from rateloom.generator.ir.program import Statement
from rateloom.generator.passes.schedule import is_derivative
from rateloom.generator.stages import build_program

PROGRAMS = {name: build_program(load(name)) for name in sorted(shipped_models())}
# what a step makes of a state, and which evaluation of a definition it is
BEFORE = r"(?:d_|turns_|increment_|carry_|noise_|noise_strength_|coupled_)*"
BEHIND = r"(?:_e|_i|_\d+|_predicted|_next|_first|_second|_third|_moved|_part)*"
# what joins names of the model
WORDS = {
    "inverse", "root", "minus", "plus", "times", "over", "squared", "twice", "half", "scaled", "shifted",
    "above", "below", "is", "exp", "log", "sin", "cos", "tanh", "sixth", "step", "coupled",
}  # fmt: skip


def definitions(model):
    """All names that a model gives, as identifiers."""
    names = {x for p in model.parameters for x in (p.name, *p.elements)} | {"dt"}
    for several in (
        model.derived_parameters, model.state_variables, model.couplings, model.inputs,
        model.derived_variables, model.exposures, model.functions,
    ):  # fmt: skip
        names |= {d.name for d in several}
    for function in model.functions:
        names |= {*function.arguments, *(v.name for v in function.variables)}
    return {re.sub(r"\W", "_", name.replace("]", "")) for name in names}


def statements(program):
    """Lists of statements: each procedure's and each scheme's."""
    blocks = [program.hoisted, *(p.block for p in program.procedures.values())]
    blocks += [e.block for e in program.edge_sums]
    yield from (list(b.statements) for b in blocks)
    for scheme in program.schemes.values():
        yield [s for s in scheme.statements if isinstance(s, Statement)]


def is_made_of(name, names):
    """Whether a name is one of the model's, or several joined by words."""
    parts = "|".join(sorted(map(re.escape, names | WORDS | {r"\d+"}), key=len, reverse=True)).replace(
        r"\\d\+", r"\d+"
    )
    return re.fullmatch(rf"{BEFORE}(?:{parts}){BEHIND}(?:_(?:{parts}){BEHIND})*", name) is not None


def kind(name, names):
    """What a name is: the model's, made of the model's, a derivative's, or a number."""
    if re.fullmatch(rf"{BEFORE}(?:{'|'.join(map(re.escape, names))}){BEHIND}", name):
        return "given"
    if is_derivative(name):
        return "derivative"
    return "made" if is_made_of(name, names) else "number"


def counts(program):
    """Count the names that statements assign; a numbered part of a derivative is a derivative's."""
    names, found = definitions(program.model), Counter()
    for group in statements(program):
        owner = ""
        for statement in reversed(group):
            what = kind(statement.name, names)
            if what == "number" and owner == "derivative":
                what = "derivative"
            elif what != "made":
                owner = what
            found[what] += 1
    return found


def test_nine_tenths_of_the_names_outside_derivatives_are_the_models_or_made_of_them():
    total = sum((counts(program) for program in PROGRAMS.values()), Counter())
    outside = total["given"] + total["made"] + total["number"]
    assert outside > 1000
    assert total["given"] + total["made"] >= 0.9 * outside
    assert total["given"] >= 0.6 * outside


@pytest.mark.parametrize("name", PROGRAMS)
def test_no_value_outside_derivatives_has_a_number_for_a_name(name):
    assert counts(PROGRAMS[name])["number"] == 0


def test_names_inside_functions_are_kept():
    names = {s.name for group in statements(PROGRAMS["zerlaut_second_order"]) for s in group}
    assert {"T_m_e", "T_V_e", "sigma_e", "distance_e", "T_m_i", "T_V_i", "sigma_i", "dT_V_e_dnu_e"} <= names
    assert {"inverse_T", "h_e_times_K_e", "d2sigma_e_dnu_e_dnu_i"} <= names
