for (int first_node = 0; first_node < n_node; first_node += together) {
% if accumulators:
    multiply_edges<${", ".join(str(a.factor) for a in accumulators)}>(dense, history, n_node, at, first_node, on, coupled, group, lane);
% endif
    const int end_node = n_node - first_node < together ? n_node : first_node + together;
    for (int node = first_node + group; node < end_node; node += GROUPS) {
${indent(body, 2)}\
    }
}
