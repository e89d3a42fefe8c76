"""Arrays on a kernel's stack: nobody counts who uses them, and the compiler knows that no other array overlaps."""

import numpy as np
from llvmlite import ir
from numba import config, types
from numba.core import cgutils
from numba.extending import intrinsic
from numba.np.arrayobj import populate_array


@intrinsic(prefer_literal=True)
def stack_zeros(typing, rows, columns, kind):
    """Return an array (row, column) of zeros, which lasts until the function that makes it returns."""
    array = types.Array(kind.dtype, 2, "C")

    def generate(context, builder, signature, arguments):
        value, shape = context.get_value_type(array.dtype), (rows.literal_value, columns.literal_value)
        size, whole = context.get_abi_sizeof(value), ir.IntType(64)
        # `cgutils.alloca_once` would fill it value by value, for which LLVM takes minutes if there are thousands
        with builder.goto_entry_block():
            room = builder.alloca(ir.ArrayType(value, shape[0] * shape[1]))
        room.align = 64
        cgutils.memset(builder, room, whole(size * shape[0] * shape[1]), 0)
        made = context.make_array(array)(context, builder)
        populate_array(
            made,
            data=builder.bitcast(room, value.as_pointer()),
            shape=[whole(extent) for extent in shape],
            strides=[whole(size * shape[1]), whole(size)],
            itemsize=whole(size),
            meminfo=None,
        )
        return made._getvalue()

    return array(rows, columns, kind), generate


def interpreted_zeros(rows, columns, kind):
    """The same where Numba's compiler is switched off."""
    return np.zeros((rows, columns), kind)


if config.DISABLE_JIT:
    stack_zeros = interpreted_zeros
