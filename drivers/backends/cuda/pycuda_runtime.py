"""A GPU driven by PyCUDA."""

from __future__ import annotations

import atexit
from collections.abc import Mapping, Sequence
from contextlib import AbstractContextManager
from dataclasses import dataclass
from importlib import import_module
from typing import Any

import numpy as np
from numpy.typing import DTypeLike, NDArray

from rateloom.drivers.backends.device.cuda_text import kernel_names
from rateloom.drivers.execution.device import Buffer, DeviceInfo, Kernel, KernelReport, Limits, Transfer

from .cuda_device import StreamCopy, check_number, explained, kernel_reports, machine_code, toolchain_of


@dataclass(frozen=True, eq=False)
class PycudaDevice:
    """One GPU, with a stream for kernels and one for copies to the host."""

    cuda: Any
    name: str
    arch: str
    limits: Limits
    compute: Any
    copies: Any

    def explained(self) -> AbstractContextManager[None]:
        """Turn PyCUDA's errors into lines that say what to do."""
        return explained(self.name, _errors(self.cuda))

    def free_memory(self) -> int:
        """Bytes that the GPU has free."""
        with self.explained():
            return int(self.cuda.mem_get_info()[0])

    def toolchain(self) -> Mapping[str, str]:
        """NVRTC, or the toolkit's compiler if there is none; PyCUDA and the driver."""
        with self.explained():
            driver = self.cuda.get_driver_version()
            toolkit = ".".join(str(n) for n in self.cuda.get_version())
        runtime = f"PyCUDA {import_module('pycuda').VERSION_TEXT}"
        return toolchain_of(self.name, self.arch, driver, runtime, f"nvcc of CUDA {toolkit}")

    def load(self, source: str, name: str, defines: Mapping[str, str]) -> Mapping[str, Kernel]:
        """Compile, with the toolkit's compiler where there is no NVRTC, and load."""

        def other(options: tuple[str, ...]) -> bytes:
            other_options = [o for o in options if not o.startswith(("--gpu-architecture", "--std"))]
            compile_source = import_module("pycuda.compiler").compile
            return bytes(compile_source(source, options=other_options, arch=self.arch, no_extern_c=True))

        with self.explained():
            major, minor = divmod(self.cuda.get_driver_version(), 1000)
            code = machine_code(source, name, defines, self.arch, major * 1000 + minor, other)
            module = self.cuda.module_from_buffer(code)
            return {kernel: module.get_function(kernel) for kernel in kernel_names(source)}

    def reports(self, source: str, name: str, defines: Mapping[str, str]) -> Mapping[str, KernelReport]:
        """Return what NVRTC reports of each kernel."""
        return kernel_reports(source, name, defines, self.arch)

    def allocate(self, shape: Sequence[int], dtype: DTypeLike) -> Buffer:
        """Take memory."""
        with self.explained():
            return self.cuda.mem_alloc(int(np.prod(shape)) * np.dtype(dtype).itemsize)

    def release(self, buffer: Buffer) -> None:
        """Give the memory back."""
        with self.explained():
            buffer.free()

    def copy_in(self, buffer: Buffer, values: NDArray[Any]) -> None:
        """Copy in the kernels' stream."""
        with self.explained():
            self.cuda.memcpy_htod_async(buffer, values, self.compute)
            self.compute.synchronize()

    def host_array(self, shape: Sequence[int], dtype: DTypeLike) -> NDArray[Any]:
        """Page-locked memory."""
        with self.explained():
            array: NDArray[Any] = self.cuda.pagelocked_empty(tuple(shape), dtype)
            return array

    def fetch(self, buffer: Buffer, into: NDArray[Any]) -> Transfer:
        """Copy in a stream of its own, after the kernels so far."""
        with self.explained():
            launched, copied = self.cuda.Event(), self.cuda.Event()
            launched.record(self.compute)
            self.copies.wait_for_event(launched)
            self.cuda.memcpy_dtoh_async(into, buffer, self.copies)
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
        with self.explained():
            if shared:
                attribute = self.cuda.function_attribute.MAX_DYNAMIC_SHARED_SIZE_BYTES
                kernel.set_attribute(attribute, shared)
            kernel(*arguments, block=(*threads, 1), grid=(blocks, 1), stream=self.compute, shared=shared)

    def synchronise(self) -> None:
        """Wait for both streams."""
        with self.explained():
            self.compute.synchronize()
            self.copies.synchronize()


def open_pycuda(number: int) -> PycudaDevice:
    """Open a GPU, whose primary context becomes this thread's until Python ends.

    Raises
    ------
    InputError
        If there is no such GPU or its driver cannot be used.
    """
    cuda = _pycuda()
    with explained("backend='cuda' (PyCUDA)", _errors(cuda)):
        check_number(number, cuda.Device.count())
        device = cuda.Device(number)
        context = device.retain_primary_context()
        context.push()
        atexit.register(context.pop)
        has, major_minor = cuda.device_attribute, device.compute_capability()
        return PycudaDevice(
            cuda=cuda,
            name=device.name(),
            arch="sm_{}{}".format(*major_minor),
            limits=Limits(
                multiprocessors=device.get_attribute(has.MULTIPROCESSOR_COUNT),
                registers=device.get_attribute(has.MAX_REGISTERS_PER_MULTIPROCESSOR),
                shared=device.get_attribute(has.MAX_SHARED_MEMORY_PER_MULTIPROCESSOR),
                shared_block=device.get_attribute(has.MAX_SHARED_MEMORY_PER_BLOCK_OPTIN),
                threads=device.get_attribute(has.MAX_THREADS_PER_MULTIPROCESSOR),
            ),
            compute=cuda.Stream(),
            copies=cuda.Stream(),
        )


def pycuda_devices() -> tuple[DeviceInfo, ...]:
    """Every GPU that PyCUDA sees."""
    cuda = _pycuda()
    with explained("PyCUDA", _errors(cuda)):
        check_number(0, cuda.Device.count())
        devices = [cuda.Device(number) for number in range(cuda.Device.count())]
        return tuple(DeviceInfo("pycuda", n, d.name(), int(d.total_memory())) for n, d in enumerate(devices))


def _pycuda() -> Any:
    """Import PyCUDA and start the driver's interface."""
    with explained("PyCUDA cannot be imported", (ImportError, OSError)):
        cuda = import_module("pycuda.driver")
    with explained("backend='cuda' (PyCUDA)", _errors(cuda)):
        cuda.init()
    return cuda


def _errors(cuda: Any) -> tuple[type[BaseException], ...]:
    """Return PyCUDA's exceptions, its compiler's error among them."""
    return (cuda.Error, cuda.CompileError)
