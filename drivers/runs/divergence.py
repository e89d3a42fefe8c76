"""Warnings of work items that diverged."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray


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
