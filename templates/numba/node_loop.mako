for visit in range(len(visits)):
    first_node, from_step = visits[visit, 0], visits[visit, 1]
    place, to_step = ${f"{len(accumulators)} * visits[visit, 3]" if accumulators else 0}, min(from_step + visits[visit, 2], steps - begin)
    present = min(width, n_node - first_node)
    nodes = (first_node, present, n_node)
    sample, window_end = next_window(first, begin, from_step, window)
${indent(body, 1)}\
