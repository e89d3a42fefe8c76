## r = x - n pi / 2, by three parts of pi / 2; the quadrant is in the lowest bits of word
<%def name="reduce(p)">\
    t = fma(x, ${p(2 / PI)}, ${p(p.magic)})
    n = t - ${p(p.magic)}
    r = fma(n, ${p(-p.parts(PI / 2)[0])}, x)
    r = fma(n, ${p(-p.parts(PI / 2)[1])}, r)
    r = fma(n, ${p(-p.parts(PI / 2)[2])}, r)
    word = to_bits(t)
    z = r * r
${p.polynomial("odd", "z", "sin")}\
    odd = fma(r * z, odd, r)
${p.polynomial("even", "z", "cos")}\
    even = fma(z * z, even, fma(z, ${p(-0.5)}, ${p(1)}))
    swapped = (word & ${p.word(1)}) != ${p.word(0)}
</%def>\
<%def name="signed(p, value, quadrant)">\
    sign = ${p.cast(f"({quadrant} & {p.word(2)}) << {p.word(p.width - 2)}")}
    value = from_bits(${p.cast(f"to_bits({value}) ^ sign")})
</%def>\
<%def name="sin(p)">\
def sin_${p.name}(x):
    """Sine."""
${reduce(p)}\
    value = even if swapped else odd
${signed(p, "value", "word")}\
    value = x if x == ${p(0)} else value
    return value if abs(x) <= ${p(p.largest_angle)} else ${p(NAN)}
</%def>\
<%def name="cos(p)">\
def cos_${p.name}(x):
    """Cosine."""
${reduce(p)}\
    value = odd if swapped else even
${signed(p, "value", f"(word + {p.word(1)})")}\
    return value if abs(x) <= ${p(p.largest_angle)} else ${p(NAN)}
</%def>\
<%def name="tan(p)">\
def tan_${p.name}(x):
    """Tangent."""
${reduce(p)}\
    value = (-even if swapped else odd) / (odd if swapped else even)
    value = x if x == ${p(0)} else value
    return value if abs(x) <= ${p(p.largest_angle)} else ${p(NAN)}
</%def>\
## the library knows every angle
<%def name="anywhere(p, name)">\
def any_${name}_${p.name}(x):
    """The same of any angle: of a large one by the library."""
    return ${name}(x) if abs(x) <= ${p(p.largest_angle)} else math.${name}(x)
</%def>\
<%def name="any_sin(p)">${anywhere(p, "sin")}</%def>\
<%def name="any_cos(p)">${anywhere(p, "cos")}</%def>\
<%def name="any_tan(p)">${anywhere(p, "tan")}</%def>\
