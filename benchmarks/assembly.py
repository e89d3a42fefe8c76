"""What the compiler made of a kernel: how much of its hot loops' arithmetic is in vectors, what they call.

python benchmarks/assembly.py montbrio zerlaut_second_order --dtype float64 --lanes 8
"""

from __future__ import annotations

import argparse
import re
from collections import Counter
from dataclasses import dataclass
from typing import Any

import numpy as np

from rateloom.api.generation import code_for
from rateloom.api.loading import load, shipped_models
from rateloom.drivers.backends.numba.kernels import module_of, node_width

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
_TRIGONOMETRY = {"sin", "cos", "tan", "sincos", "sinf", "cosf", "tanf", "sincosf"}
# a block begins with a label or, where none is needed, with a comment; either is followed by its name
_BLOCK = re.compile(r"^(\.?LBB\d+_\d+|(?:#|//) %bb\.\d+):(?:\s+(?:#|//) %([\w.$-]+))?")
_LOOP = re.compile(r"(?:#|//)\s+(?:in Loop: Header=(BB\d+_\d+)|=>\s*This (?:Inner )?Loop Header)")
# a loop around others names them
_AROUND = re.compile(r"(?:#|//)\s+Parent Loop (BB\d+_\d+)")
_OWN = r"(NRT|numba|Numba|_ZN|\.const|_?Py|mem(set|cpy|move))"
_COMMENT = re.compile(r"^\s*(?:#|//)")


@dataclass(frozen=True)
class Count:
    """Floating-point arithmetic in the hot loops of a kernel.

    Attributes
    ----------
    packed : Counter of int
        Number of vector instructions by their width in bits.
    scalar : int
        Number of instructions on one number.
    calls : frozenset of str
        Names of the functions of the standard library that are called in any loop,
    beyond : frozenset of str
        but for sine, cosine and tangent, which do again what a large angle spoilt.
    left_out : int
        Scalar instructions that were left out: the scalar versions of loops that have a vector version.
    """

    packed: Counter[int]
    scalar: int
    calls: frozenset[str]
    beyond: frozenset[str]
    left_out: int

    @property
    def share(self) -> float:
        """Share of the instructions that are packed, at the width that most of these have."""
        return self.packed[self.width] / max(1, self.packed.total() + self.scalar)

    @property
    def width(self) -> int:
        """Width in bits that most packed instructions have."""
        return max(self.packed, key=lambda bits: (self.packed[bits], bits), default=0)


@dataclass(frozen=True)
class Block:
    """A basic block.

    Attributes
    ----------
    name : str
        The compiler's.
    loop : str
        Header of the innermost loop around it; nothing where there is none.
    around : tuple of str
        If it is a header: those of the loops around its own, the outermost first.
    lines : tuple of str
        Its instructions.
    """

    name: str
    loop: str
    around: tuple[str, ...]
    lines: tuple[str, ...]

    @property
    def calls(self) -> frozenset[str]:
        """Functions that it calls, without Numba's own, which allocate and free the arrays."""
        calls = {found[1] for line in self.lines if (found := _CALL.match(line))}
        return frozenset(c for c in calls if not re.match(_OWN, c))


def count_instructions(assembly: str, vectorised: frozenset[str]) -> Count:
    """Count the floating-point arithmetic in the hot loops of a kernel.

    Hot are the innermost loops inside the one over time, and those around them that do a tenth of its
    arithmetic or more: those over edges and over steps, but not that over nodes. A loop that the compiler
    turned into vectors is kept in a scalar version too, for what is left over of lengths that it does not
    know and for arrays that overlap, which they never do here. That is no hot loop, and neither is what calls
    the library for large angles.

    Parameters
    ----------
    assembly : str
        With the compiler's comments on blocks and loops.
    vectorised : frozenset of str
        Blocks that the compiler has marked as ends of loops with a vector version.
    """
    loops: dict[str, list[Block]] = {}
    for block in blocks_of(assembly):
        if block.loop:
            loops.setdefault(block.loop, []).append(block)
    around = {loop: max((b.around for b in blocks), key=len) for loop, blocks in loops.items()}
    outermost = {loop: (*outer, loop)[0] for loop, outer in around.items()}
    innermost = loops.keys() - {outer for outers in around.values() for outer in outers}
    done = {loop: _arithmetic(blocks) for loop, blocks in loops.items()}
    scalars = {loop for loop in innermost if not done[loop][0]}
    copies = {loop for loop in scalars if any(b.name in vectorised for b in loops[loop])}
    again = {loop for loop in scalars if any(b.calls & _TRIGONOMETRY for b in loops[loop])}
    most = max(loops, key=lambda loop: done[loop][0].total(), default="")
    inside = [loop for loop in loops if outermost[loop] == outermost[most] and loop not in copies | again]
    sizes = {loop: done[loop][0].total() + done[loop][1] for loop in inside}
    packed: Counter[int] = Counter()
    scalar = 0
    for loop in inside:
        if loop in innermost or 10 * sizes[loop] >= sum(sizes.values()):
            widths, alone = _arithmetic([b for b in loops[loop] if not b.calls & _TRIGONOMETRY])
            packed += widths
            scalar += alone
    left_out = sum(done[loop][1] for loop in copies - again)
    # the address of what an inner loop calls is often fetched further out
    calls = frozenset().union(*(block.calls for blocks in loops.values() for block in blocks))
    return Count(packed, scalar, calls - _TRIGONOMETRY, calls & _TRIGONOMETRY, left_out)


def blocks_of(assembly: str) -> list[Block]:
    """Part the first function of a listing into its blocks."""
    found: list[tuple[str, str, list[str], list[str]]] = [("", "", [], [])]
    for line in assembly.splitlines():
        if line.lstrip().startswith(".cfi_endproc"):
            break
        if start := _BLOCK.match(line):
            # a header is its own loop's; its label is written without the dot where it is referred to
            found.append((start[2] or "", "", [], []))
            label = start[1].replace("# %bb.", "BB0_").lstrip(".L")
        if loop := _LOOP.search(line):
            found[-1] = (found[-1][0], loop[1] or label, *found[-1][2:])
        elif outer := _AROUND.search(line):
            found[-1][2].append(outer[1])
        elif not _COMMENT.match(line):
            found[-1][3].append(line)
    return [Block(name, loop, tuple(outers), tuple(lines)) for name, loop, outers, lines in found]


def _arithmetic(blocks: list[Block]) -> tuple[Counter[int], int]:
    """Count vector instructions by width, and scalar ones."""
    packed: Counter[int] = Counter()
    scalar = 0
    for line in (line for block in blocks for line in block.lines):
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
    return packed, scalar


def kernel_count(name: str, **shape: Any) -> Count:
    """Count the instructions of a kernel; see `compiled` for its shape."""
    return count_instructions(*listing(compiled(name, **shape)))


def compiled(
    name: str,
    integrator: str = "heun",
    dtype: str = "float32",
    lanes: int = 16,
    width: int | None = None,
    block: int = 16,
    noise: bool = True,
    math: str = "fast",
) -> Any:
    """Compile a kernel, by default of as many nodes at once as a simulation takes."""
    width = node_width(lanes) if width is None else width
    module: Any = module_of(code_for(load(name), "numba", math))
    real = np.float32 if dtype == "float32" else np.float64
    kernel = module.build(real, lanes, width, block, noise, cache=False)[integrator]
    kernel.compile(kernel_signature(dtype))
    return kernel


def listing(kernel: Any) -> tuple[str, frozenset[str]]:
    """Return a compiled kernel's assembly with the compiler's comments, and its vectorised loops' ends."""
    signature = kernel.signatures[0]
    machine = kernel.targetctx.codegen()._tm
    machine.set_asm_verbosity(True)
    try:
        assembly = str(kernel.inspect_asm(signature))
    finally:
        machine.set_asm_verbosity(False)
    return assembly, vectorised_loops(kernel.inspect_llvm(signature))


def vectorised_loops(text: str) -> frozenset[str]:
    """Return the blocks of LLVM's text that end a loop which has been vectorised."""
    marks = set(re.findall(r"^(!\d+) = !\{!\"llvm\.loop\.isvectorized\"", text, re.MULTILINE))
    loops = {
        name
        for name, inner in re.findall(r"^(!\d+) = distinct !\{(.*)\}", text, re.MULTILINE)
        if marks & set(re.findall(r"!\d+", inner))
    }
    ends, block = set(), ""
    for line in text.splitlines():
        if start := re.match(r'"?([\w.$-]+)"?:', line):
            block = start[1]
        if (mark := re.search(r"!llvm\.loop (!\d+)", line)) and mark[1] in loops:
            ends.add(block)
    return frozenset(ends)


def kernel_signature(dtype: str) -> tuple[Any, ...]:
    """Types of an integrator's arguments, as the lane blocks pass them."""
    from numba import types

    real = types.float32 if dtype == "float32" else types.float64

    def array(element: Any, dimensions: int) -> Any:
        return types.Array(element, dimensions, "C")

    return (
        types.int64, types.int64, types.float64,
        array(types.int64, 2), array(types.int64, 2), array(types.int64, 1), array(types.int64, 1),
        array(real, 1), array(real, 1), array(real, 1), array(real, 3),
        array(types.uint32, 1), types.uint32, types.uint32, array(types.int64, 1), array(real, 3),
        array(real, 2), array(real, 1), types.int64, types.int64, array(real, 2), array(real, 3),
        array(types.int64, 1),
    )  # fmt: skip


def main() -> None:
    """Print a line a kernel."""
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("models", nargs="*", default=list(shipped_models()))
    parser.add_argument("--dtype", default="float32")
    parser.add_argument("--lanes", type=int, default=16)
    parser.add_argument("--width", type=int, help="nodes at once; as many as a simulation takes")
    parser.add_argument("--math", default="fast")
    parser.add_argument("--no-noise", dest="noise", action="store_false")
    options = parser.parse_args()
    for name in options.models:
        shape = {k: v for k, v in vars(options).items() if k != "models"}
        count = kernel_count(name, **shape)
        by_width = ", ".join(f"{n} of {bits} bits" for bits, n in sorted(count.packed.items()))
        called = ", ".join(sorted(count.calls)) or "nothing"
        beyond = f", and for large angles {', '.join(sorted(count.beyond))}" if count.beyond else ""
        print(
            f"{name}: {count.share:.1%} packed ({by_width}; {count.scalar} scalar, "
            f"{count.left_out} in scalar versions of vector loops), calls {called}{beyond}"
        )


if __name__ == "__main__":
    main()
