# what the nodes keep from step to step
for nth in range(present):
    node, entry = first_node + nth, nth * lanes
    here, row_size = node * lanes, n_node * lanes
    copy_rows(flat, entry, vector, flat_hoisted, here * regional, columns * lanes, ${n_hoisted}, lanes)
    copy_rows(flat, ${rows.state} * vector + entry, vector, flat_state, here, row_size, ${2 * n_state}, lanes)
    copy_rows(flat, ${rows.exposure} * vector + entry, vector, flat_sums, here, row_size, ${len(exposures) + len(angles)}, lanes)
% for factor, row in rows.loaded:
    copy(flat, ${row} * vector + entry, history, ((${factor} * n_node + node) * slots + at + from_step) * lanes, lanes)
% endfor
% if normals:
    drawn_for[0, entry : entry + lanes], drawn_for[1, entry : entry + lanes] = node, items
% endif
% if rows.uses_weights:
    by_node[${rows.own_weight}, nth], by_node[${rows.weight_sum}, nth] = self_weight[node], weight_sums[node]
% endif
rows[${rows.finite}] = real(0.0)
