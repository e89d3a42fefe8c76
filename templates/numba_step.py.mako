## the equations of one step, for all lanes of some nodes; `keep` what they change, or start from what was kept
<%def name="equations(s, keep)">\
                    for entry in range(vector):
% for row, copy in s.kept:
                        ${f"scratch[{copy}, entry] = scratch[{row}, entry]" if keep else f"scratch[{row}, entry] = scratch[{copy}, entry]"}
% endfor
% for name in s.lane_leaves:
                        ${name} = scratch[${s.row[name]}, entry]
% endfor
% for a in accumulators:
<% total = f"coupled[{f'place + {loop.index}' if loop.index else 'place'}, ahead, entry]" %>\
% if a.delayed:
                        ${a.name} = fma(scratch[${s.own_row}, entry], scratch[${s.factor_row[a.factor]}, entry], ${total})
% else:
                        ${a.name} = ${total}
% endif
% endfor
% for line in s.lines:
                        ${line}
% endfor
% for result in s.next_states:
                        scratch[${s.row[states[loop.index]]}, entry] = ${result}
% endfor
% for row, result in s.next_factors:
                        scratch[${row}, entry] = ${result}
% endfor
% for result in s.exposures:
                        scratch[${s.exposure_row[loop.index]}, entry] += ${result}
% endfor
                        # zero where every state is finite, NaN where one is not
% for result in s.next_states:
                        finite ${"+=" if loop.index else "="} ${result} - ${result}
% endfor
                        if not finite == real(0.0):
                            scratch[${s.finite_row}, entry] = max(scratch[${s.finite_row}, entry], real(block - ahead))
% for angle in s.angles:
                        angle = ${f"max(angle, abs({angle}))" if loop.index else f"abs({angle})"}
% endfor
% if s.angles:
                        scratch[${s.angle_row}, entry] = angle
% endif
</%def>\
## a sum whose terms are computed on every edge of a node
<%def name="sum_over_edges(s, e)">\
                        for lane in range(lanes):
                            by_node[${s.row[e.name]}, nth, lane] = real(0.0)
% if e.angles:
                            by_node[${s.angle_row}, nth, lane] = real(0.0)
% endif
                        for part in range(len(parts)):
% if e.delayed:
                            stop = parts[part, node + 1]
                            # the undelayed edge from the node to itself comes last
                            own = part == len(parts) - 1 and self_weight[node] != real(0.0)
                            for edge in range(parts[part, node], stop + own):
                                is_own = edge == stop
                                other = node if is_own else source[edge]
                                slot = (step - (0 if is_own else delay[edge])) % horizon
                                weight_0 = self_weight[node] if is_own else weight[edge]
% else:
                            for edge in range(parts[part, node], parts[part, node + 1]):
                                other = source[edge]
                                slot = step % horizon
                                weight_0 = weight[edge]
% endif
                                for lane in range(lanes):
% for row, name in e.rows:
                                    ${name} = hoisted[${row}, other * regional, lane]
% endfor
% for name in states:
% if name in e.leaves:
                                    ${name} = by_node[${s.row[name]}, nth, lane]
% endif
% endfor
% for name, factor in source_rows.items():
% if name in e.leaves:
                                    ${name} = slots[${f"{factor} * n_node + " if factor else ""}other, slot, lane]
% endif
% endfor
% for line in e.lines:
                                    ${line}
% endfor
                                    total = by_node[${s.row[e.name]}, nth, lane]
                                    by_node[${s.row[e.name]}, nth, lane] = fma(weight_0, ${e.results[0]}, total)
% for angle in e.angles:
                                    angle = abs(${angle})
                                    by_node[${s.angle_row}, nth, lane] = max(by_node[${s.angle_row}, nth, lane], angle)
% endfor
</%def>\
