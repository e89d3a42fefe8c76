"""Files that are written whole or not at all."""

from __future__ import annotations

import os
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path


@contextmanager
def whole(path: Path) -> Iterator[Path]:
    """Make the folder of a file, and give a hidden name in it to write under.

    What is there when the block ends takes the file's place; when an error ends it, nothing is left. Other
    threads and processes may be writing the same file.
    """
    path.parent.mkdir(parents=True, exist_ok=True)
    writer = f"{os.getpid()}-{threading.get_native_id()}"
    partial = path.with_name(f".{path.stem}.partial-{writer}{path.suffix}")
    try:
        yield partial
        partial.replace(path)
    finally:
        partial.unlink(missing_ok=True)


def write_whole(path: Path, text: str) -> None:
    """Write a text file, its lines ended alike on every system."""
    with whole(path) as partial:
        partial.write_text(text, encoding="utf-8", newline="\n")
