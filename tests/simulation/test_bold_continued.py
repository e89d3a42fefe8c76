"""BOLD signals of runs that go on: haemodynamic states are kept, and two parts are the whole, bit for bit."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path
from typing import Any

import numpy as np
import pytest
import xarray as xr
from calls import DT, N, simulate
from parts import assert_whole, in_parts, series

import rateloom
from rateloom import BoldSettings
from rateloom.cli import main
from rateloom.drivers.backends.emulated.host_compiler import host_compiler
from rateloom.drivers.runs.divergence import DivergenceWarning
from rateloom.drivers.support.errors import InputError

needs_compiler = pytest.mark.skipif(host_compiler() is None, reason="no C++ compiler on this machine")
# twelve steps a volume and four a step of the haemodynamic model: each cut but the last is within both
PARTS = (43, 30, 35)
# steps are a fifth of a millisecond, in which blood does little: a strong efficacy makes up for it
BOLD = BoldSettings("z", 12 * DT, 4 * DT, warm_up=24 * DT, parameters={"efficacy": np.linspace(50, 99, N)})
RUN: dict[str, Any] = {"monitor": "bold", "bold": BOLD, "period": 2 * DT}
# time, a state that is clamped, an angle, and a signal that the input is a part of
OWN = """
<Model name="own_blood">
  <Parameter name="tau" value="0.4"/>
  <Input name="activity" default="0"/>
  <StateVariable name="y" initial="0.1" lower="0" upper="9"/>
  <StateVariable name="angle" initial="0" period="2 * pi"/>
  <Dynamics>
    <TimeDerivative variable="y" value="(activity * (1 + sin(t)) - y) / tau"/>
    <TimeDerivative variable="angle" value="2 + y"/>
  </Dynamics>
  <Exposure name="own" value="y * (2 + cos(angle)) + activity + t"/>
</Model>"""
LINEAR = {"parameters": {"efficacy": 60.0, "linear": 1.0}}
KINDS = [
    pytest.param("numba", {}, {}, marks=pytest.mark.slow),
    pytest.param("emulated", {}, {}, marks=needs_compiler),
    pytest.param("emulated", {"dtype": "float32", "lanes": 1}, LINEAR, marks=needs_compiler),
    pytest.param("numba", {"dtype": "float32", "lanes": 1}, LINEAR, marks=pytest.mark.slow),
    pytest.param("numba", {}, {"model": "own"}, marks=pytest.mark.slow),
    pytest.param(
        "emulated", {"dtype": "float32"}, {"model": "own"}, marks=[needs_compiler, pytest.mark.slow]
    ),
]


@pytest.mark.filterwarnings("ignore::rateloom.drivers.planning.parameters.ParameterWarning")
@pytest.mark.parametrize(("backend", "settings", "blood"), KINDS)
def test_parts_are_the_whole(
    backend: str, settings: dict[str, Any], blood: dict[str, Any], tmp_path: Path
) -> None:
    if "model" in blood:
        own = tmp_path / "own_blood.xml"
        own.write_text(OWN)
        blood = {"model": own, "parameters": None}
    assert_whole(parts=PARTS, backend=backend, **settings, **{**RUN, "bold": replace(BOLD, **blood)})


@pytest.fixture(scope="module")
def first() -> xr.Dataset:
    return simulate(**RUN, duration=PARTS[0] * DT, keep_state=True)


@needs_compiler
def test_states_and_stores_serve_every_backend(first: xr.Dataset, tmp_path: Path) -> None:
    assert "final.haemodynamics" not in simulate(**RUN, duration=PARTS[0] * DT)
    assert first["final.haemodynamics"].dims == ("final.haemodynamic_row", "node")
    xr.testing.assert_identical(rateloom.rerun(first, progress=False), first)
    expected = simulate(**RUN, duration=PARTS[1] * DT, continue_from=first)
    np.testing.assert_allclose(expected["time"], (36 + 12 * np.arange(1, 4)) * DT, rtol=1e-15)
    for name in ("first.zarr", "first.nc"):
        simulate(
            **RUN, backend="emulated", duration=PARTS[0] * DT, keep_state=True, out=tmp_path / name
        ).close()
        second = simulate(**RUN, duration=PARTS[1] * DT, continue_from=tmp_path / name)
        xr.testing.assert_identical(series(second), series(expected))


@pytest.mark.parametrize(
    "backend",
    [pytest.param("numba", marks=pytest.mark.slow), pytest.param("emulated", marks=needs_compiler)],
)
def test_a_signal_that_is_lost_stays_lost(backend: str) -> None:
    # that of node 0 alone
    blood = BoldSettings(
        "z", 12 * DT, 4 * DT, parameters={"efficacy": np.array([1e40, *np.full(N - 1, 50.0)])}
    )
    run = {**RUN, "bold": blood, "dtype": "float32", "backend": backend}
    with pytest.warns(DivergenceWarning, match="have NaN in BOLD though they did not diverge"):
        whole = simulate(**run, duration=sum(PARTS) * DT)
        parts = in_parts(parts=PARTS, **run)
    assert np.isnan(whole["BOLD"][-1, 0]) and np.isfinite(whole["BOLD"][:, 1:]).all()
    xr.testing.assert_equal(xr.concat([series(part) for part in parts], "time"), series(whole))
    assert np.isnan(parts[0]["final.haemodynamics"][:, 0]).all()


@pytest.mark.parametrize(
    ("change", "message"),
    [
        ({"bold": replace(BOLD, tr=16 * DT)}, "tr is 0.6[0-9]* there and 0.8 here"),
        ({"bold": replace(BOLD, exposure="x")}, "bold_from is 'z' there and 'x' here"),
        ({"bold": replace(BOLD, dt=2 * DT)}, "bold_dt is 0.2 there and 0.1 here"),
        ({"bold": replace(BOLD, warm_up=0.0)}, "warm_up is 1.2[0-9]* there and 0.0 here"),
        ({"bold": replace(BOLD, parameters=None)}, "bold_parameters is"),
        (
            {"monitor": "tavg", "bold": None},
            "only one .* has BOLD signals; give monitor=",
        ),
        ({"duration": 4 * DT}, "no volume would be left: the series lasts 0.2 ms"),
    ],
)
def test_blood_that_does_not_fit_is_refused_in_a_line(
    first: xr.Dataset, change: dict[str, Any], message: str
) -> None:
    with pytest.raises(InputError, match=message) as caught:
        simulate(**{**RUN, **change}, continue_from=first)
    assert "\n" not in str(caught.value)
    cut = first.isel({"final.haemodynamic_row": slice(0, 3)})
    with pytest.raises(InputError, match=r"other sizes than this run \(haemodynamics\)"):
        simulate(**RUN, continue_from=cut)


@pytest.mark.slow
def test_the_command_line_goes_on_with_bold(tmp_path: Path, capfd: pytest.CaptureFixture[str]) -> None:
    common = ["linear", "--connectome", "synthetic:4", "--monitor", "bold", "--tr", "60ms", "--warm-up", "60"]
    parts = []
    for number, duration in enumerate((130, 50)):
        out = tmp_path / f"{number}.nc"
        further = ["--continue", str(tmp_path / "0.nc")] if number else []
        command = ["run", *common, "--duration", str(duration), "--keep-state", "--out", str(out), *further]
        assert main(command) == 0, capfd.readouterr().err
        parts.append(xr.open_dataset(out)["BOLD"].values)
    assert main(["run", *common, "--duration", "180", "--out", str(tmp_path / "whole.nc")]) == 0
    np.testing.assert_array_equal(np.concatenate(parts), xr.open_dataset(tmp_path / "whole.nc")["BOLD"])
    capfd.readouterr()
