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


def exact_fma(x, y, z):
    """The same where Numba's compiler is switched off."""
    if not (math.isfinite(x) and math.isfinite(y) and math.isfinite(z)):
        return z if math.isfinite(x) and math.isfinite(y) else x * y + z
    total = Fraction(float(x)) * Fraction(float(y)) + Fraction(float(z))
    if total == 0:
        return x * y + z  # which knows the sign of zero
    try:
        value = float(total)
    except OverflowError:
        return type(z)(math.inf if total > 0 else -math.inf)
    if type(z) is np.float32 and Fraction(value) != total and value.hex().partition("p")[0][-1] in "02468ace":
        # rounded to an odd number, which float32 cannot round in the wrong direction again
        value = math.nextafter(value, math.inf if total > Fraction(value) else -math.inf)
    return type(z)(value)


if config.DISABLE_JIT:
    fma = exact_fma
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
<%def name="with_sign(p)">\
def with_sign_${p.name}(value, x):
    """A value with no sign, with that of x."""
    return from_bits(${p.cast(f"to_bits(value) | (to_bits(x) & {p.word(2 ** (p.width - 1))})")})
</%def>\
