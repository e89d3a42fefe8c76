"""Instructions that operations take on a processor with fused multiply-add: what a roofline bound counts.

A branch-free elementary function counts as the instructions of its text in templates/elementary.
"""

from __future__ import annotations

import ast
import functools
from dataclasses import dataclass

from rateloom.generator.targets.numba.elementary_text import FUNCTIONS, elementary_functions

from .operations import Operations

# written as calls, and free: bits that are read as another type, constants of a type
_FREE = frozenset({"to_bits", "from_bits", "f32", "w32", "w64"})
_ONE = frozenset({"fma", "abs", "floor"})


@dataclass(frozen=True)
class Instructions:
    """Instructions on one value, by the unit that they keep busy; averages over edges need not be whole.

    Attributes
    ----------
    arithmetic : int
        Additions, products, both at once, comparisons, selections and operations on bits.
    divisions, roots : int
        Divisions and square roots, which have a unit of their own.
    """

    arithmetic: float = 0
    divisions: float = 0
    roots: float = 0


def add_up(parts: list[Instructions], times: float = 1) -> Instructions:
    """Add up instructions, and take them several times."""
    return Instructions(
        times * sum(p.arithmetic for p in parts),
        times * sum(p.divisions for p in parts),
        times * sum(p.roots for p in parts),
    )


def instructions_of(operations: Operations, dtype: str) -> Instructions:
    """Count the instructions that operations take.

    Parameters
    ----------
    operations : Operations
        See `count_cost`. Functions that exist only as code are taken for free: nobody knows what they cost.
    dtype : {"float32", "float64"}
        The working precision; whole numbers of 64 bits fill twice the room of a float32, and two operations
        on them take the time of a multiply-add.
    """
    wide = 2 if dtype == "float32" else 1
    own = Instructions(
        operations.adds
        + operations.multiplies
        - operations.fused
        + operations.selects
        + wide * operations.integers // 2,
        operations.divisions,
        operations.roots,
    )
    called = [
        add_up([function_instructions(name, dtype)], times)
        for name, times in operations.functions.items()
        if name in FUNCTIONS
    ]
    return add_up([own, *called])


@functools.cache
def function_instructions(name: str, dtype: str) -> Instructions:
    """Count the instructions of one elementary function, with those of the functions that it calls."""
    tree = ast.parse(elementary_functions([name]))
    wanted = f"{name}_{dtype}"
    body = next(n for n in ast.walk(tree) if isinstance(n, ast.FunctionDef) and n.name == wanted)
    return add_up([_of_node(node, dtype) for node in ast.walk(body)])


def _of_node(node: ast.AST, dtype: str) -> Instructions:
    """Count one node of the syntax tree, without those below it."""
    match node:
        case ast.BinOp(op=ast.Div()):
            return Instructions(divisions=1)
        case ast.UnaryOp(operand=ast.Constant() | ast.Call(func=ast.Name(id="f32"))):
            return Instructions()
        case ast.IfExp(test=ast.Compare(left=left, comparators=[right]), body=yes, orelse=no) if {
            ast.dump(left),
            ast.dump(right),
        } == {ast.dump(yes), ast.dump(no)}:
            # a minimum or maximum; its comparison is counted by itself
            return Instructions()
        case ast.BinOp() | ast.AugAssign() | ast.UnaryOp() | ast.Compare() | ast.IfExp() | ast.BoolOp():
            return Instructions(arithmetic=1)
        case ast.Call(func=ast.Attribute(attr="sqrt")):
            return Instructions(roots=1)
        case ast.Call(func=ast.Name(id=name) | ast.Attribute(attr=name)):
            if name in _FREE:
                return Instructions()
            if name in _ONE:
                return Instructions(arithmetic=1)
            return function_instructions(name, dtype)
    return Instructions()
