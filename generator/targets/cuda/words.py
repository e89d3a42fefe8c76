"""The words of CUDA C; the functions are C++ overloads, so that one text serves both precisions."""

from __future__ import annotations

import re
from collections.abc import Sequence

from rateloom.generator.targets.expression_text import Language
from rateloom.generator.targets.numba.elementary_text import FUNCTIONS

CUDA = Language(
    # a namespace of the generated source: the branch-free functions, or the device's own
    functions={name: f"math::{name}" for name in FUNCTIONS}
    | {"sqrt": "sqrt", "floor": "floor", "ceil": "ceil", "abs": "fabs"},
    logic={"and": "&&", "or": "||", "not": "!"},
    select=lambda condition, yes, no: f"{condition} ? {yes} : {no}",
    # without headers there is no INFINITY
    infinity="(real(1.0) / real(0.0))",
)

# A node's update that reads more hoisted rows than this has no registers for them.
REGISTERS_FOR_ROWS = 24

_IDENTIFIER = re.compile(r"[A-Za-z_]\w*")


def read_late(rows: Sequence[tuple[int, str]], lines: Sequence[str]) -> tuple[str, ...]:
    """Put the reading of each hoisted row before the first line that uses it, or after them all.

    Parameters
    ----------
    rows : sequence of (int, str)
        Number and identifier of each row.
    lines : sequence of str
        Statements.
    """
    waiting = {name: f"const real {name} = HOISTED({number});" for number, name in rows}
    written: list[str] = []
    for line in lines:
        written += [waiting.pop(name) for name in _IDENTIFIER.findall(line) if name in waiting]
        written.append(line)
    return (*written, *waiting.values())
