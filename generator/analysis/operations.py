"""Operations on one value, counted on the nodes of a program."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field

from rateloom.generator.ir.nodes import EXTERNAL, FUSED, Node
from rateloom.generator.passes.schedule import is_hoisted

_KINDS = {
    "add": "adds", "sub": "adds", "neg": "adds", "plus_zero": "adds", "mul": "multiplies", "div": "divisions",
    "sqrt": "roots",
} | dict.fromkeys(
    (
        "<", "<=", ">", ">=", "==", "!=", "and", "or", "not", "select", "abs", "floor", "ceil", "at_least",
        "at_most",
    ),
    "selects",
)  # fmt: skip
# what takes additions, multiplications, and selections and roundings
_SUPPORT = {
    "rounding_error": (2, 0, 0),
    "wrapped": (2, 2, 3),
    "wrapping_error": (4, 3, 1),
    "turns_between": (1, 1, 1),
}


@dataclass(frozen=True)
class Operations:
    """Operations on one value.

    Attributes
    ----------
    adds : int
        Additions, subtractions and changes of sign.
    multiplies, divisions, roots : int
    selects : int
        Comparisons, selections, logic, absolute values and roundings.
    functions : mapping of str to int
        Elementary functions by name; those that exist only as code too.
    fused : int
        How many of these take no instruction of their own: additions that are fused with a product, and
        comparisons whose selection is a minimum or a maximum.
    integers : int
        Operations on whole numbers of 64 bits, of random numbers; a product counts twice.
    """

    adds: int = 0
    multiplies: int = 0
    divisions: int = 0
    roots: int = 0
    selects: int = 0
    functions: Mapping[str, int] = field(default_factory=dict)
    fused: int = 0
    integers: int = 0

    @property
    def arithmetic(self) -> int:
        """All floating-point operations but the elementary functions."""
        return self.adds + self.multiplies + self.divisions + self.roots + self.selects


def combine(parts: Iterable[Operations]) -> Operations:
    """Add up operations."""
    total = Operations()
    for part in parts:
        total = Operations(
            total.adds + part.adds,
            total.multiplies + part.multiplies,
            total.divisions + part.divisions,
            total.roots + part.roots,
            total.selects + part.selects,
            dict(Counter(total.functions) + Counter(part.functions)),
            total.fused + part.fused,
            total.integers + part.integers,
        )
    return total


def operations_of(roots: Iterable[Node], leaves: frozenset[Node], inside: bool = False) -> Operations:
    """Count the nodes below the roots, each once; inside the time loop, hoisted ones are leaves."""
    uses: Counter[Node] = Counter()
    waiting = list(roots)
    while waiting:
        node = waiting.pop()
        uses[node] += 1
        if uses[node] == 1 and node not in leaves and not (inside and is_hoisted(node)):
            waiting += node.args
    counted = [
        n
        for n in uses
        if n.op not in ("leaf", "constant") and n not in leaves and not (inside and is_hoisted(n))
    ]
    fused = [n for n in counted if n.op in FUSED]
    single = [n for n in counted if n.op not in FUSED and n.op not in _SUPPORT]
    kinds = Counter(_KINDS[n.op] for n in single if n.op in _KINDS)
    # an exponential whose last product is done with a sum
    joined = sum(n.op == "exp_plus" for n in single)
    kinds += Counter(adds=len(fused) + joined, multiplies=len(fused))
    for node in counted:
        adds, multiplies, selects = _SUPPORT.get(node.op, (0, 0, 0))
        kinds += Counter(adds=adds, multiplies=multiplies, selects=selects)
    functions = Counter(
        "exp" if n.op == "exp_plus" else n.op.removeprefix(EXTERNAL) for n in single if n.op not in _KINDS
    )
    once = {n for n in single if uses[n] == 1}
    free = len(fused) + joined + sum(_is_extremum(n, once) for n in single)
    return Operations(**kinds, functions=dict(sorted(functions.items())), fused=free)


def _is_extremum(node: Node, once: set[Node]) -> bool:
    """Whether a node selects the larger or the smaller of the two values that its condition compares."""
    if node.op != "select":
        return False
    condition, *values = node.args
    return condition.op in ("<", "<=", ">", ">=") and condition in once and set(condition.args) == set(values)
