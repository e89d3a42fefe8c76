<%def name="prelude()">\
f32, w32, w64 = np.float32, np.uint32, np.uint64


def by_precision(single, double, interpreted=None):
    """Return a function that is compiled as one of two, by the precision of its first argument."""

    def function(*arguments):
        # where Numba's compiler is switched off
        return interpreted(*arguments)

    options = {"forceinline": True, "error_model": "numpy"}
    overload(function, jit_options=options, strict=False)(
        lambda *arguments: single if arguments[0] == types.float32 else double
    )
    return function
</%def>\
<%def name="fma()">\
@intrinsic
def fma(_, x, y, z):
    """x * y + z, rounded once."""
    return x(x, x, x), lambda context, builder, signature, arguments: builder.fma(*arguments)
</%def>\
<%def name="to_bits()">\
@intrinsic
def to_bits(_, x):
    """The bits of a number, as an unsigned integer."""
    word = types.uint32 if x == types.float32 else types.uint64

    def cast(context, builder, signature, arguments):
        return builder.bitcast(arguments[0], context.get_value_type(word))

    return word(x), cast
</%def>\
<%def name="from_bits()">\
@intrinsic
def from_bits(_, word):
    """The number that has these bits."""
    x = types.float32 if word == types.uint32 else types.float64

    def cast(context, builder, signature, arguments):
        return builder.bitcast(arguments[0], context.get_value_type(x))

    return x(word), cast
</%def>\
<%def name="signed(p)">\
def signed_${p.name}(value, x):
    """A value with no sign, with that of x."""
    return from_bits(${p.cast(f"to_bits(value) | (to_bits(x) & {p.word(2 ** (p.width - 1))})")})
</%def>\
