"""What LEMS files have around RateML's part of them: namespaces, units, dimensions, included files."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace

from .diagnostics import Diagnostic, ModelError
from .dialect0_leniencies import assumption
from .identifiers import short
from .tree import Element

ROOTS = ("Lems", "ComponentType")
# they define units and dimensions, which RateML's values do not use
_UNREAD = ("Dimension", "Unit", "Include")


def is_lems(root: Element) -> bool:
    """Tell whether a tree is LEMS's, in whatever namespace."""
    return _local(root.tag) in ROOTS


def without_namespace(element: Element) -> Element:
    """Return a tree whose tags are in no namespace."""
    children = tuple(without_namespace(child) for child in element.children)
    return replace(element, tag=_local(element.tag), children=children)


def rateml_part(root: Element) -> tuple[Element, tuple[Diagnostic, ...]]:
    """Return RateML's part of a LEMS file, and a warning for each included file, which is not opened.

    Raises
    ------
    ModelError
        If it has none, in one line that says what is read.
    """
    root = without_namespace(root)
    parts = [root] if root.tag == "ComponentType" else root.children
    names = [part.attributes.get("name", "") for part in parts if part.tag == "ComponentType"]
    if "derivatives" not in names:
        first = next((part for part in parts if part.tag == "ComponentType"), root)
        raise ModelError([Diagnostic(first.where, "E401", _none_of_rateml(parts))])
    included = (child for child in root.children if child.tag == "Include")
    warnings = tuple(assumption("W319", e.where, file=e.attributes.get("file", "")) for e in included)
    return replace(root, children=tuple(_kept(root))), warnings


def _kept(root: Element) -> Iterator[Element]:
    return (child for child in root.children if root.tag != "Lems" or child.tag not in _UNREAD)


def _none_of_rateml(parts: tuple[Element, ...] | list[Element]) -> str:
    names = dict.fromkeys(
        part.attributes.get("name", "") or part.tag for part in parts if part.tag not in _UNREAD
    )
    listed = ", ".join(f"'{short(name)}'" for name in list(names)[:4]) + (", ..." if len(names) > 4 else "")
    return (
        f"there is no ComponentType 'derivatives' (but {listed or 'nothing'}), so this is none of RateML's"
        " files: of LEMS, ComponentTypes 'derivatives', 'noise' and those with 'coupling' in their name are"
        " read"
    )


def _local(tag: str) -> str:
    return tag.rpartition("}")[2]
