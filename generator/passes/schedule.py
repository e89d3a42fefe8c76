"""Scheduling: which nodes become statements, in which loop and in what order.

Hoisting happens here: a node that depends on parameters alone leaves the time loop and becomes a hoisted
row; one that depends on time alone is computed once a step. Nodes that nothing needs are never reached,
which is the elimination of dead code.
"""

from __future__ import annotations

from collections.abc import Container, Iterable, Mapping
from dataclasses import dataclass, field

from rateloom.generator.ir.nodes import Depends, Node
from rateloom.generator.ir.program import Block, Statement
from rateloom.generator.targets.identifiers import Names

# characters, about: longer expressions are broken into statements, so that lines stay readable
_LONGEST_LINE = 80
_LONGEST_RESULT = 40


def is_hoisted(node: Node) -> bool:
    """Whether a node leaves the time loop: it depends on parameters or dt and nothing else."""
    return node.depends == Depends.ITEM


def frontier(roots: Iterable[Node]) -> list[Node]:
    """Return the nodes outside the time loop that the given nodes inside it read, in order of first use."""
    found: dict[Node, None] = {}
    seen: set[Node] = set()
    for root in roots:
        stack = [root]
        while stack:
            node = stack.pop()
            if node in seen:
                continue
            seen.add(node)
            if is_hoisted(node):
                found[node] = None
            else:
                stack.extend(reversed(node.args))
    return list(found)


@dataclass
class _Walk:
    names: Names
    wishes: Mapping[Node, str]
    inside: bool
    carried: Container[Node]
    uses: dict[Node, int] = field(default_factory=dict)
    widths: dict[Node, int] = field(default_factory=dict)
    step: list[Statement] = field(default_factory=list)
    statements: list[Statement] = field(default_factory=list)
    leaves: dict[Node, None] = field(default_factory=dict)


def schedule(
    roots: list[Node],
    names: Names,
    wishes: Mapping[Node, str],
    inside: bool = True,
    carried: Container[Node] = (),
) -> Block:
    """Order the statements that compute the roots.

    Parameters
    ----------
    roots : list of Node
        What the block computes.
    names : Names
        Identifiers of leaves and hoisted rows; the block's statements get theirs from a copy.
    wishes : mapping of Node to str
        The model's names for nodes; a node with one gets a statement of its own.
    inside : bool
        Whether the block is inside the time loop, where hoisted nodes are leaves.
    carried : container of Node
        Nodes whose values the step before has left behind: leaves, too.
    """
    names = names.copy()
    walk = _Walk(names, wishes, inside, carried)
    for root in roots:
        _count(walk, root)
    for root in roots:
        _emit_all(walk, root)
        if walk.widths[root] > _LONGEST_RESULT and root not in names.of:
            _assign(walk, root)
    leaves = frozenset(names.of[n] for n in walk.leaves)
    rows = tuple(n for n in walk.leaves if inside and is_hoisted(n) and not names.is_scalar(n))
    return Block(tuple(walk.step), tuple(walk.statements), tuple(roots), leaves, rows, names.of)


def _is_leaf(walk: _Walk, node: Node) -> bool:
    return node.op == "leaf" or node in walk.carried or (walk.inside and is_hoisted(node))


def _count(walk: _Walk, root: Node) -> None:
    """Count how often each node is used; a stack of our own, since graphs are deeper than Python's."""
    stack = [root]
    while stack:
        node = stack.pop()
        walk.uses[node] = walk.uses.get(node, 0) + 1
        if walk.uses[node] == 1 and not _is_leaf(walk, node):
            stack.extend(node.args)


def _emit_all(walk: _Walk, root: Node) -> None:
    """Emit a node after all that it needs."""
    stack = [root]
    while stack:
        node = stack[-1]
        needed = [] if _is_leaf(walk, node) else [a for a in node.args if a not in walk.widths]
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
    if _is_leaf(walk, node):
        walk.leaves[node] = None
        walk.widths[node] = len(walk.names.of[node])
        return
    _break(walk, node)
    walk.widths[node] = _width(walk, node)
    leaves_time_alone = node.depends == Depends.STEP and walk.inside
    if node in walk.wishes or node in walk.names.of or walk.uses[node] > 1 or leaves_time_alone:
        _assign(walk, node)


def _assign(walk: _Walk, node: Node) -> None:
    """Make a statement of a node."""
    statement = Statement(walk.names.give(node, walk.wishes.get(node)), node)
    leaves_time_alone = node.depends == Depends.STEP and walk.inside
    (walk.step if leaves_time_alone else walk.statements).append(statement)
    walk.widths[node] = len(statement.name)


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
