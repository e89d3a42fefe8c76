"""Stand-ins for CuPy and PyCUDA: their functions that drivers call, on the host's memory and processor.

Signatures are those of CuPy 13 and 14 and of PyCUDA 2024 to 2026. What is asked of them is noted, and errors
can be ordered.
"""

from __future__ import annotations

import ctypes
import json
from collections.abc import Callable
from importlib.machinery import ModuleSpec
from types import ModuleType, SimpleNamespace
from typing import Any

import numpy as np

from rateloom.drivers.backends.emulated.host_compiler import Library, load_library


def packed(source: str, name: str, defines: Any, arch: str, driver: int, other: Any) -> bytes:
    """What takes the place of machine code: the source and its macros."""
    return json.dumps({"source": source, "defines": dict(defines), "arch": arch, "driver": driver}).encode()


def unpacked(code: bytes) -> Library:
    found = json.loads(code)
    return load_library(found["source"], found["defines"])


def run(library: Library, kernel: str, blocks: int, threads: tuple[int, ...], arguments: list[Any]) -> None:
    """Launch with addresses and typed numbers, as a driver gets them: nothing is converted."""
    code = library.code
    signature, start = code[f"cuda_on_host_signature_{kernel}"], code[f"cuda_on_host_launch_{kernel}"]
    signature.restype = ctypes.c_char_p
    cells = []
    for expected, given in zip(signature().decode().split(";")[:-1], arguments, strict=True):
        wanted = np.dtype(np.uint64) if expected.startswith("*") else np.dtype(expected)
        assert isinstance(given, np.generic) and given.dtype == wanted, (kernel, expected, given)
        cells.append(np.array(given))
    addresses = (ctypes.c_void_p * len(cells))(*(cell.ctypes.data for cell in cells))
    assert start(addresses, *map(ctypes.c_uint, (blocks, 1, *threads[:2]))) == 0


class Memory:
    """The device's: addresses of live allocations, and the most bytes there were."""

    def __init__(self) -> None:
        self.live: dict[int, np.ndarray[Any, Any]] = {}
        self.failures: dict[str, Exception] = {}
        self.shared: list[int] = []
        self.free_bytes = 10**8

    def step(self, what: str) -> None:
        if what in self.failures:
            raise self.failures[what]

    def take(self, size: int) -> int:
        self.step("malloc")
        room = np.full(max(1, size), 0xFF, np.uint8)
        self.live[room.ctypes.data] = room
        return int(room.ctypes.data)

    def give(self, pointer: int) -> None:
        del self.live[pointer]


class Event:
    def __init__(self, **_: Any) -> None:
        self.memory: Memory | None = None

    def record(self, stream: Any) -> None:
        self.memory = stream.memory

    def synchronize(self) -> None:
        assert self.memory is not None, "waiting for an event that was never recorded"
        self.memory.step("wait")


def fake_cupy(memory: Memory, devices: int = 1, driver: int = 13000) -> ModuleType:
    class CUDARuntimeError(RuntimeError):
        pass

    def stream(**_: Any) -> Any:
        return SimpleNamespace(
            ptr=0, memory=memory, synchronize=lambda: memory.step("wait"), wait_event=lambda event: None
        )

    def copy(to: int, source: int, size: int, kind: int, _stream: int) -> None:
        assert kind in (1, 2)
        ctypes.memmove(to, source, size)

    def count() -> int:
        memory.step("count")
        return devices

    runtime = SimpleNamespace(
        CUDARuntimeError=CUDARuntimeError,
        driverGetVersion=lambda: driver,
        getDeviceCount=count,
        setDevice=lambda number: None,
        getDeviceProperties=lambda number: {
            "name": b"Fake GPU", "major": 9, "minor": 0, "multiProcessorCount": 132,
            "regsPerMultiprocessor": 65536, "sharedMemPerMultiprocessor": 228 * 1024,
            "sharedMemPerBlockOptin": 227 * 1024, "maxThreadsPerMultiProcessor": 2048,
            "totalGlobalMem": 141 * 10**9,
        },
        memGetInfo=lambda: (memory.free_bytes, 141 * 10**9),
        malloc=memory.take,
        free=memory.give,
        memcpyAsync=copy,
        memcpyHostToDevice=1,
        memcpyDeviceToHost=2,
    )  # fmt: skip

    class Module:
        def load(self, code: bytes) -> None:
            memory.step("load")
            self.library = unpacked(code)

        def get_function(self, name: str) -> Any:
            def call(grid: Any, block: Any, args: Any, shared_mem: int = 0, stream: Any = None) -> None:
                assert len(grid) == len(block) == 3 and stream is not None
                memory.step("launch")
                memory.shared.append(shared_mem)
                run(self.library, name, grid[0], block, list(args))

            call.ptr = 5  # type: ignore[attr-defined]
            return call

    def set_attribute(function: int, attribute: int, value: int) -> None:
        assert (function, attribute) == (5, 8)
        memory.shared.append(-value)

    class OutOfMemoryError(MemoryError):
        pass

    cupy = ModuleType("cupy")
    cupy.__spec__ = ModuleSpec("cupy", None)
    cupy.__version__ = "0"  # type: ignore[attr-defined]
    cupy.cuda = SimpleNamespace(  # type: ignore[attr-defined]
        nvrtc=SimpleNamespace(getVersion=lambda: (13, 0)),
        runtime=runtime,
        driver=SimpleNamespace(
            CUDADriverError=type("E", (RuntimeError,), {}), funcSetAttribute=set_attribute
        ),
        compiler=SimpleNamespace(CompileException=type("E", (Exception,), {})),
        memory=SimpleNamespace(OutOfMemoryError=OutOfMemoryError),
        function=SimpleNamespace(Module=Module),
        alloc_pinned_memory=lambda size: bytearray(size),
        Stream=stream,
        Event=Event,
    )
    return cupy


def fake_pycuda(memory: Memory, devices: int = 1, driver: int = 13000) -> dict[str, ModuleType]:
    class Error(Exception):
        pass

    class Allocation(np.uint64):
        def free(self) -> None:
            memory.give(int(self))

    def step(what: str, result: Callable[..., Any]) -> Callable[..., Any]:
        def call(*arguments: Any) -> Any:
            memory.step(what)
            return result(*arguments)

        return call

    class Function:
        def __init__(self, library: Library, name: str) -> None:
            self.library, self.name = library, name

        def set_attribute(self, attribute: str, value: int) -> None:
            assert attribute == "max dynamic"
            memory.shared.append(-value)

        def __call__(self, *arguments: Any, block: Any, grid: Any, stream: Any, shared: int) -> None:
            assert len(block) == 3 and len(grid) == 2 and stream is not None
            memory.step("launch")
            memory.shared.append(shared)
            plain = [np.uint64(int(a)) if isinstance(a, Allocation) else a for a in arguments]
            run(self.library, self.name, grid[0], block, plain)

    class Device:
        def __init__(self, number: int) -> None:
            assert number < devices

        count = staticmethod(step("count", lambda: devices))

        def retain_primary_context(self) -> Any:
            return SimpleNamespace(push=lambda: None, pop=lambda: None)

        def name(self) -> str:
            return "Fake GPU"

        def compute_capability(self) -> tuple[int, int]:
            return 9, 0

        def total_memory(self) -> int:
            return 141 * 10**9

        def get_attribute(self, value: int) -> int:
            return value

    def stream() -> Any:
        return SimpleNamespace(
            memory=memory, synchronize=lambda: memory.step("wait"), wait_for_event=lambda event: None
        )

    def to_device(to: Any, values: Any, _stream: Any) -> None:
        ctypes.memmove(int(to), values.ctypes.data, values.nbytes)

    def to_host(into: Any, source: Any, _stream: Any) -> None:
        ctypes.memmove(into.ctypes.data, int(source), into.nbytes)

    cuda = ModuleType("pycuda.driver")
    cuda.__dict__.update(
        Error=Error, CompileError=type("CompileError", (Error,), {}), init=step("init", lambda: None),
        Device=Device, Event=Event, Stream=stream, get_driver_version=lambda: driver,
        get_version=lambda: (13, 0, 0),
        mem_get_info=lambda: (memory.free_bytes, 141 * 10**9), mem_alloc=lambda n: Allocation(memory.take(n)),
        memcpy_htod_async=to_device, memcpy_dtoh_async=to_host, pagelocked_empty=np.empty,
        module_from_buffer=step("load", lambda code: SimpleNamespace(
            get_function=lambda name: Function(unpacked(code), name))),
        function_attribute=SimpleNamespace(MAX_DYNAMIC_SHARED_SIZE_BYTES="max dynamic"),
        device_attribute=SimpleNamespace(
            MULTIPROCESSOR_COUNT=132, MAX_REGISTERS_PER_MULTIPROCESSOR=65536,
            MAX_SHARED_MEMORY_PER_MULTIPROCESSOR=228 * 1024, MAX_SHARED_MEMORY_PER_BLOCK_OPTIN=227 * 1024,
            MAX_THREADS_PER_MULTIPROCESSOR=2048,
        ),
    )  # fmt: skip
    pycuda = ModuleType("pycuda")
    pycuda.__spec__ = ModuleSpec("pycuda", None)
    pycuda.driver = cuda  # type: ignore[attr-defined]
    pycuda.VERSION_TEXT = "0"  # type: ignore[attr-defined]
    return {"pycuda": pycuda, "pycuda.driver": cuda}
