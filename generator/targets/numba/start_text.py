"""The kernels that run before time does, for Numba."""

from __future__ import annotations

from rateloom.generator.targets.block_text import grouped
from rateloom.generator.targets.program_text import as_real, rows_read
from rateloom.generator.targets.templates import rendered

from .layout import FILL_HISTORY, PREPARE
from .page import WIDTH, Page


def prepare_text(page: Page) -> str:
    """Write the kernel that computes what parameters alone decide."""
    program, block, write = page.program, page.program.hoisted, page.outer
    ident = write.identifiers
    row = {name: k for k, name in enumerate(program.parameters)}
    read = [name for name in program.parameters if name in block.leaves]
    # one by one: Numba takes half a second to compile the message of a tuple that does not fit
    kept = {f"kept[{k}]": text for k, text in enumerate(as_real(block, write.results(block)))}
    return rendered(
        "numba", "prepare",
        signature=PREPARE, block=block,
        count_name=ident("node_count") if "node_count" in block.leaves else "",
        reads=grouped(read, lambda name: f"value[{row[name]}]", WIDTH - 8, ident),
        lines=write.lines(block.statements, block.names),
        stores=grouped(list(kept), kept.__getitem__, WIDTH - 8),
    )  # fmt: skip


def fill_history_text(page: Page) -> str:
    """Write the kernel that puts factors of given states into the history."""
    program, write = page.program, page.outer
    ident = write.identifiers
    factors = program.procedures.get("factors")
    if factors is None:
        reads, lines, results, leaves = [], [], [ident(f) for f in program.factors], set(program.factors)
    else:
        block = factors.block
        reads = [
            f"{name} = hoisted[{row}, node * regional, lane]"
            for name, row in rows_read(page.program, block, page.inner.identifiers)
        ]
        lines, results, leaves = (
            write.lines(block.statements, block.names),
            write.results(block),
            set(block.leaves),
        )
    states = [(k, name) for k, name in enumerate(program.states) if name in leaves]
    row = {name: k for k, name in states}
    reads += grouped(list(row), lambda name: f"state[{row[name]}, here]", WIDTH - 8, ident)
    return rendered(
        "numba",
        "fill_history",
        signature=FILL_HISTORY,
        reads=reads,
        lines=lines,
        results=results,
        regional=any("regional" in line for line in reads),
    )
