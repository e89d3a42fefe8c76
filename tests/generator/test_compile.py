"""Generated sources compile: CUDA without a warning or a spill, Numba's modules from end to end."""

import itertools
import warnings
from pathlib import Path

import numpy as np
import pytest

import rateloom
from rateloom.api.generation import kernel_source
from rateloom.api.loading import shipped_models
from rateloom.drivers.backends.cuda.nvrtc import compile_cuda
from rateloom.dsl.diagnostics import ModelWarning

RATEML = Path(__file__).parents[3] / "shared" / "rateml"
# these two are broken themselves; the reader says so
BROKEN = {"zerlaut", "model_template"}
RATEML_FILES = sorted(p for p in RATEML.glob("*.xml") if p.stem not in BROKEN)
needs_rateml = pytest.mark.skipif(not RATEML_FILES, reason="RateML's files are not at ../shared/rateml")
NAMES = sorted(shipped_models())
# Bytes that a kernel keeps in memory for want of registers: six numbers, once a step.
SPILT = {("adex_vast_advance", "sm_80", "0"): 24, ("zerlaut_second_order_advance", "sm_80", "0"): 24}


def source_of(model):
    with warnings.catch_warnings():
        warnings.simplefilter("ignore", ModelWarning)
        return kernel_source(rateloom.load(model), "cuda")


def check(source, arch, real, noise):
    pytest.importorskip("cuda.bindings.nvrtc")
    report = compile_cuda(source, arch, {"REAL": real, "NOISE": noise})
    assert report.warnings == ()
    assert sorted(k.name.split("_")[-1] for k in report.kernels) == ["advance", "history", "prepare"]
    for kernel in report.kernels:
        assert 0 < kernel.registers <= 255
        assert kernel.shared <= 48 * 1024
        if real == "float":
            spilt = SPILT.get((kernel.name, arch, noise), 0)
            assert max(kernel.spill_stores, kernel.spill_loads) <= spilt, kernel.name


# any two values meet in one of these
SETTINGS = (
    ("sm_90", "float", "1"), ("sm_80", "float", "0"), ("sm_90", "double", "0"), ("sm_80", "double", "1"),
)  # fmt: skip
USUAL = SETTINGS[0]
# a kernel is compiled for seconds, and one of a transfer function for many
DEFAULT = {
    ("wilson_cowan", *USUAL), ("zerlaut_first_order", *USUAL),
    ("kuramoto", *SETTINGS[1]), ("linear", *SETTINGS[2]), ("montbrio", *SETTINGS[3]),
}  # fmt: skip


def combinations(models, is_default):
    """Every model with every setting; those that are no default are slow."""
    for model, setting in itertools.product(models, SETTINGS):
        marks = () if is_default(Path(model).stem, *setting) else pytest.mark.slow
        yield pytest.param(model, *setting, marks=marks, id="-".join((Path(model).stem, *setting)))


@pytest.mark.parametrize(
    ("name", "arch", "real", "noise"),
    list(combinations(NAMES, lambda name, *setting: (name, *setting) in DEFAULT)),
)
def test_cuda_compiles_without_warnings_or_spills(name, arch, real, noise):
    check(source_of(name), arch, real, noise)


@needs_rateml
@pytest.mark.parametrize(
    ("path", "arch", "real", "noise"),
    list(combinations(RATEML_FILES, lambda name, *setting: (name, setting) == ("kuramoto", USUAL))),
)
def test_cuda_of_rateml_files_compiles(path, arch, real, noise):
    check(source_of(path), arch, real, noise)


@needs_rateml
@pytest.mark.parametrize(
    "path",
    [
        pytest.param(p, id=p.stem, marks=() if p.stem == "kuramoto" else pytest.mark.slow)
        for p in RATEML_FILES
    ],
)
@pytest.mark.filterwarnings("ignore::rateloom.dsl.diagnostics.ModelWarning")
def test_numba_modules_of_rateml_files_compile_and_run(path):
    # RateML's epileptor blows up after that, by its own equations: x1 falls as -x1^2
    result = rateloom.simulate(path, connectome="synthetic:5", duration=0.2, dt=0.01, monitor="raw")
    assert (result.sizes["time"], result.sizes["node"]) == (20, 5)
    assert int(result.diverged_step) == -1
    for exposure in result.data_vars.values():
        assert np.isfinite(exposure.values).all()


@pytest.mark.parametrize(
    ("groups", "block", "lanes"), [("4", "16", "32"), pytest.param("16", "4", "32", marks=pytest.mark.slow)]
)
def test_other_shapes_compile(groups, block, lanes):
    pytest.importorskip("cuda.bindings.nvrtc")
    report = compile_cuda(source_of("linear"), "sm_90", {"GROUPS": groups, "BLOCK": block, "LANES": lanes})
    assert report.warnings == ()


@pytest.mark.parametrize("shape", [{}, {"ROWS": "16", "BLOCK": "1"}], ids=["edges", "product"])
@pytest.mark.parametrize("name", ["kuramoto", pytest.param("montbrio", marks=pytest.mark.slow)])
def test_a_history_in_half_precision_compiles(name, shape):
    pytest.importorskip("cuda.bindings.nvrtc")
    report = compile_cuda(source_of(name), "sm_90", {"HALF_HISTORY": "1", **shape})
    assert report.warnings == ()
    assert max(max(k.spill_stores, k.spill_loads) for k in report.kernels) == 0
