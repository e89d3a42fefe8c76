"""The machine code of the kernels: their hot loops are vector instructions and call nothing."""

import platform
import re
import sys
from pathlib import Path

import numpy as np
import pytest

from rateloom.api.generation import kernel_source
from rateloom.api.loading import load, shipped_models

BENCHMARKS = Path(__file__).resolve().parents[2] / "benchmarks"
sys.path.insert(0, str(BENCHMARKS))

import assembly  # noqa: E402
import machine  # noqa: E402

LISTING = """\
kernel:
\t.cfi_startproc
# %bb.0:                                # %entry
\tvaddss\t%xmm0, %xmm1, %xmm0
\tcallq\t*%r13
.LBB0_1:                                # %outer
                                        # =>This Loop Header: Depth=1
                                        #     Child Loop BB0_3 Depth 2
\tvmulss\t%xmm0, %xmm1, %xmm0
# %bb.2:                                # %vector.body
                                        #   in Loop: Header=BB0_1 Depth=1
\tvmulps\t%zmm0, %zmm1, %zmm2
\tvfmadd213ps\t(%rax), %zmm1, %zmm2
\tvaddps\t%ymm0, %ymm1, %ymm2
.LBB0_3:                                # %remainder
                                        #   Parent Loop BB0_1 Depth=1
                                        # =>  This Inner Loop Header: Depth=2
\tvmulss\t%xmm0, %xmm1, %xmm2
\tvfmadd213ss\t(%rax), %xmm1, %xmm2
.LBB0_4:                                # %again
                                        #   Parent Loop BB0_1 Depth=1
                                        # =>  This Inner Loop Header: Depth=2
\tvsubss\t%xmm0, %xmm1, %xmm2
\tmovabsq\t$sinf, %rax
\tcallq\t*%rax
# %bb.5:
\t.cfi_endproc
other:
# %bb.0:
\tvdivsd\t%xmm0, %xmm1, %xmm2
"""

TEXT = """\
define void @kernel() {
outer:
  br i1 %a, label %outer, label %end, !llvm.loop !5
remainder:
  br i1 %a, label %remainder, label %end, !llvm.loop !3
end:
  ret void
}
!1 = !{!"llvm.loop.isvectorized", i32 1}
!3 = distinct !{!3, !4, !1}
!4 = !{!"llvm.loop.unroll.runtime.disable"}
!5 = distinct !{!5, !4}
"""


def test_instructions_are_counted_in_loops_without_scalar_versions_of_vector_loops():
    count = assembly.count_instructions(LISTING, assembly.vectorised_loops(TEXT))
    assert count.packed == {512: 2, 256: 1}
    assert (count.scalar, count.left_out) == (1, 2)
    assert (count.calls, count.beyond) == (frozenset(), frozenset({"sinf"}))
    assert count.width == 512
    assert count.share == pytest.approx(2 / 4)


def test_a_scalar_loop_counts_where_it_has_no_vector_version():
    count = assembly.count_instructions(LISTING, frozenset({"outer"}))
    assert (count.scalar, count.left_out) == (3, 0)


def test_loops_around_others_are_hot_where_they_do_a_tenth_of_the_arithmetic():
    inner = "\tvmulss\t%xmm0, %xmm1, %xmm2\n\tvfmadd213ss"
    many = LISTING.replace(inner, 30 * "\tvmulps\t%zmm0, %zmm1, %zmm2\n" + inner)
    count = assembly.count_instructions(many, frozenset())
    assert (count.packed, count.scalar) == ({512: 2 + 30, 256: 1}, 1 + 2)
    count = assembly.count_instructions(many.replace("\tvfmadd213ps", "\tnop"), frozenset())
    assert (count.packed, count.scalar) == ({512: 30}, 2)


def test_any_other_call_counts():
    count = assembly.count_instructions(LISTING.replace("$sinf", "$expf"), frozenset())
    assert count.calls == {"expf"}
    assert count.scalar == 4


def chosen_width():
    """The width that the compiler gives a plain loop on this machine."""
    x = np.ones(64, np.float32)
    machine.multiply_adds(x, np.float32(1), np.float32(1), 1)
    return assembly.count_instructions(*assembly.listing(machine.multiply_adds)).width


def check(name, **shape):
    count = assembly.kernel_count(name, **shape)
    assert count.calls == frozenset()
    # the library is called for large angles alone
    assert bool(count.beyond) == ("largest_angle" in kernel_source(load(name), "numba"))
    assert count.width == chosen_width()
    assert count.share >= 0.9, count


@pytest.mark.parametrize("name", ["montbrio", "wilson_cowan"])
def test_hot_loops_are_vectors(name):
    check(name)


@pytest.mark.slow
@pytest.mark.parametrize(
    ("integrator", "noise", "dtype"), [("heun", True, "float32"), ("euler", False, "float64")]
)
@pytest.mark.parametrize("name", sorted(shipped_models()))
def test_hot_loops_of_every_model_are_vectors(name, integrator, noise, dtype):
    check(name, integrator=integrator, noise=noise, dtype=dtype)


@pytest.mark.parametrize(("lanes", "share"), [(16, 0.9), (1, 0.8)])
def test_random_numbers_are_drawn_in_vectors(lanes, share):
    if platform.machine() not in ("x86_64", "AMD64"):
        pytest.skip("other processors have other names for products of integers")
    text, vectorised = assembly.listing(assembly.compiled("montbrio", lanes=lanes))
    # ten rounds of two products; short edges of one work item are added number by number
    assert len(re.findall(r"^\s+v?pmul(?:udq|lq)\b", text, re.MULTILINE)) >= 20
    assert assembly.count_instructions(text, vectorised).share >= share


def test_the_librarys_functions_are_calls():
    count = assembly.kernel_count("wilson_cowan", math="libm", noise=False)
    assert count.calls == {"expf"}
