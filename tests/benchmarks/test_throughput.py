"""The benchmark's own arithmetic and bookkeeping, with a stand-in for the tools that it times."""

import json
import shutil
import subprocess
import sys
from pathlib import Path

import numpy as np
import pytest

BENCHMARKS = Path(__file__).resolve().parents[2] / "benchmarks"
sys.path.insert(0, str(BENCHMARKS))
sys.path.insert(0, str(BENCHMARKS / "peers"))

import environments  # noqa: E402
import job  # noqa: E402
import processes  # noqa: E402
import report  # noqa: E402
from cells import Cell, cells_of, steps_for  # noqa: E402
from setups import SETUPS  # noqa: E402
from throughput_tables import Row, markdown, model_table, summary_table  # noqa: E402

import rateloom  # noqa: E402
from rateloom.api.roofline import Bound  # noqa: E402


def timed(version: str, node_steps: int, *seconds: float) -> list[dict[str, object]]:
    one = {"version": version, "node_steps": node_steps, "mean": [0.1, 0.2]}
    return [one | {"seconds": s} for s in seconds]


FAST = timed("1", 8_000_000, 1.0, 2.0, 4.0)
# a fourth of the steps
SLOW = timed("2", 2_000_000, 3.0, 4.0, 20.0)
FIELDS = {
    "model": "montbrio",
    "integrator": "heun",
    "output": "r",
    "dt": 0.1,
    "period": 1.0,
    "speed": 3.0,
    "threads": 1,
    "coupling": (0.0, 0.4),
    "parameters": {"tau": 1.0},
    "initial": {"r": 0.1},
    "cells": [{"work_items": 5, "steps": 400, "noise": False}, {"work_items": 1, "steps": 40, "noise": True}],
}
LENGTHS = np.array([[0.0, 2.99], [2.84, 60.0]])


def stored_job(folder: Path) -> Path:
    path = folder / "job.npz"
    np.savez(path, fields=json.dumps(FIELDS), weights=np.eye(2), tract_lengths=LENGTHS)
    return path


def run_benchmark(*options: str) -> subprocess.CompletedProcess[str]:
    command = [sys.executable, str(BENCHMARKS / "throughput.py"), *options]
    return subprocess.run(command, capture_output=True, text=True, check=False, timeout=120)


def test_rates_are_node_steps_over_seconds_and_ratios_are_by_round():
    fast = report.summarise("rateloom", FAST, FAST)
    slow = report.summarise("peer", SLOW, FAST)
    assert fast.rate == report.Spread(4e6, 2e6, 8e6)
    assert fast.ratio is None
    assert slow.rate == report.Spread(5e5, 1e5, 2e6 / 3)
    assert slow.ratio == report.Spread(12.0, 8.0, 20.0)  # 8 / 0.667, 4 / 0.5, 2 / 0.1
    assert slow.rates == (2e6 / 3, 5e5, 1e5)


def test_a_failure_is_reported_in_the_tools_column_and_leaves_no_ratio():
    failed = [FAST[0], {"failure": "ImportError: no module"}, FAST[2]]
    one = report.summarise("rateloom", failed, failed)
    other = report.summarise("tvb", SLOW, failed)
    assert one.rate is None
    assert one.failure == "ImportError: no module"
    assert other.ratio is None
    assert other.rate is not None
    _, (line,) = model_table([Row(Cell(8, 400, 1), one, {"tvb": other})])
    assert line == ["8", "1", "off", "ImportError: no module", "–", "–", "–", "–"]


def rows() -> list[Row]:
    fast = report.summarise("rateloom", FAST, FAST)
    peers = {"tvb": report.summarise("tvb", SLOW, FAST)}
    # 1 / 0.1 us: 10 M node-steps/s, of which 4 are reached
    bound = Bound(arithmetic=5e-8, divider=1e-8, memory=1e-7)
    return [
        Row(Cell(128, 2000, 1), fast, peers, None, bound),
        Row(Cell(128, 2000, 1, True), report.summarise("rateloom", FAST[1:2], FAST[1:2]), {}),
        Row(Cell(128, 2000, 2), fast, peers, report.Spread(1.9, 1.8, 2.0)),
    ]


def test_a_models_table_has_a_row_a_cell_and_a_column_a_peer():
    headings, lines = model_table(rows())
    assert headings[-1] == "× tvb"
    assert lines[0] == [
        "128", "1", "off", "4.00 (2.00 to 8.00)", "–", "10, memory", "40 %", "12.0 (8.00 to 20.0)",
    ]  # fmt: skip
    assert lines[1][2:4] == ["on", "4.00 (4.00 to 4.00)"]
    assert lines[2][1:5] == ["2", "off", "4.00 (2.00 to 8.00)", "1.90 (1.80 to 2.00)"]


def test_the_summary_has_a_row_a_model():
    _, (line,) = summary_table({"montbrio": rows()})
    assert line == [
        "montbrio", "heun", "4.00 (2.00 to 8.00)", "40 %", "4.00 (4.00 to 4.00)", "12.0 (8.00 to 20.0)",
        "1.90 (1.80 to 2.00)",
    ]  # fmt: skip


def test_the_page_holds_the_job_the_machine_the_figures_and_the_remarks():
    page = markdown("montbrio", rows(), 3, {"processor": "P", "cores": 2})
    for text in (
        "tvb76",
        "eta -4.6",
        "Machine: processor P; cores 2.",
        "12.0 (8.00 to 20.0)",
        "| tvb 2 | any | 1 |",
        "- tvb: one simulation after another",
    ):
        assert text in page


def test_jobs_of_every_size_take_about_as_many_steps():
    assert [steps_for(n) for n in (1, 32, 128, 1024, 10**6)] == [40_000, 8_000, 2_000, 250, 200]


def test_noise_is_measured_at_one_size_for_each_number_of_threads():
    cells = cells_of([1, 128], [1, 2], None, True)
    assert [(c.work_items, c.threads, c.noise) for c in cells] == [
        (1, 1, False), (128, 1, False), (128, 1, True), (1, 2, False), (128, 2, False), (128, 2, True),
    ]  # fmt: skip
    assert all(not c.noise for c in cells_of([1, 128], [1], 50, False))


@pytest.mark.parametrize("name", SETUPS)
def test_a_setup_names_what_its_model_has(name):
    model, setup = rateloom.load(name), SETUPS[name]
    assert set(setup.parameters) <= {p.name for p in model.parameters}
    assert set(setup.initial) == {s.name for s in model.state_variables}
    assert setup.output in {e.name for e in model.exposures}


def test_what_a_process_printed_is_read_and_what_is_missing_is_its_last_line():
    printed = 'a warning\n{"seconds": 1}\n3\n'
    done = subprocess.CompletedProcess([], 1, printed, "Traceback\nValueError: no delays\n")
    assert processes.measurements(done, 3) == [{"seconds": 1}, *2 * [{"failure": "ValueError: no delays"}]]
    silent = subprocess.CompletedProcess([], 137, "", "")
    assert processes.measurements(silent, 1) == [{"failure": "ended with status 137 and no output"}]


def test_publishing_replaces_its_own_section_and_keeps_the_rest(tmp_path):
    page, store = tmp_path / "benchmarks.md", tmp_path / "benchmarks.json"
    page.write_text("# Title\n\n<!-- a: begin -->\nold \\1\n<!-- a: end -->\n\nkept\n", encoding="utf-8")
    store.write_text('{"other": 1, "a": 2}', encoding="utf-8")
    report.publish(tmp_path, "a", "new \\1\n", {"x": 3})
    report.publish(tmp_path, "b", "more\n", {"y": 4})
    text = page.read_text(encoding="utf-8")
    assert text.startswith("# Title\n\n<!-- a: begin -->\n\nnew \\1\n\n<!-- a: end -->\n\nkept\n")
    assert text.endswith("<!-- b: begin -->\n\nmore\n\n<!-- b: end -->\n")
    assert json.loads(store.read_text(encoding="utf-8")) == {"other": 1, "a": {"x": 3}, "b": {"y": 4}}
    assert sorted(path.name for path in tmp_path.iterdir()) == ["benchmarks.json", "benchmarks.md"]


def test_publishing_starts_the_page_where_there_is_none(tmp_path):
    report.publish(tmp_path, "a", "text\n", {})
    assert (tmp_path / "benchmarks.md").read_text(encoding="utf-8").startswith("# Benchmarks\n")


def test_jobs_survive_their_file_and_count_delays_in_steps(tmp_path, monkeypatch):
    monkeypatch.setattr(sys, "argv", ["script", str(stored_job(tmp_path)), '{"batch": 16}'])
    (first, second), settings = job.read_jobs()
    assert settings == {"batch": 16}
    assert (first.n_node, first.window, first.parameters) == (2, 10, {"tau": 1.0})
    assert (first.node_steps, second.node_steps, second.noise) == (4000, 80, True)
    np.testing.assert_allclose(first.global_coupling, [0.0, 0.1, 0.2, 0.3, 0.4])
    np.testing.assert_array_equal(first.delay_steps, [[0, 10], [9, 200]])


def test_measuring_warms_up_and_checks_the_beginning_of_the_first_run(tmp_path, monkeypatch, capsys):
    monkeypatch.setattr(sys, "argv", ["script", str(stored_job(tmp_path)), "{}"])
    read = job.read_jobs()[0][0]
    clock = iter([0.0, 0.5, 1.0])
    monkeypatch.setattr(job.time, "perf_counter", lambda: next(clock))
    calls = []

    def run():
        calls.append(None)
        series = np.arange(5.0)[:, None, None] * np.ones((5, 40, 2)) * len(calls)
        # beyond the first 20 samples, which are the ones that are compared
        series[:, 20:] = 7.0
        return series

    job.measure(read, "7", run, note=1)
    printed = json.loads(capsys.readouterr().out)
    assert printed == {"version": "7", "seconds": 0.5, "node_steps": 4000, "mean": [0.0, 4.0], "note": 1}
    assert len(calls) == 3
    monkeypatch.undo()
    with pytest.raises(SystemExit, match=r"output has shape \(5, 3, 2\), the job asks for \(5, 40, 2\)"):
        job.measure(read, "7", lambda: np.ones((5, 3, 2)))


def test_an_environment_is_made_once_and_again_when_its_requirements_change(tmp_path, monkeypatch):
    made = []
    monkeypatch.setattr(
        environments.venv, "create", lambda folder, with_pip: made.append(folder) or folder.mkdir()
    )
    monkeypatch.setattr(
        environments.subprocess, "run", lambda *_, **__: subprocess.CompletedProcess([], 0, "", "")
    )
    tool = environments.Tool("x.py", (), "peer", ("peer==1",))
    python = environments.interpreter(tool, tmp_path)
    assert python == tmp_path / "peer" / "bin" / "python"
    environments.interpreter(tool, tmp_path)
    assert len(made) == 1
    environments.interpreter(environments.Tool("x.py", (), "peer", ("peer==2",)), tmp_path)
    assert len(made) == 2


def test_a_failed_installation_is_one_line_and_is_tried_again(tmp_path, monkeypatch):
    monkeypatch.setattr(environments.venv, "create", lambda folder, with_pip: folder.mkdir())
    monkeypatch.setattr(
        environments.subprocess,
        "run",
        lambda *_, **__: subprocess.CompletedProcess([], 1, "", "noise\nERROR: No matching distribution\n"),
    )
    tool = environments.Tool("x.py", (), "peer", ("peer==1",))
    with pytest.raises(RuntimeError, match=r"^cannot install peer==1: ERROR: No matching distribution$"):
        environments.interpreter(tool, tmp_path)
    assert not (tmp_path / "peer" / "installed.txt").exists()


def test_rateloom_runs_in_this_interpreter(tmp_path):
    assert environments.interpreter(environments.TOOLS["rateloom"], tmp_path) == Path(sys.executable)


def test_every_tool_has_its_script():
    for tool in environments.TOOLS.values():
        assert (BENCHMARKS / "peers" / tool.script).is_file()


@pytest.mark.parametrize(
    ("options", "message"),
    [
        pytest.param(
            ("--models", "nonsense"),
            "unknown model 'nonsense'; choose from montbrio",
            marks=pytest.mark.slow,
        ),
        pytest.param(("--models", ""), "no model given; choose from montbrio", marks=pytest.mark.slow),
        pytest.param(
            ("--peers", "tvbk,brian"), "unknown peer 'brian'; choose from tvb", marks=pytest.mark.slow
        ),
        pytest.param(
            ("--steps", "2005"),
            "--steps 2005 is no whole number of output samples; use a multiple of 10",
            marks=pytest.mark.slow,
        ),
        pytest.param(("--threads", "100000"), "--threads 100000 is more than the", marks=pytest.mark.slow),
        pytest.param(
            ("--threads", "1,two"), "--threads '1,two': give numbers above zero", marks=pytest.mark.slow
        ),
        pytest.param(
            ("--work-items", "0"), "--work-items '0': give numbers above zero", marks=pytest.mark.slow
        ),
        pytest.param(
            ("--machine", "/no/such/file"), "machine file /no/such/file: No such file", marks=pytest.mark.slow
        ),
        pytest.param(
            ("--out", "/no/such/folder"), "--out /no/such/folder is no folder", marks=pytest.mark.slow
        ),
    ],
)
def test_bad_options_are_one_line_and_status_1(options, message):
    done = run_benchmark("--peers", "", *options)
    assert done.returncode == 1
    assert done.stderr.startswith("error: ")
    assert message in done.stderr
    assert len(done.stderr.strip().splitlines()) == 1


@pytest.mark.slow
@pytest.mark.skipif(shutil.which("taskset") is None, reason="taskset pins the tools to a core")
def test_rateloom_alone_is_measured_and_published(tmp_path):
    done = run_benchmark(
        "--peers", "", "--steps", "200", "--work-items", "1,16", "--repeats", "1", "--out", str(tmp_path)
    )  # fmt: skip
    assert done.returncode == 0, done.stderr
    data = json.loads((tmp_path / "benchmarks.json").read_text(encoding="utf-8"))["throughput-montbrio"]
    assert [row["cell"]["work_items"] for row in data["rows"]] == [1, 16]
    measured = data["rows"][1]["tools"]["rateloom"]
    assert measured["rate"]["median"] == measured["rates"][0] > 0
    assert "rateloom" in (tmp_path / "benchmarks.md").read_text(encoding="utf-8")
