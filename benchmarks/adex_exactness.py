"""Print how exact the AdEx transfer functions are: ``python benchmarks/adex_exactness.py``."""

from __future__ import annotations

import sys
from pathlib import Path
from typing import Annotated

import numpy as np
import typer

ROOT = Path(__file__).parents[1]
for folder in ("oracle", "parity", "adex"):
    sys.path.insert(0, str(ROOT / "tests" / folder))

from transfer_reference import (  # noqa: E402
    NAMES,
    as_floats,
    evaluate_kernel,
    evaluate_mpmath,
    evaluate_tvb,
    local_errors,
    random_points,
    range_errors,
)


def main(count: Annotated[int, typer.Option(help="How many random points.", min=50)] = 10_000) -> None:
    """Compare kernels and TVB's finite differences with mpmath at random points of the range."""
    points = random_points(count).astype(np.float32).astype(float)
    reference = as_floats(evaluate_mpmath(points))
    double, single = evaluate_kernel(points, "float64"), evaluate_kernel(points, "float32")
    tvb = evaluate_tvb(points)
    columns = [
        local_errors(double, reference),
        local_errors(tvb, reference),
        range_errors(double, reference),
        range_errors(single, reference),
        range_errors(tvb, reference),
    ]
    typer.echo("| | float64, at the point | TVB, at the point | float64 | float32 | TVB |")
    typer.echo("| --- | --- | --- | --- | --- | --- |")
    for name, *row in zip(NAMES, *columns, strict=True):
        typer.echo("| " + " | ".join([name, *(f"{error:.1e}" for error in row)]) + " |")


if __name__ == "__main__":
    typer.run(main)
