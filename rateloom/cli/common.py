"""Shared by several commands: arguments that name models, and the console for tables."""

from __future__ import annotations

from typing import TYPE_CHECKING

from rateloom.drivers.terminal.option import REQUIRED, Option

if TYPE_CHECKING:
    from collections.abc import Sequence

    from rich.console import Console
    from rich.table import Table

MODEL = Option(
    "model",
    str,
    REQUIRED,
    "A shipped model (see: rateloom models) or an XML file.",
    metavar="MODEL",
    argument=True,
)
# Several of them, or none.
MODELS = Option(
    "models", str, None, "Shipped models or XML files.", metavar="MODEL...", argument=True, repeatable=True
)
EVERY_MODEL = Option("everything", bool, False, "Every shipped model.", flag="--all")

# More columns of letters than any table has.
_WIDEST = 10**6


def console() -> Console:
    """Make the console that tables are printed on; wide when it is not a terminal, so that nothing is cut."""
    from rich.console import Console

    wide = Console()
    return wide if wide.is_terminal else Console(width=160)


def print_rows(names: Sequence[str], rows: Sequence[Sequence[str]]) -> int:
    """Print a table of texts, turned on its side where the terminal is too narrow for all names.

    Returns
    -------
    int
        How many of the rows were printed: of a table on its side, those that there is room for, at least one.
    """
    screen, table = console(), _table(names, rows)
    if not screen.is_terminal:
        screen.width = _WIDEST
    if _width(table) <= screen.width or not rows:
        screen.print(table)
        return len(rows)
    count, fits = 1, _turned(names, rows[:1])
    while count < len(rows) and _width(wider := _turned(names, rows[: count + 1])) <= screen.width:
        count, fits = count + 1, wider
    screen.print(fits)
    return count


def _table(names: Sequence[str], rows: Sequence[Sequence[str]]) -> Table:
    from rich.table import Table
    from rich.text import Text

    table = Table()
    for name in names:
        table.add_column(Text(name))  # whose brackets are no markup
    for row in rows:
        table.add_row(*map(Text, row))
    return table


def _turned(names: Sequence[str], rows: Sequence[Sequence[str]]) -> Table:
    """A table with its names down the side, the first of them as the head."""
    head, *lines = zip(names, *rows, strict=True)
    return _table(head, lines)


def _width(table: Table) -> int:
    """Letters that the lines of a table have where there is room for all."""
    from rich.console import Console

    return Console(width=_WIDEST).measure(table).maximum
