"""Write an element tree as readable dialect-1 XML."""

from __future__ import annotations

from lxml import etree

from .tree import Element


def write_tree(root: Element) -> str:
    """Write a tree as indented XML.

    Parameters
    ----------
    root : Element
        The root, usually a ``Model``. Lines and files of the elements are not written.

    Returns
    -------
    str
        The document with its XML declaration, ending in a newline. Reading it gives an equal tree, apart from
        white space around texts.
    """
    element = _node(root)
    etree.indent(element, space="  ")
    body: str = etree.tostring(element, encoding="unicode")
    return f'<?xml version="1.0" encoding="UTF-8"?>\n{body}\n'


def _node(element: Element) -> etree._Element:
    node = etree.Element(element.tag, dict(element.attributes))
    node.text = element.text or None
    node.extend(_node(child) for child in element.children)
    return node
