"""Reports of the measurements of several tools: medians, ranges, ratios, and their place in a page."""

from __future__ import annotations

import json
import re
import statistics
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from rich.table import Table

from rateloom.drivers.support.files import write_whole


@dataclass(frozen=True)
class Spread:
    """Median and range of a repeated measurement."""

    median: float
    low: float
    high: float


@dataclass(frozen=True)
class Summary:
    """One tool's figures in one cell; ``rate`` in node-steps/s, ``ratio`` is rateloom's over it, by round.

    ``mean`` is that of the output's beginning, for the first and the last work item. ``failure`` is the
    reason where the tool gave no figures. ``extra`` is what else the tool said of its run.
    """

    tool: str
    version: str = ""
    rate: Spread | None = None
    ratio: Spread | None = None
    mean: tuple[float, ...] = ()
    rates: tuple[float, ...] = ()
    failure: str = ""
    extra: Mapping[str, Any] | None = None


_KNOWN = {"version", "seconds", "node_steps", "mean"}


def spread(values: Sequence[float]) -> Spread:
    """Median, smallest and largest."""
    return Spread(statistics.median(values), min(values), max(values))


def summarise(
    tool: str, measured: Sequence[Mapping[str, Any]], reference: Sequence[Mapping[str, Any]]
) -> Summary:
    """Reduce a tool's measurements, one a round; a ratio compares what was measured in the same round."""
    failure = next((str(one["failure"]) for one in measured if "failure" in one), "")
    if failure or not measured:
        return Summary(tool, failure=failure or "not measured")
    rates = rates_of(measured)
    comparable = tool != "rateloom" and reference and all("seconds" in one for one in reference)
    return Summary(
        tool,
        version=str(measured[0]["version"]),
        rate=spread(rates),
        ratio=ratio_of(rates_of(reference), rates) if comparable else None,
        mean=tuple(measured[0]["mean"]),
        rates=tuple(rates),
        extra={name: value for name, value in measured[0].items() if name not in _KNOWN},
    )


def rates_of(measured: Sequence[Mapping[str, Any]]) -> list[float]:
    """Node-steps a second of each round."""
    return [one["node_steps"] / one["seconds"] for one in measured]


def ratio_of(ours: Sequence[float], theirs: Sequence[float]) -> Spread:
    """Compare two series of rates round by round."""
    return spread([our / their for our, their in zip(ours, theirs, strict=True)])


def millions(rate: Spread) -> str:
    """A rate in millions, and its range."""
    return f"{_short(rate.median / 1e6)} ({_short(rate.low / 1e6)} to {_short(rate.high / 1e6)})"


def times(ratio: Spread) -> str:
    """A ratio, and its range."""
    return f"{_short(ratio.median)} ({_short(ratio.low)} to {_short(ratio.high)})"


def _short(value: float) -> str:
    return f"{value:.0f}" if value >= 100 else f"{value:.1f}" if value >= 10 else f"{value:.2f}"


def table(title: str, headings: Sequence[str], rows: Sequence[Sequence[str]]) -> Table:
    """Table to print."""
    printed = Table(title=title)
    for heading in headings:
        printed.add_column(heading, justify="left" if heading == headings[0] else "right")
    for row in rows:
        printed.add_row(*row)
    return printed


def markdown_table(headings: Sequence[str], rows: Sequence[Sequence[str]]) -> str:
    """Table of a page."""
    lines = [headings, ["---"] + ["---:"] * (len(headings) - 1), *rows]
    return "".join("| " + " | ".join(text.replace("|", "/") for text in line) + " |\n" for line in lines)


def machine_line(machine: Mapping[str, Any]) -> str:
    """A sentence that says which machine was measured."""
    return "Machine: " + "; ".join(f"{name} {value}" for name, value in machine.items()) + "."


def publish(folder: Path, section: str, text: str, data: Any) -> None:
    """Replace one section of ``benchmarks.md``, between its markers, and one key of ``benchmarks.json``."""
    store = folder / "benchmarks.json"
    known = json.loads(store.read_text(encoding="utf-8")) if store.is_file() else {}
    write_section(folder / "benchmarks.md", section, text)
    write_whole(store, json.dumps({**known, section: data}, indent=2, ensure_ascii=False) + "\n")


def write_section(page: Path, section: str, text: str) -> None:
    """Replace one section of a page, between its markers."""
    begin, end = f"<!-- {section}: begin -->", f"<!-- {section}: end -->"
    block = f"{begin}\n\n{text}\n{end}"
    old = page.read_text(encoding="utf-8") if page.is_file() else f"# Benchmarks\n\n{begin}\n{end}\n"
    between = re.compile(re.escape(begin) + ".*?" + re.escape(end), re.DOTALL)
    new = between.sub(lambda _: block, old) if between.search(old) else f"{old.rstrip()}\n\n{block}\n"
    write_whole(page, new)


def check_folder(out: Path | None) -> None:
    """Refuse a folder that is not there, before minutes are spent.

    Raises
    ------
    ValueError
        If there is none.
    """
    if out is not None and not out.is_dir():
        raise ValueError(f"--out {out} is no folder; make it first")
