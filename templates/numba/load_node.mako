load_nodes(flat, kept, KEPT, nodes, columns, lanes, vector)
% for factor, row in rows.loaded:
for nth in range(present):
    here = ((${factor} * n_node + first_node + nth) * (horizon + block) + at + from_step) * lanes
    copy(flat, ${row} * vector + nth * lanes, history, here, lanes)
% endfor
% if normals or rows.uses_weights:
for nth in range(present):
    node, entry = first_node + nth, nth * lanes
% if normals:
    number_lanes(drawn_for, entry, node, items)
% endif
% if rows.uses_weights:
    by_node[${rows.own_weight}, nth], by_node[${rows.weight_sum}, nth] = self_weight[node], weight_sums[node]
% endif
% endif
rows[${rows.finite}] = real(0.0)
