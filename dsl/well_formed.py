"""Messages about text that is no XML, in words of its author instead of the parser's."""

from __future__ import annotations

import re

from lxml import etree

from .identifiers import short

_MISMATCH = re.compile(r"mismatch: (\S+) line (\d+) and ([^\s,]+)")
_PREMATURE = re.compile(r"in tag (\S+) line (\d+)")
_ENTITY = re.compile(r"Entity '([^']*)'")
_ATTRIBUTE = re.compile(r"Attribute (\S+) redefined")
_PREFIX = re.compile(r"prefix (\S+) ")
_PLACE = re.compile(r",? line \d+, column \d+$")

_AMPERSAND = "a bare &; write &amp; in text, and the word 'and' in a condition"
_TYPES = etree.ErrorTypes
_MESSAGES = {
    _TYPES.ERR_ENTITYREF_SEMICOL_MISSING: _AMPERSAND,
    _TYPES.ERR_ATTRIBUTE_NOT_STARTED: 'after = comes a value in straight quotation marks, like "10"',
    _TYPES.ERR_ATTRIBUTE_WITHOUT_VALUE: 'an attribute has no value; write it like name="tau"',
    _TYPES.ERR_GT_REQUIRED: "a tag is not ended; end it with > or />",
    _TYPES.ERR_SPACE_REQUIRED: "a blank or a quotation mark is missing before this, or the tag's end",
    _TYPES.ERR_DOCUMENT_END: "something stands after the end of the model; a file holds one Model",
    _TYPES.ERR_DOCUMENT_EMPTY: "this is no XML; a model file begins with <Model name=...>",
    _TYPES.ERR_COMMENT_NOT_FINISHED: "a comment is never closed; end it with -->",
    _TYPES.ERR_HYPHEN_IN_COMMENT: "a comment cannot contain --; write one hyphen",
    _TYPES.ERR_RESERVED_XML_NAME: "the line <?xml ...?> must be the very first of the file",
    _TYPES.ERR_INVALID_CHAR: "a control character, which XML does not allow; remove it",
}
_MESSAGE_PATTERNS: dict[int, tuple[re.Pattern[str], str]] = {
    _TYPES.ERR_TAG_NAME_MISMATCH: (
        _MISMATCH,
        "</{2}> does not close the {0} of line {1}; end that one with </{0}> or />, or remove this",
    ),
    _TYPES.ERR_TAG_NOT_FINISHED: (_PREMATURE, "the {0} of line {1} is never closed; end it with </{0}>"),
    _TYPES.ERR_UNDECLARED_ENTITY: (_ENTITY, "XML knows no &{0}; but only &lt; &gt; &amp; &quot; and &apos;"),
    _TYPES.ERR_ATTRIBUTE_REDEFINED: (_ATTRIBUTE, "the attribute {0} is given twice"),
    _TYPES.NS_ERR_UNDEFINED_NAMESPACE: (_PREFIX, "the prefix {0}: means nothing here; leave it out"),
}


def explain(error: etree.XMLSyntaxError, content: str) -> tuple[int, str]:
    """Return the line of an error in XML, and a message with the fault and its remedy.

    Parameters
    ----------
    error : lxml.etree.XMLSyntaxError
        The parser's error.
    content : str
        The text that it read.

    Returns
    -------
    (int, str)
        The line, counted from 1, and the message.
    """
    line, offset = error.lineno or 1, error.offset or 0
    lines = content.split("\n")[:line]
    before = "\n".join([*lines[:-1], lines[-1][:offset]])
    code = int(getattr(error, "code", 0))  # which the types of lxml do not know of
    if code == _TYPES.ERR_LT_IN_ATTRIBUTE:
        line, message, offset = _less_than(line, offset, before)
    else:
        message = _message(code, " ".join(str(error.msg).split()), before)
    return line, f"{message} (column {offset + 1})"


def _message(code: int, message: str, before: str) -> str:
    if code in _MESSAGE_PATTERNS:
        pattern, text = _MESSAGE_PATTERNS[code]
        match = pattern.search(message)
        if match:
            return text.format(*(short(part) for part in match.groups()))
    if code == _TYPES.ERR_NAME_REQUIRED and message.startswith("xmlParseEntityRef"):
        return _AMPERSAND
    if code == _TYPES.ERR_NAME_REQUIRED and before.endswith("<"):
        return "a bare <, which begins no tag; write &lt;"
    return _MESSAGES.get(code, _PLACE.sub("", message))


def _less_than(line: int, offset: int, before: str) -> tuple[int, str, int]:
    """Return line, message and offset of a ``<``: a bare one, or one after an unclosed quotation mark."""
    opened = max(before.rfind('"'), before.rfind("'"))
    value = before[opened + 1 :]
    if "\n" not in value:
        return line, "a bare < in an attribute; write &lt; or .lt. instead", offset
    begin = before.rfind("\n", 0, opened) + 1
    message = f"the quotation mark before '{short(value.split(chr(10))[0])}' is never closed"
    return line - value.count("\n"), message, opened - begin
