real ${name} = real(0.0);
if (on_edges[${number}]) {
% if delayed:
    // the undelayed edge from the node to itself comes last
    const int end = row[node + 1];
    for (int edge = row[node]; edge < end + (self_weight[node] != real(0.0)); edge++) {
        const bool is_own = edge == end;
        const int other = is_own ? node : source[edge];
        int slot = now - (is_own ? 0 : delay[edge]);
        slot += slot < 0 ? horizon : 0;
        const real edge_weight = is_own ? self_weight[node] : weight[edge];
% else:
    for (int edge = row[node]; edge < row[node + 1]; edge++) {
        const int other = source[edge], slot = now;
        const real edge_weight = weight[edge];
% endif
% for line in lines:
        ${line}
% endfor
        ${name} = fma(edge_weight, ${result}, ${name});
    }
}
