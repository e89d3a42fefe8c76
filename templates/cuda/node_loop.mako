for (int first_node = 0; first_node < n_node; first_node += together) {
% if accumulators:
#if ROWS > 1
    // coupling: each group takes ROWS rows of the matrix of weights
    if (first_node) __syncthreads();  // the sums before these have been used
    const int tile = first_node / ROWS + group;
    if (tile * ROWS < n_node) {
% for a in accumulators:
        multiply_weights(
            dense, history + ((size_t)${a.factor} * n_node * SLOTS + at) * LANES, n_node, on[${loop.index}] ? n_node : 0, tile,
            coupled[${loop.index}], group, lane);
% endfor
    }
    __syncthreads();
#endif
% endif
    const int end_node = n_node - first_node < together ? n_node : first_node + together;
    for (int node = first_node + group; node < end_node; node += GROUPS) {
${indent(body, 2)}\
    }
}
