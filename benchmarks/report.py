"""What the measurements of several tools say, as data, as a table and in the documentation."""

from __future__ import annotations

import json
import os
import re
import statistics
from collections.abc import Mapping, Sequence
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Any

from rich.table import Table


@dataclass(frozen=True)
class Spread:
    """Median and range of a repeated measurement."""

    median: float
    low: float
    high: float


@dataclass(frozen=True)
class Summary:
    """One tool's figures; ``rate`` in node-steps/s, ``ratio`` is rateloom's rate over the tool's, by round.

    ``failure`` is the reason where the tool gave no figures.
    """

    tool: str
    version: str = ""
    rate: Spread | None = None
    kernel_rate: Spread | None = None
    ratio: Spread | None = None
    mean_rate: tuple[float, ...] = ()
    seconds: tuple[float, ...] = ()
    failure: str = ""
    remarks: tuple[str, ...] = ()


HEADINGS = ("tool", "M node-steps/s", "lowest to highest", "rateloom is faster by", "mean r, first and last")


def spread(values: Sequence[float]) -> Spread:
    """Median, smallest and largest."""
    return Spread(statistics.median(values), min(values), max(values))


def summarise(
    tool: str,
    measured: Sequence[Mapping[str, Any]],
    reference: Sequence[Mapping[str, Any]],
    node_steps: int,
    remarks: tuple[str, ...],
) -> Summary:
    """Reduce a tool's measurements, one a round; a ratio compares what was measured in the same round."""
    failure = next((str(one["failure"]) for one in measured if "failure" in one), "")
    if failure or not measured:
        return Summary(tool, failure=failure or "not measured", remarks=remarks)
    seconds = [one["seconds"] for one in measured]
    kernel = [value for one in measured for value in one.get("kernel_seconds", ())]
    comparable = tool != "rateloom" and reference and all("seconds" in one for one in reference)
    return Summary(
        tool,
        version=str(measured[0]["version"]),
        rate=spread([node_steps / value for value in seconds]),
        kernel_rate=spread([node_steps / value for value in kernel]) if kernel else None,
        ratio=spread([own / base["seconds"] for own, base in zip(seconds, reference, strict=True)])
        if comparable
        else None,
        mean_rate=tuple(measured[0]["mean_rate"]),
        seconds=tuple(seconds),
        remarks=remarks,
    )


def rows(summaries: Sequence[Summary]) -> list[tuple[str, ...]]:
    """Text of each tool's row under ``HEADINGS``."""
    texts: list[tuple[str, ...]] = []
    for one in summaries:
        name = f"{one.tool} {one.version}".strip()
        if one.rate is None:
            texts.append((name, "–", one.failure, "–", "–"))
            continue
        rate, ratio = one.rate, one.ratio
        texts.append((
            name,
            f"{rate.median / 1e6:.1f}",
            f"{rate.low / 1e6:.1f} to {rate.high / 1e6:.1f}",
            f"{ratio.median:.2f} ({ratio.low:.2f} to {ratio.high:.2f})" if ratio else "–",
            ", ".join(f"{value:.5f}" for value in one.mean_rate),
        ))  # fmt: skip
        if one.kernel_rate:
            kernel = one.kernel_rate
            low_high = f"{kernel.low / 1e6:.1f} to {kernel.high / 1e6:.1f}"
            texts.append((f"{one.tool}, kernel alone", f"{kernel.median / 1e6:.1f}", low_high, "–", "–"))
    return texts


def table(title: str, summaries: Sequence[Summary]) -> Table:
    """Table of all tools to print."""
    printed = Table(title=title)
    for heading in HEADINGS:
        printed.add_column(heading, justify="left" if heading == "tool" else "right")
    for row in rows(summaries):
        printed.add_row(*row)
    return printed


def markdown(model: str, job: str, machine: Mapping[str, Any], summaries: Sequence[Summary]) -> str:
    """Section of the documentation: the job, the machine, the table and each tool's remarks."""
    lines = [
        f"### {model}",
        "",
        job,
        "",
        "Machine: " + "; ".join(f"{k} {v}" for k, v in machine.items()) + ".",
        "",
    ]
    lines += ["| " + " | ".join(HEADINGS) + " |", "| --- |" + " ---: |" * (len(HEADINGS) - 1)]
    lines += ["| " + " | ".join(text.replace("|", "/") for text in row) + " |" for row in rows(summaries)]
    lines += [""] + [f"- {one.tool}: {'; '.join(one.remarks)}." for one in summaries if one.remarks]
    return "\n".join(lines).rstrip() + "\n"


def publish(folder: Path, section: str, text: str, data: Mapping[str, Any]) -> None:
    """Replace one section of ``benchmarks.md``, between its markers, and one key of ``benchmarks.json``."""
    page, store = folder / "benchmarks.md", folder / "benchmarks.json"
    begin, end = f"<!-- {section}: begin -->", f"<!-- {section}: end -->"
    block = f"{begin}\n\n{text}\n{end}"
    old = page.read_text(encoding="utf-8") if page.is_file() else f"# Benchmarks\n\n{begin}\n{end}\n"
    between = re.compile(re.escape(begin) + ".*?" + re.escape(end), re.DOTALL)
    new = between.sub(lambda _: block, old) if between.search(old) else f"{old.rstrip()}\n\n{block}\n"
    known = json.loads(store.read_text(encoding="utf-8")) if store.is_file() else {}
    replace_file(page, new)
    replace_file(store, json.dumps({**known, section: data}, indent=2, ensure_ascii=False) + "\n")


def replace_file(path: Path, text: str) -> None:
    """Write a file so that it is either the old one or the new one, never half of it."""
    temporary = path.with_name(f".{path.name}.{os.getpid()}")
    temporary.write_text(text, encoding="utf-8")
    temporary.replace(path)


def as_data(summaries: Sequence[Summary]) -> dict[str, Any]:
    """The summaries as plain data, by tool."""
    return {one.tool: asdict(one) for one in summaries}
