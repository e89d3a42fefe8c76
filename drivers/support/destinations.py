"""Destinations of results; what cannot be written there is refused before any work is done."""

from __future__ import annotations

import os
import re
import shutil
import tempfile
from pathlib import Path

from .errors import InputError
from .memory import format_bytes

_PICTURES = (".png", ".pdf", ".svg")
ZARR, NETCDF = ".zarr", ".nc"
# What is after the dot of run.mat, and not of pilot_0.5.
_ENDING = re.compile(r"\.[A-Za-z]\w*")
# What makes a folder the directory of a study.
PLAN = "plan.json"


def is_netcdf(path: Path) -> bool:
    """Tell whether a result of this name is a netCDF file and no Zarr store."""
    return path.suffix == NETCDF


def keeps_series(path: Path) -> bool:
    """Tell whether a result of this name holds time series, and is no directory of measures."""
    return path.suffix in (ZARR, NETCDF)


def check_target(store: Path, overwrite: bool) -> None:
    """Check that a store can be written; worth calling before a long simulation.

    Raises
    ------
    InputError
        If it is not to be replaced, is no store, or its folder cannot be written to.
    """
    check_store_place(store)
    if os.path.lexists(store) and not overwrite:
        raise InputError(f"{store}: already there; choose another name, or ask for it to be overwritten")


def check_store_place(path: Path) -> None:
    """Raise InputError if a path cannot be a store: another format, another folder, or in a closed folder.

    A name that ends in .nc is that of a netCDF file.
    """
    if not path.name:
        raise InputError(f"{path}: not a name for a store; give one like sweep.zarr")
    check_folder(path)
    if is_netcdf(path):
        if path.is_dir():
            raise InputError(f"{path} is a folder; give the name of a netCDF file, or one that ends in .zarr")
        return
    if os.path.isdir(path):  # noqa: PTH112 - Path.is_dir raises for what cannot be a path
        if any(path.iterdir()) and not any((path / name).exists() for name in (".zgroup", "zarr.json")):
            raise InputError(
                f"{path}: a folder that is not a Zarr store is not overwritten; choose another name"
            )
    elif os.path.lexists(path):
        raise InputError(f"{path}: a file of that name is in the way; choose another name or remove it")
    elif _ENDING.fullmatch(path.suffix) and not keeps_series(path):
        raise InputError(f"{path}: results are not written as {path.suffix}; end the name in .zarr or .nc")


def check_study_place(path: Path) -> None:
    """Raise InputError if a path cannot be a study's directory: a file, or a folder of other files.

    A new one has no ending, since that would be a file's.
    """
    if not path.name:
        raise InputError(f"{path}: not a name for a study; give one like pilot")
    check_folder(path)
    if not os.path.lexists(path):
        if _ENDING.fullmatch(path.suffix) and path.suffix != ZARR:
            raise InputError(
                f"{path}: measures are kept in a directory, whose name does not end in {path.suffix}; give "
                f"one like {path.stem}"
            )
        return
    if not path.is_dir():
        raise InputError(f"{path}: a file of that name is in the way; choose another name or remove it")
    if any(path.iterdir()) and not (path / PLAN).is_file():
        raise InputError(f"{path}: a folder that is not a study is not overwritten; choose another name")


def check_study_target(path: Path, overwrite: bool) -> None:
    """Raise InputError if a directory cannot be made, or holds a study; the message says what to do."""
    check_study_place(path)
    if (path / PLAN).is_file() and not overwrite:
        raise InputError(
            f"{path}: a study is there already; go on with it (--resume {path}), choose another name, or "
            "replace it (--overwrite)"
        )


def check_picture_place(path: Path, option: str = "--plot") -> None:
    """Raise InputError if a path cannot be a picture."""
    if path.suffix.lower() not in _PICTURES:
        raise InputError(f"{option} {path}: the name of a picture ends in .png, .pdf or .svg")
    if path.is_dir():
        raise InputError(f"{option} {path} is a folder; give the name of a picture")
    check_folder(path)


def check_folder(path: Path) -> None:
    """Raise InputError if the folder of a path is a file, or is closed; a missing one can be made."""
    folder = nearest_folder(path)
    if not folder.is_dir():
        raise InputError(f"{path}: {folder} is not a folder; choose another place")
    try:
        # permissions do not say all: an administrator has them where nothing can be made
        with tempfile.TemporaryFile(dir=folder):
            pass
    except OSError:
        raise InputError(
            f"{path}: the folder {folder.resolve()} cannot be written to; choose another place"
        ) from None


def check_file_place(path: Path, option: str) -> None:
    """Raise InputError if a path cannot be a file."""
    if path.is_dir():
        raise InputError(f"{option} {path} is a folder; give the name of a file")
    check_folder(path)


def check_disk_space(store: Path, needed: int) -> None:
    """Check that the disk has room for a result.

    Parameters
    ----------
    needed : int
        Bytes of the result as it is in memory; compressed, it takes that many at most.

    Raises
    ------
    InputError
        If it has not; the message says how much is needed and how much is free.
    """
    free = shutil.disk_usage(nearest_folder(store)).free
    if needed > free:
        raise InputError(
            f"{store}: the result needs {format_bytes(needed)} and {format_bytes(free)} of the disk is free; "
            "choose another place (out=, --out), keep fewer samples (period) or sweep fewer values"
        )


def make_folder(path: Path) -> None:
    """Make the folder of a file that is about to be written."""
    path.parent.mkdir(parents=True, exist_ok=True)


def nearest_folder(path: Path) -> Path:
    """The folder of a path, or the nearest one above it that is there."""
    return next(p for p in (path.parent, *path.parent.parents, Path.cwd()) if os.path.lexists(p))
