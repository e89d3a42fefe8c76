"""CUDA source on the host: barriers, indices, shared memory and arguments behave as on a GPU."""

import numpy as np
import pytest
from run_on_host import host_compiler, run_on_host

pytestmark = pytest.mark.skipif(host_compiler() is None, reason="no C++ compiler on this machine")

REDUCTION = """
extern "C" __global__ void __launch_bounds__(128) total(const real* __restrict__ x, real* out)
{
    __shared__ real partial[128];
    int t = threadIdx.x + blockDim.x * threadIdx.y;
    partial[t] = x[blockIdx.x * 128 + t];
    for (int half = 64; half > 0; half /= 2) {
        __syncthreads();
        if (t < half) partial[t] += partial[t + half];
    }
    if (t == 0) out[blockIdx.x] = partial[0];
}
"""
# Each thread smooths its cell in place: right only if all read before any writes, and the reverse.
STENCIL = """
extern "C" __global__ void smooth(float* x, int n_step)
{
    int i = threadIdx.x, n = blockDim.x;
    for (int step = 0; step < n_step; step++) {
        float mean = 0.25f * x[(i + n - 1) % n] + 0.5f * x[i] + 0.25f * x[(i + 1) % n];
        __syncthreads();
        x[i] = mean;
        __syncthreads();
    }
}
"""
PHILOX = """
extern "C" __global__ void philox(const unsigned* counter, unsigned k0, unsigned k1, unsigned* out)
{
    unsigned int c0 = counter[0], c1 = counter[1], c2 = counter[2], c3 = counter[3];
    #pragma unroll
    for (int round = 0; round < 10; round++) {
        unsigned int h0 = __umulhi(0xD2511F53u, c0), h1 = __umulhi(0xCD9E8D57u, c2);
        unsigned int l0 = 0xD2511F53u * c0, l1 = 0xCD9E8D57u * c2;
        c0 = h1 ^ c1 ^ k0; c1 = l1; c2 = h0 ^ c3 ^ k1; c3 = l0;
        k0 += 0x9E3779B9u; k1 += 0xBB67AE85u;
    }
    out[0] = c0; out[1] = c1; out[2] = c2; out[3] = c3;
}
"""
OTHERS = """
extern "C" __global__ void count(int* x)
{
    int column = blockIdx.x * blockDim.x + threadIdx.x, row = blockIdx.y * blockDim.y + threadIdx.y;
    x[row * gridDim.x * blockDim.x + column] += 1 + column + 1000 * row;
}
extern "C" __global__ void leak(float* x)
{
    __shared__ float kept;
    if (threadIdx.x == 0) { x[blockIdx.x] = kept; kept = 3.0f; }
}
extern "C" __global__ void call(const float* x, float* y, int n)
{
    y[0] = rsqrtf(x[0]); y[1] = fmaf(x[0], x[1], -1.0f); y[2] = erfcf(x[1]); y[3] = min(x[2], x[1]);
    y[4] = max(n, 7); y[5] = exp(x[1]); y[6] = __int_as_float(0x7f800000); y[7] = min(3u, 5u);
}
extern "C" __global__ void __launch_bounds__(32 * (1 + 1), 1) scale(real* x, int n, real a)
{
    for (int i = 0; i < n; i++) x[i] *= a;
}
"""
# One source, so that it is compiled once for all tests.
SOURCE = REDUCTION + STENCIL + PHILOX + OTHERS
FLOAT, DOUBLE = {"real": "float"}, {"real": "double"}


@pytest.mark.parametrize("real", ["float", "double"])
def test_block_reduction_in_shared_memory(real):
    x = np.arange(384).astype({"float": np.float32, "double": np.float64}[real])
    out = np.zeros(3, x.dtype)
    run_on_host(SOURCE, "total", (3, 1), (32, 4), [x, out], {"real": real})
    assert out.tolist() == [127 * 64, 127 * 64 + 128 * 128, 127 * 64 + 256 * 128]


def smoothed(x, n_step):
    for _ in range(n_step):
        x = 0.25 * np.roll(x, 1) + 0.5 * x + 0.25 * np.roll(x, -1)
    return x


def test_threads_interleave_at_barriers():
    start = np.random.default_rng(1).standard_normal(48).astype(np.float32)
    x = start.copy()
    run_on_host(SOURCE, "smooth", (1, 1), (48, 1), [x, 20], FLOAT)
    np.testing.assert_allclose(x, smoothed(start.astype(float), 20), atol=1e-6)


@pytest.mark.parametrize("order", range(1, 12))
@pytest.mark.parametrize("threads", [(48, 1), (7, 3), (1, 1)])
def test_every_order_runs_every_thread_once(order, threads):
    x = np.zeros((threads[1], 2 * threads[0]), np.int32)
    run_on_host(SOURCE, "count", (2, 1), threads, [x], FLOAT, order)
    np.testing.assert_array_equal(x, 1 + np.arange(x.shape[1]) + 1000 * np.arange(x.shape[0])[:, None])


def test_no_order_of_the_threads_changes_what_barriers_protect():
    start = np.random.default_rng(1).standard_normal(48).astype(np.float32)
    found = []
    for order in range(6):
        found.append(start.copy())
        run_on_host(SOURCE, "smooth", (1, 1), (48, 1), [found[-1], 20], FLOAT, order)
    assert len({x.tobytes() for x in found}) == 1


@pytest.mark.parametrize("kept", ["first", "second"])
def test_a_missing_barrier_shows(kept):
    barrier = "__syncthreads();"
    before, between, after = STENCIL.split(barrier)
    broken = before + (barrier + between if kept == "first" else between + barrier) + after
    start = np.random.default_rng(1).standard_normal(48).astype(np.float32)
    x = start.copy()
    run_on_host(broken, "smooth", (1, 1), (48, 1), [x, 20])
    assert np.abs(x - smoothed(start.astype(float), 20)).max() > 1e-3


@pytest.mark.parametrize(
    ("counter", "key", "known"),
    [
        ([0] * 4, (0, 0), [0x6627E8D5, 0xE169C58D, 0xBC57AC4C, 0x9B00DBD8]),
        ([0xFFFFFFFF] * 4, (0xFFFFFFFF,) * 2, [0x408F276D, 0x41C83B0E, 0xA20BC7C6, 0x6D5451FD]),
        (
            [0x243F6A88, 0x85A308D3, 0x13198A2E, 0x03707344],
            (0xA4093822, 0x299F31D0),
            [0xD16CFE09, 0x94FDCCEB, 0x5001E420, 0x24126EA1],
        ),
    ],
)
def test_philox_gives_the_known_answers_of_random123(counter, key, known):
    out = np.zeros(4, np.uint32)
    run_on_host(SOURCE, "philox", (1, 1), (1, 1), [np.array(counter, np.uint32), *key, out], FLOAT)
    assert out.tolist() == known


def test_every_thread_of_a_two_dimensional_grid_runs_once():
    x = np.zeros((6, 20), np.int32)
    run_on_host(SOURCE, "count", (5, 2), (4, 3), [x], FLOAT)
    np.testing.assert_array_equal(x, 1 + np.arange(20) + 1000 * np.arange(6)[:, None])


def test_shared_memory_is_undefined_when_a_block_starts():
    x = np.zeros(2, np.float32)
    run_on_host(SOURCE, "leak", (2, 1), (2, 1), [x], FLOAT)
    assert np.isnan(x).all()


def test_functions_of_the_device():
    x = np.array([4, 0.5, np.nan], np.float32)
    y = np.zeros(8, np.float32)
    run_on_host(SOURCE, "call", (1, 1), (1, 1), [x, y, 2], FLOAT)
    expected = [0.5, 1.0, 0.4795001221869535, 0.5, 7, 1.6487212707001282, np.inf, 3]
    np.testing.assert_allclose(y, expected, rtol=2e-7)


# Bodies of kernels part0, part1, ..., each on ten lines of its own.
DIVERGENT = (
    "if (threadIdx.x < 2)\n__syncthreads();",
    "if (threadIdx.x < 2)\n__syncthreads();\nelse\n__syncthreads();",
    "if (threadIdx.x == 3) return;\n__syncthreads();",
    "for (int i = 0; i < 2 + (threadIdx.y == 1); i++)\n__syncthreads();",
)
PARTING = "".join(
    (text := f'extern "C" __global__ void part{number}() {{ {body} }}') + "\n" * (10 - text.count("\n"))
    for number, body in enumerate(DIVERGENT)
)


@pytest.mark.parametrize(
    ("number", "message"),
    [
        (0, r"thread \(0, 0\) waits at the barrier in line 2 while thread \(2, 0\) has ended"),
        (1, r"line 12 while thread \(2, 0\) waits at the barrier in line 14"),
        (2, r"line 22 while thread \(3, 0\) has ended"),
        (3, r"in block \(0, 0\) thread \(0, 0\) has ended while thread \(0, 1\) waits .* line 32"),
    ],
)
def test_a_divergent_barrier_is_an_error(number, message):
    with pytest.raises(RuntimeError, match="divergent barrier: .*" + message):
        run_on_host(PARTING, f"part{number}", (2, 1), (4, 2), [])


def test_the_runner_works_on_after_an_error():
    with pytest.raises(RuntimeError, match="divergent barrier"):
        run_on_host(PARTING, "part0", (1, 1), (4, 1), [])
    run_on_host(PARTING, "part0", (1, 1), (2, 1), [])


def test_a_thousand_threads_and_many_barriers_are_quick():
    x = np.ones(1024, np.float32)
    run_on_host(SOURCE, "smooth", (1, 1), (1024, 1), [x, 200], FLOAT)
    assert (x == 1).all()


@pytest.mark.parametrize(
    ("arguments", "error", "message"),
    [
        ([np.ones(2, np.float32), 2], TypeError, "takes 3 arguments, 2 given"),
        ([np.ones(2), 2, 3.0], TypeError, "argument 0 .* array of float32, got float64"),
        ([[1.0], 1, 3.0], TypeError, "argument 0 .* array of float32"),
        ([np.ones(4, np.float32)[::2], 2, 3.0], TypeError, "C-contiguous"),
        ([np.broadcast_to(np.float32(1), 1), 1, 3.0], TypeError, "writeable"),
        ([np.ones(2, np.float32), 1.5, 3.0], TypeError, "number of type int32, got 1.5"),
        ([np.ones(2, np.float32), np.ones(1, np.int32), 3.0], TypeError, "number of type int32"),
        ([np.ones(2, np.float32), np.int64(2**40), 3.0], OverflowError, "int32"),
    ],
)
def test_arguments_that_do_not_fit_are_refused(arguments, error, message):
    with pytest.raises(error, match=message):
        run_on_host(SOURCE, "scale", (1, 1), (1, 1), arguments, FLOAT)


def test_read_only_arrays_serve_const_pointers():
    x = np.ones(128)
    x.flags.writeable = False
    out = np.zeros(1)
    run_on_host(SOURCE, "total", (1, 1), (128, 1), [x, out], DOUBLE)
    assert out[0] == 128


def test_a_kernel_that_is_not_there_is_named_with_those_that_are():
    with pytest.raises(LookupError, match="no kernel third in the source; it has part0, part1, part2, part3"):
        run_on_host(PARTING, "third", (1, 1), (1, 1), [])
    with pytest.raises(LookupError, match="it has none"):
        run_on_host("", "third", (1, 1), (1, 1), [])


# The smallest and largest numbers of each kind, halves between neighbours, and what overflows.
HALVES = [
    0.0,
    -0.0,
    1.0,
    1 / 3,
    2.0**-14,
    2.0**-24,
    2.0**-25,
    1.5 * 2.0**-25,
    2049.0,
    2051.0,
    65504.0,
    65519.0,
]
HALVES += [65520.0, -1e30, np.inf, -np.inf, 6.1e-5, 5.9e-5, -1e-6, 0.1]


def test_half_precision_is_ieees():
    """Against NumPy's own conversion."""
    source = """extern "C" __global__ void half(const float* x, unsigned short* bits, float* back)
    {
        bits[threadIdx.x] = cuda_on_host_half_of_float(x[threadIdx.x]);
        back[threadIdx.x] = cuda_on_host_float_of_half(bits[threadIdx.x]);
    }"""
    random = np.random.default_rng(1)
    scattered = random.standard_normal(900) * 10.0 ** random.integers(-9, 6, 900)
    x = np.concatenate([np.array(HALVES), scattered]).astype(np.float32)
    bits, back = np.zeros(x.size, np.uint16), np.zeros_like(x)
    run_on_host(source, "half", (1, 1), (x.size, 1), [x, bits, back])
    with np.errstate(over="ignore"):
        expected = x.astype(np.float16)
    np.testing.assert_array_equal(bits, expected.view(np.uint16))
    np.testing.assert_array_equal(back, expected.astype(np.float32))
    x[:2] = np.nan
    run_on_host(source, "half", (1, 1), (2, 1), [x, bits, back])
    assert np.isnan(back[:2]).all()
