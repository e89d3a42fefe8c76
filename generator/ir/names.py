"""Names of values: the model's own where it has one, each given once."""

from __future__ import annotations

import re
from dataclasses import dataclass, field

from .nodes import Node


@dataclass
class Names:
    """Gives each node one name, and no name twice.

    ``scalars`` are leaves that are one number for all work items and nodes.
    """

    taken: set[str] = field(default_factory=set)
    of: dict[Node, str] = field(default_factory=dict)
    scalars: set[Node] = field(default_factory=set)
    anonymous: int = 0

    def give(self, node: Node, wish: str | None = None) -> str:
        """Return the node's name, made from the wished one if it has none yet."""
        if node not in self.of:
            self.of[node] = self.unique(wish or self.describe(node))
        return self.of[node]

    def copy(self) -> Names:
        """Return names that start as these and then go their own way: those of one loop."""
        return Names(set(self.taken), dict(self.of), set(self.scalars), self.anonymous)

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

    def describe(self, node: Node) -> str:
        """Name an unnamed value by what it is, where that is short to say, else by a number."""
        known = [self.of.get(a) for a in node.args]
        if len(known) == 1 and known[0] and node.op not in ("sqrt", "neg", "not"):
            return f"{node.op}_{known[0]}"
        if node.op == "mul" and node.args[0] is node.args[1] and known[0]:
            return f"{known[0]}_squared"
        if node.op == "div" and node.args[0].value == 1.0 and known[1]:
            return f"inverse_{known[1]}"
        if node.op == "sqrt" and known[0]:
            return f"root_{known[0]}"
        self.anonymous += 1
        return f"u{self.anonymous}"
