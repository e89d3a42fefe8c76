for nth in range(present):
    entry, here, row_size = nth * lanes, (first_node + nth) * lanes, n_node * lanes
    copy_rows(flat_state, here, row_size, flat, ${rows.state} * vector + entry, vector, ${2 * n_state}, lanes)
    copy_rows(flat_sums, here, row_size, flat, ${rows.exposure} * vector + entry, vector, ${len(exposures) + len(angles)}, lanes)
if any_above(flat, ${rows.finite} * vector, vector, real(0.0)):
    note_divergence(diverged, rows[${rows.finite}, : present * lanes], lanes, first + begin + block)
