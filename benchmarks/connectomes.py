"""Synthetic connectomes with a given number of edges into each node.

rateloom's own synthetic connectomes have as many edges as their size gives; here edges and nodes are varied
apart. Weights are uniform and sum to 1 over what comes into a node, so that every size stays in the same
regime, and lengths are uniform up to those of a human brain.
"""

from __future__ import annotations

import numpy as np

import rateloom

LONGEST = 150.0  # mm
SHORTEST = 5.0


def regular(n_node: int, edges_per_node: int, seed: int = 0) -> rateloom.Connectome:
    """Connect every node to as many others, drawn at random.

    The two matrices of 10,000 nodes take 0.8 GB each.
    """
    random = np.random.default_rng(seed)
    weights, lengths = np.zeros((n_node, n_node)), np.zeros((n_node, n_node))
    for node in range(n_node):
        others = random.choice(n_node - 1, edges_per_node, replace=False)
        sources = others + (others >= node)
        drawn = random.uniform(0.5, 1.5, edges_per_node)
        weights[node, sources] = drawn / drawn.sum()
        lengths[node, sources] = random.uniform(SHORTEST, LONGEST, edges_per_node)
    return rateloom.Connectome(weights, lengths, name=f"{n_node} nodes, {edges_per_node} edges a node")
