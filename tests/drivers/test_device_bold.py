"""The haemodynamic model's kernel as a device runs it compiles for GPUs; test_bold_kept has its numbers."""

import pytest

import rateloom
from rateloom.api.generation import kernel_source
from rateloom.drivers.backends.cuda.nvrtc import compile_cuda
from rateloom.drivers.backends.device.kernel_shape import Shape


@pytest.mark.parametrize(
    ("arch", "given", "regional"),
    [("sm_90", "float", False), pytest.param("sm_80", "double", True, marks=pytest.mark.slow)],
)
def test_the_balloon_with_inputs_of_its_own_compiles_without_spills(arch, given, regional):
    pytest.importorskip("cuda.bindings.nvrtc")
    shape = Shape("float64", "float64", 1, 128, 8, "heun", noise=False, regional=regional)
    source = kernel_source(rateloom.load("balloon"), "cuda")
    report = compile_cuda(source, arch, shape.defines | {"OWN_INPUTS": "1", "GIVEN": given}, "balloon.cu")
    assert report.warnings == ()
    (advance,) = (kernel for kernel in report.kernels if kernel.name == "balloon_advance")
    assert (advance.spill_stores, advance.spill_loads) == (0, 0)
    # three thread blocks, 12 warps, on a multiprocessor of 65,536 registers
    assert advance.registers <= 65536 // (3 * 128)
