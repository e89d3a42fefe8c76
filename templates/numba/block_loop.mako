for begin in range(0, steps, block):
% if factors:
    at = (first + begin) % horizon
% endif
% if accumulators:
    sum_tiles(of_nodes, parts, edges, accumulators, ring, at, lanes, block)
% endif
${indent(body, 1)}\
