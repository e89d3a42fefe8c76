import re
from pathlib import Path
from types import SimpleNamespace

import psutil
import pytest

from rateloom.drivers.support import memory
from rateloom.drivers.support.errors import InputError


@pytest.mark.parametrize(
    ("text", "amount"),
    [
        ("4GB", 4_000_000_000),
        ("4g", 4_000_000_000),
        ("500 MB", 500_000_000),
        ("1.5GiB", 1_610_612_736),
        (".5k", 500),
        ("123", 123),
        ("7 B", 7),
        ("2TiB", 2 * 2**40),
    ],
)
def test_amounts(text, amount):
    assert memory.parse_memory(text) == amount


@pytest.mark.parametrize(
    "text", ["", "GB", "-1GB", "4GB!", "4 GBs", "1e3", "nan", "inf", "0", "0.1B", "4,5GB"]
)
def test_bad_amounts(text):
    with pytest.raises(InputError, match="write it like 4GB, 500MB or"):
        memory.parse_memory(text)


@pytest.mark.parametrize(
    ("amount", "text"),
    [
        (0, "0 bytes"),
        (999, "999 bytes"),
        (1000, "1.00 kB"),
        (12_345_678, "12.3 MB"),
        (999_600_000, "1.00 GB"),
        (123_456_789_012, "123 GB"),
        (5e15, "5000 TB"),
    ],
)
def test_printed_amounts(amount, text):
    assert memory.format_bytes(amount) == text


@pytest.fixture
def eight_gigabytes(monkeypatch):
    """A machine with so much available."""
    monkeypatch.setattr(memory.psutil, "virtual_memory", lambda: SimpleNamespace(available=8_192_000_000))


def machine(tmp_path, groups, files):
    """A root folder with this process's control groups, and files under /sys/fs/cgroup."""
    contents = {"proc/self/cgroup": groups}
    contents |= {f"sys/fs/cgroup/{name}": text for name, text in files.items()}
    for name, text in contents.items():
        (tmp_path / name).parent.mkdir(parents=True, exist_ok=True)
        (tmp_path / name).write_text(text)
    return tmp_path


@pytest.mark.parametrize(
    ("groups", "files", "free"),
    [
        ("", {}, 8_192_000_000),
        ("0::/", {"memory.max": "max\n", "memory.current": "5\n"}, 8_192_000_000),
        ("0::/", {"memory.max": "3000\n", "memory.current": "1000\n"}, 2000),
        ("0::/", {"memory.max": "3000\n", "memory.current": "4000\n"}, 0),
        (
            "0::/job/step",
            {
                "job/memory.max": "5000",
                "job/memory.current": "1000",
                "job/memory.stat": "file 9\ninactive_file 300\n",
                "job/step/memory.max": "max",
                "job/step/memory.current": "1000",
            },
            4300,
        ),
        (
            "5:cpu:/x\n4:memory:/job\n0::/",
            {"memory/job/memory.limit_in_bytes": "700", "memory/job/memory.usage_in_bytes": "200"},
            500,
        ),
        # In a container the path is the host's and only the top is there.
        (
            "4:memory:/docker/1234\n",
            {"memory/memory.limit_in_bytes": "900", "memory/memory.usage_in_bytes": "100"},
            800,
        ),
        ("nonsense\n\n", {}, 8_192_000_000),
    ],
)
@pytest.mark.usefixtures("eight_gigabytes")
def test_free_memory(tmp_path, groups, files, free):
    assert memory.available_memory(machine(tmp_path, groups, files)) == free


def test_free_memory_here_and_where_there_are_no_control_groups(tmp_path):
    assert 0 < memory.available_memory(tmp_path) <= psutil.virtual_memory().total
    assert 0 < memory.available_memory() <= psutil.virtual_memory().total


@pytest.mark.skipif(not Path("/proc/meminfo").is_file(), reason="no account of memory to compare with")
def test_free_memory_is_what_the_kernel_says(tmp_path):
    line = re.search(r"^MemAvailable:\s+(\d+) kB$", Path("/proc/meminfo").read_text(), re.MULTILINE)
    # other processes take and give back meanwhile
    assert memory.available_memory(tmp_path) == pytest.approx(int(line[1]) * 1024, rel=0.25)
