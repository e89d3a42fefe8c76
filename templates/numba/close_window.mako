if ahead + 1 == window_end:
    close_window(samples, sample, nodes, flat, (${rows.exposure}, ${len(exposures)}), per_window, lanes, vector)
% for angle in angles:
    cell = (sample * ${len(exposures)} * n_node + first_node + ${angle.exposure} * n_node) * lanes
    wrap_means(samples, cell, present * lanes, ${repr(angle.period)})
    rows[${rows.turn + loop.index}] = real(0.0)
% endfor
    sample, window_end = sample + 1, window_end + window
