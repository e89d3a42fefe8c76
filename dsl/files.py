"""Files that models are made of: regular ones, read as far as a model goes.

A pipe may never answer and a device may never end.
"""

from __future__ import annotations

import errno
import os
import stat
from pathlib import Path

from . import limits


def content_of(path: str | Path) -> bytes:
    """Return the bytes of a file, up to one beyond `limits.FILE_BYTES`.

    Raises
    ------
    OSError
        If it cannot be read, or is no regular file.
    """
    with open(path, "rb", opener=_without_waiting) as stream:
        if not stat.S_ISREG(os.fstat(stream.fileno()).st_mode):
            raise OSError(errno.EINVAL, "it is no regular file but a pipe, a device or the like", str(path))
        return stream.read(limits.FILE_BYTES + 1)


def _without_waiting(path: str, flags: int) -> int:
    return os.open(path, flags | getattr(os, "O_NONBLOCK", 0))
