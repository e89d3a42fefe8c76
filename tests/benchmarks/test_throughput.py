"""The benchmark's own arithmetic and bookkeeping, with a stand-in for the tools that it times."""

import json
import shutil
import subprocess
import sys
from pathlib import Path

import numpy as np
import pytest
from rich.console import Console

BENCHMARKS = Path(__file__).resolve().parents[2] / "benchmarks"
sys.path.insert(0, str(BENCHMARKS))
sys.path.insert(0, str(BENCHMARKS / "peers"))

import environments  # noqa: E402
import job  # noqa: E402
import report  # noqa: E402

FAST = [{"version": "1", "seconds": s, "mean_rate": [0.1, 0.2]} for s in (1.0, 2.0, 4.0)]
SLOW = [{"version": "2", "seconds": s, "mean_rate": [0.1, 0.2]} for s in (3.0, 4.0, 20.0)]
FIELDS = {
    "model": "montbrio",
    "work_items": 5,
    "steps": 40,
    "dt": 0.1,
    "period": 1.0,
    "speed": 3.0,
    "threads": 1,
    "coupling": (0.0, 0.4),
    "parameters": {"tau": 1.0},
    "initial": {"r": 0.1},
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
    fast = report.summarise("rateloom", FAST, FAST, 8_000_000, ())
    slow = report.summarise("peer", SLOW, FAST, 8_000_000, ("slower",))
    assert fast.rate == report.Spread(4e6, 2e6, 8e6)
    assert fast.ratio is None
    assert slow.rate == report.Spread(2e6, 4e5, 8e6 / 3)
    assert slow.ratio == report.Spread(3.0, 2.0, 5.0)  # 3/1, 4/2, 20/4
    assert slow.seconds == (3.0, 4.0, 20.0)


def test_a_failure_is_reported_in_the_tools_row_and_leaves_no_ratio():
    failed = [FAST[0], {"failure": "ImportError: no module"}, FAST[2]]
    one = report.summarise("rateloom", failed, failed, 10, ())
    other = report.summarise("peer", SLOW, failed, 10, ())
    assert one.rate is None
    assert one.failure == "ImportError: no module"
    assert other.ratio is None
    assert other.rate is not None
    assert report.rows([one])[0] == ("rateloom", "–", "ImportError: no module", "–", "–")


def test_rows_show_the_kernel_alone_where_it_was_measured():
    measured = [{**one, "kernel_seconds": [one["seconds"] / 2]} for one in FAST]
    whole, kernel = report.rows([report.summarise("rateloom", measured, measured, 8_000_000, ())])
    assert whole == ("rateloom 1", "4.0", "2.0 to 8.0", "–", "0.10000, 0.20000")
    assert kernel == ("rateloom, kernel alone", "8.0", "4.0 to 16.0", "–", "–")


def test_the_printed_table_and_the_page_hold_the_same_figures():
    summaries = [
        report.summarise("rateloom", FAST, FAST, 8_000_000, ()),
        report.summarise("peer", SLOW, FAST, 8_000_000, ("one thing", "another")),
    ]
    console = Console(width=160)
    with console.capture() as capture:
        console.print(report.table("title", summaries))
    page = report.markdown("montbrio", "The job.", {"processor": "P", "cores": 2}, summaries)
    for text in ("peer 2", "2.0", "0.4 to 2.7", "3.00 (2.00 to 5.00)"):
        assert text in capture.get()
        assert text in page
    assert "Machine: processor P; cores 2." in page
    assert "- peer: one thing; another." in page
    widths = {line.count("|") for line in page.splitlines() if line.startswith("|")}
    assert widths == {len(report.HEADINGS) + 1}


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


def test_a_job_survives_its_file_and_counts_delays_in_steps(tmp_path, monkeypatch):
    monkeypatch.setattr(sys, "argv", ["script", str(stored_job(tmp_path)), '{"batch": 16}'])
    read, settings = job.read_job()
    assert settings == {"batch": 16}
    assert (read.n_node, read.window, read.parameters) == (2, 10, {"tau": 1.0})
    np.testing.assert_allclose(read.global_coupling, [0.0, 0.1, 0.2, 0.3, 0.4])
    np.testing.assert_array_equal(read.delay_steps, [[0, 10], [9, 200]])


def test_measuring_warms_up_and_checks_the_shape(tmp_path, monkeypatch, capsys):
    monkeypatch.setattr(sys, "argv", ["script", str(stored_job(tmp_path)), "{}"])
    read, _ = job.read_job()
    clock = iter([0.0, 0.75, 1.5])
    monkeypatch.setattr(job.time, "perf_counter", lambda: next(clock))
    calls = []

    def run():
        calls.append(None)
        return np.arange(5.0)[:, None, None] * np.ones((5, 4, 2))

    job.measure(read, "7", run, note=1)
    printed = json.loads(capsys.readouterr().out)
    assert printed == {"version": "7", "seconds": 0.75, "mean_rate": [0.0, 4.0], "note": 1}
    assert len(calls) == 3
    monkeypatch.undo()
    with pytest.raises(SystemExit, match=r"output has shape \(5, 3, 2\), the job asks for \(5, 4, 2\)"):
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
        (("--models", "nonsense"), "unknown model 'nonsense'; choose from montbrio"),
        (("--models", ""), "no model given; choose from montbrio"),
        (("--peers", "tvbk,tvb"), "unknown peer 'tvb'; choose from tvbk"),
        (("--steps", "2005"), "--steps 2005 is no whole number of output samples; use a multiple of 10"),
        (("--threads", "100000"), "--threads 100000 is more than the"),
        (("--out", "/no/such/folder"), "--out /no/such/folder is no folder"),
    ],
)
def test_bad_options_are_one_line_and_status_1(options, message):
    done = run_benchmark(*options)
    assert done.returncode == 1
    assert done.stderr.startswith("error: ")
    assert message in done.stderr
    assert len(done.stderr.strip().splitlines()) == 1


@pytest.mark.slow
@pytest.mark.skipif(shutil.which("taskset") is None, reason="taskset pins the tools to a core")
def test_rateloom_alone_is_measured_and_published(tmp_path):
    done = run_benchmark(
        "--peers", "", "--steps", "100", "--work-items", "16", "--repeats", "1", "--out", str(tmp_path)
    )  # fmt: skip
    assert done.returncode == 0, done.stderr
    data = json.loads((tmp_path / "benchmarks.json").read_text(encoding="utf-8"))["throughput-montbrio"]
    rateloom = data["tools"]["rateloom"]
    assert data["job"]["work_items"] == 16
    assert rateloom["rate"]["median"] == pytest.approx(76 * 100 * 16 / rateloom["seconds"][0])
    assert "rateloom" in (tmp_path / "benchmarks.md").read_text(encoding="utf-8")
