"""What generated Numba kernels call, whatever the model: copies, sums over edges, random numbers.

The functions below are inlined where they are called, so that loops over lanes become vector instructions.
"""

import math

import numpy as np
from llvmlite import ir
from numba import literally, njit, types
from numba.core import cgutils
from numba.extending import intrinsic, overload

from .elementary import by_precision, cos, f32, fma, log, sin

sqrt = math.sqrt
OPTIONS = {"nogil": True, "error_model": "numpy"}


class inlined:  # noqa: N801
    """A function that kernels inline: a decorator.

    Numba keeps machine code by a function's text and by what its closure holds. An inlined function in a closure
    is known by its name and by what its own closure holds: the text lies in a file that its content names.
    """

    def __init__(self, function):
        self.function = function
        options = {"forceinline": True, "error_model": "numpy"}
        overload(self, jit_options=options, strict=False)(lambda *arguments: function)

    def __call__(self, *arguments):
        return self.function(*arguments)

    def __reduce__(self):
        return str, (self.identity,)

    @property
    def identity(self):
        """What tells this function from others of the same module."""
        names, cells = self.function.__code__.co_freevars, self.function.__closure__ or ()
        held = (f"{name}={identity_of(cell.cell_contents)}" for name, cell in zip(names, cells, strict=True))
        return f"{self.function.__qualname__}({', '.join(held)})"


def identity_of(value):
    """What a value in a closure is known by: a function by its name, anything else by what it is."""
    if isinstance(value, inlined):
        return value.identity
    return getattr(value, "__qualname__", None) or repr(value)


def compiled_once(function):
    """Compile a function by itself: a decorator. All models share its machine code, which is kept on disk.

    It calls nothing of another file, since Numba notices changes of the function's own file alone.
    """
    try:
        return njit(cache=True, **OPTIONS)(function)
    except RuntimeError:  # no folder can be written
        return njit(**OPTIONS)(function)


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


def any_above(values, begin, count, limit):
    """Tell whether one of `count` values from `begin` on is above a limit."""
    return bool((values[begin : begin + count] > limit).any())


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


@intrinsic(prefer_literal=True)
def compare_vectors(typing, values, begin, count, limit):
    def generate(context, builder, signature, arguments):
        kinds = signature.args
        data = context.make_array(kinds[0])(context, builder, arguments[0]).data
        real = context.get_value_type(kinds[0].dtype)
        size = context.get_abi_sizeof(real)
        width = min(kinds[2].literal_value, 64 // size)
        vector = ir.VectorType(real, width)
        some = builder.bitcast(builder.gep(data, [arguments[1]]), vector.as_pointer())
        one = builder.insert_element(ir.Constant(vector, None), arguments[3], ir.IntType(32)(0))
        limits = builder.shuffle_vector(one, one, ir.Constant(ir.VectorType(ir.IntType(32), width), None))
        found = ir.Constant(ir.VectorType(ir.IntType(1), width), None)
        for k in range(kinds[2].literal_value // width):
            value = builder.load(builder.gep(some, [ir.IntType(64)(k)]))
            value.align = size
            found = builder.or_(found, builder.fcmp_ordered(">", value, limits))
        bits = ir.IntType(width)
        return builder.icmp_unsigned("!=", builder.bitcast(found, bits), bits(0))

    return types.boolean(values, types.intp, count, values.dtype), generate


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


@overload(any_above, jit_options={"forceinline": True}, prefer_literal=True)
def compile_any_above(values, begin, count, limit):
    return lambda values, begin, count, limit: compare_vectors(values, begin, count, limit)


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
def repeat_slot(history, factors, node, n_node, slots, slot, count, lanes):
    """Copy what a node has in a slot of the ring into the `count - 1` slots that follow."""
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


@njit(inline="always", **OPTIONS)
def next_window(first, begin, from_step, window):
    """Return the sample that the next window to end makes, and the step of the block after which it ends."""
    sample = (first + begin + from_step) // window
    return sample - first // window, (sample + 1) * window - (first + begin)


@njit(inline="always", **OPTIONS)
def close_window(output, sample, nodes, rows, per_window, lanes):
    """Write the means of a window of a group of nodes as a sample, and begin the next with zero."""
    (first_node, present, n_node), flat, vector = nodes, rows.reshape(-1), rows.shape[1]
    to, cell = output.reshape(-1), (sample * len(rows) * n_node + first_node) * lanes
    for k in range(flat.size):
        flat[k] *= per_window
    for nth in range(present):
        copy_rows(to, cell + nth * lanes, n_node * lanes, flat, nth * lanes, vector, len(rows), lanes)
    flat[:] = 0


@njit(inline="always", **OPTIONS)
def load_nodes(flat, kept, rows, nodes, columns, lanes, vector):
    """Read what a group of nodes keeps from block to block.

    `kept` are hoisted rows, states and sums of windows, `rows` the first row and the number of rows of each in
    `flat`; `nodes` are the first node, the number of nodes in the group, and that of all nodes.
    """
    (hoisted, state, sums), (constants, states, exposures), (first_node, present, n_node) = kept, rows, nodes
    for nth in range(present):
        here, entry, stride = (first_node + nth) * lanes, nth * lanes, n_node * lanes
        column = here if columns > 1 else 0
        copy_rows(flat, entry, vector, hoisted, column, columns * lanes, constants[1], lanes)
        copy_rows(flat, states[0] * vector + entry, vector, state, here, stride, states[1], lanes)
        copy_rows(flat, exposures[0] * vector + entry, vector, sums, here, stride, exposures[1], lanes)


@njit(inline="always", **OPTIONS)
def store_nodes(flat, kept, rows, nodes, lanes, vector):
    """Write states and sums of windows of a group of nodes; the rest is as in `load_nodes`."""
    (_, state, sums), (_, states, exposures), (first_node, present, n_node) = kept, rows, nodes
    for nth in range(present):
        here, entry, stride = (first_node + nth) * lanes, nth * lanes, n_node * lanes
        copy_rows(state, here, stride, flat, states[0] * vector + entry, vector, states[1], lanes)
        copy_rows(sums, here, stride, flat, exposures[0] * vector + entry, vector, exposures[1], lanes)


@njit(inline="always", **OPTIONS)
def copy_rows(to, begin, stride, source, start, step, rows, count):
    """Copy `count` values of each of some rows, which lie `stride` and `step` apart in flat arrays."""
    for row in range(rows):
        copy(to, begin + row * stride, source, start + row * step, count)


@njit(inline="always", **OPTIONS)
def note_divergence(diverged, steps_left, lanes, end):
    """Keep the first step after which a work item was not finite, from the steps that were left of a block."""
    for entry in range(steps_left.size):
        if steps_left[entry] > 0:
            lane = entry % lanes
            diverged[lane] = min(diverged[lane], end - int(steps_left[entry]))


@njit(inline="always", **OPTIONS)
def switched_on(hoisted, rows):
    """Whether none of the given rows is zero for all work items and nodes: 1 or 0."""
    on = 1
    for row in rows:
        on = on if np.any(hoisted[row] != 0) else 0
    return on


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
    return counter0, counter1, counter2, counter3


def at_least(value, limit):
    """Return the larger of two numbers; a value that is NaN stays so."""
    return limit if value < limit else value


def at_most(value, limit):
    """Return the smaller of two numbers; a value that is NaN stays so."""
    return limit if value > limit else value


at_least, at_most = inlined(at_least), inlined(at_most)


def rounding_error_float32(state, increment, following):
    """What is lost where a state and a smaller increment are added up."""
    return increment - (following - state)


def rounding_error_float64(state, increment, following):
    """Nothing: what double precision loses is left out."""
    return 0.0


def any_rounding_error(state, increment, following):
    """The same where Numba's compiler is switched off."""
    return increment - (following - state) if type(state) is np.float32 else 0.0


rounding_error = by_precision(rounding_error_float32, rounding_error_float64, any_rounding_error)


def normal_pair_float32(word0, word1):
    """Two normal deviates of two words, which are float32 already, by Box and Muller."""
    radius = math.sqrt(f32(-2.0) * log((word0 + f32(0.5)) * f32(2.0**-32)))
    angle = word1 * f32(2.0 * math.pi * 2.0**-32)
    return radius * cos(angle), radius * sin(angle)


def normal_pair_float64(word0, word1):
    """Two normal deviates of two words, which are float64 already, by Box and Muller."""
    radius = math.sqrt(-2.0 * log((word0 + 0.5) * 2.0**-32))
    angle = word1 * (2.0 * math.pi * 2.0**-32)
    return radius * cos(angle), radius * sin(angle)


normal_pair = by_precision(normal_pair_float32, normal_pair_float64, normal_pair_float64)


def wrapped_float32(angle, period):
    """Take whole turns off an angle: from 0 up to the period in single precision."""
    turn = f32(period)
    left = fma(-np.floor(angle * f32(1.0 / period)), turn, angle)
    left = left - turn if left >= turn else left
    # rounding may leave less than nothing, which `wrapping_error` carries
    return f32(0.0) if left < f32(0.0) else left


def wrapped_float64(angle, period):
    """Take whole turns off an angle: from 0 up to the period."""
    left = fma(-np.floor(angle * (1.0 / period)), period, angle)
    left = left - period if left >= period else left
    return 0.0 if left < 0.0 else left


wrapped = by_precision(wrapped_float32, wrapped_float64, wrapped_float64)


def turns_between_float32(angle, left, period):
    """Whole turns that `wrapped` took off an angle."""
    return np.floor(fma(angle - left, f32(1.0 / period), f32(0.5)))


def turns_between_float64(angle, left, period):
    """Whole turns that `wrapped` took off an angle."""
    return np.floor(fma(angle - left, 1.0 / period, 0.5))


turns_between = by_precision(turns_between_float32, turns_between_float64, turns_between_float64)


def wrapping_error_float32(angle, left, period):
    """What `wrapped` lost: by rounding, and because a turn in single precision is not the period."""
    turns, turn = turns_between(angle, left, period), f32(period)
    return fma(-turns, f32(period - float(turn)), angle - fma(turns, turn, left))


def wrapping_error_float64(angle, left, period):
    """What `wrapped` lost by rounding."""
    return angle - fma(turns_between(angle, left, period), period, left)


wrapping_error = by_precision(wrapping_error_float32, wrapping_error_float64, wrapping_error_float64)


@njit(inline="always", **OPTIONS)
def wrap_means(output, begin, count, period):
    """Take whole turns off the means of an angle."""
    for k in range(begin, begin + count):
        output[k] = wrapped(output[k], period)
