"""Arguments of a CUDA kernel. Arrays begin with the lane block, which their dimensions here leave out."""

from __future__ import annotations

from rateloom.generator.ir.signature import Argument, Signature

_COUNTS = (
    Argument("n_node", "int32", meaning="number of nodes"),
    Argument("columns", "int32", meaning="columns of parameters: one, or one a node"),
)
_HOISTED = Argument("hoisted", "real", ("row", "node or 1", "lane"), meaning="what `prepare` computed")
_SCALES = Argument(
    "scales",
    "real",
    ("factor", "scale and its inverse", "lane"),
    meaning="powers of two by which factors are divided in a history of half precision",
)
_HORIZON = Argument("horizon", "int32", meaning="slots of the history's ring")

PREPARE = Signature(
    "prepare",
    (
        Argument(
            "parameters", "real", ("parameter", "node or 1", "lane"), meaning="values of the parameters"
        ),
        Argument("step_size", "float64", meaning="length of a step", unit="ms"),
        *_COUNTS,
        Argument("hoisted", "real", ("row", "node or 1", "lane"), "out", "what depends on parameters alone"),
    ),
)

FILL_HISTORY = Signature(
    "fill_history",
    (
        Argument(
            "state",
            "real",
            ("state, carry, handed on", "node", "lane"),
            meaning="states to write the factors of",
        ),
        _HOISTED,
        *_COUNTS,
        Argument("slot", "int32", meaning="first slot to write"),
        Argument("count", "int32", meaning="number of slots to write"),
        _HORIZON,
        _SCALES,
        Argument(
            "history", "kept", ("factor", "node", "slot", "lane"), "out", "the ring of every factor and node"
        ),
        Argument(
            "largest",
            "real",
            ("factor", "group", "lane"),
            "inout",
            "greatest sizes of factors so far, where the history is in half precision",
        ),
    ),
)

ADVANCE = Signature(
    "advance",
    (
        Argument("first", "uint32", meaning="number of the first step, counted from the start of the run"),
        Argument("steps", "int32", meaning="steps to advance"),
        Argument("step_size", "float64", meaning="length of a step", unit="ms"),
        *_COUNTS,
        Argument("row", "int32", ("node + 1",), meaning="where the edges into each node begin"),
        Argument("source", "int32", ("edge",), meaning="node at the other end of an edge"),
        Argument(
            "delay",
            "int32",
            ("edge",),
            meaning="conduction delay",
            unit="steps, or traversals where a step takes two",
        ),
        Argument("weight", "real", ("edge",), meaning="weight of an edge"),
        Argument(
            "dense", "real", ("tile", "source", "row"), meaning="weights as tiles, for products of matrices"
        ),
        Argument(
            "self_weight", "real", ("node",), meaning="weight of the undelayed edge from a node to itself"
        ),
        Argument("weight_sums", "real", ("node",), meaning="sum of the weights into a node"),
        _HOISTED,
        Argument("items", "uint32", ("lane",), meaning="numbers by which random numbers know the work items"),
        Argument("key0", "uint32", meaning="low word of the noise's key"),
        Argument("key1", "uint32", meaning="high word of the noise's key"),
        Argument("input_row", "int32", ("step",), meaning="row of `input_values` that holds at a step"),
        Argument("input_values", "given", ("row", "input", "node"), meaning="values of the inputs"),
        Argument(
            "state",
            "real",
            ("state, carry, handed on", "node", "lane"),
            "inout",
            "states, and what rounding left of each one's last step; advanced in place",
        ),
        Argument(
            "history",
            "kept",
            ("factor", "node", "slot", "lane"),
            "inout",
            "the ring of every factor and node",
        ),
        _SCALES,
        _HORIZON,
        Argument("window", "int32", meaning="steps that make one sample"),
        Argument("samples", "int32", meaning="samples that this launch gives at most"),
        Argument(
            "sums",
            "real",
            ("exposure, rest, then angle", "node", "lane"),
            "inout",
            "sums over the window that is open, what rounding left of them, and turns of angles in it",
        ),
        Argument(
            "output", "real", ("sample", "exposure", "node", "lane"), "out", "means of the windows that end"
        ),
        Argument(
            "diverged", "int64", ("group", "lane"), "inout", "first step after which a state was not finite"
        ),
    ),
)

_C_TYPES = {
    "real": "real", "kept": "kept", "given": "GIVEN", "float64": "double", "int32": "int",
    "uint32": "unsigned int", "int64": "long long",
}  # fmt: skip


def declared(argument: Argument) -> str:
    """Write an argument as C declares it."""
    kind = _C_TYPES[argument.type]
    if not argument.dimensions:
        return f"{kind} {argument.name}"
    if argument.access == "in":
        return f"const {kind}* __restrict__ {argument.name}"
    # what is moved within the kernel, to memory that threads share, has no promise on aliases
    pointer = (
        "*"
        if argument.name in ("state", "sums", "history") and argument.access == "inout"
        else "* __restrict__"
    )
    return f"{kind}{pointer} {argument.name}"
