"""Fit adex_vast to a study's functional connectivity: ``python benchmarks/vast_fit.py --data vast-tvb``.

Writes ``docs/vast-fit.md`` and its picture. The data are those of van der Vlag et al. 2024
(doi 10.3390/app14052211): a connectome and a matrix of each of three states. A study that was stopped is
gone on with.
"""

from __future__ import annotations

from pathlib import Path
from typing import Annotated, Any

import numpy as np
import pandas as pd
import typer

import rateloom
from rateloom.api.best_fits import draw, ranked_study, series_of_best
from rateloom.drivers.support.files import write_whole

ROOT = Path(__file__).resolve().parent.parent
REGIONS = Path(__file__).resolve().parent / "vast_regions.txt"
FILES = {
    "S0": "fc_S0_g0.0_be0_EL-64_T19.npy:0",
    "S1": "fc_S1_g0.3_be24_EL-64_T19.npy:0",
    "S3": "fc_S3_g0.4_be120_EL-64_T19.npy:0",
}
AXES = {
    "nsig": np.linspace(0.25, 0.55, 4),
    "b_e": np.linspace(30.0, 65.0, 8),
    "G": np.linspace(0.3, 0.5, 8),
    "speed": np.linspace(1.25, 2.75, 16),
}
HOW: dict[str, Any] = {
    "normalize": "column",
    "dt": 0.1,
    "integrator": "euler",
    "parameters": {"E_L_i": -64.0},
}
SEEDS = (1, 2, 3, 4)
SHOWN = ("nsig", "b_e", "G", "speed")


def main(
    data: Annotated[Path, typer.Option(help="Folder of the connectome and the matrices.")] = Path("vast-tvb"),
    out: Annotated[Path, typer.Option(help="Directory of the study.")] = Path("vast"),
    duration: Annotated[float, typer.Option(help="Of each simulation, ms.")] = 10_000.0,
    every: Annotated[
        int, typer.Option(help="Take one of so many values of each axis, for a quick look.")
    ] = 1,
    page: Annotated[Path, typer.Option(help="Page to write; the picture goes to images/ beside it.")] = ROOT
    / "docs"
    / "vast-fit.md",
) -> None:
    """Sweep or go on, rank, simulate the best again with other noise, and write the page."""
    brain = rateloom.connectome(data / "connectivity_68.zip", normalize="none")
    targets = {name: data / file for name, file in FILES.items()}
    labels = REGIONS.read_text().split()
    if (out / "plan.json").is_file():
        rateloom.resume(out)
    else:
        axes = {name: values[::every] for name, values in AXES.items()}
        rateloom.fit(
            "adex_vast", axes, fc=targets, labels=labels, connectome=brain, duration=duration,
            measures=["moments", "connectivity"], out=out, **HOW,
        )  # fmt: skip
    ranked = ranked_study(out, "fc", 10, "E", None)
    picture = page.parent / "images" / "vast_fit.png"
    draw(ranked, series_of_best(ranked), picture)
    data_to_fit = rateloom.targets(targets, labels=labels, connectome=brain)
    again = {name: reseeded(ranked.best, name, brain, data_to_fit, duration) for name in ("S1", "S3")}
    write_whole(page, text_of(ranked.best, again, fits(out), data_to_fit, duration))
    print(f"wrote {page} and {picture}")


def reseeded(best: pd.DataFrame, name: str, brain: Any, data_to_fit: Any, duration: float) -> np.ndarray:
    """The correlation (item, seed) of a state's best combinations under other noise."""
    rows = best[best["target"] == name]
    items = rateloom.work_items({axis: rows[axis].to_numpy() for axis in SHOWN})
    correlations = [
        rateloom.sweep(
            "adex_vast", items, connectome=brain, duration=duration, keep="measures", targets=data_to_fit,
            measures=["moments", "connectivity"], seed=seed, **HOW,
        )[f"fit_FC_{name}_E"].values
        for seed in SEEDS
    ]  # fmt: skip
    return np.stack(correlations, axis=1)


def fits(out: Path) -> pd.DataFrame:
    """All comparisons of the excitatory rate."""
    from rateloom.drivers.studies.query import rows_of

    return rows_of(out, "SELECT fit_FC_S0_E AS S0, fit_FC_S1_E AS S1, fit_FC_S3_E AS S3 FROM work_items")


def text_of(
    best: pd.DataFrame,
    again: dict[str, np.ndarray],
    fits_of_all: pd.DataFrame,
    data_to_fit: Any,
    duration: float,
) -> str:
    """The page."""
    lines = [
        "# The published study's functional connectivity",
        "",
        f"`python benchmarks/vast_fit.py --data vast-tvb --duration {duration:g}`: "
        f"{len(fits_of_all):,} combinations of `adex_vast` (noise, adaptation, coupling, speed; "
        f"{duration / 1000:g} s each) on the study's connectome, "
        "compared with its functional connectivity of E in three states ([fit.md](fit.md) says how). Ten "
        "best of each; beside the correlation over pairs of regions stands that over whole matrices, as the "
        "study counts, and the mean and range of the same combination under "
        f"{len(SEEDS)} other seeds of the noise.",
        "",
        "![targets, best fits, and the best score over two parameters](images/vast_fit.png)",
    ]
    for name in FILES:
        rows = best[best["target"] == name]
        lines += ["", f"## {name}", "", *table_of(rows, name, again.get(name)), ""]
        lines += summary_of(rows, fits_of_all[name], again.get(name), name)
    target = next(t for t in data_to_fit if t.name == "S0").values
    lines += ["", *noise_floor(target, fits_of_all["S0"])]
    return "\n".join(lines) + "\n"


def table_of(rows: pd.DataFrame, name: str, again: np.ndarray | None) -> list[str]:
    """A line a combination."""
    head = ["", *SHOWN, "E (Hz)", "pairs", "whole matrix", *(["other noise"] if again is not None else [])]
    lines = [f"| {' | '.join(head)} |", f"|{' --- |' * len(head)}"]
    for k, (_, row) in enumerate(rows.iterrows()):
        cells = [str(row["rank"]), *(f"{row[axis]:.3g}" for axis in SHOWN), f"{row['mean_FR_E_all']:.2f}"]
        cells += [f"{row[f'fit_FC_{name}_E']:.3f}", f"{row[f'fit_FCwhole_{name}_E']:.3f}"]
        if again is not None:
            cells.append(f"{again[k].mean():.2f} ({again[k].min():.2f} to {again[k].max():.2f})")
        lines.append(f"| {' | '.join(cells)} |")
    return lines


def summary_of(rows: pd.DataFrame, scores: pd.Series, again: np.ndarray | None, name: str) -> list[str]:
    """Return a line that sums the table up."""
    score = rows[f"fit_FC_{name}_E"]
    text = f"Best {score.max():.3f}, tenth {score.min():.3f}; all: {scores.mean():.3f} ± {scores.std():.3f}"
    return [text + (f"; the ten with other noise: {again.mean():.3f}." if again is not None else ".")]


def noise_floor(target: np.ndarray, scores: pd.Series) -> list[str]:
    """Return lines that say how well noise fits S0, which is noise itself."""
    rng = np.random.default_rng(0)
    pairs = np.triu_indices(len(target), 1)
    # as many samples as make the scatter of white noise that of the target
    n = round(1 / target[pairs].std() ** 2)
    noise = [np.corrcoef(rng.normal(size=(n, len(target))).T) for _ in range(len(scores))]
    upper = np.array([np.corrcoef(matrix[pairs], target[pairs])[0, 1] for matrix in noise])
    of_matrices = np.array([np.corrcoef(matrix.ravel(), target.ravel())[0, 1] for matrix in noise])
    return [
        f"S0 is uncoupled: its pairs are {target[pairs].mean():.3f} ± {target[pairs].std():.3f}, and there "
        f"is nothing to fit. As many matrices of white noise with that scatter correlate with it by "
        f"{upper.mean():.3f} ± {upper.std():.3f} over pairs, {upper.max():.3f} at most, and by "
        f"{of_matrices.mean():.2f} over whole matrices."
    ]


if __name__ == "__main__":
    typer.run(main)
