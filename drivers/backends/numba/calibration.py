"""Calibration: the fastest kernel variant for a study, measured once and remembered.

How many work items a lane block holds and how many steps a node is advanced at once changes no result beyond
the order of sums, and what is fastest depends on the processor's caches: it is measured rather than guessed.
"""

from __future__ import annotations

import json
import time
from collections.abc import Callable
from contextlib import suppress
from dataclasses import replace
from pathlib import Path
from typing import Any

import numpy as np

from rateloom.drivers.execution.backend import Backend
from rateloom.drivers.planning.grid import Axis
from rateloom.drivers.planning.parameters import swept_settings
from rateloom.drivers.planning.sample_times import sample_times
from rateloom.drivers.planning.study import Study
from rateloom.drivers.support.cache import cache_folder
from rateloom.drivers.support.files import write_whole

from .thread_variant import code_of

# (lanes, longest block) of the variants that are tried; kernels of each have to be compiled first
CANDIDATES = ((16, 16), (8, 16), (32, 16), (16, 32))
# node-steps from which on a study is worth the compiling of all variants: minutes on one core
WORTH_IT = 20_000_000_000
# node-steps of one trial: a hundredth of a second or so, and how often the fastest may be tried
_TRIAL = 4_000_000
_REPEATS = 3


def calibrated(backend: Backend, study: Study, announce: Callable[[str], None] | None = None) -> Study:
    """Return the study with the kernel variant that is fastest for it.

    Parameters
    ----------
    study : Study
        What will be simulated. Left as it is if its settings fix the variant or forbid calibration, or if it
        is too short to be worth it and no earlier calibration is known.
    announce : callable, optional
        Told what was found.
    """
    s = study.settings
    if s.lanes is not None or s.block is not None or s.calibrate is False:
        return study
    group = _of_one_group(study)
    key, speeds_by_key = _key(group), _remembered()
    if key not in speeds_by_key:
        work = study.connectome.n_node * s.n_step * study.grid.n_item
        if not s.calibrate and work < WORTH_IT:
            return study
        speeds = {_label(c): _speed(backend, group, *c) for c in _candidates(group)}
        _remember(key, speeds)
        speeds_by_key = {key: speeds}
    label = max(speeds_by_key[key], key=lambda name: speeds_by_key[key][name])
    lanes, block = (int(number) for number in label.split("x"))
    if announce is not None:
        announce(f"calibrated: {lanes} work items at once, blocks of at most {block} steps")
    return replace(study, settings=replace(s, lanes=lanes, block=block))


def _of_one_group(study: Study) -> Study:
    """Return the study of work items that may share a lane block: of one speed, seed and connectome."""
    grid, settings = study.grid, swept_settings(study.code.model, study.grid)
    axes = (
        Axis(axis.name, axis.values[:1], axis.names[:1]) if axis.name in settings else axis
        for axis in grid.axes
    )
    return replace(study, grid=replace(grid, axes=tuple(axes)))


def _candidates(study: Study) -> list[tuple[int, int]]:
    """Variants whose lanes the work items fill."""
    full = [c for c in CANDIDATES if c[0] <= study.grid.n_item] or [(1, 16), (1, 32)]
    if study.code.counts.traversals == 1:
        return full
    # a block is one step, whatever is asked for
    return [(lanes, 1) for lanes in dict.fromkeys(lanes for lanes, _ in full)]


def _label(candidate: tuple[int, int]) -> str:
    return f"{candidate[0]}x{candidate[1]}"


def _speed(backend: Backend, study: Study, lanes: int, block: int) -> float:
    """Measure a variant: node-steps a second of one lane block, compiling left out."""
    s = study.settings
    n_node = study.connectome.n_node
    steps = max(2 * block, _TRIAL // (n_node * lanes))
    short = replace(s, duration=steps * s.dt, threads=1, lanes=lanes, block=block)
    one_sample = sample_times(short, "tavg", short.duration)
    share = (0, min(lanes, study.grid.n_item))
    trial = replace(study, settings=short, samples=one_sample, share=share, continued=None, keep_state=False)
    plan = backend.plan(trial)
    seconds = []
    for _ in range(1 + _REPEATS):
        start = time.perf_counter()
        for _ in backend.run(plan):
            pass
        seconds.append(time.perf_counter() - start)
    return plan.node_steps / min(seconds[1:])


def _key(study: Study) -> str:
    """Return the key of all that the fastest variant depends on."""
    s, weights = study.settings, study.connectome.weights
    longest = float(study.connectome.tract_lengths.max(initial=0.0)) / (s.speed * s.dt)
    size = f"{study.connectome.n_node}n/{np.count_nonzero(weights)}e/{longest:.0f}d"
    items = max((c[0] for c in _candidates(study)), default=1)
    return f"{code_of(study.code)}/{s.integrator}/{s.dtype}/{'noise' if s.noise else 'quiet'}/{size}/{items}"


def _file() -> Path:
    return cache_folder() / "calibration.json"


def _remembered() -> dict[str, dict[str, float]]:
    """Read what was measured before; a file that cannot be read is as good as none."""
    try:
        stored: Any = json.loads(_file().read_text("utf-8"))
        return {str(k): {str(n): float(v) for n, v in speeds.items()} for k, speeds in stored.items()}
    except (OSError, ValueError, AttributeError, TypeError):
        return {}


def _remember(key: str, speeds: dict[str, float]) -> None:
    """Add a measurement to the file, which another process may be doing too; losing one costs little."""
    with suppress(OSError):
        write_whole(_file(), json.dumps(_remembered() | {key: speeds}, indent=1, sort_keys=True))
