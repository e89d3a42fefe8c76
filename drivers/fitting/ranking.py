"""The best fits of a sweep: by columns of its table in SQLite, or by measures in memory."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING

import numpy as np
import xarray as xr

from rateloom.drivers.measures.catalogue import FIT
from rateloom.drivers.measures.data_to_fit import FC, FCD, PHASE, DataToFit
from rateloom.drivers.studies.item_tables import quoted
from rateloom.drivers.studies.layout import column_names
from rateloom.drivers.studies.plan_file import read_record
from rateloom.drivers.studies.query import rows_of
from rateloom.drivers.support.errors import InputError, shown

if TYPE_CHECKING:
    import pandas as pd

# What each way of ranking adds and subtracts: correlations are to be high, distances low.
WAYS = {
    "fc": ((FC,), ()),
    "fcd": ((), (FCD,)),
    "phase": ((), (PHASE,)),
    "both": ((FC,), (FCD,)),
}


@dataclass(frozen=True)
class Order:
    """What work items are ranked by: the sum of some columns less that of others, the largest first.

    Attributes
    ----------
    target, exposure : str
        What is compared with what.
    """

    target: str
    exposure: str
    add: tuple[str, ...]
    subtract: tuple[str, ...]

    def shown(self, columns: Iterable[str]) -> list[str]:
        """The columns that say most about a fit: all comparisons with the target, and the activity."""
        end, name = f"_{self.target}_{self.exposure}", self.exposure
        activity = (f"mean_FC_{name}", f"mean_FR_{name}_all", f"mean_{name}_all")
        return [c for c in columns if (c.startswith(FIT) and c.endswith(end)) or c in activity]


def orders_of(
    targets: Sequence[DataToFit], columns: Iterable[str], by: str, exposure: str | None = None
) -> list[Order]:
    """What work items can be ranked by: one order a target.

    Parameters
    ----------
    columns : iterable of str
        Names of all measures, `compared` of them.
    by : {"fc", "fcd", "phase", "both"}
        Functional connectivity, its dynamics, those of phases, or the first less the second.
    exposure : str, optional
        What of the model is compared; its first exposure if left out.

    Raises
    ------
    InputError
        If nothing was compared with a target, or nothing in that way, or no such exposure was.
    """
    if not targets:
        raise InputError("nothing was compared with a target; sweep anew with rateloom fit MODEL --fc FILE")
    add, subtract = WAYS[by]
    kinds = (*add, *subtract)
    by_name: dict[str, dict[str, str]] = {}
    for target in targets:
        by_name.setdefault(target.name, {})[target.kind] = target.measures[0]
    found = {name: of for name, of in by_name.items() if all(kind in of for kind in kinds)}
    if not found:
        need = " and ".join(kinds)
        raise InputError(f"by={by}: no target has {need}; targets of one name belong together (NAME=FILE)")
    any_of_them = f"{targets[0].measures[0]}_"
    exposures = [name.removeprefix(any_of_them) for name in columns if name.startswith(any_of_them)]
    if exposure is not None and exposure not in exposures:
        raise InputError(f"exposure {shown(exposure)} was not measured; there are {', '.join(exposures)}")
    chosen = exposure or exposures[0]
    return [
        Order(
            name, chosen, tuple(f"{of[kind]}_{chosen}" for kind in add),
            tuple(f"{of[kind]}_{chosen}" for kind in subtract),
        )
        for name, of in found.items()
    ]  # fmt: skip


def compared(targets: Sequence[DataToFit], exposures: Iterable[str]) -> list[str]:
    """Names of the measures that compare exposures with targets."""
    return [f"{measure}_{e}" for e in exposures for target in targets for measure in target.measures]


def best_of(orders: Sequence[Order], top: Callable[[Order], pd.DataFrame]) -> pd.DataFrame:
    """The best work items by each order.

    Parameters
    ----------
    top : callable
        Rows of the best work items by an order, the best first: ``score``, ``item``, parameters, measures.

    Returns
    -------
    pandas.DataFrame
        Columns ``target``, ``exposure``, ``rank`` (from 1), and those of `top`.
    """
    import pandas as pd

    parts = []
    for order in orders:
        rows = top(order)
        rows.insert(0, "rank", np.arange(1, len(rows) + 1))
        rows.insert(0, "exposure", order.exposure)
        rows.insert(0, "target", order.target)
        parts.append(rows)
    return pd.concat(parts, ignore_index=True)


def names_of_study(folder: Path) -> list[str]:
    """Names of the measures of a study."""
    return list(read_record(folder)["measures"]["names"])


def top_of_study(folder: Path, best: int, order: Order) -> pd.DataFrame:
    """The best work items in a study's table, finished or not; those without a score are left out."""
    named = _columns_of(folder)
    score = _in_sql(order, named)
    rows = rows_of(
        folder,
        f"SELECT {score} AS score, * FROM work_items WHERE ({score}) IS NOT NULL "
        f"ORDER BY score DESC, item LIMIT {best}",
    )
    return rows.rename(columns={column: name for name, column in named.items() if name != "item"})


def top_of_measures(measures: xr.Dataset, best: int, order: Order) -> pd.DataFrame:
    """Likewise, of measures in memory."""
    axes = axes_of(measures)
    scalars = [str(name) for name, array in measures.data_vars.items() if set(array.dims) == set(axes)]
    shape = [measures.sizes[name] for name in axes]
    score = _score(measures, order).transpose(*axes).values.ravel()
    there = np.flatnonzero(np.isfinite(score))
    items = there[np.argsort(-score[there], kind="stable")][:best]
    place = np.unravel_index(items, shape) if axes else ()
    columns = {name: measures[name].values[k] for name, k in zip(axes, place, strict=True)}
    values = {name: measures[name].transpose(*axes).values.ravel()[items] for name in scalars}
    import pandas as pd

    own = {"score": score[items], "item": items}
    return pd.DataFrame(own | columns | values)


def scores_of_study(folder: Path, order: Order, axes: Sequence[str]) -> pd.DataFrame:
    """The best score at each combination of some of a study's parameters: columns of these, and ``score``."""
    named = _columns_of(folder)
    names = ", ".join(quoted(named[name]) for name in axes)
    score = _in_sql(order, named)
    rows = rows_of(folder, f"SELECT {names}, max({score}) AS score FROM work_items GROUP BY {names}")
    return rows.set_axis([*axes, "score"], axis=1)


def scores_of_measures(measures: xr.Dataset, order: Order, axes: Sequence[str]) -> pd.DataFrame:
    """Likewise, of measures in memory."""
    others = [name for name in axes_of(measures) if name not in axes]
    frame = _score(measures, order).max(others).to_dataframe("score").reset_index()
    return frame[[*axes, "score"]]


def axes_of(measures: xr.Dataset) -> list[str]:
    """The sweep's axes: the dimensions of what is one number a work item."""
    first = next(name for name in measures.data_vars if str(name).startswith(FIT))
    return [str(name) for name in measures[first].dims]


def check_ranking(by: object, best: object) -> None:
    """Refuse a way of ranking that there is not, and a number of fits that there cannot be."""
    if not isinstance(by, str) or by not in WAYS:
        raise InputError(f"by={shown(by)}: rank by one of {', '.join(WAYS)}")
    if not isinstance(best, int) or isinstance(best, bool) or best < 1:
        raise InputError(f"best={shown(best)}: it must be a whole number, at least 1")


def _score(measures: xr.Dataset, order: Order) -> xr.DataArray:
    added = [measures[name] for name in order.add]
    return sum([*added, *(-measures[name] for name in order.subtract)], start=xr.DataArray(0.0))


def _columns_of(folder: Path) -> dict[str, str]:
    """The column of each axis and each measure of a study."""
    record = read_record(folder)
    return column_names([*record["axes"], *record["measures"]["names"]])


def _in_sql(order: Order, named: Mapping[str, str]) -> str:
    parts = [f"+ {quoted(named[name])}" for name in order.add]
    parts += [f"- {quoted(named[name])}" for name in order.subtract]
    return " ".join(parts)
