"""Checks of a study that need no backend, and the delays that its work items share."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from rateloom.drivers.connectome.wiring import Wiring, wire
from rateloom.drivers.model.description import ModelDescription
from rateloom.drivers.model.inputs import InputTable, input_table
from rateloom.drivers.model.states import checked_history, initial_values
from rateloom.drivers.support.arguments import named_values, one_of, whole_number
from rateloom.drivers.support.errors import InputError
from rateloom.drivers.support.memory import available_memory, format_bytes

from .grid import CONNECTOME, MAX_ITEM, SEED, groups_by
from .kept_state import KeptState, check_sizes
from .parameters import SPEED, ParameterTable, parameter_table, sweeps_seed
from .settings import check_range
from .study import Study

# their numbers, as a list, in groups, and as those that are chosen
_BYTES_AN_ITEM = 3 * 8
# source and delay
_BYTES_AN_EDGE = 2 * 8
# an axis holds its values as numbers of double precision
_MAX_SEED = 2**53


@dataclass(frozen=True, eq=False)
class CheckedStudy:
    """A study whose values were checked, with the delays of its work items.

    Attributes
    ----------
    groups : list of (Wiring, items)
        Work items that share their connectome, their delays and their seed.
    """

    study: Study
    table: ParameterTable
    inputs: InputTable
    initial: dict[str, NDArray[np.float64]]
    history: NDArray[np.float64] | None
    groups: list[tuple[Wiring, NDArray[np.int64]]]

    @property
    def model(self) -> ModelDescription:
        """The model."""
        return self.study.code.model

    @property
    def longest_delay(self) -> int:
        """Longest delay of any work item in steps."""
        return max(wiring.longest_delay for wiring, _ in self.groups)

    @property
    def n_planned(self) -> int:
        """Work items that are to be simulated."""
        return sum(len(items) for _, items in self.groups)

    @property
    def node_steps(self) -> int:
        """Node updates that are to be done: nodes x steps x work items."""
        return self.study.connectome.n_node * self.study.samples.steps_needed * self.n_planned


def check_study(study: Study, block: int | None, split: bool) -> CheckedStudy:
    """Check all that is given, and lay out the delays.

    Parameters
    ----------
    block, split
        See `rateloom.drivers.connectome.wiring.wire`.

    Raises
    ------
    InputError
        If anything given cannot be used.
    """
    settings, n_node, model = study.settings, study.connectome.n_node, study.code.model
    _check_forms(study)
    _check_scheme(study)
    _check_seeds(study)
    groups = _groups(study, block, split)
    longest = max(w.longest_delay for w, _ in groups)
    if study.continued is not None:
        _check_continued(study, study.continued, longest)
    table = parameter_table(model, study.parameters or {}, study.grid, n_node)
    initial = initial_values(model, study.initial or {}, n_node)
    begin = study.samples.first_step * settings.dt
    inputs = input_table(model, study.inputs or {}, settings.duration, settings.dt, n_node, begin)
    if study.history is not None and initial:
        raise InputError("initial states and a history were given; the history ends with the initial states")
    history = checked_history(model, study.history, n_node, longest)
    checked = CheckedStudy(study, table, inputs, initial, history, groups)
    _check_ranges(checked)
    return checked


def _check_continued(study: Study, kept: KeptState, longest_delay: int) -> None:
    """Raise InputError if the state to go on from is not one of this study, or another start is given too."""
    if study.initial or study.history is not None:
        raise InputError(
            "initial states or a history were given, and the run goes on from the state of another: leave "
            "them out"
        )
    counts, n_item, n_node = study.code.counts, study.grid.n_item, study.connectome.n_node
    is_half = study.settings.history_dtype == "float16" and counts.factors > 0
    expected: dict[str, tuple[int, ...] | None] = {
        "states": (n_item, counts.state_rows, n_node),
        "history": (n_item, counts.factors, longest_delay + 1, n_node),
        "sums": (n_item, counts.sum_rows, n_node),
        "scales": (n_item, counts.factors, 2) if is_half else None,
    }
    check_sizes(kept, expected)


def _check_scheme(study: Study) -> None:
    """Raise InputError if the model's code has no such integration scheme, or if it is none for its noise."""
    s, code = study.settings, study.code
    one_of("integrator", s.integrator, tuple(code.schemes))
    if s.noise and code.counts.noisy and not code.schemes[s.integrator]:
        noisy = " or ".join(name for name, takes_noise in code.schemes.items() if takes_noise)
        raise InputError(
            f"integrator={s.integrator!r} is for equations without noise; set noise=False (--no-noise), or "
            f"take {noisy}"
        )


def _check_forms(study: Study) -> None:
    """Raise InputError if values are not mappings of names, or the first work item has no random numbers."""
    for argument in ("parameters", "initial", "inputs"):
        named_values(argument, getattr(study, argument), "{'x': 0.1}")
    whole_number("item", study.first_item, 0, MAX_ITEM - 1)


def _check_seeds(study: Study) -> None:
    """Raise InputError for a swept seed that is none."""
    for value in study.grid.swept[SEED] if sweeps_seed(study.code.model, study.grid) else ():
        if not (value == np.floor(value) and 0 <= value <= _MAX_SEED):
            raise InputError(f"sweep seed: {value:g} is no whole number from 0 to 2**53")


def _check_ranges(checked: CheckedStudy) -> None:
    """Raise InputError for values that the working precision cannot hold."""
    study, table = checked.study, checked.table
    dtype = study.settings.dtype
    for name, row in zip(table.names, table.values, strict=True):
        check_range(f"parameter {name!r}", row, dtype)
    for name, values in study.grid.swept.items():
        check_range(f"parameter {name!r}", values, dtype)
    for name, values in checked.initial.items():
        check_range(f"initial {name!r}", values, dtype)
    for k, info in enumerate(checked.model.inputs):
        check_range(f"input {info.name!r}", checked.inputs.values[:, k], dtype)
    if checked.history is not None:
        check_range("history", checked.history, dtype)


def _check_count(n_item: int) -> None:
    """Raise InputError if there is no memory for a list of the work items, which is made of them first."""
    needed, free = _BYTES_AN_ITEM * n_item, available_memory()
    if needed > free:
        raise InputError(
            f"a sweep of {n_item} work items: {format_bytes(needed)} to list them, and {format_bytes(free)} "
            "are free; sweep fewer values"
        )


def _groups(study: Study, block: int | None, split: bool) -> list[tuple[Wiring, NDArray[np.int64]]]:
    s = study.settings
    _check_count(study.grid.n_item)
    if SPEED in study.grid.swept:
        speeds = groups_by(study.grid, SPEED)
    else:
        speeds = [(s.speed, np.arange(study.grid.n_item, dtype=np.int64))]
    first, last, counts = *(study.share or (0, study.grid.n_item)), study.code.counts
    shares = [(speed, items[(items >= first) & (items < last)]) for speed, items in speeds]
    of_subjects = [
        (speed, part)
        for speed, items in shares
        if items.size
        for part in (_parts(study, CONNECTOME, items) if study.subjects else [items])
    ]
    _check_wirings(study, len(of_subjects))
    groups = []
    for speed, items in of_subjects:
        connectome = study.connectomes[study.subject_of(items)]
        wiring = wire(connectome, speed, s.dt, s.dtype, counts.instant, block, split, counts.traversals)
        parts = _parts(study, SEED, items) if sweeps_seed(study.code.model, study.grid) else [items]
        groups += [(wiring, part) for part in parts]
    return groups


def _parts(study: Study, name: str, items: NDArray[np.int64]) -> list[NDArray[np.int64]]:
    """Part work items by their values of an axis, in the order of these."""
    values = study.grid.item_values(name, items)
    order = np.argsort(values, kind="stable")
    return np.split(items[order], np.flatnonzero(np.diff(values[order])) + 1)


def _check_wirings(study: Study, count: int) -> None:
    """Raise InputError if there is no memory for so many wirings as large as the largest."""
    edges = max(int(np.count_nonzero(c.weights)) for c in study.connectomes)
    needed, free = (
        count * edges * (_BYTES_AN_EDGE + np.dtype(study.settings.dtype).itemsize),
        available_memory(),
    )
    if needed > free:
        raise InputError(
            f"{count} combinations of connectomes and speeds: {format_bytes(needed)} to hold their edges, "
            f"and {format_bytes(free)} are free; sweep fewer of them"
        )
