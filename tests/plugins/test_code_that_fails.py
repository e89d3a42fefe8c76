"""A function given as code that raises, or that Numba refuses, in the middle of a simulation: one line."""

import re
import shutil
import subprocess
import sys

import numpy as np
import pytest

import rateloom
from rateloom import cli
from rateloom.drivers.support.errors import InputError

MODEL = """<Model name="lab">
  <Parameter name="top" value="2"/>
  <StateVariable name="x" initial="0.2"/>
  <Function name="F" arguments="v" cuda="code.cuh" numba="code.py" symbol="gain"
            differentiation="central" step="1e-3"/>
  <Function name="H" arguments="v" cuda="code.cuh" numba="code.py" symbol="half"
            differentiation="central" step="1e-3"/>
  <Dynamics><TimeDerivative variable="x" value="F(x) + H(x) + top"/></Dynamics>
</Model>"""
CUDA = """__device__ real gain(real v) { return v; }
__device__ real half(real v) { return v / 2; }
"""
GOOD = """import numpy as np
from numba import njit


@njit
def checked(v):
    if v > 1.0:
        raise ValueError("too   much")
    return v


def gain(v):
    return v


def half(v):
    return 0.5 * v
"""
RAISES = GOOD.replace(
    "return 0.5 * v", 'if v > 1.0:\n        raise ArithmeticError("no value")\n    return v'
)
CALLS_WHAT_RAISES = GOOD.replace("def gain(v):\n    return v", "def gain(v):\n    return checked(v)")
WITHOUT_WORDS = RAISES.replace('ArithmeticError("no value")', "ArithmeticError")
# fine for double precision, which is looked at first
ONE_PRECISION = GOOD.replace(
    "return 0.5 * v", "a = np.zeros(1)\n    if v > 1:\n        a = np.array([v])\n    return a[0]"
)
MEND = "; let it return nan where it has no value"


@pytest.fixture(autouse=True)
def lab(tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    monkeypatch.setenv("RATELOOM_CACHE", str(tmp_path / "cache"))
    (tmp_path / "lab.xml").write_text(MODEL)
    (tmp_path / "code.cuh").write_text(CUDA)
    return tmp_path


AXES = {"top": np.linspace(2, 3, 40)}


@pytest.mark.parametrize(
    ("text", "axes", "says"),
    [
        (RAISES, None, f"'half' of code.py (Function 'H') raises ArithmeticError: no value{MEND}"),
        pytest.param(
            CALLS_WHAT_RAISES,
            AXES,
            f"'gain' of code.py (Function 'F') raises ValueError: too much{MEND}",
            marks=pytest.mark.slow,
        ),
        pytest.param(
            WITHOUT_WORDS,
            None,
            f"'half' of code.py (Function 'H') raises ArithmeticError{MEND}",
            marks=pytest.mark.slow,
        ),
    ],
    ids=["raises", "calls what raises", "without words"],
)
def test_what_raises_is_named_with_its_model(lab, text, axes, says):
    (lab / "code.py").write_text(text)
    settings = {"connectome": "synthetic:3", "duration": 5.0, "progress": False}
    with pytest.raises(InputError) as error:
        if axes is None:
            rateloom.simulate("lab.xml", **settings)
        else:
            rateloom.sweep("lab.xml", axes, out="out.zarr", **settings)
    assert str(error.value) == f"model lab: {says}"
    assert sorted(p.name for p in lab.iterdir()) == ["cache", "code.cuh", "code.py", "lab.xml"]


def test_the_commands_say_the_same(lab, capsys):
    (lab / "code.py").write_text(RAISES)
    for command in (["run"], ["sweep", "--sweep", "top=2,3"]):
        arguments = [
            *command,
            "lab.xml",
            "--connectome",
            "synthetic:3",
            "--duration",
            "5",
            "--out",
            "out.zarr",
        ]
        assert cli.main(arguments) == 1
        err = capsys.readouterr().err
        said = f"model lab: 'half' of code.py (Function 'H') raises ArithmeticError: no value{MEND}"
        assert f"rateloom: error: {said}\n" in err
        assert "Traceback" not in err
    assert not (lab / "out.zarr").exists()


@pytest.mark.slow
def test_a_generated_driver_says_the_same_wherever_it_lies(lab):
    """Compiled kernels are kept beside the module, and know it by the folder in which they were compiled."""
    (lab / "code.py").write_text(RAISES)
    rateloom.generate("lab.xml", out="first")
    for folder in ("first", "second"):
        command = [sys.executable, f"{folder}/lab/lab_driver.py", "--connectome", "synthetic:3"]
        command += ["--sweep", "top=2,3", "--duration", "5"]
        done = subprocess.run(command, cwd=lab, capture_output=True, text=True, check=False)
        assert done.returncode == 1
        assert "model lab: 'half' of code.py (Function 'H') raises ArithmeticError: no value" in done.stderr
        assert "Traceback" not in done.stderr
        if folder == "first":
            shutil.move(lab / "first", lab / "second")


def test_what_numba_refuses_in_one_precision_only(lab):
    (lab / "code.py").write_text(ONE_PRECISION)
    settings = {"connectome": "synthetic:3", "duration": 5.0, "progress": False}
    called = "'gain' of code.py .*, 'half' of code.py .*"
    says = f"model lab: Numba cannot compile what calls {called}: TypingError: Cannot unify"
    with pytest.raises(InputError, match=says) as error:
        rateloom.simulate("lab.xml", **settings)
    assert "\n" not in str(error.value)
    assert rateloom.simulate("lab.xml", dtype="float64", **settings).x.notnull().all()


def test_what_returns_nan_diverges_instead(lab):
    (lab / "code.py").write_text(RAISES.replace('raise ArithmeticError("no value")', "return np.nan"))
    with pytest.warns(UserWarning, match=re.escape("1 of 1 work items diverged")):
        result = rateloom.simulate("lab.xml", connectome="synthetic:3", duration=5.0, progress=False)
    assert int(result.diverged_step) > 0


def test_faults_of_our_own_stay_visible(lab, monkeypatch):
    (lab / "code.py").write_text(GOOD)

    def fails(*_arguments):
        raise ZeroDivisionError("a bug")

    monkeypatch.setattr("rateloom.drivers.backends.numba.lane_threads.run_lane_block", fails)
    with pytest.raises(ZeroDivisionError):
        rateloom.simulate("lab.xml", connectome="synthetic:3", duration=5.0, progress=False)
