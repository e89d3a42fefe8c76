"""Copies between arrays of all nodes and the rows of the nodes that are advanced, and the history."""

from numba import literally, njit

from .compiling import OPTIONS, compiled_once
from .copies import copy, copy_rows


@compiled_once
def load_nodes(flat, kept, rows, nodes, columns, lanes, vector):
    """Read what a group of nodes keeps from block to block.

    `kept` are hoisted rows, states and sums of windows, `rows` the first row and the number of rows of each in
    `flat`; `nodes` are the first node, the number of nodes in the group, and that of all nodes.
    """
    lanes = literally(lanes)
    (hoisted, state, sums), (constants, states, exposures), (first_node, present, n_node) = kept, rows, nodes
    for nth in range(present):
        here, entry, stride = (first_node + nth) * lanes, nth * lanes, n_node * lanes
        column = here if columns > 1 else 0
        copy_rows(flat, entry, vector, hoisted, column, columns * lanes, constants[1], lanes)
        copy_rows(flat, states[0] * vector + entry, vector, state, here, stride, states[1], lanes)
        copy_rows(flat, exposures[0] * vector + entry, vector, sums, here, stride, exposures[1], lanes)


@compiled_once
def store_nodes(flat, kept, rows, nodes, lanes, vector):
    """Write states and sums of windows of a group of nodes; the rest is as in `load_nodes`."""
    lanes = literally(lanes)
    (_, state, sums), (_, states, exposures), (first_node, present, n_node) = kept, rows, nodes
    for nth in range(present):
        here, entry, stride = (first_node + nth) * lanes, nth * lanes, n_node * lanes
        copy_rows(state, here, stride, flat, states[0] * vector + entry, vector, states[1], lanes)
        copy_rows(sums, here, stride, flat, exposures[0] * vector + entry, vector, exposures[1], lanes)


@compiled_once
def repeat_slot(history, factors, node, n_node, slots, slot, count, lanes):
    """Copy what a node has in a slot of the ring into the `count - 1` slots that follow."""
    lanes = literally(lanes)
    for row in range(factors):
        cell = ((row * n_node + node) * slots + slot) * lanes
        for later in range(1, count):
            copy(history, cell + later * lanes, history, cell, lanes)


@njit(inline="always", **OPTIONS)
def write_ring(ring, block, slot, flat, rows, visit, lanes, vector):
    """Write rows of a group of nodes into a slot of the ring, and into its repeated beginning.

    `visit` is the first node, the number of nodes there, and that of all nodes; `ring` is as in `sum_tiles`.
    """
    (history, horizon, slots), (first_node, present, n_node) = ring, visit
    slot -= horizon if slot >= horizon else 0
    for nth in range(present):
        for k in range(len(rows)):
            cell = ((k * n_node + first_node + nth) * slots + slot) * lanes
            copy(history, cell, flat, rows[k] * vector + nth * lanes, lanes)
            if slot < block:
                copy(history, cell + horizon * lanes, flat, rows[k] * vector + nth * lanes, lanes)
