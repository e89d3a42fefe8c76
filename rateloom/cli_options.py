"""What several commands share: how a model is named, and the console that tables are printed on."""

from __future__ import annotations

from typing import TYPE_CHECKING, Annotated

import typer

if TYPE_CHECKING:
    from rich.console import Console

_MODEL = typer.Argument(metavar="MODEL", help="A shipped model (see: rateloom models) or an XML file.")
ModelName = Annotated[str, _MODEL]
OptionalModelName = Annotated[str | None, _MODEL]


def console() -> Console:
    """Make the console that tables are printed on; wide when it is not a terminal, so that nothing is cut."""
    from rich.console import Console

    wide = Console()
    return wide if wide.is_terminal else Console(width=160)
