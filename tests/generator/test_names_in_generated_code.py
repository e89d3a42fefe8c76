"""Names that mean something to Python, C, CUDA or the templates: the model runs, and gives the same."""

import keyword
import os
import pickle
import re
import subprocess
import sys
import tempfile
from pathlib import Path

import numpy as np
import pytest
from printing import model_of
from template_words import templates, words_of

import rateloom
from rateloom import oracle
from rateloom.api.generation import kernel_source
from rateloom.drivers.backends.cuda.nvrtc import compile_cuda
from rateloom.drivers.backends.device.cuda_text import KERNEL
from rateloom.drivers.backends.emulated.host_compiler import host_compiler
from rateloom.generator.stages import build_program
from rateloom.generator.targets.cuda.words import RESERVED as CUDA_RESERVED
from rateloom.generator.targets.identifiers import forbidden_names
from rateloom.generator.targets.names import names_of
from rateloom.generator.targets.numba.support import support_names
from rateloom.generator.targets.numba.words import RESERVED as NUMBA_RESERVED

WEIGHTS = np.array([[0.0, 1.0, 0.5], [0.3, 0.2, 0.0], [0.0, 0.7, 0.0]])
LENGTHS = np.array([[0.0, 10.0, 20.0], [10.0, 0.0, 5.0], [20.0, 5.0, 0.0]])

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


def simulate(model, **settings):
    return rateloom.simulate(
        model,
        connectome=rateloom.Connectome(WEIGHTS, LENGTHS),
        duration=3.0,
        speed=5.0,
        dtype="float64",
        monitor="raw",
        seed=3,
        **settings,
    )


def of_the_oracle(model):
    """The same run by the oracle, which compiles nothing."""
    settings = {"dt": 0.1, "speed": 5.0, "seed": 3, "integrator": "heun", "noise": True, "item": 0}
    return oracle.simulate(model, WEIGHTS, LENGTHS, steps=30, **settings)["raw"]


def values_in_python(bodies, state, parameters=None):
    """Simulate models with Numba's compiler switched off: names mean the same to Python alone."""
    with tempfile.TemporaryDirectory() as folder:
        given = Path(folder) / "given.pickle"
        given.write_bytes(pickle.dumps((bodies, state, parameters or {})))
        command = [sys.executable, str(Path(__file__)), str(given)]
        environment = {**os.environ, "NUMBA_DISABLE_JIT": "1"}
        subprocess.run(command, check=True, env=environment, timeout=500)
        return pickle.loads(given.with_suffix(".result").read_bytes())


def warnings_of(model, **defines):
    pytest.importorskip("cuda.bindings.nvrtc")
    return compile_cuda(kernel_source(model, "cuda"), "sm_90", defines).warnings


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


def template_words():
    """Every word that means something to a target, and that a model may declare as a name."""
    words = {w for folder in ("numba", "cuda") for text in templates(folder).values() for w in words_of(text)}
    numbered = {f"{w}0" for w in words if w.endswith("_")}
    reserved = NUMBA_RESERVED | CUDA_RESERVED
    return words | numbered | reserved | forbidden_names() | support_names() | set(keyword.softkwlist)


def declarable(names):
    from rateloom.dsl.identifiers import refusal

    return sorted(n for n in names if refusal(n) is None)


# what the generator itself makes up
INVENTED = [
    "u1", "u2", "sum_0", "sum_1", "edge_sum_0", "normal_y__", "y___next", "y___predicted", "y___free_next",
    "d_y__", "d_y___2", "inverse_tau__", "half_dt", "noise_strength", "weight_sum", "time_now", "node_count",
    "coupled_y__", "exp_y__", "y___squared", "root_dt", "updated_0", "following_0", "window_sum_0",
    "noise_y__", "exposed_y__", "carry_y__", "carry_y___next", "increment_y__", "turns_y__",
    "radius_0", "angle_0", "uniform_0", "given_0", "input_0", "past_0", "weight_1", "past1", "y___after",
]  # fmt: skip
SLOPE = "(c__ + e__ + i__ + total__ / 1000 - y__ - exp(-y__) * y__^2 * abs(sin(t))) / tau__ / n_node"


def crowd_of(names):
    """Declare a model whose parameters have all these names, and whose equation uses them all."""
    # an expression has at most 10,000 characters
    parts = [" + ".join(names[first : first + 400]) for first in range(0, len(names), 400)]
    sums = [f"part_{k}__" for k in range(len(parts))]
    parted = "".join(f'<DerivedVariable name="{n}" value="{v}"/>' for n, v in zip(sums, parts, strict=True))
    parameters = "".join(f'<Parameter name="{n}" value="{1 + i / 1000}"/>' for i, n in enumerate(names))
    return (
        f'{parameters}<Parameter name="tau__" value="2"/><StateVariable name="y__" initial="0.5" lower="0"/>'
        '<Coupling name="c__" pre="y___j" post="gx"/><Coupling name="e__" pre="tanh(y___j - y__)" post="gx"/>'
        f'<Input name="i__"/><Dynamics>{parted}<DerivedVariable name="total__" value="{" + ".join(sums)}"/>'
        f'<TimeDerivative variable="y__" value="{SLOPE}"/></Dynamics><Noise variable="y__" sigma="0.1"/>'
        '<Exposure name="y__"/>'
    )


def crowd(names):
    return model_of(crowd_of(names))


@pytest.mark.slow
def test_every_word_of_the_languages_and_templates_and_what_the_generator_invents():
    names = sorted({*declarable(template_words()), *INVENTED})
    assert {"int", "lambda", "threadIdx", "lane", "LANES", "history", "len", "range", "class"} <= set(names)
    model = crowd(names)
    total = sum(p.values[0] for p in model.parameters if p.name != "tau__")
    # Numba takes long over hundreds of parameters
    (one,) = values_in_python([crowd_of(names)], "y__")
    (two,) = values_in_python([crowd_of(["z"])], "y__", {"z": total})
    np.testing.assert_allclose(one, two, rtol=1e-12)
    for real in ("float", "double"):
        assert warnings_of(model, REAL=real) == ()


def test_functions_of_the_mathematical_library_and_names_that_differ_by_case():
    names = [
        "y0",
        "j1",
        "gamma",
        "index",
        "time_",
        "round",
        "rint",
        "g",
        "G",
        "I",
        "i",
        "E",
        "e",
        "M_PI",
        "Fabs",
        "fabs",
    ]
    source = kernel_source(crowd(names), "cuda")
    written = re.findall(r"(\w+) = value\[\d+\]", source)
    assert {"y0", "j1", "gamma", "g", "G", "I", "i", "E", "e", "Fabs"} <= set(written)
    assert not {"fabs", "M_PI"} & set(written)
    assert len(set(written)) == len(written)
    assert len(KERNEL.findall(source)) == 3
    assert warnings_of(crowd(names)) == ()


NASTY = ("RAND_MAX", "lambda", "rows", "heun", "real", "step_of", "kept", "Slots", "fma", "value", "dt_")


@pytest.mark.slow
@pytest.mark.parametrize("kind", ["parameter", "state"])
def test_a_name_that_a_target_uses_is_free_on_both(kind):
    bodies = []
    for name in NASTY:
        p, x = (name, "x") if kind == "parameter" else ("p", name)
        bodies.append(
            f'<Parameter name="{p}" value="2"/><StateVariable name="{x}" initial="0.5"/>'
            f'<Coupling name="c" pre="{x}_j" post="gx * {p}"/>'
            f'<Dynamics><TimeDerivative variable="{x}" value="c - {x} * {p}"/></Dynamics>'
            f'<Exposure name="shown" value="{x}"/>'
        )
    first, *others = values_in_python(bodies, "shown")
    for other in others:
        np.testing.assert_array_equal(other, first)
    for model in map(model_of, bodies):
        compile(kernel_source(model, "numba"), "m_numba.py", "exec")
        assert warnings_of(model, REAL="float") == ()


if __name__ == "__main__":
    several, shown, values = pickle.loads(Path(sys.argv[1]).read_bytes())
    results = [simulate(model_of(body), parameters=values)[shown].values for body in several]
    Path(sys.argv[1]).with_suffix(".result").write_bytes(pickle.dumps(results))


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
