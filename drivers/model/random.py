"""The random numbers of every target, in NumPy: counter-based, so that none depends on what ran before.

Philox4x32-10 (Salmon et al. 2011, doi 10.1145/2063384.2063405): a block of four 32-bit words is a function
of a counter (step, node, work item, index // 4) and of a key made from the seed and a domain; word
``index % 4`` of it belongs to that index.
"""

from __future__ import annotations

import numpy as np
from numpy.typing import ArrayLike, NDArray

from rateloom.drivers.support.errors import InputError

NOISE = 1
INITIAL = 2
INPUT_EVENTS = 3

_MULTIPLIER_0, _MULTIPLIER_1 = np.uint64(0xD2511F53), np.uint64(0xCD9E8D57)
_WEYL_0, _WEYL_1 = 0x9E3779B9, 0xBB67AE85
_LOW, _HALF = np.uint64(0xFFFFFFFF), np.uint64(32)
_DOMAIN_STEP = 0x9E3779B97F4A7C15

_Words = NDArray[np.uint32]
_Floats = NDArray[np.float64]


def key_of(seed: int, domain: int) -> tuple[int, int]:
    """The key of a domain: the seed XOR (domain x 0x9E3779B97F4A7C15 mod 2**64), low word first.

    Raises
    ------
    InputError
        If the seed is not a whole number from 0 to 2**64 - 1.
    """
    if isinstance(seed, bool) or not isinstance(seed, (int, np.integer)) or not 0 <= seed < 2**64:
        raise InputError(f"seed={seed}: it must be a whole number from 0 to 2**64 - 1")
    mixed = int(seed) ^ (domain * _DOMAIN_STEP % 2**64)
    return mixed & 0xFFFFFFFF, mixed >> 32


def philox4x32(
    counter: tuple[ArrayLike, ArrayLike, ArrayLike, ArrayLike], key: tuple[int, int]
) -> tuple[_Words, _Words, _Words, _Words]:
    """Ten rounds of Philox4x32 on four counter words, which broadcast against one another."""
    c0, c1, c2, c3 = np.broadcast_arrays(*(np.asarray(word, dtype=np.uint64) for word in counter))
    k0, k1 = key
    for _ in range(10):
        product_0, product_1 = c0 * _MULTIPLIER_0, c2 * _MULTIPLIER_1
        c0, c2 = (product_1 >> _HALF) ^ c1 ^ np.uint64(k0), (product_0 >> _HALF) ^ c3 ^ np.uint64(k1)
        c1, c3 = product_1 & _LOW, product_0 & _LOW
        k0, k1 = (k0 + _WEYL_0) & 0xFFFFFFFF, (k1 + _WEYL_1) & 0xFFFFFFFF
    return c0.astype(np.uint32), c1.astype(np.uint32), c2.astype(np.uint32), c3.astype(np.uint32)


def initial_uniform(seed: int, item: ArrayLike, node: ArrayLike, n_state: int) -> _Floats:
    """Numbers strictly between 0 and 1 for the initial states, ``(w + 0.5) / 2**32``.

    Parameters
    ----------
    seed : int
        The run's seed.
    item, node : arrays of int
        Work items and nodes, broadcast against each other to a shape ``s``.
    n_state : int
        Number of state variables.

    Returns
    -------
    (n_state, *s) array of float64
    """
    key = key_of(seed, INITIAL)
    words = [word for block in range(-(-n_state // 4)) for word in philox4x32((0, node, item, block), key)]
    shape = np.broadcast_shapes(np.shape(item), np.shape(node))
    return (np.array(words[:n_state], dtype=np.float64).reshape(n_state, *shape) + 0.5) * 2.0**-32


def normals(seed: int, step: ArrayLike, node: ArrayLike, item: ArrayLike, n_noise: int) -> _Floats:
    """Standard normal deviates for the noise, two from two words by Box and Muller's method.

    Words w0, w1 give ``sqrt(-2 ln u) cos(2 pi v)`` and ``sqrt(-2 ln u) sin(2 pi v)`` with
    ``u = (w0 + 0.5) / 2**32`` and ``v = w1 / 2**32``; w2, w3 likewise.

    Parameters
    ----------
    seed : int
        The run's seed.
    step, node, item : arrays of int
        Integration steps, nodes and work items, broadcast against one another to a shape ``s``.
    n_noise : int
        Number of noise terms a node.

    Returns
    -------
    (n_noise, *s) array of float64
    """
    key = key_of(seed, NOISE)
    result: list[_Floats] = []
    for block in range(-(-n_noise // 4)):
        words = philox4x32((step, node, item, block), key)
        for w, turn in (words[:2], words[2:]):
            radius = np.sqrt(-2.0 * np.log((w + 0.5) * 2.0**-32))
            angle = 2.0 * np.pi * (turn * 2.0**-32)
            result += [radius * np.cos(angle), radius * np.sin(angle)]
    shape = np.broadcast_shapes(np.shape(step), np.shape(node), np.shape(item))
    return np.array(result[:n_noise], dtype=np.float64).reshape(n_noise, *shape)
