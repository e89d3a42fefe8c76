"""The helper that compares both versions of a function that exists only as code."""

import os
import shutil

import numpy as np
import pytest

import rateloom
from rateloom.api.generation import kernel_source
from rateloom.drivers.backends.cuda.nvrtc import compile_cuda
from rateloom.drivers.support.errors import InputError
from rateloom.testing import NoCompilerError, check_external

CUDA = """
static __device__ real scale() { return real(2); }
__device__ real gain(real v, real w)
{
    return scale() * exp(-v * v) / w + fabs(v);
}
"""
PYTHON = """import math

def gain(v, w):
    return 2.0 * math.exp(-v * v) / w + abs(v)
"""
MODEL = """<Model name="lab"><Parameter name="w" value="3"/><StateVariable name="x" initial="0.2"/>
<Function name="F" arguments="v, w" cuda="gain.cuh" numba="gain.py" symbol="gain"
          differentiation="central" step="1e-3"/>
<Function name="G" arguments="v"><Return value="v"/></Function>
<Dynamics><TimeDerivative variable="x" value="diff(F(x, w), v) - G(x)"/></Dynamics></Model>"""
GRID = {"v": np.linspace(-3, 3, 13), "w": [0.5, 2.0]}
needs_compiler = pytest.mark.skipif(
    not any(map(shutil.which, ("c++", "g++", "clang++"))), reason="there is no C++ compiler"
)


@pytest.fixture(autouse=True)
def lab(tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    monkeypatch.setenv("RATELOOM_CACHE", str(tmp_path / "cache"))
    for name, text in (("gain.cuh", CUDA), ("gain.py", PYTHON), ("lab.xml", MODEL)):
        (tmp_path / name).write_text(text)
    return tmp_path


def replace(path, old, new):
    text = path.read_text()
    assert old in text
    path.write_text(text.replace(old, new))


@needs_compiler
def test_versions_that_agree():
    assert check_external("lab.xml", "F", GRID) < 1e-15
    assert check_external(rateloom.load("lab.xml"), "F", {"v": 1, "w": 1}) < 1e-15


@needs_compiler
def test_both_are_right_at_a_point():
    with pytest.raises(AssertionError) as caught:
        check_external("lab.xml", "F", {"v": [0.5], "w": [2.0]}, rtol=-1, atol=-1)
    value = f"{np.exp(-0.25) + 0.5:.10g}"
    assert f"CUDA gives {value}, Numba {value}" in str(caught.value)


@needs_compiler
def test_versions_that_differ_are_named_with_the_worst_point(lab):
    replace(lab / "gain.py", "abs(v)", "abs(v) * (1.001 if v > 2.4 else 1.0)")
    with pytest.raises(AssertionError) as caught:
        check_external("lab.xml", "F", GRID)
    said = str(caught.value)
    assert said.startswith("F of model lab differs at 4 of 26 points; at v = 3, w = 2 CUDA gives 3.0001")
    assert check_external("lab.xml", "F", GRID, rtol=1e-2) == pytest.approx(1e-3, rel=0.01)
    assert check_external("lab.xml", "F", GRID, atol=1e-2) > 0


@needs_compiler
@pytest.mark.parametrize("value", ["math.nan", "math.inf"])
def test_what_is_not_finite_on_one_side_differs(lab, value):
    replace(lab / "gain.py", "abs(v)", f"(abs(v) if v < 3 else {value})")
    with pytest.raises(AssertionError, match=r"differs at 2 of 26 points; at v = 3"):
        check_external("lab.xml", "F", GRID, rtol=0.5, atol=10)


@needs_compiler
def test_equal_infinities_and_nans_agree():
    assert check_external("lab.xml", "F", {"v": [1.0, np.inf, np.nan], "w": [0.0, 1.0]}) < 1e-15


@needs_compiler
def test_code_that_the_compiler_refuses(lab):
    replace(lab / "gain.cuh", "scale()", "scales()")
    replace(lab / "gain.cuh", "real scales()", "real scale()")
    with pytest.raises(
        InputError, match=r"^model lab: the C\+\+ compiler refuses gain.cuh:\d+:\d+: error: .*scales"
    ):
        check_external("lab.xml", "F", GRID)


def test_without_a_compiler_a_test_can_be_skipped(monkeypatch):
    monkeypatch.setenv("PATH", os.devnull)
    monkeypatch.delenv("CXX", raising=False)
    with pytest.raises(NoCompilerError, match=r"no C\+\+ compiler .* install g\+\+, or set CXX"):
        check_external("lab.xml", "F", GRID)


@pytest.mark.parametrize(
    ("source", "said"),
    [
        ("import nowhere_at_all\n" + PYTHON, "its code cannot be imported: ModuleNotFoundError"),
        (PYTHON.replace("abs(v)", "unknown(v)"), "Numba cannot compile 'gain' of gain.py: "),
        (PYTHON.replace("abs(v)", "'a'"), "Numba cannot compile 'gain' of gain.py: "),
    ],
)
def test_python_that_cannot_be_compiled_is_one_clear_line(lab, source, said):
    (lab / "gain.py").write_text(source)
    for attempt in (
        lambda: check_external("lab.xml", "F", GRID),
        lambda: rateloom.simulate("lab.xml", connectome="synthetic:2", duration=1, progress=False),
    ):
        with pytest.raises(InputError) as caught:
            attempt()
        assert str(caught.value).startswith("model lab: ")
        assert said in str(caught.value)
        assert "\n" not in str(caught.value)


def test_python_that_raises_is_one_clear_line(lab):
    replace(lab / "gain.py", "    return", "    if v > 2:\n        raise ValueError('too fast')\n    return")
    with pytest.raises(InputError, match=r"^gain of gain.py in model lab raises ValueError: too fast$"):
        check_external("lab.xml", "F", GRID)


@pytest.mark.parametrize(
    ("function", "grid", "said"),
    [
        ("H", GRID, "model lab has no function 'H' as code; it has F"),
        ("G", {"v": [1]}, "model lab has no function 'G' as code; it has F"),
        ("F", {"v": [1]}, "the grid of F needs values of v, w, not v"),
        ("F", {}, "the grid of F needs values of v, w, not none"),
        ("F", GRID | {"u": [1]}, "the grid of F needs values of v, w, not v, w, u"),
        ("F", GRID | {"v": []}, "the grid of F needs lists of values"),
        ("F", GRID | {"v": [[1, 2], [3, 4]]}, "the grid of F needs lists of values"),
        ("F", GRID | {"v": np.zeros(10**6)}, "with 1 to 1,000,000 points in all"),
        ("F", GRID | {"v": ["a"]}, "the grid of F is no numbers"),
    ],
)
def test_what_cannot_be_compared(function, grid, said):
    with pytest.raises(InputError) as caught:
        check_external("lab.xml", function, grid)
    assert said in str(caught.value)


@pytest.mark.parametrize("real", ["float", "double"])
def test_the_cuda_source_compiles_for_the_device(real):
    pytest.importorskip("cuda.bindings.nvrtc")
    source = kernel_source(rateloom.load("lab.xml"), "cuda")
    assert CUDA.strip() in source
    assert compile_cuda(source, "sm_90", {"REAL": real, "NOISE": "0"}).warnings == ()


def test_a_simulation_follows_the_code(lab):
    """The slope of the central difference moves x, from its own plain formula."""

    def gain(v):
        return 2 * np.exp(-v * v) / 3 + abs(v)

    run = {"connectome": "synthetic:2", "duration": 0.1, "dt": 0.1, "integrator": "euler"}
    run |= {"dtype": "float64", "monitor": "raw", "progress": False}
    found = rateloom.simulate("lab.xml", **run).x.values
    expected = 0.2 + 0.1 * ((gain(0.201) - gain(0.199)) / 0.002 - 0.2)
    np.testing.assert_allclose(found, expected, rtol=1e-13)
    # the generated module is another one when the file changes
    replace(lab / "gain.py", "2.0 *", "4.0 *")
    assert (rateloom.simulate("lab.xml", **run).x.values != found).all()
