"""Windows of steps: when one ends, and the sample that it makes."""

from numba import literally, njit

from .compiling import OPTIONS, compiled_once, use_wide_vectors
from .copies import copy_rows


@njit(inline="always", **OPTIONS)
def next_window(first, begin, from_step, window):
    """Return the sample that the next window to end makes, and the step of the block after which it ends."""
    sample = (first + begin + from_step) // window
    return sample - first // window, (sample + 1) * window - (first + begin)


@compiled_once
def close_window(samples, sample, nodes, flat, rows, per_window, lanes, vector):
    """Write the means of a window of a group of nodes as a sample, and begin the next with zero.

    `rows` are the first row and the number of rows of the sums in `flat`; as many rows with what rounding left of
    them follow.
    """
    use_wide_vectors()
    lanes = literally(lanes)
    (first_node, present, n_node), begin, end = nodes, rows[0] * vector, (rows[0] + rows[1]) * vector
    cell, stride = (sample * rows[1] * n_node + first_node) * lanes, n_node * lanes
    for k in range(begin, end):
        flat[k] *= per_window
    for nth in range(present):
        copy_rows(samples, cell + nth * lanes, stride, flat, begin + nth * lanes, vector, rows[1], lanes)
    for k in range(begin, 2 * end - begin):
        flat[k] = 0
