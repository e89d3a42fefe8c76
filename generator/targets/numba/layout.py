"""What a Numba kernel is given, and where a node's values lie while its block of steps is advanced."""

from __future__ import annotations

from dataclasses import dataclass

from rateloom.generator.ir.program import Program
from rateloom.generator.ir.signature import Argument, Signature

_SHAPE = (
    Argument("horizon", "int64", meaning="slots of the history's ring"),
    Argument(
        "state",
        "real",
        ("state, carry, handed on", "node x lane"),
        "inout",
        "states, and what rounding left of each one's last step; advanced in place",
    ),
    Argument("hoisted", "real", ("row", "node or 1", "lane"), meaning="what `prepare` computed"),
    Argument(
        "history", "real", ("factor x node x slot x lane",), "inout", "the ring of every factor and node"
    ),
)
_HORIZON, _STATE, _HOISTED, _HISTORY = _SHAPE

PREPARE = Signature(
    "prepare",
    (
        Argument(
            "parameters", "real", ("parameter", "node or 1", "lane"), meaning="values of the parameters"
        ),
        Argument("step_size", "float64", meaning="length of a step", unit="ms"),
        Argument("n_node", "int64", meaning="number of nodes"),
        Argument("hoisted", "real", ("row", "node or 1", "lane"), "out", "what depends on parameters alone"),
    ),
)

FILL_HISTORY = Signature(
    "fill_history",
    (
        Argument(
            "state",
            "real",
            ("state, carry, handed on", "node x lane"),
            meaning="states to write the factors of",
        ),
        _HOISTED,
        Argument("slot", "int64", meaning="first slot to write"),
        Argument("count", "int64", meaning="number of slots to write"),
        Argument(
            "history", "real", ("factor x node x slot x lane",), "out", "the ring of every factor and node"
        ),
        _HORIZON,
    ),
)

ADVANCE = Signature(
    "advance",
    (
        Argument("first", "int64", meaning="number of the first step, counted from the start of the run"),
        Argument("steps", "int64", meaning="steps to advance"),
        Argument("step_size", "float64", meaning="length of a step", unit="ms"),
        Argument(
            "parts", "int64", ("part", "node + 1"), meaning="where the edges into each node begin, by part"
        ),
        Argument("visits", "int64", ("visit", "4"), meaning="order in which groups of nodes are advanced"),
        Argument("source", "int64", ("edge",), meaning="node at the other end of an edge"),
        Argument(
            "delay",
            "int64",
            ("edge",),
            meaning="conduction delay",
            unit="steps, or traversals where a step takes two",
        ),
        Argument("weight", "real", ("edge",), meaning="weight of an edge"),
        Argument(
            "self_weight", "real", ("node",), meaning="weight of the undelayed edge from a node to itself"
        ),
        Argument("weight_sums", "real", ("node",), meaning="sum of the weights into a node"),
        _HOISTED,
        Argument("items", "uint32", ("lane",), meaning="numbers by which random numbers know the work items"),
        Argument("key0", "uint32", meaning="low word of the noise's key"),
        Argument("key1", "uint32", meaning="high word of the noise's key"),
        Argument("input_row", "int64", ("step",), meaning="row of `input_values` that holds at a step"),
        Argument("input_values", "real", ("row", "input", "node"), meaning="values of the inputs"),
        _STATE,
        _HISTORY,
        _HORIZON,
        Argument("window", "int64", meaning="steps that make one sample"),
        Argument(
            "sums",
            "real",
            ("exposure, rest, then angle", "node x lane"),
            "inout",
            "sums over the window that is open, what rounding left of them, and turns of angles in it",
        ),
        Argument(
            "output", "real", ("sample", "exposure", "node x lane"), "out", "means of the windows that end"
        ),
        Argument("diverged", "int64", ("lane",), "inout", "first step after which a state was not finite"),
        Argument(
            "coupled",
            "real",
            ("sum x place", "step", "node of a group x lane"),
            "inout",
            "room for the sums over edges of a block of steps",
        ),
        Argument(
            "of_nodes",
            "real",
            ("sum x node x step x lane",),
            "inout",
            "room for sums before they go there: of one node, or of all where sources go in tiles",
        ),
    ),
)


@dataclass(frozen=True)
class Rows:
    """Rows of the array that holds a group of nodes: hoisted values first, then what follows.

    Attributes
    ----------
    loaded : tuple of (factor, row)
        Factors that are neither a state nor a hoisted value: they live from step to step beside the states.
    factors : tuple of int
        Row of each factor.
    handed_on : int
        First row of what a traversal hands on to the next.
    changed, n_changed, copies : int
        What a step changes, and where it is kept in case that the step is done again.
    """

    state: int
    carry: int
    handed_on: int
    loaded: tuple[tuple[int, int], ...]
    factors: tuple[int, ...]
    exposure: int
    rest: int
    turn: int
    finite: int
    edge_sum: int
    normal: int
    input: int
    own_weight: int
    weight_sum: int
    angle: int
    copies: int
    n_row: int
    n_hoisted: int
    uses_weights: bool

    @property
    def changed(self) -> int:
        """First row of what a step changes."""
        return self.state

    @property
    def n_changed(self) -> int:
        """Number of rows that a step changes."""
        return self.edge_sum - self.state


def rows_of(program: Program, has_angles: bool) -> Rows:
    """Lay out the rows of a program."""
    hoisted = [program.hoisted.names[n] for n in program.hoisted.results]
    state = len(hoisted)
    carry = state + len(program.states)
    handed_on = carry + len(program.carries)
    first_loaded = state + len(program.state_rows)
    fixed = {name: row for row, name in enumerate((*hoisted, *program.states))}
    others = [k for k, name in enumerate(program.factors) if name not in fixed]
    loaded = tuple((k, first_loaded + i) for i, k in enumerate(others))
    by_factor = dict(loaded)
    exposure = first_loaded + len(loaded)
    rest = exposure + len(program.exposures)
    turn = rest + len(program.exposures)
    finite = turn + len(program.angles)
    edge_sum = finite + 1
    normal = edge_sum + len(program.edge_sums)
    inputs = normal + len(program.normals)
    own_weight = inputs + len(program.inputs)
    angle = own_weight + 2
    copies = angle + int(has_angles)
    return Rows(
        state=state,
        carry=carry,
        handed_on=handed_on,
        loaded=loaded,
        factors=tuple(by_factor.get(k, fixed.get(name, 0)) for k, name in enumerate(program.factors)),
        exposure=exposure,
        rest=rest,
        turn=turn,
        finite=finite,
        edge_sum=edge_sum,
        normal=normal,
        input=inputs,
        own_weight=own_weight,
        weight_sum=own_weight + 1,
        angle=angle,
        copies=copies,
        n_row=copies + (edge_sum - state if has_angles else 0),
        n_hoisted=len(hoisted),
        uses_weights=any(a.delayed for a in program.accumulators)
        or any(program.weight_sum in p.arguments for p in program.procedures.values()),
    )
