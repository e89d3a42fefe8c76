"""A job, run by the generated CUDA source on the emulated device."""

from __future__ import annotations

import itertools
from collections.abc import Mapping
from dataclasses import replace
from typing import Any

import numpy as np
import pytest
import xarray as xr
from agreement import Array, Job, code_of, study_of
from small_connectomes import BY_BLOCK
from special_models import model_of

from rateloom.drivers.backends.device import device_plan
from rateloom.drivers.backends.device.device_plan import GroupPlan, plan_group
from rateloom.drivers.runs.run import run_study
from rateloom.drivers.support.notices import Reports

LANES, GROUPS = 4, 3
# In launches of 14 steps, blocks of four end early and windows go on.
SEGMENT = 14


def cuda_run(
    job: Job, steps: int, *, window: int = 1, history: Array | None = None, segment: int = SEGMENT,
    changes: Mapping[str, Any] | None = None, backend: str = "emulated", half: bool = False,
) -> xr.Dataset:  # fmt: skip
    """Run every work item with the CUDA kernels, several lane blocks at once, `segment` steps a launch.

    `changes` are further attributes of the kernels' shape.
    """
    study = study_of(job, steps, window=window, history=history)
    settings = replace(
        study.settings, backend=backend, lanes=LANES, history_dtype="float16" if half else None
    )
    study = replace(study, settings=settings, code=code_of(job.name, backend, job.integrator))

    def plan_of(*arguments: Any, **keywords: Any) -> GroupPlan:
        plan = plan_group(*arguments, **keywords)
        shape = replace(plan.shape, **{"groups": GROUPS, **(changes or {})})
        return replace(plan, shape=shape, steps_at_once=segment, samples_at_once=-(-segment // window))

    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(device_plan, "plan_group", plan_of)
        return run_study(study, reports=Reports(progress=False))


def job_of(
    name: str, integrator: str, dtype: str, noise: bool, block: int, number: int = 0, regional: bool = True
) -> Job:
    """Nine work items, which fill two lane blocks and begin a third."""
    connectome, speed = BY_BLOCK[block][number]
    random = np.random.default_rng(3)
    sizes = itertools.cycle([(connectome.n_node,), (5, connectome.n_node)])
    inputs = zip(model_of(name).inputs, sizes, strict=False)
    given = {declared.name: random.uniform(-1, 1, size) for declared, size in inputs}
    return Job(name, connectome, speed, integrator, dtype, noise, 8, block, regional, given)
