"""A model of the time that a sweep takes on a GPU: instructions, bytes and launches against its peaks.

What a function takes is measured on the compiler: instructions of a kernel that calls it, less those of one
that does not, slow paths included.
"""

from __future__ import annotations

import functools
from dataclasses import dataclass

from gpu_cases import DT, Case

from rateloom.api.loading import load
from rateloom.drivers.backends.cuda.nvrtc import compile_cuda
from rateloom.drivers.backends.device.kernel_shape import padded_rows
from rateloom.drivers.connectome.connectome import Connectome
from rateloom.drivers.connectome.edges import edges_of
from rateloom.generator.analysis.cost import count_cost
from rateloom.generator.analysis.operations import Operations, combine
from rateloom.generator.stages import build_program

BLOCK, LANES, ROWS = 8, 32, 16
# Of the peaks, what such kernels reach: a guess until one is measured.
ISSUE_SHARE, MEMORY_SHARE = 0.6, 0.8
LAUNCH_SECONDS, LAUNCH_LENGTH = 10e-6, 0.2
_INSTRUCTION = 16
# Loads, stores, counters and the check that a node's states are finite, once a node and step.
_OVERHEAD = 25
# As NVRTC 13 compiles them for sm_90, counted in the machine code. Of the product of
# matrices: 82 instructions for 64 multiply-adds.
_PRODUCT = 82 / 64
# Of an edge, once a block of steps: index, delay and weight, and for each sum where its values are.
_EDGE, _EDGE_SUM = 16, 8.5


@dataclass(frozen=True)
class Gpu:
    """Peaks: instructions of a warp a second over the whole GPU, and bytes a second of its memory."""

    name: str
    instructions: float
    bandwidth: float


# Multiprocessors x 4 schedulers x boost clock; bandwidth of the data sheets.
H200 = Gpu("H200", 132 * 4 * 1.98e9, 4.8e12)
A100 = Gpu("A100 (40 GB)", 108 * 4 * 1.41e9, 1.555e12)
_KNOWN = {"H200": H200, "H100": Gpu("H100", 132 * 4 * 1.98e9, 3.35e12), "A100": A100}


def peaks_of(name: str) -> Gpu | None:
    """Peaks of a GPU by the name that its driver gives, or None."""
    return next((gpu for known, gpu in _KNOWN.items() if known in name), None)


@dataclass(frozen=True)
class Prediction:
    """Instructions and bytes of a node and step; seconds at the peaks, and as such kernels run."""

    node_steps: float
    instructions: float
    bytes: float
    issue: float
    memory: float
    launches: float

    @property
    def bound(self) -> float:
        """Seconds below which the GPU cannot be."""
        return max(self.issue, self.memory)

    @property
    def expected(self) -> float:
        """Seconds if instructions and memory do not overlap at all, at the shares that kernels reach."""
        return self.issue / ISSUE_SHARE + self.memory / MEMORY_SHARE + self.launches


def predict(case: Case, connectome: Connectome, gpu: Gpu, dt: float = DT) -> Prediction:
    """Model a case on a GPU in single precision."""
    cost = count_cost(build_program(load(case.model)))
    node = combine([cost.schemes[case.integrator].node, cost.monitor])
    instructions = _noise(cost.noise) + node.adds + node.multiplies - node.fused + node.selects + _OVERHEAD
    instructions += node.divisions * function("y / x") + node.roots * function("sqrt")
    instructions += sum(n * function({"abs": "fabs"}.get(f, f)) for f, n in node.functions.items())
    n_node = connectome.n_node
    edges = edges_of(connectome, case.speed, dt)
    per_node = len(edges.source) / n_node
    if edges.delay.max(initial=0) == 0:
        instructions += cost.reads * padded_rows(n_node, ROWS) * _PRODUCT
        read = 0.0
    else:
        # a load and a multiply-add, and what an edge takes once a block
        instructions += per_node * (cost.reads * 2 + (_EDGE + _EDGE_SUM * cost.reads) / BLOCK)
        read = per_node * cost.reads * case.history_bytes + cost.factors * case.history_bytes
        read += (2 * cost.states + 2 * cost.exposures + cost.hoisted) * 4 / BLOCK
    read += cost.exposures * 4 / case.window
    node_steps = case.node_steps(n_node)
    issue = node_steps * instructions / LANES / gpu.instructions
    memory = node_steps * read / gpu.bandwidth
    launches = (issue + memory) / LAUNCH_LENGTH * LAUNCH_SECONDS
    return Prediction(node_steps, instructions, read, issue, memory, launches)


def _noise(noise: Operations) -> float:
    """Instructions of random numbers: the integers, and what makes two normals of two words."""
    pairs = noise.functions.get("log", 0)
    return noise.integers + pairs * (function("log") + function("sqrt") + function("cospi(x) + sinpi(x)") + 8)


@functools.cache
def function(name: str) -> float:
    """Instructions of a function of x, or of an expression in x, less what reading and writing take.

    Code is filled up to eight instructions, so that several calls are counted together.
    """
    call = name if " " in name else f"{name}(x)"
    return max(1.0, (_instructions(call) - _instructions("x")) / _CALLS)


_CALLS = 16


@functools.cache
def _instructions(expression: str) -> int:
    lines = "\n".join(
        f"{{ const float x = a[threadIdx.x + {32 * k}]; sum = fmaf(sum, x, {expression}); }}"
        for k in range(_CALLS)
    )
    source = f"""extern "C" __global__ void k(const float* a, float* b)
    {{ const float y = a[threadIdx.x + 9999]; float sum = y; {lines} b[threadIdx.x] = sum; }}"""
    (report,) = compile_cuda(source, "sm_90").kernels
    return report.code // _INSTRUCTION
