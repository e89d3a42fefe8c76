import numpy as np
import pytest
import scipy.stats

from rateloom.drivers.model import random as drivers_random
from rateloom.oracle.philox import INITIAL, NOISE, key_of, normal, philox, uniform

ONES = 0xFFFFFFFF
# Random123's kat_vectors, philox4x32 with 10 rounds.
KNOWN = [
    ((0, 0, 0, 0), (0, 0), (0x6627E8D5, 0xE169C58D, 0xBC57AC4C, 0x9B00DBD8)),
    ((ONES,) * 4, (ONES,) * 2, (0x408F276D, 0x41C83B0E, 0xA20BC7C6, 0x6D5451FD)),
    (
        (0x243F6A88, 0x85A308D3, 0x13198A2E, 0x03707344),
        (0xA4093822, 0x299F31D0),
        (0xD16CFE09, 0x94FDCCEB, 0x5001E420, 0x24126EA1),
    ),
]


@pytest.mark.parametrize(("counter", "key", "expected"), KNOWN)
def test_random123s_known_answers(counter, key, expected):
    assert tuple(int(word) for word in philox(counter, key)) == expected


def test_counter_words_broadcast():
    words = philox((3, np.arange(4), 7, 1), (5, 6))
    assert [int(w[2]) for w in words] == [int(w) for w in philox((3, 2, 7, 1), (5, 6))]


def test_key_mixes_seed_and_domain():
    assert key_of(0, NOISE) == (0x7F4A7C15, 0x9E3779B9)
    assert key_of(0x9E3779B97F4A7C15, NOISE) == (0, 0)
    assert key_of(7, NOISE) != key_of(7, INITIAL) != key_of(8, INITIAL)


def test_normal_deviates_follow_the_normal_distribution():
    deviates = normal(seed=3, step=11, n_node=20_000, item=0, n_noise=3)
    for row in deviates:
        assert scipy.stats.kstest(row, "norm").pvalue > 1e-3
    assert np.abs(np.corrcoef(deviates) - np.eye(3)).max() < 0.03


def test_noise_indices_do_not_depend_on_how_many_there_are():
    seven = normal(seed=1, step=2, n_node=5, item=4, n_noise=7)
    np.testing.assert_array_equal(normal(seed=1, step=2, n_node=5, item=4, n_noise=3), seven[:3])
    assert normal(seed=1, step=2, n_node=5, item=4, n_noise=0).shape == (0, 5)


@pytest.mark.parametrize("what", ["seed", "step", "item"])
def test_deviates_differ_by(what):
    base = {"seed": 1, "step": 2, "n_node": 5, "item": 4, "n_noise": 2}
    assert (normal(**base) != normal(**{**base, what: base[what] + 1})).all()


@pytest.mark.parametrize("seed", [0, 12345, 2**64 - 1])
def test_agrees_with_the_drivers_numbers(seed):
    node = np.arange(9)
    for step in (0, 70_000):
        theirs = drivers_random.normals(seed, step, node, 6, 5)
        np.testing.assert_allclose(normal(seed, step, 9, 6, 5), theirs, rtol=1e-14)
    theirs = drivers_random.initial_uniform(seed, 6, node, 6)
    np.testing.assert_array_equal([uniform(seed, 9, 6, i) for i in range(6)], theirs)
