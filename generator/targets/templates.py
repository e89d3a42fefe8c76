"""Templates by name. Each is given just the names that it uses, and an undefined one is an error."""

from __future__ import annotations

import functools
import importlib.resources
import textwrap
from importlib.resources.abc import Traversable
from typing import Any

from mako.lookup import TemplateLookup

# characters of a line
_LONGEST = 118


@functools.cache
def template_text(name: str) -> str:
    """Read a template."""
    return (importlib.resources.files("rateloom.templates") / name).read_text("utf-8")


@functools.cache
def _lookup(folder: str) -> TemplateLookup:
    lookup = TemplateLookup(strict_undefined=True)
    _put(lookup, importlib.resources.files("rateloom.templates") / folder)
    return lookup


def _put(lookup: TemplateLookup, folder: Traversable, within: str = "") -> None:
    """Add the templates of a folder, and those that they include from folders within it."""
    for path in folder.iterdir():
        if path.is_dir():
            _put(lookup, path, f"{within}{path.name}/")
        elif path.name.endswith(".mako"):
            lookup.put_string(within + path.name, path.read_text("utf-8"))


def rendered(folder: str, template: str, /, **context: Any) -> str:
    """Fill in a template of a target's folder."""
    return str(
        _lookup(folder).get_template(f"{template}.mako").render(**context, indent=indented, wrap=lines_of)
    )


def indented(text: str, levels: int) -> str:
    """Indent a text by some levels, blank lines left blank."""
    return textwrap.indent(text, "    " * levels)


def lines_of(words: tuple[str, ...], width: int = 110, end: str = ",") -> list[str]:
    """Put words on lines, a comma after each; none is broken."""
    lines: list[str] = []
    for word in words:
        text = f"{word}{end if word is words[-1] else ','}"
        if lines and len(lines[-1]) + 1 + len(text) <= width:
            lines[-1] = f"{lines[-1]} {text}"
        else:
            lines.append(text)
    return lines


def tidy(text: str) -> str:
    """Break long lines, take trailing blanks off and end the text with one line break."""
    lines = [piece.rstrip() for line in text.splitlines() for piece in _folded(line)]
    return "\n".join(lines).rstrip() + "\n"


def _folded(line: str) -> list[str]:
    """Break a line that is too long where brackets are open: after commas, or else after operators."""
    if len(line) <= _LONGEST or line.lstrip().startswith(("#", "//")):
        return [line]
    depth, comma, operator = 0, 0, 0
    for k, character in enumerate(line[:_LONGEST]):
        depth += (character in "([{") - (character in ")]}")
        if depth and character == "," and line[k + 1] == " ":
            comma = k + 1
        elif depth and character == " " and line[k - 1] in "+-*/&|=":
            operator = k
    end = comma or operator
    if not end:
        return [line]
    indent = len(line) - len(line.lstrip())
    deeper = indent + (8 if line.lstrip().startswith(("def ", "INLINE ")) else 4)
    return [line[:end], *_folded_rest(" " * deeper + line[end:].lstrip())]


def _folded_rest(line: str) -> list[str]:
    """Go on with a line that has been broken; brackets are open from its beginning."""
    if len(line) <= _LONGEST:
        return [line]
    end = line.rfind(", ", 0, _LONGEST) + 1
    if not end:
        return [line]
    indent = len(line) - len(line.lstrip())
    return [line[:end], *_folded_rest(" " * indent + line[end:].lstrip())]
