"""Functions that both runtimes of GPUs share: machine code is compiled, and errors are explained."""

from __future__ import annotations

import hashlib
import json
from collections.abc import Callable, Iterator, Mapping
from contextlib import AbstractContextManager, contextmanager
from dataclasses import asdict, dataclass
from typing import Any

from rateloom.drivers.execution.device import KernelReport
from rateloom.drivers.support.cache import keep_made
from rateloom.drivers.support.errors import InputError

from .nvrtc import compile_cuda, compiler_options, nvrtc_version

# What the runtimes' messages hold, in any case of letters, and what that means.
_CAUSES: tuple[tuple[tuple[str, ...], str], ...] = (
    (
        ("out of memory", "outofmemory", "memoryallocation", "mem_alloc"),
        "out of memory; allow less of it (memory, --memory), or end what else uses the GPU",
    ),
    (
        ("timed out", "launch_timeout", "launchtimeout"),
        "a kernel was stopped for taking too long: the GPU drives a display; run on one that does not, or a "
        "smaller sweep",
    ),
    (
        ("insufficient", "driver version", "unsupported toolchain", "unsupported_ptx", "no kernel image",
         "no_binary", "nokernelimage", "invalid_image", "device kernel image is invalid"),
        "the driver is too old for the code; update NVIDIA's driver, or install an older NVRTC "
        "(pip install 'cuda-bindings<13' nvidia-cuda-nvrtc-cu12)",
    ),
    (
        ("no cuda-capable device", "nodevice", "no_device", "no device"),
        "no GPU is there, or CUDA_VISIBLE_DEVICES hides it; without one there is backend='emulated'",
    ),
    (
        ("libcuda", "nvcuda", "cuda driver library", "stub library"),
        "NVIDIA's driver is not installed; without a GPU there is backend='emulated'",
    ),
    (
        ("too many resources", "out_of_resources", "outofresources", "invalid configuration"),
        "a thread block needs more registers or shared memory than the GPU has; choose a smaller block",
    ),
    (
        ("illegal", "misaligned", "launch failed", "launch_failed", "launchfailure"),
        "a kernel failed; hold it against the emulated backend with: rateloom regress MODEL --targets "
        "numba,emulated",
    ),
)  # fmt: skip


@dataclass(frozen=True, eq=False)
class StreamCopy:
    """A copy that a stream does; `event` follows it, `explained` turns the runtime's errors into lines."""

    explained: Callable[[], AbstractContextManager[None]]
    event: Any

    def wait(self) -> None:
        """Return when the copy is complete."""
        with self.explained():
            self.event.synchronize()


@contextmanager
def explained(subject: str, errors: tuple[type[BaseException], ...]) -> Iterator[None]:
    """Turn a runtime's errors into one line that says what to do.

    Parameters
    ----------
    subject : str
        The message's first words: the GPU, or what was tried.
    errors : tuple of type
        What the runtime raises.
    """
    try:
        yield
    except InputError:
        raise
    except errors as problem:
        raise InputError(f"{subject}: {cause(str(problem))}") from None


def cause(message: str) -> str:
    """Return what a runtime's message means, and what to do; the message itself where that is not known."""
    text = message.lower()
    for words, meaning in _CAUSES:
        if any(word in text for word in words):
            return meaning
    return " ".join(message.split())


def check_number(number: int, count: int) -> None:
    """Raise InputError if there is no GPU of this number."""
    if count == 0:
        raise InputError(f"backend='cuda': {cause('no device')}")
    if number >= count:
        names = f"0 to {count - 1}" if count > 1 else "0 alone"
        raise InputError(f"device {number}: there is none of that number; there is {names}")


def own_compiler(driver: int) -> tuple[int, int] | None:
    """Version of the NVRTC that compiles for a driver; None where it is not installed or newer than that."""
    version = nvrtc_version()
    return version if version is not None and version[0] <= driver // 1000 else None


def toolchain_of(name: str, arch: str, driver: int, runtime: str, compiler: str) -> dict[str, str]:
    """Return what decides a GPU's machine code, and what runs it.

    Parameters
    ----------
    driver : int
        See `machine_code`.
    runtime : str
        What drives the GPU, with its version.
    compiler : str
        The runtime's own compiler, likewise.
    """
    version = own_compiler(driver)
    return {
        "machine": f"{name} ({arch})",
        "compiler": compiler if version is None else f"NVRTC {version[0]}.{version[1]}",
        "flags": " ".join(compiler_options(arch, {})),
        "runtime": runtime,
        "driver": f"CUDA {driver // 1000}.{driver % 1000 // 10}",
    }


def machine_code(
    source: str,
    name: str,
    defines: Mapping[str, str],
    arch: str,
    driver: int,
    fallback: Callable[[tuple[str, ...]], bytes],
) -> bytes:
    """Compile for one GPU, once: what was compiled before is found again.

    Parameters
    ----------
    driver : int
        The newest CUDA version that the driver knows, times 1,000.
    fallback : callable
        The runtime's own compiler, given options, for where NVRTC is not installed or newer than the driver.
    """
    version = own_compiler(driver)
    has_nvrtc = version is not None
    options = compiler_options(arch, defines)
    parts = (source, name, arch, *options, f"nvrtc{version}" if has_nvrtc else f"other{driver}")
    key = hashlib.sha256("\0".join(parts).encode()).hexdigest()[:24]

    def compiled() -> bytes:
        return compile_cuda(source, arch, defines, name).cubin if has_nvrtc else fallback(options)

    return keep_made(f"cuda/{key}.cubin", compiled).read_bytes()


def kernel_reports(source: str, name: str, defines: Mapping[str, str], arch: str) -> dict[str, KernelReport]:
    """Return what each kernel needs of a multiprocessor, compiled once; nothing where there is no NVRTC."""
    version = nvrtc_version()
    if version is None:
        return {}
    parts = (source, name, *compiler_options(arch, defines), f"nvrtc{version}")
    key = hashlib.sha256("\0".join(parts).encode()).hexdigest()[:24]

    def compiled() -> bytes:
        reports = compile_cuda(source, arch, defines, name).kernels
        return json.dumps([asdict(report) for report in reports]).encode()

    entries = json.loads(keep_made(f"cuda/{key}.json", compiled).read_bytes())
    return {entry["name"]: KernelReport(**entry) for entry in entries}
