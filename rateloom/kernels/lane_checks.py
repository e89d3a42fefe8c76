"""Checks of all lanes at once: whether a value is above a limit, when a work item diverged."""

from llvmlite import ir
from numba import types
from numba.extending import intrinsic, overload

from .compiling import compiled_once
from .copies import spread


def any_above(values, begin, count, limit):
    """Tell whether one of `count` values from `begin` on is above a limit."""
    return bool((values[begin : begin + count] > limit).any())


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
        limits = spread(builder, arguments[3], vector)
        found = ir.Constant(ir.VectorType(ir.IntType(1), width), None)
        for k in range(kinds[2].literal_value // width):
            value = builder.load(builder.gep(some, [ir.IntType(64)(k)]))
            value.align = size
            found = builder.or_(found, builder.fcmp_ordered(">", value, limits))
        bits = ir.IntType(width)
        return builder.icmp_unsigned("!=", builder.bitcast(found, bits), bits(0))

    return types.boolean(values, types.intp, count, values.dtype), generate


@overload(any_above, jit_options={"forceinline": True}, prefer_literal=True)
def compile_any_above(values, begin, count, limit):
    return lambda values, begin, count, limit: compare_vectors(values, begin, count, limit)


@compiled_once
def note_divergence(diverged, steps_since, lanes, end):
    """Keep the first step after which a work item was not finite, from the steps since then, up to `end`."""
    for entry in range(steps_since.size):
        if steps_since[entry] > 0:
            lane = entry % lanes
            diverged[lane] = min(diverged[lane], end - int(steps_since[entry]))
