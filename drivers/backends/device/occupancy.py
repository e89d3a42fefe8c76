"""The occupancy of a multiprocessor: its warps, and the thread blocks with which a kernel fills it best."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, replace

from rateloom.drivers.execution.device import KernelReport, Limits

from .kernel_shape import STATIC_SHARED, Shape

# CUDA C++ Programming Guide, "Technical Specifications per Compute Capability".
ARCH_LIMITS = {
    "sm_80": Limits(108, shared=164 * 1024, shared_block=163 * 1024),
    "sm_86": Limits(84, threads=1536),
    "sm_89": Limits(128, threads=1536),
    "sm_90": Limits(132, shared=228 * 1024, shared_block=227 * 1024),
    "sm_100": Limits(148, shared=228 * 1024, shared_block=227 * 1024),
    "sm_120": Limits(170, threads=1536),
}
_WARP = 32
# Registers are given to warps in such units, and warps run in fours. Shared memory is given to thread
# blocks in units, with a part that the system takes.
_REGISTER_UNIT = 256
_WARP_UNIT = 4
_SHARED_UNIT, _SHARED_SYSTEM = 128, 1024
_MOST_BLOCKS = 32
# Warps that a multiprocessor may be asked to hold; more hide no more of the memory's latency.
_WARPS = (8, 12, 16, 20, 24, 32)
# So many nodes side by side leave no lane block to run alone for long at the end.
_FEWEST_GROUPS, _MOST_GROUPS = 4, 16
# A multiprocessor with this many warps is half as fast as one with ever so many.
_HALF_SPEED = 8


@dataclass(frozen=True)
class Occupancy:
    """Thread blocks and warps that a multiprocessor holds at once, and their share of what it could hold."""

    blocks: int
    warps: int
    share: float


def occupancy(registers: int, shared: int, threads: int, limits: Limits) -> Occupancy:
    """Occupancy of a multiprocessor.

    Parameters
    ----------
    registers : int
        Of a thread.
    shared : int
        Shared memory of a thread block in bytes.
    threads : int
        Of a thread block.
    """
    warps = -(-threads // _WARP)
    per_warp = max(1, -(-registers * _WARP // _REGISTER_UNIT)) * _REGISTER_UNIT
    by_registers = limits.registers // per_warp // _WARP_UNIT * _WARP_UNIT // warps
    by_shared = limits.shared // (-(-(shared + _SHARED_SYSTEM) // _SHARED_UNIT) * _SHARED_UNIT)
    blocks = min(by_registers, by_shared, limits.threads // (warps * _WARP), _MOST_BLOCKS)
    return Occupancy(blocks, blocks * warps, blocks * warps * _WARP / limits.threads)


def tuned(
    shape: Shape, limits: Limits, n_node: int, n_block: int, compiled: Callable[[Shape], KernelReport]
) -> Shape:
    """Choose the thread block that is likely to be fastest, without a register spilled.

    Parameters
    ----------
    n_node, n_block : int
        Nodes, and lane blocks that run at once.
    compiled : callable
        What the compiler reports for a shape; called a few times.
    """
    probe = min(_FEWEST_GROUPS, shape.groups)
    most, report = _WARPS[0], compiled(replace(shape, groups=probe, min_blocks=_WARPS[0] // probe))
    for warps in _WARPS[1:]:
        tighter = compiled(replace(shape, groups=probe, min_blocks=warps // probe))
        if tighter.spill_stores or tighter.spill_loads:
            break
        most, report = warps, tighter
    tiles = -(-n_node // shape.rows)
    choices = [
        (_cost(groups, blocks, n_node, shape.rows, n_block, limits), groups, blocks)
        for groups in range(min(probe, tiles), _MOST_GROUPS + 1)
        for blocks in range(1, _MOST_BLOCKS + 1)
        if groups * blocks <= most
        and report.shared * groups // probe <= STATIC_SHARED
        and blocks * (report.shared * groups // probe + shape.shared + _SHARED_SYSTEM) <= limits.shared
    ]
    _, groups, blocks = min(choices, default=(0.0, 1, 1))
    return replace(shape, groups=groups, min_blocks=blocks)


def _cost(groups: int, blocks: int, n_node: int, rows: int, n_block: int, limits: Limits) -> float:
    """Time of a step in arbitrary units: rounds over nodes and lane blocks, each of all warps together.

    Of a product of matrices, which takes about a third of the time, a group computes `rows` nodes at once.
    """
    on_one = -(-n_block // limits.multiprocessors)
    together = min(blocks, on_one)
    nodes, tiles = -(-n_node // groups), -(-n_node // rows)
    product = -(-tiles // groups) * rows
    advancing = nodes * (groups * together + _HALF_SPEED)
    multiplying = product * (min(groups, tiles) * together + _HALF_SPEED)
    return -(-on_one // together) * (2 * advancing + multiplying) / 3
