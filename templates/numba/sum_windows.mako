visited = (first_node, present, from_step, to_step, place)
sum_edges(coupled, of_nodes, parts, edges, accumulators, ring, visited, at, lanes, block)
