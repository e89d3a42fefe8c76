"""The tags of ``.mat`` files of version 5: SciPy looks up their types unchecked, and may crash."""

from __future__ import annotations

import struct
import zlib
from typing import BinaryIO

from rateloom.drivers.support.errors import InputError

from . import text_lines

_HEADER = 128
_MATRIX, _COMPRESSED = 14, 15
# 8, 10 and 11 are reserved
_TYPES = frozenset((1, 2, 3, 4, 5, 6, 7, 9, 12, 13, _MATRIX, _COMPRESSED, 16, 17, 18))


def check_tags(stream: BinaryIO, where: str) -> None:
    """Raise InputError if an element, or a part of a matrix, has a type that there is not.

    The stream is left at its begin; a file of version 4, which has no tags, is left to SciPy.
    """
    head = stream.read(_HEADER)
    order = {b"IM": "<", b"MI": ">"}.get(head[126:128])
    while order is not None and len(tag := stream.read(8)) == 8:
        kind, size = struct.unpack(f"{order}II", tag)
        if size > text_lines.MAX_BYTES:
            raise InputError(f"{where}: larger than {text_lines.MAX_BYTES} bytes, which are read at most")
        content = stream.read(size)
        if kind == _COMPRESSED:
            content = zlib.decompressobj().decompress(content, text_lines.MAX_BYTES)
            _check_parts(content[8:], order, where)
        elif kind == _MATRIX:
            _check_parts(content, order, where)
        else:
            raise InputError(f"{where}: it has an element of type {kind}; the file is damaged")
    stream.seek(0)


def _check_parts(content: bytes, order: str, where: str) -> None:
    position = 0
    while position + 8 <= len(content):
        kind, size = struct.unpack_from(f"{order}II", content, position)
        if kind >> 16:  # a part of at most four bytes lies in the tag itself
            kind, size = kind & 0xFFFF, 0
        if kind not in _TYPES:
            raise InputError(f"{where}: it has a part of type {kind}; the file is damaged")
        position += 8 + size + -size % 8
