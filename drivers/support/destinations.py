"""Destinations of results; what cannot be written there is refused before any work is done."""

from __future__ import annotations

import os
import re
import shutil
import tempfile
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from itertools import combinations
from pathlib import Path

from .errors import InputError
from .memory import format_bytes

_PICTURES = (".png", ".pdf", ".svg")
ZARR, NETCDF = ".zarr", ".nc"
# What is after the dot of run.mat, and not of pilot_0.5.
_ENDING = re.compile(r"\.[A-Za-z]\w*")
# What makes a folder the directory of a study.
PLAN = "plan.json"


@dataclass(frozen=True)
class Targets:
    """The store and the pictures of one run or sweep; the store of a study is its directory."""

    store: Path
    pictures: tuple[Path, ...]
    study: bool = False


def result_targets(name: str, swept: bool, out: Path | None, plot: Path | None) -> Targets:
    """Return the files that a command writes.

    Parameters
    ----------
    name : str
        The model's, after which the store is named unless `out` says otherwise.
    swept : bool
        A sweep draws a heat map and, beside it, a grid of time series.
    out, plot : Path, optional
        The store and the picture asked for; the picture is otherwise named after the store.
    """
    store = out or Path(f"{name}_{'sweep' if swept else 'run'}.zarr")
    picture = plot or beside(store, ".png")
    series = picture.with_stem(f"{picture.stem}_series")
    return Targets(store, (picture, series) if swept else (picture,))


def study_targets(name: str, out: Path | None, plot: Path | None) -> Targets:
    """Return what a sweep that keeps measures writes: a directory, and a heat map beside it."""
    folder = out or Path(f"{name}_sweep")
    return Targets(folder, (plot or beside(folder, ".png"),), study=True)


def fit_targets(
    folder: Path,
    table: Path | None,
    picture: Path | None,
    series: Path | None,
    endings: tuple[str, str] = ("_best.csv", "_best.png"),
) -> list[Path]:
    """Return what a fit writes: a table, a picture and, if it is named, a store of time series.

    Parameters
    ----------
    folder : Path
        What is ranked: a study, a store or a search.
    table, picture, series : Path, optional
        The places asked for; table and picture are otherwise named after `folder`, with `endings`.

    Raises
    ------
    InputError
        If one of them cannot be, or two of them, or one and `folder`, are in the same place.
    """
    table, picture = (
        path or beside(folder, ending) for path, ending in zip((table, picture), endings, strict=True)
    )
    check_picture_place(picture)
    check_file_place(table, "--csv")
    places = {"the directory": folder, "--csv": table, "--plot": picture}
    if series is not None:
        check_store_place(series)
        places["--series-out"] = series
    check_apart(places)
    return list(places.values())[1:]


def beside(result: Path, ending: str) -> Path:
    """A file beside a study or a store that is named after it.

    Raises
    ------
    InputError
        If it has no name.
    """
    path = result.resolve() if result.name in ("", "..") else result
    if not path.name:
        raise InputError(f"{result}: neither a study nor a store")
    stem = path.stem if path.suffix in (ZARR, NETCDF) else path.name
    return path.with_name(f"{stem}{ending}")


def is_netcdf(path: Path) -> bool:
    """Tell whether a result of this name is a netCDF file and no Zarr store."""
    return path.suffix == NETCDF


def keeps_series(path: Path) -> bool:
    """Tell whether a result of this name holds time series, and is no directory of measures."""
    return path.suffix in (ZARR, NETCDF)


def check_places(out: Path | None, plot: Path | None, study: bool = False) -> None:
    """Check that results and pictures can be written to their places, whatever is there.

    Parameters
    ----------
    study : bool
        Whether `out` is to be the directory of a study, and no store.

    Raises
    ------
    InputError
        If the name is that of something else, or the folder cannot be written to.
    """
    if out is not None:
        (check_study_place if study else check_store_place)(out)
    if plot is not None:
        check_picture_place(plot)
    if out is not None and plot is not None:
        check_apart({"--out": out, "--plot": plot})


def check_taken(targets: Targets, overwrite: bool) -> None:
    """Raise InputError if a store or a picture cannot be written, or exists and is not to be replaced.

    The message names all that exists.
    """
    check_places(targets.store, targets.pictures[0], targets.study)
    if targets.study:
        check_study_target(targets.store, overwrite)
    check_unused((targets.store, *targets.pictures), overwrite)


def check_unused(paths: Sequence[Path], overwrite: bool, options: str = "--out") -> None:
    """Check that no file would be replaced, unless that is asked for.

    Parameters
    ----------
    options : str
        What says where it is written.

    Raises
    ------
    InputError
        If a file exists; the message names all that do.
    """
    present = [str(path) for path in paths if os.path.lexists(path)]
    if present and not overwrite:
        verb, pronoun = ("exists", "it") if len(present) == 1 else ("exist", "them")
        raise InputError(
            f"{' and '.join(present)} {verb} already; give another {options}, or --overwrite to "
            f"replace {pronoun}"
        )


def check_apart(places: Mapping[str, Path]) -> None:
    """Check that no place is another's, or lies in it.

    Parameters
    ----------
    places : mapping of str to Path
        By the options that name them.

    Raises
    ------
    InputError
        If one is; the message names both.
    """
    real = {option_name: Path(os.path.realpath(path)) for option_name, path in places.items()}
    for (option, first_path), (other_option, second_path) in combinations(real.items(), 2):
        if first_path == second_path:
            raise InputError(
                f"{other_option} {places[other_option]} is also the place of {option}; give another"
            )
        for inner, outer in ((other_option, option), (option, other_option)):
            if real[outer] in real[inner].parents:
                raise InputError(f"{inner} {places[inner]} lies in {outer} {places[outer]}; give another")


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
