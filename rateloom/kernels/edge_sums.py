"""Sums over edges of the history's windows, in vector instructions.

They are compiled once for all models, so all that they call is in this file.
"""

import numpy as np
from llvmlite import ir
from numba import literally, njit, types
from numba.core import cgutils
from numba.extending import intrinsic, overload

from .compiling import OPTIONS, compiled_once
from .elementary import fma


def copy(target, begin, source, start, count):
    """Copy `count` values of `source` from `start` on to `target` from `begin` on, both flat and apart."""
    target[begin : begin + count] = source[start : start + count]


def add_windows(total, cell, keep, edges, ends, history, window, lanes, count):
    """Sum the windows that edges `ends[0]` to `ends[1]` see of the history, times their weights, in their order.

    The sums for `count` steps begin at `cell` of the flat `total`; what is there is added to unless `keep` is 0.
    `edges` are weights, sources and delays; `window` is the history's first row, the slot of the first step, the
    horizon, the slots of a row, and whether delays count.
    """
    weight, source, delay = edges
    begin, stop = ends
    first_row, at, horizon, slots, delayed = window
    sums = total[cell : cell + count * lanes]
    if keep == 0:
        sums[:] = 0
    for edge in range(begin, stop):
        slot = at - delay[edge] * delayed
        slot += horizon if slot < 0 else 0
        offset = ((first_row + source[edge]) * slots + slot) * lanes
        for k in range(count * lanes):
            sums[k] = fma(weight[edge], history[offset + k], sums[k])


# The same for the compiler, in vector instructions: loops would have to allow for arrays that overlap.


@intrinsic
def copy_vectors(typing, target, begin, source, start, count):
    def generate(context, builder, signature, arguments):
        to, at, values, first, number = arguments
        to = context.make_array(signature.args[0])(context, builder, to)
        values = context.make_array(signature.args[2])(context, builder, values)
        size = context.get_abi_sizeof(context.get_value_type(signature.args[0].dtype))
        to, values = builder.gep(to.data, [at]), builder.gep(values.data, [first])
        cgutils.raw_memcpy(builder, to, values, number, size)

    return types.void(target, types.intp, source, types.intp, types.intp), generate


FETCH_AHEAD = 2  # edges whose windows are on their way into the cache


@intrinsic(prefer_literal=True)
def add_vectors(
    typing, total, place, keep, weight, source, delay, begin, stop, history, row, at, horizon, slots, lanes, count,
    delayed,
):  # fmt: skip
    def generate(context, builder, signature, arguments):
        kinds = signature.args
        total, weight, source, delay, history = (
            context.make_array(kinds[k])(context, builder, arguments[k]).data for k in (0, 3, 4, 5, 8)
        )
        place, begin, stop, row, at, horizon, slots, lanes = (
            arguments[k] for k in (1, 6, 7, 9, 10, 11, 12, 13)
        )
        delayed = arguments[15]
        real, whole = context.get_value_type(kinds[0].dtype), begin.type
        size = context.get_abi_sizeof(real)
        span = kinds[13].literal_value * kinds[14].literal_value
        values = min(span, 64 // size)
        vector = ir.VectorType(real, values)
        nothing, spread = ir.Constant(vector, None), ir.Constant(ir.VectorType(ir.IntType(32), values), None)
        total = builder.bitcast(builder.gep(total, [place]), vector.as_pointer())
        sums = [cgutils.alloca_once_value(builder, nothing) for _ in range(span // values)]
        fused = cgutils.get_or_insert_function(
            builder.module, ir.FunctionType(vector, [vector] * 3), f"llvm.fma.v{values}f{8 * size}"
        )
        with builder.if_then(builder.icmp_signed("!=", arguments[2], arguments[2].type(0))):
            for k, part in enumerate(sums):
                value = builder.load(builder.gep(total, [whole(k)]))
                value.align = size
                builder.store(value, part)
        n_edge = context.make_array(kinds[5])(context, builder, arguments[5]).nitems

        def window_of(edge):
            slot = builder.sub(at, builder.mul(builder.load(builder.gep(delay, [edge])), delayed))
            before = builder.icmp_signed("<", slot, whole(0))
            slot = builder.select(before, builder.add(slot, horizon), slot)
            window = builder.mul(builder.add(row, builder.load(builder.gep(source, [edge]))), slots)
            return builder.gep(history, [builder.mul(builder.add(window, slot), lanes)])

        def fetch(window):
            flag, byte = ir.IntType(32), ir.IntType(8).as_pointer()
            kind = ir.FunctionType(ir.VoidType(), [byte, flag, flag, flag])
            prefetch = cgutils.get_or_insert_function(builder.module, kind, "llvm.prefetch.p0i8")
            window = builder.bitcast(window, byte)
            for line in range(0, span * size, 64):
                # to read, into the nearest cache, as data
                builder.call(prefetch, [builder.gep(window, [whole(line)]), flag(0), flag(3), flag(1)])

        with cgutils.for_range_slice(builder, begin, stop, whole(1), intp=whole) as (edge, _):
            if len(sums) > 1:
                # windows lie at places that the processor cannot foresee
                soon, last = builder.add(edge, whole(FETCH_AHEAD)), builder.sub(n_edge, whole(1))
                fetch(window_of(builder.select(builder.icmp_signed("<", soon, last), soon, last)))
            past = builder.bitcast(window_of(edge), vector.as_pointer())
            one = builder.insert_element(
                nothing, builder.load(builder.gep(weight, [edge])), ir.IntType(32)(0)
            )
            factor = builder.shuffle_vector(one, nothing, spread)
            for k, part in enumerate(sums):
                value = builder.load(builder.gep(past, [whole(k)]))
                value.align = size
                builder.store(builder.call(fused, [factor, value, builder.load(part)]), part)
        for k, part in enumerate(sums):
            builder.store(builder.load(part), builder.gep(total, [whole(k)])).align = size

    whole = types.intp
    edges = (weight, source, delay, whole, whole)
    return types.void(
        total, whole, keep, *edges, history, whole, whole, whole, whole, lanes, count, whole
    ), generate


@overload(copy, jit_options={"forceinline": True})
def compile_copy(target, begin, source, start, count):
    return lambda target, begin, source, start, count: copy_vectors(target, begin, source, start, count)


@overload(add_windows, jit_options={"forceinline": True}, prefer_literal=True)
def compile_add_windows(total, cell, keep, edges, ends, history, window, lanes, count):
    def add(total, cell, keep, edges, ends, history, window, lanes, count):
        add_vectors(
            total, cell, keep, edges[0], edges[1], edges[2], ends[0], ends[1], history, window[0], window[1],
            window[2], window[3], lanes, count, window[4],
        )  # fmt: skip

    return add


@compiled_once
def sum_tiles(of_nodes, parts, edges, sums, ring, at, lanes, block):
    """Sum over the edges from all tiles of sources but the last, a tile for all nodes at a time.

    `sums` are the history's row, whether delays count, and whether it is on, of each accumulator; `ring` is the
    history, its horizon and the slots of a row; `at` is the slot of the block's first step.
    """
    lanes, block = literally(lanes), literally(block)
    (factors, delayed, on), (history, horizon, slots) = sums, ring
    n_node = parts.shape[1] - 1
    for tile in range(len(parts) - 2):
        for node in range(n_node):
            for k in range(len(factors)):
                window = (factors[k] * n_node, at, horizon, slots, delayed[k])
                ends = (parts[tile, node], parts[tile, node + on[k]])
                add_windows(
                    of_nodes,
                    (k * n_node + node) * block * lanes,
                    tile,
                    edges,
                    ends,
                    history,
                    window,
                    lanes,
                    block,
                )


@compiled_once
def sum_edges(coupled, of_nodes, parts, edges, sums, ring, visit, at, lanes, block):
    """Sum over the edges into a group of nodes: for a whole block of steps, and over short edges for some steps.

    `visit` is the first node, the number of nodes, the first step and the one after the last, and the place of the
    sums; `of_nodes` are the sums of one node, or of all nodes where sources go in tiles, and else `coupled` itself.
    The rest is as in `sum_tiles`.
    """
    lanes, block = literally(lanes), literally(block)
    (factors, delayed, on), (history, horizon, slots) = sums, ring
    first_node, present, from_step, to_step, place = visit
    flat, vector, last = coupled.reshape(-1), coupled.shape[2], len(parts) - 2
    n_node, apart = parts.shape[1] - 1, last > 0 or coupled.shape[2] > lanes
    for nth in range(present):
        node = first_node + nth
        for k in range(len(factors) if from_step == 0 else 0):
            cell = (k * n_node + node if last > 0 else 0 if apart else place + k) * block * lanes
            window = (factors[k] * n_node, at, horizon, slots, delayed[k])
            ends = (parts[last, node], parts[last, node + on[k]])
            add_windows(of_nodes, cell, last, edges, ends, history, window, lanes, block)
            for ahead in range(block if apart else 0):
                here = ((place + k) * block + ahead) * vector + nth * lanes
                copy(flat, here, of_nodes, cell + ahead * lanes, lanes)
        for ahead in range(from_step, to_step if parts[-1, node] < parts[-1, node + 1] else from_step):
            for k in range(len(factors)):
                cell = ((place + k) * block + ahead) * vector + nth * lanes
                window = (factors[k] * n_node, at + ahead, horizon, slots, delayed[k])
                ends = (parts[-1, node], parts[-1, node + on[k]])
                add_windows(flat, cell, 1, edges, ends, history, window, lanes, 1)


@njit(inline="always", **OPTIONS)
def room_for_sums(count, visits, parts, rows, width, lanes, block):
    """Make room for sums over edges of a block of steps: of a group of nodes, and where they are summed first.

    That is room for one node, or for all nodes where sources go in tiles.
    """
    coupled = np.zeros((count * (visits[-1, 3] + 1), block, width * lanes), rows.dtype)
    tiled = len(parts) > 2
    of_nodes = np.zeros(count * (parts.shape[1] - 1 if tiled else 1) * block * lanes, rows.dtype)
    return coupled, of_nodes if width > 1 or tiled else coupled.reshape(-1)


@njit(inline="always", **OPTIONS)
def switched_on(hoisted, rows):
    """Whether none of the given rows is zero for all work items and nodes: 1 or 0."""
    on = 1
    for row in rows:
        on = on if np.any(hoisted[row] != 0) else 0
    return on
