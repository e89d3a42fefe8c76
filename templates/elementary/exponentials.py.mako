## e^(x + low) times 2^shift, plus a summand, in the lines that all exponentials share
<%def name="body(p, low=None, shift=0, summand=None)">\
    y = ${p(p.exp_low)} if x < ${p(p.exp_low)} else x
    y = ${p(p.exp_high)} if y > ${p(p.exp_high)} else y
<% magic = p.magic + 2 * p.bias %>\
    t = fma(y, ${p(1 / LN2)}, ${p(magic)})
    n = t - ${p(magic)}
    r = fma(n, ${p(-p.parts(LN2)[0])}, y)
    r = fma(n, ${p(-p.parts(LN2)[1])}, r)
% if low:
    r += ${low}
% endif
${series(p)}\
    # the power of two in two halves: neither of them overflows or underflows
    word = to_bits(t)
    half = word >> ${p.word(1)}
    other = word - half${f" - {p.word(-shift)}" if shift else ""}
    scaled = (${p(1)} + e) * from_bits(${p.cast("half << " + p.word(p.mantissa))})
% if summand:
    return fma(scaled, from_bits(${p.cast("other << " + p.word(p.mantissa))}), ${summand})
% else:
    return scaled * from_bits(${p.cast("other << " + p.word(p.mantissa))})
% endif
</%def>\
## e = e^r - 1
<%def name="series(p)">\
${p.polynomial("q", "r", "exp")}\
    e = fma(r * r, fma(q, r, ${p(0.5)}), r)
</%def>\
<%def name="exp(p)">\
def exp_${p.name}(x):
    """e^x."""
${body(p)}\
</%def>\
<%def name="exp_plus(p)">\
def exp_plus_${p.name}(x, summand):
    """e^x + summand, rounded once: no value in between is too small for a fast processor."""
${body(p, summand="summand")}\
</%def>\
<%def name="exp_sum(p)">\
def exp_sum_${p.name}(x, low):
    """e^(x + low), where low is far smaller than x."""
${body(p, low="low")}\
</%def>\
<%def name="half_exp(p)">\
def half_exp_${p.name}(x):
    """e^x / 2, which overflows later than e^x."""
${body(p, shift=-1)}\
</%def>\
<%def name="expm1(p)">\
def expm1_${p.name}(x):
    """e^x - 1."""
    y = ${p(p.expm1_low)} if x < ${p(p.expm1_low)} else x
    y = ${p(p.expm1_high)} if y > ${p(p.expm1_high)} else y
<% magic = p.magic + p.bias - 1 %>\
    t = fma(y, ${p(1 / LN2)}, ${p(magic)})
    n = t - ${p(magic)}
    r = fma(n, ${p(-p.parts(LN2)[0])}, y)
    r = fma(n, ${p(-p.parts(LN2)[1])}, r)
${series(p)}\
    # half the power of two, which does not overflow
    half = from_bits(${p.cast("to_bits(t) << " + p.word(p.mantissa))})
    value = ${p(2)} * fma(e, half, half - ${p(0.5)})
    return x if abs(x) < ${p(p.smallest)} else value
</%def>\
