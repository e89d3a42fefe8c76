"""Batches of work items: the same numbers on any number of threads, in any layout, in parts or as a whole."""

import numpy as np
import pytest
from measure_cases import context, measured, noise

from rateloom.drivers.measures.batch import measure_items
from rateloom.drivers.measures.custom import measure

BATCH = np.stack([noise(5, 1200, seed=s, dtype=np.float32).T for s in range(5)]) / np.float32(1000)


@pytest.mark.parametrize("convention", ["standard", "published"])
def test_threads_do_not_matter(convention):
    one = measure_items(BATCH, context(convention), scale=1000.0)
    four = measure_items(BATCH, context(convention), scale=1000.0, threads=4)
    for name, value in one.items():
        np.testing.assert_array_equal(four[name], value)


def test_each_item_is_measured_as_if_alone():
    found = measure_items(BATCH, context(), scale=1000.0)
    for k, values in enumerate(BATCH):
        alone = measured(values.T * np.float32(1000))
        for name, value in alone.items():
            np.testing.assert_array_equal(found[name][k], value)


def test_time_may_be_innermost_in_memory():
    turned = np.ascontiguousarray(BATCH.transpose(0, 2, 1)).transpose(0, 2, 1)
    for name, value in measure_items(turned, context()).items():
        np.testing.assert_array_equal(value, measure_items(BATCH, context())[name])


def test_the_batch_is_left_as_it_was():
    before = BATCH.copy()
    measure_items(BATCH, context(), scale=1000.0)
    np.testing.assert_array_equal(BATCH, before)
    alone = np.ascontiguousarray(BATCH[:1])
    measure_items(alone.transpose(0, 1, 2), context(), scale=1000.0)
    np.testing.assert_array_equal(alone, before[:1])


@pytest.mark.parametrize("dtype", [np.int32, np.float16])
def test_other_numbers_are_taken_as_floats(dtype):
    values = (1000 * BATCH).astype(dtype)
    found = measure_items(values, context())["mean_FR_all"]
    np.testing.assert_allclose(found, values.astype(float).mean(axis=(1, 2)), rtol=1e-6)


def test_progress_is_told_by_the_item():
    told = []
    measure_items(BATCH, context(), threads=2, advance=told.append)
    assert told == [1] * 5


def test_custom_measures_see_rates_in_hz_one_at_a_time_or_all_at_once():
    @measure(unit="Hz")
    def median(values):
        """Median over time."""
        return np.median(values, axis=0)

    @measure(name="spread", batched=True)
    def of_all(values, dt):
        return np.ptp(values, axis=(1, 2)) / dt

    found = measure_items(BATCH, context(dt=2.0), scale=1000.0, custom=[median, of_all])
    rates = BATCH * np.float32(1000)
    np.testing.assert_allclose(found["median"], np.median(rates, axis=1), rtol=1e-6)
    np.testing.assert_allclose(found["spread"], np.ptp(rates, axis=(1, 2)) / 2, rtol=1e-6)
    assert median.description == "Median over time."
    np.testing.assert_array_equal(median(rates[0]), np.median(rates[0], axis=0))


@pytest.mark.slow
def test_all_measures_take_less_than_20_ms_of_processor_time_a_work_item():
    """4,000 samples x 68 regions x 2 populations, on one thread; the best of several, on a shared machine."""
    import time

    from rateloom.drivers.measures.context import Context
    from rateloom.drivers.measures.default_mode import DefaultMode
    from rateloom.drivers.measures.measure_settings import MeasureSettings

    weights = np.random.default_rng(0).random((68, 68))
    everything = Context(
        1.0, True, "standard", MeasureSettings(), weights, weights, DefaultMode((1, 2, 3), 1)
    )
    batch = np.stack([noise(68, 4000, seed=s, dtype=np.float32).T for s in range(8)])
    measure_items(batch[:1], everything)
    best = np.inf
    for _ in range(5):
        begin = time.process_time()
        measure_items(batch, everything)
        best = min(best, (time.process_time() - begin) / len(batch))
    assert 2 * best < 0.020
