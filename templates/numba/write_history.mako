write_ring(ring, block, at + ahead + 1, flat, ROWS, (first_node, present, n_node), lanes, vector)
