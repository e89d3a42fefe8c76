"""The directory of a study: made whole or not at all, and written to by one process at a time."""

from __future__ import annotations

import fcntl
import os
import shutil
import socket
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path

from rateloom.drivers.support.destinations import PLAN, check_study_target, make_folder
from rateloom.drivers.support.errors import InputError

_LOCK = "lock"


@contextmanager
def locked(folder: Path) -> Iterator[None]:
    """Keep other processes from writing to a study.

    The lock is the system's, on an open file, so that it ends with the process, however that ends.

    Raises
    ------
    InputError
        If another process has it.
    """
    with (folder / _LOCK).open("a+") as stream:
        try:
            fcntl.flock(stream, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except OSError:
            stream.seek(0)
            owner = stream.read().strip() or "unknown"
            raise InputError(
                f"{folder}: another process is writing to this study ({owner}); wait for it, or end it"
            ) from None
        stream.truncate(0)
        stream.write(f"process {os.getpid()} on {socket.gethostname()}")
        stream.flush()
        yield


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
