"""Write a regression as a table and as JSON."""

from __future__ import annotations

import json
import math
from collections.abc import Sequence
from dataclasses import asdict
from typing import Any

from rich.table import Table

from rateloom import __version__
from rateloom.drivers.planning.sample_times import settings_record

from .differences import FREE_RUN, ONE_STEP, Difference
from .regression import Regression

_OF_TARGETS = {"backend", "threads", "lanes", "block", "device", "history_dtype", "calibrate", "period"}


def difference_table(regression: Regression) -> Table:
    """Return a table with a row for each pair of targets and variable; red rows are beyond tolerance."""
    s = regression.settings
    title = (
        f"{regression.model}: {regression.work_items} work items that differ in {regression.axis}, "
        f"{s.n_step} steps of {s.dt:g} ms, {s.integrator}, {s.dtype}, "
        f"{'with' if s.noise else 'without'} noise, {regression.connectome}, {s.speed:.4g} mm/ms"
    )
    table = Table(title=title, title_justify="left", header_style="bold")
    for heading in ("targets", "variable"):
        table.add_column(heading)
    for heading in (
        "largest\ndifference", "relative", "mean squared\nerror", "correlation", "beyond\nfrom step",
        "one step,\nrelative", "beyond\nat step",
    ):  # fmt: skip
        table.add_column(heading, justify="right")
    for difference in regression.differences:
        style = None if difference.within else "red"
        table.add_row(*_cells(difference), style=style)
    return table


def _cells(d: Difference) -> tuple[str, ...]:
    return (
        " – ".join(d.targets),
        d.variable,
        *(f"{value:.1e}" for value in (d.absolute, d.relative, d.mean_squared)),
        "" if math.isnan(d.correlation) else f"{d.correlation:.9f}",
        _step(d.first_beyond),
        f"{d.step_relative:.1e}",
        _step(d.step_first_beyond),
    )


def _step(step: int | None) -> str:
    return "" if step is None else str(step)


def verdict(regression: Regression) -> str:
    """Return a line that says whether targets agree."""
    names = ", ".join(regression.targets)
    if regression.within:
        return f"{regression.model}: {names} and the oracle agree"
    wrong = [d for d in regression.differences if not d.within]
    pairs = dict.fromkeys(" – ".join(d.targets) for d in wrong)
    return (
        f"{regression.model}: {len(wrong)} of {len(regression.differences)} comparisons are beyond tolerance "
        f"({', '.join(pairs)})"
    )


def json_text(regressions: Sequence[Regression]) -> str:
    """Return regressions as JSON text, in which values that are not finite are null."""
    report = {
        "rateloom": __version__,
        "within": all(r.within for r in regressions),
        "models": [_entry(r) for r in regressions],
    }
    return json.dumps(report, indent=1, allow_nan=False) + "\n"


def _entry(regression: Regression) -> dict[str, Any]:
    record = settings_record(regression.settings, regression.samples)
    settings = {k: v for k, v in record.items() if k not in _OF_TARGETS}
    return {
        "model": regression.model,
        "hash": regression.model_hash,
        "connectome": regression.connectome,
        "targets": list(regression.targets),
        "swept": regression.axis,
        "work_items": regression.work_items,
        "settings": {k: _finite(v) for k, v in settings.items()},
        "tolerances": {"mean_squared": FREE_RUN, "step_relative": ONE_STEP[regression.settings.dtype]},
        "within": regression.within,
        "differences": [{k: _finite(v) for k, v in asdict(d).items()} for d in regression.differences],
    }


def _finite(value: Any) -> Any:
    return None if isinstance(value, float) and not math.isfinite(value) else value
