"""Haemodynamic models: what a generated model must be to make BOLD signals, and what it is fed with."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from rateloom.drivers.execution.sink import Values
from rateloom.drivers.model.artifact import ModelCode
from rateloom.drivers.model.description import ModelDescription
from rateloom.drivers.model.states import with_carries
from rateloom.drivers.planning.grid import Grid
from rateloom.drivers.planning.parameters import parameter_table
from rateloom.drivers.support.attributes import Exposure
from rateloom.drivers.support.errors import InputError

from .bold_settings import BoldSettings, BoldTiming

BOLD = "BOLD"


@dataclass(frozen=True, eq=False)
class Haemodynamics:
    """A haemodynamic model, ready to be fed.

    Attributes
    ----------
    code : ModelCode
        The haemodynamic model, in the languages that the simulation may run in.
    parameters : (n_row, n_node or 1) array of float64
    timing : BoldTiming
    exposure, n_exposure : int
        Which of the simulation's exposures it is fed with, and how many it has.
    n_node : int
        Nodes of the simulation.
    dtype : str
        Precision of the volumes; the states have double precision.
    continued : (n_item, row, n_node) array of float64, optional
        Rows of states that every work item goes on from, all NaN where a volume was not finite.
    keep_state : bool
        Whether those in which it ends are given beside the volumes.
    """

    code: ModelCode
    parameters: NDArray[np.float64]
    timing: BoldTiming
    exposure: int
    n_exposure: int
    n_node: int
    dtype: str
    continued: NDArray[np.float64] | None = None
    keep_state: bool = False

    @property
    def model(self) -> ModelDescription:
        """The haemodynamic model."""
        return self.code.model

    @property
    def described(self) -> Exposure:
        """Name, unit and description of what comes of it."""
        signal = self.model.exposures[0]
        return BOLD, signal.unit, signal.description

    @property
    def n_hoisted(self) -> int:
        """Values that are computed once."""
        return self.code.counts.hoisted

    def parameter_columns(self, n_lane: int) -> Values:
        """Parameters (row, column or 1) where columns are the nodes of some work items, lanes innermost."""
        several = self.parameters.shape[1] > 1
        return np.repeat(self.parameters, n_lane, axis=1) if several else self.parameters

    def first_columns(self, items: NDArray[np.int64]) -> Values:
        """Rows of the kernel's array of states of some work items at the start (row, column)."""
        n_row, n_column = self.code.counts.state_rows, self.n_node * len(items)
        if self.continued is not None:
            return np.ascontiguousarray(np.moveaxis(self.continued[items], 0, -1)).reshape(n_row, n_column)
        rest = np.array([[state.initial[0]] for state in self.model.states])
        return with_carries(np.repeat(rest, n_column, axis=1), n_row)

    def last_states(self, columns: Values, lost: NDArray[np.bool_]) -> Values:
        """What is kept of such rows, (work item, row, node), and of whether a volume was not finite."""
        kept = np.where(lost, np.nan, columns).reshape(len(columns), self.n_node, -1)
        return np.ascontiguousarray(np.moveaxis(kept, -1, 0))


def lost_columns(columns: Values) -> NDArray[np.bool_]:
    """Whether a volume was not finite before, of each column of states that are gone on from."""
    return np.asarray(np.isnan(columns).all(axis=0))


def haemodynamics_of(
    code: ModelCode,
    settings: BoldSettings,
    timing: BoldTiming,
    fed: tuple[int, int],
    n_node: int,
    dtype: str,
) -> Haemodynamics:
    """Check a haemodynamic model and its parameters.

    Parameters
    ----------
    fed : (int, int)
        Which of the simulation's exposures it is fed with, and how many it has.

    Raises
    ------
    InputError
        If the model is none that can be fed, or a parameter cannot be used.
    """
    model, counts = code.model, code.counts
    lacks = {
        f"{len(model.inputs)} inputs": len(model.inputs) != 1,
        "couplings": counts.factors > 0,
        "noise": counts.noisy,
        "initial states that are drawn": any(s.initial[0] != s.initial[1] for s in model.states),
    }
    for fault, present in lacks.items():
        if present:
            raise InputError(
                f"model {model.name} has {fault}; a haemodynamic model has one input, no couplings, no "
                "noise, and one initial value for each state"
            )
    table = parameter_table(model, settings.parameters or {}, Grid(), n_node)
    return Haemodynamics(code, table.values, timing, *fed, n_node, dtype)
