<%def name="erf(p)">\
def erf_${p.name}(x):
    """Error function, from the logarithm of its complement."""
    a = abs(x)
    a = ${p(p.erf_high)} if a > ${p(p.erf_high)} else a
${p.polynomial("q", "a", "erf")}\
    return with_sign(-expm1(-a * q), x)
</%def>\
<%def name="erfc(p)">\
def erfc_${p.name}(x):
    """Complementary error function: exp(-x^2) q(t) / (1 + 2 x) with t = (x - 4) / (x + 4) from zero on."""
    a = abs(x)
    a = ${p(p.erfc_high)} if a > ${p(p.erfc_high)} else a
    below, above, doubled = a + ${p(4)}, a - ${p(4)}, fma(${p(2)}, a, ${p(1)})
    inverse = ${p(1)} / (below * doubled)
    t = above * (doubled * inverse)
    t = fma(fma(-t, below, above), doubled * inverse, t)
${p.polynomial("q", "t", "erfc")}\
    # the square in two parts, or its rounding would be far more than the exponential can bear
    square = a * a
    lost = fma(a, a, -square)
    value = exp_sum(-square, -lost) * (q * (below * inverse))
    return ${p(2)} - value if x < ${p(0)} else value
</%def>\
