"""Scheduling: which nodes become statements, in which loop and in what order.

Hoisting happens here: a node that depends on parameters alone leaves the time loop and becomes a hoisted
row; one that depends on time alone is computed once a step, by the clock. Nodes that nothing needs are never
reached, which is the elimination of dead code.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass, field, replace

from rateloom.generator.ir.names import Names
from rateloom.generator.ir.nodes import Depends, Node
from rateloom.generator.ir.program import Block, Statement

# characters, about: longer expressions are broken into statements, so that lines stay readable
_LONGEST_LINE = 98
_LONGEST_RESULT = 40
# of the name of a part of a definition
_PART = 4
_DERIVATIVE = re.compile(r"d\d*[A-Za-z]\w*_d[A-Za-z]")


def is_hoisted(node: Node) -> bool:
    """Whether a node leaves the time loop: it depends on parameters or dt and nothing else."""
    return node.depends == Depends.ITEM


def is_of_time(node: Node) -> bool:
    """Whether a node depends on time and nothing else."""
    return node.depends == Depends.STEP


def frontier(roots: Iterable[Node], is_outside: Callable[[Node], bool]) -> list[Node]:
    """Return the nodes outside that the given nodes read, in order of first use."""
    outside: dict[Node, None] = {}
    seen: set[Node] = set()
    for root in roots:
        stack = [root]
        while stack:
            node = stack.pop()
            if node in seen:
                continue
            seen.add(node)
            if is_outside(node):
                outside[node] = None
            else:
                stack.extend(reversed(node.args))
    return list(outside)


@dataclass(frozen=True)
class Vocabulary:
    """The names that a block's statements may have.

    Attributes
    ----------
    names : mapping of Node to str
        The model's names: a node with one gets a statement of its own.
    hints : mapping of Node to str
        Names for nodes that get a statement anyway.
    comments, units : mapping of str to str
        What the model says of a name.
    """

    names: Mapping[Node, str] = field(default_factory=dict)
    hints: Mapping[Node, str] = field(default_factory=dict)
    comments: Mapping[str, str] = field(default_factory=dict)
    units: Mapping[str, str] = field(default_factory=dict)


@dataclass
class _Walk:
    names: Names
    vocabulary: Vocabulary
    is_leaf: Callable[[Node], bool]
    uses: dict[Node, int] = field(default_factory=dict)
    widths: dict[Node, int] = field(default_factory=dict)
    statements: list[Statement] = field(default_factory=list)
    leaves: dict[Node, None] = field(default_factory=dict)
    begun: int = 0
    known: frozenset[Node] = frozenset()


def schedule(
    roots: list[Node], names: Names, vocabulary: Vocabulary, is_leaf: Callable[[Node], bool]
) -> Block:
    """Order the statements that compute the roots.

    Parameters
    ----------
    roots : list of Node
        What the block computes.
    names : Names
        Names of leaves and hoisted rows; the block's statements get theirs from a copy.
    vocabulary : Vocabulary
    is_leaf : callable
        Whether the block reads a node and does not compute it.
    """
    names = names.copy()
    walk = _Walk(names, vocabulary, is_leaf, known=frozenset(names.of))
    for root in roots:
        _count(walk, root)
    for root in roots:
        _emit_all(walk, root)
        if walk.widths[root] > _LONGEST_RESULT and root not in names.of:
            _assign(walk, root)
    _name_parts(walk)
    leaves = frozenset(names.of[n] for n in walk.leaves)
    rows = tuple(n for n in walk.leaves if is_hoisted(n) and not names.is_scalar(n))
    return Block(tuple(walk.statements), tuple(roots), leaves, rows, names.of)


def _count(walk: _Walk, root: Node) -> None:
    """Count how often each node is used; a stack of our own, since graphs are deeper than Python's."""
    stack = [root]
    while stack:
        node = stack.pop()
        walk.uses[node] = walk.uses.get(node, 0) + 1
        if walk.uses[node] == 1 and not walk.is_leaf(node):
            stack.extend(node.args)


def _emit_all(walk: _Walk, root: Node) -> None:
    """Emit a node after all that it needs."""
    stack = [root]
    while stack:
        node = stack[-1]
        needed = [] if walk.is_leaf(node) else [a for a in node.args if a not in walk.widths]
        if needed:
            stack.append(needed[0])
            continue
        if node not in walk.widths:
            _emit(walk, node)
        stack.pop()


def _emit(walk: _Walk, node: Node) -> None:
    """Make a statement of a node if it deserves one of its own, else remember how wide it is in another's."""
    if node.is_constant:
        walk.widths[node] = len(f"real({node.value!r})")
        return
    if walk.is_leaf(node):
        walk.leaves[node] = None
        walk.widths[node] = len(walk.names.of[node])
        return
    _break(walk, node)
    walk.widths[node] = _width(walk, node)
    if node in walk.vocabulary.names or node in walk.names.of or walk.uses[node] > 1:
        _assign(walk, node)


def _assign(walk: _Walk, node: Node) -> None:
    """Make a statement of a node; those before it that only it needs come under its comment."""
    own = walk.vocabulary.names.get(node)
    name = walk.names.give(node, own or walk.vocabulary.hints.get(node))
    statement = Statement(name, node, unit=walk.vocabulary.units.get(own or "", ""))
    walk.statements.append(statement)
    walk.widths[node] = _PART if node in walk.names.unnamed else len(statement.name)
    if own is not None:
        first = walk.statements[walk.begun]
        walk.statements[walk.begun] = replace(first, comment=walk.vocabulary.comments.get(own, ""))
        walk.begun = len(walk.statements)


def _name_parts(walk: _Walk) -> None:
    """Name what has no name by what it is a part of: the next definition, if that is no derivative."""
    owner = ""
    words = walk.vocabulary
    for k in reversed(range(len(walk.statements))):
        statement = walk.statements[k]
        if statement.value in walk.known or statement.value in words.names or statement.value in words.hints:
            owner = statement.name
        elif statement.value in walk.names.unnamed and owner and not is_derivative(owner):
            walk.statements[k] = replace(statement, name=walk.names.rename(statement.value, f"{owner}_part"))


def is_derivative(name: str) -> bool:
    """Whether this is the name of a derivative inside a function, as in ``dsigma_dnu``."""
    return _DERIVATIVE.match(name) is not None


def _break(walk: _Walk, node: Node) -> None:
    """Make statements of a node's widest arguments until its own line is short enough."""
    while _width(walk, node) > _LONGEST_LINE:
        inline = [a for a in node.args if a not in walk.names.of and not a.is_constant]
        if not inline:
            return
        _assign(walk, max(inline, key=lambda a: walk.widths[a]))


def _width(walk: _Walk, node: Node) -> int:
    """Characters that a node takes, about: its arguments, brackets, and an operator between them."""
    return sum(walk.widths[a] + 3 for a in node.args) + (len(node.op) if len(node.args) == 1 else 0)
