"""The variant of a run on the processor: all that its bits depend on, such as model, shape and compiler."""

from __future__ import annotations

import functools
from typing import Any

import llvmlite
import llvmlite.binding
import numba
from numba.core.registry import cpu_target

from rateloom.drivers.backends.host import c_library
from rateloom.drivers.execution.backend import Plan, Variant
from rateloom.drivers.model.artifact import NUMBA, ModelCode

from .kernels import node_width


def thread_variant(plan: Plan) -> Variant:
    """Name what a plan's bits depend on; see `Backend.variant`."""
    s, code = plan.study.settings, plan.study.code
    return {
        "backend": s.backend,
        "model": code.model.hash,
        "generator": code.model.generator,
        "code": code.texts[NUMBA].digest,
        "math": code.math,
        "dtype": s.dtype,
        "lanes": plan.lanes,
        "width": node_width(plan.lanes),
        "blocks": sorted({wiring.block for wiring, _ in plan.groups}),
        **_compiler(),
    }


def code_of(code: ModelCode) -> str:
    """Return what identifies machine code, but for precision and shape: model, text, processor."""
    model = code.model
    made_from = f"{model.hash}/{model.generator}/{code.texts[NUMBA].digest}/{NUMBA}/{code.math}"
    return f"{made_from}/{_compiler()['machine']}"


@functools.cache
def _compiler() -> dict[str, Any]:
    """The processor as Numba sees it, and what makes machine code for it."""
    _, cpu, features = cpu_target.target_context.codegen().magic_tuple()
    config = numba.config
    return {
        "machine": cpu,
        "features": sorted(f.removeprefix("+") for f in features.split(",") if f.startswith("+")),
        "compiler": f"numba {numba.__version__}, llvmlite {llvmlite.__version__}, "
        f"LLVM {'.'.join(str(n) for n in llvmlite.binding.llvm_version_info)}",
        "flags": f"opt={config.OPT} loop_vectorize={config.LOOP_VECTORIZE} "
        f"slp_vectorize={config.SLP_VECTORIZE} svml={int(config.USING_SVML)}",
        "libc": c_library(),
    }
