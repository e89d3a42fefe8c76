<%def name="tanh(p)">\
def tanh_${p.name}(x):
    """Hyperbolic tangent."""
    e = expm1(${p(-2)} * abs(x))
    return with_sign(-e / (${p(2)} + e), x)
</%def>\
<%def name="sinh(p)">\
def sinh_${p.name}(x):
    """Hyperbolic sine."""
    a = abs(x)
    half = half_exp(a)
    z = x * x
${p.polynomial("q", "z", "sinh")}\
    value = fma(a * z, q, a) if a < ${p(1)} else half - ${p(0.25)} / half
    return with_sign(value, x)
</%def>\
<%def name="cosh(p)">\
def cosh_${p.name}(x):
    """Hyperbolic cosine."""
    half = half_exp(abs(x))
    return half + ${p(0.25)} / half
</%def>\
