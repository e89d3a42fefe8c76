"""The directory of a study: made whole or not at all, and written to by one process at a time."""

from __future__ import annotations

import os
import shutil
import socket
from collections.abc import Callable, Iterator
from contextlib import contextmanager, suppress
from pathlib import Path

from filelock import FileLock, Timeout

from rateloom.drivers.support.destinations import PLAN, check_study_target, make_folder
from rateloom.drivers.support.errors import InputError
from rateloom.drivers.support.files import write_whole
from rateloom.drivers.support.regular_files import text_of

_LOCK = "lock"
# beside it: a lock that is held cannot be read on every system
_OWNER = "lock.owner"
_MOST_OWNER = 1000


@contextmanager
def locked(folder: Path) -> Iterator[None]:
    """Keep other processes from writing to a study.

    The lock is the system's, on an open file, so that it ends with the process, however that ends.

    Raises
    ------
    InputError
        If another process has it, or the file cannot be locked.
    """
    lock, owner = FileLock(folder / _LOCK), folder / _OWNER
    try:
        lock.acquire(timeout=0)
    except Timeout:
        raise InputError(
            f"{folder}: another process is writing to this study ({_text(owner) or 'unknown'}); wait for it, "
            "or end it"
        ) from None
    except (OSError, NotImplementedError) as problem:
        reason = getattr(problem, "strerror", None) or problem
        raise InputError(f"{folder / _LOCK}: cannot be locked ({reason})") from None
    try:
        # who writes is for the message alone
        with suppress(OSError):
            write_whole(owner, f"process {os.getpid()} on {socket.gethostname()}")
        yield
    finally:
        with suppress(OSError):
            owner.unlink(missing_ok=True)
        lock.release()


def _text(path: Path) -> str:
    try:
        return text_of(path, _MOST_OWNER).strip()
    except (OSError, ValueError):
        return ""


def make_study(path: Path, overwrite: bool, fill: Callable[[Path], None]) -> None:
    """Make the directory of a study.

    Parameters
    ----------
    overwrite : bool
        Whether a study that is there may be replaced.
    fill : callable
        Puts into an empty directory what a study starts with.

    Raises
    ------
    InputError
        If it cannot be made, or another process writes to what is to be replaced.
    """
    check_study_target(path, overwrite)
    partial = path.with_name(f".{path.name}.partial-{os.getpid()}")
    try:
        make_folder(path)
        partial.mkdir()
        fill(partial)
        if (path / PLAN).is_file():
            _remove(path)
        partial.replace(path)
    except OSError as problem:
        raise InputError(f"{path}: cannot be written ({problem.strerror or problem})") from None
    finally:
        shutil.rmtree(partial, ignore_errors=True)


def _remove(path: Path) -> None:
    old = path.with_name(f".{path.name}.old-{os.getpid()}")
    with locked(path):
        path.rename(old)
        shutil.rmtree(old)
