"""Warnings of work items that diverged, or of whose series nothing is defined though they did not."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
from numpy.typing import NDArray

from rateloom.drivers.observation.series import Series


class DivergenceWarning(UserWarning):
    """Work items overflowed or became NaN; ``diverged_step`` in the result says which and when."""


def divergence(diverged_step: NDArray[np.int64], dt: float) -> tuple[DivergenceWarning, ...]:
    """Return a warning that counts the diverged work items and says what to do, if there are any."""
    steps = diverged_step[diverged_step >= 0]
    if not steps.size:
        return ()
    lost = f"{steps.size} of {diverged_step.size} work items diverged (overflow or NaN)"
    hint = f"lower dt, which is {dt:g} ms, or change parameters; diverged_step in the result says when"
    return (DivergenceWarning(f"{lost}, the first at step {steps.min()}: {hint}"),)


def undefined_series(series: Series, lost: Sequence[int], n_item: int) -> tuple[DivergenceWarning, ...]:
    """Return a warning that counts the work items that lack a series, if there are any.

    Parameters
    ----------
    lost : sequence of int
        Those that did not diverge and have NaN in a series, among `n_item`.
    """
    if not lost:
        return ()
    count_text = f"{len(lost)} of {n_item} work items have NaN in {series.exposures[0][0]}"
    return (DivergenceWarning(f"{count_text} though they did not diverge: {series.if_lost}"),)
