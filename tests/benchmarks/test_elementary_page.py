"""The command that writes the errors of the elementary functions into their page."""

import subprocess
import sys
from pathlib import Path

import pytest

ROOT = Path(__file__).resolve().parents[2]


def run(*options):
    command = [sys.executable, str(ROOT / "benchmarks" / "elementary.py"), *options]
    return subprocess.run(command, capture_output=True, text=True, check=False, timeout=300)


def test_a_page_without_the_marks_is_one_line(tmp_path):
    done = run("--out", str(tmp_path / "none.md"))
    assert done.returncode == 1
    assert done.stderr.startswith("error: --out ")
    assert "no page with the marks" in done.stderr
    assert len(done.stderr.strip().splitlines()) == 1


@pytest.mark.slow
def test_the_table_replaces_the_one_before(tmp_path):
    page = tmp_path / "page.md"
    page.write_text("before\n<!-- errors: begin -->\nold\n<!-- errors: end -->\nafter\n", encoding="utf-8")
    assert run("--out", str(page), "--points", "30").returncode == 0
    text = page.read_text(encoding="utf-8")
    assert text.startswith("before\n<!-- errors: begin -->\n\nLargest error")
    assert text.endswith("\n\n<!-- errors: end -->\nafter\n")
    assert "at 30 points each" in text
    assert "old" not in text
    assert "| erfc | whole | 16 | " in text


def test_the_committed_page_has_every_function_within_its_limit():
    text = (ROOT / "docs" / "elementary.md").read_text(encoding="utf-8")
    table = text.partition("<!-- errors: begin -->")[2].partition("<!-- errors: end -->")[0]
    assert "at 1,000,000 points each" in table
    lines = [line for line in table.splitlines() if line.startswith("|")]
    rows = [[cell.strip() for cell in line.split("|")[1:-1]] for line in lines[2:]]
    names = "exp expm1 log log1p log10 sin cos tan asin acos atan sinh cosh tanh erf erfc pow"
    assert [row[0] for row in rows] == names.split()
    for row in rows:
        assert max(float(row[3]), float(row[5])) <= float(row[2]) == (16 if row[0] in ("erfc", "pow") else 4)
