if ahead + 1 == window_end:
    cell = (sample * ${len(exposures)} * n_node + first_node) * lanes
    window_sums = rows[${rows.exposure}:${rows.exposure + len(exposures)}]
    close_window(output.reshape(-1), cell, n_node * lanes, window_sums, per_window, present, lanes)
    sample, window_end = sample + 1, window_end + window
