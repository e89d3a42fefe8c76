"""Queries of a study's tables by SQL, which change nothing and end in bounded time and memory."""

from __future__ import annotations

import csv
import importlib.util
import math
import sqlite3
import time
from collections.abc import Callable, Iterator
from contextlib import closing, contextmanager
from dataclasses import dataclass
from itertools import islice
from pathlib import Path
from typing import Any

import pandas as pd

from rateloom.drivers.support.errors import InputError
from rateloom.drivers.support.files import whole
from rateloom.drivers.tables.csv_tables import plain_cell, write_csv

from .item_tables import TABLES

_ALLOWED = {sqlite3.SQLITE_SELECT, sqlite3.SQLITE_READ, sqlite3.SQLITE_FUNCTION, sqlite3.SQLITE_RECURSIVE}
# Letters of a query, and of the pattern of a LIKE in it; bytes of a row without matrices.
MOST_LETTERS = 100_000
_MOST_PATTERN = 1000
_MOST_ROW = 1_000_000
# Operations of SQLite between two looks at the clock, and rows that are written together.
_OPERATIONS = 10_000
_PORTION = 10_000

Row = tuple[Any, ...]


@dataclass(frozen=True, eq=False)
class Rows:
    """The rows of a query, which are made as they are asked for.

    Attributes
    ----------
    names : list of str
        Of the columns.
    read : callable
        Runs the query, and returns its rows one after another.
    """

    names: list[str]
    read: Callable[[], Iterator[Row]]


@contextmanager
def queried(folder: Path, sql: str, timeout: float = math.inf) -> Iterator[Rows]:
    """Query a study's tables; rows can be read until the block ends.

    Parameters
    ----------
    sql : str
        One SELECT of at most `MOST_LETTERS` letters; SQLite refuses anything else here.
    timeout : float
        Most seconds that the block may take in SQLite.

    Raises
    ------
    InputError
        If there is no study, SQLite does not take the query, a row of it is too long, or it takes too long.
    """
    path = folder / TABLES
    if not path.is_file():
        raise InputError(f"{folder}: no study is there ({TABLES} is absent)")
    if len(sql) > MOST_LETTERS:
        raise InputError(f"query of {path}: {len(sql)} letters of SQL; at most {MOST_LETTERS} are taken")
    end = time.monotonic() + timeout
    try:
        # Not read-only: what a process that was killed left half-written has to be rolled back first.
        with closing(sqlite3.connect(f"{path.resolve().as_uri()}?mode=rw", uri=True, timeout=60.0)) as opened:
            opened.setlimit(sqlite3.SQLITE_LIMIT_LENGTH, _longest_row(opened))
            opened.setlimit(sqlite3.SQLITE_LIMIT_LIKE_PATTERN_LENGTH, _MOST_PATTERN)
            opened.set_authorizer(
                lambda action, *_: sqlite3.SQLITE_OK if action in _ALLOWED else sqlite3.SQLITE_DENY
            )
            opened.set_progress_handler(lambda: time.monotonic() > end, _OPERATIONS)
            cursor = opened.execute(sql)
            if cursor.description is None:
                raise InputError(f"{sql!r} is no SELECT")
            yield Rows([name for name, *_ in cursor.description], lambda: opened.execute(sql))
    except UnicodeDecodeError:
        raise InputError(f"query of {path}: a name of its tables is no text; the file is damaged") from None
    except (sqlite3.Error, sqlite3.Warning) as problem:
        if time.monotonic() > end:
            remedy = "give it a LIMIT, or more time (--timeout)"
            raise InputError(f"query of {path}: it takes more than {timeout:g} s; {remedy}") from None
        raise InputError(
            f"query of {path}: {problem}; give one SELECT, as in rateloom query --help"
        ) from None


def _longest_row(connection: sqlite3.Connection) -> int:
    """Return the bytes that a row may have: what is not a matrix, and twice all matrices of a work item."""
    ((n_node,),) = connection.execute("SELECT count(*) FROM nodes").fetchall()
    ((n_matrix,),) = connection.execute(
        "SELECT count(*) FROM columns WHERE tables LIKE '%matrices%'"
    ).fetchall()
    return int(_MOST_ROW + 4 * n_matrix * n_node * (n_node + 1))


def rows_of(folder: Path, sql: str) -> pd.DataFrame:
    """Return all rows of a query that rateloom makes; see `queried`."""
    with queried(folder, sql) as rows:
        return pd.DataFrame.from_records(list(rows.read()), columns=rows.names)


def first_rows(folder: Path, sql: str, most: int, timeout: float) -> tuple[list[str], list[Row], int]:
    """Return names of columns, the first rows of a query, and how many rows it has; see `queried`."""
    with queried(folder, sql, timeout) as rows:
        cursor = rows.read()
        first = list(islice(cursor, most))
        return rows.names, first, len(first) + sum(1 for _ in cursor)


def write_query(folder: Path, sql: str, path: Path, form: str, timeout: float) -> int:
    """Write the rows of a query to a file as they come, and return how many they are.

    Parameters
    ----------
    folder, sql, timeout
        See `queried`.
    form : {"csv", "parquet"}
        For Parquet the package pyarrow must be installed.

    Raises
    ------
    InputError
        If it is not, the file cannot be written, or the query fails.
    """
    if form == "parquet" and importlib.util.find_spec("pyarrow") is None:
        raise InputError('Parquet files are written by the package pyarrow: pip install "rateloom[parquet]"')
    with queried(folder, sql, timeout) as rows, _written(path) as partial:
        return (_write_parquet if form == "parquet" else _write_csv)(rows, partial)


def write_rows(rows: pd.DataFrame, path: Path) -> None:
    """Write rows to a CSV file.

    Raises
    ------
    InputError
        If the file cannot be written.
    """
    with _written(path) as partial:
        write_csv(rows, partial)


@contextmanager
def _written(path: Path) -> Iterator[Path]:
    try:
        with whole(path) as partial:
            yield partial
    except OSError as problem:
        raise InputError(f"{path}: cannot be written ({problem.strerror or problem})") from None


def _write_csv(rows: Rows, path: Path) -> int:
    count = 0
    with path.open("w", encoding="utf-8", newline="") as stream:
        writer = csv.writer(stream, lineterminator="\n")
        writer.writerow([plain_cell(name) for name in rows.names])
        for row in rows.read():
            writer.writerow([plain_cell(value) for value in row])
            count += 1
    return count


def _write_parquet(rows: Rows, path: Path) -> int:
    """Read the rows twice: what a column holds is known when all of it was seen."""
    import pyarrow as pa
    from pyarrow import parquet

    kinds: list[set[type]] = [set() for _ in rows.names]
    for row in rows.read():
        for seen, value in zip(kinds, row, strict=True):
            seen.add(type(value))
    arrow_types = [_arrow_type(pa, seen - {type(None)}) for seen in kinds]
    schema = pa.schema(list(zip(rows.names, arrow_types, strict=True)))
    count, cursor = 0, rows.read()
    with parquet.ParquetWriter(path, schema) as writer:
        while portion := list(islice(cursor, _PORTION)):
            columns = [
                pa.array([_as(kind, value, pa) for value in column], kind)
                for kind, column in zip(arrow_types, zip(*portion, strict=True), strict=True)
            ]
            writer.write_table(pa.Table.from_arrays(columns, schema=schema))
            count += len(portion)
    return count


def _arrow_type(pa: Any, kinds: set[type]) -> Any:
    """Return the type of a column whose values are of some types of SQLite's; mixed ones become text."""
    if kinds <= {int}:
        return pa.int64()
    if kinds <= {int, float}:
        return pa.float64()
    return pa.binary() if kinds == {bytes} else pa.string()


def _as(kind: Any, value: Any, pa: Any) -> Any:
    return value if value is None or kind != pa.string() else str(value)
