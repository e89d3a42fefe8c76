"""Diagnostics of a model file: one line each, with file, line and code."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass


@dataclass(frozen=True, order=True)
class Location:
    """A place in a model file; line 0 is the file as a whole."""

    file: str = "<model>"
    line: int = 0

    def __str__(self) -> str:
        return f"{self.file}:{self.line}" if self.line else self.file


@dataclass(frozen=True, order=True)
class Diagnostic:
    """An error (code ``E…``) or a warning (code ``W…``) about a model file."""

    where: Location
    code: str
    message: str

    @property
    def severity(self) -> str:
        """Return ``"error"`` or ``"warning"``, by the first letter of the code."""
        return "error" if self.code.startswith("E") else "warning"

    def __str__(self) -> str:
        return f"{self.where}: {self.severity}[{self.code}]: {self.message}"


class ModelError(ValueError):
    """A model that cannot be used; it holds every error in its file.

    Parameters
    ----------
    diagnostics : sequence of Diagnostic
        All errors, in the order of their lines.
    """

    def __init__(self, diagnostics: Sequence[Diagnostic]) -> None:
        self.diagnostics = tuple(sorted(diagnostics))
        super().__init__("\n".join(str(d) for d in self.diagnostics))


class ModelWarning(UserWarning):
    """A warning about a model file that works but is probably not as its author meant it."""
