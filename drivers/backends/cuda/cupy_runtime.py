"""A GPU driven by CuPy: wheels alone, no compiler on the machine."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from contextlib import AbstractContextManager
from dataclasses import dataclass
from importlib import import_module
from typing import Any

import numpy as np
from numpy.typing import DTypeLike, NDArray

from rateloom.drivers.backends.device.cuda_text import kernel_names
from rateloom.drivers.execution.device import Buffer, DeviceInfo, Kernel, KernelReport, Limits, Transfer
from rateloom.drivers.support.errors import InputError

from .cuda_device import (
    StreamCopy,
    cause,
    check_number,
    explained,
    kernel_reports,
    machine_code,
    toolchain_of,
)

# What CUDA calls the attribute, in the interface that kernels are loaded with.
_DYNAMIC_SHARED = 8


@dataclass(frozen=True)
class _Room:
    """Device memory."""

    pointer: int
    size: int
    dtype: np.dtype[Any]


@dataclass(frozen=True, eq=False)
class CupyDevice:
    """One GPU, with a stream for kernels and one for copies to the host."""

    cupy: Any
    number: int
    name: str
    arch: str
    limits: Limits
    compute: Any
    copies: Any

    def explained(self) -> AbstractContextManager[None]:
        """Turn CuPy's errors into lines that say what to do."""
        return explained(self.name, _errors(self.cupy))

    def free_memory(self) -> int:
        """Bytes that the GPU has free."""
        with self.explained():
            return int(self.cupy.cuda.runtime.memGetInfo()[0])

    def toolchain(self) -> Mapping[str, str]:
        """NVRTC, or CuPy's if there is none; CuPy and the driver."""
        cupy = self.cupy
        with self.explained():
            driver = cupy.cuda.runtime.driverGetVersion()
            bundled = ".".join(str(n) for n in cupy.cuda.nvrtc.getVersion())
        runtime = f"CuPy {cupy.__version__}"
        return toolchain_of(self.name, self.arch, driver, runtime, f"CuPy's NVRTC {bundled}")

    def load(self, source: str, name: str, defines: Mapping[str, str]) -> Mapping[str, Kernel]:
        """Compile and load; a kernel is found when it is asked for."""
        cupy = self.cupy

        def other(options: tuple[str, ...]) -> bytes:
            other_options = tuple(o for o in options if not o.startswith("--gpu-architecture"))
            code, _ = cupy.cuda.compiler.compile_using_nvrtc(source, other_options, self.arch[3:], name)
            return bytes(code)

        with self.explained():
            driver = cupy.cuda.runtime.driverGetVersion()
            code = machine_code(source, name, defines, self.arch, driver, other)
            module = cupy.cuda.function.Module()
            module.load(code)
            return {kernel: module.get_function(kernel) for kernel in kernel_names(source)}

    def reports(self, source: str, name: str, defines: Mapping[str, str]) -> Mapping[str, KernelReport]:
        """Return what NVRTC reports of each kernel."""
        return kernel_reports(source, name, defines, self.arch)

    def allocate(self, shape: Sequence[int], dtype: DTypeLike) -> Buffer:
        """Take memory past CuPy's pool, so that what is free is known."""
        kind, size = np.dtype(dtype), int(np.prod(shape))
        with self.explained():
            return _Room(self.cupy.cuda.runtime.malloc(size * kind.itemsize), size, kind)

    def release(self, buffer: Buffer) -> None:
        """Give the memory back."""
        with self.explained():
            self.cupy.cuda.runtime.free(buffer.pointer)

    def copy_in(self, buffer: Buffer, values: NDArray[Any]) -> None:
        """Copy in the kernels' stream; CUDA stages what is not page-locked before it returns."""
        runtime = self.cupy.cuda.runtime
        with self.explained():
            runtime.memcpyAsync(
                buffer.pointer,
                values.ctypes.data,
                values.nbytes,
                runtime.memcpyHostToDevice,
                self.compute.ptr,
            )
            self.compute.synchronize()

    def host_array(self, shape: Sequence[int], dtype: DTypeLike) -> NDArray[Any]:
        """Page-locked memory."""
        kind, size = np.dtype(dtype), int(np.prod(shape))
        with self.explained():
            memory = self.cupy.cuda.alloc_pinned_memory(max(1, size * kind.itemsize))
        return np.frombuffer(memory, kind, size).reshape(shape)

    def fetch(self, buffer: Buffer, into: NDArray[Any]) -> Transfer:
        """Copy in a stream of its own, after the kernels so far."""
        cuda = self.cupy.cuda
        with self.explained():
            launched, copied = (cuda.Event(disable_timing=True) for _ in range(2))
            launched.record(self.compute)
            self.copies.wait_event(launched)
            cuda.runtime.memcpyAsync(
                into.ctypes.data,
                buffer.pointer,
                into.nbytes,
                cuda.runtime.memcpyDeviceToHost,
                self.copies.ptr,
            )
            copied.record(self.copies)
        return StreamCopy(self.explained, copied)

    def launch(
        self,
        kernel: Kernel,
        blocks: int,
        threads: tuple[int, int],
        arguments: Sequence[Buffer | np.generic],
        shared: int = 0,
    ) -> None:
        """Queue a kernel."""
        values = tuple(np.uint64(a.pointer) if isinstance(a, _Room) else a for a in arguments)
        with self.explained():
            if shared:
                self.cupy.cuda.driver.funcSetAttribute(kernel.ptr, _DYNAMIC_SHARED, shared)
            kernel((blocks, 1, 1), (*threads, 1), values, shared_mem=shared, stream=self.compute)

    def synchronise(self) -> None:
        """Wait for both streams."""
        with self.explained():
            self.compute.synchronize()
            self.copies.synchronize()


def open_cupy(number: int) -> CupyDevice:
    """Open a GPU, which becomes this thread's.

    Raises
    ------
    InputError
        If there is no such GPU or its driver cannot be used.
    """
    cupy = _cupy()
    with explained("backend='cuda' (CuPy)", _errors(cupy)):
        runtime = cupy.cuda.runtime
        check_number(number, runtime.getDeviceCount())
        runtime.setDevice(number)
        properties = runtime.getDeviceProperties(number)
        return CupyDevice(
            cupy=cupy,
            number=number,
            name=_name(properties),
            arch=f"sm_{properties['major']}{properties['minor']}",
            limits=Limits(
                multiprocessors=properties["multiProcessorCount"],
                registers=properties["regsPerMultiprocessor"],
                shared=properties["sharedMemPerMultiprocessor"],
                shared_block=properties["sharedMemPerBlockOptin"],
                threads=properties["maxThreadsPerMultiProcessor"],
            ),
            compute=cupy.cuda.Stream(non_blocking=True),
            copies=cupy.cuda.Stream(non_blocking=True),
        )


def cupy_devices() -> tuple[DeviceInfo, ...]:
    """Every GPU that CuPy sees."""
    cupy = _cupy()
    with explained("CuPy", _errors(cupy)):
        runtime = cupy.cuda.runtime
        count = runtime.getDeviceCount()
        check_number(0, count)
        properties = [runtime.getDeviceProperties(number) for number in range(count)]
    return tuple(DeviceInfo("cupy", n, _name(p), int(p["totalGlobalMem"])) for n, p in enumerate(properties))


def _cupy() -> Any:
    with explained("CuPy cannot be imported", (ImportError, OSError)):
        cupy = import_module("cupy")
    if cupy.cuda.runtime.driverGetVersion() == 0:
        raise InputError(f"backend='cuda' (CuPy): {cause('libcuda')}")
    return cupy


def _errors(cupy: Any) -> tuple[type[BaseException], ...]:
    """Return CuPy's exceptions: those of the driver's interface, of the runtime's, and of its compiler."""
    cuda = cupy.cuda
    return (
        cuda.runtime.CUDARuntimeError,
        cuda.driver.CUDADriverError,
        cuda.compiler.CompileException,
        cuda.memory.OutOfMemoryError,
    )


def _name(properties: Mapping[str, Any]) -> str:
    name = properties["name"]
    return name.decode() if isinstance(name, bytes) else str(name)
