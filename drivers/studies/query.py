"""Queries of a study's tables by SQL, which change nothing."""

from __future__ import annotations

import importlib.util
import sqlite3
from contextlib import closing
from pathlib import Path

import pandas as pd

from rateloom.drivers.support.csv_tables import write_csv
from rateloom.drivers.support.errors import InputError
from rateloom.drivers.support.files import whole

from .item_tables import TABLES

_ALLOWED = {sqlite3.SQLITE_SELECT, sqlite3.SQLITE_READ, sqlite3.SQLITE_FUNCTION, sqlite3.SQLITE_RECURSIVE}


def rows_of(folder: Path, sql: str) -> pd.DataFrame:
    """The rows that a query of a study's tables gives.

    Parameters
    ----------
    sql : str
        One SELECT; SQLite refuses anything else here.

    Raises
    ------
    InputError
        If there is no study, or SQLite does not take the query.
    """
    path = folder / TABLES
    if not path.is_file():
        raise InputError(f"{folder}: no study is there ({TABLES} is absent)")
    try:
        # Not read-only: what a process that was killed left half-written has to be rolled back first.
        with closing(sqlite3.connect(f"{path.resolve().as_uri()}?mode=rw", uri=True, timeout=60.0)) as opened:
            opened.execute("SELECT count(*) FROM columns").fetchone()
            opened.set_authorizer(
                lambda action, *_: sqlite3.SQLITE_OK if action in _ALLOWED else sqlite3.SQLITE_DENY
            )
            cursor = opened.execute(sql)
            if cursor.description is None:
                raise InputError(f"{sql!r} is no SELECT")
            names = [name for name, *_ in cursor.description]
            return pd.DataFrame.from_records(cursor.fetchall(), columns=names)
    except (sqlite3.Error, sqlite3.Warning) as problem:
        raise InputError(
            f"query of {path}: {problem}; give one SELECT, as in rateloom query --help"
        ) from None


def write_rows(rows: pd.DataFrame, path: Path, form: str) -> None:
    """Write rows to a file.

    Parameters
    ----------
    form : {"csv", "parquet"}
        For Parquet the package pyarrow must be installed.

    Raises
    ------
    InputError
        If it is not, or the file cannot be written.
    """
    if form == "parquet" and importlib.util.find_spec("pyarrow") is None:
        raise InputError('Parquet files are written by the package pyarrow: pip install "rateloom[parquet]"')
    try:
        with whole(path) as partial:
            if form == "parquet":
                rows.to_parquet(partial, engine="pyarrow", index=False)
            else:
                write_csv(rows, partial)
    except OSError as problem:
        raise InputError(f"{path}: cannot be written ({problem.strerror or problem})") from None
