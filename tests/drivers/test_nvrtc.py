"""Compiling CUDA source without a GPU: figures, warnings and errors against hand-written kernels."""

import subprocess
import sys

import pytest

from rateloom.drivers.backends.cuda.nvrtc import compile_cuda
from rateloom.drivers.support.errors import InputError

nvrtc = pytest.importorskip("cuda.bindings.nvrtc", reason='NVRTC is absent: pip install "rateloom[compile]"')

SCALE = """
extern "C" __global__ void scale(float* __restrict__ x, float factor)
{
    x[blockIdx.x * blockDim.x + threadIdx.x] *= factor;
}
"""
REVERSE = """
extern "C" __global__ void reverse(float* x)
{
    __shared__ float tile[256];
    tile[threadIdx.x] = x[threadIdx.x];
    __syncthreads();
    x[threadIdx.x] = tile[255 - threadIdx.x];
}
"""
# 64 values live across a loop do not fit in the 32 registers that 2 x 1024 threads leave to each.
SPILLING = """
extern "C" __global__ void __launch_bounds__(1024, 2) spilling(float* x, int n)
{
    float a[64];
    #pragma unroll
    for (int i = 0; i < 64; i++) a[i] = x[i * n];
    #pragma unroll 1
    for (int k = 0; k < n; k++) {
        #pragma unroll
        for (int i = 0; i < 64; i++) a[i] = a[i] * a[(i * 7 + 1) % 64] + x[k];
    }
    #pragma unroll
    for (int i = 0; i < 64; i++) x[i * n] = a[i];
}
"""


@pytest.mark.parametrize("arch", ["sm_80", "sm_90"])
def test_cubin_is_machine_code_for_the_architecture(arch):
    report = compile_cuda(SCALE, arch)
    (kernel,) = report.kernels
    assert report.arch == arch
    assert report.cubin[:4] == b"\x7fELF"
    assert report.cubin[18:20] == (190).to_bytes(2, "little")  # EM_CUDA, the ELF machine number
    assert f"for '{arch}'" in report.log
    assert kernel.name == "scale"
    assert 0 < kernel.registers < 32
    assert (kernel.spill_stores, kernel.spill_loads, kernel.stack, kernel.shared) == (0, 0, 0, 0)
    assert report.warnings == ()


def test_shared_memory_is_what_was_declared():
    (kernel,) = compile_cuda(REVERSE).kernels
    assert kernel.shared == 256 * 4


def test_constant_memory_grows_by_the_constant_variables_declared():
    table = "__constant__ float table[1024] = {1.0f};"
    body = 'extern "C" __global__ void look(float* x) { x[threadIdx.x] = SOURCE; }'
    (without,) = compile_cuda(body.replace("SOURCE", "2.0f")).kernels
    (with_table,) = compile_cuda(table + body.replace("SOURCE", "table[threadIdx.x]")).kernels
    assert with_table.constant - without.constant == 1024 * 4


def test_spills_are_counted():
    (kernel,) = compile_cuda(SPILLING).kernels
    assert kernel.registers == 32  # 65,536 registers over 2 x 1,024 threads
    assert kernel.spill_stores > 0
    assert kernel.spill_loads > 0
    assert kernel.stack > 0
    (unbounded,) = compile_cuda(SPILLING.replace("__launch_bounds__(1024, 2)", "")).kernels
    assert unbounded.spill_stores == unbounded.spill_loads == 0
    assert unbounded.registers > 64


def test_spills_of_a_function_that_is_not_inlined_count_for_its_kernel():
    called = SPILLING.replace(
        'extern "C" __global__ void __launch_bounds__(1024, 2) spilling', "__device__ __noinline__ void work"
    )
    kernel = 'extern "C" __global__ void __launch_bounds__(1024, 2) caller(float* x, int n) { work(x, n); }'
    (report,) = compile_cuda(called + kernel).kernels
    assert report.name == "caller"
    assert report.spill_stores > 0


def test_kernels_are_sorted_by_name():
    report = compile_cuda(SCALE + REVERSE)
    assert [kernel.name for kernel in report.kernels] == ["reverse", "scale"]


def test_source_without_a_kernel_has_no_reports():
    assert compile_cuda("__device__ int unused_here;").kernels == ()


def test_warning_is_one_line_with_file_and_line():
    source = SCALE.replace("{\n", "{\n    int forgotten;\n", 1)
    report = compile_cuda(source, name="scale.cu")
    assert len(report.warnings) == 1
    assert report.warnings[0].startswith("scale.cu:4: warning #177-D: ")
    assert '"forgotten"' in report.warnings[0]


def test_macros_reach_the_source():
    source = SCALE.replace("float", "real")
    report = compile_cuda(source, defines={"real": "double"})
    assert [kernel.name for kernel in report.kernels] == ["scale"]
    with pytest.raises(InputError, match=r"kernel\.cu:2: error"):
        compile_cuda(source)


@pytest.mark.parametrize(
    ("source", "message"),
    [
        (SCALE.replace("factor;", "facto;"), r"failed: k.cu:4: error: identifier \"facto\" is undefined"),
        ("#include <cmath>\n", r"failed: k.cu:1: error: could not open source file \"cmath\""),
        (SCALE.replace("factor;", "factor"), r"k.cu:5: error: expected a \";\""),
        (REVERSE.replace("[256]", "[1000000]"), r"ptxas: .*uses too much shared data"),
        (
            'extern "C" __global__ void k(float* x) { *x = inf; }',
            r"k.cu:1: error: identifier \"inf\" is undefined",
        ),
        (SCALE + "\0", r"NUL character"),
    ],
)
def test_a_compile_error_is_one_line(source, message):
    with pytest.raises(InputError, match=message) as caught:
        compile_cuda(source, name="k.cu")
    assert "\n" not in str(caught.value)


@pytest.mark.parametrize(
    "arch", ["", "sm_9", "90", "compute_90", "sm_90 --x", "sm_90;ls", "sm_90\n", "sm_9999"]
)
def test_an_unknown_architecture_lists_those_known(arch):
    with pytest.raises(InputError, match=r"unknown GPU architecture.*sm_80.*sm_90") as caught:
        compile_cuda(SCALE, arch)
    assert "\n" not in str(caught.value)


@pytest.mark.parametrize(
    ("defines", "message"),
    [
        ({"a b": "1"}, "macro name 'a b'"),
        ({"": "1"}, "macro name ''"),
        ({"-w": "1"}, "macro name '-w'"),
        ({"N": "1\n#error"}, "value of macro N"),
    ],
)
def test_bad_macros_are_refused(defines, message):
    with pytest.raises(InputError, match=message):
        compile_cuda(SCALE, defines=defines)


@pytest.mark.parametrize(
    "hide",
    [
        "sys.modules['cuda.bindings.nvrtc'] = None",
        "sys.modules['elftools.elf.elffile'] = None",
        "import cuda.bindings.nvrtc as n\n"
        "def absent(): raise RuntimeError('Failed to dlopen libnvrtc')\n"
        "n.nvrtcVersion = absent",
    ],
)
def test_a_missing_extra_says_how_to_install_it(hide):
    script = (
        f"import sys\n{hide}\n"
        "from rateloom.drivers.support.errors import InputError\n"
        "from rateloom.drivers.backends.cuda.nvrtc import compile_cuda\n"
        "try: compile_cuda('')\n"
        "except InputError as error: print(error)"
    )
    done = subprocess.run([sys.executable, "-c", script], capture_output=True, text=True, check=True)
    assert done.stdout.strip().endswith('pip install "rateloom[compile]"')
