"""Threads that Python does not wait for when it ends."""

from __future__ import annotations

import atexit
import sys
import threading
from collections.abc import Callable
from concurrent.futures import Executor, Future
from queue import Empty, SimpleQueue
from types import TracebackType
from typing import Any, ParamSpec, TypeVar

P = ParamSpec("P")
T = TypeVar("T")

_Call = tuple[Future[Any], Callable[[], Any]]


class DaemonThreads(Executor):
    """An executor of daemon threads, which `concurrent.futures` does not have.

    A thread that compiles a kernel goes on for seconds and cannot be stopped. Python waits at its end for the
    threads of a ``ThreadPoolExecutor``, so that Ctrl-C would seem to do nothing; for these it waits no longer
    than a call of LLVM's lasts. What they run must therefore change nothing that outlasts the process.

    Parameters
    ----------
    n_thread : int
        How many threads there are at most.
    """

    def __init__(self, n_thread: int) -> None:
        self._n_thread = n_thread
        self._threads: list[threading.Thread] = []
        self._calls: SimpleQueue[_Call | None] = SimpleQueue()
        self._closed = False
        self._lock = threading.Lock()

    def submit(self, fn: Callable[P, T], /, *args: P.args, **kwargs: P.kwargs) -> Future[T]:
        """Have a thread call a function; see `concurrent.futures.Executor.submit`."""
        future: Future[T] = Future()
        with self._lock:
            if self._closed:
                raise RuntimeError("nothing can be submitted to threads that were shut down")
            self._calls.put((future, lambda: fn(*args, **kwargs)))
            if len(self._threads) < self._n_thread:
                name = f"rateloom_{len(self._threads)}"
                self._threads.append(
                    threading.Thread(target=_work, args=(self._calls,), name=name, daemon=True)
                )
                self._threads[-1].start()
        return future

    def shutdown(self, wait: bool = True, *, cancel_futures: bool = False) -> None:
        """Let the threads end once nothing is left; see `concurrent.futures.Executor.shutdown`."""
        with self._lock:
            self._closed = True
            while cancel_futures:
                try:
                    call = self._calls.get_nowait()
                except Empty:
                    break
                if call is not None:
                    call[0].cancel()
            for _ in self._threads:
                self._calls.put(None)
        if wait:
            for thread in self._threads:
                thread.join()

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        """Wait for what was submitted, or drop it where the block ends with an error."""
        self.shutdown(wait=error is None, cancel_futures=error is not None)


@atexit.register
def _keep_out_of_llvm() -> None:
    """Take the lock that llvmlite has around LLVM for good, once the call that is under way has ended.

    The process would crash if it took LLVM's tables apart while a thread compiles. A single call lasts a
    second at most, the compilation of a kernel many.
    """
    ffi = sys.modules.get("llvmlite.binding.ffi")
    if ffi is not None:
        ffi.lib._lock.__enter__()


def _work(calls: SimpleQueue[_Call | None]) -> None:
    while (call := calls.get()) is not None:
        future, function = call
        if future.set_running_or_notify_cancel():
            try:
                value = function()
            except BaseException as error:
                future.set_exception(error)
            else:
                future.set_result(value)
        # an idle thread keeps nothing alive
        del call, future, function
