"""What is to be simulated, checked, and how: lane blocks that fit in memory."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from types import ModuleType

import numpy as np
from numpy.typing import ArrayLike, NDArray

from rateloom.drivers.backends.device.device_plan import DevicePlan, plan_on_device
from rateloom.drivers.backends.device.kernel_shape import DEVICE_BLOCK, sizes_of
from rateloom.drivers.backends.numba.lane_block import samples_at_once, segment_steps
from rateloom.drivers.connectome.connectome import Connectome
from rateloom.drivers.connectome.wiring import Wiring, wire
from rateloom.drivers.execution.device import open_device
from rateloom.drivers.execution.reduction import Reduction
from rateloom.drivers.model.description import ModelDescription, describe
from rateloom.drivers.model.inputs import InputTable, input_table
from rateloom.drivers.model.states import checked_history, initial_values
from rateloom.drivers.planning.parameters import SPEED, ParameterTable, parameter_table
from rateloom.drivers.support.errors import InputError, shown
from rateloom.drivers.support.memory import available_memory, format_bytes

from .grid import MAX_ITEM, Grid, groups_by
from .settings import LANES, Settings, check_range, check_whole

# work items in a lane block, where there are as many: the history of more leaves the caches
_LANES = 16
# values that are computed together: chains of two vectors hide what one waits for
_VECTOR = 32


@dataclass(frozen=True, eq=False)
class Study:
    """Everything that is given for a simulation or a sweep.

    Attributes
    ----------
    module : module
        A generated Numba module.
    first_item : int
        What the random numbers know the first work item by.
    record : mapping of str to str
        Further attributes of the result.
    cuda : str, optional
        The model's CUDA source, for the backends that run it.
    share : (int, int), optional
        The first work item to simulate and the one after the last; all of them by default.
    """

    module: ModuleType
    connectome: Connectome
    settings: Settings
    grid: Grid = field(default_factory=Grid)
    parameters: Mapping[str, ArrayLike] | None = None
    initial: Mapping[str, ArrayLike] | None = None
    inputs: Mapping[str, ArrayLike] | None = None
    history: ArrayLike | None = None
    first_item: int = 0
    record: Mapping[str, str] = field(default_factory=dict)
    cuda: str | None = None
    share: tuple[int, int] | None = None


@dataclass(frozen=True, eq=False)
class Plan:
    """A study, checked, and how it will be run.

    Attributes
    ----------
    groups : list of (Wiring, items)
        Work items that share their delays.
    lanes : int
        Work items in a lane block.
    at_once : int
        Lane blocks in memory at once; `threads` of them are running.
    bytes_block, bytes_result : int
        Memory that one lane block takes, and what the whole result takes.
    device : DevicePlan, optional
        Where and how the kernels run if they are CUDA's; what is said above of lane blocks is Numba's.
    reduction : Reduction, optional
        What samples are reduced to.
    """

    study: Study
    model: ModelDescription
    table: ParameterTable
    inputs: InputTable
    initial: dict[str, NDArray[np.float64]]
    history: NDArray[np.float64] | None
    groups: list[tuple[Wiring, NDArray[np.int64]]]
    lanes: int
    threads: int
    at_once: int
    bytes_block: int
    bytes_result: int
    device: DevicePlan | None = None
    reduction: Reduction | None = None

    @property
    def node_steps(self) -> int:
        """Node updates that are to be done: nodes x steps x work items."""
        s, n_item = self.study.settings, sum(len(items) for _, items in self.groups)
        return self.study.connectome.n_node * s.n_sample * s.window * n_item


def make_plan(
    study: Study, memory: int | None = None, keep_result: bool = True, reduction: Reduction | None = None
) -> Plan:
    """Check a study and decide how to run it.

    Parameters
    ----------
    study : Study
        What to simulate.
    memory : int, optional
        Most memory to use in bytes; half of what is free by default.
    keep_result : bool
        Whether the whole result has to fit in memory too.
    reduction : Reduction, optional
        What is kept of the samples; all of them by default.

    Raises
    ------
    InputError
        If anything given cannot be used, or the study does not fit in memory.
    """
    settings, n_node = study.settings, study.connectome.n_node
    _check_forms(study)
    model = describe(study.module.MODEL)
    table = parameter_table(model, study.parameters or {}, study.grid, n_node)
    initial = initial_values(model, study.initial or {}, n_node)
    inputs = input_table(model, study.inputs or {}, settings, n_node)
    if study.history is not None and initial:
        raise InputError("initial states and a history were given; the history ends with the initial states")
    groups = _groups(study)
    longest = max(w.longest_delay for w, _ in groups)
    history = checked_history(model, study.history, n_node, longest)
    _check_ranges(study, model, table, initial, inputs, history)
    budget = available_memory() // 2 if memory is None else memory
    lanes = settings.lanes or _lanes(max(len(items) for _, items in groups))
    per_item = len(model.exposures) * settings.n_sample * n_node * _bytes(settings)
    bytes_result = (reduction.bytes_item if reduction else per_item) * study.grid.n_item
    left = budget - (bytes_result if keep_result else 0)
    if left < 0:
        raise InputError(
            f"the result takes {format_bytes(bytes_result)} and {format_bytes(budget)} may be used; "
            "write it to disk (out=, --out), keep fewer samples (period) or sweep fewer values"
        )
    working = reduction.bytes_working if reduction else 0
    if settings.backend != "numba":
        device = _device_plan(study, model, table, inputs, groups, left - working, memory, reduction)
        lanes = device.groups[0].shape.lanes
        return Plan(
            study, model, table, inputs, initial, history, groups, lanes, 1, 1, 0, bytes_result, device,
            reduction,
        )  # fmt: skip
    # sums over edges take up to two blocks of steps, where sources go in tiles and edges are short
    ring = max(w.horizon + 3 * w.block for w, _ in groups) * study.module.FACTORS
    work = lanes * n_node * _bytes(settings) * (ring + 2 * len(model.states) + len(model.exposures))
    held = max(samples_at_once(settings, segment_steps(n_node, lanes, w.block)) for w, _ in groups)
    if reduction is None or reduction.reduce is not None:
        held += settings.n_sample
    held_bytes = held * (per_item // settings.n_sample) + (reduction.bytes_lane if reduction else 0)
    block = work + lanes * held_bytes + working
    if block > left:
        raise InputError(
            f"{lanes} work items at once take {format_bytes(block)} and {format_bytes(left)} is left; "
            "allow more memory, keep fewer samples (period) or fewer lanes"
        )
    blocks = sum(-(-len(items) // lanes) for _, items in groups)
    threads = min(settings.n_thread, blocks, left // block)
    # one finished block may wait to be stored while the threads go on
    at_once = min(threads + 1, left // block, blocks)
    return Plan(
        study, model, table, inputs, initial, history, groups, lanes, threads, at_once, block, bytes_result,
        reduction=reduction,
    )  # fmt: skip


def _device_plan(
    study: Study,
    model: ModelDescription,
    table: ParameterTable,
    inputs: InputTable,
    groups: list[tuple[Wiring, NDArray[np.int64]]],
    left: int,
    memory: int | None,
    reduction: Reduction | None,
) -> DevicePlan:
    """Open the device and plan for its memory and for what is left of the host's."""
    settings = study.settings
    if study.cuda is None:
        raise InputError(f"backend={settings.backend!r} runs CUDA source, and none was given with the model")
    device = open_device(settings.backend, settings.device)
    sizes = sizes_of(study.module, model, table, inputs, settings, study.connectome.n_node)
    if reduction is not None:
        held = sizes.held if reduction.reduce else 0
        sizes = replace(sizes, held=held, sinks=reduction.bytes_lane, sums=reduction.bytes_device)
    return plan_on_device(device, study.cuda, model.name, groups, sizes, settings, left, memory)


def _check_forms(study: Study) -> None:
    """Refuse what is no mapping of names, and a work item that no random number belongs to."""
    for what in ("parameters", "initial", "inputs"):
        given = getattr(study, what)
        if not (given is None or isinstance(given, Mapping)):
            raise InputError(
                f"{what}={shown(given)}: it must be a mapping of names to values, like {{'x': 0.1}}"
            )
    check_whole("item", study.first_item, 0, MAX_ITEM - 1)


def _check_ranges(
    study: Study,
    model: ModelDescription,
    table: ParameterTable,
    initial: Mapping[str, NDArray[np.float64]],
    inputs: InputTable,
    history: NDArray[np.float64] | None,
) -> None:
    """Refuse values that the working precision cannot hold."""
    dtype = study.settings.dtype
    for name, row in zip(table.names, table.values, strict=True):
        check_range(f"parameter {name!r}", row, dtype)
    for name, values in study.grid.swept.items():
        check_range(f"parameter {name!r}", values, dtype)
    for name, values in initial.items():
        check_range(f"initial {name!r}", values, dtype)
    for k, info in enumerate(model.inputs):
        check_range(f"input {info.name!r}", inputs.values[:, k], dtype)
    if history is not None:
        check_range("history", history, dtype)


def _groups(study: Study) -> list[tuple[Wiring, NDArray[np.int64]]]:
    s = study.settings
    split = s.backend == "numba"
    block = s.block if split else s.block or DEVICE_BLOCK
    if SPEED in study.grid.swept:
        speeds = groups_by(study.grid, SPEED)
    else:
        speeds = [(s.speed, np.arange(study.grid.n_item, dtype=np.int64))]
    first, last = study.share or (0, study.grid.n_item)
    shares = [(speed, items[(items >= first) & (items < last)]) for speed, items in speeds]
    return [
        (wire(study.connectome, speed, s.dt, s.dtype, study.module.INSTANT, block, split), items)
        for speed, items in shares
        if items.size
    ]


def node_width(lanes: int) -> int:
    """Nodes that are advanced together, so that lanes and nodes fill the vectors."""
    return max(1, _VECTOR // lanes)


def _lanes(n_item: int) -> int:
    """As many lanes as there are work items, up to a full set; several nodes share what is left."""
    return next(lanes for lanes in LANES if lanes >= min(n_item, _LANES))


def _bytes(settings: Settings) -> int:
    return int(np.dtype(settings.dtype).itemsize)
