def copy(target, begin, source, start, count):
    """Copy `count` values of `source` from `start` on to `target` from `begin` on, both flat and apart."""
    target[begin : begin + count] = source[start : start + count]


def add_windows(
    total, place, keep, weight, source, delay, begin, stop, history, first_row, at, horizon, slots, lanes, count,
    delayed,
):  # fmt: skip
    """Sum the windows that edges `begin` to `stop` see of the history, times their weights, in their order.

    The sums for `count` steps begin at `place` of the flat `total`; what is there is added to unless `keep` is 0.
    """
    sums = total[place : place + count * lanes]
    if keep == 0:
        sums[:] = 0
    for edge in range(begin, stop):
        slot = at - delay[edge] * delayed
        slot += horizon if slot < 0 else 0
        offset = ((first_row + source[edge]) * slots + slot) * lanes
        for k in range(count * lanes):
            sums[k] = exact_fma(weight[edge], history[offset + k], sums[k])


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
        place, begin, stop, row, at, horizon, slots, lanes = (arguments[k] for k in (1, 6, 7, 9, 10, 11, 12, 13))
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
            one = builder.insert_element(nothing, builder.load(builder.gep(weight, [edge])), ir.IntType(32)(0))
            factor = builder.shuffle_vector(one, nothing, spread)
            for k, part in enumerate(sums):
                value = builder.load(builder.gep(past, [whole(k)]))
                value.align = size
                builder.store(builder.call(fused, [factor, value, builder.load(part)]), part)
        for k, part in enumerate(sums):
            builder.store(builder.load(part), builder.gep(total, [whole(k)])).align = size

    whole = types.intp
    edges = (weight, source, delay, whole, whole)
    return types.void(total, whole, keep, *edges, history, whole, whole, whole, whole, lanes, count, whole), generate


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
def compile_add_windows(
    total, place, keep, weight, source, delay, begin, stop, history, first_row, at, horizon, slots, lanes, count,
    delayed,
):  # fmt: skip
    def add(
        total, place, keep, weight, source, delay, begin, stop, history, first_row, at, horizon, slots, lanes, count,
        delayed,
    ):  # fmt: skip
        add_vectors(
            total, place, keep, weight, source, delay, begin, stop, history, first_row, at, horizon, slots, lanes,
            count, delayed,
        )  # fmt: skip

    return add


@overload(any_above, jit_options={"forceinline": True}, prefer_literal=True)
def compile_any_above(values, begin, count, limit):
    return lambda values, begin, count, limit: compare_vectors(values, begin, count, limit)
