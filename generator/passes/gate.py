"""Gates of couplings: the parameters that switch a sum over edges off where they are zero.

A coupling that a model has and a study does not use, as through V in montbrio with cv = 0, costs nothing:
where the sum reaches every result through a product with a value from outside the time loop, and that value
is zero for all work items and nodes, the sum need not be known.
"""

from __future__ import annotations

from collections.abc import Iterable

from rateloom.generator.ir.nodes import Node

from .schedule import is_hoisted


def gates(sums: Iterable[Node], roots: Iterable[Node]) -> dict[Node, tuple[Node, ...]]:
    """Find the hoisted values that switch sums off.

    Parameters
    ----------
    sums : iterable of Node
        Leaves: sums over edges.
    roots : iterable of Node
        All that the time loop computes.

    Returns
    -------
    dict of Node to tuple of Node
        For each sum the values of which any one, where it is zero, makes the sum irrelevant.
    """
    root_nodes = set(roots)
    users = _users(root_nodes)
    # what is kept is needed whatever a parameter is; users are younger than what they read
    gates_by_node: dict[Node, frozenset[Node]] = dict.fromkeys(root_nodes, frozenset())
    for node in sorted(users.keys() - root_nodes, key=lambda n: n.index, reverse=True):
        through = [gates_by_node[user] | _factors(user, node) for user in users[node]]
        gates_by_node[node] = frozenset.intersection(*through)
    return {s: tuple(sorted(gates_by_node.get(s, ()), key=lambda n: n.index)) for s in sums}


def _factors(product: Node, of: Node) -> frozenset[Node]:
    """Return the hoisted value that a product multiplies one of its factors with."""
    if product.op != "mul":
        return frozenset()
    return frozenset(a for a in product.args if a is not of and is_hoisted(a))


def _users(roots: Iterable[Node]) -> dict[Node, list[Node]]:
    """Map every node below the roots to the nodes that read it."""
    users: dict[Node, list[Node]] = {}
    waiting, seen = list(roots), set(roots)
    while waiting:
        user = waiting.pop()
        for node in user.args:
            users.setdefault(node, []).append(user)
            if node not in seen:
                seen.add(node)
                waiting.append(node)
    return users
