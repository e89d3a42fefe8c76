"""How many cores a process may use."""

import os
import subprocess
import sys

import psutil
import pytest

from rateloom.drivers.support import processors


@pytest.mark.skipif(not hasattr(os, "sched_setaffinity"), reason="processes are bound to no cores here")
def test_a_process_bound_to_one_core_uses_one():
    assert processors.usable_cores() == len(os.sched_getaffinity(0))
    code = (
        "import os\n"
        "os.sched_setaffinity(0, {min(os.sched_getaffinity(0))})\n"
        "from rateloom.drivers.support.processors import usable_cores\n"
        "print(usable_cores())\n"
    )
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    assert done.stdout == "1\n"


def test_where_no_cores_can_be_bound_all_are_used(monkeypatch):
    monkeypatch.delattr(psutil.Process, "cpu_affinity", raising=False)
    assert processors.usable_cores() == os.cpu_count()
