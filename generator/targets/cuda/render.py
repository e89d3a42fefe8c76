"""A program as CUDA C."""

from __future__ import annotations

from rateloom.generator.ir.program import Accumulator, EdgeSum, Program
from rateloom.generator.kernels import time_loops
from rateloom.generator.targets.block_text import Writer, title
from rateloom.generator.targets.code_functions import cuda_texts, external_names, with_cuda_externals
from rateloom.generator.targets.identifiers import Identifiers
from rateloom.generator.targets.names import names_of
from rateloom.generator.targets.program_text import as_real, rows_read
from rateloom.generator.targets.templates import rendered, tidy
from rateloom.generator.version import VERSION

from .advance_text import advance_text
from .layout import FILL_HISTORY, PREPARE
from .page import Page, declared_rows, parameters_of, scalar_lines
from .step_text import step_text
from .support import INCLUDE, support_text
from .words import CUDA, RESERVED, RESERVED_BY_SWEEPS


def cuda_kernel(program: Program, standalone: bool = False) -> str:
    """Write the CUDA source of a program.

    Parameters
    ----------
    program : Program
    standalone : bool
        Whether the source carries what it would include.
    """
    reserved = RESERVED | RESERVED_BY_SWEEPS if program.sweeps else RESERVED
    identifiers = Identifiers(reserved | external_names(program.model), set(names_of(program)))
    language = with_cuda_externals(CUDA, program.model)
    write = Writer(language, identifiers, "const {type} {name} = {value};", "//")
    sums: list[Accumulator | EdgeSum] = [*program.accumulators, *program.edge_sums]
    page = Page(program, write, tuple(sorted({gate for s in sums for gate in s.gates})))
    return tidy(
        rendered(
            "cuda", "module",
            title=title(program.model), version=VERSION, model=program.model,
            header=support_text() if standalone else INCLUDE, externals=cuda_texts(program.model),
            prepare=_prepare(page), fill_history=_fill_history(page), step=step_text(page),
            advance=advance_text(page, time_loops(program)),
        )
    )  # fmt: skip


def _prepare(page: Page) -> str:
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


def _fill_history(page: Page) -> str:
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
