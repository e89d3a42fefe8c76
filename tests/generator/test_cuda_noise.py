"""The random integers of generated CUDA code, word for word."""

from __future__ import annotations

import numpy as np
import pytest

import rateloom
from rateloom.api.generation import kernel_source
from rateloom.drivers.backends.emulated.host_compiler import host_compiler, launch, load_library
from rateloom.drivers.model.random import philox4x32

pytestmark = pytest.mark.skipif(host_compiler() is None, reason="no C++ compiler on this machine")

WORDS = """
extern "C" __global__ void words(
    const unsigned int* counter, unsigned int key0, unsigned int key1, unsigned int* out)
{
    const Words found = philox(counter[0], counter[1], counter[2], counter[3], key0, key1);
    for (int k = 0; k < 4; k++) out[k] = found.word[k];
}
"""
# Random123, kat_vectors: philox4x32 of 10 rounds.
KNOWN = [
    ([0] * 4, (0, 0), [0x6627E8D5, 0xE169C58D, 0xBC57AC4C, 0x9B00DBD8]),
    ([0xFFFFFFFF] * 4, (0xFFFFFFFF,) * 2, [0x408F276D, 0x41C83B0E, 0xA20BC7C6, 0x6D5451FD]),
    (
        [0x243F6A88, 0x85A308D3, 0x13198A2E, 0x03707344],
        (0xA4093822, 0x299F31D0),
        [0xD16CFE09, 0x94FDCCEB, 0x5001E420, 0x24126EA1],
    ),
]


@pytest.fixture(scope="module")
def words():
    library = load_library(kernel_source(rateloom.load("linear"), "cuda") + WORDS)

    def draw(counter, key):
        out = np.zeros(4, np.uint32)
        key0, key1 = (np.uint32(word) for word in key)
        launch(library, "words", (1, 1), (1, 1), [np.array(counter, np.uint32), key0, key1, out])
        return out.tolist()

    return draw


@pytest.mark.parametrize(("counter", "key", "known"), KNOWN)
def test_generated_code_gives_the_known_answers_of_random123(words, counter, key, known):
    assert words(counter, key) == known


def test_generated_code_draws_the_integers_that_the_runtime_draws(words):
    for drawn in np.random.default_rng(5).integers(0, 2**32, (50, 6)):
        counter, key = [int(word) for word in drawn[:4]], tuple(int(word) for word in drawn[4:])
        assert words(counter, key) == [int(word) for word in philox4x32(tuple(counter), key)]
