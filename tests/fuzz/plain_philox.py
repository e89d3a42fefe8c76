"""Philox4x32-10 on Python's whole numbers, after the paper (doi 10.1145/2063384.2063405)."""

from __future__ import annotations

import math

_WORD = 2**32 - 1


def philox(counter: tuple[int, int, int, int], key: tuple[int, int]) -> tuple[int, int, int, int]:
    """Return the four words of a counter."""
    (c0, c1, c2, c3), (k0, k1) = counter, key
    for _ in range(10):
        left, right = 0xD2511F53 * c0, 0xCD9E8D57 * c2
        c0, c1, c2, c3 = (right >> 32) ^ c1 ^ k0, right & _WORD, (left >> 32) ^ c3 ^ k1, left & _WORD
        k0, k1 = (k0 + 0x9E3779B9) & _WORD, (k1 + 0xBB67AE85) & _WORD
    return c0, c1, c2, c3


def key_of(seed: int, domain: int) -> tuple[int, int]:
    """Return the words of a seed for noise (1) or initial states (2)."""
    mixed = (seed ^ domain * 0x9E3779B97F4A7C15) & (2**64 - 1)
    return mixed & _WORD, mixed >> 32


def uniform(seed: int, node: int, item: int, state: int) -> float:
    """Return the deviate that a state begins with, as a share of its range."""
    return (philox((0, node, item, state // 4), key_of(seed, 2))[state % 4] + 0.5) / 2**32


def normal(seed: int, step: int, node: int, item: int, noise: int) -> float:
    """Return the normal deviate of one noise in one step, by Box and Muller."""
    words = philox((step, node, item, noise // 4), key_of(seed, 1))
    first = 2 * (noise % 4 // 2)
    radius = math.sqrt(-2 * math.log((words[first] + 0.5) / 2**32))
    angle = 2 * math.pi * words[first + 1] / 2**32
    return radius * (math.sin(angle) if noise % 2 else math.cos(angle))
