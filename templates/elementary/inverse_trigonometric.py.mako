## value = asin of the root of z, which is at most 1 / 4
<%def name="small_asin(p)">\
    a = abs(x)
    far = a > ${p(0.5)}
    z = ${p(0.5)} * (${p(1)} - a) if far else a * a
    root = math.sqrt(z) if far else a
${p.polynomial("q", "z", "asin")}\
    value = fma(root * z, q, root)
</%def>\
<%def name="asin(p)">\
def asin_${p.name}(x):
    """Inverse sine."""
${small_asin(p)}\
    beyond = ${p(p.parts(PI / 2)[0])} - (${p(2)} * value - ${p(p.parts(PI / 2)[1])})
    return with_sign(beyond if far else value, x)
</%def>\
<%def name="acos(p)">\
def acos_${p.name}(x):
    """Inverse cosine."""
${small_asin(p)}\
    near = ${p(p.parts(PI / 2)[0])} - (with_sign(value, x) - ${p(p.parts(PI / 2)[1])})
    twice = ${p(2)} * value
    beyond = twice if x > ${p(0)} else ${p(p.parts(PI)[0])} - (twice - ${p(p.parts(PI)[1])})
    return beyond if far else near
</%def>\
<%def name="atan(p)">\
def atan_${p.name}(x):
    """Inverse tangent."""
    a = abs(x)
    far, near = a > ${p(1 + 2**0.5)}, a < ${p(2**0.5 - 1)}
    above = ${p(-1)} if far else (a if near else a - ${p(1)})
    below = a if far else (${p(1)} if near else a + ${p(1)})
    u = above / below
    z = u * u
${p.polynomial("q", "z", "atan")}\
    high = ${p(p.parts(PI / 2)[0])} if far else (${p(0)} if near else ${p(p.parts(PI / 4)[0])})
    low = ${p(p.parts(PI / 2)[1])} if far else (${p(0)} if near else ${p(p.parts(PI / 4)[1])})
    return with_sign(high + (fma(u * z, q, u) + low), x)
</%def>\
