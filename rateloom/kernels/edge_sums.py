"""Sums over edges of the history's windows, in vector instructions.

They are compiled once for all models.
"""

from llvmlite import ir
from numba import literally, types
from numba.core import cgutils
from numba.extending import intrinsic, overload

from .compiling import compiled_once
from .copies import copy, spread
from .elementary import fma


def add_windows(total, cell, keep, edges, ends, window, lanes, count):
    """Sum the windows that edges `ends[0]` to `ends[1]` see of the history, times their weights, in their order.

    The sums for `count` steps begin at `cell` of the flat `total`; what is there is added to unless `keep` is 0.
    `edges` are weights, sources and delays; `window` is the history, its first row, the slot of the first step,
    the horizon, the slots of a row, and whether delays count.
    """
    weight, source, delay = edges
    begin, stop = ends
    history, first_row, at, horizon, slots, delayed = window
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

FETCH_AHEAD = 2  # edges whose windows are on their way into the cache
# Vectors of 64 bytes that are summed over all edges at once, so that the sums stay in registers: the fewer the
# registers, the more often the edges are gone over.
SUMMED_AT_ONCE, SUMMED_AT_ONCE_AVX512 = 6, 16


def pointer_or_number(context, builder, kind, value):
    """Return where an array's values begin, or a number as it is."""
    if isinstance(kind, types.Array):
        return context.make_array(kind)(context, builder, value).data
    return context.cast(builder, value, kind, types.intp)


def window_pointer(builder, edge, edges, window, lanes):
    """Return where the window begins that an edge sees."""
    (_, source, delay), (history, row, at, horizon, slots, delayed) = edges, window
    slot = builder.sub(at, builder.mul(builder.load(builder.gep(delay, [edge])), delayed))
    before = builder.icmp_signed("<", slot, slot.type(0))
    slot = builder.select(before, builder.add(slot, horizon), slot)
    first = builder.mul(builder.add(row, builder.load(builder.gep(source, [edge]))), slots)
    return builder.gep(history, [builder.mul(builder.add(first, slot), lanes)])


def fetch(builder, pointer, begin, end):
    """Ask for bytes behind a pointer, line by line: to read, into the nearest cache, as data."""
    flag, byte = ir.IntType(32), ir.IntType(8).as_pointer()
    kind = ir.FunctionType(ir.VoidType(), [byte, flag, flag, flag])
    prefetch = cgutils.get_or_insert_function(builder.module, kind, "llvm.prefetch.p0i8")
    pointer = builder.bitcast(pointer, byte)
    for line in range(begin, end, 64):
        builder.call(prefetch, [builder.gep(pointer, [ir.IntType(64)(line)]), flag(0), flag(3), flag(1)])


def add_parts(builder, parts, total, keep, edges, ends, window, lanes):
    """Write the sums of some vectors of `total` over all edges."""
    vector, whole, (begin, stop, n_edge) = total.type.pointee, ends[0].type, ends
    width = 4 if isinstance(vector.element, ir.FloatType) else 8
    sums = [cgutils.alloca_once_value(builder, ir.Constant(vector, None)) for _ in parts]
    with builder.if_then(builder.icmp_signed("!=", keep, keep.type(0))):
        for k, part in zip(parts, sums, strict=True):
            builder.store(builder.load(builder.gep(total, [whole(k)]), align=width), part)
    kind = ir.FunctionType(vector, [vector] * 3)
    fused = cgutils.get_or_insert_function(builder.module, kind, f"llvm.fma.v{vector.count}f{8 * width}")
    with cgutils.for_range_slice(builder, begin, stop, whole(1), intp=whole) as (edge, _):
        if len(parts) > 1:
            # windows lie at places that the processor cannot foresee
            soon, last = builder.add(edge, whole(FETCH_AHEAD)), builder.sub(n_edge, whole(1))
            soon = builder.select(builder.icmp_signed("<", soon, last), soon, last)
            bytes_of_part = vector.count * width
            ahead = window_pointer(builder, soon, edges, window, lanes)
            fetch(builder, ahead, parts[0] * bytes_of_part, (parts[-1] + 1) * bytes_of_part)
        past = window_pointer(builder, edge, edges, window, lanes)
        past = builder.bitcast(past, vector.as_pointer())
        factor = spread(builder, builder.load(builder.gep(edges[0], [edge])), vector)
        for k, part in zip(parts, sums, strict=True):
            value = builder.load(builder.gep(past, [whole(k)]), align=width)
            builder.store(builder.call(fused, [factor, value, builder.load(part)]), part)
    for k, part in zip(parts, sums, strict=True):
        builder.store(builder.load(part), builder.gep(total, [whole(k)]), align=width)


@intrinsic(prefer_literal=True)
def add_vectors(typing, total, cell, keep, edges, ends, window, lanes, count):
    def generate(context, builder, signature, arguments):
        def unpacked(k):
            values = cgutils.unpack_tuple(builder, arguments[k])
            kinds = signature.args[k]
            return [pointer_or_number(context, builder, *pair) for pair in zip(kinds, values, strict=True)]

        real = context.get_value_type(total.dtype)
        span = lanes.literal_value * count.literal_value
        vector = ir.VectorType(real, min(span, 64 // context.get_abi_sizeof(real)))
        _, _, features = context.codegen().magic_tuple()
        at_once = SUMMED_AT_ONCE_AVX512 if "+avx512f" in features else SUMMED_AT_ONCE
        sums = builder.gep(pointer_or_number(context, builder, total, arguments[0]), [arguments[1]])
        sums = builder.bitcast(sums, vector.as_pointer())
        weights = context.make_array(edges[0])(context, builder, builder.extract_value(arguments[3], 0))
        own_edges, own_ends, own_window = unpacked(3), (*unpacked(4), weights.nitems), unpacked(5)
        n_part = span // vector.count
        for first in range(0, n_part, at_once):
            parts = range(first, min(first + at_once, n_part))
            add_parts(builder, parts, sums, arguments[2], own_edges, own_ends, own_window, arguments[6])

    return types.void(total, types.intp, keep, edges, ends, window, lanes, count), generate


@overload(add_windows, jit_options={"forceinline": True}, prefer_literal=True)
def compile_add_windows(total, cell, keep, edges, ends, window, lanes, count):
    return lambda total, cell, keep, edges, ends, window, lanes, count: add_vectors(
        total, cell, keep, edges, ends, window, lanes, count
    )


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
                window = (history, factors[k] * n_node, at, horizon, slots, delayed[k])
                ends, cell = (
                    (parts[tile, node], parts[tile, node + on[k]]),
                    (k * n_node + node) * block * lanes,
                )
                add_windows(of_nodes, cell, tile, edges, ends, window, lanes, block)


@compiled_once
def sum_edges(room, parts, edges, sums, ring, visit, lanes, block):
    """Sum over the edges into a group of nodes: for a whole block of steps, and over short edges for some steps.

    `room` is where the sums go, where they are summed first, which is for one node, for all nodes where sources go
    in tiles, or the same, and how many values a group of nodes has; `visit` is the slot of the block's first step,
    the first node, the number of nodes, the first step and the one after the last, and the place of the sums. The
    rest is as in `sum_tiles`.
    """
    lanes, block = literally(lanes), literally(block)
    (coupled, of_nodes, vector), (factors, delayed, on), (history, horizon, slots) = room, sums, ring
    at, first_node, present, from_step, to_step, place = visit
    n_node, last = parts.shape[1] - 1, len(parts) - 2
    apart = last > 0 or vector > lanes
    for nth in range(present):
        node = first_node + nth
        for k in range(len(factors) if from_step == 0 else 0):
            cell = (k * n_node + node if last > 0 else 0 if apart else place + k) * block * lanes
            window = (history, factors[k] * n_node, at, horizon, slots, delayed[k])
            ends = (parts[last, node], parts[last, node + on[k]])
            add_windows(of_nodes, cell, last, edges, ends, window, lanes, block)
            for ahead in range(block if apart else 0):
                here = ((place + k) * block + ahead) * vector + nth * lanes
                copy(coupled, here, of_nodes, cell + ahead * lanes, lanes)
        for ahead in range(from_step, to_step if parts[-1, node] < parts[-1, node + 1] else from_step):
            for k in range(len(factors)):
                cell = ((place + k) * block + ahead) * vector + nth * lanes
                window = (history, factors[k] * n_node, at + ahead, horizon, slots, delayed[k])
                ends = (parts[-1, node], parts[-1, node + on[k]])
                add_windows(coupled, cell, 1, edges, ends, window, lanes, 1)


@compiled_once
def switched_on(hoisted, rows):
    """Whether none of the given rows is zero for all work items and nodes: 1 or 0."""
    on = 1
    for row in rows:
        any_on = 0
        for node in range(hoisted.shape[1]):
            for lane in range(hoisted.shape[2]):
                any_on = any_on if hoisted[row, node, lane] == 0 else 1
        on = on if any_on else 0
    return on
