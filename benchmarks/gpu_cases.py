"""Cases that are timed on a GPU: those of two frameworks, and a model with ever more work items."""

from __future__ import annotations

from dataclasses import dataclass, replace

import numpy as np

import rateloom
from rateloom import Connectome

DT = 0.1
QUICK_ITEMS, QUICK_STEPS = 64, 40


@dataclass(frozen=True)
class Case:
    """A sweep.

    Attributes
    ----------
    axis : (str, float, float)
        The swept parameter, from and to.
    window : int
        Steps that a sample averages.
    history_bytes : int
        Of a value in the history.
    """

    model: str
    connectome: str
    speed: float
    integrator: str
    steps: int
    work_items: int
    window: int
    axis: tuple[str, float, float] = ("G", 0.0, 1.0)
    history_bytes: int = 4

    def node_steps(self, n_node: int) -> float:
        """Nodes x steps x work items."""
        return float(n_node) * self.steps * self.work_items

    def shortened(self, share: float, quick: bool) -> Case:
        """Part of the steps; for a quick look few steps of few work items."""
        steps = max(self.window, round(self.steps * share))
        if not quick:
            return replace(self, steps=steps)
        window = QUICK_STEPS // 2
        return replace(self, steps=QUICK_STEPS, window=window, work_items=min(self.work_items, QUICK_ITEMS))


CASES = {
    # van der Vlag et al. 2024, doi 10.3390/app14052211: about 480 s and 36.3 GB on an A100 with 40 GB
    "adex": Case("zerlaut_second_order", "tvb68", 3.0, "euler", 50_000, 16_384, 1_000, ("b_e", 0.0, 60.0)),
    # cuBNM 0.1: 327 s on an A100 in double precision, with BOLD
    "cubnm": Case(
        "reduced_wong_wang_exc_inh", "dense:100", np.inf, "euler", 600_000, 32_768, 10_000, ("G", 0.0, 3.0)
    ),
} | {
    f"montbrio-{count}": Case("montbrio", "tvb76", 3.0, "heun", 10_000, count, 1_000, ("G", 0.0, 0.4))
    for count in (1_024, 4_096, 16_384, 65_536, 262_144)
}


def brain(case: Case) -> Connectome:
    """A connectome by name; ``dense:N`` has an edge between any two of N nodes, and no lengths."""
    kind, _, count = case.connectome.partition(":")
    if kind != "dense":
        return rateloom.connectome(case.connectome)
    n_node = int(count)
    weights = np.random.default_rng(0).uniform(0.0, 1.0, (n_node, n_node))
    np.fill_diagonal(weights, 0.0)
    return Connectome(weights, np.zeros((n_node, n_node)), name=case.connectome)
