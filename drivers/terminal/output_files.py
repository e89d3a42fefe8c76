"""Files that a command writes: how they are named, and that none is another's or there already."""

from __future__ import annotations

import os
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from itertools import combinations
from pathlib import Path

from rateloom.drivers.support.destinations import (
    NETCDF,
    ZARR,
    check_file_place,
    check_picture_place,
    check_store_place,
    check_study_place,
    check_study_target,
)
from rateloom.drivers.support.errors import InputError


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
