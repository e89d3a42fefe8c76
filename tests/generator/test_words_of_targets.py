"""Every word that means something to Python, C, CUDA or the templates: a model may use it."""

import keyword
import re

import numpy as np
import pytest
from printing import model_of
from python_alone import values_in_python
from small_network import warnings_of
from template_words import templates, words_of

from rateloom.api.generation import kernel_source
from rateloom.drivers.backends.device.cuda_text import KERNEL
from rateloom.generator.targets.cuda.words import RESERVED as CUDA_RESERVED
from rateloom.generator.targets.identifiers import forbidden_names
from rateloom.generator.targets.numba.support import support_names
from rateloom.generator.targets.numba.words import RESERVED as NUMBA_RESERVED


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
