"""The tables, the plot and the data of the throughput benchmark."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import asdict, dataclass
from typing import Any

from cells import NOISY, Cell
from environments import TOOLS
from figures import log_log
from matplotlib.figure import Figure
from report import Spread, Summary, machine_line, markdown_table, millions, times
from setups import DT, PERIOD, SETUPS, SPEED

from rateloom.api.roofline import Bound


@dataclass(frozen=True)
class Row:
    """One cell of a model: rateloom, its peers, its rate on more threads than one, and the bound."""

    cell: Cell
    ours: Summary
    peers: Mapping[str, Summary]
    speedup: Spread | None = None
    bound: Bound | None = None

    @property
    def share(self) -> float | None:
        """Share of the bound that the median reaches."""
        return self.ours.rate.median / self.bound.node_steps if self.ours.rate and self.bound else None


_FIXED = (
    "work items",
    "threads",
    "noise",
    "rateloom, M node-steps/s",
    "× one thread",
    "bound, M/s",
    "of the bound",
)


def model_table(rows: Sequence[Row]) -> tuple[list[str], list[list[str]]]:
    """Headings and rows of a model's table: a row a cell, a column a peer, how much faster rateloom is."""
    peers = list(dict.fromkeys(name for row in rows for name in row.peers))
    headings = [*_FIXED, *(f"× {name}" for name in peers)]
    lines = [
        [
            str(row.cell.work_items),
            str(row.cell.threads),
            "on" if row.cell.noise else "off",
            millions(row.ours.rate) if row.ours.rate else row.ours.failure,
            times(row.speedup) if row.speedup else "–",
            f"{row.bound.node_steps / 1e6:.0f}, {row.bound.limit}" if row.bound else "–",
            _share(row),
            *(_against(row.peers.get(name)) for name in peers),
        ]
        for row in rows
    ]
    return headings, lines


def peer_table(rows: Sequence[Row]) -> tuple[list[str], list[list[str]]]:
    """Headings and rows of what the tools themselves reached, and the means that they are checked by."""
    headings = [
        "tool",
        "work items",
        "threads",
        "M node-steps/s",
        "mean of the first 20 ms, two items",
    ]
    lines: list[list[str]] = []
    for row in rows:
        if row.cell.noise:
            continue
        for one in (row.ours, *row.peers.values()):
            size = (
                ["any", "1"] if TOOLS[one.tool].alone else [str(row.cell.work_items), str(row.cell.threads)]
            )
            mean = "–" if TOOLS[one.tool].own_model else ", ".join(f"{value:.6g}" for value in one.mean)
            line = [f"{one.tool} {one.version}".strip(), *size, *_rate(one), mean]
            if line not in lines:
                lines.append(line)
    return headings, sorted(lines, key=lambda line: line[0] != lines[0][0])


def summary_table(tables: Mapping[str, Sequence[Row]]) -> tuple[list[str], list[list[str]]]:
    """Headings and rows of all models at 128 work items, or the most that were run."""
    headings = [
        "model", "integrator", "one thread, M node-steps/s", "of the bound", "with noise", "× TVB NumPy",
        "two threads against one",
    ]  # fmt: skip
    lines = []
    for model, rows in tables.items():
        one = _pick(rows, 1, False)
        if one is None:
            continue
        noisy, two = _pick(rows, 1, True), _pick(rows, 2, False)
        lines.append([
            model,
            SETUPS[model].integrator,
            millions(one.ours.rate) if one.ours.rate else one.ours.failure,
            _share(one),
            millions(noisy.ours.rate) if noisy and noisy.ours.rate else "–",
            _against(one.peers.get("tvb")),
            times(two.speedup) if two and two.speedup else "–",
        ])  # fmt: skip
    return headings, lines


def _pick(rows: Sequence[Row], threads: int, noise: bool) -> Row | None:
    able = [row for row in rows if (row.cell.threads, row.cell.noise) == (threads, noise)]
    usual = [row for row in able if row.cell.work_items == NOISY]
    return (usual or able or [None])[-1]


def _share(row: Row) -> str:
    return f"{100 * row.share:.0f} %" if row.share is not None else "–"


def _rate(one: Summary) -> list[str]:
    return [millions(one.rate) if one.rate else one.failure]


def _against(one: Summary | None) -> str:
    if one is None:
        return "–"
    return times(one.ratio) if one.ratio else one.failure or "–"


def markdown(model: str, rows: Sequence[Row], repeats: int, machine: Mapping[str, Any]) -> str:
    """Section of a model: its job, the machine, the tables and each tool's remarks."""
    setup = SETUPS[model]
    values = ", ".join(f"{name} {value:g}" for name, value in setup.parameters.items())
    tools = dict.fromkeys(name for row in rows for name in row.peers)
    remarks = [f"- {name}: {'; '.join(TOOLS[name].remarks)}.\n" for name in tools if TOOLS[name].remarks]
    return "\n".join([
        f"### {model}\n",
        f"{setup.connectome}, weights normalised by {setup.normalize}, {SPEED:g} mm/ms, "
        f"{setup.integrator.capitalize()}, dt {DT:g} ms, float32, averages of {PERIOD:g} ms; "
        f"G from {setup.coupling[0]:g} to {setup.coupling[1]:g}; {values}; {repeats} round(s).\n",
        machine_line(machine) + "\n",
        markdown_table(*model_table(rows)),
        markdown_table(*peer_table(rows)),
        "".join(remarks),
    ]).rstrip() + "\n"  # fmt: skip


def picture(tables: Mapping[str, Sequence[Row]]) -> Figure:
    """Draw rates against work items, a panel a number of threads."""
    threads = sorted({row.cell.threads for rows in tables.values() for row in rows})
    panels = {
        f"{count} thread(s)": {
            model: line for model, rows in tables.items() if (line := _line(rows, count, None))
        }
        for count in threads
    }
    panels["TVB, NumPy"] = {
        model: line for model, rows in tables.items() if (line := _line(rows, threads[0], "tvb"))
    }
    kept = {title: lines for title, lines in panels.items() if lines}
    return log_log(kept, ["work items"] * len(kept), "node-steps/s")


def _line(rows: Sequence[Row], threads: int, tool: str | None) -> list[tuple[float, Spread]]:
    quiet = [row for row in rows if row.cell.threads == threads and not row.cell.noise]
    found = [(row.cell.work_items, row.peers.get(tool) if tool else row.ours) for row in quiet]
    return [(items, one.rate) for items, one in found if one and one.rate]


def as_data(rows: Sequence[Row]) -> list[dict[str, Any]]:
    """The rows as plain data."""
    return [
        {
            "cell": asdict(row.cell),
            "tools": {one.tool: asdict(one) for one in (row.ours, *row.peers.values())},
            "against one thread": asdict(row.speedup) if row.speedup else None,
            "bound": {"node-steps/s": row.bound.node_steps, "by": row.bound.limit, "share": row.share}
            if row.bound
            else None,
        }
        for row in rows
    ]
