write_ring(ring, block, at + ahead + 1, flat, ROWS, nodes, lanes, vector)
