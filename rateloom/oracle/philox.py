"""The oracle's own Philox4x32-10 (doi 10.1145/2063384.2063405), with uniform and normal deviates."""

from __future__ import annotations

from typing import Any

import numpy as np
from numpy.typing import NDArray

Words = NDArray[np.uint64]
Array = NDArray[np.float64]

NOISE, INITIAL = 1, 2
LOW = np.uint64(0xFFFFFFFF)
HALF = np.uint64(32)


def key_of(seed: int, domain: int) -> tuple[int, int]:
    """Combine a 64-bit seed with a domain into Philox's two key words."""
    mixed = (seed ^ (domain * 0x9E3779B97F4A7C15)) % 2**64
    return mixed % 2**32, mixed >> 32


def philox(counter: tuple[Any, Any, Any, Any], key: tuple[int, int]) -> tuple[Words, Words, Words, Words]:
    """Return ten rounds of Philox4x32; each counter word is a number or an array, broadcast together."""
    a, b, c, d = (np.asarray(word, np.uint64) for word in np.broadcast_arrays(*counter))
    k0, k1 = key
    for _ in range(10):
        p = np.uint64(0xD2511F53) * a
        q = np.uint64(0xCD9E8D57) * c
        a, b, c, d = (q >> HALF) ^ b ^ np.uint64(k0), q & LOW, (p >> HALF) ^ d ^ np.uint64(k1), p & LOW
        k0, k1 = (k0 + 0x9E3779B9) % 2**32, (k1 + 0xBB67AE85) % 2**32
    return a, b, c, d


def uniform(seed: int, n_node: int, item: int, index: int) -> Array:
    """Return uniform deviates in (0, 1), one a node, for the initial value of state variable ``index``."""
    words = philox((0, np.arange(n_node), item, index // 4), key_of(seed, INITIAL))
    return (words[index % 4].astype(np.float64) + 0.5) * 2.0**-32


def normal(seed: int, step: int, n_node: int, item: int, n_noise: int) -> Array:
    """Return standard normal deviates of one step by Box-Muller, shape (n_noise, n_node)."""
    deviates = []
    for block in range((n_noise + 3) // 4):
        words = philox((step, np.arange(n_node), item, block), key_of(seed, NOISE))
        for first, second in (words[:2], words[2:]):
            radius = np.sqrt(-2.0 * np.log((first.astype(np.float64) + 0.5) * 2.0**-32))
            angle = 2.0 * np.pi * (second.astype(np.float64) * 2.0**-32)
            deviates += [radius * np.cos(angle), radius * np.sin(angle)]
    return np.array(deviates[:n_noise]).reshape(n_noise, n_node)
