visited = (at, first_node, present, from_step, to_step, place)
sum_edges(room, parts, edges, accumulators, ring, visited, lanes, block)
