"""Runs in parts, each of which goes on from the state in which the one before it ended."""

from __future__ import annotations

from typing import Any

import numpy as np
import xarray as xr
from calls import DT, simulate

# a window is of seven steps: each cut but the last is within one
PARTS = (39, 30, 31)


def series(result: xr.Dataset) -> xr.Dataset:
    """Exposures or BOLD signals alone, and no record of how they were made."""
    return result[[name for name in result.data_vars if "time" in result[name].dims]].drop_attrs()


def in_parts(*model: Any, parts: tuple[int, ...] = PARTS, call: Any = simulate, **settings: Any) -> Any:
    """Results of some parts of a run, each going on from the one before."""
    results: list[xr.Dataset] = []
    for steps in parts:
        before = results[-1] if results else None
        if before is not None:
            settings = {**settings, "inputs": None, "parameters": None, "initial": None, "history": None}
        part = {"duration": steps * DT, "keep_state": True, "continue_from": before}
        results.append(call(*model, **{**settings, **part}))
    return results


def assert_whole(*model: Any, parts: tuple[int, ...] = PARTS, call: Any = simulate, **settings: Any) -> None:
    """Parts of a run are the run, bit for bit, and something happens in it."""
    whole = series(call(*model, duration=sum(parts) * DT, **settings))
    results = in_parts(*model, parts=parts, call=call, **settings)
    joined = xr.concat([series(part) for part in results], "time")
    for name, values in whole.items():
        np.testing.assert_array_equal(joined[name], values, err_msg=str(name))
        assert np.isfinite(values).all(), name
    xr.testing.assert_identical(joined, whole)
    assert any(np.ptp(values.values) > 0 for values in whole.values())
