"""Compile a CUDA kernel with the system's C++ compiler and run it on the host, for tests."""

from __future__ import annotations

import ctypes
import functools
import re
import shutil
import subprocess
import tempfile
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any

import numpy as np

HEADER = Path(__file__).with_name("cuda_on_host.h")

# Contraction off: a multiply and an add stay two roundings, as in the NumPy and Numba code compared with.
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

# The name after any launch bounds, whose argument may hold one level of brackets.
KERNEL = re.compile(
    r'extern\s+"C"\s+__global__\s+(?:void\s+|__launch_bounds__\s*\((?:[^()]|\([^()]*\))*\)\s*)+(\w+)\s*\('
)


def host_compiler() -> str | None:
    """Path of g++, or None where the machine has none (then skip the test)."""
    return shutil.which("g++")


def run_on_host(
    source: str,
    kernel: str,
    grid: tuple[int, int],
    block: tuple[int, int],
    arguments: Sequence[np.ndarray[Any, Any] | np.generic | float],
    defines: Mapping[str, str] | None = None,
) -> None:
    """Run an ``extern "C" __global__`` kernel; arrays are changed in place.

    Parameters
    ----------
    source : str
        Text of the ``.cu`` file.
    kernel : str
        Name of the kernel in it.
    grid, block : tuple of int
        Blocks in x and y, threads of a block in x and y.
    arguments : sequence
        One for each parameter: C-contiguous arrays of the pointer's type, numbers that the type can hold.
    defines : mapping of str to str, optional
        Preprocessor macros.

    Raises
    ------
    TypeError, OverflowError
        The arguments do not fit the kernel's parameters.
    LookupError
        The source has no such kernel.
    RuntimeError
        The source does not compile, or threads of a block part at a barrier.
    """
    names = tuple(KERNEL.findall(source))
    if kernel not in names:
        raise LookupError(f"no kernel {kernel} in the source; it has {', '.join(names) or 'none'}")
    library = _load(source, names, tuple(sorted((defines or {}).items())))
    signature, launch = library[f"cuda_on_host_signature_{kernel}"], library[f"cuda_on_host_launch_{kernel}"]
    signature.restype = library.cuda_on_host_message.restype = ctypes.c_char_p
    codes = signature().decode().split(";")[:-1]
    if len(codes) != len(arguments):
        raise TypeError(f"{kernel} takes {len(codes)} arguments, {len(arguments)} given")
    cells = [
        _cell(f"argument {number} of {kernel}", code, value)
        for number, (code, value) in enumerate(zip(codes, arguments, strict=True))
    ]
    addresses = (ctypes.c_void_p * len(cells))(*(cell.ctypes.data for cell in cells))
    if launch(addresses, *map(ctypes.c_uint, (*grid, *block))):
        raise RuntimeError(library.cuda_on_host_message().decode())


def _cell(what: str, code: str, value: Any) -> np.ndarray[Any, Any]:
    """Put an argument into the memory cell that the launch reads: a number, or an array's address."""
    if not code.startswith("*"):
        dtype = np.dtype(code)
        value = value.item() if isinstance(value, np.generic) else value
        if isinstance(value, np.ndarray) or not np.can_cast(np.min_scalar_type(value), dtype, "same_kind"):
            raise TypeError(f"{what}: expected a number of type {dtype}, got {value!r}")
        return np.array(value, dtype)
    dtype = np.dtype(code.removeprefix("*").removeprefix("const "))
    if not isinstance(value, np.ndarray) or value.dtype != dtype:
        raise TypeError(f"{what}: expected an array of {dtype}, got {getattr(value, 'dtype', type(value))}")
    if not value.flags.c_contiguous or not (value.flags.writeable or "const" in code):
        raise TypeError(f"{what}: the array must be C-contiguous and, unless const, writeable")
    return np.array(value.ctypes.data, np.uintp)


@functools.lru_cache(maxsize=32)
def _load(source: str, kernels: tuple[str, ...], defines: tuple[tuple[str, str], ...]) -> ctypes.CDLL:
    """Build the source and a launcher for each kernel as one shared library."""
    compiler = host_compiler()
    if compiler is None:
        raise RuntimeError("no g++ on this machine")
    macros = [f"-D{name}={value}" for name, value in defines]
    with tempfile.TemporaryDirectory(prefix="cuda_on_host_") as folder:
        text, built = Path(folder, "kernel.cpp"), Path(folder, "kernel.so")
        exports = "\n".join(f"CUDA_ON_HOST_EXPORT({kernel})" for kernel in kernels)
        text.write_text(f'#include "{HEADER}"\n#line 1 "kernel.cu"\n{source}\n{exports}\n', encoding="utf-8")
        command = [compiler, *OPTIONS, *macros, str(text), "-o", str(built)]
        done = subprocess.run(command, capture_output=True, text=True, check=False)
        if done.returncode:
            errors = [line for line in done.stderr.splitlines() if "error" in line]
            raise RuntimeError(f"g++ failed: {errors[0] if errors else done.stderr.strip()}")
        return ctypes.CDLL(str(built))
