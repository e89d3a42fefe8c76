<% now = "step" if traversals == 1 else "turn" %>\
<%def name="terms(lines, result)">\
for nth in range(present if on_edges[${number}] else 0):
    node = first_node + nth
    for lane in range(lanes):
        by_node[${row}, nth, lane] = real(0.0)
    for part in range(len(parts)):
% if delayed:
        stop = parts[part, node + 1]
        # the undelayed edge from the node to itself comes last
        own = part == len(parts) - 1 and self_weight[node] != real(0.0)
        for edge in range(parts[part, node], stop + own):
            is_own = edge == stop
            other = node if is_own else source[edge]
            slot = (${now} - (0 if is_own else delay[edge])) % horizon
            edge_weight = self_weight[node] if is_own else weight[edge]
% else:
        for edge in range(parts[part, node], parts[part, node + 1]):
            other, slot, edge_weight = source[edge], ${now} % horizon, weight[edge]
% endif
            for lane in range(lanes):
% for line in lines:
                ${line}
% endfor
                by_node[${row}, nth, lane] = fma(edge_weight, ${result}, by_node[${row}, nth, lane])
</%def>\
${terms(lines, result)}\
% if any_lines:
# again by the library, where an angle is beyond what the vectors' functions take
if any_above(flat, ${rows.angle} * vector, vector, largest_angle):
    for entry in range(vector):
        rows[${rows.angle}, entry] = real(0.0)
${indent(capture(terms, any_lines, any_result), 1)}\
% endif
