"""The machine code of the kernels: their hot loops are vector instructions and call nothing."""

import json
import subprocess
import sys
from pathlib import Path

import numba
import pytest

from rateloom.api.generation import kernel_source
from rateloom.api.loading import load, shipped_models
from rateloom.kernels.compiling import use_wide_vectors

BENCHMARKS = Path(__file__).resolve().parents[2] / "benchmarks"
sys.path.insert(0, str(BENCHMARKS))

import assembly  # noqa: E402
import compiled_kernels  # noqa: E402
import targets  # noqa: E402

# The most instructions of the hot loops that may be narrower than the vectors. They are as many for a small
# model as for a large one, whose share of the arithmetic says little; 3 and 0 are measured for montbrio. The
# kernel's loops over edges are functions of their own, compiled once, not listed here.
NARROW = {"x86-64-v3": 10, "x86-64-v4": 6}
# without noise; 3 and 0 are measured: time is computed in double precision, once a step
NARROW_WITHOUT_NOISE = {"x86-64-v3": 4, "x86-64-v4": 4}
# of one work item, whose short edges are added number by number; 8 are measured on both
NARROW_OF_ONE = {"x86-64-v3": 14, "x86-64-v4": 14}
# beside these where the library is asked for the sines of large angles, one by one; 12 are measured, of which
# the bounds with noise, in single precision, leave room for six
LARGE_ANGLES = {"float32": 6, "float64": 12}
# no kernel is so small that most of its arithmetic is beside the model
SHARE = 0.75
# Random numbers are ten rounds of two products; what goes into the first is in part the same for all.
PRODUCTS = 18

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
\tvpmuludq\t%zmm0, %zmm1, %zmm2
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
    assert count.share(512) == pytest.approx(2 / 4)
    assert count.share(256) == pytest.approx(3 / 4)
    assert count.integer_products == 1


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


# each target is compiled for anew, in a process of its own
@pytest.fixture(params=targets.TARGETS)
def target(request):
    if not targets.can_compile_for(request.param):
        pytest.skip("this LLVM was built without code for x86")
    return request.param


def counts(folder, target, *options):
    """Compile kernels in a process of their own, which has compiled nothing for another target."""
    out = folder / "counts.json"
    command = [sys.executable, str(BENCHMARKS / "assembly.py"), *options]
    subprocess.run([*command, "--target", target, "--out", str(out)], check=True, timeout=3600)
    assert json.loads(out.read_text())["width"] == targets.TARGETS[target].width
    return assembly.counts_of(out.read_text())


def narrow(count, width):
    """Number of instructions that are scalar or narrower than `width`."""
    return count.scalar + sum(number for bits, number in count.packed.items() if bits < width)


def check(name, target, count, most, dtype="float32"):
    assert count.calls == frozenset(), name
    # the library is called for large angles alone
    large = "largest_angle" in kernel_source(load(name), "numba")
    assert bool(count.beyond) == large, name
    width = targets.TARGETS[target].width
    assert narrow(count, width) <= most + large * LARGE_ANGLES[dtype], (name, count)
    assert count.share(width) >= SHARE, (name, count)


@pytest.mark.slow
@pytest.mark.parametrize("target", targets.TARGETS, indirect=True)
def test_hot_loops_are_vectors(target, tmp_path):
    names = ("montbrio",) if target == "x86-64-v3" else ("montbrio", "wilson_cowan")
    for name, count in counts(tmp_path, target, *names).items():
        check(name, target, count, NARROW[target])
        assert count.integer_products >= PRODUCTS


# a minute or two each: two models have thousands of instructions
@pytest.mark.slow
@pytest.mark.parametrize(
    ("noise", "target"), [*((True, t) for t in targets.TARGETS), (False, "x86-64-v3")], indirect=["target"]
)
def test_hot_loops_of_every_model_are_vectors(noise, target, tmp_path):
    options = () if noise else ("--integrator", "euler", "--dtype", "float64", "--no-noise")
    done = counts(tmp_path, target, *options)
    assert done.keys() == shipped_models().keys()
    for name, count in done.items():
        if noise:
            check(name, target, count, NARROW[target])
        else:
            check(name, target, count, NARROW_WITHOUT_NOISE[target], "float64")


@pytest.mark.slow
@pytest.mark.parametrize("target", targets.TARGETS, indirect=True)
def test_random_numbers_of_one_work_item_are_drawn_in_vectors(target, tmp_path):
    count = counts(tmp_path, target, "montbrio", "--lanes", "1")["montbrio"]
    assert count.integer_products >= PRODUCTS
    assert narrow(count, targets.TARGETS[target].width) <= NARROW_OF_ONE[target], count


@pytest.mark.slow
@pytest.mark.parametrize("target", targets.TARGETS, indirect=True)
def test_the_librarys_functions_are_calls(target, tmp_path):
    done = counts(tmp_path, target, "wilson_cowan", "--math", "libm", "--no-noise")
    assert done["wilson_cowan"].calls == {"expf"}


@pytest.mark.slow
def test_nothing_counts_who_uses_an_array():
    kernel = compiled_kernels.compiled("montbrio")
    text = kernel.inspect_llvm(kernel.signatures[0])
    assert "vector.body" in text
    assert "NRT_" not in text


def test_code_is_made_for_the_target_alone_while_asked_for(target):
    def double(x):
        use_wide_vectors()
        for i in range(x.size):
            x[i] += x[i]

    def width():
        kernel = numba.njit(double)
        kernel.compile((numba.float64[::1],))
        return assembly.count_instructions(*assembly.listing(kernel)).width

    def here():
        with targets.compiling_for("host"):
            return width()

    before = here()
    with targets.compiling_for(target):
        assert width() == targets.TARGETS[target].width
    assert here() == before
