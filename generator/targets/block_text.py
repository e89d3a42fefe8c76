"""Blocks of a program as lines of text."""

from __future__ import annotations

import textwrap
from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass

from rateloom.dsl.model import Model
from rateloom.generator.ir.nodes import Node
from rateloom.generator.ir.program import Block, Statement

from .expression_text import Language, expression
from .identifiers import Identifiers

LONGEST_LINE = 118


@dataclass(frozen=True)
class Writer:
    """The rules by which a target writes statements.

    Attributes
    ----------
    language : Language
    identifiers : Identifiers
    assignment : str
        A statement, of ``type``, ``name`` and ``value``.
    comment : str
        What begins a comment.
    """

    language: Language
    identifiers: Identifiers
    assignment: str
    comment: str

    def lines(self, statements: Iterable[Statement], names: Mapping[Node, str]) -> list[str]:
        """Write statements, and what the model says of what they compute."""
        of = {node: self.identifiers(name) for node, name in names.items()}
        written = []
        for s in statements:
            if s.comment:
                written += self.commented(s.comment)
            value = expression(s.value, of, self.language, whole=True)
            kind = "bool" if s.value.boolean else "real"
            line = self.assignment.format(type=kind, name=self.identifiers(s.name), value=value)
            unit = f"  {self.comment} {safe(s.unit)}" if s.unit else ""
            written.append(line + unit if len(line + unit) <= LONGEST_LINE - 20 else line)
        return written

    def results(self, block: Block) -> list[str]:
        """Write what a block computes."""
        of = {node: self.identifiers(name) for node, name in block.names.items()}
        return [expression(result, of, self.language) for result in block.results]

    def expression(self, node: Node, names: Mapping[Node, str]) -> str:
        """Write one value."""
        return expression(node, {n: self.identifiers(name) for n, name in names.items()}, self.language)

    def commented(self, text: str) -> list[str]:
        """Write a comment in lines that are not too long."""
        return [f"{self.comment} {line}" for line in textwrap.wrap(safe(text), LONGEST_LINE - 20)]


def angles_of(block: Block) -> list[Node]:
    """Return the arguments of sine, cosine and tangent in a block."""
    angles: dict[Node, None] = {}
    named = {s.value for s in block.statements}
    waiting = [*named, *(r for r in block.results if r not in block.names)]
    while waiting:
        node = waiting.pop()
        if node.op in ("sin", "cos", "tan"):
            angles[node.args[0]] = None
        waiting += [a for a in node.args if a not in block.names and a not in named]
    return sorted(angles, key=lambda node: node.index)


def wrapped(words: Iterable[str], width: int) -> list[str]:
    """Put words and commas on lines."""
    return textwrap.wrap(", ".join(words) + ",", width, break_long_words=False)


def unbroken(pieces: Iterable[str], between: str, width: int) -> list[str]:
    """Put pieces of text on lines that break between pieces alone."""
    text = between.join(piece.replace(" ", "\0") for piece in pieces)
    lines = textwrap.wrap(text, width, break_long_words=False, break_on_hyphens=False)
    return [line.replace("\0", " ") for line in lines]


def grouped(
    names: list[str], value: Callable[[str], str], width: int, ident: Callable[[str], str] = str
) -> list[str]:
    """Write assignments of several names a line: ``a, b = x[0], x[1]``."""
    lines: list[list[str]] = [[]]
    for name in names:
        pair = [*lines[-1], name]
        if lines[-1] and len(_assigned(pair, value, ident)) > width:
            lines.append([name])
        else:
            lines[-1] = pair
    return [_assigned(line, value, ident) for line in lines if line]


def _assigned(names: list[str], value: Callable[[str], str], ident: Callable[[str], str]) -> str:
    return f"{', '.join(ident(name) for name in names)} = {', '.join(value(name) for name in names)}"


def safe(text: str) -> str:
    """Return a text that ends no comment and no string of any target."""
    return " ".join(text.split()).replace("*/", "* /").replace('"""', "'''").replace("\\", "/")


def title(model: Model) -> list[str]:
    """Return the first sentence of the model's description, in lines."""
    text = " ".join(model.description.split()).split(". ")[0].rstrip(".")
    return textwrap.wrap(f"{safe(text or model.name)}.", 100)
