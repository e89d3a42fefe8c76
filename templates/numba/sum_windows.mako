visited = (at, first_node, present, from_step, to_step, place)
sum_edges((coupled, of_nodes), parts, edges, accumulators, ring, visited, lanes, block)
