"""The interface of a device: the same few operations on a GPU, whatever drives it, and emulated."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any, Protocol

import numpy as np
from numpy.typing import DTypeLike, NDArray

# Something in the device's memory; only the device that made it knows what it is.
Buffer = Any
# A kernel that is loaded; likewise.
Kernel = Any


@dataclass(frozen=True)
class Limits:
    """The resources of a device.

    Attributes
    ----------
    multiprocessors : int
    registers, shared : int
        Of a multiprocessor: 32-bit registers, and shared memory in bytes.
    shared_block : int
        Shared memory that one thread block can have, in bytes.
    threads : int
        That a multiprocessor can hold at once.
    """

    multiprocessors: int
    registers: int = 65536
    shared: int = 100 * 1024
    shared_block: int = 99 * 1024
    threads: int = 2048


@dataclass(frozen=True)
class KernelReport:
    """The resources that a kernel needs of a multiprocessor; ``registers`` is per thread, the rest in bytes.

    ``spill_stores`` and ``spill_loads`` count the code of functions that were not inlined too.
    ``shared`` is the statically declared shared memory, ``constant`` the constant banks that the kernel
    reads: launch data and arguments, literals, and the module's ``__constant__`` variables. ``code`` is the
    size of its machine code; an instruction is 16 bytes since sm_70.
    """

    name: str
    registers: int = 0
    spill_stores: int = 0
    spill_loads: int = 0
    stack: int = 0
    shared: int = 0
    constant: int = 0
    code: int = 0


class Transfer(Protocol):
    """A copy to the host that may be under way."""

    def wait(self) -> None:
        """Return when the copy is complete."""


class Device(Protocol):
    """One GPU, or an emulated one. What is launched and copied runs in the order of the calls.

    Every method raises `InputError`, one line with what to do, where the device or its driver refuses.
    """

    @property
    def name(self) -> str:
        """Return the name of the device in messages and results."""

    @property
    def arch(self) -> str:
        """Return the architecture of its machine code: ``sm_90``, or the processor for an emulated device."""

    @property
    def limits(self) -> Limits:
        """Return the resources of the device."""

    def free_memory(self) -> int:
        """Bytes that could be allocated now."""

    def toolchain(self) -> Mapping[str, str]:
        """Return what makes and runs its machine code: compiler, flags, runtime, driver, with versions."""

    def load(self, source: str, name: str, defines: Mapping[str, str]) -> Mapping[str, Kernel]:
        """Compile CUDA source with some macros; `name` is the file that messages name. Kernels by name."""

    def reports(self, source: str, name: str, defines: Mapping[str, str]) -> Mapping[str, KernelReport]:
        """Return the resources that each kernel needs, by name; nothing where that is not known."""

    def allocate(self, shape: Sequence[int], dtype: DTypeLike) -> Buffer:
        """Make room for an array; its content is undefined."""

    def release(self, buffer: Buffer) -> None:
        """Give the room of a buffer back, once what was launched no longer needs it."""

    def copy_in(self, buffer: Buffer, values: NDArray[Any]) -> None:
        """Copy an array into a buffer of its type and size; `values` may change as soon as this returns."""

    def host_array(self, shape: Sequence[int], dtype: DTypeLike) -> NDArray[Any]:
        """Make an array on the host that `fetch` copies to without holding anything up."""

    def fetch(self, buffer: Buffer, into: NDArray[Any]) -> Transfer:
        """Copy the beginning of a buffer to the host after what was launched so far, beside what follows."""

    def launch(
        self,
        kernel: Kernel,
        blocks: int,
        threads: tuple[int, int],
        arguments: Sequence[Buffer | np.generic],
        shared: int = 0,
    ) -> None:
        """Run a kernel on a row of thread blocks, with `shared` bytes of dynamic shared memory each."""

    def synchronise(self) -> None:
        """Wait until all that was launched and copied is done."""


@dataclass(frozen=True)
class DeviceInfo:
    """A line of ``--list-devices``."""

    backend: str
    number: int
    name: str
    memory: int
