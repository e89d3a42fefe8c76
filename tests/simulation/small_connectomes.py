"""Small connectomes with every kind of edge, by the longest block of steps that most delays allow."""

from __future__ import annotations

import numpy as np

from rateloom import Connectome

# Lengths below are in steps: this step and this speed make one millimetre one step.
DT, SPEED = 0.05, 20.0


def _wired(n: int, shortest: int, longest: int, seed: int) -> tuple[np.ndarray, np.ndarray]:
    """Weights on two thirds of the edges and lengths from `shortest` to `longest` on all."""
    random = np.random.default_rng(seed)
    weights = random.uniform(0.1, 1.0, (n, n)) * (random.uniform(size=(n, n)) < 0.67)
    lengths = random.integers(shortest, longest + 1, (n, n)).astype(float)
    np.fill_diagonal(weights, random.uniform(0.1, 1.0, n))
    np.fill_diagonal(lengths, 0.0)
    return weights, lengths


def instant_edges() -> Connectome:
    """Edges of zero length between different nodes, and from each node to itself."""
    weights, lengths = _wired(5, 0, 6, 1)
    weights[0, 1] = weights[3, 2] = 0.5
    lengths[0, 1] = lengths[3, 2] = 0.0
    return Connectome(weights, lengths, name="instant_edges")


def short_own_edges() -> Connectome:
    """Self-edges of one and two steps."""
    weights, lengths = _wired(4, 1, 9, 2)
    np.fill_diagonal(lengths, [1.0, 2.0, 1.0, 0.0])
    return Connectome(weights, lengths, name="short_own_edges")


def middling() -> Connectome:
    """Delays of three steps and more, self-edges of three steps and of none, a node without any edge."""
    weights, lengths = _wired(6, 3, 11, 3)
    np.fill_diagonal(lengths, [3.0, 0.0, 0.0, 4.0, 0.0, 0.0])
    weights[4, :] = weights[:, 4] = 0.0
    return Connectome(weights, lengths, name="middling")


def far() -> Connectome:
    """Delays of fifteen steps and more, undelayed self-edges, a node that hears nothing but is heard."""
    weights, lengths = _wired(19, 15, 40, 4)
    weights[2, :] = 0.0
    return Connectome(weights, lengths, name="far")


def few_short(shortest: int) -> Connectome:
    """Long delays but for six edges, one from a node to itself; some groups of nodes have none of them."""
    connectome = far()
    weights, lengths = connectome.weights.copy(), connectome.tract_lengths.copy()
    for more, (target, source) in enumerate([(0, 1), (1, 7), (7, 0), (12, 12), (18, 1), (2, 7)]):
        weights[target, source], lengths[target, source] = 0.6, shortest + 2 * more
    return Connectome(weights, lengths, name=f"few_short_{shortest}")


def alone() -> Connectome:
    """One node that hears itself at once."""
    return Connectome(np.full((1, 1), 0.7), np.zeros((1, 1)), name="alone")


def alone_later() -> Connectome:
    """One node that hears itself twenty steps later."""
    return Connectome(np.full((1, 1), 0.7), np.full((1, 1), 20.0), name="alone_later")


def silent() -> Connectome:
    """No edge at all."""
    return Connectome(np.zeros((3, 3)), np.full((3, 3), 5.0), name="silent")


# Of "far", all delays are nought at infinite speed.
BY_BLOCK: dict[int, tuple[tuple[Connectome, float], ...]] = {
    1: ((instant_edges(), SPEED), (far(), np.inf), (short_own_edges(), SPEED)),
    4: ((middling(), SPEED), (far(), SPEED), (alone(), SPEED)),
    16: (
        (far(), SPEED),
        (few_short(0), SPEED),
        (alone_later(), SPEED),
        (few_short(3), SPEED),
        (silent(), SPEED),
        (alone(), SPEED),
    ),
}
