"""Reports: one HTML file with interactive pictures of a sweep, its plan, its model and its table."""

from __future__ import annotations

import importlib.resources
import importlib.util
import json
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from os import PathLike
from pathlib import Path
from typing import Any

from mako.template import Template

from rateloom.api.opening import Opened, opened
from rateloom.api.report_data import chosen_items, chosen_measures, report_data
from rateloom.drivers.pictures.measured import check_measures
from rateloom.drivers.pictures.view import item_indices
from rateloom.drivers.support.arguments import switch, texts, whole_number
from rateloom.drivers.support.destinations import check_folder
from rateloom.drivers.support.errors import InputError, path_of, shown
from rateloom.drivers.support.files import write_whole
from rateloom.drivers.terminal.output_files import check_unused
from rateloom.dsl.equations import PARAMETER_COLUMNS, STATE_COLUMNS, parameter_rows, state_rows
from rateloom.dsl.equations_mathml import mathml_equations
from rateloom.dsl.model import Model

MOST_SERIES = 1000
_PAGE = "report.html.mako"
# In the order in which they follow one another.
_SCRIPTS = ("report_data.js", "report_map.js", "report_item.js", "report_lists.js")


@dataclass(frozen=True)
class ShownModel:
    """A model as a report shows it."""

    name: str
    description: str
    references: tuple[tuple[str, str], ...]
    equations: tuple[str, ...]
    tables: tuple[tuple[tuple[str, ...], tuple[tuple[str, ...], ...]], ...]


def report(
    study: str | PathLike[str],
    *,
    out: str | PathLike[str],
    measures: Sequence[str] | str = (),
    series: int = 20,
    items: Sequence[int] = (),
    overwrite: bool = False,
) -> Path:
    """Write a report of a sweep: one HTML file that needs no network and no other file.

    Parameters
    ----------
    study : path
        The directory of a study, finished or not, or a Zarr store of time series.
    out : path
        The file to write.
    measures : sequence of str
        Measures of the whole brain in the report; all by default, or a handful if all take more than 64 MB in
        single precision.
    series : int
        Largest number of work items with thinned time series in the report; series that were not kept are
        simulated again.
    items : sequence of int
        Work items that must be among them.
    overwrite : bool
        Whether an existing file may be replaced.

    Returns
    -------
    Path
        The file.

    Raises
    ------
    ModelError, InputError
        If an argument cannot be used, or Plotly is not installed.
    """
    folder, destination = path_of("study", study), path_of("out", out)
    if destination.suffix.lower() not in (".html", ".htm"):
        raise InputError(f"--out {destination}: the name of a report ends in .html")
    switch("overwrite", overwrite)
    check_folder(destination)
    _check_counts(series, items)
    plotly = plotly_script()
    source = opened(folder)
    names_of = (measures,) if isinstance(measures, str) else texts("measures", measures, "names of measures")
    requested = list(names_of)
    check_measures(source.results, requested)
    for item in items:
        item_indices(source.results, item)
    check_unused([destination], overwrite)
    names = chosen_measures(source.results, requested)
    results = source.measured({})
    # without any series, only series requested by number are an error
    count = len(items) if source.series is None else int(series)
    chosen = chosen_items(results, count, [int(item) for item in items])
    data = report_data(source, results, names, chosen)
    model = source.model()
    text = page_text(
        title=f"{results.about or folder.name}: {folder.name}",
        summary=_summary(source, names, chosen),
        unfinished=not results.simulated.all(),
        model=None if model is None else shown_model(model),
        plan=source.plan(),
        data=script_safe(data),
        plotly=plotly,
        scripts=[_resource(name) for name in _SCRIPTS],
    )
    try:
        write_whole(destination, text)
    except OSError as problem:
        raise InputError(f"{destination}: cannot be written ({problem.strerror or problem})") from None
    return destination


def plotly_script() -> str:
    """Return Plotly's JavaScript, which a report contains.

    Raises
    ------
    InputError
        If Plotly is not installed.
    """
    if importlib.util.find_spec("plotly") is None:
        raise InputError(
            'reports are drawn by Plotly, which is not installed: pip install "rateloom[report]"'
        )
    from plotly.offline import get_plotlyjs

    return str(get_plotlyjs())


def page_text(**values: Any) -> str:
    """Render the template of a report, which escapes every text but the scripts and the equations."""
    template = Template(_resource(_PAGE), strict_undefined=True, default_filters=["str", "h"])
    return str(template.render(**values))


def script_safe(data: Mapping[str, Any]) -> str:
    """Write JSON that no HTML parser mistakes for the end of its script, or for a comment."""
    text = json.dumps(data, separators=(",", ":"), ensure_ascii=True, allow_nan=False)
    return text.replace("<", "\\u003c").replace(">", "\\u003e").replace("&", "\\u0026")


def shown_model(model: Model) -> ShownModel:
    """Return a model as a report shows it."""
    return ShownModel(
        model.name,
        model.description,
        tuple((reference.citation, reference.doi) for reference in model.references),
        mathml_equations(model),
        ((STATE_COLUMNS, state_rows(model)), (PARAMETER_COLUMNS, parameter_rows(model))),
    )


def _check_counts(series: object, items: object) -> None:
    most = whole_number("series", series, 0, MOST_SERIES)
    if isinstance(items, str) or not isinstance(items, Sequence):
        raise InputError(f"items={shown(items)}: give a list of numbers of work items")
    if len(items) > most:
        raise InputError(f"{len(items)} work items are wanted and series={series}; raise series")


def _summary(source: Opened, names: Sequence[str], chosen: Sequence[int]) -> str:
    results = source.results
    n_done, n_item = int(results.simulated.sum()), results.grid.n_item
    axes = " × ".join(f"{axis.name} ({axis.values.size})" for axis in results.grid.axes) or "one simulation"
    progress = f"{n_item} work items" if n_done == n_item else f"{n_done} of {n_item} work items done"
    return (
        f"{progress}: {axes}. In this file: {len(names)} of {len(results.whole_brain)} measures of the whole "
        f"brain, in single precision, and time series of {len(chosen)} work items, thinned."
    )


def _resource(name: str) -> str:
    return (importlib.resources.files("rateloom.templates") / "report" / name).read_text("utf-8")
