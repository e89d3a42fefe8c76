"""A program as a Numba module."""

from __future__ import annotations

from functools import partial

from rateloom.generator.ir.program import Program
from rateloom.generator.targets.block_text import title
from rateloom.generator.targets.code_functions import python_texts
from rateloom.generator.targets.program_text import stage_times, traversal_times
from rateloom.generator.targets.templates import rendered, tidy
from rateloom.generator.version import VERSION

from .elementary_text import PRECISIONS
from .kernels import KERNELS
from .node_text import node_text
from .page import Page, page_of
from .step_text import clock_text, step_text
from .support import standalone_imports, support_imports, support_text
from .traversal_text import traversals_text


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
    parts = {
        "starting": [kernel.text(page) for kernel in KERNELS if not kernel.steps],
        "clock": clock_text(page) if page.clocked else "",
        "step": "\n".join(
            [step_text(page), traversals_text(page) if program.traversals else node_text(page)]
        ),
        "stepping": [kernel.text(page) for kernel in KERNELS if kernel.steps],
        "kernels": ", ".join(f'"{k.signature.kernel}": {k.signature.kernel}' for k in KERNELS),
    }
    whole = partial(
        rendered, "numba", "module",
        title=title(program.model), version=VERSION, model=program.model,
        schemes=", ".join(program.schemes),
        externals=python_texts(program.model), has_angles=bool(page.angles), angles=page.angles,
        any_angles=tuple(f"any_{name}" for name in page.angles), constants=_constants(page),
        block=1 if program.traversals else 16,
        scheme="heun" if "heun" in program.schemes else next(iter(program.schemes)),
        nodes=_functions(program, "_node"), any_nodes=_functions(program, "_any_node"), **parts,
    )  # fmt: skip
    text = whole(imports="", support="")
    if not standalone:
        return tidy(whole(imports=support_imports(text), support=""))
    support = support_text(text)
    return tidy(whole(imports=standalone_imports(f"{text}\n{support}"), support=support))


def _functions(program: Program, ending: str) -> str:
    """Name what advances a node, or makes the traversals over it."""
    verbs = ("predict", "correct") if program.traversals else ("advance",)
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
    rows["KEPT"] = repr(
        ((0, page.rows.n_hoisted), (page.rows.state, n_state), (page.rows.exposure, program.sum_rows))
    )
    constants = {", ".join(rows): ", ".join(rows.values())}
    if page.clocked:
        times_of = traversal_times if program.traversals else partial(stage_times, program)
        times = {s.name: times_of(s) for s in program.schemes.values()}
        constants["STAGES"] = f"{times!r}[scheme]".replace("'", '"')
    if page.angles:
        single, double = (p.largest_angle for p in PRECISIONS)
        constants["largest_angle"] = f"real({single!r} if real is np.float32 else {double!r})"
    return constants
