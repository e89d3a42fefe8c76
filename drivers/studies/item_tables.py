"""The tables of a study, in SQLite: what is done, and what came of it.

A work item is done when its row is there. Rows are committed together, so that a process that is killed at
any moment leaves whole lane blocks, and nothing else.
"""

from __future__ import annotations

import sqlite3
import time
from collections.abc import Iterator, Sequence
from contextlib import closing, contextmanager
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

from rateloom.drivers.execution.lane_result import LaneResult
from rateloom.drivers.observation.recipe import Column
from rateloom.drivers.planning.grid import CONNECTOME, Grid
from rateloom.drivers.support.errors import InputError

from .layout import Layout

TABLES = "measures.sqlite"
# What an interruption may cost; a commit takes some milliseconds, since it waits for the disk.
SECONDS_A_COMMIT = 1.0
# A reader may hold the file for a while.
_PATIENCE = 60.0
_AT_ONCE = 10_000
# Of an entry of a matrix: the same bytes on every machine.
_SINGLE = np.dtype("<f4")
# Of measures that are a number, one a node, and a matrix.
_TABLES = ("work_items", "regions", "matrices")


class StoppedError(InputError):
    """A study could not be written to; what is done stays, and can be gone on with."""


def create_tables(folder: Path, layout: Layout, labels: Sequence[str] | None) -> None:
    """Make the empty tables of a study.

    ``work_items`` has a row a work item: its parameters and the name of its connectome, where these are
    swept, ``diverged_step`` and a column a measure.
    ``regions`` has a row a work item and node, with a column a regional measure. ``matrices`` has a row a
    work item with the upper triangle of each matrix, row by row with the diagonal, in single precision.
    ``nodes`` has the nodes' labels and ``columns`` says what each column is.
    """
    axes = [f"{quoted(layout.named[n])} {_kind(layout.grid, n)} NOT NULL" for n in layout.grid.tabled]
    (folder / TABLES).touch()
    with connected(folder) as connection:
        connection.execute("BEGIN")
        columns = ["item INTEGER PRIMARY KEY", *axes, "diverged_step INTEGER NOT NULL"]
        connection.execute(f"CREATE TABLE work_items ({', '.join(columns + _reals(layout, layout.whole))})")
        columns = ["item INTEGER NOT NULL", "node INTEGER NOT NULL", *_reals(layout, layout.regional)]
        key = "PRIMARY KEY (item, node)"
        connection.execute(f"CREATE TABLE regions ({', '.join(columns)}, {key}) WITHOUT ROWID")
        if layout.matrices:
            columns = [
                "item INTEGER PRIMARY KEY",
                *(f"{quoted(layout.named[c.name])} BLOB" for c in layout.matrices),
            ]
            connection.execute(f"CREATE TABLE matrices ({', '.join(columns)})")
        connection.execute("CREATE TABLE nodes (node INTEGER PRIMARY KEY, label TEXT)")
        names = labels or [str(node) for node in range(layout.n_node)]
        connection.executemany("INSERT INTO nodes VALUES (?, ?)", enumerate(names))
        connection.execute("CREATE TABLE columns (name TEXT, tables TEXT, unit TEXT, description TEXT)")
        described = [(layout.named[c.name], _TABLES[c.n_node], c.unit, c.description) for c in layout.columns]
        connection.executemany("INSERT INTO columns VALUES (?, ?, ?, ?)", described)
        connection.execute("COMMIT")


@dataclass(eq=False)
class Writer:
    """Adds results to the tables, and commits them every so many seconds."""

    connection: sqlite3.Connection
    layout: Layout
    seconds: float = SECONDS_A_COMMIT
    into: tuple[str, ...] = field(init=False)
    complete: bool = True
    committed: float = field(default_factory=time.monotonic)

    def __post_init__(self) -> None:
        whole = 2 + len(self.layout.grid.tabled) + len(self.layout.whole)
        regional = 2 + len(self.layout.regional)
        sizes = (whole, regional, 1 + len(self.layout.matrices))
        self.into = tuple(
            f"INSERT INTO {table} VALUES ({', '.join('?' * size)})"
            for table, size in zip(_TABLES, sizes, strict=True)
        )

    def add(self, result: LaneResult) -> None:
        """Add the measures of a lane block."""
        self.complete = False
        if not self.connection.in_transaction:
            self.connection.execute("BEGIN IMMEDIATE")
        grid, n_node = self.layout.grid, self.layout.n_node
        axes = (grid.item_labels(name, result.items).tolist() for name in grid.tabled)
        of_brain = (result.measures[c.name].tolist() for c in self.layout.whole)
        rows = zip(result.items.tolist(), *axes, result.diverged_step.tolist(), *of_brain, strict=True)
        self.connection.executemany(self.into[0], rows)
        if self.layout.regional:
            items = np.repeat(result.items, n_node).tolist()
            nodes = np.tile(np.arange(n_node), len(result.items)).tolist()
            regional = (result.measures[c.name].ravel().tolist() for c in self.layout.regional)
            self.connection.executemany(self.into[1], zip(items, nodes, *regional, strict=True))
        if self.layout.matrices:
            packed = (_packed(result.measures[c.name]) for c in self.layout.matrices)
            self.connection.executemany(self.into[2], zip(result.items.tolist(), *packed, strict=True))
        self.complete = True
        if time.monotonic() - self.committed > self.seconds:
            self.commit()

    def commit(self) -> None:
        """Make what was added last."""
        if self.connection.in_transaction:
            self.connection.execute("COMMIT")
        self.committed = time.monotonic()


@contextmanager
def writing(folder: Path, layout: Layout, seconds: float = SECONDS_A_COMMIT) -> Iterator[Writer]:
    """Add results to a study's tables; what was added whole lasts, even if Ctrl-C ends the block."""
    with connected(folder) as connection:
        writer = Writer(connection, layout, seconds)
        try:
            yield writer
        except KeyboardInterrupt:
            if writer.complete:
                writer.commit()
            raise
        writer.commit()


@contextmanager
def connected(folder: Path) -> Iterator[sqlite3.Connection]:
    """Open a study's tables; what SQLite cannot do ends in one line.

    Raises
    ------
    InputError
        If there are none.
    StoppedError
        If the tables cannot be read or written: the disk is full, say.
    """
    if not (folder / TABLES).is_file():  # SQLite would make them
        raise InputError(f"{folder / TABLES} is absent: the study cannot be read; begin it again")
    try:
        path = (folder / TABLES).resolve()
        with closing(sqlite3.connect(path, timeout=_PATIENCE, isolation_level=None)) as connection:
            # values that a query computes stay in memory, not in files elsewhere
            connection.execute("PRAGMA temp_store = MEMORY")
            yield connection
    except sqlite3.Error as problem:
        raise StoppedError(
            f"{folder / TABLES}: {problem}; when that is mended, go on with: rateloom sweep --resume {folder}"
        ) from None


def done_items(folder: Path, grid: Grid) -> NDArray[np.bool_]:
    """Return which work items are done.

    Raises
    ------
    InputError
        If the tables hold another sweep's.
    """
    is_done = np.zeros(grid.n_item, bool)
    with connected(folder) as connection:
        cursor = connection.execute("SELECT item FROM work_items")
        while rows := cursor.fetchmany(_AT_ONCE):
            items = np.array(rows, np.int64)[:, 0]
            if items.min() < 0 or items.max() >= grid.n_item:
                raise InputError(f"{folder / TABLES}: it has work items that the plan does not have")
            is_done[items] = True
    return is_done


def index_parameters(folder: Path, layout: Layout) -> None:
    """Index every swept parameter, once all rows are there."""
    with connected(folder) as connection:
        for name in layout.grid.tabled:
            column = layout.named[name]
            index = quoted(f"by_{column}")
            connection.execute(f"CREATE INDEX IF NOT EXISTS {index} ON work_items ({quoted(column)})")


def read_whole(connection: sqlite3.Connection, layout: Layout, first: int, last: int) -> NDArray[np.float64]:
    """Measures and steps of divergence of work items `first` to `last`: (item, measure), steps come first."""
    columns = ["diverged_step", *(quoted(layout.named[c.name]) for c in layout.whole)]
    return _read(connection, "work_items", columns, "item", first, last, last - first)


def read_regional(
    connection: sqlite3.Connection, layout: Layout, first: int, last: int
) -> NDArray[np.float64]:
    """Regional measures of work items `first` to `last`: (item, node, measure)."""
    columns = [quoted(layout.named[c.name]) for c in layout.regional]
    n_row = (last - first) * layout.n_node
    rows = _read(connection, "regions", columns, "item, node", first, last, n_row)
    return rows.reshape(last - first, layout.n_node, len(columns))


def read_matrices(
    connection: sqlite3.Connection, layout: Layout, column: Column, first: int, last: int
) -> NDArray[np.float32]:
    """One matrix of work items `first` to `last`: (item, node, node)."""
    n_node, name = layout.n_node, quoted(layout.named[column.name])
    upper = np.triu_indices(n_node)
    result = np.empty((last - first, n_node, n_node), np.float32)
    cursor = connection.execute(
        f"SELECT {name} FROM matrices WHERE item >= {first} AND item < {last} ORDER BY item"
    )
    for matrix, (blob,) in zip(result, cursor, strict=True):
        matrix[upper] = np.frombuffer(blob, _SINGLE)
        matrix.T[upper] = matrix[upper]
    return result


def _packed(matrices: NDArray[Any]) -> Iterator[bytes]:
    """The upper triangle of each symmetric matrix (item, node, node)."""
    upper = np.triu_indices(matrices.shape[1])
    return (matrix[upper].astype(_SINGLE).tobytes() for matrix in matrices)


def _read(
    connection: sqlite3.Connection,
    table: str,
    columns: Sequence[str],
    order: str,
    first: int,
    last: int,
    n_row: int,
) -> NDArray[np.float64]:
    """Rows of some work items; what is NULL is NaN, as it was when it was written."""
    result = np.empty((n_row, len(columns)))
    where = f"item >= {first} AND item < {last} ORDER BY {order}"
    cursor = connection.execute(f"SELECT {', '.join(columns)} FROM {table} WHERE {where}")
    begin = 0
    while rows := cursor.fetchmany(_AT_ONCE):
        result[begin : begin + len(rows)] = np.array(rows, dtype=np.float64)
        begin += len(rows)
    if begin != n_row:
        raise sqlite3.DatabaseError(f"{table} has {begin} rows where {n_row} belong")
    return result


def quoted(name: str) -> str:
    """A name as SQL writes it: ``"P[1]"``."""
    return '"' + name.replace('"', '""') + '"'


def _kind(grid: Grid, name: str) -> str:
    """The type of a column of swept values: of connectomes these are names."""
    return "TEXT" if name == CONNECTOME and grid.connectomes else "REAL"


def _reals(layout: Layout, columns: Sequence[Column]) -> list[str]:
    return [f"{quoted(layout.named[c.name])} REAL" for c in columns]
