"""Windows of steps: when one ends, and the sample that it makes."""

from numba import literally, njit

from .compiling import OPTIONS, compiled_once
from .copies import copy_rows


@njit(inline="always", **OPTIONS)
def next_window(first, begin, from_step, window):
    """Return the sample that the next window to end makes, and the step of the block after which it ends."""
    sample = (first + begin + from_step) // window
    return sample - first // window, (sample + 1) * window - (first + begin)


@compiled_once
def close_window(output, sample, nodes, rows, per_window, lanes):
    """Write the means of a window of a group of nodes as a sample, and begin the next with zero."""
    lanes = literally(lanes)
    (first_node, present, n_node), flat, vector = nodes, rows.reshape(-1), rows.shape[1]
    to, cell = output.reshape(-1), (sample * len(rows) * n_node + first_node) * lanes
    for k in range(flat.size):
        flat[k] *= per_window
    for nth in range(present):
        copy_rows(to, cell + nth * lanes, n_node * lanes, flat, nth * lanes, vector, len(rows), lanes)
    flat[:] = 0
