"""Files that users name: regular ones alone, read as far as is asked for and not beyond.

A pipe may never answer and a device may never end; what a damaged file says of itself may be anything.
"""

from __future__ import annotations

import errno
import json
import lzma
import os
import stat
import struct
import zipfile
import zlib
from collections.abc import Iterator
from contextlib import contextmanager
from typing import IO, Any, BinaryIO

from .errors import InputError

# What libraries raise for content that is not what it says it is.
DAMAGE = (
    OSError, EOFError, ValueError, RuntimeError, LookupError, TypeError, AttributeError, ArithmeticError,
    MemoryError, SystemError, AssertionError, struct.error, zlib.error, lzma.LZMAError, zipfile.BadZipFile,
)  # fmt: skip
# a plan lists the values of its axes
MOST_TEXT = 1_000_000_000
# read at once, so that memory follows what is there and not what a header promises
_PART = 16_000_000
_NO_FILE = "it is no regular file but a pipe, a device or the like"


def open_regular(path: str | os.PathLike[str]) -> BinaryIO:
    """Open a file for reading.

    Raises
    ------
    OSError
        If it cannot be opened, or is no regular file; nobody waits for the other end of a pipe.
    """
    stream = open(path, "rb", opener=_without_waiting)  # noqa: SIM115 - the caller closes it
    if stat.S_ISREG(os.fstat(stream.fileno()).st_mode):
        return stream
    stream.close()
    raise OSError(errno.EINVAL, _NO_FILE, os.fspath(path))


def check_regular(path: str | os.PathLike[str]) -> None:
    """Raise OSError if a path that a library is to open is no regular file."""
    if not stat.S_ISREG(os.stat(path).st_mode):  # noqa: PTH116 - one of both types
        raise OSError(errno.EINVAL, _NO_FILE, os.fspath(path))


def bytes_of(path: str | os.PathLike[str], most: int = MOST_TEXT) -> bytes:
    """Return what a file holds.

    Raises
    ------
    OSError
        If it cannot be read, or has more than `most` bytes.
    """
    with open_regular(path) as stream:
        content = stream.read(most + 1)
    if len(content) > most:
        raise OSError(errno.EFBIG, f"it has more than {most} bytes, which are not read", os.fspath(path))
    return content


def text_of(path: str | os.PathLike[str], most: int = MOST_TEXT) -> str:
    """Return the text of a file in UTF-8, whose lines end as they will.

    Raises
    ------
    OSError
        As `bytes_of`.
    ValueError
        If it is no such text.
    """
    try:
        text = bytes_of(path, most).decode("utf-8")
    except UnicodeDecodeError:
        raise ValueError("it is no text in UTF-8") from None
    return text.replace("\r\n", "\n").replace("\r", "\n")


def json_of(path: str | os.PathLike[str]) -> Any:
    """Return what a file of JSON holds.

    Raises
    ------
    OSError
        As `bytes_of`.
    ValueError
        If it is no JSON.
    """
    try:
        return json.loads(text_of(path))
    except RecursionError:
        raise ValueError("it is nested too deeply") from None


def read_exactly(stream: IO[bytes], size: int) -> bytearray | None:
    """Read so many bytes; None if there are fewer."""
    content = bytearray()
    while len(content) < size:
        part = stream.read(min(_PART, size - len(content)))
        if not part:
            return None
        content += part
    return content


@contextmanager
def refusing(complaint: str) -> Iterator[None]:
    """Turn what a library raises for damaged content into an `InputError` that begins with a complaint."""
    try:
        yield
    except InputError:
        raise
    except DAMAGE as problem:
        raise InputError(f"{complaint} ({reason_of(problem)})") from None


def reason_of(problem: BaseException) -> str:
    """Return what an exception says, in one line that is not too long."""
    text = problem.strerror if isinstance(problem, OSError) and problem.strerror else str(problem)
    return " ".join(text.split())[:200] or type(problem).__name__


def _without_waiting(path: str, flags: int) -> int:
    return os.open(path, flags | getattr(os, "O_NONBLOCK", 0))
