"""Machine code for named processors, whatever this one is."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from typing import Any

import llvmlite.binding as llvm
import numba
from numba.core.caching import FunctionCache
from numba.core.registry import cpu_target

HOST = "host"


@dataclass(frozen=True)
class Target:
    """A kind of processor, as LLVM names it.

    Attributes
    ----------
    cpu, features : str
        See `llvmlite.binding.Target.create_target_machine`.
    width : int
        Width in bits of the vectors that the compiler makes of a kernel's loop.
    triple : str
        Architecture and system.
    """

    cpu: str
    features: str
    width: int
    triple: str = "x86_64-unknown-linux-gnu"


TARGETS = {
    "x86-64-v3": Target("x86-64-v3", "", 256),
    # the kernels ask for the whole width, of which LLVM prefers half as for Intel's processors
    "x86-64-v4": Target("x86-64-v4", "", 512),
}


def can_compile_for(name: str) -> bool:
    """Tell whether LLVM was built with what makes code for a target."""
    try:
        _target_of(TARGETS[name])
    except RuntimeError:
        return False
    return True


# what has been optimised
_optimised: list[llvm.ModuleRef] = []


@contextmanager
def compiling_for(name: str) -> Iterator[None]:
    """Let Numba optimise for a target, and keep what comes of it; code is still made for this machine.

    What Numba has already compiled, and calls again, stays as it is: where it matters, start a new process.
    """
    codegen = cpu_target.target_context.codegen()
    machine, add_module, level = codegen._tm, codegen._add_module, numba.config.OPT

    def keep(module: llvm.ModuleRef) -> Any:
        _optimised.append(module)
        # LLVM adapts to this machine what it makes code of
        return add_module(module.clone())

    # what is compiled once is compiled again: kept machine code goes with the module that it was made of
    loaded, saved = FunctionCache.load_overload, FunctionCache.save_overload
    FunctionCache.load_overload = FunctionCache.save_overload = lambda *_: None
    codegen._add_module = keep
    # as by default, whatever NUMBA_OPT says
    numba.config.OPT = type(level)(3)
    if name != HOST:
        target = TARGETS[name]
        # the options that Numba sets for this machine
        codegen._tm = _target_of(target).create_target_machine(
            cpu=target.cpu, features=target.features, opt=3, reloc="static", codemodel="jitdefault", jit=True
        )
    try:
        yield
    finally:
        codegen._tm, codegen._add_module, numba.config.OPT = machine, add_module, level
        FunctionCache.load_overload, FunctionCache.save_overload = loaded, saved
        _optimised.clear()


def listing_of(kernel: Any) -> tuple[str, str]:
    """Return the assembly, with its comments, and LLVM's text of what was compiled for a target."""
    symbol = next(iter(kernel.overloads.values())).fndesc.mangled_name
    defined = (m for m in _optimised if any(f.name == symbol and not f.is_declaration for f in m.functions))
    module = next(defined).clone()
    text = str(module)
    machine: Any = cpu_target.target_context.codegen()._tm
    # those of another architecture, where this machine is not of the target's
    module.triple, module.data_layout = machine.triple, str(machine.target_data)
    machine.set_asm_verbosity(True)
    try:
        return str(machine.emit_assembly(module)), text
    finally:
        machine.set_asm_verbosity(False)


def _target_of(target: Target) -> llvm.Target:
    llvm.initialize_all_targets()
    llvm.initialize_all_asmprinters()
    return llvm.Target.from_triple(target.triple)
