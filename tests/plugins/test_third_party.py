"""Another laboratory's transfer function: a package of its own, installed, found, generated and right."""

import importlib.util
import subprocess
import sys

import numpy as np
import pytest

import rateloom
from rateloom import Connectome
from rateloom.drivers.backends.emulated.host_compiler import host_compiler

PROJECT = """
[build-system]
requires = ["setuptools"]
build-backend = "setuptools.build_meta"

[project]
name = "lab-sigmoid"
version = "1.0"

[project.entry-points."rateloom.transfer_functions"]
two_inputs = "lab_sigmoid:two_inputs"

[tool.setuptools]
py-modules = ["lab_sigmoid"]
"""
MODULE = '''
"""A sigmoid of an excitatory and an inhibitory input."""

from rateloom import TransferFunction, functions


def two_inputs(arguments, parameters):
    excitation, inhibition = arguments
    drive = functions.symbol("drive")
    difference = parameters["a"] * excitation - parameters["b"] * inhibition
    return TransferFunction(
        result=parameters["maximum"] / (1 + functions.exp(-drive)),
        variables=[("drive", difference - parameters["threshold"])],
    )
'''
MODEL = """
<Model name="two_populations">
  <Description>Two populations with a transfer function from another package.</Description>
  <Parameter name="a_e" value="6"/> <Parameter name="a_i" value="4"/> <Parameter name="b" value="3"/>
  <Parameter name="G" value="0.5"/>
  <StateVariable name="E" initial="0, 1"/> <StateVariable name="I" initial="0, 1"/>
  <Coupling name="c" pre="E_j" post="G * gx" delays="false"/>
  <Function name="S_e" plugin="two_inputs" arguments="e, i"
            parameters="a=a_e, b=b, threshold=1.5, maximum=1"/>
  <Function name="S_i" plugin="two_inputs" arguments="e, i"
            parameters="a=a_i, b=b / 2, threshold=1, maximum=0.8"/>
  <Dynamics>
    <TimeDerivative variable="E" value="S_e(E + c, I) - E"/>
    <TimeDerivative variable="I" value="S_i(E, I) - I + 0.1 * diff(S_i(E, I), e)"/>
  </Dynamics>
  <Exposure name="E"/> <Exposure name="I"/>
</Model>"""
N_STEP, DT = 40, 0.1
WEIGHTS = np.array([[0.0, 1.0, 0.2], [0.5, 0.0, 0.0], [0.3, 0.7, 0.0]])


@pytest.fixture(scope="module")
def installed(tmp_path_factory):
    """Install the package where nothing else is."""
    if not all(map(importlib.util.find_spec, ("pip", "setuptools"))):
        pytest.skip("there is no pip, or no setuptools, to install a package with")
    project, target = tmp_path_factory.mktemp("project"), tmp_path_factory.mktemp("installed")
    (project / "pyproject.toml").write_text(PROJECT)
    (project / "lab_sigmoid.py").write_text(MODULE)
    command = [sys.executable, "-m", "pip", "install", "--quiet", "--no-deps", "--no-build-isolation"]
    command += ["--no-index", "--disable-pip-version-check", "--target", str(target), str(project)]
    done = subprocess.run(command, capture_output=True, text=True, check=False)
    assert done.returncode == 0, done.stderr
    return target


@pytest.fixture
def model(installed, tmp_path, monkeypatch):
    monkeypatch.syspath_prepend(installed)
    monkeypatch.delitem(sys.modules, "lab_sigmoid", raising=False)
    path = tmp_path / "two_populations.xml"
    path.write_text(MODEL)
    return rateloom.load(path)


def reference():
    """The same equations, written down with NumPy."""
    e, i = np.array([0.1, 0.5, 0.9]), np.array([0.7, 0.2, 0.4])
    seen = []
    for _ in range(N_STEP):
        s_e = 1 / (1 + np.exp(-(6 * (e + 0.5 * WEIGHTS @ e) - 3 * i - 1.5)))
        s_i = 0.8 / (1 + np.exp(-(4 * e - 1.5 * i - 1)))
        slope = 4 * s_i * (1 - s_i / 0.8)
        e, i = e + DT * (s_e - e), i + DT * (s_i - i + 0.1 * slope)
        seen.append((e, i))
    return np.array(seen)


def test_it_is_found_by_its_announcement_alone(model):
    assert [f.name for f in model.functions] == ["S_e", "S_i"]
    assert sys.modules["lab_sigmoid"].__doc__.startswith("A sigmoid")


NO_COMPILER = pytest.mark.skipif(host_compiler() is None, reason="there is no C++ compiler")


@pytest.mark.parametrize("backend", ["numba", pytest.param("emulated", marks=NO_COMPILER)])
@pytest.mark.parametrize(
    ("dtype", "rtol"), [("float64", 1e-13), pytest.param("float32", 1e-5, marks=pytest.mark.slow)]
)
def test_the_kernels_are_right(model, dtype, rtol, backend):
    found = rateloom.simulate(
        model, connectome=Connectome(WEIGHTS, np.full((3, 3), 10.0)), duration=N_STEP * DT, dt=DT,
        integrator="euler", initial={"E": [0.1, 0.5, 0.9], "I": [0.7, 0.2, 0.4]}, monitor="raw", noise=False,
        dtype=dtype, progress=False, normalize="none", backend=backend,
    )  # fmt: skip
    np.testing.assert_allclose(found.E.values, reference()[:, 0], rtol=rtol)
    np.testing.assert_allclose(found.I.values, reference()[:, 1], rtol=rtol)


@pytest.mark.slow
def test_the_command_line_generates_every_target(installed, model, tmp_path, monkeypatch):
    monkeypatch.setenv("PYTHONPATH", str(installed))
    command = [sys.executable, "-m", "rateloom.cli", "generate", "two_populations.xml", "--out", "out"]
    subprocess.run(command, cwd=tmp_path, capture_output=True, check=True)
    names = sorted(path.name for path in (tmp_path / "out" / "two_populations").iterdir())
    endings = (".cu", ".json", "_driver.py", "_numba.py")
    assert names == [f"two_populations{ending}" for ending in endings]
    text = (tmp_path / "out" / "two_populations" / names[3]).read_text()
    assert "drive = " in text
    assert "lab_sigmoid" not in text


def test_without_the_package_the_error_names_plugin_and_model(tmp_path):
    (tmp_path / "two_populations.xml").write_text(MODEL)
    command = [sys.executable, "-m", "rateloom.cli", "check", "two_populations.xml"]
    done = subprocess.run(command, cwd=tmp_path, capture_output=True, text=True, check=False)
    assert done.returncode == 1
    said = (
        "Function 'S_e' (plug-in 'two_inputs') of Model 'two_populations': there is no plug-in 'two_inputs'"
    )
    assert said in " ".join(done.stderr.split())
    assert "Traceback" not in done.stderr
