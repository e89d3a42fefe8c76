"""Occupancy against NVIDIA's own figures, and the choice of thread blocks."""

import re
from dataclasses import replace

import numpy as np
import pytest
from rich.console import Console

from rateloom import Connectome
from rateloom.api.generation import code_for
from rateloom.api.loading import load, shipped_models
from rateloom.drivers.backends.cuda.kernel_table import compiled_kernels, kernel_table
from rateloom.drivers.backends.device.kernel_shape import STATIC_SHARED, Shape, Sizes, choose_shape
from rateloom.drivers.backends.device.occupancy import ARCH_LIMITS, occupancy, tuned
from rateloom.drivers.connectome.wiring import wire
from rateloom.drivers.execution.device import KernelReport
from rateloom.drivers.planning.settings import Settings

KERNELS = ("prepare", "fill_history", "euler", "heun", "rk4")
SHAPE = Shape("float32", "float32", 32, 8, 8, "heun", noise=True)


# Of NVIDIA's occupancy calculator (cuda_occupancy.h of toolkit 13.0).
@pytest.mark.parametrize(
    ("arch", "registers", "shared", "threads", "blocks"),
    [
        ("sm_80", 32, 0, 256, 8),
        ("sm_80", 33, 0, 256, 6),
        ("sm_80", 255, 0, 256, 1),
        ("sm_80", 128, 0, 256, 2),
        ("sm_80", 64, 48 * 1024, 128, 3),
        ("sm_90", 168, 0, 128, 3),
        ("sm_90", 209, 0, 128, 2),
        ("sm_90", 40, 100 * 1024, 256, 2),
        ("sm_86", 32, 0, 256, 6),
        ("sm_90", 16, 0, 32, 32),
    ],
)
def test_blocks_of_a_multiprocessor(arch, registers, shared, threads, blocks):
    limits = ARCH_LIMITS[arch]
    found = occupancy(registers, shared, threads, limits)
    assert found.blocks == blocks
    assert found.warps == blocks * threads // 32
    assert found.share == blocks * threads / limits.threads


def compiler(needed):
    """Give a kernel the registers that the launch bounds leave it, and let it spill the rest."""

    def compiled(shape):
        allowed = 65536 // (shape.groups * shape.min_blocks * 32) // 8 * 8
        spilled = max(0, needed - min(allowed, 255)) * 4
        return KernelReport("k", min(needed, allowed, 255), spilled, spilled, shared=shape.groups * 1024)

    return compiled


@pytest.mark.parametrize("needed", [40, 72, 100, 128, 168, 210, 255])
@pytest.mark.parametrize("n_node", [1, 68, 76, 1000])
@pytest.mark.parametrize("n_block", [1, 100, 5000])
def test_nothing_spills(needed, n_node, n_block):
    limits = ARCH_LIMITS["sm_90"]
    shape = tuned(SHAPE, limits, n_node, n_block, compiler(needed))
    report = compiler(needed)(shape)
    assert report.spill_stores == 0
    found = occupancy(report.registers, report.shared, 32 * shape.groups, limits)
    assert found.blocks >= shape.min_blocks, "what was asked for is there"


def test_few_lane_blocks_get_more_warps_each():
    few, many = (tuned(SHAPE, ARCH_LIMITS["sm_90"], 96, n, compiler(64)) for n in (50, 50_000))
    assert few.groups >= many.groups


def test_lane_blocks_that_stay_in_shared_memory_share_it():
    """Seven tiles of sixteen nodes take seven groups; twice as many advance the nodes sooner."""
    shape = tuned(replace(SHAPE, rows=16, shared=75 * 1024), ARCH_LIMITS["sm_90"], 100, 1024, compiler(64))
    assert shape.min_blocks * (shape.shared + shape.groups * 1024) <= ARCH_LIMITS["sm_90"].shared
    assert shape.min_blocks == 2 and shape.groups > 7


@pytest.mark.parametrize("dtype", ["float32", "float64"])
@pytest.mark.parametrize("factors", [1, 2, 3, 8])
@pytest.mark.parametrize("speed", [3.0, np.inf])
def test_sums_over_edges_fit_the_shared_memory_that_a_kernel_may_declare(dtype, factors, speed):
    n_node = 50
    lengths = np.full((n_node, n_node), 30.0)
    wiring = wire(Connectome(np.ones((n_node, n_node)), lengths), speed, 0.1, dtype, False, 8)
    sizes = Sizes(
        parameters=20, hoisted=20, states=4, factors=factors, exposures=2, sum_rows=2, inputs=0, input_rows=1,
        n_node=n_node, columns=1, n_sample=10, window=10, stored_samples=10,
    )  # fmt: skip
    settings = Settings(duration=10.0, dt=0.1, dtype=dtype, backend="cuda")
    shape = choose_shape(wiring, sizes, settings, 32, ARCH_LIMITS["sm_90"])
    one = 32 * np.dtype(dtype).itemsize
    sums = 2 * factors * shape.groups * max(shape.rows, shape.block) * one
    assert shape.groups >= 1 and sums + 20 * one <= STATIC_SHARED
    assert (shape.rows > 1) == (speed == np.inf)
    tight = tuned(
        shape, ARCH_LIMITS["sm_90"], n_node, 500, lambda s: KernelReport("k", 64, shared=8192 * s.groups)
    )
    assert tight.groups <= 6


@pytest.mark.slow
@pytest.mark.parametrize("archs", [("sm_90",), ("sm_80", "sm_90")], ids="-".join)
def test_the_table_has_a_row_for_each_kernel_and_architecture(archs):
    pytest.importorskip("cuda.bindings.nvrtc")
    kernels = []
    for arch in archs:
        found, warnings = compiled_kernels(code_for(load("linear"), "cuda"), arch, "float32")
        assert warnings == ()
        assert {k.report.name for k in found} == {f"linear_{n}" for n in KERNELS}
        kernels += found
    for kernel in kernels:
        assert kernel.occupancy.warps == kernel.occupancy.blocks * kernel.shape.groups
        assert kernel.report.spill_stores == 0
    console = Console(width=160)
    with console.capture() as capture:
        console.print(kernel_table(kernels))
    rows = [line for line in capture.get().splitlines() if "sm_" in line]
    assert len(rows) == 5 * len(archs)
    assert all(re.search(r"\d+% .* 32 x \d+", row) for row in rows)


@pytest.mark.slow
@pytest.mark.parametrize("arch", ["sm_80", "sm_90"])
@pytest.mark.parametrize("name", sorted(shipped_models()))
def test_no_shipped_model_spills_and_all_have_eight_warps(name, arch):
    pytest.importorskip("cuda.bindings.nvrtc")
    found, warnings = compiled_kernels(code_for(load(name), "cuda"), arch, "float32")
    assert warnings == ()
    for kernel in found:
        assert (kernel.report.spill_stores, kernel.report.spill_loads) == (0, 0)
        assert kernel.report.registers <= 255
        assert kernel.occupancy.warps >= 8
