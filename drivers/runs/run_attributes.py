"""Attributes of a result: all that a run was made from, so that it can be made again."""

from __future__ import annotations

from typing import Any

from rateloom.drivers.execution.backend import Plan
from rateloom.drivers.execution.variants import kernel_of
from rateloom.drivers.planning.parameters import SPEED, swept_settings
from rateloom.drivers.planning.sample_times import SampleTimes, settings_record
from rateloom.drivers.planning.settings import Settings
from rateloom.drivers.planning.study import Study
from rateloom.drivers.results.final_state import FINAL_STEP


def run_attributes(plan: Plan) -> dict[str, Any]:
    """Return all that a run was made from, so that it can be made again."""
    study, variant = plan.study, plan.backend.variant(plan)
    settings, samples = settings_record(study.settings, study.samples), study.samples
    blocks = sorted({w.block for w, _ in plan.groups})
    recorded = {
        k: v for k, v in settings.items() if v is not None and k not in swept_settings(plan.model, study.grid)
    }
    return (
        recorded
        | effective_lengths(study.settings, samples)
        | dict(study.record)
        | {
            "kernel": kernel_of(variant),
            "variant": variant,
            "model": plan.model.name,
            "model_hash": plan.model.hash,
            "rateloom_version": plan.model.generator,
            "connectome": _of_all([c.name for c in study.connectomes], study),
            "connectome_hash": _of_all([c.hash for c in study.connectomes], study),
            "parameters": _settable(plan),
            "initial": {name: values.tolist() for name, values in plan.initial.items()},
            "inputs": sorted(study.inputs or {}),
            "history": study.history is not None,
            "item": study.first_item,
            "first_step": samples.first_step or None,
            FINAL_STEP: samples.end_step if study.keep_state else None,
            "lanes": plan.lanes,
            "block": blocks[0] if len(blocks) == 1 else blocks,
        }
    )


def _of_all(values: list[str], study: Study) -> str | list[str]:
    """What is recorded of a study's connectome: of several that are swept, a list in their order."""
    return values if study.subjects else values[0]


def effective_lengths(settings: Settings, samples: SampleTimes) -> dict[str, float]:
    """Durations as they are in whole steps, so that times can be told from them."""
    lengths = {"duration": settings.n_step * settings.dt}
    if samples.monitor == "tavg":
        lengths["period"] = samples.step
    return {name: float(f"{length:.12g}") for name, length in lengths.items()}


def _settable(plan: Plan) -> dict[str, Any]:
    """Values of the parameters that no axis varies, in the form in which a run takes them."""
    swept = {name.split("[")[0] for name in plan.study.grid.swept}
    values, begin = {}, 0
    for p in plan.model.parameters:
        rows = plan.table.values[begin : begin + (p.size or 1)]
        begin += len(rows)
        rows = rows[:, 0] if (rows == rows[:, :1]).all() else rows
        if p.name not in swept:
            values[p.name] = (rows if p.size else rows[0]).tolist()
    return values


def axis_units(plan: Plan) -> dict[str, str]:
    """Units of what a sweep's axes can be."""
    return {p.name: p.unit for p in plan.model.parameters if p.unit} | {SPEED: "mm/ms"}
