"""docs/kernels.md says of the kernels' arguments what their signatures do, and quotes code that is there."""

import re
from pathlib import Path

import pytest

from rateloom.generator.targets.cuda.kernels import KERNELS as CUDA
from rateloom.generator.targets.numba.kernels import KERNELS as NUMBA

ROOT = Path(__file__).resolve().parents[2]
PAGE = (ROOT / "docs" / "kernels.md").read_text("utf-8")
SIGNATURES = [(name, k.signature) for name, kernels in (("Numba", NUMBA), ("CUDA", CUDA)) for k in kernels]


def table(signature):
    """Write a signature as a table."""
    lines = ["| argument | type | dimensions | access | meaning |", "| --- | --- | --- | --- | --- |"]
    for a in signature.arguments:
        meaning = f"{a.meaning} ({a.unit})" if a.unit else a.meaning
        dimensions = ", ".join(a.dimensions) or "–"
        lines.append(f"| `{a.name}` | {a.type} | {dimensions} | {a.access} | {meaning} |")
    return "\n".join(lines)


@pytest.mark.parametrize(("target", "signature"), SIGNATURES, ids=lambda x: getattr(x, "kernel", x))
def test_arguments_are_those_of_the_signature(target, signature):
    section = PAGE.split(f"## {target}'s arguments\n")[1].split("\n## ")[0]
    part = section.split(f"### `{signature.kernel}`\n")[1].split("\n### ")[0]
    assert part.strip() == table(signature), f"write into docs/kernels.md:\n{table(signature)}"


def test_quoted_code_is_what_is_generated():
    generated = ROOT / "generated" / "montbrio"
    sources = (generated / "montbrio_numba.py", ROOT / "models" / "montbrio.xml")
    lines = {line.strip() for path in sources for line in path.read_text("utf-8").splitlines()}
    blocks = re.findall(r"^```text\n(.*?)^```", PAGE, re.MULTILINE | re.DOTALL)
    assert len(blocks) == 6
    for block in blocks:
        assert [line for line in block.strip().splitlines() if line.strip() not in lines] == []
