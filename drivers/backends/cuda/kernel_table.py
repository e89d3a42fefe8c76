"""The needs of a model's kernels on a GPU that is not there: registers, spills, memory, occupancy."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace
from functools import partial

from rich.table import Table

from rateloom.drivers.backends.device.kernel_shape import DEVICE_BLOCK, Shape
from rateloom.drivers.backends.device.occupancy import ARCH_LIMITS, Occupancy, occupancy, tuned
from rateloom.drivers.execution.device import KernelReport
from rateloom.drivers.model.artifact import CUDA, ModelCode
from rateloom.drivers.planning.settings import LANES

from .nvrtc import compile_cuda

# A human connectome, and work items that keep a large GPU busy.
_N_NODE, _N_BLOCK = 76, 2048
# What limits a GPU that is not in the list of those that are known.
_USUAL = ARCH_LIMITS["sm_86"]


@dataclass(frozen=True)
class CompiledKernel:
    """A kernel in the shape in which a GPU of an architecture would run it."""

    arch: str
    shape: Shape
    report: KernelReport
    occupancy: Occupancy


def compiled_kernels(code: ModelCode, arch: str, dtype: str) -> tuple[list[CompiledKernel], tuple[str, ...]]:
    """Compile a model's CUDA source, each integrator in the thread blocks that suit it.

    Parameters
    ----------
    code : ModelCode
        The model's code, in CUDA C among others.

    Returns
    -------
    kernels : list of CompiledKernel
        The integrators' and, in the first one's shape, the two that run once.
    warnings : tuple of str
        The compiler's.

    Raises
    ------
    InputError
        See `compile_cuda`.
    """
    limits, source, name = ARCH_LIMITS.get(arch, _USUAL), code.texts[CUDA].text, code.model.name
    kernels_by_name: dict[str, CompiledKernel] = {}
    warnings: dict[str, None] = {}
    for scheme in code.schemes:
        block = DEVICE_BLOCK if code.counts.traversals == 1 else 1
        start = Shape(dtype, dtype, LANES[-1], 8, block, scheme, code.schemes[scheme], regional=False)
        shape = tuned(start, limits, _N_NODE, _N_BLOCK, partial(_report, source, name, arch))
        report = compile_cuda(source, arch, shape.defines, f"{name}.cu")
        warnings |= dict.fromkeys(report.warnings)
        for kernel in report.kernels:
            occupied = occupancy(kernel.registers, kernel.shared, shape.lanes * shape.groups, limits)
            renamed = replace(kernel, name=kernel.name.replace("_advance", f"_{scheme}"))
            kernels_by_name.setdefault(renamed.name, CompiledKernel(arch, shape, renamed, occupied))
    return list(kernels_by_name.values()), tuple(warnings)


def _report(source: str, name: str, arch: str, shape: Shape) -> KernelReport:
    kernels = compile_cuda(source, arch, shape.defines, f"{name}.cu").kernels
    return next(kernel for kernel in kernels if kernel.name.endswith("_advance"))


def kernel_table(kernels: Sequence[CompiledKernel]) -> Table:
    """Put kernels into a table to print; memory in bytes, warps on a multiprocessor."""
    table = Table(title="CUDA kernels")
    for heading in ("kernel", "arch"):
        table.add_column(heading)
    headings = (
        "registers",
        "spill stores",
        "spill loads",
        "stack",
        "shared",
        "constant",
        "warps",
        "occupancy",
    )
    for heading in (*headings, "thread block"):
        table.add_column(heading, justify="right")
    for kernel in kernels:
        report, occupied = kernel.report, kernel.occupancy
        figures = (report.registers, report.spill_stores, report.spill_loads, report.stack, report.shared)
        numbers = (str(figure) for figure in (*figures, report.constant, occupied.warps))
        shape = f"{kernel.shape.lanes} x {kernel.shape.groups}"
        table.add_row(report.name, kernel.arch, *numbers, f"{occupied.share:.0%}", shape)
    return table
