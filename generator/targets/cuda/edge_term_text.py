"""The terms of a sum over edges as CUDA C."""

from __future__ import annotations

from typing import Any

from rateloom.generator.ir.program import EdgeSum
from rateloom.generator.targets.program_text import rows_read

from .page import Page, recalled


def of_edge_terms(page: Page, edge_sum: EdgeSum) -> dict[str, Any]:
    """Return what the loop over edges of one sum is written from."""
    program, block = page.program, edge_sum.block
    lines = [
        f"const real {name} = hoisted[({row} * (size_t)columns + (columns > 1 ? other : 0)) * LANES + lane];"
        for name, row in rows_read(page.program, block, page.ident)
    ]
    for name, factor in program.source_rows.items():
        if name in block.leaves:
            lines.append(f"const real {page.ident(name)} = {recalled(factor, 'other', 'slot')};")
    if page.clocked:
        values = program.procedures["clock"].results
        lines += [
            f"const real {page.ident(v)} = clocks[0].{page.ident(v)};" for v in values if v in block.leaves
        ]
    lines += page.write.lines(block.statements, block.names)
    return {
        "name": page.ident(edge_sum.name), "number": program.edge_sums.index(edge_sum), "lines": lines,
        "delayed": edge_sum.delayed, "result": page.write.results(block)[0],
    }  # fmt: skip
