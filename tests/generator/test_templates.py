"""Templates: strict about what is missing, and given nothing that no template uses."""

import importlib.resources
import re

import pytest
from printing import model_of

from rateloom.generator.stages import build_program
from rateloom.generator.targets import cuda, numba
from rateloom.generator.targets import driver_script as driver
from rateloom.generator.targets.cuda.render import cuda_kernel
from rateloom.generator.targets.driver_script import driver_script
from rateloom.generator.targets.numba.render import numba_module
from rateloom.generator.targets.templates import rendered, template_text

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
WRITERS = (numba_module, cuda_kernel, driver_script)
FOLDERS = importlib.resources.files("rateloom.templates")
KERNEL_TEMPLATES = [
    (folder, path.name)
    for folder in ("numba", "cuda", "cuda/header")
    for path in (FOLDERS / folder).iterdir()
    if path.suffix == ".mako"
]
PARTS = [pair for pair in KERNEL_TEMPLATES if pair[0] == "cuda/header"]


@pytest.fixture(scope="module")
def program():
    return build_program(model_of(MODEL))


@pytest.fixture(scope="module")
def renewed():
    return build_program(model_of(MODEL), "heun_renewed")


@pytest.fixture(scope="module")
def contexts(program, renewed):
    """What each template is given, by folder and name, in several renderings of some."""
    seen = {}
    with pytest.MonkeyPatch.context() as patch:
        parts = [*vars(cuda).values(), *vars(numba).values(), driver]
        for module in (part for part in parts if hasattr(part, "rendered")):
            original = module.rendered

            def spy(folder, template, /, original=original, **context):
                seen.setdefault((folder, template), []).append(context)
                return original(folder, template, **context)

            patch.setattr(module, "rendered", spy)
        for write in WRITERS:
            write(program)
        for write in (numba_module, cuda_kernel):
            write(renewed)
    return seen


def test_every_template_is_used(contexts):
    used = {(folder, f"{name}.mako") for folder, name in contexts}
    assert used >= {pair for pair in KERNEL_TEMPLATES if pair not in {("cuda", "header.mako"), *PARTS}}


def test_the_header_includes_all_its_parts():
    included = re.findall(r'<%include file="header/(.*)"/>', template_text("cuda/header.mako"))
    assert sorted(("cuda/header", name) for name in included) == sorted(PARTS)


def test_a_missing_key_is_an_error(contexts):
    for (folder, name), several in contexts.items():
        read = set()
        for context in several:
            for key in context:
                rest = {k: v for k, v in context.items() if k != key}
                try:
                    rendered(folder, name, **rest)
                except NameError as problem:
                    assert key in str(problem)
                    read.add(key)
        # these are the same for every model
        assert read or name in ("sum_windows", "write_history", "restore_history"), name


@pytest.mark.parametrize(("folder", "name"), KERNEL_TEMPLATES)
def test_a_template_does_no_arithmetic_of_a_model(folder, name):
    """The elementary functions of a template are those of the random numbers."""
    functions = r"\b(?:math\.)?(exp|log|sqrt|sin|cos|tan|tanh|pow|erf)\("
    found = set(re.findall(functions, template_text(f"{folder}/{name}")))
    allowed = {"random_numbers.mako": {"log", "sin", "cos"}, "rounding.mako": {"sqrt"}}
    assert found <= (allowed.get(name, set()) if folder == "cuda/header" else set())


@pytest.mark.parametrize("write", WRITERS)
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
