"""Ctrl-C and SIGTERM end a command quickly, in one line, with nothing half-written left."""

import os
import signal
import subprocess
import sys
import time

import pytest

SWEEP = (
    "sweep jansen_rit --keep averages --connectome synthetic:76 --sweep G=0:1:64 --duration 6e4 --out s.zarr"
)


def wait_for(happens, process):
    """Wait, but not for ever, until a sweep has come to a certain point."""
    for _ in range(600):
        if happens():
            return
        assert process.poll() is None, process.communicate()
        time.sleep(0.1)
    raise AssertionError("the sweep did not start")


@pytest.mark.parametrize(
    ("number", "status", "word", "compiling"),
    [
        pytest.param(signal.SIGINT, 130, "interrupted", True, marks=pytest.mark.slow),
        (signal.SIGTERM, 143, "terminated", False),
        pytest.param(signal.SIGINT, 130, "interrupted", False, marks=pytest.mark.slow),
        pytest.param(signal.SIGTERM, 143, "terminated", True, marks=pytest.mark.slow),
    ],
)
def test_a_sweep_that_is_stopped_leaves_nothing(number, status, word, compiling, tmp_path):
    environment = dict(os.environ)
    cache = tmp_path / "cache"
    if compiling:
        environment["RATELOOM_CACHE"] = str(cache)
    folder = tmp_path / "results"
    folder.mkdir()
    process = subprocess.Popen(
        [sys.executable, "-u", "-m", "rateloom.cli", *SWEEP.split()],
        cwd=folder,
        env=environment,
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        text=True,
    )
    wait_for(lambda: list(folder.glob(".s.zarr.partial-*/r*")) or list(folder.glob(".s*/.z*")), process)
    time.sleep(0.5)
    process.send_signal(number)
    _, err = process.communicate(timeout=300)
    assert process.returncode == status
    assert err == f"rateloom: {word}\n"
    # without waiting for the compiler, which would have kept the integrator
    assert list(cache.rglob("*heun*.nbc")) == []
    assert list(folder.iterdir()) == []


def test_a_signal_that_is_ignored_stays_ignored():
    code = (
        "import os, signal, sys\n"
        "signal.signal(signal.SIGINT, signal.SIG_IGN)\n"
        "from rateloom.cli import entry as cli\n"
        "cli.app = lambda *arguments, **options: os.kill(os.getpid(), signal.SIGINT)\n"
        "sys.exit(cli.main(['models']))\n"
    )
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=False)
    assert (done.returncode, done.stderr) == (0, "")
