"""The page of a Numba module: its program, and the writers of all its parts."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from typing import Any

from rateloom.generator.ir.program import Block, Program
from rateloom.generator.targets.block_text import Writer, angles_of
from rateloom.generator.targets.code_functions import external_names, with_python_externals
from rateloom.generator.targets.identifiers import Identifiers
from rateloom.generator.targets.names import names_of
from rateloom.generator.targets.program_text import most_stages

from .elementary_text import ANGLES
from .layout import Rows, rows_of
from .words import LANGUAGES, RESERVED, RESERVED_BY_SWEEPS

WIDTH = 106


@dataclass(frozen=True)
class Page:
    """A module's program, and the writers of all its parts: inside loops over lanes, and elsewhere."""

    program: Program
    inner: Writer
    outer: Writer
    rows: Rows
    angles: tuple[str, ...]

    @property
    def clocked(self) -> bool:
        """Whether anything depends on time alone."""
        return "clock" in self.program.procedures

    @property
    def n_stage(self) -> int:
        """Times at which schemes call the right-hand side, at most."""
        return most_stages(self.program)

    @property
    def n_sweep(self) -> int:
        """Number of times that a step goes over all nodes."""
        return 2 if self.program.sweeps else 1


def page_of(program: Program, math: str) -> Page:
    """Choose what the parts of a program's module are written with."""
    reserved = RESERVED | RESERVED_BY_SWEEPS if program.sweeps else RESERVED
    identifiers = Identifiers(reserved | external_names(program.model), set(names_of(program)))
    inner, outer = (
        Writer(with_python_externals(words, program.model), identifiers, "{name} = {value}", "#")
        for words in LANGUAGES[math]
    )
    used = {
        node.op
        for block in _lane_blocks(program)
        for node in _operations(block)
        if node.op in ANGLES and math == "fast"
    }
    angles = tuple(name for name in ANGLES if name in used)
    return Page(program, inner, outer, rows_of(program, bool(angles)), angles)


def _lane_blocks(program: Program) -> list[Block]:
    """Return the blocks in loops over lanes."""
    procedures = [p.block for p in program.procedures.values() if p.name != "clock"]
    return [*procedures, *(e.block for e in program.edge_sums)]


def _operations(block: Block) -> Iterable[Any]:
    waiting = [*(s.value for s in block.statements), *block.results]
    seen = set()
    while waiting:
        node = waiting.pop()
        if node not in seen:
            seen.add(node)
            yield node
            waiting += [a for a in node.args if a not in block.names]


def angle_lines(page: Page, block: Block) -> list[str]:
    """Keep the largest angle, which the functions of vectors may not know."""
    if not page.angles:
        return []
    at = f"rows[{page.rows.angle}, entry]"
    texts = (page.inner.expression(angle, block.names) for angle in angles_of(block))
    return [f"{at} = max({at}, abs({text}))" for text in texts]


def listed(names: Sequence[str]) -> str:
    """Write several names, in brackets if a line may have to be broken."""
    text = ", ".join(names)
    return f"({text})" if len(text) > WIDTH - 10 else text
