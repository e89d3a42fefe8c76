"""The page of CUDA source: its program, and the writer of all its parts."""

from __future__ import annotations

from dataclasses import dataclass

from rateloom.generator.ir.program import Program
from rateloom.generator.ir.signature import Signature
from rateloom.generator.targets.block_text import Writer, unbroken
from rateloom.generator.targets.identifiers import Identifiers
from rateloom.generator.targets.program_text import most_stages

from .layout import declared
from .words import REGISTERS_FOR_ROWS

# of lines that take several declarations or stores
WIDTH = 108


@dataclass(frozen=True)
class Page:
    """The program of one source, and the writer of all its parts."""

    program: Program
    write: Writer
    switches: tuple[int, ...]

    @property
    def ident(self) -> Identifiers:
        """The names of the source."""
        return self.write.identifiers

    @property
    def clocked(self) -> bool:
        """Whether anything depends on time alone."""
        return "clock" in self.program.procedures

    @property
    def n_stage(self) -> int:
        """Times at which the clock is read in a step, the end of the step among them."""
        return most_stages(self.program) + 1

    @property
    def n_sweep(self) -> int:
        """Number of times that a step goes over all nodes."""
        return 2 if self.program.sweeps else 1

    @property
    def n_kept(self) -> int:
        """Number of values that a sweep hands on to the next."""
        return len(self.program.sweeps.handed_on) if self.program.sweeps else 0

    @property
    def late(self) -> bool:
        """Whether hoisted values are read where they are needed, since they are too many for registers."""
        return len(self.program.hoisted.results) > REGISTERS_FOR_ROWS

    @property
    def row_type(self) -> str:
        """The type that holds a node's hoisted values."""
        return "Memory" if self.late else f"Registers<{len(self.program.hoisted.results)}>"

    @property
    def loaded(self) -> dict[int, str]:
        """Factors that are neither a state nor a hoisted value: they live beside the states."""
        hoisted = {self.program.hoisted.names[n] for n in self.program.hoisted.results}
        fixed = {*self.program.states, *hoisted}
        return {k: self.ident(f) for k, f in enumerate(self.program.factors) if f not in fixed}


def parameters_of(signature: Signature) -> tuple[str, ...]:
    """Write a kernel's parameters."""
    return tuple(declared(a) for a in signature.arguments)


def recalled(factor: int, node: str, slot: str) -> str:
    """Read a factor from the history."""
    index = f"(({factor} * (size_t)n_node + {node}) * horizon + {slot}) * LANES + lane"
    return f"rescaled(recall(history[{index}]), scales, {factor})"


def scalar_lines(page: Page, names: set[str]) -> list[str]:
    """Declare what is one number for all nodes and work items."""
    values = {"dt": "real(step_size)", "node_count": "real(n_node)"}
    return [f"const real {page.ident(name)} = {value};" for name, value in values.items() if name in names]


def declared_rows(page: Page, pairs: list[tuple[str, str]]) -> list[str]:
    """Declare several values a line."""
    lines: list[str] = []
    for name, value in pairs:
        text = f"{name} = {value}"
        if lines and len(lines[-1]) + len(text) < WIDTH:
            lines[-1] = f"{lines[-1][:-1]}, {text};"
        else:
            lines.append(f"const real {text};")
    return lines


def together(statements: list[str]) -> list[str]:
    """Put short statements on lines."""
    return unbroken(statements, " ", WIDTH - 10)
