"""The cache of compiled code on disk: an entry is found again whole, or made anew."""

from __future__ import annotations

import atexit
import functools
import hashlib
import io
import os
import pickletools
import shutil
import stat
import tempfile
from collections.abc import Callable
from contextlib import suppress
from pathlib import Path

import platformdirs

from .files import whole
from .notices import issue

_DIGEST = ".sha256"


class CacheWarning(UserWarning):
    """Compiled kernels are not kept."""


def cache_folder() -> Path:
    """Return the folder that compiled kernels are kept in: RATELOOM_CACHE, else the user's cache folder.

    What it holds is executed. A folder that others can write to, or that is another user's, is left alone for
    one of this process.
    """
    chosen = os.environ.get("RATELOOM_CACHE")
    folder = Path(chosen) if chosen else platformdirs.user_cache_path("rateloom", appauthor=False)
    # a user without a home has no cache folder either
    return folder if (chosen or folder.is_absolute()) and _is_own(folder) else _private_folder()


@functools.cache
def _is_own(folder: Path) -> bool:
    """Tell whether nobody but this user and root can put files into a folder that is there."""
    try:
        status = folder.stat()
    except OSError:
        return True
    if os.name != "posix" or (status.st_uid in (0, os.getuid()) and not status.st_mode & stat.S_IWOTH):
        return True
    reason = "it is another user's" if status.st_uid not in (0, os.getuid()) else "anybody can write to it"
    issue(CacheWarning(f"{folder}: {reason}; compiled kernels, which are executed, are not kept there"))
    return False


def keep_text(name: str, text: str) -> Path:
    """Write a text whose name says its content, unless it is there.

    Parameters
    ----------
    name : str
        The entry, relative to the cache folder.
    text : str
        What the file has to hold.

    Returns
    -------
    Path
        The file: in a folder of this process alone where the cache cannot be written.
    """
    content = text.encode()
    path = cache_folder() / name
    return path if _read(path) == content else _written(name, content)


def keep_made(name: str, make: Callable[[], bytes]) -> Path:
    """Make a file whose name says what it is made from, unless it is there as it was written.

    Parameters
    ----------
    name : str
        The entry, relative to the cache folder. Its digest is kept beside it.
    make : callable
        Returns the content.

    Returns
    -------
    Path
        The file: in a folder of this process alone where the cache cannot be written.
    """
    path = cache_folder() / name
    content = _read(path)
    if content is not None and _read(_digest_path(path)) == _digest(content):
        return path
    content = make()
    written = _written(name, content)
    # another process may write the two in turn with this one: they then disagree, and are written again
    with suppress(OSError), whole(_digest_path(written)) as partial:
        partial.write_bytes(_digest(content))
    return written


@functools.cache
def drop_damaged_kernels(source: Path) -> None:
    """Remove what Numba keeps beside a module and cannot read: it would not compile such a kernel again.

    Each file is a sequence of pickles, which are looked through without being loaded.
    """
    for path in (source.parent / "__pycache__").glob(f"{source.stem}.*.nb[ci]"):
        content = _read(path)
        if content is not None and not _are_pickles(content):
            with suppress(OSError):
                path.unlink()


def _are_pickles(content: bytes) -> bool:
    stream = io.BytesIO(content)
    try:
        while stream.tell() < len(content):
            for _ in pickletools.genops(stream):
                pass
    except ValueError:
        return False
    return bool(content)


def _digest_path(path: Path) -> Path:
    return path.with_name(path.name + _DIGEST)


def _digest(content: bytes) -> bytes:
    return hashlib.sha256(content).hexdigest().encode()


def _read(path: Path) -> bytes | None:
    try:
        return path.read_bytes()
    except OSError:
        return None


def _written(name: str, content: bytes) -> Path:
    """Write an entry into the cache, or where that is not possible into this process's own folder."""
    path = cache_folder() / name
    try:
        _write(path, content)
    except OSError:
        path = _private_folder() / name
        _write(path, content)
    return path


def _write(path: Path, content: bytes) -> None:
    with whole(path) as partial:
        partial.write_bytes(content)


@functools.cache
def _private_folder() -> Path:
    """Make a folder that nobody else may enter, and that is removed when this process ends.

    What it holds is executed: a folder of a name that can be guessed might be another user's.
    """
    folder = Path(tempfile.mkdtemp(prefix="rateloom-"))
    atexit.register(_remove, folder, os.getpid())
    return folder


def _remove(folder: Path, owner: int) -> None:
    # a process that was forked from this one has its own end
    if os.getpid() == owner:
        shutil.rmtree(folder, ignore_errors=True)
