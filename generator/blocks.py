"""Blocks of statements, made from nodes, which are fused and then scheduled."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import replace

from .ir.names import Names
from .ir.nodes import Graph, Node
from .ir.program import Block
from .passes.fuse import fuse
from .passes.schedule import Vocabulary, schedule


def fused_block(graph: Graph, roots: Sequence[Node], names: Names, is_leaf: Callable[[Node], bool]) -> Block:
    """Fuse and schedule statements; nodes keep their names."""
    words = Vocabulary(graph.names, graph.hints, graph.comments, graph.units)
    return _fused(graph, roots, names, words, is_leaf)


def once_block(graph: Graph, roots: list[Node], names: Names, constants: Mapping[Node, str]) -> Block:
    """Fuse and schedule what is computed once; results keep the names that the time loop reads."""
    words = Vocabulary(constants, graph.hints | graph.names, graph.comments, graph.units)
    return _fused(graph, roots, names, words, lambda node: node.op == "leaf", roots)


def _fused(
    graph: Graph, roots: Sequence[Node], names: Names, words: Vocabulary, is_leaf: Callable[[Node], bool],
    apart: Sequence[Node] = (),
) -> Block:  # fmt: skip
    """Fuse and schedule; nodes with a name, and those `apart`, get statements of their own."""
    images = fuse(graph, roots, {*words.names, *apart}, is_leaf)
    own = names.copy()
    own.of |= _of_images(names.of, images)
    words = replace(words, names=_of_images(words.names, images), hints=_of_images(words.hints, images))
    return schedule([images[root] for root in roots], own, words, is_leaf)


def _of_images(names: Mapping[Node, str], images: Mapping[Node, Node]) -> dict[Node, str]:
    """Give what stands for a node after fusing the node's name."""
    return {images[node]: name for node, name in names.items() if node in images}
