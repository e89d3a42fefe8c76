"""Names of values: the model's own where it has one, each given once."""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass, field

from .nodes import Node

# characters of a name that is made of others
_LONGEST = 24
# operations that one takes
_DEEPEST = 4
_BETWEEN = {
    "add": "plus", "sub": "minus", "mul": "times", "div": "over", "<": "below", "<=": "at_most", ">": "above",
    ">=": "at_least", "==": "is", "!=": "is_not", "and": "and", "or": "or",
}  # fmt: skip
_BEFORE = {"sqrt": "root", "neg": "minus"}
_NUMBERS = {0.5: "half", -0.5: "minus_half"}
_FACTORS = {2.0: "twice", 0.5: "half", -2.0: "minus_twice", -0.5: "minus_half"}


@dataclass
class Names:
    """Gives each node one name, and no name twice.

    ``scalars`` are leaves that are one number for all work items and nodes; ``unnamed`` nodes are called by a
    number.
    """

    taken: set[str] = field(default_factory=set)
    of: dict[Node, str] = field(default_factory=dict)
    scalars: set[Node] = field(default_factory=set)
    unnamed: set[Node] = field(default_factory=set)

    def give(self, node: Node, wish: str | None = None) -> str:
        """Return the node's name, made from the wished one if it has none yet."""
        if node not in self.of:
            named = {n: name for n, name in self.of.items() if n not in self.unnamed}
            own = wish or composed_name(node, named)
            if own is None:
                self.unnamed.add(node)
            self.of[node] = self.unique(own or f"u{len(self.unnamed)}")
        return self.of[node]

    def rename(self, node: Node, wish: str) -> str:
        """Give a node another name."""
        self.taken.discard(self.of.pop(node))
        self.unnamed.discard(node)
        return self.give(node, wish)

    def copy(self) -> Names:
        """Return names that start as these and then go their own way: those of one loop."""
        return Names(set(self.taken), dict(self.of), set(self.scalars), set(self.unnamed))

    def give_scalar(self, node: Node, name: str) -> None:
        """Name a leaf that is one number for all."""
        self.of[node] = self.unique(name)
        self.scalars.add(node)

    def is_scalar(self, node: Node) -> bool:
        """Whether a node is one number for all work items, not a row."""
        return node in self.scalars

    def unique(self, wish: str) -> str:
        """Return a free name, the wish itself if possible."""
        base = re.sub(r"\W", "_", wish.replace("]", ""))
        name, count = base, 1
        while name in self.taken:
            count += 1
            name = f"{base}_{count}"
        self.taken.add(name)
        return name


def composed_name(node: Node, of: Mapping[Node, str], longest: int = _LONGEST) -> str | None:
    """Name a value by what it is made of, ``inverse_tau`` or ``I_plus_eta``, where that is short to say."""
    if all(a.is_constant for a in node.args):
        return None
    text = _described(node, of, _DEEPEST)
    return text if text and len(text) <= longest and not text[0].isdigit() else None


def _described(node: Node, of: Mapping[Node, str], depth: int) -> str | None:
    if node in of:
        return of[node]
    if node.op == "plus_zero":
        return _described(node.args[0], of, depth)
    if node.is_constant:
        assert isinstance(node.value, float)
        if node.value in _NUMBERS or abs(node.value) >= 1000 or node.value != int(node.value):
            return _NUMBERS.get(node.value)
        return f"{node.value:g}".replace("-", "minus_")
    if depth == 0 or not 1 <= len(node.args) <= 2 or ":" in node.op:
        return None
    parts = [_described(a, of, depth - 1) for a in node.args]
    if len(parts) == 1:
        return f"{_BEFORE.get(node.op, node.op)}_{parts[0]}" if parts[0] else None
    return _described_pair(node, *parts)


def _described_pair(node: Node, left: str | None, right: str | None) -> str | None:
    a, b = node.args
    if node.op == "mul" and a.is_constant:
        return f"{_FACTORS.get(a.value, 'scaled')}_{right}" if right else None  # type: ignore[arg-type]
    if node.op == "add" and a.is_constant:
        left, right = right, left
        if left and not right:
            return f"{left}_shifted"
    if not left or not right:
        return None
    if node.op == "add" and right.startswith("minus_"):
        return f"{left}_{right}"
    if node.op == "div" and a.value == 1.0:
        return f"inverse_{right}"
    if a is b and node.op == "mul":
        return f"{left}_squared"
    return f"{left}_{_BETWEEN[node.op]}_{right}" if node.op in _BETWEEN else f"{node.op}_{left}_{right}"
