if ahead + 1 == window_end:
    close_window(output, sample, nodes, rows[${rows.exposure}:${rows.exposure + len(exposures)}], per_window, lanes)
    sample, window_end = sample + 1, window_end + window
