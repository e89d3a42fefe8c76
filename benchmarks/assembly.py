"""Counts of a kernel's machine code: arithmetic of its hot loops that is in vectors, and what they call.

python benchmarks/assembly.py montbrio zerlaut_second_order --dtype float64 --lanes 8 --target x86-64-v3
"""

from __future__ import annotations

import argparse
import json
import re
from collections import Counter
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numba
from compiled_kernels import compiled
from targets import HOST, TARGETS, can_compile_for, compiling_for, listing_of

from rateloom.api.loading import shipped_models
from rateloom.kernels.compiling import use_wide_vectors

# v + operation + (p)acked or (s)calar + (s)ingle or (d)ouble
_ARITHMETIC = re.compile(
    r"^\s+v?(?:add|sub|mul|div|sqrt|rcp14|rsqrt14|min|max|rndscale|round|cmp\w*|ucomi|comi|scalef|"
    r"fn?m(?:add|sub)(?:132|213|231)|cvtt?\w+2)(p|s)(s|d)\b(.*)$"
)
_NEON = re.compile(
    r"^\s+f(?:add|sub|mul|div|sqrt|min|max|mla|mls|madd|msub|nmadd|nmsub)\w*\s+(v|s|d)\d+(.*)$"
)
_INTEGER_PRODUCT = re.compile(r"^\s+v?pmul(?:udq|lq)\b", re.MULTILINE)
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
        Names of the functions of the standard library that are called,
    beyond : frozenset of str
        but for sine, cosine and tangent, which do again what a large angle spoilt.
    left_out : int
        Scalar instructions that were left out: the scalar versions of loops that have a vector version.
    integer_products : int
        Vector products of integers in the whole kernel, on x86.
    """

    packed: Counter[int]
    scalar: int
    calls: frozenset[str]
    beyond: frozenset[str]
    left_out: int
    integer_products: int = 0

    def share(self, width: int) -> float:
        """Share of the instructions that are packed, `width` bits wide or wider."""
        packed = sum(number for bits, number in self.packed.items() if bits >= width)
        return packed / max(1, self.packed.total() + self.scalar)

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
    listed = blocks_of(assembly)
    for block in listed:
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
    # the address of what an inner loop calls is often fetched further out, and even before all loops
    calls = frozenset[str]().union(*(block.calls for block in listed))
    products = len(_INTEGER_PRODUCT.findall(assembly))
    return Count(packed, scalar, calls - _TRIGONOMETRY, calls & _TRIGONOMETRY, left_out, products)


def blocks_of(assembly: str) -> list[Block]:
    """Part the first function of a listing into its blocks."""
    blocks: list[tuple[str, str, list[str], list[str]]] = [("", "", [], [])]
    for line in assembly.splitlines():
        if line.lstrip().startswith(".cfi_endproc"):
            break
        if start := _BLOCK.match(line):
            # a header is its own loop's; its label is written without the dot where it is referred to
            blocks.append((start[2] or "", "", [], []))
            label = start[1].replace("# %bb.", "BB0_").lstrip(".L")
        if loop := _LOOP.search(line):
            blocks[-1] = (blocks[-1][0], loop[1] or label, *blocks[-1][2:])
        elif outer := _AROUND.search(line):
            blocks[-1][2].append(outer[1])
        elif not _COMMENT.match(line):
            blocks[-1][3].append(line)
    return [Block(name, loop, tuple(outers), tuple(lines)) for name, loop, outers, lines in blocks]


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


def listing(kernel: Any) -> tuple[str, frozenset[str]]:
    """Return the assembly of a kernel that was compiled for a target, and its vectorised loops' ends."""
    assembly, text = listing_of(kernel)
    return assembly, vectorised_loops(text)


def kernel_width() -> int:
    """Width in bits of the vectors that the compiler makes of a kernel's loop."""

    @numba.njit(error_model="numpy")
    def add(x: Any, summand: Any) -> None:
        use_wide_vectors()
        for i in range(x.size):
            x[i] += summand

    add.compile((numba.float32[::1], numba.float32))
    return count_instructions(*listing(add)).width


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


def main() -> None:
    """Print a line a kernel."""
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("models", nargs="*", default=list(shipped_models()))
    parser.add_argument("--integrator", default="heun")
    parser.add_argument("--dtype", default="float32")
    parser.add_argument("--lanes", type=int, default=16)
    parser.add_argument("--width", type=int, help="nodes at once; as many as a simulation takes")
    parser.add_argument("--math", default="fast")
    parser.add_argument("--no-noise", dest="noise", action="store_false")
    parser.add_argument("--target", choices=(HOST, *TARGETS), default=HOST, help="processor to compile for")
    parser.add_argument("--out", type=Path, help="JSON file to write")
    options = vars(parser.parse_args())
    models, target, out = (options.pop(name) for name in ("models", "target", "out"))
    if target != HOST and not can_compile_for(target):
        parser.error(f"--target {target}: LLVM was built without it")
    with compiling_for(target):
        width = kernel_width()
    counts = {}
    for name in models:
        with compiling_for(target):
            counts[name] = kernel_count(name, **options)
        print(f"{name}: {_line(counts[name], width)}", flush=True)
    if out is not None:
        kernels = {name: _record(count) for name, count in counts.items()}
        out.write_text(json.dumps({"target": target, "width": width, "kernels": kernels}, indent=1) + "\n")


def _line(count: Count, width: int) -> str:
    by_width = ", ".join(f"{n} of {bits} bits" for bits, n in sorted(count.packed.items()))
    called = ", ".join(sorted(count.calls)) or "nothing"
    beyond = f", and for large angles {', '.join(sorted(count.beyond))}" if count.beyond else ""
    return (
        f"{count.share(width):.1%} packed in {width} bits or more ({by_width}; {count.scalar} scalar, "
        f"{count.left_out} in scalar versions of vector loops), calls {called}{beyond}"
    )


def _record(count: Count) -> dict[str, Any]:
    return vars(count) | {"calls": sorted(count.calls), "beyond": sorted(count.beyond)}


def counts_of(text: str) -> dict[str, Count]:
    """Read the counts by kernel that a file has."""
    counts = {}
    for name, record in json.loads(text)["kernels"].items():
        packed = Counter({int(bits): number for bits, number in record.pop("packed").items()})
        calls, beyond = (frozenset(record.pop(key)) for key in ("calls", "beyond"))
        counts[name] = Count(packed=packed, calls=calls, beyond=beyond, **record)
    return counts


if __name__ == "__main__":
    main()
