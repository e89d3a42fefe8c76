"""Moments and co-moments on the emulated device: against NumPy and against those of held series."""

from pathlib import Path

import numpy as np
import pytest
from measure_cases import noise
from test_streamed import ASKED, degenerate, held, recipe, series

from rateloom.drivers.backends.cuda.nvrtc import compile_cuda
from rateloom.drivers.backends.emulated.emulated_device import open_emulated
from rateloom.drivers.backends.emulated.host_compiler import host_compiler
from rateloom.drivers.execution.device_sink import DeviceRoom
from rateloom.drivers.observation.on_device import OnDevice, bytes_on_device

pytestmark = pytest.mark.skipif(host_compiler() is None, reason="no C++ compiler")
LANES = 4
SOURCE = Path(__file__).resolve().parents[2] / "drivers" / "observation" / "moments.cu"


def added(values, sizes=(700,), debug=False, **how):
    """Measures of series (item, node, time) that a device put out, some samples a launch."""
    n_item, n_node, n_time = values.shape
    told = recipe(n_node, n_time, values.dtype.name, **how)
    device, n_block = open_emulated(debug), -(-n_item // LANES)

    def put(array):
        buffer = device.allocate(array.shape, array.dtype)
        device.copy_in(buffer, np.ascontiguousarray(array))
        return buffer

    sink = OnDevice(
        told.parts,
        n_node,
        DeviceRoom(device, n_block, LANES, np.arange(n_block * LANES), values.dtype.name, put),
        1,
    )
    filled = np.resize(values, (n_block, LANES, n_node, n_time)).transpose(0, 3, 2, 1)[:, :, None]
    begin = 0
    while begin < n_time:
        for size in sizes:
            new = filled[:, begin : begin + size]
            sink.take(put(new), new.shape[1])
            begin += size
    items = [min(LANES, n_item - LANES * b) for b in range(n_block)]
    found = sink.finish(items, np.full((n_block, LANES), n_time))
    return told, {name: np.concatenate([one[name] for one in found]) for name in found[0]}


@pytest.mark.parametrize("dtype", [np.float32, np.float64])
@pytest.mark.parametrize("n_item", [3, 6])
def test_sums_on_a_device_agree_with_numpy_and_with_held_series(dtype, n_item):
    values = series(dtype, n_item)
    told, found = added(values)
    expected = held(told, values)
    assert set(found) == set(expected)
    for name, array in expected.items():
        # what is held is multiplied in its own precision, which single precision rounds by 6e-8
        tolerance = 2e-6 if dtype == np.float32 else 6e-8 if name == "FC_E" else 1e-10
        np.testing.assert_allclose(found[name], array, rtol=tolerance, atol=tolerance, err_msg=name)
    for k, one in enumerate(values.astype(np.float64)):
        # kept in single precision
        np.testing.assert_allclose(found["FC_E"][k], np.corrcoef(one), atol=6e-8)
        np.testing.assert_allclose(found["std_FR_E"][k], 1000 * one.std(axis=1), rtol=1e-12)
    np.testing.assert_array_equal(found["max_FR_E"], expected["max_FR_E"])
    np.testing.assert_array_equal(found["min_FR_E"], expected["min_FR_E"])


def test_no_bit_depends_on_launches_or_on_the_order_of_threads():
    values = series(np.float32)
    _, expected = added(values)
    for sizes, debug in [((1, 300), False), ((128,), True)]:
        for name, array in added(values, sizes, debug)[1].items():
            np.testing.assert_array_equal(array, expected[name], err_msg=name)


@pytest.mark.parametrize("n_node", [1, 4, 5, 9])
def test_any_number_of_nodes_and_moments_alone(n_node):
    values = np.stack([noise(n_node, 300, seed=k) for k in range(2)])
    for asked in (ASKED, ("moments",)):
        told, found = added(values, asked=asked)
        for name, array in held(told, values).items():
            np.testing.assert_allclose(found[name], array, rtol=1e-7, atol=1e-7, err_msg=name)


def test_a_large_mean_costs_no_digits():
    values = (series() + 1e6).astype(np.float32)
    exact = values.astype(np.float64)
    _, found = added(values, unit="mV")
    np.testing.assert_allclose(found["std_E"], exact.std(axis=2), rtol=1e-9)
    np.testing.assert_allclose(found["FC_E"][1], np.corrcoef(exact[1]), atol=1e-7)


@pytest.mark.parametrize("kind", ["constant region", "all constant", "two samples", "NaN", "infinite"])
def test_degenerate_series_have_what_held_ones_have(kind):
    values = degenerate(kind)
    told, found = added(values)
    for name, array in held(told, values).items():
        np.testing.assert_allclose(found[name], array, rtol=1e-6, atol=5e-6, err_msg=name)


def test_what_a_device_is_to_have_free_is_what_is_allocated():
    values = series(np.float32)
    told = recipe(6, 700, "float32")
    taken = []

    def put(array):
        taken.append(array.nbytes)
        return array

    OnDevice(told.parts, 6, DeviceRoom(open_emulated(), 2, LANES, np.arange(2 * LANES), "float32", put), 1)
    assert sum(taken) == 2 * LANES * bytes_on_device(told.parts, 6, values.dtype)


@pytest.mark.parametrize("real", ["float", "double"])
def test_a_gpu_keeps_a_tile_in_registers(real):
    pytest.importorskip("cuda.bindings.nvrtc", reason='NVRTC is absent: pip install "rateloom[compile]"')
    defines = {"REAL": real, "LANES": "32", "GROUPS": "8", "PAIRS": "1"}
    (report,) = compile_cuda(SOURCE.read_text(), "sm_90", defines, "moments.cu").kernels
    assert report.spill_stores == report.spill_loads == 0
    # two thread blocks of 256 threads fit into the 65,536 registers of a multiprocessor
    assert report.registers <= 128
