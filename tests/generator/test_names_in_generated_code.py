"""Names that mean something to Python, C, CUDA or the templates: the model runs, and gives the same."""

import re

import numpy as np
import pytest
from printing import model_of
from small_network import of_the_oracle, simulate, warnings_of

from rateloom.api.generation import kernel_source
from rateloom.drivers.backends.emulated.host_compiler import host_compiler
from rateloom.generator.stages import build_program
from rateloom.generator.targets.names import names_of

# what each stands for in the model below, and a plain name for it
PLAIN = {
    "lambda": "alpha",
    "for": "beta",
    "int": "gain",
    "P": "P",
    "float": "u",
    "threadIdx": "v",
    "words_0": "w",
    "X": "big",
    "x": "small",
    "lane": "coupled_u",
    "group": "coupled_v",
    "double": "stim",
    "step": "first_part",
    "sum_0": "second_part",
    "real": "squash",
    "edge": "inner",
    "np": "argument",
    "philox": "scale",
    "window_sum_0": "shown",
}
TEXT = """
<Parameter name="lambda" value="0.7"/>
<Parameter name="for" value="-0.4"/>
<Parameter name="int" value="0.9"/>
<Parameter name="P" value="1, 2, 3" size="3"/>
<Parameter name="X" value="0.3"/>
<Parameter name="x" value="1.1"/>
<DerivedParameter name="philox" value="1 + lambda^2"/>
<StateVariable name="float" initial="0.4"/>
<StateVariable name="threadIdx" initial="-0.2" lower="-5" upper="5"/>
<StateVariable name="words_0" initial="0.1"/>
<Coupling name="lane" pre="float_j" post="int * gx"/>
<Coupling name="group" pre="tanh(threadIdx_j - threadIdx) * lambda" post="gx * int"/>
<Input name="double" default="0.25"/>
<Function name="real" arguments="np">
  <DerivedVariable name="edge" value="exp(-np^2)"/>
  <Return value="edge / philox"/>
</Function>
<Dynamics>
  <DerivedVariable name="step" value="real(float) * P[2] - P[0] * words_0"/>
  <ConditionalDerivedVariable name="sum_0">
    <Case condition="threadIdx &gt; 0" value="X"/><Case value="x * P[1]"/>
  </ConditionalDerivedVariable>
  <TimeDerivative variable="float" value="step + lane + double + for * float"/>
  <TimeDerivative variable="threadIdx" value="sum_0 - threadIdx + group"/>
  <TimeDerivative variable="words_0" value="-words_0 + real(threadIdx)"/>
</Dynamics>
<Noise variable="float" sigma="0.1"/>
<Noise variable="words_0" sigma="0.2 * lambda"/>
<Exposure name="float"/><Exposure name="window_sum_0" value="words_0 * threadIdx"/>
"""


def renamed(text, table):
    """Put other names in the place of a model's, whole words at a time, and in sources of couplings."""
    for old, new in table.items():
        text = re.sub(rf'(?<![\w<&/]){old}(?=\b|_j\b)(?!\s*=")', f"@{new}@", text)
    return text.replace("@", "")


@pytest.mark.slow
def test_a_model_whose_names_are_taken_gives_what_it_gives_under_plain_names():
    awkward, plain = model_of(TEXT), model_of(renamed(TEXT, PLAIN))
    assert {p.name for p in plain.parameters} == {"alpha", "beta", "gain", "P", "big", "small"}
    assert [s.name for s in plain.state_variables] == ["u", "v", "w"]
    one, two = simulate(awkward), of_the_oracle(plain)
    assert np.isfinite(two["u"]).all()
    assert np.ptp(two["u"]) > 0.1
    # thirty steps of some dozen roundings
    np.testing.assert_allclose(one.float.values, two["u"], rtol=1e-12)
    np.testing.assert_allclose(one.window_sum_0.values, two["shown"], rtol=1e-12)
    assert warnings_of(awkward, REAL="float") == ()


# macros that headers of the library define, of which no list is complete: numbers, calls, nothing
MACROS = {
    "alpha": "RAND_MAX", "beta": "BUFSIZ", "gain": "E2BIG", "P": "htobe16", "big": "M_PIf",
    "small": "CHAR_BIT", "scale": "WNOHANG", "u": "alloca", "v": "FP_NAN", "w": "SEEK_SET",
    "stim": "MB_CUR_MAX", "inner": "UINT8_C", "squash": "FD_SET", "argument": "math_errhandling",
    "first_part": "EXIT_FAILURE", "second_part": "defined",
}  # fmt: skip


@pytest.mark.skipif(host_compiler() is None, reason="no C++ compiler on this machine")
def test_macros_of_the_hosts_library_are_names_like_others():
    text = renamed(TEXT, PLAIN)
    plain, taken = model_of(text), model_of(renamed(text, MACROS))
    assert taken.parameters[0].name == "RAND_MAX"
    one, two = simulate(taken, backend="emulated"), of_the_oracle(plain)
    np.testing.assert_allclose(one["alloca"].values, two["u"], rtol=1e-12)
    np.testing.assert_allclose(one["shown"].values, two["shown"], rtol=1e-12)


# names like those that the generator makes up for others: each state's hide what the next one needs
IN_THE_WAY = {
    "v": "u_next", "w": "noise_u", "coupled_u": "exposed_u", "coupled_v": "d_u",
    "first_part": "noise_noise_u", "second_part": "carry_u_next", "stim": "exposed_shown",
    "inner": "u_next_2",
}  # fmt: skip


@pytest.mark.slow
def test_names_that_the_generator_would_choose_are_the_models_where_it_has_them():
    text = renamed(TEXT, PLAIN)
    plain, taken = model_of(text), model_of(renamed(text, IN_THE_WAY))
    assert [s.name for s in taken.state_variables] == ["u", "u_next", "noise_u"]
    one, two = simulate(taken), of_the_oracle(plain)
    for name in ("u", "shown"):
        np.testing.assert_allclose(one[name].values, two[name], rtol=1e-12)
    assert warnings_of(taken, REAL="float") == ()


def test_names_of_a_program_depend_on_no_target(monkeypatch):
    model = model_of(TEXT)
    before = set(names_of(build_program(model)))
    monkeypatch.setattr("rateloom.generator.targets.numba.words.RESERVED", frozenset())
    monkeypatch.setattr("rateloom.generator.targets.cuda.words.RESERVED", frozenset({"everything"}))
    assert set(names_of(build_program(model))) == before
    assert {"lambda", "for", "int", "float", "threadIdx", "words_0", "lane", "group", "step"} <= before


def test_lines_break_between_the_longest_names():
    """Pieces of text that are longer than a line stay whole."""
    first, second, seen = (letter * 64 for letter in "XYZ")
    model = model_of(
        f'<StateVariable name="{first}" initial="0.3"/>'
        f'<StateVariable name="{second}" initial="0" period="pi"/>'
        f'<Coupling name="c" pre="{first}_j"/>'
        f'<Dynamics><TimeDerivative variable="{first}" value="c - {first}"/>'
        f'<TimeDerivative variable="{second}" value="{first} - sin(2 * {second})"/></Dynamics>'
        f'<Exposure name="{seen}" value="{first} * {second}"/><Exposure name="{second}"/>'
    )
    for language in ("numba", "cuda"):
        text = kernel_source(model, language)
        if language == "numba":
            compile(text, "module.py", "exec")
        for letter in "XYZ":
            assert {len(word) for word in re.findall(f"{letter}{{2,}}", text)} <= {64}, (language, letter)
