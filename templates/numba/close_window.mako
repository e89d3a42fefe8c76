if ahead + 1 == window_end:
    cell = (sample * ${len(exposures)} * n_node + first_node) * lanes
    window_sums = rows[${rows.exposure}:${rows.exposure + len(exposures)}]
    close_window(flat_output, cell, n_node * lanes, window_sums, per_window, present, lanes)
% for angle in angles:
    wrap_means(flat_output, cell + ${angle.exposure} * n_node * lanes, present * lanes, ${repr(angle.period)})
    rows[${rows.turn + loop.index}] = real(0.0)
% endfor
    sample, window_end = sample + 1, window_end + window
