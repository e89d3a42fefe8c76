"""The terms of a sum over edges for Numba."""

from __future__ import annotations

from typing import Any

from rateloom.generator.ir.program import EdgeSum
from rateloom.generator.targets.block_text import Writer, angles_of
from rateloom.generator.targets.program_text import rows_read

from .page import Page, angle_lines


def of_edge_terms(page: Page, edge_sum: EdgeSum) -> dict[str, Any]:
    """Return what the loop over edges of one sum is written from."""
    number = page.program.edge_sums.index(edge_sum)
    angles = bool(page.angles and angles_of(edge_sum.block))
    lines, result = _term(page, page.inner, edge_sum)
    any_lines, any_result = _term(page, page.outer, edge_sum) if angles else ([], "")
    lines += [
        line.replace("rows[", "by_node[").replace(", entry]", ", nth, lane]")
        for line in angle_lines(page, edge_sum.block)
    ]
    return {
        "number": number, "row": page.rows.edge_sum + number, "delayed": edge_sum.delayed, "lines": lines,
        "result": result, "any_lines": any_lines, "any_result": any_result,
    }  # fmt: skip


def _term(page: Page, write: Writer, edge_sum: EdgeSum) -> tuple[list[str], str]:
    program, block = page.program, edge_sum.block
    ident = write.identifiers
    lines = [
        f"{name} = hoisted[{row}, other * regional, lane]"
        for name, row in rows_read(page.program, block, page.inner.identifiers)
    ]
    for k, name in enumerate(program.states):
        if name in block.leaves:
            lines.append(f"{ident(name)} = by_node[{page.rows.state + k}, nth, lane]")
    for name, factor in program.source_rows.items():
        if name in block.leaves:
            lines.append(f"{ident(name)} = by_slot[{factor} * n_node + other, slot, lane]")
    if "clock" in program.procedures:
        values = program.procedures["clock"].results
        lines += [f"{ident(v)} = clocks[0][{k}]" for k, v in enumerate(values) if v in block.leaves]
    lines += write.lines(block.statements, block.names)
    return lines, write.results(block)[0]
