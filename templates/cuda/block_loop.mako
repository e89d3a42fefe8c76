for (int begin = 0; begin < steps; begin += BLOCK) {
    const int in_block = steps - begin < BLOCK ? steps - begin : BLOCK;
% if n_factor or reads_edges:
    const int at = (first + begin) % horizon;
% endif
    const unsigned int whole = (first + begin) / window;
    const int since = first + begin - whole * window;
    const int together = ROWS > 1 ? GROUPS * ROWS : n_node;
${indent(body, 1)}\
    __syncthreads();
}
