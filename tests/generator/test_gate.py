"""Couplings that parameters switch off: which, and that leaving them out changes no bit."""

from __future__ import annotations

import numpy as np
import pytest

import rateloom
from rateloom.drivers.backends.emulated.host_compiler import host_compiler
from rateloom.dsl.load import load_model
from rateloom.generator.stages import build_program

MODEL = """
<Model name="switched">
  <Parameter name="G" value="0.5"/> <Parameter name="share" value="0"/> <Parameter name="tau" value="2"/>
  <StateVariable name="x" initial="0, 1"/> <StateVariable name="y" initial="0, 1"/>
  <Coupling name="c_x" pre="x_j" post="G * gx"/>
  <Coupling name="c_y" pre="{pre}" post="G * gx"/>
  <Dynamics>
    <TimeDerivative variable="x" value="(c_x + share * c_y - x) / tau"/>
    <TimeDerivative variable="y" value="-y"/>
  </Dynamics>
  <Exposure name="x"/>{exposure}
</Model>"""


def program_of(pre, exposure=""):
    model = load_model("switched.xml", MODEL.format(pre=pre, exposure=exposure).encode())
    return build_program(model)


def gate_names(program, sum_):
    """Identifiers of the hoisted values that switch a sum off."""
    return {program.hoisted.names[program.hoisted.results[row]] for row in sum_.gates}


def test_a_sum_is_switched_off_by_every_factor_on_its_way():
    sums = program_of("y_j").accumulators
    program = program_of("y_j")
    assert [gate_names(program, s) for s in sums] == [{"G", "inverse_tau"}, {"G", "share", "inverse_tau"}]


def test_a_sum_on_every_edge_is_switched_off_too():
    program = program_of("1 / (1 + (y_j - y)^2)")
    (edge_sum,) = program.edge_sums
    assert gate_names(program, edge_sum) == {"G", "share", "inverse_tau"}


def test_an_exposed_sum_is_always_needed():
    program = program_of("y_j", '<Exposure name="gx_y" value="c_y"/>')
    assert gate_names(program, program.accumulators[1]) == {"G"}


@pytest.mark.parametrize(
    ("pre", "backend", "speed"),
    [
        pytest.param("y_j", "numba", 3.0, marks=pytest.mark.slow),
        pytest.param("1 / (1 + (y_j - y)^2)", "numba", 3.0, marks=pytest.mark.slow),
        ("y_j", "emulated", 3.0),
        ("1 / (1 + (y_j - y)^2)", "emulated", 3.0),
        # without delays: a product of matrices
        ("y_j", "emulated", np.inf),
    ],
)
def test_what_is_left_out_would_have_changed_nothing(pre, backend, speed, tmp_path):
    if backend == "emulated" and host_compiler() is None:
        pytest.skip("no C++ compiler on this machine")
    path = tmp_path / "switched.xml"
    path.write_text(MODEL.format(pre=pre, exposure=""))
    settings = {
        "connectome": rateloom.connectome("synthetic:6"), "duration": 3.0, "monitor": "raw", "speed": speed,
        "initial": {"x": 0.3, "y": 0.7}, "backend": backend,
    }  # fmt: skip
    off = rateloom.simulate(path, **settings)
    # one node in which the sum counts, however little, switches it on for all
    share = np.where(np.arange(6) == 5, 1e-30, 0.0)
    on = rateloom.simulate(path, parameters={"share": share}, **settings)
    assert np.array_equal(off.x, on.x)
    assert float(abs(rateloom.simulate(path, parameters={"share": 1.0}, **settings).x - on.x).max()) > 1e-3
