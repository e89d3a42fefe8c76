"""Print what the second-order AdEx mean field costs, beside TVB: ``python benchmarks/adex_cost.py``."""

from __future__ import annotations

import os
import sys
import tempfile
import time
from pathlib import Path

import numpy as np
import typer

ROOT = Path(__file__).parents[1]
for folder in ("oracle", "parity", "adex"):
    sys.path.insert(0, str(ROOT / "tests" / folder))

from adex_parity import DRIVE, initial_states, run_tvb, shipped  # noqa: E402

import rateloom  # noqa: E402
from rateloom.generator.analysis.cost import count_cost  # noqa: E402
from rateloom.generator.stages import build_program  # noqa: E402

NAME = "zerlaut_second_order"
N_ITEM, N_NODE, STEPS = 64, 68, 20_000


def seconds(duration: float) -> float:
    """Processor time of a sweep on one thread."""
    start = time.process_time()
    rateloom.sweep(
        NAME,
        {"G": np.linspace(0.1, 0.5, N_ITEM)},
        connectome="tvb68",
        normalize="row",
        duration=duration,
        integrator="euler",
        noise=False,
        parameters={"external_input_ex_ex": DRIVE, "external_input_in_ex": DRIVE},
        threads=1,
        progress=False,
    )
    return time.process_time() - start


def main() -> None:
    """Count operations, time the generator, and compare the throughput of one core with TVB's."""
    cost = count_cost(build_program(rateloom.load(NAME)))
    node = cost.schemes["euler"].node
    typer.echo(f"a node's Euler step: {node.arithmetic} operations, {dict(node.functions)}")
    for name in ("F_e", "F_i"):
        function = cost.functions[name].operations
        typer.echo(
            f"{name} with its derivatives: {function.arithmetic} operations, {dict(function.functions)}"
        )
    with tempfile.TemporaryDirectory() as folder:
        start = time.process_time()
        rateloom.generate(NAME, out=folder)
        typer.echo(f"generate, all targets: {time.process_time() - start:.2f} s")
    states = initial_states(shipped(NAME), N_NODE)
    start = time.process_time()
    run_tvb(NAME, states, "euler", 60.0, steps=1000)
    tvb = N_NODE * 1000 / (time.process_time() - start)
    seconds(10.0)
    spent = seconds(20.0 + 0.1 * STEPS) - seconds(20.0)
    ours = N_ITEM * N_NODE * STEPS / spent
    typer.echo(
        f"node-steps a second of processor time: TVB {tvb:.1e}, rateloom {ours:.1e}, ratio {ours / tvb:.0f}"
    )
    typer.echo(f"load average before and during: {os.getloadavg()[0]:.1f}")


if __name__ == "__main__":
    typer.run(main)
