"""The measurement of a machine."""

import subprocess
import sys
import threading
from pathlib import Path

import pytest

BENCHMARKS = Path(__file__).resolve().parents[2] / "benchmarks"
sys.path.insert(0, str(BENCHMARKS))

import machine  # noqa: E402

from rateloom.api.machines import load_machine  # noqa: E402


def write_cache(folder, index, **files):
    (folder / f"index{index}").mkdir()
    for name, text in files.items():
        (folder / f"index{index}" / name).write_text(text + "\n")


def test_cache_sizes_are_the_systems_without_that_of_instructions(tmp_path):
    write_cache(tmp_path, 0, level="1", type="Data", size="48K")
    write_cache(tmp_path, 1, level="1", type="Instruction", size="32K")
    write_cache(tmp_path, 2, level="2", type="Unified", size="2048K")
    write_cache(tmp_path, 3, level="3", type="Unified", size="16384K")
    assert machine.cache_sizes(tmp_path) == [
        ("L1", 48 << 10, False),
        ("L2", 2 << 20, False),
        ("L3", 16 << 20, True),
    ]


def test_without_the_systems_word_the_sizes_are_the_usual_ones(tmp_path):
    (tmp_path / "index0").mkdir()
    assert [name for name, _, _ in machine.cache_sizes(tmp_path)] == ["L1", "L2", "L3"]


def test_a_rate_is_what_is_done_in_the_threads_own_time(monkeypatch):
    clock = threading.local()
    monkeypatch.setattr(machine.time, "thread_time", lambda: getattr(clock, "now", 0.0))

    def work(thread, times):
        clock.now = getattr(clock, "now", 0.0) + 1e-3 * times

    assert machine.best_rate(work, 1) == pytest.approx(1000)
    assert machine.best_rate(work, 2) == pytest.approx(2000)


def test_a_folder_that_is_not_there_is_one_line(tmp_path):
    script = str(BENCHMARKS / "machine.py")
    command = [sys.executable, script, "--out", str(tmp_path / "none" / "machine.json")]
    done = subprocess.run(command, capture_output=True, text=True, check=False, timeout=120)
    assert done.returncode == 1
    assert done.stderr.startswith("error: --out ")
    assert len(done.stderr.strip().splitlines()) == 1


@pytest.mark.slow
def test_this_machine_can_be_measured(tmp_path):
    out = tmp_path / "machine.json"
    command = [sys.executable, str(BENCHMARKS / "machine.py"), "--out", str(out)]
    subprocess.run(command, check=True, timeout=300)
    measured = load_machine(out)
    rates = [rates for by_threads in measured.rates.values() for rates in by_threads.values()]
    assert len(rates) == 4
    assert all(min(vars(one).values()) > 0 for one in rates)
    assert all(min(level.bandwidth.values()) > 0 for level in measured.levels)
    assert all(level.size > 0 for level in measured.levels[:-1])
