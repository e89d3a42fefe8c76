"""The kernels' shape on a device: what is compiled into them for a model, a connectome and a precision."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from rateloom.drivers.connectome.wiring import Wiring
from rateloom.drivers.execution.device import Limits
from rateloom.drivers.execution.reduction import Reduction
from rateloom.drivers.planning.checked_study import CheckedStudy
from rateloom.drivers.planning.settings import Settings

# More warps than this leave a thread fewer registers than the larger models need.
_GROUPS = 8
# With less than this part of all edges there, visiting them costs less than the whole matrix.
_DENSE = 0.25
# Nodes of a group in that product: a thread then sums four nodes of four work items, and reads one vector of
# weights and one of values for sixteen multiply-adds.
_ROWS = 16
# Bytes of shared memory that a kernel may declare; more has to be asked for at launch.
STATIC_SHARED = 48 * 1024
# Steps that a node is advanced at once: their sums over edges are kept in registers.
DEVICE_BLOCK = 8


@dataclass(frozen=True)
class Sizes:
    """The numbers of a model on a connectome that decide how large its arrays are.

    Attributes
    ----------
    stored_samples : int
        Samples of a work item that are stored on the host.
    sinks : int
        Bytes that are taken there for each work item by what is fed its samples.
    sums : int
        Bytes that are taken on the device for each work item by what takes its samples there.
    """

    parameters: int
    hoisted: int
    states: int
    factors: int
    sum_rows: int
    exposures: int
    inputs: int
    input_rows: int
    n_node: int
    columns: int
    n_sample: int
    window: int
    stored_samples: int
    sinks: int = 0
    sums: int = 0


@dataclass(frozen=True)
class Shape:
    """The kernels' shape, compiled into them.

    Attributes
    ----------
    dtype, history : str
        Precision of the arithmetic and of what the history holds.
    lanes, groups : int
        Work items and nodes that a thread block advances side by side.
    block : int
        Steps that a node is advanced at once.
    scheme : str
        The integration scheme.
    noise, regional : bool
        Whether there is noise, and whether a parameter differs between nodes.
    rows : int
        Nodes whose sums over edges a group computes together, as a product with the matrix of weights; 1
        where edges are visited one after another.
    shared : int
        Bytes of dynamic shared memory in which a thread block keeps its work items; 0 where it does not.
    min_blocks : int
        Thread blocks that a multiprocessor is to hold, for which the compiler limits registers.
    """

    dtype: str
    history: str
    lanes: int
    groups: int
    block: int
    scheme: str
    noise: bool
    regional: bool = True
    rows: int = 1
    shared: int = 0
    min_blocks: int = 1

    @property
    def defines(self) -> dict[str, str]:
        """Macros that the source is compiled with."""
        real = {"float32": "float", "float64": "double"}[self.dtype]
        numbers = {
            "LANES": self.lanes,
            "GROUPS": self.groups,
            "BLOCK": self.block,
            "ROWS": self.rows,
            "NOISE": int(self.noise),
            "REGIONAL": int(self.regional),
            "IN_SHARED": int(self.shared > 0),
            "MIN_BLOCKS": self.min_blocks,
            "HALF_HISTORY": int(self.history == "float16"),
        }
        return {"REAL": real, "STEP": self.scheme} | {name: str(number) for name, number in numbers.items()}


def sizes_of(checked: CheckedStudy, reduction: Reduction | None) -> Sizes:
    """Count the rows of a study's arrays."""
    study, model, table = checked.study, checked.model, checked.table
    counts, samples = study.code.counts, study.samples
    return Sizes(
        parameters=len(table.names),
        hoisted=counts.hoisted,
        states=counts.state_rows,
        factors=counts.factors,
        sum_rows=counts.sum_rows,
        exposures=len(model.exposures),
        inputs=len(model.inputs),
        input_rows=len(checked.inputs.start),
        n_node=study.connectome.n_node,
        columns=table.values.shape[1],
        n_sample=samples.n_sample,
        window=samples.window,
        stored_samples=samples.n_sample if reduction is None or reduction.reduce else 0,
        sinks=reduction.bytes_lane if reduction else 0,
        sums=reduction.bytes_device if reduction else 0,
    )


def choose_shape(wiring: Wiring, sizes: Sizes, settings: Settings, lanes: int, limits: Limits) -> Shape:
    """The kernels' shape for a group of work items.

    Where no edge has a delay, each step needs every node's last one: the sums over edges are a product of
    matrices, and a lane block stays in shared memory if it fits there.
    """
    n_edge, n_node, real = len(wiring.source), sizes.n_node, np.dtype(settings.dtype).itemsize
    undelayed = wiring.block == 1 and wiring.longest_delay == 0 and sizes.factors > 0
    # at most two sums for each factor: with delays and without
    sums_bytes = 2 * max(1, sizes.factors) * lanes * real
    room = STATIC_SHARED - (sizes.hoisted + 1) * lanes * real
    rows = _ROWS if undelayed and n_edge >= _DENSE * n_node**2 else 1
    while rows > 1 and 4 * rows * sums_bytes > room:
        rows //= 2
    steps = max(rows, wiring.block)
    groups = max(1, min(_even_groups(-(-n_node // rows)), room // (steps * sums_bytes)))
    row_bytes = n_node * lanes * real
    resident = row_bytes * (sizes.states + sizes.sum_rows + sizes.factors * wiring.horizon)
    fixed = groups * steps * sums_bytes
    keep = undelayed and settings.history_dtype != "float16" and resident + fixed <= limits.shared_block
    return Shape(
        dtype=settings.dtype,
        history=settings.history_dtype or settings.dtype,
        lanes=lanes,
        groups=groups,
        block=wiring.block,
        scheme=settings.integrator,
        noise=settings.noise,
        regional=sizes.columns > 1,
        rows=rows,
        shared=resident if keep else 0,
    )


def _even_groups(tiles: int) -> int:
    """As many groups as leave the fewest of them idle in the last round, more rather than fewer."""
    if tiles <= _GROUPS:
        return tiles
    return max(range(_GROUPS // 2, _GROUPS + 1), key=lambda g: (tiles / (-(-tiles // g) * g), g))


def padded_rows(n_node: int, rows: int) -> int:
    """Targets in the matrix of weights, filled up to whole tiles."""
    return -(-n_node // rows) * rows
