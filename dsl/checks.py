"""All semantic checks, each a function from a draft to what is wrong in it."""

from __future__ import annotations

from .diagnostics import Diagnostic
from .draft import Draft


def check_draft(draft: Draft) -> tuple[Diagnostic, ...]:
    """Return the errors of a draft."""
    return ()


def find_warnings(draft: Draft) -> tuple[Diagnostic, ...]:
    """Return what is allowed but probably not meant."""
    return ()
