"""The typed expression graph that every pass works on and every printer prints.

A `Graph` interns its nodes: equal expressions are one node, which is what finds common subexpressions, and
arithmetic on constants is folded in double precision where the node is made. What a node depends on is
known from its making (`Depends`), which is what moves it out of the loops that it does not belong in.
"""

from __future__ import annotations

import enum
import math
from dataclasses import dataclass, field

from rateloom.generator.errors import GeneratorError

# far above any real model: no file can exhaust memory or a compiler
_MOST_NODES = 50_000


class Depends(enum.IntFlag):
    """The quantities that a node's value may depend on; no flag: a constant."""

    CONSTANT = 0
    ITEM = 1  # parameters and dt: one value a work item (and a node, where a parameter is regional)
    STEP = 2  # time
    NODE = 4  # states, couplings, inputs and noise: one value a node, step and work item
    SOURCE = 8  # a source node's delayed state: one value an edge


@dataclass(frozen=True, eq=False, slots=True)
class Node:
    """One operation on other nodes, a constant or a leaf; equal nodes of one graph are one object.

    ``unsigned`` says that the value is never a zero with a minus.
    """

    op: str
    args: tuple[Node, ...]
    value: float | str | None
    depends: Depends
    boolean: bool
    index: int
    unsigned: bool

    @property
    def is_constant(self) -> bool:
        """Whether this is a number known to the generator."""
        return self.op == "constant"


BOOLEAN_OPS = frozenset({"<", "<=", ">", ">=", "==", "!=", "and", "or", "not"})


# a product and a sum, rounded once: whether the product and the summand are subtracted
FUSED = {"fma": (False, False), "fms": (False, True), "fnma": (True, False), "fnms": (True, True)}
_FUSED_OPS = {signs: op for op, signs in FUSED.items()}

# what stands before the name of a function that exists only as code
EXTERNAL = "external:"


@dataclass(eq=False)
class Graph:
    """All nodes of one program, and the names that the model gives to some of them.

    A node in ``names`` gets a statement of its own; one in ``hints`` is called so where it gets one anyway.
    ``comments`` says of a name what the model says of it, ``units`` the unit of one of which it says no more.
    """

    nodes: dict[tuple[str, tuple[int, ...], float | str | None], Node] = field(default_factory=dict)
    names: dict[Node, str] = field(default_factory=dict)
    hints: dict[Node, str] = field(default_factory=dict)
    comments: dict[str, str] = field(default_factory=dict)
    units: dict[str, str] = field(default_factory=dict)

    def make(
        self, op: str, *args: Node, value: float | str | None = None, depends: Depends | None = None
    ) -> Node:
        """Return the one node with this operation and these arguments."""
        # 0.0 and -0.0 are equal as keys but not as numbers
        shown = repr(value) if isinstance(value, float) else value
        order = tuple(a.index for a in args)
        # these two commute exactly, rounding included
        key = (op, tuple(sorted(order)) if op in ("add", "mul") else order, shown)
        if key not in self.nodes:
            if depends is None:
                depends = Depends.CONSTANT
                for a in args:
                    depends |= a.depends
            if len(self.nodes) >= _MOST_NODES:
                raise GeneratorError(
                    f"the equations expand to more than {_MOST_NODES:,} operations; "
                    "let functions call each other less often"
                )
            boolean, unsigned = op in BOOLEAN_OPS, _is_unsigned(op, args, value)
            self.nodes[key] = Node(op, args, value, depends, boolean, len(self.nodes), unsigned)
        return self.nodes[key]

    def constant(self, value: float) -> Node:
        """Return the node of a number."""
        return self.make("constant", value=float(value))

    def leaf(self, name: str, depends: Depends) -> Node:
        """Return the node of something that the program is given: a parameter, a state, an input."""
        return self.make("leaf", value=name, depends=depends)

    def name(self, node: Node, name: str, comment: str = "", unit: str = "") -> Node:
        """Give a node the model's name for it, unless it has one or is a leaf or a constant."""
        if node.op not in ("leaf", "constant"):
            self.names.setdefault(node, name)
            if comment:
                self.comments.setdefault(name, f"{comment} ({unit})" if unit else comment)
            elif unit:
                self.units.setdefault(name, unit)
        return node

    def name_alike(self, node: Node, other: Node, suffix: str) -> None:
        """Give a node another one's name, with a suffix, and what the model says of that."""
        name = self.names[other]
        self.name(node, name + suffix)
        for said in (self.comments, self.units):
            if name in said:
                said.setdefault(name + suffix, said[name])

    def hint(self, node: Node, name: str) -> Node:
        """Say what a node may be called, should it need a name."""
        if node.op not in ("leaf", "constant"):
            self.hints.setdefault(node, name)
        return node

    def add(self, a: Node, b: Node) -> Node:
        """Sum; adding zero is left out."""
        if a.is_constant and b.is_constant:
            return self.constant(_number(a) + _number(b))
        if a.is_constant and _number(a) == 0.0:
            return b
        if b.is_constant and _number(b) == 0.0:
            return a
        if b.op == "neg":
            return self.subtract(a, b.args[0])
        return self.make("add", a, b)

    def subtract(self, a: Node, b: Node) -> Node:
        """Difference; subtracting zero is left out."""
        if a.is_constant and b.is_constant:
            return self.constant(_number(a) - _number(b))
        if b.is_constant and _number(b) == 0.0:
            return a
        if a.is_constant and _number(a) == 0.0:
            return self.negate(b)
        if b.op == "neg":
            return self.add(a, b.args[0])
        return self.make("sub", a, b)

    def negate(self, a: Node) -> Node:
        """Negative."""
        if a.is_constant:
            return self.constant(-_number(a))
        if a.op == "neg":
            return a.args[0]
        return self.make("neg", a)

    def multiply(self, a: Node, b: Node) -> Node:
        """Product; factors of one are left out, signs drawn out. Zero times x is kept: it may be NaN."""
        if a.is_constant and b.is_constant:
            return self.constant(_number(a) * _number(b))
        if b.is_constant:
            a, b = b, a
        if a.is_constant and _number(a) == 1.0:
            return b
        if a.is_constant and _number(a) == -1.0:
            return self.negate(b)
        if a.op == "neg":
            return self.negate(self.multiply(a.args[0], b))
        if b.op == "neg":
            return self.negate(self.multiply(a, b.args[0]))
        return self.make("mul", a, b)

    def divide(self, a: Node, b: Node) -> Node:
        """Quotient; dividing by what no time loop changes becomes a product with its reciprocal."""
        if a.is_constant and b.is_constant and _number(b) != 0.0:
            return self.constant(_number(a) / _number(b))
        if b.is_constant and abs(_number(b)) == 1.0:
            return a if _number(b) > 0 else self.negate(a)
        if a.op == "neg":
            return self.negate(self.divide(a.args[0], b))
        if a.depends & ~Depends.ITEM and not b.depends & ~Depends.ITEM:
            return self.multiply(self.divide(self.constant(1.0), b), a)
        return self.make("div", a, b)

    def fuse(self, a: Node, b: Node, c: Node, *, minus_product: bool, minus_summand: bool) -> Node:
        """Sum of a product and c, or of their negatives, rounded once; constants take the signs."""
        if minus_product and (a.is_constant or b.is_constant):
            a, b = (self.negate(a), b) if a.is_constant else (a, self.negate(b))
            minus_product = False
        if minus_summand and c.is_constant:
            c, minus_summand = self.negate(c), False
        return self.make(_FUSED_OPS[minus_product, minus_summand], a, b, c)

    def plus_zero(self, a: Node) -> Node:
        """Return the same value; a zero loses its minus, as in all powers that are not whole numbers."""
        if a.is_constant:
            return self.constant(_number(a) + 0.0)
        return a if a.unsigned else self.make("plus_zero", a)

    def sqrt(self, a: Node) -> Node:
        """Square root: the power of one half, which of -0 is 0."""
        if a.is_constant and _number(a) >= 0.0:
            return self.constant(math.sqrt(_number(a) + 0.0))
        return self.make("sqrt", self.plus_zero(a))


# leaves above zero, or that begin there; and functions whose value is never a zero with a minus
_UNSIGNED_LEAVES = ("t", "dt", "n_node")
_UNSIGNED = frozenset({"exp", "cosh", "erfc", "abs", "sqrt", "plus_zero"})


def _is_unsigned(op: str, args: tuple[Node, ...], value: float | str | None) -> bool:
    """Whether a value is never a zero with a minus."""
    match op:
        case "constant":
            return value != 0.0 or math.copysign(1.0, float(value)) > 0.0
        case "leaf":
            return value in _UNSIGNED_LEAVES
        case "add":
            return args[0].unsigned or args[1].unsigned
        case "sub":
            return args[0].unsigned
        case "mul":
            return args[0] is args[1]
        case "select":
            return args[1].unsigned and args[2].unsigned
        case _:
            return op in _UNSIGNED


def _number(node: Node) -> float:
    assert isinstance(node.value, float)
    return node.value
