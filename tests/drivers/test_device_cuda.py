"""GPUs without a GPU: both runtimes' calls on stand-ins, what errors become, machine code on disk."""

import importlib
import json
import sys
from importlib.util import find_spec

import numpy as np
import pytest
from fake_runtimes import Memory, fake_cupy, fake_pycuda, packed

import rateloom
from rateloom.drivers.backends.cuda import cuda_device as device_cuda
from rateloom.drivers.backends.cuda import cupy_runtime as device_cupy
from rateloom.drivers.backends.cuda import gpus
from rateloom.drivers.backends.cuda import pycuda_runtime as device_pycuda
from rateloom.drivers.backends.cuda.cuda_device import cause, machine_code
from rateloom.drivers.backends.cuda.gpus import list_devices
from rateloom.drivers.backends.emulated.host_compiler import host_compiler
from rateloom.drivers.backends.registry import open_backend
from rateloom.drivers.support.errors import InputError

needs_compiler = pytest.mark.skipif(host_compiler() is None, reason="no C++ compiler on this machine")
SETTINGS = {
    "connectome": "synthetic:9", "duration": 8.0, "dt": 0.1, "dtype": "float64", "lanes": 4,
    "progress": False,
}  # fmt: skip


@pytest.fixture(params=["cupy", "pycuda"])
def gpu(request, monkeypatch):
    """Make a stand-in, the only one that is installed; returns a function that takes how it is to be."""

    def make(**how):
        memory = Memory()
        found = {"cupy": fake_cupy(memory, **how)} if request.param == "cupy" else fake_pycuda(memory, **how)
        for name, module in found.items():
            monkeypatch.setitem(sys.modules, name, module)
        monkeypatch.setattr(gpus, "find_spec", lambda name: found.get(name))
        for adapter in (device_cupy, device_pycuda):
            monkeypatch.setattr(adapter, "machine_code", packed)
            monkeypatch.setattr(adapter, "kernel_reports", lambda *arguments: {})
        memory.error = (
            found["cupy"].cuda.runtime.CUDARuntimeError
            if request.param == "cupy"
            else found["pycuda.driver"].Error
        )
        return memory

    return make


@needs_compiler
@pytest.mark.parametrize("speed", [5.0, np.inf])
def test_both_runtimes_do_what_the_emulated_device_does(gpu, speed):
    """Without delays lane blocks stay in dynamic shared memory, which has to be asked for."""
    memory = gpu()
    swept = [
        rateloom.sweep("montbrio", {"G": [0, 0.1, 0.2, 0.3, 0.4]}, backend=b, speed=speed, **SETTINGS)
        for b in ("cuda", "emulated")
    ]
    assert swept[0].drop_attrs().identical(swept[1].drop_attrs())
    assert memory.live == {}, "all memory was given back"
    asked = {-size for size in memory.shared if size < 0}
    assert asked == {size for size in memory.shared if size > 0}
    assert bool(asked) == (speed == np.inf)


@needs_compiler
def test_inputs_and_half_precision_reach_the_device(gpu):
    gpu()
    runs = [
        rateloom.simulate(
            "zerlaut_first_order", backend=b, history_dtype="float16", **(SETTINGS | {"dtype": "float32"})
        )
        for b in ("cuda", "emulated")
    ]
    assert runs[0].drop_attrs().identical(runs[1].drop_attrs())


def test_devices_are_listed(gpu):
    gpu(devices=3)
    found = list_devices()
    assert [(d.number, d.name, d.memory) for d in found] == [(n, "Fake GPU", 141 * 10**9) for n in range(3)]


@needs_compiler
def test_a_result_says_what_made_its_bits(gpu):
    gpu()
    found = rateloom.simulate("linear", backend="cuda", **SETTINGS)
    variant = json.loads(found.attrs["variant"])
    assert variant["machine"] == "Fake GPU (sm_90)" and variant["driver"] == "CUDA 13.0"
    assert "NVRTC" in variant["compiler"] or "nvcc" in variant["compiler"]
    assert {"--fmad=false", "--prec-div=false", "--prec-sqrt=false"} <= set(variant["flags"].split())
    assert variant["runtime"].split()[0] in ("CuPy", "PyCUDA")
    assert found.attrs["kernel"].endswith("/cuda/Fake GPU (sm_90)")


@pytest.mark.parametrize(
    ("devices", "number", "message"),
    [
        (0, 0, "no GPU is there, or CUDA_VISIBLE_DEVICES hides it"),
        (1, 1, "device 1: there is none of that number; there is 0 alone"),
        (4, 7, "device 7: there is none of that number; there is 0 to 3"),
    ],
)
def test_a_gpu_that_is_not_there_is_named(gpu, devices, number, message):
    gpu(devices=devices)
    with pytest.raises(InputError, match=message):
        open_backend("cuda", number)


# Messages as CuPy, PyCUDA and the driver write them.
MESSAGES = [
    ("malloc", "cudaErrorMemoryAllocation: out of memory", "out of memory; allow less"),
    ("malloc", "mem_alloc failed: out of memory", "out of memory; allow less"),
    (
        "launch",
        "CUDA_ERROR_LAUNCH_OUT_OF_RESOURCES: too many resources requested for launch",
        "more registers",
    ),
    ("wait", "cudaErrorLaunchTimeout: the launch timed out and was terminated", "taking too long"),
    ("wait", "cudaErrorIllegalAddress: an illegal memory access was encountered", "a kernel failed; hold it"),
    ("wait", "cuStreamSynchronize failed: unspecified launch failure: launch failed", "a kernel failed"),
    ("load", "CUDA_ERROR_NO_BINARY_FOR_GPU: no kernel image is available for execution", "driver is too old"),
    ("load", "device kernel image is invalid", "driver is too old"),
    ("count", "cudaErrorInsufficientDriver: CUDA driver version is insufficient", "driver is too old"),
    ("count", "cudaErrorNoDevice: no CUDA-capable device is detected", "no GPU is there"),
    ("launch", "something\n  never seen", "something never seen"),
]


@needs_compiler
@pytest.mark.parametrize(("where", "text", "message"), MESSAGES)
def test_every_error_is_one_line(gpu, where, text, message):
    memory = gpu()
    memory.failures[where] = memory.error(text)
    with pytest.raises(InputError, match=message) as problem:
        rateloom.simulate("linear", backend="cuda", **SETTINGS)
    assert "\n" not in str(problem.value)


def test_neither_runtime_installed_says_which_command_brings_one(monkeypatch):
    monkeypatch.setattr(gpus, "find_spec", lambda name: None)
    for call in (lambda: open_backend("cuda"), list_devices):
        with pytest.raises(InputError, match=r'pip install "rateloom\[cupy\]" .* or "rateloom\[cuda\]"'):
            call()


def test_pycuda_comes_first(monkeypatch):
    monkeypatch.setattr(gpus, "find_spec", lambda name: name)
    monkeypatch.setattr(device_pycuda, "open_pycuda", lambda number: "pycuda")
    monkeypatch.setattr(device_cupy, "open_cupy", lambda number: "cupy")
    assert open_backend("cuda").device == "pycuda"


@pytest.mark.parametrize("name", ["cupy", "pycuda"])
def test_a_runtime_without_its_libraries_is_one_line(monkeypatch, name):
    """PyCUDA links the driver's library, so that its import fails where there is no driver."""

    def fail(module):
        raise ImportError("libcuda.so.1: cannot open shared object file: No such file or directory")

    monkeypatch.setattr(gpus, "find_spec", lambda n: n if n == name else None)
    monkeypatch.setattr({"cupy": device_cupy, "pycuda": device_pycuda}[name], "import_module", fail)
    with pytest.raises(InputError, match="NVIDIA's driver is not installed"):
        open_backend("cuda")


@pytest.mark.skipif(find_spec("cupy") is None, reason="CuPy is not installed")
def test_the_real_cupy_has_what_is_called():
    """Without a driver it imports, and asking for a device says so in one line."""
    cupy = pytest.importorskip("cupy")
    runtime = cupy.cuda.runtime
    for name in (
        "driverGetVersion", "getDeviceCount", "setDevice", "getDeviceProperties", "memGetInfo", "malloc",
        "free", "memcpyAsync", "memcpyHostToDevice", "memcpyDeviceToHost", "CUDARuntimeError",
    ):  # fmt: skip
        assert hasattr(runtime, name), name
    assert isinstance(cupy.__version__, str) and hasattr(cupy.cuda.nvrtc, "getVersion")
    assert cupy.cuda.driver.CU_FUNC_ATTRIBUTE_MAX_DYNAMIC_SHARED_SIZE_BYTES == device_cupy._DYNAMIC_SHARED
    assert all(hasattr(cupy.cuda.function.Module, name) for name in ("load", "get_function"))
    assert hasattr(cupy.cuda.driver, "funcSetAttribute") and hasattr(cupy.cuda, "alloc_pinned_memory")
    assert len(device_cupy._errors(cupy)) == 4
    if runtime.driverGetVersion() == 0:
        with pytest.raises(InputError, match="NVIDIA's driver is not installed"):
            device_cupy.open_cupy(0)


def test_the_real_pycuda_has_what_is_called():
    """It imports where the driver's library is, or a stub of it; without a GPU that is one line."""
    try:
        cuda = importlib.import_module("pycuda.driver")
    except ImportError:
        pytest.skip("PyCUDA is not installed, or there is no libcuda")
    for name in (
        "init", "get_driver_version", "get_version", "mem_get_info", "mem_alloc", "memcpy_htod_async",
        "memcpy_dtoh_async", "pagelocked_empty", "module_from_buffer", "Stream", "Event",
    ):  # fmt: skip
        assert hasattr(cuda, name), name
    assert hasattr(cuda.function_attribute, "MAX_DYNAMIC_SHARED_SIZE_BYTES")
    for name in (
        "MULTIPROCESSOR_COUNT", "MAX_REGISTERS_PER_MULTIPROCESSOR", "MAX_SHARED_MEMORY_PER_MULTIPROCESSOR",
        "MAX_SHARED_MEMORY_PER_BLOCK_OPTIN", "MAX_THREADS_PER_MULTIPROCESSOR",
    ):  # fmt: skip
        assert hasattr(cuda.device_attribute, name), name
    assert hasattr(cuda.Stream, "wait_for_event") and hasattr(cuda.Function, "set_attribute")
    assert hasattr(cuda.Device, "retain_primary_context") and hasattr(cuda.Device, "compute_capability")
    assert all(issubclass(error, Exception) for error in device_pycuda._errors(cuda))
    try:
        cuda.init()
    except cuda.Error:
        with pytest.raises(InputError, match="no GPU is there"):
            device_pycuda.open_pycuda(0)


def test_known_causes_need_no_letters_in_any_case():
    assert cause("OUT OF MEMORY") == cause("out of memory")


SOURCE = 'extern "C" __global__ void add(float* x, int n) { for (int i = 0; i < n; i++) x[i] += STEP; }'


def test_machine_code_is_made_once_and_by_the_compiler_that_fits_the_driver(tmp_path, monkeypatch):
    pytest.importorskip("cuda.bindings.nvrtc")
    monkeypatch.setenv("RATELOOM_CACHE", str(tmp_path))
    asked = []

    def other(options):
        asked.append(options)
        return b"from the runtime's compiler"

    arguments = (SOURCE, "add.cu", {"STEP": "1"}, "sm_90")
    code = machine_code(*arguments, 99000, other)
    assert code.startswith(b"\x7fELF")
    monkeypatch.setattr(device_cuda, "compile_cuda", None)
    assert machine_code(*arguments, 99000, other) == code
    assert not asked
    for _ in range(2):
        assert machine_code(*arguments, 11040, other) == b"from the runtime's compiler"
    assert len(asked) == 1 and "--define-macro=STEP=1" in asked[0]
    monkeypatch.setattr(device_cuda, "nvrtc_version", lambda: None)
    assert machine_code(*arguments, 12080, other) == b"from the runtime's compiler"
    assert len(list(tmp_path.rglob("*.cubin"))) == 3


def test_machine_code_needs_no_cache(tmp_path, monkeypatch):
    (tmp_path / "file").touch()
    monkeypatch.setenv("RATELOOM_CACHE", str(tmp_path / "file"))
    assert machine_code(SOURCE, "add.cu", {"STEP": "1"}, "sm_90", 11000, lambda options: b"code") == b"code"


def test_reports_are_kept(tmp_path, monkeypatch):
    pytest.importorskip("cuda.bindings.nvrtc")
    monkeypatch.setenv("RATELOOM_CACHE", str(tmp_path))
    first = device_cuda.kernel_reports(SOURCE, "add.cu", {"STEP": "1"}, "sm_80")
    monkeypatch.setattr(device_cuda, "compile_cuda", None)
    assert device_cuda.kernel_reports(SOURCE, "add.cu", {"STEP": "1"}, "sm_80") == first
    assert first["add"].registers > 0
