"""The host's compiler: what it makes is found again, and what it cannot make is said in a line."""

import numpy as np
import pytest
from run_on_host import host_compiler, run_on_host

from rateloom.drivers.backends.emulated import host_compiler as emulated
from rateloom.drivers.support.errors import InputError

pytestmark = pytest.mark.skipif(host_compiler() is None, reason="no C++ compiler on this machine")


def test_source_that_does_not_compile_names_its_line():
    with pytest.raises(InputError, match=r"cannot compile the CUDA source: kernel\.cu:2:\d+: error: "):
        run_on_host('\nextern "C" __global__ void bad(float* x) { x = y; }', "bad", (1, 1), (1, 1), [])


def test_what_was_compiled_is_found_again(tmp_path, monkeypatch):
    monkeypatch.setenv("RATELOOM_CACHE", str(tmp_path))
    source = 'extern "C" __global__ void again(int* x) { x[0] = ANSWER; }'
    for answer in ("42", "43"):
        x = np.zeros(1, np.int32)
        run_on_host(source, "again", (1, 1), (1, 1), [x], {"ANSWER": answer})
        assert x[0] == int(answer)
    built = {path: path.stat().st_mtime_ns for path in tmp_path.rglob("*.so")}
    assert len(built) == 2
    emulated._load.cache_clear()
    run_on_host(source, "again", (1, 1), (1, 1), [x], {"ANSWER": "43"})
    assert {path: path.stat().st_mtime_ns for path in tmp_path.rglob("*.so")} == built
    suffixes = {path.name.partition(".")[2] for path in tmp_path.rglob("*") if path.is_file()}
    assert suffixes == {"so", "so.sha256"}, "nothing half-written is left"


def test_a_cache_that_cannot_be_written_does_no_harm(tmp_path, monkeypatch):
    (tmp_path / "file").touch()
    monkeypatch.setenv("RATELOOM_CACHE", str(tmp_path / "file"))
    x = np.zeros(1, np.int32)
    run_on_host('extern "C" __global__ void there(int* x) { x[0] = 5; }', "there", (1, 1), (1, 1), [x])
    assert x[0] == 5


def test_without_a_compiler_one_line_says_what_to_install(monkeypatch):
    monkeypatch.setenv("CXX", "no-such-compiler")
    with pytest.raises(InputError, match=r"install g\+\+ or clang\+\+, or name one in .* CXX$"):
        run_on_host('extern "C" __global__ void idle() {}', "idle", (1, 1), (1, 1), [])
