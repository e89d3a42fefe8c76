"""What the compiler made of a kernel: how much of its arithmetic is in vectors, and what it calls.

python benchmarks/assembly.py montbrio zerlaut_second_order --dtype float64 --lanes 8
"""

from __future__ import annotations

import argparse
import re
from collections import Counter
from dataclasses import dataclass
from typing import Any

import numpy as np

from rateloom.generation import kernel_module
from rateloom.loading import load, shipped_models

# v + operation + (p)acked or (s)calar + (s)ingle or (d)ouble
_ARITHMETIC = re.compile(
    r"^\s+v?(?:add|sub|mul|div|sqrt|rcp14|rsqrt14|min|max|rndscale|round|cmp\w*|ucomi|comi|scalef|"
    r"fn?m(?:add|sub)(?:132|213|231)|cvtt?\w+2)(p|s)(s|d)\b(.*)$"
)
_NEON = re.compile(
    r"^\s+f(?:add|sub|mul|div|sqrt|min|max|mla|mls|madd|msub|nmadd|nmsub)\w*\s+(v|s|d)\d+(.*)$"
)
_CALL = re.compile(r"^\s+(?:movabsq\s+\$|callq?\s+|bl\s+)([A-Za-z_]\w*)")
_WIDTH = {"zmm": 512, "ymm": 256, "xmm": 128}


@dataclass(frozen=True)
class Count:
    """Floating-point instructions of a kernel.

    Attributes
    ----------
    packed : Counter of int
        Number of vector instructions by their width in bits.
    scalar : int
        Number of instructions on one number.
    calls : frozenset of str
        Names of the functions of the standard library that are called.
    """

    packed: Counter[int]
    scalar: int
    calls: frozenset[str]

    @property
    def share(self) -> float:
        """Share of packed instructions."""
        packed = self.packed.total()
        return packed / max(1, packed + self.scalar)

    @property
    def width(self) -> int:
        """Width in bits that most packed instructions have."""
        return self.packed.most_common(1)[0][0] if self.packed else 0


def count_instructions(assembly: str) -> Count:
    """Count the floating-point arithmetic in an assembly listing."""
    packed: Counter[int] = Counter()
    scalar = 0
    for line in assembly.splitlines():
        if found := _ARITHMETIC.match(line):
            if found[1] == "p":
                packed[max(bits for name, bits in _WIDTH.items() if name in found[3] or name == "xmm")] += 1
            else:
                scalar += 1
        elif found := _NEON.match(line):
            if found[1] == "v":
                packed[128] += 1
            else:
                scalar += 1
    calls = {found[1] for line in assembly.splitlines() if (found := _CALL.match(line))}
    # Numba's own runtime allocates and frees the arrays
    ours = {c for c in calls if not re.match(r"(NRT|numba|Numba|_ZN|\.const|Py|mem(set|cpy|move))", c)}
    return Count(packed, scalar, frozenset(ours))


def kernel_assembly(
    name: str,
    integrator: str = "heun",
    dtype: str = "float32",
    lanes: int = 16,
    width: int = 1,
    block: int = 16,
    noise: bool = True,
    math: str = "fast",
) -> str:
    """Compile a model's kernel and return its assembly."""
    module: Any = kernel_module(load(name), math)
    real = np.float32 if dtype == "float32" else np.float64
    kernel = module.build(real, lanes, width, block, noise, cache=False)[integrator]
    kernel.compile(kernel_signature(dtype))
    return str(kernel.inspect_asm(kernel.signatures[0]))


def kernel_signature(dtype: str) -> tuple[Any, ...]:
    """Types of an integrator's arguments, as the lane blocks pass them."""
    from numba import types

    real = types.float32 if dtype == "float32" else types.float64

    def array(element: Any, dimensions: int) -> Any:
        return types.Array(element, dimensions, "C")

    return (
        types.int64, types.int64, types.float64,
        array(types.int64, 1), array(types.int64, 1), array(types.int64, 1), array(real, 1), array(real, 1),
        array(real, 1), array(real, 3), array(types.uint32, 1), types.uint32, types.uint32,
        array(types.int64, 1), array(real, 3), array(real, 2), array(real, 1), types.int64, types.int64,
        array(real, 2), array(real, 3), array(types.int64, 1),
    )  # fmt: skip


def main() -> None:
    """Print a line a kernel."""
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("models", nargs="*", default=list(shipped_models()))
    parser.add_argument("--dtype", default="float32")
    parser.add_argument("--lanes", type=int, default=16)
    parser.add_argument("--width", type=int, default=1)
    parser.add_argument("--math", default="fast")
    parser.add_argument("--no-noise", dest="noise", action="store_false")
    options = parser.parse_args()
    for name in options.models:
        shape = {k: v for k, v in vars(options).items() if k != "models"}
        count = count_instructions(kernel_assembly(name, **shape))
        by_width = ", ".join(f"{n} of {bits} bits" for bits, n in sorted(count.packed.items()))
        called = ", ".join(sorted(count.calls)) or "nothing"
        print(f"{name}: {count.share:.1%} packed ({by_width}; {count.scalar} scalar), calls {called}")


if __name__ == "__main__":
    main()
