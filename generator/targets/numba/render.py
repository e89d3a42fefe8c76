"""A program as a Numba module."""

from __future__ import annotations

from functools import partial

from rateloom.generator.ir.program import Program
from rateloom.generator.kernels import time_loops
from rateloom.generator.targets.block_text import grouped, title
from rateloom.generator.targets.code_functions import python_texts
from rateloom.generator.targets.program_text import as_real, rows_read, stage_times, sweep_times
from rateloom.generator.targets.templates import rendered, tidy
from rateloom.generator.version import VERSION

from .advance_text import advance_text
from .elementary_text import PRECISIONS
from .layout import FILL_HISTORY, PREPARE
from .node_text import node_text
from .page import WIDTH, Page, page_of
from .step_text import clock_text, step_text
from .support import standalone_imports, support_imports, support_text
from .sweep_text import sweeps_text


def numba_module(program: Program, math: str = "fast", standalone: bool = False) -> str:
    """Write the Numba module of a program.

    Parameters
    ----------
    program : Program
    math : {"fast", "libm"}
        Elementary functions: those of `rateloom.kernels.elementary`, without branches in loops over lanes, or
        the standard library's.
    standalone : bool
        Whether the module carries what it would import from `rateloom.kernels`.
    """
    page = page_of(program, math)
    loops = time_loops(program)
    parts = {
        "prepare": _prepare(page),
        "fill_history": _fill_history(page),
        "clock": clock_text(page) if page.clocked else "",
        "step": "\n".join([step_text(page), sweeps_text(page) if program.sweeps else node_text(page)]),
        "advance": advance_text(page, loops),
    }
    whole = partial(
        rendered, "numba", "module",
        title=title(program.model), version=VERSION, model=program.model,
        externals=python_texts(program.model), has_angles=bool(page.angles), angles=page.angles,
        any_angles=tuple(f"any_{name}" for name in page.angles), constants=_constants(page),
        nodes=_functions(program, "_node"), any_nodes=_functions(program, "_any_node"), **parts,
    )  # fmt: skip
    text = whole(imports="", support="")
    if not standalone:
        return tidy(whole(imports=support_imports(text), support=""))
    support = support_text(text)
    return tidy(whole(imports=standalone_imports(f"{text}\n{support}"), support=support))


def _functions(program: Program, ending: str) -> str:
    """Name what advances a node, or makes the sweeps over it."""
    verbs = ("predict", "correct") if program.sweeps else ("advance",)
    return ", ".join(f"{verb}{ending}" for verb in verbs)


def _constants(page: Page) -> dict[str, str]:
    """Return what the loops know of the model by number: rows, factors, times of stages."""
    program = page.program
    rows = {}
    if program.accumulators:
        rows["FACTORS"] = repr(tuple(a.factor for a in program.accumulators))
        rows["DELAYED"] = repr(tuple(int(a.delayed) for a in program.accumulators))
    if program.factors:
        rows["ROWS"] = repr(page.rows.factors)
    n_state = len(program.state_rows)
    n_sum = len(program.exposures) + len(program.angles)
    rows["KEPT"] = repr(((0, page.rows.n_hoisted), (page.rows.state, n_state), (page.rows.exposure, n_sum)))
    constants = {", ".join(rows): ", ".join(rows.values())}
    if page.clocked:
        times_of = sweep_times if program.sweeps else partial(stage_times, program)
        times = {s.name: times_of(s) for s in program.schemes.values()}
        constants["STAGES"] = f"{times!r}[scheme]".replace("'", '"')
    if page.angles:
        single, double = (p.largest_angle for p in PRECISIONS)
        constants["largest_angle"] = f"real({single!r} if real is np.float32 else {double!r})"
    return constants


def _prepare(page: Page) -> str:
    program, block, write = page.program, page.program.hoisted, page.outer
    ident = write.identifiers
    row = {name: k for k, name in enumerate(program.parameters)}
    read = [name for name in program.parameters if name in block.leaves]
    return rendered(
        "numba", "prepare",
        signature=PREPARE, block=block,
        count_name=ident("node_count") if "node_count" in block.leaves else "",
        reads=grouped(read, lambda name: f"value[{row[name]}]", WIDTH - 8, ident),
        lines=write.lines(block.statements, block.names), results=as_real(block, write.results(block)),
    )  # fmt: skip


def _fill_history(page: Page) -> str:
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
