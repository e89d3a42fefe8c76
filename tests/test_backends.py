"""One interface to backends: nobody above asks which one there is, and one that is made up serves as well."""

from __future__ import annotations

import ast
import json
from pathlib import Path
from typing import Any

import numpy as np
import pytest
import xarray as xr
from fake_backend import FakeBackend, samples_of

import rateloom
from rateloom.api.generation import code_for
from rateloom.api.resimulation import simulate_items
from rateloom.drivers.backends import registry
from rateloom.drivers.execution.backend import Budget
from rateloom.drivers.execution.variants import kernel_of, variant_difference
from rateloom.drivers.planning.backend_kinds import BACKENDS
from rateloom.drivers.planning.grid import grid_of
from rateloom.drivers.planning.settings import Settings
from rateloom.drivers.planning.study import make_study
from rateloom.drivers.runs.run import run_study
from rateloom.drivers.support.notices import Reports

ROOT = Path(__file__).resolve().parent.parent
# What a plan holds for its backend alone.
HIDDEN = ("device", "own")
AXES = {"G": [0.0, 0.1, 0.2], "speed": [2.0, 4.0]}
HOW: dict[str, Any] = {"connectome": "synthetic:5", "duration": 40.0, "progress": False}


def branches(source: str) -> list[int]:
    """Lines that ask for a backend by its name, or look into what is its own."""
    lines = []
    for node in ast.walk(ast.parse(source)):
        if isinstance(node, ast.Compare):
            texts = {n.value for n in ast.walk(node) if isinstance(n, ast.Constant)}
            named = any(isinstance(n, ast.Attribute) and n.attr == "backend" for n in ast.walk(node))
            if named or texts & BACKENDS.keys():
                lines.append(node.lineno)
        elif isinstance(node, ast.Attribute) and node.attr in HIDDEN:
            owner = node.value.attr if isinstance(node.value, ast.Attribute) else ast.unparse(node.value)
            lines += [node.lineno] if owner.endswith("plan") else []
        elif isinstance(node, ast.MatchValue) and ast.unparse(node.value).strip("'") in BACKENDS:
            lines.append(node.value.lineno)
    return lines


def test_nothing_outside_the_backends_branches_on_one():
    found = [
        f"{path.relative_to(ROOT)}:{line}"
        for folder in ("drivers", "rateloom")
        for path in sorted((ROOT / folder).rglob("*.py"))
        if "backends" not in path.parts
        for line in branches(path.read_text("utf-8"))
    ]
    assert found == []


@pytest.mark.parametrize(
    "source",
    [
        "if settings.backend != x: pass",
        "y = 1 if name == 'numba' else 2",
        "z = target in ('emulated', 'cuda')",
        "if plan.device is None: pass",
        "use(job.plan.own.groups)",
        "match name:\n    case 'cuda': pass",
    ],
)
def test_the_rule_sees_every_form_of_branch(source):
    assert len(branches(source)) == 1


def test_every_name_has_a_backend():
    assert list(registry.OPENERS) == list(BACKENDS)


@pytest.fixture
def fake(monkeypatch: pytest.MonkeyPatch) -> FakeBackend:
    """A fake in the place of Numba's."""
    one = FakeBackend()
    monkeypatch.setitem(registry.OPENERS, "numba", one.open)
    return one


def test_a_sweep_is_made_of_what_a_backend_yields(fake: FakeBackend):
    found = rateloom.sweep("linear", AXES, **HOW)
    code, brain = code_for(rateloom.load("linear"), "numba"), rateloom.connectome("synthetic:5", "none")
    study = make_study(code, brain, "max", Settings(duration=40.0), grid_of(AXES))
    expected = samples_of(fake.plan(study), np.arange(6))[:, 0]
    np.testing.assert_array_equal(found["x"].values.reshape(expected.shape), expected)
    assert json.loads(found.attrs["variant"])["compiler"] == "none" and found.attrs["kernel"] == "fake"
    assert fake.calls["open"] == 1


def test_a_backend_that_is_open_is_handed_in():
    one = FakeBackend()
    code, brain = code_for(rateloom.load("linear"), "numba"), rateloom.connectome("synthetic:5", "none")
    study = make_study(code, brain, "max", Settings(duration=40.0))
    run_study(study, backend=one, reports=Reports(progress=False))
    assert one.calls == {"calibrated": 1, "plan": 1, "run": 1}


def test_a_search_opens_its_backend_once(fake: FakeBackend):
    pytest.importorskip("optuna")
    rateloom.search(
        "linear", {"G": (0.0, 0.5)}, maximize="mean_x_all", trials=24, batch=8, sampler="random", **HOW
    )
    assert fake.calls["run"] == 3 and fake.calls["open"] == 1


@pytest.fixture
def kept(fake: FakeBackend, tmp_path: Path) -> tuple[Path, xr.Dataset]:
    found = rateloom.sweep("linear", AXES, keep="measures", out=tmp_path / "s", **HOW)
    return tmp_path / "s", found.load()


def test_a_study_is_gone_on_with_by_the_same_variant_alone(fake: FakeBackend, kept: tuple[Path, xr.Dataset]):
    folder, whole = kept
    record = json.loads((folder / "plan.json").read_text())
    assert record["variant"] == json.loads(whole.attrs["variant"])
    assert rateloom.resume(folder, progress=False).load().identical(whole)
    fake.compiler = "newer"
    with pytest.raises(rateloom.InputError, match=r"variant\.compiler is 'none' there and 'newer' here"):
        rateloom.resume(folder)
    with pytest.raises(rateloom.InputError, match=r"bits than were measured: compiler is 'none' there and"):
        simulate_items(folder, [1])


def test_what_was_measured_is_simulated_again(fake: FakeBackend, kept: tuple[Path, xr.Dataset]):
    folder, whole = kept
    series = simulate_items(folder, [1, 4], progress=False)["x"]
    means = whole["mean_x"].values.reshape(6, -1)[[1, 4]]
    np.testing.assert_allclose(series.values.mean(axis=1), means, rtol=0, atol=1e-5)


@pytest.mark.parametrize("name", ["numba", "emulated"])
def test_variants_name_what_bits_depend_on(name: str):
    if name == "emulated":
        pytest.importorskip("rateloom.drivers.backends.emulated.host_compiler")
        from rateloom.drivers.backends.emulated.host_compiler import host_compiler

        if host_compiler() is None:
            pytest.skip("no C++ compiler on this machine")
    code, brain = code_for(rateloom.load("linear"), name), rateloom.connectome("synthetic:5", "none")
    study = make_study(code, brain, "max", Settings(duration=4.0, backend=name, lanes=2))
    plan = registry.open_backend(name).plan(study, Budget(keep_result=False))
    variant = plan.backend.variant(plan)
    assert {"backend", "model", "generator", "code", "dtype", "lanes", "blocks", "machine", "compiler",
            "flags", "libc"} <= variant.keys()  # fmt: skip
    assert json.loads(json.dumps(variant)) == variant, "JSON holds it as it is"
    assert variant["model"] == rateloom.load("linear").hash and variant["lanes"] == 2
    assert kernel_of(variant).startswith(
        f"{variant['model']}/{variant['generator']}/{variant['code']}/{name}"
    )
    other = plan.backend.variant(registry.open_backend(name).plan(make_study(
        code, brain, "max", Settings(duration=4.0, backend=name, lanes=2, dtype="float64"))))  # fmt: skip
    assert "dtype is 'float32' there and 'float64' here" in variant_difference(variant, other)


def test_a_difference_of_lists_names_what_only_one_has():
    there, here = {"features": ["avx2", "avx512f", "fma"]}, {"features": ["avx2", "fma", "vaes"]}
    assert variant_difference(there, here) == "features has avx512f there alone and vaes here alone"
    assert variant_difference(here, here) == ""
    assert variant_difference(None, here) == "it does not say what its bits depend on, as rateloom does now"
