"""Fusing: sums that take a product become one operation, which rounds once.

The generator decides this, and no compiler: on every target contraction is off, so that the same bits come
out whatever the compiler, its level of optimisation and the text around an expression. It is a late pass:
couplings, derivatives and gates never see a fused node.

A sum that takes an exponential becomes one operation as well, ``exp_plus``, whose last product is fused.
Sigmoids are full of these, and that product by itself is often too small for a normal number: some processors
take a hundred cycles for that.

A product is fused that one sum alone needs and that the model gives no name. Of two such products the right
one is fused, which makes ``a b + c d + e f`` a chain: ``fma(e, f, fma(c, d, a b))``. What depends on time
alone is computed once a step, before the loop over lanes, and stays there.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Container, Iterable

from rateloom.generator.ir.nodes import Depends, Graph, Node

_NEGATIVE = {"add": (False, False), "sub": (False, True)}


def fuse(
    graph: Graph, roots: Iterable[Node], named: Container[Node], is_leaf: Callable[[Node], bool]
) -> dict[Node, Node]:
    """Rebuild what one loop computes.

    Parameters
    ----------
    graph : Graph
        Where fused nodes are made.
    roots : iterable of Node
        What the loop computes.
    named : container of Node
        Nodes that get a statement of their own.
    is_leaf : callable
        Whether the loop reads a node and does not compute it.

    Returns
    -------
    dict of Node to Node
        What stands for each node at or below the roots; a leaf stands for itself.
    """
    uses = _uses(roots, is_leaf)
    images: dict[Node, Node] = {}

    def is_free(node: Node, total: Node) -> bool:
        in_other_loop = node.depends == Depends.STEP != total.depends
        return uses[node] == 1 and node not in named and not is_leaf(node) and not in_other_loop

    # a node is made after its arguments
    for node in sorted(uses, key=lambda n: n.index):
        if is_leaf(node) or not node.args:
            images[node] = node
        else:
            fused = _fused(graph, node, images, is_free) if node.op in _NEGATIVE else None
            images[node] = fused or _rebuilt(graph, node, images)
    return images


def _uses(roots: Iterable[Node], is_leaf: Callable[[Node], bool]) -> Counter[Node]:
    """Count how often each node is needed."""
    uses: Counter[Node] = Counter()
    waiting = list(roots)
    while waiting:
        node = waiting.pop()
        uses[node] += 1
        if uses[node] == 1 and not is_leaf(node):
            waiting += node.args
    return uses


def _fused(
    graph: Graph, total: Node, images: dict[Node, Node], is_free: Callable[[Node, Node], bool]
) -> Node | None:
    """Fuse the right product that a sum takes, else the left one; None where there is no such product."""
    terms = []
    for term, negative in zip(total.args, _NEGATIVE[total.op], strict=True):
        # a sign costs nothing in a fused operation
        if term.op == "neg" and is_free(term, total):
            terms.append((term.args[0], not negative))
        else:
            terms.append((term, negative))
    for (product, minus_product), (summand, minus_summand) in (terms[::-1], terms):
        if product.op == "mul" and is_free(product, total):
            a, b = (images[factor] for factor in product.args)
            return graph.fuse(a, b, images[summand], minus_product=minus_product, minus_summand=minus_summand)
    for (function, minus_function), (summand, minus_summand) in (terms[::-1], terms):
        if function.op == "exp" and is_free(function, total) and not (minus_function or minus_summand):
            return graph.make("exp_plus", images[function.args[0]], images[summand], depends=total.depends)
    return None


def _rebuilt(graph: Graph, node: Node, images: dict[Node, Node]) -> Node:
    """Apply a node's operation to what stands for its arguments."""
    return graph.make(node.op, *(images[a] for a in node.args), value=node.value, depends=node.depends)
