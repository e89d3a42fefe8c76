<%namespace name="logarithms" file="logarithms.py.mako"/>\
<%def name="pow(p)">\
def pow_${p.name}(x, y):
    """x^y: the logarithm of |x| in two parts (high, low), times y, then the exponential."""
    a = abs(x)
${logarithms.split(p, "a")}\
    # s = f / (2 + f), in two parts
    d = ${p(2)} + f
    inverse = ${p(1)} / d
    s = f * inverse
    s_low = fma(-s, f - (d - ${p(2)}), fma(-s, d, f)) * inverse
    # log(1 + f) / 2 = s + s z (1 / 3 + z q), z = s^2, each product with what its rounding loses
    z = s * s
    z_low = fma(${p(2)} * s, s_low, fma(s, s, -z))
${p.polynomial("q", "z", "pow")}\
    q *= z
    third = ${p(p.parts(THIRD)[0])} + q
    third_low = (${p(p.parts(THIRD)[0])} - third) + q + ${p(p.parts(THIRD)[1])}
    u = z * third
    u_low = fma(z, third, -u) + fma(z, third_low, z_low * third)
    v = s * u
    v_low = fma(s, u, -v) + fma(s, u_low, s_low * u)
    half = s + v
    half_low = (s - half) + v + (s_low + v_low)
    # k log(2) + log(1 + f)
    whole = k * ${p(p.short_parts(LN2)[0])}
    total = whole + ${p(2)} * half
    total_low = (whole - total) + ${p(2)} * half
    total_low += fma(k, ${p(p.short_parts(LN2)[1])}, ${p(2)} * half_low)
    high = total + total_low
    low = (total - high) + total_low
    high = ${p(-INFINITY)} if a == ${p(0)} else (high if a < ${p(INFINITY)} else a)
    product = y * high
    product_low = fma(y, low, fma(y, high, -product))
    product_low = product_low if abs(product) < ${p(2 * p.exp_high)} else ${p(0)}
    value = exp_sum(product, product_low)
    value = ${p(1)} if a == ${p(1)} else value
    # a negative base: whole exponents alone, odd ones keep the sign
    whole_y = np.floor(y) == y
    half_y = ${p(0.5)} * y
    sign = to_bits(x) & ${p.word(2 ** (p.width - 1))}
    sign = sign if whole_y and np.floor(half_y) != half_y else ${p.word(0)}
    value = from_bits(${p.cast("to_bits(value) | sign")})
    value = ${p(NAN)} if x < ${p(0)} and a < ${p(INFINITY)} and not whole_y else value
    return ${p(1)} if y == ${p(0)} else value
</%def>\
