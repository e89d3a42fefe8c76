"""The names that a model may declare, and suggestions for mistyped ones."""

from __future__ import annotations

import difflib
import re
from collections.abc import Iterable
from itertools import islice

from .operations import ELEMENTARY

IDENTIFIER = re.compile(r"[A-Za-z][A-Za-z0-9_]*\Z", re.ASCII)
LONGEST = 64
# Comparing is slow, and no real model has more names.
_MOST_CANDIDATES = 500

ELEMENTARY_NAMES = (*ELEMENTARY, "sqrt", "pow", "diff")
CONSTANTS = ("pi", "inf")
_REASONS = {
    "pi": "it is the number pi",
    "inf": "it is infinity",
    "nan": "it means not a number",
    "t": "it is the time",
    "dt": "it is the integration step",
    "n_node": "it is the number of nodes",
    "gx": "it is the coupled sum in the post of a Coupling",
    "and": "it is a word of the language",
    "or": "it is a word of the language",
    "not": "it is a word of the language",
    "speed": "it is the conduction speed, which every run can set",
    "time": "it is a dimension of the results",
    "node": "it is a dimension of the results",
    "diverged_step": "it is a variable of the results",
} | {name: f"it is the function {name}" for name in ELEMENTARY_NAMES}


def refusal(name: str) -> str | None:
    """Return the reason why a name cannot be declared; None if it can."""
    if not IDENTIFIER.match(name):
        return "a name is a letter, then letters, digits and underscores"
    if len(name) > LONGEST:
        return f"a name has at most {LONGEST} characters"
    if name.endswith("_j"):
        return "names that end in _j are source nodes' variables in the pre of a Coupling"
    return _REASONS.get(name)


def did_you_mean(name: str, candidates: Iterable[str]) -> str:
    """Return ``"; did you mean 'tau'?"``, or an empty text if no candidate is close."""
    candidate_names = sorted(set(islice(candidates, _MOST_CANDIDATES + 1)))
    if len(name) > LONGEST or len(candidate_names) > _MOST_CANDIDATES:
        return ""
    same = [c for c in candidate_names if c.lower() == name.lower()]
    close = same or difflib.get_close_matches(name, candidate_names, n=1, cutoff=0.6)
    return f"; did you mean '{close[0]}'?" if close else ""


def short(name: str) -> str:
    """Shorten a name so that a message stays one readable line."""
    line = " ".join(name.split())
    return line if len(line) <= 60 else f"{line[:57]}..."
