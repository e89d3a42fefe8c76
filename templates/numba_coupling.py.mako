## the place of an accumulator's sums for the group of nodes that is advanced
<%def name="nth_sum(a)">${f"(place + {accumulators.index(a)})" if a != accumulators[0] else "place"}</%def>\
## and of those of a node, where sources go in tiles
<%def name="node_sum(a)">${f"({accumulators.index(a)} * n_node + node)" if a != accumulators[0] else "node"}</%def>\
## the sum over a node's long edges from one tile of sources, added to those from the tiles before
<%def name="add_tile(a, tile)">\
                    begin_edge, end_edge = parts[${tile}, node], parts[${tile}, node + ${f"with_{a.name}" if a.gates else 1}]
                    add_windows(
                        of_nodes, cell, ${tile}, weight, source, delay, begin_edge, end_edge,
                        history, ${f"{a.factor} * n_node" if a.factor else 0}, at, horizon, horizon + block, lanes, block, ${int(a.delayed)},
                    )  # fmt: skip
</%def>\
<%def name="sums()">\
% if accumulators:
                # coupling: the sums over edges for the whole block of steps
                for nth in range(present if from_step == 0 else 0):
                    node = first_node + nth
% for a in accumulators:
                    # what earlier tiles gave, else a place for any node, else where the equations read it
                    cell = (${node_sum(a)} if last_tile > 0 else 0 if apart else ${nth_sum(a)}) * span
${add_tile(a, "last_tile")}\
                    if apart:
                        for ahead in range(block):
                            here = (${nth_sum(a)} * block + ahead) * vector + nth * lanes
                            copy(flat_coupled, here, of_nodes, cell + ahead * lanes, lanes)
% endfor
                # and over short edges, for the steps of this visit
                for nth in range(present):
                    node = first_node + nth
                    short, stop = parts[-1, node], parts[-1, node + 1]
                    for ahead in range(from_step, to_step if short < stop else from_step):
% for a in accumulators:
                        cell = (${nth_sum(a)} * block + ahead) * vector + nth * lanes
                        add_windows(
                            flat_coupled, cell, 1, weight, source, delay, short, ${f"stop if with_{a.name} else short" if a.gates else "stop"},
                            history, ${f"{a.factor} * n_node" if a.factor else 0}, at + ahead, horizon, horizon + block, lanes, 1, ${int(a.delayed)},
                        )  # fmt: skip
% endfor
% endif
</%def>\
