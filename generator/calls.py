"""A model's own functions: expanded in place, with their exact or central derivatives."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field

from rateloom.dsl.model import Function
from rateloom.generator.differentiation.forward import Derivative, differentiate
from rateloom.generator.ir.nodes import EXTERNAL, Depends, Graph, Node

from .errors import GeneratorError
from .lower import Scope, elementary, lower, lower_variables

# of a function's name, what follows the last underscore, where it is as short as this
_LONGEST_ENDING = 2


@dataclass(frozen=True, eq=False)
class Body:
    """A function lowered once, with leaves in the place of its arguments.

    ``partials`` says of a derivative what it is of, and by which arguments.
    """

    arguments: tuple[Node, ...]
    result: Node
    derivatives: dict[tuple[Node, Node], Derivative] = field(default_factory=dict)
    partials: dict[Node, tuple[str, tuple[str, ...]]] = field(default_factory=dict)


@dataclass(eq=False)
class Functions:
    """Expands the calls of one model's functions; bodies are lowered and differentiated once.

    ``constants`` is what a body sees besides its own names: never those of a function that calls it.
    ``callers`` are the functions whose bodies are being lowered.
    """

    by_name: Mapping[str, Function]
    constants: Scope
    bodies: dict[str, Body] = field(default_factory=dict)
    callers: list[str] = field(default_factory=list)

    def call(self, graph: Graph, name: str, actual: list[Node], wrt: tuple[str, ...]) -> Node:
        """Return the value of a call, or its derivative with respect to formal arguments."""
        function = self.by_name[name]
        if name not in self.bodies:
            self.bodies[name] = self._body(graph, function)
        body = self.bodies[name]
        if wrt and function.differentiation == "central":
            return self._central(graph, function, actual, wrt)
        result: Derivative = body.result
        for argument in wrt:
            by = body.arguments[function.arguments.index(argument)]
            try:
                result = result and differentiate(graph, result, by, body.derivatives)
            except GeneratorError as problem:
                raise GeneratorError(f"diff({name}(…), {argument}): {problem}") from None
            _name_partials(graph, body, by, argument)
        if result is None:
            return graph.constant(0.0)
        return self._at(graph, body, result, actual, partial_name(name, wrt) if wrt else name)

    def external(self, graph: Graph, name: str, actual: list[Node]) -> Node:
        """Return the value of a function that exists only as code; the node knows the step of differences."""
        return graph.make(f"{EXTERNAL}{name}", *actual, value=self.by_name[name].step)

    def _body(self, graph: Graph, function: Function) -> Body:
        # names with spaces: no name of a model can be the same
        leaves = {a: graph.leaf(f"{function.name} argument {a}", Depends.NODE) for a in function.arguments}
        self.callers.append(function.name)
        inner = lower_variables(graph, function.variables, {**self.constants, **leaves}, self)
        result = lower(graph, function.result, inner, self)
        self.callers.pop()
        return Body(tuple(leaves.values()), result)

    def _at(self, graph: Graph, body: Body, node: Node, actual: list[Node], name: str) -> Node:
        """Put the actual arguments into a body's node; what is within keeps its names."""
        images = dict(zip(body.arguments, actual, strict=True))
        result = substitute(graph, node, images)
        suffix = self._suffix(name)
        for inner, image in images.items():
            if inner is image:
                continue
            if inner in graph.names:
                graph.name_alike(image, inner, suffix)
            elif inner in graph.hints:
                graph.hint(image, graph.hints[inner] + suffix)
        return graph.hint(result, name)

    def _suffix(self, name: str) -> str:
        """Return the caller's short ending: names in ``transfer`` end in ``_e`` where ``F_e`` calls it."""
        ending = self.callers[-1].rpartition("_")[2] if self.callers else ""
        short = len(ending) <= _LONGEST_ENDING and ending != (self.callers or [""])[-1]
        return f"_{ending}" if ending and short and not name.endswith(f"_{ending}") else ""

    def _central(self, graph: Graph, function: Function, actual: list[Node], wrt: tuple[str, ...]) -> Node:
        """Return the central difference of first or second order with the function's step."""
        h = graph.constant(function.step)
        positions = [function.arguments.index(w) for w in wrt]

        def shifted(shifts: Mapping[int, float]) -> Node:
            moved = list(actual)
            for position, sign in shifts.items():
                moved[position] = graph.add(moved[position], graph.multiply(graph.constant(sign), h))
            body = self.bodies[function.name]
            return self._at(graph, body, body.result, moved, function.name)

        return _DIFFERENCES[len(positions), len(set(positions))](graph, shifted, positions, function.step)


def _name_partials(graph: Graph, body: Body, by: Node, argument: str) -> None:
    """Hint at names of the derivatives by one argument: ``dsigma_dnu``, then ``d2sigma_dnu_dmu``."""
    for (node, leaf), derivative in list(body.derivatives.items()):
        if leaf is not by or derivative is None or derivative in body.partials:
            continue
        name, arguments = body.partials.get(node, (graph.names.get(node), ()))
        if name is None or derivative.op in ("leaf", "constant"):
            continue
        body.partials[derivative] = (name, (*arguments, argument))
        graph.hint(derivative, partial_name(name, (*arguments, argument)))


def partial_name(name: str, arguments: Sequence[str]) -> str:
    """Name a derivative by some arguments: ``dsigma_dnu``, ``d2sigma_dnu_dmu``."""
    order = str(len(arguments)) if len(arguments) > 1 else ""
    return "_".join((f"d{order}{name}", *(f"d{a}" for a in arguments)))


_Shifted = Callable[[Mapping[int, float]], Node]


def _first(graph: Graph, at: _Shifted, positions: list[int], h: float) -> Node:
    (i,) = positions
    return graph.divide(graph.subtract(at({i: 1.0}), at({i: -1.0})), graph.constant(2.0 * h))


def _second(graph: Graph, at: _Shifted, positions: list[int], h: float) -> Node:
    i = positions[0]
    middle = graph.multiply(graph.constant(2.0), at({}))
    above = graph.add(graph.subtract(at({i: 1.0}), middle), at({i: -1.0}))
    return graph.divide(above, graph.constant(h * h))


def _mixed(graph: Graph, at: _Shifted, positions: list[int], h: float) -> Node:
    i, j = positions
    right = graph.subtract(at({i: 1.0, j: 1.0}), at({i: 1.0, j: -1.0}))
    left = graph.subtract(at({i: -1.0, j: 1.0}), at({i: -1.0, j: -1.0}))
    return graph.divide(graph.subtract(right, left), graph.constant(4.0 * h * h))


# by (order, number of different arguments)
_DIFFERENCES: dict[tuple[int, int], Callable[[Graph, _Shifted, list[int], float], Node]] = {
    (1, 1): _first,
    (2, 1): _second,
    (2, 2): _mixed,
}


def substitute(graph: Graph, node: Node, images: dict[Node, Node]) -> Node:
    """Rebuild a node with some of the nodes below it replaced; what is rebuilt is added to `images`."""
    below: set[Node] = set()
    stack = [node]
    while stack:
        one = stack.pop()
        if one not in below and one not in images:
            below.add(one)
            stack.extend(one.args)
    # a node is made after its arguments
    for one in sorted(below, key=lambda n: n.index):
        images[one] = _rebuild(graph, one, [images[a] for a in one.args])
    return images[node]


def _rebuild(graph: Graph, node: Node, args: list[Node]) -> Node:
    """Apply a node's operation to other arguments."""
    if not args:
        return node
    builders: dict[str, Callable[..., Node]] = {
        "add": graph.add,
        "sub": graph.subtract,
        "mul": graph.multiply,
        "div": graph.divide,
        "neg": graph.negate,
        "sqrt": graph.sqrt,
        "plus_zero": graph.plus_zero,
    }
    if node.op in builders:
        return builders[node.op](*args)
    if node.boolean or node.op in ("select", "pow") or node.op.startswith(EXTERNAL):
        return graph.make(node.op, *args, value=node.value)
    return elementary(graph, node.op, args)
