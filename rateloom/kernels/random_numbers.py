"""Random numbers that a counter makes, and normal deviates of them."""

import math

import numpy as np
from numba import njit

from .compiling import OPTIONS, inlined
from .elementary import cos, log, sin

LOW = np.uint64(0xFFFFFFFF)
HALF = np.uint64(32)


@njit(inline="always", **OPTIONS)
def philox(step, node, item, block, key0, key1):
    """Philox4x32-10 (doi 10.1145/2063384.2063405): four random words of 32 bits, each in 64."""
    counter0, counter1 = np.uint64(step), np.uint64(node)
    counter2, counter3 = np.uint64(item), np.uint64(block)
    subkey0, subkey1 = np.uint64(key0), np.uint64(key1)
    for _ in range(10):
        product0 = np.uint64(0xD2511F53) * counter0
        product1 = np.uint64(0xCD9E8D57) * counter2
        counter0, counter1 = (product1 >> HALF) ^ counter1 ^ subkey0, product1 & LOW
        counter2, counter3 = (product0 >> HALF) ^ counter3 ^ subkey1, product0 & LOW
        subkey0 = (subkey0 + np.uint64(0x9E3779B9)) & LOW
        subkey1 = (subkey1 + np.uint64(0xBB67AE85)) & LOW
    return np.uint32(counter0), np.uint32(counter1), np.uint32(counter2), np.uint32(counter3)


@njit(inline="always", **OPTIONS)
def number_lanes(drawn_for, entry, node, items):
    """Write the node and the work items of a group's lanes from `entry` on, which random numbers are drawn for.

    A quotient and a remainder of the entry in the group would be no vector instructions.
    """
    for lane in range(len(items)):
        drawn_for[0, entry + lane], drawn_for[1, entry + lane] = node, items[lane]


def normal_pair(word0, word1):
    """Two normal deviates of two words, which are floating-point numbers already, by Box and Muller."""
    real = type(word0)
    radius = math.sqrt(real(-2.0) * log((word0 + real(0.5)) * real(2.0**-32)))
    angle = word1 * real(2.0 * math.pi * 2.0**-32)
    return radius * cos(angle), radius * sin(angle)


normal_pair = inlined(normal_pair)
