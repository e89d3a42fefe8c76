"""The machine that everything runs on, as far as bits may depend on it."""

from __future__ import annotations

import platform

import llvmlite.binding


def processor() -> str:
    """The processor's kind, as LLVM calls it."""
    return str(llvmlite.binding.get_host_cpu_name())


def c_library() -> str:
    """The library that elementary functions may come from, and its version."""
    return " ".join(platform.libc_ver()).strip() or platform.system()
