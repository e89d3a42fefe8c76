"""Expressions through the generator's own stages to text that Python or a C++ compiler runs."""

from __future__ import annotations

import math
from collections.abc import Mapping, Sequence
from typing import Any

import numpy as np

from rateloom.dsl.load import load_model
from rateloom.dsl.model import Function, Model
from rateloom.generator.calls import Functions
from rateloom.generator.ir.names import Names
from rateloom.generator.ir.nodes import Depends, Graph, Node
from rateloom.generator.ir.program import Block
from rateloom.generator.lower import lower
from rateloom.generator.passes.schedule import Vocabulary, is_of_time, schedule
from rateloom.generator.targets.cuda.words import CUDA
from rateloom.generator.targets.expression_text import Language, expression
from rateloom.generator.targets.numba.elementary_text import FUNCTIONS, FUSED_FUNCTIONS, SERVING
from rateloom.generator.targets.numba.words import PYTHON

KINDS = {"a": Depends.ITEM, "p": Depends.ITEM, "q": Depends.ITEM, "t": Depends.STEP}


def model_of(body: str, name: str = "probe") -> Model:
    """Load a model from the inside of its element."""
    return load_model(f"{name}.xml", f'<Model name="{name}" version="1">{body}</Model>')


def lowered(e: Any, functions: Sequence[Function] = (), names: str = "pqxyzt") -> tuple[Graph, Node]:
    """Lower an expression; `a`, `p` and `q` are parameters, `t` is the time, all else belongs to a node."""
    graph = Graph()
    scope = {n: graph.leaf(n, KINDS.get(n, Depends.NODE)) for n in names}
    constants = {n: scope[n] for n in names if KINDS.get(n) is Depends.ITEM}
    library = Functions({f.name: f for f in functions}, constants)
    return graph, lower(graph, e, scope, library)


def scheduled(roots: Sequence[Node], vocabulary: Vocabulary | None = None, inside: bool = False) -> Block:
    """Schedule nodes whose leaves keep their names; inside the time loop the clock's values are leaves."""
    names = Names()
    seen: set[Node] = set()
    stack = list(roots)
    while stack:
        node = stack.pop()
        if node not in seen:
            seen.add(node)
            stack.extend(node.args)
            if node.op == "leaf":
                names.give(node, str(node.value))
    if inside:
        for node in seen:
            if is_of_time(node):
                names.give(node)
    return schedule(
        list(roots), names, vocabulary or Vocabulary(), lambda n: n.op == "leaf" or (inside and is_of_time(n))
    )


def text(node: Node, language: Language = PYTHON) -> str:
    """Write a node as one expression."""
    block = scheduled([node])
    leaves = {n: name for n, name in block.names.items() if n.op == "leaf"}
    return expression(node, leaves, language)


def python_value(roots: Sequence[Node], values: Mapping[str, float]) -> list[float]:
    """Run the statements of a block with Python's own floats."""
    block = scheduled(roots)
    lines = [f"{s.name} = {expression(s.value, block.names, PYTHON, whole=True)}" for s in block.statements]
    scope: dict[str, Any] = {"math": math, "np": np, "real": float, "abs": abs, **values}
    exec("\n".join(lines), {"__builtins__": {}, **scope}, scope)
    return [float(eval(expression(r, block.names, PYTHON), {"__builtins__": {}}, scope)) for r in roots]


def cuda_source(groups: Sequence[Sequence[Node]], names: Sequence[str]) -> str:
    """Write a kernel that computes one number a group of nodes, each in a scope of its own."""
    lines = []
    for index, roots in enumerate(groups):
        block = scheduled(roots)
        body = [
            f"const {'bool' if s.value.boolean else 'real'} {s.name} = "
            f"{expression(s.value, block.names, CUDA, whole=True)};"
            for s in block.statements
        ]
        (result,) = (expression(r, block.names, CUDA) for r in roots)
        lines += ["{", *body, f"results[{index}] = {result};", "}"]
    leaves = [f"const real {n} = values[{i}];" for i, n in enumerate(names)]
    math = "".join(f"using ::{name}; " for name in FUNCTIONS if name not in (*SERVING, *FUSED_FUNCTIONS))
    head = (
        f"namespace math {{ {math}}}\ntypedef REAL real;\n"
        + 'extern "C" __global__ void evaluate(const real* values, real* results)\n{\n'
    )
    return head + "\n".join([*leaves, *lines]) + "\n}\n"
