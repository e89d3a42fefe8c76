"""The glossary names each term once, and modules that exist."""

import re
from pathlib import Path

ROOT = Path(__file__).resolve().parent.parent
ROW = re.compile(r"^\| (?!term|---)([^|]+) \| [^|]+ \| ([^|]+) \|$", re.MULTILINE)
ROWS = ROW.findall((ROOT / "docs" / "glossary.md").read_text())


def test_every_term_is_there_once():
    terms = [term for cell, _ in ROWS for term in cell.split(", ")]
    assert len(terms) > 60
    assert len(terms) == len(set(terms))


def test_every_module_of_a_term_exists():
    for term, cell in ROWS:
        paths = re.findall(r"`([^`]+)`", cell)
        assert paths, term
        for path in paths:
            assert (ROOT / path).exists(), f"{term}: {path}"
