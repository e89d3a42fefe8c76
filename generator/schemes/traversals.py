"""The step of a scheme that renews the coupling, split into two traversals of all nodes."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import replace

from rateloom.generator.ir.nodes import Node
from rateloom.generator.ir.program import Call, SchemeBody, Statement, Traversals


def traversals_of(
    body: SchemeBody, states: tuple[str, ...], noises: tuple[str, ...], factors: tuple[str, ...]
) -> Traversals:
    """Split a step: what comes before the last call of the right-hand sides predicts, the rest corrects.

    Parameters
    ----------
    body : SchemeBody
    states, noises : tuple of str
        Names of the states before the step, and of the noise that it adds.
    factors : tuple of str
        Names of the history's rows in the predicted states; that of a state, where a row is one.
    """
    assert body.stages == (0.0, 1.0), f"{body.name}: two traversals are two stages, at a step's ends"
    last = max(k for k, s in enumerate(body.statements) if isinstance(s, Call))
    before, after = (_at_own_time(part) for part in (body.statements[:last], body.statements[last:]))
    predicted = body.predicted
    computed = {name for statement in before for name in _assigned(statement)}
    read = _read(after, body.names)
    handed = tuple(name for name in read if name in computed - {*predicted} or name in noises)
    predict = replace(
        body,
        name=f"{body.name}_predict",
        description="Predicted states, and what their correction needs",
        arguments=_only(body.arguments, [*_read(before, body.names), *predicted]),
        statements=before,
        results=(*predicted, *(name for name in handed if name in computed)),
    )
    correct = replace(
        body,
        name=f"{body.name}_correct",
        arguments=(*predicted, *handed, *_only(body.arguments, [n for n in read if n not in handed])),
        statements=after,
    )
    of_states = dict(zip(states, predicted, strict=True))
    return Traversals(
        predict, correct, predicted, tuple(of_states.get(f, f) for f in factors), (*states, *handed)
    )


def _only(names: Iterable[str], wanted: Iterable[str]) -> tuple[str, ...]:
    return tuple(name for name in names if name in wanted)


def _at_own_time(statements: Iterable[Statement | Call]) -> tuple[Statement | Call, ...]:
    """Let calls read the first values of the clock, which are those of the traversal's own stage."""
    return tuple(replace(s, stage=0) if isinstance(s, Call) else s for s in statements)


def _assigned(statement: Statement | Call) -> tuple[str, ...]:
    return statement.results if isinstance(statement, Call) else (statement.name,)


def _read(statements: Iterable[Statement | Call], names: Mapping[Node, str]) -> list[str]:
    """Return the names that statements read, in their order."""
    read: dict[str, None] = {}
    for statement in statements:
        if isinstance(statement, Call):
            read |= dict.fromkeys(statement.arguments)
            continue
        waiting = list(statement.value.args)
        while waiting:
            node = waiting.pop(0)
            if node in names:
                read[names[node]] = None
            else:
                waiting = [*node.args, *waiting]
    own = {name for statement in statements for name in _assigned(statement)}
    return [name for name in read if name not in own]
