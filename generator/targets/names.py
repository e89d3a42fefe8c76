"""All names of a program."""

from __future__ import annotations

from collections.abc import Iterator

from rateloom.generator.ir.program import Program


def names_of(program: Program) -> Iterator[str]:
    """Return every name that a program gives, some more than once."""
    yield from program.parameters
    yield from program.hoisted.names.values()
    yield from program.carries
    for procedure in program.procedures.values():
        yield from procedure.arguments
        yield from procedure.results
        yield from procedure.block.names.values()
    for edge_sum in program.edge_sums:
        yield from edge_sum.block.names.values()
    for scheme in program.schemes.values():
        yield from scheme.names.values()
    if program.traversals:
        yield from program.traversals.factors
