"""Rankings of a sweep's fits, by columns of its table in SQLite or by measures in memory."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING

import numpy as np
import xarray as xr

from rateloom.drivers.measures.catalogue import FIT
from rateloom.drivers.measures.data_to_fit import FC, FCD, PHASE, DataToFit
from rateloom.drivers.planning.settings import SettingsWarning
from rateloom.drivers.studies.item_tables import quoted
from rateloom.drivers.studies.layout import column_names
from rateloom.drivers.studies.plan_file import read_record
from rateloom.drivers.studies.query import rows_of
from rateloom.drivers.support.errors import InputError, shown

if TYPE_CHECKING:
    import pandas as pd

# The kinds of data that each ranking adds and subtracts: correlations are to be high, distances low.
WAYS = {
    "fc": ((FC,), ()),
    "fcd": ((), (FCD,)),
    "phase": ((), (PHASE,)),
    "both": ((FC,), (FCD,)),
}


@dataclass(frozen=True)
class Ranking:
    """A ranking of work items: the sum of some columns less the sum of others, the largest first.

    Attributes
    ----------
    target, exposure : str
        Names of the data to fit and of the compared exposure.
    add, subtract : tuple of str
        Names of the columns.
    """

    target: str
    exposure: str
    add: tuple[str, ...]
    subtract: tuple[str, ...]

    def shown(self, columns: Iterable[str]) -> list[str]:
        """Return the columns that describe a fit: all comparisons with the data, and the activity."""
        end, name = f"_{self.target}_{self.exposure}", self.exposure
        activity = (f"mean_FC_{name}", f"mean_FR_{name}_all", f"mean_{name}_all")
        return [c for c in columns if (c.startswith(FIT) and c.endswith(end)) or c in activity]


def orders_of(
    data_to_fit: Sequence[DataToFit], columns: Iterable[str], by: str, exposure: str | None = None
) -> list[Ranking]:
    """Return a ranking for each name of data to fit.

    Parameters
    ----------
    columns : iterable of str
        Names of all measures, among them those of `compared`.
    by : {"fc", "fcd", "phase", "both"}
        Functional connectivity, its dynamics, those of phases, or the first less the second.
    exposure : str, optional
        The model's compared exposure; the first one by default.

    Raises
    ------
    InputError
        If there are no data to fit, none of the kinds that `by` needs, or no comparison of the exposure.
    """
    if not data_to_fit:
        raise InputError("nothing was compared with a target; sweep anew with rateloom fit MODEL --fc FILE")
    add, subtract = WAYS[by]
    kinds = (*add, *subtract)
    measures_by_name: dict[str, dict[str, str]] = {}
    for data in data_to_fit:
        measures_by_name.setdefault(data.name, {})[data.kind] = data.measures[0]
    complete = {
        name: measures
        for name, measures in measures_by_name.items()
        if all(kind in measures for kind in kinds)
    }
    if not complete:
        needed_kinds = " and ".join(kinds)
        raise InputError(
            f"by={by}: no target has {needed_kinds}; targets of one name belong together (NAME=FILE)"
        )
    prefix = f"{data_to_fit[0].measures[0]}_"
    exposures = [name.removeprefix(prefix) for name in columns if name.startswith(prefix)]
    if exposure is not None and exposure not in exposures:
        raise InputError(f"exposure {shown(exposure)} was not measured; there are {', '.join(exposures)}")
    chosen = exposure or exposures[0]
    return [
        Ranking(
            name, chosen, tuple(f"{measures[kind]}_{chosen}" for kind in add),
            tuple(f"{measures[kind]}_{chosen}" for kind in subtract),
        )
        for name, measures in complete.items()
    ]  # fmt: skip


def unranked(data_to_fit: Sequence[DataToFit], by: str) -> tuple[SettingsWarning, ...]:
    """Return a warning for each name of data to fit that cannot be ranked as asked for."""
    kinds = tuple(kind for part in WAYS[by] for kind in part)
    present: dict[str, set[str]] = {}
    for data in data_to_fit:
        present.setdefault(data.name, set()).add(data.kind)
    return tuple(
        SettingsWarning(
            f"target {name}: not ranked, since by={by} takes {' and '.join(kinds)} and it has "
            f"{' and '.join(sorted(has))}; give what is absent under this name, or rank by another (--by)"
        )
        for name, has in present.items()
        if not has.issuperset(kinds)
    )


def compared(data_to_fit: Sequence[DataToFit], exposures: Iterable[str]) -> list[str]:
    """Return the names of the measures that compare exposures with data to fit."""
    return [f"{measure}_{e}" for e in exposures for data in data_to_fit for measure in data.measures]


def best_of(rankings: Sequence[Ranking], top: Callable[[Ranking], pd.DataFrame]) -> pd.DataFrame:
    """Return the best work items of each ranking.

    Parameters
    ----------
    top : callable
        Returns the rows of a ranking's best work items, the best first: ``score``, ``item``, parameters,
        measures.

    Returns
    -------
    pandas.DataFrame
        Columns ``target``, ``exposure``, ``rank`` (from 1), and those of `top`.
    """
    import pandas as pd

    tables = []
    for ranking in rankings:
        rows = top(ranking)
        rows.insert(0, "rank", np.arange(1, len(rows) + 1))
        rows.insert(0, "exposure", ranking.exposure)
        rows.insert(0, "target", ranking.target)
        tables.append(rows)
    return pd.concat(tables, ignore_index=True)


def names_of_study(folder: Path) -> list[str]:
    """Return the names of the measures of a study."""
    return list(read_record(folder)["measures"]["names"])


def top_of_study(folder: Path, best: int, ranking: Ranking) -> pd.DataFrame:
    """Return the best work items of a study's table, finished or not, without those that have no score."""
    columns = _columns_of(folder)
    score = _in_sql(ranking, columns)
    rows = rows_of(
        folder,
        f"SELECT {score} AS score, * FROM work_items WHERE ({score}) IS NOT NULL "
        f"ORDER BY score DESC, item LIMIT {best}",
    )
    return rows.rename(columns={column: name for name, column in columns.items() if name != "item"})


def top_of_measures(measures: xr.Dataset, best: int, ranking: Ranking) -> pd.DataFrame:
    """Return the best work items of measures in memory; see `top_of_study`."""
    axes = axes_of(measures)
    scalars = [str(name) for name, array in measures.data_vars.items() if set(array.dims) == set(axes)]
    shape = [measures.sizes[name] for name in axes]
    score = _score(measures, ranking).transpose(*axes).values.ravel()
    defined = np.flatnonzero(np.isfinite(score))
    items = defined[np.argsort(-score[defined], kind="stable")][:best]
    indices = np.unravel_index(items, shape) if axes else ()
    columns = {name: measures[name].values[k] for name, k in zip(axes, indices, strict=True)}
    values = {name: measures[name].transpose(*axes).values.ravel()[items] for name in scalars}
    import pandas as pd

    ranking_columns = {"score": score[items], "item": items}
    return pd.DataFrame(ranking_columns | columns | values)


def scores_of_study(folder: Path, ranking: Ranking, axes: Sequence[str]) -> pd.DataFrame:
    """Return the best score of a study for each combination of some parameters, whose columns come first."""
    columns = _columns_of(folder)
    names = ", ".join(quoted(columns[name]) for name in axes)
    score = _in_sql(ranking, columns)
    rows = rows_of(folder, f"SELECT {names}, max({score}) AS score FROM work_items GROUP BY {names}")
    return rows.set_axis([*axes, "score"], axis=1)


def scores_of_measures(measures: xr.Dataset, ranking: Ranking, axes: Sequence[str]) -> pd.DataFrame:
    """Return the best scores of measures in memory; see `scores_of_study`."""
    further_axes = [name for name in axes_of(measures) if name not in axes]
    frame = _score(measures, ranking).max(further_axes).to_dataframe("score").reset_index()
    return frame[[*axes, "score"]]


def axes_of(measures: xr.Dataset) -> list[str]:
    """Return the sweep's axes: the dimensions of a measure with one number for each work item."""
    first = next(name for name in measures.data_vars if str(name).startswith(FIT))
    return [str(name) for name in measures[first].dims]


def check_ranking(by: object, best: object) -> None:
    """Raise InputError if there is no such ranking, or the number of fits is no positive whole number."""
    if not isinstance(by, str) or by not in WAYS:
        raise InputError(f"by={shown(by)}: rank by one of {', '.join(WAYS)}")
    if not isinstance(best, int) or isinstance(best, bool) or best < 1:
        raise InputError(f"best={shown(best)}: it must be a whole number, at least 1")


def _score(measures: xr.Dataset, ranking: Ranking) -> xr.DataArray:
    added = [measures[name] for name in ranking.add]
    return sum([*added, *(-measures[name] for name in ranking.subtract)], start=xr.DataArray(0.0))


def _columns_of(folder: Path) -> dict[str, str]:
    """Return the column of each axis and each measure of a study."""
    record = read_record(folder)
    return column_names([*record["axes"], *record["measures"]["names"]])


def _in_sql(ranking: Ranking, columns: Mapping[str, str]) -> str:
    terms = [f"+ {quoted(columns[name])}" for name in ranking.add]
    terms += [f"- {quoted(columns[name])}" for name in ranking.subtract]
    return " ".join(terms)
