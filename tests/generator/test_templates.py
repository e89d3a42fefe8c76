"""Templates: strict about what is missing, and given nothing that no template uses."""

import re

import pytest
from printing import model_of

from rateloom.generator.stages import build_program
from rateloom.generator.targets import render
from rateloom.generator.targets.render import cuda_kernel, driver_script, kernel_templates, numba_module

# every branch of the kernel templates: delays and none, sums on every edge, inputs, noise, time
MODEL = """
<Description>
  A model "quoted", with a */ and a \\ in it; it has every branch of the templates. No more.
</Description>
<Parameter name="G" value="0.5"/>
<StateVariable name="x" initial="0"/><StateVariable name="y" initial="0"/>
<Coupling name="c1" pre="x_j * G" post="gx + x"/>
<Coupling name="c2" pre="tanh(y_j - y) * sin(t)" post="gx"/>
<Coupling name="c3" pre="y_j - y" post="gx" delays="false"/>
<Input name="stimulus"/>
<Dynamics>
  <TimeDerivative variable="x" value="c1 + c2 + stimulus * cos(t) - x / n_node"/>
  <TimeDerivative variable="y" value="c3 - y * dt"/>
</Dynamics>
<Noise variable="x" sigma="G"/><Noise variable="y" sigma="0.1"/>
<Exposure name="x"/>
"""
WRITERS = {
    render.NUMBA: numba_module,
    render.CUDA_KERNEL: cuda_kernel,
    render.DRIVER: driver_script,
}


@pytest.fixture(scope="module")
def program():
    return build_program(model_of(MODEL), kernel_templates())


@pytest.fixture(scope="module")
def given(program):
    """What each template is given."""
    seen = {}

    class Spy:
        def __init__(self, name):
            self.name = name

        def render(self, **context):
            seen[self.name] = context
            return ""

    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(render, "_template", Spy)
        for write in WRITERS.values():
            write(program)
    return seen


def used(name, context):
    """Keys without which a template does not render."""
    keys = set()
    for key in context:
        rest = {k: v for k, v in context.items() if k != key}
        try:
            render._template(name).render(**rest)
        except NameError as problem:
            assert key in str(problem)
            keys.add(key)
    return keys


def test_a_missing_key_is_an_error_and_every_key_is_used(given):
    kernel = used(render.NUMBA, given[render.NUMBA]) | used(render.CUDA_KERNEL, given[render.CUDA_KERNEL])
    assert kernel == given[render.NUMBA].keys() | given[render.CUDA_KERNEL].keys()
    assert used(render.DRIVER, given[render.DRIVER]) == given[render.DRIVER].keys()


@pytest.mark.parametrize("name", [*WRITERS, *render.NUMBA_PARTS, *render.CUDA_PARTS])
def test_a_template_does_no_arithmetic_of_a_model(name):
    """The elementary functions of a template are those of the random numbers."""
    found = set(
        re.findall(r"\b(?:math\.)?(exp|log|sqrt|sin|cos|tan|tanh|pow|erf)\(", render.template_text(name))
    )
    assert found <= {"log", "sqrt", "sin", "cos"}


@pytest.mark.parametrize("write", WRITERS.values())
def test_text_is_tidy(write, program):
    text = write(program)
    assert text.endswith("\n")
    assert not text.endswith("\n\n")
    assert all(line == line.rstrip() for line in text.splitlines())
    assert "\t" not in text
    assert "Undefined" not in text
    assert "\n\n\n\n" not in text


def test_python_texts_compile_and_say_what_they_are(program):
    for write in (numba_module, driver_script):
        text = write(program)
        compile(text, "generated.py", "exec")
        assert f"({program.model.hash})" in text
    title = """A model "quoted", with a * / and a / in it; it has every branch of the templates."""
    assert numba_module(program).startswith(f'"""{title}\n')
    assert cuda_kernel(program).startswith(f"// {title}\n")
