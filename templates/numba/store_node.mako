store_nodes(flat, kept, KEPT, nodes, lanes, vector)
if any_above(flat, ${rows.finite} * vector, vector, real(0.0)):
    note_divergence(diverged, rows[${rows.finite}, : present * lanes], lanes, ${"first + begin" if traversals == 1 else f"(first + begin) // {traversals}"} + to_step)
