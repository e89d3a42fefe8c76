"""Elementary functions without branches or calls, so that loops over lanes become vector instructions.

Written by `rateloom.generator.targets.support_files`: each function in both precisions, its arithmetic from
templates/elementary, its coefficients from the generator; error bounds stand in docs/elementary.md.
"""

import math
from fractions import Fraction

import numpy as np
from numba import config, types
from numba.extending import intrinsic, overload

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


@intrinsic
def to_bits(_, x):
    """The bits of a number, as an unsigned integer."""
    word = types.uint32 if x == types.float32 else types.uint64

    def cast(context, builder, signature, arguments):
        return builder.bitcast(arguments[0], context.get_value_type(word))

    return word(x), cast


@intrinsic
def from_bits(_, word):
    """The number that has these bits."""
    x = types.float32 if word == types.uint32 else types.float64

    def cast(context, builder, signature, arguments):
        return builder.bitcast(arguments[0], context.get_value_type(x))

    return x(word), cast


def with_sign_float32(value, x):
    """A value with no sign, with that of x."""
    return from_bits(w32(to_bits(value) | (to_bits(x) & w32(0x80000000))))


def with_sign_float64(value, x):
    """A value with no sign, with that of x."""
    return from_bits(w64(to_bits(value) | (to_bits(x) & w64(0x8000000000000000))))


with_sign = by_precision(with_sign_float32, with_sign_float64)


def exp_float32(x):
    """e^x."""
    y = f32(-105.0) if x < f32(-105.0) else x
    y = f32(90.0) if y > f32(90.0) else y
    t = fma(y, f32(1.442695), f32(1.2583166e+07))
    n = t - f32(1.2583166e+07)
    r = fma(n, f32(-0.6931472), y)
    r = fma(n, f32(1.9046542e-09), r)
    q = f32(0.0013940436)
    q = fma(q, r, f32(0.008366435))
    q = fma(q, r, f32(0.041666407))
    q = fma(q, r, f32(0.16666545))
    e = fma(r * r, fma(q, r, f32(0.5)), r)
    # the power of two in two halves: neither of them overflows or underflows
    word = to_bits(t)
    half = word >> w32(1)
    other = word - half
    scaled = (f32(1.0) + e) * from_bits(w32(half << w32(23)))
    return scaled * from_bits(w32(other << w32(23)))


def exp_float64(x):
    """e^x."""
    y = -747.0 if x < -747.0 else x
    y = 711.0 if y > 711.0 else y
    t = fma(y, 1.4426950408889634, 6755399441057790.0)
    n = t - 6755399441057790.0
    r = fma(n, -0.6931471805599453, y)
    r = fma(n, -2.3190468138462996e-17, r)
    q = 2.511243116336415e-08
    q = fma(q, r, 2.762229136770667e-07)
    q = fma(q, r, 2.755723489277899e-06)
    q = fma(q, r, 2.480151618942773e-05)
    q = fma(q, r, 0.00019841269894619885)
    q = fma(q, r, 0.0013888888920630164)
    q = fma(q, r, 0.008333333333318824)
    q = fma(q, r, 0.0416666666666197)
    q = fma(q, r, 0.1666666666666668)
    e = fma(r * r, fma(q, r, 0.5), r)
    # the power of two in two halves: neither of them overflows or underflows
    word = to_bits(t)
    half = word >> w64(1)
    other = word - half
    scaled = (1.0 + e) * from_bits(w64(half << w64(52)))
    return scaled * from_bits(w64(other << w64(52)))


exp = by_precision(exp_float32, exp_float64, math.exp)


def exp_plus_float32(x, summand):
    """e^x + summand, rounded once: no value in between is too small for a fast processor."""
    y = f32(-105.0) if x < f32(-105.0) else x
    y = f32(90.0) if y > f32(90.0) else y
    t = fma(y, f32(1.442695), f32(1.2583166e+07))
    n = t - f32(1.2583166e+07)
    r = fma(n, f32(-0.6931472), y)
    r = fma(n, f32(1.9046542e-09), r)
    q = f32(0.0013940436)
    q = fma(q, r, f32(0.008366435))
    q = fma(q, r, f32(0.041666407))
    q = fma(q, r, f32(0.16666545))
    e = fma(r * r, fma(q, r, f32(0.5)), r)
    # the power of two in two halves: neither of them overflows or underflows
    word = to_bits(t)
    half = word >> w32(1)
    other = word - half
    scaled = (f32(1.0) + e) * from_bits(w32(half << w32(23)))
    return fma(scaled, from_bits(w32(other << w32(23))), summand)


def exp_plus_float64(x, summand):
    """e^x + summand, rounded once: no value in between is too small for a fast processor."""
    y = -747.0 if x < -747.0 else x
    y = 711.0 if y > 711.0 else y
    t = fma(y, 1.4426950408889634, 6755399441057790.0)
    n = t - 6755399441057790.0
    r = fma(n, -0.6931471805599453, y)
    r = fma(n, -2.3190468138462996e-17, r)
    q = 2.511243116336415e-08
    q = fma(q, r, 2.762229136770667e-07)
    q = fma(q, r, 2.755723489277899e-06)
    q = fma(q, r, 2.480151618942773e-05)
    q = fma(q, r, 0.00019841269894619885)
    q = fma(q, r, 0.0013888888920630164)
    q = fma(q, r, 0.008333333333318824)
    q = fma(q, r, 0.0416666666666197)
    q = fma(q, r, 0.1666666666666668)
    e = fma(r * r, fma(q, r, 0.5), r)
    # the power of two in two halves: neither of them overflows or underflows
    word = to_bits(t)
    half = word >> w64(1)
    other = word - half
    scaled = (1.0 + e) * from_bits(w64(half << w64(52)))
    return fma(scaled, from_bits(w64(other << w64(52))), summand)


exp_plus = by_precision(exp_plus_float32, exp_plus_float64)


def exp_sum_float32(x, low):
    """e^(x + low), where low is far smaller than x."""
    y = f32(-105.0) if x < f32(-105.0) else x
    y = f32(90.0) if y > f32(90.0) else y
    t = fma(y, f32(1.442695), f32(1.2583166e+07))
    n = t - f32(1.2583166e+07)
    r = fma(n, f32(-0.6931472), y)
    r = fma(n, f32(1.9046542e-09), r)
    r += low
    q = f32(0.0013940436)
    q = fma(q, r, f32(0.008366435))
    q = fma(q, r, f32(0.041666407))
    q = fma(q, r, f32(0.16666545))
    e = fma(r * r, fma(q, r, f32(0.5)), r)
    # the power of two in two halves: neither of them overflows or underflows
    word = to_bits(t)
    half = word >> w32(1)
    other = word - half
    scaled = (f32(1.0) + e) * from_bits(w32(half << w32(23)))
    return scaled * from_bits(w32(other << w32(23)))


def exp_sum_float64(x, low):
    """e^(x + low), where low is far smaller than x."""
    y = -747.0 if x < -747.0 else x
    y = 711.0 if y > 711.0 else y
    t = fma(y, 1.4426950408889634, 6755399441057790.0)
    n = t - 6755399441057790.0
    r = fma(n, -0.6931471805599453, y)
    r = fma(n, -2.3190468138462996e-17, r)
    r += low
    q = 2.511243116336415e-08
    q = fma(q, r, 2.762229136770667e-07)
    q = fma(q, r, 2.755723489277899e-06)
    q = fma(q, r, 2.480151618942773e-05)
    q = fma(q, r, 0.00019841269894619885)
    q = fma(q, r, 0.0013888888920630164)
    q = fma(q, r, 0.008333333333318824)
    q = fma(q, r, 0.0416666666666197)
    q = fma(q, r, 0.1666666666666668)
    e = fma(r * r, fma(q, r, 0.5), r)
    # the power of two in two halves: neither of them overflows or underflows
    word = to_bits(t)
    half = word >> w64(1)
    other = word - half
    scaled = (1.0 + e) * from_bits(w64(half << w64(52)))
    return scaled * from_bits(w64(other << w64(52)))


exp_sum = by_precision(exp_sum_float32, exp_sum_float64)


def half_exp_float32(x):
    """e^x / 2, which overflows later than e^x."""
    y = f32(-105.0) if x < f32(-105.0) else x
    y = f32(90.0) if y > f32(90.0) else y
    t = fma(y, f32(1.442695), f32(1.2583166e+07))
    n = t - f32(1.2583166e+07)
    r = fma(n, f32(-0.6931472), y)
    r = fma(n, f32(1.9046542e-09), r)
    q = f32(0.0013940436)
    q = fma(q, r, f32(0.008366435))
    q = fma(q, r, f32(0.041666407))
    q = fma(q, r, f32(0.16666545))
    e = fma(r * r, fma(q, r, f32(0.5)), r)
    # the power of two in two halves: neither of them overflows or underflows
    word = to_bits(t)
    half = word >> w32(1)
    other = word - half - w32(1)
    scaled = (f32(1.0) + e) * from_bits(w32(half << w32(23)))
    return scaled * from_bits(w32(other << w32(23)))


def half_exp_float64(x):
    """e^x / 2, which overflows later than e^x."""
    y = -747.0 if x < -747.0 else x
    y = 711.0 if y > 711.0 else y
    t = fma(y, 1.4426950408889634, 6755399441057790.0)
    n = t - 6755399441057790.0
    r = fma(n, -0.6931471805599453, y)
    r = fma(n, -2.3190468138462996e-17, r)
    q = 2.511243116336415e-08
    q = fma(q, r, 2.762229136770667e-07)
    q = fma(q, r, 2.755723489277899e-06)
    q = fma(q, r, 2.480151618942773e-05)
    q = fma(q, r, 0.00019841269894619885)
    q = fma(q, r, 0.0013888888920630164)
    q = fma(q, r, 0.008333333333318824)
    q = fma(q, r, 0.0416666666666197)
    q = fma(q, r, 0.1666666666666668)
    e = fma(r * r, fma(q, r, 0.5), r)
    # the power of two in two halves: neither of them overflows or underflows
    word = to_bits(t)
    half = word >> w64(1)
    other = word - half - w64(1)
    scaled = (1.0 + e) * from_bits(w64(half << w64(52)))
    return scaled * from_bits(w64(other << w64(52)))


half_exp = by_precision(half_exp_float32, half_exp_float64)


def expm1_float32(x):
    """e^x - 1."""
    y = f32(-25.0) if x < f32(-25.0) else x
    y = f32(89.0) if y > f32(89.0) else y
    t = fma(y, f32(1.442695), f32(1.2583038e+07))
    n = t - f32(1.2583038e+07)
    r = fma(n, f32(-0.6931472), y)
    r = fma(n, f32(1.9046542e-09), r)
    q = f32(0.0013940436)
    q = fma(q, r, f32(0.008366435))
    q = fma(q, r, f32(0.041666407))
    q = fma(q, r, f32(0.16666545))
    e = fma(r * r, fma(q, r, f32(0.5)), r)
    # half the power of two, which does not overflow
    half = from_bits(w32(to_bits(t) << w32(23)))
    value = f32(2.0) * fma(e, half, half - f32(0.5))
    return x if abs(x) < f32(1.1754944e-38) else value


def expm1_float64(x):
    """e^x - 1."""
    y = -45.0 if x < -45.0 else x
    y = 710.0 if y > 710.0 else y
    t = fma(y, 1.4426950408889634, 6755399441056766.0)
    n = t - 6755399441056766.0
    r = fma(n, -0.6931471805599453, y)
    r = fma(n, -2.3190468138462996e-17, r)
    q = 2.511243116336415e-08
    q = fma(q, r, 2.762229136770667e-07)
    q = fma(q, r, 2.755723489277899e-06)
    q = fma(q, r, 2.480151618942773e-05)
    q = fma(q, r, 0.00019841269894619885)
    q = fma(q, r, 0.0013888888920630164)
    q = fma(q, r, 0.008333333333318824)
    q = fma(q, r, 0.0416666666666197)
    q = fma(q, r, 0.1666666666666668)
    e = fma(r * r, fma(q, r, 0.5), r)
    # half the power of two, which does not overflow
    half = from_bits(w64(to_bits(t) << w64(52)))
    value = 2.0 * fma(e, half, half - 0.5)
    return x if abs(x) < 2.2250738585072014e-308 else value


expm1 = by_precision(expm1_float32, expm1_float64, math.expm1)


def log_float32(x):
    """Natural logarithm."""
    tiny = x < f32(1.1754944e-38)
    word = to_bits(x * f32(3.3554432e+07) if tiny else x) + w32(0x4afb0d)
    exponent = w32(word >> w32(23))
    f = from_bits(w32((word & w32(0x7fffff)) + w32(0x3f3504f3))) - f32(1.0)
    k = from_bits(w32(exponent | w32(0x4b000000)))
    k -= f32(8.38876e+06) if tiny else f32(8.388735e+06)
    q = f32(-0.07859603)
    q = fma(q, f, f32(0.12881723))
    q = fma(q, f, f32(-0.13128789))
    q = fma(q, f, f32(0.1418118))
    q = fma(q, f, f32(-0.16624549))
    q = fma(q, f, f32(0.20002288))
    q = fma(q, f, f32(-0.2500081))
    q = fma(q, f, f32(0.33333316))
    square = f * f
    tail = fma(f * square, q, fma(k, f32(-1.9046542e-09), f32(-0.5) * square))
    value = fma(k, f32(0.6931472), f + tail)
    value = value if x < f32(np.inf) else x
    value = f32(-np.inf) if x == f32(0.0) else value
    return f32(np.nan) if x < f32(0.0) else value


def log_float64(x):
    """Natural logarithm."""
    tiny = x < 2.2250738585072014e-308
    word = to_bits(x * 1.8014398509481984e+16 if tiny else x) + w64(0x95f619980c433)
    exponent = w64(word >> w64(52))
    f = from_bits(w64((word & w64(0xfffffffffffff)) + w64(0x3fe6a09e667f3bcd))) - 1.0
    k = from_bits(w64(exponent | w64(0x4330000000000000)))
    k -= 4503599627371573.0 if tiny else 4503599627371519.0
    s = f / (2.0 + f)
    z = s * s
    q = 0.1479612493804674
    q = fma(q, z, 0.15314034321557154)
    q = fma(q, z, 0.18183564904445756)
    q = fma(q, z, 0.22222198563275763)
    q = fma(q, z, 0.28571428742470595)
    q = fma(q, z, 0.39999999999414376)
    q = fma(q, z, 0.6666666666666734)
    square = 0.5 * f * f
    tail = fma(s, fma(z, q, square), k * 5.497923018708371e-14)
    value = fma(k, 0.6931471805598903, f - (square - tail))
    value = value if x < np.inf else x
    value = -np.inf if x == 0.0 else value
    return np.nan if x < 0.0 else value


log = by_precision(log_float32, log_float64, math.log)


def log1p_float32(x):
    """Logarithm of 1 + x."""
    u = f32(1.0) + x
    lost = f32(1.0) - (u - x) if x > f32(1.0) else x - (u - f32(1.0))
    tiny = u < f32(1.1754944e-38)
    word = to_bits(u * f32(3.3554432e+07) if tiny else u) + w32(0x4afb0d)
    exponent = w32(word >> w32(23))
    f = from_bits(w32((word & w32(0x7fffff)) + w32(0x3f3504f3))) - f32(1.0)
    k = from_bits(w32(exponent | w32(0x4b000000)))
    k -= f32(8.38876e+06) if tiny else f32(8.388735e+06)
    # what rounding 1 + x lost, on the scale of f
    scale = from_bits(w32((w32(254) - exponent) << w32(23)))
    f = f if x > f32(3.3554432e+07) else fma(lost, scale, f)
    q = f32(-0.07859603)
    q = fma(q, f, f32(0.12881723))
    q = fma(q, f, f32(-0.13128789))
    q = fma(q, f, f32(0.1418118))
    q = fma(q, f, f32(-0.16624549))
    q = fma(q, f, f32(0.20002288))
    q = fma(q, f, f32(-0.2500081))
    q = fma(q, f, f32(0.33333316))
    square = f * f
    tail = fma(f * square, q, fma(k, f32(-1.9046542e-09), f32(-0.5) * square))
    value = fma(k, f32(0.6931472), f + tail)
    value = x if x == f32(0.0) else value
    value = value if x < f32(np.inf) else x
    value = f32(-np.inf) if x == f32(-1.0) else value
    return f32(np.nan) if x < f32(-1.0) else value


def log1p_float64(x):
    """Logarithm of 1 + x."""
    u = 1.0 + x
    lost = 1.0 - (u - x) if x > 1.0 else x - (u - 1.0)
    tiny = u < 2.2250738585072014e-308
    word = to_bits(u * 1.8014398509481984e+16 if tiny else u) + w64(0x95f619980c433)
    exponent = w64(word >> w64(52))
    f = from_bits(w64((word & w64(0xfffffffffffff)) + w64(0x3fe6a09e667f3bcd))) - 1.0
    k = from_bits(w64(exponent | w64(0x4330000000000000)))
    k -= 4503599627371573.0 if tiny else 4503599627371519.0
    # what rounding 1 + x lost, on the scale of f
    scale = from_bits(w64((w64(2046) - exponent) << w64(52)))
    f = f if x > 1.8014398509481984e+16 else fma(lost, scale, f)
    s = f / (2.0 + f)
    z = s * s
    q = 0.1479612493804674
    q = fma(q, z, 0.15314034321557154)
    q = fma(q, z, 0.18183564904445756)
    q = fma(q, z, 0.22222198563275763)
    q = fma(q, z, 0.28571428742470595)
    q = fma(q, z, 0.39999999999414376)
    q = fma(q, z, 0.6666666666666734)
    square = 0.5 * f * f
    tail = fma(s, fma(z, q, square), k * 5.497923018708371e-14)
    value = fma(k, 0.6931471805598903, f - (square - tail))
    value = x if x == 0.0 else value
    value = value if x < np.inf else x
    value = -np.inf if x == -1.0 else value
    return np.nan if x < -1.0 else value


log1p = by_precision(log1p_float32, log1p_float64, math.log1p)


def log10_float32(x):
    """Logarithm to the base 10."""
    tiny = x < f32(1.1754944e-38)
    word = to_bits(x * f32(3.3554432e+07) if tiny else x) + w32(0x4afb0d)
    exponent = w32(word >> w32(23))
    f = from_bits(w32((word & w32(0x7fffff)) + w32(0x3f3504f3))) - f32(1.0)
    k = from_bits(w32(exponent | w32(0x4b000000)))
    k -= f32(8.38876e+06) if tiny else f32(8.388735e+06)
    q = f32(-0.07859603)
    q = fma(q, f, f32(0.12881723))
    q = fma(q, f, f32(-0.13128789))
    q = fma(q, f, f32(0.1418118))
    q = fma(q, f, f32(-0.16624549))
    q = fma(q, f, f32(0.20002288))
    q = fma(q, f, f32(-0.2500081))
    q = fma(q, f, f32(0.33333316))
    square = f * f
    tail = fma(f * square, q, fma(k, f32(-1.9046542e-09), f32(-0.5) * square))
    value = fma(k, f32(0.6931472), f + tail)
    value = fma(value, f32(0.4342945), value * f32(-1.010305e-08))
    value = value if x < f32(np.inf) else x
    value = f32(-np.inf) if x == f32(0.0) else value
    return f32(np.nan) if x < f32(0.0) else value


def log10_float64(x):
    """Logarithm to the base 10."""
    tiny = x < 2.2250738585072014e-308
    word = to_bits(x * 1.8014398509481984e+16 if tiny else x) + w64(0x95f619980c433)
    exponent = w64(word >> w64(52))
    f = from_bits(w64((word & w64(0xfffffffffffff)) + w64(0x3fe6a09e667f3bcd))) - 1.0
    k = from_bits(w64(exponent | w64(0x4330000000000000)))
    k -= 4503599627371573.0 if tiny else 4503599627371519.0
    s = f / (2.0 + f)
    z = s * s
    q = 0.1479612493804674
    q = fma(q, z, 0.15314034321557154)
    q = fma(q, z, 0.18183564904445756)
    q = fma(q, z, 0.22222198563275763)
    q = fma(q, z, 0.28571428742470595)
    q = fma(q, z, 0.39999999999414376)
    q = fma(q, z, 0.6666666666666734)
    square = 0.5 * f * f
    tail = fma(s, fma(z, q, square), k * 5.497923018708371e-14)
    value = fma(k, 0.6931471805598903, f - (square - tail))
    value = fma(value, 0.4342944819032518, value * 1.098319650216765e-17)
    value = value if x < np.inf else x
    value = -np.inf if x == 0.0 else value
    return np.nan if x < 0.0 else value


log10 = by_precision(log10_float32, log10_float64, math.log10)


def sin_float32(x):
    """Sine."""
    t = fma(x, f32(0.63661975), f32(1.2582912e+07))
    n = t - f32(1.2582912e+07)
    r = fma(n, f32(-1.5707964), x)
    r = fma(n, f32(4.371139e-08), r)
    r = fma(n, f32(1.7151245e-15), r)
    word = to_bits(t)
    z = r * r
    odd = f32(-0.00019516685)
    odd = fma(odd, z, f32(0.008332174))
    odd = fma(odd, z, f32(-0.16666655))
    odd = fma(r * z, odd, r)
    even = f32(2.443773e-05)
    even = fma(even, z, f32(-0.0013887362))
    even = fma(even, z, f32(0.041666646))
    even = fma(z * z, even, fma(z, f32(-0.5), f32(1.0)))
    swapped = (word & w32(1)) != w32(0)
    value = even if swapped else odd
    sign = w32((word & w32(2)) << w32(30))
    value = from_bits(w32(to_bits(value) ^ sign))
    value = x if x == f32(0.0) else value
    return value if abs(x) <= f32(1.048576e+06) else f32(np.nan)


def sin_float64(x):
    """Sine."""
    t = fma(x, 0.6366197723675814, 6755399441055744.0)
    n = t - 6755399441055744.0
    r = fma(n, -1.5707963267948966, x)
    r = fma(n, -6.123233995736766e-17, r)
    r = fma(n, 1.4973849048591698e-33, r)
    word = to_bits(t)
    z = r * r
    odd = 1.5896504053400118e-10
    odd = fma(odd, z, -2.5050753257329233e-08)
    odd = fma(odd, z, 2.7557313662079947e-06)
    odd = fma(odd, z, -0.0001984126982972554)
    odd = fma(odd, z, 0.008333333333322316)
    odd = fma(odd, z, -0.16666666666666632)
    odd = fma(r * z, odd, r)
    even = -1.135945150527588e-11
    even = fma(even, z, 2.08757196131814e-09)
    even = fma(even, z, -2.755731432643042e-07)
    even = fma(even, z, 2.4801587289396315e-05)
    even = fma(even, z, -0.0013888888888873992)
    even = fma(even, z, 0.0416666666666666)
    even = fma(z * z, even, fma(z, -0.5, 1.0))
    swapped = (word & w64(1)) != w64(0)
    value = even if swapped else odd
    sign = w64((word & w64(2)) << w64(62))
    value = from_bits(w64(to_bits(value) ^ sign))
    value = x if x == 0.0 else value
    return value if abs(x) <= 562949953421312.0 else np.nan


sin = by_precision(sin_float32, sin_float64, math.sin)


def cos_float32(x):
    """Cosine."""
    t = fma(x, f32(0.63661975), f32(1.2582912e+07))
    n = t - f32(1.2582912e+07)
    r = fma(n, f32(-1.5707964), x)
    r = fma(n, f32(4.371139e-08), r)
    r = fma(n, f32(1.7151245e-15), r)
    word = to_bits(t)
    z = r * r
    odd = f32(-0.00019516685)
    odd = fma(odd, z, f32(0.008332174))
    odd = fma(odd, z, f32(-0.16666655))
    odd = fma(r * z, odd, r)
    even = f32(2.443773e-05)
    even = fma(even, z, f32(-0.0013887362))
    even = fma(even, z, f32(0.041666646))
    even = fma(z * z, even, fma(z, f32(-0.5), f32(1.0)))
    swapped = (word & w32(1)) != w32(0)
    value = odd if swapped else even
    sign = w32(((word + w32(1)) & w32(2)) << w32(30))
    value = from_bits(w32(to_bits(value) ^ sign))
    return value if abs(x) <= f32(1.048576e+06) else f32(np.nan)


def cos_float64(x):
    """Cosine."""
    t = fma(x, 0.6366197723675814, 6755399441055744.0)
    n = t - 6755399441055744.0
    r = fma(n, -1.5707963267948966, x)
    r = fma(n, -6.123233995736766e-17, r)
    r = fma(n, 1.4973849048591698e-33, r)
    word = to_bits(t)
    z = r * r
    odd = 1.5896504053400118e-10
    odd = fma(odd, z, -2.5050753257329233e-08)
    odd = fma(odd, z, 2.7557313662079947e-06)
    odd = fma(odd, z, -0.0001984126982972554)
    odd = fma(odd, z, 0.008333333333322316)
    odd = fma(odd, z, -0.16666666666666632)
    odd = fma(r * z, odd, r)
    even = -1.135945150527588e-11
    even = fma(even, z, 2.08757196131814e-09)
    even = fma(even, z, -2.755731432643042e-07)
    even = fma(even, z, 2.4801587289396315e-05)
    even = fma(even, z, -0.0013888888888873992)
    even = fma(even, z, 0.0416666666666666)
    even = fma(z * z, even, fma(z, -0.5, 1.0))
    swapped = (word & w64(1)) != w64(0)
    value = odd if swapped else even
    sign = w64(((word + w64(1)) & w64(2)) << w64(62))
    value = from_bits(w64(to_bits(value) ^ sign))
    return value if abs(x) <= 562949953421312.0 else np.nan


cos = by_precision(cos_float32, cos_float64, math.cos)


def tan_float32(x):
    """Tangent."""
    t = fma(x, f32(0.63661975), f32(1.2582912e+07))
    n = t - f32(1.2582912e+07)
    r = fma(n, f32(-1.5707964), x)
    r = fma(n, f32(4.371139e-08), r)
    r = fma(n, f32(1.7151245e-15), r)
    word = to_bits(t)
    z = r * r
    odd = f32(-0.00019516685)
    odd = fma(odd, z, f32(0.008332174))
    odd = fma(odd, z, f32(-0.16666655))
    odd = fma(r * z, odd, r)
    even = f32(2.443773e-05)
    even = fma(even, z, f32(-0.0013887362))
    even = fma(even, z, f32(0.041666646))
    even = fma(z * z, even, fma(z, f32(-0.5), f32(1.0)))
    swapped = (word & w32(1)) != w32(0)
    value = (-even if swapped else odd) / (odd if swapped else even)
    value = x if x == f32(0.0) else value
    return value if abs(x) <= f32(1.048576e+06) else f32(np.nan)


def tan_float64(x):
    """Tangent."""
    t = fma(x, 0.6366197723675814, 6755399441055744.0)
    n = t - 6755399441055744.0
    r = fma(n, -1.5707963267948966, x)
    r = fma(n, -6.123233995736766e-17, r)
    r = fma(n, 1.4973849048591698e-33, r)
    word = to_bits(t)
    z = r * r
    odd = 1.5896504053400118e-10
    odd = fma(odd, z, -2.5050753257329233e-08)
    odd = fma(odd, z, 2.7557313662079947e-06)
    odd = fma(odd, z, -0.0001984126982972554)
    odd = fma(odd, z, 0.008333333333322316)
    odd = fma(odd, z, -0.16666666666666632)
    odd = fma(r * z, odd, r)
    even = -1.135945150527588e-11
    even = fma(even, z, 2.08757196131814e-09)
    even = fma(even, z, -2.755731432643042e-07)
    even = fma(even, z, 2.4801587289396315e-05)
    even = fma(even, z, -0.0013888888888873992)
    even = fma(even, z, 0.0416666666666666)
    even = fma(z * z, even, fma(z, -0.5, 1.0))
    swapped = (word & w64(1)) != w64(0)
    value = (-even if swapped else odd) / (odd if swapped else even)
    value = x if x == 0.0 else value
    return value if abs(x) <= 562949953421312.0 else np.nan


tan = by_precision(tan_float32, tan_float64, math.tan)


def any_sin_float32(x):
    """The same of any angle: of a large one by the library."""
    return sin(x) if abs(x) <= f32(1.048576e+06) else math.sin(x)


def any_sin_float64(x):
    """The same of any angle: of a large one by the library."""
    return sin(x) if abs(x) <= 562949953421312.0 else math.sin(x)


any_sin = by_precision(any_sin_float32, any_sin_float64, math.sin)


def any_cos_float32(x):
    """The same of any angle: of a large one by the library."""
    return cos(x) if abs(x) <= f32(1.048576e+06) else math.cos(x)


def any_cos_float64(x):
    """The same of any angle: of a large one by the library."""
    return cos(x) if abs(x) <= 562949953421312.0 else math.cos(x)


any_cos = by_precision(any_cos_float32, any_cos_float64, math.cos)


def any_tan_float32(x):
    """The same of any angle: of a large one by the library."""
    return tan(x) if abs(x) <= f32(1.048576e+06) else math.tan(x)


def any_tan_float64(x):
    """The same of any angle: of a large one by the library."""
    return tan(x) if abs(x) <= 562949953421312.0 else math.tan(x)


any_tan = by_precision(any_tan_float32, any_tan_float64, math.tan)


def asin_float32(x):
    """Inverse sine."""
    a = abs(x)
    far = a > f32(0.5)
    z = f32(0.5) * (f32(1.0) - a) if far else a * a
    root = math.sqrt(z) if far else a
    q = f32(0.042230558)
    q = fma(q, z, f32(0.024141002))
    q = fma(q, z, f32(0.045478337))
    q = fma(q, z, f32(0.07495233))
    q = fma(q, z, f32(0.16666754))
    value = fma(root * z, q, root)
    beyond = f32(1.5707964) - (f32(2.0) * value - f32(-4.371139e-08))
    return with_sign(beyond if far else value, x)


def asin_float64(x):
    """Inverse sine."""
    a = abs(x)
    far = a > 0.5
    z = 0.5 * (1.0 - a) if far else a * a
    root = math.sqrt(z) if far else a
    q = 0.031981155515658624
    q = fma(q, z, -0.016325816440485516)
    q = fma(q, z, 0.019593712739202632)
    q = fma(q, z, 0.006503778757020741)
    q = fma(q, z, 0.012174875064778204)
    q = fma(q, z, 0.013884361942567957)
    q = fma(q, z, 0.017359794343775072)
    q = fma(q, z, 0.02237175203356753)
    q = fma(q, z, 0.030381959391032415)
    q = fma(q, z, 0.04464285682209683)
    q = fma(q, z, 0.07500000000344634)
    q = fma(q, z, 0.16666666666665378)
    value = fma(root * z, q, root)
    beyond = 1.5707963267948966 - (2.0 * value - 6.123233995736766e-17)
    return with_sign(beyond if far else value, x)


asin = by_precision(asin_float32, asin_float64, math.asin)


def acos_float32(x):
    """Inverse cosine."""
    a = abs(x)
    far = a > f32(0.5)
    z = f32(0.5) * (f32(1.0) - a) if far else a * a
    root = math.sqrt(z) if far else a
    q = f32(0.042230558)
    q = fma(q, z, f32(0.024141002))
    q = fma(q, z, f32(0.045478337))
    q = fma(q, z, f32(0.07495233))
    q = fma(q, z, f32(0.16666754))
    value = fma(root * z, q, root)
    near = f32(1.5707964) - (with_sign(value, x) - f32(-4.371139e-08))
    twice = f32(2.0) * value
    beyond = twice if x > f32(0.0) else f32(3.1415927) - (twice - f32(-8.742278e-08))
    return beyond if far else near


def acos_float64(x):
    """Inverse cosine."""
    a = abs(x)
    far = a > 0.5
    z = 0.5 * (1.0 - a) if far else a * a
    root = math.sqrt(z) if far else a
    q = 0.031981155515658624
    q = fma(q, z, -0.016325816440485516)
    q = fma(q, z, 0.019593712739202632)
    q = fma(q, z, 0.006503778757020741)
    q = fma(q, z, 0.012174875064778204)
    q = fma(q, z, 0.013884361942567957)
    q = fma(q, z, 0.017359794343775072)
    q = fma(q, z, 0.02237175203356753)
    q = fma(q, z, 0.030381959391032415)
    q = fma(q, z, 0.04464285682209683)
    q = fma(q, z, 0.07500000000344634)
    q = fma(q, z, 0.16666666666665378)
    value = fma(root * z, q, root)
    near = 1.5707963267948966 - (with_sign(value, x) - 6.123233995736766e-17)
    twice = 2.0 * value
    beyond = twice if x > 0.0 else 3.141592653589793 - (twice - 1.2246467991473532e-16)
    return beyond if far else near


acos = by_precision(acos_float32, acos_float64, math.acos)


def atan_float32(x):
    """Inverse tangent."""
    a = abs(x)
    far, near = a > f32(2.4142137), a < f32(0.41421357)
    above = f32(-1.0) if far else (a if near else a - f32(1.0))
    below = a if far else (f32(1.0) if near else a + f32(1.0))
    u = above / below
    z = u * u
    q = f32(-0.060811717)
    q = fma(q, z, f32(0.105951436))
    q = fma(q, z, f32(-0.14243738))
    q = fma(q, z, f32(0.19998483))
    q = fma(q, z, f32(-0.33333316))
    high = f32(1.5707964) if far else (f32(0.0) if near else f32(0.7853982))
    low = f32(-4.371139e-08) if far else (f32(0.0) if near else f32(-2.1855694e-08))
    return with_sign(high + (fma(u * z, q, u) + low), x)


def atan_float64(x):
    """Inverse tangent."""
    a = abs(x)
    far, near = a > 2.414213562373095, a < 0.41421356237309515
    above = -1.0 if far else (a if near else a - 1.0)
    below = a if far else (1.0 if near else a + 1.0)
    u = above / below
    z = u * u
    q = -0.017907406773661563
    q = fma(q, z, 0.038065006336156185)
    q = fma(q, z, -0.050393325355731294)
    q = fma(q, z, 0.058478976812727186)
    q = fma(q, z, -0.06663105480268572)
    q = fma(q, z, 0.07692060362376707)
    q = fma(q, z, -0.09090897767013269)
    q = fma(q, z, 0.11111110783808612)
    q = fma(q, z, -0.1428571428020384)
    q = fma(q, z, 0.1999999999995366)
    q = fma(q, z, -0.333333333333332)
    high = 1.5707963267948966 if far else (0.0 if near else 0.7853981633974483)
    low = 6.123233995736766e-17 if far else (0.0 if near else 3.061616997868383e-17)
    return with_sign(high + (fma(u * z, q, u) + low), x)


atan = by_precision(atan_float32, atan_float64, math.atan)


def sinh_float32(x):
    """Hyperbolic sine."""
    a = abs(x)
    half = half_exp(a)
    z = x * x
    q = f32(2.817501e-06)
    q = fma(q, z, f32(0.00019836056))
    q = fma(q, z, f32(0.0083333505))
    q = fma(q, z, f32(0.16666667))
    value = fma(a * z, q, a) if a < f32(1.0) else half - f32(0.25) / half
    return with_sign(value, x)


def sinh_float64(x):
    """Hyperbolic sine."""
    a = abs(x)
    half = half_exp(a)
    z = x * x
    q = 2.8484360025941073e-15
    q = fma(q, z, 7.646474961383961e-13)
    q = fma(q, z, 1.6059050726808497e-10)
    q = fma(q, z, 2.505210834548006e-08)
    q = fma(q, z, 2.7557319224120922e-06)
    q = fma(q, z, 0.0001984126984126959)
    q = fma(q, z, 0.008333333333333333)
    q = fma(q, z, 0.16666666666666666)
    value = fma(a * z, q, a) if a < 1.0 else half - 0.25 / half
    return with_sign(value, x)


sinh = by_precision(sinh_float32, sinh_float64, math.sinh)


def cosh_float32(x):
    """Hyperbolic cosine."""
    half = half_exp(abs(x))
    return half + f32(0.25) / half


def cosh_float64(x):
    """Hyperbolic cosine."""
    half = half_exp(abs(x))
    return half + 0.25 / half


cosh = by_precision(cosh_float32, cosh_float64, math.cosh)


def tanh_float32(x):
    """Hyperbolic tangent."""
    e = expm1(f32(-2.0) * abs(x))
    return with_sign(-e / (f32(2.0) + e), x)


def tanh_float64(x):
    """Hyperbolic tangent."""
    e = expm1(-2.0 * abs(x))
    return with_sign(-e / (2.0 + e), x)


tanh = by_precision(tanh_float32, tanh_float64, math.tanh)


def erf_float32(x):
    """Error function, from the logarithm of its complement."""
    a = abs(x)
    a = f32(4.0) if a > f32(4.0) else a
    q = f32(-9.1216625e-06)
    q = fma(q, a, f32(0.00011638066))
    q = fma(q, a, f32(-0.0006280937))
    q = fma(q, a, f32(0.0016577931))
    q = fma(q, a, f32(-0.00015041193))
    q = fma(q, a, f32(-0.019159041))
    q = fma(q, a, f32(0.10277969))
    q = fma(q, a, f32(0.63661915))
    q = fma(q, a, f32(1.1283792))
    return with_sign(-expm1(-a * q), x)


def erf_float64(x):
    """Error function, from the logarithm of its complement."""
    a = abs(x)
    a = 6.0 if a > 6.0 else a
    q = -1.2169952538287773e-16
    q = fma(q, a, 6.562288384556005e-15)
    q = fma(q, a, -1.6641369612341915e-13)
    q = fma(q, a, 2.6383990548840827e-12)
    q = fma(q, a, -2.931150328878961e-11)
    q = fma(q, a, 2.421828724986973e-10)
    q = fma(q, a, -1.539209618882276e-09)
    q = fma(q, a, 7.655924397068331e-09)
    q = fma(q, a, -2.987112982029806e-08)
    q = fma(q, a, 8.971606279415735e-08)
    q = fma(q, a, -1.9391983290219047e-07)
    q = fma(q, a, 2.290333964080489e-07)
    q = fma(q, a, 2.0546616419047964e-07)
    q = fma(q, a, -1.5910932182651563e-06)
    q = fma(q, a, 2.6965332618924917e-06)
    q = fma(q, a, 3.5086513504947116e-06)
    q = fma(q, a, -2.9782151780910486e-05)
    q = fma(q, a, 6.451748245520782e-05)
    q = fma(q, a, 2.5870126398193468e-05)
    q = fma(q, a, -0.0005901235207104427)
    q = fma(q, a, 0.0016962060509103402)
    q = fma(q, a, -0.0002091946600974244)
    q = fma(q, a, -0.019128447006953316)
    q = fma(q, a, 0.10277260330180903)
    q = fma(q, a, 0.6366197723675857)
    q = fma(q, a, 1.1283791670955126)
    return with_sign(-expm1(-a * q), x)


erf = by_precision(erf_float32, erf_float64, math.erf)


def erfc_float32(x):
    """Complementary error function: exp(-x^2) q(t) / (1 + 2 x) with t = (x - 4) / (x + 4) from zero on."""
    a = abs(x)
    a = f32(11.0) if a > f32(11.0) else a
    below, above, doubled = a + f32(4.0), a - f32(4.0), fma(f32(2.0), a, f32(1.0))
    inverse = f32(1.0) / (below * doubled)
    t = above * (doubled * inverse)
    t = fma(fma(-t, below, above), doubled * inverse, t)
    q = f32(0.0048001986)
    q = fma(q, t, f32(-0.017159238))
    q = fma(q, t, f32(0.03722564))
    q = fma(q, t, f32(-0.06583681))
    q = fma(q, t, f32(0.093740836))
    q = fma(q, t, f32(-0.10114778))
    q = fma(q, t, f32(0.06809382))
    q = fma(q, t, f32(0.015388251))
    q = fma(q, t, f32(-0.13962099))
    q = fma(q, t, f32(1.232995))
    # the square in two parts, or its rounding would be far more than the exponential can bear
    square = a * a
    lost = fma(a, a, -square)
    value = exp_sum(-square, -lost) * (q * (below * inverse))
    return f32(2.0) - value if x < f32(0.0) else value


def erfc_float64(x):
    """Complementary error function: exp(-x^2) q(t) / (1 + 2 x) with t = (x - 4) / (x + 4) from zero on."""
    a = abs(x)
    a = 28.0 if a > 28.0 else a
    below, above, doubled = a + 4.0, a - 4.0, fma(2.0, a, 1.0)
    inverse = 1.0 / (below * doubled)
    t = above * (doubled * inverse)
    t = fma(fma(-t, below, above), doubled * inverse, t)
    q = -1.717693289781494e-09
    q = fma(q, t, -1.3386454159346914e-08)
    q = fma(q, t, -7.778850462785325e-09)
    q = fma(q, t, 1.1456186302652638e-07)
    q = fma(q, t, 6.23893487754236e-08)
    q = fma(q, t, -8.342410428097089e-07)
    q = fma(q, t, 3.0195594082801666e-07)
    q = fma(q, t, 5.7172956134444835e-06)
    q = fma(q, t, -1.1225282682517814e-05)
    q = fma(q, t, -2.440294160422323e-05)
    q = fma(q, t, 0.0001506224714196308)
    q = fma(q, t, -0.00019925556126257243)
    q = fma(q, t, -0.0007577734048241805)
    q = fma(q, t, 0.005031969763575249)
    q = fma(q, t, -0.016197734048429682)
    q = fma(q, t, 0.037167515561851036)
    q = fma(q, t, -0.06633036581256353)
    q = fma(q, t, 0.09373283499682397)
    q = fma(q, t, -0.10103906603630115)
    q = fma(q, t, 0.0680970542547366)
    q = fma(q, t, 0.015379652102619764)
    q = fma(q, t, -0.1396211168405629)
    q = fma(q, t, 1.2329951186255526)
    # the square in two parts, or its rounding would be far more than the exponential can bear
    square = a * a
    lost = fma(a, a, -square)
    value = exp_sum(-square, -lost) * (q * (below * inverse))
    return 2.0 - value if x < 0.0 else value


erfc = by_precision(erfc_float32, erfc_float64, math.erfc)


def pow_float32(x, y):
    """x^y: the logarithm of |x| in two parts (high, low), times y, then the exponential."""
    a = abs(x)
    tiny = a < f32(1.1754944e-38)
    word = to_bits(a * f32(3.3554432e+07) if tiny else a) + w32(0x4afb0d)
    exponent = w32(word >> w32(23))
    f = from_bits(w32((word & w32(0x7fffff)) + w32(0x3f3504f3))) - f32(1.0)
    k = from_bits(w32(exponent | w32(0x4b000000)))
    k -= f32(8.38876e+06) if tiny else f32(8.388735e+06)
    # s = f / (2 + f), in two parts
    d = f32(2.0) + f
    inverse = f32(1.0) / d
    s = f * inverse
    s_low = fma(-s, f - (d - f32(2.0)), fma(-s, d, f)) * inverse
    # log(1 + f) / 2 = s + s z (1 / 3 + z q), z = s^2, each product with what its rounding loses
    z = s * s
    z_low = fma(f32(2.0) * s, s_low, fma(s, s, -z))
    q = f32(0.11709332)
    q = fma(q, z, f32(0.14273565))
    q = fma(q, z, f32(0.20000076))
    q *= z
    third = f32(0.33333334) + q
    third_low = (f32(0.33333334) - third) + q + f32(-9.934108e-09)
    u = z * third
    u_low = fma(z, third, -u) + fma(z, third_low, z_low * third)
    v = s * u
    v_low = fma(s, u, -v) + fma(s, u_low, s_low * u)
    half = s + v
    half_low = (s - half) + v + (s_low + v_low)
    # k log(2) + log(1 + f)
    whole = k * f32(0.69314575)
    total = whole + f32(2.0) * half
    total_low = (whole - total) + f32(2.0) * half
    total_low += fma(k, f32(1.4286068e-06), f32(2.0) * half_low)
    high = total + total_low
    low = (total - high) + total_low
    high = f32(-np.inf) if a == f32(0.0) else (high if a < f32(np.inf) else a)
    product = y * high
    product_low = fma(y, low, fma(y, high, -product))
    product_low = product_low if abs(product) < f32(180.0) else f32(0.0)
    value = exp_sum(product, product_low)
    value = f32(1.0) if a == f32(1.0) else value
    # a negative base: whole exponents alone, odd ones keep the sign
    whole_y = np.floor(y) == y
    half_y = f32(0.5) * y
    sign = to_bits(x) & w32(0x80000000)
    sign = sign if whole_y and np.floor(half_y) != half_y else w32(0)
    value = from_bits(w32(to_bits(value) | sign))
    value = f32(np.nan) if x < f32(0.0) and a < f32(np.inf) and not whole_y else value
    return f32(1.0) if y == f32(0.0) else value


def pow_float64(x, y):
    """x^y: the logarithm of |x| in two parts (high, low), times y, then the exponential."""
    a = abs(x)
    tiny = a < 2.2250738585072014e-308
    word = to_bits(a * 1.8014398509481984e+16 if tiny else a) + w64(0x95f619980c433)
    exponent = w64(word >> w64(52))
    f = from_bits(w64((word & w64(0xfffffffffffff)) + w64(0x3fe6a09e667f3bcd))) - 1.0
    k = from_bits(w64(exponent | w64(0x4330000000000000)))
    k -= 4503599627371573.0 if tiny else 4503599627371519.0
    # s = f / (2 + f), in two parts
    d = 2.0 + f
    inverse = 1.0 / d
    s = f * inverse
    s_low = fma(-s, f - (d - 2.0), fma(-s, d, f)) * inverse
    # log(1 + f) / 2 = s + s z (1 / 3 + z q), z = s^2, each product with what its rounding loses
    z = s * s
    z_low = fma(2.0 * s, s_low, fma(s, s, -z))
    q = 0.06598169257554845
    q = fma(q, z, 0.06628408472868058)
    q = fma(q, z, 0.07693378678377619)
    q = fma(q, z, 0.09090892183332701)
    q = fma(q, z, 0.11111111259964555)
    q = fma(q, z, 0.14285714285049755)
    q = fma(q, z, 0.20000000000001128)
    q *= z
    third = 0.3333333333333333 + q
    third_low = (0.3333333333333333 - third) + q + 1.850371707708594e-17
    u = z * third
    u_low = fma(z, third, -u) + fma(z, third_low, z_low * third)
    v = s * u
    v_low = fma(s, u, -v) + fma(s, u_low, s_low * u)
    half = s + v
    half_low = (s - half) + v + (s_low + v_low)
    # k log(2) + log(1 + f)
    whole = k * 0.6931471805598903
    total = whole + 2.0 * half
    total_low = (whole - total) + 2.0 * half
    total_low += fma(k, 5.497923018708371e-14, 2.0 * half_low)
    high = total + total_low
    low = (total - high) + total_low
    high = -np.inf if a == 0.0 else (high if a < np.inf else a)
    product = y * high
    product_low = fma(y, low, fma(y, high, -product))
    product_low = product_low if abs(product) < 1422.0 else 0.0
    value = exp_sum(product, product_low)
    value = 1.0 if a == 1.0 else value
    # a negative base: whole exponents alone, odd ones keep the sign
    whole_y = np.floor(y) == y
    half_y = 0.5 * y
    sign = to_bits(x) & w64(0x8000000000000000)
    sign = sign if whole_y and np.floor(half_y) != half_y else w64(0)
    value = from_bits(w64(to_bits(value) | sign))
    value = np.nan if x < 0.0 and a < np.inf and not whole_y else value
    return 1.0 if y == 0.0 else value


pow = by_precision(pow_float32, pow_float64, math.pow)
