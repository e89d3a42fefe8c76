slot = at + ahead + 1 - (horizon if at + ahead + 1 >= horizon else 0)
write_ring(history, horizon, block, slot, flat, ROWS, (first_node, present, n_node), lanes, vector)
