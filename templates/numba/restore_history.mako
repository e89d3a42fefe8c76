# the states take the place of those that were predicted for this step
write_ring(ring, block, at + ahead + horizon - 1, flat, ROWS, nodes, lanes, vector)
