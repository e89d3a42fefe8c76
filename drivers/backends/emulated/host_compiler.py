"""CUDA source compiled by the system's C++ compiler and run on the host, slowly and exactly."""

from __future__ import annotations

import ctypes
import functools
import hashlib
import os
import platform
import re
import shutil
import subprocess
import tempfile
import threading
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import numpy as np
from llvmlite.binding import get_host_cpu_features
from numpy.typing import NDArray

from rateloom.drivers.backends.device.cuda_text import kernel_names
from rateloom.drivers.support.cache import keep_made, keep_text
from rateloom.drivers.support.errors import InputError

HEADER = Path(__file__).with_name("cuda_on_host.h")

# Contraction off: products and sums are fused where the source says so, as on every target.
# Fortified jumps refuse to leave one stack for another.
OPTIONS = (
    "-O1",
    "-shared",
    "-fPIC",
    "-std=c++17",
    "-ffp-contract=off",
    "-Wno-unknown-pragmas",
    "-U_FORTIFY_SOURCE",
)

_COMPILERS = ("c++", "g++", "clang++")
# names of variables, parameters and functions: behind a type, or assigned to
_DECLARED = re.compile(
    r"\b(?:real|float|double|int|bool|unsigned)\b[\s&*]+([A-Za-z_]\w*)|\b([A-Za-z_]\w*)(?:\[[^\]]*\])?\s*=(?!=)"
)


@dataclass(frozen=True, eq=False)
class Library:
    """CUDA source as machine code of the host.

    Attributes
    ----------
    code : ctypes.CDLL
        With a launcher and a signature for each kernel.
    kernels : tuple of str
        Their names.
    lock
        Held while a kernel runs: a library has one set of thread indices and of shared memory.
    """

    code: ctypes.CDLL
    kernels: tuple[str, ...]
    lock: threading.Lock = field(default_factory=threading.Lock)


def host_compiler() -> str | None:
    """Path of a C++ compiler: ``CXX``, else the first of c++, g++ and clang++ that there is, else None."""
    names = (os.environ["CXX"],) if os.environ.get("CXX") else _COMPILERS
    return next((path for name in names if (path := shutil.which(name))), None)


def compiler_entries() -> dict[str, str]:
    """Return what decides the machine code of a source beside its macros."""
    compiler = host_compiler()
    version = _version(compiler).partition("\n")[0] if compiler else "none"
    header = hashlib.sha256(HEADER.read_bytes()).hexdigest()[:16]
    return {"compiler": version, "flags": " ".join(OPTIONS), "header": header}


def load_library(source: str, defines: Mapping[str, str] | None = None, name: str = "kernel.cu") -> Library:
    """Compile CUDA source for the host, once: what was compiled before is found again.

    Parameters
    ----------
    source : str
        Text of the ``.cu`` file.
    defines : mapping of str to str, optional
        Preprocessor macros.
    name : str
        The file that messages name.

    Raises
    ------
    InputError
        If there is no compiler, or the source does not compile (with the first error).
    """
    compiler = host_compiler()
    if compiler is None:
        raise InputError(
            "the emulated backend compiles CUDA source with the system's C++ compiler and finds none: "
            "install g++ or clang++, or name one in the environment variable CXX"
        )
    return _load(source, tuple(sorted((defines or {}).items())), name, compiler)


@functools.lru_cache(maxsize=64)
def _load(source: str, defines: tuple[tuple[str, str], ...], name: str, compiler: str) -> Library:
    kernels = kernel_names(source)
    exports = "\n".join(f"CUDA_ON_HOST_EXPORT({kernel})" for kernel in kernels)
    text = f'{_without_macros(source, dict(defines))}#line 1 "{name}"\n{source}\n{exports}\n'
    flags = (*OPTIONS, *_fused_instructions())
    macros = [f"-D{key}={value}" for key, value in defines]
    key = _key(HEADER.read_text("utf-8"), text, *flags, *macros, compiler, _version(compiler))

    def build() -> bytes:
        header = _compiled_header(compiler, flags)
        return _build(text, [compiler, *flags, *macros, "-include", str(header)], "kernel.cpp")

    return Library(ctypes.CDLL(str(keep_made(f"emulated/{key}.so", build))), kernels)


def _without_macros(source: str, defines: Mapping[str, str]) -> str:
    """Return lines that take from the library's macros, RAND_MAX say, the names that a source declares.

    A device's compiler reads none of the host's headers. No list holds what all libraries define.
    """
    declared = {first or second for first, second in _DECLARED.findall(source)}
    own = {name for name in declared if name.startswith("__")} | {"defined", *defines}
    return "".join(f"#undef {name}\n" for name in sorted(declared - own))


@functools.lru_cache(maxsize=8)
def _compiled_header(compiler: str, flags: tuple[str, ...]) -> Path:
    """Return the header of the emulated device, compiled beside its text: most kernels take less time."""
    text = HEADER.read_text("utf-8")
    folder = f"emulated/{_key(text, *flags, compiler, _version(compiler))}"
    command = [compiler, *(flag for flag in flags if flag != "-shared"), "-x", "c++-header"]
    keep_made(f"{folder}/{HEADER.name}.gch", lambda: _build(text, command, HEADER.name))
    return keep_text(f"{folder}/{HEADER.name}", text)


def _key(*parts: str) -> str:
    """Return what names a file that is made from these."""
    return hashlib.sha256("\0".join(parts).encode()).hexdigest()[:24]


@functools.cache
def _fused_instructions() -> tuple[str, ...]:
    """Let the compiler use the processor's fused multiply-add: the library's gives the same, in more time."""
    has_them = platform.machine() in ("x86_64", "AMD64") and get_host_cpu_features().get("fma", False)
    return ("-mfma",) if has_them else ()


@functools.cache
def _version(compiler: str) -> str:
    process = subprocess.run([compiler, "--version"], capture_output=True, text=True, check=False)
    return process.stdout


def _build(text: str, command: Sequence[str], name: str) -> bytes:
    """Compile a text under a file name, and return what comes of it."""
    with tempfile.TemporaryDirectory() as folder:
        source, built = Path(folder, name), Path(folder, "built")
        source.write_text(text, encoding="utf-8")
        process = subprocess.run(
            [*command, str(source), "-o", str(built)], capture_output=True, text=True, check=False
        )
        if process.returncode:
            errors = [line for line in process.stderr.splitlines() if "error" in line]
            first = errors[0] if errors else process.stderr.strip().splitlines()[-1]
            raise InputError(f"{Path(command[0]).name} cannot compile the CUDA source: {first}")
        return built.read_bytes()


def launch(
    library: Library,
    kernel: str,
    grid: tuple[int, int],
    block: tuple[int, int],
    arguments: Sequence[NDArray[Any] | np.generic | float],
    order: int = 0,
) -> None:
    """Run an ``extern "C" __global__`` kernel; arrays are changed in place.

    Parameters
    ----------
    grid, block : tuple of int
        Blocks in x and y, threads of a block in x and y.
    arguments : sequence
        One for each parameter: C-contiguous arrays of the pointer's type, numbers that the type can hold.
    order : int
        How threads follow one another between barriers: 0 forwards and backwards in turn, 1 forwards,
        2 backwards, more are shuffles.

    Raises
    ------
    TypeError, OverflowError
        The arguments do not fit the kernel's parameters.
    LookupError
        There is no such kernel.
    RuntimeError
        Threads of a block part at a barrier.
    """
    if kernel not in library.kernels:
        names = ", ".join(library.kernels) or "none"
        raise LookupError(f"no kernel {kernel} in the source; it has {names}")
    code = library.code
    signature, start = code[f"cuda_on_host_signature_{kernel}"], code[f"cuda_on_host_launch_{kernel}"]
    signature.restype = code.cuda_on_host_message.restype = ctypes.c_char_p
    codes = signature().decode().split(";")[:-1]
    if len(codes) != len(arguments):
        raise TypeError(f"{kernel} takes {len(codes)} arguments, {len(arguments)} given")
    cells = [
        _cell(f"argument {number} of {kernel}", type_code, value)
        for number, (type_code, value) in enumerate(zip(codes, arguments, strict=True))
    ]
    addresses = (ctypes.c_void_p * len(cells))(*(cell.ctypes.data for cell in cells))
    with library.lock:
        code.cuda_on_host_set_order(ctypes.c_uint(order))
        if start(addresses, *map(ctypes.c_uint, (*grid, *block))):
            raise RuntimeError(code.cuda_on_host_message().decode())


def _cell(label: str, code: str, value: Any) -> NDArray[Any]:
    """Put an argument into the memory cell that the launch reads: a number, or an array's address."""
    if not code.startswith("*"):
        dtype = np.dtype(code)
        value = value.item() if isinstance(value, np.generic) else value
        if isinstance(value, np.ndarray) or not np.can_cast(np.min_scalar_type(value), dtype, "same_kind"):
            raise TypeError(f"{label}: expected a number of type {dtype}, got {value!r}")
        return np.array(value, dtype)
    dtype = np.dtype(code.removeprefix("*").removeprefix("const "))
    if not isinstance(value, np.ndarray) or value.dtype != dtype:
        raise TypeError(f"{label}: expected an array of {dtype}, got {getattr(value, 'dtype', type(value))}")
    if not value.flags.c_contiguous or not (value.flags.writeable or "const" in code):
        raise TypeError(f"{label}: the array must be C-contiguous and, unless const, writeable")
    return np.array(value.ctypes.data, np.uintp)
