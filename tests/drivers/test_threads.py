"""Threads that a process does not wait for at its end."""

import subprocess
import sys
import threading
import time

import pytest

from rateloom.drivers.support.threads import DaemonThreads


def test_calls_give_their_values_and_errors():
    def inverse(number, *, power=1):
        return 1 / number**power

    with DaemonThreads(2) as threads:
        futures = [threads.submit(inverse, number, power=2) for number in (1, 2, 4, 0)]
        assert [future.result() for future in futures[:3]] == [1, 1 / 4, 1 / 16]
        with pytest.raises(ZeroDivisionError):
            futures[3].result()
        assert list(threads.map(abs, (-1, -2))) == [1, 2]
    with pytest.raises(RuntimeError, match="shut down"):
        threads.submit(abs, 1)


def test_there_are_no_more_threads_than_asked_for():
    barrier = threading.Barrier(3)
    with DaemonThreads(3) as threads:
        names = {future.result() for future in [threads.submit(_name_of, barrier) for _ in range(9)]}
    assert len(names) == 3


def _name_of(barrier):
    barrier.wait()
    return threading.current_thread().name


def test_what_has_not_begun_can_be_dropped():
    begun, go = threading.Event(), threading.Event()

    def block():
        begun.set()
        go.wait()
        return "done"

    threads = DaemonThreads(1)
    first, second = threads.submit(block), threads.submit(block)
    begun.wait()
    threads.shutdown(wait=False, cancel_futures=True)
    assert second.cancelled() and not first.done()
    go.set()
    assert first.result() == "done"


def test_an_error_in_the_block_waits_for_nothing():
    go = threading.Event()
    with pytest.raises(KeyboardInterrupt), DaemonThreads(1) as threads:
        future = threads.submit(go.wait)
        raise KeyboardInterrupt
    assert not future.done()
    go.set()


def test_threads_end_when_they_are_shut_down():
    before = threading.active_count()
    with DaemonThreads(4) as threads:
        for _ in range(4):
            threads.submit(time.sleep, 0)
    assert threading.active_count() <= before  # threads of another test may end meanwhile


# compiling takes many calls of LLVM's, and the main thread ends amid them
COMPILING = """
import sys, threading
from rateloom.drivers.support.threads import DaemonThreads

def compile_for_ever():
    import numba
    while True:
        begun.set()
        numba.njit(lambda x: sum([x * number for number in range(10)]))(1.5)

begun = threading.Event()
DaemonThreads(1).submit(compile_for_ever)
begun.wait()
sys.exit(7)
"""


def test_a_process_ends_beside_a_thread_that_compiles():
    done = subprocess.run([sys.executable, "-c", COMPILING], capture_output=True, text=True, timeout=120)
    assert (done.returncode, done.stderr) == (7, "")
