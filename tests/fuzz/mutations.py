"""Mutations of files: bits that flip, parts that are cut, repeated or moved, and headers that lie."""

from __future__ import annotations

import io
import re
import warnings
import zipfile
from collections.abc import Callable
from pathlib import Path

import numpy as np

Random = np.random.Generator
Files = dict[str, bytes]
_NUMBERS = (b"-1", b"0", b"1", b"1e999", b"nan", b"2147483648", b"9" * 25, b"-" + b"9" * 40, b"0x10", b"")
# what a header may say in place of its own
_HEADERS = (
    b"{'descr': '<f8', 'fortran_order': False, 'shape': (-1,), }",
    b"{'descr': '<f8', 'fortran_order': False, 'shape': (-8, -1), }",
    b"{'descr': '<f8', 'fortran_order': False, 'shape': (1000000000000,), }",
    b"{'descr': '<f8', 'fortran_order': False, 'shape': (True, 6), }",
    b"{'descr': '<f8', 'fortran_order': 7, 'shape': (6, 6), }",
    b"{'descr': '|O', 'fortran_order': False, 'shape': (36,), }",
    b"{'descr': '|V0', 'fortran_order': False, 'shape': (1000000000000,), }",
    b"{'descr': [('a', '<f8')], 'fortran_order': False, 'shape': (36,), }",
    b"{'descr': '<M8[ns]', 'fortran_order': False, 'shape': (6, 6), }",
    b"{'descr': '<U0', 'fortran_order': False, 'shape': (1000000000,), }",
    b"{'descr': ('<f8', (2,)), 'fortran_order': False, 'shape': (18,), }",
    b"{'descr': '<f8', 'fortran_order': False, 'shape': (" + b"1, " * 100 + b"36), }",
    b"{'descr': '<f8', 'fortran_order': False, 'shape': (1e300,), }",
    b"{'descr': '<f8', 'fortran_order': False, 'shape': ('a',), }",
    b"{" * 5000,
    b"'" * 999,
    b"\xff\xfe" * 20,
    b"",
)
_TEXTS = (b"\xff", b"\xed\xb2\x80", b"\0", b"\n", b"<", b"&", b'"', b"{", b"[" * 2000, b"e", b",")


def flipped(content: bytes, random: Random) -> bytes:
    """Flip some bits."""
    changed = bytearray(content)
    for position in random.integers(0, len(changed), random.integers(1, 9)) if changed else ():
        changed[position] ^= 1 << int(random.integers(8))
    return bytes(changed)


def flipped_in_front(content: bytes, random: Random) -> bytes:
    """Flip bits where headers are."""
    return flipped(content[:128], random) + content[128:]


def cut(content: bytes, random: Random) -> bytes:
    """Leave out the end, or a part in the middle."""
    begin, end = sorted(random.integers(0, len(content) + 1, 2))
    return content[:begin] if random.random() < 0.5 else content[:begin] + content[end:]


def repeated(content: bytes, random: Random) -> bytes:
    """Write a part again, there or elsewhere."""
    begin, end, place = sorted(random.integers(0, len(content) + 1, 3))
    return content[:place] + content[begin:end] * int(random.integers(1, 4)) + content[place:]


def renumbered(content: bytes, random: Random) -> bytes:
    """Write another number in place of one."""
    places = list(re.finditer(rb"-?\d+\.?\d*", content))
    if not places:
        return flipped(content, random)
    chosen = places[int(random.integers(len(places)))]
    return content[: chosen.start()] + _one_of(_NUMBERS, random) + content[chosen.end() :]


def interspersed(content: bytes, random: Random) -> bytes:
    """Put in what a text does not have."""
    place = int(random.integers(0, len(content) + 1))
    return content[:place] + _one_of(_TEXTS, random) + content[place:]


def relengthed(content: bytes, random: Random) -> bytes:
    """Write an extreme size over four bytes, where binary files have theirs."""
    place = 4 * int(random.integers(0, max(1, min(len(content), 400) // 4)))
    size = _one_of((b"\xff" * 4, b"\0" * 4, b"\xff\xff\xff\x7f", b"\0\0\0\x80", b"\0\0\0\x40"), random)
    return content[:place] + size + content[place + 4 :]


def reheaded(content: bytes, random: Random) -> bytes:
    """Give an .npy another header, or a length that is not its own."""
    if not content.startswith(b"\x93NUMPY"):
        return renumbered(content, random)
    length = int.from_bytes(content[8:10], "little")
    header = _one_of(_HEADERS, random)
    version = int(random.integers(1, 4))
    says = len(header) if random.random() < 0.8 else int(random.integers(0, 2**16))
    sized = says.to_bytes(2 if version == 1 else 4, "little")
    return content[:6] + bytes([version, 0]) + sized + header + content[10 + length :]


MUTATIONS: tuple[Callable[[bytes, Random], bytes], ...] = (
    flipped, flipped_in_front, cut, repeated, renumbered, interspersed, relengthed, reheaded,
)  # fmt: skip


def mutated(content: bytes, random: Random) -> bytes:
    """Change content, within a zip as often as without."""
    if content.startswith(b"PK") and random.random() < 0.6:
        return _inside(content, random)
    for _ in range(int(random.integers(1, 3))):
        content = MUTATIONS[int(random.integers(len(MUTATIONS)))](content, random)
    return content


def mutated_files(files: Files, random: Random) -> Files:
    """Change one of several files, or leave it out."""
    name = sorted(files)[int(random.integers(len(files)))]
    changed = dict(files)
    if random.random() < 0.05:
        del changed[name]
    else:
        changed[name] = mutated(files[name], random)
    return changed


def _inside(content: bytes, random: Random) -> bytes:
    """Change an entry of a zip, its name, or how it is packed, and pack all again: the sums are right."""
    with zipfile.ZipFile(io.BytesIO(content)) as archive:
        entries = {name: archive.read(name) for name in archive.namelist()}
    chosen = sorted(entries)[int(random.integers(len(entries)))]
    entries[chosen] = mutated(entries[chosen], random)
    kinds = (zipfile.ZIP_STORED, zipfile.ZIP_DEFLATED, zipfile.ZIP_BZIP2, zipfile.ZIP_LZMA)
    packed = io.BytesIO()
    with warnings.catch_warnings(), zipfile.ZipFile(packed, "w", kinds[int(random.integers(4))]) as archive:
        warnings.simplefilter("ignore")  # of names that are there twice
        for name, entry in entries.items():
            archive.writestr(name if random.random() < 0.98 else f"{name}\u00e9", entry)
    result = packed.getvalue()
    # damage within what is packed, as a bad disk does it
    return flipped(result, random) if random.random() < 0.3 else result


def _one_of(choices: tuple[bytes, ...], random: Random) -> bytes:
    return choices[int(random.integers(len(choices)))]


def read_files(folder: Path) -> Files:
    """Return all files below a folder."""
    return {
        str(path.relative_to(folder)): path.read_bytes()
        for path in sorted(folder.rglob("*"))
        if path.is_file()
    }


def write_files(folder: Path, files: Files) -> None:
    """Write files below a folder."""
    for name, content in files.items():
        path = folder / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_bytes(content)
