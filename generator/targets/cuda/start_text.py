"""The kernels that run before time does, as CUDA C."""

from __future__ import annotations

from rateloom.generator.targets.program_text import as_real, rows_read
from rateloom.generator.targets.templates import rendered

from .layout import FILL_HISTORY, PREPARE
from .page import Page, declared_rows, parameters_of, scalar_lines


def prepare_text(page: Page) -> str:
    """Write the kernel that computes what parameters alone decide."""
    program, block = page.program, page.program.hoisted
    row = {name: k for k, name in enumerate(program.parameters)}
    read = [name for name in program.parameters if name in block.leaves]
    places = [(page.ident(n), f"value[{row[n]}]") for n in read]
    return rendered(
        "cuda", "prepare",
        name=program.model.name, arguments=parameters_of(PREPARE), n_parameter=len(program.parameters),
        n_hoisted=len(block.results), scalars=scalar_lines(page, set(block.leaves)),
        reads=declared_rows(page, places), lines=page.write.lines(block.statements, block.names),
        results=as_real(block, page.write.results(block)),
    )  # fmt: skip


def fill_history_text(page: Page) -> str:
    """Write the kernel that puts factors of given states into the history."""
    program, write = page.program, page.write
    factors = program.procedures.get("factors")
    reads, lines, leaves = [], [], set(program.factors)
    results = [page.ident(f) for f in program.factors]
    if factors is not None:
        block = factors.block
        reads = [
            f"const real {name} = hoisted[(({row} * (size_t)columns) + node * regional) * LANES + lane];"
            for name, row in rows_read(page.program, block, page.ident)
        ]
        lines, results, leaves = (
            write.lines(block.statements, block.names),
            write.results(block),
            set(block.leaves),
        )
    read = [(k, name) for k, name in enumerate(program.states) if name in leaves]
    places = [(page.ident(name), f"state[{f'at + {k} * row' if k else 'at'}]") for k, name in read]
    return rendered(
        "cuda", "fill_history",
        name=program.model.name, arguments=parameters_of(FILL_HISTORY), n_state=len(program.state_rows),
        n_hoisted=len(program.hoisted.results), reads=reads, states=declared_rows(page, places), lines=lines,
        results=results,
    )  # fmt: skip
