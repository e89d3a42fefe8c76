"""Results of runs as files: a netCDF file, written whole; and the opening of it or of a Zarr store."""

from __future__ import annotations

import json
import re
from collections.abc import Callable, Hashable, Mapping
from importlib.util import find_spec
from pathlib import Path
from typing import Any, Literal

import numpy as np
import xarray as xr

from rateloom.drivers.support.destinations import is_netcdf
from rateloom.drivers.support.errors import InputError
from rateloom.drivers.support.files import whole
from rateloom.drivers.support.memory import format_bytes
from rateloom.drivers.support.regular_files import DAMAGE
from rateloom.drivers.support.stores import open_store

# Packages that write netCDF, the best first; SciPy writes version 3, whose variables are below 2 GiB.
_ENGINES: tuple[tuple[Literal["netcdf4", "h5netcdf", "scipy"], str], ...] = (
    ("netcdf4", "netCDF4"),
    ("h5netcdf", "h5netcdf"),
    ("scipy", "scipy"),
)
_MOST_SCIPY = 2**31 - 1
_MOST_INTEGER = 2**31 - 1
_HDF5 = b"\x89HDF"
_MOST_LETTERS = 200
_AS_JSON = re.compile(r"\[.*\]|true|false|-?\d{9,20}", re.DOTALL)


def engine() -> Literal["netcdf4", "h5netcdf", "scipy"]:
    """Return the engine of xarray that reads and writes netCDF here."""
    return next(name for name, module in _ENGINES if find_spec(module) is not None)


def check_netcdf_size(path: Path, size: int) -> None:
    """Check that a netCDF file can hold a result.

    Parameters
    ----------
    size : int
        Bytes of the result.

    Raises
    ------
    InputError
        If it is too large for what writes the file.
    """
    if engine() == "scipy" and size > _MOST_SCIPY:
        raise InputError(
            f"{path}: the result needs {format_bytes(size)}, and netCDF files of version 3 hold "
            f"{format_bytes(_MOST_SCIPY)}; write a store (.zarr), or pip install h5netcdf"
        )


def write_netcdf(result: xr.Dataset, path: Path) -> None:
    """Write a result to a netCDF file, which appears under its name when it is complete.

    Raises
    ------
    InputError
        If it cannot be written.
    """
    check_netcdf_size(path, result.nbytes)
    kept = _with_attributes(result, lambda attributes: {n: _encoded(v) for n, v in attributes.items()})
    try:
        with whole(path) as partial:
            kept.to_netcdf(partial, engine=engine())
    except (OSError, ValueError, TypeError) as problem:
        reason = problem.strerror if isinstance(problem, OSError) and problem.strerror else problem
        raise InputError(f"{path}: cannot be written ({reason})") from None


def open_result(path: Path) -> xr.Dataset:
    """Open a netCDF file or a Zarr store of results.

    Raises
    ------
    InputError
        If it is neither.
    """
    file = is_netcdf(path) and path.is_file()
    if not file and not any((path / name).is_file() for name in (".zgroup", "zarr.json")):
        complaint = (
            "is neither a study, a Zarr store nor a netCDF file (.nc)" if path.exists() else "is not there"
        )
        raise InputError(f"{path} {complaint}; give what rateloom sweep wrote (--out)")
    if file:
        _check_format(path)
    try:
        if not file:
            return open_store(path)
        opened = xr.open_dataset(path, engine=engine())
    except InputError:
        raise
    except DAMAGE as problem:
        reason = " ".join(str(problem).split())[:_MOST_LETTERS] or type(problem).__name__
        raise InputError(f"{path}: it cannot be opened ({reason})") from None
    if "diverged_step" in opened:
        opened["diverged_step"] = opened["diverged_step"].astype(np.int64)
    return with_plain_attributes(opened)


def _check_format(path: Path) -> None:
    """Raise InputError if a file is not in a format of netCDF that can be read here."""
    with path.open("rb") as stream:
        begin = stream.read(4)
    if begin == _HDF5 and engine() == "scipy":
        raise InputError(f"{path}: a netCDF file of version 4; to read it: pip install h5netcdf")
    if begin != _HDF5 and begin[:3] != b"CDF":
        raise InputError(f"{path}: not a netCDF file")


def _with_attributes(result: xr.Dataset, change: Callable[[Mapping[Hashable, Any]], Any]) -> xr.Dataset:
    """The same dataset with other attributes, those of its variables included."""
    changed = result.copy()
    changed.attrs = change(changed.attrs)
    for variable in changed.variables.values():
        variable.attrs = change(variable.attrs)
    return changed


def _encoded(value: Any) -> Any:
    """Return an attribute as version 3 of netCDF holds it: lists and what is no 4-byte integer as JSON."""
    if isinstance(value, list | bool) or (isinstance(value, int) and abs(value) > _MOST_INTEGER):
        return json.dumps(value)
    return value


def with_plain_attributes(result: xr.Dataset) -> xr.Dataset:
    """Return a result whose attributes have the types that they were given, however its file was opened."""
    return _with_attributes(result, _decoded)


def _decoded(attributes: Mapping[Hashable, Any]) -> dict[Hashable, Any]:
    plain = {name: v.item() if isinstance(v, np.generic) else v for name, v in attributes.items()}
    return {
        name: json.loads(v) if isinstance(v, str) and _AS_JSON.fullmatch(v) else v
        for name, v in plain.items()
    }
