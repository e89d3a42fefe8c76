def copy(target, begin, source, start, count):
    """Copy `count` values of `source` from `start` on to `target` from `begin` on, both flat and apart."""
    target[begin : begin + count] = source[start : start + count]


def add_windows(
    total, weight, source, delay, begin, stop, history, first_row, at, horizon, lanes, block, delayed
):  # fmt: skip
    """Sum the windows that edges `begin` to `stop` see of the history, times their weights, in their order."""
    total[:] = 0
    for edge in range(begin, stop):
        slot = at - delay[edge] * delayed
        slot += horizon if slot < 0 else 0
        offset = ((first_row + source[edge]) * (horizon + block) + slot) * lanes
        total += weight[edge] * history[offset : offset + block * lanes]


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


@intrinsic(prefer_literal=True)
def add_vectors(typing, total, weight, source, delay, begin, stop, history, row, at, horizon, lanes, block, delayed):
    def generate(context, builder, signature, arguments):
        kinds = signature.args
        total, weight, source, delay, history = (
            context.make_array(kinds[k])(context, builder, arguments[k]).data for k in (0, 1, 2, 3, 6)
        )
        begin, stop, row, at, horizon, lanes, block, delayed = (arguments[k] for k in (4, 5, 7, 8, 9, 10, 11, 12))
        real, whole = context.get_value_type(kinds[0].dtype), begin.type
        size = context.get_abi_sizeof(real)
        span = kinds[10].literal_value * kinds[11].literal_value
        values = min(span, 64 // size)
        vector = ir.VectorType(real, values)
        nothing, spread = ir.Constant(vector, None), ir.Constant(ir.VectorType(ir.IntType(32), values), None)
        sums = [cgutils.alloca_once_value(builder, nothing) for _ in range(span // values)]
        for part in sums:
            builder.store(nothing, part)
        with cgutils.for_range_slice(builder, begin, stop, whole(1), intp=whole) as (edge, _):
            slot = builder.sub(at, builder.mul(builder.load(builder.gep(delay, [edge])), delayed))
            before = builder.icmp_signed("<", slot, whole(0))
            slot = builder.select(before, builder.add(slot, horizon), slot)
            window = builder.mul(
                builder.add(row, builder.load(builder.gep(source, [edge]))), builder.add(horizon, block)
            )
            first = builder.mul(builder.add(window, slot), lanes)
            past = builder.bitcast(builder.gep(history, [first]), vector.as_pointer())
            one = builder.insert_element(nothing, builder.load(builder.gep(weight, [edge])), ir.IntType(32)(0))
            factor = builder.shuffle_vector(one, nothing, spread)
            for k, part in enumerate(sums):
                value = builder.load(builder.gep(past, [whole(k)]))
                value.align = size
                product = builder.fmul(factor, value, flags=("contract",))
                builder.store(builder.fadd(builder.load(part), product, flags=("contract",)), part)
        total = builder.bitcast(total, vector.as_pointer())
        for k, part in enumerate(sums):
            builder.store(builder.load(part), builder.gep(total, [whole(k)])).align = size

    whole = types.intp
    kinds = (total, weight, source, delay, whole, whole, history, whole, whole, whole, lanes, block, whole)
    return types.void(*kinds), generate


@overload(copy, jit_options={"forceinline": True})
def compile_copy(target, begin, source, start, count):
    return lambda target, begin, source, start, count: copy_vectors(target, begin, source, start, count)


@overload(add_windows, jit_options={"forceinline": True}, prefer_literal=True)
def compile_add_windows(
    total, weight, source, delay, begin, stop, history, first_row, at, horizon, lanes, block, delayed
):  # fmt: skip
    def add(total, weight, source, delay, begin, stop, history, first_row, at, horizon, lanes, block, delayed):
        add_vectors(total, weight, source, delay, begin, stop, history, first_row, at, horizon, lanes, block, delayed)

    return add
