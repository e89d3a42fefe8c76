import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from scipy import stats

from rateloom.drivers.model.random import INITIAL, NOISE, initial_uniform, key_of, normals, philox4x32
from rateloom.drivers.support.errors import InputError


@pytest.mark.parametrize(
    ("counter", "key", "words"),
    [
        ((0, 0, 0, 0), (0, 0), (0x6627E8D5, 0xE169C58D, 0xBC57AC4C, 0x9B00DBD8)),
        ((0xFFFFFFFF,) * 4, (0xFFFFFFFF,) * 2, (0x408F276D, 0x41C83B0E, 0xA20BC7C6, 0x6D5451FD)),
        (
            (0x243F6A88, 0x85A308D3, 0x13198A2E, 0x03707344),
            (0xA4093822, 0x299F31D0),
            (0xD16CFE09, 0x94FDCCEB, 0x5001E420, 0x24126EA1),
        ),
    ],
)
def test_known_answers_of_random123(counter, key, words):
    assert tuple(int(word) for word in philox4x32(counter, key)) == words


def test_keys():
    assert key_of(0, 0) == (0, 0)
    assert key_of(2**64 - 1, 0) == (0xFFFFFFFF, 0xFFFFFFFF)
    assert key_of(0, NOISE) == (0x7F4A7C15, 0x9E3779B9)
    assert key_of(1, INITIAL) == (0xFE94F82B, 0x3C6EF372)


@pytest.mark.parametrize("seed", [-1, 2**64, 1.5, "1", None, True])
def test_bad_seeds(seed):
    with pytest.raises(InputError, match="whole number from 0"):
        key_of(seed, NOISE)


def test_numbers_of_a_run_are_uniform_and_normal():
    uniform = initial_uniform(3, np.arange(100)[:, None], np.arange(60), 5)
    assert uniform.shape == (5, 100, 60)
    assert uniform.min() > 0
    assert uniform.max() < 1
    assert stats.kstest(uniform.ravel(), "uniform").pvalue > 1e-3
    normal = normals(3, np.arange(50)[:, None, None], np.arange(20)[:, None], np.arange(10), 3)
    assert normal.shape == (3, 50, 20, 10)
    assert stats.kstest(normal.ravel(), "norm").pvalue > 1e-3
    # The two of one Box-Muller pair, neighbours in step, node and item are all uncorrelated.
    for a, b in [
        (normal[0], normal[1]),
        (normal[1], normal[2]),
        (normal[:, 1:], normal[:, :-1]),
        (normal[:, :, 1:], normal[:, :, :-1]),
        (normal[..., 1:], normal[..., :-1]),
    ]:
        assert abs(np.corrcoef(a.ravel(), b.ravel())[0, 1]) < 4 / np.sqrt(a.size)


def test_box_muller_from_the_known_words():
    words = philox4x32((7, 2, 5, 1), key_of(11, NOISE))
    u, v = (float(words[2]) + 0.5) / 2**32, float(words[3]) / 2**32
    deviates = normals(11, 7, 2, 5, 8)
    assert deviates[6] == pytest.approx(np.sqrt(-2 * np.log(u)) * np.cos(2 * np.pi * v), rel=1e-14)
    assert deviates[7] == pytest.approx(np.sqrt(-2 * np.log(u)) * np.sin(2 * np.pi * v), rel=1e-14)
    state = philox4x32((0, 2, 5, 1), key_of(11, INITIAL))
    assert initial_uniform(11, 5, 2, 6)[5] == (int(state[1]) + 0.5) / 2**32


@given(st.integers(0, 2**64 - 1), st.integers(0, 2**32 - 50), st.integers(1, 9), st.integers(1, 49))
def test_any_part_of_the_numbers_is_the_same_alone(seed, first_step, n_noise, cut):
    steps, items = np.arange(first_step, first_step + 50), np.arange(3)[:, None]
    whole = normals(seed, steps, 1, items, n_noise)
    assert np.isfinite(whole).all()
    assert np.array_equal(whole[..., cut:], normals(seed, steps[cut:], 1, items, n_noise))
    assert np.array_equal(whole[:1, 2], normals(seed, steps, 1, 2, 1))
    assert np.array_equal(whole[..., cut], normals(seed, int(steps[cut]), 1, items[:, 0], n_noise))


def test_no_terms_at_all():
    assert normals(0, 0, 0, np.arange(3), 0).shape == (0, 3)
    assert initial_uniform(0, np.arange(3), 0, 0).shape == (0, 3)
