"""Read XML safely into plain elements with their line numbers."""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass, field
from pathlib import Path

from lxml import etree

from . import limits
from .diagnostics import Diagnostic, Location, ModelError
from .files import content_of
from .well_formed import explain

# Editors put the schema's place here; it is no part of the model.
_SCHEMA_INSTANCE = "{http://www.w3.org/2001/XMLSchema-instance}"
# In well-formed XML every "<" that is in no comment or the like begins a tag.
_MARKUP = re.compile(r"<!--.*?-->|<!\[CDATA\[.*?\]\]>|<\?.*?\?>|(?P<start><[^!?/])", re.DOTALL)
_ENCODING = re.compile(r"""<\?xml[^>]{0,200}?\sencoding\s*=\s*["']([A-Za-z0-9._-]{1,40})["']""")
_BYTE_ORDER_MARKS = ((b"\xef\xbb\xbf", "utf-8"), (b"\xff\xfe", "utf-16-le"), (b"\xfe\xff", "utf-16-be"))


@dataclass(frozen=True)
class Element:
    """One XML element: its tag, attributes, child elements, place and text."""

    tag: str
    attributes: dict[str, str]
    children: tuple[Element, ...] = ()
    where: Location = field(default=Location())
    text: str = ""


def read_tree(path: str | Path, text: str | bytes | None = None) -> Element:
    """Read an XML file, or its content, into a tree of elements; comments and instructions are left out.

    Parameters
    ----------
    path : str or Path
        The file; with `text` given, only its name in messages.
    text : str or bytes, optional
        The content, when it does not come from a file.

    Raises
    ------
    ModelError
        If the file cannot be read (E001), is not well-formed (E002), has a DOCTYPE (E003) or is too large
        (E004).
    """
    file = str(path)
    content = _content(file, text)
    if _has_doctype(content):
        raise _error(file, 1, "E003", "a DOCTYPE is not allowed in a model file; remove it")
    try:
        root = etree.fromstring(content.encode(), _parser())
    except etree.XMLSyntaxError as error:
        line, message = explain(error, content)
        raise _error(file, line, "E002", f"not well-formed XML: {message}") from None
    _check_size(file, root)
    return _element(root, file, _start_lines(content))


def _parser() -> etree.XMLParser:
    return etree.XMLParser(
        encoding="utf-8",
        resolve_entities=False,
        load_dtd=False,
        no_network=True,
        huge_tree=False,
        remove_comments=True,
        remove_pis=True,
    )


def _content(file: str, text: str | bytes | None) -> str:
    """Return the file's characters, without a byte order mark."""
    if text is None:
        text = _bytes_of(file)
    if len(text) > limits.FILE_BYTES:
        raise _error(
            file, 1, "E004", f"the file has more than {limits.FILE_BYTES:,} bytes; a model has far fewer"
        )
    content = _decode(file, text) if isinstance(text, bytes) else text
    content = content.removeprefix("\ufeff")
    if "\0" in content:
        raise _error(file, 1, "E001", "this is no text file; a model is an XML file")
    if not content.strip():
        raise _error(file, 1, "E001", "the file is empty; a model is an XML file")
    return content


def _bytes_of(file: str) -> bytes:
    """Read a file, up to one byte beyond the limit."""
    try:
        return content_of(file)
    except FileNotFoundError:
        raise _error(file, 0, "E001", "no such file") from None
    except IsADirectoryError:
        raise _error(file, 0, "E001", "this is a folder; give the XML file in it") from None
    except (OSError, ValueError) as error:
        reason = error.strerror if isinstance(error, OSError) and error.strerror else str(error)
        raise _error(file, 0, "E001", f"cannot be read: {_one_line(reason)}") from None


def _decode(file: str, data: bytes) -> str:
    """Decode by byte order mark, else by the XML declaration, else as UTF-8."""
    encoding = next((name for mark, name in _BYTE_ORDER_MARKS if data.startswith(mark)), None)
    if encoding is None:
        declared = _ENCODING.match(data[:300].decode("latin-1"))
        encoding = declared[1] if declared else "utf-8"
    try:
        return data.decode(encoding)
    except (LookupError, UnicodeError):
        hint = "save the file as UTF-8"
        raise _error(file, 1, "E001", f"this is no text in the encoding {encoding}; {hint}") from None


def _has_doctype(content: str) -> bool:
    """Tell whether the prolog holds a DOCTYPE, before a parser with entities reads it."""
    position = 0
    while True:
        while position < len(content) and content[position].isspace():
            position += 1
        if content.startswith("<!--", position):
            end, length = content.find("-->", position + 4), 3
        elif content.startswith("<?", position):
            end, length = content.find("?>", position + 2), 2
        else:
            return content.startswith("<!DOCTYPE", position)
        if end < 0:
            return False
        position = end + length


def _check_size(file: str, root: etree._Element) -> None:
    """Raise ModelError if a tree is too large or too deep; without recursion."""
    if root.getroottree().docinfo.internalDTD is not None:
        raise _error(file, 1, "E003", "a DOCTYPE is not allowed in a model file; remove it")
    depth = count = 0
    for event, element in etree.iterwalk(root, events=("start", "end")):
        depth += 1 if event == "start" else -1
        count += event == "start"
        if depth > limits.ELEMENT_DEPTH:
            message = f"elements are nested more than {limits.ELEMENT_DEPTH} deep"
            raise _error(file, element.sourceline or 0, "E004", message)
        if len(element.attrib) > limits.ATTRIBUTES:
            message = f"an element has more than {limits.ATTRIBUTES} attributes"
            raise _error(file, element.sourceline or 0, "E004", message)
        if count > limits.ELEMENTS:
            message = f"there are more than {limits.ELEMENTS:,} elements; a model has far fewer"
            raise _error(file, element.sourceline or 0, "E004", message)


def _start_lines(content: str) -> Iterator[int]:
    """Yield the line in which each start tag begins; lxml only knows where it ends."""
    line, position = 1, 0
    for match in _MARKUP.finditer(content):
        line += content.count("\n", position, match.start())
        position = match.start()
        if match["start"]:
            yield line


def _element(node: etree._Element, file: str, lines: Iterator[int]) -> Element:
    """Turn an lxml element into an `Element`; `lines` yields the lines of this tag and of those after it."""
    where = Location(file, next(lines))
    attributes = {str(k): str(v) for k, v in node.attrib.items() if not str(k).startswith(_SCHEMA_INSTANCE)}
    text = (node.text or "") + "".join(child.tail or "" for child in node)
    return Element(
        tag=str(node.tag),
        attributes=attributes,
        children=tuple(_element(child, file, lines) for child in node if isinstance(child.tag, str)),
        where=where,
        text=" ".join(text.split()),
    )


def _one_line(text: str) -> str:
    return " ".join(str(text).split())


def _error(file: str, line: int, code: str, message: str) -> ModelError:
    return ModelError([Diagnostic(Location(file, line), code, message)])
