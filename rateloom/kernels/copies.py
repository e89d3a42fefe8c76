"""Copies of values between arrays, in vector instructions.

Kernels of other files that are compiled once call these: whoever changes this file empties the folder of kept
kernels beside it.
"""

from llvmlite import ir
from numba import njit, types
from numba.core import cgutils
from numba.extending import intrinsic, overload

from .compiling import OPTIONS


def copy(target, begin, source, start, count):
    """Copy `count` values of `source` from `start` on to `target` from `begin` on, both flat and apart."""
    target[begin : begin + count] = source[start : start + count]


def spread(builder, number, vector):
    """Put a number into all places of a vector."""
    nothing, everywhere = ir.Constant(vector, None), ir.VectorType(ir.IntType(32), vector.count)
    one = builder.insert_element(nothing, number, ir.IntType(32)(0))
    return builder.shuffle_vector(one, nothing, ir.Constant(everywhere, None))


# The same for the compiler: a loop would have to allow for arrays that overlap.


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


@overload(copy, jit_options={"forceinline": True})
def compile_copy(target, begin, source, start, count):
    return lambda target, begin, source, start, count: copy_vectors(target, begin, source, start, count)


@njit(inline="always", **OPTIONS)
def copy_rows(to, begin, stride, source, start, step, rows, count):
    """Copy `count` values of each of some rows, which lie `stride` and `step` apart in flat arrays."""
    for row in range(rows):
        copy(to, begin + row * stride, source, start + row * step, count)
