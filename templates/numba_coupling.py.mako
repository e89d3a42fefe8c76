## the place of an accumulator's sums
<%def name="nth_sum(a)">${f"(place + {accumulators.index(a)})" if a != accumulators[0] else "place"}</%def>\
% if accumulators:
                # coupling: the sums over edges for the whole block of steps
                for nth in range(present if from_step == 0 else 0):
                    node = first_node + nth
% for a in accumulators:
                    cell = ${nth_sum(a)} * span if width == 1 else 0
                    begin_edge, end_edge = row[node], ${f"middle[node] if with_{a.name} else row[node]" if a.gates else "middle[node]"}
                    add_windows(
                        of_node, cell, 0, weight, source, delay, begin_edge, end_edge,
                        history, ${f"{a.factor} * n_node" if a.factor else 0}, at, horizon, horizon + block, lanes, block, ${int(a.delayed)},
                    )  # fmt: skip
                    if width > 1:
                        for ahead in range(block):
                            cell = (${nth_sum(a)} * block + ahead) * vector + nth * lanes
                            copy(flat_coupled, cell, of_node, ahead * lanes, lanes)
% endfor
                # and over short edges, for the steps of this visit
                for nth in range(present):
                    node = first_node + nth
                    short, stop = middle[node], row[node + 1]
                    for ahead in range(from_step, to_step if short < stop else from_step):
% for a in accumulators:
                        cell = (${nth_sum(a)} * block + ahead) * vector + nth * lanes
                        add_windows(
                            flat_coupled, cell, 1, weight, source, delay, short, ${f"stop if with_{a.name} else short" if a.gates else "stop"},
                            history, ${f"{a.factor} * n_node" if a.factor else 0}, at + ahead, horizon, horizon + block, lanes, 1, ${int(a.delayed)},
                        )  # fmt: skip
% endfor
% endif
