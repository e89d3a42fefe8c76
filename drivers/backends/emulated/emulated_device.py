"""An emulated device: the host's memory and processor behind the operations of a GPU."""

from __future__ import annotations

import platform
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from functools import partial
from typing import Any

import numpy as np
from numpy.typing import DTypeLike, NDArray

from rateloom.drivers.backends.host import c_library, processor
from rateloom.drivers.execution.device import Buffer, Kernel, KernelReport, Limits
from rateloom.drivers.support.errors import InputError
from rateloom.drivers.support.memory import available_memory

from .host_compiler import compiler_entries, launch, load_library

# Forwards, backwards and two shuffles, held against what alternating gives.
_OTHER_ORDERS = (1, 2, 3, 4)


@dataclass(frozen=True)
class _Done:
    """A copy that was complete when it was asked for."""

    def wait(self) -> None:
        """There is nothing to wait for."""


@dataclass(frozen=True, eq=False)
class EmulatedDevice:
    """The processor, as a GPU with one multiprocessor.

    Attributes
    ----------
    debug : bool
        Whether every launch is done again with the threads in other orders between barriers, which must
        change no bit.
    memory : int, optional
        Bytes that the device pretends to have free; half of the host's by default.
    """

    debug: bool = False
    memory: int | None = None
    limits: Limits = field(default_factory=lambda: Limits(multiprocessors=1, shared_block=227 * 1024))

    @property
    def name(self) -> str:
        """Return the name of the device in messages and results."""
        return "emulated device" + (" (debug)" if self.debug else "")

    @property
    def arch(self) -> str:
        """The processor's architecture."""
        return platform.machine()

    def free_memory(self) -> int:
        """Half of what the host has free, or what it pretends to have."""
        return available_memory() // 2 if self.memory is None else self.memory

    def toolchain(self) -> Mapping[str, str]:
        """The C++ compiler, the header that stands for CUDA, and the processor, which libraries suit."""
        return {"machine": processor(), **compiler_entries(), "libc": c_library()}

    def load(self, source: str, name: str, defines: Mapping[str, str]) -> Mapping[str, Kernel]:
        """Compile with the system's C++ compiler."""
        library = load_library(source, defines, name)
        return {kernel: (library, kernel) for kernel in library.kernels}

    def reports(self, source: str, name: str, defines: Mapping[str, str]) -> Mapping[str, KernelReport]:
        """A processor has no registers to run out of."""
        return {}

    def allocate(self, shape: Sequence[int], dtype: DTypeLike) -> Buffer:
        """An array of the host, which only copies and kernels touch."""
        # all bits set: NaN, or -1, where something is read that was never written
        return np.full(int(np.prod(shape)) * np.dtype(dtype).itemsize, 0xFF, np.uint8).view(dtype)

    def release(self, buffer: Buffer) -> None:
        """The garbage collector does."""

    def copy_in(self, buffer: Buffer, values: NDArray[Any]) -> None:
        """Copy at once."""
        _beginning(buffer, values)[:] = values.ravel()

    def host_array(self, shape: Sequence[int], dtype: DTypeLike) -> NDArray[Any]:
        """An ordinary array."""
        return np.empty(tuple(shape), dtype)

    def fetch(self, buffer: Buffer, into: NDArray[Any]) -> _Done:
        """Copy at once."""
        into.reshape(-1)[:] = _beginning(buffer, into)
        return _Done()

    def launch(
        self,
        kernel: Kernel,
        blocks: int,
        threads: tuple[int, int],
        arguments: Sequence[Buffer | np.generic],
        shared: int = 0,
    ) -> None:
        """Run a kernel to its end; with `debug` in every order of the threads."""
        library, name = kernel
        if shared > self.limits.shared_block:
            raise InputError(f"{name} needs {shared} bytes of shared memory, more than a device has")
        run = partial(launch, library, name, (blocks, 1), threads, arguments)
        try:
            if self.debug:
                _run_in_every_order(name, run, [a for a in arguments if isinstance(a, np.ndarray)])
            else:
                run()
        except RuntimeError as problem:
            raise InputError(f"{name} on the {self.name}: {problem}") from None

    def synchronise(self) -> None:
        """Nothing is ever under way."""


def open_emulated(debug: bool = False) -> EmulatedDevice:
    """Open the emulated device; whether there is a compiler is found out when source is loaded."""
    return EmulatedDevice(debug)


def _beginning(buffer: NDArray[Any], values: NDArray[Any]) -> NDArray[Any]:
    """As much of a buffer as an array of its type fills."""
    if buffer.dtype != values.dtype or values.size > buffer.size:
        raise TypeError(f"{values.size} x {values.dtype} do not fit into {buffer.size} x {buffer.dtype}")
    return buffer[: values.size]


def _run_in_every_order(name: str, run: Callable[..., None], buffers: Sequence[NDArray[Any]]) -> None:
    """Launch from the same memory with threads in each order; the last one's memory is left."""
    before = [buffer.copy() for buffer in buffers]
    run()
    first = [buffer.copy() for buffer in buffers]
    for order in _OTHER_ORDERS:
        for buffer, values in zip(buffers, before, strict=True):
            buffer[:] = values
        run(order=order)
        for number, (buffer, values) in enumerate(zip(buffers, first, strict=True)):
            differing = np.flatnonzero(buffer.view(np.uint8) != values.view(np.uint8))
            if differing.size:
                raise RuntimeError(
                    f"race: threads in another order leave other bits in the array that is number {number} "
                    f"of the arguments, first at byte {differing[0]}; a barrier is missing"
                )
