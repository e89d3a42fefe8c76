"""Compile CUDA source to machine code with NVRTC: no GPU, driver or toolkit needed."""

from __future__ import annotations

import io
import re
from collections.abc import Mapping
from dataclasses import dataclass, replace
from importlib import import_module
from typing import Any

from rateloom.drivers.execution.device import KernelReport
from rateloom.drivers.support.errors import InputError

_MISSING = 'compiling CUDA source needs NVRTC; install it with: pip install "rateloom[compile]"'
_IDENTIFIER = re.compile(r"[A-Za-z_]\w*", re.ASCII)

# EDG's front end reports `file(line): kind #number: text`, ptxas `ptxas kind : text`.
_FRONT_END = re.compile(r"^(?P<file>.+)\((?P<line>\d+)\): (?P<kind>(?:catastrophic )?\w+)(?P<rest>.*)$")
_PTXAS = re.compile(r"^\s*ptxas (?P<kind>warning|error|fatal)\s*: (?P<text>.*)$")
_ENTRY = re.compile(r"Compiling entry function '(?P<name>[^']+)'")
_STACK = re.compile(r"(\d+) bytes stack frame, (\d+) bytes spill stores, (\d+) bytes spill loads")
_REGISTERS = re.compile(r"Used (\d+) registers")
_SHARED = re.compile(r"(\d+) bytes smem")


@dataclass(frozen=True)
class CudaReport:
    """A compiled module: its machine code (``cubin``), the compiler's log and a report for each kernel."""

    arch: str
    cubin: bytes
    log: str
    kernels: tuple[KernelReport, ...]
    warnings: tuple[str, ...]


def compile_cuda(
    source: str, arch: str = "sm_90", defines: Mapping[str, str] | None = None, name: str = "kernel.cu"
) -> CudaReport:
    """Compile CUDA C++ source for one GPU architecture.

    Parameters
    ----------
    source : str
        Text of the ``.cu`` file; it may include no header outside itself.
    arch : str
        Real architecture such as ``"sm_80"`` or ``"sm_90"``.
    defines : mapping of str to str, optional
        Preprocessor macros.
    name : str
        File name that messages carry.

    Returns
    -------
    CudaReport
        Machine code, log, figures for each kernel (sorted by name) and warnings, one line each.

    Raises
    ------
    InputError
        NVRTC is not installed, the architecture is not one that it knows, a macro's name is no
        identifier, or the source does not compile (with the first error, ``file:line``).
    """
    nvrtc = _load_nvrtc()
    _check_arch(nvrtc, arch)
    options = (*compiler_options(arch, defines or {}), "--ptxas-options=-v")
    if "\0" in source or "\0" in name:
        raise InputError(f"{name!r}: the CUDA source or its name holds a NUL character; remove it")
    program = _call(nvrtc, nvrtc.nvrtcCreateProgram, source.encode(), name.encode(), 0, [], [])
    try:
        encoded = [option.encode() for option in options]
        (status,) = nvrtc.nvrtcCompileProgram(program, len(encoded), encoded)
        log = _read_out(nvrtc, program, nvrtc.nvrtcGetProgramLogSize, nvrtc.nvrtcGetProgramLog)
        # NULs separate the front end's messages from ptxas's errors, and end the log.
        text = log.replace(b"\0", b"\n").decode(errors="replace").strip()
        if status != nvrtc.nvrtcResult.NVRTC_SUCCESS:
            raise InputError(f"CUDA compilation for {arch} failed: {_first_error(text, status.name)}")
        cubin = _read_out(nvrtc, program, nvrtc.nvrtcGetCUBINSize, nvrtc.nvrtcGetCUBIN)
    finally:
        nvrtc.nvrtcDestroyProgram(program)
    return CudaReport(arch, cubin, text, _kernel_reports(text, cubin), _warnings(text))


def compiler_options(arch: str, defines: Mapping[str, str]) -> tuple[str, ...]:
    """Return the options that NVRTC and nvcc both get.

    Products and sums are fused where the source says so and nowhere else, so that no bit depends on the
    compiler. Quotients and roots in single precision may be off by two units in the last place, and take a
    third of the instructions, but for the roots of the noise; double precision is not concerned. All these
    options decide bits, and machine code is kept by them.
    """
    macros = (_macro_option(key, value) for key, value in defines.items())
    return (
        f"--gpu-architecture={arch}",
        "--std=c++17",
        "--fmad=false",
        "--prec-div=false",
        "--prec-sqrt=false",
        *macros,
    )


def nvrtc_version() -> tuple[int, int] | None:
    """Version of the NVRTC that is installed, or None."""
    try:
        nvrtc = _load_nvrtc()
    except InputError:
        return None
    _, major, minor = nvrtc.nvrtcVersion()
    return major, minor


def _load_nvrtc() -> Any:
    """Bind NVRTC; the binding imports without its library, so one call finds out whether that is there.

    What reads its machine code is installed with it.
    """
    try:
        import_module("elftools.elf.elffile")
        nvrtc: Any = import_module("cuda.bindings.nvrtc")
        nvrtc.nvrtcVersion()
    except (ImportError, RuntimeError, OSError) as error:
        raise InputError(_MISSING) from error
    return nvrtc


def _call(nvrtc: Any, function: Any, *arguments: Any) -> Any:
    """Call NVRTC and return what follows the status code."""
    status, *result = function(*arguments)
    if status != nvrtc.nvrtcResult.NVRTC_SUCCESS:
        raise RuntimeError(f"{function.__name__} returned {status.name}")
    return result[0] if result else None


def _read_out(nvrtc: Any, program: Any, size_of: Any, copy_to: Any) -> bytes:
    """Read a buffer whose size NVRTC tells."""
    buffer = bytearray(_call(nvrtc, size_of, program))
    _call(nvrtc, copy_to, program, buffer)
    return bytes(buffer)


def _archs_of(nvrtc: Any) -> tuple[str, ...]:
    return tuple(f"sm_{number}" for number in _call(nvrtc, nvrtc.nvrtcGetSupportedArchs))


def _check_arch(nvrtc: Any, arch: str) -> None:
    archs = _archs_of(nvrtc)
    if arch not in archs:
        raise InputError(f"unknown GPU architecture {arch!r}; this NVRTC compiles for {', '.join(archs)}")


def _macro_option(name: str, value: str) -> str:
    if not _IDENTIFIER.fullmatch(name):
        raise InputError(f"macro name {name!r} is not an identifier; use letters, digits and underscores")
    if not value.isprintable():
        raise InputError(f"value of macro {name} must be one line of printable text, got {value!r}")
    return f"--define-macro={name}={value}"


def _first_error(log: str, status: str) -> str:
    for line in log.splitlines():
        if (front := _FRONT_END.match(line)) and front["kind"].endswith("error"):
            return f"{front['file']}:{front['line']}: error{front['rest']}"
        if (ptxas := _PTXAS.match(line)) and ptxas["kind"] != "warning":
            return f"ptxas: {ptxas['text']}"
    return next((line.strip() for line in log.splitlines() if line.strip()), status)


def _warnings(log: str) -> tuple[str, ...]:
    warnings = []
    for line in log.splitlines():
        if (front := _FRONT_END.match(line)) and front["kind"] == "warning":
            warnings.append(f"{front['file']}:{front['line']}: warning{front['rest']}")
        elif (ptxas := _PTXAS.match(line)) and ptxas["kind"] == "warning":
            warnings.append(f"ptxas: warning: {ptxas['text']}")
    return tuple(warnings)


def _kernel_reports(log: str, cubin: bytes) -> tuple[KernelReport, ...]:
    """Collect ptxas's figures: an entry's own, then those of functions that it did not inline."""
    kernels: list[KernelReport] = []
    sizes = _section_sizes(cubin)
    for line in log.splitlines():
        if entry := _ENTRY.search(line):
            name = entry["name"]
            code = sizes.get(f".text.{name}", 0)
            kernels.append(KernelReport(name, constant=_constant_bytes(sizes, name), code=code))
        elif kernels and (numbers := _STACK.search(line)):
            stack, stores, loads = (int(number) for number in numbers.groups())
            last = kernels[-1]
            kernels[-1] = replace(
                last,
                stack=max(last.stack, stack),
                spill_stores=last.spill_stores + stores,
                spill_loads=last.spill_loads + loads,
            )
        elif kernels and (registers := _REGISTERS.search(line)):
            shared = _SHARED.search(line)
            kernels[-1] = replace(
                kernels[-1], registers=int(registers[1]), shared=int(shared[1]) if shared else 0
            )
    return tuple(sorted(kernels, key=lambda kernel: kernel.name))


def _constant_bytes(sizes: Mapping[str, int], kernel: str) -> int:
    """Size of the constant banks a kernel reads, from the cubin's sections: recent logs leave it out."""
    banks = re.compile(rf"\.nv\.constant\d+(?:\.{re.escape(kernel)})?")
    return sum(size for name, size in sizes.items() if banks.fullmatch(name))


def _section_sizes(cubin: bytes) -> dict[str, int]:
    """Sizes of the sections of a cubin, which is an ELF file, by name."""
    elffile: Any = import_module("elftools.elf.elffile")
    sections = elffile.ELFFile(io.BytesIO(cubin)).iter_sections()
    return {section.name: int(section["sh_size"]) for section in sections}
