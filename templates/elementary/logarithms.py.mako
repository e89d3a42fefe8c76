## k and f with x = 2^k (1 + f), sqrt(1/2) <= 1 + f < sqrt(2); k in an expression of its own
<%def name="split(p, x)">\
    tiny = ${x} < ${p(p.smallest)}
    word = to_bits(${x} * ${p(2.0 ** (p.mantissa + 2))} if tiny else ${x}) + ${p.word(p.bits(1.0) - p.root_half)}
    exponent = ${p.cast("word >> " + p.word(p.mantissa))}
    f = from_bits(${p.cast(f"(word & {p.word(2 ** p.mantissa - 1)}) + {p.word(p.root_half)}")}) - ${p(1)}
    k = from_bits(${p.cast(f"exponent | {p.word(p.bits(2.0 ** p.mantissa))}")})
    k -= ${p(2.0**p.mantissa + p.bias + p.mantissa + 2)} if tiny else ${p(2.0**p.mantissa + p.bias)}
</%def>\
## value = k log(2) + log(1 + f)
<%def name="combine(p)">\
% if p.single:
${p.polynomial("q", "f", "log")}\
    square = f * f
    tail = fma(f * square, q, fma(k, ${p(p.parts(LN2)[1])}, ${p(-0.5)} * square))
    value = fma(k, ${p(p.parts(LN2)[0])}, f + tail)
% else:
    s = f / (${p(2)} + f)
    z = s * s
${p.polynomial("q", "z", "log_quotient")}\
    square = ${p(0.5)} * f * f
    tail = fma(s, fma(z, q, square), k * ${p(p.short_parts(LN2)[1])})
    value = fma(k, ${p(p.short_parts(LN2)[0])}, f - (square - tail))
% endif
</%def>\
## where the logarithm is infinite or there is none; infinity and NaN are their own
<%def name="limits(p, zero)">\
    value = value if x < ${p(INFINITY)} else x
    value = ${p(-INFINITY)} if x == ${p(zero)} else value
    return ${p(NAN)} if x < ${p(zero)} else value
</%def>\
<%def name="log(p)">\
def log_${p.name}(x):
    """Natural logarithm."""
${split(p, "x")}\
${combine(p)}\
${limits(p, 0)}\
</%def>\
<%def name="log10(p)">\
def log10_${p.name}(x):
    """Logarithm to the base 10."""
${split(p, "x")}\
${combine(p)}\
    value = fma(value, ${p(p.parts(1 / LN10)[0])}, value * ${p(p.parts(1 / LN10)[1])})
${limits(p, 0)}\
</%def>\
<%def name="log1p(p)">\
def log1p_${p.name}(x):
    """Logarithm of 1 + x."""
    u = ${p(1)} + x
    lost = ${p(1)} - (u - x) if x > ${p(1)} else x - (u - ${p(1)})
${split(p, "u")}\
    # what rounding 1 + x lost, on the scale of f
    scale = from_bits(${p.cast(f"({p.word(2 * p.bias)} - exponent) << {p.word(p.mantissa)}")})
    f = f if x > ${p(2.0 ** (p.mantissa + 2))} else fma(lost, scale, f)
${combine(p)}\
    value = x if x == ${p(0)} else value
${limits(p, -1)}\
</%def>\
