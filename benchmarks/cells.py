"""The cells of the table: how many work items, on how many cores, with noise or without."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from setups import DT, PERIOD

WINDOW = round(PERIOD / DT)
# work items that are simulated with noise, too
NOISY = 128
# steps times work items of a job, and the most and fewest steps: about a second or less, none too short
_WORK, _MOST, _FEWEST = 256_000, 40_000, 200


@dataclass(frozen=True)
class Cell:
    """One size of a job."""

    work_items: int
    steps: int
    threads: int
    noise: bool = False


def cells_of(work_items: Sequence[int], threads: Sequence[int], steps: int | None, noise: bool) -> list[Cell]:
    """All cells, those of one number of threads together; noise is on for one number of work items only."""
    noisy = [n for n in work_items if n == NOISY] or list(work_items[-1:])
    return [
        Cell(items, steps or steps_for(items), count, on)
        for count in threads
        for on in (False, True)[: 1 + noise]
        for items in (noisy if on else work_items)
    ]


def steps_for(work_items: int) -> int:
    """Steps that make a job of about the same length, whole windows of the average."""
    steps = max(_FEWEST, min(_MOST, _WORK // work_items))
    return steps // WINDOW * WINDOW
