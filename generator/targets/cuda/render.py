"""A program as CUDA C."""

from __future__ import annotations

from rateloom.generator.ir.program import Accumulator, EdgeSum, Program
from rateloom.generator.targets.block_text import Writer, title
from rateloom.generator.targets.code_functions import cuda_texts, external_names, with_cuda_externals
from rateloom.generator.targets.identifiers import Identifiers
from rateloom.generator.targets.names import names_of
from rateloom.generator.targets.templates import rendered, tidy
from rateloom.generator.version import VERSION

from .kernels import KERNELS
from .page import Page
from .step_text import step_text
from .support import INCLUDE, support_text
from .words import CUDA, RESERVED, RESERVED_BY_TRAVERSALS


def cuda_kernel(program: Program, standalone: bool = False) -> str:
    """Write the CUDA source of a program.

    Parameters
    ----------
    program : Program
    standalone : bool
        Whether the source carries what it would include.
    """
    reserved = RESERVED | RESERVED_BY_TRAVERSALS if program.traversals else RESERVED
    identifiers = Identifiers(reserved | external_names(program.model), set(names_of(program)))
    language = with_cuda_externals(CUDA, program.model)
    write = Writer(language, identifiers, "const {type} {name} = {value};", "//")
    sums: list[Accumulator | EdgeSum] = [*program.accumulators, *program.edge_sums]
    page = Page(program, write, tuple(sorted({gate for s in sums for gate in s.gates})))
    return tidy(
        rendered(
            "cuda", "module",
            title=title(program.model), version=VERSION, model=program.model,
            schemes=", ".join(program.schemes),
            scheme=next(iter(program.schemes)) if program.traversals else "",
            header=support_text() if standalone else INCLUDE, externals=cuda_texts(program.model),
            starting=[kernel.text(page) for kernel in KERNELS if not kernel.steps], step=step_text(page),
            stepping=[kernel.text(page) for kernel in KERNELS if kernel.steps],
        )
    )  # fmt: skip
